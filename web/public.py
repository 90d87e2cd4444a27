"""The municipality's public list of its accounts: what the policy makes public, and nothing else."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.law import law_in_force
from lifecycle.register import entry_of
from models import Account, AccountState, Municipality
from web.desk import desk_of
from web.visits import municipality_at

router = APIRouter()
_LISTED = (AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED)


@router.get("/{slug}/konton")
def public_list(request: Request, slug: str) -> HTMLResponse:
    """The accounts that are open, and those that have been closed."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        entries = public_entries(session, municipality, desk.now())
        return desk.show(
            "public_list.html",
            municipality=municipality,
            open=[one for one in entries if "until" not in one],
            closed=[one for one in entries if "until" in one],
        )


def public_entries(session: Session, municipality: Municipality, now: datetime) -> list[Mapping[str, str]]:
    """Each account's public facts, by platform and name."""
    law = law_in_force(session, municipality.id or 0, now)
    rows = select(Account).where(
        col(Account.municipality_id) == municipality.id, col(Account.state).in_(_LISTED)
    )
    accounts = session.execute(rows.order_by(col(Account.platform), col(Account.name))).scalars()
    entries = [entry_of(session, law, account, law.day_of(now)) for account in accounts]
    return [entry for entry in entries if entry is not None]
