"""A broken promise is named: the checks that a year passes can fail."""

from datetime import UTC, datetime

from lifecycle.working_days import calendar_of
from policies.settings import Settings
from simulation.ledger import LetterSeen
from simulation.post import broken_promises

CALENDAR = calendar_of(Settings(), "Europe/Stockholm")
TUESDAY_AT_EIGHT = datetime(2026, 12, 1, 7, tzinfo=UTC)


def letter(at: datetime, notice: str = "morning", person_id: int = 1) -> LetterSeen:
    return LetterSeen(at, notice, person_id, "anna@example.org", None, None, {})


def test_one_morning_letter_each_is_as_promised() -> None:
    letters = [letter(TUESDAY_AT_EIGHT), letter(TUESDAY_AT_EIGHT, person_id=2)]
    assert broken_promises(letters, CALENDAR) == []


def test_two_in_a_morning_are_not() -> None:
    found = broken_promises([letter(TUESDAY_AT_EIGHT), letter(TUESDAY_AT_EIGHT)], CALENDAR)
    assert found == ["Två morgonbrev 2026-12-01 till person 1."]


def test_nor_is_a_reminder_on_a_saturday_or_in_the_night() -> None:
    saturday, night = datetime(2026, 12, 5, 9, tzinfo=UTC), datetime(2026, 12, 1, 2, tzinfo=UTC)
    assert len(broken_promises([letter(saturday, "reminder"), letter(night)], CALENDAR)) == 2


def test_an_answer_to_somebodys_act_goes_any_day() -> None:
    assert broken_promises([letter(datetime(2026, 12, 5, 9, tzinfo=UTC), "plan_received")], CALENDAR) == []
