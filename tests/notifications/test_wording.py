"""Own words in letters: they are added to the product's and can never take its place."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session

from languages.speaking import speaking
from models import LetterWording, Logotype, Message, Municipality
from notifications.about import About
from notifications.examples import CASES
from notifications.examples.world import LETTERHEAD, NOW, World, build
from notifications.letters import Letter, compose
from notifications.mail import as_mail
from notifications.outbox import queue_many
from notifications.previewing import preview
from notifications.registry import NOTICES
from notifications.wording import PLACEHOLDERS, Words, faults_in, filled, placeholders_of

OWN = Words("Eget: {dag}", "Först från {kommun}.\n\n<b>Andra</b> stycket.", "Sist, {dag}.")


@pytest.fixture
def session(sqlite_engine: Engine) -> Session:
    return Session(sqlite_engine)


def queued(session: Session, world: World, case: str) -> Message:
    [message_id] = queue_many(session, [CASES[case](world)], NOW)
    return session.execute(select(Message).where(Message.id == message_id)).scalar_one()  # type: ignore[arg-type]


def said(session: Session, world: World, notice: str, own: Words, municipality_id: int = 0) -> None:
    session.add(
        LetterWording(
            municipality_id=municipality_id or world.municipality_id,
            notice=notice,
            language="sv",
            subject=own.subject,
            introduction=own.introduction,
            closing=own.closing,
            written_at=NOW,
            written_by_id=world.sara.id or 0,
        )
    )
    session.flush()


def links_in(text: str) -> set[str]:
    return {re.sub(r"/l/[\w-]{43}", "/l/TOKEN", one) for one in re.findall(r"https://[^\s\"<]+", text)}


def body(letter: Letter) -> str:
    return unescape(re.sub(r"<[^>]+>", "", letter.html.partition("<body")[2]))


@pytest.mark.parametrize("notice", NOTICES)
def test_what_the_product_says_is_all_still_there(session: Session, notice: str) -> None:
    world = build(session)
    before = compose(session, message := queued(session, world, notice), LETTERHEAD, NOW)
    said(session, world, notice, OWN)
    after = compose(session, message, LETTERHEAD, NOW)
    assert after.subject == "Eget: tisdag 1 december 2026"
    assert links_in(after.text) == links_in(before.text) and links_in(after.html) == links_in(before.html)
    for part in (after.text, body(after)):
        assert "Först från Exempelby kommun." in part and "<b>Andra</b> stycket." in part
        assert "Sist, tisdag 1 december 2026." in part
        assert " ".join(before.subject.split()) in " ".join(part.split()), "the product's own heading is read"
    kept = [line for line in re.sub(r"/l/[\w-]{43}", "", before.text).splitlines() if line]
    assert [line for line in kept if line not in re.sub(r"/l/[\w-]{43}", "", after.text)] == []
    assert "<b>" not in after.html


def test_a_letter_that_may_name_its_account_has_one(session: Session) -> None:
    for case in CASES:
        if "konto" in placeholders_of(case.partition("-")[0]):
            assert queued(session, build(session), case).account_id is not None, case
            session.rollback()


def test_every_word_in_braces_is_filled_in(session: Session) -> None:
    world = build(session)
    own = Words(introduction=" ".join(f"{one}=[{{{one}}}]" for one in PLACEHOLDERS))
    said(session, world, "decision_asked", own)
    letter = compose(session, queued(session, world, "decision_asked"), LETTERHEAD, NOW)
    assert " ".join(letter.text.split()).startswith(
        "Hej Per! kommun=[Exempelby kommun] dag=[tisdag 1 december 2026] namn=[Per Holm] "
        "konto=[Instagramkontot ”Biblioteket i Exempelby”] enhet=[Biblioteket] chef=[Per Holm]"
    )


def test_an_empty_chair_leaves_a_plain_word(session: Session) -> None:
    world = build(session)
    world.library.line_manager_id = None
    said(session, world, "plan_received", Words(closing="Fråga {chef}."))
    assert "Fråga chefen." in compose(session, queued(session, world, "plan_received"), LETTERHEAD, NOW).text


def test_in_an_english_letter_the_plain_words_are_english(session: Session) -> None:
    world = build(session)
    message = queued(session, world, "plan_received")
    nobody = About(session, message, NOW)
    nobody.__dict__.update(account_id=None, recipient=None)
    own = LetterWording(subject="{enhet}, {chef}, {konto}, {namn}", introduction="", closing="")
    with speaking("en"):
        assert filled(nobody, own).subject == "the whole municipality, the manager, the account, you"


@pytest.mark.parametrize(
    ("notice", "text", "names"),
    [
        ("decision_asked", "Hej {rektor}!", "{rektor} är inget"),
        ("decision_asked", "Hej {{ about }}!", "klammer"),
        ("decision_asked", "{% if x %}", "är inget"),
        ("decision_asked", "Hej {dag", "klammer"),
        ("decision_asked", "Hej\n-- \nslut", "streck"),
        ("decision_asked", "a" * 2001, "2001 tecken"),
        ("morning", "Om {konto}", "{konto} finns inte i det här brevet"),
        ("informed", "Hej {namn}", "{namn} finns inte i det här brevet"),
    ],
)
def test_faults_are_told_in_words(notice: str, text: str, names: str) -> None:
    assert names in " ".join(one.says for one in faults_in(notice, Words(introduction=text)))


def test_all_faults_at_once_and_none_where_all_is_well() -> None:
    found = faults_in("decision_asked", Words("{x}", "{y} {", "{z}"))
    assert [one.field for one in found] == ["subject", "introduction", "introduction", "closing"]
    every = " ".join(f"{{{one}}}" for one in PLACEHOLDERS)
    assert faults_in("decision_asked", Words(every, every, every)) == []


def test_the_newest_is_in_force_and_an_empty_one_is_the_way_back(session: Session) -> None:
    world = build(session)
    message = queued(session, world, "plan_received")
    plain = compose(session, message, LETTERHEAD, NOW).subject
    for own, subject in ((Words("Först"), "Först"), (Words("Sedan"), "Sedan"), (Words(), plain)):
        said(session, world, "plan_received", own)
        assert compose(session, message, LETTERHEAD, NOW).subject == subject


def test_one_municipality_s_look_and_words_never_reach_another_s(session: Session) -> None:
    world = build(session)
    mark = Logotype(municipality_id=0, sha256="a" * 64, media_type="image/png", content=b"PNG", **SIZE)
    other = Municipality(
        slug="granne", name="Granne", sender_address="k@granne.example.org", colour="#e30613"
    )
    other.logotype = world.municipality.logotype = f"{'a' * 64}.png"
    session.add(other)
    session.flush()
    mark.municipality_id = other.id or 0
    session.add(mark)
    said(session, world, "plan_received", Words("Grannens"), other.id or 0)
    letter = compose(session, queued(session, world, "plan_received"), LETTERHEAD, NOW)
    assert "Grannens" not in letter.subject and "#e30613" not in letter.html
    assert letter.mark is None and "<img" not in letter.html


SIZE = {"width": 480, "height": 160, "uploaded_at": datetime(2026, 1, 1, tzinfo=UTC)}


def test_the_logotype_goes_inside_the_letter_and_nothing_is_fetched(session: Session) -> None:
    world = build(session)
    world.municipality.colour, world.municipality.logotype = "#ffd500", f"{'b' * 64}.png"
    world.municipality.shown_name = "Exempelby stad"
    session.add(
        Logotype(
            municipality_id=world.municipality_id,
            sha256="b" * 64,
            media_type="image/png",
            content=b"PNG",
            **SIZE,
        )
    )
    letter = compose(session, queued(session, world, "decision_asked"), LETTERHEAD, NOW)
    assert letter.sender_name == "Kanalvakt, Exempelby stad" and "Exempelby stad, genom" in letter.text
    assert 'width="240" height="80" alt=""' in letter.html
    assert re.findall(r'src="(\w+):', letter.html) == ["cid"]
    assert "background-color:#ffd500" in letter.html and "color:#000000" in letter.html
    mail = as_mail(letter)
    kinds = [one.get_content_type() for one in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    picture = list(mail.walk())[-1]
    assert f"cid:{picture['Content-ID'].strip('<>')}" in letter.html and picture.get_content() == b"PNG"
    assert list(mail.iter_attachments()) == [] or "image/png" not in [
        one.get_content_type() for one in mail.iter_attachments()
    ]


def test_a_preview_is_the_letter_with_invented_people(session: Session) -> None:
    municipality = build(session).municipality
    for notice in ("decision_asked", "morning", "chain_digest"):
        letter = preview(municipality, None, notice, "sv", OWN, "https://kanalvakt.example.org")
        assert letter.subject == "Eget: tisdag 1 december 2026"
        assert "Först från Exempelby kommun." in letter.text and "Hej" in letter.text
