"""Of many rows the worst two hundred are shown in order, and all of them in the portal.

The desk: worst first, at most 200 rows, with a way to all of them (REQUIREMENTS 4.11). On both databases.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from sqlmodel import Session, col

from acts.overview_pages import IN_PREFECT, OVERVIEWS, Page
from lifecycle.law import Law, law_in_force
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Case,
    Observation,
    Person,
    PolicyVersion,
    Process,
    SightState,
    TaskKind,
    UserTask,
)
from runtime.database import writing
from tests.lifecycle.posted_town import REGULARLY
from tests.lifecycle.town import Town

SHOWN, COUNT = 200, 205
LONG_AGO = date(2026, 1, 1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Rank = int
"""A row's right place, from 0, whatever the order in which the rows came and whatever they are called."""
Each = Callable[[Rank], Mapping[str, Any]]


def shuffled() -> list[Rank]:
    ranks = list(range(COUNT))
    Random(7).shuffle(ranks)
    return ranks


def name_of(rank: Rank) -> str:
    """Names that stand in quite another order than the ranks."""
    return f"K{rank * 37 % COUNT:03}"


class Filled:
    """A municipality with an account for every rank, and what each overview is to sort."""

    def __init__(self, engine: Engine) -> None:
        self.town = Town(engine, {"opening": [], "posting": REGULARLY})
        self.now, self.of = self.town.now, self.town.municipality_id

    def law(self, session: Session) -> Law:
        return law_in_force(session, self.of, self.now)

    def accounts(self, session: Session, each: Each = lambda rank: {}) -> list[int]:
        """One account of each rank, by rank."""
        version = session.execute(select(col(PolicyVersion.id))).scalar_one()
        usual = {
            "municipality_id": self.of,
            "platform": "instagram",
            "state": AccountState.ACTIVE,
            "state_since": self.now,
            "policy_version_id": version,
            "opened_on": LONG_AGO,
            "red_reason": "",
            "missed_days": 0,
        }
        rows = [
            usual | {"name": name_of(rank), "flow_run_id": f"run-{name_of(rank)}"} | each(rank)
            for rank in shuffled()
        ]
        session.execute(insert(Account), rows)
        ids = {name: number for name, number in session.execute(select(col(Account.name), col(Account.id)))}
        return [ids[name_of(rank)] for rank in range(COUNT)]

    def tasks(self, session: Session, accounts: list[int], each: Callable[[Rank], Any]) -> None:
        """A task of each rank that has one."""
        usual = {
            "municipality_id": self.of,
            "process": Process.OPENING,
            "kind": TaskKind.DECIDE,
            "step": "prov",
            "modality": "must",
            "opened_at": self.now - 300 * DAY,
            "due_at": None,
            "escalated_at": None,
            "next_reminder_at": None,
            "reminders": 0,
        }
        rows = [(rank, each(rank)) for rank in shuffled()]
        session.execute(
            insert(UserTask),
            [usual | {"account_id": accounts[rank]} | row for rank, row in rows if row is not None],
        )

    def page(self, name: str, *, whole: bool) -> Page:
        with self.town.reading() as session:
            one = OVERVIEWS[name]
            make = one.whole if whole else one.make
            return make(session, self.law(session), self.now)


# ---------------------------------------------------------------- what there is to sort


def by_rank() -> list[str]:
    return [name_of(rank) for rank in range(COUNT)]


