"""Importing as a test says it: lines of text in, a report out, and what the database then holds."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlmodel import col

from acts.import_steps import Report
from acts.importing import import_accounts, import_organisation, import_people, import_units
from acts.spreadsheets import read_table
from acts.tables import Table
from acts.work import work
from lifecycle.events import By
from models import (
    Account,
    AuditEvent,
    Municipality,
    Person,
    Unit,
)
from runtime.database import reading

SAMPLES = Path(__file__).parents[2] / "deployments" / "exempelby"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday."""
BY = By(None, "cli")
D = "@exempelby.example.org"

Rows = Sequence[Sequence[Any]]


def csv(*rows: str, name: str = "fil.csv") -> Table:
    """A table of lines with ; between; @ is short for the municipality's domain."""
    text = "\n".join(rows).replace("@", D)
    return read_table(name, text.encode())


def sample(name: str) -> Table:
    return read_table(name, (SAMPLES / name).read_bytes())


class Desk:
    """Imports, each in its own transaction."""

    def __init__(self, engine: Engine, municipality: Municipality) -> None:
        self.engine, self.municipality, self.now = engine, municipality, NOW

    def units(self, *rows: str, **how: bool) -> Report:
        return self.run(import_units, csv(*rows), **how)

    def people(self, *rows: str, **how: bool) -> Report:
        return self.run(import_people, csv(*rows), **how)

    def accounts(self, *rows: str, **how: bool) -> Report:
        return self.run(import_accounts, csv(*rows), **how)

    def organisation(self, units: Table, people: Table, **how: bool) -> tuple[Report, Report]:
        with work(self.engine, self.now) as session:
            return import_organisation(session, self.municipality, units, people, BY, self.now, **how)

    def run(self, act: Callable[..., Report], table: Table, **how: bool) -> Report:
        with work(self.engine, self.now) as session:
            return act(session, self.municipality, table, BY, self.now, **how)

    def set_up(self) -> None:
        """The sample organisation."""
        for report in self.organisation(sample("units.csv"), sample("people.csv")):
            assert (report.applied, list(report.faults)) == (True, [])

    def count(self, table: Any) -> int:
        with reading(self.engine) as session:
            return int(session.execute(select(func.count()).select_from(table)).scalar_one())

    def all(self, table: Any) -> list[Any]:
        with reading(self.engine) as session:
            return list(session.execute(select(table).order_by(col(table.id))).scalars())

    def unit(self, code: str) -> Unit:
        found: Unit = next(one for one in self.all(Unit) if one.code == code)
        return found

    def person(self, name: str) -> Person:
        found: Person = next(one for one in self.all(Person) if one.email == f"{name}{D}")
        return found

    def account(self, address: str) -> Account:
        found: Account = next(one for one in self.all(Account) if address in one.address)
        return found

    def events(self) -> list[AuditEvent]:
        return [event for event in self.all(AuditEvent) if event.kind == "imported"]


def counts(report: Report) -> tuple[int, int, int]:
    return report.created, report.changed, report.unchanged


def says(report: Report) -> dict[str, str]:
    """What was said, by cell."""
    return {fault.cell: fault.says for fault in report.faults}
