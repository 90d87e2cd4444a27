"""Mail over a real connection: what arrives, over how many connections, and which refusals mean what."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from apprise import Apprise
from hypothesis import given
from hypothesis import strategies as st

from notifications import words
from notifications.enclosures import Enclosure
from notifications.examples.world import NOW
from notifications.letters import Letter
from notifications.mail import MailPost, MailServer, as_mail
from notifications.post import RefusedForGood, TryLater, Unreachable
from tests.notifications.certificates import certificate, tls
from tests.notifications.mail_server import PASSWORD, MailServerOnLoopback, signs_in

__all__ = ["certificate"]

LETTER = Letter(
    message_id="0123456789abcdef0123456789abcdef@example.org",
    sender="kanalvakt@example.org",
    sender_name="Kanalvakt, Exempelby kommun",
    to="asa@example.org",
    to_name="Åsa Öberg",
    reply_to="sara@example.org",
    reply_to_name="Sara Lindqvist",
    subject="Ditt beslut behövs: ansökan om Instagramkontot ”Biblioteket i Exempelby” och något till",
    text="Hej Åsa!\n\nLäs planen:\nhttps://kanalvakt.example.org/l/" + "x" * 43 + "\n",
    html='<p>Hej Åsa!</p><p><a href="https://kanalvakt.example.org/l/' + "x" * 43 + '">Läs planen</a></p>\n',
    written_at=NOW,
)


def test_a_file_goes_with_a_letter() -> None:
    """The two parts of the text stay together, and the file comes after them under its Swedish name."""
    enclosure = Enclosure("2027-01-04 Åsas bild.pdf", "application/pdf", b"%PDF-1.4 x")
    mail = message_from_bytes(as_mail(replace(LETTER, enclosures=(enclosure,))).as_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail.get_content_type() == "multipart/mixed"
    assert "Hej Åsa!" in part(mail, "plain") and "Läs planen" in part(mail, "html")
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("2027-01-04 Åsas bild.pdf", b"%PDF-1.4 x")


@pytest.fixture
def server() -> Iterator[MailServerOnLoopback]:
    with MailServerOnLoopback() as server:
        yield server


def post_to(server: MailServerOnLoopback, **values: object) -> MailPost:
    known = {"host": "127.0.0.1", "port": server.port, "sender": "kanalvakt@example.org", "security": "off"}
    return MailPost(MailServer(**(known | values)))  # type: ignore[arg-type]


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def test_a_letter_arrives_as_it_was_written(server: MailServerOnLoopback) -> None:
    post_to(server).send(LETTER)
    mail = server.behaviour.taken[0]
    assert mail.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html"]
    assert (part(mail, "plain"), part(mail, "html")) == (LETTER.text, LETTER.html)
    assert mail["Subject"] == LETTER.subject
    assert mail["From"] == '"Kanalvakt, Exempelby kommun" <kanalvakt@example.org>'
    assert mail["To"].addresses[0].display_name == "Åsa Öberg"
    assert mail["Reply-To"] == "Sara Lindqvist <sara@example.org>"
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_all("Message-ID") == [f"<{LETTER.message_id}>"]


def test_headers_are_plain_ascii_in_lines_of_lawful_length() -> None:
    lines = as_mail(LETTER).as_bytes().split(b"\r\n")
    assert all(line.isascii() and len(line) <= 998 for line in lines)
    assert max(len(line) for line in lines[: lines.index(b"")]) <= 78


def test_a_letter_without_a_reply_address_has_none(server: MailServerOnLoopback) -> None:
    post_to(server).send(replace(LETTER, reply_to=None))
    assert server.behaviour.taken[0]["Reply-To"] is None


@given(st.text(max_size=400))
def test_any_subject_survives_the_way(text: str) -> None:
    subject = words.subject_line(f"Avslag: {text}")
    mail = as_mail(replace(LETTER, subject=subject))
    lines = mail.as_bytes().split(b"\r\n\r\n")[0].split(b"\r\n")
    assert len([line for line in lines if line.lower().startswith(b"subject:")]) == 1
    assert not any(line.lower().startswith(b"bcc:") for line in lines)
    assert len(subject) < 120
    assert message_from_bytes(mail.as_bytes(), policy=default)["Subject"] == subject


@pytest.mark.parametrize("name", ["Kultur och fritid", "Vårby ängar bibliotek och kulturhus"])
@pytest.mark.parametrize(
    "before", ["För kännedom: ansökan om YouTube-kanalen", "Ställ i ordning: TikTok-kontot"]
)
def test_no_space_is_lost_where_a_subject_is_folded(before: str, name: str) -> None:
    mail = as_mail(replace(LETTER, subject=f"{before} ”{name}”"))
    assert message_from_bytes(mail.as_bytes(), policy=default)["Subject"] == f"{before} ”{name}”"


def test_many_letters_go_over_one_connection(server: MailServerOnLoopback) -> None:
    post = post_to(server)
    for number in range(20):
        post.send(replace(LETTER, to=f"nr{number}@example.org"))
    assert len(server.behaviour.taken) == 20
    assert server.behaviour.connections == 1


def test_what_cannot_be_delivered_comes_back_to_where_it_is_read(server: MailServerOnLoopback) -> None:
    """The envelope's sender, with the letter's number where the address has a star; From stays as it was."""
    for address in ("", "retur@example.org", "retur+*@example.org"):
        post_to(server, returns_to=address).send(LETTER)
    number = LETTER.message_id.partition("@")[0]
    wanted = [LETTER.sender, "retur@example.org", f"retur+{number}@example.org"]
    assert server.behaviour.senders == wanted
    assert {mail["From"].addresses[0].addr_spec for mail in server.behaviour.taken} == {LETTER.sender}


def test_an_answer_that_no_person_awaits_comes_there_too(server: MailServerOnLoopback) -> None:
    post = post_to(server, returns_to="retur+*@example.org")
    post.send(replace(LETTER, reply_to="sara@example.org"))
    post.send(replace(LETTER, reply_to=None))
    to = [mail["Reply-To"].addresses[0].addr_spec for mail in server.behaviour.taken]
    assert to == ["sara@example.org", f"retur+{LETTER.message_id.partition('@')[0]}@example.org"]


def test_no_machine_is_to_answer_an_answer_to_mail(server: MailServerOnLoopback) -> None:
    """RFC 3834, and Exchange's own way: two machines would else write to each other for ever."""
    for answers in (False, True):
        post_to(server).send(replace(LETTER, answers_mail=answers))
    mails = server.behaviour.taken
    assert [mail["Auto-Submitted"] for mail in mails] == ["auto-generated"] * 2
    assert [mail["X-Auto-Response-Suppress"] for mail in mails] == [None, "All"]


