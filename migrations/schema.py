"""What a database knows of its tables, to compare one that was migrated with one made from the models."""

import re
from typing import Any

from sqlalchemy import Engine, MetaData, inspect, text

from models import metadata
from models.audit import append_only_ddl

Schema = dict[str, Any]
_CASTS = re.compile(r"::(?:character varying|text)(?:\[\])?|[()]")

_ASKED_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
_ASKED_POSTGRES = """
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL SELECT tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
    UNION ALL SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
"""


def make_from_models(engine: Engine) -> None:
    """Every table in an empty database, and what makes the audit log append-only.

    From a copy of them: to add a foreign key on PostgreSQL leaves it out of every table made afterwards.
    """
    copy = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(copy)
    with engine.begin() as connection:
        copy.create_all(connection)
        for statement in append_only_ddl(engine.dialect.name):
            connection.execute(statement)


def schema_of(engine: Engine) -> Schema:
    """Tables with columns, keys, checks and indexes; triggers and partial indexes. Alembic's own apart."""
    looked = inspect(engine)
    tables = sorted(set(looked.get_table_names()) - {"alembic_version"})
    return {
        table: {
            "columns": _as_text(looked.get_columns(table)),
            "primary": str(looked.get_pk_constraint(table)),
            "foreign": _as_text(looked.get_foreign_keys(table)),
            "unique": _as_text(looked.get_unique_constraints(table)),
            "checks": _as_text(looked.get_check_constraints(table)),
            "indexes": _as_text(looked.get_indexes(table)),
        }
        for table in tables
    } | {"triggers and partial indexes": [(name, _plain(sql)) for name, sql in programs_of(engine)]}


def differences(one: Schema, other: Schema) -> list[str]:
    """Where two schemas differ, in a line each."""
    return [
        f"{table}: {_without(one.get(table), other.get(table))}"
        f" != {_without(other.get(table), one.get(table))}"
        for table in sorted(set(one) | set(other))
        if one.get(table) != other.get(table)
    ]


def _without(what: Any, same: Any) -> Any:
    """What of a table, or of a list, the other does not have."""
    if isinstance(what, dict) and isinstance(same, dict):
        return {key: _without(value, same.get(key)) for key, value in what.items() if value != same.get(key)}
    if isinstance(what, list) and isinstance(same, list):
        return [one for one in what if one not in same]
    return what


def _plain(sql: str) -> str:
    """Without what PostgreSQL writes in another way once it has been dumped and read again."""
    return _CASTS.sub("", sql)


def _as_text(things: list[Any]) -> list[str]:
    """Each as text; the condition of a partial index is an object here, and compared as SQL below."""
    return sorted(
        str(sorted((key, _told(key, value)) for key, value in one.items() if key != "dialect_options"))
        for one in things
    )


def _told(key: str, value: Any) -> str:
    return _plain(str(value)) if key == "sqltext" else str(value)


def programs_of(engine: Engine) -> list[tuple[str, str]]:
    """Triggers, functions and indexes as the database would write them, by name."""
    with engine.connect() as connection:
        on_sqlite = engine.dialect.name == "sqlite"
        rows = connection.execute(text(_ASKED_SQLITE if on_sqlite else _ASKED_POSTGRES)).all()
        schema = "" if on_sqlite else connection.scalar(text("SELECT current_schema()"))
    told = [(name, " ".join(made.replace('"', "").replace(f"{schema}.", "").split())) for name, made in rows]
    return sorted(one for one in told if "alembic" not in one[0])
