"""Deciding and being consulted over HTTP, for every process that asks."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from acts import caring
from acts.work import work
from lifecycle.refusals import SAYS
from models import AccountState, LinkKind, Outcome, Person, TaskState, Unit
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import World

APPROVE = {"outcome": "approve", "plan_version": "1"}


@pytest.fixture
def task(world: World) -> int:
    """The manager's decision."""
    return world.open_task(world.sent())


@pytest.fixture
def bo(world: World, portal: Portal, task: int) -> Visitor:
    """The manager, before that decision."""
    visitor = portal.visitor()
    visitor.open(world.task_link(task, "bo"))
    return visitor


def test_the_page_says_all_that_a_decision_needs(bo: Visitor) -> None:
    assert bo.page is not None
    says = plain(bo.page)
    for needed in (
        "Anna Berg, bibliotekarie, ansöker om kontot för Biblioteket.",
        "Hundra fler besökare på läxhjälpen",
        "Gustav Holm, bibliotekarie",
        "Du är chef för Biblioteket.",
        "Tomelilla kommun, Anställdas användning av sociala medier",
        "Ditt ja är också administratörernas uppdrag.",
        "Sedan går ärendet vidare till kommunikationsenheten.",
        "Ansökan avslutas. Anna Berg får ditt skäl när tiden för att ta tillbaka svaret har gått.",
        "Verksamheten är personuppgiftsansvarig",
        "Du kan ta tillbaka svaret i 60 minuter.",
    ):
        assert needed in says, needed


def test_nothing_is_chosen_beforehand(bo: Visitor) -> None:
    assert bo.page is not None
    assert bo.page.text.count('type="radio"') == 3 and "checked" not in bo.page.text


def test_an_answer_leads_to_a_receipt(world: World, bo: Visitor, task: int) -> None:
    page = bo.post("svar", APPROVE)
    says = plain(page)
    assert "ditt svar är registrerat" in says and "till kl. 10.00" in says
    assert "Sedan går ärendet vidare till kommunikationsenheten." in says
    answered = world.task(task)
    assert (answered.outcome, answered.answered_by_id) == (Outcome.APPROVE, world.people["bo"])


@pytest.mark.parametrize("outcome", ["", "hittepa", "confirmed", "answered", "skipped", "told"])
def test_a_choice_must_be_made(world: World, bo: Visitor, task: int, outcome: str) -> None:
    page = bo.post("svar", {"outcome": outcome, "plan_version": "1", "reason": "Kanske"})
    assert page.status_code == 422 and SAYS["outcome_unknown"] in plain(page)
    assert "Kanske" in page.text, "what was written stays"
    assert world.task(task).state is TaskState.OPEN


@pytest.mark.parametrize("outcome", ["decline", "ask_for_changes"])
def test_a_no_needs_its_reason(world: World, bo: Visitor, task: int, outcome: str) -> None:
    page = bo.post("svar", {"outcome": outcome, "plan_version": "1", "reason": "  "})
    assert page.status_code == 422 and SAYS["reason_missing"] in plain(page)
    assert f'value="{outcome}" checked' in page.text and 'href="#f-reason"' in page.text
    assert world.task(task).state is TaskState.OPEN
    bo.post("svar", {"outcome": outcome, "plan_version": "1", "reason": "Vi har inte folk."})
    assert world.task(task).reason == "Vi har inte folk."


def test_a_reason_beyond_all_bounds(world: World, bo: Visitor, task: int) -> None:
    page = bo.post("svar", {"outcome": "decline", "plan_version": "1", "reason": "x" * 4001})
    assert page.status_code == 422 and "Högst 4000 tecken" in plain(page)
    assert world.task(task).state is TaskState.OPEN


@pytest.mark.parametrize("version", ["2", "0", "", "x", "-1", "9" * 30])
def test_an_answer_to_another_plan_than_shown_is_refused(
    world: World, bo: Visitor, task: int, version: str
) -> None:
    page = bo.post("svar", {"outcome": "approve", "plan_version": version})
    assert page.status_code == 409 and SAYS["plan_changed"] in plain(page)
    assert world.task(task).state is TaskState.OPEN


