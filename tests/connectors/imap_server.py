"""A real IMAP server (Dovecot) on loopback, with one mailbox and TLS."""

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from imap_tools import MailBoxUnencrypted

from connectors.mailboxes import ImapAccount, Security
from deployments.processes import free_port

DOVECOT = "/usr/sbin/dovecot"
USER, PASSWORD = "retur@example.org", "hemligt-å"
_ONLY_NAMES = {r"\noselect", r"\nonexistent"}
"""Levels that hold no mail."""
NEEDED = "Install it with: sudo scripts/install-test-needs"


@dataclass
class ImapServer:
    """Where it listens."""

    folder: Path
    imaps: int
    plain: int

    def account(self, security: Security = "ssl", password: str = PASSWORD) -> ImapAccount:
        """How it is signed in to."""
        port = self.imaps if security == "ssl" else self.plain
        return ImapAccount("127.0.0.1", port, USER, password, security)

    def deliver(self, *mails: bytes) -> None:
        """New mails in the inbox."""
        with self._signed_in() as box:
            for one in mails:
                box.append(one, "INBOX")

    def folders(self) -> dict[str, int]:
        """How many mails are in each."""
        with self._signed_in() as box:
            held = [one.name for one in box.folder.list() if not _ONLY_NAMES & set(map(str.lower, one.flags))]
            return {name: int(box.folder.status(name)["MESSAGES"]) for name in held}

    def seen(self) -> int:
        """How many mails of the inbox count as read by a person."""
        with self._signed_in() as box:
            return len(box.uids("SEEN"))

    def empty(self) -> None:
        """As it was at the beginning."""
        with self._signed_in() as box:
            box.delete(box.uids())
            for one in box.folder.list():
                if one.name != "INBOX":
                    with suppress(Exception):
                        box.folder.delete(one.name)

    @contextmanager
    def _signed_in(self) -> Iterator[MailBoxUnencrypted]:
        box = MailBoxUnencrypted("127.0.0.1", self.plain)
        box.login_utf8(USER, PASSWORD)
        yield box
        box.logout()


@contextmanager
def running(certificate: Path, *, layout: str = "fs") -> Iterator[ImapServer]:
    """Started, and stopped at the end. `layout` "maildir++" has dots between folders, as many have."""
    if not Path(DOVECOT).exists():
        raise AssertionError(f"{DOVECOT} is missing. {NEEDED}")
    folder = Path(tempfile.mkdtemp(prefix="kanalvakt-imap-"))
    folder.chmod(0o755)
    server = ImapServer(folder, free_port(), free_port())
    config = _write(server, certificate, layout)
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        _wait(server)
        yield server
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: ImapServer) -> None:
    for _ in range(100):
        with suppress(OSError), MailBoxUnencrypted("127.0.0.1", server.plain):
            return
        time.sleep(0.05)
    log = server.folder / "log"
    raise AssertionError(f"Dovecot did not start: {log.read_text() if log.exists() else 'no log'}")


def _write(server: ImapServer, certificate: Path, layout: str) -> Path:
    """Its configuration; without root everything runs as oneself."""
    folder, me = server.folder, pwd.getpwuid(os.getuid())
    owner = pwd.getpwnam("nobody") if me.pw_uid == 0 else me
    mail = folder / "mail"
    mail.mkdir()
    shutil.copy(certificate, folder / "both.pem")
    if me.pw_uid == 0:
        os.chown(mail, owner.pw_uid, owner.pw_gid)
    own = "" if me.pw_uid == 0 else _AS_ONESELF.format(user=me.pw_name, group=_group(me.pw_gid))
    users = folder / "users"
    users.write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", "utf-8")
    users.chmod(0o644)
    config = folder / "dovecot.conf"
    values = {"folder": folder, "imaps": server.imaps, "plain": server.plain, "layout": layout}
    values |= {"uid": owner.pw_uid, "gid": owner.pw_gid}
    config.write_text(_CONFIG.format(**values) + own, "utf-8")
    return config


def _group(gid: int) -> str:
    return grp.getgrgid(gid).gr_name


_AS_ONESELF = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
"""
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/both.pem
ssl_key = <{folder}/both.pem
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
mail_location = maildir:{folder}/mail:LAYOUT={layout}
first_valid_uid = {uid}
first_valid_gid = {gid}
mail_fsync = never
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""
