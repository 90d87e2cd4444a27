"""The invented municipality: its units, people and accounts, entered by the same imports that people use."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts.importing import Report, import_accounts, import_organisation
from acts.municipalities import NewMunicipality, add_municipality
from acts.spreadsheets import read_table
from acts.work import work
from lifecycle.events import By
from models import Account, Municipality, Person
from policies.loading import Content
from runtime.database import reading
from simulation.characters import Character, Life, accounts_like, people_like

DOMAIN = "exempelby.example.org"
PEOPLE_AT_LEAST = 10
_LEADERS_FROM = 5
"""Place in the list of people of the first who leads a department."""
_BY = By(None, "import")

_FIRST = (
    "Anna Erik Maria Lars Karin Amina Johan Eva Mikael Fatima Per Sara Oskar Ingrid Ali Helena Jonas "
    "Birgitta Daniel Lena Mehmet Kristina Peter Emma Nils Sofia Anders Jasmin Gustav Ulla"
)
_LAST = (
    "Lindqvist Holm Rahimi Berg Sandberg Nyman Warsame Ek Dahl Lund Hedlund Åkesson Björk Strand Forsman "
    "Östlund Haddad Sjöberg Norén Ahlberg Kovacs Wikström Ström Engman Falk Grahn Viklund Moberg Öberg"
)
_OPERATIONS = "Kultur Fritid Förskola Gymnasium Äldreomsorg Näringsliv Samhällsbyggnad"
_UNITS = (
    "Biblioteket Badhuset Kulturskolan Turistbyrån Ungdomsgården Konsthallen Räddningstjänsten Återbruket "
    "Idrottshallen Museet Parkenheten Växthuset Simskolan Familjecentralen Återvinningen Kostenheten"
)
_PLATFORMS = ("Facebook", "Instagram", "Facebook", "Instagram", "Facebook", "LinkedIn", "YouTube", "X")
"""In turn: what a municipality has. TikTok and others are new to it."""


@dataclass(frozen=True)
class Place:
    """One row of the people file, with the unit that they lead."""

    title: str
    unit: str
    leads: str = ""
    posts: str = ""
    substitute: int | None = None


@dataclass(frozen=True)
class UnitRow:
    """One row of the units file."""

    code: str
    name: str
    level: str
    parent: str


@dataclass
class Town:
    """What the simulation knows of its municipality besides the database."""

    municipality_id: int
    people: dict[int, Character]
    accounts: dict[int, Life]


def found(
    engine: Engine, content: Content, *, people: int, accounts: int, random: Random, now: datetime
) -> Town:
    """Enter a municipality under a policy, with so many people and accounts that exist already."""
    units, places = _organisation(people)
    names = _names(people, random)
    with work(engine, now) as session:
        new = NewMunicipality(
            slug="exempelby",
            name="Exempelby kommun",
            mail_domains=[DOMAIN],
            sender_address=f"kanalvakt@{DOMAIN}",
            registry_address=f"registrator@{DOMAIN}",
            notice_address=f"kommunikation@{DOMAIN}",
        )
        municipality = add_municipality(session, new, content, _BY, now)
        _enter_organisation(session, municipality, units, places, names, now)
        _enter_accounts(session, municipality, units, places, names, accounts, random, now)
        municipality_id = municipality.id or 0
    return _with_characters(engine, municipality_id, random)


def _with_characters(engine: Engine, municipality_id: int, random: Random) -> Town:
    with reading(engine) as session:
        people = session.execute(select(col(Person.id)).order_by(col(Person.id))).scalars().all()
        accounts = session.execute(select(col(Account.id)).order_by(col(Account.id))).scalars().all()
    likes, lives = people_like(len(people), random), accounts_like(len(accounts), random)
    return Town(
        municipality_id,
        {one or 0: like for one, like in zip(people, likes, strict=True)},
        {one or 0: life for one, life in zip(accounts, lives, strict=True)},
    )


# ---------------------------------------------------------------- units and people


def _organisation(count: int) -> tuple[list[UnitRow], list[Place]]:
    """A tree that is as wide as there are people to lead it: departments, operations, units, and staff."""
    departments, operations, workplaces = max(1, count // 10), max(1, count // 8), max(1, count // 5)
    units = [UnitRow("KOM", "Exempelby kommun", "kommun", "")]
    units += [UnitRow(f"F{n}", f"Förvaltning {n}", "förvaltning", "KOM") for n in range(1, departments + 1)]
    units.append(UnitRow("KOMM", "Kommunikationsenheten", "enhet", "F1"))
    for number in range(1, operations + 1):
        name = _named(_OPERATIONS, number)
        units.append(UnitRow(f"V{number}", name, "verksamhet", f"F{(number - 1) % departments + 1}"))
    for number in range(1, workplaces + 1):
        name = _named(_UNITS, number)
        units.append(UnitRow(f"E{number}", name, "enhet", f"V{(number - 1) % operations + 1}"))
    return units, _places(count, departments, operations, workplaces)


def _named(words: str, number: int) -> str:
    names = words.split()
    again = (number - 1) // len(names)
    return names[(number - 1) % len(names)] + (f" {again + 1}" if again else "")


def _places(count: int, departments: int, operations: int, workplaces: int) -> list[Place]:
    places = [
        Place("kommundirektör", "KOM", "KOM", "krisorganisation, kommunstyrelse", substitute=5),
        Place("kommunikationschef", "KOMM", "KOMM", "kommunikationschef, kommunikation", substitute=2),
        Place("kommunikatör", "KOMM", posts="kommunikation, krisorganisation", substitute=3),
        Place("kommunikatör", "KOMM", posts="kommunikation", substitute=2),
        Place("registrator", "F1", posts="registrator"),
    ]
    leaders = [("förvaltningschef", f"F{n}") for n in range(1, departments + 1)]
    leaders += [("verksamhetschef", f"V{n}") for n in range(1, operations + 1)]
    leaders += [("enhetschef", f"E{n}") for n in range(1, workplaces + 1)]
    for title, unit in leaders:
        posts = "arbetsutskott" if unit == "F1" else ""
        before = len(places) - 1
        places.append(Place(title, unit, unit, posts, substitute=before if before >= _LEADERS_FROM else 0))
    staff = count - len(places)
    return places + [Place("handläggare", f"E{n % workplaces + 1}") for n in range(staff)]


def _names(count: int, random: Random) -> list[str]:
    """Different names, as many as are wanted."""
    pairs = [f"{first} {last}" for first in _FIRST.split() for last in _LAST.split()]
    return random.sample(pairs, count)


def _email(name: str) -> str:
    plain = name.lower().translate(str.maketrans("åäöé ", "aaoe."))
    return f"{plain}@{DOMAIN}"


def _enter_organisation(
    session: Session,
    municipality: Municipality,
    units: Sequence[UnitRow],
    places: Sequence[Place],
    names: Sequence[str],
    now: datetime,
) -> None:
    leads = {place.leads: _email(name) for place, name in zip(places, names, strict=True) if place.leads}
    unit_rows = [(u.code, u.name, u.level, u.parent, leads.get(u.code, "")) for u in units]
    people_rows = [
        (name, _email(name), p.title, p.unit, _substitute(p, names), p.posts)
        for p, name in zip(places, names, strict=True)
    ]
    unit_table = _csv("units.csv", ("kod", "namn", "nivå", "överordnad kod", "chef"), unit_rows)
    header = ("namn", "e-post", "titel", "enhet", "ersättare", "roller")
    people_table = _csv("people.csv", header, people_rows)
    for report in import_organisation(
        session, municipality, read_table(*unit_table), read_table(*people_table), by=_BY, now=now
    ):
        _demand_applied(report)


def _substitute(place: Place, names: Sequence[str]) -> str:
    return "" if place.substitute is None else _email(names[place.substitute])


def _csv(name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, bytes]:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerows([header, *rows])
    return name, written.getvalue().encode()


def _demand_applied(report: Report) -> None:
    """The simulation's own files are right, or it is no use going on."""
    if report.faults:
        raise ValueError("; ".join(f"{one.file} {one.cell}: {one.says}" for one in report.faults))


