"""Evaluating, confirming anew, reviewing the guideline and approving rules: pages, answers, bad input."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import evaluating, guideline_review, policies, renewals
from acts.rounds import Round, go_round
from acts.work import work
from lifecycle.events import By
from lifecycle.guideline_review import Size
from models import Account, Evaluation, LinkKind, PolicyVersion, TaskKind, TaskState, UserTask
from runtime.database import reading
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import World, content

YEAR_LATER = datetime(2027, 3, 2, 8, tzinfo=UTC)
RESULTS = {"resultat-goals": "64 fler.", "resultat-key_figures": "Nådde 900.", "resultat-follow_up": "Ja."}


@pytest.fixture
def account_id(world: World) -> int:
    """An open account, a year after it was opened."""
    account_id = world.active()
    with work(world.engine, world.now) as session:
        session.get_one(Account, account_id).opened_on = date(2026, 3, 2)
    world.now = YEAR_LATER
    return account_id


def go(world: World, one: Round) -> None:
    assert go_round(world.engine, one, world.now).failures == []


def duty(world: World, kind: TaskKind) -> UserTask:
    rows = select(UserTask).where(col(UserTask.kind) == kind).order_by(col(UserTask.id).desc())
    with reading(world.engine) as session:
        found: UserTask = session.execute(rows).scalars().first()
    return found


def at_duty(world: World, portal: Portal, kind: TaskKind, who: str) -> tuple[Visitor, str]:
    """Somebody before the page of a duty, by the morning letter; and the form's address."""
    action = f"uppgift/{duty(world, kind).id}"
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MORNING, who))
    visitor.open(f"{visitor.path}/{action}")
    return visitor, action


# ---------------------------------------------------------------- evaluation


@pytest.fixture
def evaluator(world: World, portal: Portal, account_id: int) -> tuple[Visitor, str]:
    go(world, evaluating.EVALUATE)
    return at_duty(world, portal, TaskKind.EVALUATE, "anna")


def answers(world: World) -> dict[str, str]:
    return {f"svar-{one['question']}": "yes" for one in world.rules("evaluation_questions")}


def test_the_page_shows_what_was_promised_beside_what_came_of_it(evaluator: tuple[Visitor, str]) -> None:
    """REQUIREMENTS 2.5: the year's facts beside the goals and figures the plan promised."""
    page = evaluator[0].page
    assert page is not None and heading(page) == "Utvärdera kontot"
    said = plain(page)
    assert "Hundra fler besökare på läxhjälpen före årets slut." in said
    assert "har inte kunnat läsas" in said and "Sparade bilder av kontot: 0." in said
    assert "Uppgifterna talar för att fortsätta." in said
    assert "Svarar ingen trots påminnelser fortsätter kontot" in said
    assert "Är inläggen och svaren lätta att söka fram" in said


def test_an_evaluation_is_given_and_shown_as_given(
    world: World, portal: Portal, evaluator: tuple[Visitor, str]
) -> None:
    visitor, action = evaluator
    page = visitor.post(action, {"utfall": "continue"} | RESULTS | answers(world))
    assert "svaret är sparat" in plain(page)
    with reading(world.engine) as session:
        kept = session.execute(select(Evaluation)).scalar_one()
    assert (kept.outcome, [one["text"] for one in kept.answers["results"]]) == (
        "continue",
        ["64 fler.", "Nådde 900.", "Ja."],
    )
    late = at_duty(world, portal, TaskKind.EVALUATE, "anna")[0]
    assert late.page is not None and "Frågan är inte längre öppen" in plain(late.page)


