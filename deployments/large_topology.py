"""The large installation, tried out on one machine from Debian's packages.

    python -m deployments.large_topology --folder data/large

Two databases in PostgreSQL, Redis for Prefect's messages, two Prefect servers and a process for what goes by
itself, some workers on one pool, the portal. `scripts/install-large-needs` installs PostgreSQL and Redis.
Over several machines it is the same parts with the same environment: docs/how-to/large-installation.md.
"""

import argparse
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from deployments.moved_clock import MovedClock
from deployments.prefect_server import (
    PrefectAddress,
    deploy_if_changed,
    ensure_warm_pool,
    is_ready,
    pause_schedules,
    prefect_command,
    server_environment,
)
from deployments.processes import Part, WillNotStay, answers, free_port, launch_program, wait_until
from deployments.stack import ROOT, ROUND_TAG
from migrations import upgrade
from models import Heartbeat
from runtime.clock import now
from runtime.database import make_engine, reading

SERVERS, WORKERS = 2, 4
DATABASES = ("kanalvakt", "prefect")
CONNECTIONS = 300
"""Each Prefect server keeps up to 45 open and each worker or portal 15; PostgreSQL's own limit is 100."""
READY_SECONDS = 120.0
REDIS = "redis-server"
IN_MEMORY = (REDIS, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
"""Messages that are lost with it are made up for by what the databases say."""


class Missing(RuntimeError):
    """A program that is not installed; the text says how it is."""


@dataclass
class LargeTopology:
    """All of it in one folder. `with LargeTopology(folder):` has it ready inside and gone after."""

    folder: Path
    workers: int = WORKERS
    clock: MovedClock | None = None
    """By which everything but Prefect goes; the rounds are then gone when somebody says so."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Further environment of every process of ours."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key = secrets.token_hex(32)
        names = ("postgresql", "redis", "portal", "smtp", "mailbox")
        self.ports = {name: free_port() for name in names}
        self.servers = [PrefectAddress(port=free_port()) for _ in range(SERVERS)]
        self.parts = {one.name: one for one in self._make_parts()}

    # What every process is told

    def database_url(self, name: str, driver: str) -> str:
        """Over a socket in the folder: nobody else on the machine gets in."""
        return f"postgresql+{driver}://kanalvakt@/{name}?host={self.folder}&port={self.ports['postgresql']}"

    @property
    def portal_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['portal']}"

    @property
    def mail_folder(self) -> Path:
        return self.folder / "mail"

    def environment(self, server: int = 0) -> dict[str, str]:
        """Of the portal, and of the workers that talk to one of the servers."""
        mailbox = f"http://127.0.0.1:{self.ports['mailbox']}"
        return {
            **self.servers[server].environment(),
            # Oftener than in the ordinary installation: the shares of a round wait until a worker asks.
            "PREFECT_WORKER_QUERY_SECONDS": "3",
            "PREFECT_HOME": str(self.folder / "prefect"),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "KANALVAKT_DATABASE_URL": self.database_url("kanalvakt", "psycopg"),
            "KANALVAKT_PORTAL_URL": self.portal_url,
            "KANALVAKT_PREFECT_URL": f"http://127.0.0.1:{self.servers[0].port}",
            "KANALVAKT_MAIL_PORT": str(self.ports["smtp"]),
            "KANALVAKT_MAILBOX_URL": mailbox,
            "KANALVAKT_ALARM_URL": f"{mailbox}/larm",
            "KANALVAKT_COOKIE_KEY": self.key,
            "KANALVAKT_DEMONSTRATION": "true",
            "KANALVAKT_DATA_FOLDER": str(self.folder),
            **({"KANALVAKT_CLOCK_FILE": str(self.clock.file)} if self.clock else {}),
            **self.extra,
        }

    def prefect_environment(self, server: int = 0) -> dict[str, str]:
        """Of the Prefect servers and of what goes by itself there: the same database and Redis."""
        redis = f"redis://127.0.0.1:{self.ports['redis']}"
        url = self.database_url("prefect", "asyncpg")
        return {
            **server_environment(self.folder / "prefect", self.servers[server], url),
            "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
            # All of them kept: one that is opened for a question costs more than the question.
            "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "15",
            "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "0",
            "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": "prefect_redis.messaging",
            "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": "prefect_redis.messaging",
            "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
            "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": "prefect_redis.cleanup_queue",
            "PREFECT_SERVER_DOCKET_URL": f"{redis}/1",
            "PREFECT_REDIS_MESSAGING_URL": f"{redis}/0",
        }

    # The parts

    def _make_parts(self) -> list[Part]:
        port = {name: str(number) for name, number in self.ports.items()}
        mailbox = ["--folder", str(self.mail_folder), "--smtp", port["smtp"], "--http", port["mailbox"]]
        return [
            self._program("postgresql", self._postgres(port["postgresql"])),
            self._program("redis", [*IN_MEMORY, "--port", port["redis"], "--dir", str(self.folder)]),
            *(self._server(number) for number in range(SERVERS)),
            self._prefect("prefects tjänster", ["services", "start"], 0),
            self._ours("brevlåda", ["-m", "deployments.mailbox", *mailbox]),
            *(self._worker(number) for number in range(1, self.workers + 1)),
            self._ours("portal", ["-m", "web", "--port", port["portal"]]),
        ]

    def _program(self, name: str, command: Sequence[str]) -> Part:
        return Part(name, command, {}, self._log(name), launch_program)

    def _server(self, number: int) -> Part:
        address = self.servers[number]
        where = ["--host", address.host, "--port", str(address.port)]
        return self._prefect(f"prefect {number + 1}", ["start", "--no-services", *where], number)

    def _prefect(self, name: str, command: Sequence[str], server: int) -> Part:
        whole = prefect_command(*command)
        return Part(name, whole, self.prefect_environment(server), self._log(name))

    def _worker(self, number: int) -> Part:
        """Each by one of the servers in turn."""
        environment = self.environment(number % SERVERS) | {"KANALVAKT_WORKER_NAME": f"arbetare-{number}"}
        name = worker_name(number)
        return Part(name, ["-m", "deployments.run_worker"], environment, self._log(name))

    def _ours(self, name: str, command: Sequence[str]) -> Part:
        return Part(name, command, self.environment(), self._log(name))

    def _log(self, name: str) -> Path:
        return self.folder / "log" / f"{name.replace(' ', '-')}.log"

    @property
    def _cluster(self) -> Path:
        return self.folder / "postgresql"

    def _postgres(self, port: str) -> list[str]:
        tuned = {"max_connections": CONNECTIONS, "listen_addresses": "", "shared_buffers": "256MB"}
        chosen = [part for name, value in tuned.items() for part in ("-c", f"{name}={value}")]
        where = ["-D", str(self._cluster), "-k", str(self.folder), "-p", port]
        return _as_postgres([_installed("postgres"), *where, *chosen])

    # Starting, in the order in which they need each other

    def start(self) -> None:
        """Start everything and wait until it answers; raises Missing or WillNotStay."""
        demand_programs()
        self._start_databases()
        upgrade(self.database_url("kanalvakt", "psycopg"))
        self._upgrade_prefect()
        self._start_prefect()
        for name in ("brevlåda", "portal"):
            self.parts[name].start()
        for name, port in (("brevlåda", "smtp"), ("brevlåda", "mailbox"), ("portal", "portal")):
            wait_until(lambda port=port: answers(self.ports[port]), self.parts[name])  # type: ignore[misc]
        self._start_workers()

    def _start_databases(self) -> None:
        is_new = not self._cluster.exists()
        if is_new:
            _make_cluster(self._cluster, self.folder)
        for name in ("postgresql", "redis"):
            self.parts[name].start()
        socket = self.folder / f".s.PGSQL.{self.ports['postgresql']}"
        wait_until(socket.exists, self.parts["postgresql"])
        wait_until(lambda: answers(self.ports["redis"]), self.parts["redis"])
        if is_new:
            wait_until(self._makes_databases, self.parts["postgresql"])

    def _makes_databases(self) -> bool:
        """A server that is starting has its socket before it lets anybody in."""
        where = ["-h", str(self.folder), "-p", str(self.ports["postgresql"]), "-U", "kanalvakt"]
        done = [
            subprocess.run([_installed("createdb"), *where, one], capture_output=True) for one in DATABASES
        ]
        return all(one.returncode == 0 or b"already exists" in one.stderr for one in done)

    def _upgrade_prefect(self) -> None:
        """Once: two servers that begin together on an empty database would both do it, and one would die."""
        command = [sys.executable, *prefect_command("database", "upgrade", "-y")]
        _done(command, os.environ | self.prefect_environment())

    def _start_prefect(self) -> None:
        """One after the other: two that meet an empty database both register Prefect's own blocks in it."""
        self.parts["prefects tjänster"].start()
        for number, address in enumerate(self.servers, start=1):
            part = self.parts[f"prefect {number}"]
            part.start()
            wait_until(lambda address=address: is_ready(address), part, READY_SECONDS)  # type: ignore[misc]
        with self.servers[0].client() as client:
            ensure_warm_pool(client)
            deploy_if_changed(client, ROOT / "prefect.yaml", self.environment())
            if self.clock:
                pause_schedules(client, ROUND_TAG)

    def _start_workers(self) -> None:
        since = self.clock.now() if self.clock else now()
        engine = make_engine(self.database_url("kanalvakt", "psycopg"))

        def lives(number: int) -> bool:
            with reading(engine) as session:
                beat = session.get(Heartbeat, f"worker:arbetare-{number}")
                return beat is not None and beat.at >= since

        for number in range(1, self.workers + 1):
            self.parts[worker_name(number)].start()
        for number in range(1, self.workers + 1):
            part = self.parts[worker_name(number)]
            wait_until(lambda number=number: lives(number), part, READY_SECONDS)  # type: ignore[misc]
        engine.dispose()

    def stop(self) -> None:
        """Stop everything, in the opposite order."""
        for part in reversed(self.parts.values()):
            part.stop()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def worker_name(number: int) -> str:
    """What a worker's part is called, from 1."""
    return f"arbetare {number}"


# Debian's programs


def _installed(program: str) -> str:
    """Where a program of PostgreSQL is: Debian keeps the server's out of the path, by version."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(versions[-1]) if versions else program


def demand_programs() -> None:
    """Raises Missing."""
    missing = [
        one for one in (_installed("postgres"), _installed("initdb"), REDIS) if shutil.which(one) is None
    ]
    if missing:
        raise Missing(f"{', '.join(missing)} saknas. Kör: sudo scripts/install-large-needs")


def _as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to be run by root; Debian's package made a user for it."""
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        if _is_root()
        else command
    )


