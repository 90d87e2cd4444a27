"""Letters about accounts that are seldom posted in."""

from datetime import date
from typing import Any

from models import AccountRoleKind, AccountState, Process, TaskKind, UserTask
from notifications.examples.making_cases import asked, case, order
from notifications.examples.world import World, at
from notifications.outbox import Order

SILENT = "Inget inlägg sedan 3 november"


def active(world: World) -> None:
    world.state(AccountState.ACTIVE, opened_on=date(2026, 3, 2))
    world.role(world.sara, AccountRoleKind.ADMINISTRATOR, since_on=date(2026, 3, 2))


def duty(world: World, kind: TaskKind, label: str, **values: Any) -> UserTask:
    return world.task(
        kind, [world.sara], process=Process.DUTIES, step="plikt", label=label, role="administrator", **values
    )


@case("morning-posts")
def _(world: World) -> Order:
    active(world)
    new = [
        duty(world, TaskKind.POST, f"{SILENT}: publicera, eller skriv varför"),
        duty(
            world,
            TaskKind.POST,
            "Färre än 2 inlägg på 7 dagar: publicera, eller skriv varför",
            modality="should",
        ),
        duty(world, TaskKind.TELL_POSTS, "Kanalvakt kan inte läsa kontot: berätta när ni senast publicerade"),
        duty(world, TaskKind.WARN, f"{SILENT}: den 1 februari 2027 prövas om kontot ska vara kvar"),
        duty(world, TaskKind.REVIEW, f"{SILENT}: bedöm om kontot ska vara kvar"),
    ]
    ids = [task.id for task in new]
    return order(world, "morning", world.sara, None, False, on="2026-12-01", asked=ids)


@case("consultation_asked-silent")
def _(world: World) -> Order:
    world.state(
        AccountState.ACTIVE,
        closing_asked_at=at(11, 25),
        closing_reason=f"{SILENT}, och ingen har svarat på om kontot ska vara kvar.",
    )
    task = asked(
        world,
        world.olle,
        kind=TaskKind.CONSULT,
        process=Process.CLOSING,
        label="Samråd med kommunikationsenheten",
        role="communications",
        due_at=at(12, 15, 16),
    )
    return order(world, "consultation_asked", world.olle, task)
