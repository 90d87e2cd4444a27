"""The yearly report's tables as people read them: each with a total, and how it is counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from babel.dates import format_date
from sqlmodel import Session

from lifecycle import yearly_report as figures
from lifecycle.law import Law
from lifecycle.yearly_report import Accounts, Month, Year
from models import Process
from policies.keys import Platform
from policies.naming import PLATFORM_NAMES

Cell = str | int | float | None
"""None: there is nothing to count."""
COMMON = "Gemensamma konton"
NO_DATA = "–"
_CHAINS = {
    Process.OPENING: "Nytt konto",
    Process.ADMINISTRATOR_CHANGE: "Ny administratör",
    Process.GUEST: "Gäst",
    Process.CLOSING: "Avslut",
}
_REASONS = {"planned": "Enligt plan", "major_change": "Stor förändring", "final": "Vid avslut"}
_OUTCOMES = {
    "continue": "Fortsätter som nu",
    "change": "Ändras",
    "rest": "Vilar",
    "close": "Avslutas",
    "red": "Stod still hos kommunikation",
    "": "Inget svar än",
}

_NOTES = {
    "platform": (
        "Konton som har varit öppna någon del av året, efter den dag de öppnades och avslutades. "
        "Konton vars första dag inte är känd räknas som öppna från början. Ansökningar räknas inte."
    ),
    "unit": (
        "Samma konton, efter den enhet som de hör till nu. Ett konto som har flyttats räknas hos sin "
        "nya enhet."
    ),
    "month": (
        "Samma konton, månad för månad. Totalt visar årets öppnade och avslutade, och hur många som "
        "är öppna sist."
    ),
    "decisions": (
        "Beslut och samråd som besvarades under året. Tiden räknas från det att frågan ställdes till "
        "svaret, i dygn, också helger. Median: hälften av svaren gick fortare. Svar som togs tillbaka "
        "räknas inte. Utan svar: samråd vars tid gick ut."
    ),
    "watch": (
        "En bevakning är ett konto och en dag (eller en del av en dag) då någon ska titta till det. "
        "Missad: ingen bekräftade före dagens slut. Förklarad: någon har skrivit varför i efterhand; "
        "den räknas också som missad."
    ),
    "cases": (
        "Ärenden som öppnades under året, och vad som hade hänt med dem när det tog slut. Sent: den "
        "tid som riktlinjen ger gick ut innan det var gjort. Svar: besvarade eller lämnade vidare. "
        "Sent svar: efter den tid som ska, eller annars bör, hållas."
    ),
    "posts": (
        "Vad avläsningarna och de som sköter kontona har berättat. Ett fel är aldrig ”inget inlägg”. "
        "Inläggen är minst så många: plattformarna visar bara de senaste, och den första avläsningen "
        "av ett konto räknas inte med. För få inlägg: gånger då de som sköter ett konto har frågats "
        "varför inget publiceras."
    ),
    "pictures": (
        "Bilder som sparades under året. Ett konto kan ha bilder av flera skäl; i totalen räknas det en gång."
    ),
    "evaluations": (
        "Utvärderingar vars period tog slut under året. Utan svar: ingen svarade, och det som "
        "kommunen har bestämt gäller."
    ),
}
"""How each table is counted."""


@dataclass(frozen=True)
class YearTable:
    """One table. The first cell of a row says what it is about."""

    title: str
    note: str
    """How it is counted."""
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell]


@dataclass(frozen=True)
class YearReport:
    """A year of one municipality."""

    municipality: str
    year: Year
    period: str
    months: Sequence[Month]
    tables: Sequence[YearTable]
    headlines: Sequence[tuple[str, str]]
    """What stands at the top."""


def report_of(session: Session, law: Law, municipality: str, year: Year) -> YearReport:
    """Everything that is counted."""
    months = figures.months_of(session, law, year)
    tables = [
        _by_platform(figures.accounts_by_platform(session, law, year)),
        _by_unit(figures.accounts_by_unit(session, law, year)),
        _by_month(months),
        _decisions(figures.decision_times(session, law, year)),
        _watch(figures.watch_by_unit(session, law, year)),
        _cases(figures.cases_by_kind(session, law, year)),
        _posts(figures.posts_by_platform(session, law, year)),
        _pictures(
            figures.snapshots_by_reason(session, law, year), figures.accounts_pictured(session, law, year)
        ),
        _evaluations(figures.evaluations_by_outcome(session, law, year)),
    ]
    return YearReport(municipality, year, period_words(year), months, tables, list(_headlines(tables)))


def period_words(year: Year) -> str:
    """1 januari–31 december 2026, or until today."""
    if year.until_on <= year.from_on:
        return f"{year.number} har inte börjat"
    last_on = year.until_on - timedelta(days=1)
    return f"1 januari–{format_date(last_on, 'd MMMM y', locale='sv')}"


def _headlines(tables: Sequence[YearTable]) -> Iterator[tuple[str, str]]:
    accounts, _, _, decisions, watch, cases = tables[:6]
    yield (
        "Öppna konton vid slutet",
        f"{accounts.total[4]} ({accounts.total[2]} öppnades, {accounts.total[3]} avslutades)",
    )
    middle = f", median {words(decisions.total[2])} dygn" if decisions.total[1] else ""
    yield "Beslut och samråd", f"{decisions.total[1]} svar{middle}"
    yield "Bevakning", f"{watch.total[3]} av {watch.total[1]} bevakningar missades"
    yield "Ärenden", f"{cases.total[1]}, varav {cases.total[3]} blev sena"


def words(cell: Cell) -> str:
    """A cell as it is read: a decimal comma, and a dash where there is nothing to count."""
    if cell is None:
        return NO_DATA
    return f"{cell:.1f}".replace(".", ",") if isinstance(cell, float) else str(cell)


def platform_words(code: str) -> str:
    """The platform's name."""
    return PLATFORM_NAMES[Platform(code)] if code in set(Platform) else (code or "Utan plattform")


