"""Everybody who has a link is inside: looking changes nothing, and no form is taken without its guards.

The portal of the browser's tests has every kind of matter in it; no browser is needed for this.
"""

import pytest
from playwright.sync_api import Browser

from tests.attacks import within
from tests.attacks.inside import Inside
from tests.attacks.peopled import everybody_inside
from tests.attacks.robots import a_browser_that_presses_nothing_changes_nothing
from tests.attacks.scanning import no_scanner_changes_anything
from tests.browser.conftest import Site

OF_EACH = 2
"""Pages that each visitor looks at through each door; many more in the long proof."""


@pytest.fixture(scope="module")
def inside(site: Site) -> Inside:
    """Everybody has come in, and nobody has looked round."""
    return everybody_inside(site.world)


def test_what_is_looked_at_does_not_change(inside: Inside) -> None:
    within.looking_changes_nothing(inside, OF_EACH, all_of_them=False)


def test_no_form_is_taken_without_its_guards(inside: Inside) -> None:
    within.no_form_without_its_guards(inside, all_of_them=False)


def test_no_link_opens_the_pages_of_another_kind(inside: Inside) -> None:
    within.no_link_opens_anothers_pages(inside, all_of_them=False)


def test_nothing_is_shown_to_those_whom_it_does_not_concern(inside: Inside) -> None:
    within.nothing_for_whom_it_does_not_concern(inside, of_each=1)


def test_no_scanner_of_links_changes_anything(inside: Inside) -> None:
    no_scanner_changes_anything(inside, all_of_them=False)


def test_a_browser_that_follows_every_link_and_presses_nothing(browser: Browser, site: Site) -> None:
    """From two kinds of letters here, one page of each sort; everything in the long proof."""
    a_browser_that_presses_nothing_changes_nothing(browser, site, of_each=1, kinds=2)
