"""Importing the unit tree: codes, levels, who is above whom, and who leads."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from acts.import_steps import Known, Offered, Step, Wanted, compared, to_write
from acts.sheets import Column, Line, Sheet, choice, doubles, email, sentence
from models import Unit, UnitLevel

COLUMNS = (
    Column("code", "kod", ("enhetskod", "enhetens kod"), required=True, limit=40),
    Column("name", "namn", ("enhet", "enhetens namn", "enhetsnamn"), required=True),
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
_ORDER = list(LEVELS.values())


def wanted_units(sheet: Sheet) -> dict[str, Wanted]:
    """The rows that say enough to be a unit, by code; what is wrong with them is blamed."""
    codes = {line.number: line.text("code") for line in sheet.lines}
    for line, others in doubles(sheet, codes):
        rows = ", ".join(str(other.number) for other in others)
        sheet.blame(
            line, "code", f"Koden står också på rad {rows}. Varje enhet ska ha en egen kod och en egen rad."
        )
    wanted = [Wanted(line, line.text("code"), _values(sheet, line)) for line in sheet.lines]
    return {one.key: one for one in wanted if one.key}


def _values(sheet: Sheet, line: Line) -> dict[str, Any]:
    level = choice(sheet, line, "level", LEVELS)
    values = {"name": line.text("name"), "level": level, "parent": line.text("parent")}
    values["manager"] = email(sheet, line, "manager")
    return {key: value for key, value in values.items() if key in line.texts}


def check_units(
    sheet: Sheet, wanted: Mapping[str, Wanted], units: Offered, people: Offered, known: Known
) -> None:
    """Blame what refers to nobody, to itself or to something lower."""
    for one in wanted.values():
        _check_manager(sheet, one, people)
        _check_parent(sheet, one, units)
    _check_levels(sheet, wanted, known)
    _check_loops(sheet, wanted, known)


def _check_manager(sheet: Sheet, one: Wanted, people: Offered) -> None:
    address = one.values.get("manager")
    lacks = people.lacks(address) if address else None
    if lacks is not None:
        after = lacks or (
            " Importera personerna först, eller båda filerna tillsammans (kanalvakt import organisation)."
        )
        sheet.blame(one.line, "manager", sentence(f"Ingen person har adressen {address}", after))


def _check_parent(sheet: Sheet, one: Wanted, units: Offered) -> None:
    code = one.values.get("parent")
    lacks = units.lacks(code) if code else None
    if lacks is not None:
        after = lacks or " Lägg till enheten i filen, eller rätta koden."
        sheet.blame(one.line, "parent", sentence(f"Ingen enhet har koden {code}", after))


def _parents(sheet: Sheet, wanted: Mapping[str, Wanted], known: Known) -> dict[str, str]:
    """Who is above whom when the sound rows have been imported."""
    parents = {code: known.codes.get(unit.parent_id, "") for code, unit in known.units.items()}
    for code, one in wanted.items():
        if "parent" in one.values and sheet.is_sound(one.line):
            parents[code] = one.values["parent"]
    return {code: above for code, above in parents.items() if above}


def _check_loops(sheet: Sheet, wanted: Mapping[str, Wanted], known: Known) -> None:
    parents = _parents(sheet, wanted, known)
    for code, one in wanted.items():
        path = [code]
        while (above := parents.get(path[-1])) and above not in path:
            path.append(above)
        if above == code and sheet.is_sound(one.line):
            ring = " → ".join([*path, code][:8])
            sheet.blame(
                one.line, "parent", f"Enheterna ligger under varandra i ring: {ring}. Rätta en av dem."
            )


def _check_levels(sheet: Sheet, wanted: Mapping[str, Wanted], known: Known) -> None:
    levels = {code: unit.level for code, unit in known.units.items()}
    levels |= {code: one.values["level"] for code, one in wanted.items() if one.values.get("level")}
    for code, above in _parents(sheet, wanted, known).items():
        if code in wanted and above in levels and _ORDER.index(levels[above]) < _ORDER.index(levels[code]):
            names = {level: name for name, level in LEVELS.items()}
            says = (
                f"En {names[levels[code]]} kan inte ligga under en {names[levels[above]]} ({above}). Rätta "
                "nivån eller koden."
            )
            sheet.blame(wanted[code].line, "parent", says)


def unit_steps(sheet: Sheet, wanted: Mapping[str, Wanted], known: Known) -> list[Step[Unit]]:
    """The sound rows beside the units there are."""

    def values_of(unit: Unit) -> dict[str, Any]:
        return {
            "name": unit.name,
            "level": unit.level,
            "parent": known.codes.get(unit.parent_id, ""),
            "manager": known.emails.get(unit.line_manager_id, ""),
        }

    sound = [one for one in wanted.values() if sheet.is_sound(one.line)]
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
