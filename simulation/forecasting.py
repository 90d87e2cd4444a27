"""The coming letters of real accounts: their data is copied, and the copy's clock is moved."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts.policies import adopt
from acts.work import work
from lifecycle.events import By
from models import Account, Person, UserTask
from policies.loading import Content
from runtime.database import reading
from simulation import words
from simulation.characters import Character
from simulation.database import copy_of
from simulation.ledger import Ledger, LetterSeen
from simulation.people import People
from simulation.playing import Play
from simulation.post import Samples

ALWAYS = Character("svarar samma dag", answers=1.0, watches=1.0)
_ON_ACCOUNTS = ("watch", "look", "missed", "neglected", "lists", "rested")
_ON_TASKS = ("asked", "reminded", "late", "escalated", "informed")


class NotPlayed(Exception):
    """The coming days could not be played; the text says what stood in the way, in Swedish."""


@dataclass(frozen=True)
class Coming:
    """A letter that would come."""

    at: datetime
    to: str
    notice: str
    about: str
    account_id: int | None
    """Empty for a morning letter, which may be about several."""


def coming_letters(
    source: Engine,
    municipality_id: int,
    now: datetime,
    days: int,
    *,
    account_ids: Collection[int] | None = None,
    everybody_answers: bool = False,
    proposed: Content | None = None,
    samples: Samples | None = None,
) -> list[Coming]:
    """Every letter of the coming days about some accounts, or all: as if nobody answered, or everybody.

    The source is only read. With `proposed`, as if that policy had been adopted now: it applies from its own
    first day. Pictures are thought to succeed, and nothing is read from any platform. Raises NotPlayed.
    """
    engine = copy_of(source, municipality_id, account_ids)
    if proposed is not None:
        with work(engine, now) as session:
            adopt(session, municipality_id, proposed, By(None, "cli"), now)
    ledger = Ledger()
    people = _who_always_answer(engine, municipality_id, ledger) if everybody_answers else None
    play = Play(engine, municipality_id, now, ledger, people, samples=samples)
    play.until(play.law().day_of(now) + timedelta(days=days))
    if ledger.broken:
        raise NotPlayed("\n".join(ledger.broken))
    with reading(engine) as session:
        return list(_coming(session, ledger.letters, account_ids))


def _who_always_answer(engine: Engine, municipality_id: int, ledger: Ledger) -> People:
    with reading(engine) as session:
        ids = session.execute(select(col(Person.id)).order_by(col(Person.id))).scalars()
        characters = {one or 0: ALWAYS for one in ids}
    return People(engine, municipality_id, characters, {}, Random(0), ledger, agree=True)


def _coming(
    session: Session, letters: Sequence[LetterSeen], account_ids: Collection[int] | None
) -> Iterator[Coming]:
    people = {one.id: one.name for one in session.execute(select(Person)).scalars()}
    accounts = {one.id or 0: one.name or one.address for one in session.execute(select(Account)).scalars()}
    labels = {task.id or 0: task.label for task in session.execute(select(UserTask)).scalars()}
    one_account = account_ids is not None and len(account_ids) == 1
    for letter in letters:
        about = _about(letter, {} if one_account else accounts, labels)
        of_account = account_ids is None or letter.notice == "morning" or letter.account_id in account_ids
        if about and of_account:
            to = people.get(letter.person_id, letter.email)
            yield Coming(letter.at, to, letter.notice, about, letter.account_id)


def _about(letter: LetterSeen, accounts: dict[int, str], labels: dict[int, str]) -> str:
    """What stands in it, line by line for a morning letter; the accounts by name, when there are several."""
    if letter.notice != "morning":
        label = labels.get(letter.task_id or 0, "")
        return ": ".join(one for one in (words.notice(letter.notice), label) if one)
    lines = []
    for part in (*_ON_ACCOUNTS, *_ON_TASKS):
        ids, named = letter.context.get(part, ()), accounts if part in _ON_ACCOUNTS else labels
        listed = ", ".join(named[one] for one in ids if one in named)
        lines += [": ".join(filter(None, (words.PARTS[part], listed)))] if ids else []
    return "; ".join(lines)
