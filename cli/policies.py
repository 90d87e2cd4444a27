"""kanalvakt policies …"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.swedish import SwedishApp
from policies.coverage import How, account_for, as_table
from policies.defaults import numbers_left_open
from policies.faults import Fault, faults_in_files
from policies.json_schema import SCHEMA_FOLDER, write_schemas
from policies.loading import GUIDELINES, HERE, MUNICIPALITIES, content_of, load_policy, names_in
from policies.showing import as_text
from policies.source import NotLoadable

app = SwedishApp(help="Kommunernas regler: kontrollera, visa, redovisa.")

Folder = Annotated[Path, typer.Option("--folder", help="Mapp med guidelines och municipalities.")]
Name = Annotated[
    str, typer.Argument(help="Regelfilens namn, utan .yaml.", metavar="NAMN", show_default=False)
]


@contextmanager
def _faults_told() -> Iterator[None]:
    try:
        yield
    except NotLoadable as not_loadable:
        _tell(not_loadable.faults)
        raise typer.Exit(1) from None


def _tell(faults: list[Fault]) -> None:
    for fault in faults:
        typer.echo(str(fault))
    files = len({fault.file for fault in faults})
    typer.echo(f"\n{len(faults)} fel i {_files(files)}.")


def _files(count: int) -> str:
    return f"{count} fil" if count == 1 else f"{count} filer"


@app.command()
def check(
    path: Annotated[
        Path,
        typer.Argument(help="Mapp med regler, eller en av filerna.", metavar="SÖKVÄG", show_default=False),
    ] = HERE,
) -> None:
    """Kontrollera regelfilerna och visa alla fel på en gång.

    Där en punkt inte säger hur ofta eller hur snart visas vilken inställning som gäller.
    """
    folder = path.resolve().parent.parent if path.is_file() else path
    faults = [fault for fault in faults_in_files(folder) if folder == path or _is_about(fault, path)]
    for name in names_in(folder, MUNICIPALITIES):
        if folder == path or (path.stem == name and path.parent.name == MUNICIPALITIES):
            _tell_what_is_left_open(name, folder)
    if faults:
        _tell(faults)
        raise typer.Exit(1)
    typer.echo(f"Inga fel i {_files(_count_of_files(path, folder))}.")


def _is_about(fault: Fault, path: Path) -> bool:
    return fault.file == f"{path.resolve().parent.name}/{path.name}"


def _count_of_files(path: Path, folder: Path) -> int:
    return 1 if path.is_file() else sum(len(names_in(folder, kind)) for kind in (GUIDELINES, MUNICIPALITIES))


def _tell_what_is_left_open(name: str, folder: Path) -> None:
    try:
        policy = load_policy(name, folder)
    except NotLoadable:
        return
    for one in numbers_left_open(policy):
        typer.echo(f"Upplysning, {name}: {one}")


@app.command()
def show(name: Name, folder: Folder = HERE) -> None:
    """Visa en kommuns regler på vanlig svenska, med de punkter de vilar på."""
    with _faults_told():
        policy = load_policy(name, folder)
        typer.echo(as_text(policy, content_of(policy, folder)), nl=False)


@app.command()
def coverage(
    name: Annotated[
        str | None,
        typer.Argument(help="Regelfilens namn; utan namn alla.", metavar="NAMN", show_default=False),
    ] = None,
    folder: Folder = HERE,
) -> None:
    """Visa hur varje punkt i riktlinjen är redovisad: utförs, frågas, visas eller utanför."""
    missing = False
    with _faults_told():
        for one in [name] if name else names_in(folder, MUNICIPALITIES):
            policy = load_policy(one, folder)
            accounts = account_for(policy, folder)
            typer.echo(as_table(policy, accounts))
            missing = missing or any(account.how is How.MISSING for account in accounts)
    if missing:
        raise typer.Exit(1)


@app.command()
def schema(
    folder: Annotated[Path, typer.Option("--folder", help="Mapp att skriva till.")] = SCHEMA_FOLDER,
) -> None:
    """Skriv schemat som textredigerare läser, så att de föreslår nycklar och stryker under fel."""
    for path in write_schemas(folder):
        typer.echo(f"Skrev {path}")
