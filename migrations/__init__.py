"""Migrations: the tables of a database, brought to today's form by alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

FOLDER = Path(__file__).parent


def upgrade(url: str) -> None:
    """Bring the database at url to the newest revision; an empty one gets every table."""
    command.upgrade(config_for(url), "head")


def revision(url: str, message: str) -> None:
    """Write a revision file from the difference between the models and the database at url.

    The database must be at the newest revision. Read what was written before you commit it.
    """
    command.revision(config_for(url), message=message, autogenerate=True)


def newest() -> str | None:
    """The revision that this version of the product wants."""
    return ScriptDirectory.from_config(config_for("sqlite://")).get_current_head()


def stands_at(connection: Connection) -> str | None:
    """The revision of a database's tables; None when nobody has noted one."""
    return MigrationContext.configure(connection).get_current_revision()


def config_for(url: str) -> Config:
    """What alembic is told; a revision that it writes is formatted by ruff."""
    config = Config()
    # Alembic expands % in options; attributes are taken as they are, and an address may hold one.
    config.attributes["url"] = url
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "v%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    config.set_main_option("timezone", "UTC")
    config.set_section_option("post_write_hooks", "hooks", "format")
    config.set_section_option("post_write_hooks", "format.type", "module")
    config.set_section_option("post_write_hooks", "format.module", "ruff")
    config.set_section_option("post_write_hooks", "format.options", "format --quiet REVISION_SCRIPT_FILENAME")
    return config