def test_letters_from_several_threads_do_not_mix(server: MailServerOnLoopback) -> None:
    post = post_to(server)
    letters = [replace(LETTER, to=f"nr{number}@example.org", subject=f"Nr {number}") for number in range(12)]
    threads = [Thread(target=post.send, args=(letter,)) for letter in letters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    arrived = {(mail["To"].addresses[0].addr_spec, mail["Subject"]) for mail in server.behaviour.taken}
    assert arrived == {(letter.to, letter.subject) for letter in letters}


def test_a_connection_the_server_has_dropped_is_made_anew(server: MailServerOnLoopback) -> None:
    post = post_to(server)
    post.send(LETTER)
    server.behaviour.data = ["drop"]
    with pytest.raises(Unreachable):
        post.send(LETTER)
    post.send(LETTER)
    assert server.behaviour.connections == 2


def test_a_server_that_was_started_anew_is_found_again() -> None:
    with MailServerOnLoopback() as server:
        post = post_to(server)
        post.send(LETTER)
    with pytest.raises(Unreachable):
        post.send(LETTER)
    with MailServerOnLoopback(port=server.port) as anew:
        post.send(LETTER)
        assert len(anew.behaviour.taken) == 1


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"rcpt": {LETTER.to: "550 5.1.1 no such user"}}, RefusedForGood),
        ({"rcpt": {LETTER.to: "452 4.2.2 mailbox full"}}, TryLater),
        ({"rcpt": {LETTER.to: "530 5.7.0 sign in first"}}, Unreachable),
        ({"mail": "550 5.7.1 this sender may not"}, TryLater),
        ({"mail": "451 greylisted"}, TryLater),
        ({"mail": "421 going down"}, Unreachable),
        ({"data": ["554 5.7.1 looks like spam"]}, RefusedForGood),
        ({"data": ["451 4.3.0 try again"]}, TryLater),
        ({"data": ["drop"]}, Unreachable),
    ],
)
def test_refusals_are_told_apart(
    server: MailServerOnLoopback, answers: dict[str, object], kind: type[Exception]
) -> None:
    for name, value in answers.items():
        setattr(server.behaviour, name, value)
    post = post_to(server)
    with pytest.raises(kind) as refusal:
        post.send(LETTER)
    assert type(refusal.value) is kind
    server.behaviour.mail, server.behaviour.rcpt = "", {}
    post.send(LETTER)
    assert server.behaviour.taken[-1]["Subject"] == LETTER.subject


