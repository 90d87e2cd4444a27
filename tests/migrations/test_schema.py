"""A migrated database is the same as one made from the models, and its audit log refuses changes."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError

import migrations
from migrations.schema import make_from_models, schema_of
from models import metadata
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


@pytest.fixture
def migrated(empty_urls: tuple[str, str]) -> Iterator[Engine]:
    migrations.upgrade(empty_urls[0])
    engine = make_engine(empty_urls[0])
    yield engine
    engine.dispose()


@pytest.fixture
def made(empty_urls: tuple[str, str]) -> Iterator[Engine]:
    engine = make_engine(empty_urls[1])
    make_from_models(engine)
    yield engine
    engine.dispose()


def test_the_models_and_the_migrated_tables_do_not_differ(migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_is_like_one_made_from_the_models(migrated: Engine, made: Engine) -> None:
    """When this fails the models have changed: python -m migrations.next"""
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
