"""Drafts: saved as one goes, reminded of once, erased when left alone (REQUIREMENTS 2.2)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from acts import applying
from lifecycle.journal import verify
from models import Account, Attachment, Link, LinkKind, Outcome, Plan
from notifications import links
from tests.lifecycle.town import DOMAIN, TUESDAY, Town, field, refused_of, step

PDF = b"%PDF-1.4 exempel"
RULES = {
    "opening": [step("chef", "decide", "line_manager")],
    "plan": [field("purpose", modality="may"), field("bilaga", kind="file", modality="may")],
}


def drafted(engine: Engine, **settings: object) -> Town:
    """A draft in which everything personal is written."""
    town = Town(engine, RULES, settings)
    town.draft()
    town.write(name="Elins sida", platform="x", address="https://x.com/elin", purpose="Elins hemliga syfte")
    with town.work() as session:
        account = session.get_one(Account, town.account_id)
        applying.attach(session, account, "bilaga", "elins-cv.pdf", PDF, town.people["elin"], town.now)
    return town


def events(town: Town) -> list[tuple[str, int]]:
    """Reminders and erasures, by how many days had gone."""
    found = town.events("draft_reminded", "draft_erased")
    return [(event.kind, (event.at - TUESDAY).days) for event in found]


def test_a_draft_is_reminded_of_once_and_erased_after_sixty_days(memory: Engine) -> None:
    """Fifty days after 1 December is Wednesday 20 January."""
    town = drafted(memory)
    town.pass_days(59.9)
    assert (town.state, events(town)) == ("draft", [("draft_reminded", 50)])
    assert town.told("draft_reminder") == ["elin"]
    assert town.messages("draft_reminder")[0].context == {"erased_on": "2027-01-30"}
    town.pass_days(1)
    assert (town.state, events(town)) == ("withdrawn", [("draft_reminded", 50), ("draft_erased", 60)])
    assert town.told("draft_erased") == ["elin"]
    town.pass_days(300)
    assert len(events(town)) == 2


def test_nothing_that_was_written_is_left(memory: Engine) -> None:
    """Only what the audit log's own rule keeps: that there was a draft, and details that can be weeded."""
    town = drafted(memory)
    town.pass_days(61)
    account = town.account()
    assert (account.name, account.address, account.address_key) == ("", "", None)
    assert (account.purpose, account.target_group, account.wake_at) == ("", "", None)
    with town.reading() as session:
        for table in (Plan, Attachment):
            assert session.execute(select(table)).first() is None
        assert verify(session, town.municipality_id).breaks == []
    written = str([message.model_dump() for message in town.messages()])
    facts = str([event.facts for event in town.events()])
    for word in ("Elins sida", "x.com/elin", "hemliga", "elins-cv"):
        assert word not in written
        assert word not in facts


def test_each_change_begins_the_time_anew(memory: Engine) -> None:
    town = drafted(memory)
    town.pass_days(55)
    town.write(purpose="Mer")
    town.pass_days(45)
    assert town.state == "draft"
    assert len(events(town)) == 1
    town.pass_days(16)
    assert [kind for kind, _ in events(town)] == ["draft_reminded", "draft_reminded", "draft_erased"]


def test_a_draft_that_was_sent_is_no_draft(memory: Engine) -> None:
    town = drafted(memory)
    town.write(unit="bibliotek")
    town.send()
    town.pass_days(100)
    assert (town.state, events(town)) == ("deciding", [])


def test_a_plan_that_is_changed_is_no_draft_either(memory: Engine) -> None:
    """Writing on it moves none of its reminders, and it is never erased."""
    town = drafted(memory)
    town.write(unit="bibliotek")
    town.send()
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    due = town.account().wake_at
    town.now += timedelta(hours=1)
    town.write(purpose="Annat")
    assert town.account().wake_at == due
    town.pass_days(100)
    assert town.state == "changes_asked"
    assert len(town.events("reminded")) == 2


def test_reminders_go_in_working_hours(memory: Engine) -> None:
    """Fifty days after 6 November is Boxing Day; the next working day is Monday the 28th."""
    town = Town(memory, RULES, now=datetime(2026, 11, 6, 9, tzinfo=UTC))
    town.draft()
    town.pass_days(58)
    (reminded,) = town.events("draft_reminded")
    assert reminded.at == datetime(2026, 12, 28, 7, tzinfo=UTC)
    town.pass_days(3)
    (erased,) = town.events("draft_erased")
    assert erased.at == datetime(2027, 1, 5, 9, tzinfo=UTC)


