"""GDPR article 15, REQUIREMENTS 2.9: the copy that a person may ask for of everything kept about them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import about_me
from acts.kept_about_people import KEPT
from lifecycle.events import By
from models import Absence, AuditEvent, Case, Link, Message, Municipality, Outcome, Person, metadata
from papers.checking import faults_in
from tests.acts.told_town import ToldTown
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN, item, step
from tests.papers.test_snapshot_paper import words

CHIEF = step("chef", "decide", "line_manager")
SECRET = "Min granne är sjuk"


@pytest.fixture(scope="module")
def town() -> ToldTown:
    """Elin has applied, Karin has declined and then approved, Omar does not hear of much."""
    town = ToldTown(memory_engine(), {"opening": [CHIEF], "setting_up": [item("rad")]})
    town.apply(administrators=["elin", "omar"], responsible=["elin"], address="https://example.org/b")
    declined = town.answer("karin", Outcome.DECLINE, "Karins eget skäl.")
    town.now += timedelta(minutes=5)
    town.take_back(declined, "karin")
    town.answer("karin", reason="Det blir bra.")
    town.confirm("elin")
    with town.work() as session:
        session.add(
            Absence(
                municipality_id=town.municipality_id,
                person_id=town.people["karin"],
                from_on=town.now.date(),
                substitute_id=town.people["johan"],
                entered_at=town.now,
            )
        )
        session.add(
            Case(
                municipality_id=town.municipality_id,
                account_id=town.account_id,
                kind="criminal",
                label="Brottsligt inlägg",
                opened_by_id=town.people["elin"],
                opened_at=town.now,
                noticed_at=town.now,
                what=SECRET,
            )
        )
    return town


def copy_of(town: ToldTown, who: str) -> dict[str, Any]:
    with town.reading() as session:
        me = about_me.about(session, session.get_one(Person, town.people[who]), town.now)
    found: dict[str, Any] = json.loads(about_me.as_json(me))
    return found


def paper_of(town: ToldTown, who: str) -> bytes:
    with town.reading() as session:
        me = about_me.about(session, session.get_one(Person, town.people[who]), town.now)
    return about_me.as_pdf(me, town.now)


def test_what_is_known_is_told_in_words(town: ToldTown) -> None:
    with town.reading() as session:
        me = about_me.about(session, session.get_one(Person, town.people["elin"]), town.now)
    assert ("Språk", "svenska") in me.facts


def test_no_table_that_points_to_a_person_is_forgotten() -> None:
    """Held against the database's own foreign keys: a new column is about somebody."""
    pointing = {
        (name, column.name)
        for name, table in metadata.tables.items()
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    }
    told = {(str(kept.table.__tablename__), column) for kept in KEPT for column in kept.by}
    assert pointing - told == set()
    logged = {("audit_event", "actor_id"), ("audit_event", "on_behalf_of_id")}
    assert told - pointing == logged | {("message", "email"), ("link", "email")}


def test_no_token_and_no_file_is_shown() -> None:
    shown = {name for kept in KEPT for name in kept.shown}
    assert not shown & {"token_sha256", "content", "original", "context", "what", "dedupe_key"}


def test_the_copy_holds_what_one_is_has_answered_and_was_sent(town: ToldTown) -> None:
    karin = copy_of(town, "karin")
    assert karin["me"]["email"] == f"karin@{DOMAIN}"
    assert [one["name"] for one in karin["unit"]] == ["Bibliotek"]
    assert {one["reason"] for one in karin["user_task"]} == {"Karins eget skäl.", "Det blir bra."}
    assert len(karin["task_holder"]) == 2
    assert [one["from_on"] for one in karin["absence"]] == [town.now.date().isoformat()]
    assert {one["notice"] for one in karin["message"]} == {"decision_asked"}
    assert {one["kind"] for one in karin["link"]} == {"decide"}
    kinds = [one["kind"] for one in karin["audit_event"]]
    assert kinds.count("decision_given") == 2 and "taken_back" in kinds
    elin = copy_of(town, "elin")
    assert [one["account"] for one in elin["account"]] == ["Instagramkontot ”Biblioteket”"]
    assert {one["kind"] for one in elin["account_role"]} == {"responsible", "administrator"}
    assert [one["account"] for one in elin["plan"]] == ["Instagramkontot ”Biblioteket”"]
    assert [one["label"] for one in elin["account_case"]] == ["Brottsligt inlägg"]


def test_nothing_of_others_and_nothing_of_citizens_is_in_it(town: ToldTown) -> None:
    elin = json.dumps(copy_of(town, "elin"), ensure_ascii=False)
    for other in ("Karins eget skäl.", SECRET, "Karin", f"omar@{DOMAIN}"):
        assert other not in elin, other
    johan = copy_of(town, "johan")
    assert [one["name"] for one in johan["person"]] == ["Karin"], "whom one stands in for is needed"


def test_no_token_is_in_it(town: ToldTown) -> None:
    tokens = [one.text.split("/l/")[1].split()[0] for one in town.box.letters if "/l/" in one.text]
    with town.reading() as session:
        hashes = list(session.execute(select(col(Link.token_sha256))).scalars())
    copies = "".join(json.dumps(copy_of(town, who)) for who in ("karin", "elin"))
    assert tokens and not any(one in copies for one in [*tokens, *hashes])


def test_the_paper_says_the_same_in_words_and_what_one_may_ask_for(town: ToldTown) -> None:
    pdf = paper_of(town, "karin")
    assert faults_in(pdf, "pdfa-2b") == []
    text = words(pdf)
    for told in (
        "Karin",
        f"karin@{DOMAIN}",
        "Dina svar",
        "svarade Instagramkontot",
        "Karins eget skäl.",
        "avslag",
        "Beslut lämnat",
        "Integritetsskyddsmyndigheten",
    ):
        assert told in text, told


def test_a_long_list_is_shortened_on_paper_and_whole_for_machines(
    town: ToldTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(about_me, "ROWS_ON_PAPER", 2)
    assert "De senaste 2 av" in words(paper_of(town, "karin"))
    assert len(copy_of(town, "karin")["audit_event"]) > 2


def test_another_municipality_s_rows_are_not_in_it(town: ToldTown) -> None:
    """The same address may be known in two municipalities."""
    with town.work() as session:
        other = Municipality(
            slug="annanby", name="Annanby", mail_domains=[DOMAIN], sender_address=f"k@{DOMAIN}"
        )
        session.add(other)
        session.flush()
        there = Message(
            id="f" * 32,
            municipality_id=other.id or 0,
            notice="my_page",
            dedupe_key="annanby",
            email=f"omar@{DOMAIN}",
            queued_at=town.now,
            not_before=town.now,
        )
        session.add(there)
    assert "my_page" not in {one["notice"] for one in copy_of(town, "omar").get("message", [])}


def test_that_a_copy_was_made_is_kept(town: ToldTown) -> None:
    with town.work() as session:
        about_me.record_copy(session, town.now, person_id=town.people["omar"], by=By(None, "cli"))
    with town.reading() as session:
        rows = select(AuditEvent).order_by(col(AuditEvent.number).desc())
        last = session.execute(rows).scalars().first()
    assert last is not None
    assert (last.kind, last.facts, last.via) == ("person_copied", {"person": town.people["omar"]}, "cli")
