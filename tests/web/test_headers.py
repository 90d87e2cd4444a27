"""What every answer of every address carries, whoever asks: REQUIREMENTS 4.7 and 5."""

import re
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response

from models import LinkKind
from tests import figures
from tests.web.visitor import Portal, settings_for_tests
from tests.web.world import World
from web.app import PARTS, create_app

SITE = "https://kanalvakt.exempelby.example.org"
WANTED = {
    "content-security-policy": "frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "cache-control": "no-store",
}
"""And what is in each."""
EMBEDDED = "/exempelby/konton/inbaddad"
FRAMED = {
    "content-security-policy": "frame-ancestors *",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public",
}
"""The only page that others may show within theirs."""
KEPT = re.compile(r"/static/.*|/exempelby/(utseende\.css|logotyp/.*)")
"""What is the same for everybody: browsers may keep it."""
ASKED = ("GET", "POST", "HEAD")


def faults_of(answer: Response, path: str) -> list[str]:
    """What an answer should carry and does not."""
    wanted = dict(WANTED)
    if path == EMBEDDED and answer.is_success:
        del wanted["x-frame-options"]
        wanted |= FRAMED
    if KEPT.fullmatch(path) and answer.is_success:
        del wanted["cache-control"]
    sent = {name: answer.headers.get(name, "") for name in wanted}
    lacking = [f"{name}: {sent[name]!r}" for name, part in wanted.items() if part not in sent[name]]
    return lacking + _cookie_faults(answer) + _unnamed_characters(answer)


def _unnamed_characters(answer: Response) -> list[str]:
    """Text and XML say in which characters they are written."""
    kind = answer.headers.get("content-type", "")
    text = kind.startswith("text/") or kind.partition(";")[0].endswith(("+xml", "/xml"))
    return [kind] if text and "charset=utf-8" not in kind else []


def _cookie_faults(answer: Response) -> list[str]:
    return [one for one in answer.headers.get_list("set-cookie") if not _COOKIE.match(one)]


_COOKIE = re.compile(
    r"__Host-(kanalvakt-|sprak=)[^;]*(?=.*; Path=/(;|$))(?=.*; HttpOnly)(?=.*; Secure)(?=.*; SameSite=)"
)


@pytest.fixture
def real(world: World) -> Portal:
    """The portal as it is in earnest."""
    return Portal(world, demonstration=False, portal_url=SITE)


def addresses(known: dict[str, str]) -> Iterator[str]:
    """Every address of the application, with what a signed-in visitor could put into it."""
    yield from ("/static/portal.css", "/static/finns-inte.css", "/finns-inte")
    for part in PARTS:
        for route in part.router.routes:
            assert isinstance(route, APIRoute)
            path = re.sub(r"{(\w+)(:path)?}", lambda found: known.get(found[1], "1"), route.path)
            yield re.sub(r"^(/\w+/idag)/\d+", rf"\1/{known['morning']}", path)


def test_every_answer_of_every_address_carries_them(world: World, real: Portal) -> None:
    """Signed in at communications, and as nobody."""
    account = str(world.active())
    [visit, someone, nobody] = [real.visitor(SITE) for _ in range(3)]
    visit.open(world.link(LinkKind.MY_PAGE, "disa"))
    visit.post("oppna")
    known = {"slug": "exempelby", "account_id": account, "link_id": visit.path.split("/")[3], "morning": "1"}
    someone.open(world.link(LinkKind.MORNING, "anna"))
    known["morning"] = someone.path.split("/")[3]
    asked, found, pages_shown = 0, [], 0
    for path in sorted(set(addresses(known))):
        signed_in = someone if "/idag/" in path and "/mina/" not in path else visit
        for method, visitor in ((one, who) for one in ASKED for who in (signed_in, nobody)):
            answer = visitor.client.request(method, path)
            asked, pages_shown = asked + 1, pages_shown + (answer.status_code == 200)
            found += [f"{method} {path} {answer.status_code} {one}" for one in faults_of(answer, path)]
    figures.prove("Security headers", "answers looked at", asked, 700, at_least=True)
    figures.prove("Security headers", "of them pages and files", pages_shown, 100, at_least=True)
    figures.prove("Security headers", "answers that lack something", len(set(found)), 0)
    assert sorted(set(found)) == [] and asked >= 700 and pages_shown >= 100


def test_a_fault_of_ours_too(world: World) -> None:
    chosen = settings_for_tests(demonstration=False, portal_url=SITE)
    app = create_app(chosen, world.engine, lambda: world.now)
    client = TestClient(app, base_url=SITE, raise_server_exceptions=False)
    with patch("web.entrance.municipality_at", side_effect=RuntimeError("inside")):
        answer = client.get("/exempelby")
    assert answer.status_code == 500 and faults_of(answer, "/exempelby") == []


def test_a_demonstration_by_http_asks_for_nothing_encrypted(portal: Portal) -> None:
    answer = portal.visitor().client.get("/exempelby")
    assert "strict-transport-security" not in answer.headers
