"""Delivery when something breaks: refusals, lost lines, kills and rivals. Nothing is lost in silence."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from models import (
    MessageState,
)
from models.seams import KILL_AT
from notifications import delivery, links
from notifications.delivery import LEASE, Delivered, delay_after, deliver_due
from notifications.examples.world import LETTERHEAD, NOW, build
from notifications.letters import Letter
from notifications.outbox import queue_many
from runtime.database import reading, writing
from tests.notifications.mail_server import MailServerOnLoopback
from tests.notifications.office import MINUTE, Office, numbered


def test_one_refused_recipient_stops_nobody_else(office: Office) -> None:
    with writing(office.engine) as session:
        world = build(session)
        ids = queue_many(session, [numbered(world, number) for number in range(3)], NOW)
    office.server.behaviour.rcpt = {"nr1@example.org": "550 5.1.1 no such user"}
    assert office.deliver() == Delivered(sent=2, failed=1)
    assert [office.message(one).state for one in ids].count(MessageState.FAILED) == 1
    failed = next(m for one in ids if (m := office.message(one)).state is MessageState.FAILED)
    assert (failed.email, failed.error) == ("nr1@example.org", "550 5.1.1 no such user")
    office.time += timedelta(days=1)
    assert office.deliver() == Delivered()


def test_what_fails_for_now_is_tried_again_after_1_5_15_and_then_60_minutes(office: Office) -> None:
    message_id = office.queue("my_page")[0]
    office.server.behaviour.data = ["451 4.3.0 later"] * 5
    for minutes in (1, 5, 15, 60, 60):
        assert office.deliver() == Delivered(postponed=1)
        message = office.message(message_id)
        assert message.not_before == office.time + timedelta(minutes=minutes)
        assert (message.state, message.error) == (MessageState.QUEUED, "451 4.3.0 later")
        office.time = message.not_before - timedelta(seconds=1)
        assert office.deliver() == Delivered()
        office.time = message.not_before
    assert office.deliver() == Delivered(sent=1)
    assert office.message(message_id).error == ""


def test_after_three_days_of_attempts_a_letter_has_failed(office: Office) -> None:
    message_id = office.queue("my_page")[0]
    office.server.behaviour.data = ["451 4.3.0 later"] * 100
    while office.message(message_id).state is MessageState.QUEUED:
        office.deliver()
        office.time = max(office.message(message_id).not_before, office.time)
    assert office.message(message_id).error == "451 4.3.0 later"
    assert timedelta(days=3) - timedelta(hours=1) < office.time - NOW < timedelta(days=3) + timedelta(hours=1)


def test_the_delays_end() -> None:
    delays = [delay_after(attempts) for attempts in range(1, 200)]
    assert delays[0] == MINUTE
    assert None in delays and delays.index(None) < 80


def test_a_server_that_is_away_stops_the_pass_and_loses_nothing(office: Office) -> None:
    with writing(office.engine) as session:
        world = build(session)
        queue_many(session, [numbered(world, number) for number in range(3)], NOW)
    office.server.stop()
    assert office.deliver() == Delivered(postponed=1)
    office.time += MINUTE
    with MailServerOnLoopback(port=office.server.port) as again:
        assert office.deliver() == Delivered(sent=3)
        assert len(again.behaviour.taken) == 3


def test_a_server_that_goes_away_on_the_way_gives_back_what_was_written(office: Office) -> None:
    with writing(office.engine) as session:
        world = build(session)
        queue_many(session, [numbered(world, number) for number in range(6)], NOW)
    office.server.behaviour.data = ["250 taken", "250 taken", "drop"]
    assert office.deliver() == Delivered(sent=2, postponed=1)
    # The three that were written and not sent are due at once, the one that was dropped in a minute.
    assert office.deliver() == Delivered(sent=3)
    office.time += MINUTE
    assert office.deliver() == Delivered(sent=1)
    taken = [str(mail["To"]) for mail in office.server.behaviour.taken]
    assert len(set(taken)) == 6


def test_what_was_written_a_while_ago_is_written_anew(office: Office) -> None:
    """Letters are written some at a time; a slow server makes none of them tell what is no longer so."""
    with writing(office.engine) as session:
        world = build(session)
        ids = queue_many(session, [numbered(world, number) for number in range(4)], NOW)
    sent: list[Letter] = []

    class Slow:
        def send(self, letter: Letter) -> None:
            sent.append(letter)
            office.time += timedelta(seconds=70)

    assert deliver_due(office.sessions, Slow(), LETTERHEAD, office.now) == Delivered(sent=2)
    assert deliver_due(office.sessions, Slow(), LETTERHEAD, office.now) == Delivered(sent=2)
    assert len({letter.message_id for letter in sent}) == 4
    assert all(letter.written_at > NOW for letter in sent[1:])
    assert [office.message(one).attempts for one in ids] == [1, 1, 1, 1]


def test_a_line_that_breaks_after_the_letter_was_taken_makes_a_recognisable_twin(office: Office) -> None:
    office.queue("decision_asked")
    office.server.behaviour.data = ["drop"]
    assert office.deliver() == Delivered(postponed=1)
    office.time += MINUTE
    assert office.deliver() == Delivered(sent=1)
    assert_twins(office)


def assert_twins(office: Office) -> None:
    """The same letter came twice under one Message-ID; both links work, and both die together."""
    first, second = office.server.behaviour.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert len(set(office.tokens)) == 2
    assert {office.standing(token) for token in office.tokens} == {"live"}
    with writing(office.engine) as session:
        links.kill(session, now=office.time, why="answered", task_id=office.links()[0].task_id)
    assert {office.standing(token) for token in office.tokens} == {"dead"}


def test_a_letter_that_cannot_be_written_fails_and_stops_nobody(office: Office) -> None:
    broken, whole = office.queue("draft_reminder", "my_page")
    office.change('UPDATE message SET context = \'{"erased_on": "never"}\' WHERE id = :id', id=broken)
    assert office.deliver() == Delivered(sent=1, failed=1)
    assert office.message(broken).state is MessageState.FAILED
    assert "never" in office.message(broken).error
    assert office.message(whole).state is MessageState.SENT
    assert len(office.links()) == 1


def test_of_letters_that_are_written_together_one_that_cannot_be_undoes_none(office: Office) -> None:
    first, broken, other = office.queue("my_page", "draft_reminder", "draft_link")
    office.change('UPDATE message SET context = \'{"erased_on": "never"}\' WHERE id = :id', id=broken)
    earlier = sql_time(office, NOW - MINUTE)
    office.change("UPDATE message SET not_before = :at WHERE id = :id", at=earlier, id=first)
    assert office.deliver() == Delivered(sent=2, failed=1)
    assert office.message(broken).state is MessageState.FAILED
    assert office.message(first).state is office.message(other).state is MessageState.SENT
    assert len(office.server.behaviour.taken) == len(office.links()) == 2


def test_a_letter_that_breaks_the_post_fails_and_stops_nobody(office: Office) -> None:
    ids = office.queue("my_page", "draft_link")

    class Clumsy:
        def send(self, letter: Letter) -> None:
            if "in till" in letter.subject:
                raise ZeroDivisionError("clumsy")

    assert deliver_due(office.sessions, Clumsy(), LETTERHEAD, office.now) == Delivered(sent=1, failed=1)
    assert office.message(ids[0]).error == "ZeroDivisionError: clumsy"


def test_a_claim_that_ran_out_is_taken_over(office: Office) -> None:
    message_id = office.queue("my_page")[0]
    office.change(
        "UPDATE message SET state = 'sending', claimed_until = :until", until=sql_time(office, NOW + MINUTE)
    )
    assert office.deliver() == Delivered()
    office.time += MINUTE
    assert office.deliver() == Delivered(sent=1)
    assert office.message(message_id).state is MessageState.SENT


def sql_time(office: Office, at: datetime) -> object:
    """An instant as the database keeps it."""
    return at if office.engine.dialect.name == "postgresql" else at.replace(tzinfo=None).isoformat(" ")


def test_one_whose_claim_ran_out_marks_nothing(office: Office) -> None:
    """A deliverer so slow that another sent the letter meanwhile leaves the other's mark alone."""
    message_id = office.queue("my_page")[0]

    class Slow:
        def send(self, letter: Letter) -> None:
            office.time += LEASE
            assert office.deliver() == Delivered(sent=1)
            office.time += MINUTE

    assert deliver_due(office.sessions, Slow(), LETTERHEAD, office.now) == Delivered()
    assert office.message(message_id).sent_at == NOW + LEASE
    assert office.message(message_id).attempts == 2


