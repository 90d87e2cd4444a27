"""Every story as plain function calls, on SQLite and PostgreSQL."""

import pytest
from sqlalchemy import Engine

from deployments.storyline import Story, load_stories, play
from tests.stories.plain import PlainDriver


@pytest.mark.parametrize("story", load_stories(), ids=lambda story: story.story)
def test_story_as_plain_function_calls(engine: Engine, story: Story) -> None:
    assert play(story, PlainDriver(engine, story)) == []
