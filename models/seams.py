"""Named places in dangerous procedures where a test kills the process, to prove that nothing is lost."""

import os
import signal
from collections import Counter

KILL_AT = "KANALVAKT_KILL_AT"
_passes: Counter[str] = Counter()


def seam(name: str) -> None:
    """Nothing, unless the environment names this place (`name`, or `name:n`, its n-th pass): then SIGKILL."""
    place, _, nth = os.environ.get(KILL_AT, "").partition(":")
    if place != name:
        return
    _passes[name] += 1
    if _passes[name] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
