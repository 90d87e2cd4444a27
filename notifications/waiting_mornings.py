"""Morning letters that have had to wait leave as one: nobody gets two in a day (REQUIREMENTS 3)."""

from sqlalchemy import update
from sqlmodel import Session, col

from models import Message, MessageState

_OF_THE_DAY = ("on", "watch", "look")
"""What only the newest of them says."""


def take_up_waiting(session: Session, letter: Message) -> None:
    """Let a morning letter that is about to leave say what the recipient's other waiting ones would have."""
    waiting = (
        update(Message)
        .where(
            col(Message.municipality_id) == letter.municipality_id,
            col(Message.person_id) == letter.person_id,
            col(Message.notice) == letter.notice,
            col(Message.state) == MessageState.QUEUED,
            col(Message.id) != letter.id,
        )
        .values(state=MessageState.NOT_NEEDED)
        .returning(col(Message.context))
        .execution_options(synchronize_session=False)
    )
    told = [letter.context, *session.execute(waiting).scalars()]
    if len(told) == 1:
        return
    told.sort(key=lambda one: one["on"])
    names = {name for one in told for name in one} - {*_OF_THE_DAY}
    newest = {name: told[-1][name] for name in _OF_THE_DAY if name in told[-1]}
    heard = {name: list(dict.fromkeys(id for one in told for id in one.get(name, ()))) for name in names}
    letter.context = newest | heard
