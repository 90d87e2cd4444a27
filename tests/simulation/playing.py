"""Years and weeks to be looked at: small municipalities, so that they are soon played."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random

from policies.loading import content_of, load_policy
from simulation.database import empty
from simulation.ledger import Ledger
from simulation.people import People
from simulation.playing import Play
from simulation.simulating import Order, Played, simulate
from simulation.town import found

POLICIES = ("haninge", "mall", "nassjo", "skurup", "tibro", "tomelilla")
FIRST = date(2026, 12, 1)


def order(
    policy: str = "mall", *, days: int = 30, accounts: int = 6, people: int = 12, seed: int = 1
) -> Order:
    """A small one."""
    return Order(content_of(load_policy(policy)), people, accounts, FIRST, days, seed)


@lru_cache(maxsize=6)
def year(policy: str) -> Played:
    """A policy's year, played once for each process that looks at it."""
    return simulate(order(policy, days=365, accounts=10, people=20))


def quiet_weeks(policy: str, from_on: date, until_on: date, *, at_desks: bool = False) -> Play:
    """A municipality in which nobody does anything, or everybody now and then, over some weeks."""
    random, ledger, engine = Random(3), Ledger(), empty()
    begins_at = datetime.combine(from_on - timedelta(days=1), time(23), UTC)
    town = found(engine, content_of(load_policy(policy)), people=12, accounts=6, random=random, now=begins_at)
    people = People(engine, town.municipality_id, town.people, town.accounts, random, ledger)
    play = Play(engine, town.municipality_id, begins_at, ledger, people if at_desks else None, town.accounts)
    play.until(until_on)
    return play
