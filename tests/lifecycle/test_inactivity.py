"""Accounts not kept up: warned of in time, reviewed, kept, rested or closed; and never on a guess."""

from datetime import date, timedelta

import pytest

from connectors.sights import Missing
from lifecycle.refusals import Refused
from models import AccountState, Outcome, SightState, TaskKind, TaskState
from tests.lifecycle.posted_town import PostedTown
from tests.lifecycle.town import CLAUSE, refused_of, step
from tests.policies.case_world import instant_of

ASSESS = {"counts": ["posts"], "outcome": "assess", "clauses": [CLAUSE]}
CLOSE = ASSESS | {"outcome": "close"}
BOTH = ASSESS | {"counts": ["posts", "watch"]}
WATCH = [{"days": "weekdays", "clauses": [CLAUSE]}]
CONSULT = [step("samrad", "consult", "communications")]
SHORTLY = {"inactivity_days": 20, "inactivity_warning_days": 5, "posting_days": ["monday"]}
"""Opened on 1 December: warned of on the 16th, reviewed from the 21st on, a Monday."""


def silent_town(rule: dict[str, object] = ASSESS, **settings: object) -> PostedTown:
    rules = {"posting": [], "inactivity": rule, "closing": CONSULT}
    return PostedTown(rules, SHORTLY | settings)


def reviewed(town: PostedTown) -> PostedTown:
    """Let the days pass until the question is there."""
    town.go_days("2026-12-28", mornings=False)
    assert len(town.duties(TaskKind.REVIEW)) == 1
    return town


# ---------------------------------------------------------------- when


def test_warned_of_first_and_then_reviewed() -> None:
    """REQUIREMENTS 3; Tib 2. It is known from the looks on Mondays the 21st and the 28th."""
    town = silent_town()
    town.go_days("2026-12-20")
    assert town.duties(TaskKind.WARN) == [], "that it was silent until the 16th is known on the 21st"
    town.go_days("2026-12-21")
    [warning] = town.duties(TaskKind.WARN)
    assert warning.label == (
        "Inget känt inlägg, räknat från 1 december: den 26 december prövas om kontot ska vara kvar"
    )
    assert town.holders(warning) == ["elin", "omar"]
    town.go_days("2026-12-26")
    assert [task.kind for task in town.duties()] == [TaskKind.REVIEW]
    [review] = town.duties(TaskKind.REVIEW)
    assert town.holders(review) == ["elin"] and review.modality == "must"
    assert review.label == "Inget känt inlägg, räknat från 1 december: bedöm om kontot ska vara kvar"
    assert [one["ref"] for one in review.clauses] == [CLAUSE]
    assert town.account().waits_for == "Aktiv · Bedöms"
    assert [sorted(set(told) - {"on"}) for told in town.mornings("omar")] == [["asked"]], "told once"


def test_a_warning_is_told_once_and_can_be_put_aside() -> None:
    town = silent_town(inactivity_warning_days=15)
    town.go_days("2027-01-04")
    assert [set(told) - {"on"} for told in town.mornings("omar")] == [{"asked"}]


def test_nobody_is_reviewed_who_was_not_warned_in_time() -> None:
    """Nothing ran for a month: then the warning comes late, and the review as much later."""
    town = silent_town()
    town.at("2027-01-25")
    town.check()
    town.settle()
    assert [task.kind for task in town.duties()] == [TaskKind.WARN]
    town.go_days("2027-01-29", mornings=False)
    assert town.duties(TaskKind.REVIEW) == []
    town.go_days("2027-01-30", mornings=False)
    assert len(town.duties(TaskKind.REVIEW)) == 1


def test_going_it_twice_changes_nothing() -> None:
    town = reviewed(silent_town())
    before = [(task.id, task.state) for task in town.tasks()]
    town.settle()
    town.at("2026-12-29")
    town.settle()
    assert [(task.id, task.state) for task in town.tasks()] == before


def test_a_past_day_is_judged_by_what_was_known_then() -> None:
    town = silent_town()
    town.go_days("2026-12-18", mornings=False)
    town.publishes("2026-12-19")
    town.at("2026-12-28")
    town.check()
    town.settle(as_of=date(2026, 12, 22))
    assert town.duties() == []


