"""Municipalities full of open accounts, written in bulk: two administrators each, a life that goes on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Engine, func, insert, select
from sqlmodel import Session, SQLModel

from acts.policies import adopt
from acts.work import work
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Municipality,
    Observation,
    Person,
    Plan,
    PostHolder,
    SightState,
    Unit,
    UnitLevel,
)
from policies.loading import content_of, load_policy

EARLIER = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
"""When the municipalities began to use Kanalvakt."""
MORNING = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
"""A Tuesday in November, a little past eight in Stockholm: a working day with nothing of the year's own."""
POSTS = ("communications", "communications", "communications_director")
PLATFORMS = ("facebook", "instagram", "linkedin", "youtube", "tiktok", "threads", "bluesky", "flickr")
BATCH = 5000
EDITIONS = {one.document: one.edition for one in load_policy("mall").rules.documents}
"""What everyone has acknowledged."""
UNITS_FOR = 20
"""So many accounts share a unit."""


@dataclass(frozen=True)
class Size:
    """How many accounts, evenly among how many municipalities."""

    accounts: int
    municipalities: int = 1

    def shares(self) -> list[int]:
        """Accounts of each municipality."""
        share, more = divmod(self.accounts, self.municipalities)
        return [share + (number < more) for number in range(self.municipalities)]

    def __str__(self) -> str:
        among = f" in {self.municipalities} municipalities" if self.municipalities > 1 else ""
        return f"{self.accounts:,} accounts{among}"


def fill(engine: Engine, size: Size) -> None:
    """So many open accounts. There are as many people: everyone administers two accounts, with two others."""
    content = content_of(load_policy("mall"))
    for number, share in enumerate(size.shares()):
        with work(engine, EARLIER) as session:
            municipality_id = _begin(session, number)
            version = adopt(session, municipality_id, content, By(None, "cli"), EARLIER)
            _add_accounts(session, municipality_id, version.id or 0, share)


def _begin(session: Session, number: int) -> int:
    slug = f"k{number}"
    municipality = Municipality(
        slug=slug,
        name=f"Exempel {number}",
        mail_domains=[f"{slug}.example.org"],
        sender_address=f"kanalvakt@{slug}.example.org",
        notice_address=f"kommunikation@{slug}.example.org",
    )
    session.add(municipality)
    session.flush()
    return municipality.id or 0


def _add_accounts(session: Session, municipality_id: int, version_id: int, count: int) -> None:
    unit, person, account = (_highest(session, table) for table in (Unit, Person, Account))
    town = _Town(municipality_id, version_id, count, unit, person, account)
    for table, rows in town.tables():
        _insert(session, table, rows)
    by, facts = By(None, "import"), {"rows": count}
    record(session, EventKind.IMPORTED, EARLIER, municipality_id=municipality_id, by=by, facts=facts)


def _highest(session: Session, table: type[Any]) -> int:
    return int(session.execute(select(func.coalesce(func.max(table.id), 0))).scalar_one())


def _insert(session: Session, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(rows, BATCH)):
        session.execute(insert(table), batch)


@dataclass(frozen=True)
class _Town:
    """The rows of one municipality; ids begin after those of the tables."""

    municipality_id: int
    version_id: int
    count: int
    unit: int
    person: int
    account: int

    def tables(self) -> list[tuple[type[SQLModel], Iterator[dict[str, Any]]]]:
        """Parents first."""
        return [
            (Unit, self._units()),
            (Person, self._people()),
            (PostHolder, self._posts()),
            (Account, self._accounts()),
            (AccountRole, self._roles()),
            (Plan, self._plans()),
            (Observation, self._looks()),
        ]

    def _units(self) -> Iterator[dict[str, Any]]:
        for number in range(1 + self.count // UNITS_FOR):
            yield {
                "id": self.unit + 1 + number,
                "municipality_id": self.municipality_id,
                "code": f"e{number}",
                "name": f"Enhet {number}",
                "level": UnitLevel.UNIT if number else UnitLevel.MUNICIPALITY,
                "parent_id": self.unit + 1 if number else None,
            }

    def _unit_of(self, number: int) -> int:
        return self.unit + 1 + number // UNITS_FOR

    def _person_id(self, number: int) -> int:
        return self.person + 1 + number % self.count

    def _people(self) -> Iterator[dict[str, Any]]:
        for number in range(self.count):
            yield {
                "id": self._person_id(number),
                "municipality_id": self.municipality_id,
                "name": f"Person {number}",
                "email": f"person.{number}@k{self.municipality_id}.example.org",
                "title": "kommunikatör",
                "unit_id": self._unit_of(number),
            }

    def _posts(self) -> Iterator[dict[str, Any]]:
        for number, role in enumerate(POSTS):
            person_id = self._person_id(number)
            yield {"municipality_id": self.municipality_id, "role": role, "person_id": person_id}

    def _accounts(self) -> Iterator[dict[str, Any]]:
        for number in range(self.count):
            yield self._account(number)

    def _account(self, number: int) -> dict[str, Any]:
        platform, name = PLATFORMS[number % len(PLATFORMS)], f"konto-{self.municipality_id}-{number}"
        key = f"{platform}.example.org/{name}"
        return {
            "id": self.account + 1 + number,
            "municipality_id": self.municipality_id,
            "unit_id": self._unit_of(number),
            "platform": platform,
            "name": name,
            "address": f"https://{key}",
            "address_key": key,
            "purpose": "Berättar om det som händer i verksamheten och svarar på frågor.",
            "target_group": "Boende i närheten",
            "state": AccountState.ACTIVE,
            "state_since": EARLIER,
            "policy_version_id": self.version_id,
            "applicant_id": self._person_id(number),
            "plan_version": 1,
            "imported": True,
            "opened_on": self._opened_on(number),
            "log_in_kept_at": "Kommunens lösenordsvalv",
            "watched_on": (MORNING - timedelta(days=1)).date(),
            "posted_at": MORNING - timedelta(days=1),
            "seen_at": MORNING - timedelta(hours=2),
        }

    def _opened_on(self, number: int) -> date:
        """Spread over a year, so that as many as on any day fall due for what is done once a year."""
        return MORNING.date() - timedelta(days=number % 365)

    def _roles(self) -> Iterator[dict[str, Any]]:
        for number in range(self.count):
            for person, kind in ((0, "administrator"), (1, "administrator"), (0, "responsible")):
                yield {
                    "account_id": self.account + 1 + number,
                    "person_id": self._person_id(number + person),
                    "kind": AccountRoleKind(kind),
                    "asked_at": EARLIER,
                    "assigned_on": self._opened_on(number),
                    "since_on": self._opened_on(number),
                    "acknowledged_at": EARLIER,
                    "editions": EDITIONS,
                }

    def _plans(self) -> Iterator[dict[str, Any]]:
        for number in range(self.count):
            yield {
                "account_id": self.account + 1 + number,
                "version": 1,
                "answers": {"goals": "Hundra fler besökare före årets slut.", "key_figures": "Följare."},
                "saved_at": EARLIER,
                "sent_at": EARLIER,
            }

    def _looks(self) -> Iterator[dict[str, Any]]:
        for number in range(self.count):
            yield {
                "account_id": self.account + 1 + number,
                "state": SightState.OK,
                "since_at": MORNING - timedelta(days=15),
                "checked_at": MORNING - timedelta(hours=2),
                "count": 5,
                "latest_at": MORNING - timedelta(days=1),
                "source": "feed",
            }
