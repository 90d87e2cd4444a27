"""What follows from mail that came back: a letter did not arrive, somebody is away, or has answered.

Nothing in a mail is trusted. A forged one can have communications asked something, or a letter written to
somebody at the address that is known, each so many times a day; it never answers, enters or ends anything.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import CursorResult, Executable, func, select, update
from sqlmodel import Session, col

from lifecycle.absences import absences_from
from lifecycle.duty_tasks import open_duty, open_of_kind, withdraw_duty
from lifecycle.events import EventKind
from lifecycle.guideline_review import holders_for
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.roles import has_left
from lifecycle.rounds import Findings
from models import (
    Account,
    Link,
    Message,
    MessageState,
    Municipality,
    Person,
    ReturnedAs,
    ReturnedMail,
    TaskKind,
    UserTask,
)
from models.asking import built_once
from policies.keys import Role

STEP = "retur"
"""One person's letters, or those to one shared mailbox, do not arrive."""
MANY_STEP = "returer"
"""More letters come back than can be looked into one by one."""
UNTOLD_STEP = "obesvarade-svar"
"""More has come by mail than was passed on."""
STEPS = (STEP, MANY_STEP, UNTOLD_STEP)
LASTS = timedelta(days=2)
"""For so long a trouble that may pass is let be: a full mailbox, a server out of reach."""
ARRIVED_AFTER = timedelta(days=1)
"""A letter that has not come back for so long has arrived, as far as anybody can tell."""
MOST_ASKED_A_DAY = 20
MOST_TOLD_A_DAY = 30
"""Answers and absences by mail that somebody is written to about, in a municipality."""
MOST_ANSWERS_OF_ONE = 3
"""Answers of one person that are passed on in a day."""
_REMEMBERED = timedelta(days=30)
_TROUBLES = (ReturnedAs.BOUNCED, ReturnedAs.FAILED_FOR_NOW, ReturnedAs.DELAYED)
_SUGGESTED_AGAIN_AFTER = timedelta(days=7)


def waiting(session: Session, law: Law) -> Sequence[ReturnedMail]:
    """Mail from which nothing has followed yet, in the order it was read."""
    return session.execute(*_waiting(law.municipality_id)).scalars().all()


@built_once
def _waiting(of: int) -> Executable:
    rows = select(ReturnedMail).where(
        col(ReturnedMail.municipality_id) == of, col(ReturnedMail.followed_at).is_(None)
    )
    return rows.order_by(col(ReturnedMail.id))


def follow_returned(session: Session, law: Law, now: datetime, findings: Findings) -> None:
    """Do what follows from each mail, once; then drop what nobody need look into any more."""
    for one in waiting(session, law):
        with findings.trying(session, f"brev {one.id}"):
            _follow(session, law, one, now)
            one.followed_at = now
            findings.found += 1
    _drop_settled(session, law, now)


def _follow(session: Session, law: Law, mail: ReturnedMail, now: datetime) -> None:
    if mail.kind in _TROUBLES:
        _note_at_letter(session, mail, now)
        _ask_if_it_lasts(session, law, mail, now)
    elif mail.kind is ReturnedAs.AWAY and mail.person_id is not None:
        _suggest_absence(session, law, mail, now)
    elif mail.kind is ReturnedAs.ANSWER and not _is_from_office(session, mail):
        _pass_on(session, law, mail, now)


# ---------------------------------------------------------------- a letter that did not arrive


def _note_at_letter(session: Session, mail: ReturnedMail, now: datetime) -> None:
    """A letter that has not arrived is bounced, also hours after it was sent (REQUIREMENTS 4.10)."""
    values: dict[str, object] = {"error": " ".join((mail.status, mail.says)).strip()[:500]}
    if mail.kind is not ReturnedAs.DELAYED:
        values["state"] = MessageState.BOUNCED
    left = (col(Message.id) == mail.letter_id, col(Message.state) == MessageState.SENT)
    noted = session.execute(update(Message).where(*left).values(**values))
    assert isinstance(noted, CursorResult)
    if noted.rowcount:
        _record_return(session, mail, now)


def _ask_if_it_lasts(session: Session, law: Law, mail: ReturnedMail, now: datetime) -> None:
    """Have communications look into an address that letters do not reach; what may pass only if it lasts."""
    person = session.get(Person, mail.person_id) if mail.person_id else None
    if not is_in_use(session, law, mail.email, person, law.day_of(now)):
        return
    if mail.kind is not ReturnedAs.BOUNCED and not _has_lasted(session, law, mail, now):
        return
    if any(one.details.get("email") == mail.email for one in _asked(session, law, STEP)):
        return
    if _asked_today(session, law, now) >= MOST_ASKED_A_DAY:
        _ask_about_many(session, law, now)
        return
    who = person.name if person else mail.email
    _ask(
        session,
        law,
        now,
        once_key=f"retur:{law.municipality_id}:{_hash_of(mail.email)}:{mail.id}",
        step=STEP,
        label=f"Brev till {who} kommer inte fram: rätta adressen",
        details={
            "email": mail.email,
            "returned": mail.id,
            **({"person": person.id} if person else {}),
        },
    )


