"""What nobody may be served with is not started: the real processes say what to do, and end."""

import re
from pathlib import Path

import httpx2
import pytest
from prefect.server.api.server import create_api_app

from deployments.prefect_door import demand_locked, demand_password, is_open
from deployments.prefect_server import PrefectServer
from tests import figures
from tests.deployments.forked import run

SECTION = "Nothing outside its place"
REAL = {
    "KANALVAKT_PORTAL_URL": "https://kanalvakt.example.org",
    "KANALVAKT_COOKIE_KEY": "k" * 32,
    "KANALVAKT_DATABASE_URL": "sqlite:////nowhere/at/all.db",
}
PORTAL, WORKER = "web", "deployments.run_worker"
BOTH = (PORTAL, WORKER)
REFUSED = [
    (BOTH, {"KANALVAKT_DEMONSTRATION": "true"}, (), "Ta bort KANALVAKT_DEMONSTRATION"),
    (
        (PORTAL,),
        {"KANALVAKT_DEMONSTRATION": "true", "KANALVAKT_PORTAL_URL": "http://127.0.0.1:8080"},
        ("--host", "0.0.0.0"),
        "portalen lyssnar på 0.0.0.0, som andra når",
    ),
    (BOTH, {"KANALVAKT_CLOCK_FILE": "/tmp/clock"}, (), "får bara anges i en demonstration. Ta bort den."),
    (BOTH, {"KANALVAKT_MAILBOX_URL": "http://127.0.0.1:8025"}, (), "demonstrationens brevlåda"),
    (BOTH, {"KANALVAKT_MAIL_HOST": "smtp.example.org"}, (), "Skriv starttls eller ssl."),
    (
        (WORKER,),
        {"KANALVAKT_RETURNED_MAIL_HOST": "imap.example.org", "KANALVAKT_RETURNED_MAIL_SECURITY": "off"},
        (),
        "KANALVAKT_RETURNED_MAIL_SECURITY är off, men imap.example.org är en annan dator",
    ),
    (BOTH, {"KANALVAKT_PORTAL_URL": "http://kanalvakt.example.org"}, (), "skriv https:// först"),
    (BOTH, {"KANALVAKT_PORTAL_URL": "http://127.0.0.1:8080"}, (), "skriv https:// först"),
    ((PORTAL,), {"KANALVAKT_COOKIE_KEY": ""}, (), "KANALVAKT_COOKIE_KEY saknas"),
    ((PORTAL,), {"KANALVAKT_COOKIE_KEY": "sekret-men-kort"}, (), "kortare än 32 tecken. Gör en nyckel"),
    (
        BOTH,
        {"KANALVAKT_MAIL_PORT": "sekret-lösenord"},
        (),
        "KANALVAKT_MAIL_PORT går inte att använda",
    ),
    (BOTH, {"KANALVAKT_DATABASE_URL": "sekret"}, (), "skriv sqlite:////"),
    ((WORKER,), {}, (), "PREFECT_API_URL saknas"),
    ((WORKER,), {"PREFECT_API_URL": "http://127.0.0.1:9/api"}, (), "PREFECT_API_AUTH_STRING saknas"),
    (
        (WORKER,),
        {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_API_AUTH_STRING": "kanalvakt:byt-mig"},
        (),
        "har exemplets lösenord",
    ),
]


@pytest.mark.parametrize(
    ("module", "settings", "arguments", "says"),
    [(module, *rest) for modules, *rest in REFUSED for module in modules],
)
def test_a_process_refuses_and_says_what_to_do(
    module: str, settings: dict[str, str], arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    assert run(module, REAL | settings, told, *arguments) == 1
    said = told.read_text()
    assert said.startswith("Kanalvakt startar inte. ") and says in said and said.count("\n") == 1
    assert "sekret" not in said


def test_a_worker_that_knows_the_password_of_a_locked_prefect_goes_on(prefect_server: PrefectServer) -> None:
    """The session's server has one, and this process knows it."""
    demand_password()
    demand_locked()
    assert not is_open(prefect_server.address.api_url)


def test_nothing_of_prefect_is_answered_without_the_password(prefect_server: PrefectServer) -> None:
    """Every address of its API, by every method, but the two that say whether it lives."""
    with httpx2.Client(base_url=prefect_server.address.api_url, trust_env=False) as nobody:
        paths = prefect_server_paths()
        answers = {(method, path): nobody.request(method, path).status_code for method, path in paths}
    let_in = {asked for asked, status in answers.items() if status != 401}
    asked = "addresses of Prefect's API asked without its password"
    figures.prove(SECTION, asked, len(paths), 150, at_least=True)
    figures.prove(SECTION, "of them answered, but for health and ready", len(let_in) - 2, 0)
    assert len(paths) >= 150 and let_in == {("GET", "/health"), ("GET", "/ready")}


def prefect_server_paths() -> list[tuple[str, str]]:
    """What the server's own program knows of."""
    known = create_api_app().openapi()["paths"]
    some_id = "00000000-0000-0000-0000-000000000000"
    return [
        (method.upper(), re.sub(r"{[^}]+}", some_id, path))
        for path, methods in known.items()
        for method in methods
    ]
