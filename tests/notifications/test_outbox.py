"""Queueing: once for each key, and only what the notice allows."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from models import Message, MessageState
from notifications.examples.world import NOW, World, build
from notifications.outbox import Order, queue, queue_many
from runtime.database import reading, writing


def order(world: World, key: str, **values: object) -> Order:
    given = {"notice": "draft_link", "person_id": world.sara.id, "account_id": world.account_id} | values
    return Order(municipality_id=world.municipality_id, dedupe_key=key, **given)  # type: ignore[arg-type]


def messages(session: Session) -> list[Message]:
    return list(session.execute(select(Message).order_by(col(Message.dedupe_key))).scalars())


def test_a_letter_is_queued_to_the_persons_own_address(engine: Engine) -> None:
    later = NOW + timedelta(hours=1)
    with writing(engine) as session:
        world = build(session)
        message_id = queue(
            session,
            notice="reminder",
            municipality_id=world.municipality_id,
            now=NOW,
            dedupe_key="k",
            person_id=world.per.id,
            account_id=world.account_id,
            context={"number": 1},
            not_before=later,
        )
    with reading(engine) as session:
        message = session.get_one(Message, message_id)
    assert message_id is not None and len(message_id) == 32
    assert (message.email, message.state) == ("per@example.org", MessageState.QUEUED)
    assert (message.queued_at, message.not_before, message.attempts) == (NOW, later, 0)


def test_the_same_key_is_queued_once(engine: Engine) -> None:
    with writing(engine) as session:
        world = build(session)
        assert len(queue_many(session, [order(world, "a"), order(world, "b")], NOW)) == 2
    with writing(engine) as session:
        assert queue_many(session, [order(world, "b")], NOW) == []
        assert len(queue_many(session, [order(world, "b"), order(world, "c"), order(world, "c")], NOW)) == 1
    with reading(engine) as session:
        assert [message.dedupe_key for message in messages(session)] == ["a", "b", "c"]


def test_a_letter_is_not_queued_when_its_news_did_not_happen(engine: Engine) -> None:
    with writing(engine) as session:
        world = build(session)
    with pytest.raises(LookupError), writing(engine) as session:
        queue_many(session, [order(world, "a")], NOW)
        raise LookupError
    with reading(engine) as session:
        assert messages(session) == []


def test_many_are_queued_in_few_statements(engine: Engine) -> None:
    with writing(engine) as session:
        world = build(session)
        orders = [order(world, f"k{number}") for number in range(1234)]
        assert len(queue_many(session, orders, NOW)) == 1234
        assert session.execute(select(func.count()).select_from(Message)).scalar_one() == 1234


def test_only_what_the_table_names_is_kept(engine: Engine) -> None:
    given = {"number": 2, "holders": [1, 2], "token": "secret", "process": "opening"}
    with writing(engine) as session:
        world = build(session)
        queue_many(session, [order(world, "a", notice="reminder", context=given)], NOW)
        assert messages(session)[0].context == {"number": 2}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"notice": "greeting"}, "no notice"),
        ({"notice": "reminder"}, "needs number"),
        ({"person_id": None}, "goes to a person"),
        ({"person_id": None, "email": "kommunikation@example.org"}, "goes to a person"),
        ({"notice": "informed", "person_id": None}, "goes to a person"),
        ({"account_id": None}, "about an account"),
        ({"notice": "decision_asked"}, "about a task"),
        ({"notice": "handed_over", "account_id": None}, "about a task"),
    ],
)
def test_what_the_notice_does_not_allow_is_refused(
    engine: Engine, wrong: dict[str, object], says: str
) -> None:
    with writing(engine) as session:
        world = build(session)
        with pytest.raises(ValueError, match=says):
            queue_many(session, [order(world, "a", **wrong)], NOW)
        assert messages(session) == []


def test_a_shared_mailbox_gets_what_goes_to_anyone(engine: Engine) -> None:
    to = "kommunikation@example.org"
    with writing(engine) as session:
        world = build(session)
        assert queue_many(session, [order(world, "a", notice="closing_begun", person_id=None, email=to)], NOW)
        assert messages(session)[0].email == to
