"""No key of the schema may be carried out without a case whose outcome hangs on it."""

import json
from collections.abc import Iterator
from functools import lru_cache

import pytest
from pydantic import BaseModel

from policies.policy import Policy
from policies.shape import keys_of, model_inside, places_in
from tests.policies.case_changes import REMOVED, Change, field_of, is_allowed, other_values
from tests.policies.case_format import Case, all_cases
from tests.policies.case_policies import OWN_GROUND, written_policy
from tests.policies.case_runner import fails

Key = tuple[type[BaseModel], str]
Trial = tuple[Case, Change]


def models_within(model: type[BaseModel]) -> set[type[BaseModel]]:
    inner = {found for field in keys_of(model).values() if (found := model_inside(field.annotation))}
    return {model}.union(*(models_within(one) for one in inner))


MODELS = sorted(models_within(Policy), key=lambda model: model.__name__)


def small_policies_first() -> list[Case]:
    """Cases with a policy of their own, where what a key does is not hidden by others."""
    own = [case for case in all_cases().values() if isinstance(case.policy, dict)]
    return sorted(own, key=lambda case: (len(json.dumps(case.policy)), len(case.steps)))


@lru_cache(maxsize=1)
def trials() -> dict[Key, list[Trial]]:
    """For each key the changes of each policy that writes it, with the policy's case; removals first."""
    removed: dict[Key, list[Trial]] = {}
    altered: dict[Key, list[Trial]] = {}
    for case in small_policies_first():
        for place in places_in(Policy, written_policy(case.policy)):
            for key, value in place.content.items():
                if OWN_GROUND in (value, place.content) or not (place.where or key in case.policy):
                    continue  # Not written by the case: it only makes the policy whole.
                where, which = (*place.where, key), (place.model, key)
                removed.setdefault(which, []).append((case, Change(where, REMOVED)))
                others = other_values(field_of(place, key), value)
                altered.setdefault(which, []).extend((case, Change(where, other)) for other in others)
    return {which: removed[which] + altered[which] for which in removed}


def hangs_on(case: Case, change: Change) -> bool:
    """Whether the case sees something else when its policy says something else."""
    changed = change.applied(written_policy(case.policy))
    return is_allowed(changed) and fails(case, changed)


def without_a_case(model: type[BaseModel]) -> Iterator[str]:
    for key in keys_of(model):
        tried = trials().get((model, key), [])
        if not any(hangs_on(case, change) for case, change in tried):
            yield f"{model.__name__}.{key}" + ("" if tried else " (står inte i något fall)")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_key_has_a_case_that_hangs_on_it(model: type[BaseModel]) -> None:
    assert list(without_a_case(model)) == []
