"""kanalvakt new-municipality"""

import re
import shlex
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from acts.municipalities import NewMunicipality
from cli.beginning.choices import AS_BEFORE, CHOICES, Choice
from cli.beginning.writing import BELOW, FILL_IN, Plan, paths, write
from cli.installation import stop
from cli.policies import check_one
from policies.loading import MUNICIPALITIES, known_names
from runtime import clock
from runtime.settings import settings

OWN_FOLDER = Path("regler")
"""Where the own files go when neither the setting nor an option says."""
TEMPLATE = "mall"

Value = TypeVar("Value")
Read = Callable[[str], Value]


class NotUsable(ValueError):
    """An answer that cannot be used; the text says why and how to write it."""


@dataclass(frozen=True)
class Asking:
    """Answers come from the options first, then from whoever sits there, or are the suggested ones."""

    questions: bool

    def about(self, question: str, given: str | None, suggested: str | None, read: Read[Value]) -> Value:
        """An answer that can be used. Only what is asked is asked again; an option ends the command."""
        if given is not None or (not self.questions and suggested is not None):
            try:
                return read(given if given is not None else suggested or "")
            except NotUsable as fault:
                raise stop(str(fault)) from None
        if not self.questions:
            raise stop(f"{question} saknar svar. Ange det som ett val: kanalvakt new-municipality --help")
        while True:
            try:
                return read(typer.prompt(question, default=suggested, show_default=bool(suggested)))
            except NotUsable as fault:
                typer.echo(f"  {fault}")


def _text(option: str, says: str) -> typer.models.OptionInfo:
    made: typer.models.OptionInfo = typer.Option(option, help=says, metavar="TEXT", show_default=False)
    return made


def new_municipality(
    name: Annotated[str | None, _text("--name", "Kommunens namn.")] = None,
    slug: Annotated[str | None, _text("--slug", "Kortnamn: små bokstäver a–z, siffror och -.")] = None,
    zone: Annotated[str | None, _text("--zone", "Tidszonen som dagarna räknas i.")] = None,
    mail_domain: Annotated[
        str | None, _text("--mail-domain", "Domäner i arbetsadresser, med komma mellan.")
    ] = None,
    sender: Annotated[str | None, _text("--sender", "Brevens avsändare.")] = None,
    notice_address: Annotated[
        str | None, _text("--notice-address", "Kommunikationsenhetens gemensamma brevlåda.")
    ] = None,
    registry: Annotated[str | None, _text("--registry", "Diariets adress.")] = None,
    communications: Annotated[
        str | None, _text("--communications", "Vad kommunikationsenheten heter hos er, i bestämd form.")
    ] = None,
    director: Annotated[
        str | None, _text("--director", "Vad kommunikationschefen heter hos er, i bestämd form.")
    ] = None,
    base: Annotated[str | None, _text("--base", "Regelfilen som er bygger på, utan .yaml.")] = None,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            "--choose",
            help="En regel, till exempel watch=weekdays. Kan anges flera gånger.",
            metavar="REGEL=SVAR",
            show_default=False,
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Mappen för era egna regelfiler.", metavar="MAPP", show_default=False),
    ] = None,
    no_questions: Annotated[
        bool, typer.Option("--no-questions", help="Fråga inget: det som inte anges blir som det föreslås.")
    ] = False,
) -> None:
    """Skriv de två filerna för en ny kommun, fråga för fråga, och kontrollera dem."""
    into = folder or settings().policy_folder or OWN_FOLDER
    demand_writable(into)
    asking = Asking(questions=not no_questions)
    chosen = _chosen_words(choose or [])
    called = asking.about("Kommunens namn", name, None, _named)
    short = asking.about("Kortnamn", slug, slug_of(called), _slug)
    domains = asking.about("Domän i arbetsadresser (det efter @)", mail_domain, None, _domains)
    new = NewMunicipality(
        slug=short,
        name=called,
        mail_domains=domains,
        time_zone=asking.about("Tidszon", zone, "Europe/Stockholm", _zone),
        sender_address=asking.about("Brevens avsändare", sender, f"kanalvakt@{domains[0]}", _address) or "",
        notice_address=asking.about(
            "Kommunikationsenhetens gemensamma brevlåda (tom om ingen)", notice_address, "", _maybe_address
        ),
        registry_address=asking.about("Diariets adress (tom om ingen)", registry, "", _maybe_address),
    )
    plan = Plan(
        municipality=new,
        communications=asking.about(
            "Vad heter kommunikationsenheten hos er", communications, "kommunikationsenheten", _role
        ),
        director=asking.about(
            "Vad heter kommunikationschefen hos er", director, "kommunikationschefen", _role
        ),
        base=asking.about(_bases(into), base, TEMPLATE, lambda text: _base(text, into)),
        chosen={one.key: _asked(asking, one, chosen.get(one.key)) for one in CHOICES},
        valid_from=clock.now().astimezone(ZoneInfo(new.time_zone)).date(),
    )
    _write_and_tell(plan, into)


def _write_and_tell(plan: Plan, folder: Path) -> None:
    try:
        rules, clauses = write(plan, folder)
    except FileExistsError as there:
        raise stop(
            f"{there} finns redan och skrivs inte över. Välj ett annat kortnamn eller en annan mapp."
        ) from None
    except OSError as error:
        raise stop(_not_written(folder, error)) from None
    typer.echo(f"\nSkrev {rules}\nSkrev {clauses}\n")
    check_one(folder)
    for line in what_next(plan, folder):
        typer.echo(line)


