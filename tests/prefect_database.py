"""An empty database for a Prefect server, made once: a server that finds none spends ten seconds on it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import prefect

from deployments.prefect_server import PrefectAddress, server_environment

KEPT = Path(__file__).resolve().parent.parent / ".pytest_cache" / f"prefect-{prefect.__version__}.db"


def lay_out(folder: Path) -> None:
    """Put an empty database where a server of ours that is started in the folder looks for it."""
    if not KEPT.exists():
        _make()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(KEPT, folder / "prefect.db")


def _make() -> None:
    KEPT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT.parent) as made_in:
        environment = os.environ | server_environment(Path(made_in), PrefectAddress())
        command = ["-m", "prefect", "server", "database", "upgrade", "-y"]
        subprocess.run([sys.executable, *command], env=environment, check=True, capture_output=True)
        (Path(made_in) / "prefect.db").rename(KEPT)
