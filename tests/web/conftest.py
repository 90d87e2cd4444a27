"""The portal on an empty database, with the engine that the product uses."""

from collections.abc import Iterator
from gettext import NullTranslations

import pytest
from sqlalchemy import Engine

from languages import catalogue
from runtime.database import make_engine
from tests.languages.marking import Marked
from tests.web.visitor import Portal
from tests.web.world import World


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """SQLite: what the portal adds to the domain's tests is HTTP, which is the same on every database."""
    engine = make_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def world(engine: Engine) -> World:
    """Exempelby, under the template policy."""
    return World(engine)


@pytest.fixture
def portal(world: World) -> Portal:
    """The portal of Exempelby."""
    return Portal(world)


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English is nothing but marks."""
    languages = {"en": Marked()}
    monkeypatch.setattr(catalogue, "translations", lambda one: languages.get(one, NullTranslations()))
    monkeypatch.setattr(catalogue, "rule_words", lambda one: NullTranslations())
    yield