def test_answering_twice_changes_nothing_the_second_time(world: World, bo: Visitor, task: int) -> None:
    bo.post("svar", APPROVE)
    before = everything_in(world.engine)
    page = bo.post("svar", {"outcome": "decline", "reason": "Nej!", "plan_version": "1"})
    assert "Ditt svar fanns redan. Det du skickade nu ändrade inget." in plain(page)
    assert everything_in(world.engine) == before


def test_of_two_people_at_once_one_answers(world: World, portal: Portal, task: int) -> None:
    world.answer(task, "bo")
    asked = world.open_task(1)
    visitors = []
    for who in ("disa", "erik"):
        visitor = portal.visitor()
        visitor.open(world.task_link(asked, who))
        visitors.append(visitor)
    forms = (APPROVE, {"outcome": "decline", "reason": "Nej.", "plan_version": "1"})
    with ThreadPoolExecutor(2) as both:
        pages = list(both.map(lambda one: one[0].post("svar", one[1]), zip(visitors, forms, strict=True)))
    said = [plain(page) for page in pages]
    assert sum("ditt svar är registrerat" in one for one in said) == 1
    assert sum("svarade 2 mars 2026 kl. 09.00" in one for one in said) == 1
    assert world.task(asked).state is TaskState.DONE


def test_only_those_asked_may_answer(world: World, portal: Portal, task: int) -> None:
    stranger = portal.visitor()
    page = stranger.open(world.task_link(task, "hanna"))
    assert page.status_code == 410 and heading(page) == "Frågan ligger hos någon annan"
    stranger.post("svar", APPROVE, token=stranger.token)
    assert world.task(task).state is TaskState.OPEN


def test_four_eyes_hold_on_the_page_too(world: World, portal: Portal) -> None:
    account_id = world.draft("disa")
    world.write(account_id)
    world.send(account_id)
    world.answer(world.open_task(account_id), "bo")
    task = world.open_task(account_id)
    visitor = portal.visitor()
    page = visitor.open(world.task_link(task, "erik"))
    assert "Vad svarar du?" in plain(page) and "Även" not in plain(page)
    assert world.holders(task) == [world.people["erik"]]


# Taking back and handing over


def test_an_answer_is_taken_back_within_the_hour(world: World, bo: Visitor, task: int) -> None:
    bo.post("svar", {"outcome": "decline", "reason": "Fel knapp.", "plan_version": "1"})
    world.look(1)
    world.wait(minutes=59)
    page = bo.post("angra")
    assert heading(page) == "Ditt svar är tillbakataget"
    assert plain(page).count("tillbakataget") == 2 and "öppnade länken" not in plain(page), (
        "title and heading"
    )
    assert world.task(task).state is TaskState.TAKEN_BACK
    world.look(1)
    assert world.account(1).state is AccountState.DECIDING and world.open_task(1) != task


def test_after_the_hour_it_is_too_late(world: World, bo: Visitor, task: int) -> None:
    bo.post("svar", APPROVE)
    world.wait(minutes=61)
    page = bo.post("angra")
    assert page.status_code == 409 and "Svaret kan tas tillbaka i 60 minuter" in plain(page)
    assert world.task(task).state is TaskState.DONE


def test_what_somebody_has_gone_on_from_cannot_be_taken_back(world: World, bo: Visitor, task: int) -> None:
    bo.post("svar", APPROVE)
    world.look(1)
    world.answer(world.open_task(1), "disa")
    page = bo.open(bo.base)
    assert "Ta tillbaka svaret" not in page.text
    assert SAYS["regret_overtaken"] in plain(bo.post("angra"))


def test_nobody_takes_back_another_s_answer(world: World, portal: Portal, bo: Visitor, task: int) -> None:
    bo.post("svar", APPROVE)
    stranger = portal.visitor()
    stranger.open(world.link(LinkKind.DECIDE, "hanna", task_id=task))
    stranger.post("angra", token=stranger.token or "x")
    assert world.task(task).state is TaskState.DONE


