"""Somebody leaves: everything they hold is found and moved, by a mailed link (REQUIREMENTS 2.7, 4.2)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from acts import absences, confirming, leaving, watching
from acts.rounds import go_round
from lifecycle.duty_tasks import open_duty
from lifecycle.law import law_in_force
from lifecycle.leaving import holdings
from lifecycle.roles import Holder
from models import (
    Absence,
    Account,
    AccountRoleKind,
    Link,
    LinkKind,
    Message,
    Outcome,
    Person,
    PostHolder,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from notifications import links
from policies.keys import Role
from tests.lifecycle.town import DOMAIN, TUESDAY, Town, headcount, refused_of, step

TODAY = TUESDAY.date()
CHIEF = step("chef", "decide", "line_manager")
UNIT = step("enhet", "decide", "communications")
RULES: dict[str, Any] = {"opening": [], "administrator_change": [CHIEF]}
ADDRESS = "https://example.org/a"
RESPONSIBLE = AccountRoleKind.RESPONSIBLE


def opened(memory: Engine, rules: dict[str, Any] | None = None, **plan: Any) -> Town:
    """A town with an open account that Elin is responsible for and administers with Omar."""
    town = Town(memory, rules or RULES)
    town.apply(
        "tove", **({"responsible": ["elin"], "administrators": ["elin", "omar"], "address": ADDRESS} | plan)
    )
    assert town.state == "active"
    return town


def begin(
    town: Town,
    who: str,
    by: str = "petra",
    last_on: date = TODAY - timedelta(days=1),
    to: str = "",
    each_to: dict[str, str] | None = None,
) -> UserTask:
    """Say that somebody leaves."""
    with town.work() as session:
        return leaving.ask(
            session,
            town.now,
            by_id=town.people[by],
            person_id=town.people[who],
            last_on=last_on,
            all_to=f"{to}@{DOMAIN}" if to else "",
            each_to={key: f"{one}@{DOMAIN}" for key, one in (each_to or {}).items()},
            via="portal",
        )


def confirm(town: Town, task: UserTask, by: str = "petra") -> None:
    """Confirm it by the link in the letter, and let the account's run look."""
    with town.work() as session:
        token = links.mint(
            session,
            kind=LinkKind.CONFIRM_ACT,
            municipality_id=town.municipality_id,
            email=f"{by}@{DOMAIN}",
            now=town.now,
            until=town.now + timedelta(days=21),
            person_id=town.people[by],
            task_id=task.id,
        )
        link = links.find(session, token, town.now).link
        assert link is not None
        confirming.confirm(
            session, town.now, task_id=task.id or 0, person_id=town.people[by], link_id=link.id or 0
        )
    town.look()


def leaves(town: Town, who: str, **given: Any) -> None:
    """Somebody leaves, said and confirmed."""
    confirm(town, begin(town, who, **given), given.get("by", "petra"))


def holds(town: Town, who: str) -> list[str]:
    with town.reading() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        person = session.get_one(Person, town.people[who])
        return [held.kind.value for held in holdings(session, law, person, town.now.date())]


def key_of(town: Town, who: str, kind: str) -> str:
    with town.reading() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        person = session.get_one(Person, town.people[who])
        return next(h.key for h in holdings(session, law, person, town.now.date()) if h.kind == kind)


def morning(town: Town, day: date) -> None:
    town.now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    assert go_round(town.engine, leaving.LEAVE, town.now).failures == []
    if town.account_id:
        town.look()


def letters(town: Town, notice: str) -> list[str]:
    with town.reading() as session:
        rows = select(Message).where(col(Message.notice) == notice).order_by(col(Message.queued_at))
        return sorted(one.email.split("@")[0] for one in session.execute(rows).scalars())


def left_behind(town: Town) -> list[UserTask]:
    """What communications is asked to look into."""
    with town.reading() as session:
        rows = select(UserTask).where(
            col(UserTask.kind) == TaskKind.LOOK_INTO, col(UserTask.state) == TaskState.OPEN
        )
        return list(session.execute(rows).scalars())


def led_by(town: Town, code: str) -> str:
    with town.reading() as session:
        return town.name_of(session.get_one(Unit, town.units[code]).line_manager_id)


# ---------------------------------------------------------------- found


def test_everything_that_somebody_holds_is_found(memory: Engine) -> None:
    town = opened(memory, {**RULES, "opening": []}, administrators=["karin", "omar"])
    town.substitute("tove", "karin")
    town.posts("registry", "karin")
    town.ask_for("omar", "johan")
    with town.work() as session:
        absences.enter(
            session,
            town.now,
            by_id=town.people["elin"],
            from_on=TODAY + timedelta(days=5),
            until_on=None,
            substitute_email=f"karin@{DOMAIN}",
            via="portal",
        )
    assert holds(town, "karin") == ["role", "unit", "post", "task", "stands_in", "absence"]


