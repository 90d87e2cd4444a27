"""REQUIREMENTS 4.8: an audit pack by control question, with a sample of accounts and all their papers."""

import csv
import io
import zipfile
from datetime import UTC, datetime

import pytest

from acts.audit_pack import Pack, draw, pack
from acts.records import Period
from lifecycle.refusals import Refused
from models import Account, Municipality
from papers.checking import faults_in
from tests.acts.test_handing_out import PLACE, SECRET, Archive
from tests.lifecycle.memory import memory_engine
from tests.papers.test_snapshot_paper import words

NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
"""After everything that the account has lived through."""
QUESTIONS = (
    "Riktlinjer", "Interna regler", "Syfte", "Uppsikt", "Roller", "Brister", "Arkivering", "Diarieföring",
    "Spårbarhet",
)  # fmt: skip


@pytest.fixture(scope="module")
def archive() -> Archive:
    """An account that has something of everything."""
    return Archive(memory_engine())


def made(archive: Archive, sample: int = 5, word: str = "urval") -> Pack:
    with archive.reading() as session:
        owner = session.get_one(Municipality, archive.municipality_id)
        return pack(session, owner, Period(), NOW, sample=sample, word=word)


def files(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_each_question_has_an_answer_and_a_table(archive: Archive) -> None:
    found = files(made(archive).content)
    told = words(found["innehåll.pdf"])
    assert [question for question in QUESTIONS if f"{question}:" not in told] == []
    assert "kedjan hel" in told and "0 villkor bryts" in told
    assert faults_in(found["innehåll.pdf"], "pdfa-2b") == []
    [account] = table(found["konton.csv"])
    assert (account["Syfte"], account["Målgrupp"]) == ("Fler unga läser.", "Unga")
    [watched] = table(found["uppsikt.csv"])
    assert (watched["Begärda bevakningar"], watched["Bekräftade"], watched["Ärenden"]) == ("20", "19", "1")
    assert {row["Roll"] for row in table(found["roller.csv"])} >= {"administratör"}
    assert [row["Format"] for row in table(found["bilder.csv"])] == ["pdf"]
    assert table(found["beslut.csv"]) and table(found["riktlinjer.csv"])


def test_the_sampled_account_comes_with_what_may_be_handed_out_and_no_more(archive: Archive) -> None:
    one = made(archive)
    found = files(one.content)
    [sampled] = [content for name, content in found.items() if name.startswith("urval/")]
    papers = files(sampled)
    assert any(name.startswith("beslut/") for name in papers)
    for name, content in {**found, **papers}.items():
        assert SECRET.encode() not in content and PLACE.encode() not in content, name
    assert one.sampled == [archive.account_id]


def test_nothing_is_sampled_when_nothing_is_asked_for(archive: Archive) -> None:
    assert not [name for name in files(made(archive, sample=0).content) if name.startswith("urval/")]
    with pytest.raises(Refused, match="från 0 till 50"):
        made(archive, sample=51)


def test_the_same_word_draws_the_same_accounts() -> None:
    accounts = [Account(id=number, municipality_id=1) for number in range(1, 101)]
    first = [one.id for one in draw(accounts, 10, "hösten 2026")]
    assert first == [one.id for one in draw(accounts[::-1], 10, "hösten 2026")]
    assert len(set(first)) == 10 and first != [one.id for one in draw(accounts, 10, "våren 2027")]


def test_the_same_records_give_the_same_pack(archive: Archive) -> None:
    assert made(archive).sha256 == made(archive).sha256
