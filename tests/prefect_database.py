"""A Prefect server's database with our deployments in it, made once: without, it is long about a start."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import prefect

from deployments.prefect_server import (
    PrefectAddress,
    PrefectServer,
    deploy_if_changed,
    digest_of,
    ensure_warm_pool,
    server_environment,
)
from deployments.processes import free_port

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "prefect.yaml"
KEPT = ROOT / ".pytest_cache" / f"prefect-{prefect.__version__}-{digest_of(FILE)[:12]}.db"


def lay_out(folder: Path) -> None:
    """Put the database where a server of ours that is started in the folder looks for it."""
    if not KEPT.exists():
        _make()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(KEPT, folder / "prefect.db")


def _make() -> None:
    KEPT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT.parent) as made_in:
        folder, address = Path(made_in), PrefectAddress(port=free_port())
        environment = os.environ | server_environment(folder, address)
        command = ["-m", "prefect", "server", "database", "upgrade", "-y"]
        subprocess.run([sys.executable, *command], env=environment, check=True, capture_output=True)
        with PrefectServer(folder, address), address.client() as client:
            ensure_warm_pool(client)
            deploy_if_changed(client, FILE, address.environment() | {"PYTHONPATH": str(ROOT)})
        with sqlite3.connect(folder / "prefect.db") as database:
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("DELETE FROM flow_run")  # Planned by the schedules, and late when it is used.
            database.commit()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (folder / "prefect.db").rename(KEPT)
