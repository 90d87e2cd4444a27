"""The public register: the list and its formats, an account's page, and whether an address is official."""

import csv
import io
import json
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from sqlalchemy import Engine, event, select
from sqlmodel import Session, col

from acts import caring, cases, looking_into
from acts.work import work
from lifecycle.case_answers import Given
from lifecycle.events import EventKind
from lifecycle.identity import ask_about_identity, take_back
from lifecycle.journal import record
from lifecycle.law import Law, law_in_force
from lifecycle.register import FIELDS, Entry, read_entries
from lifecycle.register_words import WordIndex
from lifecycle.sights import Sight, keep_sight
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountSource,
    AccountState,
    Case,
    IdentityChange,
    Outcome,
    Person,
    TaskKind,
    Unit,
    UserTask,
)
from runtime.database import reading, writing
from tests.web.register_town import fill_register
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, heading, plain
from tests.web.world import World
from web.headers import HEADERS

BASE = "/exempelby/konton"
ADDRESS = "https://www.instagram.com/biblioteket"
ATOM = "{http://www.w3.org/2005/Atom}"
PARTIES = {
    "title": "Partierna",
    "disclaimer": "Åsikterna är partiernas egna.",
    "links": [{"name": "Sjöpartiet", "address": "https://sjopartiet.example.org"}],
    "clauses": ["skurup:samordning-partilankar"],
}


def changed(world: World, account_id: int, **values: Any) -> None:
    """An account's facts, as something has come to change them."""
    with work(world.engine, world.now) as session:
        account = session.get_one(Account, account_id)
        for name, value in values.items():
            setattr(account, name, value)


def moved(world: World, account_id: int, address: str) -> None:
    with work(world.engine, world.now) as session:
        caring.change_address(
            session,
            world.now,
            account_id=account_id,
            person_id=world.people["anna"],
            address=address,
            via="portal",
        )


def filled(world: World, count: int) -> list[str]:
    first = world.account(world.draft())
    return fill_register(world.engine, world.municipality_id, first.policy_version_id, world.now, count)


def test_the_list_is_sifted_and_paged(world: World, portal: Portal) -> None:
    filled(world, 120)
    visitor = portal.visitor()
    page = visitor.open(BASE)
    assert "120 konton" in plain(page) and "Sida 1 av 3" in plain(page)
    assert "Sida 3 av 3" in plain(visitor.open(f"{BASE}?sida=3"))
    assert "6 konton" in plain(visitor.open(f"{BASE}?visa=avslutade"))
    sifted = visitor.client.get(f"{BASE}.json?plattform=facebook&visa=oppna&enhet=Enhet Björk 0").json()
    assert {(one["platform"], one["open"], one["unit"]) for one in sifted["accounts"]} == {
        ("facebook", True, "Enhet Björk 0")
    }
    assert len(visitor.open(f"{BASE}?q=skolan").content) < 150_000
    assert "Inget konto stämmer" in plain(visitor.open(f"{BASE}?q=xylofonorkester"))


def as_long(text: str, length: int) -> str:
    """As Swedish is written, to the last letter that is allowed."""
    return (f"{text} Öppet för alla: kom när du vill, fråga oss på plats eller här. " * length)[:length]


def test_the_first_page_is_small_with_the_longest_texts_there_may_be(world: World, portal: Portal) -> None:
    """Everything that a policy can make public, fifty times, each text as long as its form lets it be."""
    public = [{"fields": list(FIELDS), "clauses": ["tibro:2-forteckning"]}]
    world.adopt("2026-03-01", public_register=public)
    filled(world, 50)
    with work(world.engine, world.now) as session:
        person = session.get_one(Person, world.people["anna"])
        person.name, person.title = as_long("Anna", 120), as_long("Strateg", 120)
        for number, account in enumerate(session.execute(select(Account)).scalars()):
            unit = Unit(
                municipality_id=world.municipality_id, code=f"l{number}", name=as_long(f"E{number}", 120)
            )
            session.add(unit)
            session.flush()
            account.unit_id, account.name = unit.id, as_long(f"Konto {number}", 120)
            account.address = f"https://www.example.org/{number}/{'långt-namn-' * 30}"[:300]
            account.purpose, account.target_group = as_long("Vi berättar.", 4000), as_long("Boende.", 1000)
            since = world.now.date()
            role = {
                "account_id": account.id,
                "person_id": person.id,
                "asked_at": world.now,
                "since_on": since,
            }
            session.add(AccountRole(**role, kind=AccountRoleKind.RESPONSIBLE))
    page = portal.visitor().open(BASE)
    assert "Konto 49" in plain(page) and "E49" in plain(page) and "Anna Öppet" in plain(page)
    assert len(page.content) < 150_000


