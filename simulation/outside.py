"""What the world outside shows: no browser and no platform, but what an account's life would have shown."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import Engine

from acts import checking, posting
from acts.looking import look
from acts.round_list import ROUNDS
from acts.rounds import Round
from acts.work import work
from connectors.sights import AskPerson, Missing, Observation, Subject
from lifecycle import documenting
from lifecycle.events import ENGINE
from lifecycle.law import Law
from models import Account, SightState, UserTask
from simulation.characters import ACTIVE, Life, Lives
from simulation.database import ids_by_address, looking

_PICTURE = b"En bild som ingen har tagit."
_REFUSED = ("log_in", "Sidan visade en inloggning.")


def take_pictures(engine: Engine, law: Law, lives: Lives, now: datetime) -> None:
    """The browser's turn: a page that cannot be read shows a log-in form, as it would to a real one."""
    with looking(engine) as session:
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


# ---------------------------------------------------------------- posts


def eyes(engine: Engine, lives: Lives, from_on: date, seed: int) -> posting.ObserverOf:
    """How posts are looked for: by what each account's life brings, day by day, whoever asks and when."""

    def observer_of(municipality_id: int) -> posting.Observer:
        ids = ids_by_address(engine)

        def look(subject: Subject, since: datetime | None, now: datetime) -> Observation | AskPerson:
            return _seen(lives, ids.get(subject.address, 0), from_on, seed, since, now)

        return look

    return observer_of


def _seen(
    lives: Lives, account_id: int, from_on: date, seed: int, since: datetime | None, now: datetime
) -> Observation | AskPerson:
    life = lives.get(account_id, ACTIVE)
    if not life.readable:
        return AskPerson(Missing.CONNECTOR, "Plattformen kan inte läsas av Kanalvakt.")
    began = since or now - _FIRST_LOOK
    days = [began.date() + timedelta(days=number) for number in range((now.date() - began.date()).days)]
    posted = [day for day in days if _posts_on(life, account_id, day, from_on, seed)]
    latest_at = datetime.combine(posted[-1], time(12), UTC) if posted else None
    state = SightState.OK if posted else SightState.EMPTY
    return Observation(state, now, "simulering", count=len(posted), complete=True, latest_at=latest_at)


def _posts_on(life: Life, account_id: int, day: date, from_on: date, seed: int) -> bool:
    """Whether something is posted that day: the same answer however often it is asked."""
    fading = max(0.0, 1 - max(0, (day - from_on).days) / _FADED_AFTER) if life.fades else 1.0
    return Random(f"{seed}:{account_id}:{day.isoformat()}").random() < life.posts_a_week / 7 * fading


_FIRST_LOOK = timedelta(days=28)
_FADED_AFTER = 120
"""Days until nothing more is posted in an account that fades."""


def rounds_with(engine: Engine, lives: Lives, from_on: date, seed: int) -> list[Round]:
    """Every round, with eyes that look at nothing real; what reads this installation's own files is left out.

    The truths are looked at once a quarter: they are many.
    """
    replaced = {
        "posting": posting.looking(eyes(engine, lives, from_on, seed), at_once=1),
        "invariants": replace(checking.CHECK, when=_quarter),
    }
    return [replaced.get(name, one) for name, one in ROUNDS.items() if name not in NOT_PLAYED - {*replaced}]


def _quarter(law: Law, now: datetime) -> date | None:
    on = law.day_of(now)
    return on if on.day == 1 and on.month % 3 == 1 else None


NOT_PLAYED = frozenset({"staff_list", "invariants", "handles"})
"""A file of this installation's, what a copy without its letters cannot hold, and who else has a name."""