# ---------------------------------------------------------------- accounts


_ACCOUNT_COLUMNS = (
    "namn,plattform,adress,enhet,klass,syfte,målgrupp,ansvariga,administratörer,ersättare,"
    "inloggning förvaras,öppnat"
)


def _enter_accounts(
    session: Session,
    municipality: Municipality,
    units: Sequence[UnitRow],
    places: Sequence[Place],
    names: Sequence[str],
    count: int,
    random: Random,
    now: datetime,
) -> None:
    if not count:
        return
    today = now.date()
    rows = [_account(number, units, places, names, random, today) for number in range(count)]
    table = read_table(*_csv("accounts.csv", _ACCOUNT_COLUMNS.split(","), rows))
    _demand_applied(import_accounts(session, municipality, table, by=_BY, now=now))


def _account(
    number: int,
    units: Sequence[UnitRow],
    places: Sequence[Place],
    names: Sequence[str],
    random: Random,
    today: date,
) -> tuple[str, ...]:
    """Every eighth account is the municipality's own; one in ten has a single administrator."""
    common = number % 8 == 0
    platform = _PLATFORMS[number % len(_PLATFORMS)] if not common else _PLATFORMS[(number // 8 + 1) % 8]
    unit = UnitRow("", "Exempelby kommun", "", "") if common else units[2 + number % (len(units) - 2)]
    responsible, *others = _people_of(unit, places, names, common, random)
    administrators = others[:1] if number % 10 == 9 else others[:2]
    opened_on = today - timedelta(days=random.randrange(100, 3000))
    return (
        unit.name,
        platform,
        f"https://{platform.lower()}.example.org/{number + 1}-{_slug(unit.name)}",
        unit.code,
        "gemensamt" if common else "enhet",
        "Berätta vad som händer och svara på frågor.",
        "Invånare i kommunen",
        "" if common else responsible,
        "" if common else ", ".join(administrators),
        "" if common else others[-1],
        "Kommunikationsenhetens valv",
        opened_on.isoformat(),
    )


def _people_of(
    unit: UnitRow, places: Sequence[Place], names: Sequence[str], common: bool, random: Random
) -> list[str]:
    """Who leads the unit, and three others: those of the unit first, then anybody of the staff."""
    addresses = [_email(name) for name in names]
    leader = next((a for a, p in zip(addresses, places, strict=True) if p.leads == unit.code), addresses[1])
    own = [a for a, p in zip(addresses, places, strict=True) if p.unit == unit.code and a != leader]
    staff = [a for a, p in zip(addresses, places, strict=True) if p.title in ("handläggare", "enhetschef")]
    rest = [a for a in staff if a not in own and a != leader]
    rest = rest if len(rest) >= 3 else [a for a in addresses if a not in own and a != leader]
    return [leader, *own, *random.sample(rest, 3)]


def _slug(name: str) -> str:
    return name.lower().translate(str.maketrans("åäöé ", "aaoe-"))