@pytest.mark.parametrize(
    ("settings", "rule", "due"),
    [
        ({"inactivity_days": 20}, {}, "2026-12-21"),
        ({"inactivity_days": 3, "inactivity_unit": "weeks"}, {}, "2026-12-22"),
        ({"inactivity_days": 13, "inactivity_unit": "working_days"}, {}, "2026-12-18"),
        ({"inactivity_days": 1, "inactivity_unit": "months"}, {}, "2027-01-01"),
        ({}, {"after": 2, "unit": "months"}, "2027-02-01"),
        ({}, {"after": 30}, "2026-12-31"),
    ],
)
def test_days_working_days_weeks_or_months(
    settings: dict[str, object], rule: dict[str, object], due: str
) -> None:
    """Counted from 1 December 2026; what the clause says goes before the municipality's setting."""
    every_day = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    town = silent_town(ASSESS | rule, posting_days=every_day, **settings)
    town.go_days((date.fromisoformat(due) + timedelta(days=9)).isoformat(), mornings=False)
    [review] = town.duties(TaskKind.REVIEW)
    assert review.details["due_on"] == due


# ---------------------------------------------------------------- only what is known


@pytest.mark.parametrize("problem", [Missing.CONNECTOR, SightState.PRIVATE, SightState.UNREACHABLE])
def test_an_account_that_could_not_be_read_is_never_found_inactive(problem: Missing | SightState) -> None:
    town = silent_town()
    town.platform.state = problem
    town.go_days("2027-03-15", mornings=False)
    assert town.duties(TaskKind.WARN, TaskKind.REVIEW) == []
    assert len(town.duties(TaskKind.TELL_POSTS)) == 1


def test_what_a_person_tells_is_known() -> None:
    town = silent_town()
    town.platform.state = Missing.CONNECTOR
    town.go_days("2026-12-07", mornings=False)
    [task] = town.duties(TaskKind.TELL_POSTS)
    town.at("2026-12-07 10:00")
    town.tell("elin", task, "1", "2026-12-04")
    town.go_days("2026-12-21", mornings=False)
    [task] = town.duties(TaskKind.TELL_POSTS)
    assert town.duties(TaskKind.WARN) == [], "it has to be known first"
    town.at("2026-12-21 10:00")
    town.tell("elin", task, "0")
    town.go_days("2026-12-22", mornings=False)
    [warning] = town.duties(TaskKind.WARN)
    assert warning.label.startswith("Inget inlägg sedan 4 december: ")


def test_a_post_takes_back_the_warning_and_the_review() -> None:
    town = silent_town()
    town.go_days("2026-12-21", mornings=False)
    assert len(town.duties(TaskKind.WARN)) == 1
    town.publishes("2026-12-22")
    town.go_days("2026-12-28", mornings=False)
    assert town.duties() == []
    reviewed_later = silent_town()
    town = reviewed(reviewed_later)
    town.publishes("2026-12-29")
    town.go_days("2027-01-04", mornings=False)
    assert town.duties() == []
    assert [task.kind for task in town.duties(state=TaskState.WITHDRAWN)] == [
        TaskKind.WARN,
        TaskKind.REVIEW,
    ]
    assert town.account().waits_for == "Aktiv"


def test_resting_accounts_are_left_alone_for_posts() -> None:
    town = silent_town()
    town.change(rests_from_on=date(2026, 12, 10), rests_until_on=date(2027, 1, 11))
    town.go_days("2027-01-28", mornings=False)
    assert town.duties() == []
    town.go_days("2027-02-08", mornings=False)
    [review] = town.duties(TaskKind.REVIEW)
    assert review.details["since_on"] == "2027-01-11", "counted from the end of the rest"


def test_before_the_municipalitys_day_an_account_taken_over_is_left_alone() -> None:
    """REQUIREMENTS 2.8: no ladder and no closing before the municipality's set day."""
    town = silent_town()
    town.change(duties_from_on=date(2027, 2, 1), opened_on=date(2019, 5, 1))
    town.platform.posts = [instant_of("2020-06-01 12:00")]
    town.go_days("2027-01-31", mornings=False)
    assert town.platform.looks == 0 and town.duties() == []
    town.go_days("2027-02-05", mornings=False)
    [warning] = town.duties()
    assert warning.label == "Inget inlägg sedan 1 juni 2020: den 6 februari prövas om kontot ska vara kvar"
    town.go_days("2027-02-06", mornings=False)
    assert [task.kind for task in town.duties()] == [TaskKind.REVIEW]


