"""Changing one thing that a policy says, to see whether a case notices."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from policies.loading import load_guideline
from policies.policy import Policy
from policies.shape import Place, Where, keys_of, path_of, places_in
from policies.source import NotLoadable
from tests.policies.case_format import Case
from tests.policies.case_policies import content_for
from tests.policies.case_runner import fails

REMOVED: Any = object()


@dataclass(frozen=True)
class Change:
    """Another value at a place in what a policy says, or none."""

    where: Where
    to: Any

    def applied(self, written: dict[str, Any]) -> dict[str, Any]:
        """A copy of the policy with the change."""
        changed: dict[str, Any] = json.loads(json.dumps(written))
        *way, last = self.where
        inside: Any = changed
        for part in way:
            inside = inside[part]
        if self.to is REMOVED:
            del inside[last]
        else:
            inside[last] = self.to
        return changed

    def told(self, written: dict[str, Any]) -> str:
        """As an officer reads it: rules.guest.at_most_days → 8."""
        to = "borta" if self.to is REMOVED else self.to
        return f"{path_of(self.where, written)} → {to}"


def field_of(place: Place, key: str) -> FieldInfo:
    """What the schema says of a key in a place."""
    return keys_of(place.model)[key]


def numbers_in(written: dict[str, Any]) -> Iterator[tuple[Where, int]]:
    """Every number in the rules and settings, also those in lists."""
    for place in places_in(Policy, written):
        for key, value in place.content.items():
            where = (*place.where, key)
            if isinstance(value, list):
                found = ((n, one) for n, one in enumerate(value) if _is_number(one))
                yield from (((*where, n), one) for n, one in found)
            elif _is_number(value):
                yield where, value


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def other_values(field: FieldInfo, value: Any) -> Iterator[Any]:
    """Values that a key could have instead; not all of them need be allowed."""
    if isinstance(value, bool):
        yield not value
    elif _is_number(value):
        yield from (value + 1, value - 1)
    elif isinstance(value, list):
        yield from _other_lists(field, value)
    elif isinstance(value, dict):
        yield from _other_groups(value)
    elif isinstance(value, str):
        named = [one for one in names_for(field.annotation) if one != value]
        yield from named or _other_texts(value)


def names_for(annotation: Any) -> list[str]:
    """The names among which a key's value is chosen; none for free text."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return [one.value for one in annotation]
    if get_origin(annotation) is Literal:
        return [one for one in get_args(annotation) if isinstance(one, str)]
    if get_origin(annotation) is dict:
        return []
    return [one for part in get_args(annotation) for one in names_for(part)]


def _other_texts(value: str) -> Iterator[str]:
    for kind, moved in ((date, _next_day), (time, _next_hour)):
        try:
            kind.fromisoformat(value)
        except ValueError:
            continue
        yield moved(value)
    if ":" in value:
        yield from (ref for ref in _some_clauses() if ref != value)
    yield from ("annat", "Något annat")


@cache
def _some_clauses() -> tuple[str, ...]:
    return tuple(f"tomelilla:{clause.id}" for clause in load_guideline("tomelilla").clauses[-2:])


def _next_day(value: str) -> str:
    return (date.fromisoformat(value) + timedelta(days=1)).isoformat()


def _next_hour(value: str) -> str:
    clock = time.fromisoformat(value)
    return clock.replace(hour=(clock.hour + 1) % 24).isoformat()


def _other_lists(field: FieldInfo, value: list[Any]) -> Iterator[list[Any]]:
    yield from ([*value[:n], *value[n + 1 :]] for n in range(len(value)))
    for n, one in enumerate(value):
        if not isinstance(one, dict):
            yield from ([*value[:n], other, *value[n + 1 :]] for other in other_values(field, one))


def _other_groups(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key, one in value.items():
        yield {name: other for name, other in value.items() if name != key}
        if isinstance(one, str):
            yield {**value, key: "Något annat"}


def is_allowed(written: dict[str, Any]) -> bool:
    """Whether `policies check` would let the policy through."""
    try:
        content_for(written)
    except NotLoadable:
        return False
    return True


def first_allowed(written: dict[str, Any], changes: Iterable[Change]) -> Change | None:
    """The first change after which the policy still is one."""
    return next((one for one in changes if is_allowed(one.applied(written))), None)


def notices(cases: Iterable[Case], written: dict[str, Any]) -> Case | None:
    """The first case that expects something else of such a policy."""
    return next((case for case in cases if fails(case, written)), None)


def likeliest_first(cases: Iterable[Case], written: dict[str, Any], where: Where) -> list[Case]:
    """Cases that name the changed rule's clauses or the changed setting first, and the short ones."""
    ground = _ground_of(written, where)
    return sorted(cases, key=lambda case: (-sum(ref in _text_of(case) for ref in ground), _effort_of(case)))


_texts: dict[str, str] = {}


def _text_of(case: Case) -> str:
    if case.name not in _texts:
        _texts[case.name] = case.model_dump_json(exclude_unset=True)
    return _texts[case.name]


def _effort_of(case: Case) -> int:
    return len(case.steps) + ("none", "active", "draft", "applied", "approved").index(
        case.given.account.state
    )


def _ground_of(written: dict[str, Any], where: Where) -> set[str]:
    if where[0] == "settings":
        return {f"settings.{where[1]}"}
    clauses: set[str] = set()
    inside: Any = written
    for part in where[:-1]:
        inside = inside[part]
        if isinstance(inside, dict):
            clauses = set(inside.get("clauses", [])) or clauses
    return clauses
