"""What stands on the desk in Prefect: which artifact holds which page, and what was last written there."""

from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel


class DeskSheet(SQLModel, table=True):
    """One page of one municipality's desk."""

    __tablename__ = "desk_sheet"

    municipality_id: int = Field(primary_key=True, foreign_key="municipality.id")
    name: str = Field(primary_key=True, max_length=40)
    artifact_id: str = Field(default="", max_length=40)
    """Empty before it was first written."""
    digest: str = Field(default="", max_length=64)
    """Of what is written there; empty when that is to be written again."""
    written_at: AwareDatetime
