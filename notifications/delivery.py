"""Delivering the outbox: the one dangerous procedure, since a mail that has left cannot be called back.

For the letters that are due, some at a time:

1. Claim each: a conditional update that only one deliverer can win, with a short lease (`claimed_until`).
2. In the same transaction ask once more whether it is needed, write it, and mint its link. A letter that is
   not needed any more ends here, and so does one that cannot be written, visibly.
3. Commit. Only now does the database know the links, so only now may the letters leave.

And then one after another:

4. Send it, outside any transaction.
5. Mark it sent, in a transaction of its own, if the claim still stands.

Killed between 3 and 4, nothing has left: when the lease has run out the letter is written anew, with a new
link, and the link that nobody got dies with its matter. Killed between 4 and 5, it has left and nobody knows:
that one is sent once more, a twin with the same Message-ID and a link of its own. Both links work, and both
die together. A letter may come twice, then; it is never lost in silence.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Executable, Update, and_, bindparam, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from models import MAY_LEAVE, LinkKind, Message, MessageState
from models.asking import built_once
from models.seams import seam
from notifications import links
from notifications.letters import Letter, Letterhead, compose
from notifications.needs import is_needed
from notifications.post import NotSent, Post, RefusedForGood, Unreachable
from notifications.registry import NOTICES
from notifications.waiting_mornings import take_up_waiting

logger = logging.getLogger(__name__)

Sessions = Callable[[], AbstractContextManager[Session]]
"""Begins a transaction that is committed at its end, or rolled back."""

LEASE = timedelta(minutes=3)
"""Longer than the slowest server may take for one letter, after `_STAYS_TRUE`."""
_STAYS_TRUE = timedelta(minutes=1)
"""What was written longer ago than that is written anew: meanwhile it may have been answered."""
_TOGETHER = 10
"""How many are written in one transaction, once the server has been seen to take one."""
_FIRST_DELAYS = (1, 5, 15)
_LATER_DELAY = 60
"""Minutes between attempts."""
GIVE_UP_AFTER = timedelta(days=3)
MORNING = "morning"
AT_MOST = 20
"""Letters a turn: what is queued meanwhile is due at the next, and may come before what is left."""


@dataclass(frozen=True)
class Delivered:
    """What became of the letters that were due."""

    sent: int = 0
    failed: int = 0
    postponed: int = 0
    not_needed: int = 0


class _End(StrEnum):
    """What became of one letter: the name of its count, or `taken` by another deliverer."""

    SENT = "sent"
    FAILED = "failed"
    POSTPONED = "postponed"
    NOT_NEEDED = "not_needed"
    TAKEN = "taken"


@dataclass(frozen=True)
class _Claim:
    """A letter in our hands until the lease runs out."""

    message: Message
    until: datetime


_Written = tuple[_Claim, Letter]


def deliver_due(
    sessions: Sessions,
    post: Post,
    letterhead: Letterhead,
    now: Callable[[], datetime],
    at_most: int = AT_MOST,
) -> Delivered:
    """Deliver what is due; stops early when no letter can be sent at all.

    Oldest first, and morning letters last: somebody who has clicked waits for no thousand of them.

    Raises only what the database raises: the letters not yet delivered are due again when it is back.
    """
    ends: Counter[str] = Counter()
    for together in _some_at_a_time(_due(sessions, now(), at_most)):
        written = _claim_and_write(sessions, letterhead, now(), together)
        ends.update(end for end in written if isinstance(end, _End))
        letters = [one for one in written if not isinstance(one, _End)]
        sent, is_away = _send(sessions, post, letters, now)
        ends.update(sent)
        if is_away:
            break
    return Delivered(**{one.name: ends[one.name] for one in fields(Delivered)})


def _some_at_a_time(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The first alone: when the server is away, no more than one has been written in vain."""
    if ids:
        yield ids[:1]
    for begin in range(1, len(ids), _TOGETHER):
        yield ids[begin : begin + _TOGETHER]


