"""What visitors of the public register report. Their words stay in this database, and are weeded by rule."""

from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel


class VisitorReport(SQLModel, table=True):
    """One report: about an account it became a case, about an unknown account something to look into."""

    __tablename__ = "visitor_report"

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    case_id: int | None = Field(default=None, foreign_key="account_case.id", index=True)
    """The case, which has the words of the visitor with whom it began."""
    task_id: int | None = Field(default=None, foreign_key="user_task.id", index=True)
    matter: str = Field(max_length=60)
    """What the visitor chose in the form."""
    address: str = Field(default="", max_length=500)
    """Of the unknown account, or of the post."""
    what: str = Field(default="", max_length=4000)
    """What was written about an unknown account, or about a case that others had begun."""
    contact: str = Field(default="", max_length=300)
    """Where the visitor wants an answer, if anywhere."""
    received_at: AwareDatetime
    weeded_at: AwareDatetime | None = None
