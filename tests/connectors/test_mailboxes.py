"""The mailbox of returned mail, read from a real IMAP server over loopback with TLS, and from a folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import mailboxes
from connectors.mail_parts import MOST_BYTES
from connectors.mailboxes import NotReachable, Returns, opened_folder, opened_imap
from tests.connectors.imap_server import ImapServer, running
from tests.notifications.certificates import certificate

__all__ = ["certificate"]
MAIL = b"From: karin@example.org\r\nTo: retur@example.org\r\nSubject: Re: Beslut\r\n\r\nJa.\r\n"
READ = "Kanalvakt/läst"


@pytest.fixture(scope="module")
def server(certificate: Path) -> Iterator[ImapServer]:
    with running(certificate) as started:
        yield started


@pytest.fixture
def imap(server: ImapServer, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> ImapServer:
    """Empty, and its certificate trusted as an installation trusts its own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.empty()
    return server


def read_all(box: Returns) -> list[bytes]:
    found = [(name, box.read(name)) for name in box.waiting()]
    for name, _ in found:
        box.put_away(name)
    return [content for _, content in found if content is not None]


@pytest.mark.parametrize("security", ["ssl", "starttls", "off"])
def test_mail_is_read_and_put_away_in_a_folder_of_its_own(
    imap: ImapServer, security: mailboxes.Security
) -> None:
    imap.deliver(MAIL, MAIL.replace(b"Ja.", b"Nej."))
    with opened_imap(imap.account(security)) as box:
        assert read_all(box) == [MAIL, MAIL.replace(b"Ja.", b"Nej.")]
        assert box.waiting() == []
    assert imap.folders()["INBOX"] == 0 and imap.folders()[READ] == 2


def test_to_read_marks_nothing_as_read(imap: ImapServer) -> None:
    """People may read the same mailbox, and a mail that is not put away is read again."""
    imap.deliver(MAIL)
    for _ in range(2):
        with opened_imap(imap.account()) as box:
            assert [box.read(one) for one in box.waiting()] == [MAIL]
    assert imap.seen() == 0 and imap.folders()["INBOX"] == 1


def test_two_readers_at_once_do_not_disturb_each_other(imap: ImapServer) -> None:
    imap.deliver(MAIL)
    with opened_imap(imap.account()) as one, opened_imap(imap.account()) as other:
        [name] = one.waiting()
        assert other.waiting() == [name]
        one.put_away(name)
        assert other.read(name) is None
        other.put_away(name)
    assert imap.folders()[READ] == 1


def test_of_a_huge_mail_only_the_beginning_is_fetched(imap: ImapServer) -> None:
    imap.deliver(MAIL + b"x" * 70 * 100 * 100 + b"\r\n")
    with opened_imap(imap.account()) as box:
        [content] = read_all(box)
    assert len(content) == MOST_BYTES and content.startswith(MAIL)


def test_a_server_with_other_marks_between_folders(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running(certificate, layout="maildir++") as server:
        server.deliver(MAIL)
        with opened_imap(server.account()) as box:
            assert read_all(box) == [MAIL]
        assert server.folders()["Kanalvakt.läst"] == 1


def test_a_wrong_password_is_said_without_telling_it(imap: ImapServer) -> None:
    with pytest.raises(NotReachable) as said, opened_imap(imap.account(password="fel-hemlighet")):
        pass
    assert "hemlighet" not in str(said.value) and "AUTHENTICATIONFAILED" in str(said.value)


def test_a_certificate_that_is_not_trusted_is_refused(
    imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    for security in ("ssl", "starttls"):
        with pytest.raises(NotReachable, match="certificate"), opened_imap(imap.account(security)):
            pass


def test_nobody_listening_is_said() -> None:
    gone = mailboxes.ImapAccount("127.0.0.1", 1, "a", "b")
    with pytest.raises(NotReachable, match="refused"), opened_imap(gone):
        pass


def test_a_folder_of_files_is_read_in_their_order(tmp_path: Path) -> None:
    for number, name in enumerate(("b.eml", "a.EML", "half-written.tmp")):
        (tmp_path / name).write_bytes(name.encode())
        os.utime(tmp_path / name, (1_700_000_000 + number, 1_700_000_000 + number))
    (tmp_path / "secret").write_text("inte här")
    (tmp_path / "link.eml").symlink_to(tmp_path / "secret")
    with opened_folder(tmp_path) as box:
        assert read_all(box) == [b"b.eml", b"a.EML"]
        assert box.waiting() == [] and box.read("b.eml") is None
        box.put_away("b.eml")
    assert sorted(one.name for one in (tmp_path / "läst").iterdir()) == ["a.EML", "b.eml"]


def test_a_file_of_a_name_that_was_there_before_replaces_none(tmp_path: Path) -> None:
    for words in (b"ett", b"tva"):
        (tmp_path / "mail.eml").write_bytes(words)
        with opened_folder(tmp_path) as box:
            assert read_all(box) == [words]
    assert sorted(one.read_bytes() for one in (tmp_path / "läst").iterdir()) == [b"ett", b"tva"]