# ---------------------------------------------------------------- watch


def test_without_watch_it_is_counted_from_the_last_confirmed_day() -> None:
    """Näs 16: not posted to, or not watched."""
    town = silent_town(ASSESS | {"counts": ["watch"]})
    assert town.platform.looks == 0
    with_watch = PostedTown(
        {"posting": [], "watch": WATCH, "inactivity": ASSESS | {"counts": ["watch"]}}, SHORTLY
    )
    with_watch.change(watched_on=date(2026, 12, 4))
    with_watch.go_days("2026-12-19", mornings=False)
    [warning] = with_watch.duties(TaskKind.WARN)
    assert warning.label == (
        "Ingen bevakning bekräftad sedan 4 december: den 24 december prövas om kontot ska vara kvar"
    )
    with_watch.go_days("2026-12-24", mornings=False)
    assert len(with_watch.duties(TaskKind.REVIEW)) == 1
    with_watch.change(watched_on=date(2026, 12, 28))
    with_watch.go_days("2026-12-29", mornings=False)
    assert with_watch.duties() == []
    town.go_days("2026-12-29", mornings=False)
    assert town.duties() == [], "no rule asks for watch"


def test_where_nobody_confirms_the_watch_nobody_is_found_without_it() -> None:
    rules = {"posting": [], "watch": WATCH, "inactivity": ASSESS | {"counts": ["watch"]}}
    town = PostedTown(rules, SHORTLY | {"watch_confirmed": False})
    town.go_days("2027-01-20", mornings=False)
    assert town.duties() == []


def test_a_resting_account_is_still_watched() -> None:
    town = PostedTown({"posting": [], "watch": WATCH, "inactivity": BOTH}, SHORTLY)
    town.change(rests_from_on=date(2026, 12, 2), rests_until_on=date(2027, 6, 1))
    town.go_days("2026-12-24", mornings=False)
    [review] = town.duties(TaskKind.REVIEW)
    assert review.details["cause"] == "watch"


def test_one_review_at_a_time() -> None:
    town = PostedTown({"posting": [], "watch": WATCH, "inactivity": BOTH}, SHORTLY)
    town.go_days("2027-01-08", mornings=False)
    assert len(town.duties(TaskKind.REVIEW)) == 1


# ---------------------------------------------------------------- answers


def test_kept_until_a_day_with_a_reason() -> None:
    town = reviewed(silent_town())
    town.at("2026-12-28 10:00")
    assert refused_of(town.review, "elin", Outcome.KEEP, "", date(2027, 2, 1)) == "reason_missing"
    assert refused_of(town.review, "elin", Outcome.KEEP, "Ombyggnad.", None) == "day_beyond"
    assert refused_of(town.review, "elin", Outcome.KEEP, "Ombyggnad.", date(2026, 12, 28)) == "day_beyond"
    assert refused_of(town.review, "elin", Outcome.KEEP, "Ombyggnad.", date(2027, 12, 30)) == "day_beyond"
    assert refused_of(town.review, "elin", None) == "outcome_unknown"
    assert refused_of(town.review, "omar", Outcome.CLOSE) == "not_holder"
    town.review("elin", Outcome.KEEP, "Ombyggnad till februari.", date(2027, 2, 1))
    assert town.account().kept_until_on == date(2027, 2, 1)
    town.go_days("2027-01-31", mornings=False)
    assert town.duties() == []
    town.go_days("2027-02-06", mornings=False)
    assert [task.kind for task in town.duties()] == [TaskKind.REVIEW], (
        "warned of on the 1st, and silent still"
    )


def test_kept_at_most_as_long_as_the_municipality_has_set() -> None:
    town = reviewed(silent_town(kept_days_at_most=30))
    town.at("2026-12-28 10:00")
    with pytest.raises(Refused) as refused:
        town.review("elin", Outcome.KEEP, "Ombyggnad.", date(2027, 1, 28))
    assert refused.value.says() == "Välj en dag från och med 2026-12-29 till och med 2027-01-27."
    town.review("elin", Outcome.KEEP, "Ombyggnad.", date(2027, 1, 27))


