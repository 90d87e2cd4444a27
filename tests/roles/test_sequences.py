"""Four eyes (REQUIREMENTS 4.2): whatever one person does, by any path and in any order, others decide.

The one who tries has applied, asked or decided a step. After each thing that they do, the very same people
are asked what they were asked without it, and no answer is theirs.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from sqlalchemy import func, select
from sqlmodel import col

from models import TaskKind, UserTask
from runtime.database import reading
from tests.figures import prove
from tests.roles.attempts import ATTEMPTS, EARLIER, SEQUENCES, Trying, tried
from tests.roles.test_table import SECTION
from tests.roles.town import Town

WHO = {
    "deciding": (("anna", "usual"), ("bo", "usual"), ("erik", "applied"), ("kim", "decided")),
    "closing": (("anna", "usual"), ("bo", "usual"), ("erik", "applied"), ("kim", "decided")),
    "change": (("anna", "usual"), ("bo", "usual"), ("erik", "applied"), ("kim", "decided")),
}
CASES = [(stage, who, kind) for stage, people in WHO.items() for who, kind in people]
ABLE = [
    *((one, "ulla") for one in ("deciding", "closing", "absent", "stuck", "setting_up", "active")),
    ("deciding", "cilla"),
]
"""Somebody who is free to do what is attempted, or whose question it is."""
FEW, MANY = 3, 25
"""Sequences for each person and matter: with each change, and by `make torture`."""


@pytest.fixture(scope="module")
def counted() -> Iterator[Counter[str]]:
    """How much was tried, and how much of it was done."""
    yield Counter()


def answers_of(it: Trying) -> int:
    """How many decisions about the account are this person's."""
    rows = select(func.count()).where(
        col(UserTask.account_id) == it.account_id,
        col(UserTask.kind) == TaskKind.DECIDE,
        col(UserTask.answered_by_id) == it.person_id,
    )
    with reading(it.town.engine) as session:
        return int(session.execute(rows).scalar_one())


def play(it: Trying, sequence: Any, counts: Counter[str]) -> list[str]:
    """Everything that was done. The same people are asked all the time, and in what is begun others are."""
    asked, answers, done = it.questions(), answers_of(it), []
    assert asked
    for attempt, decider, friend in sequence:
        counts["tried"] += 1
        if tried(it, attempt, decider, friend):
            done.append(attempt.__name__)
            counts["done"] += 1
        now = it.questions()
        told = (it.who, it.kind, done, attempt.__name__, decider, friend)
        assert {one: now.get(one) for one in asked} == asked, told
        assert all(it.who not in now[one] for one in now.keys() - asked.keys()), told
        assert answers_of(it) == answers, (it.who, it.kind, done)
    return done


@pytest.mark.parametrize(("stage", "who", "kind"), CASES)
def test_nobody_gets_round_four_eyes(
    town: Town, every_cell: bool, counted: Counter[str], stage: str, who: str, kind: str
) -> None:
    @seed(4)
    @settings(
        max_examples=MANY if every_cell else FEW,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(SEQUENCES)
    def sequences(sequence: Any) -> None:
        town.go_to(stage)
        with pytest.MonkeyPatch.context() as patch:
            counted["sequences"] += 1
            play(Trying(town, patch, who, kind), sequence, counted)

    sequences()


@pytest.mark.parametrize("who", ["erik"])
def test_nor_by_what_was_done_before_applying(
    town: Town, every_cell: bool, counted: Counter[str], who: str
) -> None:
    """An absence, an import or rules from before: who applied is not asked, nor anybody by their word."""

    @seed(4)
    @settings(
        max_examples=MANY if every_cell else 6,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(EARLIER)
    def sequences(sequence: Any) -> None:
        town.go_to("draft")
        with pytest.MonkeyPatch.context() as patch:
            counted["sequences"] += 1
            it = Trying(town, patch, who, "applied")
            done = [one for one, *more in sequence if tried(it, one, *more)]
            town.send("applied")
            names = {one.__name__ for one in done}
            for step in ("chef", "forvaltning"):
                asked = it.asked().get(step, [])
                assert who not in asked, (names, asked)
                if "imports_themselves_as_manager" not in names:
                    assert asked == [{"chef": "bo", "forvaltning": "cilla"}[step]], (names, asked)
                if asked and town.account("applied").state == "deciding":
                    town.approve(town.accounts["applied"], asked[0])
            assert answers_of(it) == 0

    sequences()


def test_every_attempt_can_be_done_by_somebody(town: Town) -> None:
    """An attempt that is always refused, for a fault of its own, would prove nothing."""
    done = set()
    for attempt in ATTEMPTS:
        for stage, who in ABLE:
            town.go_to(stage)
            with pytest.MonkeyPatch.context() as patch:
                if tried(Trying(town, patch, who, "usual"), attempt, "cilla", "frida"):
                    done.add(attempt.__name__)
                    break
    never = {one.__name__ for one in ATTEMPTS} - done
    assert never == {"is_listed_under_a_new_address", "imports_account"}, never


def test_the_sequences_are_told(every_cell: bool, counted: Counter[str]) -> None:
    """Last of all: what was tried."""
    assert counted["sequences"] >= FEW
    if every_cell:
        prove(SECTION, "sequences tried to get round four eyes", counted["sequences"], 250, at_least=True)
        prove(SECTION, "acts tried in them", counted["tried"], 500, at_least=True)
        prove(SECTION, "acts done in them that moved nothing", counted["done"], 1, at_least=True)
        prove(SECTION, "four eyes got round", 0, 0)
