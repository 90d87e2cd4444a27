"""The overviews in Swedish, as tables that the desk in Prefect and the portal both show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session

from acts.overview_words import (
    ROUNDS,
    RULES,
    STANDING,
    STANDS,
    STATES,
    account_words,
    counted,
    day_words,
    days_left_words,
    label_of,
    moment_words,
    ordered,
    red_words,
    source_words,
    window_words,
)
from acts.silence import RoundStand, rounds_stand
from lifecycle import overview
from lifecycle.law import Law
from lifecycle.overview import Asked
from lifecycle.overview_accounts import LIMIT, Found
from lifecycle.overview_deputies import Undeputised
from lifecycle.posting_stands import Stand
from models import LIVING, Account
from policies.citing import places


@dataclass(frozen=True)
class Cell:
    """A text, and where it leads."""

    text: str
    place: str = ""
    """A page of the signed-in portal, e.g. "konto/12"; empty where it leads nowhere."""
    run_id: str = ""
    """The account's flow run, where it leads there."""
    bad: bool = False
    """Whether it stands out: something is wrong."""


@dataclass(frozen=True)
class Chart:
    """Bars, and in words what they show."""

    says: str
    bars: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Page:
    """One overview."""

    says: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: int
    """How many rows there are in all; `rows` holds the worst of them."""
    nothing: str
    """What is said when there are none."""
    chart: Chart | None = None
    second: "Page | None" = field(default=None)
    """A table below the first."""

    @property
    def in_short(self) -> str:
        """What there is, or that there is nothing."""
        return self.says if self.rows else self.nothing


IN_PREFECT = "I Prefect"
"""The column that leads to the account's flow run."""
Make = Callable[[Session, Law, datetime], Page]


def _account(account: Account | None) -> Cell:
    place = f"konto/{account.id}" if account is not None else ""
    return Cell(account_words(account), place)


def _run(account: Account | None) -> Cell:
    run_id = account.flow_run_id if account is not None else None
    return Cell("Körning", run_id=run_id) if run_id else Cell("")


def _people(names: Sequence[str]) -> Cell:
    if not names:
        return Cell("Ingen", bad=True)
    shown = ", ".join(names[:3])
    return Cell(f"{shown} och {len(names) - 3} till" if len(names) > 3 else shown)


def _clauses(one: Asked, law: Law) -> Cell:
    return Cell(". ".join(places(law.content, one.task.clauses)))


def today(session: Session, law: Law, now: datetime, *, limit: int = LIMIT) -> Page:
    """What is to be done today."""
    zone = law.calendar.zone
    found = overview.today(session, law, now, limit)
    red = [
        [
            Cell(red_words(one.account.red_reason), bad=True),
            _account(one.account),
            _people(one.people),
            Cell("nu", bad=True),
            _run(one.account),
        ]
        for one in found.red.rows
    ]
    asked = [
        [
            Cell(label_of(one.task)),
            _account(one.account),
            _people(one.holders),
            _until(one, zone, now),
            _run(one.account),
        ]
        for one in found.asked.rows
    ]
    left = found.to_watch - found.watched
    unsettled = _unsettled(found.unsettled, law, now)
    more = f" {unsettled.says}" if unsettled else ""
    return Page(
        says=f"{counted(found.red.total, 'konto', 'konton')} står still. "
        f"{counted(found.asked.total, 'uppgift', 'uppgifter')} att göra klart i dag.{more}",
        columns=("Vad", "Konto", "Vem", "Senast", IN_PREFECT),
        rows=[*red, *asked][:limit],
        total=found.red.total + found.asked.total,
        nothing=f"Inget annat ska vara klart i dag.{more}" if more else "Inget väntar i dag.",
        second=unsettled,
        chart=Chart(
            f"Dagens bevakning: {found.watched} av {found.to_watch} har bekräftats.",
            (("Bekräftade", found.watched), ("Väntar", left)),
        )
        if found.to_watch
        else None,
    )


