"""Turning a visitor away, or elsewhere, from wherever it is found out."""

import re
from typing import Any

NOT_FOUND = "turned/not_found.html"
_PAGE_OF_MATTER = re.compile(r"^/[^/]+/(mina/\d+/)?(ansokan|fraga|lista|konto|ratta|mina|adress)/\d+")
_OWN_PAGE = re.compile(
    r"^/[^/]+/(ansok|mina-uppgifter|konton/(\d+/)?rapportera|(mina/\d+/)?ansokan/\d+/(plan|aterta))$"
)
"""Forms that are posted to the address they are shown at."""


class Turned(Exception):
    """The visitor gets a page that says why, instead of the one asked for."""

    def __init__(self, status: int, template: str, **values: Any) -> None:
        self.status = status
        self.template = template
        self.values = values
        super().__init__(f"{status} {template}")


class GoTo(Exception):
    """The visitor is sent to another address."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(address)


class TooLate(GoTo):
    """The same, since what the visitor's link was for is over. What a form brought is shown first."""


def not_found() -> Turned:
    """There is no such page, or it is not for this visitor: nobody learns which."""
    return Turned(404, NOT_FOUND)


def page_of(path: str) -> str:
    """The page that a form was on, where its address tells."""
    if _OWN_PAGE.match(path):
        return path
    found = _PAGE_OF_MATTER.match(path)
    return found.group() if found else ""
