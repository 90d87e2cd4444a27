"""Letters about cases: never with what somebody wrote, or who."""

from datetime import date
from typing import Any

from models import (
    AccountRoleKind,
    AccountState,
    Case,
    Person,
    Process,
    TaskHolder,
    TaskKind,
    UserTask,
)
from notifications.examples.making_cases import case, order
from notifications.examples.world import World, at, cited, known
from notifications.outbox import Order

CLAUSE = "exempelby:4-tva"


def step(world: World, holders: list[Person], label: str, kind: str = "forbidden", **values: Any) -> UserTask:
    """A step of a case about what somebody wrote."""
    world.state(AccountState.ACTIVE, opened_on=date(2026, 3, 2))
    for person in (world.sara, world.nils):
        world.role(person, AccountRoleKind.ADMINISTRATOR, since_on=date(2026, 3, 2))
    names = {
        "account_taken_over": "Kontot är kapat, eller ingen kommer in",
        "hard_question": "Svår fråga",
        "common_channel_post": "Enhetens inlägg",
    }
    one = Case(
        municipality_id=world.municipality_id,
        account_id=world.account_id,
        kind=kind,
        label=names.get(kind, "Otillåtet innehåll"),
        clauses=cited(CLAUSE),
        opened_by_id=world.sara.id,
        opened_at=at(12, 1, 7, 30),
        noticed_at=at(12, 1, 7, 10),
        what="Granne Svensson hotar en granne.",
    )
    world.session.add(one)
    world.session.flush()
    values = dict[str, Any](role="administrator", opened_at=at(12, 1, 7, 30)) | values
    return world.task(
        TaskKind.HANDLE,
        holders,
        process=Process.CASE,
        step=values.pop("step", "save"),
        label=f"{label}: {one.label}",
        clause=None if kind == "account_taken_over" else CLAUSE,
        case_id=known(one.id),
        **values,
    )


def advice(world: World) -> UserTask:
    """What communications is asked before anybody answers."""
    values: dict[str, Any] = {"due_at": at(12, 3, 7, 10), "role": "communications", "step": "consult"}
    return step(world, [world.olle], "Ge råd innan någon svarar", "hard_question", **values)


@case("case_asked")
def _(world: World) -> Order:
    task = step(world, [world.sara, world.nils], "Spara det som ska bort", due_at=at(12, 3, 7, 10))
    return order(world, "case_asked", world.nils, task)


@case("case_asked-advice")
def _(world: World) -> Order:
    return order(world, "case_asked", world.olle, advice(world))


@case("case_asked-watch")
def _(world: World) -> Order:
    label, until = "Bevaka inlägget och besvara frågorna om det", at(12, 8, 7)
    task = step(world, [world.nils], label, "common_channel_post", due_at=until, step="watch")
    return order(world, "case_asked", world.nils, task)


@case("case_asked-taken_over")
def _(world: World) -> Order:
    label = "Anmäl till plattformen och försök ta tillbaka kontot"
    task = step(world, [world.sara, world.nils], label, "account_taken_over")
    return order(world, "case_asked", world.sara, task)


@case("case_due")
def _(world: World) -> Order:
    task = step(world, [world.sara], "Ta bort eller avpublicera", due_at=at(12, 2, 7, 10))
    return order(world, "case_due", world.sara, task)


@case("case_due-advised")
def _(world: World) -> Order:
    task = step(world, [world.sara], "Ta hand om saken", advised_at=at(12, 2, 7, 10))
    return order(world, "case_due", world.sara, task)


@case("case_due-late")
def _(world: World) -> Order:
    task = step(world, [world.sara], "Ta bort eller avpublicera", due_at=at(12, 1, 12, 10))
    return order(world, "case_due", world.sara, task)


@case("case_alarm")
def _(world: World) -> Order:
    label = "Anmäl till plattformen och försök ta tillbaka kontot"
    task = step(world, [world.sara, world.nils], label, "account_taken_over")
    return order(world, "case_alarm", "kommunikation@example.org", task, tasks=[task.id])


@case("case_alarm-late")
def _(world: World) -> Order:
    task = step(world, [world.sara], "Ta bort eller avpublicera", due_at=at(12, 1, 12, 10))
    return order(world, "case_alarm", world.olle, task, tasks=[task.id])


@case("group_asked-case")
def _(world: World) -> Order:
    task = advice(world)
    return order(world, "group_asked", "kommunikation@example.org", task, tasks=[task.id])


@case("morning-late")
def _(world: World) -> Order:
    task = step(world, [world.sara], "Ta bort eller avpublicera", due_at=at(12, 1, 12, 10))
    return order(world, "morning", world.sara, None, False, on="2026-12-01", late=[task.id])


@case("handed_over-case")
def _(world: World) -> Order:
    task = step(world, [], "Ta bort eller avpublicera", due_at=at(12, 3, 7, 10))
    why = [{"code": "handed_over", "person_id": world.olle.id, "reason": "Sara och Nils är på kurs."}]
    world.session.add(TaskHolder(task_id=known(task.id), person_id=known(world.per.id), why=why))
    world.session.flush()
    return order(world, "handed_over", world.per, task)
