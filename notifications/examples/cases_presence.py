"""Letters about who is there, and of accounts that rest, end, are let off or were taken over."""

from datetime import date

from sqlmodel import select

from models import (
    Absence,
    AccountState,
    Crisis,
    Exemption,
    Person,
    PolicyVersion,
    PostHolder,
    Process,
    TaskKind,
    UserTask,
)
from notifications.examples.making_cases import asked, case, items, order
from notifications.examples.world import World, at, known
from notifications.outbox import Order


def absence(world: World, until: date | None = date(2026, 12, 19), substitute: Person | None = None) -> int:
    """Per is away."""
    row = Absence(
        municipality_id=world.municipality_id,
        person_id=known(world.per.id),
        from_on=date(2026, 12, 7),
        until_on=until,
        substitute_id=substitute.id if substitute else None,
        entered_at=at(12, 1),
    )
    world.session.add(row)
    world.session.flush()
    return known(row.id)


@case("absence")
def _(world: World) -> Order:
    away = absence(world, substitute=world.karin)
    return order(world, "absence", world.karin, None, False, absence=away, what="entered", by=world.per.id)


@case("absence-by-another")
def _(world: World) -> Order:
    away = absence(world, until=None)
    return order(world, "absence", world.per, None, False, absence=away, what="entered", by=world.olle.id)


@case("absence-no-longer")
def _(world: World) -> Order:
    away = absence(world, substitute=world.amina)
    return order(world, "absence", world.karin, None, False, absence=away, what="changed", by=world.per.id)


@case("absence-ended")
def _(world: World) -> Order:
    away = absence(world, substitute=world.karin)
    return order(world, "absence", world.karin, None, False, absence=away, what="ended", by=world.per.id)


@case("stands_in")
def _(world: World) -> Order:
    away = {"code": "is_away", "person_id": world.per.id}
    instead = {"code": "stands_in_for", "person_id": world.per.id}
    task = asked(world, world.karin, why=[away, instead])
    return order(world, "stands_in", world.karin, task, away=[world.per.id])


@case("stands_in-list")
def _(world: World) -> Order:
    items(world, world.nils)
    world.state(AccountState.SETTING_UP, approved_at=at(11, 30))
    return order(world, "stands_in", world.nils, away=[world.sara.id])


@case("confirm_act")
def _(world: World) -> Order:
    task = leaving(world)
    return order(world, "confirm_act", world.olle, task, False)


def leaving(world: World) -> UserTask:
    """Olle has begun that Per leaves."""
    task = world.task(
        TaskKind.CONFIRM_ACT,
        [world.olle],
        process=Process.ACTS,
        step="leave",
        label=f"{world.per.name} slutar. Sista dag 18 december 2026",
        clause=None,
        role="",
    )
    task.account_id = None
    world.session.flush()
    return task


@case("fresh_link-act")
def _(world: World) -> Order:
    return order(world, "fresh_link", world.olle, leaving(world), False)


@case("took_over")
def _(world: World) -> Order:
    taken = {
        "unit": [[world.library.id, world.karin.id], [world.culture.id, world.amina.id]],
        "post": [["registry", world.karin.id]],
        "stands_in": [[world.nils.id, world.karin.id]],
    }
    told = {"person": world.per.id, "taken": taken, "by": world.olle.id}
    return order(world, "took_over", world.karin, None, False, **told)


@case("crisis")
def _(world: World) -> Order:
    with_crisis_rules(world)
    post = PostHolder(
        municipality_id=world.municipality_id, role="crisis_organisation", person_id=known(world.amina.id)
    )
    world.session.add(post)
    message = "Dricksvattnet i centralorten är otjänligt.\nHänvisa alla till kommunens webbplats."
    return order(world, "crisis", world.amina, None, False, **begun(world, message))


def with_crisis_rules(world: World) -> None:
    """A policy that watches its accounts and says something of a crisis."""
    version = world.session.exec(select(PolicyVersion)).one()
    clause = ["exempelby:4-tva"]
    rules = {
        **version.content["policy"]["rules"],
        "watch": [{"days": "weekdays", "clauses": clause}],
        "crisis": [
            {
                "label": "Krisorganisationen når ut genom kontona",
                "used_by": "crisis_organisation",
                "clauses": clause,
            }
        ],
    }
    policy = {**version.content["policy"], "rules": rules}
    version.content, version.sha256 = {**version.content, "policy": policy}, "c" * 64
    world.session.add(version)
    world.session.flush()


def begun(world: World, message: str) -> dict[str, object]:
    row = Crisis(
        municipality_id=world.municipality_id,
        began_at=at(12, 1, 12, 50),
        began_by_id=world.olle.id,
        message=message,
    )
    world.session.add(row)
    world.session.flush()
    return {"crisis": row.id, "what": "begun", "by": world.olle.id}


@case("crisis-plain")
def _(world: World) -> Order:
    return order(world, "crisis", "kommunikation@example.org", None, False, **begun(world, ""))


@case("crisis-ended")
def _(world: World) -> Order:
    return order(world, "crisis", world.sara, None, False, **(begun(world, "") | {"what": "ended"}))


@case("rest_set")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    days = {"since": "2026-12-15", "until": "2027-03-01"}
    return order(world, "rest_set", "kommunikation@example.org", by=world.per.id, **days)


@case("end_nears")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE, ends_on=date(2026, 12, 31))
    return order(world, "end_nears", world.sara, ends_on="2026-12-31")


@case("exempted")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    row = Exemption(
        account_id=world.account_id,
        duty="watch",
        from_on=date(2026, 12, 1),
        until_on=date(2027, 1, 8),
        reason="Plattformen har låst kontot. Ärendet är anmält.",
        decided_by_id=world.olle.id,
        decided_at=at(12, 1),
    )
    world.session.add(row)
    world.session.flush()
    return order(world, "exempted", world.sara, exemption=row.id, by=world.olle.id)


@case("inventory")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE, imported=True)
    world.task(
        TaskKind.INVENTORY,
        [world.sara],
        process=Process.DUTIES,
        step="inventering",
        label="Är kontot ditt?",
        clause=None,
        role="responsible",
    )
    return order(world, "inventory", world.sara, None, False, duties_from="2027-03-01")


@case("morning-rested")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    return order(world, "morning", world.sara, None, False, on="2026-12-01", rested=[world.account_id])


@case("morning-lists")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    world.task(
        TaskKind.CONFIRM_ITEM,
        [world.sara],
        process=Process.SETTING_UP,
        step="deposit",
        label="Inloggningen är lämnad till kommunikationsenheten",
        clause="exempelby:4-inloggning",
        role="responsible",
        once_key="gap:1:deposit",
    )
    return order(world, "morning", world.sara, None, False, on="2026-12-01", lists=[world.account_id])


@case("stands_red-left")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE, red_reason="too_few_left")
    return order(world, "stands_red", world.olle, reason="too_few_left")
