"""Every decision is given by signing in where the rules want it, by whatever path (REQUIREMENTS 4.2)."""

import re
from datetime import date, timedelta

import pytest
from httpx2 import Response

from acts import evaluating, repairing
from acts.by_form import FormDesk
from acts.confirmed_repairs import HAND_OVER
from acts.work import work
from lifecycle.events import EventKind
from lifecycle.law import law_in_force
from lifecycle.refusals import SAYS, Refused
from models import Account, AccountState, Link, LinkKind, Municipality, Person, TaskKind
from runtime.database import reading
from tests.identity_provider_fixture import RealProvider
from tests.web.test_evaluation_pages import RESULTS, YEAR_LATER, answers, at_duty, go, proposed
from tests.web.test_sign_in import back, event_of, leaves
from tests.web.visitor import Portal, Visitor, heading, plain
from tests.web.world import World

BEGINS = "Logga in för att svara"
REASON = {"reason": "Bo är på kurs."}


@pytest.fixture
def portal(world: World, provider: RealProvider) -> Portal:
    """Exempelby's portal, with the provider set."""
    return Portal(world, **provider.settings())


def strict(world: World) -> None:
    """From now on whoever decides signs in."""
    world.adopt("2026-03-01", {"signing": "sign-in"})


def sign_in_for(world: World, visitor: Visitor, provider: RealProvider, who: str) -> None:
    """By the button of the page shown, to the provider and back to the same page of one's own."""
    assert visitor.page is not None
    [button] = re.findall(r'href="(/[a-z]+/inloggning/till/[^"]+)"', visitor.page.text)
    start = visitor.client.get(button).headers["location"]
    visitor.open(back(provider.sign_in(leaves(visitor, start), world.email(who))))
    assert visitor.path.endswith(button.split("/till/")[1])


def without_signing_in(
    world: World, portal: Portal, visitor: Visitor, action: str, given: dict[str, str]
) -> Response:
    """The form as it would be posted by who has not signed in: no page of theirs has it."""
    assert visitor.page is not None
    assert BEGINS in plain(visitor.page) and f'action="{visitor.base}/{action}"' not in visitor.page.text
    with reading(world.engine) as session:
        link = session.get_one(Link, int(visitor.base.rpartition("/")[2]))
        token = portal.desk.signer.form_token(link)
    page = visitor.post(action, given, token=token)
    assert page.status_code == 422 and SAYS["sign_in_needed"] in plain(page)
    return page


# Duties that are decisions


def test_an_evaluation_is_given_by_signing_in(world: World, portal: Portal, provider: RealProvider) -> None:
    account_id = world.active()
    with work(world.engine, world.now) as session:
        session.get_one(Account, account_id).opened_on = date(2026, 3, 2)
    strict(world)
    world.now = YEAR_LATER
    go(world, evaluating.EVALUATE)
    visitor, action = at_duty(world, portal, TaskKind.EVALUATE, "anna")
    given = {**RESULTS, **answers(world), "utfall": "continue"}
    without_signing_in(world, portal, visitor, action, given)
    sign_in_for(world, visitor, provider, "anna")
    assert "svaret är sparat" in plain(visitor.post(visitor.path, given))
    facts, detail = event_of(world, EventKind.DUTY_ANSWERED)
    assert (facts["identified"], facts["issuer"]) == ("sign-in", provider.issuer)
    assert detail["signed_in_as"] == world.email("anna")


def test_new_rules_are_approved_by_signing_in(world: World, portal: Portal, provider: RealProvider) -> None:
    strict(world)
    proposed(world)
    visitor, action = at_duty(world, portal, TaskKind.APPROVE_POLICY, "erik")
    without_signing_in(world, portal, visitor, action, {"beslut": "ja"})
    sign_in_for(world, visitor, provider, "erik")
    assert "svaret är sparat" in plain(visitor.post(visitor.path, {"beslut": "ja"}))
    facts, detail = event_of(world, EventKind.POLICY_DECIDED)
    assert facts["identified"] == "sign-in" and detail["subject"] == "sub-erik.falk"


def test_where_there_is_no_provider_a_decision_waits(world: World) -> None:
    strict(world)
    proposed(world)
    visitor, _ = at_duty(world, Portal(world), TaskKind.APPROVE_POLICY, "erik")
    assert visitor.page is not None and "just nu finns ingen inloggning" in plain(visitor.page)
    assert "<form" not in visitor.page.text.partition("<main")[2].partition("</main>")[0]


# What waits to be confirmed


def handed_over_by_form(world: World) -> tuple[int, int]:
    """Communications has begun, by a form, to hand the manager's decision over; both tasks."""
    account_id = world.sent()
    asked = world.open_task(account_id)
    with work(world.engine, world.now) as session:
        law = law_in_force(session, world.municipality_id, world.now)
        municipality = session.get_one(Municipality, world.municipality_id)
        desk = FormDesk(session, world.now, municipality, law, session.get_one(Person, world.people["disa"]))
        values = {"account": account_id, "task": asked, "person": world.people["cilla"], "reason": "Kurs."}
        begun = desk.begin(HAND_OVER, "Frågan lämnas över", f"task:{asked}", values).task
        assert begun is not None
        return asked, begun.id or 0


def before_it(world: World, portal: Portal, begun: int) -> Visitor:
    visitor = portal.visitor()
    until = world.now + timedelta(days=3)
    visitor.open(world.link(LinkKind.CONFIRM_ACT, "disa", task_id=begun, until=until))
    return visitor


