"""The cases that letters are written for, all of them."""

from tests.notifications import (
    cases_applying,
    cases_evaluating,
    cases_handling,
    cases_living,
    cases_mornings,
    cases_papers,
    cases_posting,
    cases_presence,
)
from tests.notifications.making_cases import CASES, order

__all__ = [
    "CASES",
    "cases_applying",
    "cases_evaluating",
    "cases_handling",
    "cases_living",
    "cases_mornings",
    "cases_papers",
    "cases_posting",
    "cases_presence",
    "order",
]
