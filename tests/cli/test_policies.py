"""kanalvakt policies compare and adopt: what new rules change, and that somebody else approves them."""

import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from policies.loading import HERE
from runtime.settings import settings

SAMPLES = Path(__file__).parents[2] / "deployments" / "exempelby"
TO = ("--municipality", "exempelby")
Run = Callable[..., Result]


@pytest.fixture
def town(ready: Run) -> Run:
    """The sample municipality, with the template's rules."""
    ready("import", "organisation", SAMPLES / "units.csv", SAMPLES / "people.csv", *TO)
    assert ready("import", "accounts", SAMPLES / "accounts.csv", *TO).exit_code == 0
    return ready


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The template with the watch on all days, three administrators, and an evaluation each half-year."""
    for kind in ("guidelines", "municipalities"):
        shutil.copytree(HERE / kind, tmp_path / kind)
    file = tmp_path / "municipalities" / "mall.yaml"
    text = file.read_text("utf-8")
    for old, new in (
        ("    - days: weekdays\n", "    - days: all_days\n"),
        ("    - of: administrator\n      at_least: 2\n", "    - of: administrator\n      at_least: 3\n"),
        ("    - every_months: 12\n", "    - every_months: 6\n"),
    ):
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return file


def versions(tmp_path: Path) -> list[tuple[str, str | None]]:
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        rows = connection.execute("SELECT policy, in_force_from FROM policy_version ORDER BY id")
        return [(policy, day) for policy, day in rows]


def test_two_files_are_compared_by_kind_of_rule_in_words_with_the_clause(run: Run, changed: Path) -> None:
    told = run("policies", "compare", "mall", changed)
    assert told.exit_code == 0
    assert "## Bevakning\n\n- Ändras: Ska: Kontot bevakas (Tibro kommun, avsnitt 2)\n" in told.output
    assert "    nu:    Vilka dagar: vardagar\n    sedan: Vilka dagar: alla dagar\n" in told.output
    assert "    nu:    Så ofta, i månader: 12\n    sedan: Så ofta, i månader: 6\n" in told.output
    assert "Vad det betyder" not in told.output


def test_the_same_rules_twice(run: Run) -> None:
    assert run("policies", "compare", "tibro", "tibro").output == "Reglerna säger samma sak.\n"


def test_for_a_municipality_it_says_what_changes_for_which_account(town: Run, changed: Path) -> None:
    told = town("policies", "compare", "nu", changed, *TO, "--on", "2030-01-05", "--days", "0")
    assert told.exit_code == 0
    meaning = told.output.partition("## Vad det betyder den 2030-01-05")[2]
    assert "Plikter som tillkommer:\n- " in meaning
    assert "    Titta till kontot alla dagar.\n" in meaning
    assert "Plikter som utgår:" in meaning
    assert "Titta till kontot" in meaning, "5 January 2030 is a Saturday"
    assert "Minst 3 administratörer behövs (nu 2)." in meaning.partition("Genast för sent:")[2]


def test_the_coming_letters_are_counted_under_both(town: Run, changed: Path, tmp_path: Path) -> None:
    """REQUIREMENTS 4.4: the mails of the next days, before and after; a recommendation asks for fewer."""
    text = changed.read_text("utf-8").replace(
        "    - days: all_days\n      clauses", "    - days: all_days\n      modality: may\n      clauses"
    )
    changed.write_text(text, "utf-8")
    told = town("policies", "compare", "nu", changed, *TO, "--days", "7")
    assert told.exit_code == 0
    letters = told.output.partition("## Brev de närmaste 7 dagarna, om ingen svarar\n\n")[2]
    found = re.match(r"- Sammanlagt: (\d+) nu, (\d+) sedan\n", letters)
    assert found is not None
    assert int(found[1]) > int(found[2])
    assert "- Till Fatima Rahimi: " in letters


def test_comparing_changes_nothing(town: Run, changed: Path, tmp_path: Path) -> None:
    before = (tmp_path / "kanalvakt.db").read_bytes()
    town("policies", "compare", "nu", changed, *TO, "--days", "3")
    assert (tmp_path / "kanalvakt.db").read_bytes() == before


def test_new_rules_are_proposed_and_do_not_apply_yet(town: Run, changed: Path, tmp_path: Path) -> None:
    told = town("policies", "adopt", changed, *TO, "--size", "small")
    assert told.exit_code == 0
    assert told.output.startswith("Förslaget är inlagt. Frågan har gått till: ")
    assert versions(tmp_path) == [("mall", "2026-01-01"), ("mall", None)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("compare", "nu", "mall"), "Säg vilken kommuns regler som gäller nu"),
        (("compare", "mal", "tibro"), 'Menade du "mall"?'),
        (("compare", "mall", "finns-inte.yaml"), "Filen finns-inte.yaml finns inte."),
        (("compare", "nu", "mall", "--municipality", "annan"), "Ingen kommun har kortnamnet annan."),
        (("adopt", "mall", *TO, "--size", "small"), "De reglerna är redan antagna."),
        (("adopt", "tibro", *TO, "--size", "large"), "Den som ska godkänna finns inte i Kanalvakt"),
        (("adopt", "tibro", *TO), "--size"),
        (
            ("adopt", "tibro", *TO, "--size", "small", "--by", "ingen@example.org"),
            "Ingen anställd med adressen",
        ),
    ],
)
def test_what_cannot_be_done_is_told(ready: Run, words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    told = ready("policies", *words)
    assert told.exit_code in (1, 2)
    assert says in told.output.replace("\n", " ") + told.stderr
    assert len(versions(tmp_path)) == 1


def test_rules_that_want_a_sign_in_wait_for_somewhere_to_sign_in(
    town: Run, changed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, step = changed.read_text("utf-8"), "      act: decide\n"
    assert text.count(step) > 1
    changed.write_text(text.replace(step, f"{step}      signing: sign-in\n", 1), "utf-8")
    told = town("policies", "check", changed)
    assert told.exit_code == 0 and "den som svarar ska logga in i 1 steg" in told.output
    assert "installationen har ingen inloggning" in told.output
    told = town("policies", "adopt", changed, *TO, "--size", "small")
    assert (told.exit_code, versions(tmp_path)) == (1, [("mall", "2026-01-01")])
    assert "installationen har ingen inloggning" in told.output and "sign-in.md" in told.output
    for name, value in (("ISSUER", "https://idp.example.org"), ("CLIENT_ID", "k"), ("CLIENT_SECRET", "s")):
        monkeypatch.setenv(f"KANALVAKT_SIGN_IN_{name}", value)
    settings.cache_clear()
    told = town("policies", "check", changed)
    assert "ska logga in i 1 steg" in told.output and "ingen inloggning" not in told.output
    assert town("policies", "adopt", changed, *TO, "--size", "small").exit_code == 0


def test_a_file_without_its_guidelines_beside_it(ready: Run, tmp_path: Path) -> None:
    file = tmp_path / "lös.yaml"
    file.write_text("policy: los\n", "utf-8")
    told = ready("policies", "compare", "mall", file)
    assert (told.exit_code, "Lägg lös.yaml i en mapp municipalities" in told.output) == (1, True)


def test_a_file_with_faults_tells_them(ready: Run, changed: Path) -> None:
    changed.write_text(changed.read_text("utf-8") + "\nkonstigt: 1\n", "utf-8")
    told = ready("policies", "adopt", changed, *TO, "--size", "small")
    assert (told.exit_code, 'nyckeln "konstigt" finns inte här' in told.output) == (1, True)


def test_rules_that_may_not_be_read_are_told_as_faults(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--folder", tmp_path, "--name", "Exempelby kommun", "--mail-domain", "exempelby.example.org")
    assert run("new-municipality", *words, "--no-questions", "--base", "mall").exit_code == 0

    def refused(*_: object, **__: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    monkeypatch.setattr(Path, "read_text", refused)
    told = run("policies", "check", tmp_path)
    assert isinstance(told.exception, SystemExit)
    assert "filen får inte läsas" in told.output
