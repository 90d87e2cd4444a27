"""`make reference`: docs/reference, written from the code. A test fails when a page there is stale."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
import yaml
from pydantic import BaseModel, SecretStr, TypeAdapter
from pydantic.fields import FieldInfo

from acts.announcing import NOTICES, Silent
from cli.main import app as commands_app
from deployments.settings_words import SETTINGS_SAY
from lifecycle.events import EventKind
from notifications.registry import NOTICES as LETTERS
from policies.policy import Clause, Guideline, Policy
from policies.rules import Rules
from policies.settings import Settings
from policies.shape import keys_of, model_inside
from runtime.settings import InstallationSettings
from web.app import PARTS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
WRITTEN = "<!-- Skriven av make reference ur koden. Ändra där. -->"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """As Markdown; a bar or a line break in a cell would end it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(one) for one in line)} |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())


def code(value: object) -> str:
    return f"`{value}`"


# ---------------------------------------------------------------- commands


def commands() -> str:
    """Every command with its arguments and options, from the command line itself."""
    parts = [
        "# Kommandon",
        "`kanalvakt KOMMANDO --help` säger detsamma i terminalen. Kommandona gäller databasen i"
        " `KANALVAKT_DATABASE_URL`.",
        *(_command(path, one) for path, one in walked(typer.main.get_command(commands_app))),
    ]
    return "\n\n".join(parts)


def walked(command: Any, path: tuple[str, ...] = ("kanalvakt",)) -> Iterator[tuple[str, Any]]:
    """Every command below one, in alphabetical order, with how it is called."""
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path), command
        return
    for name in sorted(below):
        yield from walked(below[name], (*path, name))


def _command(path: str, command: Any) -> str:
    rows = [_parameter(one) for one in command.params if one.name != "help"]
    says = " ".join((command.help or "").split())
    told = f"## {path}\n\n{says}"
    return f"{told}\n\n{table(('Anges', 'Betyder', 'Annars'), rows)}" if rows else told


def _parameter(one: Any) -> tuple[str, str, str]:
    is_option = one.param_type_name == "option"
    called = ", ".join(one.opts) if is_option else (one.metavar or one.name.upper())
    value = f" {one.metavar}" if is_option and one.metavar else ""
    return code(f"{called}{value}"), getattr(one, "help", None) or "", _otherwise(one)


def _otherwise(one: Any) -> str:
    if one.required:
        return "måste anges"
    plain = one.default
    if plain is None or plain is False or callable(plain) or plain in ((), []):
        return ""
    if isinstance(plain, Path) and plain.is_relative_to(ROOT):
        plain = plain.relative_to(ROOT)
    return code(getattr(plain, "value", plain))


# ---------------------------------------------------------------- settings


def settings() -> str:
    """Every setting of an installation."""
    rows = [
        (code(f"KANALVAKT_{name.upper()}"), SETTINGS_SAY[name], _default(field))
        for name, field in InstallationSettings.model_fields.items()
    ]
    return "\n\n".join(
        [
            "# Inställningar",
            "De läses ur miljön, ur en fil `.env` i mappen där Kanalvakt startas, eller ur mappen i"
            " `KANALVAKT_SECRETS_DIR`: en fil per hemlighet, med inställningens namn i små bokstäver"
            " (`kanalvakt_cookie_key`). Miljön går före. `kanalvakt doctor` säger vad som är fel.",
            table(("Inställning", "Betyder", "Annars"), rows),
            "Prefect har sina egna: `PREFECT_API_URL`, `PREFECT_API_AUTH_STRING` och andra, se"
            " [installera på en server](../how-to/install.md).",
        ]
    )


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or isinstance(value, SecretStr):
        return "inget"
    return code(str(value).lower() if isinstance(value, bool) else value)


# ---------------------------------------------------------------- policy


def policy() -> str:
    """Every key that a file of rules can have, with what the installation does without it."""
    parts = [
        "# Regelfilens nycklar",
        "En kommuns regler står i `municipalities/NAMN.yaml` och punkterna de vilar på i"
        " `guidelines/NAMN.yaml`. Hur de skrivs: [er kommun: två filer](../how-to/policy.md). Nycklar som"
        " står på flera ställen beskrivs en gång, där de först förekommer.",
        _keys("Filen", Policy),
        "## rules\n\nVad punkterna säger. En nyckel som inte står i filen finns inte, och då frågas det"
        " inte efter något.",
        *_with_those_inside("rules", Rules, set()),
        "## settings\n\nNär och hur plikterna sköts när ingen punkt säger det. Ingen inställning skapar en"
        " plikt. Det som inte anges har värdet till höger.",
        *_with_those_inside("settings", Settings, set()),
        "## Riktlinjens fil",
        _keys("guidelines/NAMN.yaml", Guideline),
        _keys("clauses", Clause),
    ]
    return "\n\n".join(parts)


def _with_those_inside(name: str, model: type[BaseModel], told: set[type[BaseModel]]) -> Iterator[str]:
    told.add(model)
    yield _keys(name, model)
    for key, field in keys_of(model).items():
        inner = model_inside(field.annotation)
        if inner is not None and inner not in told:
            yield from _with_those_inside(f"{name}.{key}", inner, told)