def test_what_others_hold_as_well_needs_nobody_else(memory: Engine) -> None:
    town = Town(memory, {"opening": [UNIT]})
    town.apply()
    assert holds(town, "petra") == ["post"]


# ---------------------------------------------------------------- confirmed by a mailed link


def test_nothing_happens_before_it_is_confirmed(memory: Engine) -> None:
    """REQUIREMENTS 4.2: acts that can change who decides take effect only when confirmed by a mailed link."""
    town = opened(memory)
    begin(town, "karin", to="johan")
    town.look()
    assert led_by(town, "bibliotek") == "karin"
    assert letters(town, "confirm_act") == ["petra"]


def test_confirmed_it_is_done_and_the_link_is_used(memory: Engine) -> None:
    town = opened(memory)
    task = begin(town, "karin", to="johan")
    confirm(town, task)
    assert led_by(town, "bibliotek") == "johan"
    with town.reading() as session:
        [link] = session.execute(select(Link).where(col(Link.kind) == LinkKind.CONFIRM_ACT)).scalars()
        assert (link.used_at, link.dead_why) == (town.now, "answered")
    assert refused_of(confirm, town, task) == "already_answered"


def test_dropped_it_is_not_done(memory: Engine) -> None:
    town = opened(memory)
    task = begin(town, "karin", to="johan")
    with town.work() as session:
        token = links.mint(
            session,
            kind=LinkKind.CONFIRM_ACT,
            municipality_id=town.municipality_id,
            email=f"petra@{DOMAIN}",
            now=town.now,
            until=town.now + timedelta(days=21),
            person_id=town.people["petra"],
            task_id=task.id,
        )
        link = links.find(session, token, town.now).link
        assert link is not None
        confirming.drop(
            session, town.now, task_id=task.id or 0, person_id=town.people["petra"], link_id=link.id or 0
        )
    assert led_by(town, "bibliotek") == "karin"
    assert refused_of(confirm, town, task) == "already_answered"


def test_only_the_one_who_began_it_can_confirm_it(memory: Engine) -> None:
    town = opened(memory)
    assert refused_of(confirm, town, begin(town, "karin", to="johan"), "david") == "not_holder"


def test_begun_again_the_first_one_is_dropped(memory: Engine) -> None:
    town = opened(memory)
    first, second = begin(town, "karin", to="johan"), begin(town, "karin", to="sara")
    assert refused_of(confirm, town, first) == "task_gone"
    confirm(town, second)
    assert led_by(town, "bibliotek") == "sara"


@pytest.mark.parametrize(("by", "may"), [("sara", True), ("david", True), ("karin", False), ("elin", False)])
def test_managers_above_and_communications_say_it(memory: Engine, by: str, may: bool) -> None:
    town = opened(memory)
    if may:
        begin(town, "karin", by)
    else:
        assert refused_of(begin, town, "karin", by) == "not_yours_to_say_left"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": "karin"}, "successor_leaves"),
        ({"to": "ingen"}, "person_unknown"),
        ({"last_on": date(2031, 1, 1)}, "last_day_wrong"),
    ],
)
def test_what_cannot_be_is_refused(memory: Engine, given: dict[str, Any], code: str) -> None:
    town = opened(memory)
    assert refused_of(begin, town, "karin", **given) == code


# ---------------------------------------------------------------- four eyes


