"""In which language a visitor is answered.

The visitor's own choice, kept in a cookie, goes before all; then the language of the person whose link it
is; then what the browser asks for. Some pages there are in Swedish only, and the list of accounts that stands
within another page has the language of its address.
"""

import re
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from languages.speaking import LANGUAGES, SWEDISH, Speech, begin
from web.desk import COMES_BACK
from web.turning import page_of

ASKED = "sprak"
"""In the address of a page: the language it is asked for in. It only sets the cookie of that name."""
_ONE_YEAR = 365 * 24 * 3600
_IN_SWEDISH_ONLY = re.compile(
    r"^/[^/]+/(idag/|processen\.|konton(/\w+)?\.)|^/[^/]+/mina/\d+/(?!(fraga|ansokan|lista|sprak|oppna|avsluta|ny-lank)\b)"
)
"""The pages of those who run accounts and of the communications unit, the drawing and the register's data."""
_WITHIN_ANOTHER = re.compile(r"^/[^/]+/konton/inbaddad$")
"""What stands within another page has that page's language, which its address says: no cookie, no browser."""
_OFFERED = re.compile(r"([a-z]{1,8})[^;]*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?")


class Languages:
    """Decides what is spoken before anything is answered, and takes in a choice."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a choice with the same page under its own address, and everything else in its language."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        choice = _choice_in(scope)
        if choice:
            await _keep(scope, choice)(scope, receive, send)
            return
        begin(_speech(scope))
        await self.app(scope, receive, send)


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _choice_in(scope: Scope) -> str:
    seen = scope["method"] in ("GET", "HEAD") and not _WITHIN_ANOTHER.match(scope["path"])
    return _asked_for(scope) if seen else ""


def _asked_for(scope: Scope) -> str:
    """The language of ours that stands in the address."""
    asked = dict(_query(scope)).get(ASKED, "")
    return asked if asked in LANGUAGES else ""


def _own_address(path: str, query: list[tuple[str, str]]) -> str:
    """An address of ours, whatever stands in the path."""
    own = "/" + quote(path).lstrip("/")
    return f"{own}?{urlencode(query)}" if query else own


def _keep(scope: Scope, choice: str) -> RedirectResponse:
    rest = [(name, value) for name, value in _query(scope) if name != ASKED]
    response = RedirectResponse(_own_address(scope["path"], rest), status_code=303)
    name, secure = _called(scope), scope["scheme"] == "https"
    response.set_cookie(name, choice, max_age=_ONE_YEAR, secure=secure, httponly=True, samesite="lax")
    return response


def _called(scope: Scope) -> str:
    """How the cookie is called: by https with a name that browsers let no other site of the domain set."""
    return f"__Host-{ASKED}" if scope["scheme"] == "https" else ASKED


def _speech(scope: Scope) -> Speech:
    if _WITHIN_ANOTHER.match(scope["path"]):
        return Speech(_asked_for(scope) or SWEDISH)
    headers = Headers(scope=scope)
    chosen = _cookie(headers.get("cookie", ""), _called(scope))
    wanted = chosen or preferred(headers.get("accept-language", ""))
    if _IN_SWEDISH_ONLY.match(scope["path"]):
        return Speech(SWEDISH, chosen=True, wanted=wanted)
    return Speech(wanted, chosen=bool(chosen), wanted=wanted, address=_address(scope))


def _address(scope: Scope) -> str:
    """Where the page is asked for again: one that answers a form, where its form is. Never with a token."""
    if scope["path"].startswith(("/l/", COMES_BACK)):
        return ""
    seen = scope["method"] in ("GET", "HEAD")
    path = scope["path"] if seen else page_of(scope["path"])
    return _own_address(path, _query(scope) if seen else []) if path else ""


def _cookie(sent: str, name: str) -> str:
    try:
        found = SimpleCookie(sent).get(name)
    except CookieError:
        return ""
    return found.value if found is not None and found.value in LANGUAGES else ""


def preferred(accepted: str) -> str:
    """The language of ours that a browser would rather have, by its Accept-Language; Swedish otherwise."""
    weights: dict[str, float] = {}
    for one in accepted.lower().split(","):
        found = _OFFERED.fullmatch(one.strip())
        if found and found.group(1) in LANGUAGES:
            weights.setdefault(found.group(1), float(found.group(2) or 1))
    usable = {one: weight for one, weight in weights.items() if weight > 0}
    return max(usable, key=lambda one: usable[one]) if usable else SWEDISH
