"""Importing the unit tree: codes, levels, who is above whom, and who leads."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from acts.import_steps import Known, Offered, Step, Wanted, compared, to_write
from acts.sheets import Column, Line, Sheet, choice, doubles, email, sentence
from models import Unit, UnitLevel

COLUMNS = (
    Column("code", "kod", ("enhetskod", "enhetens kod"), required=True, limit=40),
    Column("name", "namn", ("enhetens namn", "enhetsnamn"), required=True),
    Column("level", "nivå", required=True),
    Column("parent", "överordnad kod", ("överordnad", "överordnad enhet"), limit=40),
    Column("manager", "chef", ("chefens e-post", "chef e-post"), limit=254),
)
LEVELS = {
    "enhet": UnitLevel.UNIT,
    "verksamhet": UnitLevel.OPERATION,
    "förvaltning": UnitLevel.DEPARTMENT,
    "kommun": UnitLevel.MUNICIPALITY,
}
CODED = {"level": "code", "parent": "unit", "manager": "person"}
_ORDER = {level: place for place, level in enumerate(LEVELS.values())}
_NAMES = {level: name for name, level in LEVELS.items()}
_RING_SHOWN = 8


def wanted_units(sheet: Sheet) -> list[Wanted]:
    """The rows as units, by code; what is wrong with them is blamed."""
    codes = {line.number: line.text("code") for line in sheet.lines}
    for line, others in doubles(sheet, codes):
        rows = ", ".join(str(other.number) for other in others)
        sheet.blame(
            line, "code", f"Koden står också på rad {rows}. Varje enhet ska ha en egen kod och en egen rad."
        )
    return [Wanted(line, line.text("code"), _values(sheet, line)) for line in sheet.lines]


def _values(sheet: Sheet, line: Line) -> dict[str, Any]:
    level = choice(sheet, line, "level", LEVELS)
    values = {"name": line.text("name"), "level": level, "parent": line.text("parent")}
    values["manager"] = email(sheet, line, "manager")
    return {key: value for key, value in values.items() if key in line.texts}


def check_units(
    sheet: Sheet, wanted: Sequence[Wanted], units: Offered, people: Offered, known: Known
) -> None:
    """Blame what refers to nobody, to itself or to something lower."""
    for one in wanted:
        _check_manager(sheet, one, people)
        _check_parent(sheet, one, units)
    parents = _parents(sheet, wanted, known, units.partial)
    _check_levels(sheet, wanted, known, parents)
    _check_loops(sheet, wanted, parents)


def _check_manager(sheet: Sheet, one: Wanted, people: Offered) -> None:
    address = one.values.get("manager")
    lacks = people.lacks(address) if address else None
    if lacks is not None:
        after = lacks or people.else_said("personen", "personerna")
        sheet.blame(one.line, "manager", sentence(f"Ingen person har adressen {address}", after))


def _check_parent(sheet: Sheet, one: Wanted, units: Offered) -> None:
    code = one.values.get("parent")
    lacks = units.lacks(code) if code else None
    if lacks is not None:
        after = lacks or units.else_said("enheten", "enheterna")
        sheet.blame(one.line, "parent", sentence(f"Ingen enhet har koden {code}", after))


def _parents(sheet: Sheet, wanted: Sequence[Wanted], known: Known, partial: bool) -> dict[str, str]:
    """Who is above whom when the file has been imported, or as much of it as is sound."""
    parents = {code: known.codes.get(unit.parent_id, "") for code, unit in known.units.items()}
    for one in wanted:
        if "parent" in one.values and (not partial or sheet.is_sound(one.line)):
            parents[one.key] = one.values["parent"]
    return {code: above for code, above in parents.items() if above}


def _check_loops(sheet: Sheet, wanted: Sequence[Wanted], parents: Mapping[str, str]) -> None:
    rings = _rings(parents)
    for one in wanted:
        if one.key in rings:
            ring = " → ".join(rings[one.key])
            says = f"Enheterna ligger under varandra i ring: {ring}. Rätta en av dem."
            sheet.blame(one.line, "parent", says)


def _rings(parents: Mapping[str, str]) -> dict[str, list[str]]:
    """The codes that lie under themselves, each with its ring (the beginning of a long one)."""
    rings: dict[str, list[str]] = {}
    walked: set[str] = set()
    for start in parents:
        path: dict[str, None] = {}
        code = start
        while code and code not in walked and code not in path:
            path[code] = None
            code = parents.get(code, "")
        if code in path:
            ring = list(path)[list(path).index(code) :]
            rings |= {one: [*ring[at:], *ring[:at], one][:_RING_SHOWN] for at, one in enumerate(ring)}
        walked |= path.keys()
    return rings


def _check_levels(sheet: Sheet, wanted: Sequence[Wanted], known: Known, parents: Mapping[str, str]) -> None:
    levels = {code: unit.level for code, unit in known.units.items()}
    levels |= {one.key: one.values["level"] for one in wanted if one.values.get("level")}
    for one in wanted:
        above = parents.get(one.key, "")
        if one.key in levels and above in levels and _ORDER[levels[above]] < _ORDER[levels[one.key]]:
            lower, higher = _NAMES[levels[above]], _NAMES[levels[one.key]]
            says = f"En {higher} kan inte ligga under en {lower} ({above}). Rätta nivån eller koden."
            sheet.blame(one.line, "parent", says)


def unit_steps(sheet: Sheet, wanted: Sequence[Wanted], known: Known) -> list[Step[Unit]]:
    """The sound rows beside the units there are."""

    def values_of(unit: Unit) -> dict[str, Any]:
        return {
            "name": unit.name,
            "level": unit.level,
            "parent": known.codes.get(unit.parent_id, ""),
            "manager": known.emails.get(unit.line_manager_id, ""),
        }

    sound = [one for one in wanted if sheet.is_sound(one.line)]
    return [compared(one, known.units.get(one.key), values_of) for one in sound]


def write_units(session: Session, steps: list[Step[Unit]], known: Known) -> None:
    """Create and name the units; whom they belong to is written by `join_units`."""
    for step in to_write(steps):
        unit = step.old or Unit(municipality_id=known.municipality_id, code=step.wanted.key, name="")
        unit.name, unit.level = step.value("name", unit.name), step.value("level", unit.level)
        session.add(unit)
        step.new = known.units[unit.code] = unit
    session.flush()


def join_units(session: Session, steps: list[Step[Unit]], known: Known) -> None:
    """Put the written units under those above them and their line managers."""
    for step in to_write(steps):
        assert step.new is not None
        if "parent" in step.wanted.values:
            step.new.parent_id = known.unit_id(step.wanted.values["parent"])
        if "manager" in step.wanted.values:
            step.new.line_manager_id = known.person_id(step.wanted.values["manager"])
    session.flush()
