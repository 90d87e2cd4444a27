"""Counting what was written down: who got how much each week, what closed, what was late, what stood red."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.events import EventKind
from lifecycle.law import Law
from models import (
    Account,
    AccountRole,
    AccountState,
    AuditEvent,
    Person,
    PostHolder,
    TaskState,
    Unit,
    UserTask,
)
from policies.keys import Role
from policies.naming import role_name
from simulation.estimate import LETTER, minutes_of
from simulation.ledger import Ledger

SHARED = "Gemensam brevlåda"
_POSTS = (
    Role.COMMUNICATIONS_DIRECTOR,
    Role.COMMUNICATIONS,
    Role.REGISTRY,
    Role.CRISIS_ORGANISATION,
    Role.WORKING_COMMITTEE,
    Role.EXECUTIVE_BOARD,
)
"""A person counts as the first of these that they hold."""
_OTHERS = "Övriga"


def roles_of(session: Session, law: Law) -> dict[int, str]:
    """What each person is counted as: their post, else that they lead, else that they keep accounts."""
    own = law.municipality_id
    people = select(col(Person.id)).where(col(Person.municipality_id) == own).order_by(col(Person.id))
    leads = select(col(Unit.line_manager_id)).where(col(Unit.municipality_id) == own)
    keeps = select(col(AccountRole.person_id)).join(Account).where(col(Account.municipality_id) == own)
    posts: dict[int, set[str]] = {}
    rows = select(col(PostHolder.person_id), col(PostHolder.role)).where(
        col(PostHolder.municipality_id) == own
    )
    for person_id, role in session.execute(rows):
        posts.setdefault(person_id, set()).add(role)
    led_by, keepers = set(session.execute(leads).scalars()), set(session.execute(keeps).scalars())
    return {
        one or 0: _role_of(law, posts.get(one or 0, set()), one in led_by, one in keepers)
        for one in session.execute(people).scalars()
    }


def _role_of(law: Law, posts: set[str], leads: bool, keeps: bool) -> str:
    held = next((role for role in _POSTS if role.value in posts), None)
    if held is None and leads:
        held = Role.LINE_MANAGER
    if held is None and keeps:
        held = Role.ADMINISTRATOR
    name = role_name(law.policy, held) if held else _OTHERS
    return name[:1].upper() + name[1:]


@dataclass(frozen=True)
class Week:
    """What one role got and did in a week, all its people together."""

    monday: date
    role: str
    letters: int = 0
    tasks: int = 0
    clicks: int = 0
    minutes: float = 0.0

    def plus(self, letters: int = 0, tasks: int = 0, clicks: int = 0, minutes: float = 0.0) -> "Week":
        return Week(
            self.monday,
            self.role,
            self.letters + letters,
            self.tasks + tasks,
            self.clicks + clicks,
            self.minutes + minutes,
        )


def weeks_of(ledger: Ledger, roles: Mapping[int, str], law: Law) -> list[Week]:
    """Week by week and role by role. A task counts once for each of those who hold it."""
    found: dict[tuple[date, str], Week] = {}

    def add(at: datetime, person_id: int | None, **more: float) -> None:
        day = law.day_of(at)
        role = SHARED if person_id is None else roles.get(person_id, _OTHERS)
        place = (day - timedelta(days=day.weekday()), role)
        found[place] = found.get(place, Week(*place)).plus(**more)  # type: ignore[arg-type]

    for letter in ledger.letters:
        add(letter.at, letter.person_id, letters=1, minutes=LETTER)
    for task in ledger.tasks:
        for holder in task.holders:
            add(task.at, holder, tasks=1)
    for click in ledger.clicks:
        add(click.at, click.person_id, clicks=click.count, minutes=minutes_of(click.kind, click.count))
    return [found[place] for place in sorted(found)]


@dataclass(frozen=True)
class Load:
    """What a role comes to over the whole time, for each of its people and week."""

    role: str
    people: int
    letters: float
    tasks: float
    minutes: float
    worst_week: int
    """Letters to the whole role in its fullest week."""
    worst_monday: date


def loads_of(weeks: Sequence[Week], roles: Mapping[int, str], days: int) -> list[Load]:
    """Role by role, the fullest first."""
    sizes = Counter(roles.values()) | Counter({SHARED: 1})
    loads = [
        _load(role, [one for one in weeks if one.role == role], sizes[role], days) for role in sorted(sizes)
    ]
    return sorted((one for one in loads if one), key=lambda load: (-load.letters, load.role))


def _load(role: str, weeks: Sequence[Week], people: int, days: int) -> Load | None:
    if not weeks:
        return None
    share = people * days / 7
    worst = max(weeks, key=lambda week: (week.letters, -week.monday.toordinal()))
    return Load(
        role,
        people,
        sum(week.letters for week in weeks) / share,
        sum(week.tasks for week in weeks) / share,
        sum(week.minutes for week in weeks) / share,
        worst.letters,
        worst.monday,
    )


def fullest_day(ledger: Ledger, law: Law) -> tuple[int, date, int] | None:
    """The most letters that one person got on one day: how many, when, who."""
    counted = Counter(
        (law.day_of(letter.at), letter.person_id) for letter in ledger.letters if letter.person_id is not None
    )
    if not counted:
        return None
    (day, person_id), count = min(counted.items(), key=lambda item: (-item[1], item[0]))
    return count, day, person_id


# ---------------------------------------------------------------- accounts


@dataclass(frozen=True)
class Closure:
    """An account whose life ended, or that is on its way there."""

    account_id: int
    name: str
    state: str
    on: date
    reason: str


_ENDS = (
    AccountState.CLOSING,
    AccountState.CLOSED,
    AccountState.DECLINED,
    AccountState.WITHDRAWN,
    AccountState.LAPSED,
)


def closures_of(session: Session, law: Law, from_on: date) -> list[Closure]:
    """Accounts and applications that ended from a day on, the first first."""
    rows = select(Account).where(
        col(Account.municipality_id) == law.municipality_id, col(Account.state).in_(_ENDS)
    )
    accounts = session.execute(rows.order_by(col(Account.state_since), col(Account.id))).scalars()
    return [
        Closure(one.id or 0, one.name, one.state.value, law.day_of(one.state_since), one.closing_reason)
        for one in accounts
        if law.day_of(one.state_since) >= from_on
    ]


@dataclass(frozen=True)
class Red:
    """A time during which an account stood red."""

    account_id: int
    reason: str
    from_on: date
    until_on: date | None
    """Empty when it still does."""
    days: int


def reds_of(session: Session, law: Law, end_on: date) -> list[Red]:
    """Every such time, the longest first."""
    rows = (
        select(AuditEvent)
        .where(
            col(AuditEvent.municipality_id) == law.municipality_id,
            col(AuditEvent.kind).in_([EventKind.STANDS_RED.value, EventKind.RED_CLEARED.value]),
        )
        .order_by(col(AuditEvent.number))
    )
    since: dict[int, tuple[str, date]] = {}
    found: list[Red] = []
    for event in session.execute(rows).scalars():
        account_id, day = event.account_id or 0, law.day_of(event.at)
        if account_id in since:
            reason, began = since.pop(account_id)
            found.append(Red(account_id, reason, began, day, (day - began).days))
        if event.kind == EventKind.STANDS_RED.value:
            since[account_id] = (event.facts["reason"], day)
    found += [Red(one, reason, on, None, (end_on - on).days) for one, (reason, on) in since.items()]
    return sorted(found, key=lambda red: (-red.days, red.account_id, red.from_on))


@dataclass(frozen=True)
class Late:
    """What was not done in time."""

    escalated: Counter[str]
    """By kind: questions that nobody answered before they were told to somebody else."""
    missed_days: int
    watch_days: int
    still_open: Counter[str]
    """By kind: open at the end, and told to somebody else."""


def late_of(session: Session, law: Law, ledger: Ledger, from_at: datetime) -> Late:
    """What the ladders came to."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == law.municipality_id, col(UserTask.escalated_at) >= from_at
    )
    escalated = list(session.execute(rows.order_by(col(UserTask.id))).scalars())
    missed = select(AuditEvent).where(
        col(AuditEvent.municipality_id) == law.municipality_id,
        col(AuditEvent.kind) == EventKind.WATCH_MISSED.value,
        col(AuditEvent.at) >= from_at,
    )
    return Late(
        Counter(task.kind.value for task in escalated),
        sum(event.facts["count"] for event in session.execute(missed).scalars()),
        sum(1 for task in ledger.tasks if task.kind == "watch"),
        Counter(task.kind.value for task in escalated if task.state is TaskState.OPEN),
    )


def unknown_kinds(ledger: Ledger, answered: Sequence[str]) -> Counter[str]:
    """Tasks of kinds that the simulated people do not know how to answer."""
    return Counter(task.kind for task in ledger.tasks if task.kind not in answered)
