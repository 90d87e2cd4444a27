"""Killed at any moment, nothing is lost, nothing is done twice, and every account finds its place again.

Each test takes the accounts of `tellers` further, and what is seen after each step is what the story says.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import pytest

from tests.figures import prove
from tests.kills.outside import twins
from tests.kills.telling import Teller
from tests.kills.town import PORTAL, WORKER, Town

pytestmark = pytest.mark.timeout(900)

AWAY = "Faults that pass by themselves"
PORTAL_SEAMS = ("before_commit", "after_commit")


def test_worker_killed_at_each_seam(town: Town, tellers: Sequence[Teller]) -> None:
    """What each worker left, those after it found: no run was replaced, and a letter in hand came twice."""
    assert differences(tellers) == []
    assert [one.account().run_number for one in tellers] == [1] * len(tellers)
    assert twins(town.outside)
    assert town.faults() == []


def test_nothing_done_in_prefect_changes_an_account(town: Town, tellers: Sequence[Teller]) -> None:
    """One run is cancelled, one deleted, one made too many; three who heal at once give each account one."""
    numbers = run_numbers(tellers)
    town.cancel(tellers[0].run().id)
    town.delete(tellers[1].run().id)
    town.start_run("account_lifecycle/konto", account_id=tellers[2].account_id)
    for _ in range(2):
        town.start_run("reconcile/avstamning")
    assert town.faults() == []
    assert run_numbers(tellers) == [numbers[0] + 1, numbers[1] + 1, *numbers[2:]]


def test_portal_killed_at_each_seam_while_prefect_forgets(town: Town, tellers: Sequence[Teller]) -> None:
    """An answer is kept without Prefect, and what follows follows when it is back after a day, empty."""
    numbers = run_numbers(tellers)
    town.lose_prefect()
    with ThreadPoolExecutor(1) as thread:
        started = thread.submit(town.stack.start_prefect)
        answer_while_the_portal_dies(town, tellers[0])
        started.result()
    town.clock.move_to(town.clock.now() + timedelta(days=1))
    town.start(WORKER)
    unlike = differences(tellers[:1])
    prove(AWAY, "what did not follow from an answer given while Prefect was away for a day", len(unlike), 0)
    assert unlike == []
    assert town.faults() == []
    assert run_numbers(tellers) == [number + 1 for number in numbers]


def answer_while_the_portal_dies(town: Town, teller: Teller) -> None:
    """A decision whose page never comes is given again, and stands once."""
    news = [teller.account().news]
    town.restart(PORTAL, PORTAL_SEAMS[0])
    town.portal_is_back()
    for following in (*PORTAL_SEAMS[1:], ""):
        with pytest.raises(httpx2.TransportError):
            teller.act()
        town.dies(PORTAL)
        news.append(teller.account().news)
        town.start(PORTAL, following)
        town.portal_is_back()
    teller.act()
    assert [*news, teller.account().news] == [news[0], news[0], news[0] + 1, news[0] + 1]


def differences(tellers: Iterable[Teller]) -> list[str]:
    """Where what is seen after the last step of each differs from its story."""
    return [found for one in tellers for found in one.differences()]


def run_numbers(tellers: Iterable[Teller]) -> list[int]:
    """How many runs each account has had."""
    return [one.account().run_number for one in tellers]