def test_a_question_is_handed_over(world: World, bo: Visitor, task: int) -> None:
    page = bo.post("lamna-over", {"to": world.email("cilla"), "why": "Hon har planen."})
    assert heading(page) == "Frågan är överlämnad" and "öppnade länken" not in plain(page)
    assert "Du lämnade över frågan till Cilla Dahl, förvaltningschef, 2 mars" in plain(page)
    assert world.holders(task) == [world.people["cilla"]]


def test_the_new_holder_reads_why(world: World, portal: Portal, bo: Visitor, task: int) -> None:
    bo.post("lamna-over", {"to": world.email("cilla"), "why": "Hon har planen."})
    page = portal.visitor().open(world.task_link(task, "cilla"))
    assert "Bo Ceder har lämnat över frågan till dig. Skälet: ”Hon har planen.”" in plain(page)


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("anna.berg@exempelby.example.org", "Anna Berg kan inte ta över: personen har själv sökt."),
        ("bo.ceder@exempelby.example.org", SAYS["same_person"]),
        ("ingen@exempelby.example.org", "Ingen anställd med adressen ingen@exempelby.example.org finns."),
        ("", "Skriv personens arbetsadress."),
        (" ", "Skriv personens arbetsadress."),
    ],
)
def test_a_hand_over_to_the_wrong_one_is_explained(
    world: World, bo: Visitor, task: int, who: str, says: str
) -> None:
    page = bo.post("lamna-over", {"to": who, "why": "Så blir det bäst."})
    assert page.status_code == 422 and says in plain(page)
    assert "Så blir det bäst." in page.text and '<details class="other" open>' in page.text
    assert world.holders(task) == [world.people["bo"]]


# The other processes


def test_a_consultation_needs_words_and_binds_nobody(world: World, portal: Portal) -> None:
    account_id = world.active()
    world.ask_to_close(account_id, reason="Ingen hinner sköta det.")
    task = world.open_task(account_id)
    visitor = portal.visitor()
    page = visitor.open(world.task_link(task, "disa"))
    assert heading(page) == "Råd: ska Instagram ”Biblioteket” avslutas?"
    assert "Ingen hinner sköta det." in plain(page) and "Det binder ingen" in plain(page)
    assert "Rådet sparas i ärendet. Sedan börjar avslutet, efter checklistan." in plain(page)
    assert "beslutar" not in plain(page), "this chain only consults"
    page = visitor.post("svar", {"plan_version": "1"})
    assert "Skriv ditt råd." in plain(page) and "skäl" not in plain(page).lower().partition("lämna ditt")[2]
    page = visitor.post("svar", {"plan_version": "1", "reason": "Flytta följarna först."})
    assert "Svar lämnat" in plain(page)
    world.look(account_id)
    assert world.account(account_id).state is AccountState.CLOSING


def test_an_unanswered_consultation_is_told_as_that(world: World, portal: Portal) -> None:
    account_id = world.active()
    world.ask_to_close(account_id)
    path = world.task_link(world.open_task(account_id), "disa")
    world.wait(days=18)
    world.look(account_id)
    page = portal.visitor().open(path)
    assert page.status_code == 410 and heading(page) == "Tiden för råd har gått ut"


def test_a_new_administrator_is_decided_on(world: World, portal: Portal) -> None:
    account_id = world.active()
    world.ask_for_administrator(account_id)
    visitor = portal.visitor()
    page = visitor.open(world.task_link(world.open_task(account_id), "bo"))
    assert heading(page) == "Ny administratör för Instagram ”Biblioteket”: Hanna Ivarsson"
    assert "Be om ändringar" not in page.text
    page = visitor.post("svar", APPROVE)
    assert "Personen läser och kvitterar riktlinjen och är sedan administratör." in plain(page)


