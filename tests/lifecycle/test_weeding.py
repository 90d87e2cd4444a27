"""Weeding when its occasions come, and what Kanalvakt erases of its own."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from acts import weeding
from acts.rounds import go_round
from lifecycle.events import By, EventKind
from lifecycle.journal import record, verify
from lifecycle.refusals import Refused
from models import (
    Absence,
    Account,
    AuditDetail,
    Case,
    CaseEvidence,
    CaseState,
    Link,
    LinkKind,
    Message,
    MessageState,
    TaskKind,
    TaskState,
    UserTask,
)
from notifications import links, outbox
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, DOMAIN, Town

JANUARY = datetime(2027, 1, 4, 5, tzinfo=UTC)
"""06.00 on the first working day of the year."""


class WeededTown(Town):
    """A town with an open account under some rules of weeding; Elin is responsible."""

    def __init__(self, *rules: dict[str, Any], **settings: Any) -> None:
        weeding_rules = [{"matter": "Småprat", "clauses": [CLAUSE], **rule} for rule in rules]
        super().__init__(memory_engine(), {"opening": [], "weeding": weeding_rules}, settings)
        self.apply(responsible=["elin"], administrators=["omar"], address="https://example.org/a")
        with self.work() as session:
            session.get_one(Account, self.account_id).opened_on = date(2026, 3, 2)

    def ask(self, now: datetime = JANUARY) -> int:
        self.now = now
        report = go_round(self.engine, weeding.ASK, now)
        assert report.failures == []
        return report.found

    def erase(self, now: datetime) -> int:
        self.now = now
        report = go_round(self.engine, weeding.ERASE, now)
        assert report.failures == []
        return report.found

    def weeds(self, state: TaskState = TaskState.OPEN) -> list[UserTask]:
        return [t for t in self.tasks() if t.kind is TaskKind.WEED and t.state is state]

    def count(self, table: type[SQLModel], *which: Any) -> int:
        with self.reading() as session:
            return session.execute(select(func.count()).select_from(table).where(*which)).scalar_one()


def test_each_half_year_whoever_is_responsible_is_asked_once() -> None:
    town = WeededTown({"at": ["half_year"]})
    assert town.ask(JANUARY - timedelta(days=3)) == 0
    assert [town.ask(), town.ask(), town.ask(JANUARY + timedelta(days=1))] == [1, 0, 0]
    [task] = town.weeds()
    assert (task.label, town.holders(task)) == ("Gallra: småprat", ["elin"])
    assert town.ask(datetime(2027, 7, 1, 5, tzinfo=UTC)) == 1


def test_an_occasion_is_caught_up_once_and_not_for_ever() -> None:
    town = WeededTown({"at": ["half_year"]})
    assert town.ask(JANUARY + timedelta(days=20)) == 1
    assert WeededTown({"at": ["half_year"]}).ask(JANUARY + timedelta(days=45)) == 0


def test_the_document_plan_is_asked_about_once_a_year() -> None:
    town = WeededTown({"at": ["document_plan"]})
    assert [town.ask(), town.ask(datetime(2027, 7, 1, 5, tzinfo=UTC))] == [1, 0]


def test_a_must_after_some_days_is_asked_each_month() -> None:
    town = WeededTown({"after_days": 7})
    assert [town.ask(), town.ask(datetime(2027, 2, 1, 5, tzinfo=UTC))] == [1, 1]
    assert town.weeds()[0].label == "Gallra: småprat, äldre än 7 dagar"


def test_a_permission_is_not_asked_about_each_month_and_is_offered_at_half_years_only() -> None:
    """REQUIREMENTS 1: may is offered, never demanded."""
    assert WeededTown({"after_days": 7, "modality": "may"}).ask() == 0
    assert WeededTown({"at": ["continually"], "modality": "may"}).ask() == 0
    town = WeededTown({"at": ["half_year"], "modality": "may"})
    assert town.ask() == 1
    assert town.weeds()[0].next_reminder_at is None
    town.ask(datetime(2027, 7, 1, 5, tzinfo=UTC))
    assert len(town.weeds()) == 1, "the earlier offer has given way"


def test_at_the_channel_s_end_it_is_a_line_of_the_closing_list() -> None:
    """Tibro 4.3: temporary and minor matter is weeded when the channel ends."""
    town = WeededTown({"at": ["channel_end"]})
    assert town.ask() == 0
    town.ask_to_close("elin")
    [line] = town.open_tasks()
    assert (line.label, town.holders(line), town.state) == ("Gallra: småprat", ["elin"], "closing")
    town.confirm("elin")
    assert town.state == "closed"


def test_the_answer_is_kept() -> None:
    town = WeededTown({"at": ["half_year"]})
    town.ask()
    [task] = town.weeds()

    def answer(done: str) -> None:
        with town.work() as session:
            weeding.answer(
                session,
                town.now,
                task_id=task.id or 0,
                person_id=town.people["elin"],
                done=done,
                note="",
                via="link",
            )

    with pytest.raises(Refused):
        answer("")
    answer("nothing")
    assert town.weeds(TaskState.DONE)[0].details["done"] == "nothing"


# ---------------------------------------------------------------- Kanalvakt's own


def test_links_that_ended_are_erased_when_their_truth_is_told() -> None:
    """REQUIREMENTS 4.1: a dead link says who decided what, thirty days long."""
    town = WeededTown()
    with town.work() as session:
        links.mint(
            session,
            kind=LinkKind.MY_PAGE,
            municipality_id=town.municipality_id,
            email=f"elin@{DOMAIN}",
            now=town.now,
            until=town.now + timedelta(minutes=30),
            person_id=town.people["elin"],
        )
    town.erase(town.now + timedelta(days=30))
    assert town.count(Link) == 1
    town.erase(town.now + timedelta(days=1))
    assert town.count(Link) == 0


def test_letters_go_after_their_months_and_those_that_wait_stay() -> None:
    town = WeededTown(letters_kept_months=2)
    with town.work() as session:
        session.execute(Message.__table__.delete())  # type: ignore[attr-defined]
        for key in ("sent", "waits"):
            outbox.queue(
                session,
                notice="my_page",
                municipality_id=town.municipality_id,
                now=town.now,
                dedupe_key=key,
                email=f"elin@{DOMAIN}",
            )
        sent = session.execute(select(Message).where(col(Message.dedupe_key) == "sent")).scalar_one()
        sent.state = MessageState.SENT
    town.erase(datetime(2027, 2, 1, 8, tzinfo=UTC))
    assert town.count(Message) == 2
    town.erase(datetime(2027, 2, 2, 8, tzinfo=UTC))
    assert town.count(Message) == 1


def test_personal_detail_is_weeded_and_the_chain_holds() -> None:
    """REQUIREMENTS 4.8: the log says weeded by rule R on D, not broken."""
    town = WeededTown(details_kept_months=12)
    with town.work() as session:
        record(
            session,
            EventKind.REQUEST_WITHDRAWN,
            town.now,
            municipality_id=town.municipality_id,
            by=By(town.people["elin"], "portal"),
            facts={"people": []},
            detail={"reason": "Elin är sjuk."},
        )
    kept = town.count(AuditDetail, col(AuditDetail.weeded_on).is_(None))
    town.erase(datetime(2027, 12, 2, 5, tzinfo=UTC))
    assert kept and town.count(AuditDetail, col(AuditDetail.weeded_on).is_(None)) == 0
    with town.reading() as session:
        verdict = verify(session, town.municipality_id)
    assert verdict.breaks == []
    assert {(rule, day) for _, rule, day in verdict.weeded} == {
        ("settings.details_kept_months", "2027-12-02")
    }


def test_what_citizens_wrote_goes_when_the_case_has_been_closed_long_enough() -> None:
    town = WeededTown(cases_kept_months=6)
    with town.work() as session:
        case = Case(
            municipality_id=town.municipality_id,
            account_id=town.account_id,
            kind="complaint",
            label="Klagomål",
            opened_at=town.now,
            noticed_at=town.now,
            what="Anna Andersson skrev …",
            state=CaseState.CLOSED,
            closed_at=town.now,
        )
        session.add(case)
        session.flush()
        evidence = {"media_type": "text/plain", "content": b"x", "sha256": "x", "added_at": town.now}
        session.add(CaseEvidence(case_id=case.id or 0, **evidence))
    town.erase(datetime(2027, 5, 31, 5, tzinfo=UTC))
    assert town.count(CaseEvidence) == 1
    town.erase(datetime(2027, 6, 2, 5, tzinfo=UTC))
    assert town.count(CaseEvidence) == 0
    with town.reading() as session:
        [case] = session.execute(select(Case)).scalars()
    assert (case.what, case.kind, case.weeded_at) == ("", "complaint", town.now)


def test_absences_go_a_year_after_they_ended() -> None:
    town = WeededTown()
    with town.work() as session:
        absence = {"from_on": date(2026, 12, 2), "until_on": date(2026, 12, 9), "entered_at": town.now}
        session.add(Absence(municipality_id=town.municipality_id, person_id=town.people["elin"], **absence))
    town.erase(datetime(2027, 12, 9, 5, tzinfo=UTC))
    assert town.count(Absence) == 1
    town.erase(datetime(2027, 12, 10, 5, tzinfo=UTC))
    assert town.count(Absence) == 0