def test_every_format_answers_the_same_question(world: World, portal: Portal) -> None:
    filled(world, 60)
    client = portal.visitor().client
    for question in ("", "?plattform=tiktok", "?visa=avslutade", "?q=förskolan", "?plattform=x"):
        data = client.get(f"{BASE}.json{question}").json()
        named = [one["name"] for one in data["accounts"]]
        rows = list(csv.reader(io.StringIO(client.get(f"{BASE}.csv{question}").text), delimiter=";"))
        assert [row[0] for row in rows[1:]] == named and data["total"] == len(named)
        page = plain(client.get(f"{BASE}{question}"))
        embedded = plain(client.get(f"{BASE}/inbaddad{question}"))
        assert all(name in page for name in named[:50]) and all(name in embedded for name in named)
        entries = ElementTree.fromstring(client.get(f"{BASE}.atom{question}").text).findall(f"{ATOM}entry")
        told = " ".join(entry.findtext(f"{ATOM}title") or "" for entry in entries)
        assert all(name in told for name in named)
        assert bool(entries) == bool(named)


def test_an_account_has_a_page_of_its_own(world: World, portal: Portal) -> None:
    """Tibro, section 2: unit and role, purpose and main target group; the role and no name."""
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    page = portal.visitor().open(f"{BASE}/{account_id}")
    text = plain(page)
    assert heading(page) == "Biblioteket" and "officiellt konto för Exempelby" in text
    assert all(word in text for word in ("Instagram", ADDRESS, "Bibliotekarie", "Öppet sedan 2 mars 2026"))
    assert "Anna Berg" not in text
    assert portal.visitor().open(f"{BASE}/{world.sent(name='Bokbussen', address='')}").status_code == 404
    assert portal.visitor().open(f"{BASE}/999").status_code == 404
    assert portal.visitor().open(f"{BASE}/1e9").status_code == 404


def test_the_register_is_as_the_database_is(world: World, portal: Portal) -> None:
    """What has been read is kept; every act shows at once, and every new day."""
    visitor = portal.visitor()
    assert "Inget konto är listat." in plain(visitor.open(BASE))
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    assert "Biblioteket" in plain(visitor.open(BASE))
    moved(world, account_id, "https://www.instagram.com/exempelbybiblioteket")
    assert "exempelbybiblioteket" in plain(visitor.open(BASE))
    world.adopt("2026-03-05", public_register=[{"fields": ["purpose"], "clauses": ["tibro:2-forteckning"]}])
    assert "exempelbybiblioteket" in plain(visitor.open(BASE))
    world.wait(days=3)
    assert "exempelbybiblioteket" not in plain(visitor.open(BASE))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Collection[int] | None]:
    """Which accounts have been read for the register, time by time; None: all."""
    seen: list[Collection[int] | None] = []

    def read(session: Session, law: Law, on: date, account_ids: Collection[int] | None = None) -> list[Entry]:
        seen.append(account_ids)
        return read_entries(session, law, on, account_ids)

    monkeypatch.setattr("web.kept_registers.read_entries", read)
    return seen


@pytest.mark.parametrize("ends", ["role", "employment", "rule", "nothing"])
def test_a_new_day_reads_what_the_day_changes(
    world: World, portal: Portal, reads: list[Collection[int] | None], ends: str
) -> None:
    """No visitor after midnight waits for all the others' entries, or sees what was public until then."""
    named = [{"fields": ["person", "purpose"], "clauses": ["tibro:2-forteckning"]}]
    last = {"until_on": "2026-03-05"} if ends == "rule" else {}
    world.adopt("2026-03-01", public_register=[{**one, **last} for one in named])
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    filled(world, 30)
    with writing(world.engine) as session:
        role = session.execute(select(AccountRole).where(col(AccountRole.kind) == "responsible")).scalar_one()
        assert role.account_id == account_id
        if ends == "role":
            role.until_on = date(2026, 3, 6)
        if ends == "employment":
            session.get_one(Person, role.person_id).left_on = date(2026, 3, 6)
    visitor = portal.visitor()
    for _ in range(6):
        gone = ends != "nothing" and world.now.date() >= date(2026, 3, 6)
        page = visitor.open(f"{BASE}/{account_id}")
        assert page.status_code == (404 if gone and ends == "rule" else 200)
        assert ("Anna Berg" in plain(page)) == (not gone), world.now
        world.wait(days=1)
    after = {"role": [{account_id}], "employment": [{account_id}], "rule": [None], "nothing": []}
    assert reads == [None, *after[ends]]


