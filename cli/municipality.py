"""kanalvakt municipality …, and kanalvakt migrate"""

import os
from contextlib import suppress
from typing import Annotated

import typer
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

import migrations
from acts.municipalities import NewMunicipality, NotAdded, add_municipality
from acts.work import work
from cli.installation import database, database_address, policy_folder, stop
from cli.swedish import SwedishApp
from lifecycle.events import By
from policies.loading import Content, content_of, load_policy
from policies.source import NotLoadable
from runtime import clock

app = SwedishApp(help="Kommunerna i den här installationen.")

_BY = By(None, "cli")


@app.command()
def add(
    slug: Annotated[
        str,
        typer.Argument(
            help="Kortnamn: små bokstäver a–z, siffror och -.", metavar="KORTNAMN", show_default=False
        ),
    ],
    name: Annotated[str, typer.Option("--name", help="Kommunens namn.", metavar="NAMN", show_default=False)],
    mail_domain: Annotated[
        list[str],
        typer.Option(
            "--mail-domain",
            help="Domän i arbetsadresser; kan anges flera gånger.",
            metavar="DOMÄN",
            show_default=False,
        ),
    ],
    sender: Annotated[
        str, typer.Option("--sender", help="Brevens avsändare.", metavar="ADRESS", show_default=False)
    ],
    policy: Annotated[
        str, typer.Option("--policy", help="Regelfilens namn, utan .yaml.", metavar="NAMN")
    ] = "mall",
    registry: Annotated[
        str | None,
        typer.Option("--registry", help="Diariets adress.", metavar="ADRESS", show_default=False),
    ] = None,
    notice_address: Annotated[
        str | None,
        typer.Option(
            "--notice-address",
            help="Kommunikationsenhetens gemensamma brevlåda.",
            metavar="ADRESS",
            show_default=False,
        ),
    ] = None,
    zone: Annotated[
        str, typer.Option("--zone", help="Tidszonen som dagarna räknas i.", metavar="ZON")
    ] = "Europe/Stockholm",
) -> None:
    """Lägg till en kommun med dess regler."""
    domains = [domain.strip().lower().removeprefix("@") for domain in mail_domain]
    new = NewMunicipality(slug, name, domains, sender, registry, notice_address, zone)
    content, now = _content(policy), clock.now()
    try:
        with database() as engine, work(engine, now) as session:
            add_municipality(session, new, content, _BY, now)
    except NotAdded as not_added:
        raise stop("\n".join(not_added.faults)) from None
    typer.echo(f"{name} är tillagd, med reglerna i {policy}.yaml.")
    typer.echo(f"Läs nu in enheter och personer: kanalvakt import organisation … --municipality {slug}")


def _content(policy: str) -> Content:
    try:
        return content_of(load_policy(policy, policy_folder()), policy_folder())
    except NotLoadable as not_loadable:
        raise stop("\n".join(str(fault) for fault in not_loadable.faults)) from None


def migrate() -> None:
    """Skapa eller uppdatera databasens tabeller."""
    url = database_address()
    _make_private(url)
    try:
        migrations.upgrade(url)
    except migrations.WrongVersion as newer:
        raise stop(str(newer)) from None
    except OperationalError as error:
        raise stop(f"Databasen går inte att nå: {error.orig}. Se KANALVAKT_DATABASE_URL.") from None
    typer.echo(f"Databasen är uppdaterad: {make_url(url).render_as_string(hide_password=True)}")


def _make_private(url: str) -> None:
    """A new SQLite file is its owner's alone, whatever the shell's umask: what lies beside it follows it."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        with suppress(OSError):  # There already; or the folder is missing, which SQLite says better.
            os.close(os.open(address.database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
