"""What the running parts leave behind, so that others see whether they live."""

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

_WAITS_SQL = sa.text("ended_at IS NULL")


class RunLease(SQLModel, table=True):
    """A flow run that a worker is executing; provably dead when the lease has run out."""

    __tablename__ = "run_lease"

    flow_run_id: str = Field(primary_key=True, max_length=40)
    worker: str = Field(max_length=120)
    expires_at: AwareDatetime


class Heartbeat(SQLModel, table=True):
    """When a part of the installation last said that it is well, or began what others leave alone."""

    __tablename__ = "heartbeat"

    part: str = Field(primary_key=True, max_length=60)
    at: AwareDatetime


class FormRun(SQLModel, table=True):
    """A form filled in at the desk: its act is done once, however often its flow run is executed."""

    __tablename__ = "form_run"
    __table_args__ = (
        sa.Index("ix_form_run_waits", "at", sqlite_where=_WAITS_SQL, postgresql_where=_WAITS_SQL),
    )

    flow_run_id: str = Field(primary_key=True, max_length=40)
    municipality_id: int = Field(foreign_key="municipality.id")
    at: AwareDatetime
    task_id: int | None = Field(default=None, foreign_key="user_task.id")
    """What must be confirmed before anything happens; empty for what was done at once."""
    woken_at: AwareDatetime | None = None
    """When the run was last told that there is something to see: the wake loop's claim."""
    ended_at: AwareDatetime | None = None
    """When there was nothing left for the run to wait for."""
