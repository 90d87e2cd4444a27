"""New rules take effect from their day, and only when the role that the guideline names has said yes."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import policies as acts
from acts import watching
from lifecycle.events import By
from lifecycle.guideline_review import Size
from lifecycle.law import law_in_force
from lifecycle.policy_versions import versions_of
from models import Message, PolicyVersion, TaskKind, TaskState, UserTask
from tests.lifecycle.clock_town import ClockTown
from tests.lifecycle.town import CLAUSE, TUESDAY, Rule, content, refused_of

TODAY = TUESDAY.date()


def revision(**more: Any) -> Rule:
    named = {"small_changes_by": "communications", "large_changes_by": "executive_board"}
    return named | {"clauses": [CLAUSE]} | more


class VersionTown(ClockTown):
    """A town whose guideline says that a board decides on large changes."""

    def __init__(self, rule: Rule | None = None) -> None:
        super().__init__({"revision": rule or revision()})

    def propose(
        self, valid_from: date, size: Size = Size.SMALL, by: str | None = None, **settings: Any
    ) -> None:
        given = content({"opening": [], "revision": revision()}, settings, valid_from)
        by_id = self.people[by] if by else None
        with self.work() as session:
            acts.propose(session, self.municipality_id, given, size, By(by_id, "cli"), self.now)

    def decide(self, who: str, approve: bool = True, reason: str = "") -> None:
        [task] = self.proposals()
        with self.work() as session:
            acts.decide(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.people[who],
                approve=approve,
                reason=reason,
                via="link",
            )

    def proposals(self, state: TaskState = TaskState.OPEN) -> list[UserTask]:
        return self.duties(TaskKind.APPROVE_POLICY, state)

    def link_days_on(self, day: date) -> int:
        """What a setting is on a day: the versions of these tests differ in it."""
        self.on(day)
        with self.reading() as session:
            return law_in_force(session, self.municipality_id, self.now).policy.settings.link_days

    def versions(self) -> list[PolicyVersion]:
        with self.reading() as session:
            return versions_of(session, self.municipality_id)

    def letters(self, notice: str) -> list[str]:
        rows = select(Message).where(col(Message.notice) == notice).order_by(col(Message.email))
        with self.reading() as session:
            return [one.email.split("@")[0] for one in session.execute(rows).scalars()]


def test_a_proposed_version_changes_nothing_until_it_is_approved() -> None:
    town = VersionTown()
    town.propose(TODAY, link_days=9)
    assert town.link_days_on(TODAY + timedelta(days=30)) == 21
    assert [one.in_force_from for one in town.versions()] == [None, date(2026, 1, 1)]


def test_an_approved_version_takes_effect_from_its_own_day() -> None:
    town = VersionTown()
    town.propose(TODAY + timedelta(days=10), link_days=9)
    town.decide("petra")
    assert town.link_days_on(TODAY + timedelta(days=9)) == 21
    assert town.link_days_on(TODAY + timedelta(days=10)) == 9
    assert town.versions()[0].approved_by_id == town.people["petra"]


def test_a_version_approved_after_its_day_applies_from_the_approval_and_not_before() -> None:
    town = VersionTown()
    town.propose(TODAY, link_days=9)
    town.on(TODAY + timedelta(days=5), 9)
    town.decide("petra")
    assert town.link_days_on(TODAY + timedelta(days=4)) == 21
    assert town.link_days_on(TODAY + timedelta(days=5)) == 9


@pytest.mark.parametrize(
    ("size", "rule", "asked"),
    [
        (Size.SMALL, revision(), ["petra", "david"]),
        (Size.LARGE, revision(), ["birgitta"]),
        (Size.LARGE, revision(large_changes_by="working_committee"), ["mats"]),
        (Size.LARGE, {"clauses": [CLAUSE], "review_every_months": 12}, ["petra", "david"]),
    ],
)
def test_the_role_that_the_guideline_names_is_asked_at_once(size: Size, rule: Rule, asked: list[str]) -> None:
    town = VersionTown(rule)
    town.posts("executive_board", "birgitta")
    town.posts("working_committee", "mats")
    town.propose(TODAY, size, link_days=9)
    assert town.holders(town.proposals()[0]) == asked
    assert town.letters("policy_proposed") == sorted(asked)


def test_the_guideline_in_force_says_who_decides_and_not_the_proposed_one() -> None:
    town = VersionTown(revision(large_changes_by="working_committee"))
    town.posts("working_committee", "mats")
    town.propose(TODAY, Size.LARGE, link_days=9)
    assert town.holders(town.proposals()[0]) == ["mats"]


def test_a_no_needs_a_reason_and_leaves_everything_as_it_was() -> None:
    town = VersionTown()
    town.propose(TODAY, by="elin", link_days=9)
    assert refused_of(town.decide, "petra", False, " ") == "reason_missing"
    town.decide("petra", False, "Punkt 4 saknas.")
    assert town.link_days_on(TODAY + timedelta(days=30)) == 21
    assert town.letters("policy_decided") == ["david", "elin", "kommunikation", "petra"]
    town.propose(TODAY, link_days=9)
    town.decide("david")
    assert town.link_days_on(TODAY + timedelta(days=40)) == 9, "the same content can be proposed again"


def test_nobody_approves_what_they_have_proposed_themselves() -> None:
    """REQUIREMENTS 4.2: four-eyes."""
    town = VersionTown()
    town.propose(TODAY, by="petra", link_days=9)
    assert town.holders(town.proposals()[0]) == ["david"]
    assert refused_of(town.decide, "petra") == "four_eyes"


def test_an_empty_post_is_said_and_nothing_is_stored() -> None:
    town = VersionTown()
    town.posts("communications_director")
    assert refused_of(town.propose, TODAY, Size.LARGE, link_days=9) == "nobody_approves"
    assert len(town.versions()) == 1


def test_a_newer_proposal_takes_the_place_of_one_that_waits() -> None:
    town = VersionTown()
    town.propose(TODAY, link_days=9)
    town.propose(TODAY, link_days=10)
    assert len(town.proposals(TaskState.WITHDRAWN)) == 1
    town.decide("petra")
    assert town.link_days_on(TODAY + timedelta(days=1)) == 10


def test_what_is_in_force_already_is_not_proposed_again() -> None:
    town = VersionTown()
    town.propose(TODAY, link_days=9)
    town.decide("petra")
    assert refused_of(town.propose, TODAY, link_days=9) == "already_in_force"


def test_an_application_ends_under_the_version_it_began_with() -> None:
    """REQUIREMENTS 2.2, last."""
    town = VersionTown()
    town.draft("tove")
    begun_with = town.account().policy_version_id
    town.propose(TODAY, link_days=9)
    town.decide("petra")
    assert town.account().policy_version_id == begun_with


def test_an_unanswered_proposal_is_reminded_of_in_the_morning_letter() -> None:
    town = VersionTown()
    town.propose(TODAY + timedelta(days=60), link_days=9)
    for day in (4, 7):
        town.on(date(2026, 12, day), 8)
        town.go(watching.TELL)
    assert town.told_of("asked") == [], "the letter told it at once"
    assert sorted(town.told_of("reminded")) == [("david", date(2026, 12, 4)), ("petra", date(2026, 12, 4))]