def test_nothing_is_erased_that_was_not_reminded_of(memory: Engine) -> None:
    """The municipality is closed when the reminder should go, and longer than the draft is kept."""
    closed = [{"from": "2027-01-15", "until": "2027-02-26"}]
    town = drafted(memory, closures=closed)
    town.pass_days(75)
    assert (town.state, events(town)) == ("draft", [])
    town.pass_days(25)
    (reminded, erased) = town.events("draft_reminded", "draft_erased")
    assert reminded.at == datetime(2027, 3, 1, 7, tzinfo=UTC)
    assert erased.at - reminded.at == timedelta(days=7)


def test_nor_when_nobody_looked_for_a_long_time(memory: Engine) -> None:
    town = drafted(memory)
    town.now += timedelta(days=90)
    town.look()
    assert (town.state, len(events(town))) == ("draft", 1)
    town.pass_days(8)
    assert town.state == "withdrawn"


@pytest.mark.parametrize("days", [7, 366])
def test_the_days_are_the_municipalitys_to_set(memory: Engine, days: int) -> None:
    town = drafted(memory, draft_days=days, draft_reminder_days=days - 2)
    town.pass_days(days + 5)
    assert [kind for kind, _ in events(town)] == ["draft_reminded", "draft_erased"]


def test_the_drafts_link_lives_from_the_last_change(memory: Engine) -> None:
    """REQUIREMENTS 4.1: 60 days after the last change."""
    town = drafted(memory)
    with town.work() as session:
        token = links.mint(
            session,
            kind=LinkKind.DRAFT,
            municipality_id=town.municipality_id,
            email=f"elin@{DOMAIN}",
            now=town.now,
            until=town.now + timedelta(days=60),
            person_id=town.people["elin"],
            account_id=town.account_id,
        )
    town.now += timedelta(days=30)
    town.write(purpose="Mer")
    with town.reading() as session:
        (link,) = session.execute(
            select(Link).where(col(Link.token_sha256) == links.hash_of(token))
        ).scalars()
    assert link.expires_at == town.now + timedelta(days=60)


def test_and_as_long_as_the_municipality_keeps_drafts(memory: Engine) -> None:
    town = drafted(memory, draft_days=20, draft_reminder_days=10)
    with town.work() as session:
        links.mint(
            session,
            kind=LinkKind.DRAFT,
            municipality_id=town.municipality_id,
            email=f"elin@{DOMAIN}",
            now=town.now,
            until=town.now + timedelta(days=20),
            person_id=town.people["elin"],
            account_id=town.account_id,
        )
    town.write(purpose="Mer")
    with town.reading() as session:
        (link,) = session.execute(select(Link)).scalars()
    assert link.expires_at == town.now + timedelta(days=20)


# ---------------------------------------------------------------- attachments


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("tom.pdf", b"", "file_empty"),
        ("virus.exe", b"MZ", "file_kind"),
        ("virus.pdf", b"MZ", "file_kind"),
        ("bild.png", b"%PDF", "file_kind"),
        ("stor.pdf", b"%PDF" + b"0" * 10_000_000, "file_too_large"),
    ],
)
def test_what_is_not_taken(memory: Engine, name: str, content: bytes, code: str) -> None:
    assert refused_of(attach, drafted(memory), name, content) == code


def attach(town: Town, name: str, content: bytes = PDF) -> None:
    """Attach a file."""
    with town.work() as session:
        account = session.get_one(Account, town.account_id)
        applying.attach(session, account, "bilaga", name, content, town.people["elin"], town.now)


def test_ten_files_at_the_most_and_no_path_in_a_name(memory: Engine) -> None:
    town = drafted(memory)
    for number in range(9):
        attach(town, f"C:\\Users\\elin\\{number}.pdf")
    assert refused_of(attach, town, "elfte.pdf") == "too_many_files"
    with town.reading() as session:
        names = {one.file_name for one in session.execute(select(Attachment)).scalars()}
    assert names == {"elins-cv.pdf", *(f"{number}.pdf" for number in range(9))}


def test_nothing_is_attached_to_what_is_being_decided(memory: Engine) -> None:
    town = drafted(memory)
    town.write(unit="bibliotek")
    town.send()
    assert refused_of(attach, town, "sen.pdf") == "state_forbids"
