"""The municipality's units in the order of their tree."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import Unit

INDENT = "\u2003"


def unit_choices(session: Session, municipality_id: int) -> list[tuple[str, str]]:
    """Each unit's id and its name, indented by its place in the tree."""
    rows = select(Unit).where(col(Unit.municipality_id) == municipality_id).order_by(col(Unit.name))
    units = list(session.execute(rows).scalars())
    parents = {unit.id: unit.parent_id for unit in units}
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(_parent(parents, unit.id), []).append(unit)
    return [(str(unit.id), f"{INDENT * depth}{unit.name}") for unit, depth in _walk(below, None, 0)]


def _parent(parents: Mapping[int | None, int | None], unit_id: int | None) -> int | None:
    """The unit's parent; none for a unit that lies, by a mistake, somewhere below itself."""
    above, walked = parents[unit_id], set[int | None]()
    while above in parents and above not in walked:
        if above == unit_id:
            return None
        walked.add(above)
        above = parents[above]
    return parents[unit_id] if parents[unit_id] in parents else None


def _walk(
    below: Mapping[int | None, Sequence[Unit]], parent_id: int | None, depth: int
) -> Iterator[tuple[Unit, int]]:
    for unit in below.get(parent_id, ()):
        yield unit, depth
        yield from _walk(below, unit.id, depth + 1)
