"""kanalvakt import …"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlmodel import Session, col

from acts import importing
from acts.importing import Report
from acts.spreadsheets import read_table
from acts.tables import FILE_LIMIT, NotReadable, RowFault, Table
from acts.work import work
from cli.installation import Slug, database, day_of, municipality_of, stop
from cli.swedish import SwedishApp
from lifecycle.events import By
from models import Municipality, PolicyVersion
from runtime import clock
from runtime.database import reading

app = SwedishApp(help="Läs in enheter, personer och konton som finns, ur CSV eller Excel (XLSX).")

File = Annotated[Path, typer.Argument(help="CSV- eller XLSX-fil.", metavar="FIL", show_default=False)]
Files = Annotated[
    list[Path],
    typer.Argument(
        help="Filen med enheter och filen med personer, eller en XLSX-fil med båda bladen.",
        metavar="FIL",
        show_default=False,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Ändra inget, visa bara vad som skulle hända.")]
Partial = Annotated[bool, typer.Option("--partial", help="Läs in de rader som är rätt, hoppa över de andra.")]
SheetName = Annotated[
    str | None,
    typer.Option("--sheet", help="Bladets namn i en XLSX-fil.", metavar="NAMN", show_default=False),
]
SheetNames = Annotated[
    list[str] | None,
    typer.Option(
        "--sheet",
        help="Bladets namn; först enheternas, sedan personernas.",
        metavar="NAMN",
        show_default=False,
    ),
]
Run = Callable[[Session, Municipality], Sequence[Report]]

_BY = By(None, "cli")
_NOUNS = {"units": "Enheter", "people": "Personer", "accounts": "Konton"}
_SHEETS = ("Enheter", "Personer")
_FAULTS_SHOWN = 200


@app.command()
def units(
    file: File, municipality: Slug, dry_run: DryRun = False, partial: Partial = False, sheet: SheetName = None
) -> None:
    """Läs in enheter och vilka som leder dem.

    Kolumner: kod, namn, nivå (enhet, verksamhet, förvaltning, kommun), överordnad kod, chef (e-post).
    """
    table, now = _table(file, sheet), clock.now()

    def run(session: Session, found: Municipality) -> Sequence[Report]:
        return [importing.import_units(session, found, table, _BY, now, partial=partial, dry_run=dry_run)]

    _carry_out(run, municipality, dry_run)


@app.command()
def people(
    file: File, municipality: Slug, dry_run: DryRun = False, partial: Partial = False, sheet: SheetName = None
) -> None:
    """Läs in personer och deras roller.

    Kolumner: namn, e-post, titel, enhet (kod), ersättare (e-post), roller, språk, slutar (sista dagen).
    Ingen tas bort för att den saknas i filen.
    """
    table, now = _table(file, sheet), clock.now()

    def run(session: Session, found: Municipality) -> Sequence[Report]:
        return [importing.import_people(session, found, table, _BY, now, partial=partial, dry_run=dry_run)]

    _carry_out(run, municipality, dry_run)


@app.command()
def accounts(
    file: File,
    municipality: Slug,
    dry_run: DryRun = False,
    partial: Partial = False,
    sheet: SheetName = None,
    duties_from: Annotated[
        str | None,
        typer.Option(
            "--duties-from",
            help="Dag då reglerna börjar gälla fullt ut för nya konton (ÅÅÅÅ-MM-DD).",
            metavar="DATUM",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Läs in konton som redan finns.

    Kolumner: namn, plattform, adress, enhet (kod), klass, syfte, målgrupp, ansvariga, administratörer,
    ersättare (e-post), inloggning förvaras, öppnat, tillstånd (aktivt, avslutat), avslutat.
    Enheter och personer ska vara inlästa. Skriv aldrig lösenord i filen, bara var inloggningen förvaras.
    Med --duties-from påminns ingen om det som saknas, och inget konto avslutas, före den dagen.
    """
    table, now = _table(file, sheet), clock.now()
    first = day_of(duties_from) if duties_from else None

    def run(session: Session, found: Municipality) -> Sequence[Report]:
        _demand_policy(session, found)
        return [
            importing.import_accounts(
                session, found, table, _BY, now, partial=partial, dry_run=dry_run, duties_from_on=first
            )
        ]

    _carry_out(run, municipality, dry_run)


