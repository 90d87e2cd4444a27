"""A municipality in which several people apply and decide at once, for as long as they are let."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from threading import Event, Thread
from time import sleep
from typing import Any

from sqlalchemy import Engine, select

from models import metadata
from runtime.database import reading
from tests.web.world import World

WRITERS = 3
_FEW = 2

Rows = Mapping[str, set[tuple[Any, ...]]]


def applied(world: World, name: str) -> int:
    """An application that the manager has approved."""
    account_id = waiting(world, name)
    world.answer(world.open_task(account_id), "bo")
    return account_id


def waiting(world: World, name: str) -> int:
    """An application that waits for the manager."""
    account_id = world.draft()
    world.write(account_id, name=name, address=f"https://www.instagram.com/{name}")
    world.send(account_id)
    return account_id


@contextmanager
def busy(world: World) -> Iterator[list[int]]:
    """Everybody at work, from when a few applications are there; the list grows by what is done."""
    done: list[int] = []
    enough = Event()
    failed: list[BaseException] = []

    def work(number: int) -> None:
        mine, count = copy(world), 0
        try:
            while not enough.is_set():
                count += 1
                done.append(applied(mine, f"konto-{number}-{count}"))
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=work, args=(number,)) for number in range(WRITERS)]
    for one in threads:
        one.start()
    while len(done) < _FEW and not failed:
        sleep(0.01)
    try:
        yield done
    finally:
        enough.set()
        for one in threads:
            one.join()
    assert failed == []


def keys_of(engine: Engine) -> Rows:
    """Which rows there are, by table."""
    with reading(engine, at_one_instant=True) as session:
        return {
            name: {tuple(row) for row in session.execute(select(*table.primary_key.columns))}
            for name, table in metadata.tables.items()
        }


def missing(before: Rows, after: Rows) -> list[tuple[str, tuple[Any, ...]]]:
    """Rows that were there and are not any more."""
    return [(name, row) for name, rows in before.items() for row in sorted(rows - after[name])]
