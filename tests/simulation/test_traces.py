"""When a rule counts as seen: by the task that bears its name, by the clauses cited, or not at all."""

from datetime import UTC, date, datetime

from policies.loading import content_of, load_policy
from simulation.ledger import Ledger, TaskSeen
from simulation.simulating import simulate
from simulation.traces import Book
from tests.simulation.playing import order

WATCH = ("tibro:2-bevakning", "tibro:2-ansvarigs-uppgifter")
"""Tibro, section 2: who has the account looks at it, and what else is asked of them."""
AT = datetime(2026, 12, 1, 8, tzinfo=UTC)


def task(process: str, kind: str, step: str, *refs: str) -> TaskSeen:
    return TaskSeen(1, AT, 1, process, kind, step, "", "", frozenset(refs), (1,))


def seen_by(*tasks: TaskSeen) -> set[str]:
    law = simulate(order("tibro", days=1, accounts=0)).law
    return {one.path for one in Book(law).seen(Ledger(tasks=list(tasks))) if one.seen}


def test_nothing_happened_and_nothing_was_seen() -> None:
    assert seen_by() == set()


def test_a_step_is_seen_by_its_name_in_its_own_process() -> None:
    assert seen_by(task("opening", "decide", "decision")) == {"rules.opening[decision]"}
    assert seen_by(task("closing", "decide", "decision")) == set()


def test_a_duty_is_seen_by_exactly_its_clauses() -> None:
    assert seen_by(task("duties", "watch", "bevakning", *WATCH)) == {"rules.watch[nr 1]"}
    assert seen_by(task("duties", "watch", "bevakning", WATCH[0])) == set()
    assert seen_by(task("duties", "watch", "bevakning", *WATCH, "tibro:2-svar")) == set()


def test_how_often_and_when_first() -> None:
    law = simulate(order("tibro", days=1, accounts=0)).law
    watch = task("duties", "watch", "bevakning", *WATCH)
    [seen] = [one.seen for one in Book(law).seen(Ledger(tasks=[watch, watch])) if one.seen]
    assert seen is not None and (seen.count, seen.first_on) == (2, date(2026, 12, 1))


def test_every_rule_of_the_file_has_its_line() -> None:
    law = simulate(order("tibro", days=1, accounts=0)).law
    assert len(Book(law).seen(Ledger())) == len(Book(law).rules) > 50
    assert content_of(load_policy("tibro")) == law.content
