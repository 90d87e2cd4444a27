"""Every rule case: sentences about the guidelines, played on the product."""

import pytest

from tests.policies.case_format import all_cases
from tests.policies.case_runner import run


@pytest.mark.parametrize("name", all_cases())
def test_case(name: str) -> None:
    case = all_cases()[name]

    assert run(case) == [], case.title
