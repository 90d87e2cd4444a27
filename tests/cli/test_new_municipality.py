"""`kanalvakt new-municipality`: two files that pass the check and can be played, and nothing written over."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.beginning.choices import CHOICES
from cli.main import app
from policies.loading import load_guideline, load_policy
from runtime.settings import settings

Run = Callable[..., Result]
NAMED = ("--name", "Ånäs kommun", "--mail-domain", "@Anas.example.org", "--no-questions")


@pytest.fixture
def own(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the setting names."""
    folder = tmp_path / "regler"
    monkeypatch.setenv("KANALVAKT_POLICY_FOLDER", str(folder))
    settings.cache_clear()
    return folder


def test_all_as_suggested(run: Run, own: Path) -> None:
    told = run("new-municipality", *NAMED)
    assert told.exit_code == 0, told.output
    policy = load_policy("anas", own)
    assert (policy.extends, policy.guidelines, policy.name) == ("mall", ["anas"], "Ånäs kommun")
    assert [clause.id for clause in load_guideline("anas", own).clauses] == ["syfte"]
    assert "Inga fel i 2 filer." in told.output
    assert "kanalvakt municipality add anas" in told.output
    assert "--mail-domain anas.example.org --sender kanalvakt@anas.example.org" in told.output


@pytest.mark.parametrize("place", range(max(len(one.answers) for one in CHOICES)))
def test_every_answer_gives_files_without_faults(run: Run, own: Path, place: int) -> None:
    """The first answer to each question, then the second, and so on: each rests on an own clause."""
    words = {one.key: one.answers[min(place, len(one.answers) - 1)] for one in CHOICES}
    chosen = [f"--choose={key}={answer.word}" for key, answer in words.items()]
    told = run("new-municipality", *NAMED, *chosen)
    assert told.exit_code == 0, told.output
    policy = load_policy("anas", own)
    for key, answer in words.items():
        assert bool(getattr(policy.rules, key)) is not answer.takes_away
    assert run("policies", "coverage", "anas").exit_code == 0


def test_what_was_written_can_be_played_and_used(run: Run, own: Path) -> None:
    run(
        "new-municipality",
        *NAMED,
        "--base",
        "tibro",
        "--choose",
        "watch=all-days",
        "--choose",
        "closing=unit",
    )
    told = run("policies", "check")
    assert told.exit_code == 0 and "Inga fel i 2 filer." in told.output
    told = run("simulate", "--policy", "anas", "--from", "2027-03-01", "--days", "5", "--accounts", "3")
    assert told.exit_code == 0, told.output
    assert run("migrate").exit_code == 0
    added = ("anas", "--name", "Ånäs kommun", "--mail-domain", "anas.example.org", "--policy", "anas")
    told = run("municipality", "add", *added, "--sender", "kanalvakt@anas.example.org")
    assert told.exit_code == 0, told.output


def test_question_by_question_with_answers_that_cannot_be_used(run: Run, own: Path) -> None:
    """Only what cannot be used is asked again, with how to write it."""
    answers = [
        " ",
        "Ånäs kommun",
        "Ånäs",
        "anas-by",
        "anas",
        "anas.example.org, skola.example.org",
        "Europe/Ånäs",
        "",
        "inte en adress",
        "",
        "kommunikation@anas.example.org",
        "",
        "informationsenheten",
        "",
        "mal",
        "",
        "chefen",
        "director",
        *["" for _ in CHOICES[1:]],
    ]
    told = CliRunner().invoke(app, ["new-municipality"], input="\n".join(answers) + "\n")
    assert told.exit_code == 0, told.output
    for says in (
        "Skriv kommunens namn",
        "Kortnamnet ”Ånäs” går inte",
        "”anas” är ingen e-postdomän",
        "”Europe/Ånäs” är ingen tidszon",
        "”inte en adress” är ingen e-postadress",
        "Det finns ingen fil mal.",
        "”chefen” är inget svar om opening. Välj same,",
    ):
        assert told.output.count(says) == 1, says
    policy = load_policy("anas-by", own)
    assert policy.rules.opening[0].roles == ["communications_director"]
    assert policy.settings.role_names["communications"] == "informationsenheten"  # type: ignore[index]
    assert "--notice-address kommunikation@anas.example.org" in told.output


@pytest.mark.parametrize("place", ["", "municipalities"])
def test_a_folder_that_cannot_be_written_is_told_before_the_first_question(
    run: Run, own: Path, place: str
) -> None:
    """A file where a folder should be: root, too, is refused there."""
    (own / place).parent.mkdir(exist_ok=True)
    (own / place).touch()
    told = CliRunner().invoke(app, ["new-municipality"], input="")
    assert told.exit_code == 1 and "Kommunens namn" not in told.output
    assert f"I {own / place} går det inte att skriva" in told.output and "--folder" in told.output


def test_a_disk_that_fills_up_while_it_is_written(
    run: Run, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cli.beginning.writing.write_schemas", full)
    told = run("new-municipality", *NAMED)
    assert (told.exit_code, "går det inte att skriva (No space" in told.output) == (1, True), told.output


def test_the_next_line_is_what_a_shell_takes(run: Run, own: Path) -> None:
    name = 'Ånäs "$HOME" kommun'
    told = run("new-municipality", *NAMED, "--name", name, "--slug", "anas")
    assert told.exit_code == 0, told.output
    [line] = [one for one in told.output.splitlines() if "municipality add" in one]
    words = shlex.split(line)
    assert words[words.index("--name") + 1] == name and "'" in line


def test_nothing_is_written_over(run: Run, own: Path) -> None:
    run("new-municipality", *NAMED)
    file = own / "municipalities" / "anas.yaml"
    file.write_text(file.read_text() + "# Vår egen rad.\n")
    told = run("new-municipality", *NAMED)
    assert told.exit_code == 1 and "skrivs inte över" in told.output
    assert file.read_text().endswith("# Vår egen rad.\n")


def test_a_name_that_comes_with_the_product(run: Run, own: Path) -> None:
    told = run("new-municipality", *NAMED, "--slug", "tibro", "--base", "tibro")
    assert told.exit_code == 0, told.output
    assert load_policy("tibro-egen", own).extends == "tibro"
    assert "municipality add tibro " in told.output and "--policy tibro-egen" in told.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--no-questions",), "Kommunens namn saknar svar."),
        ((*NAMED, "--sender", "Ånäs <a@e.se>"), "är ingen e-postadress"),
        ((*NAMED, "--base", "tibor"), "Det finns ingen fil tibor."),
        ((*NAMED, "--choose", "vakt=weekdays"), "Det finns ingen fråga vakt."),
        ((*NAMED, "--choose", "watch=ibland"), "”ibland” är inget svar om watch."),
    ],
)
def test_what_cannot_be_used(run: Run, own: Path, words: tuple[str, ...], says: str) -> None:
    told = run("new-municipality", *words)
    assert (told.exit_code, says in told.output) == (1, True), told.output
    assert not own.exists()
