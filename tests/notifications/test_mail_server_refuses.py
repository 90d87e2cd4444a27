"""A mail server that refuses for an hour, one recipient it never takes, and a clock that is set back."""

from datetime import timedelta

import pytest

from models import MessageState
from notifications.delivery import Delivered
from notifications.examples.world import NOW, build
from notifications.outbox import queue_many
from runtime.database import writing
from tests.figures import prove
from tests.notifications.office import MINUTE, Office, numbered

SECTION = "Faults that pass by themselves"
LETTERS = 10
LAST_TRY = timedelta(minutes=81)
"""1, 5, 15 and 60 minutes after one another."""


@pytest.fixture
def queued(office: Office) -> list[str]:
    with writing(office.engine) as session:
        world = build(session)
        return queue_many(session, [numbered(world, number) for number in range(LETTERS)], NOW)


def lost_of(office: Office, ids: list[str], but: str = "") -> int:
    """Letters that are not marked as sent, or that have not come once."""
    addresses = {one: office.message(one).email for one in ids if office.message(one).email != but}
    came = office.server.behaviour.recipients
    sent = [one for one in addresses if office.message(one).state is MessageState.SENT]
    return sum(one not in sent or came.count(addresses[one]) != 1 for one in addresses)


def test_refused_for_an_hour_every_letter_comes_once(office: Office, queued: list[str]) -> None:
    """And the one whose address the server never takes has failed, with what the server said of it."""
    gone = office.message(queued[0]).email
    while office.time < NOW + timedelta(hours=1):
        office.server.behaviour.data = ["451 4.3.2 try later"] * 100
        office.server.behaviour.rcpt = {gone: "550 5.1.1 no such user"}
        office.deliver()
        office.time += MINUTE
    assert office.server.behaviour.taken == []
    office.server.behaviour.data = []
    while office.time <= NOW + LAST_TRY:
        office.deliver()
        office.time += MINUTE
    lost = lost_of(office, queued, but=gone)
    prove(SECTION, "letters lost or doubled while the mail server answers 451 for an hour", lost, 0)
    failed = [one for one in queued if office.message(one).state is MessageState.FAILED]
    prove(SECTION, "letters beside the one that was refused for good (550)", len(failed) - 1, 0)
    assert lost == 0
    assert [office.message(one).error for one in failed] == ["550 5.1.1 no such user"]


def test_who_looks_in_the_log_reads_that_the_mail_server_is_away(
    office: Office, queued: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    office.server.stop()
    assert office.deliver() == Delivered(postponed=1)
    assert "E-postservern tar inte emot brev just nu" in caplog.text


def test_with_the_clock_set_back_an_hour_letters_wait_and_none_is_lost(
    office: Office, queued: list[str]
) -> None:
    """Half of them left before; the others leave when the clock has come as far again."""
    assert office.deliver(at_most=LETTERS // 2) == Delivered(sent=LETTERS // 2)
    office.time -= timedelta(hours=1)
    while office.time < NOW:
        assert office.deliver() == Delivered()
        office.time += 5 * MINUTE
    assert office.deliver() == Delivered(sent=LETTERS - LETTERS // 2)
    lost = lost_of(office, queued)
    prove(SECTION, "letters lost or doubled when the clock is set back an hour", lost, 0)
    assert lost == 0
