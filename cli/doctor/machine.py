"""The machine: what papers and pictures need, the clock, the folders and the disk."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cli.doctor.findings import Finding, fault, ok, warning
from cli.doctor.stored import file_of
from connectors.capturing import BROWSER, INSTALL_BROWSER
from papers.pdfa import Profile, write
from papers.refusing import CannotWrite
from papers.verapdf import lacking
from runtime.settings import InstallationSettings

PAPERS, PICTURES, CLOCK, ARCHIVE, STAFF, DISK = (
    "Handlingarna",
    "Bilderna",
    "Klockan",
    "Arkivmappen",
    "Personallistan",
    "Disken",
)
FULL_BYTES, SOON_FULL_BYTES = 1_000_000_000, 5_000_000_000
ARCHIVE_KINDS: tuple[Profile, ...] = ("pdfa-1b", "pdfa-2b")
BROWSER_SECONDS = 30
INSTALL_POPPLER = "apt-get install --no-install-recommends poppler-utils"


def papers(now: datetime) -> Iterator[Finding]:
    """A paper of each archive kind, really written and really checked."""
    try:
        for profile in ARCHIVE_KINDS:
            write("<p>åäö ÅÄÖ</p>", profile, title="Prov", created_at=now, identifier="prov")
    except CannotWrite as error:
        yield fault(PAPERS, str(error), "Installera det som saknas. Se docs/how-to/papers.md.")
    else:
        yield ok(PAPERS, "skrivs som PDF/A, med egna teckensnitt.")
    without = lacking()
    if without:
        yield warning(PAPERS, "prövas bara av Kanalvakt själv, inte av veraPDF.", without)
    else:
        yield ok(PAPERS, "prövas också av veraPDF.")


def pictures(browser: Path = BROWSER) -> Iterator[Finding]:
    """The browser that takes pictures of accounts, really started."""
    if not browser.exists():
        yield warning(PICTURES, "Chromium saknas: administratörerna får ta bilderna.", INSTALL_BROWSER)
    else:
        yield _started(browser)
    if shutil.which("pdftoppm") is None:
        yield warning(PICTURES, "uppladdade PDF-filer kan inte tas emot: Poppler saknas.", INSTALL_POPPLER)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        does = "Kör Kanalvakt som användaren kanalvakt (deployments/server/)."
        yield warning(PICTURES, "tas utan Chromiums sandlåda, eftersom root kör.", does)


def _started(browser: Path) -> Finding:
    try:
        done = subprocess.run(
            [browser, "--version"], capture_output=True, text=True, timeout=BROWSER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return fault(PICTURES, f"{browser} går inte att starta ({type(error).__name__}).", INSTALL_BROWSER)
    return ok(PICTURES, f"tas med {done.stdout.strip()}.")


def clock(*, compared: bool = False) -> Iterator[Finding]:
    """Whether the machine keeps its clock right by the network, as far as it says.

    Where it says nothing that is a warning, unless its clock has been `compared` with another's.
    """
    says = _set_by_network()
    if says == "no":
        yield warning(CLOCK, "ställs inte av nätet.", "Kör: timedatectl set-ntp true")
    elif says == "yes":
        yield ok(CLOCK, "ställs av nätet.")
    elif not compared:
        does = "Se efter att datorn ställer sin klocka efter nätet (timedatectl, chronyc tracking)."
        yield warning(CLOCK, "gick inte att pröva: varken datorn eller Prefect svarade om den.", does)


def _set_by_network() -> str:
    """As timedatectl answers: "yes", "no", or nothing where it knows nothing."""
    program = shutil.which("timedatectl")
    if program is None:
        return ""
    asked = [program, "show", "--property=NTPSynchronized", "--value"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def folders(chosen: InstallationSettings, slugs: list[str]) -> Iterator[Finding]:
    """Where snapshots are left, and where staff lists are read."""
    yield from _archive(chosen.archive_folder)
    yield from _staff(chosen.staff_folder, slugs)


def _archive(folder: Path | None) -> Iterator[Finding]:
    if folder is None:
        yield ok(ARCHIVE, "ingen är vald: bilderna finns i databasen.")
    elif not folder.is_dir():
        yield fault(ARCHIVE, f"{folder} finns inte.", "Skapa den, eller rätta KANALVAKT_ARCHIVE_FOLDER.")
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield fault(ARCHIVE, f"{folder} går inte att skriva i.", f"Kör: chown kanalvakt: {folder}")
    else:
        yield ok(ARCHIVE, f"{folder} går att skriva i.")


def _staff(folder: Path | None, slugs: list[str]) -> Iterator[Finding]:
    if folder is None:
        yield ok(STAFF, "ingen mapp är vald: personer läses in för hand.")
        return
    if not folder.is_dir():
        yield fault(STAFF, f"{folder} finns inte.", "Skapa den, eller rätta KANALVAKT_STAFF_FOLDER.")
        return
    for slug in slugs:
        yield _staff_of(folder / slug)


def _staff_of(folder: Path) -> Finding:
    if not folder.is_dir():
        return warning(STAFF, f"{folder} finns inte.", "Skapa mappen och lägg kommunens lista där.")
    files = [one for one in folder.iterdir() if one.suffix.lower() in (".csv", ".xlsx")]
    if not files:
        return warning(STAFF, f"i {folder} finns ingen CSV- eller XLSX-fil.", "Lägg kommunens lista där.")
    newest = max(files, key=lambda one: one.stat().st_mtime)
    if not os.access(newest, os.R_OK):
        return fault(STAFF, f"{newest} går inte att läsa.", f"Kör: chown kanalvakt: {newest}")
    return ok(STAFF, f"läses ur {newest}.")


def disk(chosen: InstallationSettings) -> Iterator[Finding]:
    """What room there is where something grows."""
    database = file_of(chosen.database_url)
    local = database.resolve().parent if database else None
    growing = (local, chosen.archive_folder, chosen.backup_folder, Path.cwd())
    for folder in dict.fromkeys(one for one in growing if one and one.is_dir()):
        yield _room(folder, shutil.disk_usage(folder).free)


def _room(folder: Path, free: int) -> Finding:
    says = f"{free / 1e9:.1f} GB ledigt i {folder}."
    if free < FULL_BYTES:
        return fault(DISK, says, "Gör plats nu: när det är fullt sparas inga svar.")
    if free < SOON_FULL_BYTES:
        return warning(DISK, says, "Gör plats eller flytta databasen till en större disk.")
    return ok(DISK, says)
