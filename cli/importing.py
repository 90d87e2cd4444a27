"""kanalvakt import …"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from acts import importing
from acts.importing import Report
from acts.spreadsheets import read_table
from acts.tables import NotReadable, RowFault, Table
from acts.work import work
from cli.installation import Slug, database, municipality_of, stop
from cli.swedish import SwedishApp
from lifecycle.events import By
from models import Municipality
from runtime import clock
from runtime.database import reading

app = SwedishApp(help="Läs in enheter, personer och befintliga konton från CSV eller Excel (XLSX).")

File = Annotated[Path, typer.Argument(help="CSV- eller XLSX-fil.", metavar="FIL", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Visa bara vad som skulle hända.")]
Partial = Annotated[bool, typer.Option("--partial", help="Läs in rader som är rätt, hoppa över de andra.")]
SheetName = Annotated[
    str | None, typer.Option("--sheet", help="Bladets namn i en XLSX-fil.", metavar="NAMN", show_default=False)
]
_BY = By(None, "cli")
_NOUNS = {
    "units": ("Enheter", "nya", "ändrade", "oförändrade"),
    "people": ("Personer", "nya", "ändrade", "oförändrade"),
    "accounts": ("Konton", "nya", "ändrade", "oförändrade"),
}
_SHEETS = ("Enheter", "Personer")

Run = Callable[[Session, Municipality, Any], Sequence[Report]]


@app.command()
def units(
    file: File, municipality: Slug, dry_run: DryRun = False, partial: Partial = False, sheet: SheetName = None
) -> None:
    """Läs in enheter: kod, namn, nivå, överordnad kod, chef."""
    _run(importing.import_units, [_table(file, sheet)], municipality, dry_run, partial)


@app.command()
def people(
    file: File, municipality: Slug, dry_run: DryRun = False, partial: Partial = False, sheet: SheetName = None
) -> None:
    """Läs in personer: namn, e-post, titel, enhet, ersättare, roller, slutar (sista dag)."""
    _run(importing.import_people, [_table(file, sheet)], municipality, dry_run, partial)


@app.command()
def accounts(
    file: File, municipality: Slug, dry_run: DryRun = False, partial: Partial = False, sheet: SheetName = None
) -> None:
    """Läs in konton som redan finns: namn, plattform, adress, enhet, ansvariga med mera.

    Enheter och personer ska vara inlästa först. Skriv aldrig lösenord i filen.
    """
    _run(importing.import_accounts, [_table(file, sheet)], municipality, dry_run, partial)
