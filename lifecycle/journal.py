"""Writing the audit log: the only function that does, chained and hashed."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, event, insert, select, update
from sqlmodel import Session

from lifecycle.events import ENGINE, By, Event, EventKind
from models import Account, AuditHead, UserTask, metadata

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(values: Mapping[str, Any]) -> str:
    """SHA-256 of the values as canonical JSON."""
    return hashlib.sha256(_CANONICAL.encode(values).encode()).hexdigest()


def detail_digest(salt: str, detail: Mapping[str, Any]) -> str:
    """Salted hash of personal detail, so that a weeded detail cannot be guessed from the chain."""
    return digest_of({"salt": salt, "detail": detail})


def chained_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of an audit row is in its digest: everything but its own id and digest."""
    at: datetime = row["at"]
    return {
        "municipality": row["municipality_id"],
        "number": row["number"],
        "at": at.astimezone(UTC).isoformat(),
        "kind": str(row["kind"]),
        "via": row["via"],
        "account": row["account_id"],
        "task": row["task_id"],
        "actor": row["actor_id"],
        "on_behalf_of": row["on_behalf_of_id"],
        "clauses": list(row["clauses"]),
        "facts": dict(row["facts"]),
        "detail": row["detail_digest"],
        "previous": row["previous"],
    }


def journal_of(session: Session) -> list[Event]:
    """What has been recorded in this transaction and not yet been announced."""
    events: list[Event] = session.info.setdefault("journal", [])
    return events


def record(
    session: Session,
    kind: EventKind,
    now: datetime,
    *,
    account: Account | None = None,
    task: UserTask | None = None,
    municipality_id: int | None = None,
    by: By = ENGINE,
    facts: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
    clauses: Sequence[str] | None = None,
) -> Event:
    """Write what happened to the municipality's chain and leave it to be announced before the commit.

    `facts` are ids, codes and dates only; a person's words and names belong in `detail`.
    """
    owner = (
        municipality_id
        or (account.municipality_id if account else None)
        or (task.municipality_id if task else None)
    )
    if owner is None:
        raise ValueError("an event belongs to a municipality")
    cited = list(clauses if clauses is not None else [c["ref"] for c in task.clauses] if task else [])
    row: dict[str, Any] = {
        "municipality_id": owner,
        "at": now,
        "kind": kind.value,
        "via": by.via,
        "account_id": account.id if account else task.account_id if task else None,
        "task_id": task.id if task else None,
        "actor_id": by.person_id,
        "on_behalf_of_id": by.on_behalf_of_id,
        "clauses": cited,
        "facts": dict(facts or {}),
    }
    number = _append(session, row, dict(detail or {}))
    event = Event(
        kind=kind,
        at=now,
        municipality_id=owner,
        number=number,
        by=by,
        account_id=row["account_id"],
        task_id=row["task_id"],
        clauses=cited,
        facts=row["facts"],
        detail=dict(detail or {}),
    )
    journal_of(session).append(event)
    return event


# Prepared once and past the mapped classes: nothing is written as often as this.
_EVENTS, _HEADS = metadata.tables["audit_event"], metadata.tables["audit_head"]
_WRITE = insert(_EVENTS).returning(_EVENTS.c.id)
_DETAILS = metadata.tables["audit_detail"]
_DETAIL = insert(_DETAILS)
_RAISE = (
    update(_HEADS)
    .where(_HEADS.c.municipality_id == bindparam("of"))
    .values(number=_HEADS.c.number + 1)
    .returning(_HEADS.c.number, _HEADS.c.digest)
)
_KEEP = (
    update(_HEADS)
    .where(_HEADS.c.municipality_id == bindparam("of"))
    .values(number=bindparam("reached"), digest=bindparam("now"))
)


