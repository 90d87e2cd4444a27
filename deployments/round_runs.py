"""Rounds gone as flow runs of their deployments, as somebody starts them in Prefect's own pages."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx2

PATIENCE_SECONDS = 60.0
LOOKS_EVERY_SECONDS = 0.1
_ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class RoundWentWrong(RuntimeError):
    """A round that was not gone to its end; the text says which, and what Prefect shows."""


class RoundRuns:
    """Goes rounds by Prefect's API."""

    def __init__(
        self, prefect: httpx2.Client, wait: Callable[[float], None], patience: float = PATIENCE_SECONDS
    ) -> None:
        self._prefect, self._wait, self._patience = prefect, wait, patience
        self._ids: dict[str, str] = {}

    def go(self, deployment: str, as_of: datetime) -> None:
        """Go a deployment's rounds as of an instant, and wait for the end. Raises RoundWentWrong."""
        path = f"/deployments/{self._id_of(deployment)}/create_flow_run"
        run = self._post(path, {"parameters": {"as_of": as_of.isoformat()}})
        deadline = time.monotonic() + self._patience
        while (state := self._state(run["id"]))["type"] not in _ENDED:
            if time.monotonic() > deadline:
                raise RoundWentWrong(f"{deployment} blev inte klar på {self._patience:.0f} s")
            self._wait(LOOKS_EVERY_SECONDS)
        if state["type"] != "COMPLETED":
            raise RoundWentWrong(f"{deployment}: {state['name']}. {state['message']}")

    def _id_of(self, deployment: str) -> str:
        if deployment not in self._ids:
            [found] = self._post("/deployments/filter", {"deployments": {"name": {"any_": [deployment]}}})
            self._ids[deployment] = found["id"]
        return self._ids[deployment]

    def _state(self, run_id: str) -> dict[str, str]:
        answer = self._prefect.get(f"/flow_runs/{run_id}")
        answer.raise_for_status()
        state: dict[str, str] = answer.json()["state"]
        return state

    def _post(self, path: str, content: dict[str, Any]) -> Any:
        answer = self._prefect.post(path, json=content)
        answer.raise_for_status()
        return answer.json()
