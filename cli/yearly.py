"""kanalvakt report …"""

from pathlib import Path
from typing import Annotated

import typer

from acts.yearly_report import as_pdf, as_workbook
from acts.yearly_tables import report_of
from cli.installation import Slug, database, municipality_of, stop
from cli.records import Out, saved
from lifecycle.law import law_in_force
from lifecycle.yearly_report import year_of
from papers.refusing import CannotWrite
from runtime import clock
from runtime.database import reading


def report(
    year: Annotated[int, typer.Argument(help="Året, t.ex. 2026.", metavar="ÅR", min=2000, max=2200)],
    municipality: Slug,
    out: Out = Path("."),
) -> None:
    """Skriv årsrapporten: vad som hände med kontona under ett år, som PDF och som Excel."""
    now = clock.now()
    with database() as engine, reading(engine) as session:
        owner = municipality_of(session, municipality)
        law = law_in_force(session, owner.id or 0, now)
        counted = report_of(session, law, owner.name, year_of(law, year, now))
    if not counted.months:
        raise stop(f"{year} har inte börjat än.")
    try:
        files = {"pdf": as_pdf(counted, now, owner.time_zone)}
    except CannotWrite as cannot:
        raise stop(str(cannot)) from None
    files["xlsx"] = as_workbook(counted, now, owner.time_zone)
    for form, content in files.items():
        typer.echo(f"Sparad: {saved(out / f'{owner.slug} {year}.{form}', content)}")
