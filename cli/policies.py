"""kanalvakt policies …"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from acts import policies
from acts.process_pictures import picture_of_rules
from acts.work import work
from cli.beginning.writing import FILL_IN
from cli.differing import difference_lines, letter_lines, meaning_lines
from cli.drawing import write_documentation, write_pictures
from cli.installation import Slug, database, municipality_of, policy_folder, stop
from cli.swedish import SwedishApp
from lifecycle.comparing import meaning_of_change, other_law
from lifecycle.events import By
from lifecycle.guideline_review import Size
from lifecycle.identifying import steps_with_sign_in, wants_anybody_to_sign_in
from lifecycle.law import law_in_force
from lifecycle.refusals import SAYS, Refused
from policies.comparing import differences
from policies.coverage import How, account_for, as_table
from policies.defaults import numbers_left_open
from policies.faults import Fault, faults_in_files
from policies.json_schema import SCHEMA_FOLDER, write_schemas
from policies.keys import Signing
from policies.loading import (
    GUIDELINES,
    HERE,
    MUNICIPALITIES,
    Content,
    content_of,
    load_policy,
    names_in,
    policy_from_content,
)
from policies.naming import listed
from policies.policy import Policy
from policies.showing import as_text
from policies.source import NotLoadable
from runtime import clock
from runtime.database import reading
from runtime.settings import settings
from simulation.forecasting import Coming, coming_letters

app = SwedishApp(help="Kommunernas regler: kontrollera, visa, redovisa.")

Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder", help="Mapp med guidelines och municipalities.", metavar="MAPP", show_default=False
    ),
]
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
        Path | None,
        typer.Argument(help="Mapp med regler, eller en av filerna.", metavar="SÖKVÄG", show_default=False),
    ] = None,
) -> None:
    """Kontrollera regelfilerna och visa alla fel på en gång.

    Där en punkt inte säger hur ofta eller hur snart visas vilken inställning som gäller.
    """
    own = settings().policy_folder
    if path is None and own is not None:
        check_one(HERE, only_faults=True)
    check_one(path or own or HERE)


def check_one(path: Path, *, only_faults: bool = False) -> None:
    """Tell of all faults in a folder or one of its files, and end if there are any."""
    folder = path.resolve().parent.parent if path.is_file() else path
    faults = [fault for fault in faults_in_files(folder) if folder == path or _is_about(fault, path)]
    if not only_faults:
        _tell_what_is_unsaid(path, folder)
    if faults:
        _tell(faults)
        raise typer.Exit(1)
    typer.echo(f"Inga fel i {_files(_count_of_files(path, folder))}.")


def _tell_what_is_unsaid(path: Path, folder: Path) -> None:
    """What is no fault, and what its writer may still want to say."""
    for kind in (GUIDELINES, MUNICIPALITIES):
        for name in names_in(folder, kind):
            if folder == path or (path.stem == name and path.parent.name == kind):
                _tell_what_is_to_fill_in(folder / kind / f"{name}.yaml")
                if kind == MUNICIPALITIES:
                    _tell_what_is_left_open(name, folder)


def _tell_what_is_to_fill_in(file: Path) -> None:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except PermissionError:
        return  # Told among its faults.
    lines = enumerate(text.splitlines(), start=1)
    left = [str(number) for number, line in lines if FILL_IN in line.partition("#")[0]]
    if left:
        typer.echo(f"Upplysning, {file.parent.name}/{file.name}: {FILL_IN} står kvar på rad {listed(left)}.")


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
    _tell_who_signs_in(name, policy)


_OTHER_DECISIONS = (
    "den som beslutar ska logga in också för nya regler, utvärderingar, bedömningar och det som bekräftas."
)


def _tell_who_signs_in(name: str, policy: Policy) -> None:
    """Which answers want more than a link, and whether there is anywhere to sign in."""
    steps = steps_with_sign_in(policy)
    if not wants_anybody_to_sign_in(policy):
        return
    if steps:
        typer.echo(f"Upplysning, {name}: den som svarar ska logga in i {len(steps)} steg: {', '.join(steps)}")
    if policy.settings.signing is Signing.SIGN_IN:
        typer.echo(f"Upplysning, {name}: {_OTHER_DECISIONS}")
    if policies.wants_sign_in_without_provider(settings(), name, policy):
        typer.echo(f"Upplysning, {name}: {SAYS['provider_missing']}")


@app.command()
def show(name: Name, folder: Folder = None) -> None:
    """Visa en kommuns regler på vanlig svenska, med de punkter de vilar på."""
    folder = folder or policy_folder()
    with _faults_told():
        policy = load_policy(name, folder)
        typer.echo(as_text(policy, content_of(policy, folder)), nl=False)


@app.command()
def coverage(
    name: Annotated[
        str | None,
        typer.Argument(help="Regelfilens namn; utan namn alla.", metavar="NAMN", show_default=False),
    ] = None,
    folder: Folder = None,
) -> None:
    """Visa hur varje punkt i riktlinjen är redovisad: utförs, frågas, visas eller utanför."""
    folder = folder or policy_folder()
    missing = False
    with _faults_told():
        for one in [name] if name else names_in(folder, MUNICIPALITIES):
            policy = load_policy(one, folder)
            accounts = account_for(policy, folder)
            typer.echo(as_table(policy, accounts))
            missing = missing or any(account.how is How.MISSING for account in accounts)
    if missing:
        raise typer.Exit(1)


OldName = Annotated[
    str, typer.Argument(help="Regelfilens namn eller sökväg, eller nu.", metavar="GAMLA", show_default=False)
]
NewName = Annotated[
    str, typer.Argument(help="Regelfilens namn eller sökväg.", metavar="NYA", show_default=False)
]
IN_FORCE = "nu"
"""In place of a file: the version that a municipality has in force."""


@app.command()
def compare(
    old: OldName,
    new: NewName,
    municipality: Annotated[
        str | None,
        typer.Option("--municipality", help="Kommunens kortnamn.", metavar="KORTNAMN", show_default=False),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="Vilken dag; annars nyas första dag.", metavar="DAG"),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", help="Dagar framåt som breven räknas; 0 räknar inga.", min=0, max=400)
    ] = 90,
) -> None:
    """Visa vad nya regler ändrar, innan de gäller.

    Med --municipality visas också vad de betyder för kommunens konton den dagen: plikter, uppgifter och det
    som genast vore för sent, och hur breven blir fler eller färre om ingen svarar. Skriv nu i stället för den
    gamla filen för de regler som gäller.
    """
    if old == IN_FORCE and municipality is None:
        raise stop("Säg vilken kommuns regler som gäller nu: --municipality KORTNAMN.")
    after = _content_at(new)
    if municipality is None:
        _echo(difference_lines(differences(_content_at(old), after)))
        return
    before = None if old == IN_FORCE else _content_at(old)
    with database() as engine:
        with reading(engine) as session:
            law = law_in_force(session, municipality_of(session, municipality).id or 0, clock.now())
            law = other_law(law, before) if before else law
            day = on.date() if on else max(policy_from_content(after).valid_from, law.day_of(clock.now()))
            _echo(difference_lines(differences(law.content, after)))
            _echo(meaning_lines(meaning_of_change(session, law, other_law(law, after), day), day))
        if days:
            _echo(letter_lines(*_letters(engine, law.municipality_id, before, after, days), days))


def _letters(
    engine: Engine, municipality_id: int, before: Content | None, after: Content, days: int
) -> tuple[list[Coming], list[Coming]]:
    """The coming letters under the one and under the other, as if nobody answered."""
    now = clock.now()
    return (
        coming_letters(engine, municipality_id, now, days, proposed=before),
        coming_letters(engine, municipality_id, now, days, proposed=after),
    )


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


def _content_at(name: str) -> Content:
    """What is stored of a file, named among the product's own or by its path; an end with its faults."""
    with _faults_told():
        path = Path(name)
        if path.suffix != ".yaml":
            return content_of(load_policy(name, policy_folder()), policy_folder())
        return content_of(load_policy(path.stem, _folder_of(path)), _folder_of(path))


