"""One town for all tests that kill, and the stories that are told in it side by side."""

from collections.abc import Iterator, Sequence

import pytest

from deployments.storyline import load_stories
from tests.kills.telling import Teller
from tests.kills.town import WORKER, Town

TOLD = ("mall", "haninge", "nassjo", "skurup", "tomelilla")
WORKER_SEAMS = ("before_commit:5", "before_send", "after_commit:5", "after_send:3", "after_look")
"""A look commits three times: of five accounts that are looked at, some are then done, and some not begun."""


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """An installation with a database and nothing else yet, whose first worker will die."""
    town = Town(tmp_path_factory.mktemp("town"), kill_worker_at=WORKER_SEAMS[0])
    yield town
    town.stack.stop()


@pytest.fixture(scope="session")
def tellers(town: Town) -> Sequence[Teller]:
    """Accounts that have been applied for, each in its own municipality; they go on from test to test.

    All come at once, and five workers die on them, each at another seam; the sixth lives.
    """
    stories = {story.story: story for story in load_stories()}
    tellers = [Teller(town, stories[name]) for name in TOLD]
    for one in tellers:
        one.act()
    town.stack.start()
    for seam, following in zip(WORKER_SEAMS, (*WORKER_SEAMS[1:], ""), strict=True):
        town.dies(WORKER)
        if seam == "after_look":
            assert any(one.was_left_after_its_look() for one in tellers), "\n".join(f"{one.account()!r} {one.run()}" for one in tellers) + town.stack.parts[WORKER].end_of_log()
        town.let_claims_lapse()
        town.start(WORKER, following)
    return tellers