def _keys(name: str, model: type[BaseModel]) -> str:
    rows = [
        (code(key), field.description or "", kind_of(field), _without(field))
        for key, field in keys_of(model).items()
    ]
    return f"### {name}\n\n{table(('Nyckel', 'Betyder', 'Skrivs', 'Annars'), rows)}"


def kind_of(field: FieldInfo) -> str:
    """How a value is written, with its limits."""
    inner = model_inside(field.annotation)
    schema = _schema_of(field)
    several = schema.get("type") == "array"
    one = "nycklar" if inner else _words(schema.get("items", schema) if several else schema)
    return ("lista av " if several else "") + one


def _schema_of(field: FieldInfo) -> dict[str, Any]:
    annotation: Any = field.annotation
    schema = TypeAdapter(annotation).json_schema()
    known = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    found: dict[str, Any] = dict(known[0]) | {"$defs": schema.get("$defs", {})}
    for limit in field.metadata:
        found |= {
            name: getattr(limit, attribute)
            for name, attribute in (("minimum", "ge"), ("maximum", "le"))
            if getattr(limit, attribute, None) is not None
        }
    return _resolved(found, found["$defs"])


def _resolved(schema: dict[str, Any], defs: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = schema | dict(defs[schema["$ref"].rpartition("/")[2]])
    if "items" in schema:
        schema = schema | {"items": _resolved(dict(schema["items"]), defs)}
    return schema


def _words(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(code(one) for one in schema["enum"])
    kinds = {"integer": "heltal", "boolean": "`true` eller `false`", "object": "nycklar"}
    formats = {"date": "datum, `2027-03-01`", "time": 'klockslag, `"08:00"`'}
    kind = formats.get(schema.get("format", ""), kinds.get(schema.get("type", ""), "text"))
    if "minimum" in schema and "maximum" in schema:
        return f"{kind} {schema['minimum']}–{schema['maximum']}"
    return kind


def _without(field: FieldInfo) -> str:
    if field.is_required():
        return "måste anges"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ([], {}) or isinstance(value, Rules | Settings):
        return ""
    return _value(value)


def _value(value: Any) -> str:
    if isinstance(value, BaseModel):
        return ", ".join(f"{key}: {one}" for key, one in value.model_dump(mode="json").items())
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    return code(str(value).lower() if isinstance(value, bool) else getattr(value, "value", value))


# ---------------------------------------------------------------- events, deployments, routes


def events() -> str:
    """Every event, with the letters that tell of it, and every letter."""
    return "\n\n".join(
        [
            "# Events and letters",
            "What happens is recorded as one of these events, and the table in `acts/announcing.py` says"
            " which letters tell of it. How a letter is added: [a letter](../how-to/letter.md). How they"
            " look: [pictures](../pictures/brev/README.md).",
            table(("Event", "Told by"), ((code(one.value), _told(one)) for one in EventKind)),
            "## Letters",
            table(
                ("Letter", "Purpose", "Link", "Leaves"),
                (
                    (
                        code(name),
                        one.purpose,
                        code(one.link.value) if one.link else "",
                        "in working hours" if one.by_clock else "at once",
                    )
                    for name, one in LETTERS.items()
                ),
            ),
        ]
    )


def _told(kind: EventKind) -> str:
    told = NOTICES[kind]
    if isinstance(told, Silent):
        return f"nobody: {told.because}"
    return ", ".join(dict.fromkeys(code(one.name) for one in told))


def deployments() -> str:
    """What Prefect is told to run, and when."""
    known = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    rows = [(code(one["name"]), one["description"], _when(one), code(one["entrypoint"])) for one in known]
    return "\n\n".join(
        [
            "# Det som går i Prefect",
            "Ur `prefect.yaml`. Ett schema säger hur ofta det ses efter; varje rond går en gång om dagen för"
            " varje kommun, när dess klockslag är kommet. Tiderna är svensk tid.",
            table(("Namn", "Gör", "Schema", "Flöde"), rows),
        ]
    )


def _when(deployment: Mapping[str, Any]) -> str:
    schedules = deployment.get("schedules", [])
    on = [code(one["cron"]) + ("" if one.get("active", True) else " (av)") for one in schedules]
    return ", ".join(on) or "när kontot har nyheter"


def routes() -> str:
    """Every address of the portal."""
    rows = sorted(
        (code(route.path), ", ".join(sorted(route.methods)), _first_line(route.endpoint))
        for part in PARTS
        for route in part.router.routes
    )
    return "\n\n".join(["# Routes of the portal", table(("Address", "Methods", "What it does"), rows)])


def _first_line(endpoint: Callable[..., object]) -> str:
    return (endpoint.__doc__ or "").strip().partition("\n")[0]


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "settings.md": settings,
    "policy.md": policy,
    "deployments.md": deployments,
    "events.md": events,
    "routes.md": routes,
}


def text_of(page: str) -> str:
    """What a page should hold."""
    return f"{WRITTEN}\n\n{PAGES[page]()}\n"


def main(folder: Path = FOLDER) -> None:
    """Write every page anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        (folder / page).write_text(text_of(page), encoding="utf-8")
    print(f"Skrev {len(PAGES)} sidor i {folder}.")


if __name__ == "__main__":
    main()
