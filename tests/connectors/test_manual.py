"""What a person answers becomes an observation like any other (REQUIREMENTS 3, "Posting")."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.manual import Answered, AnswerRefused, answered
from models import SightState
from tests.connectors.world import NOW, SINCE

ZONE = ZoneInfo("Europe/Stockholm")
ADDRESS = "https://www.tiktok.com/@exempelby/video/1"


def answer(since=SINCE, now=NOW, **given):
    return answered(Answered(**given), since, now, ZONE)


def faults(since=SINCE, now=NOW, **given) -> dict[str, str]:
    with pytest.raises(AnswerRefused) as why:
        answer(since, now, **given)
    return why.value.faults


def test_a_number_and_a_day():
    seen = answer(count="3", latest_on="2026-11-23", latest_url=f" {ADDRESS} ")
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 3, True)
    assert (seen.source, seen.checked_at, seen.latest_url) == ("manual", NOW, ADDRESS)


def test_a_day_is_read_in_the_accounts_favour():
    """23 November in Sweden ends at 23.00 UTC."""
    seen = answer(count="3", latest_on="2026-11-23")
    assert seen.latest_at == datetime(2026, 11, 23, 22, 59, 59, 999999, tzinfo=UTC)


def test_today_has_not_ended_yet():
    assert answer(count="1", latest_on="2026-11-25").latest_at == NOW


def test_at_least():
    seen = answer(count="20", at_least=True, latest_on="2026-11-23")
    assert (seen.count, seen.complete) == (20, False)


def test_none_since_the_last_look():
    seen = answer(count="0", latest_on="2026-11-10")
    assert (seen.state, seen.count, seen.complete) == (SightState.EMPTY, 0, True)
    assert seen.latest_at == datetime(2026, 11, 10, 22, 59, 59, 999999, tzinfo=UTC)


def test_none_since_a_last_look_on_the_day_of_the_latest_post():
    assert answer(count="0", latest_on="2026-11-20").latest_at == SINCE


def test_nothing_was_ever_posted():
    assert answer(count="0").latest_at is None


def test_the_day_is_the_municipalitys_and_not_utcs():
    """At half past midnight in Sweden it is still yesterday in UTC."""
    night = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert answer(count="1", latest_on="2026-11-26", now=night).latest_at == night


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"count": ""}, "count"),
        ({"count": "tre", "latest_on": "2026-11-23"}, "count"),
        ({"count": "-1"}, "count"),
        ({"count": "1.5", "latest_on": "2026-11-23"}, "count"),
        ({"count": "10001", "latest_on": "2026-11-23"}, "count"),
        ({"count": "٣", "latest_on": "2026-11-23"}, "count"),
        ({"count": "0", "at_least": True}, "count"),
        ({"count": "0", "latest_on": "2026-11-22"}, "count"),
        ({"count": "2"}, "latest_on"),
        ({"count": "2", "latest_on": "2026-11-26"}, "latest_on"),
        ({"count": "0", "latest_on": "2027-01-01"}, "latest_on"),
        ({"count": "2", "latest_on": "2026-11-19"}, "latest_on"),
        ({"count": "2", "latest_on": "2026-02-30"}, "latest_on"),
        ({"count": "2", "latest_on": "23/11"}, "latest_on"),
        ({"count": "2", "latest_on": "2026-11-23", "latest_url": "tiktok"}, "latest_url"),
        ({"count": "2", "latest_on": "2026-11-23", "latest_url": "javascript:alert(1)"}, "latest_url"),
        ({"count": "2", "latest_on": "2026-11-23", "latest_url": "https://a:b@example.org"}, "latest_url"),
    ],
)
def test_answers_that_cannot_be_right(given_, field):
    assert list(faults(**given_)) == [field]


def test_all_that_is_wrong_is_told_at_once():
    told = faults(count="x", latest_on="i går", latest_url="här")
    assert list(told) == ["count", "latest_on", "latest_url"]
    assert all(text.endswith(".") for text in told.values())


def test_a_clock_set_back():
    assert "klocka" in faults(since=NOW + timedelta(days=1), count="0")["since"]


def test_the_first_answer_has_no_last_look():
    assert answer(since=None, count="7", latest_on="2020-01-01").count == 7
    assert answer(since=None, count="0", latest_on="2020-01-01").state is SightState.EMPTY


texts = st.text(max_size=20)


@given(texts, st.booleans(), texts | st.dates().map(str), texts)
def test_any_answer_is_taken_or_refused_with_a_reason(count, at_least, latest_on, latest_url):
    try:
        seen = answered(Answered(count, at_least, latest_on, latest_url), SINCE, NOW, ZONE)
    except AnswerRefused as why:
        assert why.faults
        assert all(why.faults.values())
    else:
        assert seen.latest_at is None or seen.latest_at <= NOW


@given(st.integers(0, 50), st.dates(date(2026, 10, 1), date(2026, 11, 25)))
def test_an_answer_that_is_taken_agrees_with_itself(count, latest_on):
    """Something new has a time after the last look; nothing new has none."""
    try:
        seen = answer(count=str(count), latest_on=str(latest_on))
    except AnswerRefused:
        return
    assert (seen.count, seen.state is SightState.OK) == (count, count > 0)
    assert seen.latest_at is not None
    assert (seen.latest_at > SINCE) == (count > 0)
