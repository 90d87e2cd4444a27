"""Inventory over HTTP: one page for one's accounts, gaps, a list for communications (REQUIREMENTS 2.8)."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import inventory, watching
from acts.importing import import_accounts
from acts.rounds import go_round
from acts.spreadsheets import read_table
from acts.work import work
from lifecycle.events import By
from models import Account, LinkKind, Municipality, TaskKind, UserTask
from runtime.database import reading
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, heading, plain
from tests.web.world import World


@pytest.fixture
def taken(world: World) -> World:
    """Two accounts of Anna's were taken over, and she is asked about them."""
    anna, gustav = world.email("anna"), world.email("gustav")
    rows = [
        "namn;plattform;adress;enhet;ansvariga;administratörer",
        f"Läslust;facebook;facebook.com/laslust;library;{anna};{anna}, {gustav}",
        f"Bokprat;instagram;instagram.com/bokprat;library;{anna};{anna}",
    ]
    with work(world.engine, world.now) as session:
        municipality = session.get_one(Municipality, world.municipality_id)
        table = read_table("konton.csv", "\n".join(rows).encode())
        assert import_accounts(session, municipality, table, By(None, "cli"), world.now).faults == []
        inventory.begin(session, municipality, date(2026, 9, 1), By(None, "cli"), world.now)
    look_at_all(world)
    return world


def look_at_all(world: World) -> None:
    for account in accounts(world).values():
        world.look(account.id or 0)


def accounts(world: World) -> dict[str, Account]:
    with reading(world.engine) as session:
        return {one.name: one for one in session.execute(select(Account)).scalars()}


def task_ids(world: World) -> dict[str, int]:
    with reading(world.engine) as session:
        rows = (
            select(col(Account.name), col(UserTask.id))
            .join(UserTask, col(UserTask.account_id) == col(Account.id))
            .where(col(UserTask.kind) == TaskKind.INVENTORY)
        )
        return {name: task_id or 0 for name, task_id in session.execute(rows)}


def test_one_page_for_all_one_s_accounts_by_the_letter(taken: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(taken.link(LinkKind.MORNING, "anna"))
    page = plain(visitor.open(visitor.path))
    assert "Säg om 2 konton är dina" in page
    base = visitor.path
    page = plain(visitor.open(f"{base}/inventering"))
    assert "Läslust" in page and "Bokprat" in page and "Det här saknas" in page
    assert "Minst 2 administratörer behövs (nu 1)." in page
    ids = task_ids(taken)
    sent = {f"svar-{ids['Läslust']}": "mitt", f"svar-{ids['Bokprat']}": "nagon-annans"}
    page = plain(visitor.post(f"{base}/inventering", sent | {f"vem-{ids['Bokprat']}": "Hanna, tror jag."}))
    assert "Tack, svaren är sparade. Du har svarat för alla." in page
    assert "Inte ditt. Kommunikationsenheten tar reda på vems det är." in page
    look_at_all(taken)
    with reading(taken.engine) as session:
        [looked] = session.execute(select(UserTask).where(col(UserTask.kind) == TaskKind.LOOK_INTO)).scalars()
    assert looked.details["says"] == "Hanna, tror jag."


def test_what_is_not_answered_waits_and_nothing_chosen_is_said(taken: World, portal: Portal) -> None:
    visitor = at_home(taken, portal, "anna")
    path = f"{home_of(visitor)}/idag/inventering"
    visitor.open(path)
    page = visitor.post(path, {})
    assert page.status_code == 422 and "Välj ett svar för minst ett konto." in plain(page)
    visitor.post(path, {f"svar-{task_ids(taken)['Läslust']}": "avslutat"})
    page = plain(visitor.open(path))
    assert "Avslutat. Kommunikationsenheten ser till det." in page and "Bokprat" in page


def test_nobody_answers_for_another(taken: World, portal: Portal) -> None:
    visitor = at_home(taken, portal, "gustav")
    path = f"{home_of(visitor)}/idag/inventering"
    assert "Inget konto väntar på ditt svar." in plain(visitor.open(path))
    page = visitor.post(path, {f"svar-{task_ids(taken)['Läslust']}": "mitt"})
    assert page.status_code == 422
    assert visitor.post(path, {"svar-999999": "mitt"}).status_code == 404


def test_what_is_missing_is_confirmed_from_the_day_s_page(taken: World, portal: Portal) -> None:
    visitor = at_home(taken, portal, "anna")
    path = f"{home_of(visitor)}/idag/inventering"
    visitor.open(path)
    visitor.post(path, {f"svar-{task_ids(taken)['Läslust']}": "mitt"})
    look_at_all(taken)
    taken.wait(days=1)
    go_round(taken.engine, inventory.ASK, taken.now)
    go_round(taken.engine, watching.TELL, taken.now)
    letter = portal.visitor()
    letter.open(taken.link(LinkKind.MORNING, "anna"))
    day = letter.path
    page = letter.open(day)
    account_id = accounts(taken)["Läslust"].id
    assert "Bekräfta det som saknas" in plain(page) and f"{day}/lista/{account_id}" in page.text
    page = letter.open(f"{day}/lista/{account_id}")
    assert page.status_code == 200 and "Bekräfta för" in heading(page)
    [line] = [t for t in taken.open_tasks(account_id or 0) if t.kind is TaskKind.ACKNOWLEDGE][:1]
    letter.post(f"{day}/lista/{account_id}/punkt/{line.id}")
    assert taken.task(line.id or 0).answered_by_id == taken.people["anna"]


def test_a_day_s_link_shows_no_list_of_somebody_else_s(taken: World, portal: Portal) -> None:
    letter = portal.visitor()
    letter.open(taken.link(LinkKind.MORNING, "hanna"))
    account_id = accounts(taken)["Läslust"].id
    assert letter.open(f"{letter.path}/lista/{account_id}").status_code == 404


def test_communications_sees_them_all(taken: World, portal: Portal) -> None:
    visitor = at_home(taken, portal, "disa")
    page = plain(visitor.open(f"{home_of(visitor)}/inventering"))
    assert "Läslust" in page and "Väntar på svar av Anna Berg" in page
    assert "Riktlinjen gäller fullt ut från 1 september 2026" in page and "saker saknas" in page
    anna = at_home(taken, portal, "anna")
    assert anna.open(f"{home_of(anna)}/inventering").status_code == 404
