"""Letters in English: to those who have chosen it, whole, and with Swedish only where it says so."""

from collections.abc import Callable, Iterator
from gettext import NullTranslations

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from languages import catalogue
from models import Account, Message, Municipality, Person, Unit
from notifications.examples import CASES
from notifications.examples.world import LETTERHEAD, NOW, World, build
from notifications.letters import IN_SWEDISH_ONLY, Letter, compose
from notifications.outbox import Order, queue_many
from notifications.registry import NOTICES
from runtime.database import make_engine
from tests.database_fixtures import create_tables
from tests.languages.marking import Marked, unmarked, unmarked_in

BILINGUAL = [name for name in CASES if name.partition("-")[0] not in IN_SWEDISH_ONLY]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One empty database for all letters: nothing that is written is committed."""
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('letters') / 'kanalvakt.db'}")
    create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English is nothing but marks."""
    languages = {"en": Marked()}
    monkeypatch.setattr(catalogue, "translations", lambda one: languages.get(one, NullTranslations()))
    monkeypatch.setattr(catalogue, "rule_words", lambda one: NullTranslations())
    yield


def written(session: Session, case: Callable[[World], Order]) -> Letter:
    """A letter to somebody who has chosen English, or who asked in it."""
    order = case(build(session))
    session.execute(update(Person).values(language="en"))
    ids = queue_many(session, [order], NOW)
    message = session.execute(select(Message).where(col(Message.id) == ids[0])).scalar_one()
    if message.person_id is None:
        message.context = {**message.context, "language": "en"}
    return compose(session, message, LETTERHEAD, NOW)


def data_of(session: Session) -> set[str]:
    """Names and addresses: what is the same in every language."""
    columns = (
        *(col(Person.name), col(Person.title), col(Person.email), col(Unit.name)),
        *(col(Municipality.name), col(Municipality.notice_address), col(Account.name), col(Account.address)),
    )
    found = {str(one) for column in columns for one in session.execute(select(column)).scalars() if one}
    first_names = {one.split()[0] for one in found}
    return found | first_names | {"Kanalvakt", "PDF", "vikarie@example.org"}


@pytest.mark.parametrize("name", BILINGUAL)
def test_no_letter_is_left_in_swedish(session: Session, marked: None, name: str) -> None:
    letter = written(session, CASES[name])
    known = data_of(session)
    assert '<html lang="en">' in letter.html and "⟦" in letter.text
    assert unmarked(letter.subject, known | swedish_in(letter.html)) == []
    assert unmarked_in("<body" + letter.html.partition("<body")[2], known) == []


def swedish_in(html: str) -> set[str]:
    """What a letter says in Swedish, where its subject has no way to say so."""
    return {one.partition("</span>")[0] for one in html.split('<span lang="sv">')[1:]}


def test_only_letters_to_those_who_run_accounts_are_in_swedish_only(session: Session) -> None:
    assert set(NOTICES) > IN_SWEDISH_ONLY
    letter = written(session, CASES["morning"])
    assert letter.text.startswith("Hej ") and '<html lang="sv">' in letter.html


def test_a_letter_in_english(session: Session) -> None:
    letter = written(session, CASES["decision_asked"])
    assert (
        letter.subject
        == "Your decision is needed: application for the Instagram account “Biblioteket i Exempelby”"
    )
    assert letter.text.startswith("Hello ")
    assert "Silence never counts as a yes." in " ".join(letter.text.split())
    assert '<span lang="sv">' in letter.html and "\ue000" not in letter.html + letter.text
