"""The installation's settings: are they ones that letters, cookies and secrets can be trusted to?"""

import os
import shlex
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import httpx2
from cryptography.fernet import Fernet
from pydantic import ValidationError
from pydantic_settings import SettingsError

from cli.doctor.findings import Finding, fault, ok, warning
from cli.doctor.stored import file_of
from policies.wording import nearest
from runtime.settings import InstallationSettings, settings
from runtime.starting import PUT_KEY, SHORTEST_KEY, is_loopback, unreadable

PORTAL, SECRETS, FILES, COOKIES, CHANNELS, ALARMS, SETTINGS = (
    "Portalen",
    "Hemligheter",
    "Filerna",
    "Formulär",
    "Kanaler",
    "Larm",
    "Inställningar",
)
ANSWER_SECONDS = 5


def chosen_or_faults() -> tuple[InstallationSettings | None, list[Finding]]:
    """The settings, or what keeps them from being read; and those that nobody reads."""
    try:
        return settings(), [*unknown([*os.environ, *_names_in(Path(".env"))]), ok(SETTINGS, "kan läsas.")]
    except ValidationError as error:
        does = "Rätta raden i .env eller i tjänstens miljö. Se docs/reference/settings.md."
        return None, [fault(SETTINGS, one, does) for one in unreadable(error)]
    except (SettingsError, OSError, UnicodeDecodeError) as error:
        does = "Se efter att .env och mappen KANALVAKT_SECRETS_DIR finns och kan läsas av den här användaren."
        return None, [fault(SETTINGS, f"kan inte läsas ({type(error).__name__}).", does)]


_PREFIX = "KANALVAKT_"
_OTHERS = ("KANALVAKT_DATA", "KANALVAKT_EXAMPLES", "KANALVAKT_PROOFS", "KANALVAKT_KILL_AT")
"""What is told by the environment and is no setting of an installation: the local stack's and the tests'."""


def unknown(names: Iterable[str]) -> Iterator[Finding]:
    """Names that look like a setting and are none: what was meant is not in force, and nothing says so."""
    known = [f"{_PREFIX}{name.upper()}" for name in InstallationSettings.model_fields]
    for name in dict.fromkeys(names):
        if name.upper().startswith(_PREFIX) and name.upper() not in (*known, *_OTHERS):
            does = f"Rätta namnet eller ta bort det.{nearest(name.upper(), known)}"
            yield warning(SETTINGS, f"{name} är ingen inställning och gör inget.", does)


def _names_in(env_file: Path) -> Iterator[str]:
    if not env_file.is_file():
        return
    for line in env_file.read_text("utf-8").splitlines():
        name, equals, _ = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            yield name.strip()


