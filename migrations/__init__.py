"""Migrations: the tables of a database, brought to today's form by alembic."""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, pool

from runtime.database import AWAY, why_away

FOLDER = Path(__file__).parent


class WrongVersion(Exception):
    """The database is not of the version of this program; the words are for whoever runs it."""


class NoWayBack(Exception):
    """A database is never brought back to an older version."""

    def __init__(self) -> None:
        super().__init__(
            "En databas går inte tillbaka till en äldre version. Lägg tillbaka en säkerhetskopia från den: "
            "kanalvakt restore"
        )


def upgrade(url: str, to: str = "head") -> None:
    """Bring the database at url to a revision, the newest one unless said; an empty one gets every table.

    All of it or nothing. Raises WrongVersion when the database is newer than this program.
    """
    _refuse_newer(url)
    command.upgrade(config_for(url), to)


def _refuse_newer(url: str) -> None:
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        stands = stands_at(connection)
    if stands is not None and stands not in known():
        raise WrongVersion(newer_than_program(stands))


def newer_than_program(stands: str) -> str:
    """What is said of a database, or a copy of one, that this program does not know."""
    return (
        f"Databasen är av version {stands}, men programmet kan bara {newest()}. Installera den nyare "
        "versionen av Kanalvakt, eller lägg tillbaka en säkerhetskopia från den äldre: kanalvakt restore"
    )


def demand_current(engine: Engine) -> None:
    """Go on only with a database of this version; one that nobody has noted a version in is let be.

    Raises WrongVersion with what is to be done.
    """
    with engine.connect() as connection:
        stands = stands_at(connection)
    if stands is None or stands == newest():
        return
    if stands not in known():
        raise WrongVersion(newer_than_program(stands))
    raise WrongVersion(
        f"Databasen är av version {stands}, men programmet av {newest()}. Stoppa tjänsterna, ta en "
        "säkerhetskopia och kör: kanalvakt migrate"
    )


def demand_this_version(engine: Engine) -> None:
    """End the process, saying what is to be done, before anybody meets another version's tables."""
    try:
        demand_current(engine)
    except WrongVersion as wrong:
        sys.exit(str(wrong))
    except AWAY as away:
        sys.exit(f"{why_away(away)} Se efter med: kanalvakt doctor")


def newest() -> str | None:
    """The revision that this version of the product wants."""
    return _scripts().get_current_head()


def known() -> list[str]:
    """Every revision that this version of the product can begin from, the newest first."""
    return [one.revision for one in _scripts().walk_revisions()]


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config_for("sqlite://"))


def stands_at(connection: Connection) -> str | None:
    """The revision of a database's tables; None when nobody has noted one."""
    return MigrationContext.configure(connection).get_current_revision()


def has_tables(engine: Engine) -> bool:
    """Whether a database has been given its tables."""
    return inspect(engine).has_table("municipality")


def config_for(url: str) -> Config:
    """What alembic is told."""
    config = Config()
    # Alembic expands % in options; attributes are taken as they are, and an address may hold one.
    config.attributes["url"] = url
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
