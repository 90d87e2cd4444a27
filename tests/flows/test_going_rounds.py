"""Going some rounds as one flow run."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from acts import watching
from acts.rounds import Report
from flows import going_rounds


def test_all_rounds_of_a_run_are_gone_at_one_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the morning's hour may strike after the watch has found it not yet struck, and nobody is told."""
    instants = iter([datetime(2026, 12, 3, 6, 59, 59, tzinfo=UTC), datetime(2026, 12, 3, 7, tzinfo=UTC)])
    gone: list[datetime] = []

    def go_round(engine: Any, one: Any, at: datetime, *_: Any) -> Report:
        gone.append(at)
        return Report()

    monkeypatch.setattr(going_rounds, "now", lambda: next(instants))
    monkeypatch.setattr(going_rounds, "go_round", go_round)
    monkeypatch.setattr(going_rounds, "installation_engine", lambda: None)
    monkeypatch.setattr(going_rounds, "get_run_logger", lambda: logging.getLogger("tests"))
    asyncio.run(going_rounds._go([watching.ASK, watching.TELL], None, None))
    assert gone == [datetime(2026, 12, 3, 6, 59, 59, tzinfo=UTC)] * 2
