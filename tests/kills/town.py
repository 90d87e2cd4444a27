"""A whole installation of real processes that a test may kill, and what it takes to see it heal."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import func, select
from sqlmodel import col

from deployments.moved_clock import MovedClock
from deployments.postbox import Postbox
from deployments.processes import answers
from deployments.stack import WANTED_PORTS, Stack
from models import Account, AuditEvent, Municipality
from models.seams import KILL_AT
from notifications.delivery import LEASE
from runtime.database import make_engine, reading
from tests import prefect_database
from tests.kills.nursery import Nurseries
from tests.kills.outside import Outside, faults, next_try, strangers, under_way, under_way_in_database

PATIENCE_SECONDS = 300.0
"""For a machine that has much else to do; on a quiet one nothing takes a tenth of it."""
LOOKS_EVERY_SECONDS = 0.2
QUICK = {"KANALVAKT_LEASE_SECONDS": "4", "KANALVAKT_HEAL_SECONDS": "1"}
"""A dead worker's runs are found in seconds instead of a minute."""
WORKER, PORTAL, PREFECT, POST = "arbetare", "portal", "prefect", "brevlåda"
MORNING = datetime(2026, 12, 1, 8, tzinfo=UTC)
"""A Tuesday, on which the town's clock begins."""


class Town:
    """One stack on free ports, whose parts are killed and started again."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self._nurseries = Nurseries()
        self.clock = MovedClock.starting(folder / "clock", MORNING)
        ports = dict.fromkeys(WANTED_PORTS, 0)
        self.stack = Stack(folder, ports, {WORKER: QUICK}, self.clock, database, self._nurseries.launch)
        post = self.stack.parts[POST]
        post.command = ["-m", "tests.kills.mortal_mailbox", *post.command[2:]]
        self.stack.migrate()
        prefect_database.lay_out(self.stack.folder / "prefect")
        self.engine = make_engine(self.stack.database_url)
        self.outside = Outside(
            self.engine, folder / "mail", self.stack.prefect.address.api_url, self.clock.now
        )
        self.postbox = Postbox(folder / "mail")

    def close(self) -> None:
        """End everything in good order."""
        self.stack.stop()
        self._nurseries.close()
        self.engine.dispose()

    # Killing

    def start(self, name: str, kill_at: str = "") -> None:
        """Start a part, with or without a switch that kills it at a seam; the first time, all."""
        if name == PREFECT:
            self.stack.prefect.start()
            return
        part = self.stack.parts[name]
        part.environment = {**part.environment, KILL_AT: kill_at}
        if self.stack.prefect.pid is None:
            self.stack.start()
        else:
            part.start()

    def restart(self, name: str, kill_at: str) -> None:
        """End a part in good order and start it with a switch."""
        self.stack.parts[name].stop()
        self.start(name, kill_at)

    def kill(self, name: str) -> None:
        """SIGKILL, as by a power cut."""
        if name == PREFECT:
            assert self.stack.prefect.pid is not None
            os.kill(self.stack.prefect.pid, signal.SIGKILL)
            while not self.stack.prefect.has_ended():
                time.sleep(0.01)
            return
        process = self.stack.parts[name].process
        assert process is not None
        process.kill()
        self.dies(name)

    def dies_within(self, name: str, seconds: float) -> bool:
        """Whether a part dies by itself, at its seam, in that time."""
        process = self.stack.parts[name].process
        assert process is not None
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self.dies(name)
        return True

    def dies(self, name: str) -> None:
        """Wait until a part has died by SIGKILL."""
        part = self.stack.parts[name]
        assert part.process is not None
        ended_with = part.process.wait(PATIENCE_SECONDS)
        assert ended_with == -signal.SIGKILL, f"{name} ended with {ended_with}:\n{part.end_of_log()}"

    def portal_is_back(self) -> None:
        """Wait until the portal answers; it may be dead until somebody starts it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not answers(self.stack.ports["portal"]):
            assert time.monotonic() < deadline, self.stack.parts[PORTAL].end_of_log()
            time.sleep(LOOKS_EVERY_SECONDS / 10)

    def let_claims_lapse(self) -> None:
        """Some minutes pass for the letters that a dead worker had in hand."""
        self.clock.move_to(self.clock.now() + LEASE)

    def lose_prefect(self) -> None:
        """Everything that Prefect is stops, and its database is deleted; an empty one takes its place."""
        self.stack.parts[WORKER].stop()
        self.stack.prefect.stop()
        for file in (self.stack.folder / "prefect").glob("prefect.db*"):
            file.unlink()
        prefect_database.lay_out(self.stack.folder / "prefect")

    # Prefect's API, as an operator's browser uses it

    def cancel(self, flow_run_id: str) -> None:
        """As the button does."""
        self._ask("POST", f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": "CANCELLING"}})

    def delete(self, flow_run_id: str) -> None:
        """As the button does."""
        self._ask("DELETE", f"/flow_runs/{flow_run_id}")

    def start_run(self, deployment: str, **parameters: Any) -> None:
        """A run of a deployment, as "Quick run" makes it."""
        found = self._ask("GET", f"/deployments/name/{deployment}").json()
        self._ask("POST", f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})

    def _ask(self, verb: str, path: str, given: dict[str, Any] | None = None) -> httpx2.Response:
        with httpx2.Client(base_url=self.outside.prefect_api, verify=False, trust_env=False) as prefect:
            answer = prefect.request(verb, path, json=given)
        answer.raise_for_status()
        return answer

    # Looking

    def work_done(self, part: str) -> int:
        """A number that grows when a part does something: a worker looks at accounts and sends mail.

        Of the others it is enough that something is done at all.
        """
        looks = select(func.coalesce(func.sum(col(Account.seen)), 0))
        rows = looks if part == WORKER else select(func.count()).select_from(AuditEvent)
        with reading(self.engine) as session:
            done: int = session.execute(rows).scalar_one()
        return done + sum(1 for _ in self.outside.mail_folder.glob("*.eml"))

    def municipalities(self) -> dict[str, int]:
        """By slug."""
        with reading(self.engine) as session:
            rows = select(col(Municipality.slug), col(Municipality.id))
            return {slug: id for slug, id in session.execute(rows) if id is not None}

    def says(self, *command: str) -> tuple[int, str]:
        """What `kanalvakt …` ends with and says."""
        environment = os.environ | self.stack.environment()
        done = subprocess.run(
            [sys.executable, "-c", "from cli.main import app; app()", *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    # Following

    def settle(self, municipality_id: int | None = None) -> None:
        """Wait until nothing is under way, in one municipality or all."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left := self._under_way(municipality_id):
            assert time.monotonic() < deadline, f"{left}\n{self.stack.parts[WORKER].end_of_log()}"
            self._let_the_refused_be_tried()
            time.sleep(LOOKS_EVERY_SECONDS)

    def _let_the_refused_be_tried(self) -> None:
        """Time passes until the letters that a dead mail server did not take are due again."""
        if due_at := next_try(self.outside):
            self.clock.move_to(max(due_at, self.clock.now()))

    def left(self) -> str:
        """What is still under way, and what the worker said last."""
        return f"{self._under_way(None)}\n{self.stack.parts[WORKER].end_of_log()}"

    def under_way_in_database(self, municipality_id: int) -> list[str]:
        """What one municipality's rows say is still to be done."""
        return under_way_in_database(self.outside, municipality_id)

    def _under_way(self, municipality_id: int | None) -> list[str]:
        try:
            return under_way(self.outside, municipality_id)
        except httpx2.HTTPError as error:
            return [f"Prefect: {error}"]

    def faults(self) -> list[str]:
        """What is wrong, when all has come to rest."""
        self.settle()
        return faults(self.outside) + strangers(self.outside)
