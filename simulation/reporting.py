"""The report of a played year: what is printed, the tables as CSV, and a page with charts."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from models import TaskKind
from runtime.database import reading
from simulation import words
from simulation.counting import (
    SHARED,
    Closure,
    Late,
    Load,
    Red,
    Week,
    closures_of,
    fullest_day,
    late_of,
    loads_of,
    reds_of,
    roles_of,
    unknown_kinds,
    weeks_of,
)
from simulation.duty_answers import ANSWERS
from simulation.estimate import in_words
from simulation.simulating import Played

Rows = list[tuple[str, ...]]
_SHOWN = 12
"""Lines of a list that are printed; the tables have them all."""


@dataclass(frozen=True)
class Report:
    """Everything that is told of a played year."""

    played: Played
    roles: dict[int, str]
    weeks: list[Week]
    loads: list[Load]
    closures: list[Closure]
    reds: list[Red]
    late: Late
    unanswered: Counter[str]
    names: dict[int, str]
    """Accounts by id."""


def report_of(played: Played) -> Report:
    """Count what was written down."""
    law, ledger, order = played.law, played.ledger, played.order
    with reading(played.engine) as session:
        roles = roles_of(session, law)
        closures = closures_of(session, law, order.from_on)
        reds = reds_of(session, law, order.until_on)
        late = late_of(session, law, ledger, played.began_at)
        names = played.names(session)
    weeks = weeks_of(ledger, roles, law)
    known = [*(kind.value for kind in ANSWERS), TaskKind.WATCH.value, TaskKind.INFORM.value]
    return Report(
        played,
        roles,
        weeks,
        loads_of(weeks, roles, order.days),
        closures,
        reds,
        late,
        unknown_kinds(ledger, known),
        names,
    )


# ---------------------------------------------------------------- what is printed


def as_text(report: Report) -> str:
    """The report as it is printed."""
    parts = (_heading, _load, _kept, _ended, _lateness, _red, _rules, _estimate)
    return "\n\n".join("\n".join(part(report)) for part in parts) + "\n"


def _heading(report: Report) -> Iterator[str]:
    order = report.played.order
    name = report.played.law.policy.name
    yield f"{name}: {order.days} dagar från {order.from_on.isoformat()}"
    yield (
        f"{order.accounts} konton och {order.people} personer i en påhittad kommun, frö {order.seed}. "
        f"{len(report.played.ledger.letters)} brev, {len(report.played.ledger.tasks)} uppgifter."
    )


def _load(report: Report) -> Iterator[str]:
    yield "Per person och vecka"
    wide = max([24, *(len(one.role) + 1 for one in report.loads)])
    yield f"  {'':<{wide}}{'personer':>9}{'brev':>7}{'uppgifter':>11}{'minuter':>9}   mest på en vecka, alla"
    for one in report.loads:
        figures = f"{words.number(one.letters):>7}{words.number(one.tasks):>11}{words.number(one.minutes):>9}"
        worst = f"{one.worst_week} brev (veckan från {one.worst_monday.isoformat()})"
        yield f"  {one.role:<{wide}}{one.people:>9}{figures}   {worst}"


def _kept(report: Report) -> Iterator[str]:
    fullest = fullest_day(report.played.ledger, report.played.law)
    if fullest is not None:
        count, day, _ = fullest
        yield f"Flest brev till en person på en dag: {count} ({day.isoformat()})."
    broken = report.played.ledger.broken
    if not broken:
        yield "Ingen fick mer än ett morgonbrev om dagen, och inget brev från klockan gick utanför arbetstid."
    yield from (f"BRUTET LÖFTE: {one}" for one in broken[:_SHOWN])
    refusals = sorted(report.played.ledger.refusals.items())
    if refusals:
        listed = ", ".join(f"{words.refusal(code)} {count}" for code, count in refusals)
        yield f"Nekat enligt reglerna: {listed}."
    if report.unanswered:
        listed = ", ".join(f"{words.kind(kind)} {count}" for kind, count in sorted(report.unanswered.items()))
        yield f"Simuleringen kan inte svara på: {listed}."


def _ended(report: Report) -> Iterator[str]:
    counted = Counter(one.state for one in report.closures)
    listed = ", ".join(f"{words.STATES[state]} {count}" for state, count in sorted(counted.items()))
    yield f"Slut: {listed or 'inga konton eller ansökningar'}"
    for one in [one for one in report.closures if one.state in ("closing", "closed")][:_SHOWN]:
        reason = one.reason or "utan angivet skäl"
        yield f"  {one.on.isoformat()}  {one.name}: {words.STATES[one.state]}, {reason}"


def _lateness(report: Report) -> Iterator[str]:
    late = report.late
    yield f"Sent: {late.missed_days} av {late.watch_days} bevakningar missades"
    for kind, count in sorted(late.escalated.items()):
        still = late.still_open.get(kind, 0)
        yield f"  {words.kind(kind)}: {count} gånger fick någon annan veta det, {still} väntar än"


def _red(report: Report) -> Iterator[str]:
    accounts = len({one.account_id for one in report.reds})
    days = sum(one.days for one in report.reds)
    yield f"Stod still: {accounts} konton, sammanlagt {days} dagar"
    for one in report.reds[:_SHOWN]:
        end = "står än" if one.until_on is None else f"till {one.until_on.isoformat()}"
        name = report.names.get(one.account_id, str(one.account_id))
        yield f"  {one.days:>4} dagar  {name}: {words.red(one.reason)}, från {one.from_on.isoformat()}, {end}"


def _rules(report: Report) -> Iterator[str]:
    rules = report.played.rules
    fired = [one for one in rules if one.seen]
    yield f"Regler: {len(fired)} av {len(rules)} sågs verka"
    for one in rules:
        if one.seen is None:
            yield f"  sågs inte: {one.path} ({one.cite})"


def _estimate(report: Report) -> Iterator[str]:
    yield in_words()


# ---------------------------------------------------------------- tables


def tables_of(report: Report) -> dict[str, str]:
    """The tables as CSV, by file name: semicolons and decimal commas, as a Swedish spreadsheet reads them."""
    return {
        "per-vecka.csv": _csv(
            ("vecka från", "roll", "brev", "uppgifter", "svar", "minuter"), _week_rows(report)
        ),
        "per-roll.csv": _csv(
            ("roll", "personer", "brev per person och vecka", "uppgifter", "minuter", "mest på en vecka"),
            _load_rows(report),
        ),
        "brev.csv": _csv(("dag", "klockslag", "roll", "brev", "konto"), _letter_rows(report)),
        "avslut.csv": _csv(("dag", "konto", "tillstånd", "skäl"), _closure_rows(report)),
        "stod-still.csv": _csv(("konto", "skäl", "från", "till", "dagar"), _red_rows(report)),
        "regler.csv": _csv(("regel", "punkt", "styrka", "gånger", "första dag"), _rule_rows(report)),
    }


def _csv(header: Sequence[str], rows: Rows) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows([header, *rows])
    return written.getvalue()


def _week_rows(report: Report) -> Rows:
    return [
        (w.monday.isoformat(), w.role, str(w.letters), str(w.tasks), str(w.clicks), words.number(w.minutes))
        for w in report.weeks
    ]


def _load_rows(report: Report) -> Rows:
    return [
        (
            one.role,
            str(one.people),
            words.number(one.letters),
            words.number(one.tasks),
            words.number(one.minutes),
            str(one.worst_week),
        )
        for one in report.loads
    ]


def _letter_rows(report: Report) -> Rows:
    zone, rows = ZoneInfo(report.played.law.calendar.zone), list[tuple[str, ...]]()
    for letter in report.played.ledger.letters:
        local = letter.at.astimezone(zone)
        role = report.roles.get(letter.person_id or 0, SHARED)
        name = report.names.get(letter.account_id or 0, "")
        rows.append((f"{local:%Y-%m-%d}", f"{local:%H.%M}", role, words.notice(letter.notice), name))
    return rows


def _closure_rows(report: Report) -> Rows:
    return [(one.on.isoformat(), one.name, words.STATES[one.state], one.reason) for one in report.closures]


def _red_rows(report: Report) -> Rows:
    return [
        (
            report.names.get(one.account_id, str(one.account_id)),
            words.red(one.reason),
            one.from_on.isoformat(),
            one.until_on.isoformat() if one.until_on else "",
            str(one.days),
        )
        for one in report.reds
    ]


def _rule_rows(report: Report) -> Rows:
    return [
        (
            one.path,
            one.cite,
            one.modality,
            str(one.seen.count if one.seen else 0),
            one.seen.first_on.isoformat() if one.seen else "",
        )
        for one in report.played.rules
    ]


def write(report: Report, folder: Path, page: str) -> list[Path]:
    """Write the tables, what is printed, and the page with charts; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {**tables_of(report), "rapport.txt": as_text(report), "rapport.html": page}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8-sig" if name.endswith(".csv") else "utf-8", newline="")
    return [folder / name for name in files]
