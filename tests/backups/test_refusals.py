"""What is not taken and not put back, and what is said; what was there stays as it is."""

import json
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

import migrations
from backups import postgres
from backups.manifest import FILE, copies_in, demand_intact, read_manifest
from backups.nightly import Broken, silent_backup, take_tonights
from backups.places import NotTaken, place_for_copies
from backups.restoring import NotRestored, StillRunning, restore
from backups.taking import take
from models import Heartbeat, RunLease
from runtime.clock import machine_now
from runtime.database import make_engine, writing
from tests.backups.busy import applied, keys_of
from tests.web.world import World

NIGHT = datetime(2027, 3, 1, 2, tzinfo=UTC)


@pytest.fixture
def world(sqlite: Engine) -> World:
    world = World(sqlite)
    applied(world, "konto")
    return world


@pytest.fixture
def copy(world: World, folder: Path) -> Path:
    return take(world.engine, folder, 3, world.now).copy


def url_of(world: World) -> str:
    return str(world.engine.url)


def refused(world: World, copy: Path, kind: type[NotRestored] = NotRestored) -> str:
    """What is said when a copy is not put back; nothing may have changed."""
    before = keys_of(world.engine)
    world.engine.dispose()
    with pytest.raises(kind) as told:
        restore(url_of(world), copy, world.now)
    assert keys_of(world.engine) == before
    assert [one.name for one in copy.parent.parent.glob(".kanalvakt.db-*")] == []
    return str(told.value)


# ---------------------------------------------------------------- a copy as it lies


def test_a_copy_is_private_whole_and_says_what_it_is(world: World, copy: Path) -> None:
    assert copy.name == "kanalvakt-2026-03-02T080000Z"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in copy.iterdir()} == {0o600}
    manifest = demand_intact(copy)
    assert manifest.revision == migrations.newest() and manifest.product and manifest.began_at == world.now
    [chain] = manifest.chains
    assert chain.slug == "exempelby" and chain.events == manifest.rows["audit_event"] > 0
    assert b"token" not in (copy / FILE).read_bytes()


def test_so_many_copies_are_kept(world: World, folder: Path) -> None:
    names = [take(world.engine, folder, 2, NIGHT + timedelta(days=day)).copy.name for day in range(4)]
    assert [one.name for one in copies_in(folder)] == names[2:]
    again = take(world.engine, folder, 2, NIGHT + timedelta(days=3))
    assert again.thrown_away == [names[2]] and again.copy.name == f"{names[3]}-2"
    assert sorted(one.name for one in folder.iterdir() if one.is_dir()) == [names[3], again.copy.name]


# ---------------------------------------------------------------- not taken


SMALL = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from backups.places import NotTaken
from backups.taking import take
from runtime.database import make_engine
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
try:
    take(make_engine(sys.argv[1]), Path(sys.argv[2]), 3, datetime.now(UTC))
except NotTaken as not_taken:
    print(not_taken)
"""
"""A disk that takes no more than 60 kB of a file."""


def test_a_full_disk_is_said_and_nothing_is_left(world: World, copy: Path, folder: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", SMALL, url_of(world), str(folder)], capture_output=True, text=True, check=True
    )
    assert "disken är full" in told.stdout and "Inget är kvar" in told.stdout
    assert [one for one in folder.iterdir() if one.is_dir()] == [copy]


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from backups import taking
from runtime.database import make_engine
taking.finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
taking.take(make_engine(sys.argv[1]), Path(sys.argv[2]), 3, datetime.now(UTC))
"""


def test_one_killed_on_the_way_leaves_no_copy_and_the_next_tidies(world: World, folder: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, url_of(world), str(folder)], capture_output=True)
    assert killed.returncode == -signal.SIGKILL and copies_in(folder) == []
    assert any(one.is_dir() for one in folder.iterdir())
    taken = take(world.engine, folder, 3, world.now)
    assert [one for one in folder.iterdir() if one.is_dir()] == [taken.copy]


def test_two_at_once_are_one(world: World, folder: Path) -> None:
    with place_for_copies(folder), pytest.raises(NotTaken, match="tas redan"):
        take(world.engine, folder, 3, world.now)


def test_a_folder_that_cannot_be_written(world: World, tmp_path: Path) -> None:
    (tmp_path / "fil").touch()
    with pytest.raises(NotTaken, match="går inte att skriva i"):
        take(world.engine, tmp_path / "fil", 3, world.now)


