"""A whole Kanalvakt on one machine: Prefect, worker, portal and the demonstration's mailbox."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, Field

from deployments.moved_clock import MovedClock
from deployments.prefect_server import (
    PrefectAddress,
    PrefectServer,
    ServerNotReady,
    deploy_if_changed,
    ensure_warm_pool,
    pause_schedules,
)
from deployments.processes import Launch, Part, WillNotStay, answers, free_port, launch, wait_until
from migrations import upgrade
from models import Heartbeat
from runtime.clock import now
from runtime.database import make_engine, reading

ROOT = Path(__file__).resolve().parent.parent
WANTED_PORTS = {"portal": 8080, "prefect": 4200, "mailbox": 8025, "smtp": 2525}
ROUND_TAG = "rond"
"""Of the deployments in prefect.yaml whose schedules are the clock of the accounts."""


class _Kept(BaseModel):
    ports: dict[str, int] = Field(default_factory=dict)
    key: str = Field(default_factory=lambda: secrets.token_hex(32))


ASKS_SELDOM = {"PREFECT_WORKER_QUERY_SECONDS": "5"}
"""How often the worker asks Prefect for runs; what people wait for it fetches at once."""


@dataclass
class Stack:
    """One installation in one folder. `with Stack(folder):` has it ready inside and gone after."""

    folder: Path
    wanted_ports: dict[str, int] = field(default_factory=lambda: dict(WANTED_PORTS))
    extra: dict[str, dict[str, str]] = field(default_factory=dict)
    """Further environment by part, such as where a test has it killed."""
    clock: MovedClock | None = None
    """By which everything but Prefect goes; the rounds are then gone when somebody says so, and not else."""
    database: str = ""
    """The address of another database than a file in the folder."""
    launch: Launch = launch

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports, self.cookie_key = self._ports_and_key()
        address = PrefectAddress(port=self.ports["prefect"])
        self.prefect = PrefectServer(self.folder / "prefect", address, launch=self.launch)
        self.parts = {part.name: part for part in self._make_parts()}

    def _ports_and_key(self) -> tuple[dict[str, int], str]:
        """They stay the same from start to start, so that links in old letters go on working.

        While another has taken a port, the next free one is used, and the kept one again after that.
        """
        file = self.folder / "stack.json"
        kept = _Kept.model_validate_json(file.read_text()) if file.exists() else _Kept()
        ports = {name: free_port(kept.ports.get(name, own)) for name, own in self.wanted_ports.items()}
        kept.ports = ports | kept.ports
        file.touch(mode=0o600)
        file.write_text(kept.model_dump_json())
        return ports, kept.key

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.folder / 'kanalvakt.db'}"

    @property
    def portal_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['portal']}"

    @property
    def mailbox_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['mailbox']}"

    @property
    def prefect_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['prefect']}"

    def environment(self) -> dict[str, str]:
        """What every process of ours is told."""
        return {
            **self.prefect.address.environment(),
            "PREFECT_HOME": str(self.folder / "prefect"),
            # By a moved clock somebody waits for each round.
            **({} if self.clock else ASKS_SELDOM),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "KANALVAKT_DATABASE_URL": self.database_url,
            "KANALVAKT_PORTAL_URL": self.portal_url,
            "KANALVAKT_MAIL_PORT": str(self.ports["smtp"]),
            "KANALVAKT_MAILBOX_URL": self.mailbox_url,
            "KANALVAKT_PREFECT_URL": self.prefect_url,
            "KANALVAKT_DESK_SECONDS": "2",
            "KANALVAKT_ALARM_URL": f"{self.mailbox_url}/larm",
            "KANALVAKT_COOKIE_KEY": self.cookie_key,
            "KANALVAKT_DEMONSTRATION": "true",
            "KANALVAKT_DATA_FOLDER": str(self.folder),
            **({"KANALVAKT_CLOCK_FILE": str(self.clock.file)} if self.clock else {}),
        }

    def _make_parts(self) -> list[Part]:
        ports = self.ports
        mailbox = [
            "--folder",
            str(self.folder / "mail"),
            "--smtp",
            str(ports["smtp"]),
            "--http",
            str(ports["mailbox"]),
        ]
        return [
            self._part("brevlåda", ["-m", "deployments.mailbox", *mailbox]),
            self._part("portal", ["-m", "web", "--port", str(ports["portal"])]),
            self._part("arbetare", ["-m", "deployments.run_worker"]),
        ]

    def _part(self, name: str, command: list[str]) -> Part:
        environment = self.environment() | self.extra.get(name, {})
        return Part(name, command, environment, self.folder / "log" / f"{name}.log", self.launch)

    def migrate(self) -> None:
        """Bring the database to this version's shape."""
        upgrade(self.database_url)

    def start(self) -> None:
        """Start everything and wait until it answers: all load what they need while Prefect's server does."""
        self.prefect.begin()
        self.parts["brevlåda"].start()
        self.parts["portal"].start()
        since = self.clock.now() if self.clock else now()
        if self.clock is None:
            self.parts["arbetare"].start()
        self.start_prefect()
        if self.clock is not None:  # Only when the rounds' schedules rest.
            self.parts["arbetare"].start()
        self._wait_for_worker(since)
        for name, port in (("brevlåda", "smtp"), ("brevlåda", "mailbox"), ("portal", "portal")):
            wait_until(lambda port=port: answers(self.ports[port]), self.parts[name])  # type: ignore[misc]

    def start_prefect(self) -> None:
        """Start Prefect's server, however empty, and tell it what there is to run."""
        self.prefect.start()
        with self.prefect.address.client() as client:
            ensure_warm_pool(client)
            deploy_if_changed(client, ROOT / "prefect.yaml", self.environment())
        if self.clock:
            with self.prefect.address.client() as client:
                pause_schedules(client, ROUND_TAG)

    def _wait_for_worker(self, since: datetime) -> None:
        """Wait until it says that it lives: only then do letters leave and runs go on."""
        engine = make_engine(self.database_url)

        def lives() -> bool:
            with reading(engine) as session:
                beat = session.get(Heartbeat, "worker")
                return beat is not None and beat.at >= since

        wait_until(lives, self.parts["arbetare"])
        engine.dispose()

    def mend(self) -> list[str]:
        """Start again what has ended by itself; returns its names. Raises WillNotStay."""
        ended = [part for part in self.parts.values() if part.has_ended()]
        for part in ended:
            part.restart()
        return [*(part.name for part in ended), *self._mend_prefect()]

    def _mend_prefect(self) -> list[str]:
        if not self.prefect.has_ended():
            return []
        try:
            self.prefect.start()
        except ServerNotReady as error:
            raise WillNotStay(str(error)) from error
        return ["prefect"]

    def stop(self) -> None:
        """Stop everything, the worker first."""
        for name in ("arbetare", "portal"):
            self.parts[name].stop()
        self.prefect.stop()
        self.parts["brevlåda"].stop()

    def __enter__(self) -> Self:
        try:
            self.migrate()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
