"""Evaluations: due by rule and calendar, prefilled, answered or ended by default (REQUIREMENTS 2.5)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select

from acts import watching
from acts.evaluating import EVALUATE
from acts.policies import adopt
from acts.rounds import go_round
from lifecycle.evaluating import next_on
from lifecycle.evaluation_facts import PeriodFacts, Posts, posts_of, recommend, sentences
from lifecycle.events import By
from lifecycle.law import Law, law_in_force
from lifecycle.refusals import Refused
from lifecycle.watch_months import WatchSum
from lifecycle.working_days import add_months
from models import (
    Case,
    Exemption,
    Observation,
    Outcome,
    Plan,
    SightState,
    Snapshot,
    SnapshotReason,
    SnapshotState,
    TaskKind,
    TaskState,
)
from policies.duties import Evaluation as EvaluationRule
from policies.keys import OwnDecision
from policies.settings import Settings
from tests.lifecycle.clock_town import ClockTown
from tests.lifecycle.town import CLAUSE, PERSONS, Rule, content, field, refused_of

DUE = date(2027, 12, 1)
"""A year after the account of the town was opened."""


def rule(**more: Any) -> Rule:
    return (
        {"every_months": 12, "done_by": "responsible", "told_to": ["head_of_operation", "communications"]}
        | {"clauses": [CLAUSE]}
        | more
    )


def town(rules: Rule | None = None, settings: Rule | None = None, **more: Any) -> ClockTown:
    return ClockTown({"evaluation": [rule(**more)]} | (rules or {}), settings)


def asked(place: ClockTown) -> list[list[str]]:
    return [place.holders(task) for task in place.duties(TaskKind.EVALUATE)]


# ---------------------------------------------------------------- when


def test_it_is_asked_a_year_after_the_account_was_opened_and_once() -> None:
    place = town()
    place.on(DUE - timedelta(days=1))
    place.go(EVALUATE)
    assert asked(place) == []
    place.on(DUE)
    assert place.go(EVALUATE).found == 1
    assert asked(place) == [["elin"]]
    for days in (0, 1, 40):
        place.on(DUE + timedelta(days=days))
        assert place.go(EVALUATE).found == 0
    [one] = place.evaluations()
    assert (one.from_on, one.until_on) == (date(2026, 12, 1), DUE)
    assert place.account().waits_for == "Aktiv · Utvärderas"


def test_the_next_one_is_counted_from_the_day_the_last_one_was_due() -> None:
    place = town()
    place.on(DUE)
    place.go(EVALUATE)
    place.on(date(2028, 1, 20))
    place.evaluate("elin")
    place.on(date(2028, 11, 30))
    place.go(EVALUATE)
    assert len(place.evaluations()) == 1
    place.on(date(2028, 12, 1))
    place.go(EVALUATE)
    assert [(one.from_on, one.until_on) for one in place.evaluations()][1:] == [(DUE, date(2028, 12, 1))]


def test_after_silent_years_one_asking_covers_them() -> None:
    place = town()
    place.on(date(2030, 3, 3))
    place.go(EVALUATE)
    [one] = place.evaluations()
    assert (one.from_on, one.until_on) == (date(2026, 12, 1), date(2029, 12, 1))
    place.on(date(2030, 3, 4))
    assert place.go(EVALUATE).found == 0


def test_a_past_day_is_gone_as_it_would_have_been() -> None:
    place = town()
    place.on(date(2027, 12, 20))
    place.go(EVALUATE, as_of=DUE)
    [task] = place.duties(TaskKind.EVALUATE)
    assert task.opened_at == datetime(2027, 12, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize("days", [0, 3])  # 1 December 2027 is a Wednesday, 4 December a Saturday
def test_nobody_is_written_to_on_a_saturday(days: int) -> None:
    place = town()
    place.on(date(2027, 12, 1) + timedelta(days=days), 9)
    place.go(EVALUATE)
    place.go(watching.TELL)
    assert bool(place.mornings()) is (days == 0)


def test_the_municipality_s_number_counts_where_the_clause_names_none() -> None:
    place = town(settings={"evaluation_months": 6}, every_months=None)
    place.on(date(2027, 6, 1))
    assert place.go(EVALUATE).found == 1


def test_a_policy_that_is_silent_asks_nothing() -> None:
    place = ClockTown({})
    place.on(date(2029, 1, 1))
    assert place.go(EVALUATE).found == 0


def test_an_account_that_is_let_off_taken_over_or_closing_is_not_asked_about() -> None:
    place = town()
    place.on(DUE)
    place.change_account(duties_from_on=DUE + timedelta(days=1))
    place.go(EVALUATE)
    assert asked(place) == []
    place.on(DUE + timedelta(days=1))
    with place.work() as session:
        session.add(
            Exemption(
                account_id=place.account_id,
                duty="evaluation",
                from_on=DUE,
                until_on=DUE + timedelta(days=3),
                reason="Projektet är nytt.",
                decided_at=place.now,
            )
        )
    place.go(EVALUATE)
    assert asked(place) == []
    place.on(DUE + timedelta(days=3))
    place.go(EVALUATE)
    assert asked(place) == [["elin"]]


def test_what_is_asked_about_an_account_that_begins_to_close_is_dropped() -> None:
    place = town({"closing_items": [{"item": "bild", "label": "Bild", "clauses": [CLAUSE]}]})
    place.on(DUE)
    place.go(EVALUATE)
    place.ask_to_close("elin")
    assert place.account().state == "closing"
    place.on(DUE + timedelta(days=1))
    place.go(EVALUATE)
    assert [one.state for one in place.duties(TaskKind.EVALUATE)] == [TaskState.WITHDRAWN]


def test_one_failing_account_stops_no_other() -> None:
    """Nobody is left to ask about the first account; the second one is asked about."""
    place = town()
    first = place.account_id
    place.apply(name="Andra", responsible=["tove"], address="https://example.org/b")
    place.on(DUE)
    for who in ("elin", "omar"):
        place.leaves(who)
    place.posts("communications_director")
    report = go_round(place.engine, EVALUATE, place.now)
    assert [one.subject for one in report.failures] == [f"konto {first}"]
    assert "ingen finns som kan utvärdera" in report.failures[0].says
    assert asked(place) == [["tove"]]
    assert place.duties(TaskKind.EVALUATE)[0].account_id != first


# ---------------------------------------------------------------- the common day


@lru_cache(maxsize=1)
def plain_law() -> Law:
    place = ClockTown({})
    with place.reading() as session:
        return law_in_force(session, place.municipality_id, place.now)


def on_common_day(
    began: date, last: date | None, months: int = 12, day: str = "12-01", young: int = 3
) -> date:
    settings = Settings(evaluation_on=day, evaluation_young_months=young)
    law = replace(plain_law(), policy=plain_law().policy.model_copy(update={"settings": settings}))
    ground = OwnDecision(decided_on=date(2026, 1, 1), number="§ 1", body="KS")
    return next_on(law, EvaluationRule(decision=ground, every_months=months), began, last)


def test_evaluations_are_gathered_to_the_municipality_s_day() -> None:
    assert on_common_day(date(2026, 2, 2), None) == date(2026, 12, 1)
    assert on_common_day(date(2026, 2, 2), date(2026, 12, 1)) == date(2027, 12, 1)
    assert on_common_day(date(2026, 12, 15), None) == date(2027, 12, 1)


def test_an_account_too_young_for_the_common_day_waits_for_the_next() -> None:
    assert on_common_day(date(2026, 9, 1), None) == date(2026, 12, 1)
    assert on_common_day(date(2026, 9, 2), None) == date(2027, 12, 1)
    assert on_common_day(date(2026, 9, 2), None, young=2) == date(2026, 12, 1)


def test_what_is_asked_more_often_than_yearly_is_not_gathered() -> None:
    assert on_common_day(date(2026, 2, 2), None, months=6) == date(2026, 8, 2)


def test_what_is_asked_each_second_year_is_gathered_within_its_time() -> None:
    assert on_common_day(date(2026, 12, 1), date(2026, 12, 1), months=24) == date(2028, 12, 1)
    assert on_common_day(date(2026, 12, 1), date(2026, 12, 1), months=18) == date(2027, 12, 1)


@examples(deadline=None)
@given(
    began=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    later=st.integers(0, 1500),
    months=st.integers(12, 60),
    month=st.integers(1, 12),
    day=st.integers(1, 28),
)
def test_the_common_day_never_comes_later_than_the_rule_s_time_but_for_the_young(
    began: date, later: int, months: int, month: int, day: int
) -> None:
    last = began + timedelta(days=later) if later else None
    due = on_common_day(began, last, months, f"{month:02}-{day:02}")
    assert (due.month, due.day) == (month, day)
    assert due > (last or began)
    young = due - timedelta(days=366) < add_months(began, 3)
    assert due <= add_months(last or began, months) or young


# ---------------------------------------------------------------- the facts


def observe(place: ClockTown, on: date, count: int, latest: date | None, **more: Any) -> None:
    values = {"state": SightState.OK if latest else SightState.EMPTY, "source": "feed"} | more
    with place.work() as session:
        session.add(
            Observation(
                account_id=place.account_id,
                checked_at=datetime(on.year, on.month, on.day, 9, tzinfo=UTC),
                count=count,
                latest_at=datetime(latest.year, latest.month, latest.day, 12, tzinfo=UTC) if latest else None,
                **values,
            )
        )


def test_it_comes_prefilled_with_the_period_s_facts_beside_what_the_plan_promised() -> None:
    """REQUIREMENTS 2.5: posts, gaps, watch days, cases, snapshots, goals and figures."""
    plan = [*PERSONS, field("goals", evaluated=True, modality="may"), field("how_run", modality="may")]
    place = ClockTown(
        {"evaluation": [rule()], "plan": plan, "watch": [{"days": "weekdays", "clauses": [CLAUSE]}]}
    )
    with place.work() as session:
        for one in session.execute(select(Plan)).scalars():
            one.answers = one.answers | {"goals": "Hundra besökare."}
            session.add(one)
    observe(place, date(2026, 12, 7), 3, date(2026, 12, 4))
    observe(place, date(2027, 3, 1), 1, date(2027, 2, 10), complete=False)
    observe(place, date(2027, 6, 1), 0, None, state=SightState.UNREACHABLE)
    observe(place, date(2027, 11, 29), 2, date(2027, 11, 20))
    observe(place, date(2027, 12, 2), 9, date(2027, 12, 1))  # after the period
    keep_a_case_and_a_picture(place)
    place.on(date(2026, 12, 2), 8)
    place.go(watching.ASK)
    place.on(date(2026, 12, 2), 20)
    place.go(watching.END)
    place.on(DUE)
    place.go(EVALUATE)
    [one] = place.evaluations()
    assert one.facts["promises"] == [{"field": "goals", "label": "Fältet goals", "text": "Hundra besökare."}]
    assert one.facts["posts"] == {
        "looks": 3,
        "count": 6,
        "exact": False,
        "latest_on": "2027-11-20",
        "read_on": "2027-11-29",
        "gap_days": (date(2027, 11, 20) - date(2027, 2, 10)).days - 1,
    }
    assert one.facts["watch"] == {"asked": 1, "confirmed": 0, "missed": 1, "explained": 0}
    assert (one.facts["cases"], one.facts["outcomes"], one.facts["snapshots"]) == (
        {"Klagomål": 1},
        {"registered": 1},
        1,
    )
    assert "Ärenden: 1. Klagomål (1)." in one.facts["says"]


def keep_a_case_and_a_picture(place: ClockTown) -> None:
    at = datetime(2027, 5, 5, 9, tzinfo=UTC)
    with place.work() as session:
        session.add(
            Case(
                municipality_id=place.municipality_id,
                account_id=place.account_id,
                kind="complaint",
                label="Klagomål",
                opened_at=at,
                noticed_at=at,
                outcomes=[{"code": "registered", "number": "2027-12"}],
            )
        )
        session.add(
            Snapshot(
                account_id=place.account_id,
                state=SnapshotState.CAPTURED,
                reason=SnapshotReason.PLANNED,
                due_on=at.date(),
                taken_at=at,
                address="https://example.org/a",
                profile="pdfa-1b",
                content=b"%PDF",
                sha256="0" * 64,
            )
        )


def test_what_could_not_be_read_is_never_no_posts() -> None:
    """REQUIREMENTS 3: an error is never "no posts"."""
    place = town()
    observe(place, date(2027, 6, 1), 0, None, state=SightState.AUTH_EXPIRED)
    place.on(DUE)
    place.go(EVALUATE)
    [one] = place.evaluations()
    assert (one.recommends, one.facts["posts"]["looks"]) == ("continue", 0)
    assert "har inte kunnat läsas" in one.facts["says"][0]


def period(posts: Posts | None = None, watch: WatchSum | None = None) -> PeriodFacts:
    return PeriodFacts(date(2026, 12, 1), DUE, posts or Posts(), watch or WatchSum())


READ = date(2027, 11, 29)


@pytest.mark.parametrize(
    ("posts", "watch", "advised"),
    [
        (Posts(), WatchSum(), Outcome.CONTINUE),
        (Posts(10, 0, True, None, READ, 364), WatchSum(), Outcome.CLOSE),
        (Posts(10, 0, True, None, READ, 364), WatchSum(200, 0, 200), Outcome.CLOSE),
        (Posts(10, 0, True, None, READ, 364), WatchSum(200, 150, 50, 50), Outcome.REST),
        (Posts(1, 0, True, None, date(2027, 1, 1), 32), WatchSum(), Outcome.CONTINUE),
        (Posts(10, 8, True, READ, READ, 89), WatchSum(200, 200), Outcome.CONTINUE),
        (Posts(10, 8, True, READ, READ, 90), WatchSum(200, 200), Outcome.CHANGE),
        (Posts(10, 8, True, READ, READ, 9), WatchSum(200, 150, 50), Outcome.CONTINUE),
        (Posts(10, 8, True, READ, READ, 9), WatchSum(200, 149, 51), Outcome.CHANGE),
        (Posts(10, 8, True, READ, READ, 9), WatchSum(200, 149, 51, 1), Outcome.CONTINUE),
    ],
)
def test_what_the_facts_speak_for(posts: Posts, watch: WatchSum, advised: Outcome) -> None:
    """The limits: 90 days without a post where a rule asks for posts; a quarter of the watch missed."""
    found = recommend(period(posts, watch), 90)
    assert found.outcome is advised
    assert found.reasons and all(one.endswith(".") for one in found.reasons)


def test_a_policy_that_asks_for_no_posts_finds_no_gap() -> None:
    assert recommend(period(Posts(10, 8, True, READ, READ, 300)), None).outcome is Outcome.CONTINUE


@examples(deadline=None)
@given(st.lists(st.integers(0, 364), max_size=12))
def test_the_longest_gap_is_that_of_a_naive_count(days: list[int]) -> None:
    """Oracle: walk day by day and count the longest row of days without a post."""
    first = date(2026, 12, 1)
    looks = [
        Observation(
            account_id=1,
            state=SightState.OK,
            checked_at=datetime(2027, 11, 30, 9, tzinfo=UTC),
            count=1,
            latest_at=datetime(2026, 12, 1, 12, tzinfo=UTC) + timedelta(days=one),
            source="feed",
        )
        for one in days
    ] or [
        Observation(
            account_id=1,
            state=SightState.EMPTY,
            checked_at=datetime(2027, 11, 30, 9, tzinfo=UTC),
            source="feed",
        )
    ]
    longest = row = 0
    for number in range(365):
        row = 0 if number in days else row + 1
        longest = max(longest, row)
    assert posts_of(plain_law(), looks, first, DUE).gap_days == longest


def test_the_sentences_say_what_is_known() -> None:
    said = sentences(period(Posts(10, 1, False, READ, READ, 1), WatchSum(3, 1, 2, 1)))
    assert said == [
        "Inlägg: minst 1, det senaste 2027-11-29 (läst till och med 2027-11-29).",
        "Längsta uppehåll utan känt inlägg: 1 dag.",
        "Bevakning: 1 av 3 tillfällen bekräftade, 2 missade, varav 1 med en förklaring.",
        "Ärenden: inga.",
        "Sparade bilder av kontot: 0.",
    ]


# ---------------------------------------------------------------- answers


def due(**more: Any) -> ClockTown:
    place = town(**more)
    place.on(DUE, 9)
    place.go(EVALUATE)
    return place


def test_those_named_get_the_result_at_once_and_the_one_who_answered_no_letter() -> None:
    """Sku Mät: to the head of operation and the information unit."""
    place = due()
    place.evaluate("elin")
    assert place.told("evaluation_told") == ["david", "kommunikation", "petra", "sara"]
    assert place.evaluations()[0].outcome == "continue"
    assert place.account().waits_for == "Aktiv"


def test_a_change_becomes_a_task_of_the_responsible() -> None:
    place = due(done_by="head_of_department")
    place.evaluate("mats", Outcome.CHANGE, "Svara snabbare.")
    [task] = place.duties(TaskKind.LOOK_INTO)
    assert (place.holders(task), task.details["what"]) == (["elin"], "Svara snabbare.")
    assert [one["ref"] for one in task.clauses] == [CLAUSE]
    assert task.next_reminder_at is not None


def test_a_rest_has_an_end() -> None:
    place = due()
    for wrong in (None, DUE, date(2028, 12, 2)):
        assert refused_of(place.evaluate, "elin", Outcome.REST, "Ledig.", rests_until=wrong) == "rest_wrong"
    place.evaluate("elin", Outcome.REST, "Ledig.", rests_until=date(2028, 12, 1))
    assert (place.account().rests_from_on, place.account().rests_until_on) == (DUE, date(2028, 12, 1))


def test_closing_is_asked_for_in_the_name_of_the_one_who_answered() -> None:
    place = ClockTown(
        {
            "evaluation": [rule()],
            "closing": [
                {
                    "step": "samrad",
                    "label": "Samråd",
                    "act": "consult",
                    "roles": ["communications"],
                    "clauses": [CLAUSE],
                }
            ],
        }
    )
    place.on(DUE, 9)
    place.go(EVALUATE)
    place.evaluate("elin", Outcome.CLOSE, "Ingen läser.")
    account = place.account()
    assert (account.closing_reason, account.closing_asked_by_id) == ("Ingen läser.", place.people["elin"])
    assert place.asked()["samrad"] == ["petra", "david"]


@pytest.mark.parametrize("outcome", [Outcome.CHANGE, Outcome.REST, Outcome.CLOSE])
def test_what_is_not_to_go_on_needs_a_reason(outcome: Outcome) -> None:
    place = due()
    assert refused_of(place.evaluate, "elin", outcome, " ", rests_until=date(2028, 6, 1)) == "reason_missing"
    assert place.duties(TaskKind.EVALUATE)[0].state is TaskState.OPEN


def test_everything_that_is_missing_is_said_at_once() -> None:
    questions = [
        {"question": "tid", "label": "Finns det tid?", "clauses": [CLAUSE]},
        {"question": "sok", "label": "Går det att söka?", "clauses": [CLAUSE]},
        {"question": "rad", "label": "Ett råd?", "clauses": [CLAUSE], "modality": "should"},
    ]
    place = town({"evaluation_questions": questions})
    place.on(DUE, 9)
    place.go(EVALUATE)
    with pytest.raises(Refused) as refused:
        place.evaluate("elin", results={}, answers={"sok": ("no", " ")})
    assert refused.value.values["missing"] == (
        "Vad har kontot gett under perioden?; Finns det tid?; varför svaret är nej på ”Går det att söka?”"
    )
    place.evaluate("elin", answers={"sok": ("no", "Sökningen är borta."), "tid": ("yes", "")})
    answered = place.evaluations()[0].answers["questions"]
    assert [(one["label"], one["answer"]) for one in answered] == [
        ("Finns det tid?", "yes"),
        ("Går det att söka?", "no"),
    ]


def test_who_was_not_asked_does_not_answer_and_nobody_twice() -> None:
    place = due()
    assert refused_of(place.evaluate, "tove") == "not_holder"
    place.evaluate("elin")
    with pytest.raises(ValueError, match="not enough"):
        place.evaluate("elin")


# ---------------------------------------------------------------- nobody answers


def silent(settings: Rule, **more: Any) -> ClockTown:
    """Nobody answers for two months after the day it was due."""
    place = town(settings=settings, **more)
    place.on(DUE - timedelta(days=1))
    place.days_go(date(2028, 2, 1), EVALUATE)
    return place


def test_it_climbs_the_ladder_and_ends_at_the_named_default_marked_as_such() -> None:
    """REQUIREMENTS 2.5: never a silent yes.

    Reminded after 3 and 6 working days, told to communications after 9, ended after 10 more.
    """
    place = silent({})
    assert place.told_of("asked") == [("elin", DUE)]
    assert place.told_of("reminded") == [("elin", date(2027, 12, 6)), ("elin", date(2027, 12, 9))]
    told_at_last = [("david", date(2027, 12, 14)), ("petra", date(2027, 12, 14))]
    assert sorted(place.told_of("escalated")) == told_at_last
    [one] = place.evaluations()
    assert (one.outcome, one.by_default, one.answered_at) == ("continue", True, None)
    [task] = place.duties(TaskKind.EVALUATE)
    assert (task.state, task.outcome, task.answered_by_id) == (TaskState.NO_ANSWER, Outcome.CONTINUE, None)
    assert place.account().red_reason == ""
    told = {who for who, _ in place.told_of("informed")}
    assert told == {"elin", "sara", "petra", "david"}
    assert {day for _, day in place.told_of("informed")} == {date(2027, 12, 29)}
    assert place.told("evaluation_told") == []
    assert place.events("evaluated")[0].facts["by_default"] is True


def test_the_default_may_be_to_rest_until_the_next_evaluation() -> None:
    place = silent({"evaluation_no_answer": "rest"})
    assert place.account().rests_until_on == date(2028, 12, 29)


def test_the_default_may_be_to_close_and_then_nobody_has_asked_for_it() -> None:
    place = silent({"evaluation_no_answer": "close"})
    assert (place.account().state, place.account().closing_asked_by_id) == ("closed", None)
    assert place.account().closing_reason == "Ingen utvärderade kontot i tid."


def test_the_default_may_be_to_stand_red_until_somebody_answers() -> None:
    place = silent({"evaluation_no_answer": "red"})
    assert place.account().red_reason == "no_answer:utvardering"
    assert place.duties(TaskKind.EVALUATE)[0].state is TaskState.OPEN
    place.evaluate("elin")
    assert place.account().red_reason == ""


def test_the_time_of_grace_is_the_municipality_s_own() -> None:
    place = silent({"evaluation_grace_days": 2})
    assert {day for _, day in place.told_of("informed")} == {date(2027, 12, 16)}


def test_a_recommended_evaluation_is_reminded_of_and_never_held_against_the_account() -> None:
    place = silent({}, modality="should")
    assert len(place.told_of("reminded")) == 2
    assert place.told_of("escalated") == place.told_of("informed") == []
    assert (place.duties(TaskKind.EVALUATE)[0].state, place.account().red_reason) == (TaskState.OPEN, "")
    place.on(date(2028, 12, 1))
    place.go(EVALUATE)
    assert [one.state for one in place.duties(TaskKind.EVALUATE)] == [TaskState.NO_ANSWER, TaskState.OPEN]
    assert place.evaluations()[0].outcome == ""


def test_what_may_be_evaluated_is_offered_once() -> None:
    place = silent({}, modality="may")
    assert (place.told_of("asked"), place.told_of("reminded")) == ([("elin", DUE)], [])


# ---------------------------------------------------------------- the policy changes meanwhile


def test_a_new_ladder_counts_from_its_next_rung_and_nothing_is_skipped_or_repeated() -> None:
    """REQUIREMENTS 4.4: the numbers of the version in force on the day apply."""
    place = town(settings={"ladder": {"first": 3, "every": 3, "at_most": 4}})
    place.on(DUE - timedelta(days=1))
    place.days_go(date(2027, 12, 9), EVALUATE)
    assert [day for _, day in place.told_of("reminded")] == [date(2027, 12, 6), date(2027, 12, 9)]
    changed = content(
        {"opening": [], "evaluation": [rule()]},
        {"ladder": {"first": 1, "every": 5, "at_most": 3}},
        valid_from=date(2027, 12, 10),
    )
    with place.work() as session:
        adopt(session, place.municipality_id, changed, By(None, "cli"), place.now)
    place.days_go(date(2028, 2, 1), EVALUATE)
    assert [day for _, day in place.told_of("reminded")][2:] == [date(2027, 12, 14)]
    assert {day for _, day in place.told_of("escalated")} == {date(2027, 12, 21)}
