"""Other sites' pages: they can send none of our forms, frame none of our pages, and be led to from none."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest

from models import LinkKind
from tests.attacks.tally import demand_none_through
from tests.attacks.town import ROUTES, Form, Town, Way, kind_of
from tests.remembering import _stored
from tests.web.visitor import everything_in

FOREIGN: tuple[Mapping[str, str], ...] = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": "http://testserver"},
    {"sec-fetch-site": "cross-site", "origin": "null"},
    {"origin": "https://example.net"},
    {"origin": "http://testserver.example.net"},
    {"origin": "http://testserver@example.net"},
    {"origin": "http://["},
)
"""What a browser says of a form that stands on another site's page, and what no browser says."""
EMBEDDED = "/{slug}/konton/inbaddad"


def written(route: str, **values: object) -> str:
    """A route's address with something in each of its places."""
    path = route
    while "{" in path:
        name, _, rest = path.partition("{")[2].partition("}")
        path = f"{path.partition('{')[0]}{values.get(name.partition(':')[0], 1)}{rest}"
    return path


def test_no_form_is_taken_from_another_site(town: Town) -> None:
    """Every address that takes a form, also those that need no link."""
    posts = sorted({route.path for route in ROUTES if "POST" in (route.methods or ())})
    before = everything_in(town.world.engine)
    through = []
    for path in (written(one, slug="exempelby", area="fraga", form="x") for one in posts):
        for headers in FOREIGN:
            answer = town.nobody.client.post(path, data={"email": "anna.berg@example.org"}, headers=headers)
            through += [(path, headers, answer.status_code)] if answer.status_code != 403 else []
    assert everything_in(town.world.engine) == before
    demand_none_through("Forms of other sites (CSRF)", len(posts) * len(FOREIGN), through)


def test_no_form_is_taken_without_the_token_of_its_own_page(town: Town) -> None:
    """An old browser says nothing of where a form stood; then the token decides, each link's own."""
    one_each = {kind_of("POST", form.path): (way, form) for way, form in town.forms}.values()
    guarded = [(way, form) for way, form in one_each if "form_token" in form.fields]
    stolen = {form.filled()["form_token"] for _, form in guarded}
    before, tried, through = everything_in(town.world.engine), 0, []
    for way, form in guarded:
        own = form.filled()["form_token"]
        others = sorted(stolen - {own})[:1]
        for token in ("", own[:-1], *others):
            answer = _sent(way, form, {"form_token": token})
            tried += 1
            through += [(form.action, token)] if answer != 403 else []
    assert everything_in(town.world.engine) == before
    demand_none_through("Forms without their page's token", tried, through)


def _sent(way: Way, form: Form, changed: Mapping[str, str]) -> int:
    files: Any = {name: ("a.txt", b"x") for name in form.files} or None
    return way.client.post(form.path, data=form.filled() | dict(changed), files=files).status_code


def test_the_forms_without_a_token_are_those_that_anybody_may_send(town: Town) -> None:
    """They ask for a letter to somebody's own address, or report something; nothing is done in a name."""
    open_to_all = {kind_of("POST", form.path) for _, form in town.forms if "form_token" not in form.fields}
    assert open_to_all == {
        "/{slug}/ansok",
        "/{slug}/mina-uppgifter",
        "/{slug}/konton/{account_id}/rapportera",
    }


def test_no_page_can_be_framed(town: Town) -> None:
    """Clickjacking: neither by the old header nor by the new; one page is made for it, and does nothing."""
    through = []
    for _, path, answer in town.pages:
        policy = answer.headers["content-security-policy"]
        shut = answer.headers.get("x-frame-options") == "DENY" and "frame-ancestors 'none'" in policy
        through += [path] if not shut and kind_of("GET", path) != EMBEDDED else []
    embedded = town.nobody.client.get("/exempelby/konton/inbaddad")
    assert "<form" not in embedded.text and "set-cookie" not in embedded.headers
    demand_none_through("Pages in another site's frame (clickjacking)", len(town.pages), through)


ELSEWHERE = (
    "//example.net",
    "///example.net",
    "/\\example.net",
    "\\\\example.net",
    "https://example.net",
    "https:example.net",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%2f%2fexample.net",
    "/%5cexample.net",
    "/\t/example.net",
    "/\r\nLocation: https://example.net",
    "@example.net",
    ".example.net",
    "konto/../../../..//example.net",
)
"""Ways of writing another site's address that browsers take for one."""
PLACES = (
    "/exempelby/oppna/{}",
    "/{}",
    "/ansok/{}",
    "/mina-uppgifter{}",
    "/tavlan{}",
    "/l/{}",
    "/{}?sprak=en",
)
ASKED = ("next", "to", "url", "redirect", "till", "sprak")


def test_no_address_of_ours_leads_to_another_site(town: Town) -> None:
    """Open redirects: by path, by query, by cookie and by the name that the browser says we have."""
    home = next(way for way in town.ways if way.who == "disa")
    locations: list[tuple[str, str]] = []
    for where in ELSEWHERE:
        query = "&".join(f"{name}={quote(where)}" for name in ASKED)
        paths = [place.format(one) for place in PLACES for one in (where, quote(where, safe=""))]
        for path in (*paths, f"/?{query}", f"/ansok?{query}", f"/exempelby?{query}&sprak=en"):
            locations.append((path, _location(town.nobody, path)))
        for path in paths[:2]:
            locations.append((path, _location(home, path)))
        for cookie in (where, quote(where, safe="")):
            visit = f"kanalvakt-besok-exempelby={home.base.rpartition('/')[2]}"
            kept = f"kanalvakt-till-exempelby={_sendable(cookie)}; {visit}"
            locations.append((cookie, _location(town.nobody, "/exempelby/oppna/konto/1", {"cookie": kept})))
    assert any(location for _, location in locations), "some of them do lead somewhere"
    through = [one for one in locations if _leads_away(one[1])]
    demand_none_through("Ways out to other sites (open redirect)", len(locations), through)


def _location(way: Way, path: str, headers: Mapping[str, str] | None = None) -> str:
    """Where an address leads, whatever the browser says that we are called."""
    sent = {"x-forwarded-host": "example.net", "host": "example.net", **(headers or {})}
    answer = way.client.get(f"http://testserver{_sendable(path)}", headers=sent)
    return answer.headers.get("location", "")


def _sendable(text: str) -> str:
    """What a line of a request can hold at all; the rest is sent encoded."""
    return text.replace("\r\n", "%0d%0a").replace("\t", "%09")


def _leads_away(location: str) -> bool:
    """As a browser reads it: it takes a backslash for a slash and leaves tabs and line ends out."""
    plain = location.translate({ord(one): None for one in "\t\r\n"}).replace("\\", "/")
    parts = urlsplit(urljoin("http://testserver/x", plain.strip()))
    return bool(location) and (parts.scheme, parts.netloc) != ("http", "testserver")


@pytest.mark.parametrize("place", ELSEWHERE)
def test_the_remembered_place_is_a_page_of_ones_own(town: Town, place: str) -> None:
    """What the browser was told to remember is read as cautiously as what stands in an address."""
    world = town.world
    before = _stored(world.engine)
    visitor = town.portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "hanna"))
    visitor.client.cookies.set("kanalvakt-till-exempelby", _sendable(place), path="/exempelby")
    answer = visitor.client.post(f"{visitor.base}/oppna", data={"form_token": visitor.token})
    assert answer.status_code == 303 and not _leads_away(answer.headers["location"])
    assert before != _stored(world.engine)
