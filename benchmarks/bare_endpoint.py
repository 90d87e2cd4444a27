"""The limit of an answer by HTTP: one endpoint, and one row by SQLModel, as durable as ours.

python -m benchmarks.bare_endpoint DATABASE PORT
"""

import sys
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Form
from fastapi.responses import RedirectResponse
from pydantic import AwareDatetime
from sqlmodel import Field, Session, SQLModel

from runtime.clock import now
from runtime.database import make_engine


class BareAnswer(SQLModel, table=True):
    """What somebody answered, and when."""

    __tablename__ = "bare_answer"

    id: int | None = Field(default=None, primary_key=True)
    outcome: str = Field(max_length=40)
    at: AwareDatetime


def app_on(database_url: str) -> FastAPI:
    """One endpoint."""
    engine, app = make_engine(database_url), FastAPI()
    SQLModel.metadata.tables["bare_answer"].create(engine)

    @app.post("/svar")
    def answer(outcome: Annotated[str, Form()]) -> RedirectResponse:
        with Session(engine) as session:
            session.add(BareAnswer(outcome=outcome, at=now()))
            session.commit()
        return RedirectResponse("/tack", status_code=303)

    return app


if __name__ == "__main__":
    uvicorn.run(app_on(sys.argv[1]), port=int(sys.argv[2]), log_level="warning")
