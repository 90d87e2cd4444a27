"""Morning letters that have had to wait leave as one: nobody gets two in a day (REQUIREMENTS 3)."""

from sqlalchemy import Executable, update
from sqlmodel import Session, col

from models import Message, MessageState
from models.asking import built_once

_OF_THE_DAY = ("on", "watch", "look")
"""What only the newest of them says."""


def take_up_waiting(session: Session, letter: Message) -> None:
    """Let a morning letter that is about to leave say what the recipient's other waiting ones would have."""
    waiting = _waiting_beside(letter.municipality_id, letter.person_id, letter.notice, letter.id)
    told = [letter.context, *session.execute(*waiting).scalars()]
    if len(told) == 1:
        return
    told.sort(key=lambda one: one["on"])
    names = {name for one in told for name in one} - {*_OF_THE_DAY}
    newest = {name: told[-1][name] for name in _OF_THE_DAY if name in told[-1]}
    heard = {name: list(dict.fromkeys(id for one in told for id in one.get(name, ()))) for name in names}
    letter.context = newest | heard


@built_once
def _waiting_beside(of: int, to: int, kind: str, letter: str) -> Executable:
    waiting = update(Message).where(
        col(Message.municipality_id) == of,
        col(Message.person_id) == to,
        col(Message.notice) == kind,
        col(Message.state) == MessageState.QUEUED,
        col(Message.id) != letter,
    )
    waiting = waiting.values(state=MessageState.NOT_NEEDED).returning(col(Message.context))
    return waiting.execution_options(synchronize_session=False)
