"""Typer in Swedish: its own help and errors are English and cannot be translated from outside."""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import typer
from pydantic import ValidationError
from typer.core import TyperCommand, TyperGroup

from runtime.settings import InstallationSettings
from runtime.starting import unreadable

_HELP = (
    (r"^Usage: ", "Så här: "),
    (r"^Options:$", "Val:"),
    (r"^Arguments:$", "Argument:"),
    (r"^Commands:$", "Kommandon:"),
    (r"Show this message and exit\.", "Visa den här texten."),
    (r"COMMAND \[ARGS\]\.\.\.", "KOMMANDO …"),
    (r"\[OPTIONS\]", "[VAL]"),
    (r"\[default: ", "[förval: "),
    (r"\[required\]", "[måste anges]"),
)
_ERRORS = (
    (r"No such command ('.*?')\.?", r"Kommandot \1 finns inte."),
    (r"No such option: (\S+)", r"Valet \1 finns inte."),
    (r"\(Possible options: (.*)\)", r"Menade du \1?"),
    (r"Did you mean (.*)\?", r"Menade du \1?"),
    (r"Missing argument ('.*?')\.?", r"\1 måste anges."),
    (r"Missing option ('.*?')\.?", r"Valet \1 måste anges."),
    (r"Missing command\.?", "Ange ett kommando."),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", r"\1 var för mycket på raden."),
    (r"Option (.*) requires an argument\.?", r"Valet \1 behöver ett värde."),
    (r"Option (.*) does not take a value\.?", r"Valet \1 tar inget värde."),
    (r"Invalid value for (.*?): ", r"Värdet för \1 går inte att använda: "),
    (r"Input should be a valid integer.*", "skriv ett heltal"),
    (r"Input should be a valid number.*", "skriv ett tal"),
    (r"Input should be a valid date.*", "skriv ett datum, t.ex. 2024-01-31"),
    (r"Value error, '.*' does not match the formats? .*", "skriv ett datum, t.ex. 2024-01-31"),
    (r"Value error, '.*' is not one of (.*)\.", r"skriv ett av \1"),
    (r"(?:[Ff]ile|[Dd]irectory|[Pp]ath|[Ff]ile or directory) ('.*') does not exist\.?", r"\1 finns inte"),
)
_FAILED = 1

F = TypeVar("F", bound=Callable[..., Any])


def _in_swedish(text: str, words: tuple[tuple[str, str], ...]) -> str:
    for english, swedish in words:
        text = re.sub(english, swedish, text, flags=re.MULTILINE)
    return text


class SwedishCommand(TyperCommand):
    """A command whose help is Swedish."""

    def get_help(self, ctx: Any) -> str:
        return _in_swedish(super().get_help(ctx), _HELP)


class SwedishGroup(TyperGroup):
    """A group of commands whose help and errors are Swedish."""

    def get_help(self, ctx: Any) -> str:
        return _in_swedish(super().get_help(ctx), _HELP)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs a whole command line; a mistake in it ends with what was wrong and where help is."""
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except typer.TyperException as mistake:
            if not standalone_mode:
                raise
            sys.exit(_told(mistake))
        except ValidationError as unusable:
            if not standalone_mode or unusable.title != InstallationSettings.__name__:
                raise
            typer.echo("\n".join(unreadable(unusable)), err=True)
            sys.exit(_FAILED)
        except typer.Abort:
            if not standalone_mode:
                raise
            typer.echo("Avbrutet.", err=True)
            sys.exit(_FAILED)
        if not standalone_mode:
            return code
        sys.exit(code if isinstance(code, int) else 0)


def _told(mistake: typer.TyperException) -> int:
    context = getattr(mistake, "ctx", None)
    message = mistake.format_message()
    if context and message == context.get_help():
        typer.echo(message)
        return 0
    typer.echo(_in_swedish(message, _ERRORS), err=True)
    if context:
        typer.echo(f"Hjälp: {context.command_path} --help", err=True)
    return mistake.exit_code


class SwedishApp(typer.Typer):
    """What `cli.main` and each of its parts is made of."""

    def __init__(self, help: str) -> None:
        super().__init__(
            cls=SwedishGroup, help=help, no_args_is_help=True, add_completion=False, rich_markup_mode=None
        )

    def command(self, name: str | None = None, **options: Any) -> Callable[[F], F]:
        """As in typer."""
        return super().command(name, **{"cls": SwedishCommand, **options})
