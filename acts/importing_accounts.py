"""Importing the accounts that exist already, as rows with everything that is known about them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from acts.import_steps import Known, Offered, Wanted
from acts.sheets import Column, Line, Sheet, choice, day, doubles, emails, sentence
from lifecycle.addresses import address_key, demand_names_account
from lifecycle.refusals import Refused
from lifecycle.roles import has_left
from lifecycle.secrets import looks_like_secret, without_log_in
from models import AccountClass, AccountRoleKind, AccountState
from policies.keys import Platform
from policies.naming import PLATFORM_NAMES

COLUMNS = (
    Column("name", "namn", ("kontonamn", "kontots namn"), required=True),
    Column("platform", "plattform", ("kanal",), required=True),
    Column("address", "adress", ("länk", "webbadress"), required=True, limit=300),
    Column("unit", "enhet", ("enhetskod", "enhetens kod"), limit=40),
    Column("account_class", "klass", ("kontoklass",)),
    Column("purpose", "syfte", limit=2000),
    Column("target_group", "målgrupp", limit=1000),
    Column("responsible", "ansvariga", ("ansvarig", "kontoansvarig", "kontoansvariga"), limit=2000),
    Column("administrators", "administratörer", ("administratör",), limit=2000),
    Column("substitutes", "ersättare", limit=2000),
    Column("log_in_kept_at", "inloggning förvaras", ("inloggningen förvaras", "inloggning"), limit=300),
    Column("opened_on", "öppnat", ("öppnad", "öppnades"), limit=40),
    Column("state", "tillstånd", ("status",)),
    Column("closed_on", "avslutat", ("avslutad", "avslutades"), limit=40),
)
PLATFORMS = {PLATFORM_NAMES[one]: one for one in Platform} | {
    "podcast": Platform.PODCAST,
    "blog": Platform.BLOG,
    "twitter": Platform.X,
    "annan": Platform.OTHER,
}
CLASSES = {
    "enhet": AccountClass.UNIT,
    "gemensamt": AccountClass.COMMON,
    "projekt": AccountClass.PROJECT,
    "kampanj": AccountClass.CAMPAIGN,
    "ledare": AccountClass.LEADER,
}
STATES = {"aktivt": AccountState.ACTIVE, "avslutat": AccountState.CLOSED}
KINDS = {
    "responsible": AccountRoleKind.RESPONSIBLE,
    "administrators": AccountRoleKind.ADMINISTRATOR,
    "substitutes": AccountRoleKind.SUBSTITUTE,
}
CODED = {
    "platform": "code",
    "unit": "unit",
    "account_class": "code",
    "opened_on": "code",
    "closed_on": "code",
} | dict.fromkeys(KINDS, "people")
_HOSTS = {
    "facebook.com": Platform.FACEBOOK,
    "instagram.com": Platform.INSTAGRAM,
    "linkedin.com": Platform.LINKEDIN,
    "youtube.com": Platform.YOUTUBE,
    "x.com": Platform.X,
    "twitter.com": Platform.X,
    "tiktok.com": Platform.TIKTOK,
    "threads.net": Platform.THREADS,
    "threads.com": Platform.THREADS,
    "bsky.app": Platform.BLUESKY,
    "flickr.com": Platform.FLICKR,
    "vimeo.com": Platform.VIMEO,
    "snapchat.com": Platform.SNAPCHAT,
}


def wanted_accounts(sheet: Sheet, today: date) -> list[Wanted]:
    """The rows as accounts, by compared address; what is wrong with them is blamed."""
    wanted = [Wanted(line, _key(sheet, line), _values(sheet, line, today)) for line in sheet.lines]
    _refuse_doubles(sheet, wanted)
    return wanted


def _refuse_doubles(sheet: Sheet, wanted: Iterable[Wanted]) -> None:
    """An address belongs to one living account; the same one may also have been closed, once."""
    keys = {one.line.number: f"{one.values['state']} {one.key}" for one in wanted if one.key}
    for line, others in doubles(sheet, keys):
        cells = ", ".join(f"rad {other.number} (cell {sheet.cell(other, 'address')})" for other in others)
        says = f"Adressen står också på {cells}. En adress hör till ett konto: behåll en av raderna."
        sheet.blame(line, "address", says)


def _key(sheet: Sheet, line: Line) -> str:
    try:
        return address_key(line.text("address")) or ""
    except Refused as refused:
        address = line.text("address")
        sheet.blame(line, "address", refused.says(), repeat=without_log_in(address) == address)
        return ""


def _values(sheet: Sheet, line: Line, today: date) -> dict[str, Any]:
    _refuse_secrets(sheet, line)
    platform = choice(sheet, line, "platform", PLATFORMS)
    values: dict[str, Any] = {
        "name": " ".join(line.text("name").split()),
        "platform": platform.value if platform else "",
        "address": line.text("address"),
        "unit": line.text("unit"),
        "account_class": choice(sheet, line, "account_class", CLASSES) or AccountClass.UNIT,
        "purpose": line.text("purpose"),
        "target_group": line.text("target_group"),
        "log_in_kept_at": line.text("log_in_kept_at"),
        "opened_on": day(sheet, line, "opened_on"),
        "closed_on": day(sheet, line, "closed_on"),
    }
    values |= {key: emails(sheet, line, key) for key in KINDS}
    told = {key: value for key, value in values.items() if key in line.texts}
    told["state"] = choice(sheet, line, "state", STATES) or AccountState.ACTIVE
    _check_platform(sheet, line, platform)
    _check_names_account(sheet, line)
    _check_dates(sheet, line, values | told, today)
    _check_owner(sheet, line, values)
    return told


def _refuse_secrets(sheet: Sheet, line: Line) -> None:
    for key, text in line.texts.items():
        if looks_like_secret(text, alone=key == "log_in_kept_at"):
            sheet.blame(line, key, Refused("looks_like_secret").says(), repeat=False)


def _check_platform(sheet: Sheet, line: Line, platform: Platform | None) -> None:
    """An address of one platform and the name of another: one of them is a slip. Podcasts are anywhere."""
    try:
        host, slash, _ = (address_key(line.text("address")) or "").partition("/")
    except Refused:
        return
    of_host = next((one for name, one in _HOSTS.items() if host == name or host.endswith(f".{name}")), None)
    if of_host is None or platform in (None, Platform.PODCAST, Platform.BLOG):
        return
    if of_host is not platform:
        says = f"Adressen går till {PLATFORM_NAMES[of_host]}. Rätta plattformen eller adressen."
        sheet.blame(line, "platform", says)
    elif not slash:
        sheet.blame(
            line, "address", "Adressen går till hela plattformen. Skriv adressen till kontots egen sida."
        )


def _check_names_account(sheet: Sheet, line: Line) -> None:
    """Of a whole platform's own address `_check_platform` speaks."""
    address = line.text("address")
    try:
        if "/" in (address_key(address) or ""):
            demand_names_account(address)
    except Refused as refused:
        if refused.code == "address_names_nobody":
            sheet.blame(line, "address", refused.says())


