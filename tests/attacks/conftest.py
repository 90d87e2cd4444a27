"""One town for all attacks, put back as it was after each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.database import make_engine
from tests.attacks.fuzzing import asked_for
from tests.attacks.tally import demand_as_many_as_asked_for
from tests.attacks.town import Town


@pytest.fixture(scope="session")
def _town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    path = tmp_path_factory.mktemp("attacked") / "kanalvakt.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    yield Town(engine)
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def _cases_in_all(request: pytest.FixtureRequest) -> Iterator[None]:
    """Told at the end, when every space has had its own."""
    yield
    demand_as_many_as_asked_for(asked_for(request))


@pytest.fixture
def town(_town: Town) -> Town:
    """As it was before anybody did anything."""
    _town.restore()
    return _town
