"""A database that was put back: Prefect has to be looked through once for runs that it does not know."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Engine, delete, select
from sqlmodel import col

from models import Account, FormRun, Heartbeat
from runtime.database import reading, writing

RESTORED_PART = "restored"
"""The sign that a copy was put back and Prefect has not been looked through since."""


def restored_at(engine: Engine) -> datetime | None:
    """When the database was put back, while that is still to be followed up."""
    with reading(engine) as session:
        beat = session.get(Heartbeat, RESTORED_PART)
        return beat.at if beat else None


def unknown_runs(engine: Engine, flow_run_ids: Collection[str]) -> list[str]:
    """Which of some flow runs are no account's and no form's."""
    with reading(engine) as session:
        known = set(session.execute(select(col(Account.flow_run_id))).scalars())
        known |= set(session.execute(select(col(FormRun.flow_run_id))).scalars())
    return [one for one in flow_run_ids if one not in known]


def followed_up(engine: Engine, at: datetime) -> None:
    """Prefect has been looked through since the database was put back."""
    with writing(engine) as session:
        session.execute(
            delete(Heartbeat).where(col(Heartbeat.part) == RESTORED_PART, col(Heartbeat.at) == at)
        )
