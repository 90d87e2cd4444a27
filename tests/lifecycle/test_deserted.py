"""What was asked only of people who have left is asked anew, of others (REQUIREMENTS 2.2, 2.7)."""

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.lifecycle.town import CLAUSE, Rule, Town, item, step

CHIEF = [step("chef", "decide", "line_manager", assigns=True)]
LINES = [item("rad", confirmed_by="administrator")]
ADDRESS = "https://example.org/bibliotek"


def applied(engine: Engine, rules: Rule, **plan: Any) -> Town:
    """An application that the line manager has granted; Omar administers, Elin is responsible."""
    town = Town(engine, {"opening": CHIEF} | rules)
    town.apply(**{"administrators": ["omar"], "responsible": ["elin"], "address": ADDRESS} | plan)
    town.answer("karin")
    return town


def asked_anew(town: Town, step: str) -> list[str]:
    """Who holds it now, when the first question has been taken back."""
    first, second = town.tasks(step=step)
    assert (first.state, second.state) == ("withdrawn", "open")
    return town.holders(second)


def test_a_line_before_the_account_is_open(memory: Engine) -> None:
    town = applied(memory, {"setting_up": LINES})
    town.leaves("omar")
    town.look()
    assert asked_anew(town, "rad") == ["elin"]
    assert "elin" in town.told("checklist")


def test_a_line_of_the_closing_list(memory: Engine) -> None:
    town = applied(memory, {"closing_items": LINES})
    town.ask_to_close("elin")
    town.leaves("omar")
    town.look()
    assert asked_anew(town, "rad") == ["elin"]
    assert len(town.events("closing_begun")) == 1


def test_an_assignment(memory: Engine) -> None:
    given = {"given_by": "line_manager", "clauses": [CLAUSE]}
    town = applied(memory, {"assignment": given, "administrator_change": []})
    town.ask_for("elin", "tove")
    town.leaves("karin")
    town.look()
    assert asked_anew(town, "uppdrag") == ["johan"]


@pytest.mark.parametrize("looks", [1, 3])
def test_once_however_often_one_looks(memory: Engine, looks: int) -> None:
    town = applied(memory, {"setting_up": LINES})
    town.leaves("omar")
    for _ in range(looks):
        town.look()
    assert len(town.tasks(step="rad")) == 2


def test_what_somebody_who_is_here_holds_too_stays_theirs(memory: Engine) -> None:
    town = applied(memory, {"setting_up": LINES}, administrators=["omar", "tove"])
    town.leaves("omar")
    town.look()
    assert [task.state for task in town.tasks(step="rad")] == ["open"]


def test_when_nobody_is_left_to_ask_it_stands_red(memory: Engine) -> None:
    town = applied(memory, {"setting_up": [item("rad", confirmed_by="communications")]})
    for who in ("petra", "david", "lena"):
        town.leaves(who)
    town.empties("kommun", "stab")
    town.look()
    assert [task.state for task in town.tasks(step="rad")] == ["withdrawn"]
    assert town.account().red_reason == "no_holder:rad"
