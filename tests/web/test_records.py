"""The diary, handing out records, and the copy about oneself, over HTTP."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlmodel import col, select

from acts.diary import make_papers
from acts.work import work
from models import AuditEvent, LinkKind, Paper, PostHolder
from papers import pdfa
from papers.refusing import CannotWrite
from runtime.database import reading
from tests.papers.test_snapshot_paper import words
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, everything_in, heading, plain
from tests.web.world import World


@pytest.fixture
def decided(world: World) -> int:
    """An open account whose decision is a paper; Hanna holds the registry's post."""
    account_id = world.active()
    with work(world.engine, world.now) as session:
        post = PostHolder(
            municipality_id=world.municipality_id, role="registry", person_id=world.people["hanna"]
        )
        session.add(post)
    world.wait(hours=2)
    assert make_papers(world.engine, world.now).done == 1
    return account_id


def events(world: World, kind: str) -> list[AuditEvent]:
    with reading(world.engine) as session:
        rows = select(AuditEvent).where(col(AuditEvent.kind) == kind)
        return list(session.execute(rows.order_by(col(AuditEvent.number))).scalars())


def number_of(world: World) -> str:
    with reading(world.engine) as session:
        return session.get_one(Paper, 1).diary_number


# ---------------------------------------------------------------- the diary


@pytest.mark.parametrize("who", ["hanna", "disa"])
def test_the_registry_and_communications_find_what_waits_and_enter_its_number(
    world: World, portal: Portal, decided: int, who: str
) -> None:
    visitor = at_home(world, portal, who)
    home = visitor.path
    assert visitor.page is not None and "1 beslut väntar på diarienummer" in plain(visitor.page)
    page = visitor.open(f"{home}/diariet")
    assert heading(page) == "Diariet" and "Väntar på diarienummer (1)" in plain(page)
    page = visitor.post(f"{home}/diariet/1", {"nummer": "KS 2026/7"})
    assert "Diarienumret är sparat." in plain(page) and "Diarienummer KS 2026/7" in plain(page)
    assert "Alla beslut har sitt diarienummer." in plain(page)
    assert number_of(world) == "KS 2026/7"
    [event] = events(world, "paper_numbered")
    assert (event.actor_id, event.via, event.account_id) == (world.people[who], "portal", decided)
    page = visitor.post(f"{home}/diariet/1", {"nummer": "KS 2026/8"})
    assert "Diarienummer KS 2026/8" in plain(page)


def test_the_paper_is_fetched_as_a_file(world: World, portal: Portal, decided: int) -> None:
    visitor = at_home(world, portal, "hanna")
    answer = visitor.client.get(f"{visitor.path}/diariet/1/fil")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''2026-03-02")
    assert "Ansökan godkänns." in words(answer.content)


def test_a_number_left_out_is_asked_for_at_its_field(world: World, portal: Portal, decided: int) -> None:
    visitor = at_home(world, portal, "hanna")
    page = visitor.post(f"{visitor.path}/diariet/1", {"nummer": "  "})
    assert page.status_code == 422 and "Skriv handlingens diarienummer" in plain(page)
    assert 'aria-describedby="f-1-fel"' in page.text and number_of(world) == ""


@pytest.mark.parametrize("below", ["diariet", "lamna-ut", "diariet/1/fil"])
def test_nobody_else_knows_of_the_pages(world: World, portal: Portal, decided: int, below: str) -> None:
    visitor = at_home(world, portal, "anna")
    assert visitor.page is not None and "Diariet" not in plain(visitor.page)
    assert visitor.client.get(f"{visitor.path}/{below}").status_code == 404
    assert visitor.client.get(f"{visitor.path}/lamna-ut/{decided}").status_code == 404
    page = visitor.post(f"{visitor.path}/diariet/1", {"nummer": "KS 1"})
    assert page.status_code == 404 and number_of(world) == ""


def test_another_municipality_s_paper_is_not_found(world: World, portal: Portal, decided: int) -> None:
    other = World(world.engine, slug="annanby", now=world.now)
    visitor = at_home(other, portal, "disa")
    assert visitor.client.get(f"{visitor.path}/diariet/1/fil").status_code == 404
    visitor.open(f"{visitor.path}/diariet")
    visitor.post(f"{home_of(visitor)}/diariet/1", {"nummer": "KS 1"})
    assert number_of(world) == ""
    assert visitor.client.get(f"{home_of(visitor)}/lamna-ut/{decided}").status_code == 404


# ---------------------------------------------------------------- on the account's page


def test_those_it_concerns_see_the_decision_and_its_number(
    world: World, portal: Portal, decided: int
) -> None:
    visitor = at_home(world, portal, "anna")
    page = visitor.open(f"{visitor.path}/konto/{decided}")
    assert "Inget diarienummer än" in plain(page) and "Lägg in diarienumret" not in plain(page)
    answer = visitor.client.get(f"{visitor.path}/handling/1")
    assert "Ansökan godkänns." in words(answer.content)
    page = visitor.post("diarienummer", {"handling": "1", "nummer": "KS 1"})
    assert page.status_code == 422 and number_of(world) == ""


def test_communications_enters_the_number_there(world: World, portal: Portal, decided: int) -> None:
    visitor = at_home(world, portal, "disa")
    visitor.open(f"{visitor.path}/konto/{decided}")
    page = visitor.post("diarienummer", {"handling": "1", "nummer": ""})
    assert page.status_code == 422 and 'href="#f-nummer-1"' in page.text
    page = visitor.post("diarienummer", {"handling": "1", "nummer": "KS 2026/7"})
    assert "Diarienumret är sparat." in plain(page) and "Diarienummer KS 2026/7" in plain(page)
    assert "Handlingen fick diarienummer KS 2026/7" in plain(page)


