"""What happens in a year by itself: applications, holidays, people who come and go, accounts that close."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from acts import absences, caring, cases, crises, documenting, guideline_review, leaving, resting
from acts.work import work
from lifecycle.administrators import faults_in
from lifecycle.case_steps import kinds_for
from lifecycle.conditions import applying, facts_of
from lifecycle.law import Law
from lifecycle.roles import people_now
from models import Account, AccountRoleKind, AccountState, Person, Unit
from policies.duties import CaseStep
from runtime.database import reading
from simulation.answering import played_sign_in
from simulation.applications import APPLIED, applies, forgets_a_draft, withdraws
from simulation.year import VIA, Diary, Happening, Year, about, attempt, member_of, one_of, staff_of

_YEAR = 365
_SUMMER = (26, 31)
"""First and last week in which a summer holiday begins."""


def diary_of(law: Law, from_on: date, until_on: date, people: int, accounts: int, random: Random) -> Diary:
    """What happens on working days: as much as the municipality is large, and the time long."""
    planned: list[tuple[int, Happening]] = [
        (max(len(APPLIED), accounts // 5), applies),
        (1, forgets_a_draft),
        (1, withdraws),
        (max(2, accounts // 10), _gets_an_administrator),
        (4 if law.policy.rules.guest else 0, _gets_a_guest),
        (max(2, accounts // 15), _is_to_close),
        (4, _wants_to_be_let_off),
        (1, _gets_an_address),
        (1, _moves),
        (max(1, people // 12), _leaves),
        (max(30, accounts), _something_comes_up),
        (max(1, accounts // 15), _rests),
        (1, _changes_much),
        (1, _directive_comes),
    ]
    diary: Diary = {from_on: [(time(9), _takes_holidays(from_on, until_on))]}
    days = [day for day in _days(from_on, until_on) if law.calendar.is_working_day(day)]
    for a_year, happening in planned:
        for _ in range(_share(a_year, (until_on - from_on).days, random) if days else 0):
            day, hour = random.choice(days), time(random.randrange(8, 16), random.randrange(60))
            diary.setdefault(day, []).append((hour, happening))
    for _ in range(_share(1, (until_on - from_on).days, random)):
        crisis_on = from_on + timedelta(days=random.randrange(max(1, len(days))))
        for later, happening in ((0, _crisis_comes), (4, _crisis_ends)):
            diary.setdefault(crisis_on + timedelta(days=later), []).append((time(7), happening))
    return diary


def _share(a_year: int, days: int, random: Random) -> int:
    """How often something comes in so many days that comes so often in a year."""
    whole, rest = divmod(a_year * days, _YEAR)
    return whole + (random.randrange(_YEAR) < rest)


def _days(from_on: date, until_on: date) -> Iterator[date]:
    for number in range((until_on - from_on).days):
        yield from_on + timedelta(days=number)


# ---------------------------------------------------------------- accounts


def _gets_an_administrator(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        found = one_of(session, year, law, now)
        new = year.random.choice(staff_of(session, year, now))
    if found is not None:
        given = about(found, email=new.email)
        attempt(year, lambda session: caring.ask_for_administrator(session, now, **given), now)


def _gets_a_guest(year: Year, law: Law, now: datetime) -> None:
    """Where the policy has guests at all: in an account that its rule is for."""
    rule = law.policy.rules.guest
    with reading(year.engine) as session:
        found = one_of(session, year, law, now, rule)
        guest = year.random.choice(staff_of(session, year, now))
    if rule is None or found is None:
        return
    since = law.day_of(now) + timedelta(days=21)
    given = about(found, email=guest.email)
    given |= {"since": since, "until": since + timedelta(days=rule.at_most_days)}
    attempt(year, lambda session: caring.ask_for_guest(session, now, **given), now)


def _is_to_close(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        found = one_of(session, year, law, now)
    if found is not None:
        why = "Verksamheten når målgruppen på annat sätt."
        given = about(found, reason=why)
        given["signed_in"] = played_sign_in(law, given["person_id"], now)
        attempt(year, lambda session: caring.ask_to_close(session, now, **given), now)


_LET_OFF = (AccountRoleKind.ADMINISTRATOR, AccountRoleKind.SUBSTITUTE, AccountRoleKind.RESPONSIBLE)


def _wants_to_be_let_off(year: Year, law: Law, now: datetime) -> None:
    """Somebody's role is to end; where too few would be left, the rule says no."""
    kind, year.let_off = _LET_OFF[year.let_off % len(_LET_OFF)], year.let_off + 1
    with reading(year.engine) as session:
        found = one_of(session, year, law, now)
        roles = people_now(session, found[0], [kind], law.day_of(now)) if found else []
    if found is None or not roles:
        return
    account, role = found[0], roles[0][0]
    given = about((account, found[1]), role_id=role.id or 0)
    if not attempt(year, lambda session: caring.end_role(session, now, **given), now):
        with reading(year.engine) as session:
            faults = faults_in(session, law, account, law.day_of(now), without=role.id)
        year.met(law, [fault.rule for fault in faults], now)