def test_nobody_listening_is_unreachable(server: MailServerOnLoopback) -> None:
    server.stop()
    with pytest.raises(Unreachable):
        post_to(server).send(LETTER)


def test_addresses_beyond_ascii(server: MailServerOnLoopback) -> None:
    post_to(server).send(replace(LETTER, to="åsa@exempelköping.example.org"))
    assert server.behaviour.recipients == ["åsa@xn--exempelkping-cjb.example.org"]


@pytest.mark.parametrize(
    "to",
    [
        "victim@example.net,x@example.org",
        "<victim@example.net>@example.org",
        "victim@example.net(@example.org",
    ],
)
def test_an_address_that_means_another_gets_no_letter(server: MailServerOnLoopback, to: str) -> None:
    with pytest.raises(RefusedForGood):
        post_to(server).send(replace(LETTER, to=to))
    assert server.behaviour.taken == []


def test_apprise_sends_short_news_the_same_way(server: MailServerOnLoopback) -> None:
    url = MailServer("127.0.0.1", server.port, "kanalvakt@example.org", security="off").url()
    apprise = Apprise()
    assert apprise.add(f"{url}&to=jour@example.org")
    assert apprise.notify(title="Utkorgen står still", body="Inga brev har gått ut på en timme.")
    assert server.behaviour.recipients == ["jour@example.org"]
    server.behaviour.rcpt = {"jour@example.org": "550 no"}
    assert not apprise.notify(title="Utkorgen står still", body="Inga brev har gått ut på två timmar.")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_encrypted_and_signed_in(certificate: Path, security: str) -> None:
    signed_in: dict[str, Any] = {"auth_required": True, "authenticator": signs_in}
    with MailServerOnLoopback(tls(certificate), starttls=security == "starttls", **signed_in) as server:
        login = {"user": "kanalvakt@example.org", "password": PASSWORD.decode(), "verify": False}
        post_to(server, security=security, **login).send(LETTER)
        with pytest.raises(Unreachable):
            post_to(server, security=security, **(login | {"password": "fel"})).send(LETTER)
        assert len(server.behaviour.taken) == 1


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_a_certificate_that_is_not_good_is_not_trusted(certificate: Path, security: str) -> None:
    with MailServerOnLoopback(tls(certificate), starttls=security == "starttls") as server:
        with pytest.raises(Unreachable):
            post_to(server, security=security).send(LETTER)
        assert server.behaviour.taken == []


def test_the_password_does_not_show_in_the_log_form(server: MailServerOnLoopback) -> None:
    url = MailServer("127.0.0.1", 25, "kanalvakt@example.org", "off", "anv", "hemligheten").url()
    plugin = Apprise.instantiate(url)
    assert plugin is not None
    assert "hemligheten" not in plugin.url(privacy=True)  # type: ignore[no-untyped-call]
