"""Whoever does not know how to answer something says so in the report."""

import pytest

from models import TaskKind
from simulation import duty_answers
from simulation.reporting import as_text, report_of
from simulation.simulating import simulate
from tests.simulation.playing import POLICIES, order, year

pytestmark = pytest.mark.timeout(300)


def test_a_kind_that_nobody_can_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(duty_answers.ANSWERS, TaskKind.ACKNOWLEDGE)
    said = as_text(report_of(simulate(order(days=120))))
    assert "Simuleringen kan inte svara på: kvittering" in said


def test_every_kind_that_they_can_answer_is_not() -> None:
    assert "Simuleringen kan inte svara på" not in as_text(report_of(simulate(order(days=30))))


BEGUN_ELSEWHERE = {TaskKind.INVENTORY.value}
"""Asked where accounts were imported: a preview meets it, and no played year does."""


def test_each_answer_in_the_table_is_given_in_some_year() -> None:
    """A line of the table that no task ever needs would be tested by nobody."""
    given = {click.kind for policy in POLICIES for click in year(policy).ledger.clicks}
    assert given >= {kind.value for kind in duty_answers.ANSWERS} - BEGUN_ELSEWHERE