def portal(chosen: InstallationSettings) -> Iterator[Finding]:
    """Its address, as letters carry it."""
    address = urlsplit(chosen.portal_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        yield fault(
            PORTAL,
            f"KANALVAKT_PORTAL_URL är ingen adress: {chosen.portal_url}",
            "Skriv https://namn.kommun.se",
        )
        return
    if address.path or address.query:
        yield fault(
            PORTAL,
            f"KANALVAKT_PORTAL_URL slutar inte med servernamnet: {chosen.portal_url}",
            f"Skriv {address.scheme}://{address.netloc}, utan snedstreck och utan något efter.",
        )
    yield _protected(chosen, address)
    if chosen.demonstration and not is_loopback(address.hostname or ""):
        yield fault(
            PORTAL,
            "demonstrationens inställningar är på, med en adress som andra når.",
            "Ta bort KANALVAKT_DEMONSTRATION: den visar allas brev och släpper skyddet av kakorna.",
        )
    yield _answering(chosen.portal_url)


def _protected(chosen: InstallationSettings, address: SplitResult) -> Finding:
    if is_loopback(address.hostname or "") and not chosen.demonstration:
        return warning(
            PORTAL,
            f"breven leder till {chosen.portal_url}, som bara den här datorn når.",
            "Sätt KANALVAKT_PORTAL_URL till adressen som alla når, med https.",
        )
    if address.scheme != "https" and not is_loopback(address.hostname or ""):
        return fault(
            PORTAL,
            f"{chosen.portal_url} är inte krypterad: länkarna i breven kan läsas på vägen.",
            "Sätt en webbserver med certifikat framför (deployments/server/nginx.conf) och skriv https.",
        )
    return ok(PORTAL, f"har adressen {chosen.portal_url}.")


def _answering(url: str) -> Finding:
    try:
        answer = httpx2.get(url, timeout=ANSWER_SECONDS, follow_redirects=False)
    except httpx2.HTTPError as error:
        return fault(
            PORTAL,
            f"svarar inte på {url} ({type(error).__name__}).",
            "Starta den (systemctl start kanalvakt-portal), och se efter att namn och port stämmer.",
        )
    if answer.status_code >= 500 or "content-security-policy" not in answer.headers:
        return fault(
            PORTAL,
            f"på {url} svarar något annat än portalen ({answer.status_code}).",
            "Se efter att webbservern skickar vidare till portalens port.",
        )
    return ok(PORTAL, "svarar.")


def cookies(chosen: InstallationSettings) -> Iterator[Finding]:
    """The key that protects the portal's forms."""
    key = chosen.cookie_key.get_secret_value()
    if not key:
        yield fault(COOKIES, "KANALVAKT_COOKIE_KEY saknas: portalen startar inte utan den.", PUT_KEY)
    elif len(key) < SHORTEST_KEY:
        yield fault(COOKIES, f"KANALVAKT_COOKIE_KEY är kortare än {SHORTEST_KEY} tecken.", PUT_KEY)
    else:
        yield ok(COOKIES, "är skyddade med en egen nyckel.")


def channels(chosen: InstallationSettings) -> Iterator[Finding]:
    """The keys by which the addresses of channels are kept."""
    keys = [one.strip() for one in chosen.target_keys.get_secret_value().split(",") if one.strip()]
    if not keys:
        yield ok(CHANNELS, "inga nycklar, så kanaler i Teams och Slack kan inte läggas till.")
    elif bad := [number for number, one in enumerate(keys, 1) if not _is_key(one)]:
        yield fault(
            CHANNELS,
            f"KANALVAKT_TARGET_KEYS: nyckel {bad[0]} av {len(keys)} går inte att använda.",
            "Gör en ny med kanalvakt target key och sätt den först, med komma efter.",
        )
    else:
        yield ok(CHANNELS, "har nycklar som går att använda.")


def alarms(chosen: InstallationSettings) -> Iterator[Finding]:
    """Where Prefect sends its alarms when a round is silent or our own letters do not leave."""
    to = chosen.alarm_url.get_secret_value()
    if not to:
        yield warning(
            ALARMS,
            "KANALVAKT_ALARM_URL saknas: ingen får veta om klockan stannar.",
            "Ange en webhook i Teams eller Slack, eller någon annan adress som tar emot JSON.",
        )
    elif urlsplit(to).scheme not in ("http", "https"):
        yield fault(
            ALARMS, "KANALVAKT_ALARM_URL är ingen webbadress.", "Skriv hela adressen, med https:// först."
        )
    else:
        yield ok(ALARMS, f"går till {urlsplit(to).hostname}.")


def _is_key(text: str) -> bool:
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


def secrets(chosen: InstallationSettings) -> Iterator[Finding]:
    """The folder of secrets: there, and nobody else's to read."""
    folder = chosen.secrets_dir
    if folder is None:
        yield _without_folder()
        return
    if not folder.is_dir():
        yield fault(SECRETS, f"mappen {folder} finns inte.", "Skapa den, eller rätta KANALVAKT_SECRETS_DIR.")
        return
    yield from unknown(one.name for one in sorted(folder.iterdir()))
    open_ones = [one for one in (folder, *sorted(folder.iterdir())) if _others_reach(one)]
    unreadable = [one for one in folder.iterdir() if not os.access(one, os.R_OK)]
    if open_ones:
        yield fault(
            SECRETS,
            f"andra användare på datorn kommer åt {', '.join(one.name for one in open_ones[:5])}.",
            f"Kör: chmod -R u=rwX,go= {folder}",
        )
    if unreadable:
        yield fault(
            SECRETS,
            f"{', '.join(one.name for one in unreadable[:5])} kan inte läsas av den här användaren.",
            f"Kör: chown -R kanalvakt: {folder}",
        )
    if not open_ones and not unreadable:
        yield ok(SECRETS, f"ligger i {folder}, och bara den här användaren når dem.")


def files(chosen: InstallationSettings) -> Iterator[Finding]:
    """The database and what lies beside it: others on the machine may neither read nor write it."""
    database = file_of(chosen.database_url)
    if database is None:
        return
    kept = sorted(database.parent.glob(f"{database.stem}*{database.suffix}*"))
    if open_ones := [one for one in kept if _others_reach(one)]:
        yield fault(
            FILES,
            f"andra användare på datorn kommer åt {', '.join(one.name for one in open_ones[:5])}.",
            f"Kör: chmod go= {' '.join(shlex.quote(str(one)) for one in open_ones)}",
        )
    elif kept:
        yield ok(FILES, f"bara den här användaren når databasen och kopiorna i {database.parent}.")


def _without_folder() -> Finding:
    env = Path(".env")
    if env.is_file() and _others_reach(env):
        return fault(SECRETS, "andra användare på datorn kan läsa .env.", "Kör: chmod 600 .env")
    return ok(SECRETS, "ingen mapp är vald; de står i miljön eller i .env.")


def _others_reach(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
