"""What every import shares: whom it knows, what it wants to change, and what it reports."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlmodel import Session, col

from acts.sheets import Line, Sheet
from acts.tables import RowFault
from models import Person, PostHolder, Unit
from policies.wording import nearest

R = TypeVar("R")

CHANGES_LIMIT = 1_000
"""Changes that an audit event lists one by one."""
SUGGESTIONS_LIMIT = 50
"""Different unknown keys for which the nearest known one is looked for."""


@dataclass(frozen=True)
class Report:
    """What an import did, or would have done when `applied` is False."""

    what: str
    """units, people or accounts."""
    file: str
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: Sequence[RowFault] = ()
    notes: Sequence[str] = ()
    """What the reader should know though it is no fault, in Swedish."""
    applied: bool = False


@dataclass(frozen=True)
class Wanted:
    """One row as it should be: values by attribute, units as codes and people as addresses.

    A column that the file does not have says nothing: its attribute is missing here and stays as it is.
    """

    line: Line
    key: str
    values: Mapping[str, Any]


@dataclass
class Step(Generic[R]):
    """One row beside what there is already: `old` None is to be created, no changes is unchanged."""

    wanted: Wanted
    old: R | None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    new: R | None = None

    def value(self, key: str, otherwise: Any) -> Any:
        """What the row says, or what it says nothing about."""
        return self.wanted.values.get(key, otherwise)


class Known:
    """The municipality's units by code and people by work address; what is imported is added on the way."""

    def __init__(self, session: Session, municipality_id: int) -> None:
        self.municipality_id = municipality_id
        self.units: dict[str, Unit] = {}
        self.people: dict[str, Person] = {}
        self.posts: dict[int, list[PostHolder]] = {}
        for unit in _all(session, Unit, municipality_id):
            self.units[unit.code] = unit
        for person in _all(session, Person, municipality_id):
            self.people[person.email] = person
        for post in _all(session, PostHolder, municipality_id):
            self.posts.setdefault(post.person_id, []).append(post)
        self.codes = {unit.id: unit.code for unit in self.units.values()}
        self.emails = {person.id: person.email for person in self.people.values()}

    def unit_id(self, code: str | None) -> int | None:
        """A unit's id, or None for no unit."""
        return self.units[code].id if code else None

    def person_id(self, email: str | None) -> int | None:
        """A person's id, or None for nobody."""
        return self.people[email].id if email else None


def _all(session: Session, table: Any, municipality_id: int) -> Iterable[Any]:
    rows = select(table).where(col(table.municipality_id) == municipality_id).order_by(col(table.id))
    return session.execute(rows).scalars()


@dataclass
class Offered:
    """The keys that a row may refer to: those in Kanalvakt, and those of the rows imported with it."""

    known: Mapping[str, Any]
    sheet: Sheet | None = None
    rows: Mapping[str, Wanted] = field(default_factory=dict)
    partial: bool = False
    _meant: dict[str, str] = field(default_factory=dict)

    def lacks(self, key: str) -> str | None:
        """None when the key can be referred to; else how the sentence that says so ends, if it can be said.

        A row that is wrong itself can only be referred to while nothing is imported anyway.
        """
        row = self.rows.get(key)
        if row is not None and self.sheet is not None:
            if not self.partial or self.sheet.is_sound(row.line):
                return None
            if key not in self.known:
                return f": rad {row.line.number} i {self.sheet.table.file_name} är fel. Rätta den först."
        return None if key in self.known else self._nearest(key)

    def else_said(self, what: str, first: str) -> str:
        """What to do about a key that nobody has: add it to the file given, or import such a file."""
        if self.sheet is not None and self.sheet.table.file_name:
            return f" Lägg till {what} i {self.sheet.table.file_name}, eller rätta cellen."
        together = "eller båda filerna tillsammans (kanalvakt import organisation)"
        return f" Importera {first} först, {together}."

    def _nearest(self, key: str) -> str:
        """Which key may have been meant; looked for a limited number of times, since each takes long."""
        if key not in self._meant and len(self._meant) < SUGGESTIONS_LIMIT:
            self._meant[key] = _nearest(key, [*self.known, *self.rows])
        return self._meant.get(key, "")


def _nearest(key: str, known: Sequence[str]) -> str:
    """Addresses are compared by what stands before @, which is all that tells them apart."""
    if "@" not in key:
        return nearest(key, known)
    names = {address.partition("@")[0]: address for address in known}
    close = get_close_matches(key.partition("@")[0], names, n=1, cutoff=0.7)
    return f" Menade du {names[close[0]]}?" if close else ""


def settle(sheets: Sequence[Sheet], *checks: Callable[[], None]) -> None:
    """Repeat the checks until no more faults come: a row may fall because one it refers to has fallen."""
    before = -1
    while before != (before := sum(len(sheet.faults) for sheet in sheets)):
        for check in checks:
            check()


def compared(wanted: Wanted, old: R | None, values_of: Callable[[R], Mapping[str, Any]]) -> Step[R]:
    """A row beside what there is."""
    if old is None:
        return Step(wanted, None)
    before = values_of(old)
    changes = {
        key: (before[key], value) for key, value in wanted.values.items() if not _same(before[key], value)
    }
    return Step(wanted, old, changes)


def _same(before: Any, value: Any) -> bool:
    """Equal; several persons or posts are the same in any order."""
    if isinstance(before, tuple):
        return sorted(before) == sorted(value)
    return bool(before == value)


def to_write(steps: Iterable[Step[R]]) -> list[Step[R]]:
    """Those that create or change something."""
    return [step for step in steps if step.old is None or step.changes]


def report_of(
    what: str, sheet: Sheet, steps: Sequence[Step[Any]], *, notes: Sequence[str] = (), applied: bool
) -> Report:
    """The counts of the steps and the sheet's faults in the order of the file."""
    created = sum(step.old is None for step in steps)
    changed = sum(step.old is not None and bool(step.changes) for step in steps)
    return Report(
        what=what,
        file=sheet.table.file_name,
        created=created,
        changed=changed,
        unchanged=len(steps) - created - changed,
        faults=sorted(sheet.faults, key=lambda fault: fault.row),
        notes=[*sheet.table.notes, *notes],
        applied=applied,
    )


def facts_of_import(
    report: Report, sheet: Sheet, steps: Sequence[Step[Any]], known: Known, coded: Mapping[str, str]
) -> dict[str, Any]:
    """What the audit log keeps: counts, the file's hash, ids and codes. No name, address or text.

    `coded` says which attributes may stand there: as they are ("code") or as the id of a "unit" or "person".
    """
    written = to_write(steps)
    changes = [
        [step.new.id, key, *(_as_code(known, coded.get(key), value) for value in pair)]
        for step in written
        if step.new is not None
        for key, pair in step.changes.items()
    ]
    created = [step.new.id for step in written if step.old is None and step.new is not None]
    return {
        "sha256": sheet.table.sha256,
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "faults": len(report.faults),
        "ids_created": created[:CHANGES_LIMIT],
        "changes": changes[:CHANGES_LIMIT],
        "changes_left_out": max(0, len(changes) - CHANGES_LIMIT),
    }


def _as_code(known: Known, kind: str | None, value: Any) -> Any:
    if kind == "unit":
        return known.unit_id(value)
    if kind == "person":
        return known.person_id(value)
    if kind == "people":
        return [known.person_id(one) for one in value]
    return _plain(value) if kind == "code" else None


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
