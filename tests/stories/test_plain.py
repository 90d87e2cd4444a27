"""Every story as plain function calls, on SQLite and PostgreSQL."""

import pytest
from sqlalchemy import Engine

from deployments.storyline import Story, load_stories, play
from tests.stories.plain import PlainDriver

STORIES = load_stories()
ALSO_ON_POSTGRESQL = [story for story in STORIES if story.story in ("livet", "mall")]
"""The whole life, and one with everything that people do in it."""


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.story)
def test_story_as_plain_function_calls(sqlite_engine: Engine, story: Story) -> None:
    assert play(story, PlainDriver(sqlite_engine, story)) == []


@pytest.mark.parametrize("story", ALSO_ON_POSTGRESQL, ids=lambda story: story.story)
def test_story_on_postgresql(postgres_engine: Engine, story: Story) -> None:
    assert play(story, PlainDriver(postgres_engine, story)) == []
