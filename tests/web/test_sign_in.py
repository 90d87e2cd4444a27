"""Signing in at a real provider: the desk, and decisions where the rules want more than a link."""

import html
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from sqlmodel import col, select

from acts.work import work
from lifecycle.erasing import erase
from lifecycle.events import EventKind
from lifecycle.law import law_in_force
from lifecycle.refusals import SAYS
from models import AuditDetail, AuditEvent, LinkKind, Outcome, Person, TaskHolder, TaskState
from runtime.database import reading
from tests.identity_provider_fixture import CLIENT, SECRET, RealProvider
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import World

DESK = "/exempelby/inloggning"


@pytest.fixture
def portal(world: World, provider: RealProvider) -> Portal:
    """Exempelby's portal, with the provider set."""
    return Portal(world, **provider.settings())


@pytest.fixture
def task(world: World) -> int:
    """The manager's decision, under rules that want a sign-in of whoever decides."""
    world.adopt("2026-03-01", {"signing": "sign-in"})
    return world.open_task(world.sent())


@pytest.fixture
def bo(world: World, portal: Portal, task: int) -> Visitor:
    """The manager before that decision, by the letter's link."""
    visitor = portal.visitor()
    visitor.open(world.task_link(task, "bo"))
    return visitor


def leaves(visitor: Visitor, start: str) -> str:
    """Where a browser is sent that begins to sign in."""
    answer = visitor.client.get(start)
    assert answer.status_code == 303, plain(answer)
    return answer.headers["location"]


def back(address: str) -> str:
    """The portal's own part of an address that the provider sent a browser to."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def sign_in(visitor: Visitor, provider: RealProvider, user: str, start: str = DESK) -> Response:
    """The whole way to the provider and back, and the page that it leads to."""
    return visitor.open(back(provider.sign_in(leaves(visitor, start), user)))


def event_of(world: World, kind: EventKind) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and personal detail of the last such event."""
    rows = (
        select(AuditEvent, AuditDetail)
        .join(AuditDetail, col(AuditDetail.event_id) == col(AuditEvent.id))
        .where(col(AuditEvent.kind) == kind.value)
        .order_by(col(AuditEvent.number).desc())
    )
    with reading(world.engine) as session:
        event, detail = session.execute(rows).first() or pytest.fail("no such event")
        return event.facts, detail.detail or {}


# The desk


