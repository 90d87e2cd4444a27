"""One town for all tests that kill, and the stories that are told in it side by side."""

from collections.abc import Iterator, Sequence

import pytest

from deployments.storyline import load_stories
from tests.kills.outside import left_after_their_look
from tests.kills.telling import Teller
from tests.kills.town import WORKER, Town

TOLD = ("mall", "haninge", "nassjo", "skurup", "tomelilla")
WORKER_SEAMS = ("before_commit:2", "before_send", "after_commit:2", "after_send:2", "after_look")
"""An application is looked at in three commits, of which the second changes something, and queues letters."""


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """An installation with a database, of which nothing runs yet."""
    town = Town(tmp_path_factory.mktemp("town"))
    yield town
    town.close()


@pytest.fixture(scope="session")
def tellers(town: Town) -> Sequence[Teller]:
    """Accounts that have been applied for, each in its own municipality; they go on from test to test.

    Five workers die on the way, each at another seam when another application has come; what each leaves,
    those after it find.
    """
    stories = {story.story: story for story in load_stories()}
    tellers = [Teller(town, stories[name]) for name in TOLD]
    for seam, teller in zip(WORKER_SEAMS, tellers, strict=True):
        teller.act()
        town.start(WORKER, seam)
        town.dies(WORKER)
        town.let_claims_lapse()
    assert left_after_their_look(town.outside)
    town.start(WORKER)
    return tellers
