"""The whole command line on a database file of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from runtime.settings import settings

Run = Callable[..., Result]

ADD = (
    "municipality",
    "add",
    "exempelby",
    "--name",
    "Exempelby kommun",
    "--mail-domain",
    "@Exempelby.example.org",
    "--sender",
    "kanalvakt@exempelby.example.org",
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs one command line; the database is empty until `migrate`."""
    monkeypatch.setenv("KANALVAKT_DATABASE_URL", f"sqlite:///{tmp_path}/kanalvakt.db")
    settings.cache_clear()
    yield lambda *words: CliRunner().invoke(app, [str(word) for word in words])
    settings.cache_clear()


@pytest.fixture
def ready(run: Run) -> Run:
    """A database with one municipality."""
    assert run("migrate").exit_code == 0
    assert run(*ADD).exit_code == 0
    return run