def is_in_use(session: Session, law: Law, email: str, person: Person | None, on: date) -> bool:
    """Whether letters still go there: to a person who works here, or to one of the municipality's own."""
    if person is not None:
        return person.email == email and not has_left(person, on)
    own = session.get_one(Municipality, law.municipality_id)
    return bool(email) and email in (own.notice_address, own.registry_address)


def _has_lasted(session: Session, law: Law, mail: ReturnedMail, now: datetime) -> bool:
    earlier = select(ReturnedMail).where(
        col(ReturnedMail.municipality_id) == law.municipality_id,
        col(ReturnedMail.email) == mail.email,
        col(ReturnedMail.kind).in_(_TROUBLES),
        col(ReturnedMail.read_at) > now - _REMEMBERED,
        col(ReturnedMail.read_at) <= now - LASTS,
    )
    troubles = session.execute(earlier.order_by(col(ReturnedMail.read_at))).scalars().all()
    return any(not has_arrived_since(session, mail.email, one.read_at, now) for one in troubles)


def has_arrived_since(session: Session, email: str, since: datetime, now: datetime) -> bool:
    """Whether a later letter to the address has been used, or has not come back for a day."""
    used = select(col(Link.id)).where(
        col(Link.email) == email, col(Link.minted_at) > since, col(Link.used_at).is_not(None)
    )
    stayed = select(col(Message.id)).where(
        col(Message.email) == email,
        col(Message.state) == MessageState.SENT,
        col(Message.sent_at) > since,
        col(Message.sent_at) <= now - ARRIVED_AFTER,
        col(Message.error) == "",
    )
    return any(session.execute(one.limit(1)).first() is not None for one in (used, stayed))


def _record_return(session: Session, mail: ReturnedMail, now: datetime) -> None:
    facts = {"kind": mail.kind.value, "letter": mail.letter_id, "status": mail.status, **_whose(mail)}
    account, of = _account_of(session, mail), mail.municipality_id
    record(session, EventKind.MAIL_RETURNED, now, account=account, municipality_id=of, facts=facts)


def _whose(mail: ReturnedMail) -> dict[str, int]:
    return {"person": mail.person_id} if mail.person_id else {}


def _account_of(session: Session, mail: ReturnedMail) -> Account | None:
    letter = session.get(Message, mail.letter_id)
    return session.get(Account, letter.account_id) if letter and letter.account_id else None


def _asked_today(session: Session, law: Law, now: datetime) -> int:
    rows = select(func.count()).where(
        col(UserTask.municipality_id) == law.municipality_id,
        col(UserTask.kind) == TaskKind.LOOK_INTO,
        col(UserTask.step) == STEP,
        col(UserTask.opened_at) >= law.calendar.at(law.day_of(now), _MIDNIGHT),
    )
    return int(session.execute(rows).scalar_one())


_MIDNIGHT = datetime.min.time()


def _ask_about_many(session: Session, law: Law, now: datetime) -> None:
    _ask(
        session,
        law,
        now,
        once_key=f"returer:{law.municipality_id}:{law.day_of(now)}",
        step=MANY_STEP,
        label="Brev till många kommer i retur: se över e-posten",
        details={},
    )


def _ask(
    session: Session,
    law: Law,
    now: datetime,
    *,
    once_key: str,
    step: str,
    label: str,
    details: dict[str, object],
) -> None:
    open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=once_key,
        step=step,
        label=label,
        rule=None,
        role=Role.COMMUNICATIONS,
        holders=holders_for(session, law, Role.COMMUNICATIONS, law.day_of(now)),
        details=details,
    )


def _asked(session: Session, law: Law, *steps: str) -> list[UserTask]:
    tasks = open_of_kind(session, law.municipality_id, TaskKind.LOOK_INTO)
    return [one for one in tasks if one.step in steps]


def _hash_of(email: str) -> str:
    return sha256(email.encode()).hexdigest()[:16]


def _drop_settled(session: Session, law: Law, now: datetime) -> None:
    """Take back what has put itself right: another address, somebody who left, a letter that has arrived."""
    for task in _asked(session, law, STEP):
        email, person = str(task.details["email"]), session.get(Person, task.details.get("person") or 0)
        in_use = is_in_use(session, law, email, person, law.day_of(now))
        if not in_use or has_arrived_since(session, email, _last_trouble(session, law, email, task), now):
            withdraw_duty(session, task, now)


