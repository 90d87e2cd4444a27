"""Inventory: one letter each, gaps asked for without a ladder before the set day (REQUIREMENTS 2.8)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import inventory, watching
from acts.importing import import_accounts
from acts.looking import look
from acts.rounds import go_round
from acts.spreadsheets import read_table
from lifecycle.events import By
from lifecycle.inventory import gaps_of
from lifecycle.law import law_in_force
from models import Account, Message, Municipality, Outcome, TaskHolder, TaskKind, TaskState, UserTask
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, DOMAIN, TUESDAY, Town, document, field, headcount, item, refused_of

RULES: dict[str, Any] = {
    "opening": [],
    "plan": [field("purpose")],
    "headcounts": [headcount("administrator", at_least=2)],
    "assignment": {"given_by": "line_manager", "clauses": [CLAUSE]},
    "documents": [document("riktlinje")],
    "setting_up": [item("inloggning", place=True, confirmed_by="responsible")],
}
FROM = date(2027, 2, 1)
BY = By(None, "cli")
ROWS = (
    "namn;plattform;adress;enhet;syfte;ansvariga;administratörer",
    f"Ett;facebook;facebook.com/ett;bibliotek;Läsning;elin@{DOMAIN};elin@{DOMAIN}, omar@{DOMAIN}",
    f"Två;instagram;instagram.com/tva;bibliotek;;elin@{DOMAIN};elin@{DOMAIN}",
    "Tre;youtube;youtube.com/@tre;bibliotek;;;",
)


class Taken(Town):
    """A town that has taken over three accounts and asks about them."""

    def __init__(self, *, begun: bool = True, rules: dict[str, Any] | None = None) -> None:
        super().__init__(memory_engine(), rules or RULES)
        table = read_table("konton.csv", "\n".join(ROWS).encode())
        with self.work() as session:
            town = session.get_one(Municipality, self.municipality_id)
            assert import_accounts(session, town, table, BY, self.now).faults == []
        self.look_at_all()
        if begun:
            self.begin()

    def begin(self, duties_from_on: date = FROM) -> int:
        with self.work() as session:
            town = session.get_one(Municipality, self.municipality_id)
            return inventory.begin(session, town, duties_from_on, BY, self.now)

    def accounts(self) -> dict[str, Account]:
        with self.reading() as session:
            return {one.name: one for one in session.execute(select(Account)).scalars()}

    def look_at_all(self) -> None:
        for account in self.accounts().values():
            look(self.engine, account.id or 0, self.now)

    def question(self, name: str) -> UserTask:
        rows = select(UserTask).where(
            col(UserTask.kind) == TaskKind.INVENTORY, col(UserTask.account_id) == self.accounts()[name].id
        )
        with self.reading() as session:
            return session.execute(rows).scalars().one()

    def say(self, who: str, name: str, outcome: Outcome, says: str = "") -> None:
        task = self.question(name)
        with self.work() as session:
            inventory.answer(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.people[who],
                outcome=outcome,
                says=says,
                via="link",
            )
        self.look_at_all()

    def asked_of(self, name: str) -> dict[str, list[str]]:
        """What is open about an account besides the inventory itself, and of whom."""
        rows = (
            select(UserTask.step, TaskHolder.person_id)  # type: ignore[call-overload]
            .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
            .where(
                col(UserTask.account_id) == self.accounts()[name].id,
                col(UserTask.state) == TaskState.OPEN,
                col(UserTask.kind) != TaskKind.INVENTORY,
            )
            .order_by(col(UserTask.id), col(TaskHolder.id))
        )
        found: dict[str, list[str]] = {}
        with self.reading() as session:
            for step, person_id in session.execute(rows):
                found.setdefault(step, []).append(self.name_of(person_id))
        return found

    def letters(self, notice: str) -> list[str]:
        with self.reading() as session:
            found = session.execute(select(Message).where(col(Message.notice) == notice)).scalars()
            return sorted(one.email.split("@")[0] for one in found)

    def morning(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        for one in (inventory.ASK, watching.TELL):
            assert go_round(self.engine, one, self.now).failures == []
        self.look_at_all()

    def gaps(self, name: str) -> list[str]:
        account_id = self.accounts()[name].id
        with self.reading() as session:
            law = law_in_force(session, self.municipality_id, self.now)
            account = session.get_one(Account, account_id)
            return [gap.code for gap in gaps_of(session, law, account, self.now.date())]


def test_one_letter_to_each_person_with_all_their_accounts() -> None:
    town = Taken(begun=False)
    assert town.begin() == 2
    assert town.letters("inventory") == ["elin", "karin"], "nobody runs the third: its manager is asked"
    assert town.begin() == 0, "nobody is asked twice"
    assert town.letters("inventory") == ["elin", "karin"]


def test_the_set_day_is_kept_with_the_accounts() -> None:
    town = Taken()
    assert {one.duties_from_on for one in town.accounts().values()} == {FROM}


def test_a_set_day_that_is_not_to_come_is_refused() -> None:
    assert refused_of(Taken(begun=False).begin, TUESDAY.date()) == "inventory_past"


def test_the_import_can_set_the_day_by_itself() -> None:
    town = Town(memory_engine(), RULES)
    table = read_table("konton.csv", "\n".join(ROWS[:2]).encode())
    with town.work() as session:
        row = session.get_one(Municipality, town.municipality_id)
        import_accounts(session, row, table, BY, town.now, duties_from_on=FROM)
    with town.reading() as session:
        assert session.execute(select(Account)).scalars().one().duties_from_on == FROM


def test_what_an_account_lacks_is_listed() -> None:
    town = Taken()
    own = ["assignment", "acknowledgement"]
    assert town.gaps("Ett") == ["place", *own, *own]
    assert town.gaps("Två") == ["people", "place", *own, "purpose"]
    assert town.gaps("Tre") == ["people", "people", "place", "purpose"]


def test_mine_asks_those_concerned_for_what_is_missing_without_a_ladder() -> None:
    town = Taken()
    town.say("elin", "Ett", Outcome.CONFIRMED)
    assert town.asked_of("Ett") == {
        "inloggning": ["elin"],
        "uppdrag": ["karin", "karin"],
        "kvittering": ["elin", "omar"],
    }
    town.morning(date(2026, 12, 2))
    assert town.letters("morning") == ["elin", "karin", "omar"]
    for day in (3, 9, 16, 22):
        town.morning(date(2026, 12, day))
    assert town.letters("morning") == ["elin", "karin", "omar"], "told once, and not reminded of"
    assert town.letters("checklist_reminder") == []


def test_nothing_is_held_against_an_account_before_the_day() -> None:
    town = Taken()
    town.say("elin", "Två", Outcome.CONFIRMED)
    town.morning(date(2026, 12, 22))
    town.morning(date(2027, 1, 29))
    assert {one.red_reason for one in town.accounts().values()} == {""}


def test_from_the_day_it_is_asked_as_anything_else_is() -> None:
    town = Taken()
    town.say("elin", "Två", Outcome.CONFIRMED)
    town.morning(FROM)
    assert town.accounts()["Två"].red_reason == "too_few_left"
    for day in (4, 9, 12):
        town.morning(date(2027, 2, day))
    assert "elin" in town.letters("checklist_reminder")
    assert town.question("Ett").reminders > 0, "who has not answered is reminded too"


def test_silent_days_do_not_lose_the_day() -> None:
    town = Taken()
    town.morning(date(2027, 2, 8))
    assert town.accounts()["Två"].red_reason == "too_few_left"


@pytest.mark.parametrize("outcome", [Outcome.DECLINE, Outcome.CLOSE])
def test_not_mine_or_closed_is_for_communications_to_find_out(outcome: Outcome) -> None:
    town = Taken()
    town.say("elin", "Ett", outcome, "Fråga skolan.")
    assert town.asked_of("Ett") == {"inventering-oklart": ["petra", "david"]}
    assert town.accounts()["Ett"].state == "active", "nothing is closed"


def test_who_was_not_asked_cannot_say_whose_it_is() -> None:
    assert refused_of(Taken().say, "omar", "Ett", Outcome.CONFIRMED) == "not_holder"


def test_only_the_three_answers() -> None:
    assert refused_of(Taken().say, "elin", "Ett", Outcome.KEEP) == "outcome_unknown"
    assert refused_of(Taken().say, "elin", "Ett", Outcome.DECLINE, "x" * 2001) == "text_too_long"


def test_a_weekend_is_silent() -> None:
    town = Taken()
    town.say("elin", "Ett", Outcome.CONFIRMED)
    for day in (5, 6):
        town.morning(date(2026, 12, day))
    assert town.letters("morning") == []
