"""A municipality with its policy, and tables as people save them."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine

from acts.policies import adopt
from acts.work import work
from lifecycle.events import By
from models import Municipality
from policies.loading import content_of, load_policy
from tests.acts.desk import NOW, Desk


@pytest.fixture
def municipality(engine: Engine) -> Municipality:
    with work(engine, NOW) as session:
        found = Municipality(
            slug="exempelby",
            name="Exempelby kommun",
            mail_domains=["exempelby.example.org"],
            sender_address="kanalvakt@exempelby.example.org",
        )
        session.add(found)
        session.flush()
        assert found.id is not None
        adopt(session, found.id, content_of(load_policy("mall")), By(None, "cli"), NOW)
    return found


@pytest.fixture
def xlsx() -> Callable[..., bytes]:
    """A workbook of named sheets, each a list of rows."""

    def make(**sheets: Sequence[Sequence[Any]]) -> bytes:
        book = Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(list(row))
        return saved(book)

    return make


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def desk(engine: Engine, municipality: Municipality) -> Desk:
    return Desk(engine, municipality)
