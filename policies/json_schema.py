"""The schema for editors, which then complete keys and underline faults while one writes."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from policies.loading import HERE
from policies.policy import Guideline, Policy

SCHEMA_FOLDER = HERE / "schema"
FILES: dict[str, type[BaseModel]] = {"policy.schema.json": Policy, "guideline.schema.json": Guideline}
_GROUPS = ("properties", "$defs")


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema 2020-12 with the keys as files write them and their meanings in Swedish."""
    schema = _for_editors(model.model_json_schema(by_alias=True))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _for_editors(part: Any) -> Any:
    """Without what the code says to itself: titles, the docstrings of types, who carries a key out."""
    if isinstance(part, list):
        return [_for_editors(one) for one in part]
    if not isinstance(part, dict):
        return part
    own = {"title", "carried_out_by"} | ({"description"} if _is_type(part) else set())
    return {name: _part(name, value) for name, value in part.items() if name not in own}


def _part(name: str, value: Any) -> Any:
    if name in _GROUPS:
        return {inner: _for_editors(one) for inner, one in value.items()}
    return _for_editors(value)


def _is_type(part: dict[str, Any]) -> bool:
    return "carried_out_by" not in part


def write_schemas(folder: Path = SCHEMA_FOLDER) -> list[Path]:
    """Writes the files anew and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / name, model) for name, model in FILES.items()]


def _write(path: Path, model: type[BaseModel]) -> Path:
    path.write_text(file_text(model), encoding="utf-8")
    return path


def file_text(model: type[BaseModel]) -> str:
    """What the exported file holds."""
    return json.dumps(schema_of(model), ensure_ascii=False, indent=2) + "\n"
