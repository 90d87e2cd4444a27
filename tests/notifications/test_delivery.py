"""Delivering the outbox to a real mail server: what leaves, in which order, and what is not needed."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from models import (
    AccountState,
    MessageState,
    TaskKind,
)
from notifications.delivery import Delivered
from notifications.examples import CASES
from notifications.examples import order as ordered
from notifications.examples.world import NOW, build, known
from notifications.outbox import Order, queue_many
from runtime.database import reading, writing
from tests.notifications.office import MINUTE, Office, numbered


def test_what_is_due_is_sent_and_marked(office: Office) -> None:
    message_id = office.queue("decision_asked")[0]
    office.time += MINUTE
    assert office.deliver() == Delivered(sent=1)
    mail, message = office.server.behaviour.taken[0], office.message(message_id)
    assert mail["Message-ID"] == f"<{message_id}@example.org>"
    assert (message.state, message.sent_at, message.claimed_until) == (MessageState.SENT, office.time, None)
    assert (message.attempts, message.error) == (1, "")
    assert office.deliver() == Delivered()


def test_the_link_that_arrives_works_and_no_row_holds_its_token(office: Office) -> None:
    office.queue("decision_asked")
    office.deliver()
    (token,) = office.tokens
    assert office.standing(token) == "live"
    (link,) = office.links()
    assert (link.person_id, link.email) == (known(link.person_id), "per@example.org")
    assert link.task_id is not None and link.plan_version == 1
    with reading(office.engine) as session:
        rows = [
            row for table in ("message", "link") for row in session.execute(text(f"SELECT * FROM {table}"))
        ]
    assert token not in str(rows)


def test_the_link_is_committed_before_the_letter_leaves(office: Office) -> None:
    """The database is asked by another connection in the moment the server takes the letter."""
    seen: list[str] = []
    office.server.behaviour.on_taken = lambda: seen.append(office.standing(office.tokens[-1]))
    office.queue("decision_asked")
    office.deliver()
    assert seen == ["live"]


def test_a_letter_waits_for_its_time(office: Office) -> None:
    with writing(office.engine) as session:
        order = CASES["draft_reminder"](build(session))
        later = Order(**{**vars(order), "not_before": NOW + timedelta(hours=1)})
        queue_many(session, [later], NOW)
    assert office.deliver() == Delivered()
    office.time += timedelta(hours=1)
    assert office.deliver() == Delivered(sent=1)


def test_the_oldest_are_sent_first_and_no_more_than_asked_for(office: Office) -> None:
    with writing(office.engine) as session:
        world = build(session)
        orders = [numbered(world, number) for number in range(5)]
    for order in reversed(orders):
        office.orders(order)
        office.time += MINUTE
    assert office.deliver(at_most=3) == Delivered(sent=3)
    assert office.server.behaviour.recipients == [f"nr{number}@example.org" for number in (4, 3, 2)]


def test_what_follows_from_a_click_waits_for_no_morning_letters(office: Office) -> None:
    """It is sent at once, any day (REQUIREMENTS 3), although a morning may have thousands."""
    with writing(office.engine) as session:
        world = build(session)
        [morning] = queue_many(session, [CASES["morning"](world)], office.time)
        asks = CASES["decision_asked"](world)
    office.time += MINUTE
    [asked] = office.orders(asks)
    office.deliver(at_most=1)
    states = [office.message(one).state for one in (asked, morning)]
    assert states == [MessageState.SENT, MessageState.QUEUED]


@pytest.mark.parametrize("name", ["decision_asked", "handed_over", "reminder", "escalated", "fresh_link"])
def test_nobody_is_asked_about_what_is_done(office: Office, name: str) -> None:
    message_id = office.queue(name)[0]
    office.change("UPDATE user_task SET state = 'done'")
    assert office.deliver() == Delivered(not_needed=1)
    assert office.message(message_id).state is MessageState.NOT_NEEDED
    assert (office.links(), office.server.behaviour.taken) == ([], [])


@pytest.mark.parametrize("name", ["checklist", "checklist_reminder", "fresh_link-list"])
def test_nobody_is_sent_an_empty_list(office: Office, name: str) -> None:
    office.queue(name)
    office.change("UPDATE user_task SET state = 'done'")
    assert office.deliver() == Delivered(not_needed=1)


def test_nobody_is_asked_about_what_has_been_given_to_another(office: Office) -> None:
    office.queue("decision_asked")
    office.change(
        "UPDATE task_holder SET person_id = (SELECT id FROM person WHERE email = 'karin@example.org')"
    )
    assert office.deliver() == Delivered(not_needed=1)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("application_declined", AccountState.DECIDING),
        ("application_approved", AccountState.DECIDING),
        ("application_lapsed", AccountState.SETTING_UP),
        ("changes_asked", AccountState.DECIDING),
        ("draft_reminder", AccountState.DECIDING),
        ("plan_received", AccountState.WITHDRAWN),
        ("account_active", AccountState.CLOSED),
    ],
)
def test_nobody_is_told_what_is_no_longer_so(office: Office, name: str, state: AccountState) -> None:
    office.queue(name)
    office.change("UPDATE account SET state = :state", state=state.value)
    assert office.deliver() == Delivered(not_needed=1)


def test_an_account_that_is_red_no_more_is_not_told_of(office: Office) -> None:
    office.queue("stands_red")
    office.change("UPDATE account SET red_reason = ''")
    assert office.deliver() == Delivered(not_needed=1)


def test_a_person_is_written_to_at_the_address_they_have_now(office: Office) -> None:
    message_id = office.queue("decision_asked")[0]
    office.change("UPDATE person SET email = 'per.holm@example.org' WHERE email = 'per@example.org'")
    office.deliver()
    assert office.server.behaviour.recipients == ["per.holm@example.org"]
    assert office.message(message_id).email == "per.holm@example.org"
    assert office.links()[0].email == "per.holm@example.org"


def test_a_newer_list_ends_the_older_one_when_it_has_been_sent(office: Office) -> None:
    with writing(office.engine) as session:
        world = build(session)
        queue_many(session, [CASES["checklist"](world)], NOW)
    office.deliver()
    with writing(office.engine) as session:
        queue_many(session, [ordered(world, "checklist_reminder", world.sara, number=1)], NOW)
    office.server.behaviour.data = ["451 later"]
    office.deliver()
    assert office.standing(office.tokens[0]) == "live"
    office.time += MINUTE
    office.deliver()
    assert [office.standing(token) for token in office.tokens] == ["dead", "live"]


def test_two_members_of_a_group_get_a_letter_each(office: Office) -> None:
    with writing(office.engine) as session:
        world = build(session)
        task = world.task(TaskKind.DECIDE, [world.amina, world.olle], role="communications")
        orders = [
            Order(
                "decision_asked",
                world.municipality_id,
                f"{person.id}",
                person_id=person.id,
                account_id=world.account_id,
                task_id=task.id,
            )
            for person in (world.amina, world.olle)
        ]
        queue_many(session, orders, NOW)
    assert office.deliver() == Delivered(sent=2)
    assert len(set(office.tokens)) == 2
    assert len({link.person_id for link in office.links()}) == 2
