"""Writes the revision of the coming release anew from the models: python -m migrations.next

Revisions up to `RELEASED` are in somebody's database and are never changed. What the models have become since
is one revision, written anew as often as they change; when it is released, `RELEASED` is raised to it.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.operations.ops import DowngradeOps, MigrationScript
from sqlalchemy import Engine

from migrations import FOLDER, config_for, newest, upgrade
from migrations.differing import Differences
from migrations.schema import differences, make_from_models, programs_of, schema_of
from runtime.database import make_engine

RELEASED = "0001"
"""The newest revision that a release of the product has brought with it."""
VERSIONS = FOLDER / "versions"


def write_next_revision(versions: Path = VERSIONS) -> Path | None:
    """The file of the next revision; None when the models are what was last released.

    Raises SystemExit with what is to be written by hand when the file does not lead to the models.
    """
    file = versions / f"v{_number():04}_next_release.py"
    file.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        released, made = (make_engine(f"sqlite:///{folder}/{name}.db") for name in ("released", "made"))
        upgrade(str(released.url))
        make_from_models(made)
        _write(released, made, file)
        if file.exists():
            _demand_same(Path(folder), made)
        released.dispose()
        made.dispose()
    return file if file.exists() else None


def _number() -> int:
    return int(RELEASED) + 1


def _write(released: Engine, made: Engine, file: Path) -> None:
    """Alembic finds tables, columns, keys and most indexes; `Differences` adds what it does not see."""
    found = Differences(released, made)

    def _complete(context: Any, revision: Any, directives: list[MigrationScript]) -> None:
        upgrade_ops = directives[0].upgrade_ops
        assert upgrade_ops is not None
        found.complete(upgrade_ops)
        directives[0].downgrade_ops = DowngradeOps([])
        if upgrade_ops.is_empty():
            directives.clear()

    config = config_for(str(released.url))
    config.set_main_option("file_template", file.stem)
    command.revision(
        config,
        message="What the models have become since the last release",
        autogenerate=True,
        rev_id=f"{_number():04}",
        process_revision_directives=_complete,
    )
    if file.exists():
        file.write_text(_with_triggers(file.read_text(), _lost_triggers(released, made, found.rebuilt)))
        for tidy in (["check", "--fix", "--exit-zero"], ["format"]):
            subprocess.run([sys.executable, "-m", "ruff", *tidy, "--silent", str(file)], check=True)


def _lost_triggers(released: Engine, made: Engine, rebuilt: Iterable[str]) -> dict[str, str]:
    """By name: triggers that are new, and those whose table SQLite has copied and thrown away."""
    triggers = {name: sql for name, sql in programs_of(made) if sql.startswith("CREATE TRIGGER")}
    known = dict(programs_of(released))
    tables = [f" ON {table} " for table in rebuilt]
    return {
        name: sql
        for name, sql in triggers.items()
        if known.get(name) != sql or any(table in sql for table in tables)
    }


def _with_triggers(text: str, triggers: dict[str, str]) -> str:
    """The upgrade of SQLite ends with making triggers again; PostgreSQL keeps them."""
    text = re.sub(r" +# ### .*\n", "", text)
    if not triggers:
        return text
    lines = ['    if op.get_bind().dialect.name == "sqlite":']
    for name, sql in triggers.items():
        lines += [f'        op.execute("DROP TRIGGER IF EXISTS {name}")', f"        op.execute({sql!r})"]
    upgrading, _, rest = text.partition("\n\ndef downgrade()")
    return "\n".join([upgrading.rstrip(), *lines, "", "", "def downgrade()" + rest])


def _demand_same(folder: Path, made: Engine) -> None:
    """What was written leads to the models; what no rule here knows has to be added by hand."""
    upgrade(f"sqlite:///{folder}/next.db")
    migrated = make_engine(f"sqlite:///{folder}/next.db")
    left = differences(schema_of(migrated), schema_of(made))
    migrated.dispose()
    if left:
        raise SystemExit("\n".join([f"Revision {newest()} does not lead to the models:", *left]))


if __name__ == "__main__":
    written = write_next_revision()
    print(written or f"The models are as revision {RELEASED} has them: there is nothing to write.")