def _append(session: Session, row: dict[str, Any], detail: dict[str, Any]) -> int:
    session.flush()
    number, previous = _take_place(session, row["municipality_id"])
    salt = secrets.token_hex(16) if detail else ""
    row |= {
        "number": number,
        "previous": previous,
        "detail_digest": detail_digest(salt, detail) if detail else "",
    }
    row["digest"] = digest_of(chained_values(row))
    event_id = session.execute(_WRITE, row).scalar_one()
    if detail:
        session.execute(_DETAIL, {"event_id": event_id, "salt": salt, "detail": detail, "weeded_by_rule": ""})
    session.execute(_KEEP, {"of": row["municipality_id"], "reached": number, "now": row["digest"]})
    session.info[_ENDS][row["municipality_id"]] = (number, row["digest"])
    return number


_ENDS = "chain_ends"
"""Where a transaction has got to in each chain: nobody else writes to it before it has ended."""


@event.listens_for(Session, "after_soft_rollback")
def _forget_ends(session: Session, previous: Any) -> None:
    session.info.pop(_ENDS, None)


@event.listens_for(Session, "after_transaction_end")
def _let_others_write(session: Any, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_ENDS, None)


def _take_place(session: Session, municipality_id: int) -> tuple[int, str]:
    """Raise the chain's number first: a second writer of the same chain waits here."""
    heads: dict[int, tuple[int, str]] = session.info.setdefault(_ENDS, {})
    if municipality_id in heads:
        number, digest = heads[municipality_id]
        return number + 1, digest
    found = session.execute(_RAISE, {"of": municipality_id}).one_or_none()
    if found is None:
        session.execute(insert(_HEADS).values(municipality_id=municipality_id, number=0, digest=""))
        found = session.execute(_RAISE, {"of": municipality_id}).one()
    return int(found[0]), str(found[1])


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold, and how."""

    municipality_id: int
    number: int
    code: str
    """changed, missing, detail_changed, detail_missing or cut_off."""


@dataclass(frozen=True)
class Verdict:
    """What `verify` found."""

    events: int
    weeded: list[tuple[int, str, str]]
    """(number, rule, day) of details weeded by rule."""
    breaks: list[Break]
    last_digest: str


def verify(session: Session, municipality_id: int) -> Verdict:
    """Walk a municipality's chain from its beginning and name every place where it does not hold."""
    breaks: list[Break] = []
    weeded: list[tuple[int, str, str]] = []
    previous, expected, count = "", 1, 0
    events, details = _EVENTS.c, _DETAILS.c
    rows = session.execute(
        select(_EVENTS, *(column.label(f"detail_{column.name}") for column in details))
        .outerjoin(_DETAILS, details.event_id == events.id)
        .where(events.municipality_id == municipality_id)
        .order_by(events.number)
        .execution_options(yield_per=1000)
    )
    for row in map(dict, rows.mappings()):
        number = row["number"]
        count += 1
        if number != expected:
            breaks += [Break(municipality_id, lost, "missing") for lost in range(expected, number)]
        elif row["previous"] != previous or row["digest"] != digest_of(chained_values(row)):
            breaks.append(Break(municipality_id, number, "changed"))
        if code := _detail_break(row):
            breaks.append(Break(municipality_id, number, code))
        if row["detail_weeded_on"] is not None:
            weeded.append((number, row["detail_weeded_by_rule"], row["detail_weeded_on"].isoformat()))
        previous, expected = row["digest"], number + 1
    head = session.get(AuditHead, municipality_id, populate_existing=True)
    if (head.number if head else 0, head.digest if head else "") != (expected - 1, previous):
        breaks.append(Break(municipality_id, expected, "cut_off"))
    return Verdict(events=count, weeded=weeded, breaks=breaks, last_digest=previous)


def _detail_break(row: Mapping[str, Any]) -> str | None:
    """What is wrong with an event's detail; `detail_event_id` is None where there is none."""
    if not row["detail_digest"]:
        return "detail_changed" if row["detail_event_id"] is not None else None
    if row["detail_event_id"] is None:
        return "detail_missing"
    if row["detail_weeded_on"] is not None:
        return None
    digest = detail_digest(row["detail_salt"], row["detail_detail"] or {})
    return "detail_changed" if digest != row["detail_digest"] else None