def register(it: Filled, session: Session) -> list[str]:
    """Red first, then by how many days nobody has looked, then by name."""
    red = [name_of(rank) for rank in range(100)]

    def each(rank: Rank) -> Mapping[str, Any]:
        return {"red_reason": "no_deputy" if rank < 100 else "", "missed_days": (COUNT - rank) // 5}

    it.accounts(session, each)
    days = {name_of(rank): (COUNT - rank) // 5 for rank in range(COUNT)}
    return sorted(by_rank(), key=lambda name: (name not in red, -days[name], name))


def today(it: Filled, session: Session) -> list[str]:
    """What stands still; then what has run out the longest, by deadline or by the ladder's end."""

    def stands(rank: Rank) -> Mapping[str, Any]:
        return {"red_reason": "no_deputy", "missed_days": 50 - rank} if rank < 50 else {}

    def asked(rank: Rank) -> Any:
        at, watch = it.now + (rank - 199) * HOUR, rank % 5 == 0
        if rank < 50:
            return None
        if rank % 2 and not watch:
            return {"escalated_at": at}
        late = {} if watch else {"escalated_at": it.now - rank * timedelta(minutes=1)}
        return {"kind": TaskKind.WATCH if watch else TaskKind.DECIDE, "due_at": at} | late

    it.tasks(session, it.accounts(session, stands), asked)
    return by_rank()


def decisions(it: Filled, session: Session) -> list[str]:
    """The fewest working days left first, ten with each number of them; then the one asked the earliest."""
    law = it.law(session)

    def each(rank: Rank) -> Any:
        left, within = rank // 10 - 4, rank % 10
        opened = {"opened_at": it.now - (rank // 10) * 10 * DAY - (10 - within) * HOUR}
        if rank >= SHOWN:
            return opened
        at = law.calendar.at(working_day(law, it.now, left), time(23))
        if rank % 2:
            return opened | {"kind": TaskKind.CONSULT, "due_at": at}
        return opened | ({"escalated_at": at} if left < 0 else {"next_reminder_at": at, "reminders": 2})

    it.tasks(session, it.accounts(session), each)
    return by_rank()


def working_day(law: Law, now: datetime, left: int) -> date:
    """The day so many working days ahead, or behind."""
    day, one = law.day_of(now), DAY if left > 0 else -DAY
    for _ in range(abs(left)):
        day += one
        while not law.calendar.is_working_day(day):
            day += one
    return day


def overdue(it: Filled, session: Session) -> list[str]:
    """What should have been done the longest ago; that somebody was told of it later changes nothing."""

    def each(rank: Rank) -> Any:
        at = it.now - (COUNT - rank) * HOUR
        if rank % 2:
            return {"escalated_at": at}
        return {"kind": TaskKind.CONFIRM_ITEM, "due_at": at, "escalated_at": it.now - rank * HOUR / 10}

    it.tasks(session, it.accounts(session), each)
    return by_rank()


def cases(it: Filled, session: Session) -> list[str]:
    """The least time left first, by the next step's time or the case's own; last those without a time."""
    accounts = it.accounts(session)

    def due_at(rank: Rank) -> datetime | None:
        return it.now + (rank - 50) * HOUR if rank < SHOWN else None

    usual = {"municipality_id": it.of, "kind": "hot", "label": "Hot", "noticed_at": it.now}
    rows = [
        usual
        | {
            "id": 1000 - rank if rank < SHOWN else rank,
            "account_id": accounts[rank],
            "opened_at": it.now - rank * DAY,
            "due_at": None if rank % 2 else due_at(rank),
        }
        for rank in shuffled()
    ]
    session.execute(insert(Case), rows)

    def step(rank: Rank) -> Any:
        handled = {"process": Process.CASE, "kind": TaskKind.HANDLE, "case_id": 1000 - rank}
        return handled | {"due_at": due_at(rank)} if rank % 2 and rank < SHOWN else None

    it.tasks(session, accounts, step)
    return by_rank()


def posting(it: Filled, session: Session) -> list[str]:
    """Too little first, then what nobody can tell; in each the one whose latest post is oldest first."""
    accounts = it.accounts(session)

    def look(rank: Rank) -> Mapping[str, Any]:
        old = it.now - (300 - rank) * DAY
        if rank == 0:
            return seen(SightState.EMPTY, it.now, 0, None)
        if rank < 100:
            return seen(SightState.EMPTY, it.now, 0, old)
        if rank < 150:
            return seen(SightState.OK, it.now - 100 * DAY, 1, old)
        return seen(SightState.OK, it.now, 1, it.now - 200 * HOUR + (rank - 150) * HOUR)

    def seen(state: SightState, at: datetime, count: int, latest_at: datetime | None) -> Mapping[str, Any]:
        since = {"since_at": at - 60 * DAY, "checked_at": at, "complete": True, "source": "provet"}
        return since | {"state": state, "count": count, "latest_at": latest_at}

    rows = [{"account_id": accounts[rank], **look(rank)} for rank in shuffled()]
    session.execute(insert(Observation), rows)
    return by_rank()


def without_deputy(it: Filled, session: Session) -> list[str]:
    """Nobody there now, then where somebody goes the soonest, then one alone; by name among equals."""
    accounts, on = it.accounts(session), date(2026, 12, 1)
    leaves = {n: on + (n + 2) * DAY if n < 7 else None for n in range(10)}
    people = [
        {"municipality_id": it.of, "name": f"P{n}", "email": f"p{n}@example.org", "left_on": left_on}
        for n, left_on in leaves.items()
    ]
    session.execute(insert(Person), people)
    ids = {name: number for name, number in session.execute(select(col(Person.name), col(Person.id)))}
    role = {"kind": AccountRoleKind.RESPONSIBLE, "asked_at": it.now, "since_on": LONG_AGO}
    held = {rank: rank * 3 % 10 for rank in range(60, COUNT)}
    rows = [{**role, "account_id": accounts[rank], "person_id": ids[f"P{n}"]} for rank, n in held.items()]
    session.execute(insert(AccountRole), rows)

    def place(rank: Rank) -> tuple[date, str]:
        return (leaves[held[rank]] or date.max) if rank in held else on, name_of(rank)

    return [name_of(rank) for rank in sorted(range(COUNT), key=place)]


FILLED: Mapping[str, Callable[[Filled, Session], list[str]]] = {
    "idag": today,
    "register": register,
    "beslut": decisions,
    "forsenat": overdue,
    "arenden": cases,
    "publicering": posting,
    "utan-ersattare": without_deputy,
}


def test_all_lists_that_may_be_long_are_tried() -> None:
    assert set(FILLED) == set(OVERVIEWS) - {"regler"}


@pytest.mark.parametrize("name", FILLED)
def test_of_many_rows_the_worst_are_shown_in_order_and_all_of_them_in_the_portal(
    engine: Engine, name: str
) -> None:
    it = Filled(engine)
    with writing(engine) as session:
        expected = FILLED[name](it, session)
    page, whole = it.page(name, whole=False), it.page(name, whole=True)
    assert accounts_in(page) == expected[:SHOWN]
    assert (page.total, whole.total) == (COUNT, COUNT)
    assert accounts_in(whole) == expected
    assert str(COUNT) in page.says or name in ("idag", "publicering")
    place = list(page.columns).index(IN_PREFECT)
    assert [row[place].run_id for row in page.rows] == [f"run-{one}" for one in expected[:SHOWN]]


def accounts_in(page: Page) -> list[str]:
    place = list(page.columns).index("Konto")
    assert all(row[place].place.startswith("konto/") for row in page.rows)
    return [row[place].text.removeprefix("Instagram ”").removesuffix("”") for row in page.rows]
