"""Several municipalities on one installation, strictly apart: the short form of `make large`."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from acts import desk_sheets, watching
from acts.applying import ask_for_link
from acts.rounds import go_round
from acts.work import work
from flows.desk_markdown import as_markdown
from lifecycle.morning import may_leave_at
from models import Municipality
from notifications.delivery import deliver_due
from notifications.letters import Letterhead
from notifications.mail import MailPost, MailServer
from runtime.database import writing
from tests.large.apart import Apart
from tests.large.filling import fill
from tests.notifications.mail_server import MailServerOnLoopback
from tests.web.visitor import Portal

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
"""A Tuesday morning in Sweden, after the hour of the morning letter."""
SITE = "http://testserver"


class Installation:
    """Some municipalities in the morning: their watch is asked for, and their letters have left."""

    def __init__(self, engine: Engine, server: MailServerOnLoopback) -> None:
        self.engine, self.now, self.server = engine, NOW, server
        self.filled = list(fill(engine, 2, 40, NOW))
        for one in (watching.ASK, watching.TELL):
            assert go_round(engine, one, NOW).failures == []
        for each in self.filled:
            with work(engine, NOW) as session:
                owner = session.get_one(Municipality, each.municipality_id)
                ask_for_link(session, owner, f"kim.0@{each.mark}.example.org", "my_page", NOW)
        self._deliver()

    def _deliver(self) -> None:
        post = MailPost(MailServer("127.0.0.1", self.server.port, "kanalvakt@example.org", "off"))
        head = Letterhead(SITE, lambda session, id, at: at.replace(hour=20), may_leave_at)
        deliver_due(lambda: writing(self.engine), post, head, lambda: NOW, at_most=1000)

    def mails(self) -> list[tuple[str, EmailMessage]]:
        taken = self.server.behaviour
        return list(zip(taken.recipients, taken.taken, strict=True))

    def link_to(self, recipient: str) -> str:
        """The address in somebody's newest letter."""
        [*_, mail] = [mail for to, mail in self.mails() if to == recipient]
        body = mail.get_body(("plain",))
        assert body is not None
        return re.findall(rf"{SITE}(/l/\S+)", body.get_content())[0]


@pytest.fixture
def large(sqlite_engine: Engine) -> Installation:
    with MailServerOnLoopback() as server:
        return Installation(sqlite_engine, server)


def test_nothing_of_a_municipality_reaches_another(large: Installation, tmp_path: Path) -> None:
    """Database, portal, letters, register, exports and backups (REQUIREMENTS 4.11)."""
    apart, portal = Apart(), Portal(SimpleNamespace(engine=large.engine, now=NOW))
    apart.letters(large.mails())
    owners = {one.slug: one for one in desk_sheets.owners(large.engine, "")}
    for one, other in zip(large.filled, [*large.filled[1:], large.filled[0]], strict=True):
        apart.public_pages(one, portal.visitor())
        apart.pages_of(one, portal.visitor(), large.link_to(f"kim.9@{one.mark}.example.org"))
        link = large.link_to(f"kim.0@{one.mark}.example.org")
        apart.desk_in_portal(one, portal.visitor(), link, other)
        apart.exports(large.engine, one, NOW)
        apart.copy(large.engine, one, tmp_path)
        owner = owners[one.slug]
        pages = desk_sheets.pages_of(large.engine, owner, NOW)
        apart.sheets(
            {
                f"kanalvakt-{one.slug}-{name}": as_markdown(name, page, owner, SITE, "")
                for name, page in pages.items()
            }
        )
    assert apart.strangers == []
    assert set(apart.looked) == {
        *("letters", "public pages", "people's pages", "pages of the desk", "doors to another"),
        *("exports", "copies of one municipality", "sheets in Prefect"),
    }


def test_what_is_anothers_is_found_and_so_is_nothing_at_all() -> None:
    apart = Apart()
    apart.look("letters", "a", "qx0000q", "Hej Kim Qx0000q")
    apart.look("letters", "b", "qx0000q", "Hej Kim Qx0000q, hälsar Qx0001q")
    apart.look("letters", "c", "qx0000q", "Hej")
    assert [one.partition(", ")[2] for one in apart.strangers] == [
        "b of qx0000q: qx0001q",
        "c of qx0000q: nothing of its own",
    ]
