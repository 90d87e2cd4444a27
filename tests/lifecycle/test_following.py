"""What follows from an answer is drawn, and nothing is asked whose answer is left lying."""

from lifecycle.following import FOLLOWS
from lifecycle.tasks import raise_news, unfinished
from models import FOLLOWED, Account, Outcome, TaskState
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import Town, step

CHIEF = step("chef", "decide", "line_manager")


def test_what_is_followed_is_what_the_database_finds_unfollowed() -> None:
    """The index of unfinished tasks names the kinds by itself."""
    assert set(FOLLOWED) == set(FOLLOWS)


def test_a_task_is_unfinished_while_it_is_open_or_its_end_is_not_followed() -> None:
    town = Town(memory_engine(), {"opening": [CHIEF]})
    town.apply()
    town.answer("karin", Outcome.DECLINE, "Behövs inte.")
    assert _unfinished(town) == []
    [asked] = town.tasks()
    town.take_back(asked.id or 0, "karin", unseen=True)
    assert _unfinished(town) == [TaskState.TAKEN_BACK]
    town.look()
    assert _unfinished(town) == [TaskState.OPEN]


def _unfinished(town: Town) -> list[TaskState]:
    with town.reading() as session:
        return [task.state for task in unfinished(session, town.account_id)]


def test_news_is_counted_by_the_database() -> None:
    """Two who have read the same count raise it by two."""
    town = Town(memory_engine(), {"opening": [CHIEF]})
    town.apply()
    before = town.account().news
    with town.work() as session:
        account = session.get_one(Account, town.account_id)
        session.connection().exec_driver_sql("UPDATE account SET news = news + 1")
        raise_news(session, account)
    assert town.account().news == before + 2
