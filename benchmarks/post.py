"""Delivery of many different letters: rendered, linked and marked, beside the same letters ready-made."""

from collections.abc import Iterator

from sqlalchemy import Engine, func, select
from sqlmodel import col

from acts import watching
from acts.rounds import go_round
from benchmarks.databases import Filled, filled
from benchmarks.mail_server import mail_server
from benchmarks.peers import send_by_apprise
from benchmarks.ready_made import Keeping, ReadyMade, send_by_smtplib
from benchmarks.town import MORNING, Size, fill
from benchmarks.works import Way, Work, ahead, timed, within
from flows.deliver_outbox import letterhead_of
from models import Message, MessageState
from notifications.delivery import deliver_due
from notifications.mail import MailPost, MailServer
from notifications.post import Post
from runtime.database import reading, writing

LETTERS = 1000
TO_APPRISE = 100
TIMES = 3
LETTERHEAD = letterhead_of("https://kanalvakt.example.org")
REMARK = (
    "Morning letters with links, as the round queues them. The mail server is a process of its own, and part"
    " of every way. Ours writes ten letters in a transaction, and makes a durable commit for each that has"
    " left, so that at most one comes twice after a kill. Half of its time are eight short statements a"
    " letter, a quarter is the standard library's, which builds the mail. Next idea: to read ten"
    " recipients, and what they still have to answer, at once."
)


def measure(letters: int = LETTERS, to_apprise: int = TO_APPRISE, times: int = TIMES) -> Iterator[Work]:
    """The letters of one morning, on SQLite."""
    with filled("sqlite", lambda engine: _queue(engine, letters)) as full, mail_server() as port:
        ready = _ready_made(full)
        few = ready[:to_apprise]
        send_by_smtplib(few, port)
        send_by_apprise(few[:1], port)
        ours, limit, stock = [], [], []
        for _ in range(times):
            ours.append(_seconds_of_ours(full, port))
            limit.append(timed(lambda: send_by_smtplib(ready, port)))
            stock.append(timed(lambda: send_by_apprise(few, port)))
    yield _work(
        Way("Kanalvakt", len(ready), tuple(ours)),
        Way("smtplib, one connection, ready-made texts", len(ready), tuple(limit)),
        Way("stock apprise", len(few), tuple(stock)),
    )


def rehearse() -> Iterator[Work]:
    """With hardly anything."""
    yield from measure(letters=6, to_apprise=2, times=1)


def _work(ours: Way, limit: Way, stock: Way) -> Work:
    return Work(
        name="Delivery of letters",
        where=f"{ours.items:,} different letters, SQLite",
        ways=(ours, limit, stock),
        goals=(
            within(2.5, ours, limit),
            ahead(4, ours, stock),
        ),
        remark=REMARK,
    )


def _queue(engine: Engine, letters: int) -> None:
    """A morning on which everybody has a letter of their own."""
    fill(engine, Size(letters))
    for one in (watching.ASK, watching.TELL):
        assert not go_round(engine, one, MORNING).failures


def _ready_made(full: Filled) -> list[ReadyMade]:
    keeping = Keeping()
    with full.copy() as engine:
        _deliver(engine, keeping)
    return keeping.letters


def _seconds_of_ours(full: Filled, port: int) -> float:
    post = MailPost(MailServer("127.0.0.1", port, "kanalvakt@example.org", "off"))
    with full.copy() as engine:
        seconds = timed(lambda: _deliver(engine, post))
        with reading(engine) as session:
            left = select(func.count()).where(col(Message.state) != MessageState.SENT)
            assert session.execute(left).scalar_one() == 0
    post.close()
    return seconds


def _deliver(engine: Engine, post: Post) -> None:
    """As the worker's loop does, turn after turn, until nothing is due."""
    while deliver_due(lambda: writing(engine), post, LETTERHEAD, lambda: MORNING).sent:
        pass
