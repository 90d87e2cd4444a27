"""What a large installation's database says when all has come to rest: nothing lost, nothing doubled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, func, select
from sqlmodel import col

from models import (
    Account,
    Heartbeat,
    Message,
    MessageState,
    RoundDone,
    TaskKind,
    TaskState,
    UserTask,
)
from runtime.database import reading
from tests.large.filling import Filled


@dataclass(frozen=True)
class Watched:
    """The watch of a day, beside what it should be."""

    accounts: int
    """That are to be watched: one task for each."""
    tasks: int
    doubled: int
    """Accounts with more than one task."""
    strangers: int
    """Tasks of accounts that nobody is to watch."""
    ended: int
    """Tasks that ended as missed, since nobody answered."""


def watched(engine: Engine, filled: Sequence[Filled], on: date) -> Watched:
    """One task per account and day (REQUIREMENTS 3), in municipalities whose guideline wants a watch."""
    owners = {one.municipality_id for one in filled if one.is_watched}
    rows = select(col(UserTask.municipality_id), col(UserTask.account_id), col(UserTask.state)).where(
        col(UserTask.kind) == TaskKind.WATCH, col(UserTask.once_key).like(f"watch:%:{on.isoformat()}")
    )
    with reading(engine) as session:
        found = session.execute(rows).all()
    accounts = {account_id for _, account_id, _ in found}
    return Watched(
        accounts=sum(one.accounts for one in filled if one.is_watched),
        tasks=len(found),
        doubled=len(found) - len(accounts),
        strangers=sum(owner not in owners for owner, _, _ in found),
        ended=sum(state is TaskState.MISSED for _, _, state in found),
    )


@dataclass(frozen=True)
class Mornings:
    """The morning letters of a day, beside how many there should be."""

    people: int
    """Who administer a watched account: one letter for each."""
    letters: int
    """That those people have in the outbox."""
    doubled: int
    """People with more than one."""
    unsent: int


def mornings(engine: Engine, filled: Sequence[Filled]) -> Mornings:
    """One digest per person with all accounts (REQUIREMENTS 3)."""
    people = {person for one in filled if one.is_watched for person in one.administrators}
    rows = select(col(Message.person_id), col(Message.state)).where(col(Message.notice) == "morning")
    with reading(engine) as session:
        found = [(person, state) for person, state in session.execute(rows) if person in people]
    return Mornings(
        people=len(people),
        letters=len(found),
        doubled=len(found) - len({person for person, _ in found}),
        unsent=sum(state is not MessageState.SENT for _, state in found),
    )


def unsent(engine: Engine, now: datetime) -> int:
    """Letters that are due and have not left."""
    due = (col(Message.not_before) <= now) & (col(Message.state) == MessageState.QUEUED)
    with reading(engine) as session:
        rows = select(func.count()).where(due | (col(Message.state) == MessageState.SENDING))
        count: int = session.execute(rows).scalar_one()
        return count


def unseen(engine: Engine) -> int:
    """Accounts with something that their run has not seen."""
    with reading(engine) as session:
        count: int = session.execute(
            select(func.count()).where(col(Account.news) > col(Account.seen))
        ).scalar_one()
        return count


def with_run(engine: Engine) -> dict[str, tuple[int, str]]:
    """By flow run: the account whose run it is, and the name that it is to rest under."""
    rows = select(col(Account.flow_run_id), col(Account.id), col(Account.waits_for)).where(
        col(Account.flow_run_id).is_not(None)
    )
    with reading(engine) as session:
        return {run: (account_id, name) for run, account_id, name in session.execute(rows)}


def rounds_done(engine: Engine, name: str, on: date) -> tuple[int, int]:
    """How many times a round has been done for a day, and in how many municipalities."""
    rows = select(func.count(), func.count(func.distinct(col(RoundDone.municipality_id)))).where(
        col(RoundDone.round) == name, col(RoundDone.round_on) == on
    )
    with reading(engine) as session:
        times, municipalities = session.execute(rows).one()
    return times, municipalities


def signs_of_life(engine: Engine) -> dict[str, datetime]:
    """When each part was heard last."""
    with reading(engine) as session:
        return {one.part: one.at for one in session.execute(select(Heartbeat)).scalars()}
