"""Letters of an account that is set up, active or closing."""

from datetime import date

from models import AccountRoleKind, AccountState, Outcome, Process, TaskKind
from notifications.examples.making_cases import (
    ask_to_close,
    asked,
    case,
    guest_role,
    items,
    new_role,
    order,
)
from notifications.examples.world import World, at
from notifications.outbox import Order


@case("checklist")
def _(world: World) -> Order:
    items(world, world.sara)
    world.state(AccountState.SETTING_UP, approved_at=at(11, 30))
    return order(world, "checklist", world.sara, lapses_on="2027-02-01")


@case("checklist-acknowledge")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    world.task(
        TaskKind.ACKNOWLEDGE,
        [world.nils],
        process=Process.ADMINISTRATOR_CHANGE,
        step="kvittering",
        label="Läs och kvittera: Riktlinje för sociala medier (2026); Checklista för publicering (utgåva 3)",
        role="administrator",
    )
    return order(world, "checklist", world.nils)


@case("checklist-closing")
def _(world: World) -> Order:
    ask_to_close(world)
    world.state(AccountState.CLOSING)
    world.task(
        TaskKind.CONFIRM_ITEM,
        [world.sara],
        process=Process.CLOSING_ITEMS,
        step="log_ins",
        label="Inloggningarna är återlämnade",
        clause="exempelby:7-avslut",
        role="responsible",
    )
    return order(world, "checklist", world.sara)


@case("checklist_reminder")
def _(world: World) -> Order:
    items(world, world.sara)
    world.state(AccountState.SETTING_UP, approved_at=at(11, 30))
    return order(world, "checklist_reminder", world.sara, number=1, lapses_on="2027-02-01")


@case("account_active")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE, opened_on=date(2026, 12, 1))
    world.role(world.sara, AccountRoleKind.RESPONSIBLE, since_on=date(2026, 12, 1))
    for person in (world.sara, world.nils):
        world.role(person, AccountRoleKind.ADMINISTRATOR, since_on=date(2026, 12, 1))
    duties = ["Kontot bevakas varje vardag.", "Frågor besvaras inom 24 timmar, vardagar räknade."]
    return order(world, "account_active", world.nils, duties=duties)


@case("taken_back")
def _(world: World) -> Order:
    task = world.answered(world.per, Outcome.DECLINE, "Fel knapp.")
    return order(world, "taken_back", world.sara, task, by=world.per.id, outcome="decline")


@case("repaired")
def _(world: World) -> Order:
    task = asked(world, world.per)
    return order(
        world,
        "repaired",
        world.sara,
        task,
        by=world.olle.id,
        what="skip",
        reason="Enheten saknar chef till mars.",
    )


@case("address_changed")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    former, told = "https://www.instagram.com/bibblan", {"until_on": "2026-12-01"}
    return order(world, "address_changed", world.olle, by=world.sara.id, former=former, **told)


@case("unit_changed")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    return order(world, "unit_changed", world.per, **{"by": world.olle.id, "from": world.culture.id})


@case("request_withdrawn")
def _(world: World) -> Order:
    ask_to_close(world)
    world.state(AccountState.ACTIVE, closing_asked_at=None)
    return order(world, "request_withdrawn", world.olle, by=world.sara.id, reason="")


@case("request_withdrawn-role")
def _(world: World) -> Order:
    role, reason = new_role(world), "Nils har fått andra uppgifter."
    return order(world, "request_withdrawn", world.per, by=world.amina.id, reason=reason, role=role.id)


@case("change_approved")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    return order(world, "change_approved", world.nils, role=new_role(world).id)


@case("change_refused")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    role = new_role(world)
    task = world.answered(
        world.per,
        Outcome.DECLINE,
        "Vi väntar tills Nils är tillbaka från sin utbildning.",
        process=Process.ADMINISTRATOR_CHANGE,
        account_role_id=role.id,
    )
    return order(world, "change_refused", world.sara, task, role=role.id)


@case("administrator_began")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    role = new_role(world)
    role.since_on = date(2026, 12, 1)
    return order(world, "administrator_began", "kommunikation@example.org", role=role.id)


@case("administrator_began-self")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    role = guest_role(world)
    role.since_on = date(2026, 12, 7)
    return order(world, "administrator_began", world.nils, role=role.id)


@case("administrator_ended")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    role = world.role(world.sara, AccountRoleKind.ADMINISTRATOR, until_on=date(2026, 12, 1))
    return order(world, "administrator_ended", world.olle, role=role.id, by=None)


@case("administrator_ended-self")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    role = world.role(world.sara, AccountRoleKind.ADMINISTRATOR, until_on=date(2026, 12, 1))
    return order(world, "administrator_ended", world.sara, role=role.id, by=world.per.id)


@case("closing_refused")
def _(world: World) -> Order:
    ask_to_close(world)
    reason = "Kontot behövs till sommarens lässatsning. Vi pratar om det igen i höst."
    task = world.answered(world.per, Outcome.DECLINE, reason, process=Process.CLOSING)
    return order(world, "closing_refused", world.sara, task)


@case("closing_begun")
def _(world: World) -> Order:
    ask_to_close(world)
    world.state(AccountState.CLOSING)
    return order(world, "closing_begun", world.nils)


@case("account_closed")
def _(world: World) -> Order:
    ask_to_close(world)
    world.state(AccountState.CLOSED, closed_on=date(2026, 12, 1))
    return order(world, "account_closed", world.sara)


@case("fresh_link")
def _(world: World) -> Order:
    return order(world, "fresh_link", world.per, asked(world, world.per))


@case("fresh_link-list")
def _(world: World) -> Order:
    items(world, world.sara)
    world.state(AccountState.SETTING_UP, approved_at=at(11, 30))
    return order(world, "fresh_link", world.sara)


@case("handed_over-duty")
def _(world: World) -> Order:
    """What the clock has asked: the link leads to the day's page."""
    world.state(AccountState.ACTIVE)
    task = world.task(
        TaskKind.EVALUATE,
        [world.karin],
        process=Process.DUTIES,
        step="utvardering",
        label="Utvärdera kontot",
        role="responsible",
        next_reminder_at=at(12, 1),
        why=[{"code": "handed_over", "person_id": world.per.id, "reason": "Du kan siffrorna bättre."}],
    )
    return order(world, "handed_over", world.karin, task)
