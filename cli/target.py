"""`kanalvakt target …`: channels in Teams or Slack that get news, never a deciding link."""

from typing import Annotated

import typer
from cryptography.fernet import Fernet

from acts import targets
from acts.work import work
from cli.installation import database, municipality_of
from cli.swedish import SwedishApp
from runtime.clock import now
from runtime.database import reading
from runtime.settings import settings

app = SwedishApp(help="Kanaler som får nyheter: Teams, Slack. Aldrig en länk som beslutar.")
Slug = Annotated[str, typer.Option("--municipality", help="kommunens kortnamn")]


@app.command()
def key() -> None:
    """Skapa en nyckel att sätta i KANALVAKT_TARGET_KEYS."""
    typer.echo(Fernet.generate_key().decode())


@app.command()
def add(name: str, municipality: Slug) -> None:
    """Lägg till en kanal. Adressen frågas efter, så att den inte hamnar i skalets historik."""
    url = typer.prompt("Adress", hide_input=True)
    try:
        with database() as engine, work(engine, now()) as session:
            owner = municipality_of(session, municipality)
            target = targets.add(session, targets.rules_of(settings()), owner.id or 0, name, url, now())
    except targets.TargetRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused
    typer.echo(f"Kanalen {target.id} ({target.name}) är tillagd: {target.masked}")


@app.command("list")
def list_targets(municipality: Slug) -> None:
    """Visa kanalerna, med adresserna dolda."""
    with database() as engine, reading(engine) as session:
        for target in targets.active_targets(session, municipality_of(session, municipality).id or 0):
            typer.echo(f"{target.id}  {target.name}  {target.masked}")


@app.command()
def remove(target_id: int, municipality: Slug) -> None:
    """Ta bort en kanal."""
    with database() as engine, work(engine, now()) as session:
        owner = municipality_of(session, municipality)
        found = targets.remove(session, owner.id or 0, target_id, now())
        if found is None:
            typer.echo(f"Kommunen har ingen kanal {target_id}. Se: kanalvakt target list.", err=True)
            raise typer.Exit(1)
    typer.echo(f"Kanalen {found.name} är borttagen.")
