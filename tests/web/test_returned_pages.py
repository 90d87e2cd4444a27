"""Pages that returned mail leads to: an address to put right, an absence to enter, a link to send again."""

from datetime import date

from sqlalchemy import select
from sqlmodel import col

from acts.returned_mail import FOLLOW
from acts.rounds import go_round
from acts.work import work
from models import LinkKind, Message, Person, ReturnedAs, ReturnedMail, UserTask
from runtime.database import reading
from tests.web.test_my_pages import at_home, home_of
from tests.web.test_presence import absences
from tests.web.visitor import Portal, heading, plain
from tests.web.world import World


def came(world: World, who: str, kind: ReturnedAs, **more: object) -> int:
    """A mail has been read, and what follows is done."""
    with work(world.engine, world.now) as session:
        row = ReturnedMail(
            once_key=f"{kind}:{who}",
            kind=kind,
            municipality_id=world.municipality_id,
            person_id=world.people[who],
            read_at=world.now,
            **more,  # type: ignore[arg-type]
        )
        session.add(row)
        session.flush()
        number = row.id or 0
    go_round(world.engine, FOLLOW, world.now)
    return number


def test_the_page_says_why_a_letter_did_not_arrive_and_what_to_do(world: World, portal: Portal) -> None:
    says = "550 5.1.1 User unknown"
    came(world, "anna", ReturnedAs.BOUNCED, email=world.email("anna"), status="5.1.1", says=says)
    with reading(world.engine) as session:
        task = session.execute(select(UserTask).where(col(UserTask.step) == "retur")).scalar_one()
    disa = at_home(world, portal, "disa")
    page = disa.open(f"{home_of(disa)}/idag/uppgift/{task.id}")
    words = plain(page)
    assert heading(page) == "Brev till Anna Berg kommer inte fram: rätta adressen"
    assert (
        world.email("anna") in words and "Adressen finns inte hos mottagarens e-postserver (5.1.1)" in words
    )
    assert "rättas den i personallistan" in words and "Har personen slutat?" in words and says in words


def test_a_suggested_absence_is_filled_in_and_saved_by_a_person_alone(world: World, portal: Portal) -> None:
    number = came(world, "bo", ReturnedAs.AWAY, until_on=date(2026, 3, 14))
    bo = portal.visitor()
    bo.open(f"/exempelby/oppna/franvaro/forslag/{number}")
    bo.open(world.link(LinkKind.MY_PAGE, "bo"))
    page = bo.post(f"{bo.path}/oppna")
    assert "Inget är inlagt förrän du sparar" in plain(page), "the letter's address leads there by sign-in"
    assert 'value="2026-03-13"' in page.text and absences(world) == []
    page = bo.post(f"{home_of(bo)}/franvaro", {"from": "2026-03-02", "last": "2026-03-13"})
    assert "Frånvaron är sparad." in plain(page)
    [absence] = absences(world)
    assert (absence.person_id, absence.until_on) == (world.people["bo"], date(2026, 3, 14))


def test_communications_sees_it_with_the_persons_address_and_others_do_not(
    world: World, portal: Portal
) -> None:
    number = came(world, "bo", ReturnedAs.AWAY, until_on=date(2026, 3, 14))
    disa = at_home(world, portal, "disa")
    page = disa.open(f"{home_of(disa)}/franvaro/forslag/{number}")
    assert f'value="{world.email("bo")}"' in page.text and "Bo Ceder ser ut att vara borta" in plain(page)
    gustav = at_home(world, portal, "gustav")
    assert gustav.open(f"{home_of(gustav)}/franvaro/forslag/{number}").status_code == 404
    assert disa.open(f"{home_of(disa)}/franvaro/forslag/{number + 1}").status_code == 404


def test_days_that_have_passed_are_not_filled_in(world: World, portal: Portal) -> None:
    number = came(world, "bo", ReturnedAs.AWAY, until_on=date(2026, 3, 1))
    bo = at_home(world, portal, "bo")
    page = bo.open(f"{home_of(bo)}/franvaro/forslag/{number}")
    assert page.status_code == 200 and 'value="2026-02' not in page.text


def test_an_answer_is_not_an_absence(world: World, portal: Portal) -> None:
    number = came(world, "bo", ReturnedAs.ANSWER, says="Ja, godkänt.", email=world.email("bo"))
    bo = at_home(world, portal, "bo")
    assert bo.open(f"{home_of(bo)}/franvaro/forslag/{number}").status_code == 404


def test_communications_sends_the_link_again_from_the_letters_button(world: World, portal: Portal) -> None:
    account_id = world.sent()
    disa = at_home(world, portal, "disa")
    path = f"{home_of(disa)}/skicka-igen/{account_id}/{world.people['bo']}"
    page = disa.open(path)
    assert "Bo Ceder" in plain(page) and sent_again(world) == []
    page = disa.post(path)
    assert "Brevet går igen till" in plain(page) and sent_again(world) == [world.people["bo"]]


def test_nothing_is_sent_where_nothing_waits_or_by_others(world: World, portal: Portal) -> None:
    account_id = world.sent()
    disa = at_home(world, portal, "disa")
    path = f"{home_of(disa)}/skicka-igen/{account_id}/{world.people['hanna']}"
    assert "väntar på svar" in plain(disa.open(path)) and disa.post(path).status_code == 422
    bo = at_home(world, portal, "bo")
    assert bo.open(f"{home_of(bo)}/skicka-igen/{account_id}/{world.people['bo']}").status_code == 404
    assert sent_again(world) == []


def sent_again(world: World) -> list[int | None]:
    rows = select(Message).where(col(Message.notice) == "letter_again").order_by(col(Message.queued_at))
    with reading(world.engine) as session:
        return [session.get_one(Person, one.person_id).id for one in session.execute(rows).scalars()]