def test_a_guest_is_decided_on(world: World, portal: Portal) -> None:
    account_id = world.active()
    with work(world.engine, world.now) as session:
        caring.ask_for_guest(
            session,
            world.now,
            account_id=account_id,
            person_id=world.people["anna"],
            email=world.email("hanna"),
            since=world.now.date().replace(day=9),
            until=world.now.date().replace(day=14),
            via="portal",
        )
    world.look(account_id)
    page = portal.visitor().open(world.task_link(world.open_task(account_id), "bo"))
    assert heading(page) == "Gäst på Instagram ”Biblioteket”: Hanna Ivarsson"
    assert "från 9 mars 2026 till och med 13 mars 2026" in plain(page)


def test_earlier_answers_and_why_it_came_here_are_shown(world: World, portal: Portal) -> None:
    with work(world.engine, world.now) as session:
        session.get_one(Unit, world.units["library"]).line_manager_id = None
    account_id = world.sent()
    page = portal.visitor().open(world.task_link(world.open_task(account_id), "cilla"))
    assert "Biblioteket saknar chef just nu." in plain(page)
    assert "till chefen för Kultur- och fritidsförvaltningen" in plain(page)
    world.answer(world.open_task(account_id), "cilla", reason="Bra plan.")
    page = portal.visitor().open(world.task_link(world.open_task(account_id), "disa"))
    assert "Chefens beslut och uppdrag: Godkänt – Cilla Dahl, 2 mars 2026" in plain(page)
    assert "Bra plan." in plain(page) and "Även Erik Falk har fått den." in plain(page)


def test_what_i_answered_before_is_at_hand(world: World, portal: Portal) -> None:
    first = world.sent()
    world.answer(world.open_task(first), "bo", Outcome.DECLINE, "Ingen tid.")
    second = world.sent(name="Bokbussen", address="")
    page = portal.visitor().open(world.task_link(world.open_task(second), "bo"))
    assert "Vad du har svarat förut" in plain(page) and "Ingen tid." in plain(page)


def test_a_consultation_before_a_decision_says_who_reads_it(world: World, portal: Portal) -> None:
    [consult] = [one for one in world.rules("closing") if one["act"] == "consult"]
    decide = {**consult, "step": "decision", "act": "decide", "roles": ["communications_director"]}
    world.adopt("2026-02-01", closing=[consult, decide])
    account_id = world.active()
    world.ask_to_close(account_id)
    page = portal.visitor().open(world.task_link(world.open_task(account_id), "disa"))
    assert "Rådet visas för den som beslutar och sparas i ärendet. Sedan går ärendet vidare" in plain(page)


def test_the_receipt_begins_with_what_happens(world: World, portal: Portal, bo: Visitor, task: int) -> None:
    world.answer(task, "bo")
    task = world.open_task(1)
    visitor = portal.visitor()
    visitor.open(world.task_link(task, "disa"))
    page = visitor.post("svar", APPROVE)
    assert "Vad som händer nu Kontot ställs i ordning efter checklistan" in plain(page)


def test_an_answer_that_comes_too_late_blames_no_link(world: World, portal: Portal, task: int) -> None:
    visitor = portal.visitor()
    visitor.open(world.task_link(task, "bo"))
    world.answer(task, "bo")
    late = portal.visitor()
    path = world.task_link(world.open_task(1), "erik")
    late.open(path)
    world.answer(world.open_task(1), "disa")
    page = late.post("svar", APPROVE)
    assert "Det du skickade nu ändrade inget." in plain(page) and "öppnade länken" not in plain(page)
    assert "Inget ändrades av att du öppnade länken." in plain(portal.visitor().open(path))


def test_somebody_without_a_title_has_no_comma(world: World, portal: Portal, task: int) -> None:
    page = portal.visitor().open(world.task_link(task, "bo"))
    assert "Anna Berg, bibliotekarie, ansöker om kontot" in plain(page)
    with work(world.engine, world.now) as session:
        session.get_one(Person, world.people["anna"]).title = ""
    page = portal.visitor().open(world.task_link(task, "bo"))
    assert "Anna Berg ansöker om kontot" in plain(page)
