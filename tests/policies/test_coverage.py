"""Every clause is accounted for, and every rule rests on something."""

from collections import Counter
from datetime import date

import pytest
from typer.testing import CliRunner

from cli.main import app
from policies.coverage import HOW_BY_KEY, How, account_for, as_table
from policies.keys import Modality
from policies.loading import GUIDELINES, HERE, MUNICIPALITIES, load_guideline, load_policy, names_in
from policies.policy import Policy
from policies.rules import Advice, Outside, Place, Rules, Watch
from policies.shape import keys_of, rules_in

OURS = names_in(HERE, MUNICIPALITIES)
TEMPLATE = "mall"


@pytest.mark.parametrize("name", OURS)
def test_each_clause_of_a_guideline_is_accounted_for_in_its_policy(name: str) -> None:
    policy = load_policy(name)
    accounts = account_for(policy)
    missing = [one.ref for one in accounts if one.how is How.MISSING]

    assert missing == []
    assert [one.ref for one in accounts] == [
        f"{guideline}:{clause.id}"
        for guideline in policy.guidelines
        for clause in load_guideline(guideline).clauses
    ]


def test_each_guideline_has_a_policy_that_accounts_for_it() -> None:
    accounted = {guideline for name in OURS for guideline in load_policy(name).guidelines}

    assert accounted == set(names_in(HERE, GUIDELINES))


@pytest.mark.parametrize("name", OURS)
def test_each_rule_cites_clauses_that_exist_or_a_decision(name: str) -> None:
    known = {
        f"{one}:{clause.id}" for one in names_in(HERE, GUIDELINES) for clause in load_guideline(one).clauses
    }

    for placed in rules_in(load_policy(name).rules):
        assert placed.rule.clauses or placed.rule.decision, placed.path
        assert set(placed.rule.clauses) <= known, placed.path


def test_each_rule_of_the_template_cites_a_clause() -> None:
    without = [placed.path for placed in rules_in(load_policy(TEMPLATE).rules) if not placed.rule.clauses]

    assert without == []


@pytest.mark.parametrize("name", OURS)
def test_why_a_clause_is_outside_is_said(name: str) -> None:
    assert all(one.why for one in account_for(load_policy(name)) if one.how is How.OUTSIDE)


def test_every_kind_of_rule_counts_as_something() -> None:
    assert set(HOW_BY_KEY) == set(keys_of(Rules))


def policy_with(*, rules: Rules | None = None, outside: tuple[Outside, ...] = ()) -> Policy:
    return Policy(
        policy="prov",
        name="Prov",
        guidelines=[names_in(HERE, GUIDELINES)[0]],
        valid_from=date(2026, 1, 1),
        rules=rules or Rules(),
        outside=list(outside),
    )


def first_clause() -> str:
    guideline = names_in(HERE, GUIDELINES)[0]
    return f"{guideline}:{load_guideline(guideline).clauses[0].id}"


def test_the_strongest_way_counts_and_all_rules_are_named() -> None:
    clause = first_clause()
    advice = Advice(advice="rad", text="Råd", at=[Place.PLAN], clauses=[clause], modality=Modality.SHOULD)
    account = account_for(policy_with(rules=Rules(watch=[Watch(clauses=[clause])], advice=[advice])))[0]

    assert (account.how, account.by) == (How.CARRIED_OUT, ("rules.watch[nr 1]", "rules.advice[rad]"))


def test_what_no_rule_cites_is_outside_with_a_reason_or_missing() -> None:
    outside = Outside(clause=first_clause(), why="Förklarar ord")
    first, second, *_ = account_for(policy_with(outside=(outside,)))

    assert (first.how, first.why) == (How.OUTSIDE, "Förklarar ord")
    assert second.how is How.MISSING


def test_the_table_has_every_clause_and_totals() -> None:
    policy = policy_with(outside=(Outside(clause=first_clause(), why="Förklarar ord"),))
    accounts = account_for(policy)

    table = as_table(policy, accounts)

    assert all(one.ref in table for one in accounts)
    assert "Förklarar ord" in table
    assert f"{len(accounts)} punkter: 1 utanför, {len(accounts) - 1} SAKNAS." in table


def test_the_command_accounts_for_all_policies() -> None:
    result = CliRunner().invoke(app, ["policies", "coverage"])

    assert result.exit_code == 0
    for name in OURS:
        policy = load_policy(name)
        counted = Counter(one.how for one in account_for(policy))
        assert policy.name in result.output
        assert not counted or f"{counted.total()} punkter" in result.output
