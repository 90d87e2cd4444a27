"""What pydantic finds wrong with a file, said in Swedish to the one who writes it."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from policies.shape import Where, keys_of, model_at

_FORMS = {
    r"^[a-z][a-z0-9_-]*$": "skriv ett namn med små bokstäver a–z, siffror, - och _, och en bokstav först",
    r"^[a-z0-9][a-z0-9-]*$": "skriv ett namn med små bokstäver a–z, siffror och -",
    r"^[a-z][a-z0-9_-]*:[a-z0-9][a-z0-9-]*$": "skriv riktlinjens namn, kolon och punktens namn: "
    "riktlinje:punkt",
}
_KINDS = {
    "int": "ett heltal, t.ex. 2",
    "date": "ett datum, t.ex. 2024-01-31",
    "time": "ett klockslag, t.ex. 08:00",
    "list": "en lista: ett värde per rad, med - framför",
    "tuple": "en lista med två tal: [3, 7]",
    "dict": "en grupp nycklar, indragna under den här",
    "model": "en grupp nycklar, indragna under den här",
    "bool": "true eller false",
}
_LONGEST = 80


def nearest(word: object, known: Iterable[str], before: str = "") -> str:
    """A question whether the nearest word was meant, with a space first; empty when none is near."""
    close = get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f' Menade du "{before}{close[0]}"?' if close else ""


def said_of(error: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong, and what to write instead."""
    kind, where, written = error["type"], error["loc"], _short(error["input"])
    if kind == "extra_forbidden":
        return _unknown_key(_short(str(where[-1])), model_at(model, where[:-1]))
    if kind == "missing":
        return _missing_key(where, model)
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if written is None:
        return "värdet saknas: skriv ett, eller ta bort nyckeln"
    return _wrong_value(error, written)


def _unknown_key(key: str, model: type[BaseModel] | None) -> str:
    known = keys_of(model) if model else {}
    suggestion = nearest(key, known) or f" Här kan stå: {', '.join(known)}."
    return f'nyckeln "{key}" finns inte här.{suggestion}'


def _missing_key(where: Where, model: type[BaseModel]) -> str:
    if isinstance(where[-1], int):
        return f"ska vara {_KINDS['tuple']}"
    field = keys_of(model_at(model, where[:-1]) or model).get(where[-1])
    return f'nyckeln "{where[-1]}" saknas ({field.description if field else ""})'


def _wrong_value(error: ErrorDetails, written: Any) -> str:
    kind, limits = error["type"], error.get("ctx", {})
    if kind in ("enum", "literal_error"):
        return _not_among(written, re.findall(r"'([^']*)'", str(limits["expected"])))
    if kind == "string_type":
        return (
            f'ska vara text: sätt värdet inom citattecken, "{written}"'
            if _plain(written)
            else "ska vara text"
        )
    if kind == "string_pattern_mismatch":
        return f'"{written}" går inte: {_FORMS.get(limits["pattern"], "skrivsättet är fel")}'
    return _beyond(kind, limits) or _not_a(kind, written)


def _not_among(written: Any, allowed: list[str]) -> str:
    return f'"{written}" går inte. Skriv ett av: {", ".join(allowed)}.{nearest(written, allowed)}'


def _beyond(kind: str, limits: dict[str, Any]) -> str | None:
    says = {
        "greater_than_equal": "ska vara minst {ge}",
        "less_than_equal": "ska vara högst {le}",
        "string_too_short": "är tomt: skriv något",
        "string_too_long": "är för långt: högst {max_length} tecken",
        "too_short": "ska ha minst {min_length} i listan",
        "too_long": "har för många i listan: högst {max_length}",
    }.get(kind)
    return says and says.format(**limits)


def _not_a(kind: str, written: Any) -> str:
    wanted = _KINDS.get(kind.split("_")[0])
    says = f'"{written}" går inte' if _plain(written) else "värdet går inte"
    return f"{says}: ska vara {wanted}" if wanted else says


def _short(written: Any) -> Any:
    return f"{written[:_LONGEST]}…" if isinstance(written, str) and len(written) > _LONGEST else written


def _plain(written: Any) -> bool:
    return isinstance(written, str | int | float | bool)
