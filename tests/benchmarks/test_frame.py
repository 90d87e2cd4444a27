"""`make bench` tells rightly what it found: ratios, goals and the page; and every work can be done."""

import importlib
import json
import xml.etree.ElementTree as ElementTree
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from benchmarks import INSTALLED, SUBJECTS, growth, rounds
from benchmarks.__main__ import main
from benchmarks.bare import ask_again, overheard, write_watch
from benchmarks.databases import filled
from benchmarks.kept import KEPT, PAGE, PICTURES, keep, kept_in, write_page
from benchmarks.table import text_of
from benchmarks.town import MORNING, Size, fill
from benchmarks.works import Goal, Way, Work, ahead, within
from lifecycle.invariants import violations
from models import Message, TaskHolder, UserTask
from runtime.database import reading

OURS = Way("Kanalvakt", 1000, (2.0, 9.0, 1.0))
LIMIT = Way("the limit", 1000, (0.5,))
PEER = Way("a peer", 10, (1.0, 1.0))


def work(name: str = "Reading", **more: object) -> Work:
    goals = (within(3, OURS, LIMIT), ahead(50, OURS, PEER))
    return Work(name, "1,000 letters", (OURS, LIMIT, PEER), goals, **more)  # type: ignore[arg-type]


def test_rates_are_of_the_median_and_compare_unlike_numbers_of_items() -> None:
    """1,000 in 2 seconds are 500 a second: a quarter of the limit's 2,000, fifty times the peer's 10."""
    within_limit, ahead_of_peer = work().goals
    assert (within_limit.found, within_limit.is_reached) == (4, False)
    assert (ahead_of_peer.found, ahead_of_peer.is_reached) == (50, True)


def test_a_goal_is_reached_at_its_limit_and_not_beyond() -> None:
    assert [Goal("s", found, 2).is_reached for found in (1.9, 2, 2.1)] == [True, True, False]
    assert [Goal("s", found, 2, at_least=True).is_reached for found in (1.9, 2, 2.1)] == [False, True, True]


def test_the_table_says_how_ours_stands_to_each_and_which_goals_are_not_reached() -> None:
    lines = text_of(work(remark="It reads aloud.")).splitlines()
    assert lines[0] == "Reading: 1,000 letters"
    assert [" ".join(line.split()) for line in lines[2:]] == [
        "Kanalvakt 1,000 2 3 500",
        "the limit 1,000 0.5 1 2,000 0.25 × this",
        "a peer 10 1 2 10 50 × this",
        "4 times as long as the limit (at most 3): NOT REACHED",
        "50 times as fast as a peer (at least 50): reached",
        "It reads aloud.",
    ]


def test_a_run_of_some_works_replaces_only_theirs(tmp_path: Path) -> None:
    """Each keeps its own day and commit, and the page names what was not reached."""
    keep(tmp_path, "growth", [work("Growing")], "Measured on Monday.")
    keep(tmp_path, "rounds", [work("Old"), work("Older")], "Measured on Monday.")
    keep(tmp_path, "rounds", [work("New")], "Measured on Tuesday.")
    write_page(tmp_path, ["rounds", "growth"])
    page = (tmp_path / PAGE).read_text("utf-8")
    assert {name: one["where"] for name, one in kept_in(tmp_path).items()} == {
        "growth": "Measured on Monday.",
        "rounds": "Measured on Tuesday.",
    }
    assert "Old" not in page
    assert page.index("### New") < page.index("Measured on Tuesday.") < page.index("### Growing")
    assert page.count("**NOT REACHED**") == 2
    assert "- New, 1,000 letters: 4 times as long as the limit (at most 3): NOT REACHED" in page
    assert "| New, 1,000 letters | 4 times as long as the limit | at most 3 | **NO** |" in page
    assert "| New, 1,000 letters | 50 times as fast as a peer | at least 50 | yes |" in page


def test_each_picture_shows_every_way_and_says_so_in_words(tmp_path: Path) -> None:
    keep(tmp_path, "rounds", [work()], "Measured on Monday.")
    write_page(tmp_path, ["rounds"])
    [picture] = (tmp_path / PICTURES).glob("*.svg")
    shown = " ".join(ElementTree.parse(picture).getroot().itertext())
    for who in ("Kanalvakt", "the limit", "a peer", "2,000"):
        assert who in shown
    said = "Kanalvakt 500; the limit 2,000; a peer 10"
    assert f"{said}.]({PICTURES}/{picture.name})" in (tmp_path / PAGE).read_text("utf-8")


def test_what_is_no_work_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"], tmp_path) == 2
    assert "rounds" in capsys.readouterr().out
    assert not (tmp_path / KEPT).exists()


# ---------------------------------------------------------------- what is measured


def rows_in(engine: Engine) -> dict[str, list[Any]]:
    tasks = (col(UserTask.account_id), col(UserTask.once_key), col(UserTask.clauses), col(UserTask.due_at))
    holders = (col(UserTask.once_key), col(TaskHolder.person_id), col(TaskHolder.why))
    letters = (col(Message.dedupe_key), col(Message.email), col(Message.context), col(Message.not_before))
    questions = {
        "tasks": select(*tasks, col(UserTask.modality), col(UserTask.state), col(UserTask.told_at)),
        "holders": select(*holders).join(UserTask, col(UserTask.id) == col(TaskHolder.task_id)),
        "letters": select(*letters),
    }
    with reading(engine) as session:
        return {name: sorted(map(repr, session.execute(one))) for name, one in questions.items()}


def test_the_bare_statements_write_the_rows_that_the_rounds_write() -> None:
    """Else the limit would be another work's."""
    with filled("sqlite", partial(fill, size=Size(9, 2))) as database:
        with database.copy() as ours, overheard(ours) as heard:
            rounds.go(rounds.WATCH, ours)
            written = rows_in(ours)
        with database.copy() as bare:
            write_watch(bare)
            assert rows_in(bare) == written
        with database.copy() as bare:
            ask_again(bare, heard)
            assert rows_in(bare) == written
    assert [len(one) for one in written.values()] == [9, 18, 9]


def test_the_accounts_that_are_measured_are_as_they_should_be() -> None:
    """Nothing in them breaks a truth, before the rounds of a day and after."""
    with filled("sqlite", partial(fill, size=Size(7))) as database, database.copy() as engine:
        rounds.go(rounds.WATCH, engine)
        with reading(engine) as session:
            assert violations(session, 1, MORNING) == []


@pytest.mark.parametrize("subject", sorted({*SUBJECTS} - {*INSTALLED}))
def test_every_work_can_be_done(subject: str) -> None:
    """With hardly anything, and without peers: each has ours first, and something to compare it with."""
    works = list(importlib.import_module(f"benchmarks.{subject}").rehearse())
    assert works
    for one in works:
        assert one.ways[0].who.startswith("Kanalvakt")
        assert all(way.median > 0 for way in one.ways)
    assert json.dumps([text_of(one) for one in works])


def test_the_exponent_is_one_where_twice_as_many_take_twice_as_long() -> None:
    def way(items: int, seconds: float) -> Way:
        return Way("Kanalvakt", items, (seconds,))

    assert growth.exponent([way(100, 1), way(200, 9), way(10_000, 100)]) == pytest.approx(1)
    assert growth.exponent([way(100, 1), way(1_000, 100)]) == pytest.approx(2)
