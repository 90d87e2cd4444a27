"""The whole proof of the link contract, by hand: `make torture`. Each has its short form in `make test`."""

import os

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from tests.attacks import within
from tests.attacks.dead import no_dead_link_is_accepted
from tests.attacks.inside import Inside
from tests.attacks.peopled import everybody_inside
from tests.attacks.racing import exactly_one_each_time
from tests.attacks.refused import no_forged_token_is_accepted
from tests.attacks.robots import a_browser_that_presses_nothing_changes_nothing
from tests.attacks.scanning import no_scanner_changes_anything
from tests.browser.conftest import Site, browser, site
from tests.web.world import World

__all__ = ["browser", "site"]
pytestmark = pytest.mark.timeout(1200)
FORGED, DEAD, RACES = 100_000, 1_000, 500
"""Races: on each of the two databases."""
OF_EACH = 5


def test_a_hundred_thousand_forged_tokens(sqlite_engine: Engine, sqlite_url: str) -> None:
    no_forged_token_is_accepted(World(sqlite_engine), sqlite_url, FORGED, len(os.sched_getaffinity(0)))


def test_a_thousand_dead_links(sqlite_engine: Engine) -> None:
    no_dead_link_is_accepted(World(sqlite_engine), DEAD)


def test_a_thousand_races(engine: Engine, database_url: str) -> None:
    exactly_one_each_time(engine, database_url, RACES)


@pytest.fixture(scope="module")
def inside(site: Site) -> Inside:
    """Everybody has come in, and nobody has looked round."""
    return everybody_inside(site.world)


def test_everything_that_can_be_looked_at(inside: Inside) -> None:
    within.looking_changes_nothing(inside, OF_EACH, all_of_them=True)


def test_every_form_without_each_of_its_guards(inside: Inside) -> None:
    within.no_form_without_its_guards(inside, all_of_them=True)


def test_every_link_at_every_other_kinds_addresses(inside: Inside) -> None:
    within.no_link_opens_anothers_pages(inside, all_of_them=True)


def test_everything_by_somebody_whom_it_does_not_concern(inside: Inside) -> None:
    within.nothing_for_whom_it_does_not_concern(inside, of_each=OF_EACH)


def test_scanners(inside: Inside) -> None:
    no_scanner_changes_anything(inside, all_of_them=True)


def test_a_real_browser_from_every_kind_of_letter(browser: Browser, site: Site, inside: Inside) -> None:
    """The last: its browser keeps a loop of events going, in which no other can be run."""
    a_browser_that_presses_nothing_changes_nothing(browser, site, of_each=2, kinds=8)
