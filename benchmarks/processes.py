"""Measuring in a process of its own: its memory and what it remembers are nobody else's."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any


def found_by(module: str, *words: str, environment: Mapping[str, str] | None = None) -> Any:
    """What a module of `benchmarks` prints last, as JSON. Raises RuntimeError with what went wrong in it."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *words]
    own = os.environ | dict(environment or {})
    ran = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"{module} {' '.join(words)} ended with {ran.returncode}:\n{ran.stderr[-3000:]}")
    return json.loads(ran.stdout.splitlines()[-1])
