"""What waits for a worker, told by one question: the same as what can then be claimed."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from acts import by_form, confirmed_changes, waking
from acts.by_form import FormDesk, Told
from acts.waiting import Waits, what_waits
from tests.acts.form_filling import confirm, fill_in
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import Town, step

CHIEF = step("chef", "decide", "line_manager")


@pytest.fixture
def town() -> Town:
    return town_at(memory_engine())


def town_at(engine: Engine) -> Town:
    """Elin's library account, open, and every letter sent."""
    found = Town(engine, {"opening": [], "closing": [CHIEF]})
    found.apply("elin", administrators=["omar"], address="https://www.instagram.com/biblioteket")
    found.deliver()
    return found


def waits(town: Town) -> list[Waits]:
    return list(what_waits(town.engine, town.now))


def close(desk: FormDesk) -> Told:
    account_id = desk.account_id("Biblioteket")
    values = {"account": account_id, "reason": "Används inte."}
    return desk.begin(confirmed_changes.CLOSE, "Avsluta", f"account:{account_id}", values)


def apply_unseen(town: Town) -> None:
    """Another account's plan is sent, and no run has looked at it yet."""
    town.draft()
    town.write(**town.usual, administrators=["omar"])
    town.send(unseen=True)
    town.deliver()


def tells_of_each(town: Town) -> None:
    """Each waits from when it happens until somebody has claimed it."""
    assert waits(town) == []
    fill_in(town, close, run="one")
    assert waits(town) == [Waits.LETTERS]
    town.deliver()
    assert waits(town) == []
    confirm(town)
    town.deliver()
    assert waits(town) == [Waits.FORMS]
    assert by_form.claim_answered(town.engine, town.now) == ["one"]
    assert waits(town) == []
    apply_unseen(town)
    assert waits(town) == [Waits.ACCOUNTS]
    assert len(waking.claim_due(town.engine, town.now)) == 1
    assert waits(town) == []


def test_it_tells_of_each_until_it_is_claimed(town: Town) -> None:
    tells_of_each(town)


def test_the_same_on_postgresql(postgres_engine: Engine) -> None:
    tells_of_each(town_at(postgres_engine))


def test_no_more_are_claimed_than_there_is_room_for(town: Town) -> None:
    for _ in range(3):
        apply_unseen(town)
    assert waking.claim_due(town.engine, town.now, 0) == []
    assert len(waking.claim_due(town.engine, town.now, 2)) == 2
    assert waits(town) == [Waits.ACCOUNTS]
    assert len(waking.claim_due(town.engine, town.now, 2)) == 1


def test_an_account_waits_when_its_date_has_come(town: Town) -> None:
    """A question is reminded of, whether or not anybody touches it."""
    town.ask_to_close("elin")
    wake_at = town.account().wake_at
    assert wake_at is not None
    assert Waits.ACCOUNTS not in what_waits(town.engine, wake_at - timedelta(seconds=1))
    assert Waits.ACCOUNTS in what_waits(town.engine, wake_at)


def test_who_was_called_in_vain_is_called_again(town: Town) -> None:
    """A woken run has twenty seconds to look."""
    apply_unseen(town)
    assert len(waking.claim_due(town.engine, town.now)) == 1
    town.now += timedelta(seconds=20)
    assert waits(town) == []
    town.now += timedelta(seconds=1)
    assert waits(town) == [Waits.ACCOUNTS]