def _check_dates(sheet: Sheet, line: Line, values: Mapping[str, Any], today: date) -> None:
    opened, closed = values["opened_on"], values["closed_on"]
    for key in ("opened_on", "closed_on"):
        if values[key] is not None and values[key] > today:
            sheet.blame(line, key, "Datumet har inte varit än. Här ska bara stå det som har hänt.")
    if values["state"] is AccountState.CLOSED and closed is None:
        sheet.blame(line, "closed_on", "Kontot är avslutat. Skriv vilken dag, som ÅÅÅÅ-MM-DD.")
    if values["state"] is AccountState.ACTIVE and closed is not None:
        says = (
            "Kontot är aktivt men har en dag för avslut. Skriv avslutat under tillstånd, eller ta bort dagen."
        )
        sheet.blame(line, "closed_on", says)
    if opened and closed and closed < opened:
        sheet.blame(
            line, "closed_on", "Kontot kan inte ha avslutats innan det öppnades. Rätta ett av datumen."
        )


def _check_owner(sheet: Sheet, line: Line, values: Mapping[str, Any]) -> None:
    if not values["unit"] and values["account_class"] is not AccountClass.COMMON:
        says = "Skriv koden för den enhet som kontot hör till, eller gemensamt under klass."
        sheet.blame(line, "unit", says)


def check_accounts(sheet: Sheet, wanted: Iterable[Wanted], known: Known, today: date) -> None:
    """Blame units and people that are not known, and people who have left an account that lives."""
    units, people = Offered(known.units), Offered(known.people)
    for one in wanted:
        code = one.values.get("unit")
        lacks = units.lacks(code) if code else None
        if lacks is not None:
            after = lacks or " Importera enheterna först, eller rätta koden."
            sheet.blame(one.line, "unit", sentence(f"Ingen enhet har koden {code}", after))
        for key in KINDS:
            for address in one.values.get(key, ()):
                _check_person(sheet, one, key, address, people, today)


def _check_person(sheet: Sheet, one: Wanted, key: str, address: str, people: Offered, today: date) -> None:
    lacks = people.lacks(address)
    if lacks is not None:
        after = lacks or " Importera personerna först, eller rätta adressen."
        sheet.blame(one.line, key, sentence(f"Ingen person har adressen {address}", after))
    elif one.values["state"] is AccountState.ACTIVE and has_left(people.known[address], today):
        sheet.blame(one.line, key, f"{people.known[address].name} har slutat. Ange någon annan.")


def notes_on(wanted: Iterable[Wanted]) -> list[str]:
    """What is no fault but wants looking after: accounts that nobody is responsible for."""
    rows = [
        str(one.line.number)
        for one in wanted
        if one.values["state"] is AccountState.ACTIVE and not one.values.get("responsible")
    ]
    return [f"Konton utan ansvarig: rad {', '.join(rows)}."] if rows else []
