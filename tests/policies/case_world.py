"""The invented municipality on a database in memory, made once and copied for each case."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from sqlite3 import Connection
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from acts.policies import adopt
from acts.work import work
from lifecycle.events import By
from models import Municipality, Person, PostHolder, Unit, UnitLevel
from policies.loading import Content
from runtime.database import make_engine
from tests.database_fixtures import create_tables
from tests.policies.case_format import FOLDER, content_of_file

ZONE = ZoneInfo("Europe/Stockholm")
_BUILT_AT = datetime(2026, 1, 2, 8, tzinfo=UTC)
_MOST_KEPT = 80


def instant_of(moment: str) -> datetime:
    """The instant of "2026-12-01 09:00" in the municipality's own time."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE).astimezone(UTC)


def moment_of(instant: datetime) -> str:
    """The reverse."""
    return f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class World:
    """The template, and who has which row in it."""

    engine: Engine
    empty: bytes
    municipality_id: int
    people: Mapping[str, int]
    units: Mapping[str, int]
    said: Mapping[str, Any]

    @property
    def names(self) -> dict[int, str]:
        """People by row."""
        return {row: name for name, row in self.people.items()}

    def address(self, who: str) -> str:
        """Somebody's work address."""
        return f"{who}@{self.said['domain']}"


def _connection(engine: Engine) -> Connection:
    pooled = engine.raw_connection()
    connection = cast(Connection, pooled.driver_connection)
    pooled.close()
    return connection


@lru_cache(maxsize=1)
def world() -> World:
    """The municipality with its units, people and posts, and no policy yet."""
    engine = make_engine("sqlite://")
    create_tables(engine)
    said = content_of_file(FOLDER / "world.yaml")
    with Session(engine) as session:
        municipality = Municipality(
            slug="exempelby",
            name=said["name"],
            mail_domains=[said["domain"]],
            sender_address=f"kanalvakt@{said['domain']}",
        )
        session.add(municipality)
        session.flush()
        assert municipality.id is not None
        people = _enter_people(session, municipality.id, said)
        units = _enter_units(session, municipality.id, said, people)
        for role, names in said["posts"].items():
            for name in names:
                session.add(
                    PostHolder(municipality_id=municipality.id, role=role, person_id=people[name].id or 0)
                )
        session.commit()
        rows = {name: person.id or 0 for name, person in people.items()}
        numbers = {code: unit.id or 0 for code, unit in units.items()}
        return World(engine, _connection(engine).serialize(), municipality.id or 0, rows, numbers, said)


def _enter_people(session: Session, municipality_id: int, said: Mapping[str, Any]) -> dict[str, Person]:
    people = {
        key: Person(
            municipality_id=municipality_id,
            name=one["name"],
            title=one["title"],
            email=f"{key}@{said['domain']}",
        )
        for key, one in said["people"].items()
    }
    session.add_all(people.values())
    session.flush()
    return people


def _enter_units(
    session: Session, municipality_id: int, said: Mapping[str, Any], people: Mapping[str, Person]
) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for code, one in said["units"].items():
        parent = units.get(one.get("parent", ""))
        units[code] = Unit(
            municipality_id=municipality_id,
            code=code,
            name=one["name"],
            level=UnitLevel(one["level"]),
            parent_id=parent.id if parent else None,
            line_manager_id=people[one["manager"]].id,
        )
        session.add(units[code])
        session.flush()
    for key, one in said["people"].items():
        people[key].unit_id = units[one["unit"]].id
    session.flush()
    return units


def lay_out(content: Content) -> World:
    """Puts the municipality, with a policy adopted, into the database, whatever was there before."""
    place = world()
    _connection(place.engine).deserialize(place.empty)
    with work(place.engine, _BUILT_AT) as session:
        adopt(session, place.municipality_id, content, By(None, "cli"), _BUILT_AT)
    return place


@dataclass(frozen=True)
class Kept:
    """A database as it stood, and the number of the account in it that a case is about."""

    database: bytes
    account_id: int


_kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()


def take_up(policy: str, given: str) -> int | None:
    """The database as kept for the same policy and facts, and the account in it; None if it was not kept."""
    kept = _kept.get((policy, given))
    if kept is None:
        return None
    _kept.move_to_end((policy, given))
    _connection(world().engine).deserialize(kept.database)
    return kept.account_id


def keep(policy: str, given: str, account_id: int) -> None:
    """Keeps the database as it stands, for the next case with the same policy and facts."""
    _kept[policy, given] = Kept(_connection(world().engine).serialize(), account_id)
    if len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)
