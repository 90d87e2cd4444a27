"""Everything that the report and the preview may have to name has a Swedish word."""

from dataclasses import fields

from lifecycle.morning import Morning
from lifecycle.states import MOVES
from models import TaskKind
from notifications.registry import NOTICES
from simulation import words


def test_letters() -> None:
    assert set(words.NOTICES) == set(NOTICES)


def test_tasks_and_states() -> None:
    assert set(words.KINDS) == {kind.value for kind in TaskKind}
    assert set(words.STATES) == {state.value for state in MOVES}


def test_what_stands_in_a_morning_letter() -> None:
    assert set(words.PARTS) == {field.name for field in fields(Morning)}


def test_numbers_have_a_decimal_comma() -> None:
    assert [words.number(value) for value in (0, 2.25, 12.96)] == ["0,0", "2,2", "13,0"]
