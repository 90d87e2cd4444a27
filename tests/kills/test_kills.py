"""Killed at any moment, nothing is lost, nothing is done twice, and every account finds its place again.

Each test takes the accounts of `tellers` further, and what is seen after each step is what the story says.
"""

import random
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.kills.outside import twins
from tests.kills.telling import Teller
from tests.kills.town import PORTAL, PREFECT, WORKER, Town

pytestmark = pytest.mark.timeout(900)

WORKER_SEAMS = ("before_commit:2", "after_commit:2", "after_look", "before_send", "after_send")
"""The second commit of a look is the first that changes anything for an application."""
PORTAL_SEAMS = ("before_commit", "after_commit")
SEED = 20261122
VICTIMS = (WORKER, PREFECT, WORKER, PORTAL, WORKER)
SECONDS_BETWEEN_KILLS = (0.3, 2.5)


def test_worker_killed_at_each_seam(town: Town, tellers: Sequence[Teller]) -> None:
    """Each time another account has news, and the next worker finds what all before it have left."""
    numbers = [one.account().run_number for one in tellers]
    town.restart(WORKER, WORKER_SEAMS[0])
    for seam, teller, following in zip(WORKER_SEAMS, tellers, (*WORKER_SEAMS[1:], ""), strict=True):
        teller.act()
        town.dies(WORKER)
        if seam == "after_look":
            assert any(one.was_left_after_its_look() for one in tellers)
        town.let_claims_lapse()
        town.start(WORKER, following)
    assert differences(tellers) == []
    assert [one.account().run_number for one in tellers] == numbers
    assert twins(town.outside)
    assert town.faults() == []


def test_portal_killed_at_each_seam(town: Town, tellers: Sequence[Teller]) -> None:
    """A decision whose page never came is given again, and stands once."""
    teller, news = tellers[0], []
    town.restart(PORTAL, PORTAL_SEAMS[0])
    town.portal_is_back()
    for following in (*PORTAL_SEAMS[1:], ""):
        news.append(teller.account().news)
        with pytest.raises(httpx2.TransportError):
            teller.act()
        town.dies(PORTAL)
        town.start(PORTAL, following)
        town.portal_is_back()
    teller.act()
    assert [*news, teller.account().news] == [news[0], news[0], news[0] + 1]
    assert differences([teller]) == []
    assert town.faults() == []


def test_nothing_done_in_prefect_changes_an_account(town: Town, tellers: Sequence[Teller]) -> None:
    """One run is cancelled and one deleted; three who heal at once make one new run for each."""
    numbers = [one.account().run_number for one in tellers]
    town.cancel(tellers[0].run().id)
    town.delete(tellers[1].run().id)
    for _ in range(2):
        town.start_reconciling()
    assert town.faults() == []
    assert [one.account().run_number for one in tellers] == [numbers[0] + 1, numbers[1] + 1, *numbers[2:]]


def test_prefect_forgets_everything(town: Town, tellers: Sequence[Teller]) -> None:
    """With an empty Prefect each living account gets one new run, under the name it had."""
    numbers = [one.account().run_number for one in tellers]
    town.forget_everything_in_prefect()
    assert town.faults() == []
    assert [one.account().run_number for one in tellers] == [number + 1 for number in numbers]


def test_killed_at_any_moment(town: Town, tellers: Sequence[Teller]) -> None:
    """All stories go on at once, while one part after another is killed and started again."""
    moments, victims = random.Random(SEED), list(VICTIMS)
    with ThreadPoolExecutor(len(tellers)) as threads:
        told = [threads.submit(tell_on, one) for one in tellers]
        for victim in victims:
            time.sleep(moments.uniform(*SECONDS_BETWEEN_KILLS))
            town.kill(victim)
            town.let_claims_lapse()
            town.start(victim)
        assert [found for one in told for found in one.result()] == []
    assert town.faults() == []


def tell_on(teller: Teller) -> list[str]:
    """Tell a story to its end; where what is seen differs from it."""
    found = []
    while teller.steps_ahead:
        teller.act_until_done()
        found += teller.differences()
    return found


def differences(tellers: Iterable[Teller]) -> list[str]:
    """Where what is seen after the last step of each differs from its story."""
    return [found for one in tellers for found in one.differences()]
