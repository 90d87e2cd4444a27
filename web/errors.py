"""Every refusal and every fault is a page that a person can read."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from lifecycle.refusals import Refused
from models import Municipality
from runtime.database import AWAY, why_away
from web.desk import desk_of, go_to
from web.forms import Posted
from web.headers import add_headers
from web.limits import TooLarge
from web.turning import NOT_FOUND, GoTo, TooLate, Turned, page_of
from web.visits import NO_VISIT, municipality_at
from web.written import Written, written_in

log = logging.getLogger(__name__)
_RETRY_SECONDS = 60


def add_handlers(app: FastAPI) -> None:
    """Teach the application to answer with pages."""
    app.add_exception_handler(GoTo, _gone_to)
    app.add_exception_handler(Turned, _turned)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _http)
    for away in AWAY:
        app.add_exception_handler(away, _database_is_away)
    app.add_exception_handler(Exception, _broken)


def _municipality(request: Request) -> Municipality | None:
    """The municipality in the address, for the page's heading; none when there is no such one."""
    slug = request.path_params.get("slug")
    if slug is None:
        return None
    try:
        with desk_of(request).reads() as session:
            return municipality_at(session, str(slug))
    except (Turned, SQLAlchemyError):
        return None


def _show(request: Request, status: int, template: str, **values: object) -> HTMLResponse:
    values.setdefault("municipality", _municipality(request))
    return desk_of(request).show(template, status=status, back=page_of(request.url.path), **values)


def _gone_to(request: Request, error: Exception) -> Response:
    """Elsewhere; what was posted too late is shown first, so that nobody writes it twice."""
    assert isinstance(error, GoTo)
    written = _written(request)
    if isinstance(error, TooLate) and written.texts:
        return _show(request, 410, "turned/too_late.html", address=error.address, written=written)
    return go_to(error.address)


def _written(request: Request) -> Written:
    return written_in(getattr(request.state, "posted", Posted()))


def _turned(request: Request, error: Exception) -> Response:
    assert isinstance(error, Turned)
    values = error.values
    if error.template == NO_VISIT:
        values = {**values, "posted": request.method == "POST", "written": _written(request)}
    if error.template == NOT_FOUND:
        values = {**values, "visit": getattr(request.state, "visit", None)}
    return _show(request, error.status, error.template, **values)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _show(request, 409, "turned/refused.html", says=error.says())


def _too_large(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooLarge)
    return _show(request, 413, "turned/too_large.html", megabytes=error.limit // 1_000_000)


def _not_understood(request: Request, _: Exception) -> Response:
    return _show(request, 400, "turned/bad_form.html")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    template = {404: NOT_FOUND, 405: "turned/wrong_method.html"}.get(error.status_code)
    page = _show(request, error.status_code, template or "turned/bad_form.html")
    for name, value in (error.headers or {}).items():
        page.headers[name] = value
    return page


def _database_is_away(request: Request, error: Exception) -> Response:
    """Nothing has been done. What was written stands in the page, to be sent again as it is."""
    log.error("Sidan %s kunde inte visas eller sparas. %s", request.method, why_away(error))
    posted: Posted = getattr(request.state, "posted", Posted())
    page = _show(
        request,
        503,
        "turned/away.html",
        address=request.url.path,
        posted=request.method == "POST",
        fields=[(name, value) for name, values in posted.values.items() for value in values],
        with_files=bool(posted.files),
    )
    page.headers["retry-after"] = str(_RETRY_SECONDS)
    return page


def _broken(request: Request, error: Exception) -> Response:
    """A fault of ours: logged whole, told without its inside."""
    log.error("a page broke", exc_info=error)
    page = desk_of(request).show("turned/broken.html", status=500, back="")
    add_headers(page.headers, request.url.path, request.url.scheme, page.status_code)
    return page
