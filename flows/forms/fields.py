"""What the forms' fields are called and explained as. Prefect draws each field from the flow's parameter.

Prefect names a field by its parameter, so the Swedish title is given as what it writes over the schema with.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

Line = Annotated[str, StringConstraints(max_length=300)]
Text = Annotated[str, StringConstraints(max_length=4000)]

MaybeDay = Annotated[
    date | None,
    BeforeValidator(lambda day: day or None),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A day, or nothing, which Prefect's page sends as an empty text: its default is `NO_DAY`.

Without a schema of our own people would first have to choose between two kinds of value.
"""
NO_DAY = ""


def asked(title: str, explanation: str, default: Any = ...) -> Any:
    """One field; without a default it must be filled in."""
    return Field(default=default, description=explanation, json_schema_extra={"title": title})


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
