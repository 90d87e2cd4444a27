"""What an act that is confirmed by a mailed link consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lifecycle.events import By
from models import UserTask


@dataclass(frozen=True)
class ConfirmedAct:
    """What confirming shows, and what it carries out."""

    words: Callable[[Session, datetime, UserTask], list[str]]
    """What will happen if it is confirmed now, in the language spoken, a line each."""
    carry_out: Callable[[Session, datetime, UserTask, By], None]
    """Raises Refused, and then nothing is confirmed."""
