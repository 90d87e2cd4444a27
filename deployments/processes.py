"""Child processes of a local stack: started, watched, started again, stopped in order."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

STOP_SECONDS = 15.0
RESTARTS_A_MINUTE = 5


class WillNotStay(RuntimeError):
    """A part ended again and again; the text carries the end of its log."""


class Process(Protocol):
    """A child process: what is asked of a `Popen`."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


Launch = Callable[[Sequence[str], Mapping[str, str], Path], Process]
"""Starts Python with some arguments and further environment, its words at the end of a log file."""


def launch(arguments: Sequence[str], environment: Mapping[str, str], log_file: Path) -> Process:
    """Start it in a session of its own, so that Ctrl-C in the terminal is ours to pass on."""
    return launch_program([sys.executable, *arguments], environment, log_file)


def launch_program(command: Sequence[str], environment: Mapping[str, str], log_file: Path) -> Process:
    """The same for any program."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as log:
        return subprocess.Popen(
            list(command),
            env=os.environ | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@dataclass
class Part:
    """One process of ours, with a log file of its own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path
    launch: Launch = launch
    process: Process | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it, whether or not it ran before."""
        self.process = self.launch(self.command, self.environment, self.log_file)
        self.starts.append(time.monotonic())

    def has_ended(self) -> bool:
        """Whether it was started and runs no more."""
        return self.process is not None and self.process.poll() is not None

    def restart(self) -> None:
        """Start it again; raises WillNotStay when that has not helped."""
        recent = [one for one in self.starts if one > time.monotonic() - 60]
        if len(recent) >= RESTARTS_A_MINUTE:
            raise WillNotStay(f"{self.name} slutar gång på gång:\n{self.end_of_log()}")
        self.start()

    def end_of_log(self) -> str:
        """What it said last."""
        return self.log_file.read_text(errors="replace")[-2000:] if self.log_file.exists() else ""

    def stop(self) -> None:
        """Ask it to end, and after a while end it; nothing the second time."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(ready: Callable[[], bool], part: Part, seconds: float = 60.0) -> None:
    """Wait until a part answers; raises WillNotStay when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if part.has_ended() or time.monotonic() > deadline:
            raise WillNotStay(f"{part.name} kom inte igång:\n{part.end_of_log()}")
        time.sleep(0.1)


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something listens on a port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


OWN_PORTS = range(10_000, 16_000)
"""Given to no outgoing connection, so a server that is started anew finds its own port still free."""


def free_port(wanted: int = 0, host: str = "127.0.0.1") -> int:
    """The wanted port if it is free, else one that is."""
    near = range(wanted, wanted + 20) if wanted else range(0)
    for port in (*near, *random.sample(OWN_PORTS, 50)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(port)
    raise OSError("no free port")
