"""A YAML file as plain values, with the line of each, and everything that makes it unreadable.

Read as YAML 1.2: only `true`, `false`, `null` and decimal numbers are more than text, so that `kind: yes`,
`17:00` and `2024-01-01` stand for what they say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from policies.shape import Where, path_of

LARGEST_BYTES = 512 * 1024
DEEPEST = 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBERS = ((re.compile(r"-?(0|[1-9]\d{0,17})"), int), (re.compile(r"-?\d{1,15}\.\d{1,15}"), float))
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_PROBLEMS = {
    "cannot start any token": "ett tecken här kan inte börja ett värde: rader dras in med blanksteg, aldrig "
    "tabb, och text som börjar med @, %, ` eller & sätts inom citattecken",
    "mapping values are not allowed": "det står ett kolon för mycket, eller så är raden fel indragen: sätt "
    "text som innehåller kolon inom citattecken",
    "unexpected end of stream": "ett citattecken öppnas men stängs aldrig",
    "',' or ']'": "en lista med [ stängs aldrig, eller saknar ett komma",
    "',' or '}'": "en grupp med { stängs aldrig, eller saknar ett komma",
    "'-' indicator": "en lista och nycklar blandas: börja raden med - eller flytta den till rätt indrag",
    "expected key": "raden är fel indragen eller hör inte ihop med raderna före",
    "unknown escape character": "\\ inom dubbla citattecken betyder något särskilt: använd enkla citattecken",
}


@dataclass(frozen=True, order=True)
class Fault:
    """Something an officer must change: where, and what to write instead."""

    file: str
    line: int
    path: str
    says: str

    def __str__(self) -> str:
        return f"{self.file}, rad {self.line}: {self.path + ': ' if self.path else ''}{self.says}"


class NotLoadable(ValueError):
    """A file has faults. All of them are in `faults`."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass
class Source:
    """What a file says. `lines` knows the file too, since a policy may stand on another one."""

    file: str
    content: dict[str, Any] = field(default_factory=dict)
    lines: dict[Where, tuple[str, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, where: Where, says: str) -> Fault:
        """A fault at a place, or at the nearest place around it that has a line."""
        file, line = next(self.lines[part] for part in _inside_out(where) if part in self.lines or not part)
        return Fault(file, line, path_of(where, self.content), says)


def _inside_out(where: Where) -> Iterator[Where]:
    return (where[:length] for length in range(len(where), -1, -1))


def read_source(path: Path, file: str) -> Source:
    """Reads the whole file; when it cannot be read, `faults` says why and `content` is empty.

    `file` is the name that faults carry.
    """
    source = Source(file, lines={(): (file, 1)})
    text = _text_of(path, source)
    try:
        if text is not None and not _refused_in(text, source):
            root = yaml.compose(text, Loader=_LOADER)
            _keep_root(root, source)
    except yaml.YAMLError as error:
        source.faults.append(_syntax_fault(error, file))
    return source


def _text_of(path: Path, source: Source) -> str | None:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            source.faults.append(Fault(source.file, 1, "", "filen är större än 512 kB: dela upp den"))
            return None
        content = path.read_bytes()
    except PermissionError:
        says = "filen får inte läsas: släpp in den som kör det här i den och dess mapp (chmod -R go+rX)"
        source.faults.append(Fault(source.file, 1, "", says))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        source.faults.append(Fault(source.file, line, "", "filen är inte UTF-8: spara om den som UTF-8"))
        return None


def _refused_in(text: str, source: Source) -> bool:
    """Looks at the file piece by piece before anything is built from it: an alias can hold millions."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        says = _refusal(event, documents)
        if depth > DEEPEST:
            says = "filen har för många nivåer i varandra"
        if says:
            source.faults.append(Fault(source.file, _line_of(event), "", says))
        if depth > DEEPEST or documents > 1:
            break
    return bool(source.faults)


def _line_of(piece: yaml.Event | yaml.Node) -> int:
    return piece.start_mark.line + 1 if piece.start_mark else 1


def _refusal(event: yaml.Event, documents: int) -> str | None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        return "& och * (ankare och alias) används inte här: skriv ut texten, eller sätt den inom citattecken"
    if getattr(event, "tag", None) is not None:
        return "! (taggar) används inte här: skriv bara värdet, eller sätt det inom citattecken"
    if isinstance(event, yaml.DocumentStartEvent) and documents > 1:
        return "--- börjar en ny fil i filen: varje fil har bara en"
    return None


def _syntax_fault(error: yaml.YAMLError, file: str) -> Fault:
    mark = getattr(error, "context_mark", None) or getattr(error, "problem_mark", None)
    if "quoted" not in str(getattr(error, "context", "")):
        mark = getattr(error, "problem_mark", None) or mark
    problem = str(getattr(error, "problem", ""))
    says = next((swedish for part, swedish in _PROBLEMS.items() if part in problem), None)
    says = says or "raden går inte att läsa: se över indrag, kolon och citattecken"
    return Fault(file, mark.line + 1 if mark else 1, "", says)


def _keep_root(root: yaml.Node | None, source: Source) -> None:
    if isinstance(root, yaml.MappingNode):
        source.content = _built(root, (), source)
    else:
        source.faults.append(
            Fault(source.file, 1, "", "filen ska bestå av nycklar, en per rad: nyckel: värde")
        )


def _built(node: yaml.Node, where: Where, source: Source) -> Any:
    source.lines.setdefault(where, (source.file, _line_of(node)))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, where, source)
    if isinstance(node, yaml.SequenceNode):
        return [_built(one, (*where, number), source) for number, one in enumerate(node.value)]
    return _scalar(str(node.value), getattr(node, "style", None) or "")


def _mapping(node: yaml.MappingNode, where: Where, source: Source) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in node.value:
        line = _line_of(key)
        if not isinstance(key, yaml.ScalarNode):
            source.faults.append(Fault(source.file, line, "", "en nyckel ska vara ett ord"))
        elif key.value in content:
            source.faults.append(_twice((*where, key.value), line, source))
        else:
            source.lines[(*where, key.value)] = (source.file, line)
            content[key.value] = _built(value, (*where, key.value), source)
    return content


def _twice(where: Where, line: int, source: Source) -> Fault:
    _, first = source.lines[where]
    says = f"nyckeln {where[-1]} står två gånger, också på rad {first}: behåll en av dem"
    return Fault(source.file, line, path_of(where, {}), says)


def _scalar(text: str, style: str) -> Any:
    if style in ("|", ">"):
        return text.rstrip("\n")
    if style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return next((kind(text) for pattern, kind in _NUMBERS if pattern.fullmatch(text)), text)
