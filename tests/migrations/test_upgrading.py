"""Every released schema, with a municipality's life in it, becomes today's; and no database goes back."""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Column, Date, Engine, MetaData, create_engine, inspect, make_url, select, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import col
from typer.testing import CliRunner

import migrations
import models
from cli.main import app
from deployments import run_worker
from lifecycle.invariants import violations
from lifecycle.journal import verify
from migrations import differing, schema
from migrations import next as coming
from models import Municipality
from runtime.clock import now
from runtime.database import installation_engine, make_engine, reading
from runtime.settings import settings
from tests.figures import prove
from tests.migrations import released
from tests.migrations.changed_models import changed
from web.__main__ import serve

FROZEN = {"v0001_first_tables.py": "77b99a726aa3a5c537d137924fde452d7269a4a06376bceaa023c636b390c348"}
"""What stands in somebody's database is never written anew."""
SECTION = "Backup and restore"


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A released database with rows in it, and a place without tables, on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/released.db", f"sqlite:///{tmp_path}/made.db"
        return
    server = str(request.getfixturevalue("postgres_session_url"))
    administrator = create_engine(server, isolation_level="AUTOCOMMIT")
    names = ("released", "made")
    with administrator.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield tuple(make_url(server).set(database=one).render_as_string(False) for one in names)  # type: ignore[misc]
        for name in names:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    administrator.dispose()


def lay_out(revision: str, url: str) -> Engine:
    """The released database where it is wanted."""
    if url.startswith("sqlite"):
        released.sqlite_file(revision, Path(str(make_url(url).database)))
        return make_engine(url)
    plain = create_engine(url)
    with plain.connect() as connection:
        connection.connection.driver_connection.execute(released.postgres_sql(revision))  # type: ignore[union-attr]
        connection.connection.commit()
    plain.dispose()
    return make_engine(url)


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in inspect(engine).get_table_names()
            if name != "alembic_version"
        }


def test_released_revisions_are_never_changed() -> None:
    found = {name: sha256((coming.VERSIONS / name).read_bytes()).hexdigest() for name in FROZEN}
    assert found == FROZEN
    assert f"v{coming.RELEASED}_" in max(FROZEN), "raise RELEASED and add the file here when it is released"


@pytest.mark.parametrize("revision", released.revisions())
def test_a_released_database_becomes_todays_whole(revision: str, places: tuple[str, str]) -> None:
    engine, made = lay_out(revision, places[0]), make_engine(places[1])
    schema.make_from_models(made)
    before = counts(engine)
    engine.dispose()
    migrations.upgrade(places[0])
    after, kind = counts(engine), engine.dialect.name
    lost = sum(before[name] - after[name] for name in before)
    wanted = sum(before.values())
    prove(
        SECTION,
        f"rows kept on the way from schema {revision}, {kind}",
        sum(after.values()),
        wanted,
        at_least=True,
    )
    prove(SECTION, f"rows lost on the way from schema {revision}, {kind}", lost, 0)
    assert {name: after[name] for name in before} == before and before["user_task"] > 100
    assert schema.differences(schema.schema_of(engine), schema.schema_of(made)) == []
    with reading(engine) as session:
        for one in session.execute(select(col(Municipality.id))).scalars().all():
            assert verify(session, one or 0).breaks == []
            assert violations(session, one or 0, now()) == []
    engine.dispose()
    made.dispose()


# ---------------------------------------------------------------- the coming revision


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MetaData]:
    """A folder of revisions in which the coming one has been written, and the models it was written of."""
    folder = tmp_path_factory.mktemp("tomorrow") / "migrations"
    shutil.copytree(
        migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", "*_next_release*")
    )
    tables = changed()
    with pytest.MonkeyPatch.context() as patch:
        live_in(patch, folder, tables)
        assert coming.write_next_revision(folder / "versions") is not None
    return folder, tables


def live_in(patch: pytest.MonkeyPatch, folder: Path, tables: MetaData) -> None:
    """Let revisions and models be others."""
    patch.setattr(migrations, "FOLDER", folder)
    patch.setattr(coming, "VERSIONS", folder / "versions")
    for module in (models, schema, differing):
        patch.setattr(module, "metadata", tables)


