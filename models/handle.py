"""Names and addresses that are kept under watch: who has them, as far as a look could tell."""

from enum import StrEnum

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import choice_field


class WatchedAs(StrEnum):
    """What an address is to the account that it is watched for."""

    OWN = "own"
    """The account's own, while the posting round does not look at it."""
    FORMER = "former"
    """It was the account's until another took its place."""
    CLOSED = "closed"
    """It was the account's until that was closed."""
    LOOK_ALIKE = "look_alike"
    """It never was: its name can be taken for the account's."""


class WatchedHandle(SQLModel, table=True):
    """One address under watch. A look that failed changes only when it was tried, and why it failed."""

    __tablename__ = "watched_handle"
    __table_args__ = (sa.UniqueConstraint("account_id", "watched_as", "address_key"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    account_id: int = Field(foreign_key="account.id")
    watched_as: WatchedAs = choice_field(WatchedAs)
    address: str = Field(max_length=300)
    address_key: str = Field(max_length=300)
    tried_at: AwareDatetime
    says: str = Field(default="", max_length=500)
    """Why the last attempt told nothing, in Swedish; empty when it told."""
    looked_at: AwareDatetime | None = None
    """The last look that told something."""
    known: str = Field(default="", max_length=120)
    """The platform's id of the one whom it belongs to rightly, as far as that is known."""
    occupant: str = Field(default="", max_length=120)
    """The platform's id of the one who has it; empty: nobody."""
    occupant_name: str = Field(default="", max_length=200)
    found_at: AwareDatetime | None = None
    """Since when that one has it, as far as was seen."""
    doubt: str = Field(default="", max_length=120)
    """Of a web page: the other server that one look was led to, until a look on another day says the same."""
    doubt_at: AwareDatetime | None = None
    gone_looks: int = 0
    """Looks in a row, up to now, that found nobody."""
    gone_at: AwareDatetime | None = None
    """When it was last certain that nobody had it."""
    task_id: int | None = Field(default=None, foreign_key="user_task.id")
    """What was asked about the one who has it."""
