"""The documentation's pictures of the process are those that the rules give today."""

from pathlib import Path

from typer.testing import CliRunner

from cli.main import app

DOCS = Path(__file__).parents[2] / "docs"


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["policies", "picture", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_documentation_is_fresh(tmp_path: Path) -> None:
    """Otherwise: make picture."""
    run("--docs", tmp_path)
    written = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    kept = [DOCS / "process.md", *(DOCS / "pictures/process").iterdir()]
    stale = {
        path.relative_to(DOCS) for path in kept if written.get(path.relative_to(DOCS)) != path.read_text()
    }
    assert (stale, set(written)) == (set(), {path.relative_to(DOCS) for path in kept})
    assert len([path for path in written if path.suffix == ".svg"]) == 6


def test_one_policy_is_drawn_for_both_screens_and_told(tmp_path: Path) -> None:
    output = run("mall", "--out", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mall-smal.svg", "mall.md", "mall.svg"]
    assert str(tmp_path / "mall.svg") in output


def test_a_policy_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["policies", "picture", "tibor", "--out", str(tmp_path)])
    assert result.exit_code == 1 and "finns inte" in result.output
