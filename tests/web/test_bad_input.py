"""Whatever is sent, the answer is a page in Swedish that says what is wrong, and nothing is half done."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine

from models import LinkKind
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain, settings_for_tests
from tests.web.world import World
from web.app import create_app
from web.headers import HEADERS
from web.limits import ORDINARY_LIMIT, UPLOAD_LIMIT


@pytest.fixture
def at_decision(world: World, portal: Portal) -> Visitor:
    """Bo, before the question that was put to him."""
    visitor = portal.visitor()
    visitor.open(world.task_link(world.open_task(world.sent()), "bo"))
    return visitor


def test_a_form_without_its_token_is_refused(world: World, at_decision: Visitor) -> None:
    before = everything_in(world.engine)
    for token in ("", "x", "0" * 64):
        answer = at_decision.client.post(
            f"{at_decision.base}/svar", data={"outcome": "approve", "plan_version": "1", "form_token": token}
        )
        assert answer.status_code == 403 and heading(answer) == "Formuläret godtogs inte"
    assert everything_in(world.engine) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"origin": "https://elsewhere.example.org"},
        {"origin": "http://testserver.elsewhere.example.org"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_a_form_from_another_site_is_refused(
    world: World, at_decision: Visitor, headers: dict[str, str]
) -> None:
    before = everything_in(world.engine)
    answer = at_decision.post("svar", {"outcome": "approve", "plan_version": "1"}, headers=headers)
    assert answer.status_code == 403
    assert everything_in(world.engine) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"origin": "http://testserver"},
        {"origin": "null"},
        {},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_our_own_form_is_taken_whatever_the_browser_tells(
    at_decision: Visitor, headers: dict[str, str]
) -> None:
    answer = at_decision.post("svar", {"outcome": "approve", "plan_version": "1"}, headers=headers)
    assert answer.status_code == 200 and "ditt svar är registrerat" in plain(answer)


def test_two_megabytes_in_a_field_get_a_clear_answer(world: World, at_decision: Visitor) -> None:
    before = everything_in(world.engine)
    answer = at_decision.post("svar", {"outcome": "decline", "reason": "å" * 1_000_000, "plan_version": "1"})
    assert answer.status_code == 413
    assert heading(answer) == "Det var för mycket på en gång" and "1 MB" in plain(answer)
    assert everything_in(world.engine) == before


def test_the_limit_holds_without_a_stated_length(at_decision: Visitor) -> None:
    def endless() -> Iterator[bytes]:
        yield b"reason="
        for _ in range(ORDINARY_LIMIT // 10_000 + 1):
            yield b"a" * 10_000

    answer = at_decision.client.post(
        f"{at_decision.base}/svar",
        content=endless(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413
    assert "content-length" not in answer.request.headers


def test_two_megabytes_in_a_field_of_a_form_with_files(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(draft_link(world))
    answer = visitor.post("plan", {"shown": "purpose", "purpose": "a" * 2_000_000}, files={"x": b""})
    assert answer.status_code == 413 and heading(answer) == "Det var för mycket på en gång"


def test_files_beyond_all_bounds(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(draft_link(world))
    answer = visitor.post("plan", files={"file:x": ("a.pdf", b"%PDF" + b"a" * UPLOAD_LIMIT)})
    assert answer.status_code == 413 and "25 MB" in plain(answer)


def draft_link(world: World) -> str:
    return world.link(LinkKind.DRAFT, "anna", account_id=world.draft())


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"outcome": "approve"}', "application/json"),
        (b"no boundary", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"\xff\xfe\x00\x00", "application/x-www-form-urlencoded"),
        (b"", "text/plain"),
        (b"&".join(b"a=%d" % n for n in range(2000)), "application/x-www-form-urlencoded"),
    ],
    ids=["json", "no boundary", "broken", "bytes", "nothing", "many fields"],
)
def test_what_is_no_form_is_refused_with_a_page(
    world: World, at_decision: Visitor, content: bytes, kind: str
) -> None:
    before = everything_in(world.engine)
    path = f"{at_decision.base}/svar"
    answer = at_decision.client.post(path, content=content, headers={"content-type": kind})
    assert answer.status_code in (400, 403, 413)
    assert answer.headers["content-type"].startswith("text/html")
    assert everything_in(world.engine) == before


def test_control_characters_are_taken_away(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(draft_link(world))
    visitor.post("plan", {"shown": ["name"], "name": "Bib\x00lio\x00teket"})
    assert world.account(1).name == "Biblioteket"


PLACES = [
    "/finns-inte",
    "/exempelby/finns-inte",
    "/exempelby/fraga/x",
    "/exempelby/fraga/99999999999999999999",
    "/exempelby/fraga/٣",
    "/exempelby/mina/1/konto/-1",
    "/%00",
    "/exempelby/mina/1/konto/1/hittepa",
    "/static/finns-inte.css",
    "/static/../web/app.py",
    "/static/%2e%2e/app.py",
    "/openapi.json",
    "/docs",
]


@pytest.mark.parametrize("path", PLACES)
def test_what_is_not_there_is_said_in_a_page(portal: Portal, path: str) -> None:
    answer = portal.visitor().client.get(path)
    assert answer.status_code in (403, 404, 405)
    assert answer.headers["content-type"].startswith("text/html") and 'lang="sv"' in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"])
def test_another_method_is_refused_with_a_page(portal: Portal, method: str) -> None:
    answer = portal.visitor().client.request(method, "/exempelby")
    assert answer.status_code == 405 and heading(answer) == "Sidan kan inte användas så"


def test_a_form_s_address_cannot_be_opened(at_decision: Visitor) -> None:
    assert at_decision.open(f"{at_decision.base}/svar").status_code == 405


def test_every_answer_carries_the_headers(world: World, portal: Portal, at_decision: Visitor) -> None:
    client = at_decision.client
    answers = [
        client.get("/"),
        client.get("/exempelby"),
        client.get("/health"),
        client.get("/finns-inte"),
        client.get("/static/portal.css"),
        client.get(at_decision.path),
        client.put("/exempelby"),
        client.post("/exempelby/ansok", data={"email": "x" * 2_000_000}),
    ]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.url
        static = answer.url.path.startswith("/static/")
        assert answer.headers["cache-control"] == ("public, max-age=3600" if static else "no-store")


def test_a_fault_of_ours_is_a_page_without_its_inside(world: World) -> None:
    app = create_app(settings_for_tests(), world.engine, lambda: world.now)
    client = TestClient(app, raise_server_exceptions=False)
    with patch("web.entrance.municipality_at", side_effect=RuntimeError("inside")):
        answer = client.get("/exempelby")
    assert answer.status_code == 500 and heading(answer) == "Något gick fel hos oss"
    assert "inside" not in answer.text
    assert answer.headers["content-security-policy"] and answer.headers["cache-control"] == "no-store"


def test_health_says_whether_the_database_is_there(world: World, portal: Portal) -> None:
    assert portal.visitor().client.get("/health").json() == {
        "status": "ok",
        "database": "ok",
        "silent": [],
    }
    gone = create_app(settings_for_tests(), create_engine("sqlite:////nowhere/at/all.db"))
    answer = TestClient(gone).get("/health")
    assert answer.status_code == 503 and answer.json()["status"] == "failing"


def test_a_short_key_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="KANALVAKT_COOKIE_KEY"):
        create_app(settings_for_tests(cookie_key="short"), world.engine)


def test_one_installation_may_hold_several_municipalities(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    assert visitor.client.get("/").headers["location"] == "/exempelby"
    assert visitor.client.get("/ansok").headers["location"] == "/exempelby/ansok"
    World(world.engine, slug="provstad")
    page = visitor.open("/")
    assert "Exempelby" in page.text and "Provstad" in page.text
    assert 'href="/provstad/mina-uppgifter"' in visitor.open("/mina-uppgifter").text
