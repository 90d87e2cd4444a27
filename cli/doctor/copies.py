"""The copies of the database: is there one, is it fresh, and is it still what was written?"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from backups.manifest import Unusable, copies_in, demand_intact
from cli.doctor.findings import Finding, fault, ok, warning
from runtime.settings import InstallationSettings

COPIES = "Säkerhetskopian"
OLD = timedelta(hours=36)
"""One is taken every night."""
CHOOSE = "Välj en mapp på en annan disk med KANALVAKT_BACKUP_FOLDER. Till dess: kanalvakt backup --to MAPP"


def newest_copy(chosen: InstallationSettings, now: datetime) -> Iterator[Finding]:
    """The newest one, read from beginning to end."""
    if chosen.backup_folder is None:
        does = (
            "Välj en mapp på en annan disk med KANALVAKT_BACKUP_FOLDER. Till dess: kanalvakt backup --to MAPP"
        )
        yield warning(COPIES, "tas inte av sig själv: ingen mapp är vald.", does)
        return
    if not _writable(chosen.backup_folder):
        does = f"Kör: install -d -o kanalvakt -g kanalvakt -m 700 {chosen.backup_folder}"
        yield fault(COPIES, f"den här användaren får inte skriva i {chosen.backup_folder}.", does)
        return
    copies = copies_in(chosen.backup_folder)
    if not copies:
        yield warning(COPIES, f"ingen finns i {chosen.backup_folder}.", "Kör: kanalvakt backup")
        return
    try:
        manifest = demand_intact(copies[-1])
    except Unusable as unusable:
        yield fault(COPIES, str(unusable), "Ta en ny: kanalvakt backup")
        return
    if now - manifest.began_at > OLD:
        does = "Se i Prefect varför sakerhetskopia inte går, och ta en nu: kanalvakt backup"
        yield warning(COPIES, f"den nyaste är från {manifest.began_at:%Y-%m-%d %H:%M} UTC.", does)
    elif not manifest.is_whole:
        does = "Se var: kanalvakt audit verify"
        yield fault(COPIES, f"händelseloggen är bruten i {copies[-1].name}.", does)
    else:
        yield ok(COPIES, f"{len(copies)} finns, den nyaste {copies[-1].name} är hel.")


def _writable(folder: Path) -> bool:
    """Whether a copy can be laid there; the folder is made with the first one."""
    nearest = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
