"""Closing in good order (REQUIREMENTS 2.6): consulted before or told after, as the policy says."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from acts.policies import adopt
from lifecycle.events import By
from lifecycle.law import law_in_force
from lifecycle.register import read_entries
from models import Account, AccountRoleKind, Outcome
from policies.loading import content_of, load_policy
from tests.lifecycle.town import CLAUSE, Rule, Town, content, item, refused_of, step

CHIEF = [step("chef", "decide", "line_manager")]
CONSULT = step("samrad", "consult", "communications")
NOTICE = step("besked", "inform", "communications")
BILD = item("bild", confirmed_by="administrator")
RULES: Rule = {"opening": CHIEF, "closing": [CONSULT, NOTICE], "closing_items": [BILD]}
ADDRESS = "https://example.org/bibliotek"
PEOPLE: dict[str, Any] = {"responsible": ["omar"], "administrators": ["elin", "omar"], "substitute": ["tove"]}


def active(engine: Engine, **rules: Any) -> Town:
    """An active account."""
    town = Town(engine, RULES | rules)
    town.apply(**PEOPLE, address=ADDRESS)
    town.answer("karin")
    assert town.state == "active"
    return town


def test_consulted_before_confirmed_line_by_line_and_told_after(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("omar")
    assert (town.state, town.asked()) == ("active", {"samrad": ["petra", "david"]})
    assert town.account().waits_for == "Aktiv · Väntar på samråd med kommunikationsenheten"
    town.now += timedelta(days=1)
    town.answer("david", Outcome.ANSWERED, "Spara en bild först.")
    assert (town.state, town.asked()) == ("closing", {"bild": ["elin", "omar"]})
    assert town.told("informed") == []
    town.now += timedelta(days=1)
    town.confirm("elin")
    account = town.account()
    assert (account.state, account.waits_for, account.wake_at) == ("closed", "Avslutat", None)
    assert account.closed_on == date(2026, 12, 3)
    assert town.told("informed") == ["david", "kommunikation", "petra"]


CLOSES: dict[str, tuple[dict[str, list[str]], bool]] = {
    "haninge": ({"consultation": ["petra", "david"]}, False),
    "tibro": ({}, True),
    "nassjo": ({"consultation": ["petra", "david"]}, False),
    "mall": ({"consultation": ["petra", "david"]}, True),
    "tomelilla": ({}, False),
    "skurup": ({}, False),
}
"""Who is consulted before, and whether communications is told after (REQUIREMENTS 1, the row "Closing")."""


@pytest.mark.parametrize("name", CLOSES)
def test_by_each_policy(memory: Engine, name: str) -> None:
    asked, told = CLOSES[name]
    town = active(memory)
    new = content_of(load_policy(name))
    new["policy"]["valid_from"] = "2026-11-30"
    with town.work() as session:
        adopt(session, town.municipality_id, new, By(None, "cli"), town.now)
    town.ask_to_close("elin")
    assert {step: who for step, who in town.asked().items() if step == "consultation"} == asked
    if asked:
        town.answer("petra", Outcome.ANSWERED)
    for who in ("elin", "omar", "petra"):
        if town.open_tasks(who):
            town.confirm(who)
    assert town.state == "closed"
    assert bool(town.told("informed")) is told


def test_everybody_concerned_hears_of_it_twice(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("karin")
    town.answer("petra", Outcome.ANSWERED)
    assert town.told("closing_begun") == ["elin", "karin", "omar", "tove"]
    town.confirm("omar")
    assert town.told("account_closed") == ["elin", "karin", "omar", "tove"]


def test_all_roles_end_that_day(memory: Engine) -> None:
    town = active(memory, closing=[], closing_items=[])
    town.ask_to_close("elin")
    assert town.state == "closed"
    assert {role.until_on for role in town.roles()} == {town.now.date()}
    for kind in AccountRoleKind:
        assert town.people_in(kind) == []


def test_what_was_still_asked_is_asked_no_more(memory: Engine) -> None:
    """Also a change of administrators that had not been decided."""
    town = active(memory, administrator_change=CHIEF, closing=[], closing_items=[])
    role_id = town.ask_for("elin", "johan")
    town.ask_to_close("elin")
    assert (town.state, town.asked()) == ("closed", {})
    (asked_for,) = [role for role in town.roles() if role.id == role_id]
    assert (asked_for.since_on, asked_for.refused_at) == (None, town.now)
    assert "johan" not in town.told("account_closed")


@pytest.mark.parametrize("modality", ["should", "may"])
def test_only_what_must_be_done_keeps_it_open(memory: Engine, modality: str) -> None:
    town = active(memory, closing_items=[BILD | {"modality": modality}])
    town.ask_to_close("elin")
    town.answer("petra", Outcome.ANSWERED)
    assert (town.state, town.asked()) == ("closed", {})


def test_a_consultation_without_answer_does_not_keep_it_open(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("elin")
    town.pass_days(20)
    assert (town.state, town.asked()) == ("closing", {"bild": ["elin", "omar"]})


def test_a_refused_closure_leaves_it_as_it_was(memory: Engine) -> None:
    town = active(memory, closing=[step("slut", "decide", "communications")])
    town.ask_to_close("elin")
    town.answer("petra", Outcome.DECLINE, "Kontot behövs.")
    assert (town.state, town.account().waits_for) == ("active", "Aktiv")
    (letter,) = town.messages("closing_refused")
    assert (letter.person_id, letter.not_before - letter.queued_at) == (
        town.people["elin"],
        timedelta(hours=1),
    )
    town.now += timedelta(days=1)
    town.ask_to_close("omar", "Nu då?")
    assert town.asked() == {"slut": ["petra", "david"]}
    assert town.account().closing_reason == "Nu då?"
    town.answer("david")
    assert town.state == "closing"


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_demanded(memory: Engine, reason: str) -> None:
    assert refused_of(active(memory).ask_to_close, "elin", reason) == "reason_missing"


def test_asked_for_once(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("elin")
    assert refused_of(town.ask_to_close, "omar") == "already_closing"
    town.answer("petra", Outcome.ANSWERED)
    assert refused_of(town.ask_to_close, "omar") == "state_forbids"


def test_only_what_is_active_is_closed(memory: Engine) -> None:
    town = Town(memory, RULES)
    town.apply()
    assert refused_of(town.ask_to_close, "elin") == "state_forbids"


def test_a_closed_account_is_over(memory: Engine) -> None:
    town = active(memory, closing=[], closing_items=[])
    town.ask_to_close("elin")
    events = len(town.events())
    town.pass_days(400)
    town.look()
    assert len(town.events()) == events
    assert refused_of(town.ask_to_close, "karin") == "state_forbids"


def test_a_line_that_nobody_can_confirm_stands_red(memory: Engine) -> None:
    rules = RULES | {"closing": [], "closing_items": [item("diarium", confirmed_by="registry"), BILD]}
    town = Town(memory, rules, {"last_resort": "crisis_organisation"})
    town.apply(**PEOPLE, address=ADDRESS)
    town.answer("karin")
    town.ask_to_close("elin")
    assert (town.state, town.account().red_reason) == ("closing", "no_holder:diarium")
    town.confirm("elin")
    town.pass_days(3)
    assert town.state == "closing"
    town.posts("registry", "lena")
    town.pass_days(3)
    town.confirm("lena")
    assert (town.state, town.account().red_reason) == ("closed", "")
    assert len(town.events("closing_begun")) == 1


def test_a_closure_that_nobody_may_decide_stands_red(memory: Engine) -> None:
    rules = RULES | {"closing": [step("diarium", "decide", "registry")]}
    town = Town(memory, rules, {"last_resort": "crisis_organisation"})
    town.apply(**PEOPLE, address=ADDRESS)
    town.answer("karin")
    town.ask_to_close("elin")
    assert (town.state, town.account().red_reason) == ("active", "no_holder:closing")
    town.pass_days(10)
    assert len(town.events("stands_red")) == 1


def test_a_closure_ends_under_the_policy_it_was_asked_under(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("elin")
    later = content(RULES | {"closing": [], "closing_items": [item("annat")]}, {}, date(2026, 12, 3))
    with town.work() as session:
        adopt(session, town.municipality_id, later, By(None, "cli"), town.now)
    town.pass_days(5)
    assert town.asked() == {"samrad": ["petra", "david"]}
    town.answer("petra", Outcome.ANSWERED)
    assert town.asked() == {"bild": ["elin", "omar"]}


# ---------------------------------------------------------------- the public register


def entry(town: Town) -> dict[str, str] | None:
    """What the public sees today."""
    with town.reading() as session:
        account = session.get_one(Account, town.account_id)
        law = law_in_force(session, town.municipality_id, town.now)
        found = read_entries(session, law, town.now.date(), [account.id or 0])
        return found[0].facts() if found else None


REGISTER = [{"fields": ["address", "person"], "clauses": [CLAUSE]}]


def test_the_register_knows_it_from_its_first_day_to_its_last(memory: Engine) -> None:
    town = Town(memory, RULES | {"public_register": REGISTER, "closing": [], "closing_items": []})
    town.apply(**PEOPLE, address=ADDRESS)
    assert entry(town) is None
    town.answer("karin")
    shown = {"name": "Biblioteket", "platform": "Instagram", "address": ADDRESS}
    assert entry(town) == shown | {"person": "Omar", "since": "2026-12-01"}
    town.now += timedelta(days=10)
    town.ask_to_close("elin")
    assert entry(town) == shown | {"person": "", "since": "2026-12-01", "until": "2026-12-11"}


def test_who_was_only_asked_for_is_not_shown_to_the_public(memory: Engine) -> None:
    """REQUIREMENTS 4.7: nothing but public facts ever leaks."""
    town = Town(memory, RULES | {"public_register": REGISTER, "administrator_change": CHIEF})
    town.apply(administrators=["elin"], address=ADDRESS)
    town.answer("karin")
    town.ask_for("elin", "tove", AccountRoleKind.RESPONSIBLE)
    shown = entry(town)
    assert shown is not None
    assert shown["person"] == ""