def _unsettled(found: Found[Asked], law: Law, now: datetime) -> Page | None:
    """What Kanalvakt or a visitor has noticed and somebody has to look into.

    What is about no account is the unit's own, and leads to the day's page, where it is answered.
    """
    if not found.total:
        return None
    zone, on = law.calendar.zone, law.day_of(now)
    return Page(
        says=f"{counted(found.total, 'sak', 'saker')} att reda ut.",
        columns=("Vad", "Konto", "Vem", "Sedan", IN_PREFECT),
        rows=[
            [
                Cell(label_of(one.task), "" if one.account else "idag"),
                _account(one.account),
                _people(one.holders),
                Cell(day_words(one.task.opened_at, zone, on)),
                _run(one.account),
            ]
            for one in found.rows
        ],
        total=found.total,
        nothing="",
    )


def _until(one: Asked, zone: str, now: datetime) -> Cell:
    at = one.task.due_at or one.task.escalated_at
    on = now.astimezone(ZoneInfo(zone)).date()
    late = at is not None and at <= now
    return Cell(moment_words(at, zone, on), bad=late)


def register(session: Session, law: Law, now: datetime, *, limit: int = LIMIT) -> Page:
    """Every account and application."""
    zone, on = law.calendar.zone, law.day_of(now)
    found, states = overview.register(session, law, now, limit), overview.states(session, law)
    living = [(STATES[one], states.get(one, 0)) for one in LIVING if states.get(one)]
    return Page(
        says=f"{counted(found.total, 'konto', 'konton')}, med ansökningar."
        + ordered(found.total, "De som står still först."),
        columns=(
            "Konto",
            "Enhet",
            "Ansvarig",
            "Läge",
            "Senast bevakat",
            "Senaste inlägg",
            "Öppnat",
            IN_PREFECT,
        ),
        rows=[
            [
                _account(one.account),
                Cell(one.unit or "Gemensamt"),
                _people(one.people) if one.people else Cell("–"),
                _standing(one.account),
                Cell(day_words(one.account.watched_on, zone, on), bad=one.account.missed_days > 0),
                Cell(day_words(one.account.posted_at, zone, on)),
                Cell(day_words(one.account.opened_on, zone, on)),
                _run(one.account),
            ]
            for one in found.rows
        ],
        total=found.total,
        nothing="Det finns inga konton än.",
        chart=Chart("Konton: " + ", ".join(f"{name.lower()} {n}" for name, n in living) + ".", living)
        if living
        else None,
    )


def _standing(account: Account) -> Cell:
    if account.red_reason:
        return Cell(red_words(account.red_reason), bad=True)
    return Cell(account.waits_for or STANDING[account.state])


def decisions(session: Session, law: Law, now: datetime, *, limit: int = LIMIT) -> Page:
    """Who has been asked to decide something, since when, and how long they have."""
    zone, on = law.calendar.zone, law.day_of(now)
    found = overview.waiting_decisions(session, law, now, limit)
    return Page(
        says=f"{counted(found.total, 'fråga', 'frågor')} väntar på svar."
        + ordered(found.total, "Den som har minst tid kvar först, sedan den äldsta."),
        columns=("Fråga", "Konto", "Vem", "Sedan", "Kvar", "Punkt", IN_PREFECT),
        rows=[
            [
                Cell(label_of(one.task)),
                _account(one.account),
                _people(one.holders),
                Cell(day_words(one.task.opened_at, zone, on)),
                Cell(
                    days_left_words(one.working_days_left),
                    bad=one.working_days_left is not None and one.working_days_left <= 0,
                ),
                _clauses(one, law),
                _run(one.account),
            ]
            for one in found.rows
        ],
        total=found.total,
        nothing="Ingen väntar på ett beslut.",
    )


