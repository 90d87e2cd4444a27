"""Days and numbers as forms post them."""

from datetime import date, timedelta

from lifecycle.refusals import Refused


def number_in(text: str) -> int | None:
    """A number of ours, or None for anything else."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def day_in(text: str, otherwise: Refused | None = None) -> date:
    """A day. Raises `otherwise`, or that dates are wrong, for no day and for one far from ours."""
    refused = otherwise or Refused("dates_wrong")
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise refused from error
    if not 2000 <= day.year <= 2200:
        raise refused
    return day


def day_after(text: str, otherwise: Refused | None = None) -> date:
    """The day after the last one that a form asks for: where what is asked for ends."""
    return day_in(text, otherwise) + timedelta(days=1)