def test_nobody_moves_the_decision_on_their_own_application(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    town.apply("petra")
    assert refused_of(begin, town, "karin", "petra", to="johan") == "four_eyes_leaving"
    begin(town, "karin", "david", to="johan")


def test_nor_who_will_be_asked_about_it(memory: Engine) -> None:
    town = Town(memory, {"opening": [UNIT, step("hog", "decide", "head_of_operation")]})
    town.apply("petra")
    assert refused_of(begin, town, "sara", "petra", to="johan") == "four_eyes_leaving"


def test_nor_a_matter_they_have_decided_in(memory: Engine) -> None:
    town = Town(memory, {"opening": [UNIT, CHIEF]})
    town.apply()
    town.answer("petra")
    assert refused_of(begin, town, "karin", "petra", to="johan") == "four_eyes_leaving"
    leaves(town, "karin", by="david", to="johan")
    assert town.asked() == {"chef": ["johan"]}


def test_a_decision_never_goes_to_the_one_who_moves_it(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    town.apply()
    key = key_of(town, "karin", "task")
    leaves(town, "karin", by="david", each_to={key: "david"})
    assert "david" not in town.asked()["chef"]


def test_a_successor_who_applied_is_not_given_the_decision(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    town.apply("johan")
    leaves(town, "karin", to="johan")
    assert led_by(town, "bibliotek") == "johan"
    assert town.asked() == {"chef": ["sara"]}, "Johan leads the unit now, and has applied himself"


# ---------------------------------------------------------------- moved


def test_a_role_is_asked_for_in_the_movers_name_by_the_policys_chain(memory: Engine) -> None:
    town = opened(memory)
    leaves(town, "omar", to="johan")
    assert town.asked() == {"chef": ["karin"]}
    assert town.name_of(town.role("johan").asked_by_id) == "petra"
    town.answer("karin")
    assert town.people_in() == ["elin", "johan"]


def test_without_a_chain_it_begins_at_once(memory: Engine) -> None:
    town = opened(memory, {"opening": []})
    leaves(town, "elin", to="johan")
    assert town.people_in() == ["omar", "johan"]
    assert town.people_in(RESPONSIBLE) == ["johan"]
    assert "elin" not in town.told("administrator_ended"), "nothing is written to one who has left"


def test_a_successor_who_has_the_role_needs_no_other(memory: Engine) -> None:
    town = opened(memory)
    leaves(town, "elin", each_to={key_of(town, "elin", "role"): "omar"}, to="omar")
    assert town.people_in() == ["omar"]


def test_each_thing_may_go_to_somebody_else(memory: Engine) -> None:
    town = opened(memory)
    town.posts("registry", "karin")
    unit, post = key_of(town, "karin", "unit"), key_of(town, "karin", "post")
    leaves(town, "karin", each_to={unit: "johan", post: "tove"})
    assert led_by(town, "bibliotek") == "johan"
    with town.reading() as session:
        [row] = session.execute(select(PostHolder).where(col(PostHolder.role) == "registry")).scalars()
        assert town.name_of(row.person_id) == "tove"
    assert letters(town, "took_over") == ["johan", "tove"]


def test_substitutions_move_and_nobody_stands_in_for_themselves(memory: Engine) -> None:
    town = opened(memory)
    town.substitute("omar", "johan")
    leaves(town, "johan", to="omar")
    with town.reading() as session:
        karin, omar = (session.get_one(Person, town.people[who]) for who in ("karin", "omar"))
        assert town.name_of(karin.substitute_id) == "omar"
        assert omar.substitute_id is None


def test_what_is_asked_of_them_moves_with_its_reason(memory: Engine) -> None:
    town = opened(memory)
    town.ask_for("omar", "tove")
    leaves(town, "karin", to="johan")
    assert town.asked() == {"chef": ["johan"]}
    assert town.told("handed_over") == ["johan"]


def test_a_duty_goes_to_whoever_answers_for_its_role_when_nobody_is_named(memory: Engine) -> None:
    town = opened(memory)
    weed(town, "elin")
    leaves(town, "elin")
    assert town.asked()["gallring"] == ["omar"]


def weed(town: Town, who: str) -> None:
    """The clock asks somebody to weed."""
    with town.work() as session:
        open_duty(
            session,
            law_in_force(session, town.municipality_id, town.now),
            session.get_one(Account, town.account_id),
            town.now,
            kind=TaskKind.WEED,
            once_key="gallra",
            step="gallring",
            label="Gallra",
            rule=None,
            role=Role.ADMINISTRATOR,
            holders=[Holder(town.people[who])],
        )


def test_a_duty_moves_to_the_named_person_and_the_morning_letter_tells_it(memory: Engine) -> None:
    town = opened(memory)
    weed(town, "elin")
    leaves(town, "elin", to="johan")
    assert town.asked()["gallring"] == ["johan"]
    assert "johan" not in town.told("handed_over")
    assert go_round(town.engine, watching.TELL, town.now).failures == []
    assert "johan" in letters(town, "morning")


# ---------------------------------------------------------------- on the day


def test_a_mover_who_applies_before_the_day_names_nobody_any_more(memory: Engine) -> None:
    """REQUIREMENTS 4.2: never in a matter where the same person applied."""
    town = Town(memory, {"opening": [CHIEF]})
    town.draft("elin")
    leaves(town, "karin", last_on=date(2026, 12, 11), to="tove")
    town.apply("petra")
    morning(town, date(2026, 12, 14))
    assert led_by(town, "bibliotek") == "karin", "communications is asked instead"
    assert [task.details["person"] for task in left_behind(town)] == [town.people["karin"]]
    assert town.asked() == {"chef": ["johan"]}


def test_a_last_day_to_come_asks_for_roles_now_and_moves_the_rest_on_the_day(memory: Engine) -> None:
    town = opened(memory)
    leaves(town, "karin", by="sara", last_on=date(2026, 12, 11), to="johan")
    assert led_by(town, "bibliotek") == "karin"
    morning(town, date(2026, 12, 11))
    assert led_by(town, "bibliotek") == "karin", "the last day is a working day for them"
    morning(town, date(2026, 12, 14))
    assert led_by(town, "bibliotek") == "johan"
    morning(town, date(2026, 12, 15))
    assert letters(town, "took_over") == ["johan"], "once"


def test_what_came_to_them_meanwhile_moves_as_well(memory: Engine) -> None:
    town = opened(memory)
    leaves(town, "karin", last_on=date(2026, 12, 11), to="johan")
    town.ask_for("omar", "tove")
    assert town.asked() == {"chef": ["karin"]}
    morning(town, date(2026, 12, 14))
    assert town.asked() == {"chef": ["johan"]}


def test_who_left_without_a_word_leaves_roles_and_a_question_for_communications(memory: Engine) -> None:
    town = opened(memory)
    town.posts("registry", "karin")
    town.leaves("karin", date(2026, 12, 2))
    for day in (2, 3, 4):
        morning(town, date(2026, 12, day))
    [asked] = left_behind(town)
    assert "Karin har slutat" in asked.label
    assert town.holders(asked) == ["petra", "david"]


def test_it_is_not_asked_any_more_once_everything_has_found_its_place(memory: Engine) -> None:
    town = opened(memory)
    town.leaves("karin", date(2026, 12, 2))
    morning(town, date(2026, 12, 2))
    assert left_behind(town)
    with town.work() as session:
        session.get_one(Unit, town.units["bibliotek"]).line_manager_id = town.people["johan"]
    morning(town, date(2026, 12, 3))
    assert left_behind(town) == []


def test_roles_of_one_who_left_end_with_their_last_day(memory: Engine) -> None:
    town = opened(memory)
    town.leaves("omar", date(2026, 12, 2))
    morning(town, date(2026, 12, 4))
    assert town.role("omar").until_on == date(2026, 12, 2)
    assert [event.kind for event in town.events("administrator_ended")] == ["administrator_ended"]


def test_a_weekend_is_silent(memory: Engine) -> None:
    town = opened(memory)
    town.leaves("karin", date(2026, 12, 5))
    for day in (5, 6):
        morning(town, date(2026, 12, day))
        assert left_behind(town) == []
    morning(town, date(2026, 12, 7))
    assert len(left_behind(town)) == 1


def test_those_whom_the_policy_wants_told_hear_of_it(memory: Engine) -> None:
    """Han F4: contact details of administrators go to communications, later changes too."""
    rules = {"opening": [], "administrator_change": [CHIEF, step("kontakt", "inform", "communications")]}
    town = opened(memory, rules)
    town.leaves("omar", date(2026, 12, 2))
    morning(town, date(2026, 12, 2))
    assert {"petra", "david", "kommunikation"} == set(town.told("administrator_ended"))


# ---------------------------------------------------------------- too few left


def short(memory: Engine) -> Town:
    counted = headcount("administrator", at_least=2)
    return opened(memory, {**RULES, "headcounts": [counted]})


def test_an_account_left_with_too_few_is_told_of_and_stands_red(memory: Engine) -> None:
    town = short(memory)
    town.leaves("omar", date(2026, 12, 2))
    morning(town, date(2026, 12, 2))
    assert town.account().red_reason == "too_few_left"
    assert "petra" in town.told("stands_red")


def test_not_while_somebody_is_on_the_way_in(memory: Engine) -> None:
    town = short(memory)
    leaves(town, "omar", to="johan")
    assert town.account().red_reason == ""
    town.answer("karin")
    assert town.account().red_reason == ""
    assert town.people_in() == ["elin", "johan"]


def test_a_change_that_is_refused_leaves_it_red(memory: Engine) -> None:
    town = short(memory)
    leaves(town, "omar", to="johan")
    town.answer("karin", Outcome.DECLINE)
    assert town.account().red_reason == "too_few_left"


def test_not_before_the_day_an_account_that_was_taken_over_is_held_to_its_rules(memory: Engine) -> None:
    town = short(memory)
    with town.work() as session:
        session.get_one(Account, town.account_id).duties_from_on = date(2027, 3, 1)
    town.leaves("omar", date(2026, 12, 2))
    morning(town, date(2026, 12, 2))
    assert town.account().red_reason == ""


def test_absences_they_stand_in_for_are_found_nobody_for(memory: Engine) -> None:
    town = opened(memory)
    with town.work() as session:
        absence = absences.enter(
            session,
            town.now,
            by_id=town.people["elin"],
            from_on=TODAY + timedelta(days=9),
            until_on=None,
            substitute_email=f"johan@{DOMAIN}",
            via="portal",
        )
    leaves(town, "johan")
    with town.reading() as session:
        assert session.get_one(Absence, absence.id).substitute_id is None
