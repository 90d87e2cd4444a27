"""A mail as it came, however broken: its headers as text, its parts, and what of it a person wrote.

Nothing in it is trusted, and nothing in it raises: what cannot be read is empty.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from functools import cached_property
from hashlib import sha256
from html.parser import HTMLParser

MOST_BYTES = 400_000
"""As much of a mail is read; what stands in its beginning tells what it is."""
_MOST_PARTS = 60
_MOST_TEXT = 60_000
_LETTER = re.compile(r"(?<![0-9a-f])([0-9a-f]{32})(?=@)")
_IN_ENVELOPE = re.compile(r"(?<![0-9a-f])([0-9a-f]{32})(?![0-9a-f])")
_ENVELOPE = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Cc")
_GUESSES = ("utf-8", "windows-1252", "latin-1")


class Mail:
    """One mail, read as far as it can be."""

    def __init__(self, content: bytes) -> None:
        self.content = content[:MOST_BYTES]
        self.top: Message = message_from_bytes(self.content, policy=compat32)

    @cached_property
    def once_key(self) -> str:
        """Tells it from all others by its content: some have no Message-ID, or that of another."""
        beginning = self.content[:20_000].replace(b"\r\n", b"\n")
        return sha256(beginning).hexdigest()

    def header(self, name: str) -> str:
        """The first header of a name, decoded and on one line; empty when it is not there."""
        return header_of(self.top, name)

    def addresses(self, *names: str) -> list[str]:
        """The addresses in some headers, lower case, in their order."""
        values = [str(one) for name in names for one in self.top.get_all(name, [])]
        try:
            found = [one for _, one in getaddresses(values)]
        except (ValueError, IndexError):
            found = []
        return [one.strip().lower() for one in found if "@" in one]

    @cached_property
    def sender(self) -> str:
        """From whom it says that it comes; that may be anybody."""
        return next(iter(self.addresses("From")), "")

    @cached_property
    def reached(self) -> list[str]:
        """The addresses that it came to."""
        return self.addresses(*_ENVELOPE)

    @cached_property
    def parts(self) -> list[Message]:
        """It and all within it, outermost first."""
        return list(_walked(self.top))

    def part(self, *kinds: str) -> Message | None:
        """The first part of one of these kinds."""
        return next((one for one in self.parts if one.get_content_type() in kinds), None)

    @cached_property
    def text(self) -> str:
        """Everything that its own text parts say, without what it forwards."""
        texts = [text_of(one) for one in _own(self.top) if one.get_content_type() == "text/plain"]
        return "\n".join(texts)[:_MOST_TEXT] or self.html_text

    @cached_property
    def html_text(self) -> str:
        """What its HTML says, as lines."""
        pages = [text_of(one) for one in _own(self.top) if one.get_content_type() == "text/html"]
        return words_of_html("\n".join(pages)[: 4 * _MOST_TEXT])[:_MOST_TEXT]

    @cached_property
    def letters(self) -> list[str]:
        """The ids of letters that it names: by the address it came to, as an answer, or as returned."""
        envelope = " ".join(self.reached)
        answers = f"{self.header('In-Reply-To')} {self.header('References')}"
        inner = [header_of(one, "Message-ID") for one in self.parts[1:]]
        reported = [text_of(one) for one in self.parts if one.get_content_type() == "text/rfc822-headers"]
        found = [
            *_IN_ENVELOPE.findall(envelope),
            *reversed(_LETTER.findall(answers)),
            *_LETTER.findall(" ".join(inner + reported)),
            *_LETTER.findall(self.text),
            *_LETTER.findall(self.content.decode("latin-1")),
        ]
        return list(dict.fromkeys(found))[:20]


def header_of(part: Message, name: str) -> str:
    """A header in words, on one line."""
    value = part.get(name)
    return " ".join(_decoded(str(value)).split()) if value is not None else ""


def _decoded(value: str) -> str:
    try:
        pieces = decode_header(value)
    except (ValueError, LookupError, AssertionError):
        return value
    return "".join(one if isinstance(one, str) else _as_text(one, charset) for one, charset in pieces)


def _as_text(content: bytes, charset: str | None) -> str:
    """In the charset it says, unless that is wrong: then in the likeliest."""
    for one in (charset, *_GUESSES):
        try:
            return content.decode(one or "ascii")
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def text_of(part: Message) -> str:
    """What a text part says; empty for a part that holds others."""
    if part.is_multipart():
        return ""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError):
        content = None
    if not isinstance(content, bytes):
        return str(part.get_payload() or "")
    said = part.get_content_charset() if part.get("Content-Type") else None
    return _as_text(content, said).replace("\r\n", "\n").replace("\x00", "")


def _walked(top: Message) -> Iterator[Message]:
    waiting, count = [top], 0
    while waiting and count < _MOST_PARTS:
        part = waiting.pop(0)
        count += 1
        yield part
        if part.is_multipart():
            waiting += [one for one in part.get_payload() if isinstance(one, Message)]


def _own(top: Message) -> Iterator[Message]:
    """The parts of the mail itself: what it forwards or returns is another's."""
    waiting, count = [top], 0
    while waiting and count < _MOST_PARTS:
        part = waiting.pop(0)
        count += 1
        if part.get_content_maintype() == "message" or part.get_filename():
            continue
        yield part
        if part.is_multipart():
            waiting += [one for one in part.get_payload() if isinstance(one, Message)]


# ---------------------------------------------------------------- HTML

_BREAKS = frozenset(["p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "table", "hr"])
_UNSEEN = frozenset(["style", "script", "head", "title"])
_QUOTES = ("gmail_quote", "divrplyfwdmsg", "appendonsend", "moz-cite-prefix", "yahoo_quoted", "olk_src_body")
QUOTED_BELOW = "\n-----Original Message-----\n"
"""Put where HTML begins to quote, as mail programs write it in plain text."""


class _Lines(HTMLParser):
    """Text and line breaks of an HTML mail."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Where a line, or a quotation, begins."""
        named = " ".join(value or "" for name, value in attrs if name in ("class", "id")).lower()
        if tag == "blockquote" or any(one in named for one in _QUOTES):
            self.pieces.append(QUOTED_BELOW)
        self._unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Where it ends."""
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._unseen:
            self.pieces.append(re.sub(r"\s+", " ", data))


def words_of_html(page: str) -> str:
    """What a page of HTML says, a line for each paragraph."""
    reader = _Lines()
    try:
        reader.feed(page)
        reader.close()
    except (ValueError, AssertionError):
        pass
    lines = [" ".join(line.split()) for line in "".join(reader.pieces).replace("\x00", "").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
