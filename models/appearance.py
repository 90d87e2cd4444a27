"""How a municipality looks and what it says in its own words. What it says is kept version for version."""

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel


class Logotype(SQLModel, table=True):
    """A picture that the municipality has shown as its own, made safe to show."""

    __tablename__ = "logotype"
    __table_args__ = (sa.UniqueConstraint("municipality_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id")
    sha256: str = Field(max_length=64)
    media_type: str = Field(max_length=40)
    content: bytes
    width: int
    """Pixels; of a drawing, its own units."""
    height: int
    uploaded_at: AwareDatetime


class LetterWording(SQLModel, table=True):
    """One version of a municipality's own words in one kind of letter; the newest is in force.

    A version without words is the way back to the product's own.
    """

    __tablename__ = "letter_wording"
    __table_args__ = (sa.Index("ix_letter_wording_latest", "municipality_id", "notice", "language", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id")
    notice: str = Field(max_length=60)
    language: str = Field(max_length=5)
    subject: str = Field(default="", max_length=200)
    introduction: str = Field(default="", max_length=2000)
    closing: str = Field(default="", max_length=2000)
    written_at: AwareDatetime
    written_by_id: int = Field(foreign_key="person.id")

    @property
    def is_own(self) -> bool:
        """Whether it says anything of its own."""
        return bool(self.subject or self.introduction or self.closing)
