"""A round that somebody starts in Prefect for another day: what they type is the day that they mean."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.flows import load_flow_from_entrypoint

FILE = Path(__file__).resolve().parents[2] / "prefect.yaml"
ROUNDS = [one for one in yaml.safe_load(FILE.read_text("utf-8"))["deployments"] if "rond" in one["tags"]]


@pytest.mark.parametrize("deployment", ROUNDS, ids=lambda one: one["name"])
def test_a_day_is_a_day_and_a_time_a_time(deployment: dict[str, Any]) -> None:
    flow: Flow[Any, Any] = load_flow_from_entrypoint(deployment["entrypoint"])

    def read(typed: str) -> Any:
        return flow.validate_parameters({"as_of": typed})["as_of"]

    assert (read("2026-12-02"), type(read("2026-12-02"))) == (date(2026, 12, 2), date)
    assert read("2026-12-02T09:00:00") == datetime(2026, 12, 2, 9)
    assert read("2026-12-02T09:00:00+01:00").utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize("deployment", ROUNDS, ids=lambda one: one["name"])
def test_its_run_is_called_what_the_round_is_called(deployment: dict[str, Any]) -> None:
    """The unit reads the list of runs: Prefect would give each an English name of its own making."""
    flow: Flow[Any, Any] = load_flow_from_entrypoint(deployment["entrypoint"])
    called = flow.flow_run_name
    assert callable(called) and (flow.description or "").startswith(f"**{called()}.**")
