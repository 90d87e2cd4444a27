"""The demonstration's mailbox: what is sent can be read, and is there again after a restart."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from deployments.mailbox import Mailbox, pages, pieces
from deployments.processes import free_port
from notifications.letters import Letter
from notifications.mail import MailPost, MailServer, as_mail

LETTER = Letter(
    message_id="0123456789abcdef0123456789abcdef@example.org",
    sender="kanalvakt@example.org",
    sender_name="Kanalvakt, Exempelby kommun",
    to="per@example.org",
    to_name="Per Holm",
    reply_to="sara@example.org",
    reply_to_name="Sara Lindqvist",
    subject="Ditt beslut behövs: <Biblioteket>",
    text="Hej Per!\n\nLäs planen:\nhttps://kanalvakt.example.org/l/abc\n",
    html='<html><head></head><body><a href="https://kanalvakt.example.org/l/abc">Läs</a></body></html>',
    written_at=datetime(2026, 12, 1, 13, 5, tzinfo=UTC),
)


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mail")


@pytest.fixture
def client(mailbox: Mailbox) -> TestClient:
    return TestClient(pages(mailbox))


def keep(mailbox: Mailbox, **changes: str) -> None:
    letter = replace(LETTER, **changes)  # type: ignore[arg-type]
    mailbox.keep(as_mail(letter).as_bytes(), [letter.to])


def test_an_empty_mailbox_says_so(client: TestClient) -> None:
    assert "Inga brev har kommit än" in client.get("/").text


def test_mails_are_listed_by_recipient_the_newest_first(mailbox: Mailbox, client: TestClient) -> None:
    keep(mailbox, subject="Första")
    keep(mailbox, subject="Till Åsa", to="asa@example.org", to_name="Åsa Öberg")
    keep(mailbox, subject="Andra")
    page = client.get("/").text.partition("<main>")[2]
    places = [page.index(one) for one in ("Per Holm", "Andra", "Första", "Åsa Öberg", "Till Åsa")]
    assert places == sorted(places)
    only = client.get("/", params={"till": "asa@example.org"}).text
    assert "Till Åsa" in only and "Andra" not in only


def test_many_mails_to_one_are_shown_on_a_page_of_their_own(mailbox: Mailbox, client: TestClient) -> None:
    for number in range(12):
        keep(mailbox, subject=f"Nr {number:02}")
    assert "Nr 01" not in client.get("/").text
    assert "Visa alla 12 brev" in client.get("/").text
    assert "Nr 00" in client.get("/", params={"till": "per@example.org"}).text


def test_a_mail_is_shown_as_text_and_in_a_closed_frame(mailbox: Mailbox, client: TestClient) -> None:
    keep(mailbox)
    name = mailbox.all()[0].name
    page = client.get(f"/brev/{name}").text
    assert "Ditt beslut behövs: &lt;Biblioteket&gt;" in page
    assert "tisdag 1 december 2026 kl. 14.05" in page
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page
    assert '<a href="https://kanalvakt.example.org/l/abc">' in page
    frame = client.get(f"/brev/{name}/html")
    assert '<base target="_top">' in frame.text
    assert frame.headers["content-security-policy"].startswith("sandbox allow-top-navigation")


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fetc%2fpasswd", "20261201T130500000000-abcdef01"])
def test_a_mail_that_is_not_there_is_not_found(client: TestClient, name: str) -> None:
    assert client.get(f"/brev/{name}").status_code == 404


def test_addresses_in_a_text_are_found() -> None:
    assert pieces("Se https://a.example.org/x\noch mer") == [
        ("Se ", False),
        ("https://a.example.org/x", True),
        ("\noch mer", False),
    ]


def test_what_was_sent_is_there_again_after_a_restart(tmp_path: Path) -> None:
    smtp, http = free_port(), free_port()
    post = MailPost(MailServer("127.0.0.1", smtp, "kanalvakt@example.org", "off"))
    with running(tmp_path, smtp, http):
        post.send(LETTER)
    with running(tmp_path, smtp, http):
        post.send(replace(LETTER, subject="Ett till"))
    subjects = [mail.subject for mail in Mailbox(tmp_path).all()]
    assert subjects == ["Ett till", LETTER.subject]


@contextmanager
def running(folder: Path, smtp: int, http: int) -> Iterator[None]:
    """The mailbox as a process of its own, until it answers; then stopped."""
    told = ["--folder", str(folder), "--smtp", str(smtp), "--http", str(http)]
    process = subprocess.Popen([sys.executable, "-m", "deployments.mailbox", *told])
    try:
        deadline = time.monotonic() + 30
        while not (answers(smtp) and answers(http)):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        assert process.wait(15) in (0, -15)


def answers(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def test_mails_of_the_same_instant_keep_the_order_they_came_in(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2026, 12, 1, 13, 5, tzinfo=UTC)

    monkeypatch.setattr("deployments.mailbox.datetime", Stopped)
    for number in range(8):
        keep(mailbox, subject=f"Nr {number}", to=f"nr{number}@example.org")
    assert [mail.subject for mail in mailbox.all()] == [f"Nr {number}" for number in reversed(range(8))]
    assert mailbox.piles()[0].to == "nr7@example.org"