@app.command()
def organisation(
    files: Files,
    municipality: Slug,
    dry_run: DryRun = False,
    partial: Partial = False,
    sheet: SheetNames = None,
) -> None:
    """Läs in enheter och personer tillsammans.

    Då kan enheternas chefer och personernas enheter stå i var sin av filerna.
    """
    (units_table, people_table), now = _two_tables(files, sheet or []), clock.now()

    def run(session: Session, found: Municipality) -> Sequence[Report]:
        return importing.import_organisation(
            session, found, units_table, people_table, _BY, now, partial=partial, dry_run=dry_run
        )

    _carry_out(run, municipality, dry_run)


def _carry_out(run: Run, slug: str, dry_run: bool) -> None:
    with database() as engine:
        opened = reading(engine) if dry_run else work(engine, clock.now())
        with opened as session:
            reports = run(session, municipality_of(session, slug))
    _tell(reports, dry_run)
    if any(report.faults for report in reports):
        raise typer.Exit(1)


def _demand_policy(session: Session, municipality: Municipality) -> None:
    rows = select(PolicyVersion).where(col(PolicyVersion.municipality_id) == municipality.id).limit(1)
    if session.execute(rows).first() is None:
        raise stop("Kommunen har inga regler än, och konton sköts efter regler. Lägg först in dem.")


def _two_tables(files: Sequence[Path], sheets: Sequence[str]) -> tuple[Table, Table]:
    if len(files) > 2 or len(sheets) > 2:
        raise stop("Ange högst två filer och två blad: först enheterna, sedan personerna.")
    if len(files) == 1:
        named = [*sheets, *_SHEETS[len(sheets) :]]
        return _table(files[0], named[0]), _table(files[0], named[1])
    chosen: list[str | None] = [*sheets, None, None]
    return _table(files[0], chosen[0]), _table(files[1], chosen[1])


def _table(file: Path, sheet: str | None) -> Table:
    try:
        with file.open("rb") as opened:
            content = opened.read(FILE_LIMIT + 1)
    except OSError as error:
        why = "den finns inte" if isinstance(error, FileNotFoundError) else error.strerror
        raise stop(f"Filen {file} går inte att läsa: {why}.") from None
    try:
        return read_table(file.name, content, sheet)
    except NotReadable as not_readable:
        _tell_faults(file.name, not_readable.faults)
        typer.echo("Inget har lästs in.")
        raise typer.Exit(1) from None


def _tell(reports: Sequence[Report], dry_run: bool) -> None:
    refused = not dry_run and not all(report.applied for report in reports)
    for report in reports:
        for note in report.notes:
            typer.echo(f"Upplysning, {report.file}: {note}")
        _tell_faults(report.file, report.faults)
    if refused:
        typer.echo("Inget har lästs in. Rätta felen och kör igen.")
        if any(report.created + report.changed + report.unchanged for report in reports):
            typer.echo("Med --partial läses de rader in som är rätt.")
        return
    if dry_run:
        typer.echo("Provkörning: inget har ändrats. Så här skulle det bli av de rader som är rätt:")
    for report in reports:
        typer.echo(_counts(report))


def _counts(report: Report) -> str:
    counts = f"{report.created} nya, {report.changed} ändrade, {report.unchanged} oförändrade"
    rows = len({fault.row for fault in report.faults if fault.row})
    skipped = f", {rows} med fel" if report.faults else ""
    return f"{_NOUNS[report.what]} ur {report.file}: {counts}{skipped}."


def _tell_faults(file: str, faults: Sequence[RowFault]) -> None:
    for fault in faults[:_FAULTS_SHOWN]:
        typer.echo(_line(fault))
    if len(faults) > _FAULTS_SHOWN:
        typer.echo(f"… och {len(faults) - _FAULTS_SHOWN} till.")
    if faults:
        typer.echo(f"\n{len(faults)} fel i {file}.")


def _line(fault: RowFault) -> str:
    """Where, what stands there, and how to write it."""
    place = ", ".join(
        word
        for word in (
            f"rad {fault.row}" if fault.row else "",
            f"cell {fault.cell}" if fault.cell else "",
            fault.column,
        )
        if word
    )
    value = f" ”{fault.value}”" if fault.value and fault.value != fault.column else ""
    return f"{fault.file}, {place}{value}: {fault.says}" if place else f"{fault.file}: {fault.says}"
