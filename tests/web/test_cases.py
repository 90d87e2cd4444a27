"""Cases over HTTP: opened from the day and the account, done step by step, and seen by nobody else."""

from typing import Any

import pytest
from sqlmodel import col, select

from acts import cases
from acts.rounds import go_round
from acts.work import work
from lifecycle.case_evidence import Evidence
from models import Case, CaseEvidence, LinkKind, UserTask
from runtime.database import reading
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import World
from web.limits import UPLOAD_LIMIT

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PDF = b"%PDF-1.7 exempel"


@pytest.fixture
def account_id(world: World) -> int:
    """An open account of Anna's and Gustav's, in Exempelby's library."""
    return world.active()


def at_the_day(portal: Portal, world: World, who: str = "anna") -> Visitor:
    """Somebody by the morning letter's link."""
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MORNING, who))
    return visitor


def opened(world: World, account_id: int, kind: str = "forbidden", *, saved: bool = False) -> int:
    """A case that Gustav opened."""
    evidence = [Evidence(b"Nils, 1 mars: ...", is_text=True)] if saved else []
    with work(world.engine, world.now) as session:
        return (
            cases.open_case(
                session,
                world.now,
                account_id=account_id,
                person_id=world.people["gustav"],
                report=cases.Report(kind, world.now, what="Hets i en kommentar.", evidence=evidence),
                via="portal",
            ).id
            or 0
        )


def form(account_id: int, **more: Any) -> dict[str, Any]:
    return {"konto": str(account_id), "kind": "forbidden", "day": "2026-03-02", "hour": "08:30"} | more


def the_case(world: World) -> Case:
    with reading(world.engine) as session:
        return session.execute(select(Case).order_by(col(Case.id).desc())).scalars().first()


def task_of(world: World, case_id: int, step: str) -> int:
    with reading(world.engine) as session:
        rows = select(UserTask).where(col(UserTask.case_id) == case_id, col(UserTask.step) == step)
        return session.execute(rows).scalars().one().id or 0


def test_a_case_is_opened_from_the_day_and_done_step_by_step(
    world: World, portal: Portal, account_id: int
) -> None:
    """Tib 4.4: saved and registered before it is removed, within 48 hours by the clock."""
    anna = at_the_day(portal, world)
    assert "Något har hänt" in plain(anna.page)
    anna.open(f"{anna.base}/handelse")
    assert "senast 4 mars 2026 kl. 09.00" in plain(anna.page), "48 hours from now, Monday 9 o'clock in Sweden"
    anna.post("handelse", form(account_id, what="En kommentar."))
    assert heading(anna.page) == "Otillåtet innehåll"
    assert "Ska vara klart senast 4 mars 2026 kl. 08.30" in plain(anna.page)
    assert "Det är borttaget" not in anna.page.text, "nothing is removed before it is saved"
    case_id = the_case(world).id
    page = anna.post(f"arende/{case_id}/steg/{task_of(world, case_id, 'save')}", {"act": "do"})
    assert page.status_code == 422 and "Spara först det som ska bort" in plain(page)
    anna.post(f"arende/{case_id}/bevis", files=[("files", ("bild.png", PNG)), ("files", ("sida.pdf", PDF))])
    assert "Det är sparat i ärendet" in plain(anna.page) and "Sparat (2)" in plain(anna.page)
    anna.post(f"arende/{case_id}/steg/{task_of(world, case_id, 'save')}", {"act": "do"})
    assert "Det är borttaget" not in anna.page.text, "nor before it is registered"
    page = anna.post(f"arende/{case_id}/steg/{task_of(world, case_id, 'register')}", {"act": "do"})
    assert "Ange ärendets nummer" in plain(page)
    anna.post(f"arende/{case_id}/steg/{task_of(world, case_id, 'register')}", {"number": "KS 2026/7"})
    anna.post(f"arende/{case_id}/steg/{task_of(world, case_id, 'remove')}", {"text": "Hets mot folkgrupp"})
    assert "Inget återstår, och ärendet är avslutat" in plain(anna.page)
    assert "nummer KS 2026/7" in plain(anna.page) and "Hets mot folkgrupp" in plain(anna.page)


