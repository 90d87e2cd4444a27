"""Walks the schema beside a file's content, or beside a policy, so that nobody lists the keys again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from policies.keys import Rule

Where = tuple[str | int, ...]
"""The way to a place in a file: keys, and numbers of list items from 0."""

NAMING_KEYS = (
    *("step", "field", "item", "document", "advice", "question"),
    *("matter", "case", "choice", "way", "id", "clause"),
)
_NAME = re.compile(r"[a-z0-9][a-z0-9_:-]*")


@dataclass(frozen=True)
class Place:
    """A group of keys in a file, and the model that says which keys it may have."""

    where: Where
    model: type[BaseModel]
    content: dict[str, Any]


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys as a file writes them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def model_inside(annotation: Any) -> type[BaseModel] | None:
    """The model of `Model`, `Model | None`, `list[Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := model_inside(part))), None)


def model_at(model: type[BaseModel], where: Where) -> type[BaseModel] | None:
    """The model that says which keys may stand at a place."""
    found: type[BaseModel] | None = model
    for part in where:
        if isinstance(part, str):
            field = keys_of(found).get(part) if found else None
            found = model_inside(field.annotation) if field else None
    return found


def places_in(model: type[BaseModel], content: Any, where: Where = ()) -> Iterator[Place]:
    """Every group of keys in what a file says, however wrong the rest of it is."""
    if isinstance(content, list):
        for number, one in enumerate(content):
            yield from places_in(model, one, (*where, number))
    elif isinstance(content, dict):
        yield Place(where, model, content)
        for key, field in keys_of(model).items():
            if key in content and (inner := model_inside(field.annotation)):
                yield from places_in(inner, content[key], (*where, key))


def path_of(where: Where, content: Any) -> str:
    """A place as an officer reads it: `rules.opening[head].roles[nr 2]`."""
    path = ""
    for part in where:
        content = _step_into(content, part)
        path += f".{part}" if isinstance(part, str) else f"[{_name_of(content) or f'nr {part + 1}'}]"
    return path.removeprefix(".")


def _step_into(content: Any, part: str | int) -> Any:
    try:
        return content[part]
    except (KeyError, IndexError, TypeError):
        return None


def _name_of(content: Any) -> str | None:
    named = content if isinstance(content, dict) else {}
    names = (named.get(key) for key in NAMING_KEYS)
    return next((name for name in names if isinstance(name, str) and _NAME.fullmatch(name)), None)


@dataclass(frozen=True)
class PlacedRule:
    """A rule of a policy, with the key of `rules` it stands under and its path."""

    key: str
    path: str
    rule: Rule


def rules_in(rules: BaseModel) -> Iterator[PlacedRule]:
    """Every rule of a policy's `rules`, those inside another rule too, in the file's order."""
    content = rules.model_dump(mode="json", by_alias=True)
    for where, rule in _rules_under(rules, ("rules",)):
        yield PlacedRule(str(where[1]), path_of(where, {"rules": content}), rule)


def _rules_under(value: Any, where: Where) -> Iterator[tuple[Where, Rule]]:
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _rules_under(one, (*where, number))
    elif isinstance(value, BaseModel):
        if isinstance(value, Rule):
            yield where, value
        for key in type(value).model_fields:
            yield from _rules_under(getattr(value, key), (*where, key))
