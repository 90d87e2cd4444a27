"""The watch and the morning letter: asking, ending the day, telling each person once, confirming."""

from collections.abc import Collection
from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle import missed_days, watching
from lifecycle.law import Law, law_in_force
from lifecycle.morning import ROUND, gather, record_told, told_until
from lifecycle.rounds import Findings, day_after, working_day_after
from lifecycle.watch_months import fold_months
from models import Person, UserTask
from notifications import outbox


def _open(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    findings.found = watching.open_watch(session, law, on, now)


def _end(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    findings.found = missed_days.end_watch(session, law, now)


def _tell(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """One letter to each person, and the same news to what the communications unit shares."""
    mornings = gather(session, law, on, now, findings)
    orders = [
        outbox.Order(
            notice="morning",
            municipality_id=law.municipality_id,
            dedupe_key=f"{law.municipality_id}:morning:{on.isoformat()}:{person_id}",
            person_id=person_id,
            context=told | {"on": on.isoformat()},
        )
        for person_id, morning in sorted(mornings.items())
        if (told := morning.told())
    ]
    queued = set(outbox.queue_many(session, orders, now))
    findings.found = len(queued)
    record_told(session, law, [one.person_id or 0 for one in orders if one.id in queued], now)


def _fold(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    findings.found = fold_months(session, law, on)


ASK = Round(
    "watch",
    when=lambda law, now: day_after(law, now, law.policy.settings.digest_at, told_until(law)),
    do=_open,
    hour=lambda law: law.policy.settings.digest_at,
)
END = Round(
    "watch_end",
    when=lambda law, now: law.day_of(now),
    do=_end,
    hour=lambda law: law.policy.settings.watch_ends_at,
    repeats=True,
)
TELL = Round(
    ROUND,
    when=lambda law, now: working_day_after(law, now, law.policy.settings.digest_at, told_until(law)),
    do=_tell,
    hour=lambda law: law.policy.settings.digest_at,
)
FOLD = Round("watch_fold", when=lambda law, now: law.day_of(now), do=_fold)


def confirm_watch(
    session: Session,
    now: datetime,
    *,
    person_id: int,
    account_ids: Collection[int],
    via: str,
) -> list[int]:
    """Confirm that one has looked at some accounts today; returns those that nobody had confirmed before."""
    person = session.get_one(Person, person_id)
    law = law_in_force(session, person.municipality_id, now)
    return watching.confirm_watch(session, law, person, account_ids, now, via=via)


def explain_missed(
    session: Session, now: datetime, *, task_id: int, person_id: int, why: str, via: str
) -> None:
    """Say why a day was missed."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    missed_days.explain_missed(session, task, person, why, now, via=via)
