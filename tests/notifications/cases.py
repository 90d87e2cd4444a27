"""One realistic case for each letter, or several where a letter speaks of different things."""

from collections.abc import Callable
from datetime import date
from typing import Any

from models import AccountRole, AccountRoleKind, AccountState, Outcome, Person, Process, TaskKind, TaskState, UserTask
from notifications.outbox import Order
from tests.notifications.world import World, at, known

CASES: dict[str, Callable[[World], Order]] = {}
"""By the notice's name, or the name and a variant: `decision_asked-closing`."""


def case(name: str) -> Callable[[Callable[[World], Order]], Callable[[World], Order]]:
    def keep(build: Callable[[World], Order]) -> Callable[[World], Order]:
        CASES[name] = build
        return build

    return keep


def order(
    world: World, notice: str, to: Person | str, task: UserTask | None = None, account: bool = True, /, **context: Any
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


@case("confirm_address")
def _(world: World) -> Order:
    return order(world, "confirm_address", "sara@example.org", None, False)


@case("my_page")
def _(world: World) -> Order:
    return order(world, "my_page", "sara@example.org", None, False)


@case("draft_link")
def _(world: World) -> Order:
    world.state(AccountState.DRAFT, plan_version=0, name="", platform="")
    return order(world, "draft_link", world.sara)


@case("draft_reminder")
def _(world: World) -> Order:
    world.state(AccountState.DRAFT, plan_version=0)
    return order(world, "draft_reminder", world.sara, erased_on="2026-12-11")


@case("draft_erased")
def _(world: World) -> Order:
    world.state(AccountState.WITHDRAWN, plan_version=0, name="", address="")
    return order(world, "draft_erased", world.sara)


@case("plan_received")
def _(world: World) -> Order:
    return order(world, "plan_received", world.sara)


@case("decision_asked")
def _(world: World) -> Order:
    return order(world, "decision_asked", world.per, asked(world, world.per))


@case("decision_asked-stand_in")
def _(world: World) -> Order:
    """Per has applied himself and has no substitute: it goes one level up."""
    world.state(AccountState.DECIDING, applicant_id=world.per.id)
    why = [
        {"code": "is_applicant", "person_id": world.per.id},
        {"code": "one_level_up", "unit": world.culture.name},
    ]
    return order(world, "decision_asked", world.karin, asked(world, world.karin, why=why))


@case("decision_asked-second_step")
def _(world: World) -> Order:
    world.answered(world.per, Outcome.APPROVE, opened_at=at(11, 26))
    task = asked(
        world,
        world.amina,
        world.olle,
        step="kommunikation",
        label="Kommunikationsenhetens godkännande",
        clause="exempelby:3-kommunikation",
        role="communications",
    )
    return order(world, "decision_asked", world.olle, task)


@case("decision_asked-administrator_change")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    return order(world, "decision_asked", world.per, _change(world, Process.ADMINISTRATOR_CHANGE, _new_role(world)))


@case("decision_asked-guest")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    return order(world, "decision_asked", world.per, _change(world, Process.GUEST, _guest_role(world)))


@case("decision_asked-closing")
def _(world: World) -> Order:
    _ask_to_close(world)
    return order(world, "decision_asked", world.per, asked(world, world.per, process=Process.CLOSING))


@case("consultation_asked")
def _(world: World) -> Order:
    _ask_to_close(world)
    task = asked(
        world,
        world.olle,
        kind=TaskKind.CONSULT,
        process=Process.CLOSING,
        step="samråd",
        label="Samråd med kommunikationsenheten",
        clause="exempelby:7-avslut",
        role="communications",
        due_at=at(12, 10, 16),
    )
    return order(world, "consultation_asked", world.olle, task)


@case("informed")
def _(world: World) -> Order:
    task = world.task(
        TaskKind.INFORM,
        [world.karin],
        label="Kopia till förvaltningschefen",
        role="head_of_department",
        state=TaskState.DONE,
        outcome=Outcome.TOLD,
    )
    return order(world, "informed", world.karin, task)


@case("changes_asked")
def _(world: World) -> Order:
    world.state(AccountState.CHANGES_ASKED)
    reason = "Bra tanke! Skriv vem som svarar när du är ledig.\n\nOch säg hur ni ska se om det går bra."
    return order(world, "changes_asked", world.sara, _revision(world), by=world.per.id, reason=reason)


@case("reminder")
def _(world: World) -> Order:
    task = asked(world, world.per, reminders=1, next_reminder_at=at(12, 4, 7))
    return order(world, "reminder", world.per, task, number=1)


@case("reminder-last")
def _(world: World) -> Order:
    task = asked(world, world.per, reminders=2, next_reminder_at=at(12, 7, 7))
    return order(world, "reminder", world.per, task, number=2)


@case("reminder-revise_plan")
def _(world: World) -> Order:
    world.state(AccountState.CHANGES_ASKED)
    return order(world, "reminder", world.sara, _revision(world), number=1)


@case("escalated")
def _(world: World) -> Order:
    task = asked(world, world.per, reminders=2, next_reminder_at=None)
    return order(world, "escalated", world.olle, task, tasks=[task.id])


@case("stands_red")
def _(world: World) -> Order:
    world.state(AccountState.DECIDING, red_reason="no_holder:chefen")
    return order(world, "stands_red", "kommunikation@example.org", reason="no_holder:chefen")


@case("stands_red-too_few")
def _(world: World) -> Order:
    world.state(AccountState.SETTING_UP, red_reason="too_few_people")
    return order(world, "stands_red", world.olle, reason="too_few_people")


@case("handed_over")
def _(world: World) -> Order:
    why = [{"code": "handed_over", "person_id": world.per.id, "reason": "Jag är ledig två veckor från i morgon."}]
    return order(world, "handed_over", world.karin, asked(world, world.karin, why=why))


@case("no_longer_yours")
def _(world: World) -> Order:
    task = asked(world, world.karin)
    return order(
        world, "no_longer_yours", world.per, task, by=world.olle.id, to=world.karin.id, reason="Per är sjukskriven."
    )


@case("no_longer_yours-giver")
def _(world: World) -> Order:
    task = asked(world, world.karin)
    return order(world, "no_longer_yours", world.per, task, by=world.per.id, to=world.karin.id, reason="")


@case("application_approved")
def _(world: World) -> Order:
    world.answered(world.per, Outcome.APPROVE)
    world.answered(
        world.olle,
        Outcome.APPROVE,
        when=at(11, 30),
        label="Kommunikationsenhetens godkännande",
        step="kommunikation",
    )
    world.state(AccountState.SETTING_UP, approved_at=at(11, 30))
    return order(world, "application_approved", world.sara)


@case("application_declined")
def _(world: World) -> Order:
    reason = "Kommunen har redan ett gemensamt konto där biblioteket kan synas. Hör av dig så hjälps vi åt."
    task = world.answered(
        world.olle,
        Outcome.DECLINE,
        reason,
        label="Kommunikationsenhetens godkännande",
        step="kommunikation",
        clause="exempelby:3-kommunikation",
        role="communications",
    )
    world.state(AccountState.DECLINED)
    return order(world, "application_declined", world.sara, task, by=world.olle.id, reason=reason)


@case("application_withdrawn")
def _(world: World) -> Order:
    asked(world, world.per, state=TaskState.WITHDRAWN)
    world.state(AccountState.WITHDRAWN)
    return order(world, "application_withdrawn", world.per)


@case("application_lapsed")
def _(world: World) -> Order:
    _items(world, world.sara, state=TaskState.WITHDRAWN)
    world.state(AccountState.LAPSED, approved_at=at(10, 2))
    return order(world, "application_lapsed", world.sara)


@case("application_ended")
def _(world: World) -> Order:
    world.state(AccountState.WITHDRAWN)
    return order(
        world, "application_ended", world.sara, by=world.olle.id, reason="Två ansökningar om samma konto har kommit in."
    )


@case("checklist")
def _(world: World) -> Order:
    _items(world, world.sara)
    world.state(AccountState.SETTING_UP, approved_at=at(11, 30))
    return order(world, "checklist", world.sara)


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
    _ask_to_close(world)
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
    _items(world, world.sara)
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
        world, "repaired", world.sara, task, by=world.olle.id, what="skip", reason="Enheten saknar chef till mars."
    )


