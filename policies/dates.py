"""A day as Swedes write it in a sentence."""

from datetime import date

from babel.dates import format_date


def day_in_words(day: date) -> str:
    """18 december 2026"""
    return format_date(day, "d MMMM y", locale="sv")
