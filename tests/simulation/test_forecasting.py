"""The coming letters of an account, from a database that is only read."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from acts.work import work
from models import Account, AuditEvent, Message, UserTask
from policies.loading import content_of, load_policy
from runtime.database import reading
from simulation.forecasting import Coming, coming_letters
from tests.lifecycle.town import Town

NOW = datetime(2026, 12, 21, 5, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def town(engine: Engine) -> Town:
    """An application that waits for its manager, on each kind of database."""
    town = Town(engine, policy=content_of(load_policy("tibro")), now=NOW)
    town.apply(
        "elin",
        address="https://www.instagram.com/biblioteket",
        purpose="Visa böcker.",
        target_group="Låntagare",
        fits_task="ja",
        municipal_purpose="dialogue",
        responsible=["elin", "omar"],
        administrators=["omar", "tove"],
        substitute=["tove"],
    )
    town.deliver()
    return town


def coming(town: Town, days: int, *, answers: bool = False) -> list[Coming]:
    return coming_letters(
        town.engine,
        town.municipality_id,
        town.now,
        days,
        account_ids=[town.account_id],
        everybody_answers=answers,
    )


def test_nobody_answers_the_ladder_climbs_on_working_days(town: Town) -> None:
    """Three working days, three more, and then communications hears of it: the ladder's own setting."""
    letters = coming(town, 30)
    days = [one.at.astimezone(ZONE).date() for one in letters if one.notice == "reminder"]
    told = [one.at.astimezone(ZONE).date() for one in letters if one.notice == "escalated"]
    assert sorted(set(days)) == [date(2026, 12, 28), date(2027, 1, 4)]
    assert sorted(set(told)) == [date(2027, 1, 8)]


def test_everybody_answers_and_the_account_opens(town: Town) -> None:
    letters = coming(town, 15, answers=True)
    notices = [one.notice for one in letters]
    assert "account_active" in notices
    assert not {"reminder", "escalated", "checklist_reminder"} & set(notices)
    mornings = [one for one in letters if one.notice == "morning"]
    assert {part.partition(":")[0] for one in mornings for part in one.about.split("; ")} == {
        "titta till kontot",
        "ny uppgift",
    }


def test_the_source_is_only_read(town: Town) -> None:
    before = counted(town.engine)
    coming(town, 10, answers=True)
    assert counted(town.engine) == before


def counted(engine: Engine) -> list[object]:
    with reading(engine) as session:
        rows = [
            session.execute(select(col(one.id))).scalars().all() for one in (AuditEvent, Message, UserTask)
        ]  # type: ignore[attr-defined]
        return [*rows, session.execute(select(col(Account.news), col(Account.state))).all()]


def test_a_letter_that_waits_already_is_among_them(town: Town) -> None:
    with work(town.engine, town.now) as session:
        for message in session.execute(select(Message)).scalars():
            message.state, message.sent_at = "queued", None  # type: ignore[assignment]
    assert any(one.notice == "decision_asked" for one in coming(town, 1))


def test_another_municipality_is_left_out(town: Town) -> None:
    """Whoever asks about one account is told of it alone."""
    letters = coming(town, 30)
    assert {one.account_id for one in letters} <= {town.account_id, None}
    assert all(one.at < town.now + timedelta(days=31) for one in letters)


def test_as_if_a_policy_were_adopted_now(town: Town) -> None:
    """A watch that is asked every working day falls silent where the new policy asks for none."""
    silent = content_of(load_policy("haninge"))
    with_watch = coming_letters(town.engine, town.municipality_id, town.now, 20, everybody_answers=True)
    without = coming_letters(
        town.engine, town.municipality_id, town.now, 20, everybody_answers=True, proposed=silent
    )
    assert any("titta till kontot" in one.about for one in with_watch)
    assert not any("titta till kontot" in one.about for one in without)
