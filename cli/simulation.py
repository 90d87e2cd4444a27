"""kanalvakt simulate, and kanalvakt preview"""

import time
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.installation import stop
from policies.loading import Content, content_of, load_policy
from policies.source import NotLoadable
from simulation.charts import as_page
from simulation.reporting import as_text, report_of, write
from simulation.simulating import Order, simulate
from simulation.town import PEOPLE_AT_LEAST

_DAY = ["%Y-%m-%d"]


def simulate_year(
    policy: Annotated[
        str,
        typer.Option("--policy", help="Regelfilens namn, utan .yaml.", metavar="NAMN", show_default=False),
    ],
    from_on: Annotated[
        datetime,
        typer.Option("--from", help="Första dagen.", metavar="DATUM", formats=_DAY, show_default=False),
    ],
    accounts: Annotated[
        int, typer.Option("--accounts", help="Konton som finns från början.", min=0, max=500)
    ] = 40,
    people: Annotated[int, typer.Option("--people", help="Anställda.", min=PEOPLE_AT_LEAST, max=300)] = 20,
    days: Annotated[int, typer.Option("--days", help="Dagar som spelas upp.", min=1, max=1500)] = 365,
    seed: Annotated[int, typer.Option("--seed", help="Samma frö ger samma år.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Mapp för tabeller och diagram.", metavar="MAPP", show_default=False),
    ] = None,
    timing: Annotated[bool, typer.Option("--timing", help="Visa hur lång tid det tog.")] = False,
) -> None:
    """Spela upp ett påhittat år under en policy, med de regler och ronder som gäller på riktigt.

    Inget skickas och inget läses utifrån. Rapporten säger vad varje roll skulle få, vad som avslutas, vad som
    blir sent och vilka regler som sågs verka.
    """
    order = Order(_content(policy), people, accounts, _first_day(from_on), days, seed)
    began = time.perf_counter()
    report = report_of(simulate(order))
    took = time.perf_counter() - began
    typer.echo(as_text(report), nl=False)
    for path in write(report, out, as_page(report)) if out else []:
        typer.echo(f"Skrev {path}", err=True)
    if timing:
        typer.echo(f"Det tog {took:.1f} sekunder: {days / took:.0f} dagar i sekunden.", err=True)
    if report.played.ledger.broken:
        raise typer.Exit(1)


def _first_day(given: datetime) -> date:
    return given.date()


def _content(policy: str) -> Content:
    try:
        return content_of(load_policy(policy))
    except NotLoadable as not_loadable:
        raise stop("\n".join(str(fault) for fault in not_loadable.faults)) from None
