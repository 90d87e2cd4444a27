"""What alembic runs to reach the database and to know the models."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, create_engine, event, pool

from models import metadata


def migrate() -> None:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        _in_one_transaction(engine)
    try:
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=metadata,
                # SQLite cannot alter a column: the table is copied and renamed. PostgreSQL just alters it.
                render_as_batch=True,
                compare_type=True,
                transactional_ddl=True,
            )
            with context.begin_transaction():
                context.run_migrations()
                _demand_whole(connection)
    finally:
        engine.dispose()


def _in_one_transaction(engine: Engine) -> None:
    """Python's driver would commit table by table, and leave half of an upgrade that did not succeed.

    References are not heeded meanwhile: a table that is copied is away for a moment.
    """

    def _leave_begin_to_us(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", _leave_begin_to_us)
    event.listen(engine, "begin", _begin)


def _demand_whole(connection: Connection) -> None:
    """No row points at nothing when the tables have been copied."""
    if connection.dialect.name != "sqlite":
        return
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        raise RuntimeError(f"{len(lost)} rows point at rows that are not there: {lost[:5]}")


migrate()
