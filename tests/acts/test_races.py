"""Two answers at the same moment over HTTP, on both databases: one is recorded, and both are told which."""

from sqlalchemy import Engine

from tests.attacks.racing import exactly_one_each_time

EACH_KIND_TWICE = 10
"""Two people, one link in two browsers, two letters, one's own page, a form; a thousand in the long proof."""


def test_of_two_answers_at_once_one_is_recorded(engine: Engine, database_url: str) -> None:
    exactly_one_each_time(engine, database_url, EACH_KIND_TWICE)
