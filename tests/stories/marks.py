"""Values that stand nowhere else and like no other, and the places that they are looked for in."""

import io
import json
import re
import sqlite3
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

_WORDS = re.compile(rb"[\w-]{20,}")


def mark(*of: object) -> str:
    """A value that stands nowhere else."""
    return f"q{sha256(repr(of).encode()).hexdigest()[:14]}q"


def forms_of(value: str) -> set[bytes]:
    """As it may be written: in JSON, in an address, in two bytes a letter, in base64 wherever it begins."""
    written = value.encode()
    shifted = (b64encode(b"x" * before + written)[4 if before else 0 : -4] for before in range(3))
    return {
        written,
        json.dumps(value)[1:-1].encode(),
        quote(value).encode(),
        value.encode("utf-16-le"),
        value.encode("utf-16-be"),
        *(one.lstrip(b"=") for one in shifted if len(one) > 8),
    }


@dataclass(frozen=True)
class Place:
    """Something that is searched: whose name says what may stand in it."""

    name: str
    content: bytes


@dataclass
class Search:
    """Values by class, and what was found where they may not stand."""

    values: Mapping[str, Iterable[str]]
    searched: int = 0
    """Bytes."""
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._forms = {
            kind: {form: value for value in values for form in forms_of(value)}
            for kind, values in self.values.items()
            if kind != TOKENS
        }
        self._tokens = {one.encode() for one in self.values.get(TOKENS, ())}

    @property
    def planted(self) -> int:
        return sum(len(set(one)) for one in self.values.values())

    def never_seen(self, *places: Iterable[Place]) -> set[str]:
        """Values that are in none of the places where they belong: those were never in anybody's hands."""
        whole = b"\n".join(one.content for some in places for one in some)
        left = {value for kind in "bc" for value in self.values[kind] if value.encode() not in whole}
        return left | {one.decode() for one in self._tokens - set(_WORDS.findall(whole))}

    def look(self, places: Iterable[Place], forbidden: str) -> None:
        """Search for values of the classes, each a letter."""
        for place in places:
            self.searched += len(place.content)
            kinds = {*forbidden, *(TOKENS if "a" in forbidden else "")}
            self.found += [f"{place.name}: {what}" for what in self._in(place.content, kinds)]

    def _in(self, content: bytes, kinds: set[str]) -> Iterator[str]:
        for kind in sorted(kinds & set(self._forms)):
            for form, value in self._forms[kind].items():
                if form in content:
                    around = content.index(form)
                    yield f"{kind} {value!r} in {content[max(0, around - 60) : around + 60]!r}"
        if TOKENS in kinds:
            yield from (f"token {one!r}" for one in self._tokens & set(_WORDS.findall(content)))


TOKENS = "t"
"""Of links: so many that they are looked up by word."""


def file_at(path: Path) -> Place:
    return Place(path.name, path.read_bytes())


def rows_of(database: Path) -> Iterator[Place]:
    """Each column of each table of an SQLite file; what is JSON in it also as it reads."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        connection.text_factory = bytes
        tables = [row[0].decode() for row in connection.execute(_TABLES)]
        for table in tables:
            read = connection.execute(f'SELECT * FROM "{table}"')
            columns = [one[0] for one in read.description]
            kept: dict[str, list[bytes]] = {one: [] for one in columns}
            for row in read:
                for column, value in zip(columns, row, strict=True):
                    kept[column].append(_bytes(value))
            yield from (Place(f"{database.stem}.{table}.{one}", b"\n".join(kept[one])) for one in columns)


_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
    "AND sql NOT LIKE 'CREATE VIRTUAL%'"
)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def opened(name: str, content: bytes) -> Iterator[Place]:
    """A file that was handed out: a bundle's files one by one, and what a PDF has packed unpacked."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            for one in bundle.namelist():
                yield from opened(f"{name}/{one}", bundle.read(one))
        return
    yield Place(name, content + b"".join(_unpacked(content)) if content.startswith(b"%PDF") else content)


def _unpacked(pdf: bytes) -> Iterator[bytes]:
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(packed)
        except zlib.error:
            continue
