"""Each key of the schema is carried out by a function that exists, or is refused; editors have it fresh."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from cli.main import app
from policies.json_schema import FILES, SCHEMA_FOLDER, file_text, schema_of
from policies.policy import Guideline, Policy
from policies.shape import keys_of, model_inside


def models_within(model: type[BaseModel]) -> set[type[BaseModel]]:
    inner = {found for field in keys_of(model).values() if (found := model_inside(field.annotation))}
    return {model}.union(*(models_within(one) for one in inner))


MODELS = sorted(models_within(Policy) | models_within(Guideline), key=lambda model: model.__name__)
KEYS = [(model, key) for model in MODELS for key in keys_of(model)]


def carried_out_by(model: type[BaseModel], key: str) -> str:
    extra = keys_of(model)[key].json_schema_extra
    assert isinstance(extra, dict), f"{model.__name__}.{key}: made without key()"
    return str(extra["carried_out_by"])


@pytest.mark.parametrize(("model", "key"), KEYS, ids=[f"{model.__name__}.{key}" for model, key in KEYS])
def test_each_key_has_a_meaning_and_says_what_carries_it_out(model: type[BaseModel], key: str) -> None:
    assert keys_of(model)[key].description
    assert carried_out_by(model, key)


FUNCTIONS = sorted({carried_out_by(model, key) for model, key in KEYS})


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_carries_a_key_out_exists(function: str) -> None:
    module, _, name = function.partition(":")

    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize("name", FILES)
def test_the_schema_for_editors_is_fresh(name: str) -> None:
    written = (SCHEMA_FOLDER / name).read_text(encoding="utf-8")

    assert written == file_text(FILES[name]), "run: kanalvakt policies schema"


def test_the_schema_for_editors_has_each_key_with_its_meaning() -> None:
    definitions = schema_of(Policy)["$defs"] | {
        "Policy": schema_of(Policy),
        "Guideline": schema_of(Guideline),
    }
    definitions |= schema_of(Guideline)["$defs"]

    for model, key in KEYS:
        written = definitions[model.__name__]["properties"][key]
        assert written["description"].startswith(keys_of(model)[key].description or "")
        assert "carried_out_by" not in json.dumps(definitions)


def test_the_command_writes_the_schema_for_editors(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["policies", "schema", "--folder", str(tmp_path)])

    assert result.exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)
