"""kanalvakt target …, where it is not answered with a list."""

import pytest

from runtime.settings import settings
from tests.cli.conftest import Run


def test_without_tables_it_says_what_to_run(run: Run) -> None:
    told = run("target", "list", "--municipality", "exempelby")
    assert told.exit_code == 1 and "kanalvakt migrate" in told.output


def test_an_unknown_municipality_is_told_with_those_there_are(ready: Run) -> None:
    told = ready("target", "list", "--municipality", "exempelbi")
    assert told.exit_code == 1 and "Ingen kommun har kortnamnet exempelbi" in told.output
    assert "exempelby" in told.output


@pytest.mark.parametrize("url", ["nonsense", "mysql://a/b", "oracle+foo://a/b", "sqlite://:abc/b"])
@pytest.mark.parametrize(
    "words",
    [("migrate",), ("check",), ("target", "list", "--municipality", "x"), ("restore", "kopia")],
    ids=" ".join,
)
def test_a_database_s_address_that_is_none(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], url: str
) -> None:
    monkeypatch.setenv("KANALVAKT_DATABASE_URL", url)
    settings.cache_clear()
    told = run(*words)
    assert told.exit_code == 1 and "KANALVAKT_DATABASE_URL går inte att använda: skriv" in told.output
    assert url not in told.output
