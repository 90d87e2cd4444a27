"""Each letter as it was read and approved. `APPROVE_LETTERS=1` writes them anew: read the difference."""

import os
import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import Message
from notifications.contexts import CONTEXTS
from notifications.examples import CASES
from notifications.examples.world import LETTERHEAD, NOW, build
from notifications.letters import Letter, compose
from notifications.outbox import queue_many
from notifications.registry import NOTICES

APPROVED = Path(__file__).parent / "approved"
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
    assert len(set(re.findall(r'href="([^"]+)"', letter.html))) <= 1
    assert "<img" not in letter.html and "<script" not in letter.html
    assert "None" not in letter.text and "{{" not in letter.html
    assert max(len(line) for line in letter.text.splitlines() if "https://" not in line) <= 72


def test_every_notice_has_a_folder_a_context_and_a_case() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert set(NOTICES) == set(CONTEXTS) == folders == {name.partition("-")[0] for name in CASES}


def test_approved_letters_are_all_of_cases() -> None:
    assert {path.stem for path in APPROVED.iterdir()} == set(CASES)
