"""What is confirmed anew: lines of the checklist by a named role, documents in a new edition."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import looking_into, renewals, watching
from acts.policies import adopt
from acts.renewals import RENEW
from lifecycle.events import By
from models import Absence, AccountRole, AccountRoleKind, Outcome, TaskKind, TaskState, UserTask
from tests.lifecycle.clock_town import ClockTown
from tests.lifecycle.town import CLAUSE, Rule, content, document, item, refused_of

YEAR_ON = date(2027, 12, 1)
"""A year after the checklist was confirmed, 1 December 2026."""


class ListTown(ClockTown):
    """A town whose checklist has been confirmed."""

    def __init__(self, *items: Rule, settings: Rule | None = None, documents: Sequence[Rule] = ()) -> None:
        self.rules = {"setting_up": list(items), "documents": list(documents)}
        super().__init__(self.rules, settings)

    def apply(self, *args: Any, **more: Any) -> int:
        account_id = super().apply(*args, **more)
        while open_ones := [one for one in self.open_tasks() if one.kind in _CONFIRMED]:
            self.confirm(self.holders(open_ones[0])[0], open_ones[0].step, place="Valvet")
        return account_id

    def renewals(self, state: TaskState | None = TaskState.OPEN) -> list[UserTask]:
        return self.duties(TaskKind.RENEW, state)

    def asked(self) -> dict[str, list[str]]:
        """By step, those who are asked to confirm anew."""
        found: dict[str, list[str]] = {}
        for task in self.renewals():
            found.setdefault(task.step, []).extend(self.holders(task))
        return found

    def confirm_anew(self, who: str, **given: str) -> None:
        [task] = [one for one in self.renewals() if who in self.holders(one)]
        with self.work() as session:
            renewals.confirm_anew(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.people[who],
                given=given,
                via="link",
            )
        self.look()

    def deny(self, who: str, what: str) -> None:
        [task] = [one for one in self.renewals() if who in self.holders(one)]
        with self.work() as session:
            renewals.deny(
                session, self.now, task_id=task.id or 0, person_id=self.people[who], what=what, via="link"
            )
        self.look()

    def adopt(self, on: date, **rules: Any) -> None:
        changed = content({"opening": []} | self.rules | rules, {}, valid_from=on)
        with self.work() as session:
            adopt(session, self.municipality_id, changed, By(None, "cli"), self.now)

    def editions(self) -> dict[str, dict[str, str]]:
        return {
            self.name_of(one.person_id): one.editions
            for one in self.roles()
            if one.kind is AccountRoleKind.ADMINISTRATOR
        }


_CONFIRMED = (TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)


# ---------------------------------------------------------------- lines


def test_a_line_is_confirmed_anew_by_its_role_after_its_months_and_then_again() -> None:
    town = ListTown(item("rad", confirmed_by="communications", renewed_every_months=12), item("annan"))
    town.on(YEAR_ON - timedelta(days=1))
    assert town.go(RENEW).found == 0
    town.on(YEAR_ON)
    assert town.go(RENEW).found == 1
    assert town.asked() == {"rad": ["petra", "david"]}
    [task] = town.renewals()
    assert ([one["ref"] for one in task.clauses], task.label) == ([CLAUSE], "Bekräfta på nytt: Raden rad")
    assert town.account().waits_for == "Aktiv · Bekräftas på nytt"
    town.on(YEAR_ON + timedelta(days=1))
    assert town.go(RENEW).found == 0, "it is asked once"
    town.on(date(2028, 1, 10))
    town.confirm_anew("petra")
    town.on(date(2029, 1, 9))
    town.go(RENEW)
    assert town.asked() == {}
    town.on(date(2029, 1, 10))
    town.go(RENEW)
    assert town.asked() == {"rad": ["petra", "david"]}


def test_where_the_clause_names_no_number_the_municipality_s_own_counts() -> None:
    town = ListTown(item("rad", renewed=True), settings={"renewal_months": 6})
    town.on(date(2027, 6, 1))
    town.go(RENEW)
    assert town.asked() == {"rad": ["elin"]}


def test_each_administrator_confirms_for_oneself_counted_from_when_they_began() -> None:
    line = item("tva", confirmed_by="administrator", each_administrator=True, renewed_every_months=12)
    town = ListTown(line)
    town.now += timedelta(days=30)
    town.ask_for("elin", "tove")
    town.on(YEAR_ON)
    town.go(RENEW)
    assert sorted(town.asked()["tva"]) == ["elin", "omar"]
    town.confirm_anew("omar")
    town.on(YEAR_ON + timedelta(days=30))
    town.go(RENEW)
    assert sorted(town.asked()["tva"]) == ["elin", "tove"]


def test_who_is_away_is_asked_when_they_are_back_and_who_has_left_no_more() -> None:
    line = item("tva", confirmed_by="administrator", each_administrator=True, renewed_every_months=12)
    town = ListTown(line)
    with town.work() as session:
        session.add(
            Absence(
                municipality_id=town.municipality_id,
                person_id=town.people["omar"],
                from_on=YEAR_ON,
                until_on=YEAR_ON + timedelta(days=5),
                entered_at=town.now,
            )
        )
    town.on(YEAR_ON)
    town.go(RENEW)
    assert town.asked() == {"tva": ["elin"]}
    town.on(YEAR_ON + timedelta(days=5))
    town.go(RENEW)
    assert sorted(town.asked()["tva"]) == ["elin", "omar"]
    town.end_role("elin", "omar")
    town.on(YEAR_ON + timedelta(days=6))
    town.go(RENEW)
    assert town.asked() == {"tva": ["elin"]}


def test_a_line_that_does_not_hold_is_put_right_by_the_responsible_and_that_counts() -> None:
    town = ListTown(item("rad", confirmed_by="communications", renewed_every_months=12))
    town.on(YEAR_ON)
    town.go(RENEW)
    assert refused_of(town.deny, "petra", " ") == "reason_missing"
    town.deny("petra", "Texten är borttagen.")
    [task] = town.duties(TaskKind.LOOK_INTO)
    assert (town.holders(task), task.details["what"]) == (["elin"], "Texten är borttagen.")
    town.on(YEAR_ON + timedelta(days=9))
    town.go(RENEW)
    assert town.asked() == {}, "it is not asked again while it is put right"
    with town.work() as session:
        looking_into.put_right(
            session,
            town.now,
            task_id=task.id or 0,
            person_id=town.people["elin"],
            what="Texten är tillbaka.",
            via="link",
        )
    town.on(date(2028, 12, 9))
    town.go(RENEW)
    assert town.asked() == {}
    town.on(date(2028, 12, 10))
    town.go(RENEW)
    assert town.asked() == {"rad": ["petra", "david"]}


def test_the_place_is_asked_for_anew_and_a_password_refused() -> None:
    town = ListTown(item("plats", place=True, renewed_every_months=12))
    town.on(YEAR_ON)
    town.go(RENEW)
    assert refused_of(town.confirm_anew, "elin", place="") == "place_missing"
    assert refused_of(town.confirm_anew, "elin", place="Pw!8kX#zQ2") == "looks_like_secret"
    town.confirm_anew("elin", place="Kassaskåpet i receptionen")
    assert town.account().log_in_kept_at == "Kassaskåpet i receptionen"


def test_a_must_climbs_its_ladder_and_lets_the_account_stand_red_and_a_should_does_not() -> None:
    town = ListTown(
        item("ska", renewed_every_months=12), item("bor", renewed_every_months=12, modality="should")
    )
    town.on(YEAR_ON - timedelta(days=1))
    town.days_go(date(2027, 12, 20), RENEW)
    escalated = [one for one in town.mornings() if one.context.get("escalated")]
    tasks = {one.id: one.step for one in town.renewals()}
    assert {tasks[one] for letter in escalated for one in letter.context["escalated"]} == {"ska"}
    assert town.account().red_reason == "no_answer:ska"


def test_a_line_that_the_policy_does_not_renew_any_more_is_dropped() -> None:
    town = ListTown(item("rad", renewed_every_months=12))
    town.on(YEAR_ON)
    town.go(RENEW)
    town.adopt(YEAR_ON + timedelta(days=1), setting_up=[item("rad")])
    town.on(YEAR_ON + timedelta(days=1))
    town.go(RENEW)
    assert [one.state for one in town.renewals(None)] == [TaskState.WITHDRAWN]


# ---------------------------------------------------------------- documents


def test_a_new_edition_is_acknowledged_anew_by_all_who_acknowledged_an_earlier_one() -> None:
    """CLAUSES tom:110: acknowledged by each administrator, again at a new edition."""
    town = ListTown(documents=[document("riktlinje"), document("lista")])
    assert town.editions()["omar"] == {"riktlinje": "2026", "lista": "2026"}
    town.on(date(2027, 3, 1))
    assert town.go(RENEW).found == 0
    town.adopt(date(2027, 3, 2), documents=[document("riktlinje", edition="2027"), document("lista")])
    town.on(date(2027, 3, 1), 20)
    assert town.go(RENEW).found == 0, "the version applies from its day"
    town.on(date(2027, 3, 2))
    assert town.go(RENEW).found == 2
    assert sorted(who for task in town.renewals() for who in town.holders(task)) == ["elin", "omar"]
    assert {task.label for task in town.renewals()} == {
        "Läs och kvittera ny utgåva: Dokumentet riktlinje (2027)"
    }
    town.confirm_anew("omar")
    assert town.editions()["omar"] == {"riktlinje": "2027", "lista": "2026"}
    assert town.role("omar").acknowledged == "Dokumentet lista (2026); Dokumentet riktlinje (2027)"
    town.on(date(2027, 3, 3))
    assert town.go(RENEW).found == 0
    assert [town.holders(task) for task in town.renewals()] == [["elin"]]


def test_one_answer_counts_for_all_accounts_of_a_person() -> None:
    town = ListTown(documents=[document("riktlinje")])
    town.apply("omar", name="Andra", administrators=["omar"], responsible=["elin"], address="example.org/b")
    town.on(date(2027, 3, 2))
    town.adopt(date(2027, 3, 2), documents=[document("riktlinje", edition="2027")])
    assert town.go(RENEW).found == 2, "Elin and Omar, Omar for both accounts"
    town.confirm_anew("omar")
    rows = select(AccountRole).where(
        col(AccountRole.person_id) == town.people["omar"],
        col(AccountRole.kind) == AccountRoleKind.ADMINISTRATOR,
    )
    with town.reading() as session:
        assert [one.editions for one in session.execute(rows).scalars()] == [{"riktlinje": "2027"}] * 2


def test_an_edition_that_is_overtaken_while_it_waits_gives_way_to_the_newest() -> None:
    town = ListTown(documents=[document("riktlinje")])
    for day, edition in ((2, "2027"), (5, "2027b")):
        town.on(date(2027, 3, day))
        town.adopt(date(2027, 3, day), documents=[document("riktlinje", edition=edition)])
        town.go(RENEW)
    assert {task.details["documents"][0]["edition"] for task in town.renewals()} == {"2027b"}
    assert len(town.renewals(TaskState.WITHDRAWN)) == 2
    town.confirm_anew("elin")
    town.on(date(2027, 3, 9))
    town.adopt(date(2027, 3, 9), documents=[document("riktlinje", edition="2026")])
    town.go(RENEW)
    assert [town.holders(task) for task in town.renewals()] == [["elin"]], "Omar has only acknowledged 2026"


@pytest.mark.parametrize("modality", ["must", "should"])
def test_it_is_asked_as_strongly_as_the_document_says(modality: str) -> None:
    town = ListTown(documents=[document("riktlinje", modality=modality)])
    town.on(date(2027, 3, 2))
    town.adopt(date(2027, 3, 2), documents=[document("riktlinje", edition="2027", modality=modality)])
    town.days_go(date(2027, 3, 30), RENEW)
    assert {task.modality for task in town.renewals()} == {modality}
    assert len(town.told_of("reminded")) == 4
    assert bool(town.told_of("escalated")) is (modality == "must")


def test_who_has_never_acknowledged_is_not_asked_about_a_new_edition() -> None:
    town = ListTown(documents=[document("riktlinje")])
    with town.work() as session:
        for role in session.execute(select(AccountRole)).scalars():
            role.acknowledged_at, role.acknowledged, role.editions = None, "", {}
            session.add(role)
    town.on(date(2027, 3, 2))
    town.adopt(date(2027, 3, 2), documents=[document("riktlinje", edition="2027")])
    assert town.go(RENEW).found == 0


def test_what_was_taken_over_in_words_counts_as_acknowledged_in_that_edition() -> None:
    town = ListTown(documents=[document("riktlinje")])
    with town.work() as session:
        for role in session.execute(select(AccountRole)).scalars():
            role.editions = {}
            session.add(role)
    town.on(date(2027, 3, 2))
    assert town.go(RENEW).found == 0
    town.on(date(2027, 3, 3))
    town.adopt(date(2027, 3, 3), documents=[document("riktlinje", edition="2027")])
    assert town.go(RENEW).found == 2


def test_the_morning_letter_tells_it_once_and_no_letter_of_its_own_goes() -> None:
    town = ListTown(item("rad", renewed_every_months=12))
    town.on(YEAR_ON, 4)
    town.go(RENEW)
    town.on(YEAR_ON, 8)
    town.go(watching.TELL)
    assert town.told_of("asked") == [("elin", YEAR_ON)]
    assert town.renewals()[0].outcome is not Outcome.CONFIRMED
