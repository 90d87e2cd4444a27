"""Whether a file has the schema's form: everything that can be said of it without looking at other files."""

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from policies.keys import NO_GROUND, Rule
from policies.shape import Place, Where, places_in
from policies.source import Fault, NotLoadable, Source
from policies.wording import said_of

M = TypeVar("M", bound=BaseModel)

UNIQUE_KEYS = ("step", "field", "item", "document", "advice", "question", "choice", "way", "id", "clause")


def validated(source: Source, model: type[M]) -> M:
    """What a file says as the model; raises NotLoadable with every fault of its form."""
    found, faults = read_as(source, model)
    if found is None or faults:
        raise NotLoadable(faults)
    return found


def read_as(source: Source, model: type[M]) -> tuple[M | None, list[Fault]]:
    """The model, when it could be built, and every fault of the file's form."""
    if source.faults and not source.content:
        return None, source.faults
    found, faults = _built(source, model)
    places = list(places_in(model, source.content))
    own = [*_without_ground(source, places), *_twice(source, places)]
    return found, sorted({*source.faults, *faults, *own})


def _built(source: Source, model: type[M]) -> tuple[M | None, list[Fault]]:
    try:
        written = json.dumps(source.content)
        return model.model_validate_json(written, strict=True, by_alias=True, by_name=False), []
    except ValidationError as invalid:
        return None, [source.fault(_place(one["loc"]), said_of(one, model)) for one in invalid.errors()]


def _place(loc: Where) -> Where:
    """Without pydantic's mark for the key of a free group."""
    return tuple(part for part in loc if part != "[key]")


def _without_ground(source: Source, places: list[Place]) -> Iterator[Fault]:
    """Also where another fault keeps the schema from looking."""
    for place in places:
        grounds = place.content.get("clauses"), place.content.get("decision")
        if issubclass(place.model, Rule) and not any(grounds):
            yield source.fault(place.where, NO_GROUND)


def _twice(source: Source, places: list[Place]) -> Iterator[Fault]:
    first: dict[tuple[Any, ...], Where] = {}
    for place in places:
        key = next((key for key in UNIQUE_KEYS if key in place.model.model_fields), None)
        name = place.content.get(key) if key else None
        if key and isinstance(name, str) and isinstance(place.where[-1], int):
            same = first.setdefault((place.where[:-1], name), place.where)
            if same != place.where:
                yield source.fault((*place.where, key), _says_twice(key, name, source.lines[same][1]))


def _says_twice(key: str, name: str, line: int) -> str:
    if key == "field":
        return f'fältet "{name}" har två regler, också på rad {line}: skriv en, med alla punkter i clauses'
    if key == "clause":
        return f'punkten "{name}" står två gånger, också på rad {line}: behåll en'
    return f'"{name}" står två gånger i samma lista, också på rad {line}: ge dem olika namn'
