"""Letters on the way from an address to a decision."""

from models import AccountState, Outcome, Process, TaskKind, TaskState
from notifications.examples.making_cases import (
    ask_to_close,
    asked,
    case,
    change_asked,
    guest_role,
    items,
    new_role,
    order,
    revision,
)
from notifications.examples.world import World, at
from notifications.outbox import Order


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


@case("decision_asked-changed_plan")
def _(world: World) -> Order:
    world.state(AccountState.DECIDING)
    task = asked(world, world.per)
    task.plan_version = 2
    return order(world, "decision_asked", world.per, task)


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
    return order(
        world, "decision_asked", world.per, change_asked(world, Process.ADMINISTRATOR_CHANGE, new_role(world))
    )


@case("decision_asked-guest")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE)
    return order(world, "decision_asked", world.per, change_asked(world, Process.GUEST, guest_role(world)))


@case("decision_asked-closing")
def _(world: World) -> Order:
    ask_to_close(world)
    return order(world, "decision_asked", world.per, asked(world, world.per, process=Process.CLOSING))


@case("consultation_asked")
def _(world: World) -> Order:
    ask_to_close(world)
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


@case("group_asked")
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
    return order(world, "group_asked", "kommunikation@example.org", task, tasks=[task.id])


@case("informed-group")
def _(world: World) -> Order:
    task = world.task(
        TaskKind.INFORM,
        [world.amina, world.olle],
        label="Kopia till kommunikationsenheten",
        role="communications",
        state=TaskState.DONE,
        outcome=Outcome.TOLD,
    )
    return order(world, "informed", "kommunikation@example.org", task)


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
    return order(world, "changes_asked", world.sara, revision(world), by=world.per.id, reason=reason)


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
    return order(world, "reminder", world.sara, revision(world), number=1)


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
    why = [
        {"code": "handed_over", "person_id": world.per.id, "reason": "Jag är ledig två veckor från i morgon."}
    ]
    return order(world, "handed_over", world.karin, asked(world, world.karin, why=why))


@case("no_longer_yours")
def _(world: World) -> Order:
    task = asked(world, world.karin)
    return order(
        world,
        "no_longer_yours",
        world.per,
        task,
        by=world.olle.id,
        to=world.karin.id,
        reason="Per är sjukskriven.",
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
    return order(world, "application_approved", world.sara, lapses_on="2027-02-01")


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
    items(world, world.sara, state=TaskState.WITHDRAWN)
    world.state(AccountState.LAPSED, approved_at=at(10, 2))
    return order(world, "application_lapsed", world.sara)


@case("application_ended")
def _(world: World) -> Order:
    world.state(AccountState.WITHDRAWN)
    return order(
        world,
        "application_ended",
        world.sara,
        by=world.olle.id,
        reason="Två ansökningar om samma konto har kommit in.",
    )


@case("letter_again")
def _(world: World) -> Order:
    return order(world, "letter_again", world.per, asked(world, world.per))
