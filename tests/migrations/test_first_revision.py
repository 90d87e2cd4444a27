"""A migrated database is the same as one made from the models, and its audit log refuses changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, inspect, make_url, text
from sqlalchemy.exc import DatabaseError

import migrations
from migrations.first import FILE, completed
from models import metadata
from models.audit import append_only_ddl
from runtime.database import make_engine

ADD_EVENT = (
    "INSERT INTO audit_event (id, municipality_id, number, at, kind, via, clauses, facts, detail_digest, "
    "previous, digest) VALUES (1, 1, 1, '2026-01-01 00:00:00', 'imported', 'cli', '[]', '{}', '', '', 'x')"
)
ADD_MUNICIPALITY = (
    "INSERT INTO municipality "
    "(id, slug, name, time_zone, mail_domains, sender_address, shown_name, colour, logotype) "
    "VALUES (1, 'a', 'A', 'Europe/Stockholm', '[]', 'a@example.org', '', '', '')"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The addresses of two places without tables: two files, or two schemas of one PostgreSQL database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/migrated.db", f"sqlite:///{tmp_path}/made.db"
        return
    server = make_url(request.getfixturevalue("postgres_session_url"))
    administrator = create_engine(server, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        for name in ("migrated", "made"):
            connection.execute(text(f"CREATE SCHEMA {name}"))
        yield _in_schema(server, "migrated"), _in_schema(server, "made")
        for name in ("migrated", "made"):
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    administrator.dispose()


def _in_schema(server: URL, name: str) -> str:
    chosen = server.update_query_dict({"options": f"-csearch_path={name}"})
    return chosen.render_as_string(hide_password=False)


@pytest.fixture
def migrated(empty_urls: tuple[str, str]) -> Iterator[Engine]:
    migrations.upgrade(empty_urls[0])
    engine = make_engine(empty_urls[0])
    yield engine
    engine.dispose()


@pytest.fixture
def made(empty_urls: tuple[str, str]) -> Iterator[Engine]:
    """Made from a copy: to add a foreign key on PostgreSQL leaves it out of every table made afterwards."""
    engine, copy = make_engine(empty_urls[1]), MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(copy)
    with engine.begin() as connection:
        copy.create_all(connection)
        for statement in append_only_ddl(engine.dialect.name):
            connection.execute(statement)
    yield engine
    engine.dispose()


def by_name(things: list[Any]) -> list[str]:
    """Each as text; the condition of a partial index is an object here, and compared as SQL below."""
    return sorted(
        str(sorted((key, str(value)) for key, value in one.items() if key != "dialect_options"))
        for one in things
    )


def schema_of(engine: Engine) -> dict[str, Any]:
    """Everything the database knows of its tables, alembic's own apart."""
    looked = inspect(engine)
    tables = sorted(set(looked.get_table_names()) - {"alembic_version"})
    return {
        table: {
            "columns": by_name(looked.get_columns(table)),
            "primary": str(looked.get_pk_constraint(table)),
            "foreign": by_name(looked.get_foreign_keys(table)),
            "unique": by_name(looked.get_unique_constraints(table)),
            "checks": by_name(looked.get_check_constraints(table)),
            "indexes": by_name(looked.get_indexes(table)),
        }
        for table in tables
    } | {"triggers and partial indexes": _programs(engine)}


def _programs(engine: Engine) -> list[tuple[str, ...]]:
    with engine.connect() as connection:
        asked = _ASKED_SQLITE if engine.dialect.name == "sqlite" else _ASKED_POSTGRES
        rows = connection.execute(text(asked)).all()
        schema = "" if engine.dialect.name == "sqlite" else connection.scalar(text("SELECT current_schema()"))
    told = [(name, " ".join(made.replace('"', "").replace(f"{schema}.", "").split())) for name, made in rows]
    return sorted(one for one in told if "alembic" not in one[0])


_ASKED_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
_ASKED_POSTGRES = """
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL SELECT tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
    UNION ALL SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
"""


def test_the_models_and_the_migrated_tables_do_not_differ(migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_is_like_one_made_from_the_models(migrated: Engine, made: Engine) -> None:
    assert schema_of(migrated) == schema_of(made)


def refused(connection: Connection, statement: str) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(text(statement))
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


def test_the_audit_log_is_append_only(migrated: Engine) -> None:
    with migrated.begin() as connection:
        connection.execute(text(ADD_MUNICIPALITY))
        connection.execute(text(ADD_EVENT))
        assert refused(connection, "UPDATE audit_event SET kind = 'x'")
        assert refused(connection, "DELETE FROM audit_event")
        if migrated.dialect.name == "postgresql":
            assert refused(connection, "TRUNCATE audit_event CASCADE")


def test_upgrading_again_changes_nothing(migrated: Engine, empty_urls: tuple[str, str]) -> None:
    before = schema_of(migrated)
    migrations.upgrade(empty_urls[0])
    assert schema_of(migrated) == before


def test_down_and_up_again(migrated: Engine, empty_urls: tuple[str, str]) -> None:
    before = schema_of(migrated)
    migrated.dispose()
    command.downgrade(migrations.config_for(empty_urls[0]), "base")
    assert inspect(migrated).get_table_names() == ["alembic_version"]
    migrations.upgrade(empty_urls[0])
    assert schema_of(migrated) == before


def test_the_file_is_whole() -> None:
    """What alembic leaves out is written once, so a file that was completed twice would show here."""
    written = FILE.read_text()
    assert written.count("append_only_ddl(dialect)") == 1
    assert written.count("fk_unit_line_manager_id_person") == 3
    assert "###" not in completed(
        "x\nrevision: str\n    # ### made\n\n\ndef downgrade() -> None:\n    pass\n"
    )
