"""Processes that are born grown up: forked from one that has imported all they need, then run as ever.

A start costs a tenth of what it costs else, so that many more can be killed in the same time. What is forked
is `python` with the arguments it was to have, in a session of its own, with its own environment and log.

Run as a program it is the nursery itself: orders come on its standard input, births and deaths go out on its
standard output, a line of JSON each.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Lock, Thread
from typing import Any

from deployments.prefect_server import PROGRAM

ROOT = Path(__file__).resolve().parents[2]
OURS = ("deployments.run_worker", "deployments.mailbox", "tests.kills.mortal_mailbox", "web.__main__")
SERVERS = ("prefect.cli", "prefect.cli.server", "prefect.server.api.server")
FLOWS = tuple(f"flows.{file.stem}" for file in sorted((ROOT / "flows").glob("*.py")))
BIRTH_SECONDS = 120.0


@dataclass
class Child:
    """One that was born there: what is asked of a `Popen`."""

    pid: int
    ended: Condition = field(default_factory=Condition)
    ended_with: int | None = None

    def poll(self) -> int | None:
        return self.ended_with

    def wait(self, timeout: float | None = None) -> int:
        with self.ended:
            if not self.ended.wait_for(lambda: self.ended_with is not None, timeout):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        assert self.ended_with is not None
        return self.ended_with

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.ended_with is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def dies(self, ended_with: int) -> None:
        with self.ended:
            self.ended_with = ended_with
            self.ended.notify_all()


class Nursery:
    """One for each kind of child, since Prefect reads its settings when it is imported."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = modules
        self._process: subprocess.Popen[str] | None = None
        self._children: dict[int, Child] = {}
        self._order, self._born = Lock(), Condition()
        self._newest: Child | None = None

    def launch(self, arguments: Sequence[str], environment: Mapping[str, str], log_file: Path) -> Child:
        """As `deployments.processes.launch`. The first child's environment is also the nursery's."""
        log_file.parent.mkdir(parents=True, exist_ok=True)
        asked = {
            "arguments": list(arguments),
            "environment": os.environ | dict(environment),
            "log": str(log_file),
        }
        with self._order:
            into = (self._process or self._open(environment)).stdin
            assert into is not None
            with self._born:
                self._newest = None
                into.write(json.dumps(asked) + "\n")
                into.flush()
                assert self._born.wait_for(lambda: self._newest is not None, BIRTH_SECONDS), arguments
                assert self._newest is not None
                return self._newest

    def _open(self, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.nursery", *self._modules],
            env=os.environ | dict(environment) | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        Thread(target=self._listen, args=(self._process,), daemon=True).start()
        return self._process

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for said in map(json.loads, process.stdout):
            if "born" in said:
                with self._born:
                    self._newest = self._children[said["born"]] = Child(said["born"])
                    self._born.notify_all()
            else:
                self._children.pop(said["died"]).dies(said["with"])

    def close(self) -> None:
        """Its children die with it."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait()


class Nurseries:
    """Where all the processes of one stack are born."""

    def __init__(self) -> None:
        self._ours, self._servers = Nursery([*OURS, *FLOWS]), Nursery(SERVERS)

    def launch(self, arguments: Sequence[str], environment: Mapping[str, str], log_file: Path) -> Child:
        one = self._servers if str(PROGRAM) in arguments else self._ours
        return one.launch(arguments, environment, log_file)

    def close(self) -> None:
        self._ours.close()
        self._servers.close()


# The nursery's own side


def main(modules: Sequence[str]) -> None:
    """Fork what is asked for, and tell who has died, until nobody can ask any more."""
    reports = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for one in modules:
        importlib.import_module(one)
    gc.freeze()
    woken, wakes = os.pipe2(os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    living: set[int] = set()
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 1000)
        for pid, ended_with in _the_dead():
            living.discard(pid)
            _report(reports, {"died": pid, "with": ended_with})
        if 0 in ready:
            order = _read_line()
            if not order:
                break
            pid = _bear(json.loads(order), reports, woken, wakes)
            living.add(pid)
            _report(reports, {"born": pid})
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def _read_line() -> bytes:
    """One order and no more, so that `select` sees the next."""
    line = b""
    while not line.endswith(b"\n"):
        if not (byte := os.read(0, 1)):
            return b""
        line += byte
    return line


def _report(reports: Any, said: dict[str, int]) -> None:
    reports.write(json.dumps(said) + "\n")
    reports.flush()


def _the_dead() -> list[tuple[int, int]]:
    dead = []
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            dead.append((found[0], os.waitstatus_to_exitcode(found[1])))
    return dead


def _bear(order: dict[str, Any], reports: Any, *own: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for one in (*own, reports.fileno()):
        os.close(one)
    os._exit(_live(order["arguments"], order["environment"], Path(order["log"])))


def _live(arguments: Sequence[str], environment: Mapping[str, str], log_file: Path) -> int:
    """Be `python` with these arguments; what it ended with."""
    os.setsid()
    with log_file.open("ab") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    program, *sys.argv = arguments if arguments[0] == "-m" else ["", *arguments[1:]]
    try:
        if program:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main(sys.argv[1:])
