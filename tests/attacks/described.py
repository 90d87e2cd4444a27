"""The portal's addresses and forms as OpenAPI says them: made for the tests, of what its pages show."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import schemathesis
from fastapi.openapi.utils import get_openapi
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.generation import GenerationMode

from tests.attacks.hostile import TEXTS
from tests.attacks.town import ROUTES, Form, Town, kind_of, route_of

_PLACE = re.compile(r"\{(\w+)(?::path)?\}")
_OFTEN = {"reason": [], "outcome": [], "form_token": [], "email": [], "vad": [], "svar": []}
"""The fields of a form that no page showed just then."""
TYPED = [
    "",
    " ",
    "ja",
    "nej",
    "1",
    "-1",
    "0",
    "99999999999",
    "2026-03-09",
    "9999-12-31",
    "0001-01-01",
    "x" * 5000,
]


def described(town: Town) -> Mapping[str, Any]:
    """Every address with what it takes: the public ones as the portal says, forms as its pages have them."""
    told = get_openapi(title="Kanalvakt", version="1", routes=_public())
    paths: dict[str, Any] = dict(told["paths"])
    seen = {kind_of("POST", form.path): form for _, form in town.forms}
    known = _known(town)
    for route in ROUTES:
        at = _PLACE.sub(r"{\1}", route.path)
        for method in sorted((route.methods or set()) & {"GET", "POST"}):
            said: dict[str, Any] = {"parameters": _places(known, route.path), "responses": {}}
            if method == "POST":
                said["requestBody"] = _body(seen.get(route.path))
            paths.setdefault(at, {}).setdefault(method.lower(), said)
    return {**told, "paths": paths}


def _public() -> list[Any]:
    return [
        route
        for route in ROUTES
        if route.path.startswith("/{slug}/konton") and "GET" in (route.methods or ())
    ]


def _places(known: Mapping[str, list[str]], route: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _one_of(known.get(name, ["1", "2"]))}
        for name in _PLACE.findall(route)
    ]


def _known(town: Town) -> dict[str, list[str]]:
    """What stands in the places of the addresses that were come to, by the places' names."""
    known: dict[str, list[str]] = {}
    paths = [("GET", path) for _, path, _ in town.pages] + [("POST", form.path) for _, form in town.forms]
    for method, path in paths:
        plain = path.partition("?")[0]
        right = route_of(method, plain)
        found = right.path_regex.fullmatch(plain) if right else None
        for name, value in (found.groupdict() if found else {}).items():
            if value not in known.setdefault(name, []):
                known[name].append(value)
    return known


def _one_of(values: Iterable[str]) -> dict[str, Any]:
    return {"anyOf": [{"enum": sorted(values)}, {"type": "string", "minLength": 1, "maxLength": 30}]}


def _body(form: Form | None) -> dict[str, Any]:
    fields = form.fields if form else _OFTEN
    properties = {name: _field(values) for name, values in fields.items()}
    kept = {"type": "object", "properties": properties, "required": [*fields][:3]}
    return {"content": {"application/x-www-form-urlencoded": {"schema": kept}}}


def _field(values: list[str]) -> dict[str, Any]:
    chosen = [{"enum": sorted(set(values))}] if values else []
    return {"anyOf": [*chosen, {"type": "string", "maxLength": 60}, {"enum": [*TYPED, *TEXTS]}]}


def cases_of(town: Town) -> st.SearchStrategy[Case]:
    """Right and wrong requests to each address, as Schemathesis makes them of the description."""
    schema = schemathesis.openapi.from_dict(dict(described(town)))
    operations = [one.ok() for one in schema.get_all_operations()]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)

    @cache
    def made(number: int, mode: GenerationMode) -> st.SearchStrategy[Case]:
        return operations[number].as_strategy(generation_mode=mode)

    drawn = st.tuples(st.integers(0, len(operations) - 1), st.sampled_from(modes))
    return drawn.flatmap(lambda one: made(*one))