def test_what_is_missing_is_said_at_once_and_nothing_written_is_lost(
    world: World, evaluator: tuple[Visitor, str]
) -> None:
    visitor, action = evaluator
    page = visitor.post(
        action,
        {
            "utfall": "rest",
            "resultat-goals": "Sextiofyra fler.",
            "skal": "Ledig.",
            "vilar-till": "2027-09-01",
        },
    )
    assert page.status_code == 422
    said = plain(page)
    for missing, field in (
        ("Vilka nyckeltal visar om ni når målen?", "resultat-key_figures"),
        ("Hur följer ni upp?", "resultat-follow_up"),
    ):
        assert f"{missing} Skriv hur det gick." in said
        assert f'href="#f-{field}"' in page.text and f'id="f-{field}"' in page.text
    for kept in ("Sextiofyra fler.", "Ledig.", "2027-09-01", 'value="rest" checked'):
        assert kept in page.text
    assert duty(world, TaskKind.EVALUATE).state is TaskState.OPEN


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Välj vad som ska hända med kontot."),
        ({"utfall": "approve"}, "Välj vad som ska hända med kontot."),
        ({"utfall": "x" * 50}, "Välj vad som ska hända med kontot."),
        ({"utfall": "change"}, "Skriv ett skäl"),
        ({"utfall": "rest", "skal": "Ledig."}, "Välj den dag då kontot tas upp igen"),
        ({"utfall": "rest", "skal": "Ledig.", "vilar-till": "i höst"}, "Välj den dag"),
        ({"utfall": "rest", "skal": "Ledig.", "vilar-till": "2099-01-01"}, "senast 2 mars 2028"),
        ({"utfall": "continue", "resultat-goals": "å" * 4001}, "Texten är för lång"),
    ],
)
def test_a_wrong_answer_is_refused(
    world: World, evaluator: tuple[Visitor, str], sent: dict[str, str], says: str
) -> None:
    visitor, action = evaluator
    page = visitor.post(action, RESULTS | answers(world) | sent)
    assert (page.status_code, says in plain(page)) == (422, True)
    assert duty(world, TaskKind.EVALUATE).state is TaskState.OPEN


def test_a_change_is_then_put_right_by_the_responsible(
    world: World, portal: Portal, account_id: int, evaluator: tuple[Visitor, str]
) -> None:
    visitor, action = evaluator
    sent = {"utfall": "change", "skal": "Svara snabbare på frågor."}
    visitor.post(action, sent | RESULTS | answers(world))
    world.look(account_id)
    visitor, action = at_duty(world, portal, TaskKind.LOOK_INTO, "anna")
    assert visitor.page is not None and "Svara snabbare på frågor." in plain(visitor.page)
    assert visitor.post(action, {"gjort": " "}).status_code == 422
    assert "svaret är sparat" in plain(visitor.post(action, {"gjort": "Gustav tar torsdagar."}))
    assert duty(world, TaskKind.LOOK_INTO).reason == "Gustav tar torsdagar."


def test_looking_changes_nothing(world: World, portal: Portal, evaluator: tuple[Visitor, str]) -> None:
    before = everything_in(world.engine)
    visitor, action = evaluator
    visitor.open(f"{visitor.base}/{action}")
    assert everything_in(world.engine) == before


# ---------------------------------------------------------------- confirming anew


def renew(world: World, **line: Any) -> None:
    """The rules ask for a line anew, and the round has asked."""
    world.adopt("2027-03-02", setting_up=[world.rules("setting_up")[0] | {"renewed": True} | line])
    go(world, renewals.RENEW)


def test_a_line_is_confirmed_anew(world: World, portal: Portal, account_id: int) -> None:
    renew(world)
    visitor, action = at_duty(world, portal, TaskKind.RENEW, "disa")
    assert visitor.page is not None and heading(visitor.page) == "Bekräfta på nytt"
    assert 'value="Kommunens lösenordsvalv"' in visitor.page.text
    assert visitor.post(action).status_code == 422
    assert visitor.post(action, {"stammer": "ja", "place": "Hemligt123!x"}).status_code == 422
    assert "svaret är sparat" in plain(visitor.post(action, {"stammer": "ja", "place": "Det nya valvet"}))
    assert world.account(account_id).log_in_kept_at == "Det nya valvet"


def test_a_line_that_does_not_hold_is_told_of(world: World, portal: Portal, account_id: int) -> None:
    renew(world)
    visitor, action = at_duty(world, portal, TaskKind.RENEW, "disa")
    page = visitor.post(action, {"stammer": "nej", "vad": ""})
    assert (page.status_code, "Skriv ett skäl" in plain(page)) == (422, True)
    visitor.post(action, {"stammer": "nej", "vad": "Valvet är bytt."})
    world.look(account_id)
    assert duty(world, TaskKind.LOOK_INTO).details["what"] == "Valvet är bytt."