def _is_root() -> bool:
    return os.geteuid() == 0


def _make_cluster(cluster: Path, folder: Path) -> None:
    """A cluster that lets in those who reach its socket: the folder is theirs alone."""
    cluster.mkdir(mode=0o700)
    folder.chmod(0o700)
    if _is_root():
        user = pwd.getpwnam("postgres")
        os.chown(cluster, user.pw_uid, user.pw_gid)
        os.chown(folder, user.pw_uid, user.pw_gid)
    command = [_installed("initdb"), "-D", str(cluster), "-U", "kanalvakt", "-A", "trust", "-E", "UTF8"]
    _done(_as_postgres([*command, "--locale=C.UTF-8"]), os.environ)


def _done(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Raises WillNotStay with what it said."""
    ran = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if ran.returncode:
        raise WillNotStay(f"{command[-1]} gick inte:\n{ran.stdout[-2000:]}")


def main() -> None:
    """Start it, say where it is, and end when told."""
    asked = argparse.ArgumentParser(description="Den stora installationen, provad på en dator.")
    asked.add_argument("--folder", type=Path, required=True, help="mappen där allt sparas")
    asked.add_argument("--workers", type=int, default=WORKERS, help="antal arbetare")
    given = asked.parse_args()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        with LargeTopology(given.folder.resolve(), given.workers) as large:
            print(welcome(large), flush=True)
            stop.wait()
    except (Missing, WillNotStay) as trouble:
        sys.exit(str(trouble))


def welcome(large: LargeTopology) -> str:
    """Where everything is."""
    servers = " och ".join(f"http://127.0.0.1:{one.port}" for one in large.servers)
    return f"""
Den stora installationen är igång i {large.folder}.

  Portal     {large.portal_url}
  Prefect    {servers}
  Brevlåda   http://127.0.0.1:{large.ports["mailbox"]}
  Databas    {large.database_url("kanalvakt", "psycopg")}

Ctrl-C avslutar allt.
"""


if __name__ == "__main__":
    main()
