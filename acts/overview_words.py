"""Swedish for what the overviews show: accounts, days, rules, and why something stands still."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from acts.faces import platform_of
from lifecycle.posting_stands import Stand, Window
from models import Account, AccountSource, AccountState, TaskKind, UserTask

RED: Mapping[str, str] = {
    "no_holder": "Ingen kan svara på nästa fråga",
    "too_few_people": "Kontot har för få personer",
    "too_few_left": "För få personer är kvar",
    "no_answer": "Ingen har svarat trots påminnelser",
    "no_deputy": "Ingen är på plats för kontot",
    "not_watched": "Ingen har tittat till kontot",
    "taken_over": "Kontot är kapat eller utelåst",
    "case_late": "Ett ärende är försenat",
}
"""By the first part of the code of why an account stands red."""
STATES: Mapping[AccountState, str] = {
    AccountState.DRAFT: "Utkast",
    AccountState.DECIDING: "Prövas",
    AccountState.CHANGES_ASKED: "Väntar på ändring",
    AccountState.SETTING_UP: "Ställs i ordning",
    AccountState.ACTIVE: "Aktiva",
    AccountState.CLOSING: "Avslutas",
    AccountState.CLOSED: "Avslutade",
    AccountState.DECLINED: "Avslagna",
    AccountState.WITHDRAWN: "Återtagna",
    AccountState.LAPSED: "Förfallna",
}
STANDING: Mapping[AccountState, str] = {
    **STATES,
    AccountState.ACTIVE: "Aktivt",
    AccountState.CLOSED: "Avslutat",
    AccountState.DECLINED: "Avslaget",
    AccountState.WITHDRAWN: "Återtaget",
    AccountState.LAPSED: "Förfallet",
}
"""The same of a single account."""
STANDS: Mapping[Stand, str] = {
    Stand.SHORT: "För lite publicerat",
    Stand.UNKNOWN: "Går inte att säga",
    Stand.KEPT: "Som det ska",
}
RULES: Mapping[str, str] = {
    "opening": "Beslut om nya konton",
    "setting_up": "Checklistan före start",
    "documents": "Kvittera vad som gäller",
    "administrator_change": "Byte av administratör",
    "guest": "Gäster",
    "watch": "Bevakning",
    "answer": "Svar till besökare",
    "removal": "Borttagning",
    "matters": "Ärenden",
    "posting": "Publicering",
    "inactivity": "Konton som inte sköts",
    "documentation": "Bilder av kontot",
    "weeding": "Gallring",
    "evaluation": "Utvärdering",
    "closing": "Beslut om avslut",
    "closing_items": "Checklistan vid avslut",
    "revision": "Översyn av riktlinjen",
}
ROUNDS: Mapping[str, str] = {
    "invariants": "Kontroll av uppgifterna",
    "watch_fold": "Bevakningen räknas ihop",
    "staff_list": "Personallistan",
    "erasure": "Personuppgifter raderas",
    "leaving": "De som slutar",
    "absences": "Frånvaro",
    "rests": "Vilande konton",
    "ends": "Konton med slutdag",
    "inventory": "Inventering",
    "documentation": "Ögonblicksbilder",
    "weeding": "Gallring",
    "evaluation": "Utvärdering",
    "guideline_review": "Översyn av riktlinjen",
    "renewals": "Bekräfta på nytt",
    "posting": "Publicering",
    "handles": "Namn och adresser",
    "returned_mail": "Post som kommer tillbaka",
    "inactivity": "Inaktivitet",
    "cases": "Ärenden",
    "watch": "Bevakning, morgon",
    "morning": "Morgonbrev",
    "inactivity_end": "Inaktivitet, utan svar",
    "watch_end": "Bevakning, kväll",
    "chain_digest": "Loggens kontrollsumma",
}


def account_words(account: Account | None) -> str:
    """What an account is called: Instagram ”Biblioteket”. Of none, that it is about the municipality."""
    if account is None:
        return "Hela kommunen"
    name = f"”{account.name}”" if account.name else "(utan namn)"
    return f"{platform_of(account) or 'Nytt konto'} {name}"


def red_words(reason: str) -> str:
    """Why an account stands red."""
    return RED.get(reason.partition(":")[0], "Väntar på kommunikationsenheten")


def label_of(task: UserTask) -> str:
    """What is asked; a day's watch in the fewest words."""
    return "Titta till kontot" if task.kind is TaskKind.WATCH else task.label


def source_words(source: AccountSource | None) -> str:
    """Why an account could not be read."""
    if source is None or not source.problem:
        return ""
    return source.says or "Gick inte att läsa"


def day_words(value: date | datetime | None, zone: str, on: date) -> str:
    """3 nov, with its year when that is another one."""
    if value is None:
        return ""
    day = value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
    return format_date(day, "d MMM" if day.year == on.year else "d MMM y", locale="sv")


def moment_words(value: datetime | None, zone: str, on: date) -> str:
    """3 nov kl. 14.05"""
    if value is None:
        return ""
    clock = format_datetime(value, "'kl.' HH.mm", tzinfo=ZoneInfo(zone), locale="sv")
    return f"{day_words(value, zone, on)} {clock}"


def days_left_words(count: int | None) -> str:
    """How many working days there are left."""
    if count is None:
        return ""
    if count == 0:
        return "sista dagen"
    unit = "arbetsdag" if abs(count) == 1 else "arbetsdagar"
    return f"{count} {unit}" if count > 0 else f"{-count} {unit} sedan"


def counted(count: int, one: str, many: str) -> str:
    """1 konto, 2 konton"""
    return f"{count} {one if count == 1 else many}"


def ordered(count: int, how: str) -> str:
    """In which order several rows stand; of one row it need not be said."""
    return f" {how}" if count > 1 else ""


def window_words(window: Window) -> str:
    """2 på 7 dagar; nothing where no number is wanted."""
    return f"{window.posts} på {counted(window.days, 'dag', 'dagar')}" if window.posts else "–"
