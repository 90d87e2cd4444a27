"""Each letter as it was read and approved. `APPROVE_LETTERS=1` writes them anew: read the difference."""

import os
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import Account, Message
from notifications.contexts import CONTEXTS
from notifications.examples import CASES
from notifications.examples.world import LETTERHEAD, NOW, build
from notifications.letters import Letter, compose
from notifications.outbox import queue_many
from notifications.registry import NOTICES

TORN = re.compile(r"(?:kl\.|avsnitt|[a-zö]{3,4}dag|\d{1,2})\n\s*(?:\d|[a-z]+ber\b|januari|mars)")
"""A date, an hour or a number of a section, with its parts on two lines."""
APPROVED = Path(__file__).parent / "approved"
PORTAL = f"{LETTERHEAD.portal_url}/exempelby"
FOLDER = Path(__file__).parents[2] / "notifications" / "notices"


def written(session: Session, name: str) -> Letter:
    """The letter of a case."""
    ids = queue_many(session, [CASES[name](build(session))], NOW)
    message = session.exec(select(Message).where(Message.id == ids[0])).one()
    return compose(session, message, LETTERHEAD, NOW)


def as_text(letter: Letter) -> str:
    """Headers and plain text, with what is random named."""
    reply = f"{letter.reply_to_name} <{letter.reply_to}>".strip() if letter.reply_to else "-"
    head = [
        f"From: {letter.sender_name} <{letter.sender}>",
        f"To: {letter.to_name} <{letter.to}>",
        f"Reply-To: {reply}",
        f"Subject: {letter.subject}",
        f"Message-ID: <{letter.message_id}>",
    ]
    return masked("\n".join(head) + "\n\n" + letter.text)


def masked(text: str) -> str:
    text = re.sub(r"/l/[\w-]{43}", "/l/TOKEN", text)
    return re.sub(r"\b[0-9a-f]{32}@", "MESSAGE@", text)


def agree(name: str, ending: str, text: str) -> None:
    path = APPROVED / f"{name}.{ending}"
    if os.environ.get("APPROVE_LETTERS"):
        APPROVED.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path.name} has not been approved: APPROVE_LETTERS=1 writes it"
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture
def session(sqlite_engine: Engine) -> Session:
    return Session(sqlite_engine)


@pytest.mark.parametrize("name", CASES)
def test_letter_is_as_approved(session: Session, name: str) -> None:
    letter = written(session, name)
    agree(name, "txt", as_text(letter))
    agree(name, "html", masked(letter.html))


@pytest.mark.parametrize("name", CASES)
def test_both_parts_say_the_same(session: Session, name: str) -> None:
    letter = written(session, name)
    html = words_of(unescape(re.sub(r"<[^>]+>", " ", letter.html.partition("<body")[2])))
    text = letter.text.partition("\n--\n")[0]
    for paragraph in re.split(r"\n\s*\n|\n(?=[->] )|:\n(?=https)", text):
        assert words_of(re.sub(r"^[->] |\n[> ] ", " ", paragraph)) in html


def words_of(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip()


@pytest.mark.parametrize("name", CASES)
def test_letter_keeps_the_rules_of_all_letters(session: Session, name: str) -> None:
    letter = written(session, name)
    notice = NOTICES[name.partition("-")[0]]
    assert len(letter.subject) < 120 and "\n" not in letter.subject
    assert len(re.findall(r"/l/[\w-]{43}", letter.text)) == (1 if notice.link else 0)
    assert len(led_to(letter) - watched(session)) <= 1
    assert "<img" not in letter.html and "<script" not in letter.html
    assert "None" not in letter.text and "{{" not in letter.html
    assert TORN.findall(letter.text) == []
    assert max(len(line) for line in letter.text.splitlines() if "https://" not in line) <= 72


def led_to(letter: Letter) -> set[str]:
    return set(re.findall(r'href="([^"]+)"', letter.html))


def watched(session: Session) -> set[str]:
    """Where the accounts are: a letter that asks one to look there leads there as well."""
    return set(session.exec(select(Account.address)).all())


@pytest.mark.parametrize("name", ["morning", "morning-look", "morning-lists", "morning-rested", "inventory"])
def test_the_account_that_one_is_asked_to_look_at_is_a_link(session: Session, name: str) -> None:
    assert led_to(written(session, name)) & watched(session)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "instagram.com/biblioteket", 'https://x.example/"><b>', "https://"]
)
def test_only_an_address_on_the_web_is_led_to(session: Session, address: str) -> None:
    order = CASES["morning"](build(session))
    for account in session.exec(select(Account)).all():
        account.address = address
    queue_many(session, [order], NOW)
    letter = compose(session, session.exec(select(Message)).one(), LETTERHEAD, NOW)
    assert address in letter.text and "<b>" not in letter.html
    assert {unescape(one) for one in led_to(letter)} <= {address, *re.findall(r"https\S+/l/\S+", letter.text)}
    assert (address in map(unescape, led_to(letter))) == address.startswith("https://x")


LEADS_TO_THE_ACCOUNT = ("address_changed", "case_alarm", "escalated", "stands_red", "end_nears")


@pytest.mark.parametrize("name", [one for one in CASES if one.partition("-")[0] in LEADS_TO_THE_ACCOUNT])
def test_what_is_asked_of_an_account_leads_to_it(session: Session, name: str) -> None:
    """To who may see its page: another, such as who stands in, is led to where everybody is."""
    letter = written(session, name)
    account_id = session.exec(select(Message.account_id)).one()
    assert f"\nÖppna kontots sida:\n{PORTAL}/oppna/konto/{account_id}\n" in letter.text
    head = replace(LETTERHEAD, opens_account=lambda session, account, person_id, now: False)
    message = session.exec(select(Message)).one()
    other = compose(session, message, head, NOW)
    if message.person_id is not None:
        assert f"\nÖppna Kanalvakt:\n{PORTAL}/mina-uppgifter\n" in other.text
    else:
        assert other.text == letter.text, "a mailbox is read by those who may"


def test_every_notice_has_a_folder_a_context_and_a_case() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert set(NOTICES) == set(CONTEXTS) == folders == {name.partition("-")[0] for name in CASES}


def test_approved_letters_are_all_of_cases() -> None:
    assert {path.stem for path in APPROVED.iterdir()} == set(CASES)