def _last_trouble(session: Session, law: Law, email: str, task: UserTask) -> datetime:
    rows = select(func.max(col(ReturnedMail.read_at))).where(
        col(ReturnedMail.municipality_id) == law.municipality_id,
        col(ReturnedMail.email) == email,
        col(ReturnedMail.kind).in_(_TROUBLES),
    )
    found: datetime | None = session.execute(rows).scalar_one()
    return max(found, task.opened_at) if found else task.opened_at


# ---------------------------------------------------------------- somebody is away


def _suggest_absence(session: Session, law: Law, mail: ReturnedMail, now: datetime) -> None:
    """Let the person and communications know that an absence can be entered. Nothing is entered by itself."""
    on = law.day_of(now)
    person = session.get_one(Person, mail.person_id)
    if has_left(person, on) or _is_entered(session, law, person, mail.until_on, on):
        return
    if _told_since(session, law, mail, ReturnedAs.AWAY, now - _SUGGESTED_AGAIN_AFTER):
        return
    if _told_today(session, law, now) >= MOST_TOLD_A_DAY:
        _ask_about_untold(session, law, now)
        return
    mail.told_at = now
    facts = {"returned": mail.id, "person": person.id}
    record(session, EventKind.ABSENCE_SUGGESTED, now, municipality_id=law.municipality_id, facts=facts)


def _is_entered(session: Session, law: Law, person: Person, until_on: date | None, on: date) -> bool:
    """Whether an absence that has been entered already says as much."""
    entered = [one for one in absences_from(session, law.municipality_id, on) if one.person_id == person.id]
    current = [one for one in entered if one.from_on <= on]
    return any(one.until_on is None or until_on is None or one.until_on >= until_on for one in current)


def suggested_absence(session: Session, municipality_id: int, returned_id: int) -> ReturnedMail | None:
    """The out-of-office answer behind a suggestion."""
    mail = session.get(ReturnedMail, returned_id)
    if mail is None or mail.municipality_id != municipality_id or mail.kind is not ReturnedAs.AWAY:
        return None
    return mail if mail.person_id is not None else None


# ---------------------------------------------------------------- somebody answers by mail


def _is_from_office(session: Session, mail: ReturnedMail) -> bool:
    """Whether the shared mailbox that answers are passed on to has answered: that would go round."""
    own = session.get_one(Municipality, mail.municipality_id)
    return mail.email == own.notice_address


def _pass_on(session: Session, law: Law, mail: ReturnedMail, now: datetime) -> None:
    """Communications reads the answer; the one who seems to have written hears that it decides nothing."""
    today = law.calendar.at(law.day_of(now), _MIDNIGHT)
    of_one = _told_since(session, law, mail, ReturnedAs.ANSWER, today)
    if of_one >= MOST_ANSWERS_OF_ONE or _told_today(session, law, now) >= MOST_TOLD_A_DAY:
        mail.says, mail.weeded_at = "", now
        _ask_about_untold(session, law, now)
        return
    mail.told_at = now
    facts = {"returned": mail.id, "person": mail.person_id, "letter": mail.letter_id}
    facts["writer"] = None if of_one else mail.person_id
    account, of = _account_of(session, mail), law.municipality_id
    record(session, EventKind.ANSWERED_BY_MAIL, now, account=account, municipality_id=of, facts=facts)


def _told_since(session: Session, law: Law, mail: ReturnedMail, kind: ReturnedAs, since: datetime) -> int:
    rows = select(func.count()).where(
        col(ReturnedMail.municipality_id) == law.municipality_id,
        col(ReturnedMail.person_id).is_not_distinct_from(mail.person_id),
        col(ReturnedMail.kind) == kind,
        col(ReturnedMail.told_at) >= since,
    )
    return int(session.execute(rows).scalar_one())


def _told_today(session: Session, law: Law, now: datetime) -> int:
    rows = select(func.count()).where(
        col(ReturnedMail.municipality_id) == law.municipality_id,
        col(ReturnedMail.told_at) >= law.calendar.at(law.day_of(now), _MIDNIGHT),
    )
    return int(session.execute(rows).scalar_one())


def _ask_about_untold(session: Session, law: Law, now: datetime) -> None:
    _ask(
        session,
        law,
        now,
        once_key=f"obesvarade:{law.municipality_id}:{law.day_of(now)}",
        step=UNTOLD_STEP,
        label="Fler svar har kommit med e-post än vad som skickas vidare: läs dem i brevlådan",
        details={},
    )