def _gets_an_address(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        found = one_of(session, year, law, now)
    if found is not None:
        address = f"https://konto.example.org/ny-{found[0].id}"
        given = about(found, address=address)
        attempt(year, lambda session: caring.change_address(session, now, **given), now)


def _moves(year: Year, law: Law, now: datetime) -> None:
    """Communications gives an account to another unit."""
    with reading(year.engine) as session:
        found = one_of(session, year, law, now)
        units = select(col(Unit.id)).where(col(Unit.municipality_id) == year.municipality_id)
        others = [one for one in session.execute(units.order_by(col(Unit.id))).scalars() if one]
        by_id = member_of(session, year, law.day_of(now))
    if found is not None:
        unit_id = year.random.choice([one for one in others if one != found[0].unit_id])
        given = about(found, person_id=by_id, unit_id=unit_id)
        attempt(year, lambda session: caring.change_unit(session, now, **given), now)


# ---------------------------------------------------------------- people


def _takes_holidays(from_on: date, until_on: date) -> Happening:
    """Everybody enters their weeks: three in summer, and one at another time."""

    def enter(year: Year, law: Law, now: datetime) -> None:
        with reading(year.engine) as session:
            rows = select(col(Person.id)).where(col(Person.municipality_id) == year.municipality_id)
            people = list(session.execute(rows.order_by(col(Person.id))).scalars())
        with work(year.engine, now) as session:
            for person_id in people:
                for begins, weeks in _weeks(year.random, from_on, until_on):
                    absences.enter(
                        session,
                        now,
                        by_id=person_id or 0,
                        from_on=begins,
                        until_on=begins + timedelta(weeks=weeks),
                        via=VIA,
                    )

    return enter


def _weeks(random: Random, from_on: date, until_on: date) -> list[tuple[date, int]]:
    summers = [
        date.fromisocalendar(year, random.randint(*_SUMMER), 1) for year in (from_on.year, until_on.year)
    ]
    begins = [(day, 3) for day in dict.fromkeys(summers)]
    other = from_on + timedelta(days=random.randrange(max(1, (until_on - from_on).days)))
    begins.append((other - timedelta(days=other.weekday()), 1))
    return [(day, weeks) for day, weeks in begins if from_on <= day < until_on]


def _leaves(year: Year, law: Law, now: datetime) -> None:
    """Somebody leaves in a month; communications says so, and who takes over."""
    with reading(year.engine) as session:
        person, successor = year.random.sample(staff_of(session, year, now), 2)
        by_id = member_of(session, year, law.day_of(now))
    last_on = law.day_of(now) + timedelta(days=30)
    given: dict[str, Any] = {"by_id": by_id, "person_id": person.id or 0, "last_on": last_on, "via": VIA}
    attempt(year, lambda session: leaving.ask(session, now, **given, all_to=successor.email), now)


# ---------------------------------------------------------------- what comes up


def _something_comes_up(year: Year, law: Law, now: datetime) -> None:
    """The kind of case that has come up least often, of those that the policy gives to an account."""
    with reading(year.engine) as session:
        found = one_of(session, year, law, now)
        kinds = kinds_for(law, facts_of(found[0]), law.day_of(now)) if found else []
        watchers = [one.email for one in staff_of(session, year, now)[:2]]
    if found is None or not kinds:
        return
    kind = min(kinds, key=lambda one: year.cases[one.name])
    year.cases[kind.name] += 1
    report = cases.Report(
        kind=kind.name,
        noticed_at=now - timedelta(hours=2),
        what="En besökare skrev något.",
        watcher_emails=watchers if CaseStep.WATCH in kind.steps else (),
    )
    given = about(found, report=report)
    attempt(year, lambda session: cases.open_case(session, now, **given), now)


def _rests(year: Year, law: Law, now: datetime) -> None:
    """Whoever answers for an account lets it rest over a season."""
    with reading(year.engine) as session:
        found = one_of(session, year, law, now)
    if found is not None:
        on = law.day_of(now)
        given = about(found)
        given |= {"from_on": on, "until_on": on + timedelta(days=70)}
        attempt(year, lambda session: resting.let_rest(session, now, **given), now)


def _changes_much(year: Year, law: Law, now: datetime) -> None:
    """An account gets another face, and somebody says so."""
    with reading(year.engine) as session:
        found = one_of(session, year, law, now)
    if found is not None:
        given = about(found)
        attempt(year, lambda session: documenting.tell_major_change(session, now, **given), now)


def _crisis_comes(year: Year, law: Law, now: datetime) -> None:
    """Everybody who is told reads what the policy says about the accounts in a crisis."""
    with reading(year.engine) as session:
        by_id = member_of(session, year, law.day_of(now))
        rows = select(Account).where(col(Account.state) == AccountState.ACTIVE).order_by(col(Account.id))
        for account in session.execute(rows).scalars():
            year.met(law, applying(law.policy.rules.crisis, facts_of(account), law.day_of(now)), now)
    given: dict[str, Any] = {"by_id": by_id, "message": "Stora delar av tätorten saknar vatten.", "via": VIA}
    attempt(year, lambda session: crises.begin(session, now, **given), now)


def _crisis_ends(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        by_id = member_of(session, year, law.day_of(now))
    attempt(year, lambda session: crises.end(session, now, by_id=by_id, via=VIA), now)


def _directive_comes(year: Year, law: Law, now: datetime) -> None:
    with reading(year.engine) as session:
        by_id = member_of(session, year, law.day_of(now))
    given: dict[str, Any] = {"person_id": by_id, "what": "En ny lag om tillgänglighet.", "via": VIA}
    attempt(year, lambda session: guideline_review.report_directive(session, now, **given), now)
