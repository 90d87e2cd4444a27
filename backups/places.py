"""Where copies lie: written under another name, finished by a rename, and the oldest thrown away."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backups.manifest import FILE, Manifest, copies_in, name_of
from models.plain_errors import Tellable

_UNFINISHED = ".part"
_LOCK = ".kanalvakt-backup.lock"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


class NotTaken(Tellable):
    """No copy was taken; the words are for whoever runs the installation."""


@contextmanager
def place_for_copies(folder: Path) -> Iterator[None]:
    """A folder that nobody else writes copies to meanwhile; what a killed process left there is gone.

    Raises NotTaken when another is at it, or when the folder cannot be written.
    """
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, PRIVATE_FILE)
    except OSError as error:
        raise NotTaken(f"Det går inte att skriva i {folder} ({error.strerror}).") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise NotTaken(f"En säkerhetskopia tas redan i {folder}. Vänta tills den är klar.") from None
    try:
        for left in folder.glob(f".kanalvakt-*{_UNFINISHED}"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(lock)


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """A private folder to write a copy in. Whatever goes wrong, nothing of it is left."""
    written = folder / f".kanalvakt-{os.getpid()}{_UNFINISHED}"
    try:
        written.mkdir(mode=PRIVATE_FOLDER)
        yield written
    except OSError as error:
        raise NotTaken(cannot_write(folder, error)) from None
    finally:
        shutil.rmtree(written, ignore_errors=True)


def cannot_write(folder: Path, error: OSError) -> str:
    """What is said when a disk takes no more."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    says = "disken är full" if full else f"den går inte att skriva ({error.strerror})"
    return f"Ingen säkerhetskopia togs i {folder}: {says}. Gör plats eller välj en annan mapp. Inget är kvar."


def finish(written: Path, folder: Path, manifest: Manifest) -> Path:
    """Write the manifest, wait for the disk, and give the copy its name; what has a name is whole."""
    (written / FILE).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    for file in written.iterdir():
        file.chmod(PRIVATE_FILE)
        _wait_for_disk(file)
    _wait_for_disk(written)
    finished = _free_name(folder, name_of(manifest.began_at, manifest.municipality))
    written.rename(finished)
    _wait_for_disk(folder)
    return finished


def _free_name(folder: Path, name: str) -> Path:
    """Two in one second have two names."""
    number, chosen = 1, folder / name
    while chosen.exists():
        number += 1
        chosen = folder / f"{name}-{number}"
    return chosen


def _wait_for_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def throw_away_old(folder: Path, keep: int, slug: str = "") -> list[str]:
    """Keep the newest so many of one kind; the names of the others, which are gone."""
    old = copies_in(folder, slug)[:-keep]
    for one in old:
        away = folder / f".{one.name}{_UNFINISHED}"
        one.rename(away)
        shutil.rmtree(away, ignore_errors=True)
    return [one.name for one in old]
