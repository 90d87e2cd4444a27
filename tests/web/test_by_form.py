"""What was done by a form at communications' desk, as the portal shows it (REQUIREMENTS 4.2)."""

from datetime import timedelta

from acts import by_form, confirmed_changes, resting
from acts.by_form import Filled, FormDesk, Told
from models import AccountState
from tests.web.test_my_pages import at_home, home_of
from tests.web.test_presence import confirming_link
from tests.web.visitor import Portal, heading, plain
from tests.web.world import World


def fill_in(world: World, account_id: int, run: str = "one") -> None:
    """Erik asks by form that the account is closed."""

    def act(desk: FormDesk) -> Told:
        values = {"account": account_id, "reason": "Används inte."}
        return desk.begin(confirmed_changes.CLOSE, "Kontot ska avslutas", "account", values)

    by_form.fill_in(world.engine, Filled(run, world.email("erik")), act, world.now)


def test_the_account_s_page_says_that_it_was_by_form_and_only_stated_by_whom(
    world: World, portal: Portal
) -> None:
    account_id = world.active()

    def act(desk: FormDesk) -> Told:
        last = desk.on + timedelta(days=7)
        resting.let_rest(
            desk.session,
            desk.now,
            account_id=account_id,
            person_id=desk.person_id,
            from_on=desk.on,
            until_on=last,
            via=desk.by.via,
        )
        return Told(["Klart."])

    by_form.fill_in(world.engine, Filled("one", world.email("disa")), act, world.now)
    visitor = at_home(world, portal, "disa")
    page = plain(visitor.open(f"{home_of(visitor)}/konto/{account_id}"))
    assert "kommunikationsenheten, via formulär, uppgivet av Disa Ek" in page


def test_the_confirming_page_says_exactly_what_will_happen(world: World, portal: Portal) -> None:
    """The template's chain for closing: consultation before, information after."""
    account_id = world.active()
    fill_in(world, account_id)
    opened = portal.visitor()
    page = plain(opened.open(confirming_link(world, "erik")))
    assert "Kontot ska avslutas" in page and "Skäl: Används inte." in page
    assert "Därefter rådfrågas kommunikationsenheten" in page
    assert heading(opened.post(f"{opened.path}/ja")) == "Det är bekräftat"


def test_too_late_the_page_says_so_and_nothing_happens(world: World, portal: Portal) -> None:
    account_id = world.active()
    fill_in(world, account_id)
    world.wait(minutes=60 * 24 * 21)
    opened = portal.visitor()
    page = opened.open(confirming_link(world, "erik"))
    assert heading(page) == "Tiden att bekräfta har gått ut" and "Inget har ändrats." in plain(page)
    opened.post(f"{opened.path}/ja")
    world.look(account_id)
    assert world.account(account_id).state is AccountState.ACTIVE
