"""One town for all attacks, put back as it was after each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.database import make_engine
from tests.attacks.town import Town


@pytest.fixture(scope="session")
def _town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    path = tmp_path_factory.mktemp("attacked") / "kanalvakt.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    yield Town(engine)
    engine.dispose()


@pytest.fixture
def town(_town: Town) -> Town:
    """As it was before anybody did anything."""
    _town.restore()
    return _town
