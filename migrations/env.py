"""What alembic runs to reach the database and to know the models."""

from alembic import context
from sqlalchemy import create_engine, pool

from models import metadata


def migrate() -> None:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=metadata,
                # SQLite cannot alter a column: the table is copied and renamed.
                render_as_batch=connection.dialect.name == "sqlite",
                compare_type=True,
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


migrate()
