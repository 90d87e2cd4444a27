"""Reading the staff list: each night the newest file of a folder; new, changed, moved, and missing.

A list that cannot be read, or that would remove too many, is refused whole and nothing of it is used. What is
told of it holds numbers and names of columns only, since it is shown in Prefect.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from acts import importing_people
from acts.importing import Report, import_people
from acts.rounds import Round
from acts.sheets import Sheet, sheet_of
from acts.spreadsheets import read_table
from acts.tables import FILE_LIMIT, NotReadable, RowFault, Table
from lifecycle import staff_list
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.rounds import Failure, Findings, day_after
from models import Municipality, StaffReading
from runtime.settings import settings

ENDINGS = (".csv", ".xlsx")
_BY = By(None, "import")
_SHOWN = 10
_HEADER_ROW = 1
_FROM_HOUR = time(3)


class ListRefused(Exception):
    """A list of which nothing is used; the text says why and what to do."""


@dataclass(frozen=True)
class StaffFile:
    """The newest file of the folder."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def newest_file(folder: Path) -> StaffFile | None:
    """The table file that was changed last; of two at the same moment the one whose name comes last."""
    if not folder.is_dir():
        return None
    files = [one for one in folder.iterdir() if one.suffix.lower() in ENDINGS and one.is_file()]
    newest = max(files, key=lambda one: (one.stat().st_mtime_ns, one.name), default=None)
    if newest is None:
        return None
    with newest.open("rb") as opened:
        return StaffFile(newest.name, opened.read(FILE_LIMIT + 1))


def read_staff(
    session: Session, law: Law, file: StaffFile, on: date, now: datetime, findings: Findings
) -> None:
    """Use a list that has not been read before. A refusal is told, and the list is tried again next time."""
    if _was_read(session, law, file):
        return
    try:
        sheet = _sheet(file)
        findings.found = _use(session, law, file, sheet, on, now)
    except ListRefused as refused:
        _keep(session, law, file, on, now, str(refused))
        findings.failures.append(Failure("personallistan", str(refused)))
        return
    _keep(session, law, file, on, now, "")
    if left_out := _rows_with(sheet.faults):
        findings.failures.append(Failure("personallistan", _left_out_words(file, left_out)))


def _was_read(session: Session, law: Law, file: StaffFile) -> bool:
    """Whether the last list that was used is this one."""
    rows = select(col(StaffReading.sha256)).where(
        col(StaffReading.municipality_id) == law.municipality_id, col(StaffReading.refused) == ""
    )
    last = session.execute(rows.order_by(col(StaffReading.id).desc()).limit(1)).scalar()
    return last == file.sha256


def _sheet(file: StaffFile) -> Sheet:
    """The file's lines. Refuses one that is no table, or whose columns are wrong."""
    try:
        table = read_table(file.name, file.content, None)
    except NotReadable as not_readable:
        raise ListRefused(_unreadable_words(file, not_readable.faults)) from None
    sheet = sheet_of(table, importing_people.COLUMNS)
    if not sheet.lines:
        raise ListRefused(_unreadable_words(file, sheet.faults))
    return sheet


def _use(session: Session, law: Law, file: StaffFile, sheet: Sheet, on: date, now: datetime) -> int:
    """Take in who is new, changed or moved, and ask about who is missing."""
    listed = {line.text("email").strip().lower() for line in sheet.lines}
    people = staff_list.staff(session, law, on)
    missing = staff_list.newly_missing(session, people, listed)
    if staff_list.would_remove_too_many(law, len(missing), len(people)):
        raise ListRefused(_too_many_words(law, file, len(missing), len(people)))
    report = _import(session, law, file, sheet.table, now)
    sheet.faults[:] = report.faults
    staff_list.keep_listed(session, law, staff_list.staff(session, law, on), listed, on, _BY, now)
    for person in missing:
        staff_list.ask_about(session, law, person, on, now)
    facts = {"new": report.created, "changed": report.changed, "missing": len(missing), "sha256": file.sha256}
    record(session, EventKind.STAFF_READ, now, municipality_id=law.municipality_id, by=_BY, facts=facts)
    return report.created + report.changed + len(missing)


def _import(session: Session, law: Law, file: StaffFile, table: Table, now: datetime) -> Report:
    """The rows that are right. Refuses a list of which more than a tenth is wrong, before any is used."""
    municipality = session.get_one(Municipality, law.municipality_id)
    tried = import_people(session, municipality, table, _BY, now, partial=True, dry_run=True)
    if len(_rows_with(tried.faults)) * 10 > len(table.rows):
        raise ListRefused(_unreadable_words(file, tried.faults))
    return import_people(session, municipality, table, _BY, now, partial=True)


def _rows_with(faults: Iterable[RowFault]) -> list[int]:
    return sorted({fault.row for fault in faults if fault.row})


def _keep(session: Session, law: Law, file: StaffFile, on: date, now: datetime, refused: str) -> None:
    same = select(StaffReading).where(
        col(StaffReading.municipality_id) == law.municipality_id,
        col(StaffReading.sha256) == file.sha256,
        col(StaffReading.read_on) == on,
    )
    reading = session.execute(same).scalars().first() or StaffReading(
        municipality_id=law.municipality_id,
        file_name=file.name[:200],
        sha256=file.sha256,
        read_on=on,
        read_at=now,
    )
    reading.refused = refused[:500]
    session.add(reading)


# ---------------------------------------------------------------- what is said of a list


def _unreadable_words(file: StaffFile, faults: Sequence[RowFault]) -> str:
    """Words about the file as a whole and its columns may be shown; of a row only its number."""
    whole = [fault.says for fault in faults if fault.row <= _HEADER_ROW]
    rows = _rows_with(fault for fault in faults if fault.row > _HEADER_ROW)
    of_rows = f"{len(rows)} rader kan inte användas ({_numbers(rows)})." if rows else "Listan har inga rader."
    says = whole or [of_rows]
    return f"{file.name}: {' '.join(says[:3])} Inget har lästs in. {_TRY}"


def _too_many_words(law: Law, file: StaffFile, missing: int, people: int) -> str:
    percent = law.policy.settings.staff_gone_percent
    return (
        f"{file.name}: {missing} av {people} anställda saknas i listan, mer än {percent} procent. Inget har "
        "lästs in. Kontrollera att listan är hel. Stämmer den, höj kommunens inställning staff_gone_percent."
    )


def _left_out_words(file: StaffFile, rows: Sequence[int]) -> str:
    return f"{file.name}: rad {_numbers(rows)} kunde inte användas. Resten är inläst. {_TRY}"


_TRY = "Se felen med: kanalvakt import people FIL --dry-run."


def _numbers(rows: Sequence[int]) -> str:
    more = f" och {len(rows) - _SHOWN} till" if len(rows) > _SHOWN else ""
    return ", ".join(map(str, rows[:_SHOWN])) + more


# ---------------------------------------------------------------- the round


def _read(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    folder = settings().staff_folder
    if folder is None:
        return
    file = newest_file(folder / session.get_one(Municipality, law.municipality_id).slug)
    if file is not None:
        read_staff(session, law, file, on, now, findings)


READ = Round(
    "staff_list",
    when=lambda law, now: day_after(law, now, _FROM_HOUR),
    do=_read,
    hour=lambda law: _FROM_HOUR,
)
