"""A database that takes nothing for a while: a page says so, and what was written is sent again from it."""

import html
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from models import Outcome
from tests.figures import prove
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import World

SECTION = "Faults that pass by themselves"
REASON = 'Vi har <ett> konto & det "räcker". ' + "Det kostar mer tid än vi har. " * 128
DECLINE = {"outcome": "decline", "plan_version": "1", "reason": REASON}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@contextmanager
def pragma(engine: Engine, setting: str) -> Iterator[None]:
    """Every connection has it from now on, and then again as before."""

    def set_it(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {setting}").fetchall()

    engine.dispose()
    event.listen(engine, "checkout", set_it)
    yield
    event.remove(engine, "checkout", set_it)
    engine.dispose()


@contextmanager
def full_disk(engine: Engine) -> Iterator[None]:
    """No page more than there is: SQLite says what it says of a full disk."""
    engine.dispose()
    tidied = sqlite3.connect(str(engine.url.database), isolation_level=None)
    tidied.execute("VACUUM")
    [pages] = tidied.execute("PRAGMA page_count").fetchone()
    tidied.close()
    with pragma(engine, f"max_page_count={pages}"):
        yield


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Somebody else's program writes and does not end; the portal's patience is spent sooner than else."""
    other = sqlite3.connect(str(engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pragma(engine, "busy_timeout=50"):
        yield
    other.close()


@pytest.mark.parametrize(
    ("fault", "says"),
    [(full_disk, "Disken är full. Frigör plats på den"), (locked, "Databasen har varit låst av något annat")],
    ids=["full disk", "locked"],
)
def test_an_answer_waits_in_the_page_until_the_database_takes_it(
    fault: Callable[[Engine], Any],
    says: str,
    world: World,
    portal: Portal,
    engine: Engine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    task_id = world.open_task(world.sent())
    bo = portal.visitor()
    bo.open(world.task_link(task_id, "bo"))
    before = everything_in(engine)
    with fault(engine):
        page = bo.post("svar", DECLINE)
        reread = bo.client.get(bo.path.removesuffix("/svar"))
    fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(page.text)}
    assert everything_in(engine) == before
    assert (page.status_code, page.headers["retry-after"]) == (503, "60")
    assert heading(page) == "Det går inte att spara eller hämta något just nu"
    assert "skicka det en gång till" in plain(page) and says in caplog.text
    assert REASON.strip()[:40] not in caplog.text, "what people write stays out of the log"
    assert reread.status_code == 200, "reading goes on"
    again(bo, page.text, fields)
    given = world.task(task_id)
    lost = int((given.outcome, given.reason) != (Outcome.DECLINE, REASON.strip()))
    prove(SECTION, f"answers lost while the portal's database takes nothing ({fault.__name__})", lost, 0)
    assert lost == 0


def again(bo: Visitor, page: str, fields: dict[str, str]) -> None:
    """The button of the page."""
    [action] = re.findall(r'<form method="post" action="([^"]+)"', page)
    assert bo.client.post(action, data=fields).status_code == 303


def test_a_page_that_cannot_be_read_says_when_to_come_back(portal: Portal, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE municipality RENAME TO elsewhere"))
    page = portal.visitor().open("/exempelby")
    assert (page.status_code, heading(page)) == (503, "Sidan går inte att hämta just nu")
    assert "Försök igen" in plain(page)
