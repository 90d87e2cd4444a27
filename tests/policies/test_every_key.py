"""No key of the schema may be carried out without a case whose outcome hangs on it."""

from collections.abc import Iterator
from functools import lru_cache

import pytest
from pydantic import BaseModel

from policies.policy import Policy
from policies.shape import keys_of, model_inside, places_in
from tests.policies.case_changes import REMOVED, Change, field_of, is_allowed, other_values
from tests.policies.case_format import Case, all_cases
from tests.policies.case_policies import written_policy
from tests.policies.case_runner import run

Key = tuple[type[BaseModel], str]


def models_within(model: type[BaseModel]) -> set[type[BaseModel]]:
    inner = {found for field in keys_of(model).values() if (found := model_inside(field.annotation))}
    return {model}.union(*(models_within(one) for one in inner))


def is_carried_out(model: type[BaseModel], key: str) -> bool:
    extra = keys_of(model)[key].json_schema_extra
    return isinstance(extra, dict) and extra["carried_out_by"] is not None


MODELS = sorted(models_within(Policy), key=lambda model: model.__name__)


@lru_cache(maxsize=1)
def trials() -> dict[Key, list[tuple[Case, Change]]]:
    """For each key the cases whose own policy writes it, short ones and those of the schema first."""
    found: dict[Key, list[tuple[Case, Change]]] = {}
    for case in sorted(
        all_cases().values(), key=lambda case: (isinstance(case.policy, str), len(case.steps))
    ):
        written = written_policy(case.policy)
        for place in places_in(Policy, written):
            for key, value in place.content.items():
                where = (*place.where, key)
                tried = found.setdefault((place.model, key), [])
                tried.append((case, Change(where, REMOVED)))
                others = list(other_values(field_of(place, key), value))
                tried += [(case, Change(where, other)) for other in others]
    return found


def hangs_on(case: Case, change: Change) -> bool:
    """Whether the case sees something else when its policy says something else."""
    changed = change.applied(written_policy(case.policy))
    return is_allowed(changed) and bool(run(case, changed))


def without_a_case(model: type[BaseModel]) -> Iterator[str]:
    for key in keys_of(model):
        tried = trials().get((model, key), [])
        if is_carried_out(model, key) and not any(hangs_on(case, change) for case, change in tried):
            yield f"{model.__name__}.{key}" + ("" if tried else " (står inte i något fall)")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_key_has_a_case_that_hangs_on_it(model: type[BaseModel]) -> None:
    assert list(without_a_case(model)) == []
