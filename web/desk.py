"""What every page needs: the settings, the database, the clock and the signatures."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Engine
from sqlmodel import Session

from acts.identity_provider import IdentityProvider, IdentityProviders
from acts.work import work
from runtime.clock import machine_now
from runtime.database import reading
from runtime.settings import InstallationSettings
from runtime.sign_in import ProviderUnusable, provider_of
from web.kept_registers import KeptRegisters
from web.limits import REPORTS_AN_HOUR, LinkRequests
from web.pages import render
from web.signing import Signer

log = logging.getLogger("kanalvakt.sign_in")
COMES_BACK = "/inloggning/klar"
"""The only address that a provider of sign-ins may send a browser back to."""


@dataclass(frozen=True)
class Desk:
    """One portal."""

    settings: InstallationSettings
    engine: Engine
    now: Callable[[], datetime]
    signer: Signer
    link_requests: LinkRequests = field(default_factory=LinkRequests)
    reports: LinkRequests = field(default_factory=lambda: LinkRequests(REPORTS_AN_HOUR))
    registers: KeptRegisters = field(default_factory=KeptRegisters)
    providers: IdentityProviders = field(default_factory=IdentityProviders)

    def reads(self) -> AbstractContextManager[Session]:
        """A session in which the database refuses every change: all that a GET ever gets."""
        return reading(self.engine)

    def works(self, now: datetime) -> AbstractContextManager[Session]:
        """A session whose changes are announced and committed together."""
        return work(self.engine, now)

    @property
    def cookies_need_https(self) -> bool:
        """Always, but for a demonstration."""
        return not self.settings.demonstration

    def cookie_called(self, name: str) -> str:
        """How a cookie of ours is called: with a name that browsers let no other site of the domain set."""
        return f"__Host-{name}" if self.cookies_need_https else name

    def give_cookie(self, response: Response, name: str, value: str, path: str, seconds: int) -> None:
        """Set a cookie of ours, named for what it is for; one that is the whole host's has no path."""
        response.set_cookie(
            self.cookie_called(name),
            value,
            max_age=seconds,
            path="/" if self.cookies_need_https else path,
            secure=self.cookies_need_https,
            httponly=True,
            samesite="lax",
        )

    def take_cookie(self, response: Response, name: str, path: str) -> None:
        """Have a cookie of ours forgotten."""
        self.give_cookie(response, name, "", path, 0)

    def provider(self, slug: str) -> IdentityProvider | None:
        """Where a municipality's people sign in; None when nowhere, or when the settings are not whole."""
        try:
            chosen = provider_of(self.settings, slug)
        except ProviderUnusable as unusable:
            log.error("the sign-in of %s cannot be used: %s", slug, unusable)
            return None
        back = f"{self.settings.portal_url}{COMES_BACK}"
        return self.providers.at(chosen, back, machine_now()) if chosen else None

    def show(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page."""
        return HTMLResponse(render(template, **values), status_code=status)


def desk_of(request: Request) -> Desk:
    """The desk that a request came to."""
    desk: Desk = request.app.state.desk
    return desk


def go_to(address: str) -> Response:
    """After a form: to the page that shows what became of it."""
    return RedirectResponse(address, status_code=303)


def download(name: str, content: bytes, media_type: str) -> Response:
    """A file: always saved, never shown in our own pages' place."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)
