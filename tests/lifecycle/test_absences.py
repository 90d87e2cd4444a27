"""Absence: what is asked goes past who is away; what waits reaches who stands in (REQUIREMENTS 2.2, 2.7)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from acts import absences, watching
from acts.rounds import go_round
from lifecycle.absences import away, standing_in
from lifecycle.duty_tasks import open_duty
from lifecycle.law import law_in_force
from lifecycle.roles import Holder
from models import Absence, Account, Message, TaskKind
from policies.keys import Role
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN, TUESDAY, Town, headcount, item, refused_of, step

TODAY = TUESDAY.date()
LATER = TODAY + timedelta(days=14)
CHIEF = step("chef", "decide", "line_manager")
UNIT = step("enhet", "decide", "communications")


@pytest.fixture
def town(memory: Engine) -> Town:
    """Elin has applied; Karin, whom Johan stands in for, is asked."""
    town = Town(memory, {"opening": [CHIEF, UNIT]})
    town.apply()
    return town


def enter(
    town: Town,
    who: str,
    from_on: date = TODAY,
    until_on: date | None = LATER,
    substitute: str = "",
    by: str = "",
) -> Absence:
    """Somebody is away; the account's run looks afterwards."""
    with town.work() as session:
        absence = absences.enter(
            session,
            town.now,
            by_id=town.people[by or who],
            email=f"{who}@{DOMAIN}",
            from_on=from_on,
            until_on=until_on,
            substitute_email=f"{substitute}@{DOMAIN}" if substitute else "",
            via="portal",
        )
    if town.account_id:
        town.look()
    return absence


def end(town: Town, absence: Absence, by: str) -> None:
    with town.work() as session:
        absences.end(session, town.now, by_id=town.people[by], absence_id=absence.id or 0, via="portal")
    town.look()


def morning(town: Town, day: date) -> None:
    """The round on a day at nine, and the look that follows where there is news."""
    town.now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    assert go_round(town.engine, absences.COVER, town.now).failures == []
    if town.account_id:
        town.look()


def why(town: Town, who: str) -> list[str]:
    """By which turns what somebody holds came to them."""
    rows = [row for task in town.open_tasks() for row in town.holder_rows(task)]
    return [one["code"] for row in rows if row.person_id == town.people[who] for one in row.why]


# ---------------------------------------------------------------- what is asked while somebody is away


