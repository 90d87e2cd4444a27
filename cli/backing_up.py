"""kanalvakt backup, and kanalvakt restore"""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from backups.lost import Lost
from backups.manifest import events_in_words, said_of
from backups.one_municipality import Unknown
from backups.places import NotTaken
from backups.restoring import NotRestored, Restored
from backups.restoring import restore as put_back
from backups.taking import Taken, take
from cli.installation import database, database_address, stop
from runtime import clock
from runtime.settings import settings

SHOWN = 20
_NOT_IN_IT = (
    "Inställningar och hemligheter (/etc/kanalvakt) och Prefects databas är inte med. Kopian innehåller "
    "personuppgifter: förvara den som databasen."
)


def backup(
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help="Mapp att lägga kopian i; utan den KANALVAKT_BACKUP_FOLDER.",
            metavar="MAPP",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep",
            help="Så många kopior sparas i mappen; utan den KANALVAKT_BACKUP_KEEP.",
            metavar="ANTAL",
            min=1,
            show_default=False,
        ),
    ] = None,
    municipality: Annotated[
        str | None,
        typer.Option(
            "--municipality",
            help="Bara en kommun, som en egen databas.",
            metavar="KORTNAMN",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Ta en säkerhetskopia av databasen. Allt får vara igång."""
    folder = to or settings().backup_folder
    if folder is None:
        raise stop("Säg var kopian ska läggas, med --to MAPP eller KANALVAKT_BACKUP_FOLDER.")
    try:
        with database() as engine:
            taken = take(engine, folder, keep or settings().backup_keep, clock.now(), municipality or "")
    except NotTaken as not_taken:
        raise stop(str(not_taken)) from None
    except Unknown:
        raise stop(f"Ingen kommun har kortnamnet {municipality}. Ingen kopia togs.") from None
    _tell_taken(taken)


def _tell_taken(taken: Taken) -> None:
    typer.echo(f"Säkerhetskopian ligger i {taken.copy}")
    typer.echo(f"{taken.manifest.bytes} byte, läst igen och hel. I den finns:")
    for line in said_of(taken.manifest.chains):
        typer.echo(line)
    if taken.thrown_away:
        typer.echo(f"Kastade äldre kopior: {', '.join(taken.thrown_away)}")
    typer.echo(_NOT_IN_IT)
    broken = [one.name for one in taken.manifest.chains if one.breaks]
    if broken:
        raise stop(
            f"Händelseloggen är bruten för {', '.join(broken)}, i kopian som i databasen. "
            "Kör: kanalvakt audit verify"
        )


def restore(
    copy: Annotated[
        Path, typer.Argument(help="Mappen med säkerhetskopian.", metavar="KOPIA", show_default=False)
    ],
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway",
            help="Också när en arbetare nyss gav livstecken, eller när kopians händelselogg är bruten.",
        ),
    ] = False,
) -> None:
    """Lägg tillbaka en säkerhetskopia. Stoppa tjänsterna först; den gamla databasen läggs undan."""
    try:
        restored = put_back(database_address(), copy, clock.now(), anyway=anyway)
    except NotRestored as not_restored:
        raise stop(str(not_restored)) from None
    _tell_restored(restored)


def _tell_restored(restored: Restored) -> None:
    at = restored.manifest.began_at
    where = make_url(settings().database_url).render_as_string(hide_password=True)
    typer.echo(f"Nu är allt i {where} som det var {at:%Y-%m-%d %H:%M:%S} UTC.")
    for line in said_of(restored.manifest.chains):
        typer.echo(line)
    if restored.migrated_from:
        typer.echo(f"Kopian var av version {restored.migrated_from} och har uppdaterats.")
    if restored.aside:
        typer.echo(f"Den gamla databasen ligger undan i {restored.aside}. Ta bort den när den inte behövs.")
    for line in _told_of_lost(restored):
        typer.echo(line)
    for line in restored.found.untrue[:SHOWN]:
        typer.echo(f"Villkor som inte är uppfyllt: {line}")
    typer.echo(_WHAT_NOW)


def _told_of_lost(restored: Restored) -> list[str]:
    if restored.lost is None:
        return ["Den gamla databasen gick inte att läsa: vad som hänt efter kopian går inte att säga."]
    if not restored.lost:
        return ["Inget har hänt i den gamla databasen efter kopian." if restored.aside else ""]
    return ["Det här hände efter kopian och är borta:", *map(_told_of, restored.lost)]


def _told_of(one: Lost) -> str:
    if one.is_other:
        return f"  {one.name}: den gamla databasens händelselogg är en annan än kopians."
    return (
        f"  {one.name}: {events_in_words(one.events)}, av dem {one.answers} svar; {one.letters} brev hade "
        f"gått. Det sista {one.last_at:%Y-%m-%d %H:%M:%S} UTC."
    )


_WHAT_NOW = """Gör nu:
  1. Starta: systemctl start kanalvakt.target. Prefect får nya körningar för alla konton av sig själv.
  2. Kör: kanalvakt doctor
  3. Säg till kommunikationsenheten vilken tid det gäller. Det som svarades eller söktes efter kopian får
     göras om. Länkar i brev från tiden före kopian gäller; länkar från tiden efter den gäller inte, och sidan
     säger hur man får en ny. Brev som väntade när kopian togs går en gång till, med samma Message-ID."""
