"""kanalvakt policies …, in Swedish."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from cli.main import app
from cli.swedish import SwedishApp

GUIDELINE = """
guideline: berga
title: Riktlinje
publisher: Berga kommun
edition: första
clauses: [{id: bevakning, cite: punkt 1, title: Kontot bevakas}]
"""
POLICY = """\
policy: berga
name: Berga kommun
guidelines: [berga]
valid_from: 2026-01-01
rules:
  watch:
    - clauses: ["berga:bevakning"]
"""


def write(folder: Path, file: str, text: str) -> None:
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "guidelines/berga.yaml", GUIDELINE)
    write(tmp_path, "municipalities/berga.yaml", POLICY)
    return tmp_path


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["policies", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_says_what_is_left_open_and_that_there_are_no_faults(folder: Path) -> None:
    code, output = run("check", folder)

    assert code == 0
    assert "Upplysning, berga: rules.watch[nr 1]: punkten säger inte vilka dagar" in output
    assert "Inga fel i 2 filer." in output and "FYLL I" not in output


def test_the_command_says_where_a_new_file_is_not_filled_in(folder: Path) -> None:
    text = GUIDELINE.replace("första", '"FYLL I: utgåva"').replace("punkt 1", '"FYLL I: avsnitt"')
    write(folder, "guidelines/berga.yaml", f"# Sök efter FYLL I.{text}")
    code, output = run("check", folder)
    assert code == 0, output
    assert "Upplysning, guidelines/berga.yaml: FYLL I står kvar på rad 5 och 6.\n" in output


def test_the_command_ends_with_one_when_there_are_faults(folder: Path) -> None:
    write(folder, "municipalities/ny.yaml", "policy: ny\n")

    code, output = run("check", folder)

    assert code == 1
    assert 'municipalities/ny.yaml, rad 1: name: nyckeln "name" saknas' in output
    assert "3 fel i 1 fil." in output


def test_the_command_can_look_at_one_file_only(folder: Path) -> None:
    write(folder, "municipalities/ny.yaml", "policy: ny\n")

    assert run("check", folder / "municipalities" / "berga.yaml")[0] == 0
    assert run("check", folder / "municipalities" / "ny.yaml")[0] == 1


def test_the_command_speaks_swedish() -> None:
    code, output = run("chekc")
    assert (code, "Kommandot 'chekc' finns inte. Menade du 'check'?" in output) == (2, True)

    code, output = run("check", "--help")
    assert code == 0
    assert not {"Usage", "Options", "Show this", "Arguments"} & set(output.replace(":", " ").split())


def test_the_commands_show_and_coverage_tell_faults_too(folder: Path) -> None:
    write(folder, "municipalities/berga.yaml", POLICY + "zz: 1\n")

    for command in ("show", "coverage"):
        code, output = run(command, "berga", "--folder", folder)
        assert (code, "rad 8: zz: nyckeln" in output) == (1, True)


def test_the_command_coverage_ends_with_one_when_a_clause_is_missing(folder: Path) -> None:
    write(folder, "municipalities/berga.yaml", POLICY.split("rules:")[0])

    code, output = run("coverage", "--folder", folder)

    assert (code, "1 punkt: 1 SAKNAS." in output) == (1, True)


def test_the_command_show_suggests_the_nearest_name(folder: Path) -> None:
    code, output = run("show", "barga", "--folder", folder)

    assert (code, 'filen finns inte. Menade du "berga"?' in output) == (1, True)


class Way(Enum):
    FAST = "snabbt"
    SLOW = "sakta"


MISTAKES = {
    (): "'path' måste anges.",
    ("nowhere", "--hours", "x"): "Värdet för '--hours' går inte att använda: skriv ett heltal",
    ("nowhere", "--hours"): "Valet '--hours' behöver ett värde.",
    ("nowhere", "--huors", "1"): "Valet --huors finns inte. Menade du --hours?",
    ("nowhere",): "Värdet för 'path' går inte att använda: 'nowhere' finns inte",
    (".", "--way", "fort"): "Värdet för '--way' går inte att använda: skriv ett av 'snabbt', 'sakta'",
    (".", "mer"): "mer var för mycket på raden.",
}


@pytest.mark.parametrize(("arguments", "says"), MISTAKES.items())
def test_a_mistake_on_the_line_is_told_in_swedish(arguments: tuple[str, ...], says: str) -> None:
    one = SwedishApp(help="Prov")

    @one.command()
    def run_it(
        path: Annotated[Path, typer.Argument(exists=True)],
        hours: Annotated[int, typer.Option()] = 1,
        way: Annotated[Way, typer.Option()] = Way.FAST,
    ) -> None:
        """Prova."""

    one.callback()(lambda: None)
    result = CliRunner().invoke(one, ["run-it", *arguments])

    assert (result.exit_code, result.output.splitlines()[0]) == (2, says)
