"""`kanalvakt backup` and `kanalvakt restore`, and what doctor says of the copies."""

from datetime import timedelta
from pathlib import Path

import pytest

from backups.manifest import copies_in, read_manifest
from cli.doctor import copies
from runtime import clock
from runtime.settings import settings
from tests.cli.conftest import Run
from tests.cli.test_doctor import levels, settings_with, worst


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kopior"


def test_one_command_takes_a_copy_and_one_puts_it_back(ready: Run, folder: Path, tmp_path: Path) -> None:
    taken = ready("backup", "--to", folder)
    [copy] = copies_in(folder)
    manifest = read_manifest(copy)
    assert taken.exit_code == 0 and str(copy) in taken.output
    assert "Exempelby kommun: " in taken.output and manifest.chains[0].digest in taken.output
    assert "hemligheter" in taken.output and "är inte med" in taken.output

    added = ("--name", "Granne", "--mail-domain", "granne.example.org", "--sender", "k@granne.example.org")
    assert ready("municipality", "add", "granne", *added).exit_code == 0
    back = ready("restore", copy)
    assert back.exit_code == 0, back.output
    assert f"som det var {manifest.began_at:%Y-%m-%d %H:%M:%S} UTC" in back.output
    assert "Granne: 1 händelse, av dem 0 svar" in back.output
    assert "kanalvakt.db-undan-" in back.output and "kommunikationsenheten" in back.output
    assert list(tmp_path.glob("kanalvakt.db-undan-*"))
    verified = ready("audit", "verify")
    assert verified.exit_code == 0 and "kedjan hel" in verified.output and "Granne" not in verified.output
    assert ready("check").exit_code == 0


def test_a_copy_of_one_municipality(ready: Run, folder: Path) -> None:
    assert ready("backup", "--to", folder, "--municipality", "exempelby").exit_code == 0
    assert [read_manifest(one).municipality for one in copies_in(folder, "exempelby")] == ["exempelby"]
    told = ready("backup", "--to", folder, "--municipality", "ingen")
    assert told.exit_code == 1 and "Ingen kommun har kortnamnet ingen" in told.output
    assert copies_in(folder) == []


def test_settings_say_where_and_how_many(ready: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = ready("backup")
    assert told.exit_code == 1 and "KANALVAKT_BACKUP_FOLDER" in told.output
    monkeypatch.setenv("KANALVAKT_BACKUP_FOLDER", str(folder))
    monkeypatch.setenv("KANALVAKT_BACKUP_KEEP", "1")
    settings.cache_clear()
    for _ in range(2):
        assert ready("backup").exit_code == 0
    assert len(copies_in(folder)) == 1
    assert ready("backup", "--keep", "5").exit_code == 0
    assert len(copies_in(folder)) == 2


def test_what_is_no_copy_is_not_put_back(ready: Run, tmp_path: Path) -> None:
    told = ready("restore", tmp_path)
    assert told.exit_code == 1 and "är ingen säkerhetskopia" in told.output


def test_what_doctor_says_of_the_copies(ready: Run, folder: Path) -> None:
    now = clock.now()
    assert "ingen mapp är vald" in worst(copies.newest_copy(settings_with(), now)).says
    held = settings_with(backup_folder=folder)
    assert "ingen finns" in worst(copies.newest_copy(held, now)).says
    assert ready("backup", "--to", folder).exit_code == 0
    assert levels(copies.newest_copy(held, now)) == ["ok"]
    assert "den nyaste är från" in worst(copies.newest_copy(held, now + timedelta(days=2))).says
    [copy] = copies_in(folder)
    (copy / "kanalvakt.db").write_bytes(b"annat")
    assert "kontrollsumman" in worst(copies.newest_copy(held, now)).says
