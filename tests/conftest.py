"""Fixtures that every test may ask for."""

import gc
from datetime import datetime
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import time_machine

# How long a case takes says how busy the machine is: what is fast is shown by `make bench`.
hypothesis.settings.register_profile("kanalvakt", deadline=None)
hypothesis.settings.register_profile("torture", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("kanalvakt")

pytest_plugins = ["tests.database_fixtures", "tests.identity_provider_fixture"]


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """One server for the session, whoever asks for it first."""
    return ("127.0.0.1", 0)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The rules' tests run in memory; with this, the same tests run on PostgreSQL."""
    parser.addoption("--on-postgresql", action="store_true", help="the rules' tests on PostgreSQL")
    parser.addoption("--kills", type=int, default=13, help="how often parts are killed on SQLite")
    parser.addoption("--kills-on-postgresql", type=int, default=0, help="and how often on PostgreSQL")
    parser.addoption("--cases", type=int, default=2000, help="how many cases the fuzzing tries in all")
    parser.addoption("--as-if", choices=list(AS_IF), help="the machine's clock and zone are others")


AS_IF = {
    "saturday": datetime(2026, 12, 5, 10, tzinfo=ZoneInfo("Europe/Stockholm")),
    "christmas-eve": datetime(2027, 12, 24, 9, tzinfo=ZoneInfo("America/New_York")),
    "night": datetime(2028, 2, 29, 3, tzinfo=ZoneInfo("Pacific/Auckland")),
}
"""Nothing may depend on the day, hour or zone of the machine: at the last it is the day before in Sweden."""


def pytest_configure(config: pytest.Config) -> None:
    """The clock is moved before anything is imported, and goes on from there."""
    chosen = config.getoption("--as-if")
    if chosen:
        travel = time_machine.travel(AS_IF[chosen])
        travel.start()
        config.add_cleanup(travel.stop)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """There, only what would else run in memory."""
    if config.getoption("--on-postgresql"):
        elsewhere = [item for item in items if "memory" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


def pytest_collection_finish() -> None:
    """What has been imported stays to the end: a tenth of the time was to look through it for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
