"""Turning a visitor away, or elsewhere, from wherever it is found out."""

from typing import Any


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


def not_found() -> Turned:
    """There is no such page, or it is not for this visitor: nobody learns which."""
    return Turned(404, "turned/not_found.html")