def test_with_one_account_the_form_comes_straight_away_and_with_several_one_chooses(
    world: World, portal: Portal, account_id: int
) -> None:
    anna = at_the_day(portal, world)
    anna.open(f"{anna.base}/handelse")
    assert "Något har hänt på" in heading(anna.page)
    other = world.active(name="Kvarten", platform="youtube", address="")
    anna.open(f"{anna.base}/handelse")
    assert "På vilket konto?" in plain(anna.page)
    anna.open(f"{anna.base}/handelse?konto={other}")
    assert "Kvarten" in heading(anna.page)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"kind": ""}, "Välj vad som har hänt"),
        ({"kind": "påhittat"}, "Välj vad som har hänt"),
        ({"day": "i går"}, "Ange dag och klockslag"),
        ({"day": "2026-03-03"}, "kan inte ligga i framtiden"),
        ({"day": "9999-12-31"}, "Ange dag och klockslag"),
        ({"what": "x" * 4001}, "Texten är för lång"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    world: World, portal: Portal, account_id: int, given: dict[str, str], says: str
) -> None:
    anna = at_the_day(portal, world)
    anna.open(f"{anna.base}/handelse")
    page = anna.post("handelse", form(account_id, copied="Nils skrev så här.") | given)
    assert page.status_code == 422 and says in plain(page)
    assert "Nils skrev så här." in page.text and the_case(world) is None


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("program.exe", b"MZ", "Bara bilder (PNG, JPEG) och PDF"),
        ("falsk.png", b"<svg onload=alert(1)>", "Bara bilder (PNG, JPEG) och PDF"),
        ("tom.pdf", b"", "Filen är tom"),
        ("stor.png", PNG + b"0" * 10_000_001, "Högst 10 MB"),
    ],
    ids=["program", "disguised", "empty", "large"],
)
def test_only_pictures_and_pdf_are_kept(
    world: World, portal: Portal, account_id: int, name: str, body: bytes, says: str
) -> None:
    case_id = opened(world, account_id)
    anna = at_the_day(portal, world)
    anna.open(f"{anna.base}/arende/{case_id}")
    page = anna.post(f"arende/{case_id}/bevis", files={"files": (name, body)})
    assert page.status_code == 422 and says in plain(page)


def test_more_than_a_form_may_hold_is_refused(world: World, portal: Portal, account_id: int) -> None:
    case_id = opened(world, account_id)
    anna = at_the_day(portal, world)
    anna.open(f"{anna.base}/arende/{case_id}")
    page = anna.post(f"arende/{case_id}/bevis", files={"files": ("a.pdf", b"%PDF" + b"a" * UPLOAD_LIMIT)})
    assert page.status_code == 413


def test_evidence_is_shown_safely(world: World, portal: Portal, account_id: int) -> None:
    """Own content type, to be saved, and sandboxed; text as text, whatever it says."""
    case_id = opened(world, account_id)
    anna = at_the_day(portal, world)
    anna.open(f"{anna.base}/arende/{case_id}")
    anna.post(
        f"arende/{case_id}/bevis",
        {"copied": "<script>alert(1)</script>"},
        files={"files": ("../../å bild.png", PNG)},
    )
    with reading(world.engine) as session:
        picture, copied = session.execute(select(CaseEvidence).order_by(col(CaseEvidence.id))).scalars()
    answer = anna.client.get(f"{anna.base}/arende/{case_id}/bevis/{picture.id}")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%C3%A5%20bild.png")
    assert "sandbox" in answer.headers["content-security-policy"]
    text = anna.client.get(f"{anna.base}/arende/{case_id}/bevis/{copied.id}")
    assert text.headers["content-type"].startswith("text/plain")
    assert "<script>alert" not in anna.page.text and "&lt;script&gt;" in anna.page.text
    other = opened(world, account_id)
    assert anna.client.get(f"{anna.base}/arende/{other}/bevis/{picture.id}").status_code == 404


