"""kanalvakt simulate, and kanalvakt preview"""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from cli.installation import database, policy_folder, stop
from lifecycle.addresses import address_key
from lifecycle.refusals import Refused
from lifecycle.states import FINAL
from models import Account, Municipality
from policies.loading import Content, content_of, load_policy
from policies.source import NotLoadable
from runtime import clock
from runtime.database import reading
from simulation.charts import as_page
from simulation.forecasting import Coming, NotPlayed, coming_letters
from simulation.post import Samples
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
    letters: Annotated[
        int,
        typer.Option("--letters", help="Skriv så många brev, ett av varje slag, i mappen.", min=0, max=60),
    ] = 0,
    timing: Annotated[bool, typer.Option("--timing", help="Visa hur lång tid det tog.")] = False,
) -> None:
    """Spela upp ett påhittat år under en policy, med de regler och ronder som gäller på riktigt.

    Inget skickas och inget läses utifrån. Rapporten säger vad varje roll skulle få, vad som avslutas, vad som
    blir sent och vilka regler som sågs verka.
    """
    order = Order(_content(policy), people, accounts, from_on.date(), days, seed)
    if letters and out is None:
        raise stop("Säg med --out i vilken mapp breven ska skrivas.")
    samples = Samples(out / "brev", letters) if out and letters else None
    began = time.perf_counter()
    report = report_of(simulate(order, samples))
    took = time.perf_counter() - began
    typer.echo(as_text(report), nl=False)
    for path in write(report, out, as_page(report)) if out else []:
        typer.echo(f"Skrev {path}", err=True)
    if timing:
        typer.echo(f"Det tog {took:.1f} sekunder: {days / took:.0f} dagar i sekunden.", err=True)
    if report.played.ledger.broken:
        raise typer.Exit(1)


def _content(policy: str) -> Content:
    try:
        return content_of(load_policy(policy, policy_folder()), policy_folder())
    except NotLoadable as not_loadable:
        raise stop("\n".join(str(fault) for fault in not_loadable.faults)) from None


def preview(
    account: Annotated[
        str,
        typer.Argument(help="Kontots nummer, adress eller namn.", metavar="KONTO", show_default=False),
    ],
    days: Annotated[int, typer.Option("--days", help="Dagar framåt.", min=1, max=400)] = 90,
    everybody_answers: Annotated[
        bool, typer.Option("--everybody-answers", help="Som om alla svarar samma dag; annars svarar ingen.")
    ] = False,
    letters: Annotated[
        Path | None,
        typer.Option(
            "--letters", help="Mapp för ett brev av varje slag.", metavar="MAPP", show_default=False
        ),
    ] = None,
) -> None:
    """Visa vilka brev som väntar för ett konto: när, till vem och om vad.

    Kontots uppgifter kopieras och klockan flyttas i kopian. Ingenting skickas och inget ändras.
    """
    samples = Samples(letters, _SAMPLES) if letters else None
    with database() as engine:
        with reading(engine) as session:
            found = _account(session, account)
            zone = ZoneInfo(session.get_one(Municipality, found.municipality_id).time_zone)
        try:
            coming = coming_letters(
                engine,
                found.municipality_id,
                clock.now(),
                days,
                account_ids=[found.id or 0],
                everybody_answers=everybody_answers,
                samples=samples,
            )
        except NotPlayed as not_played:
            raise stop(f"Det gick inte att spela upp dagarna:\n{not_played}") from None
    _tell(found, coming, days, everybody_answers, zone)
    for path in samples.written if samples else ():
        typer.echo(f"Skrev {path}", err=True)


_SAMPLES = 30


def _account(session: Session, given: str) -> Account:
    """The account that is meant, or an end with those that may be."""
    rows = select(Account).where(_is_meant(given), col(Account.state).not_in(list(FINAL)))
    found = list(session.execute(rows.order_by(col(Account.id))).scalars())
    if not found:
        raise stop(f"Inget levande konto heter ”{given}”. Skriv kontots nummer, adress eller hela namn.")
    if len(found) > 1:
        listed = "\n".join(f"  {one.id}  {one.name}  {one.address}" for one in found)
        raise stop(f"Flera konton heter ”{given}”. Skriv numret:\n{listed}")
    account: Account = found[0]
    return account


def _is_meant(given: str) -> ColumnElement[bool]:
    if given.isdecimal():
        return col(Account.id) == int(given)
    try:
        key = address_key(given)
    except Refused:
        key = None
    return (col(Account.name) == given) | (col(Account.address_key) == key)


def _tell(account: Account, coming: Sequence[Coming], days: int, answers: bool, zone: ZoneInfo) -> None:
    assumed = "om alla svarar samma dag" if answers else "om ingen svarar"
    typer.echo(
        f"{account.name or 'Ansökan'} ({account.id}): {_letters(len(coming))} på {days} dagar, {assumed}"
    )
    for run in _runs(coming):
        first, last = (one.at.astimezone(zone) for one in (run[0], run[-1]))
        until = f" till {last:%Y-%m-%d}, {len(run)} brev" if len(run) > 1 else ""
        typer.echo(f"{first:%Y-%m-%d %H.%M}{until}  {run[0].to}: {run[0].about}")


def _runs(coming: Sequence[Coming]) -> list[list[Coming]]:
    """Mornings that say the same to the same person, one after another, are one line."""
    runs: list[list[Coming]] = []
    latest: dict[str, list[Coming]] = {}
    for one in coming:
        run = latest.get(one.to)
        if run and one.notice == run[0].notice == "morning" and one.about == run[0].about:
            run.append(one)
        else:
            latest[one.to] = [one]
            runs.append(latest[one.to])
    return runs


def _letters(count: int) -> str:
    return f"{count} brev" if count else "inget brev"
