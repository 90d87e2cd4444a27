"""What the running parts leave behind, so that others see whether they live."""

from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel


class RunLease(SQLModel, table=True):
    """A flow run that a worker is executing; provably dead when the lease has run out."""

    __tablename__ = "run_lease"

    flow_run_id: str = Field(primary_key=True, max_length=40)
    worker: str = Field(max_length=120)
    expires_at: AwareDatetime


class Heartbeat(SQLModel, table=True):
    """When a part of the installation last said that it is well."""

    __tablename__ = "heartbeat"

    part: str = Field(primary_key=True, max_length=60)
    at: AwareDatetime