def test_another_account_s_paper_is_not_found_there(world: World, portal: Portal, decided: int) -> None:
    second = world.active(name="Bokbussen", address="https://www.instagram.com/bokbussen")
    visitor = at_home(world, portal, "anna")
    assert visitor.client.get(f"{visitor.path}/konto/{second}/handling/1").status_code == 404


# ---------------------------------------------------------------- handing out


def test_the_registry_hands_out_an_account_s_records(world: World, portal: Portal, decided: int) -> None:
    visitor = at_home(world, portal, "hanna")
    home = visitor.path
    page = visitor.open(f"{home}/lamna-ut")
    assert "Biblioteket" in plain(page)
    assert "heter så" in plain(visitor.open(f"{home}/lamna-ut?namn=zzz"))
    page = visitor.open(f"{home}/lamna-ut/{decided}")
    assert heading(page) == "Lämna ut handlingar"
    answer = visitor.post(f"{home}/lamna-ut/{decided}", {"fran": "2026-03-01", "till": ""})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert opened.namelist()[0] == "innehåll.pdf"
        assert any(one.startswith("beslut/") for one in opened.namelist())
    [event] = events(world, "handed_out")
    assert (event.actor_id, event.facts["from"]) == (world.people["hanna"], "2026-03-01")


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        ("igår", "", "Slutdatum ska ligga efter startdatum."),
        ("2026-03-02", "2026-03-01", "Slutdatum ska ligga efter startdatum."),
        ("2030-01-01", "", "Det finns inga handlingar från den tiden."),
    ],
)
def test_a_time_that_cannot_be_is_told_and_nothing_is_handed_out(
    world: World, portal: Portal, decided: int, since: str, until: str, says: str
) -> None:
    visitor = at_home(world, portal, "disa")
    page = visitor.post(f"{visitor.path}/lamna-ut/{decided}", {"fran": since, "till": until})
    assert page.status_code == 422 and says in plain(page) and f'value="{since}"' in page.text
    assert events(world, "handed_out") == []


def test_a_draft_is_nobody_s_record(world: World, portal: Portal, decided: int) -> None:
    visitor = at_home(world, portal, "disa")
    assert visitor.client.get(f"{visitor.path}/lamna-ut/{world.draft()}").status_code == 404


# ---------------------------------------------------------------- about oneself


def test_a_person_takes_a_copy_of_what_is_kept(world: World, portal: Portal, decided: int) -> None:
    visitor = at_home(world, portal, "bo")
    home = visitor.path
    page = visitor.open(f"{home}/om-mig")
    assert heading(page) == "Det Kanalvakt vet om dig" and "bo.ceder@exempelby.example.org" in plain(page)
    answer = visitor.post(f"{home}/om-mig/json")
    assert json.loads(answer.content)["me"]["name"] == "Bo Ceder"
    answer = visitor.post(f"{home}/om-mig/pdf")
    assert answer.headers["content-type"] == "application/pdf" and "Bo Ceder" in words(answer.content)
    told = [(one.actor_id, one.facts) for one in events(world, "person_copied")]
    assert told == [(world.people["bo"], {"person": world.people["bo"]})] * 2
    assert visitor.client.post(f"{home}/om-mig/xml", data={"form_token": visitor.token}).status_code == 404


def test_only_the_signed_in_person_gets_it(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "bo"))
    assert visitor.client.get(f"{visitor.path}/om-mig").status_code == 403
    home = at_home(world, portal, "bo").path
    assert portal.visitor().client.get(f"{home}/om-mig").status_code == 403


def test_where_no_pdf_can_be_written_that_is_told(
    world: World, portal: Portal, decided: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking() -> None:
        raise CannotWrite("Pango saknas på datorn. Installera med: apt-get install libpango-1.0-0")

    visitor = at_home(world, portal, "disa")
    home = visitor.path
    visitor.open(f"{home}/om-mig")
    monkeypatch.setattr(pdfa, "_weasyprint", lacking)
    page = visitor.post(f"{home}/om-mig/pdf")
    assert page.status_code == 503 and "apt-get install" in plain(page)
    page = visitor.post(f"{home}/lamna-ut/{decided}")
    assert page.status_code == 422 and "apt-get install" in plain(page)
    assert visitor.post(f"{home}/om-mig/json").status_code == 200


def test_looking_changes_nothing(world: World, portal: Portal, decided: int) -> None:
    visitor = at_home(world, portal, "disa")
    before = everything_in(world.engine)
    for below in ("diariet", "diariet/1/fil", "lamna-ut", f"lamna-ut/{decided}", "om-mig"):
        assert visitor.client.get(f"{visitor.path}/{below}").status_code == 200
    assert everything_in(world.engine) == before


@pytest.mark.parametrize("action", ["diariet/1", "lamna-ut/{account}", "om-mig/pdf"])
def test_a_form_from_elsewhere_is_refused(world: World, portal: Portal, decided: int, action: str) -> None:
    visitor = at_home(world, portal, "disa")
    before = everything_in(world.engine)
    path = f"{visitor.path}/{action.format(account=decided)}"
    assert visitor.post(path, {"nummer": "KS 1"}, token="x").status_code == 403
    assert everything_in(world.engine) == before


def test_the_visit_s_end_is_the_end_of_these_pages_too(world: World, portal: Portal, decided: int) -> None:
    visitor = at_home(world, portal, "disa")
    home = visitor.path
    world.now += timedelta(minutes=31)
    page = visitor.post(f"{home}/diariet/1", {"nummer": "KS 1"})
    assert page.status_code == 403 and number_of(world) == ""