def _folder_of(path: Path) -> Path:
    """The folder with a file's guidelines beside it."""
    if not path.exists():
        raise stop(f"Filen {path} finns inte.")
    if path.resolve().parent.name != MUNICIPALITIES:
        raise stop(f"Lägg {path.name} i en mapp {MUNICIPALITIES}, med mappen {GUIDELINES} bredvid.")
    return path.resolve().parent.parent


class SizeWord(StrEnum):
    """How much a change is, on the command line."""

    SMALL = "small"
    LARGE = "large"


@app.command()
def adopt(
    name: NewName,
    municipality: Slug,
    size: Annotated[
        SizeWord,
        typer.Option("--size", help="Mindre (small) eller större (large) ändring.", show_default=False),
    ],
    by: Annotated[
        str | None,
        typer.Option(
            "--by", help="Arbetsadress till den som föreslår.", metavar="ADRESS", show_default=False
        ),
    ] = None,
) -> None:
    """Föreslå nya regler för en kommun. De gäller när den som riktlinjen pekar ut har godkänt dem."""
    content, now = _content_at(name), clock.now()
    with database() as engine, work(engine, now) as session:
        owner = municipality_of(session, municipality)
        try:
            proposer = policies.proposer(session, owner, by, now) if by else None
            proposed_by = By(proposer, "cli")
            task = policies.propose(session, owner.id or 0, content, Size(size), proposed_by, now)
        except Refused as refused:
            raise stop(refused.says()) from None
        asked = policies.asked_about(session, task)
    typer.echo(f"Förslaget är inlagt. Frågan har gått till: {', '.join(asked)}.")
    typer.echo("Inget ändras förrän någon av dem har godkänt det.")


@app.command()
def schema(
    folder: Annotated[Path, typer.Option("--folder", help="Mapp att skriva till.")] = SCHEMA_FOLDER,
) -> None:
    """Skriv schemat som textredigerare läser, så att de föreslår nycklar och stryker under fel."""
    for path in write_schemas(folder):
        typer.echo(f"Skrev {path}")


@app.command()
def picture(
    name: Annotated[
        str | None,
        typer.Argument(help="Regelfilens namn; utan namn alla.", metavar="NAMN", show_default=False),
    ] = None,
    folder: Folder = None,
    out: Annotated[Path, typer.Option("--out", help="Mapp att skriva bilderna i.", metavar="MAPP")] = Path(),
    docs: Annotated[
        Path | None,
        typer.Option(
            "--docs",
            help="Skriv i stället dokumentationens sida och bilder, i den här mappen.",
            metavar="MAPP",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Rita processen som reglerna ger: en bild för bred skärm och en för telefon, och samma sak i ord."""
    folder = folder or (HERE if docs else policy_folder())
    with _faults_told():
        names = [name] if name else names_in(folder, MUNICIPALITIES)
        pictures = {one: picture_of_rules(content_of(load_policy(one, folder), folder)) for one in names}
    for path in write_documentation(pictures, docs) if docs else write_pictures(pictures, out):
        typer.echo(f"Skrev {path}")
