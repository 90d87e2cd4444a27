"""What a visitor reports: a case at the account, or something for communications to look into."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlmodel import col

from acts.work import work
from lifecycle.conditions import Facts
from lifecycle.erasing import erase
from lifecycle.law import law_in_force
from lifecycle.reporting import (
    CASES_AN_HOUR,
    UNKNOWN_AN_HOUR,
    UNKNOWN_AN_HOUR_IN_ALL,
    matters_for,
)
from models import Case, CaseState, LinkKind, Message, TaskKind, UserTask, VisitorReport
from runtime.database import reading
from tests.web.visitor import Portal, Visitor, heading, plain
from tests.web.world import World
from web.limits import REPORTS_AN_HOUR, LinkRequests

BASE = "/exempelby/konton"
ADDRESS = "https://www.instagram.com/biblioteket"
WORDS = "Någon har lagt ut mitt telefonnummer i en kommentar."


@pytest.fixture
def account_id(world: World) -> int:
    return world.active(name="Biblioteket", address=ADDRESS)


def reported(visitor: Visitor, where: str, **given: str) -> Visitor:
    visitor.open(f"{BASE}/{where}")
    visitor.post(f"{BASE}/{where}", {"vad": WORDS, **given})
    return visitor


def cases(world: World) -> list[Case]:
    with reading(world.engine) as session:
        return list(session.execute(select(Case).order_by(col(Case.id))).scalars())


def reports(world: World) -> list[VisitorReport]:
    with reading(world.engine) as session:
        return list(session.execute(select(VisitorReport).order_by(col(VisitorReport.id))).scalars())


def test_a_report_becomes_a_case_with_its_hours(world: World, portal: Portal, account_id: int) -> None:
    """Tibro, section 4.4: removed within 48 hours, by the clock; those who look after it know at once."""
    visitor = reported(
        portal.visitor(),
        f"{account_id}/rapportera",
        galler="forbidden",
        adress="https://www.instagram.com/p/C9/",
    )
    [case] = cases(world)
    assert (case.account_id, case.kind, case.what) == (account_id, "forbidden", WORDS)
    assert case.due_at == world.now + timedelta(hours=48)
    assert case.post_address == "https://www.instagram.com/p/C9/" and case.opened_by_id is None
    assert visitor.page is not None and heading(visitor.page) == "Tack, vi har fått det du skrev"
    text = plain(visitor.page)
    assert "ska vara åtgärdat senast 4 mars 2026 kl. 09.00" in text
    assert "har fått besked nu" in text and "Otillåtet innehåll" in text and WORDS not in text
    with reading(world.engine) as session:
        asked = select(col(Message.notice)).where(col(Message.account_id) == account_id)
        assert "case_asked" in list(session.execute(asked).scalars())


@pytest.mark.parametrize(
    ("matter", "kind", "told"),
    [
        ("wrong", "factual_error", "läser det tisdag 3 mars 2026"),
        ("unanswered", "question", "har fått besked nu"),
        ("account_taken_over", "account_taken_over", "har fått besked nu"),
        ("other", "other", "läser det tisdag 3 mars 2026"),
    ],
)
def test_what_visitors_call_it_is_a_kind_of_case(
    world: World, portal: Portal, account_id: int, matter: str, kind: str, told: str
) -> None:
    page = reported(portal.visitor(), f"{account_id}/rapportera", galler=matter).page
    assert page is not None and told in plain(page)
    assert [case.kind for case in cases(world)] == [kind]


def test_every_municipality_has_its_own_words(world: World) -> None:
    """Tomelilla, Information till besökarna: criminal content, and secret and offensive personal data."""
    town = World(world.engine, policy="tomelilla", slug="annanby")
    with reading(town.engine) as session:
        law = law_in_force(session, town.municipality_id, town.now)
    offered = matters_for(law, Facts("facebook", "unit", False), town.now.date())
    assert [(one.matter, one.kind.name) for one in offered] == [
        *(("criminal", "criminal"), ("secret_or_personal", "secret_or_personal"), ("wrong", "other")),
        *(("unanswered", "question"), ("account_taken_over", "account_taken_over"), ("other", "other")),
    ]


def test_a_taken_over_account_raises_one_alarm(world: World, portal: Portal, account_id: int) -> None:
    for _ in range(2):
        reported(portal.visitor(), f"{account_id}/rapportera", galler="account_taken_over")
    assert [case.kind for case in cases(world)] == ["account_taken_over", "other"]


def test_an_unknown_account_is_looked_into_by_communications(world: World, portal: Portal) -> None:
    address = "https://www.facebook.com/exempelby.kommun.officiell"
    visitor = portal.visitor()
    page = plain(visitor.open(f"{BASE}/officiellt?adress={address}"))
    assert "Rapportera det" in page
    reported(visitor, f"rapportera?adress={address}", adress=address, kontakt="nils@example.net")
    assert visitor.page is not None and "Kommunikationsenheten läser det" in plain(visitor.page)
    with reading(world.engine) as session:
        [task] = session.execute(select(UserTask).where(col(UserTask.kind) == TaskKind.LOOK_INTO)).scalars()
    assert world.holders(task.id or 0) == [world.people["disa"], world.people["erik"]]
    assert WORDS not in task.label and address not in str((task.label, task.details))
    office = portal.visitor()
    office.open(world.link(LinkKind.MORNING, "disa"))
    shown = plain(office.open(f"{office.base}/uppgift/{task.id}"))
    assert all(word in shown for word in (address, WORDS, "nils@example.net"))
    office.post(f"{office.base}/uppgift/{task.id}", {"gjort": "Anmält till plattformen."})
    assert "Klart 2 mars 2026" in plain(visitor.client.get(visitor.path))


def test_the_case_shows_who_wants_an_answer_and_the_public_does_not(
    world: World, portal: Portal, account_id: int
) -> None:
    visitor = reported(portal.visitor(), f"{account_id}/rapportera", galler="other", kontakt="070-123 45 67")
    [case] = cases(world)
    insider = portal.visitor()
    insider.open(world.link(LinkKind.MORNING, "anna"))
    shown = plain(insider.open(f"{insider.base}/arende/{case.id}"))
    assert "070-123 45 67" in shown and WORDS in shown and "av en besökare" in shown
    assert visitor.page is not None and "070" not in plain(visitor.page)


@pytest.mark.parametrize(
    ("where", "given", "says"),
    [
        ("{}/rapportera", {}, "Välj vad det gäller."),
        ("{}/rapportera", {"galler": "finns inte"}, "Välj vad det gäller."),
        ("{}/rapportera", {"galler": "other", "vad": "  "}, "Skriv några ord"),
        ("{}/rapportera", {"galler": "other", "vad": "x" * 4001}, "för lång"),
        ("rapportera", {"adress": ""}, "Klistra in adressen"),
        ("rapportera", {"adress": "facebook.com/x", "vad": ""}, "Skriv några ord"),
    ],
)
def test_nothing_that_was_written_is_lost(
    world: World, portal: Portal, account_id: int, where: str, given: dict[str, str], says: str
) -> None:
    visitor = reported(portal.visitor(), where.format(account_id), kontakt="nils@example.net", **given)
    assert visitor.page is not None and visitor.page.status_code == 422
    assert says in plain(visitor.page) and 'value="nils@example.net"' in visitor.page.text
    assert given.get("vad", WORDS).strip() in visitor.page.text and reports(world) == []


def test_a_form_from_elsewhere_is_refused(world: World, portal: Portal, account_id: int) -> None:
    answer = portal.visitor().post(
        f"{BASE}/{account_id}/rapportera",
        {"galler": "other", "vad": WORDS},
        headers={"sec-fetch-site": "cross-site", "origin": "https://example.net"},
    )
    assert answer.status_code == 403 and reports(world) == []


def test_nobody_fills_the_inboxes(world: World, portal: Portal, account_id: int) -> None:
    visitor = portal.visitor()
    for _ in range(REPORTS_AN_HOUR):
        visitor.post(f"{BASE}/{account_id}/rapportera", {"galler": "other", "vad": ""})
    page = visitor.post(f"{BASE}/{account_id}/rapportera", {"galler": "other", "vad": WORDS})
    assert page.status_code == 429 and "Försök igen efter kl. 10.00" in plain(page)
    world.wait(hours=1)
    reported(visitor, f"{account_id}/rapportera", galler="other")
    assert len(reports(world)) == 1


def test_a_subscriber_of_ipv6_is_one_whichever_address_it_sends_from() -> None:
    def at_most(clients: list[str]) -> int:
        asked, now = LinkRequests(REPORTS_AN_HOUR), datetime(2026, 3, 2, 9, tzinfo=UTC)
        return sum(asked.full_until(one, now) is None for one in clients)

    assert at_most([f"2001:db8:1:2::{n:x}" for n in range(100)]) == REPORTS_AN_HOUR
    assert at_most([f"2001:db8:1:{n:x}::1" for n in range(100)]) == 100
    assert at_most([f"192.0.2.{n}" for n in range(100)]) == 100
    assert at_most([f"::ffff:192.0.2.{n}" for n in range(100)]) == 100
    assert at_most(["192.0.2.1", "::ffff:192.0.2.1"] * 50) == REPORTS_AN_HOUR
    assert at_most(["", "inte en adress", "fe80::1%eth0"]) == 3


def letters(world: World) -> int:
    with reading(world.engine) as session:
        return session.execute(select(func.count()).select_from(Message)).scalar_one()


def test_many_reports_of_one_account_are_gathered_in_its_case(
    world: World, portal: Portal, account_id: int
) -> None:
    """However many connections they come from: those who look after it have one case and its letters."""
    for number in range(CASES_AN_HOUR):
        reported(portal.visitor(), f"{account_id}/rapportera", galler="unanswered", vad=f"Fråga {number}")
    so_far = letters(world)
    for number in range(3):
        given = {
            "galler": "unanswered",
            "adress": f"https://example.net/{number}",
            "kontakt": "nils@example.net",
        }
        last = reported(portal.visitor(), f"{account_id}/rapportera", vad=f"Mer {number}", **given)
    assert letters(world) == so_far and len(cases(world)) == CASES_AN_HOUR
    assert last.page is not None and heading(last.page) == "Tack, vi har fått det du skrev"
    assert "har redan fått besked." in plain(last.page)
    newest = cases(world)[-1]
    assert {one.case_id for one in reports(world)[-3:]} == {newest.id}
    insider = portal.visitor()
    insider.open(world.link(LinkKind.MORNING, "anna"))
    shown = plain(insider.open(f"{insider.base}/arende/{newest.id}"))
    assert all(f"Mer {number}" in shown for number in range(3)) and "nils@example.net" in shown
    assert "https://example.net/2" in shown and shown.count("Fråga 4") == 1
    reported(portal.visitor(), f"{account_id}/rapportera", galler="account_taken_over")
    assert cases(world)[-1].kind == "account_taken_over", "a first alarm is never one among many"
    world.wait(minutes=61)
    reported(portal.visitor(), f"{account_id}/rapportera", galler="unanswered")
    assert len(cases(world)) == CASES_AN_HOUR + 2


def test_what_joined_a_case_is_weeded_with_it(world: World, portal: Portal, account_id: int) -> None:
    for _ in range(CASES_AN_HOUR + 1):
        reported(portal.visitor(), f"{account_id}/rapportera", galler="other", kontakt="nils@example.net")
    assert reports(world)[-1].what == WORDS
    with work(world.engine, world.now) as session:
        closed = {"state": CaseState.CLOSED, "closed_at": world.now}
        session.execute(update(Case).values(**closed))
    world.wait(days=800)
    _erase(world)
    assert {(one.what, one.address, one.contact) for one in reports(world)} == {("", "", "")}


def test_nobody_guesses_another_s_receipt(world: World, portal: Portal, account_id: int) -> None:
    visitor = reported(portal.visitor(), f"{account_id}/rapportera", galler="other")
    number, _, seal = visitor.path.rpartition("/")[2].partition(".")
    for code in (
        number,
        f"{number}.",
        f"{int(number) + 1}.{seal}",
        f"{number}.{seal[:-1]}x",
        "x.y",
        "²." + seal,
    ):
        assert portal.visitor().open(f"{BASE}/kvitto/{code}").status_code == 404
    World(world.engine, slug="annanby")
    elsewhere = visitor.path.replace("exempelby", "annanby")
    assert portal.visitor().open(elsewhere).status_code == 404


def test_a_receipt_is_not_of_a_later_report_that_has_its_number(world: World, portal: Portal) -> None:
    """After a copy was put back, numbers that were given after it are given again."""
    mine = reported(portal.visitor(), "rapportera", adress="facebook.com/mitt")
    assert heading(portal.visitor().open(mine.path)) == "Tack, vi har fått det du skrev"
    with work(world.engine, world.now) as session:
        session.execute(delete(VisitorReport))
    world.wait(minutes=1)
    later = reported(portal.visitor(), "rapportera", adress="facebook.com/annans")
    assert later.path.split(".")[0] == mine.path.split(".")[0], "the same number"
    assert portal.visitor().open(later.path).status_code == 200
    assert portal.visitor().open(mine.path).status_code == 404


def test_nobody_buries_communications_in_unknown_accounts(world: World, portal: Portal) -> None:
    """However many connections they come from, and whichever portal they come to."""
    earlier = [
        VisitorReport(
            municipality_id=world.municipality_id,
            matter="unknown",
            received_at=world.now - timedelta(minutes=59 - number),
        )
        for number in range(UNKNOWN_AN_HOUR)
    ]
    with work(world.engine, world.now) as session:
        session.add_all(earlier)
    page = reported(portal.visitor(), "rapportera", adress="facebook.com/x", kontakt="nils@example.net").page
    assert page is not None and page.status_code == 422 and len(reports(world)) == UNKNOWN_AN_HOUR
    assert "Skicka den igen efter 2 mars 2026 kl. 09.01." in plain(page)
    assert WORDS in page.text and 'value="nils@example.net"' in page.text
    World(world.engine, slug="annanby")
    elsewhere = portal.visitor()
    elsewhere.post("/annanby/konton/rapportera", {"vad": WORDS, "adress": "facebook.com/x"})
    assert len(reports(world)) == UNKNOWN_AN_HOUR + 1, "another municipality has its own room"
    world.wait(minutes=1)
    reported(portal.visitor(), "rapportera", adress="facebook.com/x")
    assert len(reports(world)) == UNKNOWN_AN_HOUR + 2


def test_the_installation_as_a_whole_has_its_limit(world: World, portal: Portal) -> None:
    towns = [World(world.engine, slug=f"by{'abcdefghij'[number]}") for number in range(10)]
    full = UNKNOWN_AN_HOUR_IN_ALL // len(towns)
    with work(world.engine, world.now) as session:
        for town in towns:
            one = {"municipality_id": town.municipality_id, "matter": "unknown", "received_at": world.now}
            session.add_all(VisitorReport(**one) for _ in range(full))
    page = reported(portal.visitor(), "rapportera", adress="facebook.com/x").page
    assert page is not None and page.status_code == 422 and len(reports(world)) == UNKNOWN_AN_HOUR_IN_ALL


def test_a_visitor_s_words_are_weeded(world: World, portal: Portal, account_id: int) -> None:
    """REQUIREMENTS 5 (b), settings.cases_kept_months: they go when the matter has rested so long."""
    reported(portal.visitor(), "rapportera", adress="facebook.com/x", kontakt="nils@example.net")
    with work(world.engine, world.now) as session:
        [task] = session.execute(select(UserTask).where(col(UserTask.kind) == TaskKind.LOOK_INTO)).scalars()
    world.wait(days=800)
    _erase(world)
    assert reports(world)[0].what == WORDS  # Nobody has looked into it yet.
    office = portal.visitor()
    office.open(world.link(LinkKind.MORNING, "disa"))
    office.open(f"{office.base}/uppgift/{task.id}")
    office.post(f"{office.base}/uppgift/{task.id}", {"gjort": "Inte vårt."})
    _erase(world)
    [report] = reports(world)
    assert (report.what, report.address, report.contact) == ("", "", "") and report.weeded_at == world.now


def _erase(world: World) -> None:
    with work(world.engine, world.now) as session:
        law = law_in_force(session, world.municipality_id, world.now)
        erase(session, law, law.day_of(world.now), world.now)