def test_what_a_form_began_is_confirmed_by_signing_in(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    """The desk begins nothing that could not be confirmed: who signs in carries it out."""
    strict(world)
    asked, begun = handed_over_by_form(world)
    visitor = before_it(world, portal, begun)
    assert visitor.page is not None and "Logga in för att bekräfta" in plain(visitor.page)
    assert '/ja"' not in visitor.page.text
    page = visitor.post("ja")
    assert page.status_code == 422 and world.holders(asked) == [world.people["bo"]]
    sign_in_for(world, visitor, provider, "disa")
    assert visitor.client.post(f"{visitor.path}/ja").status_code == 403
    assert visitor.post("ja", headers={"origin": "https://example.net"}).status_code == 403
    assert heading(visitor.open(visitor.path.removesuffix("/ja"))) == "Bekräfta det du har begärt"
    assert heading(visitor.post("ja")) == "Det är bekräftat"
    assert world.holders(asked) == [world.people["cilla"]]
    for kind in (EventKind.ACT_CONFIRMED, EventKind.HANDED_OVER):
        facts, detail = event_of(world, kind)
        assert facts["identified"] == "sign-in" and detail["signed_in_as"] == world.email("disa")


def test_letting_it_be_wants_no_sign_in(world: World, portal: Portal) -> None:
    strict(world)
    asked, begun = handed_over_by_form(world)
    assert heading(before_it(world, portal, begun).post("nej")) == "Begäran är släppt"
    assert world.holders(asked) == [world.people["bo"]]


def test_one_step_s_own_demand_reaches_the_form_that_hands_it_over(world: World, portal: Portal) -> None:
    first, *rest = world.rules("opening")
    world.adopt("2026-03-01", opening=[{**first, "signing": "sign-in"}, *rest])
    asked, begun = handed_over_by_form(world)
    visitor = before_it(world, portal, begun)
    assert visitor.page is not None and "Logga in för att bekräfta" in plain(visitor.page)
    assert visitor.post("ja").status_code == 422 and world.holders(asked) == [world.people["bo"]]


def test_only_a_visit_that_was_signed_in_confirms_without_the_letter_s_link(
    world: World, portal: Portal
) -> None:
    _, begun = handed_over_by_form(world)
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "disa"))
    visitor.post("oppna")
    assert visitor.client.get(f"{visitor.path}/bekrafta/{begun}").status_code == 404


# Repairs


def test_a_repair_that_moves_a_decision_keeps_its_demand(
    world: World, portal: Portal, provider: RealProvider
) -> None:
    strict(world)
    account_id = world.sent()
    task = world.open_task(account_id)
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "disa"))
    visitor.post("oppna")
    visitor.open(f"{visitor.path}/ratta/{account_id}")
    move = {"task": str(task), "to": world.email("cilla"), **REASON}
    page = visitor.post("flytta", move)
    assert page.status_code == 422 and "Bo är på kurs." in page.text
    assert SAYS["sign_in_needed"] in plain(page) and world.holders(task) == [world.people["bo"]]
    sign_in_for(world, visitor, provider, "disa")
    assert "Frågan är flyttad." in plain(visitor.post("flytta", move))
    assert world.holders(task) == [world.people["cilla"]]
    assert event_of(world, EventKind.REPAIRED)[0]["identified"] == "sign-in"


@pytest.mark.parametrize("what", ["skip_step", "end_application"])
def test_no_repair_passes_or_ends_by_a_link_what_is_decided_by_signing_in(world: World, what: str) -> None:
    strict(world)
    account_id = world.sent()
    step = {"step": world.task(world.open_task(account_id)).step} if what == "skip_step" else {}
    with pytest.raises(Refused) as refused, work(world.engine, world.now) as session:
        act = getattr(repairing, what)
        act(session, world.now, account_id=account_id, person_id=world.people["disa"], **REASON, **step)
    assert refused.value.code == "sign_in_needed"
    assert world.account(account_id).state is AccountState.DECIDING


# A closing


@pytest.mark.parametrize("decided", [False, True])
def test_to_ask_for_a_closing_is_a_decision_where_nobody_else_decides(
    world: World, portal: Portal, provider: RealProvider, decided: bool
) -> None:
    account_id = world.active()
    act = {"act": "decide" if decided else "consult"}
    chain = [one | act for one in world.rules("closing")]
    world.adopt("2026-03-01", {"signing": "sign-in"}, closing=chain)
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "anna"))
    visitor.post("oppna")
    page = visitor.open(f"{visitor.path}/konto/{account_id}")
    assert ("Logga in för att begära avslut" in plain(page)) is not decided
    page = visitor.post("avsluta", REASON)
    assert (page.status_code == 422) is not decided
    if not decided:
        assert SAYS["sign_in_needed"] in plain(page)
        sign_in_for(world, visitor, provider, "anna")
        page = visitor.post("avsluta", REASON)
        assert event_of(world, EventKind.CLOSING_ASKED)[1]["signed_in_as"] == world.email("anna")
    assert "Din begäran om avslut är skickad" in plain(page)


# The way there


@pytest.mark.parametrize("place", ["//evil.example.org", "a.b", "Idag", "a" * 90, ""])
def test_the_way_to_sign_in_leads_to_pages_of_one_s_own_only(portal: Portal, place: str) -> None:
    assert portal.visitor().client.get(f"/exempelby/inloggning/till/{place}").status_code == 404


def test_there_is_no_way_to_sign_in_without_a_provider(world: World) -> None:
    assert Portal(world).visitor().client.get("/exempelby/inloggning/till/idag").status_code == 404


def test_lines_of_a_checklist_are_no_decisions(world: World) -> None:
    account_id = world.setting_up()
    strict(world)
    world.confirm_all(account_id)
    assert world.account(account_id).state is AccountState.ACTIVE