def test_several_deliverers_send_each_letter_once(office: Office) -> None:
    with writing(office.engine) as session:
        world = build(session)
        queue_many(session, [numbered(world, number) for number in range(24)], NOW)
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: office.deliver(), range(4)))
    assert sum(one.sent for one in done) == 24
    assert len(office.server.behaviour.recipients) == len(set(office.server.behaviour.recipients)) == 24


DELIVER = """
import sys
from datetime import datetime
from notifications.delivery import deliver_due
from notifications.mail import MailPost, MailServer
from runtime.database import make_engine, writing
from notifications.examples.world import LETTERHEAD, NOW

engine = make_engine(sys.argv[1])
post = MailPost(MailServer("127.0.0.1", int(sys.argv[2]), "kanalvakt@example.org", "off"))
deliver_due(lambda: writing(engine), post, LETTERHEAD, lambda: NOW)
"""


def deliver_until_killed(office: Office, url: str, seam: str) -> None:
    command = [sys.executable, "-c", DELIVER, url, str(office.server.port)]
    ended = subprocess.run(command, env=os.environ | {KILL_AT: seam, "PYTHONPATH": "."}, timeout=60)
    assert ended.returncode == -signal.SIGKILL


def test_killed_before_sending_nothing_has_left_and_nothing_is_lost(
    office: Office, database_url: str
) -> None:
    message_id = office.queue("decision_asked")[0]
    deliver_until_killed(office, database_url, "before_send")
    assert office.server.behaviour.taken == []
    assert office.message(message_id).state is MessageState.SENDING
    assert office.deliver() == Delivered()
    office.time += LEASE
    assert office.deliver() == Delivered(sent=1)
    assert len(office.server.behaviour.taken) == 1
    assert office.standing(office.tokens[0]) == "live"


def test_killed_after_sending_the_twin_is_recognisable(office: Office, database_url: str) -> None:
    office.queue("decision_asked")
    deliver_until_killed(office, database_url, "after_send")
    office.time += LEASE
    assert office.deliver() == Delivered(sent=1)
    assert_twins(office)


def test_a_kill_may_wait_for_a_later_pass(office: Office, database_url: str) -> None:
    with writing(office.engine) as session:
        world = build(session)
        queue_many(session, [numbered(world, number) for number in range(3)], NOW)
    deliver_until_killed(office, database_url, "before_send:3")
    assert len(office.server.behaviour.taken) == 2
    office.time += LEASE
    assert office.deliver() == Delivered(sent=1)


def test_a_database_that_fails_is_not_the_letters_fault(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = office.queue("my_page")[0]

    def fails(*_: object) -> None:
        with reading(office.engine) as session:
            session.execute(text("SELECT nothing FROM nowhere"))

    monkeypatch.setattr(delivery, "compose", fails)
    with pytest.raises(Exception, match="nowhere"):
        office.deliver()
    assert office.message(message_id).state is MessageState.QUEUED
    monkeypatch.undo()
    assert office.deliver() == Delivered(sent=1)
