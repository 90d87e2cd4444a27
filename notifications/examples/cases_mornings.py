"""The morning letter, with each of its parts."""

from datetime import date
from typing import Any

from models import (
    AccountRoleKind,
    AccountState,
    Process,
    Snapshot,
    SnapshotReason,
    SnapshotState,
    TaskKind,
    UserTask,
)
from notifications.examples.making_cases import case, order
from notifications.examples.world import World, at
from notifications.outbox import Order


def active(world: World) -> None:
    world.state(AccountState.ACTIVE, opened_on=date(2026, 3, 2), watched_on=date(2026, 11, 27))
    for person in (world.sara, world.nils):
        world.role(person, AccountRoleKind.ADMINISTRATOR, since_on=date(2026, 3, 2))


def watch(world: World) -> UserTask:
    return world.task(
        TaskKind.WATCH,
        [world.sara, world.nils],
        process=Process.DUTIES,
        step="bevakning",
        label="Titta till kontot",
        role="administrator",
        due_at=at(12, 1, 19),
    )


def duty(world: World, kind: TaskKind, label: str, **values: Any) -> UserTask:
    return world.task(
        kind, [world.sara], process=Process.DUTIES, step="plikt", label=label, role="responsible", **values
    )


@case("morning")
def _(world: World) -> Order:
    active(world)
    watch(world)
    return order(world, "morning", world.sara, None, False, on="2026-12-01", watch=[world.account_id])


@case("morning-everything")
def _(world: World) -> Order:
    active(world)
    world.state(AccountState.ACTIVE, missed_days=2)
    watch(world)
    new = duty(world, TaskKind.EVALUATE, "Utvärdera kontot", due_at=at(12, 18, 16))
    old = duty(world, TaskKind.TAKE_SNAPSHOT, "Spara en bild av kontot", modality="should")
    return order(
        world,
        "morning",
        world.sara,
        None,
        False,
        on="2026-12-01",
        watch=[world.account_id],
        missed=[world.account_id],
        asked=[new.id],
        reminded=[old.id],
    )


@case("morning-look")
def _(world: World) -> Order:
    active(world)
    return order(world, "morning", world.sara, None, False, on="2026-12-01", look=[world.account_id])


@case("morning-heard")
def _(world: World) -> Order:
    active(world)
    world.state(AccountState.ACTIVE, missed_days=3)
    unanswered = duty(world, TaskKind.EVALUATE, "Utvärdera kontot")
    context = {"escalated": [unanswered.id], "neglected": [world.account_id]}
    return order(world, "morning", world.per, None, False, on="2026-12-01", **context)


@case("snapshot_kept")
def _(world: World) -> Order:
    active(world)
    task = duty(world, TaskKind.TAKE_SNAPSHOT, "Spara en bild av kontot")
    snapshot = Snapshot(
        account_id=world.account_id,
        state=SnapshotState.CAPTURED,
        reason=SnapshotReason.PLANNED,
        due_on=date(2026, 12, 1),
        taken_at=at(12, 1, 4),
        address="https://www.instagram.com/biblioteketexempelby",
        profile="pdfa-1b",
        content=b"%PDF-1.4",
        sha256="ab" * 32,
    )
    world.session.add(snapshot)
    world.session.flush()
    return order(world, "snapshot_kept", "registrator@example.org", task, snapshots=[snapshot.id])
