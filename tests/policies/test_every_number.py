"""No number of a policy may change without a case that notices."""

import pytest

from policies.defaults import numbers_left_open
from policies.loading import HERE, MUNICIPALITIES, load_policy, names_in
from policies.settings import Settings
from policies.shape import path_of
from tests.policies.case_changes import Change, first_allowed, likeliest_first, notices, numbers_in
from tests.policies.case_format import Case, all_cases
from tests.policies.case_policies import content_for, written_policy

POLICIES = names_in(HERE, MUNICIPALITIES)


def cases_of(policy: str) -> list[Case]:
    return [case for case in all_cases().values() if case.policy == policy]


def touched_settings(policy: str) -> set[str]:
    """Settings that the policy's file writes or that one of its cases rests on, whole or one of several."""
    rests_on = {one for case in cases_of(policy) for one in case.rests_on}
    resting = {one.removeprefix("settings.") for one in rests_on if one.startswith("settings.")}
    return resting | set(written_policy(policy).get("settings", {}))


@pytest.mark.parametrize("policy", POLICIES)
def test_a_case_notices_each_number(policy: str) -> None:
    whole = content_for(written_policy(policy))["policy"]
    cases, touched, unnoticed = cases_of(policy), touched_settings(policy), []
    for where, number in numbers_in(whole):
        names = {str(where[1]), path_of(where, whole).removeprefix("settings.")}
        if where[0] == "settings" and not names & touched:
            continue
        change = first_allowed(whole, [Change(where, number + 1), Change(where, number - 1)])
        assert change, f"{where} cannot be changed"
        if not notices(likeliest_first(cases, whole, where), change.applied(whole)):
            unnoticed.append(change.told(whole))

    assert unnoticed == []


@pytest.mark.parametrize("policy", POLICIES)
def test_cases_rest_on_each_setting_that_fills_in_a_number(policy: str) -> None:
    told = " ".join(one.says for one in numbers_left_open(load_policy(policy)))
    filling = {key for key in Settings.model_fields if f"settings.{key}:" in told}

    assert filling <= {one.partition("[")[0] for one in touched_settings(policy)}


def test_cases_rest_on_each_number_of_the_settings() -> None:
    whole = content_for(written_policy("mall"))["policy"]
    numbers = {str(where[1]) for where, _ in numbers_in(whole) if where[0] == "settings"}

    assert numbers <= {one for policy in POLICIES for one in touched_settings(policy)}
