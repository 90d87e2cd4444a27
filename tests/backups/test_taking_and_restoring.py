"""A copy is taken while people work, and put back: nothing committed before it is lost (REQUIREMENTS 4)."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import col

import migrations
from backups.manifest import FILE, Chain, Manifest, sha256_of
from backups.restoring import restore
from backups.taking import take
from lifecycle.invariants import violations
from lifecycle.journal import verify
from models import Account, AuditEvent, Outcome
from runtime.database import make_engine, reading
from tests.backups.busy import Rows, applied, busy, keys_of, missing, waiting
from tests.figures import prove
from tests.migrations import released
from tests.web.visitor import Portal, plain
from tests.web.world import World

APPROVE = {"outcome": "approve", "plan_version": "1"}
SECTION = "Backup and restore"


def copied_while_busy(world: World, folder: Path) -> tuple[Path, Rows, list[tuple[int, str]]]:
    """A copy, the rows that were there when it began, and the log as it then was."""
    with busy(world) as done:
        before, log = keys_of(world.engine), log_of(world.engine)
        count = len(done)
        copy = take(world.engine, folder, 3, world.now).copy
        while len(done) < count + 1:
            sleep(0.01)
    return copy, before, log


def log_of(engine: Engine) -> list[tuple[int, str]]:
    with reading(engine) as session:
        rows = select(col(AuditEvent.number), col(AuditEvent.digest)).order_by(col(AuditEvent.number))
        return [(one[0], one[1]) for one in session.execute(rows)]


def test_nothing_committed_is_lost_and_an_old_link_decides(url: str, engine: Engine, folder: Path) -> None:
    world = World(engine)
    task = world.open_task(waiting(world, "vantar"))
    link = world.task_link(task, "bo")
    copy, before, log = copied_while_busy(world, folder)
    later = waiting(world, "senare")
    unknown = world.task_link(world.open_task(later), "bo")
    engine.dispose()

    restored = restore(url, copy, world.now)
    back = make_engine(url)
    lost = missing(before, keys_of(back))
    kind = back.dialect.name
    prove(SECTION, f"copies taken while people apply and decide, {kind}", 1, 1, at_least=True)
    prove(SECTION, f"rows lost that were committed before the copy began, {kind}", len(lost), 0)
    assert lost == [] and set(log) <= set(log_of(back))
    with reading(back) as session:
        assert verify(session, world.municipality_id).breaks == []
        assert violations(session, world.municipality_id, world.now) == []
    assert restored.found.breaks == [] and restored.found.untrue == []
    [told] = restored.lost or []
    assert told.events > 0 and not told.is_other

    decides = link_decides(back, world, link, task)
    prove(SECTION, f"links sent before the copy that decide after it, {kind}", int(decides), 1, at_least=True)
    assert decides
    gone = Portal(restored_world(world, back)).visitor()
    page = gone.open(unknown)
    assert page.status_code == 404 and "be om en ny väg in" in plain(page)
    back.dispose()


def restored_world(world: World, engine: Engine) -> World:
    """The same people and clock, looking at the database that was put back."""
    again = World.__new__(World)
    again.__dict__.update(world.__dict__ | {"engine": engine})
    return again


def link_decides(engine: Engine, world: World, link: str, task: int) -> bool:
    again = restored_world(world, engine)
    bo = Portal(again).visitor()
    bo.open(link)
    bo.post("svar", APPROVE)
    return again.task(task).outcome is Outcome.APPROVE


def test_put_back_twice_with_the_old_one_kept_aside(url: str, engine: Engine, folder: Path) -> None:
    world = World(engine)
    applied(world, "fore")
    copy = take(engine, folder, 3, world.now).copy
    applied(world, "efter")
    last = log_of(engine)[-1]
    engine.dispose()
    first = restore(url, copy, world.now)
    world.wait(minutes=10)
    restore(url, copy, world.now)
    with reading(engine) as session:
        events = session.execute(select(AuditEvent).order_by(col(AuditEvent.number))).scalars().all()
        assert [one.kind for one in events].count("restored") == 1, "the copy itself is untouched"
        assert (
            events[-1].kind == "restored"
            and events[-1].facts["taken_at"] == first.manifest.began_at.isoformat()
        )
    assert last_of(engine, first.aside) == last


def last_of(engine: Engine, aside: str) -> tuple[int, str]:
    """Where the log ends in what was put aside."""
    if engine.dialect.name == "sqlite":
        return log_of(make_engine(f"sqlite:///{aside}"))[-1]
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT number, digest FROM {aside}.audit_event ORDER BY number DESC LIMIT 1"
        )
        number, digest = rows.one()
        return number, digest


@pytest.mark.parametrize("revision", released.revisions())
def test_a_copy_of_an_earlier_schema_is_brought_up(revision: str, tmp_path: Path) -> None:
    """As an earlier version of the program left it in its folder."""
    copy = tmp_path / "kanalvakt-2027-07-04T000000Z"
    copy.mkdir()
    released.sqlite_file(revision, copy / "kanalvakt.db")
    manifest = manifest_of(copy / "kanalvakt.db", revision)
    (copy / FILE).write_text(manifest.model_dump_json())
    url = f"sqlite:///{tmp_path}/kanalvakt.db"
    restored = restore(url, copy, manifest.began_at)
    assert restored.found.breaks == [] and restored.lost == [] and restored.aside == ""
    with reading(make_engine(url)) as session:
        migrations.demand_current(make_engine(url))
        assert (
            session.execute(select(func.count()).select_from(AuditEvent)).scalar_one()
            > manifest.chains[0].events
        )
        assert len(session.execute(select(Account)).scalars().all()) == manifest.rows["account"]


def manifest_of(file: Path, revision: str) -> Manifest:
    """What the program of that time wrote beside its copy."""
    database = sqlite3.connect(file)
    heads = "JOIN audit_head ON municipality_id = m.id"
    asked = f"SELECT m.id, slug, name, number, digest FROM municipality m {heads}"
    ended = database.execute(asked).fetchall()
    [(accounts,)] = database.execute("SELECT count(*) FROM account").fetchall()
    database.close()
    names = ("municipality_id", "slug", "name", "events", "digest")
    return Manifest(
        product="0.1.0",
        revision=revision,
        kind="sqlite",
        began_at=datetime(2027, 7, 4, tzinfo=UTC),
        file=file.name,
        bytes=file.stat().st_size,
        sha256=sha256_of(file),
        chains=[Chain(**dict(zip(names, one, strict=True))) for one in ended],
        rows={"account": accounts},
    )
