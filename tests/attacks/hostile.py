"""What somebody writes who means harm, planted wherever people write, and what a reader would do with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from models import metadata

COUNTED = "4011"
"""What comes out where the sum in a text has been worked out."""
MARKUP = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>"
    "</textarea></title></style><iframe srcdoc=x></iframe><a href=javascript:alert(1)>x</a>"
    "<!-- ]]> --><base href=//attacker.example>"
)
SUMS = "{{1337*3}}{%print(1337*3)%}${1337*3}#{1337*3}<%=1337*3%>{1337*3}%(name)s{0.__class__}{namn.__class__}"
LINES = "\r\nBcc: offer@attacker.example\r\nContent-Type: text/html\r\n\r\n<b>x</b>\nATTACH:x\n.\r\nQUIT"
MARKDOWN = "[a](javascript:alert(1)) ![b](https://attacker.example/b) `c` | d | <e> https:\\// *f* \n# g\n- h"
TEXTS = (
    MARKUP,
    SUMS + LINES,
    MARKDOWN + LINES,
    "\u202e\u2028\x0b\x1b[31m=?utf-8?q?=0aBcc:x?= ./../\\x" + LINES,
)

WRITTEN_BY_PEOPLE = {
    "municipality": ("name", "shown_name"),
    "unit": ("name",),
    "person": ("name", "title"),
    "crisis": ("message",),
    "account": ("name", "purpose", "target_group", "closing_reason", "log_in_kept_at"),
    "account_case": ("label", "what", "post_address"),
    "account_source": ("says",),
    "attachment": ("file_name",),
    "exemption": ("reason",),
    "observation": ("says",),
    "case_evidence": ("file_name",),
    "user_task": ("label", "reason"),
    "paper": ("title", "file_name", "diary_number"),
    "visitor_report": ("address", "what", "contact"),
    "watched_handle": ("says", "occupant_name"),
    "notice_target": ("name",),
}
"""Where a person's or a platform's own words stand, by table."""
_PROSE = ("label", "explanation", "title", "cite", "question", "goals", "message", "reason", "says", "what")
"""And by key, in what is kept as JSON: plans, policies, and what letters are written from."""


def plant(session: Session, text: str) -> None:
    """Write it wherever people write."""
    for table in metadata.sorted_tables:
        values: dict[str, Any] = {
            name: text[: getattr(table.c[name].type, "length", None) or len(text)]
            for name in WRITTEN_BY_PEOPLE.get(table.name, ())
        }
        for name, value in values.items():
            session.execute(table.update().where(table.c[name] != "").values({name: value}))
        for column in table.columns:
            if isinstance(column.type, sa.JSON) and not table.name.startswith("audit"):
                _plant_json(session, table, column.name, text)
    session.expire_all()


def _plant_json(session: Session, table: sa.Table, name: str, text: str) -> None:
    keys = list(table.primary_key.columns)
    for row in session.execute(sa.select(*keys, table.c[name])).all():
        changed = replaced(row[-1], text, prose=name == "answers")
        if changed != row[-1]:
            same = [key == value for key, value in zip(keys, row, strict=False)]
            session.execute(table.update().where(*same).values({name: changed}))


def replaced(value: Any, text: str, *, prose: bool = False) -> Any:
    """The same value with each text of a person's own become another."""
    if isinstance(value, Mapping):
        return {key: replaced(one, text, prose=prose or key in _PROSE) for key, one in value.items()}
    if isinstance(value, list):
        return [replaced(one, text, prose=prose) for one in value]
    return text if prose and isinstance(value, str) and " " in value else value


class Watcher(HTMLParser):
    """Notes what a browser would carry out, fetch or be led to that is none of ours."""

    def __init__(self, own: Sequence[str]) -> None:
        super().__init__()
        self.own = tuple(own)
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip() for name, value in attrs}
        self.faults += [f"<{tag} {name}={value}>" for name, value in given.items() if name.startswith("on")]
        if tag in ("iframe", "object", "embed", "base", "applet") or "srcdoc" in given:
            self.faults.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.faults.append(f"<script {given}>")
        for name in ("href", "src", "action", "formaction", "srcset", "poster", "background", "xlink:href"):
            if name in given and not self._is_own(tag, name, given[name]):
                self.faults.append(f"<{tag} {name}={given[name]}>")

    def _is_own(self, tag: str, name: str, address: str) -> bool:
        """A link may lead anywhere on the web; what is fetched or sent is ours."""
        scheme = re.match(r"[a-z][a-z0-9+.-]*:", re.sub(r"[\x00-\x20]", "", address), re.IGNORECASE)
        if tag == "a" and name == "href":
            return scheme is None or scheme.group().lower() in ("http:", "https:", "mailto:", "tel:")
        return address.startswith(self.own) or (scheme is None and not address.startswith("//"))


def faults_of_page(page: str, own: Sequence[str] = ()) -> Iterator[str]:
    """What a page would have a browser do that it should not, and sums that were worked out."""
    watcher = Watcher(("data:image/svg+xml", *own))
    watcher.feed(page)
    yield from watcher.faults
    if COUNTED in page:
        yield "a sum was worked out"


def planted_rows(rows: Sequence[SQLModel], text: str) -> None:
    """The same in rows that are at hand."""
    for row in rows:
        table = str(type(row).__tablename__)
        for name in WRITTEN_BY_PEOPLE.get(table, ()):
            if getattr(row, name):
                setattr(row, name, text)
