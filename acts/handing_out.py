"""An account's records for whoever asks: what there is in one file, and a list of what is not in it, and why.

What employees have done in their role is public. What is left out, and why, stands in acts/left_out.py and in
the file itself. Nobody is asked who wants the records, or what for.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from babel.numbers import format_decimal
from sqlmodel import Session, col

from acts.diary import demand_registry, plan_answers
from acts.left_out import left_out
from acts.list_words import EVENT_WORDS, SIGHT_WORDS, VIA_WORDS
from acts.records import Period, Records
from languages.speaking import capital
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law, law_in_force, law_of
from lifecycle.plans import attachments_at
from lifecycle.refusals import Refused
from models import (
    Account,
    AuditEvent,
    Evaluation,
    Municipality,
    Observation,
    Paper,
    PaperKind,
    Person,
    Plan,
    Snapshot,
    Unit,
    UserTask,
    WatchMonth,
)
from notifications import words
from notifications.enclosures import snapshot_name
from papers.documents import moment, render
from papers.lists import Lists, Table, one_line, write_lists

MOST_BYTES = 100_000_000
"""Of the files together, before they are packed."""
INDEX = "innehåll.pdf"
_LONGEST_NAME = 150
"""Bytes: with what stands before it, no more than a disk takes."""
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, also in the width of Japanese letters."""
_PACKED_AT = (1980, 1, 1, 0, 0, 0)
"""The same for every file: the same records give the same bytes."""


@dataclass(frozen=True)
class Bundle:
    """The records, packed."""

    account_id: int
    file_name: str
    content: bytes
    index: bytes
    """The list of what is in it, which is in it too."""
    files: int
    period: Period
    made_at: datetime

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def bundle(session: Session, account: Account, period: Period, now: datetime) -> Bundle:
    """An account's records, packed; changes nothing.

    Raises Refused `hand_out_empty` or `hand_out_too_large`, CannotWrite when this machine cannot write PDF.
    """
    municipality = session.get_one(Municipality, account.municipality_id)
    law = law_in_force(session, account.municipality_id, now)
    records = Records(session, law, account, period, municipality.time_zone)
    files = _within_bounds(_files(records, municipality))
    if not files:
        raise Refused("hand_out_empty")
    index = _index(records, municipality, files, now)
    return Bundle(
        account_id=account.id or 0,
        file_name=f"{law.day_of(now).isoformat()} {plain_name(account.name or 'konto')}.zip",
        content=packed_files([(INDEX, index), *files]),
        index=index,
        files=len(files),
        period=period,
        made_at=now,
    )


def record_hand_out(
    session: Session, now: datetime, packed: Bundle, *, person_id: int | None, via: str
) -> None:
    """Keep that records were handed out, and the list of which; the whole file is not kept once more.

    Raises Refused `only_registry`.
    """
    if person_id is not None:
        demand_registry(session, session.get_one(Person, person_id), now)
    account = session.get_one(Account, packed.account_id)
    paper = Paper(
        municipality_id=account.municipality_id,
        account_id=account.id,
        person_id=person_id,
        kind=PaperKind.HAND_OUT,
        title=f"Utlämnade handlingar: {words.account_words(account)}"[:300],
        file_name=f"{packed.file_name.removesuffix('.zip')}, innehåll.pdf",
        content=packed.index,
        sha256=sha256(packed.index).hexdigest(),
        made_at=now,
    )
    session.add(paper)
    session.flush()
    facts = {"paper": paper.id, "sha256": packed.sha256, "files": packed.files}
    facts |= {"from": packed.period.first_on.isoformat(), "to": packed.period.last_on.isoformat()}
    record(session, EventKind.HANDED_OUT, now, account=account, by=By(person_id, via), facts=facts)


# ---------------------------------------------------------------- what is in it


_Files = Iterator[tuple[str, bytes]]
_DECISION = col(Paper.kind) == PaperKind.DECISION