def test_a_new_question_goes_past_who_is_away_to_the_substitute(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    enter(town, "karin")
    town.apply()
    assert town.asked() == {"chef": ["johan"]}
    assert why(town, "johan") == ["is_away", "stands_in_for"]


def test_the_absences_own_substitute_comes_before_the_usual_one(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    enter(town, "karin", substitute="tove")
    town.apply()
    assert town.asked() == {"chef": ["tove"]}


def test_without_a_substitute_it_goes_one_level_up(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    town.substitute("karin", None)
    enter(town, "karin")
    town.apply()
    assert town.asked() == {"chef": ["sara"]}
    assert why(town, "sara") == ["is_away", "one_level_up"]


def test_a_substitute_who_is_away_gives_way_to_the_next(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    enter(town, "karin", substitute="tove")
    enter(town, "tove", substitute="omar")
    town.apply()
    assert town.asked() == {"chef": ["omar"]}
    assert why(town, "omar") == ["is_away", "is_away", "stands_in_for"]


def test_substitutes_in_a_ring_are_nobody(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    enter(town, "karin", substitute="tove")
    enter(town, "tove", substitute="karin")
    town.apply()
    assert town.asked() == {"chef": ["sara"]}


def test_a_substitute_who_has_left_is_passed_over(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    enter(town, "karin")
    town.leaves("johan")
    town.apply()
    assert town.asked() == {"chef": ["sara"]}


def test_a_substitute_who_applied_is_passed_over(memory: Engine) -> None:
    """REQUIREMENTS 4.2: four eyes go through every path."""
    town = Town(memory, {"opening": [CHIEF]})
    enter(town, "karin")
    town.apply("johan")
    assert town.asked() == {"chef": ["sara"]}


def test_of_a_group_those_who_are_there_are_asked(memory: Engine) -> None:
    town = Town(memory, {"opening": [UNIT]})
    enter(town, "petra")
    town.apply()
    assert town.asked() == {"enhet": ["david"]}


def test_a_group_that_is_away_gives_way_to_its_substitutes(memory: Engine) -> None:
    town = Town(memory, {"opening": [UNIT]})
    enter(town, "petra", substitute="tove")
    enter(town, "david", substitute="omar")
    town.apply("elin")
    assert town.asked() == {"enhet": ["tove", "omar"]}


def test_a_last_resort_who_is_away_is_stood_in_for(memory: Engine) -> None:
    town = Town(memory, {"opening": [step("diarium", "decide", "registry")]})
    enter(town, "lena", substitute="tove")
    town.apply()
    assert town.asked() == {"diarium": ["tove"]}


def test_when_nobody_is_there_the_matter_stands_red(memory: Engine) -> None:
    town = Town(memory, {"opening": [step("diarium", "decide", "registry")]})
    enter(town, "lena")
    town.apply()
    assert town.asked() == {}
    assert town.account().red_reason == "no_holder:diarium"
    town.now += timedelta(days=14)
    town.look()
    assert town.asked() == {"diarium": ["lena"]}
    assert town.account().red_reason == ""


def test_after_the_absence_what_is_new_comes_to_the_person(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHIEF]})
    enter(town, "karin", TODAY, TODAY + timedelta(days=2))
    town.now += timedelta(days=2)
    town.apply()
    assert town.asked() == {"chef": ["karin"]}


# ---------------------------------------------------------------- what waits when it begins


def test_what_waits_reaches_the_substitute_and_stays_with_both(town: Town) -> None:
    enter(town, "karin")
    assert town.asked() == {"chef": ["karin", "johan"]}
    assert why(town, "johan") == ["is_away", "stands_in_for"]
    assert town.told("stands_in") == ["johan"]


def test_a_link_already_sent_still_answers(town: Town) -> None:
    enter(town, "karin")
    town.answer("karin")
    assert town.asked() == {"enhet": ["petra", "david"]}


def test_the_substitutes_answer_is_on_behalf_of_the_one_away(town: Town) -> None:
    enter(town, "karin")
    town.answer("johan")
    decided = next(task for task in town.tasks() if task.step == "chef")
    assert town.name_of(decided.answered_by_id) == "johan"
    assert town.name_of(decided.on_behalf_of_id) == "karin"


def test_while_one_of_a_group_is_there_nothing_moves(town: Town) -> None:
    town.answer("karin")
    enter(town, "petra", substitute="tove")
    assert town.asked() == {"enhet": ["petra", "david"]}
    enter(town, "david", substitute="omar")
    assert town.asked() == {"enhet": ["petra", "david", "tove", "omar"]}


def test_an_absence_to_come_takes_effect_in_the_morning_of_its_day(town: Town) -> None:
    friday = date(2026, 12, 4)
    enter(town, "karin", friday)
    assert town.asked() == {"chef": ["karin"]}
    morning(town, date(2026, 12, 3))
    assert town.asked() == {"chef": ["karin"]}
    morning(town, friday)
    assert town.asked() == {"chef": ["karin", "johan"]}
    morning(town, friday)
    assert town.told("stands_in") == ["johan"], "once, however often the round is gone"


def test_an_absence_to_come_wakes_nothing_when_it_is_entered(town: Town) -> None:
    seen = town.account().news
    absence = enter(town, "karin", date(2027, 7, 5), date(2027, 7, 26))
    assert town.account().news == seen
    end(town, absence, "karin")
    assert town.account().news == seen
    enter(town, "karin")
    assert town.account().news > seen


def test_one_that_begins_on_a_saturday_writes_on_monday(town: Town) -> None:
    enter(town, "karin", date(2026, 12, 5))
    for day in (5, 6):
        morning(town, date(2026, 12, day))
        assert town.told("stands_in") == []
    morning(town, date(2026, 12, 7))
    assert town.told("stands_in") == ["johan"]


def test_silent_days_are_caught_up_with_once(town: Town) -> None:
    enter(town, "karin", date(2026, 12, 2))
    morning(town, date(2026, 12, 10))
    assert town.told("stands_in") == ["johan"]


def test_without_anybody_who_stands_in_it_goes_one_level_up(town: Town) -> None:
    town.substitute("karin", None)
    enter(town, "karin")
    assert town.asked() == {"chef": ["karin", "sara"]}


def test_a_question_that_was_handed_over_follows_its_holder(town: Town) -> None:
    town.hand_over("karin", "mats")
    enter(town, "mats", substitute="birgitta")
    assert town.asked() == {"chef": ["mats", "birgitta"]}


def test_another_substitute_on_the_way_gets_it_too(town: Town) -> None:
    absence = enter(town, "karin")
    enter(town, "johan", substitute="omar")
    assert town.asked() == {"chef": ["karin", "johan", "omar"]}
    with town.work() as session:
        absences.change(
            session,
            town.now,
            by_id=town.people["karin"],
            absence_id=absence.id or 0,
            until_on=LATER,
            substitute_email=f"tove@{DOMAIN}",
            via="portal",
        )
    assert "tove" not in town.asked()["chef"], "Omar is there already, and one who is there is enough"


def test_lines_of_a_checklist_come_in_one_letter(memory: Engine) -> None:
    rules = {"opening": [], "setting_up": [item("a"), item("b"), item("c", each_administrator=True)]}
    town = Town(memory, rules)
    town.apply(responsible=["omar"], administrators=["omar"], address="https://example.org/a")
    enter(town, "omar", substitute="tove")
    assert town.asked() == {"a": ["omar", "tove"], "b": ["omar", "tove"], "c": ["omar"]}
    [letter] = town.messages("stands_in")
    assert letter.email == f"tove@{DOMAIN}"
    assert letter.task_id is None


def test_what_everybody_confirms_for_oneself_is_not_moved(memory: Engine) -> None:
    town = Town(memory, {"opening": [], "setting_up": [item("c", each_administrator=True)]})
    town.apply(administrators=["omar"], address="https://example.org/a")
    enter(town, "omar", substitute="tove")
    assert town.asked() == {"c": ["omar"]}
    assert town.account().red_reason == "", "it waits for the person, and nobody else can help"


def test_nobody_is_handed_something_while_away(town: Town) -> None:
    enter(town, "sara")
    assert refused_of(town.hand_over, "karin", "sara") == "substitute_not_allowed"


def test_when_nobody_else_may_answer_the_matter_stands_red(memory: Engine) -> None:
    rules = {"opening": [step("diarium", "decide", "registry")]}
    town = Town(memory, rules, {"last_resort": "registry"})
    town.posts("registry", "birgitta")
    town.apply()
    absence = enter(town, "birgitta")
    assert town.account().red_reason == "no_holder:diarium"
    end(town, absence, "birgitta")
    assert town.account().red_reason == ""


# ---------------------------------------------------------------- entering


@pytest.mark.parametrize("by", ["karin", "sara", "birgitta", "petra"])
def test_oneself_managers_above_and_communications_may_enter_it(town: Town, by: str) -> None:
    enter(town, "karin", by=by)
    with town.reading() as session:
        assert town.people["karin"] in away(session, town.municipality_id, TODAY)


@pytest.mark.parametrize("by", ["elin", "tove", "lena"])
def test_nobody_else_may(town: Town, by: str) -> None:
    assert refused_of(enter, town, "karin", by=by) == "not_yours_to_enter"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "yesterday": ({"from_on": TODAY - timedelta(days=1)}, "absence_past"),
    "ends before it begins": ({"until_on": TODAY}, "absence_order"),
    "oneself": ({"substitute": "karin"}, "substitute_is_self"),
    "nobody's address": ({"substitute": "ingen"}, "person_unknown"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_refused(town: Town, what: str) -> None:
    given, code = WRONG[what]
    assert refused_of(enter, town, "karin", **given) == code


def test_who_stands_in_is_told_and_so_is_the_person_when_another_enters_it(town: Town) -> None:
    enter(town, "karin", by="sara")
    with town.reading() as session:
        told = session.connection().exec_driver_sql("SELECT email FROM message WHERE notice = 'absence'")
        assert sorted(email for (email,) in told) == [f"johan@{DOMAIN}", f"karin@{DOMAIN}"]


def test_absences_overlap_and_each_has_its_own_end(town: Town) -> None:
    enter(town, "karin", TODAY, TODAY + timedelta(days=3))
    second = enter(town, "karin", TODAY + timedelta(days=1), TODAY + timedelta(days=6))
    ends = {"3": TODAY + timedelta(days=3), "6": TODAY + timedelta(days=6)}
    with town.reading() as session:
        assert away(session, town.municipality_id, ends["3"])
        assert not away(session, town.municipality_id, ends["6"])
    end(town, second, "karin")
    with town.reading() as session:
        assert not away(session, town.municipality_id, ends["3"])


def test_ended_early_one_is_there_from_today_and_was_away_before(town: Town) -> None:
    absence = enter(town, "karin")
    town.now += timedelta(days=2)
    end(town, absence, "karin")
    with town.reading() as session:
        assert not away(session, town.municipality_id, TODAY + timedelta(days=2))
        assert away(session, town.municipality_id, TODAY + timedelta(days=1))
    assert refused_of(end, town, absence, "karin") == "absence_over"


def test_until_further_notice(town: Town) -> None:
    enter(town, "karin", until_on=None)
    with town.reading() as session:
        assert away(session, town.municipality_id, date(2029, 1, 1))


def test_standing_in_walks_the_row_and_knows_a_ring() -> None:
    assert standing_in(1, {}) == 1
    assert standing_in(1, {1: 2, 2: 3}) == 3
    assert standing_in(1, {1: 2, 2: None}) is None
    assert standing_in(1, {1: 2, 2: 1}) is None


# ---------------------------------------------------------------- accounts that nobody is there for


def deputies(also_away: bool = True) -> Town:
    """An open account without any watch; two administrators."""
    counted = headcount("administrator", at_least=2, also_away=also_away)
    town = Town(memory_engine(), {"opening": [], "headcounts": [counted]})
    town.apply(administrators=["elin", "omar"], responsible=["elin"], address="https://example.org/a")
    assert town.account().state == "active"
    return town


def test_an_account_whose_administrators_are_all_away_stands_red_and_is_told_of() -> None:
    """Sku K2: an account is not left unattended during holidays, whether or not it is watched."""
    town = deputies()
    enter(town, "elin")
    assert town.account().red_reason == ""
    absence = enter(town, "omar")
    assert town.account().red_reason == "no_deputy"
    assert set(town.told("stands_red")) == {"petra", "david", "kommunikation"}
    end(town, absence, "omar")
    assert town.account().red_reason == ""


def test_a_substitute_who_is_there_is_enough() -> None:
    town = deputies()
    enter(town, "elin")
    enter(town, "omar", substitute="tove")
    assert town.account().red_reason == ""


def test_the_morning_finds_the_first_and_the_last_day_by_itself() -> None:
    town = deputies()
    for who in ("elin", "omar"):
        enter(town, who, date(2026, 12, 4), date(2026, 12, 9))
    morning(town, date(2026, 12, 4))
    assert town.account().red_reason == "no_deputy"
    morning(town, date(2026, 12, 9))
    assert town.account().red_reason == ""


def test_where_no_clause_asks_for_it_nothing_stands_red() -> None:
    town = deputies(also_away=False)
    for who in ("elin", "omar"):
        enter(town, who)
    assert town.account().red_reason == ""


# ---------------------------------------------------------------- duties


def test_an_open_duty_is_told_to_who_stands_in_in_the_morning(memory: Engine) -> None:
    town = Town(memory, {"opening": []})
    town.apply(administrators=["omar"], address="https://example.org/a")
    with town.work() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        open_duty(
            session,
            law,
            session.get_one(Account, town.account_id),
            town.now,
            kind=TaskKind.WEED,
            once_key="gallra:1",
            step="gallring",
            label="Gallra",
            rule=None,
            role=Role.ADMINISTRATOR,
            holders=[Holder(town.people["omar"])],
        )
    go_round(town.engine, watching.TELL, town.now)
    town.now += timedelta(days=1)
    enter(town, "omar", town.now.date(), substitute="tove")
    assert town.told("stands_in") == []
    go_round(town.engine, watching.TELL, town.now)
    letters = [m.email.split("@")[0] for m in all_messages(town, "morning")]
    assert letters == ["omar", "tove"], "and not to Omar again, who is away"


def all_messages(town: Town, notice: str) -> list[Any]:
    with town.reading() as session:
        rows = select(Message).where(col(Message.notice) == notice).order_by(col(Message.queued_at))
        return list(session.execute(rows).scalars())


def test_the_substitute_answers_for_the_one_away_with_four_eyes(memory: Engine) -> None:
    """A substitute who decided another step already is not asked for this one."""
    town = Town(memory, {"opening": [CHIEF, step("enhet", "decide", "communications_director")]})
    town.apply()
    town.answer("karin")
    enter(town, "lena", substitute="karin")
    assert "karin" not in town.asked()["enhet"]
