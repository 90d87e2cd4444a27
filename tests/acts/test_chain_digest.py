"""REQUIREMENTS 4.8: the last hash of the log is mailed to the registry each month."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import col

from acts import chain_digest
from acts.rounds import go_round
from lifecycle.journal import verify
from models import AuditEvent, Message, Municipality
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN, Town, step

FEBRUARY = datetime(2027, 2, 1, 8, tzinfo=UTC)
"""A Monday, 09.00."""


class Registry(Town):
    """A town with a registry."""

    def goes(self, now: datetime) -> int:
        self.now = now
        report = go_round(self.engine, chain_digest.TELL, now)
        assert report.failures == []
        return report.done

    def letters(self) -> Sequence[Message]:
        with self.reading() as session:
            rows = select(Message).where(col(Message.notice) == "chain_digest")
            return session.execute(rows.order_by(col(Message.id))).scalars().all()


@pytest.fixture
def memory() -> Engine:
    """An engine on an empty database in memory."""
    return memory_engine()


def registry(engine: Engine) -> Registry:
    town = Registry(engine, {"opening": [step("chef", "decide", "line_manager")]})
    with town.work() as session:
        session.get_one(Municipality, town.municipality_id).registry_address = f"registrator@{DOMAIN}"
    town.apply()
    return town


def test_the_letter_says_how_many_events_there_are_and_the_last_digest(engine: Engine) -> None:
    town = registry(engine)
    with town.reading() as session:
        before = verify(session, town.municipality_id)
    assert town.goes(FEBRUARY) == 1
    [letter] = town.letters()
    told = {"events": before.events, "digest": before.last_digest, "breaks": 0}
    assert (letter.email, letter.context) == (f"registrator@{DOMAIN}", told)
    with town.reading() as session:
        rows = select(AuditEvent).where(col(AuditEvent.kind) == "chain_told")
        assert session.execute(rows).scalar_one().facts == told
        assert verify(session, town.municipality_id).breaks == []


def test_it_goes_once_a_month(memory: Engine) -> None:
    town = registry(memory)
    for now in (FEBRUARY, FEBRUARY, FEBRUARY + timedelta(days=1), FEBRUARY + timedelta(days=20)):
        town.goes(now)
    assert len(town.letters()) == 1
    town.goes(FEBRUARY + timedelta(days=28))
    assert len(town.letters()) == 2


@pytest.mark.parametrize(
    ("now", "done"),
    [
        (datetime(2027, 1, 1, 9, tzinfo=UTC), 0),
        (datetime(2027, 1, 2, 9, tzinfo=UTC), 0),
        (datetime(2027, 1, 4, 2, tzinfo=UTC), 0),
        (datetime(2027, 1, 4, 7, tzinfo=UTC), 1),
        (datetime(2027, 1, 6, 9, tzinfo=UTC), 0),
        (datetime(2027, 1, 18, 9, tzinfo=UTC), 1),
    ],
    ids=["New Year", "a Saturday", "at three", "the first morning", "Epiphany", "after silent weeks"],
)
def test_it_goes_on_the_first_working_day_or_later(memory: Engine, now: datetime, done: int) -> None:
    town = registry(memory)
    assert town.goes(now) == done
    assert len(town.letters()) == done


def test_a_log_that_was_changed_is_not_vouched_for(memory: Engine) -> None:
    """Someone with the database in hand: the registry hears of it, and so does communications."""
    town = registry(memory)
    with memory.begin() as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS audit_event_no_update"))
        connection.execute(text("UPDATE audit_event SET via = 'cli' WHERE number = 2"))
    town.goes(FEBRUARY)
    told = town.letters()
    assert {one.email for one in told} == {f"registrator@{DOMAIN}", f"kommunikation@{DOMAIN}"}
    assert all(one.context["breaks"] == 1 for one in told)


def test_a_day_past_is_gone_as_that_day(memory: Engine) -> None:
    town = registry(memory)
    go_round(town.engine, chain_digest.TELL, FEBRUARY + timedelta(days=9), as_of=FEBRUARY.date())
    [letter] = town.letters()
    assert letter.queued_at == datetime(2027, 2, 1, 7, tzinfo=UTC)