def _within_bounds(files: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Those with something in them. Raises Refused as soon as they are too much to carry."""
    kept, total = list[tuple[str, bytes]](), 0
    for name, content in files:
        total += len(content)
        if total > MOST_BYTES:
            raise Refused("hand_out_too_large", limit=MOST_BYTES // 1_000_000)
        kept += [(name, content)] if content else []
    return kept


def _files(records: Records, municipality: Municipality) -> _Files:
    for paper in records.files(Paper, Paper.made_at, _DECISION):
        yield f"beslut/{paper.id} {plain_name(paper.file_name)}", paper.content
    yield from _plans(records, municipality)
    for snapshot in records.files(Snapshot, Snapshot.taken_at):
        yield f"bilder/{snapshot.id} {snapshot_name(records.account, snapshot)}", snapshot.content
    yield "utvärderingar.csv", _csv(EVALUATION_COLUMNS, _evaluations(records))
    yield "inlägg.csv", _csv(OBSERVATION_COLUMNS, _observations(records))
    yield "bevakning.csv", _csv(WATCH_COLUMNS, _watch(records))
    yield "händelser.csv", _csv(EVENT_COLUMNS, _events(records))


def _plans(records: Records, municipality: Municipality) -> _Files:
    """Each plan that was sent, and its files, each once."""
    law, given = law_of(records.session, records.account), set[int | None]()
    for plan in records.rows(Plan, Plan.sent_at):
        yield f"planer/plan {plan.version}.pdf", _plan(records, law, municipality, plan)
        for file in attachments_at(records.session, records.account, plan.sent_at):
            if file.id not in given:
                given.add(file.id)
                yield f"planer/bilagor/{file.id} {plain_name(file.file_name)}", file.content


def _plan(records: Records, law: Law, municipality: Municipality, plan: Plan) -> bytes:
    sent_at = plan.sent_at or plan.saved_at
    account = records.account
    values = {
        "municipality": municipality.name,
        "kind": "Plan för konto i sociala medier",
        "rows": [
            ("Version", str(plan.version)),
            ("Skickad", moment(sent_at, records.zone)),
            ("Sökande", records.name(account.applicant_id)),
            *plan_answers(records.session, law, account, plan),
        ],
    }
    title = capital(words.account_words(account))
    identifier = uuid5(NAMESPACE_URL, f"kanalvakt:plan:{plan.id}").hex
    return render("plain.html", values, "pdf", title=title, created_at=sent_at, identifier=identifier)


EVALUATION_COLUMNS = ("Från", "Till", "Rekommendation", "Utfall", "Utan svar", "Besvarad", "Uppgift", "Värde")
OBSERVATION_COLUMNS = (
    "Tid",
    "Resultat",
    "Antal inlägg",
    "Exakt",
    "Räknat sedan",
    "Senaste inlägg",
    "Adress",
    "Källa",
    "Av",
)
WATCH_COLUMNS = ("Månad", "Begärda dagar", "Bekräftade", "Missade", "Förklarade")
EVENT_COLUMNS = (
    "Nummer",
    "Tid",
    "Händelse",
    "Gäller",
    "Utfall",
    "Av",
    "I stället för",
    "Genom",
    "Klausuler",
    "Kontrollsumma",
)
_OUTCOMES = {one.value: said for one, said in words.OUTCOMES.items()}


def _evaluations(records: Records) -> Iterator[Sequence[str]]:
    for one in records.days(Evaluation, Evaluation.until_on):
        head = (
            one.from_on.isoformat(),
            (one.until_on - timedelta(days=1)).isoformat(),
            _OUTCOMES.get(one.recommends, one.recommends),
            _OUTCOMES.get(one.outcome, one.outcome),
            "ja" if one.by_default else "nej",
            records.at(one.answered_at),
        )
        told = [*one.facts.items(), *one.answers.items()] or [("", "")]
        yield from ((*head, str(name), str(value)) for name, value in told)


def _observations(records: Records) -> Iterator[Sequence[str]]:
    for one in records.rows(Observation, Observation.checked_at):
        yield (
            records.at(one.checked_at),
            SIGHT_WORDS.get(one.state.value, one.state.value),
            str(one.count),
            "ja" if one.complete else "minst",
            records.at(one.since_at),
            records.at(one.latest_at),
            one.latest_url,
            one.source,
            records.name(one.by_id),
        )


def _watch(records: Records) -> Iterator[Sequence[str]]:
    for one in records.days(WatchMonth, WatchMonth.month_on):
        counts = (one.asked, one.confirmed, one.missed, one.explained)
        yield (one.month_on.isoformat()[:7], *map(str, counts))


def _events(records: Records) -> Iterator[Sequence[str]]:
    """The log without what was written freely: that is weighed by itself."""
    for one in records.rows(AuditEvent, AuditEvent.at):
        task = records.session.get(UserTask, one.task_id) if one.task_id else None
        outcome = str(one.facts.get("outcome", ""))
        yield (
            str(one.number),
            records.at(one.at),
            EVENT_WORDS.get(one.kind, one.kind),
            task.label if task else "",
            _OUTCOMES.get(outcome, outcome),
            records.name(one.actor_id),
            records.name(one.on_behalf_of_id),
            VIA_WORDS.get(one.via, one.via),
            ", ".join(one.clauses),
            one.digest,
        )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Nothing when there are no rows."""
    written = list(rows)
    return as_csv(columns, written) if written else b""


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """As a Swedish spreadsheet opens it; no cell is a formula."""
    file = io.StringIO()
    written = ([_cell(value) for value in row] for row in rows)
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerows([columns, *written])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _cell(value: str) -> str:
    """A spreadsheet would take what begins like this for a formula."""
    return f"'{value}" if value.lstrip(" \n").startswith(FORMULA_SIGNS) else value


def plain_name(name: str) -> str:
    """A file name without folders and signs that no system takes."""
    safe = "".join(one if one.isprintable() and one not in '/\\:*?"<>|' else "-" for one in name)
    return safe.strip(". ").encode()[:_LONGEST_NAME].decode(errors="ignore").strip(". ") or "fil"


def packed_files(files: Sequence[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _PACKED_AT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, content)
    return file.getvalue()


# ---------------------------------------------------------------- the list


def _size(content: bytes) -> str:
    return f"{format_decimal(len(content), locale='sv')}\N{NO-BREAK SPACE}byte"


def _index(
    records: Records, municipality: Municipality, files: Sequence[tuple[str, bytes]], now: datetime
) -> bytes:
    account = records.account
    unit = records.session.get(Unit, account.unit_id) if account.unit_id else None
    listed = [(name, _size(content), one_line(sha256(content).hexdigest())) for name, content in files]
    facts = [
        ("Konto", capital(words.account_words(account))),
        ("Adress", account.address),
        ("Enhet", unit.name if unit else "Gemensamt för kommunen"),
        ("Tid", records.period.words(records.zone)),
        ("Sammanställt", moment(now, records.zone)),
    ]
    tables = [
        Table("Det här ingår", ("Fil", "Storlek", "SHA-256"), listed, widths=(39, 12, 49)),
        Table(
            "Det här ingår inte",
            ("Vad", "Antal", "Varför"),
            left_out(records),
            "Det som prövas för sig kan begäras ut: då prövas varje uppgift enligt offentlighets- och "
            "sekretesslagen (2009:400).",
        ),
    ]
    lists = Lists(
        municipality=municipality.name,
        kind="Utlämnade handlingar",
        title=facts[0][1],
        lead="Handlingarna om kontot, och en förteckning över vad som ingår och inte ingår.",
        facts=facts,
        tables=tables,
    )
    identifier = uuid5(NAMESPACE_URL, f"kanalvakt:hand-out:{account.id}:{now.isoformat()}").hex
    return write_lists(lists, created_at=now, identifier=identifier)
