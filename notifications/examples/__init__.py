"""Every letter with example values: what a preview shows, and what the tests hold letters to."""

from notifications.examples import (
    cases_applying,
    cases_evaluating,
    cases_handling,
    cases_living,
    cases_mornings,
    cases_papers,
    cases_posting,
    cases_presence,
    cases_returned,
)
from notifications.examples.making_cases import CASES, order

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
    "cases_returned",
    "order",
]
