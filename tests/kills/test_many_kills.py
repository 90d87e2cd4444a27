"""Killed at any moment and where it does most harm: no decision or letter is lost, nothing is done twice.

`--kills` says how many times parts are killed on SQLite, and `--kills-on-postgresql` how many there.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, make_url, select
from sqlmodel import Session, col

from lifecycle.events import EventKind
from models import Account, AuditEvent, Link, Message, UserTask
from runtime.database import reading
from tests.figures import prove
from tests.kills.days import Days
from tests.kills.killing import Killed, kill_while, time_runs
from tests.kills.outside import ANSWERS, twins
from tests.kills.people import Ledger, tells_stories
from tests.kills.town import PORTAL, POST, PREFECT, WORKER, Town

pytestmark = pytest.mark.timeout(1500)

SECTION = "Killed at any moment"
SEED = 20261126
IN_STORIES = 0.85
"""The part of the kills that comes while people apply and decide; the rest comes in the rounds."""
MANY = 50
"""From so many kills on, more people act at once."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On each kind of database where anything is to be killed."""
    wanted = {
        "SQLite": int(metafunc.config.getoption("--kills")),
        "PostgreSQL": int(metafunc.config.getoption("--kills-on-postgresql")),
    }
    if "kind" in metafunc.fixturenames:
        chosen = [(kind, kills) for kind, kills in wanted.items() if kills]
        metafunc.parametrize(("kind", "kills"), chosen, ids=[kind for kind, _ in chosen])


@pytest.fixture
def living_town(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """All of an installation, at work."""
    if kind == "SQLite":
        town = request.getfixturevalue("town")
        if town.stack.prefect.pid is None:
            town.start(WORKER)
        yield town
        return
    town = Town(tmp_path, another_database(request.getfixturevalue("postgres_session_url")))
    town.start(WORKER)
    yield town
    town.close()


def another_database(url: str) -> str:
    """An empty one on the same server."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE town")
    engine.dispose()
    return make_url(url).set(database="town").render_as_string(hide_password=False)


def test_killed_at_any_moment(living_town: Town, kind: str, kills: int) -> None:
    town, ledger = living_town, Ledger()
    in_stories = round(kills * IN_STORIES)
    people = 8 if kills >= MANY else 3
    tellers = [tells_stories(town, ledger, number) for number in range(people)]
    first = kill_while(town, in_stories, SEED, tellers, beside=[time_runs(town)])
    town.settle()
    days = Days(town, ledger, [f"dagar-{number}" for number in range(3 if kills >= MANY else 1)])
    then = kill_while(
        town, kills - in_stories, SEED + 1, [*(days.answers(slug) for slug in days.slugs), days.pass_by]
    )
    killed = Killed(first.deaths + then.deaths, first.found + then.found)
    found = Found(town, ledger, days, killed)
    found.prove(kind, kills)
    assert found.wrong() == []


class Found:
    """What there is when all has come to rest, counted from outside."""

    def __init__(self, town: Town, ledger: Ledger, days: Days, killed: Killed) -> None:
        self.killed, self.ledger, self.days = killed, ledger, days
        self.faults = town.faults()
        self.day_faults = days.faults()
        self.twins = twins(town.outside)
        self.mails = town.outside.mails()
        self.chain, self.truths = town.says("audit", "verify"), town.says("check")
        with reading(town.engine) as session:
            self.lost, self.twice = self._decisions(session)
            self.events = _count(session, AuditEvent)
            self.letters = _count(session, Message)
            self.accounts = _count(session, Account)

    def _decisions(self, session: Session) -> tuple[list[str], list[str]]:
        """What people were thanked for and is not there, and what is there more than once."""
        lost = [
            f"länk {one.link_id}: {one.outcome}"
            for one in self.ledger.answers
            if _outcome(session, one.link_id) != one.outcome
        ]
        lost += [
            f"punkt {one}" for one in self.ledger.lines if session.get_one(UserTask, one).answered_at is None
        ]
        lost += [
            f"ansökan {one}" for one in self.ledger.sent if not _times(session, EventKind.PLAN_SENT, one)
        ]
        answers = (
            select(col(AuditEvent.task_id))
            .where(col(AuditEvent.kind).in_(ANSWERS))
            .group_by(col(AuditEvent.task_id))
            .having(func.count() > 1)
        )
        return lost, [f"uppgift {one}" for one in session.execute(answers).scalars()]

    def wrong(self) -> list[str]:
        """Everything that is not as it must be."""
        said = [text for code, text in (self.chain, self.truths) if code]
        return [*self.lost, *self.twice, *self.killed.found, *self.faults, *self.day_faults, *said]

    def prove(self, kind: str, kills: int) -> None:
        """Tell it."""
        dead, thanked = self.killed, len(self.ledger.answers) + len(self.ledger.lines) + len(self.ledger.sent)
        lost_letters = [one for one in self.faults if "kom inte" in one or "köat till" in one]
        strange = [one for one in self.faults if one not in lost_letters]
        for what, found, wanted, at_least in (
            ("kills (SIGKILL)", len(dead.deaths), kills, True),
            ("kills at named seams", dead.at_seams, kills // 2 if kills >= MANY else 1, True),
            *((f"kills of the {name}", dead.of(part), 1, True) for part, name in PARTS.items()),
            ("work meanwhile: accounts applied for or looked after", self.accounts, 1, True),
            ("work meanwhile: audit events", self.events, kills // 2, True),
            ("work meanwhile: letters", self.letters, kills // 2, True),
            ("work meanwhile: rounds done, by municipality and day", self.days.rounds_done(), 1, True),
            ("answers and applications that the portal had thanked for", thanked, 1, True),
            ("requests whose page never came, asked again", len(self.ledger.clicked_again), 0, True),
            ("of them lost", len(self.lost), 0, False),
            ("of them applied twice", len(self.twice), 0, False),
            ("letters lost", len(lost_letters), 0, False),
            ("letters that came twice, all with the same Message-ID", len(self.twins), 0, True),
            ("rows, states, roles, links and runs at fault", len(strange), 0, False),
            ("watches and morning letters missing or double", len(self.day_faults), 0, False),
            ("pages and letters unlike the story", len(dead.found), 0, False),
            ("audit chains broken (kanalvakt audit verify)", self.chain[0], 0, False),
            ("invariants broken (kanalvakt check)", self.truths[0], 0, False),
        ):
            prove(SECTION, f"{kind}: {what}", found, wanted, at_least=at_least)


PARTS = {WORKER: "worker", PORTAL: "portal", POST: "mail server", PREFECT: "Prefect server"}


def _count(session: Session, table: type) -> int:
    found: int = session.execute(select(func.count()).select_from(table)).scalar_one()
    return found


def _outcome(session: Session, link_id: int) -> str | None:
    task_id = session.get_one(Link, link_id).task_id
    outcome = session.get_one(UserTask, task_id).outcome
    return outcome.value if outcome else None


def _times(session: Session, kind: EventKind, account_id: int) -> int:
    rows = select(func.count()).where(col(AuditEvent.kind) == kind, col(AuditEvent.account_id) == account_id)
    found: int = session.execute(rows.select_from(AuditEvent)).scalar_one()
    return found
