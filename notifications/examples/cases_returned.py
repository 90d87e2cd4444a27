"""Letters about mail that came back: answers that count for nothing, and absences that nobody has entered."""

from datetime import date
from typing import Any

from models import Message, MessageState, Person, ReturnedAs, ReturnedMail
from notifications.examples.making_cases import asked, case, order
from notifications.examples.world import NOW, World, at, known
from notifications.outbox import Order


def returned(world: World, kind: ReturnedAs, person: Person | None, **values: Any) -> int:
    """A mail of Per's, or about him."""
    row = ReturnedMail(
        once_key=kind.value,
        municipality_id=world.municipality_id,
        kind=kind,
        person_id=known(person.id) if person else None,
        read_at=NOW,
        **values,
    )
    world.session.add(row)
    world.session.flush()
    return known(row.id)


def letter(world: World) -> str:
    """The letter that asked Per to decide."""
    task = asked(world, world.per)
    row = Message(
        id="0" * 32,
        municipality_id=world.municipality_id,
        notice="decision_asked",
        dedupe_key="asked",
        person_id=known(world.per.id),
        email=world.per.email,
        account_id=world.account_id,
        task_id=task.id,
        queued_at=at(11, 30),
        not_before=at(11, 30),
        state=MessageState.SENT,
        sent_at=at(11, 30, 9, 2),
    )
    world.session.add(row)
    world.session.flush()
    return row.id


@case("absence_suggested")
def _(world: World) -> Order:
    mail = returned(world, ReturnedAs.AWAY, world.per, until_on=date(2026, 12, 19))
    return order(world, "absence_suggested", world.per, None, False, returned=mail)


@case("absence_suggested-to-communications")
def _(world: World) -> Order:
    mail = returned(world, ReturnedAs.AWAY, world.per, until_on=date(2026, 12, 19))
    return order(world, "absence_suggested", world.olle, None, False, returned=mail)


@case("absence_suggested-without-days")
def _(world: World) -> Order:
    mail = returned(world, ReturnedAs.AWAY, world.per)
    return order(world, "absence_suggested", world.per, None, False, returned=mail)


@case("answer_by_mail")
def _(world: World) -> Order:
    says = "Ja, det är godkänt från min sida.\n\nHälsningar\nPer"
    values = {"letter_id": letter(world), "email": world.per.email, "says": says}
    mail = returned(world, ReturnedAs.ANSWER, world.per, **values)
    return order(world, "answer_by_mail", world.olle, returned=mail)


@case("answer_by_mail-encrypted")
def _(world: World) -> Order:
    mail = returned(world, ReturnedAs.ANSWER, world.per, email=world.per.email)
    return order(world, "answer_by_mail", "kommunikation@example.org", None, False, returned=mail)


@case("answer_by_mail-shared-mailbox")
def _(world: World) -> Order:
    mail = returned(world, ReturnedAs.ANSWER, None, email="registrator@example.org", says="Dnr KS 2026/417.")
    return order(world, "answer_by_mail", world.olle, returned=mail)


@case("answer_not_counted")
def _(world: World) -> Order:
    return order(world, "answer_not_counted", world.per)
