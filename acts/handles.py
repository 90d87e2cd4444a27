"""Handles: the round that sees whether names and addresses are where they should be, and nobody else's."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from sqlmodel import Session

from acts.rounds import Do, LookFirst, Round
from connectors.look_alikes import look_alikes
from connectors.occupying import READABLE, Occupant
from connectors.sights import NeedsPerson, NotSeen
from lifecycle.duty_tasks import record_asked
from lifecycle.handle_tasks import keep_and_ask
from lifecycle.handles import Told, Watched, handles_to_look_at
from lifecycle.law import Law
from lifecycle.rounds import Failure, Findings, day_after
from models.plain_errors import told_of

Finder = Callable[[str, str, datetime], Occupant | None]
"""Who has an address on a platform, now; raises NotSeen or NeedsPerson when that cannot be told."""


def _nothing_seen(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """Without a look there is nothing to judge."""


CHECK = Round(
    "handles", when=lambda law, now: day_after(law, now, time(5)), do=_nothing_seen, one_by_one=True
)
"""Looks at nothing."""


def looking(who_has: Finder) -> Round:
    """The round that asks the platforms, one question after another, and no more than its number a day."""
    return replace(CHECK, look_first=_look_with(who_has))


def _look_with(who_has: Finder) -> LookFirst:
    def find(session: Session, law: Law, on: date, now: datetime) -> Callable[[], Do]:
        wanted = handles_to_look_at(session, law, READABLE, look_alikes, now)
        return lambda: _keep(*_ask_all(wanted, who_has, now))

    return find


def _ask_all(wanted: Sequence[Watched], who_has: Finder, now: datetime) -> tuple[list[Told], list[Failure]]:
    told: list[Told] = []
    failures: list[Failure] = []
    for one in wanted:
        try:
            told.append(_told(one, who_has, now))
        except Exception as error:  # Told at the round's end, which then fails with the list.
            failures.append(Failure(f"konto {one.account_id}", told_of(error)))
    return told, failures


def _told(one: Watched, who_has: Finder, now: datetime) -> Told:
    try:
        found = who_has(one.platform, one.address, now)
    except (NotSeen, NeedsPerson) as why:
        return Told(one, says=why.says)
    return Told(one, found.id if found else "", found.name if found else "")


def _keep(told: list[Told], failures: Sequence[Failure]) -> Do:
    """Keep what was seen and ask about what was found, in one transaction."""

    def do(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
        findings.failures += failures
        tasks = keep_and_ask(session, law, told, law.day_of(now), now, findings)
        findings.found = len(tasks)
        record_asked(session, law, tasks, now)

    return do
