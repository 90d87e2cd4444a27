"""Whether a rule binds, whom it names and what it chooses: no such word may change unnoticed either."""

from collections.abc import Iterator
from typing import Any

import pytest

from policies.keys import Modality
from policies.loading import HERE, MUNICIPALITIES, names_in
from policies.policy import Policy
from policies.shape import Place, Where, places_in
from tests.policies.case_changes import (
    Change,
    field_of,
    first_allowed,
    likeliest_first,
    names_for,
    notices,
    other_values,
)
from tests.policies.case_format import all_cases
from tests.policies.case_policies import written_policy

POLICIES = names_in(HERE, MUNICIPALITIES)


def choices_in(written: dict[str, Any]) -> Iterator[tuple[Where, list[Any]]]:
    """Every place where a word is chosen among the schema's, and the other words."""
    for place in places_in(Policy, written):
        for key, value in place.content.items():
            if key == "confirmed_by" and place.content.get("each_administrator"):
                continue  # Each for themselves, whatever role is named.
            if key != "modality" and (isinstance(value, bool) or names_for(field_of(place, key).annotation)):
                yield (*place.where, key), list(other_values(field_of(place, key), value))
        if "modality" in place.model.model_fields:
            yield (*place.where, "modality"), _other_strengths(place)


def _other_strengths(place: Place) -> list[str]:
    now = place.content.get("modality", Modality.MUST.value)
    return [one.value for one in Modality if one.value != now]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_case_notices_each_choice(policy: str) -> None:
    written = written_policy(policy)
    cases, unnoticed = [case for case in all_cases().values() if case.policy == policy], []
    for where, others in choices_in(written):
        change = first_allowed(written, [Change(where, other) for other in others])
        if change and not notices(likeliest_first(cases, written, where), change.applied(written)):
            unnoticed.append(change.told(written))

    assert unnoticed == []
