"""Processes as `python -m` makes them, but for what they need not load anew: only that is loaded here."""

import multiprocessing
import os
import runpy
import sys
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["runtime.starting"])


def run(module: str, environment: dict[str, str], told: Path, *arguments: str) -> int:
    """A module as a process of its own, what it says in a file; its exit code."""
    process = FORKS.Process(target=_begin, args=(module, environment, told, arguments))
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def _begin(module: str, environment: dict[str, str], told: Path, arguments: tuple[str, ...]) -> None:
    for name in [one for one in os.environ if one.startswith(("KANALVAKT_", "PREFECT_"))]:
        del os.environ[name]
    os.environ.update(environment)
    os.chdir(told.parent)
    with told.open("w") as written:
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
