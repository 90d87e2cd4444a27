"""The guideline's own review, and new directives (Sku Revidering, Näs 21)."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import guideline_review as acts
from acts.guideline_review import REVIEW_GUIDELINE
from acts.rounds import go_round
from lifecycle.guideline_review import Size
from models import Message, TaskKind, TaskState, UserTask
from tests.lifecycle.clock_town import ClockTown
from tests.lifecycle.town import CLAUSE, Rule, content, refused_of

REVISED_ON = date(2026, 3, 1)
DUE = date(2027, 3, 1)


def revision(**more: Any) -> Rule:
    named = {"small_changes_by": "communications", "large_changes_by": "executive_board"}
    return named | {"review_every_months": 12, "clauses": [CLAUSE]} | more


class ReviewTown(ClockTown):
    """A town whose guideline says of itself that it was revised on 1 March 2026."""

    def __init__(self, rule: Rule | None) -> None:
        policy = content({"opening": []} | ({"revision": rule} if rule else {}), {})
        policy["policy"]["guidelines"] = ["exempelby"]
        policy["guidelines"] = {
            "exempelby": {"title": "Riktlinje", "edition": "2", "adopted_on": "2011-05-25"}
            | {"revised_on": REVISED_ON.isoformat()}
        }
        super().__init__({}, policy=policy)

    def reviews(self, state: TaskState | None = TaskState.OPEN) -> list[UserTask]:
        return self.duties(TaskKind.REVIEW_GUIDELINE, state)

    def review(self, who: str, size: Size | None = None, text: str = "") -> None:
        [task] = self.reviews()
        with self.work() as session:
            acts.review(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.people[who],
                size=size,
                text=text,
                via="link",
            )

    def report(self, who: str, what: str) -> None:
        with self.work() as session:
            acts.report_directive(session, self.now, person_id=self.people[who], what=what, via="portal")

    def told_at_once(self, notice: str) -> list[str]:
        with self.reading() as session:
            rows = select(Message).where(col(Message.notice) == notice)
            return [one.email.split("@")[0] for one in session.execute(rows).scalars()]


def test_it_is_reviewed_so_often_as_it_says_counted_from_its_latest_edition() -> None:
    """Sku Revidering: at least yearly, by the information unit."""
    town = ReviewTown(revision())
    town.on(DUE - timedelta(days=1))
    assert town.go(REVIEW_GUIDELINE).found == 0
    town.on(DUE)
    assert town.go(REVIEW_GUIDELINE).found == 1
    [task] = town.reviews()
    assert (town.holders(task), task.account_id, [one["ref"] for one in task.clauses]) == (
        ["petra", "david"],
        None,
        [CLAUSE],
    )
    town.on(DUE + timedelta(days=400))
    assert town.go(REVIEW_GUIDELINE).found == 0, "an unanswered one is not asked again"


def test_the_next_review_is_counted_from_the_last_one() -> None:
    town = ReviewTown(revision())
    town.on(DUE)
    town.go(REVIEW_GUIDELINE)
    town.on(date(2027, 3, 20))
    town.review("petra")
    town.on(date(2028, 3, 19))
    assert town.go(REVIEW_GUIDELINE).found == 0
    town.on(date(2028, 3, 20))
    assert town.go(REVIEW_GUIDELINE).found == 1


@pytest.mark.parametrize("rule", [None, revision(review_every_months=None)])
def test_where_the_guideline_is_silent_nothing_is_asked(rule: Rule | None) -> None:
    """Näs 21 says who revises and not how often."""
    town = ReviewTown({key: one for key, one in rule.items() if one is not None} if rule else None)
    town.on(date(2030, 1, 1))
    assert town.go(REVIEW_GUIDELINE).found == 0


def test_a_large_change_is_told_to_the_role_that_decides_and_a_small_one_is_not() -> None:
    town = ReviewTown(revision())
    town.posts("executive_board", "birgitta")
    town.on(DUE, 9)
    town.go(REVIEW_GUIDELINE)
    assert refused_of(town.review, "petra", Size.LARGE, " ") == "reason_missing"
    town.review("petra", Size.LARGE, "Nytt avsnitt om bilder.")
    assert town.told_at_once("guideline_change_wanted") == ["birgitta"]
    [task] = town.reviews(TaskState.DONE)
    assert (task.outcome, task.details["size"], task.reason) == ("change", "large", "Nytt avsnitt om bilder.")
    town.report("david", "En ny lag.")
    town.review("david", Size.SMALL, "Lagens namn.")
    assert town.told_at_once("guideline_change_wanted") == ["birgitta"]


def test_a_directive_is_taken_up_at_any_time_and_is_no_yearly_review() -> None:
    """CLAUSES sku:108: review and new directives."""
    town = ReviewTown(revision())
    assert refused_of(town.report, "petra", " ") == "directive_missing"
    assert refused_of(town.report, "elin", "En ny lag.") == "only_communications"
    town.report("petra", "En ny lag om bilder.")
    [task] = town.reviews()
    assert (town.holders(task), task.details["what"]) == (["petra", "david"], "En ny lag om bilder.")
    town.review("petra")
    town.on(DUE)
    assert town.go(REVIEW_GUIDELINE).found == 1


def test_a_button_that_is_pressed_twice_reports_one_directive() -> None:
    town = ReviewTown(revision())
    for what in ("En ny lag.", "En ny lag. ", "En annan lag."):
        town.report("petra", what)
    assert [task.details["what"] for task in town.reviews()] == ["En ny lag.", "En annan lag."]


def test_a_directive_where_the_rules_do_not_speak_of_revision() -> None:
    assert refused_of(ReviewTown(None).report, "petra", "En ny lag.") == "no_revision"


def test_an_empty_post_falls_to_the_last_resort_and_else_is_told_and_tried_again() -> None:
    town = ReviewTown(revision(small_changes_by="registry"))
    town.on(DUE)
    town.posts("communications_director")
    report = go_round(town.engine, REVIEW_GUIDELINE, town.now)
    assert "ingen finns som kan se över riktlinjen" in report.failures[0].says
    town.posts("communications_director", "lena")
    assert town.go(REVIEW_GUIDELINE).found == 1
    assert town.holders(town.reviews()[0]) == ["lena"]