def test_nobody_else_sees_a_case(world: World, portal: Portal, account_id: int) -> None:
    case_id = opened(world, account_id, saved=True)
    for who, status in (("anna", 200), ("bo", 200), ("disa", 200), ("hanna", 404)):
        visitor = at_the_day(portal, world, who)
        assert visitor.client.get(f"{visitor.base}/arende/{case_id}").status_code == status, who
        new = visitor.client.get(f"{visitor.base}/handelse?konto={account_id}").status_code
        assert new == status, who
    hanna = at_the_day(portal, world, "hanna")
    for action in ("bevis", "avsluta", f"steg/{task_of(world, case_id, 'register')}"):
        assert hanna.post(f"arende/{case_id}/{action}", {"number": "1", "text": "x"}).status_code == 404
    assert hanna.client.get(f"{hanna.base}/arende/{case_id}/bevis/1").status_code == 404


def test_another_municipality_sees_nothing(world: World, portal: Portal, account_id: int) -> None:
    case_id = opened(world, account_id)
    other = World(world.engine, slug="annanby")
    disa = portal.visitor()
    disa.open(other.link(LinkKind.MORNING, "disa"))
    assert disa.client.get(f"{disa.base}/arende/{case_id}").status_code == 404


def test_opening_pages_changes_nothing(world: World, portal: Portal, account_id: int) -> None:
    case_id = opened(world, account_id)
    anna = at_the_day(portal, world)
    before = everything_in(world.engine)
    for path in ("handelse", f"handelse?konto={account_id}", f"arende/{case_id}"):
        assert anna.client.get(f"{anna.base}/{path}").status_code == 200
        anna.client.head(f"{anna.base}/{path}")
    assert everything_in(world.engine) == before


def test_a_form_without_its_token_does_nothing(world: World, portal: Portal, account_id: int) -> None:
    case_id = opened(world, account_id, saved=True)
    anna = at_the_day(portal, world)
    anna.open(f"{anna.base}/arende/{case_id}")
    before = everything_in(world.engine)
    posts = {
        f"arende/{case_id}/steg/{task_of(world, case_id, 'register')}": {"number": "1"},
        f"arende/{case_id}/bevis": {"copied": "Text"},
        f"arende/{case_id}/avsluta": {"reason": "Klart"},
        "handelse": form(account_id),
    }
    for action, values in posts.items():
        assert anna.post(action, values, token="fel").status_code == 403
    assert everything_in(world.engine) == before


def test_a_question_is_forwarded_to_somebody_who_answers_it(
    world: World, portal: Portal, account_id: int
) -> None:
    case_id = opened(world, account_id, "other_field")
    anna = at_the_day(portal, world)
    anna.open(f"{anna.base}/arende/{case_id}")
    settle = task_of(world, case_id, "settle")
    page = anna.post(f"arende/{case_id}/steg/{settle}", {"end": "forwarded", "to": "ingen@example.org"})
    assert page.status_code == 422 and "Ingen anställd med adressen" in plain(page)
    anna.post(f"arende/{case_id}/steg/{settle}", {"end": "forwarded", "to": world.email("hanna")})
    assert "Lämnat vidare till Hanna Ivarsson" in plain(anna.page)
    assert "Väntar på Hanna Ivarsson" in plain(anna.page)
    hanna = at_the_day(portal, world, "hanna")
    hanna.open(f"{hanna.base}/arende/{case_id}")
    hanna.post(f"arende/{case_id}/steg/{settle}", {"end": "answered", "text": "Vi har öppet på lördag."})
    assert "Besvarat" in plain(hanna.page) and "Vi har öppet på lördag." in plain(hanna.page)


