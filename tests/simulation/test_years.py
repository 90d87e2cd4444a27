"""In a policy's year every rule is seen to do something, or it is named here with the reason why not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from policies.loading import load_policy
from policies.shape import rules_in
from simulation.simulating import simulate
from tests.policies.test_every_cell import ROWS, matrix
from tests.simulation.playing import POLICIES, order, year

UNSEEN = yaml.safe_load((Path(__file__).parent / "unseen.yaml").read_text("utf-8"))
pytestmark = pytest.mark.timeout(900)


def not_applicable(policy: str) -> dict[str, str]:
    """Rules by path, with the reason, as the table's rows have them."""
    return {path: said["why"] for said in UNSEEN["not_applicable"] for path in said["rules"].get(policy, [])}


def not_yet(path: str) -> bool:
    """Whether the rule's round has not been built."""
    return path.split("[")[0].removeprefix("rules.") in UNSEEN["not_yet"]


@pytest.mark.parametrize("policy", POLICIES)
def test_every_rule_is_seen_or_named(policy: str) -> None:
    played = year(policy)
    named = not_applicable(policy)
    unseen = [one.path for one in played.rules if one.seen is None]
    assert [one for one in unseen if one not in named and not not_yet(one)] == []


@pytest.mark.parametrize("policy", POLICIES)
def test_what_is_named_as_unseen_is_not_seen(policy: str) -> None:
    """Else the list grows and nobody notices that it could shrink."""
    seen = {one.path for one in year(policy).rules if one.seen}
    assert sorted(seen & set(not_applicable(policy))) == []
    assert sorted(one for one in seen if not_yet(one)) == []


@pytest.mark.parametrize("policy", POLICIES)
def test_nobody_is_written_to_twice_in_a_morning_or_outside_hours(policy: str) -> None:
    assert year(policy).ledger.broken == []


@pytest.mark.parametrize("policy", POLICIES)
def test_a_year_has_something_of_everything(policy: str) -> None:
    """Applications decided, accounts opened, closed and changed, whatever the policy."""
    steps = {task.process for task in year(policy).ledger.tasks}
    notices = {letter.notice for letter in year(policy).ledger.letters}
    assert {"opening", "setting_up"} <= steps
    assert {"account_active", "account_closed", "administrator_began", "draft_erased"} <= notices


def named_rules() -> Iterator[tuple[str, str, str]]:
    for said in UNSEEN["not_applicable"]:
        for policy, paths in said["rules"].items():
            for path in paths:
                yield said["row"], policy, path


def test_the_list_names_rows_of_the_table_and_rules_that_exist() -> None:
    paths = {policy: {placed.path for placed in rules_in(load_policy(policy).rules)} for policy in POLICIES}
    assert [(row, policy, path) for row, policy, path in named_rules() if path not in paths[policy]] == []
    assert [row for row, _, _ in named_rules() if row not in ROWS] == []
    silent = [
        (row, policy)
        for row, policy, _ in named_rules()
        if policy != "mall" and policy in matrix()[row].silent
    ]
    assert silent == []


def test_a_year_for_forty_accounts() -> None:
    """In a larger one it happens that everybody who could be asked has left, and then the round says so."""
    played = simulate(order("mall", days=365, accounts=40, people=20))
    assert [one for one in played.ledger.broken if "ingen finns" not in one] == []
    assert played.ledger.lives[-1][1]["active"] > 10
