"""What lies beside a copy: which database it is of, what is in it, and what it must hash to."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

FILE = "manifest.json"
_CHUNK = 1 << 20
_NAME = re.compile(r"kanalvakt-(?:(?P<slug>[a-z0-9-]+)-)?\d{4}-\d{2}-\d{2}T\d{6}Z(?:-\d+)?")

Kind = Literal["sqlite", "postgresql"]


class Unusable(Exception):
    """A copy that cannot be used; the words are for whoever runs the installation."""


class Chain(BaseModel):
    """Where a municipality's audit log ended when the copy was taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    municipality_id: int
    slug: str
    name: str
    events: int
    digest: str
    """The last event's; empty for a log without events."""
    breaks: int = 0
    """Places at which the log did not hold when it was copied."""


class Manifest(BaseModel):
    """A copy's own description. Times are UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    product: str
    revision: str
    """Of the database's tables."""
    kind: Kind
    server: str = ""
    """PostgreSQL's major version."""
    municipality: str = ""
    """The short name of the only municipality in it; empty for all there are."""
    began_at: AwareDatetime
    """Everything that was committed before this is in it."""
    file: str
    bytes: int
    sha256: str
    chains: list[Chain]
    rows: dict[str, int]
    """How many there are in each table."""

    @property
    def is_whole(self) -> bool:
        """Whether every log in it held."""
        return not any(one.breaks for one in self.chains)


def product_version() -> str:
    """This program's."""
    return version("kanalvakt")


def name_of(began_at: datetime, slug: str = "") -> str:
    """What a copy is called: by its time in UTC, so that the names are in order."""
    at = began_at.astimezone(UTC)
    return f"kanalvakt-{slug + '-' if slug else ''}{at:%Y-%m-%dT%H%M%SZ}"


def copies_in(folder: Path, slug: str = "") -> list[Path]:
    """The finished copies in a folder, of all municipalities together or of one; the newest last."""
    if not folder.is_dir():
        return []
    named = [(one, _NAME.fullmatch(one.name)) for one in folder.iterdir() if (one / FILE).is_file()]
    return sorted((one for one, name in named if name and (name["slug"] or "") == slug), key=_age)


def _age(copy: Path) -> tuple[str, int]:
    """By its time; of several in one second the one with the highest number is the newest."""
    before, _, after = copy.name.rpartition("Z")
    return before, int(after.removeprefix("-") or 1)


def sha256_of(file: Path) -> str:
    """Of a file, however large."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def read_manifest(copy: Path) -> Manifest:
    """A copy's manifest. Raises Unusable when there is none, or none that this program can read."""
    file = copy / FILE
    if not file.is_file():
        raise Unusable(f"{copy} är ingen säkerhetskopia: {FILE} saknas. Ange mappen som kopian ligger i.")
    try:
        return Manifest.model_validate_json(file.read_bytes())
    except (ValidationError, OSError) as error:
        says = "har skrivits av en annan version av Kanalvakt eller är skadad"
        raise Unusable(f"{file} går inte att läsa ({type(error).__name__}): den {says}.") from None


def demand_intact(copy: Path) -> Manifest:
    """A copy whose file is the one that was written. Raises Unusable when it is not."""
    manifest = read_manifest(copy)
    file = copy / manifest.file
    try:
        same = file.stat().st_size == manifest.bytes and sha256_of(file) == manifest.sha256
    except OSError as error:
        raise Unusable(f"{file} går inte att läsa ({error.strerror}).") from None
    if not same:
        raise Unusable(f"{file} är inte den fil som skrevs: kontrollsumman stämmer inte. Ta en annan kopia.")
    return manifest


def said_of(chains: Sequence[Chain]) -> list[str]:
    """The municipalities of a copy and where their logs end, a line each."""
    return [
        f"  {one.name}: {events_in_words(one.events)}, sista kontrollsumma {one.digest or '–'}"
        for one in chains
    ]


def events_in_words(count: int) -> str:
    """How many there are, in Swedish."""
    return f"{count} händelse" if count == 1 else f"{count} händelser"
