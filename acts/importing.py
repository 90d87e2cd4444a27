"""Importing units, people with their posts, and accounts that exist already, from tables.

A file is imported whole or not at all: with a single fault nothing changes, unless `partial` asks for the
good rows. What is there already and the same is left alone, so a second import of a file changes nothing.
`dry_run` only reports. Each import that changes something leaves one event in the audit log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from acts import importing_accounts, importing_people, importing_units, taking_over
from acts.import_steps import (
    Known,
    Offered,
    Report,
    Step,
    Wanted,
    facts_of_import,
    report_of,
    settle,
    to_write,
)
from acts.sheets import Column, Sheet, sheet_of
from acts.tables import Row, Table
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import law_in_force
from models import LIVING, Account, Municipality, Person, Unit

__all__ = ["Report", "import_accounts", "import_organisation", "import_people", "import_units"]


@dataclass(frozen=True)
class _How:
    """Who imports, when, and whether good rows go in without the others, or nothing at all."""

    by: By
    now: datetime
    partial: bool
    dry_run: bool

    def applies(self, *sheets: Sheet) -> bool:
        return not self.dry_run and (self.partial or not any(sheet.faults for sheet in sheets))


@dataclass(frozen=True)
class _Part:
    """One file's share of an import."""

    report: Report
    sheet: Sheet
    steps: Sequence[Step[Any]]
    coded: Mapping[str, str]


def import_units(
    session: Session,
    municipality: Municipality,
    table: Table,
    by: By,
    now: datetime,
    *,
    partial: bool = False,
    dry_run: bool = False,
) -> Report:
    """Units alone: those who lead them must be known already."""
    return _organisation(session, municipality, table, None, _How(by, now, partial, dry_run))[0]


def import_people(
    session: Session,
    municipality: Municipality,
    table: Table,
    by: By,
    now: datetime,
    *,
    partial: bool = False,
    dry_run: bool = False,
) -> Report:
    """People alone: their units must be known already. Nobody is removed for not being in the file."""
    return _organisation(session, municipality, None, table, _How(by, now, partial, dry_run))[1]


def import_organisation(
    session: Session,
    municipality: Municipality,
    units_table: Table,
    people_table: Table,
    by: By,
    now: datetime,
    *,
    partial: bool = False,
    dry_run: bool = False,
) -> tuple[Report, Report]:
    """Units and people together, whole or not at all: each may refer to rows of the other."""
    return _organisation(session, municipality, units_table, people_table, _How(by, now, partial, dry_run))


def import_accounts(
    session: Session,
    municipality: Municipality,
    table: Table,
    by: By,
    now: datetime,
    *,
    partial: bool = False,
    dry_run: bool = False,
    duties_from_on: date | None = None,
) -> Report:
    """Accounts that exist already, living or closed; they come under the policy in force.

    Before `duties_from_on` the new ones are only asked about. Raises LookupError when the municipality has
    no policy.
    """
    assert municipality.id is not None
    how, law = _How(by, now, partial, dry_run), law_in_force(session, municipality.id, now)
    _wait_for_others(session, municipality, how)
    sheet = sheet_of(table, importing_accounts.COLUMNS)
    known = Known(session, municipality.id)
    wanted = importing_accounts.wanted_accounts(sheet, law.day_of(now))
    importing_accounts.check_accounts(sheet, wanted, known, law.day_of(now))
    steps = taking_over.account_steps(session, sheet, wanted, known)
    if how.applies(sheet):
        taking_over.write_accounts(session, steps, known, law, now, duties_from_on)
    notes = importing_accounts.notes_on(step.wanted for step in steps)
    report = report_of("accounts", sheet, steps, notes=notes, applied=how.applies(sheet))
    _record(session, [_Part(report, sheet, steps, importing_accounts.CODED)], known, how)
    return report