def test_programs_of_another_version_are_not_used(
    postgres_installed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(postgres_installed)
    monkeypatch.setattr(postgres, "SERVER_FOLDERS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotTaken, match=r"pg_dump saknas.*apt-get install postgresql-client-\d+"):
        take(engine, tmp_path / "kopior", 3, NIGHT)
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    old.chmod(0o755)
    with pytest.raises(NotTaken, match="pg_dump är av version 9, men databasen är PostgreSQL"):
        take(engine, tmp_path / "kopior", 3, NIGHT)
    assert copies_in(tmp_path / "kopior") == []
    engine.dispose()


# ---------------------------------------------------------------- not put back


def change(copy: Path, **values: object) -> None:
    told = json.loads((copy / FILE).read_text())
    (copy / FILE).write_text(json.dumps(told | values))


def flip(copy: Path) -> None:
    with (copy / read_manifest(copy).file).open("r+b") as file:
        file.seek(9000)
        file.write(b"\x00\x01\x02")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (flip, "kontrollsumman stämmer inte"),
        (lambda copy: (copy / "kanalvakt.db").unlink(), "går inte att läsa"),
        (lambda copy: (copy / FILE).unlink(), "är ingen säkerhetskopia"),
        (lambda copy: (copy / FILE).write_text("{}"), "är skadad"),
        (lambda copy: change(copy, revision="9999"), "Kopian är av version 9999"),
        (lambda copy: change(copy, kind="postgresql"), "gjord av PostgreSQL"),
        (lambda copy: change(copy, revision="0000"), "Kopian är av version 0000"),
        (lambda copy: change(copy, chains=[]), "inte det som kopierades"),
    ],
)
def test_a_copy_that_is_not_what_it_was(
    world: World, copy: Path, harm: Callable[[Path], object], says: str
) -> None:
    harm(copy)
    assert says in refused(world, copy)


def test_not_under_a_worker_that_lives(world: World, copy: Path) -> None:
    with writing(world.engine) as session:
        session.add(Heartbeat(part="worker", at=world.now - timedelta(seconds=20)))
    assert "gav livstecken för 20 sekunder sedan" in refused(world, copy, StillRunning)
    world.wait(minutes=5)
    with writing(world.engine) as session:
        session.add(RunLease(flow_run_id="en", worker="w", expires_at=machine_now() + timedelta(seconds=30)))
    assert "den kör 1 körningar" in refused(world, copy, StillRunning)
    world.engine.dispose()
    assert restore(url_of(world), copy, world.now, anyway=True).aside


def test_not_under_a_portal_that_has_the_file_open(world: World, copy: Path) -> None:
    with world.engine.connect() as other:
        other.exec_driver_sql("SELECT count(*) FROM account").scalar_one()
        with pytest.raises(StillRunning, match="öppen"):
            restore(url_of(world), copy, world.now, anyway=True)


def test_a_log_that_does_not_hold_is_copied_and_only_put_back_when_told(world: World, folder: Path) -> None:
    with world.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        connection.exec_driver_sql("UPDATE audit_event SET kind = 'imported' WHERE number = 2")
    with pytest.raises(Broken, match="händelseloggen är bruten"):
        take_tonights(world.engine, folder, 3, world.now)
    [copy] = copies_in(folder)
    assert "bruten för Exempelby" in refused(world, copy)
    world.engine.dispose()
    assert restore(url_of(world), copy, world.now, anyway=True).found.breaks == ["Exempelby"]


def test_an_old_database_that_cannot_be_read_is_put_aside_all_the_same(world: World, copy: Path) -> None:
    world.engine.dispose()
    file = Path(str(world.engine.url.database))
    file.write_bytes(b"skadad" * 1000)
    restored = restore(url_of(world), copy, world.now)
    assert restored.lost is None and Path(restored.aside).read_bytes().startswith(b"skadad")
    assert demand_intact(copy).rows["account"] == len(keys_of(world.engine)["account"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# ---------------------------------------------------------------- every night


def test_the_nights_copy_is_taken_once_and_its_silence_is_told(world: World, folder: Path) -> None:
    assert silent_backup(world.engine, NIGHT) == []
    assert take_tonights(world.engine, folder, 3, NIGHT) is not None
    assert take_tonights(world.engine, folder, 3, NIGHT + timedelta(hours=1)) is None
    assert silent_backup(world.engine, NIGHT + timedelta(hours=30)) == []
    assert (
        "Ingen säkerhetskopia sedan 2027-03-01 02:00"
        in silent_backup(world.engine, NIGHT + timedelta(days=2))[0]
    )
    assert take_tonights(world.engine, folder, 3, NIGHT + timedelta(days=1)) is not None
    assert len(copies_in(folder)) == 2
