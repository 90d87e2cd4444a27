"""The table of who may do what: `table.yaml`, read and spread out into cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("table.yaml")
DONE, WAITS, HIDDEN, SAME = "done", "waits", "hidden", "same"
UNMOVED, WAITS_UNMOVED = "unmoved", "waits_unmoved"
"""Done; begun, and done when confirmed by a mailed link; there is no such page; the same answer to all."""
ELSE = "else"
PATHS = ("portal", "link", "sign_in", "form", "command", "public")


@dataclass(frozen=True)
class Way:
    """How an act is done by one path, and what comes of it for each role."""

    path: str
    how: Mapping[str, Any]
    outcomes: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One act."""

    act: str
    says: str
    text: str
    """What it rests on."""
    stage: str
    event: str
    ways: tuple[Way, ...]

    @property
    def moves(self) -> bool:
        """Whether it is asked who is to decide afterwards: then `done` is somebody else."""
        said = {outcome for way in self.ways for outcome in way.outcomes.values()}
        return bool(said & {UNMOVED, WAITS_UNMOVED})


@dataclass(frozen=True)
class Cell:
    """One role, doing one act by one path."""

    row: Row
    way: Way
    role: str
    expected: str

    @property
    def name(self) -> str:
        return f"{self.row.act} · {self.row.says} · {self.way.path} · {self.role}"


@dataclass(frozen=True)
class Table:
    """All of it."""

    roles: Mapping[str, Mapping[str, str]]
    rows: tuple[Row, ...]
    no_acts: Mapping[str, str]
    """Public functions of acts that nobody does, and why they are none."""

    def cells(self) -> Iterator[Cell]:
        for row in self.rows:
            for way in row.ways:
                for role, expected in way.outcomes.items():
                    yield Cell(row, way, role, expected)


@cache
def table() -> Table:
    """The table as it stands in the file."""
    read = yaml.safe_load(FILE.read_text("utf-8"))
    groups = {name: words.split() for name, words in read["groups"].items()}
    rows = tuple(_row(one, list(read["roles"]), groups, read["outside"]) for one in read["rows"])
    no_acts = {name: why for why, names in read["no_acts"].items() for name in names.split()}
    return Table(read["roles"], rows, no_acts)


_NOT_OUTCOMES = frozenset(
    ("to", "open", "send", "file", "kind", "form", "fill", "run", "input", "expired", "provider", ELSE)
)


def _row(
    read: Mapping[str, Any],
    roles: list[str],
    groups: Mapping[str, list[str]],
    outside: Mapping[str, Mapping[str, str]],
) -> Row:
    ways = []
    for path in PATHS:
        for given in _listed(read.get(path)):
            how = {key: value for key, value in given.items() if key in _NOT_OUTCOMES and key != ELSE}
            ways.append(Way(path, how, _outcomes(given, path, roles, groups, outside.get(path, {}))))
    return Row(read["act"], read["says"], read["text"], read["stage"], read.get("event", ""), tuple(ways))


def _listed(given: Any) -> list[Mapping[str, Any]]:
    if given is None:
        return []
    return list(given) if isinstance(given, list) else [given]


def _outcomes(
    given: Mapping[str, Any],
    path: str,
    roles: list[str],
    groups: Mapping[str, list[str]],
    outside: Mapping[str, str],
) -> dict[str, str]:
    """By role; `keeper` stands for whoever runs commands on the machine."""
    said: dict[str, str] = {}
    for outcome, words in given.items():
        if outcome in _NOT_OUTCOMES:
            continue
        for word in str(words).split():
            for role in groups.get(word, [word]):
                assert role in (*roles, "keeper"), role
                assert said.setdefault(role, outcome) == outcome, f"{role} twice: {given}"
    if set(said) == {"keeper"}:
        return said
    rest = dict(outside)
    return {role: said.get(role, rest.get(role, given.get(ELSE, HIDDEN))) for role in roles}