def test_a_rest() -> None:
    town = reviewed(silent_town())
    town.at("2026-12-28 10:00")
    town.review("elin", Outcome.REST, "", date(2027, 5, 1))
    account = town.account()
    assert (account.rests_from_on, account.rests_until_on) == (date(2026, 12, 28), date(2027, 5, 1))
    assert account.waits_for == "Aktiv · Vilar till 2027-05-01"
    looks = town.platform.looks
    town.go_days("2027-02-01", mornings=False)
    assert town.platform.looks == looks and town.duties() == []


def test_closed_in_consultation_with_communications() -> None:
    """Näs 16."""
    town = reviewed(silent_town(CLOSE))
    [review] = town.duties(TaskKind.REVIEW)
    assert review.label.endswith(": avsluta kontot, eller skriv varför det ska vara kvar")
    town.at("2026-12-28 10:00")
    town.review("elin", Outcome.CLOSE, "Ingen läser det.")
    account = town.account()
    assert (account.closing_reason, account.closing_asked_by_id) == ("Ingen läser det.", town.people["elin"])
    assert town.asked() == {"samrad": ["petra", "david"]}
    town.go_days("2027-01-05", mornings=False)
    assert town.duties() == []


def test_no_answer_to_an_assessment_stands_red() -> None:
    """Tib 2 says to assess, not to close."""
    town = silent_town()
    town.go_days("2027-01-20")
    [review] = town.duties(TaskKind.REVIEW)
    assert (review.reminders, review.escalated_at is not None) == (2, True)
    assert town.account().red_reason == "no_answer:bedomning"
    assert (town.state, town.account().closing_asked_at) == (AccountState.ACTIVE, None)


@pytest.mark.parametrize("rule", [CLOSE, ASSESS | {"if_no_answer": "close"}])
def test_no_answer_where_closing_follows_asks_to_close_in_consultation(rule: dict[str, object]) -> None:
    """Näs 16: closed, in good order and in consultation. First the ladder ends, and its end has its time."""
    town = silent_town(rule)
    town.go_days("2027-01-14")
    assert town.account().closing_asked_at is None and len(town.duties(TaskKind.REVIEW)) == 1
    town.go_days("2027-01-15")
    account = town.account()
    assert account.closing_reason == (
        "Inget känt inlägg, räknat från 1 december, och ingen har svarat på om kontot ska vara kvar."
    )
    assert account.closing_asked_by_id is None and town.state is AccountState.ACTIVE
    assert town.asked() == {"samrad": ["petra", "david"]}
    [ended] = town.duties(TaskKind.REVIEW, state=TaskState.NO_ANSWER)
    town.at("2027-01-18 10:00")
    town.answer("petra", Outcome.ANSWERED, "Gör det.")
    assert town.state is AccountState.CLOSED
    kinds = [event.kind for event in town.events()]
    assert (
        kinds.index("inactivity_found") < kinds.index("inactivity_unanswered") < kinds.index("closing_asked")
    )
    assert ended.details["looks"] and ended.answered_by_id is None


def test_a_rule_that_names_red_never_closes() -> None:
    town = silent_town(CLOSE | {"if_no_answer": "red"})
    town.go_days("2027-01-20")
    assert town.account().closing_asked_at is None and town.account().red_reason == "no_answer:bedomning"


def test_what_only_should_be_is_never_escalated_and_closes_nothing() -> None:
    town = silent_town(CLOSE | {"modality": "should"})
    town.go_days("2027-01-20")
    assert town.account().closing_asked_at is None and town.account().red_reason == ""


def test_whoever_the_rule_names_reviews() -> None:
    town = reviewed(silent_town(ASSESS | {"reviewed_by": "line_manager"}))
    assert [town.holders(task) for task in town.duties(TaskKind.REVIEW)] == [["karin"]]


def test_once_closing_is_asked_for_nothing_more_is_asked() -> None:
    town = reviewed(silent_town())
    town.ask_to_close("elin")
    town.go_days("2026-12-30", mornings=False)
    assert town.duties() == []


def test_on_holidays_and_at_night_people_are_let_be() -> None:
    """Tasks may open on a Saturday; letters go on working days (REQUIREMENTS 3)."""
    town = silent_town()
    town.go_days("2027-01-08")
    told = {one["on"] for one in town.mornings("elin")}
    assert told and not told & {
        "2026-12-24",
        "2026-12-25",
        "2026-12-26",
        "2026-12-27",
        "2026-12-31",
        "2027-01-01",
    }
