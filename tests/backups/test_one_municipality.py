"""One municipality alone (REQUIREMENTS 4.11: strictly apart in backups): all of it, nothing of others."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

import migrations
from backups.one_municipality import Unknown, belonging_to
from backups.restoring import NotRestored, restore
from backups.taking import take
from lifecycle.journal import verify
from models import Account, Municipality, metadata
from runtime.database import make_engine, reading
from tests.backups.busy import applied, waiting
from tests.figures import prove
from tests.web.world import World

OF_THE_INSTALLATION = {"heartbeat", "run_lease"}


def test_every_table_has_its_way_to_a_municipality() -> None:
    """A new table that has none must be thought about: whose is it?"""
    without = {name for name, table in metadata.tables.items() if belonging_to(table, 1) is None}
    assert without == OF_THE_INSTALLATION


def rows_of(engine: Engine, municipality_id: int) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine, at_one_instant=True) as session:
        return {
            name: [
                tuple(row) for row in session.execute(select(table).where(which).order_by(*table.primary_key))
            ]
            for name, table in metadata.tables.items()
            if (which := belonging_to(table, municipality_id)) is not None
        }


def test_all_of_one_and_nothing_of_the_other(engine: Engine, folder: Path, tmp_path: Path) -> None:
    neighbour, world = World(engine, slug="granneby"), World(engine)
    for one in (neighbour, world):
        applied(one, f"konto-{one.slug}")
        one.task_link(one.open_task(waiting(one, f"vantar-{one.slug}")), "bo")
    taken = take(engine, folder, 3, world.now, "exempelby")
    assert taken.copy.name.startswith("kanalvakt-exempelby-")
    file = taken.copy / taken.manifest.file
    content = file.read_bytes().lower()
    found = content.count(b"granneby")
    prove("Backup and restore", "traces of another municipality in the copy of one", found, 0)
    assert found == 0 and b"exempelby" in content

    empty = f"sqlite:///{tmp_path}/tom.db"
    migrations.upgrade(empty)
    restore(empty, taken.copy, world.now)
    alone = make_engine(empty)
    wanted, had = rows_of(engine, world.municipality_id), rows_of(alone, world.municipality_id)
    left_alone = set(wanted) - {"account", "audit_event", "audit_head", "audit_detail", "desk_sheet"}
    assert {name: wanted[name] for name in left_alone} == {name: had[name] for name in left_alone}
    assert len(wanted["account"]) == len(had["account"]) == 2
    assert had["audit_event"][:-1] == wanted["audit_event"]
    with reading(alone) as session:
        assert verify(session, world.municipality_id).breaks == []
        assert list(session.execute(select(col(Municipality.slug))).scalars()) == ["exempelby"]
        assert session.execute(select(col(Account.municipality_id)).distinct()).scalars().all() == [
            world.municipality_id
        ]
    alone.dispose()


def test_it_takes_no_others_away(sqlite: Engine, folder: Path) -> None:
    world = World(sqlite)
    World(sqlite, slug="granneby")
    copy = take(sqlite, folder, 3, world.now, "exempelby").copy
    sqlite.dispose()
    with pytest.raises(NotRestored, match="men här finns också Granneby"):
        restore(str(sqlite.url), copy, world.now)
    with pytest.raises(Unknown):
        take(sqlite, folder, 3, world.now, "ingenstans")
