"""A Prefect server of our own: started, waited for, deployed to, stopped."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import VariableCreate, VariableUpdate, WorkPoolCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType, WorkPool
from prefect.exceptions import ObjectNotFound

from deployments.processes import Launch, Process, launch
from deployments.warm_worker import WarmWorker

STOP_SECONDS = 10.0
PROGRAM = Path(__file__).with_name("prefect_program.py")


class ServerNotReady(RuntimeError):
    """The server ended, or did not answer in time; the text carries the end of its log."""


class DeployFailed(RuntimeError):
    """`prefect deploy` refused; the text is what it printed."""


@dataclass(frozen=True)
class PrefectAddress:
    """Where a Prefect server answers, and the `user:password` it wants (None when it wants none)."""

    host: str = "127.0.0.1"
    port: int = 4200
    auth: str | None = None

    def __post_init__(self) -> None:
        if self.auth is not None and not self.auth.isascii():
            raise ValueError("Prefect's user name and password must be written with ASCII letters only.")

    @property
    def api_url(self) -> str:
        return f"http://{self.host}:{self.port}/api"

    def client(self) -> SyncPrefectClient:
        return SyncPrefectClient(self.api_url, auth_string=self.auth)

    def environment(self) -> dict[str, str]:
        """For every process that talks to this server, workers among them.

        The server's CSRF check is off, so no client need ask it for a token.
        """
        settings = {
            "PREFECT_API_URL": self.api_url,
            "PREFECT_CLI_PROMPT": "false",
            "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_WORKER_PREFETCH_SECONDS": "0",
            "DO_NOT_TRACK": "1",
        }
        return settings | ({"PREFECT_API_AUTH_STRING": self.auth} if self.auth else {})


def server_environment(
    folder: Path, address: PrefectAddress, database_url: str | None = None
) -> dict[str, str]:
    """How a server of ours differs from Prefect's defaults; SQLite in `folder` unless a database is given."""
    settings = {
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database_url
        or f"sqlite+aiosqlite:///{folder / 'prefect.db'}",
        "PREFECT_SERVER_API_HOST": address.host,
        "PREFECT_SERVER_API_PORT": str(address.port),
        # Relative, so that the page works under whatever name the server is reached by.
        "PREFECT_SERVER_UI_API_URL": "/api",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # Our pauses never expire, and the look for expired ones reads every paused run.
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
        "PREFECT_CLI_PROMPT": "false",
        "DO_NOT_TRACK": "1",
    }
    return settings | ({"PREFECT_SERVER_API_AUTH_STRING": address.auth} if address.auth else {})


def prefect_command(*words: str) -> list[str]:
    """What Python is told for `prefect server …`. -P: the program's own folder is no place to import from."""
    return ["-P", str(PROGRAM), "server", *words]


