"""Every refusal has its words, with everything filled in that they name."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest

from lifecycle.refusals import SAYS, Refused
from lifecycle.roles import Bars
from models import Person
from tests.lifecycle.town import TUESDAY

ROOT = Path(__file__).parents[2]
FOLDERS = ("lifecycle", "acts", "web", "cli", "flows")


@dataclass(frozen=True)
class Use:
    """One refusal in the source."""

    where: str
    code: str | None
    """None where it is not written out."""
    given: frozenset[str]


def uses() -> list[Use]:
    """Every refusal in the source."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    return [use for file in files for use in _uses_in(file)]


def _uses_in(file: Path) -> Iterator[Use]:
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _refuses(node, tree):
            first = node.args[0] if node.args else None
            code = first.value if isinstance(first, ast.Constant) else None
            given = frozenset(one.arg or "**" for one in node.keywords)
            yield Use(f"{file.relative_to(ROOT)}:{node.lineno}", str(code) if code else None, given)


def _refuses(call: ast.Call, tree: ast.Module) -> bool:
    """`Refused(…)`, or the first words of a class that is one."""
    if isinstance(call.func, ast.Name):
        return call.func.id == "Refused"
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "__init__"
        and any(isinstance(one, ast.ClassDef) and _is_refusal(one, call) for one in tree.body)
    )


def _is_refusal(one: ast.ClassDef, call: ast.Call) -> bool:
    bases = {base.id for base in one.bases if isinstance(base, ast.Name)}
    return "Refused" in bases and any(node is call for node in ast.walk(one))


def named_in(text: str) -> set[str]:
    """What a text wants to have filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


USES = uses()


def test_they_are_found() -> None:
    assert len(USES) > 60
    assert {"plan_incomplete", "already_answered"} <= {use.code for use in USES}


@pytest.mark.parametrize("use", [use for use in USES if use.code], ids=lambda use: f"{use.where} {use.code}")
def test_every_refusal_has_words_and_fills_them_in(use: Use) -> None:
    assert use.code in SAYS
    assert named_in(SAYS[use.code or ""]) <= use.given


def test_a_refusal_that_is_not_written_out_needs_nothing_filled_in() -> None:
    """In `lifecycle.answers`: why somebody may not answer, where there are words for it."""
    unwritten = [use for use in USES if use.code is None]
    assert {use.where.partition(":")[0] for use in unwritten} <= {"lifecycle/answers.py"}
    codes = {Bars(frozenset({1})).against(person(1), TUESDAY.date())}
    codes |= {Bars(deciders=frozenset({1})).against(person(1), TUESDAY.date())}
    assert [named_in(SAYS[code or ""]) for code in codes] == [set(), set()]


def person(row_id: int) -> Person:
    """Anybody."""
    return Person(id=row_id, municipality_id=1, name="Elin", email="elin@example.org")


@pytest.mark.parametrize("code", sorted(SAYS))
def test_no_words_are_left_without_their_refusal(code: str) -> None:
    said = {use.code for use in USES} | {"is_applicant", "decided_another_step"}
    assert code in said


@pytest.mark.parametrize("code", sorted(SAYS))
def test_the_words_are_whole_sentences(code: str) -> None:
    words = Refused(code, **dict.fromkeys(named_in(SAYS[code]), "X")).says()
    assert words[0].isupper()
    assert words[-1] in ".?!X"
    assert "  " not in words