def _organisation(
    session: Session,
    municipality: Municipality,
    units_table: Table | None,
    people_table: Table | None,
    how: _How,
) -> tuple[Report, Report]:
    """Both kinds in one; a table that is not given is one without rows."""
    assert municipality.id is not None
    _wait_for_others(session, municipality, how)
    known = Known(session, municipality.id)
    units = _sheet(units_table, importing_units.COLUMNS)
    people = _sheet(people_table, importing_people.COLUMNS)
    wanted_units = importing_units.wanted_units(units)
    wanted_people = importing_people.wanted_people(people, municipality)
    _check(known, units, wanted_units, people, wanted_people, how)
    unit_steps = importing_units.unit_steps(units, wanted_units, known)
    people_steps = importing_people.people_steps(people, wanted_people, known)
    applied = how.applies(units, people)
    if applied:
        _write(session, unit_steps, people_steps, known)
    units_report = report_of("units", units, unit_steps, applied=applied)
    people_report = report_of("people", people, people_steps, applied=applied)
    parts = [
        _Part(units_report, units, unit_steps, importing_units.CODED),
        _Part(people_report, people, people_steps, importing_people.CODED),
    ]
    _record(session, parts, known, how)
    return units_report, people_report


def _wait_for_others(session: Session, municipality: Municipality, how: _How) -> None:
    """One import of a municipality at a time: each compares the file with what there is, and then writes."""
    if not how.dry_run:
        rows = select(col(Municipality.id)).where(col(Municipality.id) == municipality.id)
        session.execute(rows.with_for_update(key_share=True))


def _sheet(table: Table | None, columns: Sequence[Column]) -> Sheet:
    header = Row(1, tuple(column.title for column in columns))
    return sheet_of(table or Table("", "", header, ()), columns)


def _check(
    known: Known,
    units: Sheet,
    wanted_units: Sequence[Wanted],
    people: Sheet,
    wanted_people: Sequence[Wanted],
    how: _How,
) -> None:
    offered_units = Offered(known.units, units, {one.key: one for one in wanted_units}, how.partial)
    offered_people = Offered(known.people, people, {one.key: one for one in wanted_people}, how.partial)
    settle(
        [units, people],
        lambda: importing_units.check_units(units, wanted_units, offered_units, offered_people, known),
        lambda: importing_people.check_people(people, wanted_people, offered_units, offered_people),
    )


def _write(
    session: Session, unit_steps: list[Step[Unit]], people_steps: list[Step[Person]], known: Known
) -> None:
    """First everything by itself, then what ties it together, since each may point at the other."""
    importing_units.write_units(session, unit_steps, known)
    importing_people.write_people(session, people_steps, known)
    importing_units.join_units(session, unit_steps, known)
    importing_people.join_people(session, people_steps, known)
    if len(to_write(unit_steps)) + len(to_write(people_steps)):
        _wake_those_without_holder(session, known.municipality_id)


def _wake_those_without_holder(session: Session, municipality_id: int) -> None:
    """An empty chair may have been filled: accounts that stand red for one are looked at again."""
    session.execute(
        update(Account)
        .where(
            col(Account.municipality_id) == municipality_id,
            col(Account.state).in_(LIVING),
            col(Account.red_reason).startswith("no_holder"),
        )
        .values(news=Account.news + 1)
    )


def _record(session: Session, parts: Sequence[_Part], known: Known, how: _How) -> None:
    """One event for the whole import, if anything was written; a file that changed nothing leaves none."""
    if not any(part.report.applied and to_write(part.steps) for part in parts):
        return
    given = [part for part in parts if part.report.file]
    facts: dict[str, Any] = {"what": "organisation" if len(given) > 1 else given[0].report.what}
    for part in given:
        facts[part.report.what] = facts_of_import(part.report, part.sheet, part.steps, known, part.coded)
    record(
        session, EventKind.IMPORTED, how.now, municipality_id=known.municipality_id, by=how.by, facts=facts
    )