def demand_writable(folder: Path) -> None:
    """End the command before the first question when its answers could not be written; makes no folder."""
    for one in (folder, *(folder / below for below in BELOW)):
        try:
            there = next(above for above in (one, *one.absolute().parents) if above.exists())
            with TemporaryFile(dir=there):
                pass
        except OSError as error:
            raise stop(f"{_not_written(one, error)} Inget är skrivet.") from None


def _not_written(folder: Path, error: OSError) -> str:
    return (
        f"I {folder} går det inte att skriva ({error.strerror}). Välj en mapp där du får skriva med --folder "
        "och kopiera filerna därifrån."
    )


def what_next(plan: Plan, folder: Path) -> list[str]:
    """From two files to a municipality that is running."""
    rules, clauses = paths(folder, plan.name)
    new = plan.municipality
    add = [
        *("kanalvakt", "municipality", "add", new.slug, "--name", new.name),
        *(word for domain in new.mail_domains for word in ("--mail-domain", domain)),
        *("--sender", new.sender_address),
        *(("--notice-address", new.notice_address) if new.notice_address else ()),
        *(("--registry", new.registry_address) if new.registry_address else ()),
        *(("--zone", new.time_zone) if new.time_zone != "Europe/Stockholm" else ()),
        *("--policy", plan.name),
    ]
    setting = f"KANALVAKT_POLICY_FOLDER={shlex.quote(str(folder.resolve()))}"
    return [
        "",
        "Så fortsätter du:",
        *([] if settings().policy_folder else [f"  0. Låt Kanalvakt hitta mappen: export {setting}"]),
        f"  1. Fyll i punkterna efter er riktlinje: sök efter {FILL_IN} i {clauses}.",
        f"  2. Gå igenom reglerna i {rules}. Läs dem på svenska: kanalvakt policies show {plan.name}",
        f"  3. Se att varje punkt är med: kanalvakt policies coverage {plan.name}",
        f"  4. Prova: make run MUNICIPALITY={plan.name}",
        "  5. Lägg till kommunen på servern:",
        f"       {shlex.join(add)}",
        f"  6. Läs in enheter och personer: kanalvakt import organisation … --municipality {new.slug}",
    ]


def slug_of(name: str) -> str:
    """A short name to suggest: without the word for municipality, and without å, ä and ö."""
    first = re.sub(r" (kommun|stad|region)$", "", name.strip().lower())
    plain = unicodedata.normalize("NFKD", first).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "kommunen"


def _refused(new: NewMunicipality) -> None:
    faults = new.faults()
    if faults:
        raise NotUsable(faults[0])


def _with(**values: object) -> NewMunicipality:
    known: dict[str, object] = {
        "slug": "x",
        "name": "x",
        "mail_domains": [],
        "sender_address": "x@example.org",
    }
    return NewMunicipality(**(known | values))  # type: ignore[arg-type]


def _named(text: str) -> str:
    _refused(_with(name=text))
    return text.strip()


def _slug(text: str) -> str:
    _refused(_with(slug=text.strip()))
    return text.strip()


def _zone(text: str) -> str:
    _refused(_with(time_zone=text.strip()))
    return text.strip()


def _domains(text: str) -> list[str]:
    domains = [one.strip().lower().removeprefix("@") for one in text.split(",") if one.strip()]
    if not domains:
        raise NotUsable("Skriv minst en domän: det som står efter @ i era arbetsadresser.")
    _refused(_with(mail_domains=domains))
    return domains


def _address(text: str) -> str:
    _refused(_with(sender_address=text.strip()))
    return text.strip()


def _maybe_address(text: str) -> str | None:
    return _address(text) if text.strip() else None


def _role(text: str) -> str:
    if not text.strip() or len(text) > 100:
        raise NotUsable(
            "Skriv vad den heter i löpande text, till exempel informationsenheten. Högst 100 tecken."
        )
    return text.strip()


def _bases(folder: Path) -> str:
    return f"Vilken fil ska er bygga på ({', '.join(known_names(folder, MUNICIPALITIES))})"


def _base(text: str, folder: Path) -> str:
    known = known_names(folder, MUNICIPALITIES)
    if text.strip() not in known:
        raise NotUsable(f"Det finns ingen fil {text.strip()}. Välj någon av {', '.join(known)}.")
    return text.strip()


def _asked(asking: Asking, choice: Choice, given: str | None) -> str:
    if asking.questions and given is None:
        typer.echo(f"\n{choice.question}")
        typer.echo(f"  {AS_BEFORE}: som i filen ni bygger på")
        for one in choice.answers:
            typer.echo(f"  {one.word}: {one.says}")
    return asking.about("Svar", given, AS_BEFORE, lambda text: _word(choice, text))


def _word(choice: Choice, text: str) -> str:
    if text.strip() not in choice.words():
        raise NotUsable(f"”{text.strip()}” är inget svar om {choice.key}. Välj {', '.join(choice.words())}.")
    return text.strip()


def _chosen_words(given: Sequence[str]) -> dict[str, str]:
    words = dict(one.partition("=")[::2] for one in given)
    known = [one.key for one in CHOICES]
    for key in words:
        if key not in known:
            raise stop(
                f"Det finns ingen fråga {key}. Välj någon av {', '.join(known)}: --choose watch=weekdays"
            )
    return words