def test_what_is_read_anew_without_being_changed_is_not_indexed_anew(
    world: World, portal: Portal, reads: list[Collection[int] | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(world, 30)
    visitor = portal.visitor()
    assert "30 konton" in plain(visitor.open(BASE))
    put: list[int] = []
    known = WordIndex.put
    monkeypatch.setattr(WordIndex, "put", lambda it, one: (put.append(one.account_id), known(it, one)))
    changed(world, 2, name="Badhuset")
    changed(world, 3, state=AccountState.SETTING_UP)
    with work(world.engine, world.now) as session:
        record(session, EventKind.STAFF_READ, world.now, municipality_id=world.municipality_id)
    page = plain(visitor.open(BASE))
    assert "Badhuset" in page and "29 konton" in page and reads == [None, None] and put == [2]


def test_a_former_address_was_official_until_its_last_day(world: World, portal: Portal) -> None:
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    world.wait(days=1)
    moved(world, account_id, "https://www.instagram.com/exempelbybiblioteket")
    client = portal.visitor().client
    was = client.get(f"{BASE}/officiellt.json", params={"adress": f"{ADDRESS}/p/C9x/"}).json()
    assert (was["answer"], was["until"], was["account"]["name"]) == ("was", "2026-03-03", "Biblioteket")
    assert "Var officiell till och med 3 mars 2026" in plain(client.get(f"{BASE}/{account_id}"))
    page = plain(client.get(f"{BASE}/officiellt", params={"adress": ADDRESS}))
    assert "officiell till och med 3 mars 2026" in page and "nu har en annan adress" in page
    feed = client.get(f"{BASE}.atom").text
    assert "Ny adress: Biblioteket" in feed and "/moved/2026-03-03" in feed
    row = list(csv.reader(io.StringIO(client.get(f"{BASE}.csv").text), delimiter=";"))
    assert f"{ADDRESS} (till och med 2026-03-03)" in row[1]


def test_a_closed_account_was_official(world: World, portal: Portal) -> None:
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    world.wait(days=10)
    world.ask_to_close(account_id)
    for task in world.questions(account_id):
        holder = world.holders(task.id or 0)[0]
        who = next(key for key, number in world.people.items() if number == holder)
        outcome = Outcome.ANSWERED if task.kind is TaskKind.CONSULT else Outcome.APPROVE
        world.answer(task.id or 0, who, outcome, "Ja.")
    world.confirm_all(account_id)
    client = portal.visitor().client
    last = world.account(account_id).closed_on
    assert last is not None
    answer = client.get(f"{BASE}/officiellt.json", params={"adress": ADDRESS}).json()
    assert (answer["answer"], answer["until"]) == ("was", last.isoformat())
    assert "Avslutat" in plain(client.get(f"{BASE}?visa=avslutade"))
    assert "Avslutat konto: Biblioteket" in client.get(f"{BASE}.atom").text
    assert client.get(f"{BASE}/{account_id}/rapportera").status_code == 404


@pytest.mark.parametrize(
    ("address", "answer", "because"),
    [
        ("instagram.com/Biblioteket?igsh=x", "is", None),
        ("https://www.instagram.com/biblioteket/reel/C9x/", "unknown", "sender"),
        ("https://www.instagram.com/biblioteket/tagged/", "unknown", "sender"),
        ("https://www.instagram.com/bibliotekett", "unknown", None),
        ("https://www.instagram.com/p/C9x/", "unknown", "account"),
        ("@biblioteket", "unknown", "platform"),
        ("biblan", "unknown", "platform"),
        ("hej hej", "unknown", "address"),
        ("", "unknown", "address"),
    ],
)
def test_is_it_official(world: World, portal: Portal, address: str, answer: str, because: str | None) -> None:
    world.active(name="Biblioteket", address=ADDRESS)
    client = portal.visitor().client
    found = client.get(f"{BASE}/officiellt.json", params={"adress": address}).json()
    assert (found["answer"], found.get("because")) == (answer, because)
    assert ("account" in found) == (answer == "is" or because == "sender")
    page = plain(client.get(f"{BASE}/officiellt", params={"adress": address}))
    assert ("Ja, det är vårt" in page) == (answer == "is")
    assert ("Adressen nämner vårt konto – se efter avsändaren" in page) == (because == "sender")
    assert found["report"].startswith("http://testserver/exempelby/konton/rapportera?adress=")


def test_unknown_says_no_more_than_that(world: World, portal: Portal) -> None:
    """REQUIREMENTS 4.7: not of an application either, nor of an account of another municipality."""
    world.sent(name="Bokbussen", address="https://www.facebook.com/bokbussen")
    World(world.engine, slug="annanby").active(name="Bad", address="https://www.facebook.com/badet")
    client = portal.visitor().client
    answers = [
        client.get(f"{BASE}/officiellt.json", params={"adress": f"facebook.com/{name}"}).json()
        for name in ("bokbussen", "badet", "finns.inte")
    ]
    assert [{**one, "report": ""} for one in answers] == [{**answers[0], "report": ""}] * 3
    assert answers[0]["answer"] == "unknown"
    page = plain(client.get(f"{BASE}/officiellt?adress=facebook.com/bokbussen"))
    assert "vi vet inte vems kontot är" in page and "Rapportera det" in page


def test_no_cell_is_a_formula(world: World, portal: Portal) -> None:
    filled(world, 5)
    for number, name in enumerate(("=HYPERLINK(1)", "+46", "-1", "@SUM(A1)", "\tx"), start=2):
        changed(world, number, name=name, purpose=f"{name};\"\n'")
    text = portal.visitor().client.get(f"{BASE}.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert len(rows) == 6
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_the_feed_is_xml_whatever_a_name_holds(world: World, portal: Portal) -> None:
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    changed(world, account_id, name="<b>&\x0b]]>\ufffe Å")
    feed = ElementTree.fromstring(portal.visitor().client.get(f"{BASE}.atom").text)
    assert "<b>&]]> Å" in (feed.findtext(f"{ATOM}entry/{ATOM}title") or "")


def test_only_the_embedded_list_may_stand_within_another_page(world: World, portal: Portal) -> None:
    world.active(name="Biblioteket", address=ADDRESS)
    client = portal.visitor().client
    embedded = client.get(f"{BASE}/inbaddad").headers
    assert "frame-ancestors *" in embedded["content-security-policy"]
    assert embedded["access-control-allow-origin"] == "*" and "x-frame-options" not in embedded
    for path in (
        BASE,
        f"{BASE}/bygg-in",
        f"{BASE}/officiellt",
        f"{BASE}.json",
        f"{BASE}/inbaddad/x",
        "/exempelby",
    ):
        headers = client.get(path).headers
        assert headers["x-frame-options"] == "DENY" and "access-control-allow-origin" not in headers
        assert headers["content-security-policy"] == HEADERS["content-security-policy"]
    pasted = plain(client.get(f"{BASE}/bygg-in?plattform=instagram"))
    assert 'src="http://testserver/exempelby/konton/inbaddad?plattform=instagram"' in pasted


def test_the_public_addresses_are_described_and_no_others(world: World, portal: Portal) -> None:
    description = json.loads(portal.visitor().client.get(f"{BASE}/openapi.json").text)
    assert set(description["paths"]) == {
        "/{slug}/konton.json",
        "/{slug}/konton.csv",
        "/{slug}/konton.atom",
        "/{slug}/konton/officiellt.json",
    }
    answer = description["paths"]["/{slug}/konton.json"]["get"]["responses"]["200"]["content"]
    assert answer["application/json"]["schema"] == {"$ref": "#/components/schemas/Register"}


def test_others_links_stand_apart_with_their_disclaimer(world: World, portal: Portal) -> None:
    """Skurup, Samordning: it says clearly that the opinions are not the municipality's."""
    world.active(name="Biblioteket", address=ADDRESS)
    world.adopt("2026-03-02", other_links=[PARTIES])
    text = plain(portal.visitor().open(BASE))
    apart = text.index("Partierna")
    assert text.index("Biblioteket") < apart < text.index("Åsikterna är partiernas egna.")
    assert "Sjöpartiet" in text[apart:] and "Sjöpartiet" not in text[:apart]
    answer = portal.visitor().client.get(f"{BASE}/officiellt.json?adress=sjopartiet.example.org").json()
    assert answer["answer"] == "unknown"


def test_one_reading_of_many_accounts_takes_few_questions(world: World, engine: Engine) -> None:
    filled(world, 300)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with reading(engine) as session:
        law = law_in_force(session, world.municipality_id, world.now)
        asked.clear()
        assert len(read_entries(session, law, date(2026, 3, 2))) == 300
    assert len(asked) <= 5


def test_a_first_day_and_a_last_day_stand_in_the_feed(world: World, portal: Portal) -> None:
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    changed(world, account_id, opened_on=world.now.date() - timedelta(days=400))
    feed = ElementTree.fromstring(portal.visitor().client.get(f"{BASE}.atom").text)
    assert feed.findtext(f"{ATOM}entry/{ATOM}updated") == "2025-01-25T23:00:00+00:00"


def official(portal: Portal, address: str = ADDRESS) -> dict[str, Any]:
    answer: dict[str, Any] = (
        portal.visitor().client.get(f"{BASE}/officiellt.json", params={"adress": address}).json()
    )
    return answer


def is_investigated(portal: Portal, account_id: int) -> bool:
    """Whether every face of the register says so; none may say half of it."""
    client = portal.visitor().client
    answer, question = official(portal), {"adress": ADDRESS}
    page = plain(client.get(f"{BASE}/{account_id}"))
    asked = plain(client.get(f"{BASE}/officiellt", params=question))
    listed = client.get(f"{BASE}.json").json()["accounts"][0]
    told = {
        answer["answer"] == "unknown" and answer["because"] == "takeover",
        answer["account"]["under_investigation"],
        answer["says"] == "Adressen är registrerad som vår, men vi utreder om någon annan har den nu.",
        listed["under_investigation"],
        "Det här är ett officiellt konto" not in page,
        "Vi utreder om någon annan har det här kontot nu" in page,
        "Ja, det är vårt" not in asked,
        "vi utreder om någon annan har den nu" in asked,
        f'href="{ADDRESS}"' not in client.get(BASE).text,
        "vi utreder" in client.get(f"{BASE}.csv").text,
        "Utreds" in plain(client.get(BASE)) and "Utreds" in plain(client.get(f"{BASE}/inbaddad")),
    }
    assert len(told) == 1, told
    return told.pop()


@pytest.mark.parametrize(
    ("sought", "is_address"),
    [
        *(("https://www.tiktok.com/@biblioteket", True), ("evil.example/biblioteket", True)),
        *(("instagram.com/p/C9x/", True), ("biblioteket", False), ("Biblioteket 2.0", False)),
    ],
)
def test_whoever_seeks_an_address_is_led_to_where_it_is_judged(
    world: World, portal: Portal, sought: str, is_address: bool
) -> None:
    """Else the account that is like it in words could be taken for a yes."""
    world.active(name="Biblioteket", address=ADDRESS)
    page = portal.visitor().open(f"{BASE}?q={quote(sought)}")
    assert ("Den säger inte vems adressen är." in plain(page)) is is_address
    assert (f"{BASE}/officiellt?adress={quote(sought, safe='/')}" in page.text) is is_address


def asked_who_has_it(world: World, account_id: int, change: IdentityChange) -> int:
    with work(world.engine, world.now) as session:
        law, account = (
            law_in_force(session, world.municipality_id, world.now),
            session.get_one(Account, account_id),
        )
        on, says = law.day_of(world.now), "Adressen tillhör nu @annan."
        task = ask_about_identity(session, law, account, change, says, on, world.now)
        return (task.id or 0) if task else 0


@pytest.mark.parametrize("ending", ["seen again", "answered"])
def test_what_the_platform_says_is_somebody_else_s_gets_no_yes(
    world: World, portal: Portal, ending: str
) -> None:
    """REQUIREMENTS 4.7, watch for taken-over handles: from the look that saw it, until it is settled."""
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    assert not is_investigated(portal, account_id)
    task_id = asked_who_has_it(world, account_id, IdentityChange.TAKEN_OVER)
    assert is_investigated(portal, account_id)
    with work(world.engine, world.now) as session:
        if ending == "answered":
            who = {"task_id": task_id, "person_id": world.people["disa"], "via": "portal"}
            looking_into.put_right(session, world.now, what="Namnet är vårt igen.", **who)
        else:
            take_back(session, [session.get_one(UserTask, task_id)], world.now)
    assert not is_investigated(portal, account_id)


def test_whoever_answers_learns_that_the_public_gets_its_yes_back(world: World, portal: Portal) -> None:
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    task_id = asked_who_has_it(world, account_id, IdentityChange.TAKEN_OVER)
    visitor = at_home(world, portal, "anna")
    page = visitor.open(f"{home_of(visitor)}/idag/uppgift/{task_id}")
    assert "När du har svarat säger den åter att det är vårt." in plain(page)
    assert f"/idag/handelse?konto={account_id}" in page.text


def test_an_account_that_has_another_name_is_still_ours(world: World, portal: Portal) -> None:
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    asked_who_has_it(world, account_id, IdentityChange.RENAMED)
    assert not is_investigated(portal, account_id)


def took_over(world: World, account_id: int) -> int:
    with work(world.engine, world.now) as session:
        report = cases.Report("account_taken_over", world.now, what="Vi kommer inte in.")
        who = {"account_id": account_id, "person_id": world.people["anna"], "via": "portal"}
        return cases.open_case(session, world.now, report=report, **who).id or 0


def ended(world: World, case_id: int) -> None:
    with work(world.engine, world.now) as session:
        who = {"case_id": case_id, "person_id": world.people["disa"], "via": "portal"}
        cases.close_case(session, world.now, reason="Kontot är vårt igen.", **who)


def test_what_those_who_look_after_it_report_gets_no_yes(world: World, portal: Portal) -> None:
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    case_id = took_over(world, account_id)
    assert is_investigated(portal, account_id)
    ended(world, case_id)
    assert not is_investigated(portal, account_id)


def test_a_visitor_s_report_alone_turns_no_yes_off(world: World, portal: Portal) -> None:
    """Else anybody could have it said of any account; a step that is done says that it is so."""
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    portal.visitor().post(f"{BASE}/{account_id}/rapportera", {"galler": "account_taken_over", "vad": "Oj."})
    assert not is_investigated(portal, account_id)
    with work(world.engine, world.now) as session:
        case = session.execute(select(Case)).scalar_one()
        steps = select(UserTask).where(col(UserTask.case_id) == case.id).order_by(col(UserTask.id))
        task = session.execute(steps).scalars().first()
        assert task is not None
        who = {"task_id": task.id or 0, "person_id": world.people["anna"], "via": "portal"}
        cases.do_step(session, world.now, case_id=case.id or 0, given=Given(), **who)
        case_id = case.id or 0
    assert is_investigated(portal, account_id)
    ended(world, case_id)
    assert not is_investigated(portal, account_id)


def test_a_post_that_names_our_account_is_no_yes_in_green(world: World, portal: Portal) -> None:
    """X finds a post by its number alone: a swindler's is pasted with our name before it."""
    world.active(name="Kommunen", platform="x", address="https://x.com/exempelby")
    address = "https://x.com/exempelby/status/666"
    answer = official(portal, address)
    assert (answer["answer"], answer["because"], answer["account"]["name"]) == (
        "unknown",
        "sender",
        "Kommunen",
    )
    assert "säger inte vem som står bakom" in answer["says"]
    page = portal.visitor().client.get(f"{BASE}/officiellt", params={"adress": address})
    assert 'class="warning" id="svaret"' in page.text and 'class="done"' not in page.text


def test_the_answer_says_which_address_it_is_about(world: World, portal: Portal) -> None:
    """Outlook and Facebook wrap what is sent."""
    world.active(name="Biblioteket", address=ADDRESS)
    wrapped = f"https://eur02.safelinks.protection.outlook.com/?url={quote(ADDRESS, safe='')}&data=05"
    answer = official(portal, wrapped)
    assert (answer["answer"], answer["judged"]) == ("is", ADDRESS)
    page = plain(portal.visitor().client.get(f"{BASE}/officiellt", params={"adress": wrapped}))
    assert f"Den leder vidare till {ADDRESS}. Svaret gäller den." in page
    assert "judged" not in official(portal)


PROGRAMME = "https://podd.example.org/program.php?id=12"


@pytest.mark.parametrize(
    ("platform", "address", "asked", "answer"),
    [
        ("podcast", PROGRAMME, f"{PROGRAMME}&utm_source=qr&fbclid=x", "is"),
        ("podcast", f"{PROGRAMME}&utm_source=qr", PROGRAMME, "is"),
        ("podcast", PROGRAMME, "https://podd.example.org/program.php?id=13", "unknown"),
        ("podcast", PROGRAMME, "https://podd.example.org/program.php", "unknown"),
        ("podcast", PROGRAMME, f"{PROGRAMME}&id=13", "unknown"),
        ("podcast", PROGRAMME, f"{PROGRAMME}&ID=13", "unknown"),
        ("podcast", PROGRAMME, f"{PROGRAMME}&id[]=13", "unknown"),
        ("podcast", PROGRAMME, f"{PROGRAMME}&%20id=13", "unknown"),
        ("podcast", PROGRAMME, f"{PROGRAMME};id=13", "unknown"),
        ("podcast", PROGRAMME, f"{PROGRAMME}&avsnitt=4", "sender"),
        ("podcast", "https://podd.example.org/vi", "https://podd.example.org/vi/avsnitt-4?a=1", "is"),
        ("podcast", "https://podd.example.org/vi", "https://podd.example.org/annan", "unknown"),
        ("other", "https://discord.com/?x=1", "https://discord.com/?x=1", "is"),
        ("other", "https://discord.com/?x=1", "https://discord.com/channels/evil", "unknown"),
        ("other", "https://discord.gg/AbC", "https://discord.gg/AbC?utm_source=x", "is"),
        ("other", "https://discord.gg/AbC", "https://discord.gg/abc", "unknown"),
        ("other", "https://forum.example.org/by", "https://forum.example.org/by/amne-4", "unknown"),
        ("other", "https://forum.example.org/by", "https://forum.example.org/by?amne=4", "unknown"),
        ("other", "https://reddit.com/r/exempelby", "https://old.reddit.com/r/Exempelby", "is"),
        (
            "other",
            "https://reddit.com/r/exempelby",
            "https://reddit.com/r/exempelby/comments/abc/x",
            "sender",
        ),
        (
            "facebook",
            "https://facebook.com/groups/by",
            "https://facebook.com/groups/by/permalink/6",
            "sender",
        ),
        ("youtube", "https://youtube.com/@exempelby", "https://youtube.com/c/exempelby", "sender"),
        ("youtube", "https://youtube.com/@exempelby", "https://youtube.com/c/annan", "unknown"),
    ],
)
def test_one_account_makes_no_whole_site_official(
    world: World, portal: Portal, platform: str, address: str, asked: str, answer: str
) -> None:
    """The query may say whose a page is, and others write below most accounts."""
    world.active(name="Programmet", platform=platform, address=address)
    found = official(portal, asked)
    assert (found["answer"], found.get("because")) == (
        ("unknown", "sender") if answer == "sender" else (answer, None)
    )


def test_a_former_address_differs_by_its_query_too(world: World, portal: Portal) -> None:
    account_id = world.active(name="Programmet", platform="podcast", address=PROGRAMME)
    world.wait(days=1)
    moved(world, account_id, "https://podd.example.org/program.php?id=14")
    answers = [
        official(portal, f"https://podd.example.org/program.php?id={one}")["answer"] for one in (12, 13, 14)
    ]
    assert answers == ["was", "unknown", "is"]


CHANNEL = "UCabcdefghijklmnopqrstuv"


def test_a_channel_is_known_by_its_number_once_that_is_known(world: World, portal: Portal) -> None:
    """The rounds have read it from the platform; an address with it is the same channel's."""
    account_id = world.active(name="Filmen", platform="youtube", address="https://youtube.com/@exempelby")
    asked = f"https://www.youtube.com/channel/{CHANNEL}"
    assert official(portal, asked)["answer"] == "unknown"
    with work(world.engine, world.now) as session:
        account, source = session.get_one(Account, account_id), AccountSource(account_id=account_id)
        keep_sight(session, account, source, Sight(account_id, world.now, None, platform_id=CHANNEL))
    assert official(portal, asked)["answer"] == "is"
    assert official(portal, asked.lower())["answer"] == "unknown"