def overdue(session: Session, law: Law, now: datetime, *, limit: int = LIMIT) -> Page:
    """What was not done in its time."""
    zone, on = law.calendar.zone, law.day_of(now)
    found = overview.overdue(session, law, now, limit)
    return Page(
        says=f"{counted(found.total, 'uppgift är sen', 'uppgifter är sena')}."
        + ordered(found.total, "Den som har varit sen längst först."),
        columns=("Uppgift", "Konto", "Vem", "Skulle vara gjort", "Punkt", IN_PREFECT),
        rows=[
            [
                Cell(label_of(one.task)),
                _account(one.account),
                _people(one.holders),
                Cell(day_words(one.task.due_at or one.task.escalated_at, zone, on), bad=True),
                _clauses(one, law),
                _run(one.account),
            ]
            for one in found.rows
        ],
        total=found.total,
        nothing="Inget är försenat.",
    )


def posting(session: Session, law: Law, now: datetime, *, limit: int = LIMIT) -> Page:
    """How each account stands to the rules on posting."""
    zone, on = law.calendar.zone, law.day_of(now)
    found = overview.posting(session, law, now)
    count = {stand: sum(one.how.stand is stand for one in found.rows) for stand in Stand}
    bars = [(STANDS[stand], count[stand]) for stand in (Stand.SHORT, Stand.UNKNOWN, Stand.KEPT)]
    return Page(
        says="Vad som har publicerats, mot vad riktlinjen säger."
        + ordered(found.total, "För lite publicerat först, sedan det vars senaste inlägg är äldst."),
        columns=(
            "Konto",
            "Läge",
            "Senaste inlägg",
            "Inlägg",
            "Ska vara",
            "Senast läst",
            "Om läsningen",
            IN_PREFECT,
        ),
        rows=[
            [
                _account(one.account),
                Cell(STANDS[one.how.stand], bad=one.how.stand is Stand.SHORT),
                Cell(day_words(one.known.posted_at, zone, on) or "inget känt"),
                Cell(f"minst {one.how.seen}" if one.known.seen_at else "–"),
                Cell(window_words(one.how.window)),
                Cell(day_words(one.known.seen_at, zone, on) or "aldrig"),
                Cell(source_words(one.source), bad=bool(one.source and one.source.problem)),
                _run(one.account),
            ]
            for one in found.rows[:limit]
        ],
        total=found.total,
        nothing="Inget konto har en regel om publicering.",
        chart=Chart("Publicering: " + ", ".join(f"{name.lower()} {n}" for name, n in bars) + ".", bars)
        if found.rows
        else None,
    )


def without_deputy(session: Session, law: Law, now: datetime, *, limit: int = LIMIT) -> Page:
    """Accounts that have nobody, soon have nobody, or hang on one person."""
    zone, on = law.calendar.zone, law.day_of(now)
    found = overview.without_deputy(session, law, now)

    def says(one: Undeputised) -> Cell:
        if one.nobody_from_on is None:
            without = ", som inte har någon ersättare på plats" if one.person else " är på plats"
            return Cell(f"Bara {one.person or 'en gäst'}{without}")
        if one.nobody_from_on <= on:
            return Cell("Ingen är på plats", bad=True)
        return Cell(f"Ingen är på plats från {day_words(one.nobody_from_on, zone, on)}", bad=True)

    return Page(
        says=f"{counted(found.total, 'konto', 'konton')} saknar någon som kan ta över.",
        columns=("Konto", "Enhet", "Vad som saknas", IN_PREFECT),
        rows=[
            [_account(one.account), Cell(one.unit or "Gemensamt"), says(one), _run(one.account)]
            for one in found.rows[:limit]
        ],
        total=found.total,
        nothing="Alla konton har någon som kan ta över.",
    )


def cases(session: Session, law: Law, now: datetime, *, limit: int = LIMIT) -> Page:
    """The open cases and their times. What a case is about stands in the portal only."""
    zone = law.calendar.zone
    found = overview.open_cases(session, law, now, limit)
    return Page(
        says=f"{counted(found.total, 'ärende', 'ärenden')} pågår."
        + ordered(found.total, "Det som har minst tid kvar först."),
        columns=("Ärende", "Konto", "Nästa steg", "Vem", "Senast", "Öppnat", IN_PREFECT),
        rows=[
            [
                Cell(one.case.label, f"idag/arende/{one.case.id}"),
                _account(one.account),
                Cell(one.step or "–"),
                _people(one.holders) if one.step else Cell("–"),
                Cell(
                    moment_words(one.due_at, zone, law.day_of(now)) or "ingen tid satt",
                    bad=one.due_at is not None and one.due_at <= now,
                ),
                Cell(day_words(one.case.opened_at, zone, law.day_of(now))),
                _run(one.account),
            ]
            for one in found.rows
        ],
        total=found.total,
        nothing="Inga ärenden pågår.",
    )


