"""The ladder (REQUIREMENTS 3): reminders in working days and hours, then whom it names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from models import AccountRoleKind, Message, MessageState, Outcome
from notifications.needs import is_needed
from tests.lifecycle.town import TUESDAY, Rule, Town, document, item, step

CHIEF = [step("chef", "decide", "line_manager")]
TWO = [*CHIEF, step("enhet", "decide", "communications")]
ADDRESS = "https://example.org/bibliotek"


def applied(engine: Engine, now: datetime = TUESDAY, **ladder: Any) -> Town:
    """An application that nobody answers."""
    town = Town(engine, {"opening": TWO}, {"ladder": ladder}, now=now)
    town.apply()
    return town


def climbed(town: Town) -> list[str]:
    """What happened on the ladder, and when by the clock in UTC."""
    found = town.events("reminded", "items_reminded", "escalated")
    return [f"{event.kind} {event.at:%m-%d %H:%M}" for event in found]


def test_two_reminders_three_working_days_apart_and_then_communications(memory: Engine) -> None:
    """Opened Tuesday 1 December 09.00: Friday 4th, Wednesday 9th, Monday 14th, at eight in the morning."""
    town = applied(memory)
    town.pass_days(60)
    assert climbed(town) == ["reminded 12-04 07:00", "reminded 12-09 07:00", "escalated 12-14 07:00"]
    assert town.told("reminder") == ["karin", "karin"]
    assert [one.context["number"] for one in town.messages("reminder")] == [1, 2]
    assert town.told("escalated") == ["david", "kommunikation", "petra"]


@pytest.mark.parametrize(
    ("ladder", "expected"),
    [
        ({"first": 1, "every": 2, "at_most": 1}, ["reminded 12-02 07:00", "escalated 12-04 07:00"]),
        ({"first": 5, "at_most": 0}, ["escalated 12-08 07:00"]),
        ({"first": 17, "every": 1, "at_most": 1}, ["reminded 12-28 07:00", "escalated 12-29 07:00"]),
    ],
)
def test_its_four_numbers_are_the_municipalitys(memory: Engine, ladder: Rule, expected: list[str]) -> None:
    town = applied(memory, **ladder)
    town.pass_days(60)
    assert climbed(town) == expected


def test_over_christmas(memory: Engine) -> None:
    town = applied(memory, datetime(2026, 12, 22, 20, tzinfo=UTC))
    town.pass_days(30)
    assert climbed(town) == ["reminded 12-29 07:00", "reminded 01-05 07:00", "escalated 01-11 07:00"]


def test_what_was_asked_at_night_counts_from_the_next_day(memory: Engine) -> None:
    """00.30 on Thursday in Stockholm is still Wednesday in UTC."""
    town = applied(memory, datetime(2026, 12, 2, 23, 30, tzinfo=UTC))
    town.pass_days(6)
    assert climbed(town)[0] == "reminded 12-08 07:00"


@pytest.mark.parametrize("at", [(5, 12), (6, 12), (8, 6), (8, 16)])
def test_nothing_goes_outside_working_hours(memory: Engine, at: tuple[int, int]) -> None:
    """Whoever looks on a Saturday, a Sunday, before eight or after five."""
    town = applied(memory)
    town.now = datetime(2026, 12, *at, tzinfo=UTC)
    town.look()
    assert climbed(town) == []
    wake_at = town.account().wake_at
    assert wake_at is not None
    assert (wake_at.hour, wake_at > town.now) == (7, True)


def test_one_reminder_however_often_one_looks(memory: Engine) -> None:
    town = applied(memory)
    town.now = datetime(2026, 12, 4, 8, tzinfo=UTC)
    for _ in range(5):
        town.look()
    assert climbed(town) == ["reminded 12-04 08:00"]


def test_a_reminder_that_went_late_moves_the_next(memory: Engine) -> None:
    town = applied(memory)
    town.now = datetime(2026, 12, 28, 9, tzinfo=UTC)
    town.look()
    town.pass_days(1)
    assert climbed(town) == ["reminded 12-28 09:00"]
    town.pass_days(10)
    assert climbed(town)[1] == "reminded 01-04 07:00"


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ("communications_director", ["lena"]),
        ("head_of_department", ["mats"]),
        ("head_of_operation", ["sara"]),
    ],
)
def test_whoever_the_ladder_names_is_found_like_any_role(memory: Engine, then: str, told: list[str]) -> None:
    town = applied(memory, then=then)
    town.pass_days(20)
    assert town.told("escalated") == told


def test_an_empty_post_at_its_end_is_not_told_in_vain(memory: Engine) -> None:
    town = applied(memory, then="registry")
    town.pass_days(20)
    assert town.told("escalated") == ["lena"]


# ---------------------------------------------------------------- how strongly


@pytest.mark.parametrize(
    ("modality", "reminders", "escalates"), [("must", 2, True), ("should", 2, False), ("may", 0, False)]
)
def test_only_a_must_is_escalated_and_a_may_not_even_reminded_of(
    memory: Engine, modality: str, reminders: int, escalates: bool
) -> None:
    """REQUIREMENTS 1, modality: a recommendation is reminded of and never held against an account."""
    lines = [
        item("rad", modality=modality, confirmed_by="administrator"),
        item("annan", confirmed_by="communications"),
    ]
    town = Town(memory, {"opening": CHIEF, "closing_items": lines})
    town.apply(administrators=["elin"], address=ADDRESS)
    town.answer("karin")
    town.ask_to_close("elin")
    town.pass_days(60)
    elins = [one for one in town.messages("checklist_reminder") if one.person_id == town.people["elin"]]
    assert len(elins) == reminders
    (escalated,) = town.events("escalated")
    steps = {task.step for task in town.tasks() if task.id in escalated.facts["tasks"]}
    assert steps == ({"rad", "annan"} if escalates else {"annan"})


def test_several_lines_of_a_list_are_one_letter(memory: Engine) -> None:
    lines = [item("ett", confirmed_by="administrator"), item("tva", confirmed_by="administrator")]
    town = Town(memory, {"opening": CHIEF, "closing_items": lines})
    town.apply(administrators=["elin"], address=ADDRESS)
    town.answer("karin")
    town.ask_to_close("elin")
    town.pass_days(4)
    assert town.told("checklist_reminder") == ["elin"]


# ---------------------------------------------------------------- nobody is reminded of what is done


def test_who_has_answered_is_not_reminded(memory: Engine) -> None:
    town = applied(memory)
    town.answer("karin")
    town.pass_days(4)
    assert town.told("reminder") == ["david", "petra"]


def test_a_reminder_that_waits_to_leave_does_not_leave_when_it_is_done(memory: Engine) -> None:
    """REQUIREMENTS 3: re-checked at sending."""
    town = applied(memory)
    town.pass_days(3.1)
    (letter,) = town.messages("reminder")
    assert needed(town, letter.id)
    town.answer("karin")
    assert not needed(town, letter.id)


def test_nor_when_it_is_somebody_elses(memory: Engine) -> None:
    town = applied(memory)
    town.pass_days(3.1)
    (letter,) = town.messages("reminder")
    town.hand_over("karin", "sara")
    assert not needed(town, letter.id)


def needed(town: Town, message_id: str) -> bool:
    """Whether a letter would still be sent."""
    with town.reading() as session:
        message = session.get_one(Message, message_id)
        assert message.state is MessageState.QUEUED
        return is_needed(session, message)


def test_who_gets_it_handed_over_has_the_whole_ladder(memory: Engine) -> None:
    town = applied(memory)
    town.pass_days(20)
    town.hand_over("karin", "sara")
    town.pass_days(30)
    assert town.told("reminder") == ["karin", "karin", "sara", "sara"]
    assert len(town.events("escalated")) == 2


def test_what_is_asked_again_after_regret_is_reminded_of(memory: Engine) -> None:
    town = applied(memory)
    town.take_back(town.answer("karin"), "karin")
    town.pass_days(4)
    assert town.told("reminder") == ["karin"]


# ---------------------------------------------------------------- red


def test_red_is_cleared_when_it_is_answered(memory: Engine) -> None:
    town = applied(memory)
    town.pass_days(20)
    assert town.account().red_reason == "no_answer:chef"
    town.answer("karin")
    assert (town.state, town.account().red_reason) == ("deciding", "")
    assert len(town.events("red_cleared")) == 1


def test_also_when_the_plan_is_sent_again(memory: Engine) -> None:
    town = applied(memory)
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    town.pass_days(20)
    assert town.account().red_reason == "no_answer:plan"
    assert town.told("reminder") == ["elin", "elin"]
    town.send()
    assert town.account().red_reason == ""


def test_also_when_it_is_withdrawn(memory: Engine) -> None:
    town = applied(memory)
    town.pass_days(20)
    town.withdraw()
    assert town.account().red_reason == ""


def test_two_unanswered_questions_take_no_turns(memory: Engine) -> None:
    rules: Rule = {
        "opening": CHIEF,
        "administrator_change": CHIEF,
        "closing": [step("slut", "decide", "communications")],
    }
    town = Town(memory, rules)
    town.apply(administrators=["elin"], address=ADDRESS)
    town.answer("karin")
    town.ask_to_close("elin")
    town.ask_for("elin", "tove")
    town.pass_days(30)
    assert len(town.events("stands_red")) == 1
    red = town.account().red_reason.removeprefix("no_answer:")
    town.answer("karin" if red == "chef" else "petra", Outcome.DECLINE)
    assert town.account().red_reason == ("no_answer:slut" if red == "chef" else "no_answer:chef")


def test_red_for_want_of_an_answer_is_told_by_the_ladders_letter_alone(memory: Engine) -> None:
    town = applied(memory)
    town.pass_days(30)
    assert town.told("stands_red") == []


# ---------------------------------------------------------------- while the account is active


def test_a_change_climbs_too(memory: Engine) -> None:
    documents = [document("riktlinje")]
    town = Town(memory, {"opening": CHIEF, "administrator_change": CHIEF, "documents": documents})
    town.apply(administrators=["elin"], address=ADDRESS)
    town.answer("karin")
    town.confirm("elin")
    town.ask_for("elin", "tove", AccountRoleKind.ADMINISTRATOR)
    town.pass_days(4)
    assert town.told("reminder") == ["karin"]
    town.answer("karin")
    town.pass_days(40)
    assert town.told("checklist_reminder") == ["tove", "tove"]
    assert town.account().red_reason == "no_answer:kvittering"
    town.confirm("tove")
    assert (town.account().red_reason, town.account().waits_for) == ("", "Aktiv")


def test_there_is_always_a_next_time_until_the_ladder_ends(memory: Engine) -> None:
    town = applied(memory)
    for _ in range(3):
        wake_at = town.account().wake_at
        assert wake_at is not None
        assert wake_at > town.now
        town.pass_time(wake_at)
    assert town.account().wake_at is None
    assert town.now - TUESDAY < timedelta(days=14)