def test_one_s_own_page_opens_by_signing_in_for_the_working_day(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    visitor = portal.visitor()
    page = visitor.open("/exempelby/mina-uppgifter")
    assert "Logga in med organisationens inloggning" in plain(page) and 'name="email"' in page.text
    page = sign_in(visitor, provider, world.email("disa"))
    assert heading(page) == "Mina uppgifter" and "Sidan är öppen till kl. 19.00." in plain(page)
    assert visitor.open(f"{visitor.path}/oversikt").status_code == 200
    world.wait(hours=9, minutes=59)
    assert visitor.open("/exempelby/oppna/konton").status_code == 200
    world.wait(minutes=1)
    page = visitor.open(visitor.path.removesuffix("/konton"))
    assert page.status_code == 410 and heading(page) == "Besöket är slut"
    assert f'href="{DESK}"' in page.text


def test_how_long_a_visit_lasts_is_a_setting(world: World, provider: RealProvider) -> None:
    page = sign_in(
        Portal(world, **provider.settings(sign_in_hours=2)).visitor(), provider, world.email("anna")
    )
    assert "Sidan är öppen till kl. 11.00." in plain(page)


def test_without_a_provider_there_is_no_way_to_one(world: World) -> None:
    visitor = Portal(world).visitor()
    assert "Logga in" not in plain(visitor.open("/exempelby/mina-uppgifter"))
    for path in (DESK, "/exempelby/inloggning/ut/vidare"):
        assert visitor.client.get(path).status_code == 404


def test_a_row_on_the_desk_leads_through_the_sign_in_to_its_page(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    account_id = world.active()
    visitor = portal.visitor()
    visitor.open(f"/exempelby/oppna/konto/{account_id}")
    sign_in(visitor, provider, world.email("disa"))
    assert visitor.path.endswith(f"/konto/{account_id}")


def test_unknown_people_and_those_who_have_left_hear_the_same(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    with work(world.engine, world.now) as session:
        session.get_one(Person, world.people["hanna"]).left_on = world.now.date()
    said = set()
    for address in (world.email("hanna"), f"ingen@{world.slug}.example.org"):
        visitor = portal.visitor()
        page = sign_in(visitor, provider, address)
        assert page.status_code == 403 and not world.links()
        assert all(name == "kanalvakt-inloggning" or not name for name in visitor.client.cookies)
        said.add(re.sub(r"\?igen=1", "", plain(page)))
    assert len(said) == 1 and "här finns inget för den adressen" in said.pop()


def test_a_sign_in_opens_nothing_in_another_municipality(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    other = World(world.engine, slug="annanby")
    page = sign_in(portal.visitor(), provider, other.email("disa"))
    assert page.status_code == 403 and not world.links()
    visitor = portal.visitor()
    sign_in(visitor, provider, other.email("disa"), "/annanby/inloggning")
    assert visitor.path.startswith("/annanby/mina/")
    number = visitor.path.rpartition("/")[2]
    assert visitor.client.get(f"/exempelby/mina/{number}").status_code == 403


def test_a_municipality_may_have_a_provider_of_its_own(
    world: World, provider: RealProvider, tmp_path: Path
) -> None:
    own = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "amr": "mfa"}
    (tmp_path / "exempelby-sign-in").write_text(json.dumps(own))
    World(world.engine, slug="annanby")
    portal = Portal(world, secrets_dir=tmp_path)
    assert portal.visitor().client.get("/annanby/inloggning").status_code == 404
    page = sign_in(portal.visitor(), provider, world.email("disa"))
    assert page.status_code == 403 and "inte så stark" in plain(page)


# Deciding


def test_a_decision_wants_a_sign_in_and_loses_nothing(
    world: World, bo: Visitor, task: int, provider: RealProvider
) -> None:
    letter = bo.base
    assert bo.page is not None
    assert "Logga in för att svara" in plain(bo.page) and "Lämna svaret" not in plain(bo.page)
    page = bo.post("svar", {"outcome": "decline", "reason": "Vi har <inte> folk.", "plan_version": "1"})
    assert heading(page) == "Du skickas till inloggningen"
    assert world.task(task).state is TaskState.OPEN
    start = html.unescape(re.findall(r'content="0; url=([^"]+)"', page.text)[0])
    assert start == f"{letter}/inloggning"
    to = leaves(bo, start)
    assert provider.hint(to) == world.email("bo")
    page = bo.open(back(provider.sign_in(to, world.email("bo"))))
    assert re.fullmatch(rf"/exempelby/mina/\d+/fraga/{task}", bo.path)
    assert 'value="decline" checked' in page.text and "Vi har &lt;inte&gt; folk." in page.text
    assert f"Du är inloggad som {world.email('bo')}." in plain(page)
    bo.post("svar", {"outcome": "decline", "reason": "Vi har inte folk.", "plan_version": "1"})
    answered = world.task(task)
    assert (answered.outcome, answered.answered_by_id) == (Outcome.DECLINE, world.people["bo"])
    assert all(one.written is None for one in written(world))


def written(world: World) -> list[TaskHolder]:
    with reading(world.engine) as session:
        return list(session.execute(select(TaskHolder)).scalars())


def test_the_log_says_how_the_one_who_decided_was_identified(
    world: World, bo: Visitor, task: int, provider: RealProvider
) -> None:
    provider.tell(acr="urn:example:mfa", amr=["pwd", "mfa"])
    sign_in(bo, provider, world.email("bo"), f"{bo.base}/inloggning")
    bo.post("svar", {"outcome": "approve", "plan_version": "1"})
    facts, detail = event_of(world, EventKind.DECISION_GIVEN)
    assert facts["identified"] == "sign-in" and facts["issuer"] == provider.issuer
    assert (facts["acr"], facts["amr"]) == ("urn:example:mfa", ["pwd", "mfa"])
    assert facts["signed_in_at"] == world.now.isoformat()
    assert detail["signed_in_as"] == world.email("bo") and detail["subject"] == "sub-bo.ceder"
    assert world.email("bo") not in json.dumps(facts) and detail["subject"] not in json.dumps(facts)


def test_the_log_says_when_a_link_was_all(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    visitor = portal.visitor()
    visitor.open(world.task_link(task, "bo"))
    visitor.post("svar", {"outcome": "approve", "plan_version": "1"})
    facts, detail = event_of(world, EventKind.DECISION_GIVEN)
    assert facts["identified"] == "link" and "issuer" not in facts and set(detail) == {"reason"}


def test_a_visit_by_a_mailed_link_is_not_enough(world: World, portal: Portal, task: int) -> None:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "bo"))
    home = visitor.post(f"{visitor.path}/oppna") and visitor.path
    visitor.open(f"{home}/fraga/{task}")
    page = visitor.post("svar", {"outcome": "approve", "plan_version": "1"})
    assert heading(page) == "Du skickas till inloggningen"
    assert world.task(task).state is TaskState.OPEN


def test_who_has_signed_in_at_the_desk_decides_at_once(
    world: World, portal: Portal, task: int, provider: RealProvider
) -> None:
    visitor = portal.visitor()
    sign_in(visitor, provider, world.email("bo"))
    visitor.open(f"{visitor.path}/fraga/{task}")
    assert "ditt svar är registrerat" in plain(
        visitor.post("svar", {"outcome": "approve", "plan_version": "1"})
    )


def test_somebody_else_s_sign_in_does_not_decide(
    world: World, bo: Visitor, task: int, provider: RealProvider
) -> None:
    letter, before = bo.base, len(world.links())
    bo.post("svar", {"outcome": "approve", "reason": "Kör på.", "plan_version": "1"})
    page = sign_in(bo, provider, world.email("anna"), f"{letter}/inloggning")
    assert page.status_code == 403 and heading(page) == "Frågan är ställd till någon annan"
    assert "Frågan är ställd till Bo Ceder" in plain(page) and "Anna" not in plain(page)
    assert len(world.links()) == before and world.task(task).state is TaskState.OPEN
    again = parse_qs(urlsplit(leaves(bo, f"{letter}/inloggning?igen=1")).query)
    assert again["prompt"] == ["login"]
    assert "Kör på." in bo.open(letter).text


def test_handing_over_wants_it_too_and_the_next_one_signs_in_as_herself(
    world: World, bo: Visitor, task: int, provider: RealProvider
) -> None:
    page = bo.post("lamna-over", {"to": world.email("cilla"), "why": "Jag är på kurs."})
    assert heading(page) == "Du skickas till inloggningen" and world.holders(task) == [world.people["bo"]]
    page = sign_in(bo, provider, world.email("bo"), f"{bo.base}/inloggning")
    assert world.email("cilla") in page.text and "Jag är på kurs." in page.text
    bo.post("lamna-over", {"to": world.email("cilla"), "why": "Jag är på kurs."})
    assert world.holders(task) == [world.people["cilla"]]
    cilla = bo
    cilla.open(world.task_link(task, "cilla"))
    page = sign_in(cilla, provider, world.email("cilla"), f"{cilla.base}/inloggning")
    assert plain(cilla.post("svar", {"outcome": "approve", "plan_version": "1"})).count("registrerat") == 1
    assert world.task(task).answered_by_id == world.people["cilla"]
    assert event_of(world, EventKind.DECISION_GIVEN)[1]["signed_in_as"] == world.email("cilla")


def test_one_step_may_want_it_and_another_not(world: World, portal: Portal) -> None:
    first, second = world.rules("opening")[:2]
    world.adopt("2026-03-01", opening=[first, {**second, "signing": "sign-in"}])
    account_id = world.sent()
    visitor = portal.visitor()
    visitor.open(world.task_link(world.open_task(account_id), "bo"))
    visitor.post("svar", {"outcome": "approve", "plan_version": "1"})
    world.look(account_id)
    page = visitor.open(world.task_link(world.open_task(account_id), "disa"))
    assert "Logga in för att svara" in plain(page)


def test_where_the_provider_has_been_taken_away_the_page_says_so(
    world: World, portal: Portal, bo: Visitor, task: int
) -> None:
    portal.desk = Portal(world).desk
    page = bo.client.get(bo.path)
    assert "just nu finns ingen inloggning att använda" in plain(page) and "/svar" not in page.text
    page = bo.post("svar", {"outcome": "approve", "plan_version": "1"})
    assert page.status_code == 422 and SAYS["sign_in_needed"] in plain(page)
    assert world.task(task).state is TaskState.OPEN


def test_what_was_written_is_gone_after_a_day(world: World, bo: Visitor, task: int) -> None:
    bo.post("svar", {"outcome": "decline", "reason": "Vi har inte folk.", "plan_version": "1"})
    for hours, kept in ((23, 1), (2, 0)):
        world.wait(hours=hours)
        with work(world.engine, world.now) as session:
            erase(
                session, law_in_force(session, world.municipality_id, world.now), world.now.date(), world.now
            )
        assert sum(one.written is not None for one in written(world)) == kept


# What is asked of the provider


def test_the_provider_is_asked_by_code_with_pkce_and_comes_back_to_one_address(
    portal: Portal, provider: RealProvider
) -> None:
    visitor = portal.visitor()
    answer = visitor.client.get(
        DESK, headers={"host": "evil.example.org", "x-forwarded-host": "evil.example.org"}
    )
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/inloggning/klar"]
    other = parse_qs(urlsplit(leaves(portal.visitor(), f"{DESK}?next=//evil.example.org")).query)
    for drawn in ("state", "nonce", "code_challenge"):
        assert asked[drawn] != other[drawn] and len(asked[drawn][0]) >= 20


def test_a_strong_sign_in_is_asked_for_and_demanded(world: World, provider: RealProvider) -> None:
    portal = Portal(
        world, **provider.settings(sign_in_acr="urn:example:mfa urn:example:card", sign_in_amr="mfa")
    )
    visitor = portal.visitor()
    assert parse_qs(urlsplit(leaves(visitor, DESK)).query)["acr_values"] == [
        "urn:example:mfa urn:example:card"
    ]
    for acr, amr, opens in (
        ("urn:example:password", ["pwd", "mfa"], False),
        ("urn:example:card", ["pwd"], False),
        ("urn:example:card", ["hwk", "mfa"], True),
    ):
        provider.tell(acr=acr, amr=amr)
        page = sign_in(portal.visitor(), provider, world.email("disa"))
        assert (page.status_code == 200) is opens
        assert opens or "inte så stark" in plain(page)


def test_an_address_must_be_verified_unless_the_issuer_is_trusted(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    for said in (False, "true", None):
        provider.tell(email_verified=said)
        page = sign_in(portal.visitor(), provider, world.email("disa"))
        assert page.status_code == 403 and "inte säkert vilken arbetsadress" in plain(page)
    trusting = Portal(world, **provider.settings(sign_in_trusted=True))
    assert sign_in(trusting.visitor(), provider, world.email("disa")).status_code == 200


def test_the_address_may_stand_in_another_claim(world: World, provider: RealProvider) -> None:
    provider.tell(claims={"preferred_username": world.email("disa").upper(), "email": None})
    own = provider.settings(sign_in_claim="preferred_username", sign_in_trusted=True)
    assert sign_in(Portal(world, **own).visitor(), provider, "disa").status_code == 200
    provider.tell(claims={"preferred_username": "disa"})
    page = sign_in(Portal(world, **own).visitor(), provider, "disa")
    assert page.status_code == 403 and not [one for one in world.links() if one.email != world.email("disa")]


def test_the_address_may_be_told_apart_but_only_of_the_same_person(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    provider.tell(email_in_token=False)
    assert sign_in(portal.visitor(), provider, world.email("disa")).status_code == 200
    provider.tell(userinfo={"sub": "sub-frida.gran", "email": world.email("frida")})
    assert sign_in(portal.visitor(), provider, world.email("disa")).status_code == 403


def test_new_keys_are_fetched_when_the_provider_has_changed_them(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    assert sign_in(portal.visitor(), provider, world.email("disa")).status_code == 200
    provider.tell(new_key=True)
    assert sign_in(portal.visitor(), provider, world.email("disa")).status_code == 200


# What must not happen

HOUR = 3600
LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "drawn by somebody else"}},
    "no nonce": {"claims": {"nonce": None}},
    "another audience": {"claims": {"aud": "another-portal"}},
    "another authorized party": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
    "expired": {"claims": {"exp": 1_700_000_000}},
    "no end": {"claims": {"exp": None}},
    "not yet": {"claims": {"nbf": 4_000_000_000}},
    "another issuer": {"claims": {"iss": "https://idp.example.org"}},
    "nobody": {"claims": {"sub": None}},
    "another access token": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "unsigned": {"signed": "none"},
    "signed by a stranger": {"signed": "by a stranger"},
    "signed with our secret": {"signed": "with the client's secret"},
    "signed with the public key": {"signed": "with the public key as a secret"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_lies_opens_nothing(
    world: World, portal: Portal, provider: RealProvider, lie: str
) -> None:
    provider.tell(**LIES[lie])
    visitor = portal.visitor()
    page = sign_in(visitor, provider, world.email("disa"))
    assert page.status_code == 403 and "gick inte att lita på" in plain(page)
    assert not world.links() and not [one for one in visitor.client.cookies.jar if one.value]


@pytest.mark.parametrize("says", [["none"], ["HS256"], ["none", "HS256"]])
def test_a_provider_that_signs_by_nothing_worth_is_not_used(
    world: World, portal: Portal, provider: RealProvider, says: list[str]
) -> None:
    provider.tell(metadata={"id_token_signing_alg_values_supported": says})
    assert portal.visitor().open(DESK).status_code == 503


@pytest.mark.parametrize(
    "says",
    [
        {"issuer": "https://idp.example.org"},
        {"code_challenge_methods_supported": ["plain"]},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"jwks_uri": None},
    ],
)
def test_a_provider_that_is_not_what_it_should_be_is_not_used(
    portal: Portal, provider: RealProvider, says: dict[str, Any]
) -> None:
    provider.tell(metadata=says)
    assert portal.visitor().open(DESK).status_code == 503


def test_a_clock_that_is_a_minute_wrong_is_forgiven(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    import time

    provider.tell(claims={"iat": int(time.time()) + 60, "nbf": int(time.time()) + 60})
    assert sign_in(portal.visitor(), provider, world.email("disa")).status_code == 200
    provider.tell(claims={"exp": int(time.time()) - 600})
    assert sign_in(portal.visitor(), provider, world.email("disa")).status_code == 403


def returned(visitor: Visitor, provider: RealProvider, user: str) -> str:
    """What the provider sends a browser back with, not yet opened."""
    return back(provider.sign_in(leaves(visitor, DESK), user))


def test_another_state_is_refused(world: World, portal: Portal, provider: RealProvider) -> None:
    visitor = portal.visitor()
    address = returned(visitor, provider, world.email("disa"))
    page = visitor.open(re.sub(r"state=[^&]+", "state=mine", address))
    assert page.status_code == 403 and not world.links()
    page = visitor.open(address)
    assert page.status_code == 400, "what was under way is over after one try"
    assert heading(page) == "Börja om med inloggningen" and not world.links()


@pytest.mark.parametrize("iss", ["https://idp.example.org", ""])
def test_an_answer_from_another_provider_is_refused(
    world: World, portal: Portal, provider: RealProvider, iss: str
) -> None:
    visitor = portal.visitor()
    address = returned(visitor, provider, world.email("disa"))
    assert "iss=" in address
    other = re.sub(r"iss=[^&]+", f"iss={iss}" if iss else "x=y", address)
    assert visitor.open(other).status_code == 403 and not world.links()


def test_what_came_back_opens_nothing_in_another_browser(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    address = returned(portal.visitor(), provider, world.email("disa"))
    assert portal.visitor().open(address).status_code == 400
    other = portal.visitor()
    leaves(other, DESK)
    assert other.open(address).status_code == 403
    assert not world.links()


def test_a_code_is_taken_once(world: World, portal: Portal, provider: RealProvider) -> None:
    visitor = portal.visitor()
    address = returned(visitor, provider, world.email("disa"))
    kept = visitor.client.cookies.get("kanalvakt-inloggning")
    assert visitor.open(address).status_code == 200
    thief = portal.visitor()
    thief.client.cookies.set("kanalvakt-inloggning", str(kept))
    assert thief.open(address).status_code == 403
    assert len(world.links()) == 1


def test_what_is_under_way_cannot_be_changed_and_ends(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    visitor = portal.visitor()
    address = returned(visitor, provider, world.email("disa"))
    kept = str(visitor.client.cookies.get("kanalvakt-inloggning"))
    body, _, signature = kept.rpartition(".")
    for forged in (f"{body}.{'0' * 64}", f"{body[:-4]}AAAA.{signature}", "", "x", "."):
        other = portal.visitor()
        other.client.cookies.set("kanalvakt-inloggning", forged)
        assert other.open(address).status_code == 400
    world.wait(minutes=16)
    assert visitor.open(address).status_code == 400 and not world.links()


def test_somebody_who_changes_their_mind_reads_so(portal: Portal, provider: RealProvider) -> None:
    visitor = portal.visitor()
    asked = parse_qs(urlsplit(leaves(visitor, DESK)).query)
    said = f"error=access_denied&state={asked['state'][0]}&iss={provider.issuer}"
    page = visitor.open(f"/inloggning/klar?{said}")
    assert page.status_code == 403 and "avbröts innan den var klar" in plain(page)


@pytest.mark.parametrize(
    "place", ["//evil.example.org", "https://evil.example.org", "../../annanby", "\\\\evil", "x?y"]
)
def test_nobody_is_led_out_of_the_portal(
    world: World, portal: Portal, provider: RealProvider, place: str
) -> None:
    visitor = portal.visitor()
    visitor.client.cookies.set("kanalvakt-till-exempelby", place)
    answer = visitor.client.get(returned(visitor, provider, world.email("disa")))
    assert re.fullmatch(r"/exempelby/mina/\d+", answer.headers["location"])


def test_the_provider_sends_nobody_to_a_foreign_address(portal: Portal, provider: RealProvider) -> None:
    asked = leaves(portal.visitor(), DESK)
    foreign = asked.replace("testserver", "evil.example.org")
    assert foreign != asked and provider.browser().get(foreign).status_code == 400


def test_a_visit_that_was_there_before_is_not_taken_over(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "hanna"))
    visitor.post(f"{visitor.path}/oppna")
    before = {one.id: one.signed_in for one in world.links()}
    sign_in(visitor, provider, world.email("disa"))
    after = {one.id: one.signed_in for one in world.links()}
    assert all(after[number] is None for number in before) and len(after) == len(before) + 1


def test_no_token_is_kept_or_logged(
    world: World, bo: Visitor, provider: RealProvider, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        page = sign_in(bo, provider, world.email("bo"), f"{bo.base}/inloggning")
    [*_, answer] = provider.tell()["answers"]
    assert {"access_token", "id_token"} <= set(answer)
    cookies = " ".join(str(one.value) for one in bo.client.cookies.jar)
    where = str(everything_in(world.engine)) + caplog.text + page.text + cookies
    for secret in (answer["access_token"], answer["id_token"], answer["id_token"].split(".")[2], SECRET):
        assert secret not in where


def test_cookies_are_for_this_host_over_tls_only(world: World, provider: RealProvider) -> None:
    provider.know("https://testserver")
    portal = Portal(world, **provider.settings(demonstration=False, portal_url="https://testserver"))
    visitor = portal.visitor("https://testserver")
    begun = visitor.client.get(DESK)
    way = begun.headers["set-cookie"]
    assert way.startswith("__Host-kanalvakt-inloggning=") and "Path=/;" in way
    done = visitor.client.get(back(provider.sign_in(begun.headers["location"], world.email("disa"))))
    for cookie in [way, *(one for one in done.headers.get_list("set-cookie") if '=""' not in one)]:
        assert "HttpOnly" in cookie and "Secure" in cookie and "SameSite=lax" in cookie, cookie
    given = "\n".join(done.headers.get_list("set-cookie"))
    assert re.search(r"^__Host-kanalvakt-\d+=[^;]+;.*Path=/;", given, re.M), given


def test_the_addresses_that_a_sign_in_goes_through_are_not_kept_by_the_browser(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    visitor = portal.visitor()
    done = visitor.client.get(returned(visitor, provider, world.email("disa")))
    assert done.headers["cache-control"] == "no-store" and done.headers["referrer-policy"] == "no-referrer"
    lost = portal.visitor().client.get("/inloggning/klar?code=hemlig&state=x")
    assert "hemlig" not in lost.text


# When the provider is away


def test_while_the_provider_is_away_mailed_links_still_work(world: World, provider: RealProvider) -> None:
    task = world.open_task(world.sent())
    portal = Portal(world, **provider.settings(sign_in_issuer="http://127.0.0.1:9"))
    visitor = portal.visitor()
    page = visitor.open(DESK)
    assert page.status_code == 503 and "svarar inte just nu" in plain(page)
    assert "få en länk till din arbetsadress" in plain(page)
    assert visitor.open("/exempelby/mina-uppgifter").status_code == 200
    visitor.open(world.task_link(task, "bo"))
    assert "registrerat" in plain(visitor.post("svar", {"outcome": "approve", "plan_version": "1"}))


def test_a_provider_that_goes_away_under_way_says_so_and_comes_again(
    world: World, bo: Visitor, task: int, provider: RealProvider
) -> None:
    letter = bo.base
    bo.post("svar", {"outcome": "decline", "reason": "Vi har inte folk.", "plan_version": "1"})
    provider.tell(jwks=False)
    page = sign_in(bo, provider, world.email("bo"), f"{letter}/inloggning")
    assert page.status_code == 503 and "finns kvar på frågans sida" in plain(page)
    provider.tell(jwks=True)
    page = sign_in(bo, provider, world.email("bo"), f"{letter}/inloggning")
    assert "Vi har inte folk." in page.text


# Signing out


def test_signing_out_ends_the_visit_and_offers_the_provider_s_way_out(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    visitor = portal.visitor()
    sign_in(visitor, provider, world.email("disa"))
    home = visitor.path
    cookie = next(f"{one.name}={one.value}" for one in visitor.client.cookies.jar if one.path == home)
    page = visitor.post(f"{home}/avsluta")
    assert heading(page) == "Du är utloggad" and "Logga ut överallt" in plain(page)
    assert portal.visitor().client.get(home, headers={"cookie": cookie}).status_code == 410
    out = leaves(visitor, "/exempelby/inloggning/ut/vidare")
    assert set(parse_qs(urlsplit(out).query)) == {"client_id", "post_logout_redirect_uri", "state"}
    answer = provider.browser().get(out)
    assert answer.status_code == 302 and answer.headers["location"].startswith("http://testserver/")


def test_a_provider_without_a_way_out_is_no_trouble(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    provider.tell(metadata={"end_session_endpoint": None})
    visitor = portal.visitor()
    sign_in(visitor, provider, world.email("disa"))
    assert "Logga ut överallt" not in plain(visitor.post(f"{visitor.path}/avsluta"))


def test_a_visit_that_was_signed_in_ends_when_the_person_has_left(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    visitor = portal.visitor()
    sign_in(visitor, provider, world.email("hanna"))
    with work(world.engine, world.now) as session:
        session.get_one(Person, world.people["hanna"]).left_on = (world.now - timedelta(days=1)).date()
    assert visitor.client.get(visitor.path).status_code == 403
