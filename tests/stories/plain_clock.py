"""The clock's rounds as plain function calls, and what people answer to what it has asked."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from acts import documenting, watching, weeding
from acts.rounds import Round, go_round
from connectors.capturing import SAYS, NotCaptured
from connectors.judging import Reason

ROUNDS: dict[str, Sequence[Round]] = {
    "bevakning": (watching.ASK, watching.END, watching.FOLD),
    "morgonbrev": (watching.ASK, watching.TELL),
    "ogonblicksbilder": (documenting.WANT,),
    "gallring": (weeding.ASK, weeding.ERASE),
}
"""What each deployment's flow goes, by the name in prefect.yaml."""


def go(engine: Engine, deployment: str, now: datetime) -> None:
    """Go a deployment's rounds; none of them may meet trouble."""
    for one in ROUNDS[deployment]:
        assert go_round(engine, one, now, as_of=now).failures == []
    if deployment == "ogonblicksbilder":
        assert documenting.capture_wanted(engine, no_such_page, lambda: now).failures == []


def no_such_page(address: str, names: Sequence[str], into: Path) -> NotCaptured:
    """What the browser says of the story's address, which leads nowhere (RFC 2606)."""
    return NotCaptured(Reason.UNREACHABLE, SAYS[Reason.UNREACHABLE])
