"""Somebody with a browser, as far as HTTP is concerned."""

import html
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine, text
from starlette.types import Receive, Scope, Send

from models import metadata
from runtime.settings import InstallationSettings
from tests.web.world import World
from web.app import desk_with, pages

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


def settings_for_tests(**given: Any) -> InstallationSettings:
    """Settings that no environment reaches."""
    usual: dict[str, Any] = {"demonstration": True, "cookie_key": "k" * 40, "portal_url": "http://testserver"}
    return InstallationSettings(_env_file=None, **(usual | given))


def everything_in(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with engine.connect() as connection:
        return {
            table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))]
            for table in metadata.tables
        }


def plain(page: Response) -> str:
    """What a page says, without its tags."""
    body = re.sub(r"<(style|script).*?</\1>", "", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def heading(page: Response) -> str:
    """The page's only first heading."""
    [found] = _TITLE.findall(page.text)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found)).split())


def cookie_at(path: str) -> str:
    """How the cookie of the link is called whose pages the path is among: /municipality/area/number/…"""
    parts = path.split("/")
    return f"kanalvakt-{next(filter(str.isdigit, parts), parts[-1])}"


@cache
def _pages() -> FastAPI:
    return pages()


class Portal:
    """The application of a world."""

    def __init__(self, world: World, **settings: Any) -> None:
        self.world = world
        self.desk = desk_with(settings_for_tests(**settings), world.engine, lambda: world.now)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The pages are built once for all tests: that takes longer than most of them."""
        _pages().state.desk = self.desk
        await _pages()(scope, receive, send)

    def visitor(self, base_url: str = "http://testserver") -> "Visitor":
        """Somebody with no cookies yet."""
        return Visitor(TestClient(self.app, base_url=base_url, follow_redirects=False))


class Visitor:
    """One browser: its cookies, and the page it shows."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.path = ""
        self.page: Response | None = None
        self._token = ""

    def open(self, path: str) -> Response:
        """Go to an address, and wherever it leads."""
        return self._arrive(path, self.client.get(path))

    def post(
        self,
        action: str = "",
        data: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a form of the page shown, to an address below the page's own, and see where it leads."""
        path = action if action.startswith("/") else f"{self.base}{'/' if action else ''}{action}"
        sent = {"form_token": self.token if token is None else token, **(data or {})}
        answer = self.client.post(path, data=sent, files=files, headers=dict(headers or {}))
        return self._arrive(path, answer)

    def _arrive(self, path: str, answer: Response) -> Response:
        for _ in range(5):
            if answer.status_code != 303:
                break
            path = answer.headers["location"]
            answer = self.client.get(path)
        self.path, self.page = path.partition("?")[0].partition("#")[0], answer
        self._token = next(iter(_TOKEN.findall(answer.text)), self._token)
        return answer

    @property
    def token(self) -> str:
        """The form token of the last page that had one."""
        return self._token

    @property
    def base(self) -> str:
        """The address of the matter whose page is shown."""
        found = re.match(
            r"/[a-z]+/(mina/\d+/(ansokan|fraga|lista|konto|ratta|bekrafta)/\d+|[a-z]+/\d+)", self.path
        )
        return found.group() if found else self.path
