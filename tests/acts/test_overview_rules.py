"""Each rule says what it did last, and since when the round it rests on is silent (REQUIREMENTS 4.9)."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Engine

from acts.overview_pages import RESTS_ON
from acts.overview_words import RULES
from acts.round_list import ROUNDS as ALL_ROUNDS
from acts.rounds import go_round
from lifecycle.case_steps import kinds_for, rule_of_kind
from lifecycle.conditions import facts_of
from lifecycle.law import law_in_force
from models import Case, Process, TaskKind, UserTask
from policies.loading import content_of, load_policy
from tests.acts.test_overviews import made, texts
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.test_watching import WatchedTown
from tests.lifecycle.town import CLAUSE, Rule, Town

P, K = Process, TaskKind
ASKED: Mapping[tuple[Process, TaskKind], str] = {
    (P.OPENING, K.DECIDE): "opening",
    (P.SETTING_UP, K.CONFIRM_ITEM): "setting_up",
    (P.SETTING_UP, K.ACKNOWLEDGE): "documents",
    (P.DUTIES, K.RENEW): "documents",
    (P.ADMINISTRATOR_CHANGE, K.DECIDE): "administrator_change",
    (P.GUEST, K.DECIDE): "guest",
    (P.DUTIES, K.WATCH): "watch",
    (P.DUTIES, K.POST): "posting",
    (P.DUTIES, K.TELL_POSTS): "posting",
    (P.DUTIES, K.REVIEW): "inactivity",
    (P.DUTIES, K.TAKE_SNAPSHOT): "documentation",
    (P.DUTIES, K.WEED): "weeding",
    (P.DUTIES, K.EVALUATE): "evaluation",
    (P.CLOSING, K.DECIDE): "closing",
    (P.CLOSING_ITEMS, K.CONFIRM_ITEM): "closing_items",
    (P.DUTIES, K.REVIEW_GUIDELINE): "revision",
}
"""What is asked, and by which one rule of the policy."""
CRIMINAL: Rule = {"case": "brott", "label": "Brottsligt innehåll", "clauses": [CLAUSE]}
UNNAMED: Rule = {"label": "Annat som ska bort", "clauses": [CLAUSE]}
VIEW: Rule = {"matter": "synpunkt", "label": "Ta hand om en synpunkt", "clauses": [CLAUSE]}
WITH_CASES = {
    "opening": [],
    "answer": [{"within_hours": 24, "clauses": [CLAUSE]}],
    "removal": [CRIMINAL, UNNAMED, UNNAMED | {"label": "Ännu mer"}],
    "matters": [VIEW],
}


def asked(town: Town, process: Process, kind: TaskKind, **more: Any) -> None:
    with town.work() as session:
        task = {"process": process, "kind": kind, "step": "prov", "opened_at": town.now}
        session.add(UserTask(municipality_id=town.municipality_id, **task, **more))


def who_asked(town: Town) -> list[str]:
    words = {says: rule for rule, says in RULES.items()}
    rows = texts(made(town, "regler"))
    did = [row for row in rows if row["Frågade senast"] != "–"]
    assert [row["Väntar nu"] for row in did] == ["1"] * len(did)
    return [words[row["Regel"]] for row in did]


@pytest.mark.parametrize(("process", "kind"), ASKED)
def test_what_is_asked_is_said_of_the_rule_that_asks_it_and_of_no_other(
    process: Process, kind: TaskKind, sqlite_engine: Engine
) -> None:
    town = Town(sqlite_engine, policy=content_of(load_policy("mall")))
    asked(town, process, kind)
    assert who_asked(town) == [ASKED[process, kind]]


@pytest.mark.parametrize(
    ("kind", "rules"),
    [
        ("brott", ["removal"]),
        ("removal", ["removal"]),
        ("removal-2", ["removal"]),
        ("synpunkt", ["matters"]),
        ("question", ["answer"]),
        ("account_taken_over", []),
        ("other", []),
    ],
)
def test_a_case_is_said_of_the_rule_that_gives_its_kind(kind: str, rules: list[str], engine: Engine) -> None:
    """A criminal case is no answer to a visitor."""
    town = Town(engine, WITH_CASES)
    town.apply(responsible=["elin"], address="https://example.org/a")
    with town.work() as session:
        case = Case(
            municipality_id=town.municipality_id,
            account_id=town.account_id,
            kind=kind,
            label="Prov",
            opened_at=town.now,
            noticed_at=town.now,
        )
        session.add(case)
        session.flush()
        case_id = case.id
    asked(town, Process.CASE, TaskKind.HANDLE, account_id=town.account_id, case_id=case_id)
    assert who_asked(town) == rules


def test_the_kinds_of_cases_that_can_be_opened_all_have_their_rule(sqlite_engine: Engine) -> None:
    town = Town(sqlite_engine, WITH_CASES)
    town.apply(responsible=["elin"], address="https://example.org/a")
    with town.reading() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        kinds = kinds_for(law, facts_of(town.account()), law.day_of(town.now))
    found = {one.name: rule_of_kind(law.policy.rules, one.name) for one in kinds}
    assert found.pop("account_taken_over") == found.pop("other") == ""
    assert set(found.values()) == {"removal", "matters", "answer"} and "" not in found.values()


# ---------------------------------------------------------------- silence


def all_gone_but(*silent: str) -> WatchedTown:
    """On 2 December all rounds were gone at nine but some; now it is eleven."""
    town = WatchedTown()
    town.at(2, 9)
    for one in ALL_ROUNDS.values():
        if one.name not in silent:
            go_round(town.engine, one, town.now)
    town.at(2, 11)
    return town


def test_a_rule_whose_round_is_silent_says_since_when() -> None:
    page = made(all_gone_but("watch"), "regler")
    assert page.says == "Tyst för länge: Bevakning, morgon."
    [row] = page.rows
    assert page.columns[-1] == "Ronden"
    assert row[-1].text == "Tyst sedan 2 dec. kl. 08.00" and row[-1].bad
    assert page.second is not None
    assert [cell.text for cell in page.second.rows[0]][::3] == ["Bevakning, morgon", row[-1].text]


def test_several_silent_rounds_are_named_at_the_top() -> None:
    page = made(all_gone_but("watch", "morning"), "regler")
    assert page.says == "Tysta för länge: Bevakning, morgon, Morgonbrev."


def test_a_rule_whose_round_has_gone_is_as_it_should_be() -> None:
    page = made(all_gone_but(), "regler")
    assert page.says == "Alla ronder har gått som de ska."
    assert [row["Ronden"] for row in texts(page)] == ["Som den ska"]


def test_a_rule_that_rests_on_no_round_has_none_to_be_silent() -> None:
    [row] = texts(made(Town(memory_engine()), "regler"))
    assert (row["Regel"], row["Ronden"]) == ("Beslut om nya konton", "–")


def test_rules_rest_on_rounds_that_there_are() -> None:
    assert set(RESTS_ON) <= set(RULES)
    assert {name for names in RESTS_ON.values() for name in names} <= set(ALL_ROUNDS)
