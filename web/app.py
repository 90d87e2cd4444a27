"""The portal as an application."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine

from runtime import clock
from runtime.database import make_engine
from runtime.settings import InstallationSettings
from runtime.settings import settings as settings_of_process
from web import (
    about_me,
    absences,
    accounts,
    applications,
    beginning,
    calendars,
    cases,
    checklists,
    confirming,
    crises,
    diary,
    endings,
    entrance,
    guideline_pages,
    handing_out,
    health,
    importing,
    inventory,
    leaving,
    letter_pages,
    look,
    look_page,
    my_pages,
    opening,
    overviews,
    planning,
    process_pages,
    questions,
    register_formats,
    register_pages,
    repairs,
    report_pages,
    sending_again,
    sign_in,
    snapshots,
    statement,
    today,
    yearly,
)
from web.access_log import redact_access_log
from web.desk import Desk
from web.errors import add_handlers
from web.headers import SafeHeaders
from web.language import Languages
from web.limits import BodyLimit
from web.pages import HERE
from web.signing import signer_of
from web.staying import Staying

PARTS = (
    beginning,
    planning,
    applications,
    questions,
    checklists,
    my_pages,
    overviews,
    guideline_pages,
    look,
    look_page,
    letter_pages,
    absences,
    leaving,
    endings,
    confirming,
    crises,
    inventory,
    importing,
    today,
    snapshots,
    cases,
    diary,
    handing_out,
    yearly,
    about_me,
    calendars,
    accounts,
    repairs,
    sending_again,
    opening,
    process_pages,
    report_pages,
    register_formats,
    register_pages,
    statement,
    health,
    sign_in,
    entrance,
)


def create_app(
    settings: InstallationSettings | None = None,
    engine: Engine | None = None,
    now: Callable[[], datetime] = clock.now,
) -> FastAPI:
    """The portal. Raises ValueError when the cookie key is too short."""
    app = pages()
    app.state.desk = desk_with(settings or settings_of_process(), engine, now)
    return app


def desk_with(settings: InstallationSettings, engine: Engine | None, now: Callable[[], datetime]) -> Desk:
    """What one portal's pages are shown from."""
    redact_access_log()
    return Desk(
        settings=settings,
        engine=engine or make_engine(settings.database_url),
        now=now,
        signer=signer_of(settings),
    )


def pages() -> FastAPI:
    """All the pages, which do not yet belong to any portal."""
    app = FastAPI(title="Kanalvakt", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for part in PARTS:
        app.include_router(part.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(Staying)
    app.add_middleware(Languages)
    app.add_middleware(SafeHeaders)
    add_handlers(app)
    return app
