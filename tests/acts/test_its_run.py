"""Which run is an account's: the one it has, and of those that come while it has none the first."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from acts import looking, waking
from tests.lifecycle.town import Town


@pytest.fixture
def town(engine: Engine) -> Town:
    town = Town(engine, {"opening": []})
    town.apply()
    return town


def test_the_first_to_come_is_its_own_from_then_on(town: Town) -> None:
    """Whoever made the run may have died before they could say so."""
    assert town.account().flow_run_id is None
    assert looking.takes_run(town.engine, town.account_id, "den första")
    assert town.account().flow_run_id == "den första"
    assert looking.takes_run(town.engine, town.account_id, "den första")
    assert not looking.takes_run(town.engine, town.account_id, "den andra")


def test_the_one_that_was_made_for_it_comes_before_one_that_came_by_itself(town: Town) -> None:
    number = town.account().run_number
    assert looking.takes_run(town.engine, town.account_id, "av sig själv")
    waking.keep_run(town.engine, town.account_id, number, "gjord för det")
    assert not looking.takes_run(town.engine, town.account_id, "av sig själv")
    assert looking.takes_run(town.engine, town.account_id, "gjord för det")


def test_of_several_at_once_one_is_its_own(town: Town) -> None:
    names = [f"körning {number}" for number in range(8)]
    with ThreadPoolExecutor(len(names)) as pool:
        found = list(pool.map(lambda name: looking.takes_run(town.engine, town.account_id, name), names))
    assert found.count(True) == 1
    assert town.account().flow_run_id == names[found.index(True)]