class PrefectServer:
    """One server process; `with PrefectServer(folder, address):` has it ready inside and gone after."""

    def __init__(
        self,
        folder: Path,
        address: PrefectAddress,
        database_url: str | None = None,
        launch: Launch = launch,
    ) -> None:
        self.address, self._launch = address, launch
        self.log_file = folder / "prefect-server.log"
        self._environment = server_environment(folder, address, database_url)
        self._command = prefect_command("start")
        self._process: Process | None = None

    def start(self, seconds: float = 90.0) -> None:
        """Start the server and wait until it answers.

        It gets a session of its own: a Ctrl-C in the terminal reaches the worker first, and the server when
        `stop` says so.
        """
        self.begin()
        self._wait_until_ready(time.monotonic() + seconds)

    def begin(self) -> None:
        """Start it if it does not run, without waiting for it."""
        if self._process is None or self.has_ended():
            self._process = self._launch(self._command, self._environment, self.log_file)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask the server to end, and after `seconds` end it; nothing the second time."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def has_ended(self) -> bool:
        """Whether it was started and runs no more."""
        return self._process is not None and self._process.poll() is not None

    def _wait_until_ready(self, deadline: float) -> None:
        while not is_ready(self.address):
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerNotReady(
                    f"Prefect does not answer at {self.address.api_url}:\n{self._end_of_log()}"
                )
            time.sleep(0.1)

    def _end_of_log(self) -> str:
        return self.log_file.read_text(errors="replace")[-2000:]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def is_ready(address: PrefectAddress) -> bool:
    """Whether the server answers; asked without a proxy, and without its password, which it does not want."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=5)
    try:
        connection.request("GET", "/api/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def ensure_warm_pool(client: SyncPrefectClient, name: str = WarmWorker.type) -> WorkPool:
    """The work pool our worker polls, made if it is missing; one that exists keeps its type and settings."""
    try:
        return client.read_work_pool(name)
    except ObjectNotFound:
        template = WarmWorker.get_default_base_job_template()
        return client.create_work_pool(
            WorkPoolCreate(name=name, type=WarmWorker.type, base_job_template=template)
        )


def pause_schedules(client: SyncPrefectClient, tag: str) -> None:
    """Let no schedule start what has the tag, and take away what they have planned.

    By a path of the server's own that takes away planned runs too, which the client's method leaves. What
    the scheduler was about to plan at that moment comes a little later.
    """
    tagged = DeploymentFilter(tags=DeploymentFilterTags(all_=[tag]))
    for deployment in client.read_deployments(deployment_filter=tagged, limit=200):
        client.request("POST", "/deployments/{id}/pause_deployment", path_params={"id": deployment.id})
    planned = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[tag]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
    )
    quiet = 0
    while quiet < QUIET_LOOKS:
        found = client.read_flow_runs(flow_run_filter=planned, limit=200)
        for run in found:
            client.delete_flow_run(run.id)
        quiet = 0 if found else quiet + 1
        time.sleep(0.3)


QUIET_LOOKS = 4
"""So many looks in a row must find nothing planned."""


def deploy_all(prefect_yaml: Path, environment: Mapping[str, str]) -> str:
    """Deploy everything the file names, asking nothing, and give back what was printed.

    A deployment or a schedule with a slug that left the file stays on the server.
    """
    command = ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(prefect_yaml)]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=prefect_yaml.parent,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise DeployFailed(done.stdout)
    return done.stdout


DEPLOYED = "kanalvakt_deployed"
"""The variable on the server that says which code its deployments were made from."""


def deploy_if_changed(client: SyncPrefectClient, prefect_yaml: Path, environment: Mapping[str, str]) -> bool:
    """Deploy everything the file names, unless the server has it from the same files; whether it did.

    Deploying takes as long as all the rest of a start. What somebody has deleted or switched off is put back.
    """
    digest = digest_of(prefect_yaml)
    known = client.read_variable_by_name(DEPLOYED)
    if known is not None and known.value == digest and _all_there(client, prefect_yaml):
        return False
    deploy_all(prefect_yaml, environment)
    if known is None:
        client.create_variable(VariableCreate(name=DEPLOYED, value=digest))
    else:
        client.update_variable(VariableUpdate(name=DEPLOYED, value=digest))
    return True


def digest_of(prefect_yaml: Path) -> str:
    """What deployments are made from: the file, and the flows with all that they say of themselves."""
    flows = sorted((prefect_yaml.parent / "flows").rglob("*.py"))
    parts = [prefect_yaml.read_bytes(), *(one.read_bytes() for one in flows)]
    return sha256(b"\0".join(parts)).hexdigest()


def _all_there(client: SyncPrefectClient, prefect_yaml: Path) -> bool:
    wanted = {one["name"]: one for one in yaml.safe_load(prefect_yaml.read_text("utf-8"))["deployments"]}
    named = DeploymentFilter(name=DeploymentFilterName(any_=list(wanted)))
    found = {one.name: one for one in client.read_deployments(deployment_filter=named, limit=200)}
    return set(found) == set(wanted) and all(
        not found[name].paused
        and {each["slug"]: each["active"] for each in one.get("schedules", [])}
        == {each.slug: each.active for each in found[name].schedules}
        for name, one in wanted.items()
    )
