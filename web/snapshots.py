"""The pictures of an account: listed on its page, and fetched as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlmodel import Session, col

from models import Account, Person, Snapshot
from notifications.enclosures import snapshot_name
from web.desk import desk_of, download
from web.subjects import account_subject
from web.turning import not_found
from web.visits import id_in

router = APIRouter()


@dataclass(frozen=True)
class SnapshotLine:
    """One picture, without its files."""

    id: int
    due_on: date
    taken_at: datetime
    by: str
    """Who handed it in; empty when a browser took it."""
    profile: str
    sha256: str
    faults: Sequence[str]


def snapshot_lines(session: Session, account: Account) -> list[SnapshotLine]:
    """An account's pictures, the newest first."""
    shown = (
        col(Snapshot.id),
        col(Snapshot.due_on),
        col(Snapshot.taken_at),
        col(Person.name),
        col(Snapshot.profile),
        col(Snapshot.sha256),
        col(Snapshot.faults),
    )
    rows = (
        select(*shown)
        .outerjoin(Person, col(Person.id) == col(Snapshot.by_id))
        .where(col(Snapshot.account_id) == account.id)
        .order_by(col(Snapshot.id).desc())
    )
    return [
        SnapshotLine(one, due_on, taken_at, by or "", profile, digest, faults)
        for one, due_on, taken_at, by, profile, digest, faults in session.execute(rows)
    ]


@router.get("/{slug}/mina/{link_id}/konto/{account_id}/bild/{snapshot_id}")
@router.get("/{slug}/mina/{link_id}/konto/{account_id}/bild/{snapshot_id}/original")
def fetch(request: Request) -> Response:
    """A picture as the archive has it, or the file that it was made of."""
    with desk_of(request).reads() as session:
        _, account = account_subject(session, request)
        snapshot = session.get(Snapshot, id_in(request, "snapshot_id"))
        if snapshot is None or snapshot.account_id != account.id:
            raise not_found()
        if request.url.path.endswith("/original"):
            return download(f"original-{snapshot.id}", snapshot.original or b"", snapshot.original_type)
        return download(snapshot_name(account, snapshot), snapshot.content, "application/pdf")
