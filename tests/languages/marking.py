"""A language that is nothing but marks: whatever stands outside them was never asked for in a language."""

import re
from collections.abc import Iterable
from gettext import NullTranslations
from html.parser import HTMLParser

BEGINS, ENDS = "⟦", "⟧"
_PIECES = re.compile(r"(<[^>]*>|%\(\w+\)s|\{\w+\})")
_SPOKEN = ("aria-label", "title", "alt", "placeholder", "data-saved", "data-not-saved")
_EMPTY = ("br", "meta", "link", "input", "img", "hr")


class Marked(NullTranslations):
    """Every text between marks; the values put into it stay outside them."""

    def gettext(self, message: str) -> str:
        pieces = _PIECES.split(message)
        return "".join(one if _PIECES.fullmatch(one) or not one else f"{BEGINS}{one}{ENDS}" for one in pieces)

    def ngettext(self, one: str, several: str, count: int) -> str:
        return self.gettext(one if count == 1 else several)


class _Reader(HTMLParser):
    """What a page says, apart from what says itself that it is Swedish, and what one is just writing."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        silent = tag in ("style", "script", "textarea") or given.get("lang") == "sv"
        if not self._silent:
            self.said += [f" {given[name]} " for name in _SPOKEN if given.get(name)]
        if tag not in _EMPTY:
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)

    @property
    def _silent(self) -> bool:
        return any(silent for _, silent in self._open)


def unmarked_in(html: str, known: Iterable[str]) -> list[str]:
    """Words of a page in the marked language that are neither marked, nor Swedish that says so, nor known."""
    reader = _Reader()
    reader.feed(html)
    return unmarked("".join(reader.said), known)


def unmarked(text: str, known: Iterable[str]) -> list[str]:
    """The same of plain text."""
    outside = re.sub(f"{BEGINS}[^{BEGINS}{ENDS}]*{ENDS}", " ", " ".join(text.split()))
    outside = re.sub(r"https?://\S+|\b[0-9a-f]{64}\b|\w+…", " ", outside)
    for one in sorted(known, key=len, reverse=True):
        outside = outside.replace(one, " ")
    return re.findall(r"[A-Za-zÅÄÖåäö]{2,}", outside)
