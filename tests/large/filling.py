"""Many municipalities with many accounts, written fast; whatever is one's own bears one's own mark.

A mark stands in every name, address and text of a municipality, so that one look at anything that leaves
Kanalvakt tells whose it holds.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import Session, col

from acts.municipalities import NewMunicipality, add_municipality
from acts.work import work
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.policy_versions import versions_of
from models import (
    Account,
    AccountClass,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Observation,
    Person,
    PostHolder,
    SightState,
    Unit,
    UnitLevel,
)
from policies.keys import Role
from policies.loading import Content, content_of, load_policy

MARK = re.compile(r"qx(\d{4})q", re.IGNORECASE)
UNASKED = "haninge"
"""Its guideline asks for no watch (REQUIREMENTS 1, the row "Watch"): nobody is asked there."""
POLICIES = ("mall", "tibro", "tomelilla", UNASKED, "nassjo", "skurup")
UNITS, ADMINISTRATORS = 6, 18
PLATFORMS = ("facebook", "instagram", "linkedin", "youtube", "tiktok", "bluesky")
BY = By(None, "import")
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Filled:
    """A municipality and what was written of it."""

    number: int
    municipality_id: int
    policy: str
    accounts: int
    administrators: Sequence[int]
    """Their ids; all of them administer some account."""
    communications_id: int

    @property
    def mark(self) -> str:
        return mark_of(self.number)

    @property
    def slug(self) -> str:
        return self.mark

    @property
    def is_watched(self) -> bool:
        return self.policy != UNASKED


def mark_of(number: int) -> str:
    """As it stands in addresses; names begin it with a capital letter."""
    return f"qx{number:04d}q"


def marks_in(text: str) -> set[str]:
    """The marks of all municipalities that a text holds something of."""
    return {found.group(0).lower() for found in MARK.finditer(text)}


def fill(
    engine: Engine, municipalities: int, accounts: int, now: datetime, with_news: int = 0
) -> Iterator[Filled]:
    """Municipalities with so many open accounts among them, as equally as goes; each when it is written.

    `with_news` of the accounts have something that their run has not seen, so that they get one.
    """
    contents = {name: content_of(load_policy(name)) for name in POLICIES}
    for number in range(municipalities):
        policy = POLICIES[number % len(POLICIES)]
        own, news = _part(accounts, municipalities, number), _part(with_news, municipalities, number)
        with work(engine, now) as session:
            filled = _fill_one(session, number, policy, contents[policy], own, news, now)
        yield filled


def _part(of: int, among: int, number: int) -> int:
    return of // among + (number < of % among)


def _fill_one(
    session: Session, number: int, policy: str, content: Content, accounts: int, news: int, now: datetime
) -> Filled:
    mark = mark_of(number)
    added = add_municipality(
        session,
        NewMunicipality(
            slug=mark,
            name=f"{mark.capitalize()} kommun",
            mail_domains=[f"{mark}.example.org"],
            sender_address=f"kanalvakt@{mark}.example.org",
            registry_address=f"registrator@{mark}.example.org",
            notice_address=f"kommunikation@{mark}.example.org",
        ),
        content,
        BY,
        now,
    )
    assert added.id is not None
    filler = _Filler(session, added.id, mark, now)
    units, people = filler.organisation()
    version = _version_of(session, added.id)
    ids = filler.accounts(accounts, news, units, version)
    filler.roles(ids, people)
    facts = {"rows": accounts}
    record(session, EventKind.IMPORTED, now, municipality_id=added.id, by=BY, facts=facts)
    return Filled(number, added.id, policy, accounts, people[1 + UNITS :], people[0])


def _version_of(session: Session, municipality_id: int) -> int:
    [version] = versions_of(session, municipality_id)
    return version.id or 0


@dataclass(frozen=True)
class _Filler:
    session: Session
    municipality_id: int
    mark: str
    now: datetime

    def organisation(self) -> tuple[list[int], list[int]]:
        """Units with a line manager each; of the people communications is first, then come those managers."""
        people = self._insert(Person, [self._person(one) for one in range(1 + UNITS + ADMINISTRATORS)])
        units = self._insert(Unit, [self._unit(one, people[1 + one]) for one in range(UNITS)])
        roles = (Role.COMMUNICATIONS, Role.COMMUNICATIONS_DIRECTOR, Role.REGISTRY, Role.CRISIS_ORGANISATION)
        posts = [
            {"municipality_id": self.municipality_id, "role": role.value, "person_id": people[0]}
            for role in roles
        ]
        self.session.execute(insert(PostHolder), posts)
        return units, people

    def _person(self, number: int) -> dict[str, Any]:
        return {
            "municipality_id": self.municipality_id,
            "name": f"Kim {self.mark.capitalize()} {number}",
            "email": f"kim.{number}@{self.mark}.example.org",
            "title": f"Titel {self.mark}",
        }

    def _unit(self, number: int, line_manager_id: int) -> dict[str, Any]:
        return {
            "municipality_id": self.municipality_id,
            "code": f"e{number}",
            "name": f"Enhet {number} {self.mark.capitalize()}",
            "level": UnitLevel.UNIT,
            "line_manager_id": line_manager_id,
        }

    def accounts(self, count: int, news: int, units: Sequence[int], version_id: int) -> list[int]:
        """Open ones, taken over long ago."""
        rows = [self._account(one, units[one % UNITS], version_id, one < news) for one in range(count)]
        ids = self._insert(Account, rows)
        looks = [self._look(one, row["address"]) for one, row in zip(ids, rows, strict=True)]
        self.session.execute(insert(Observation), looks)
        return ids

    def _account(self, number: int, unit_id: int, version_id: int, has_news: bool) -> dict[str, Any]:
        platform = PLATFORMS[number % len(PLATFORMS)]
        key = f"{platform}.com/{self.mark}.{number}"
        return {
            "municipality_id": self.municipality_id,
            "unit_id": unit_id,
            "account_class": AccountClass.UNIT,
            "platform": platform,
            "name": f"Konto {number} {self.mark.capitalize()}",
            "address": f"https://www.{key}",
            "address_key": key,
            "purpose": f"Berättar om det som händer hos {self.mark}.",
            "target_group": f"Boende i {self.mark}",
            "state": AccountState.ACTIVE,
            "state_since": self.now,
            "policy_version_id": version_id,
            "opened_on": date(2024, 1, 15),
            "log_in_kept_at": f"Kassaskåpet hos {self.mark}",
            "imported": True,
            "seen_at": self.now - A_DAY,
            "posted_at": self.now - A_DAY,
            "news": int(has_news),
        }

    def _look(self, account_id: int, address: str) -> dict[str, Any]:
        """What was seen there the day before."""
        return {
            "account_id": account_id,
            "state": SightState.OK,
            "checked_at": self.now - A_DAY,
            "count": 1,
            "latest_at": self.now - A_DAY,
            "latest_url": f"{address}/1",
            "source": "feed",
        }

    def roles(self, accounts: Sequence[int], people: Sequence[int]) -> None:
        """One responsible and two administrators for each account."""
        managers, rest = people[1 : 1 + UNITS], people[1 + UNITS :]
        rows = []
        for number, account_id in enumerate(accounts):
            rows.append(self._role(account_id, managers[number % UNITS], AccountRoleKind.RESPONSIBLE))
            for one in (number, number + 1 + number // ADMINISTRATORS % (ADMINISTRATORS - 1)):
                person = rest[one % ADMINISTRATORS]
                rows.append(self._role(account_id, person, AccountRoleKind.ADMINISTRATOR))
        self.session.execute(insert(AccountRole), rows)

    def _role(self, account_id: int, person_id: int, kind: AccountRoleKind) -> dict[str, Any]:
        return {
            "account_id": account_id,
            "person_id": person_id,
            "kind": kind,
            "asked_at": self.now,
            "assigned_on": date(2024, 1, 15),
            "since_on": date(2024, 1, 15),
        }

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> list[int]:
        """Their ids, in the order of the rows."""
        statement = insert(table).returning(col(table.id), sort_by_parameter_order=True)
        return list(self.session.execute(statement, rows).scalars())
