"""Everything that the database holds as a code has its Swedish words on the pages."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lifecycle.events import EventKind
from lifecycle.process import END_NAMES
from models import AccountClass, AccountRoleKind, AccountState, Outcome
from policies.keys import Modality, Platform
from web.account_view import Happening
from web.pages import class_word, day, environment, hour, moment, platform_word, size_words, weekday

TEMPLATES = Path("web/templates")


def macro(template: str, name: str, *given: Any) -> str:
    return str(getattr(environment().get_template(template).module, name)(*given)).strip()


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_has_its_sentence(kind: EventKind) -> None:
    names = {"person": "Hanna", "to": "Cilla", "by": "", "asked_by": "", "holders": "Bo"}
    event = Happening(
        kind=kind.value,
        at=datetime(2026, 3, 2, tzinfo=UTC),
        on=date(2026, 3, 2),
        who="Anna",
        on_behalf_of="",
        facts={},
        detail={},
        label="Chefens beslut",
        people=names,
        clauses=(),
    )
    said = macro("mine/timeline.html", "sentence", event)
    assert (len(said) > 8 and said[0].isupper()) or kind is EventKind.ACKNOWLEDGED, said


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("state", AccountState),
        ("outcome", Outcome),
        ("role", AccountRoleKind),
        ("modality", Modality),
    ],
)
def test_every_code_has_its_word(name: str, values: Any) -> None:
    for value in values:
        said = macro("words.html", name, str(value))
        assert said and said != str(value), value


def test_every_platform_and_class_has_its_word() -> None:
    assert all(platform_word(one.value) for one in Platform) and platform_word("") == ""
    assert all(class_word(one) for one in AccountClass)
    assert set(END_NAMES) <= set(AccountState)


def test_dates_are_written_as_swedes_write_them_in_the_municipality_s_zone() -> None:
    instant = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert moment(instant, "Europe/Stockholm") == "1 juli 2026 kl. 00.30"
    assert day(instant, "Europe/Stockholm") == "1 juli 2026"
    assert weekday("2026-12-01", "Europe/Stockholm") == "tisdag 1 december 2026"
    assert hour(datetime(2026, 1, 5, 8, 5, tzinfo=UTC), "Europe/Stockholm") == "09.05"
    assert size_words(1) == "1 kB" and size_words(1_400_000) == "1,4 MB"


def test_every_page_is_whole() -> None:
    """One first heading, one main part, no script or style within it, nothing from elsewhere."""
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        scripts = re.findall(r"<script[^>]*>[^<]*", text)
        assert set(scripts) <= {'<script src="/static/save.js" defer>'}, path
        assert " style=" not in text and not re.search(r'\son\w+="', text), path
        assert not re.search(r'(?:src|href)="https?:', text), path
        assert text.count("<h1") <= 1, path
