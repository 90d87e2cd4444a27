"""Nobody decides by an import what others were to decide (REQUIREMENTS 4.2)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from acts import confirmed_files
from acts.by_form import FormDesk, Told
from lifecycle.refusals import Refused
from models import Account, AccountState, Outcome
from tests.acts.form_filling import confirm, fill_in, refused
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN, Town, step

CHIEF = step("chef", "decide", "line_manager")
GUEST = {"at_most_days": 30, "chain": [CHIEF], "clauses": ["exempelby:1"]}
HEADER = "namn;plattform;adress;enhet\n"
SAME_ADDRESS = "Stabens nya;Instagram;https://instagram.com/staben/;bibliotek\n"
SAME_NAME = "STABEN;YouTube;https://www.youtube.com/@annan;bibliotek\n"
SAME_PLACE = "Något annat;Instagram;https://www.instagram.com/annan;stab\n"
ANOTHER = "Biblioteket;Facebook;https://www.facebook.com/biblioteket;bibliotek\n"
PEOPLE = f"namn;e-post;titel;enhet\nNora Ny;nora.ny@{DOMAIN};bibliotekarie;bibliotek\n"


@pytest.fixture
def town() -> Town:
    """Petra, who is communications as David is, has applied for an account of her own unit."""
    found = Town(memory_engine(), {"opening": [CHIEF]})
    found.apply("petra", name="Staben", unit="stab", address="https://www.instagram.com/staben")
    return found


@pytest.fixture
def active() -> Town:
    """The library's account is open, and what Petra asks for about it waits for Karin."""
    rules = {"opening": [], "closing": [CHIEF], "administrator_change": [CHIEF], "guest": GUEST}
    found = Town(memory_engine(), rules)
    found.apply("elin", administrators=["elin", "omar"], address="https://www.instagram.com/biblioteket")
    return found


def take_in(what: str, lines: str) -> Callable[[FormDesk], Told]:
    def act(desk: FormDesk) -> Told:
        table = confirmed_files.read_wanted("inklistrade rader", lines.encode())
        label, values = confirmed_files.wanted_import(what, table, None)
        return desk.begin(confirmed_files.IMPORT, label, f"import:{what}", values)

    return act


def accounts(*lines: str) -> Callable[[FormDesk], Told]:
    return take_in("accounts", HEADER + "".join(lines))


# ---------------------------------------------------------------- accounts


@pytest.mark.parametrize("row", [SAME_NAME, SAME_PLACE])
def test_nobody_takes_over_what_they_have_applied_for(town: Town, row: str) -> None:
    found = refused(town, accounts(ANOTHER, row))
    assert found.code == "own_application" and "Rad 3" in found.says()


@pytest.mark.parametrize("row", [SAME_ADDRESS, SAME_NAME, SAME_PLACE])
def test_nor_what_they_were_denied(town: Town, row: str) -> None:
    town.answer("lena", Outcome.DECLINE, "Nej.")
    assert town.state is AccountState.DECLINED
    assert refused(town, accounts(row)).code == "own_application"


def test_nor_what_they_withdrew_from_those_who_were_to_decide(town: Town) -> None:
    town.withdraw("petra")
    assert refused(town, accounts(SAME_ADDRESS)).code == "own_application"


def test_somebody_else_may_and_another_account_may(town: Town) -> None:
    town.answer("lena", Outcome.DECLINE, "Nej.")
    assert fill_in(town, accounts(SAME_ADDRESS), "david").waits
    assert fill_in(town, accounts(ANOTHER)).waits


def test_a_file_with_what_was_taken_over_before_makes_nothing_new(town: Town) -> None:
    town.answer("lena", Outcome.DECLINE, "Nej.")
    fill_in(town, accounts(SAME_PLACE), "david")
    confirm(town, "david")
    assert fill_in(town, accounts(SAME_PLACE, ANOTHER)).waits


def test_it_is_asked_again_when_it_is_confirmed(active: Town) -> None:
    row = "Stabens konto;YouTube;https://www.youtube.com/@staben;stab\n"
    fill_in(active, accounts(row))
    active.apply(
        "petra", name="Staben", platform="youtube", unit="stab", address="https://www.youtube.com/@annan"
    )
    _put(active, AccountState.DECLINED)
    with pytest.raises(Refused) as caught:
        confirm(active)
    assert caught.value.code == "own_application"


def _put(town: Town, state: AccountState) -> None:
    with town.work() as session:
        session.get_one(Account, town.account_id).state = state


# ---------------------------------------------------------------- who decides


def closing(town: Town) -> None:
    town.ask_to_close("petra")


def change(town: Town) -> None:
    town.ask_for("petra", "tove")


def becoming(town: Town) -> None:
    town.ask_for("elin", "petra")


def guest(town: Town) -> None:
    """From a later day, so that it is pending also when it has been decided."""
    today = town.now.date()
    town.ask_for_guest("petra", "tove", today + timedelta(days=2), today + timedelta(days=5))


@pytest.mark.parametrize("begin", [closing, change, becoming, guest])
def test_nobody_imports_people_while_what_they_have_begun_waits(
    active: Town, begin: Callable[[Town], None]
) -> None:
    begin(active)
    assert refused(active, take_in("people", PEOPLE)).code == "own_matter_open"
    assert fill_in(active, take_in("people", PEOPLE), "david").waits


@pytest.mark.parametrize("begin", [closing, change, guest])
@pytest.mark.parametrize("outcome", [Outcome.APPROVE, Outcome.DECLINE])
def test_when_it_is_decided_they_may(active: Town, begin: Callable[[Town], None], outcome: Outcome) -> None:
    begin(active)
    active.answer("karin", outcome, "Ett skäl.")
    assert fill_in(active, take_in("people", PEOPLE)).waits


# ---------------------------------------------------------------- membership


def propose(desk: FormDesk) -> Told:
    label, values = confirmed_files.wanted_rules(
        confirmed_files.content_named("mall"), confirmed_files.Size.SMALL
    )
    return desk.begin(confirmed_files.RULES, label, "policy", values)


@pytest.mark.parametrize("act", [take_in("people", PEOPLE), accounts(ANOTHER), propose])
def test_who_has_left_the_unit_since_confirms_nothing(active: Town, act: Callable[[FormDesk], Told]) -> None:
    """A link lives 21 days, and much may change in them."""
    fill_in(active, act)
    active.posts("communications", "david")
    with pytest.raises(Refused) as caught:
        confirm(active)
    assert caught.value.code == "only_communications"


@pytest.mark.parametrize("act", [take_in("people", PEOPLE), accounts(ANOTHER), propose])
def test_nobody_else_even_begins_it(active: Town, act: Callable[[FormDesk], Told]) -> None:
    assert refused(active, act, "elin").code == "only_communications"