@pytest.fixture
def tomorrow(written: tuple[Path, MetaData], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The coming revision's file, in a folder of the test's own."""
    folder = tmp_path / "migrations"
    shutil.copytree(written[0], folder)
    live_in(monkeypatch, folder, written[1])
    return folder / "versions" / "v0002_next_release.py"


def test_whatever_changes_in_the_models_is_written_and_carried_out(
    tomorrow: Path, places: tuple[str, str]
) -> None:
    """New tables, columns, kinds and conditions of indexes; and the log still refuses changes."""
    engine, made = lay_out(coming.RELEASED, places[0]), make_engine(places[1])
    schema.make_from_models(made)
    before = counts(engine)
    engine.dispose()
    migrations.upgrade(places[0])
    assert schema.differences(schema.schema_of(engine), schema.schema_of(made)) == []
    after = counts(engine)
    assert {name: after[name] for name in before} == before and after["song"] == 0
    with engine.begin() as connection:
        asked = "SELECT DISTINCT likes, is_merry, mood, friend_id FROM account"
        assert [tuple(row) for row in connection.execute(text(asked))] == [(7, True, "glad", None)]
        connection.execute(text("UPDATE user_task SET kind = 'swim' WHERE id = 1"))
        for statement in ("UPDATE audit_event SET kind = 'x'", "DELETE FROM audit_event"):
            with pytest.raises(DatabaseError, match="append-only"), connection.begin_nested():
                connection.execute(text(statement))
    engine.dispose()
    made.dispose()


def test_a_column_that_rows_cannot_have_is_refused_with_its_name() -> None:
    with pytest.raises(SystemExit, match="birthday is new"):
        differing.default_of(Column("birthday", Date, nullable=False))


def test_an_upgrade_that_breaks_changes_nothing(tomorrow: Path, tmp_path: Path) -> None:
    broken = '    op.execute("SELECT nonsense")\n\n\ndef downgrade'
    tomorrow.write_text(tomorrow.read_text().replace("\n\ndef downgrade", broken))
    engine = lay_out(coming.RELEASED, f"sqlite:///{tmp_path}/broken.db")
    before = schema.schema_of(engine)
    engine.dispose()
    with pytest.raises(OperationalError, match="nonsense"):
        migrations.upgrade(str(engine.url))
    assert schema.schema_of(engine) == before
    engine.dispose()


# ---------------------------------------------------------------- no way back


def test_a_database_is_not_brought_back(tomorrow: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/forward.db"
    migrations.upgrade(url)
    with pytest.raises(migrations.NoWayBack, match="kanalvakt restore"):
        command.downgrade(migrations.config_for(url), coming.RELEASED)
    with create_engine(url).connect() as connection:
        assert migrations.stands_at(connection) == "0002"


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An installation whose database a newer version has migrated."""
    url = f"sqlite:///{tmp_path}/newer.db"
    migrations.upgrade(url)
    _stamp(url, "9999")
    monkeypatch.setenv("KANALVAKT_DATABASE_URL", url)
    for cached in (settings, installation_engine):
        cached.cache_clear()  # type: ignore[attr-defined]
    yield url
    installation_engine().dispose()
    for cached in (settings, installation_engine):
        cached.cache_clear()  # type: ignore[attr-defined]


def _stamp(url: str, revision: str) -> None:
    with create_engine(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})


def test_a_newer_database_is_refused_by_whatever_is_started(newer: str) -> None:
    says = "Databasen är av version 9999, men programmet kan bara"
    for start in (lambda: serve("127.0.0.1", 0), run_worker.work):
        with pytest.raises(SystemExit, match=says):
            start()
    for words in (["migrate"], ["check"], ["backup", "--to", "kopior"], ["audit", "verify"]):
        told = CliRunner().invoke(app, words)
        assert told.exit_code == 1 and says in told.output, words
    with pytest.raises(migrations.WrongVersion, match=says):
        migrations.upgrade(newer)


@pytest.mark.parametrize("url", ["postgresql+psycopg://kanalvakt@127.0.0.1:9/k", "sqlite:////nowhere/k.db"])
def test_a_database_that_is_away_is_told_in_a_sentence(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANALVAKT_DATABASE_URL", url)
    settings.cache_clear()
    for start in (lambda: serve("127.0.0.1", 0), run_worker.work):
        with pytest.raises(SystemExit, match=r"Databasen svarar inte: .*kanalvakt doctor"):
            start()


def test_an_older_database_is_refused_with_what_to_do(newer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _stamp(newer, "0001")
    monkeypatch.setattr(migrations, "newest", lambda: "0002")
    with pytest.raises(SystemExit, match="kanalvakt migrate"):
        serve("127.0.0.1", 0)
