"""What must hold however many try: in every change's tests some of them, in the long proof all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from httpx2 import Response

from tests.attacks.doors import DOORS, Door, Guard, Only
from tests.attacks.inside import Inside, door_at
from tests.attacks.peopled import all_look_round
from tests.attacks.trying import Tried, as_nobody, unguarded, wrong_way_in
from tests.figures import prove
from tests.web.visitor import everything_in

SECTION = "Links under attack"
REFUSED = (403, 404)
SAID_NO = (400, 403, 404, 409, 422)
"""To somebody who has a visit, a form may also say what is wrong: with this person, or with what is asked."""
OPENED_BY_COMING_IN = "/l/{token:whole}"
Way = tuple[str, Callable[[], Response]]


@contextmanager
def nothing_changes(inside: Inside, what: str) -> Iterator[None]:
    """Every row of every table is as it was."""
    before = everything_in(inside.world.engine)
    yield
    after = everything_in(inside.world.engine)
    changed = [table for table in before if before[table] != after[table]]
    prove(SECTION, f"tables changed by {what}", len(changed), 0)
    assert not changed, changed


def looking_changes_nothing(inside: Inside, of_each: int, *, all_of_them: bool) -> None:
    """Every page fetched by GET, HEAD and OPTIONS by whoever it is for."""
    with nothing_changes(inside, "looking (GET, HEAD, OPTIONS)"):
        all_look_round(inside, of_each)
        fetched = [(guest, address) for guest in inside.guests for address in guest.seen]
        one_of_each = {door_at("GET", address): (guest, address) for guest, address in fetched}
        for guest, address in fetched if all_of_them else one_of_each.values():
            assert guest.client.head(address).content == b""
            assert guest.client.options(address).status_code == 405
    answers = [(address, guest.seen[address].status_code) for guest, address in fetched]
    prove(SECTION, "pages that broke when looked at", sum(status >= 500 for _, status in answers), 0)
    assert not (broken := [address for address, status in answers if status >= 500]), broken
    _demand_all_were_seen({door_at("GET", address) for address, status in answers if status < 400})


def _demand_all_were_seen(reached: set[Door | None]) -> None:
    """A list of addresses that nobody came to would prove nothing."""
    pages = [
        door
        for door in DOORS
        if door.method == "GET" and door.path != OPENED_BY_COMING_IN and Guard.PROVIDER not in door.guards
    ]
    prove(SECTION, "addresses looked at by those they are for", len(reached), len(pages), at_least=True)
    assert not (closed := [door.path for door in pages if door not in reached]), closed


def no_form_without_its_guards(inside: Inside, *, all_of_them: bool) -> None:
    """From elsewhere, without its cookie, and with no form token or another's."""
    forms = list(inside.forms())
    one_of_each = {door: (guest, found, door) for guest, found, door in forms}
    posts = [door for door in DOORS if door.method == "POST" and Guard.PROVIDER not in door.guards]
    closed = [door.path for door in posts if door not in one_of_each]
    assert not closed, closed
    with nothing_changes(inside, "forms without one of their guards"):
        tried = [
            Tried(how, door, found.action, post().status_code)
            for number, (guest, found, door) in enumerate(forms if all_of_them else one_of_each.values())
            for how, post in _some(unguarded(inside, guest, found), number, all_of_them)
        ]
    _demand_refused("forms taken without one of their guards", tried, (403,))


def _some(ways: Sequence[Way], number: int, all_of_them: bool) -> Sequence[Way]:
    """Every third way, others for the next form; and always the last one, without its cookie."""
    return ways if all_of_them else [*ways[number % 3 : -1 : 3], ways[-1]]


def no_link_opens_anothers_pages(inside: Inside, *, all_of_them: bool) -> None:
    """A link opens the pages of its kind; other pages know nothing of its cookie, number and form token."""
    kinds = {guest.kind: guest for guest in inside.guests if guest.kind}
    with nothing_changes(inside, "links at other kinds' addresses"):
        tried = [
            attempt
            for number, guest in enumerate(kinds.values())
            for attempt in wrong_way_in(inside, guest, DOORS if all_of_them else DOORS[number :: len(kinds)])
        ]
    _demand_refused("pages opened by another kind of link", tried, REFUSED)


def nothing_for_whom_it_does_not_concern(inside: Inside, of_each: int) -> None:
    """Somebody who works there tries what others found, at addresses of their own."""
    attempts = as_nobody(inside, of_each)
    tried = [next(attempts)]  # The visit has begun: from now on nothing may change.
    with nothing_changes(inside, "people whom it does not concern"):
        tried += attempts
    concerned = {door for door in DOORS if door.only is not Only.ALL and Guard.PROVIDER not in door.guards}
    assert {one.door for one in tried} == concerned
    pages, forms = ([one for one in tried if one.door.method == method] for method in ("GET", "POST"))
    _demand_refused("pages shown to whom they do not concern", pages, REFUSED)
    _demand_refused("forms taken from whom they do not concern", forms, SAID_NO)


def _demand_refused(what: str, tried: Sequence[Tried], refusals: Sequence[int]) -> None:
    taken = [str(one) for one in tried if one.status not in refusals]
    prove(SECTION, f"{what}, of {len(tried):,} tried", len(taken), 0)
    assert tried and not taken, "\n".join(taken)
