"""The link contract (REQUIREMENTS 4.1): a token stands in the letter alone, and only its SHA-256 is kept.

Opening a link, however often and by whomever, changes nothing. An answer is posted; the act that takes it
marks the link used and kills all links about the same thing, in the transaction of the answer.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import CursorResult, Update, bindparam, insert, select, update
from sqlmodel import Session, col

from models import Link, LinkKind, metadata

Standing = Literal["live", "expired", "dead", "unknown"]

DIGEST_DAYS = 3
"""Working days that a link to several tasks lives."""
DRAFT_DAYS = 60
ADDRESS_MINUTES = 30
VISIT_HOURS = 12
"""How long a visit to one's own pages lasts at most, however busy one is: a working day."""
TRUTH_DAYS = 30
"""How long a dead link says what became of it."""

_ONE_ANSWER = (
    LinkKind.DECIDE,
    LinkKind.CONSULT,
    LinkKind.CONFIRM_ACT,
    LinkKind.CONFIRM_ADDRESS,
    LinkKind.MY_PAGE,
)
_ADDRESS = (LinkKind.CONFIRM_ADDRESS, LinkKind.MY_PAGE)


@dataclass(frozen=True)
class FoundLink:
    """What a token leads to. `link` is None when it is unknown, or dead for longer than the truth is told."""

    link: Link | None
    standing: Standing


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode()).hexdigest()


def expires_at(
    kind: LinkKind,
    now: datetime,
    link_days: int,
    *,
    digest_until: datetime | None = None,
    draft_days: int = DRAFT_DAYS,
) -> datetime:
    """When a link minted now expires. `digest_until` is the end of the third working day, for a digest."""
    if kind in _ADDRESS:
        return now + timedelta(minutes=ADDRESS_MINUTES)
    if kind is LinkKind.DRAFT:
        return now + timedelta(days=draft_days)
    if kind not in (LinkKind.DIGEST, LinkKind.MORNING):
        return now + timedelta(days=link_days)
    if digest_until is None:
        raise ValueError("a digest's link lives until a working day that the caller knows")
    return digest_until


def mint(
    session: Session,
    *,
    kind: LinkKind,
    municipality_id: int,
    email: str,
    now: datetime,
    until: datetime,
    person_id: int | None = None,
    task_id: int | None = None,
    account_id: int | None = None,
    message_id: str | None = None,
    plan_version: int = 0,
) -> str:
    """A new token, bound as given, living `until` (`expires_at`). Commit it before a letter takes it away."""
    token = secrets.token_urlsafe(32)
    row = {
        "municipality_id": municipality_id,
        "token_sha256": hash_of(token),
        "kind": kind,
        "person_id": person_id,
        "email": email,
        "task_id": task_id,
        "account_id": account_id,
        "message_id": message_id,
        "plan_version": plan_version,
        "minted_at": now,
        "expires_at": until,
        "dead_why": "",
    }
    session.execute(_MINT, row)
    return token


# Past the mapped class: each letter has one.
_MINT = insert(metadata.tables["link"])


def find(session: Session, token: str, now: datetime) -> FoundLink:
    """Where a token stands. Changes nothing."""
    link = session.execute(select(Link).where(col(Link.token_sha256) == hash_of(token))).scalar_one_or_none()
    return standing_of(link, now)


def standing_of(link: Link | None, now: datetime) -> FoundLink:
    """Where a link stands.

    A link whose matter goes on stays `expired`: its page can offer a fresh letter to the same address.
    """
    if link is None:
        return FoundLink(None, "unknown")
    if link.dead_at is not None:
        told = now < link.dead_at + timedelta(days=TRUTH_DAYS)
        return FoundLink(link, "dead") if told else FoundLink(None, "unknown")
    return FoundLink(link, "live" if now < link.expires_at else "expired")


def mark_used(session: Session, link: Link, now: datetime) -> bool:
    """Note that an answer was posted through a live link; False if it may not be used (any more).

    A link with one answer is then dead. Several through a draft's or a digest's link are as it should be.
    """
    once = link.kind in _ONE_ANSWER
    live = (col(Link.id) == link.id, col(Link.dead_at).is_(None), col(Link.expires_at) > now)
    values = {"used_at": now} | ({"dead_at": now, "dead_why": "answered"} if once else {})
    used = session.execute(update(Link).where(*live).values(values))
    return _rows(used) == 1


def kill(
    session: Session,
    *,
    now: datetime,
    why: str,
    task_id: int | None = None,
    account_id: int | None = None,
    kind: LinkKind | None = None,
    person_id: int | None = None,
    except_link_id: int | None = None,
    except_message_id: str | None = None,
) -> int:
    """End all links about one thing at once, and say how many; those already dead keep their reason.

    Raises ValueError when neither a task, an account nor a person is named: that would end them all.
    """
    if task_id is None and account_id is None and person_id is None:
        raise ValueError("say whose links, or about what")
    named = {"task_id": task_id, "account_id": account_id, "kind": kind, "person_id": person_id}
    excepted = {"except_link_id": except_link_id, "except_message_id": except_message_id}
    given = {name: value for name, value in (named | excepted).items() if value is not None}
    values = {f"given_{name}": value for name, value in given.items()}
    return _rows(session.execute(_dying(tuple(given)), values | {"at": now, "because": why}))


@cache
def _dying(given: tuple[str, ...]) -> Update:
    """The statement for what is named: built once, as each answer kills links."""
    dying = update(Link).where(col(Link.dead_at).is_(None))
    for name in given:
        value: Any = bindparam(f"given_{name}")
        if name == "except_link_id":
            dying = dying.where(col(Link.id) != value)
        elif name == "except_message_id":
            dying = dying.where(col(Link.message_id).is_distinct_from(value))
        else:
            dying = dying.where(getattr(Link, name) == value)
    dying = dying.values(dead_at=bindparam("at"), dead_why=bindparam("because"))
    return dying.execution_options(synchronize_session="fetch")


def extend_drafts(session: Session, account_id: int, now: datetime, draft_days: int = DRAFT_DAYS) -> None:
    """A draft's links that still live do so for their whole time again, since the draft was changed."""
    session.execute(
        update(Link)
        .where(
            col(Link.account_id) == account_id,
            col(Link.kind) == LinkKind.DRAFT,
            col(Link.dead_at).is_(None),
            col(Link.expires_at) > now,
        )
        .values(expires_at=now + timedelta(days=draft_days))
    )


def _rows(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