@case("change_approved")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    return order(world, "change_approved", world.nils, role=_new_role(world).id)


@case("change_refused")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    role = _new_role(world)
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
    role = _new_role(world)
    role.since_on = date(2026, 12, 1)
    return order(world, "administrator_began", "kommunikation@example.org", role=role.id)


@case("administrator_began-self")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    role = _guest_role(world)
    role.since_on = date(2026, 12, 7)
    return order(world, "administrator_began", world.nils, role=role.id)


@case("administrator_ended")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    role = world.role(world.sara, AccountRoleKind.ADMINISTRATOR, until_on=date(2026, 12, 1))
    return order(world, "administrator_ended", world.olle, role=role.id)


@case("closing_refused")
def _(world: World) -> Order:
    _ask_to_close(world)
    reason = "Kontot behövs till sommarens lässatsning. Vi pratar om det igen i höst."
    task = world.answered(world.per, Outcome.DECLINE, reason, process=Process.CLOSING)
    return order(world, "closing_refused", world.sara, task)


@case("closing_begun")
def _(world: World) -> Order:
    _ask_to_close(world)
    world.state(AccountState.CLOSING)
    return order(world, "closing_begun", world.nils)


@case("account_closed")
def _(world: World) -> Order:
    _ask_to_close(world)
    world.state(AccountState.CLOSED, closed_on=date(2026, 12, 1))
    return order(world, "account_closed", world.sara)


@case("fresh_link")
def _(world: World) -> Order:
    return order(world, "fresh_link", world.per, asked(world, world.per))


@case("fresh_link-list")
def _(world: World) -> Order:
    _items(world, world.sara)
    world.state(AccountState.SETTING_UP, approved_at=at(11, 30))
    return order(world, "fresh_link", world.sara)


def _new_role(world: World) -> AccountRole:
    old = world.role(world.karin, AccountRoleKind.ADMINISTRATOR, since_on=date(2026, 1, 12))
    return world.role(world.nils, AccountRoleKind.ADMINISTRATOR, asked_by_id=world.sara.id, ends_role_id=old.id)


def _guest_role(world: World) -> AccountRole:
    return world.role(
        world.nils,
        AccountRoleKind.GUEST,
        asked_by_id=world.sara.id,
        wanted_from_on=date(2026, 12, 7),
        until_on=date(2026, 12, 14),
    )


def _change(world: World, process: Process, role: AccountRole) -> UserTask:
    return asked(world, world.per, process=process, account_role_id=known(role.id))


def _ask_to_close(world: World) -> None:
    world.state(
        AccountState.ACTIVE,
        closing_asked_by_id=world.sara.id,
        closing_asked_at=at(11, 25),
        closing_reason="Vi når målgruppen bättre på skolornas egna kanaler.",
    )


def _revision(world: World) -> UserTask:
    return world.task(
        TaskKind.REVISE_PLAN,
        [world.sara],
        step="plan",
        label="Ändra planen och skicka den igen",
        role="applicant",
        clause=None,
    )


def _items(world: World, person: Person, **values: Any) -> None:
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
