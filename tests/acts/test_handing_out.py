"""Tib 4.3: records are shown and handed out; what is left out is listed, and why."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts import applying, handing_out
from acts.list_words import EVENT_WORDS, LETTER_WORDS, SIGHT_WORDS
from acts.records import Period, period_of
from lifecycle.events import EventKind
from lifecycle.refusals import Refused
from models import (
    Account,
    Case,
    CaseEvidence,
    Evaluation,
    Observation,
    Outcome,
    Paper,
    PaperKind,
    SightState,
    Snapshot,
    SnapshotReason,
    SnapshotState,
    WatchMonth,
)
from notifications.registry import NOTICES
from papers.checking import faults_in
from tests.acts.test_diary import RULES, Registry
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import field
from tests.papers.test_snapshot_paper import words

FILE = b"%PDF-1.7 bilaga"
SECRET = "En medborgare skrev: min granne"
PLACE = "Valvet, hylla 4"


class Archive(Registry):
    """A town with an account that has something of everything."""

    def __init__(self, engine: Engine) -> None:
        plan = [*RULES["plan"], field("bilaga", label="Bilaga", kind="file", modality="may")]
        super().__init__(engine, RULES | {"plan": plan})
        self.draft()
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            applying.attach(session, account, "bilaga", "pl:an.pdf", FILE, self.people["elin"], self.now)
        self.write(
            name="Biblioteket",
            platform="instagram",
            unit="bibliotek",
            address="https://example.org/bibliotek",
            purpose="Fler unga läser.",
            target_group="Unga",
            administrators=["elin", "omar"],
        )
        self.send()
        self.answer("lena", Outcome.ANSWERED)
        self.hand_over("karin", "sara", "Min son är sjuk.")
        self.answer("sara")
        self.answer("petra")
        self.confirm("elin")
        self.papers_made()
        with self.work() as session:
            self._live(session)

    def _live(self, session: Session) -> None:
        account = session.get_one(Account, self.account_id)
        account.log_in_kept_at = PLACE
        at = datetime(2027, 1, 4, 9, tzinfo=UTC)
        picture = Snapshot(
            account_id=self.account_id,
            state=SnapshotState.CAPTURED,
            reason=SnapshotReason.PLANNED,
            due_on=date(2027, 1, 1),
            taken_at=at,
            address="https://example.org/bibliotek",
            profile="pdf",
            content=b"%PDF-1.7 bild",
            sha256="a" * 64,
        )
        seen = Observation(
            account_id=self.account_id,
            state=SightState.OK,
            checked_at=at,
            count=3,
            latest_at=at,
            latest_url="=1+1",
            source="person",
            by_id=self.people["omar"],
        )
        month = WatchMonth(account_id=self.account_id, month_on=date(2027, 1, 1), asked=20, confirmed=19)
        year = Evaluation(
            account_id=self.account_id,
            from_on=date(2026, 1, 1),
            until_on=date(2027, 1, 1),
            answers={"Mål": "Nådda"},
            outcome="continue",
            answered_at=at,
        )
        case = Case(
            municipality_id=self.municipality_id,
            account_id=self.account_id,
            kind="criminal",
            label="Brottsligt inlägg",
            opened_at=at,
            noticed_at=at,
            what=SECRET,
        )
        session.add_all([picture, seen, month, year, case])
        session.flush()
        session.add(
            CaseEvidence(
                case_id=case.id or 0,
                file_name=SECRET,
                media_type="text/plain",
                content=SECRET.encode(),
                sha256="b" * 64,
                added_at=at,
            )
        )

    def bundle(self, period: Period = Period(), now: datetime | None = None) -> handing_out.Bundle:  # noqa: B008
        with self.reading() as session:
            account = session.get_one(Account, self.account_id)
            return handing_out.bundle(session, account, period, now or self.now)

    def records(self, who: str | None, packed: handing_out.Bundle) -> None:
        with self.work() as session:
            person_id = self.people[who] if who else None
            handing_out.record_hand_out(session, self.now, packed, person_id=person_id, via="portal")


@pytest.fixture
def town() -> Archive:
    town = Archive(memory_engine())
    town.now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    return town


def files(packed: handing_out.Bundle) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed.content)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def table(content: bytes) -> Sequence[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_the_bundle_holds_the_records_and_first_the_list_of_them(town: Archive) -> None:
    packed = town.bundle()
    found = files(packed)
    names = list(found)
    assert names[0] == "innehåll.pdf" and packed.files == len(names) - 1
    assert [one for one in names if one.startswith("beslut/")] == [
        "beslut/1 2026-12-01 Instagramkontot Biblioteket, händelse "
        f"{town.events('application_approved')[0].number}.pdf"
    ]
    assert "planer/plan 1.pdf" in names and found["planer/bilagor/1 pl-an.pdf"] == FILE
    assert [found[one] for one in names if one.startswith("bilder/")] == [b"%PDF-1.7 bild"]
    assert {"utvärderingar.csv", "inlägg.csv", "bevakning.csv", "händelser.csv"} <= set(names)
    assert "Fler unga läser." in words(found["planer/plan 1.pdf"])


def test_the_list_says_each_file_s_hash_and_what_is_left_out_and_why(town: Archive) -> None:
    found = files(town.bundle())
    index = found.pop("innehåll.pdf")
    assert faults_in(index, "pdfa-2b") == []
    squeezed = words(index).replace(" ", "")
    for content in found.values():
        assert sha256(content).hexdigest() in squeezed
    text = words(index)
    for told in (
        "Ärenden om inlägg och meddelanden",
        "Sparat underlag i ärendena",
        "Fria texter i händelseloggen",
        "Uppgift om var inloggningen",
        "Prövas för sig",
        "2009:400",
    ):
        assert told in text, told


def test_what_is_weighed_by_itself_is_nowhere_in_the_bundle(town: Archive) -> None:
    everything = b"".join(files(town.bundle()).values())
    with zipfile.ZipFile(io.BytesIO(town.bundle().content)) as opened:
        read = "".join(words(opened.read(one)) for one in opened.namelist() if _is_ours(one))
    for secret in (SECRET, PLACE, "Min son är sjuk."):
        assert secret.encode() not in everything and secret not in read


def _is_ours(name: str) -> bool:
    return name == "innehåll.pdf" or name.startswith(("beslut/", "planer/plan"))


def test_the_tables_say_what_happened_in_words(town: Archive) -> None:
    found = files(town.bundle())
    events = table(found["händelser.csv"])
    assert [one["Nummer"] for one in events] == [str(one.number) for one in town.events()]
    given = [one for one in events if one["Händelse"] == "Beslut lämnat"]
    assert [(one["Gäller"], one["Utfall"], one["Av"]) for one in given] == [
        ("Steget chef", "godkänt", "Sara"),
        ("Steget enhet", "godkänt", "Petra"),
    ]
    assert given[0]["I stället för"] == "Karin"
    [seen] = table(found["inlägg.csv"])
    assert (seen["Resultat"], seen["Antal inlägg"], seen["Av"]) == ("läst, nya inlägg", "3", "Omar")
    assert seen["Adress"] == "'=1+1", "a spreadsheet would have counted it"
    [month] = table(found["bevakning.csv"])
    assert (month["Månad"], month["Bekräftade"]) == ("2027-01", "19")
    [year] = table(found["utvärderingar.csv"])
    assert (year["Till"], year["Utfall"], year["Uppgift"], year["Värde"]) == (
        "2026-12-31",
        "fortsätter",
        "Mål",
        "Nådda",
    )


def test_the_same_records_give_the_same_bytes(town: Archive) -> None:
    assert town.bundle().content == town.bundle().content
    later = town.bundle(now=town.now + timedelta(days=1))
    assert later.content != town.bundle().content, "the list says when it was made"


def test_a_time_leaves_out_what_lies_outside_it(town: Archive) -> None:
    found = files(town.bundle(period_of("2027-01-01", "2027-01-31")))
    assert not any(one.startswith(("beslut/", "planer/")) for one in found)
    assert any(one.startswith("bilder/") for one in found)
    assert "från 1 januari 2027 till och med 31 januari 2027" in words(found["innehåll.pdf"])
    last = files(town.bundle(period_of("", "2026-12-01")))
    assert any(one.startswith("beslut/") for one in last) and "inlägg.csv" not in last


@pytest.mark.parametrize(
    ("first", "last"), [("x", ""), ("2027-02-01", "2027-01-31"), ("1999-01-01", ""), ("", "2201-01-01")]
)
def test_a_time_that_cannot_be_is_refused(first: str, last: str) -> None:
    with pytest.raises(Refused) as refused:
        period_of(first, last)
    assert refused.value.code == "dates_wrong"


def test_an_empty_time_and_too_much_are_refused(town: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused) as refused:
        town.bundle(period_of("2030-01-01", ""))
    assert refused.value.code == "hand_out_empty"
    monkeypatch.setattr(handing_out, "MOST_BYTES", 10_000)
    with pytest.raises(Refused) as refused:
        town.bundle()
    assert refused.value.code == "hand_out_too_large"


def test_who_handed_out_what_is_kept(town: Archive) -> None:
    packed = town.bundle(period_of("2026-12-01", ""))
    town.records("petra", packed)
    [event] = town.events("handed_out")
    assert event.actor_id == town.people["petra"]
    assert event.facts["sha256"] == sha256(packed.content).hexdigest()
    assert (event.facts["files"], event.facts["from"]) == (packed.files, "2026-12-01")
    with town.reading() as session:
        rows = select(Paper).where(col(Paper.kind) == PaperKind.HAND_OUT)
        assert session.execute(rows).scalar_one().content == packed.index


def test_only_the_registry_and_communications_hand_out(town: Archive) -> None:
    town.posts("registry", "tove")
    packed = town.bundle()
    with pytest.raises(Refused) as refused:
        town.records("elin", packed)
    assert refused.value.code == "only_registry"
    town.records("tove", packed)
    town.records(None, packed)
    assert [one.actor_id for one in town.events("handed_out")] == [town.people["tove"], None]


def test_everything_has_its_words() -> None:
    assert {one.value for one in EventKind} <= set(EVENT_WORDS)
    assert set(NOTICES) <= set(LETTER_WORDS)
    assert {one.value for one in SightState} == set(SIGHT_WORDS)
