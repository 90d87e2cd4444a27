"""An installation in miniature, for tests of delivery: a database, a real mail server and a clock."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from models import (
    Link,
    Message,
)
from notifications import links
from notifications.delivery import Delivered, deliver_due
from notifications.examples import CASES
from notifications.examples.world import LETTERHEAD, NOW, World, build
from notifications.mail import MailPost, MailServer
from notifications.outbox import Order, queue_many
from runtime.database import reading, writing
from tests.notifications.mail_server import MailServerOnLoopback

MINUTE = timedelta(minutes=1)


class Office:
    """An installation: its database, its mail server, its clock."""

    def __init__(self, engine: Engine, server: MailServerOnLoopback) -> None:
        self.engine = engine
        self.server = server
        self.time = NOW
        self.post = MailPost(MailServer("127.0.0.1", server.port, "kanalvakt@example.org", "off"))

    def sessions(self) -> AbstractContextManager[Session]:
        return writing(self.engine)

    def now(self) -> datetime:
        return self.time

    def queue(self, *names: str) -> list[str]:
        """Letters of the cases, in one municipality each."""
        with writing(self.engine) as session:
            world = build(session)
            return queue_many(session, [CASES[name](world) for name in names], self.time)

    def orders(self, *orders: Order) -> list[str]:
        with writing(self.engine) as session:
            return queue_many(session, orders, self.time)

    def deliver(self, at_most: int = 100) -> Delivered:
        return deliver_due(self.sessions, self.post, LETTERHEAD, self.now, at_most)

    def message(self, message_id: str) -> Message:
        with reading(self.engine) as session:
            return session.get_one(Message, message_id)

    def links(self) -> list[Link]:
        with reading(self.engine) as session:
            return list(session.execute(select(Link).order_by(col(Link.id))).scalars())

    def change(self, sql: str, **values: Any) -> None:
        with writing(self.engine) as session:
            session.execute(text(sql), values)

    @property
    def tokens(self) -> list[str]:
        """The tokens that have arrived, in order."""
        bodies = [mail.get_body(("plain",)) for mail in self.server.behaviour.taken]
        return [
            token for body in bodies if body for token in re.findall(r"/l/([\w-]{43})", body.get_content())
        ]

    def standing(self, token: str) -> str:
        with reading(self.engine) as session:
            return links.find(session, token, self.time).standing


def numbered(world: World, number: int) -> Order:
    """A letter to an address of its own."""
    return Order("my_page", world.municipality_id, f"key {number}", email=f"nr{number}@example.org")


@pytest.fixture
def server() -> Iterator[MailServerOnLoopback]:
    with MailServerOnLoopback() as server:
        yield server


@pytest.fixture
def office(engine: Engine, server: MailServerOnLoopback) -> Iterator[Office]:
    office = Office(engine, server)
    yield office
    office.post.close()
