"""A closure or a change asked for by mistake is taken back (REQUIREMENTS 2.2: a wrong click)."""

from typing import Any

import pytest
from sqlalchemy import Engine

from acts import caring
from models import Outcome
from tests.lifecycle.town import Rule, Town, document, item, refused_of, step

ADDRESS = "https://example.org/bibliotek"
RULES: Rule = {
    "opening": [step("chef", "decide", "line_manager")],
    "administrator_change": [step("chef", "decide", "line_manager")],
    "closing": [step("samrad", "consult", "communications")],
    "closing_items": [item("bild", confirmed_by="administrator")],
}


def active(engine: Engine, **rules: Any) -> Town:
    town = Town(engine, RULES | rules)
    town.apply(administrators=["elin", "omar"], address=ADDRESS)
    town.answer("karin")
    assert town.state == "active"
    return town


def take_back(town: Town, who: str, reason: str = "", role_id: int | None = None) -> None:
    with town.work() as session:
        caring.withdraw_request(
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people[who],
            reason=reason,
            role_id=role_id,
            via="portal",
        )
    town.look()


def test_a_closure_is_taken_back_by_the_one_who_asked(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("elin")
    assert town.asked() == {"samrad": ["petra", "david"]}
    take_back(town, "elin")
    assert (town.state, town.asked(), town.account().waits_for) == ("active", {}, "Aktiv")
    assert town.told("request_withdrawn") == ["david", "petra"]
    town.ask_to_close("omar")
    assert town.asked() == {"samrad": ["petra", "david"]}


def test_also_when_it_has_begun_and_nothing_is_closed(memory: Engine) -> None:
    town = active(memory, closing=[])
    town.ask_to_close("elin")
    assert town.state == "closing"
    take_back(town, "elin")
    assert (town.state, town.asked(), town.told("request_withdrawn")) == ("active", {}, ["omar"])


def test_communications_may_with_a_reason(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("elin")
    town.answer("petra", Outcome.ANSWERED, "Nej, behåll kontot!")
    assert town.state == "closing"
    assert refused_of(take_back, town, "david") == "reason_missing"
    take_back(town, "david", "Vi har kommit överens om att behålla det.")
    assert town.state == "active"
    assert "elin" in town.told("request_withdrawn")


def test_nobody_else_may(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("elin")
    assert refused_of(take_back, town, "omar", "Jag vill ha kvar det.") == "not_yours_to_withdraw"


def test_not_one_who_has_decided(memory: Engine) -> None:
    """REQUIREMENTS 4.2."""
    town = active(memory, closing=[step("slut", "decide", "communications")])
    town.ask_to_close("elin")
    town.answer("petra")
    assert refused_of(take_back, town, "petra", "Ändrade mig.") == "four_eyes"


def test_what_is_closed_or_not_asked_is_not_taken_back(memory: Engine) -> None:
    town = active(memory, closing=[], closing_items=[])
    assert refused_of(take_back, town, "elin") == "task_gone"
    town.ask_to_close("elin")
    assert town.state == "closed"
    assert refused_of(take_back, town, "elin") == "state_forbids"


@pytest.mark.parametrize("decided", [False, True])
def test_a_change_is_taken_back_until_it_has_begun(memory: Engine, decided: bool) -> None:
    town = Town(memory, RULES | {"documents": [document("riktlinje")]})
    town.apply(administrators=["elin", "omar"], address=ADDRESS)
    town.answer("karin")
    town.confirm("elin")
    town.confirm("omar")
    role = town.ask_for("elin", "tove")
    answered = town.answer("karin") if decided else None
    take_back(town, "elin", role_id=role)
    assert (town.asked(), town.people_in(), town.account().waits_for) == ({}, ["elin", "omar"], "Aktiv")
    assert town.told("request_withdrawn") == ["karin", "tove"]
    if answered:
        assert refused_of(town.take_back, answered, "karin") == "regret_overtaken"


def test_a_withdrawn_closure_is_not_revived_by_taking_back_an_answer(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("elin")
    answered = town.answer("petra", Outcome.ANSWERED, "Bra.")
    take_back(town, "elin")
    assert refused_of(town.take_back, answered, "petra") == "regret_overtaken"
    assert town.state == "active"
