"""How people and accounts are: drawn by the seed, so that a year has its diligent and its forgetful."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

K = TypeVar("K")


@dataclass(frozen=True)
class Character:
    """How likely somebody is to do what is asked of them on a working day."""

    name: str
    answers: float
    """A question or a line of a list that has been asked."""
    watches: float
    """The day's watch."""


DILIGENT = Character("noggrann", answers=0.9, watches=0.97)
BUSY = Character("upptagen", answers=0.35, watches=0.85)
FORGETFUL = Character("glömsk", answers=0.06, watches=0.5)
SILENT = Character("svarar aldrig", answers=0.0, watches=0.1)

_PEOPLE = ((DILIGENT, 11), (BUSY, 5), (FORGETFUL, 3), (SILENT, 1))
"""Of twenty people."""


@dataclass(frozen=True)
class Life:
    """How an account is kept."""

    name: str
    posts_a_week: float
    watched: float = 1.0
    """How much of their usual watch its people give it."""
    fades: bool = False
    """Whether posting dies away over the year."""
    readable: bool = True


Lives = Mapping[int, Life]
"""By account."""
ACTIVE = Life("skött", 2.0)
FADING = Life("falnande", 1.5, watched=0.9, fades=True)
DEAD = Life("övergivet", 0.0, watched=0.15)
UNREADABLE = Life("går inte att läsa", 1.0, readable=False)
SEASONAL = Life("säsong", 1.5)

_ACCOUNTS = ((ACTIVE, 11), (FADING, 3), (DEAD, 2), (UNREADABLE, 2), (SEASONAL, 2))


def people_like(count: int, random: Random) -> list[Character]:
    """So many people, of each kind in its share."""
    return _dealt(_PEOPLE, count, random)


def accounts_like(count: int, random: Random) -> list[Life]:
    """So many accounts, likewise."""
    return _dealt(_ACCOUNTS, count, random)


_STRIDE = 7
"""Through a deck of twenty it comes by every card, and by each kind in its share from the beginning."""


def _dealt(shares: tuple[tuple[K, int], ...], count: int, random: Random) -> list[K]:
    deck = [kind for kind, share in shares for _ in range(share)]
    dealt = [deck[place * _STRIDE % len(deck)] for place in range(count)]
    random.shuffle(dealt)
    return dealt
