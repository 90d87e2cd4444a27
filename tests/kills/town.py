"""A whole installation of real processes that a test may kill, and what it takes to see it heal."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import update
from sqlmodel import col

from deployments.postbox import Postbox
from deployments.processes import Part, answers
from deployments.stack import WANTED_PORTS, Stack
from models import Message, MessageState
from models.seams import KILL_AT
from runtime.clock import now
from runtime.database import make_engine, writing
from tests import prefect_database
from tests.kills.outside import Outside, faults, strangers, under_way

PATIENCE_SECONDS = 180.0
"""For a machine that has much else to do; on a quiet one nothing takes a tenth of it."""
LOOKS_EVERY_SECONDS = 0.2
QUICK = {"KANALVAKT_LEASE_SECONDS": "4", "KANALVAKT_HEAL_SECONDS": "1"}
"""A dead worker's runs are found in seconds instead of a minute."""
WORKER, PORTAL, PREFECT = "arbetare", "portal", "prefect"


class Town:
    """One stack on free ports, whose parts are killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(folder, dict.fromkeys(WANTED_PORTS, 0), {WORKER: QUICK})
        self.stack.migrate()
        prefect_database.lay_out(self.stack.folder / "prefect")
        self.engine = make_engine(self.stack.database_url)
        self.outside = Outside(self.engine, folder / "mail", self.stack.prefect.address.api_url)
        self.postbox = Postbox(folder / "mail")

    # Killing

    def start(self, name: str, kill_at: str = "") -> None:
        """Start a part, with or without a switch that kills it at a seam; the first time, all."""
        if name == PREFECT:
            assert self.stack.mend() == [PREFECT]
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
        os.kill(_process_of(self.stack.parts[name]), signal.SIGKILL)
        self.dies(name)

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
        with writing(self.engine) as session:
            session.execute(
                update(Message).where(col(Message.state) == MessageState.SENDING).values(claimed_until=now())
            )

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

    # Following

    def settle(self, municipality_id: int | None = None) -> None:
        """Wait until nothing is under way, in one municipality or all."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left := self._under_way(municipality_id):
            assert time.monotonic() < deadline, f"{left}\n{self.stack.parts[WORKER].end_of_log()}"
            time.sleep(LOOKS_EVERY_SECONDS)

    def _under_way(self, municipality_id: int | None) -> list[str]:
        try:
            return under_way(self.outside, municipality_id)
        except httpx2.HTTPError as error:
            return [f"Prefect: {error}"]

    def faults(self) -> list[str]:
        """What is wrong, when all has come to rest."""
        self.settle()
        return faults(self.outside) + strangers(self.outside)


def _process_of(part: Part) -> int:
    assert part.process is not None
    return part.process.pid