def test_a_new_edition_is_acknowledged(world: World, portal: Portal, account_id: int) -> None:
    documents = [one | {"edition": "2027"} for one in world.rules("documents")]
    world.adopt("2027-03-02", documents=documents)
    go(world, renewals.RENEW)
    visitor, action = at_duty(world, portal, TaskKind.RENEW, "gustav")
    assert visitor.page is not None and heading(visitor.page) == "Läs och kvittera"
    assert "Kommunens riktlinje för sociala medier, utgåva 2027" in plain(visitor.page)
    assert visitor.post(action, {"stammer": "nej", "vad": "Nej."}).status_code == 422
    assert "svaret är sparat" in plain(visitor.post(action, {"stammer": "ja"}))


# ---------------------------------------------------------------- the guideline and its rules


def test_the_guideline_is_reviewed(world: World, portal: Portal) -> None:
    world.now = YEAR_LATER
    go(world, guideline_review.REVIEW_GUIDELINE)
    visitor, action = at_duty(world, portal, TaskKind.REVIEW_GUIDELINE, "erik")
    assert visitor.page is not None
    assert "Den beslutas av kommunstyrelsen. Ingen därifrån finns inlagd" in plain(visitor.page)
    assert visitor.post(action).status_code == 422
    assert visitor.post(action, {"andring": "mindre", "text": ""}).status_code == 422
    assert "svaret är sparat" in plain(visitor.post(action, {"andring": "ingen"}))


def proposed(world: World, valid_from: str = "2026-04-01") -> None:
    whole = content("mall")
    rules = {**whole["policy"]["rules"], "watch": [world.rules("watch")[0] | {"days": "all_days"}]}
    policy = {**whole["policy"], "valid_from": valid_from, "rules": rules}
    with work(world.engine, world.now) as session:
        by = By(world.people["disa"], "cli")
        policies.propose(
            session, world.municipality_id, {**whole, "policy": policy}, Size.SMALL, by, world.now
        )


def newest(world: World) -> PolicyVersion:
    rows = select(PolicyVersion).order_by(col(PolicyVersion.id).desc())
    with reading(world.engine) as session:
        found: PolicyVersion = session.execute(rows).scalars().first()
    return found


def test_new_rules_are_shown_with_what_they_change_and_approved(world: World, portal: Portal) -> None:
    proposed(world)
    visitor, action = at_duty(world, portal, TaskKind.APPROVE_POLICY, "erik")
    assert visitor.page is not None
    said = plain(visitor.page)
    assert "Disa Ek har lagt in en ny version" in said
    assert "Nu Vilka dagar: vardagar Sedan Vilka dagar: alla dagar" in said
    assert visitor.post(action).status_code == 422
    assert visitor.post(action, {"beslut": "nej", "skal": " "}).status_code == 422
    assert newest(world).in_force_from is None
    assert "svaret är sparat" in plain(visitor.post(action, {"beslut": "ja"}))
    assert newest(world).in_force_from == date(2026, 4, 1)


def test_the_one_who_proposed_is_not_asked(world: World, portal: Portal) -> None:
    proposed(world)
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MORNING, "disa"))
    page = visitor.open(f"{visitor.path}/uppgift/{duty(world, TaskKind.APPROVE_POLICY).id}")
    assert page.status_code == 404


def at_guideline(world: World, portal: Portal, who: str) -> Visitor:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, who))
    visitor.post("oppna")
    visitor.open(f"{visitor.path}/riktlinjen")
    return visitor


def test_communications_sees_the_versions_and_tells_of_a_directive(world: World, portal: Portal) -> None:
    proposed(world)
    visitor = at_guideline(world, portal, "disa")
    assert visitor.page is not None
    said = plain(visitor.page)
    assert "Gäller nu" in said and "Väntar på svar frågan har Erik Falk" in said
    assert "Översyn: 1 januari 2027" in said
    page = visitor.post(visitor.path, {"direktiv": " "})
    assert (page.status_code, "Skriv vilket direktiv" in plain(page)) == (422, True)
    page = visitor.post(visitor.path, {"direktiv": "En ny lag om bilder."})
    assert "har fått frågan" in plain(page)
    assert duty(world, TaskKind.REVIEW_GUIDELINE).details["what"] == "En ny lag om bilder."
    visitor, _ = at_duty(world, portal, TaskKind.REVIEW_GUIDELINE, "erik")
    assert visitor.page is not None and "En ny lag om bilder." in plain(visitor.page)


def test_the_page_is_communications_own(world: World, portal: Portal) -> None:
    visitor = at_guideline(world, portal, "anna")
    assert visitor.page is not None and visitor.page.status_code == 404