def delay_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts; None when they have gone on long enough."""
    tried = sum(_delays(attempts), timedelta())
    return None if tried > GIVE_UP_AFTER else _delays(attempts)[-1]


def _delays(attempts: int) -> list[timedelta]:
    minutes = [*_FIRST_DELAYS, *[_LATER_DELAY] * attempts][:attempts]
    return [timedelta(minutes=one) for one in minutes]


def anything_due(session: Session, now: datetime) -> bool:
    """Whether there is a letter to deliver: asked often, so by one who only reads, and hinders no writer."""
    return session.execute(*_first_due(now)).first() is not None


@built_once
def _first_due(now: datetime) -> Executable:
    return select(col(Message.id)).where(claimable(now)).limit(1)


def _due(sessions: Sessions, now: datetime, at_most: int) -> list[str]:
    rows = (
        select(col(Message.id))
        .where(claimable(now))
        .order_by(col(Message.notice) == MORNING, col(Message.not_before))
        .order_by(col(Message.queued_at), col(Message.id))
        .limit(at_most)
    )
    with sessions() as session:
        return list(session.execute(rows).scalars())


def claimable(now: datetime) -> ColumnElement[bool]:
    """Due, and in nobody's hands: a claim that ran out belongs to nobody."""
    state = col(Message.state)
    abandoned = and_(state == MessageState.SENDING, col(Message.claimed_until) <= now)
    return and_(MAY_LEAVE, or_(state == MessageState.QUEUED, abandoned), col(Message.not_before) <= now)


def _send(
    sessions: Sessions, post: Post, letters: Sequence[_Written], now: Callable[[], datetime]
) -> tuple[list[_End], bool]:
    """What became of some letters, and whether there is no use in going on."""
    ends: list[_End] = []
    for number, (claim, letter) in enumerate(letters):
        if now() > claim.until - LEASE + _STAYS_TRUE:
            _give_back(sessions, letters[number:])
            break
        end, is_away = _send_one(sessions, post, claim, letter, now)
        ends.append(end)
        if is_away:
            _give_back(sessions, letters[number + 1 :])
            return ends, True
    return ends, False


def _send_one(
    sessions: Sessions, post: Post, claim: _Claim, letter: Letter, now: Callable[[], datetime]
) -> tuple[_End, bool]:
    """What became of one letter, and whether the server is away."""
    seam("before_send")
    try:
        post.send(letter)
    except NotSent as why:
        return _not_sent(sessions, claim, why, now()), isinstance(why, Unreachable)
    except Exception as why:
        logger.exception("Message %s cannot be sent.", claim.message.id)
        return _failed(sessions, claim, why), False
    seam("after_send")
    return _sent(sessions, claim, now()), False


def _give_back(sessions: Sessions, letters: Sequence[_Written]) -> None:
    """Letters that have been written and not sent are due again at once."""
    if letters:
        with sessions() as session:
            for claim, _ in letters:
                _settle(session, claim, state=MessageState.QUEUED, attempts=claim.message.attempts - 1)


def _claim_and_write(
    sessions: Sessions, letterhead: Letterhead, now: datetime, message_ids: Sequence[str]
) -> list[_Written | _End]:
    """Steps 1 to 3; of each what became of it when it is not to be sent.

    When one cannot be written nothing has been done, and each is written for itself.
    """
    try:
        with sessions() as session:
            return [_write(session, letterhead, now, one) for one in message_ids]
    except DBAPIError:
        raise
    except Exception as error:
        why = error
    if len(message_ids) > 1:
        return [end for one in message_ids for end in _claim_and_write(sessions, letterhead, now, [one])]
    logger.error("Message %s cannot be written.", message_ids[0], exc_info=why)
    return [_cannot_write(sessions, message_ids[0], now, why)]


def _write(session: Session, letterhead: Letterhead, now: datetime, message_id: str) -> _Written | _End:
    claim = _claim(session, message_id, now)
    if claim is None:
        return _End.TAKEN
    message = claim.message
    # Asked first: if the day's own letters are written by then, they are among those taken up.
    leaves_at = _leaves_at(session, letterhead, message, now)
    if message.notice == MORNING:
        take_up_waiting(session, message)
    if not is_needed(session, message):
        _settle(session, claim, state=MessageState.NOT_NEEDED)
        return _End.NOT_NEEDED
    if leaves_at > now:
        _settle(
            session,
            claim,
            state=MessageState.QUEUED,
            not_before=leaves_at,
            attempts=message.attempts - 1,
        )
        return _End.POSTPONED
    letter = compose(session, message, letterhead, now)
    message.email = letter.to
    return claim, letter


