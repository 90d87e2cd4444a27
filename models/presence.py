"""Who is away, what is let be for a time, when there is a crisis, and which staff lists have been read."""

from datetime import date

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel


class Absence(SQLModel, table=True):
    """A person is away from a day until the day before another. Why is nobody's business."""

    __tablename__ = "absence"

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    from_on: date
    until_on: date | None = None
    """First day back; empty when it is not known."""
    substitute_id: int | None = Field(default=None, foreign_key="person.id")
    """Who stands in; else the person's own substitute does."""
    entered_by_id: int | None = Field(default=None, foreign_key="person.id")
    """Who last said so, and stands for it."""
    entered_at: AwareDatetime
    ended_at: AwareDatetime | None = None


class Exemption(SQLModel, table=True):
    """An account is let off one kind of duty until a day, by somebody who may."""

    __tablename__ = "exemption"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    duty: str = Field(max_length=40)
    """The kind of duty, as `lifecycle.duties` names it."""
    from_on: date
    until_on: date
    reason: str = Field(max_length=2000)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: AwareDatetime


class Crisis(SQLModel, table=True):
    """A crisis that communications has declared."""

    __tablename__ = "crisis"

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    began_at: AwareDatetime
    began_by_id: int | None = Field(default=None, foreign_key="person.id")
    message: str = Field(default="", max_length=2000)
    """What communications wants the administrators to know."""
    ended_at: AwareDatetime | None = None
    ended_by_id: int | None = Field(default=None, foreign_key="person.id")


class StaffReading(SQLModel, table=True):
    """A staff list that has been read, or refused."""

    __tablename__ = "staff_reading"
    __table_args__ = (sa.UniqueConstraint("municipality_id", "sha256", "read_on"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id")
    file_name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    read_on: date
    read_at: AwareDatetime
    refused: str = Field(default="", max_length=500)
    """Why it was refused whole; empty when it was read."""