def rules(session: Session, law: Law, now: datetime) -> Page:
    """What each rule did last, and which rounds have been silent for too long."""
    zone, on = law.calendar.zone, law.day_of(now)
    found, stands = overview.rules_did(session, law, now), rounds_stand(session, law, now)
    silent = [ROUNDS[one.name] for one in stands if one.silent_since]
    silent_word = "Tyst" if len(silent) == 1 else "Tysta"
    says = f"{silent_word} för länge: {', '.join(silent)}." if silent else "Alla ronder har gått som de ska."
    return Page(
        says=says,
        columns=("Regel", "Punkt", "Frågade senast", "Besvarades senast", "Väntar nu", "Ronden"),
        rows=[
            [
                Cell(RULES[one.rule]),
                Cell(". ".join(one.clauses)),
                Cell(moment_words(one.asked_at, zone, on) or "–"),
                Cell(moment_words(one.answered_at, zone, on) or "–"),
                Cell(str(one.waiting)),
                _silence([it for it in stands if it.name in RESTS_ON.get(one.rule, ())], zone, on),
            ]
            for one in found.rows
        ],
        total=found.total,
        nothing=f"{says} Reglerna frågar ingen om något.",
        second=Page(
            says="Ronderna är det som klockan gör, och som reglerna vilar på.",
            columns=("Rond", "Gick senast", "Hittade", "Läge"),
            rows=[
                [
                    Cell(ROUNDS[one.name]),
                    Cell(moment_words(one.done_at, zone, on) or "aldrig"),
                    Cell(str(one.found)),
                    _silence([one], zone, on),
                ]
                for one in stands
            ],
            total=len(stands),
            nothing="",
        ),
    )


RESTS_ON: Mapping[str, Sequence[str]] = {
    "documents": ("renewals",),
    "watch": ("watch", "watch_end"),
    "answer": ("cases",),
    "removal": ("cases",),
    "matters": ("cases",),
    "posting": ("posting",),
    "inactivity": ("inactivity", "inactivity_end"),
    "documentation": ("documentation",),
    "weeding": ("weeding",),
    "evaluation": ("evaluation",),
    "revision": ("guideline_review",),
}
"""The rounds without which a rule is not carried out. The other rules are, when somebody does something."""


def _silence(stands: Sequence[RoundStand], zone: str, on: date) -> Cell:
    """Since when one of some rounds has been silent."""
    silent = [one.silent_since for one in stands if one.silent_since]
    if silent:
        return Cell(f"Tyst sedan {moment_words(min(silent), zone, on)}", bad=True)
    return Cell("Som den ska" if stands else "–")


@dataclass(frozen=True)
class Overview:
    """One of the eight: its name in addresses, its title, and how it is made."""

    name: str
    title: str
    make: Make
    whole: Make
    """The same without the limit of rows, for the portal's full list."""


_ALL = 10_000


def _both(name: str, title: str, make: Callable[..., Page]) -> Overview:
    return Overview(name, title, make, partial(make, limit=_ALL))


OVERVIEWS: Mapping[str, Overview] = {
    one.name: one
    for one in (
        _both("idag", "I dag", today),
        _both("register", "Register", register),
        _both("beslut", "Väntande beslut", decisions),
        _both("forsenat", "Försenat", overdue),
        _both("publicering", "Publicering", posting),
        _both("utan-ersattare", "Utan ersättare", without_deputy),
        _both("arenden", "Ärenden med frister", cases),
        Overview("regler", "Reglerna och ronderna", rules, rules),
    )
}
"""By name, in the order in which they are read in the morning."""
