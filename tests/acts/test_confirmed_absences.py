"""An absence by form moves decisions only when it is confirmed, and never in silence (REQUIREMENTS 4.2)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts.by_form import FormDesk, Told
from acts.confirmed_absences import ABSENCE, wanted_absence
from lifecycle.refusals import Refused
from models import Absence, Message
from notifications.examples.world import LETTERHEAD
from notifications.letters import compose
from tests.acts.form_filling import confirm, fill_in, refused, waiting
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN, TUESDAY, Town, step

TODAY = TUESDAY.date()


@pytest.fixture
def town() -> Town:
    """Elin's application waits for Karin, her manager; Petra and David are communications."""
    found = Town(memory_engine(), {"opening": [step("chef", "decide", "line_manager")]})
    found.substitute("karin", None)
    found.apply("elin")
    return found


def away(
    who: str, first: date = TODAY, last: date | None = None, by: str = "tove"
) -> Callable[[FormDesk], Told]:
    """Filled in as the form does it; `by` stands in."""

    def act(desk: FormDesk) -> Told:
        person, substitute = desk.someone(f"{who}@{DOMAIN}"), desk.someone(f"{by}@{DOMAIN}")
        label, values = wanted_absence(person, first, last, substitute, desk.on)
        return desk.begin(ABSENCE, label, f"person:{person.id}", values)

    return act


def absences(town: Town) -> list[Absence]:
    with town.reading() as session:
        return list(session.execute(select(Absence)).scalars())


def told_of_absence(town: Town) -> list[str]:
    with town.reading() as session:
        rows = select(Message).where(col(Message.notice) == "absence")
        return sorted(one.email.split("@")[0] for one in session.execute(rows).scalars())


def asked(town: Town) -> list[str]:
    town.look()
    return town.holders(town.open_tasks()[0])


def test_a_form_in_the_managers_name_moves_nothing_and_the_manager_gets_the_link(town: Town) -> None:
    standing = fill_in(town, away("karin"), "karin")
    assert standing.name == "Väntar på bekräftelse"
    assert (asked(town), absences(town), told_of_absence(town)) == (["karin"], [], [])
    with town.reading() as session:
        rows = select(Message).where(col(Message.notice) == "confirm_act")
        assert session.execute(rows).scalars().one().person_id == town.people["karin"]


def test_confirmed_it_moves_what_waits_and_who_is_away_is_told_too(town: Town) -> None:
    fill_in(town, away("karin"), "karin")
    confirm(town, "karin")
    assert asked(town) == ["karin", "tove"]
    assert told_of_absence(town) == ["karin", "tove"]


def test_ones_own_letter_says_that_it_was_oneself(town: Town) -> None:
    fill_in(town, away("karin"), "karin")
    confirm(town, "karin")
    with town.reading() as session:
        rows = select(Message).where(
            col(Message.notice) == "absence", col(Message.person_id) == town.people["karin"]
        )
        text = compose(session, session.execute(rows).scalars().one(), LETTERHEAD, town.now).text
    assert "Du har lagt in i Kanalvakt: du är borta" in text and "Tove" in text


def test_it_says_beforehand_who_takes_over_and_that_it_is_told(town: Town) -> None:
    lines = fill_in(town, away("karin"), "petra").lines
    assert any("går under tiden också till Tove" in line for line in lines)
    assert "Karin får veta det i ett brev" in lines


def test_confirmed_later_it_begins_that_day(town: Town) -> None:
    fill_in(town, away("karin", last=TODAY + timedelta(days=5)), "karin")
    town.now += timedelta(days=2)
    confirm(town, "karin")
    found = absences(town)[0]
    assert (found.from_on, found.until_on) == (TODAY + timedelta(days=2), TODAY + timedelta(days=6))


def test_confirmed_when_it_is_over_it_changes_nothing(town: Town) -> None:
    fill_in(town, away("karin", last=TODAY + timedelta(days=1)), "karin")
    town.now += timedelta(days=2)
    with pytest.raises(Refused) as caught:
        confirm(town, "karin")
    assert (caught.value.code, absences(town)) == ("absence_over", [])


@pytest.mark.parametrize(
    ("act", "who", "code"),
    [
        (away("karin", TODAY - timedelta(days=1)), "karin", "absence_past"),
        (away("karin", TODAY, TODAY - timedelta(days=1)), "karin", "absence_order"),
        (away("karin", by="karin"), "karin", "substitute_is_self"),
        (away("karin"), "omar", "not_yours_to_enter"),
    ],
)
def test_what_would_be_refused_is_refused_at_once(
    town: Town, act: Callable[[FormDesk], Told], who: str, code: str
) -> None:
    assert refused(town, act, who).code == code


def test_begun_again_about_the_same_person_the_first_gives_way(town: Town) -> None:
    fill_in(town, away("karin", by="omar"), "karin")
    fill_in(town, away("karin"), "karin")
    assert waiting(town).details["values"]["substitute"] == town.people["tove"]
