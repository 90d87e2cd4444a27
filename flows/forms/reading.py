"""Reading what was filled in: what is missing, too long or unreadable is refused, by the field's title."""

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo

from flows.forms.fields import BLANK, MUST
from lifecycle.refusals import Refused
from policies.naming import listed

Sheet = type[BaseModel]
"""A form by its fields."""


def sheet_of(doing: Callable[..., Any]) -> Sheet:
    """The fields that a form's function asks for, as it types them."""
    asked = signature(doing, eval_str=True).parameters
    fields: dict[str, Any] = {name: (one.annotation, one.default) for name, one in asked.items()}
    return create_model("Sheet", __config__=ConfigDict(validate_default=True), **fields)


def read(sheet: Sheet, given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every field. Refused `fields_missing`, `field_too_long` or `field_wrong`."""
    written = {name: one for name, one in given.items() if not _is_blank(one)}
    missing = [name for name, field in sheet.model_fields.items() if _must(field) and name not in written]
    if missing:
        raise Refused("fields_missing", fields=_titles(sheet, missing))
    try:
        filled = sheet.model_validate(written)
    except ValidationError as error:
        raise _refused(sheet, error) from None
    return {name: getattr(filled, name) for name in sheet.model_fields}


def _is_blank(value: Any) -> bool:
    """Whether nobody has written anything; Prefect gives what was not sent as the field itself."""
    return (
        value is None or isinstance(value, FieldInfo) or (isinstance(value, str) and value.strip() in BLANK)
    )


def _extra(field: FieldInfo) -> Mapping[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _must(field: FieldInfo) -> bool:
    return MUST in _extra(field)


def _titles(sheet: Sheet, names: Sequence[str]) -> str:
    return listed([f"”{_extra(sheet.model_fields[name])['title']}”" for name in names])


def _refused(sheet: Sheet, error: ValidationError) -> Refused:
    first = error.errors()[0]
    title = _titles(sheet, [str(first["loc"][0])])
    if first["type"] == "string_too_long":
        return Refused("field_too_long", field=title, limit=first["ctx"]["max_length"])
    return Refused("field_wrong", field=title)