def _leaves_at(session: Session, letterhead: Letterhead, message: Message, now: datetime) -> datetime:
    """When it may leave: what the clock has brought about waits for its hours (REQUIREMENTS 3)."""
    if not NOTICES[message.notice].by_clock:
        return now
    of_day = date.fromisoformat(message.context["on"]) if message.notice == MORNING else None
    return letterhead.leaves_at(session, message.municipality_id, of_day, now)


def _claim(session: Session, message_id: str, now: datetime) -> _Claim | None:
    """Take the letter, unless another deliverer was faster."""
    until = now + LEASE
    message = session.execute(*_taking(message_id, now, until)).scalar_one_or_none()
    return None if message is None else _Claim(message, until)


@built_once
def _taking(message_id: str, now: datetime, until: datetime) -> Executable:
    # One that another deliverer has in hand is passed by: they do not wait for each other.
    free = select(col(Message.id)).where(col(Message.id) == message_id, claimable(now))
    taken = update(Message).where(col(Message.id).in_(free.with_for_update(skip_locked=True)))
    taken = taken.values(state=MessageState.SENDING, claimed_until=until, attempts=col(Message.attempts) + 1)
    return taken.returning(Message).execution_options(synchronize_session=False, populate_existing=True)


def _sent(sessions: Sessions, claim: _Claim, now: datetime) -> _End:
    """Step 5. A person's older lists of the same account end with the newer one."""
    with sessions() as session:
        if not _settle(session, claim, state=MessageState.SENT, sent_at=now, error=""):
            return _End.TAKEN
        message = claim.message
        if (kind := NOTICES[message.notice].link) in (LinkKind.DIGEST, LinkKind.MORNING):
            links.kill(
                session,
                now=now,
                why="replaced",
                kind=LinkKind(kind or ""),
                account_id=message.account_id,
                person_id=message.person_id,
                except_message_id=message.id,
            )
    return _End.SENT


def _not_sent(sessions: Sessions, claim: _Claim, why: NotSent, now: datetime) -> _End:
    delay = delay_after(claim.message.attempts)
    if isinstance(why, RefusedForGood) or delay is None:
        return _failed(sessions, claim, why)
    if isinstance(why, Unreachable):
        logger.warning("E-postservern tar inte emot brev just nu (%s). Breven går iväg när den gör det.", why)
    with sessions() as session:
        again = {"state": MessageState.QUEUED, "not_before": now + delay, "error": str(why)[:500]}
        return _End.POSTPONED if _settle(session, claim, **again) else _End.TAKEN


def _failed(sessions: Sessions, claim: _Claim, why: Exception) -> _End:
    with sessions() as session:
        settled = _settle(session, claim, state=MessageState.FAILED, error=_said(why))
    return _End.FAILED if settled else _End.TAKEN


def _cannot_write(sessions: Sessions, message_id: str, now: datetime, why: Exception) -> _End:
    """The claim was undone with all else: the letter ends as failed, unless it has been taken since."""
    with sessions() as session:
        claim = _claim(session, message_id, now)
        if claim is None:
            return _End.TAKEN
        _settle(session, claim, state=MessageState.FAILED, error=_said(why))
    return _End.FAILED


def _said(why: Exception) -> str:
    return (str(why) if isinstance(why, NotSent) else f"{type(why).__name__}: {why}")[:500]


def _settle(session: Session, claim: _Claim, **values: object) -> bool:
    """Write what became of a claimed letter; False when the claim ran out and another has taken it."""
    ours = {"claimed": claim.message.id, "claimed_to": claim.until}
    given = {f"to_{name}": value for name, value in values.items()}
    settled = session.execute(_settling(tuple(values)), ours | given)
    assert isinstance(settled, CursorResult)
    return settled.rowcount == 1


@cache
def _settling(names: tuple[str, ...]) -> Update:
    """The statement that writes these values, built once: each letter is settled."""
    ours = update(Message).where(
        col(Message.id) == bindparam("claimed"),
        col(Message.state) == MessageState.SENDING,
        col(Message.claimed_until) == bindparam("claimed_to"),
    )
    given: dict[str, Any] = {name: bindparam(f"to_{name}") for name in names}
    return ours.values(claimed_until=None, **given).execution_options(synchronize_session=False)
