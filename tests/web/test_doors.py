"""The list of ways in is the application's own: nothing is added without saying whose it is."""

import pytest

from models import LinkKind
from notifications.registry import NOTICES, TASK_LINKS
from tests.attacks.doors import DOORS, FORM, LINK_KINDS, OPENED_BY_LETTERS, Door, Guard
from web.app import PARTS, pages
from web.visits import AREAS


def test_every_address_of_the_portal_is_in_the_list_and_no_other() -> None:
    """Whoever adds one says who may come in, whether it changes anything, and what protects it."""
    real = [
        (method, route.path) for part in PARTS for route in part.router.routes for method in route.methods
    ]
    assert sorted((door.method, door.path) for door in DOORS) == sorted(real)


def test_no_address_has_come_in_past_the_list_of_parts() -> None:
    """Besides the parts there are the files that stand still, and nothing: no documentation, no schema."""
    others = [one for one in pages().routes if type(one).__name__ != "_IncludedRouter"]
    assert [(type(one).__name__, getattr(one, "path", "")) for one in others] == [("Mount", "/static")]
    assert len(pages().routes) == len(PARTS) + 1


def test_every_kind_of_link_is_in_the_list_and_opens_what_the_list_says() -> None:
    assert set(LINK_KINDS) == set(LinkKind)
    assert set(AREAS) == set(OPENED_BY_LETTERS)
    said = {notice.link for notice in NOTICES.values() if isinstance(notice.link, LinkKind)}
    assert said | set(TASK_LINKS.values()) <= set(OPENED_BY_LETTERS), (
        "a letter carries a link that opens nothing"
    )


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.path}")
def test_the_list_itself_leaves_nobody_unguarded(door: Door) -> None:
    """What changes is posted; what is posted by link has all three guards, and the rest has a limit."""
    if door.method == "GET":
        assert not door.changes or door.guards == (Guard.PROVIDER,)
    elif door.kinds:
        assert set(FORM) <= set(door.guards)
    else:
        assert Guard.ORIGIN in door.guards
        assert {Guard.LINKS_AN_HOUR, Guard.REPORTS_AN_HOUR} & set(door.guards)
