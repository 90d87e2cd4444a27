"""What a case is made with: one for each letter, or several where it speaks of different things."""

from collections.abc import Callable
from datetime import date
from typing import Any

from models import (
    AccountRole,
    AccountRoleKind,
    AccountState,
    Person,
    Process,
    TaskKind,
    UserTask,
)
from notifications.examples.world import World, at, known
from notifications.outbox import Order

CASES: dict[str, Callable[[World], Order]] = {}
"""By the notice's name, or the name and a variant: `decision_asked-closing`."""


def case(name: str) -> Callable[[Callable[[World], Order]], Callable[[World], Order]]:
    def keep(build: Callable[[World], Order]) -> Callable[[World], Order]:
        CASES[name] = build
        return build

    return keep


def order(
    world: World,
    notice: str,
    to: Person | str,
    task: UserTask | None = None,
    account: bool = True,
    /,
    **context: Any,
) -> Order:
    """An order as announcing makes it."""
    return Order(
        notice=notice,
        municipality_id=world.municipality_id,
        dedupe_key=notice,
        context=context,
        person_id=to.id if isinstance(to, Person) else None,
        email=to.email if isinstance(to, Person) else to,
        account_id=world.account_id if account else None,
        task_id=task.id if task else None,
    )


def asked(world: World, *holders: Person, **values: Any) -> UserTask:
    """A decision that waits for its answer."""
    values = {"next_reminder_at": at(12, 4, 7)} | values
    return world.task(values.pop("kind", TaskKind.DECIDE), list(holders), **values)


def new_role(world: World) -> AccountRole:
    old = world.role(world.karin, AccountRoleKind.ADMINISTRATOR, since_on=date(2026, 1, 12))
    return world.role(
        world.nils, AccountRoleKind.ADMINISTRATOR, asked_by_id=world.sara.id, ends_role_id=old.id
    )


def guest_role(world: World) -> AccountRole:
    return world.role(
        world.nils,
        AccountRoleKind.GUEST,
        asked_by_id=world.sara.id,
        wanted_from_on=date(2026, 12, 7),
        until_on=date(2026, 12, 14),
    )


def change_asked(world: World, process: Process, role: AccountRole) -> UserTask:
    return asked(world, world.per, process=process, account_role_id=known(role.id))


def ask_to_close(world: World) -> None:
    world.state(
        AccountState.ACTIVE,
        closing_asked_by_id=world.sara.id,
        closing_asked_at=at(11, 25),
        closing_reason="Vi når målgruppen bättre på skolornas egna kanaler.",
    )


def revision(world: World) -> UserTask:
    return world.task(
        TaskKind.REVISE_PLAN,
        [world.sara],
        step="plan",
        label="Ändra planen och skicka den igen",
        role="applicant",
        clause=None,
    )


def items(world: World, person: Person, **values: Any) -> None:
    """Three lines of a checklist, the last one only recommended."""
    for step, label, clause, modality in (
        ("deposit", "Inloggningen är lämnad till kommunikationsenheten", "exempelby:4-inloggning", "must"),
        ("two", "Minst två kan sköta kontot, också under ledigheter", "exempelby:4-tva", "must"),
        ("picture", "Profilbilden följer den grafiska profilen", None, "should"),
    ):
        world.task(
            TaskKind.CONFIRM_ITEM,
            [person],
            process=Process.SETTING_UP,
            step=step,
            label=label,
            clause=clause,
            modality=modality,
            role="responsible",
            **values,
        )