def test_communications_has_all_open_cases_and_may_end_one(
    world: World, portal: Portal, account_id: int
) -> None:
    case_id = opened(world, account_id)
    disa = portal.visitor()
    disa.open(world.link(LinkKind.MY_PAGE, "disa"))
    disa.post("oppna")
    home = disa.base
    disa.open(f"{home}/arenden")
    assert "Otillåtet innehåll" in plain(disa.page) and f"{home}/idag/arende/{case_id}" in disa.page.text
    disa.open(f"{home}/idag/arende/{case_id}")
    page = disa.post(f"{home}/idag/arende/{case_id}/avsluta")
    assert page.status_code == 422 and "Skriv ett skäl" in plain(page)
    disa.post(f"{home}/idag/arende/{case_id}/avsluta", {"reason": "Öppnat av misstag"})
    assert "Ärendet är avslutat" in plain(disa.page) and "Öppnat av misstag" in plain(disa.page)
    anna = portal.visitor()
    anna.open(world.link(LinkKind.MY_PAGE, "anna"))
    anna.post("oppna")
    assert anna.client.get(f"{anna.base}/arenden").status_code == 404


def test_the_day_and_the_account_show_what_is_open(world: World, portal: Portal, account_id: int) -> None:
    case_id = opened(world, account_id)
    anna = at_the_day(portal, world)
    assert "Spara det som ska bort: Otillåtet innehåll" in plain(anna.page)
    assert "Öppna ärenden (1)" in plain(anna.page)
    assert f'href="{anna.base}/arende/{case_id}"' in anna.page.text
    home = portal.visitor()
    home.open(world.link(LinkKind.MY_PAGE, "anna"))
    home.post("oppna")
    mine = home.base
    assert "Spara det som ska bort" not in plain(home.page), "it stands on the day's page"
    home.open(f"{mine}/konto/{account_id}")
    assert "Otillåtet innehåll" in plain(home.page)
    assert f"{mine}/idag/handelse?konto={account_id}" in home.page.text


def test_what_is_late_says_so(world: World, portal: Portal, account_id: int) -> None:
    case_id = opened(world, account_id)
    world.wait(hours=49)
    assert go_round(world.engine, cases.HOURS, world.now).found == 1
    anna = at_the_day(portal, world)
    assert "Otillåtet innehåll försenat" in plain(anna.page)
    anna.open(f"{anna.base}/arende/{case_id}")
    assert "Försenat: skulle ha varit klart 4 mars 2026 kl. 09.00" in plain(anna.page)


def test_an_account_that_is_not_open_has_no_cases(world: World, portal: Portal) -> None:
    setting_up = world.setting_up()
    anna = at_the_day(portal, world)
    assert anna.client.get(f"{anna.base}/handelse?konto={setting_up}").status_code == 404
    anna.open(f"{anna.base}/handelse")
    assert "Du har ingen roll på något öppet konto" in plain(anna.page)


def test_a_common_post_is_watched_by_those_named(world: World, portal: Portal, account_id: int) -> None:
    rule = {"matter": "common_post", "label": "Enhetens inlägg", "joins_watch": True}
    clauses = world.rules("matters")[0]["clauses"]
    world.adopt("2026-03-01", matters=[{**rule, "clauses": clauses}])
    disa = at_the_day(portal, world, "disa")
    disa.open(f"{disa.base}/handelse?konto={account_id}")
    page = disa.post("handelse", form(account_id, kind="common_post"))
    assert page.status_code == 422 and "minst en som ska bevaka" in plain(page)
    watchers = f"{world.email('hanna')}\n{world.email('bo')}"
    disa.post("handelse", form(account_id, kind="common_post", watchers=watchers))
    assert "Väntar på Hanna Ivarsson och Bo Ceder" in plain(disa.page)
    hanna = at_the_day(portal, world, "hanna")
    hanna.open(f"{hanna.base}/arende/{the_case(world).id}")
    assert "Bevakningen är klar" in plain(hanna.page)
    hanna.open(f"{hanna.base}/handelse")
    hanna.post("handelse", form(account_id, kind="other"))
    assert heading(hanna.page) == "Något annat", "who watches there may say what has happened there"
    anna = at_the_day(portal, world, "gustav")
    assert anna.client.get(f"{anna.base}/arende/{the_case(world).id}").status_code == 200
