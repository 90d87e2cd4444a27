"""Each cell of the table of rules (municipality by kind of rule) has a case, a silent one too."""

from collections.abc import Iterator
from functools import lru_cache

import pytest

from tests.policies.case_format import FOLDER, Written, all_cases, content_of_file

MUNICIPALITIES = ("tomelilla", "haninge", "tibro", "nassjo", "skurup")
ROWS = (
    "Opening an account",
    "New administrator later",
    "Guest for some days",
    "Plan or decision contains",
    "Before the account is opened",
    "Administrators, at least",
    "Log-ins",
    "Time set aside",
    "Visitor information",
    "Sender in posts",
    "Graphic profile",
    "Document plan",
    "Watch",
    "Answer",
    "Not one's own matter",
    "Content to remove",
    "Register incoming",
    "Post how often",
    "If not kept up",
    "Closing",
    "Document the account",
    "Weed out",
    "Hand out records",
    "Evaluate",
    "Personal data",
    "Own profiles, others' forums",
    "Public register",
    "Crisis",
    "Administrators follow",
    "Guideline",
)


class Row(Written):
    """One kind of rule, with the cases of each municipality."""

    row: str
    silent: tuple[str, ...] = ()
    tomelilla: tuple[str, ...] = ()
    haninge: tuple[str, ...] = ()
    tibro: tuple[str, ...] = ()
    nassjo: tuple[str, ...] = ()
    skurup: tuple[str, ...] = ()

    def cases_of(self, municipality: str) -> list[str]:
        return [f"{municipality}/{name}" for name in getattr(self, municipality)]


@lru_cache(maxsize=1)
def matrix() -> dict[str, Row]:
    rows = [Row.model_validate(one) for one in content_of_file(FOLDER / "matrix.yaml")["rows"]]
    return {row.row: row for row in rows}


def test_the_table_has_each_kind_of_rule_once_and_in_order() -> None:
    assert tuple(matrix()) == ROWS
    assert all(set(row.silent) <= set(MUNICIPALITIES) for row in matrix().values())


@pytest.mark.parametrize("municipality", MUNICIPALITIES)
def test_no_cell_is_without_a_case(municipality: str) -> None:
    assert [row.row for row in matrix().values() if not row.cases_of(municipality)] == []


def named_wrongly() -> Iterator[str]:
    for row in matrix().values():
        for municipality in MUNICIPALITIES:
            for name in row.cases_of(municipality):
                if name not in all_cases() or all_cases()[name].policy != municipality:
                    yield f"{row.row}: {name}"


def test_the_cases_that_the_table_names_exist_and_are_about_the_municipality() -> None:
    assert list(named_wrongly()) == []


def test_each_case_is_written_from_a_clause_or_a_setting() -> None:
    """Those of the schema's own forms speak for themselves."""
    resting = [case for case in all_cases().values() if isinstance(case.policy, str)]

    assert [case.name for case in resting if not case.rests_on] == []