def _sums(rows: Sequence[Sequence[Cell]], columns: int) -> list[Cell]:
    return [sum(one for row in rows if isinstance(one := row[place], int)) for place in range(1, columns)]


def _summed(title: str, note: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> YearTable:
    return YearTable(title, note, columns, rows, ["Totalt", *_sums(rows, len(columns))])


def _rows_of(accounts: Sequence[Accounts], name: dict[str, str]) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [name[one.key], one.before, one.opened, one.closed, one.after] for one in accounts
    ]
    return sorted(rows, key=lambda row: str(row[0]).casefold())


_ACCOUNTS = ("Vid början", "Öppnade", "Avslutade", "Vid slutet")


def _by_platform(accounts: Sequence[Accounts]) -> YearTable:
    note = _NOTES["platform"]
    rows = _rows_of(accounts, {one.key: platform_words(one.key) for one in accounts})
    return _summed("Konton per plattform", note, ("Plattform", *_ACCOUNTS), rows)


def _by_unit(accounts: Sequence[Accounts]) -> YearTable:
    note = _NOTES["unit"]
    rows = _rows_of(accounts, {one.key: one.key or COMMON for one in accounts})
    return _summed("Konton per enhet", note, ("Enhet", *_ACCOUNTS), rows)


def _by_month(months: Sequence[Month]) -> YearTable:
    note = _NOTES["month"]
    rows: list[list[Cell]] = [
        [format_date(one.first_on, "MMMM", locale="sv").capitalize(), one.opened, one.closed, one.open]
        for one in months
    ]
    total = ["Totalt", *_sums(rows, 3), months[-1].open if months else 0]
    return YearTable(
        "Konton månad för månad", note, ("Månad", "Öppnade", "Avslutade", "Öppna vid slutet"), rows, total
    )


def _decisions(waits: Sequence[figures.Waits]) -> YearTable:
    note = _NOTES["decisions"]
    rows = [_wait(f"{_CHAINS[one.process]}: {one.label}", [one]) for one in waits]
    columns = ("Steg", "Svar", "Median, dygn", "Längst, dygn", "Utan svar")
    return YearTable("Tid till beslut", note, columns, rows, _wait("Totalt", waits))


def _wait(name: str, waits: Sequence[figures.Waits]) -> list[Cell]:
    days = [day for one in waits for day in one.days]
    return [
        name,
        len(days),
        median(days) if days else None,
        max(days, default=None),
        sum(one.unanswered for one in waits),
    ]


def _watch(watched: Sequence[figures.Watched]) -> YearTable:
    note = _NOTES["watch"]
    rows: list[list[Cell]] = [
        [one.unit or COMMON, one.asked, one.confirmed, one.missed, one.explained] for one in watched
    ]
    columns = ("Enhet", "Bevakningar", "Bekräftade", "Missade", "Varav förklarade")
    return _summed("Bevakning", note, columns, rows)


def _cases(cases: Sequence[figures.Cases]) -> YearTable:
    note = _NOTES["cases"]
    rows: list[list[Cell]] = [
        [one.label, one.opened, one.closed, one.late, one.answers, one.answered_late] for one in cases
    ]
    columns = ("Slag", "Öppnade", "Avslutade", "Sena", "Svar", "Sena svar")
    return _summed("Ärenden och svar", note, columns, rows)


def _posts(posts: Sequence[figures.Posts]) -> YearTable:
    note = _NOTES["posts"]
    rows: list[list[Cell]] = [
        [platform_words(one.platform), one.accounts, one.looks, one.failed, one.posts, one.silent]
        for one in posts
    ]
    columns = ("Plattform", "Konton", "Avläsningar", "Misslyckade", "Inlägg, minst", "För få inlägg")
    return _summed("Publicering", note, columns, rows)


def _pictures(pictures: Sequence[figures.Pictures], accounts: int) -> YearTable:
    note = _NOTES["pictures"]
    rows: list[list[Cell]] = [
        [_REASONS.get(one.reason, one.reason), one.captured, one.uploaded, one.accounts] for one in pictures
    ]
    columns = ("Skäl", "Tagna av Kanalvakt", "Inlämnade", "Konton")
    return YearTable("Ögonblicksbilder", note, columns, rows, ["Totalt", *_sums(rows, 3), accounts])


def _evaluations(counted: dict[tuple[str, bool], int]) -> YearTable:
    note = _NOTES["evaluations"]
    outcomes = [one for one in _OUTCOMES if any(code == one for code, _ in counted)]
    rows: list[list[Cell]] = [_outcome(counted, one) for one in outcomes]
    return _summed("Utvärderingar", note, ("Utfall", "Utvärderingar", "Varav utan svar"), rows)


def _outcome(counted: dict[tuple[str, bool], int], outcome: str) -> list[Cell]:
    by_default = counted.get((outcome, True), 0)
    return [_OUTCOMES[outcome], counted.get((outcome, False), 0) + by_default, by_default]
