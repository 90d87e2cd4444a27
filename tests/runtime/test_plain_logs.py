"""What a process writes of itself: REQUIREMENTS 3 (a zone for every instant)."""

import logging
import re
import time
from datetime import UTC, datetime

import pytest

from runtime.plain_logs import write_log_in_utc


def test_a_line_begins_with_its_instant_in_utc_whatever_the_machines_zone(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    level = root.level
    before = datetime.now(UTC).replace(microsecond=0)
    try:
        write_log_in_utc()
        logging.getLogger("kanalvakt.test").warning("hej")
    finally:
        root.setLevel(level)
        monkeypatch.undo()
        time.tzset()
    [line] = capfd.readouterr().err.splitlines()
    said = re.fullmatch(r"(\S+) kanalvakt\.test hej", line)
    assert said and said[1].endswith("Z")
    assert before <= datetime.fromisoformat(said[1]) <= datetime.now(UTC)
