"""What the world outside shows: no browser and no platform, but what an account's life would have shown."""

from datetime import datetime

from sqlalchemy import Engine

from acts.looking import look
from acts.work import work
from lifecycle import documenting
from lifecycle.events import ENGINE
from lifecycle.law import Law
from models import Account, UserTask
from runtime.database import reading
from simulation.characters import ACTIVE, Lives

_PICTURE = b"En bild som ingen har tagit."
_REFUSED = ("log_in", "Sidan visade en inloggning.")


def take_pictures(engine: Engine, law: Law, lives: Lives, now: datetime) -> None:
    """The browser's turn: a page that cannot be read shows a log-in form, as it would to a real one."""
    with reading(engine) as session:
        wanted = [(task.id, account.id) for task, account in documenting.to_capture(session, law)]
    for task_id, account_id in wanted:
        with work(engine, now) as session:
            task, account = session.get_one(UserTask, task_id), session.get_one(Account, account_id)
            if lives.get(account_id or 0, ACTIVE).readable:
                picture = picture_of(account, task, now)
                documenting.keep_snapshot(session, law, account, task, picture, ENGINE, now)
            else:
                documenting.ask_for_picture(session, law, account, task, *_REFUSED, now)
        look(engine, account_id or 0, now)


def picture_of(account: Account, task: UserTask, now: datetime) -> documenting.Picture:
    """A picture of no account."""
    return documenting.Picture(
        content=_PICTURE,
        profile=task.details["profile"],
        original=_PICTURE,
        original_type="image/png",
        address=account.address,
        taken_at=now,
        browser="simulering",
    )
