"""Queueing letters in the transaction of what they tell."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import Executable, Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from models import LinkKind, Message, MessageState, Person, metadata
from models.asking import built_once
from notifications.contexts import context_for
from notifications.registry import NOTICES, Goes, TaskLink

_ON_ACCOUNT = (LinkKind.DIGEST, LinkKind.DRAFT)


@dataclass(frozen=True)
class Order:
    """One letter to one recipient: a person, or an address where the notice allows it."""

    notice: str
    municipality_id: int
    dedupe_key: str
    context: Mapping[str, Any] = field(default_factory=dict)
    """May hold more than the notice is told; `contexts` names what is kept."""
    person_id: int | None = None
    email: str | None = None
    """Left out for a person: their own address is taken."""
    account_id: int | None = None
    task_id: int | None = None
    not_before: datetime | None = None
    id: str = field(default_factory=partial(secrets.token_hex, 16))
    """The letter's, when it is queued."""


def queue(
    session: Session,
    *,
    notice: str,
    municipality_id: int,
    now: datetime,
    dedupe_key: str,
    person_id: int | None = None,
    email: str | None = None,
    account_id: int | None = None,
    task_id: int | None = None,
    context: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
) -> str | None:
    """Queue one letter; its id, or None when the key has been queued before.

    Raises ValueError when the order is not one that the notice allows (`registry`, `contexts`).
    """
    order = Order(
        notice=notice,
        municipality_id=municipality_id,
        dedupe_key=dedupe_key,
        context=context or {},
        person_id=person_id,
        email=email,
        account_id=account_id,
        task_id=task_id,
        not_before=not_before,
    )
    return next(iter(queue_many(session, [order], now)), None)


def queue_many(session: Session, orders: Iterable[Order], now: datetime) -> list[str]:
    """Queue letters in bulk; the ids of those that were not queued before. Raises as `queue` does."""
    wanted = list({order.dedupe_key: order for order in orders}.values())
    for order in wanted:
        _demand_allowed(order)
    emails = _emails_of(session, [o.person_id for o in wanted if o.person_id is not None and o.email is None])
    rows = [_row(order, emails, now) for order in wanted]
    if not rows:
        return []
    session.flush()
    new: Any = session.execute(_insert_new(session.get_bind().dialect.name), rows)
    ids = [order.id for order in wanted]
    return ids if new.rowcount == len(ids) else list(session.execute(*_among(ids)).scalars())


@built_once
def _among(ids: Sequence[str]) -> Executable:
    return select(col(Message.id)).where(col(Message.id).in_(ids))


def _demand_allowed(order: Order) -> None:
    notice = NOTICES.get(order.notice)
    if notice is None:
        raise ValueError(f"no notice is called {order.notice}")
    if order.person_id is None and (order.email is None or notice.goes is Goes.PERSON):
        raise ValueError(f"{order.notice} goes to a person")
    if notice.link in _ON_ACCOUNT and order.account_id is None:
        raise ValueError(f"{order.notice} is about an account")
    if (notice.link is LinkKind.DECIDE or notice.link is LinkKind.CONSULT) and order.task_id is None:
        raise ValueError(f"{order.notice} is about a task")
    if isinstance(notice.link, TaskLink) and order.task_id is None and order.account_id is None:
        raise ValueError(f"{order.notice} is about a task, or an account's list")


def _emails_of(session: Session, person_ids: Sequence[int]) -> dict[int, str]:
    if not person_ids:
        return {}
    return dict(session.execute(*_addresses(list(person_ids))).all())


@built_once
def _addresses(ids: Sequence[int]) -> Executable:
    return select(col(Person.id), col(Person.email)).where(col(Person.id).in_(ids))


def _row(order: Order, emails: Mapping[int, str], now: datetime) -> dict[str, Any]:
    email = order.email or emails[order.person_id or 0]
    return {
        "id": order.id,
        "municipality_id": order.municipality_id,
        "notice": order.notice,
        "dedupe_key": order.dedupe_key,
        "person_id": order.person_id,
        "email": email,
        "account_id": order.account_id,
        "task_id": order.task_id,
        "context": context_for(order.notice, order.context),
        "queued_at": now,
        "not_before": order.not_before or now,
        "state": MessageState.QUEUED,
        "attempts": 0,
        "error": "",
    }


# Past the mapped class: in a morning there are as many as people.
_LETTERS = metadata.tables["message"]


@cache
def _insert_new(dialect: str) -> Insert:
    """Insert what has a new key, quietly leaving the rest, and count what was new.

    Which they were is asked only when not all were: to give the ids back takes longer than to insert them.
    """
    insert = sqlite.insert(_LETTERS) if dialect == "sqlite" else postgresql.insert(_LETTERS)
    new = insert.on_conflict_do_nothing(index_elements=["dedupe_key"])
    return new.execution_options(preserve_rowcount=True)
