"""One town for all tests that kill, and the stories that are told in it side by side."""

from collections.abc import Iterator

import pytest

from deployments.storyline import load_stories
from tests.kills.telling import Teller
from tests.kills.town import Town

TOLD = ("mall", "haninge", "nassjo", "skurup", "tomelilla")
"""Stories whose second step is an answer or a handing over."""


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A running installation."""
    town = Town(tmp_path_factory.mktemp("town"))
    with town.stack:
        yield town


@pytest.fixture(scope="session")
def tellers(town: Town) -> list[Teller]:
    """Accounts that have been applied for, each in its own municipality; they go on from test to test."""
    stories = {story.story: story for story in load_stories()}
    tellers = [Teller(town, stories[name]) for name in TOLD]
    for one in tellers:
        one.act()
    assert [found for one in tellers for found in one.differences()] == []
    return tellers
