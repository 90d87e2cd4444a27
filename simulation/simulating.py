"""A year of an invented municipality under a policy, played from its first day to its last."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from lifecycle.law import Law, law_in_force
from models import Account
from policies.loading import Content
from runtime.database import reading
from simulation.database import empty
from simulation.happenings import diary_of
from simulation.ledger import Ledger
from simulation.outside import rounds_with
from simulation.people import People
from simulation.playing import Play
from simulation.post import Samples, broken_promises
from simulation.town import Town, found
from simulation.traces import Book, RuleSeen
from simulation.year import Year

_MIDNIGHT = time()


@dataclass(frozen=True)
class Order:
    """What is to be played."""

    content: Content
    people: int
    accounts: int
    from_on: date
    days: int
    seed: int

    @property
    def until_on(self) -> date:
        """The first day that is not played."""
        return self.from_on + timedelta(days=self.days)


@dataclass(frozen=True)
class Played:
    """What came of it."""

    order: Order
    engine: Engine
    law: Law
    town: Town
    ledger: Ledger
    rules: list[RuleSeen]
    began_at: datetime

    def names(self, session: Session) -> dict[int, str]:
        """What each account is called; several may bear the same name, so each has its number."""
        rows = select(col(Account.id), col(Account.name)).order_by(col(Account.id))
        return {one or 0: f"{name or 'utkast'} ({one})" for one, name in session.execute(rows)}


def simulate(order: Order, samples: Samples | None = None) -> Played:
    """Play it. The same order gives the same, whenever and wherever it is played."""
    with _few_collections():
        return _simulate(order, samples)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Garbage is collected seldom meanwhile: a year makes millions of objects, and hardly any in circles."""
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


_OBJECTS_BETWEEN_COLLECTIONS = 1_000_000


def _simulate(order: Order, samples: Samples | None) -> Played:
    random, ledger, engine = Random(order.seed), Ledger(), empty()
    begins_at = datetime.combine(order.from_on, _MIDNIGHT, UTC)
    play, town = _prepared(order, engine, ledger, random, begins_at)
    play.samples = samples
    play.until(order.until_on)
    law = play.law()
    ledger.broken += broken_promises(ledger.letters, law.calendar)
    with reading(engine) as session:
        book = Book(law)
        book.assigned(session, ledger, order.from_on)
    return Played(order, engine, law, town, ledger, book.seen(ledger), begins_at)


def _prepared(
    order: Order, engine: Engine, ledger: Ledger, random: Random, begins_at: datetime
) -> tuple[Play, Town]:
    town = found(
        engine, order.content, people=order.people, accounts=order.accounts, random=random, now=begins_at
    )
    with reading(engine) as session:
        law = law_in_force(session, town.municipality_id, begins_at)
    begins_at = law.calendar.at(order.from_on, _MIDNIGHT)
    people = People(engine, town.municipality_id, town.people, town.accounts, random, ledger)
    diary = diary_of(law, order.from_on, order.until_on, order.people, order.accounts, random)
    year = Year(engine, town.municipality_id, random, ledger)
    play = Play(engine, town.municipality_id, begins_at, ledger, people, town.accounts, diary, year)
    play.rounds = rounds_with(engine, town.accounts, order.from_on, order.seed)
    return play, town
