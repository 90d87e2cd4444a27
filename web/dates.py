"""Days and numbers as forms post them."""

from datetime import date, timedelta

from lifecycle.refusals import Refused


def number_in(text: str) -> int | None:
    """A number of ours, or None for anything else."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def day_in(text: str, refusal: str = "dates_wrong", **values: object) -> date:
    """A day. Raises Refused for what is no day, or one that no calendar reaches."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused(refusal, **values) from error
    if not 2000 <= day.year <= 2200:
        raise Refused(refusal, **values)
    return day


def day_after(text: str, refusal: str = "dates_wrong", **values: object) -> date:
    """The day after the last one that a form asks for: where what is asked for ends."""
    return day_in(text, refusal, **values) + timedelta(days=1)
