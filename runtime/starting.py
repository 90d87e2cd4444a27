"""With which settings nothing is started: each refusal says what is wrong and what to do."""

import gc
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.plain_errors import Tellable
from runtime.settings import InstallationSettings, settings

SHORTEST_KEY = 32
"""Characters of the key that signs the portal's cookies and forms."""
_SELDOM = (50_000, 20, 20)
"""After so many new objects among the youngest, and after so many such looks among those that are older."""
NEW_KEY = "python3 -c 'import secrets; print(secrets.token_hex(32))'"
PUT_KEY = f"Gör en nyckel med {NEW_KEY} och lägg den i filen kanalvakt_cookie_key bland hemligheterna."


class WillNotStart(Tellable):
    """The settings are such that nobody may be served with them; the text is for whoever starts it."""

    def __str__(self) -> str:
        return f"Kanalvakt startar inte. {super().__str__()}"


def keep_what_is_loaded() -> None:
    """Spare what is loaded by now from being looked through for garbage: it lasts as long as the process."""
    gc.collect()
    gc.freeze()


def look_seldom_for_garbage() -> None:
    """Let much be made before it is looked through: for a process that reads rows by the thousand.

    They live as long as their transaction, and Python looks through them again and again while they are made,
    which takes a third of a round's time. Not for the portal: each look is longer, and somebody waits.
    """
    gc.set_threshold(*_SELDOM)


def settings_to_start_with(*listening: str) -> InstallationSettings:
    """The settings of this process, fit to be served with at these hosts of its own.

    Raises WillNotStart for settings that cannot be read, for a database's address that is none, for a
    demonstration that others reach, and for a demonstration's settings without one.
    """
    try:
        chosen = settings()
    except ValidationError as error:
        raise WillNotStart(" ".join(unreadable(error))) from None
    _demand_address(chosen.database_url)
    if chosen.demonstration:
        _demand_alone(chosen, listening)
    else:
        _demand_protected(chosen)
    return chosen


def _demand_address(url: str) -> None:
    from runtime.database import DATABASE_ADDRESS, is_database_address

    if not is_database_address(url):
        raise WillNotStart(f"KANALVAKT_DATABASE_URL går inte att använda: skriv {DATABASE_ADDRESS}.")


def unreadable(error: ValidationError) -> list[str]:
    """A sentence for each setting that cannot be used; never its value, which may be a secret."""
    return [_unreadable(one) for one in error.errors(include_input=False)]


_WANTED = {
    "int_parsing": "skriv ett heltal",
    "float_parsing": "skriv ett tal, med punkt före decimaler",
    "bool_parsing": "skriv true eller false",
    "literal_error": "skriv {expected}",
    "string_too_short": "skriv något",
    "string_too_long": "skriv högst {max_length} tecken",
    "less_than_equal": "skriv högst {le:g}",
    "greater_than_equal": "skriv minst {ge:g}",
    "greater_than": "skriv mer än {gt:g}",
}
"""By pydantic's kind of error; our own validators write Swedish."""


def _unreadable(one: ErrorDetails) -> str:
    where, bounds = one["loc"], one.get("ctx", {})
    name = f"KANALVAKT_{str(where[0]).upper()} går inte att använda: " if where else ""
    if one["type"] == "value_error":
        return f"{name}{one['msg'].removeprefix('Value error, ').rstrip('.')}."
    wanted = _WANTED.get(one["type"], "värdet har fel form").format(**bounds)
    return f"{name}{wanted.replace(' or ', ' eller ')}."


def _demand_alone(chosen: InstallationSettings, listening: tuple[str, ...]) -> None:
    """A demonstration shows everybody's letters: it is this computer's alone."""
    hosts = {f"KANALVAKT_PORTAL_URL är {chosen.portal_url}": urlsplit(chosen.portal_url).hostname or ""}
    hosts |= {f"portalen lyssnar på {one}": one for one in listening}
    for says, host in hosts.items():
        if not is_loopback(host):
            raise WillNotStart(
                f"Demonstrationens inställningar är på, men {says}, som andra når. Ta bort "
                "KANALVAKT_DEMONSTRATION, eller låt demonstrationen bara nås från den här datorn "
                "(http://127.0.0.1:8080)."
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _demand_protected(chosen: InstallationSettings) -> None:
    if chosen.mailbox_url is not None:
        raise WillNotStart(
            "KANALVAKT_MAILBOX_URL leder till demonstrationens brevlåda och får bara anges i en "
            "demonstration. Ta bort den."
        )
    if urlsplit(chosen.portal_url).scheme != "https":
        raise WillNotStart(
            f"KANALVAKT_PORTAL_URL är {chosen.portal_url}, som inte är krypterad: länkarna i breven kan "
            "läsas på vägen. Sätt en webbserver med certifikat framför (deployments/server/nginx.conf) och "
            "skriv https:// först."
        )

    _demand_private_mail("KANALVAKT_MAIL", chosen.mail_security, chosen.mail_host)
    _demand_private_mail("KANALVAKT_RETURNED_MAIL", chosen.returned_mail_security, chosen.returned_mail_host)


def _demand_private_mail(setting: str, security: str, host: str) -> None:
    """Letters hold links that decide: off this computer they go encrypted."""
    if security == "off" and host and not is_loopback(host):
        raise WillNotStart(
            f"{setting}_SECURITY är off, men {host} är en annan dator: länkarna i breven kan läsas på vägen. "
            "Skriv starttls eller ssl."
        )


def demand_key(chosen: InstallationSettings) -> None:
    """The portal's pages are signed with a key of the installation's own. Raises WillNotStart without one."""
    key = chosen.cookie_key.get_secret_value()
    if not key:
        raise WillNotStart(f"KANALVAKT_COOKIE_KEY saknas: öppna sidor skulle dö vid omstart. {PUT_KEY}")
    if len(key) < SHORTEST_KEY:
        raise WillNotStart(f"KANALVAKT_COOKIE_KEY är kortare än {SHORTEST_KEY} tecken. {PUT_KEY}")
