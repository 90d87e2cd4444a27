"""What an examination comes to: lines that say how something is, and how it is mended."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is, in the word that is shown."""

    OK = "ok"
    WARNING = "varning"
    FAULT = "fel"


@dataclass(frozen=True)
class Finding:
    """One line: which part, how it is, and what to do about it."""

    part: str
    level: Level
    says: str
    do: str = ""
    """Empty when there is nothing to do."""

    def as_json(self) -> dict[str, str]:
        return {key: str(value) for key, value in asdict(self).items()}


Examination = Callable[[], Iterable[Finding]]


def ok(part: str, says: str) -> Finding:
    return Finding(part, Level.OK, says)


def warning(part: str, says: str, do: str) -> Finding:
    return Finding(part, Level.WARNING, says, do)


def fault(part: str, says: str, do: str) -> Finding:
    return Finding(part, Level.FAULT, says, do)


def examined(part: str, examination: Examination) -> Iterator[Finding]:
    """What an examination found. One that breaks is a fault itself, and hides none of the others."""
    try:
        yield from examination()
    except Exception as error:  # Told as a finding, with what it was.
        says = f"kunde inte undersökas ({type(error).__name__}: {error})".splitlines()[0][:300]
        yield fault(part, says, "Rätta det som sägs ovan först. Står det kvar är det ett fel i Kanalvakt.")
