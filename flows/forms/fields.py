"""What the forms' fields are called and explained as. Prefect draws each field from the flow's parameter.

Prefect names a field by its parameter, so the Swedish title is given as what it writes over the schema with.
Its own checks are in English and name parameters; so the schema demands nothing of a field but its kind, and
what is missing or too long is refused by `flows.forms.reading`, in Swedish.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

_TEXT = WithJsonSchema({"type": "string"})
Line = Annotated[str, StringConstraints(max_length=300), _TEXT]
Text = Annotated[str, StringConstraints(max_length=4000), _TEXT]

MaybeDay = Annotated[
    date | None,
    BeforeValidator(lambda day: day or None),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A day, or nothing, which Prefect's page sends as an empty text: its default is `NO_DAY`.

Without a schema of our own people would first have to choose between two kinds of value.
"""
NO_DAY = ""
NOT_CHOSEN = "Välj …"
"""The first of the words to choose among: nothing is chosen by accident, nor by Prefect in English."""
BLANK = ("", NOT_CHOSEN)
MUST = "must"
"""Marks a field that must be filled in; Prefect passes it by."""


def asked(title: str, explanation: str, default: Any = None) -> Any:
    """One field. It must be filled in when it has no default, or a choice when it begins as `NOT_CHOSEN`.

    The explanation says so, since Prefect calls every field optional.
    """
    must = default in (None, NOT_CHOSEN)
    says = f"Måste fyllas i. {explanation}" if must else explanation
    extra: dict[str, Any] = {"title": title} | ({MUST: True} if must else {})
    return Field(default=default or "", description=says, json_schema_extra=extra)


def one_of(words: type[StrEnum]) -> WithJsonSchema:
    """How a choice is drawn: its words, after the one that chooses nothing."""
    return WithJsonSchema({"type": "string", "enum": [NOT_CHOSEN, *(str(one) for one in words)]})


ACTING = asked(
    "Din arbetsadress",
    "Adressen till dig som gör det här. Det skrivs in i ditt namn, och ska något bekräftas går brevet dit.",
)
MUNICIPALITY = asked(
    "Kommun",
    "Kommunens kortnamn. Lämna tomt om installationen bara har en kommun.",
    "",
)
ACCOUNT = asked(
    "Konto",
    "Kontots namn eller adress, till exempel https://www.instagram.com/biblioteket. "
    "Namnet på kontots körning, till exempel Biblioteket · Instagram, går också bra.",
)
REASON = asked("Skäl", "Varför det görs. De som berörs läser det i sina brev.")
