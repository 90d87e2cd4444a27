"""Writes the first revision anew from the models: python -m migrations.first

Only until the first release: afterwards a change of the models is a revision of its own.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from migrations import FOLDER, config_for

FILE = FOLDER / "versions" / "v0001_first_tables.py"

_IMPORT = "\nfrom models.audit import append_only_ddl\n"
_UPGRADE, _DOWNGRADE = "def upgrade() -> None:\n", "\n\ndef downgrade() -> None:\n"
_BEFORE_TABLES = """    dialect = op.get_bind().dialect.name
"""
_AFTER_TABLES = """
    if dialect == "postgresql":
        # Units and people point at each other: this half waits until both tables are there.
        op.create_foreign_key(
            op.f("fk_unit_line_manager_id_person"), "unit", "person", ["line_manager_id"], ["id"]
        )
    # A later revision that copies audit_event (batch_alter_table on SQLite) has to do this again.
    for statement in append_only_ddl(dialect):
        op.execute(statement)
"""
_BEFORE_DROPS = """    on_postgres = op.get_bind().dialect.name == "postgresql"
    if on_postgres:
        op.drop_constraint(op.f("fk_unit_line_manager_id_person"), "unit", type_="foreignkey")
"""
_AFTER_DROPS = """    if on_postgres:
        op.execute("DROP FUNCTION kanalvakt_append_only()")
"""


def write_first_revision() -> Path:
    """Replace the first revision by what the models are now."""
    others = [path.name for path in FILE.parent.glob("v*.py") if path != FILE]
    if others:
        raise SystemExit(f"There are later revisions, so the first one stays as it is: {', '.join(others)}")
    FILE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        config = config_for(f"sqlite:///{folder}/empty.db")
        config.set_main_option("file_template", FILE.stem)
        command.revision(config, message="First tables", autogenerate=True, rev_id="0001")
    FILE.write_text(completed(FILE.read_text()))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(FILE)], check=True)
    return FILE


def completed(written: str) -> str:
    """Alembic's text and what it leaves out: a foreign key that waits, and what makes the log append-only."""
    text = re.sub(r" +# ### .*\n", "", written)
    upgrading, downgrading = text.split(_DOWNGRADE)
    upgrading = upgrading.replace("\nrevision: str", f"{_IMPORT}\nrevision: str", 1)
    upgrading = upgrading.replace(_UPGRADE, _UPGRADE + _BEFORE_TABLES)
    # SQLite cannot add a foreign key to a table, but may name one that is not there yet.
    upgrading = upgrading.replace("use_alter=True", 'use_alter=dialect != "sqlite"')
    return (
        f"{upgrading.rstrip()}\n{_AFTER_TABLES}{_DOWNGRADE}"
        f"{_BEFORE_DROPS}{downgrading.rstrip()}\n{_AFTER_DROPS}"
    )


if __name__ == "__main__":
    print(write_first_revision())
