"""Chains of steps (REQUIREMENTS 1, the schema): any or all of several, consult, inform, conditions, dates."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from acts import answering
from lifecycle.refusals import Refused
from models import LinkKind, Outcome, TaskState
from notifications import links
from tests.lifecycle.town import DOMAIN, TUESDAY, Rule, Town, refused_of, step

BOTH = ("line_manager", "communications_director")


def applied(engine: Engine, *steps: Rule, **answers: Any) -> Town:
    """A town with this chain and an application."""
    town = Town(engine, {"opening": list(steps)})
    town.apply(**answers)
    return town


def test_steps_are_taken_in_their_order(memory: Engine) -> None:
    town = applied(memory, step("ett", "decide", "line_manager"), step("tva", "decide", "communications"))
    assert town.asked() == {"ett": ["karin"]}
    assert town.account().waits_for == "Väntar på chefens beslut"
    town.answer("karin")
    assert town.asked() == {"tva": ["petra", "david"]}
    assert town.account().waits_for == "Väntar på kommunikationsenhetens beslut"
    town.answer("david")
    assert town.state == "setting_up"


def test_an_empty_chain_means_that_a_notice_is_enough(memory: Engine) -> None:
    town = applied(memory)
    assert town.state == "setting_up"


# ---------------------------------------------------------------- any


def test_one_of_a_group_is_enough_and_the_others_are_too_late(memory: Engine) -> None:
    town = applied(memory, step("enhet", "decide", "communications"))
    task = town.open_task("petra")
    town.answer("petra", Outcome.DECLINE)
    assert town.state == "declined"
    assert town.asked() == {}
    assert town.tasks()[0].answered_by_id == town.people["petra"]
    assert task.id == town.tasks()[0].id


def test_any_of_several_roles_is_one_question_to_all_of_them(memory: Engine) -> None:
    town = applied(memory, step("nagon", "decide", *BOTH))
    assert town.asked() == {"nagon": ["karin", "lena"]}
    assert town.account().waits_for == "Väntar på chefens eller kommunikationschefens beslut"
    town.answer("lena")
    assert town.state == "setting_up"


def test_any_of_several_roles_needs_only_one_that_can_be_found(memory: Engine) -> None:
    """With nobody left for the other role, not even a last resort."""
    town = Town(
        memory,
        {"opening": [step("nagon", "decide", "crisis_organisation", "line_manager")]},
        {"last_resort": "registry"},
    )
    town.apply()
    assert town.asked() == {"nagon": ["karin"]}


# ---------------------------------------------------------------- all


def test_all_of_several_roles_must_answer(memory: Engine) -> None:
    town = applied(memory, step("bada", "decide", *BOTH, answered_by="all"))
    assert town.account().waits_for == "Väntar på chefens och kommunikationschefens beslut"
    town.answer("lena")
    assert town.state == "deciding"
    assert town.account().waits_for == "Väntar på chefens beslut"
    town.answer("karin")
    assert town.state == "setting_up"


def test_all_of_a_group_must_answer(memory: Engine) -> None:
    town = applied(memory, step("enhet", "decide", "communications", answered_by="all"))
    town.answer("petra")
    assert (town.state, town.asked()) == ("deciding", {"enhet": ["david"]})
    town.answer("david")
    assert town.state == "setting_up"


@pytest.mark.parametrize(
    ("outcome", "state"), [(Outcome.DECLINE, "declined"), (Outcome.ASK_FOR_CHANGES, "changes_asked")]
)
def test_one_no_among_all_ends_the_step_for_everybody(memory: Engine, outcome: Outcome, state: str) -> None:
    town = applied(memory, step("bada", "decide", *BOTH, answered_by="all"))
    token = mint(town, "lena")
    town.answer("karin", outcome)
    assert town.state == state
    assert [task.state for task in town.tasks(step="bada")] == [TaskState.DONE, TaskState.WITHDRAWN]
    assert standing(town, token) == "dead"


def mint(town: Town, who: str) -> str:
    """A letter's link to what somebody is asked."""
    task = town.open_task(who)
    with town.work() as session:
        return links.mint(
            session,
            kind=LinkKind.DECIDE,
            municipality_id=town.municipality_id,
            email=f"{who}@{DOMAIN}",
            now=town.now,
            until=town.now + timedelta(days=21),
            person_id=town.people[who],
            task_id=task.id,
        )


def standing(town: Town, token: str) -> str:
    """Whether a link still works."""
    with town.reading() as session:
        return links.find(session, token, town.now).standing


def test_after_changes_all_are_asked_anew(memory: Engine) -> None:
    """REQUIREMENTS 2.2: earlier approvals of a changed plan lapse."""
    town = applied(memory, step("bada", "decide", *BOTH, answered_by="all"))
    town.answer("karin")
    town.answer("lena", Outcome.ASK_FOR_CHANGES)
    town.send()
    assert [town.holders(task) for task in town.open_tasks()] == [["karin"], ["lena"]]


def test_earlier_steps_are_asked_anew_after_changes(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    town.answer("karin")
    town.answer("petra", Outcome.ASK_FOR_CHANGES)
    assert town.asked() == {"plan": ["elin"]}
    town.send()
    assert town.asked() == {"chef": ["karin"]}
    assert town.account().plan_version == 2


# ---------------------------------------------------------------- consult and inform


def consulted(engine: Engine) -> Town:
    """An application that waits for advice."""
    return applied(engine, step("rad", "consult", "communications"), step("chef", "decide", "line_manager"))


def test_advice_binds_nobody_and_needs_words(memory: Engine) -> None:
    town = consulted(memory)
    assert town.account().waits_for == "Väntar på samråd med kommunikationsenheten"
    assert refused_of(town.answer, "petra", Outcome.ANSWERED, " ") == "reason_missing"
    assert refused_of(town.answer, "petra", Outcome.DECLINE) == "outcome_unknown"
    town.answer("petra", Outcome.ANSWERED, "Gör det inte.")
    assert town.asked() == {"chef": ["karin"]}


def test_a_consultation_that_nobody_answers_ends_in_its_time_and_the_chain_goes_on(memory: Engine) -> None:
    """REQUIREMENTS 2.2. Ten working days from 1 December end on the 15th at 17."""
    town = consulted(memory)
    town.pass_time(datetime(2026, 12, 15, 15, 59, tzinfo=UTC))
    assert town.asked() == {"rad": ["petra", "david"]}
    town.pass_time(datetime(2026, 12, 15, 16, tzinfo=UTC))
    assert town.asked() == {"chef": ["karin"]}
    assert town.tasks(step="rad")[0].state is TaskState.NO_ANSWER
    assert len(town.events("consultation_unanswered")) == 1


def test_a_consultation_is_reminded_of_but_never_stands_red(memory: Engine) -> None:
    town = consulted(memory)
    town.pass_time(datetime(2026, 12, 15, 15, tzinfo=UTC))
    assert len(town.events("reminded")) == 2
    assert town.events("escalated", "stands_red") == []


def test_an_answer_after_its_time_is_refused(memory: Engine) -> None:
    town = consulted(memory)
    task_id = town.open_task("petra").id
    town.pass_days(20)
    with pytest.raises(Refused) as refused:
        answer_directly(town, task_id or 0, "petra")
    assert refused.value.code == "task_gone"


def answer_directly(town: Town, task_id: int, who: str) -> None:
    """Answer a task by its number, whatever its state."""
    with town.work() as session:
        answering.answer(
            session,
            town.now,
            task_id=task_id,
            person_id=town.people[who],
            outcome=Outcome.ANSWERED,
            reason="Råd",
            via="link",
        )


def test_a_decision_without_answer_never_passes(memory: Engine) -> None:
    """REQUIREMENTS 2.2: silence never approves."""
    town = Town(memory)
    town.apply()
    town.pass_days(400)
    account = town.account()
    assert (account.state, account.red_reason) == ("deciding", "no_answer:chef")
    assert town.asked() == {"chef": ["karin"]}


def test_who_is_informed_is_told_and_nothing_waits(memory: Engine) -> None:
    town = applied(
        memory,
        step("chef", "decide", "line_manager"),
        step("kopia", "inform", "communications"),
        step("till", "decide", "communications_director"),
    )
    assert town.told("informed") == []
    town.answer("karin")
    assert town.told("informed") == ["david", "kommunikation", "petra"]
    assert town.asked() == {"till": ["lena"]}
    assert town.tasks(step="kopia")[0].state is TaskState.DONE


def test_also_the_applicant_may_be_informed(memory: Engine) -> None:
    town = Town(memory, {"opening": [step("kopia", "inform", "communications")]})
    town.apply("petra", unit="stab")
    assert town.told("informed") == ["david", "kommunikation", "petra"]


# ---------------------------------------------------------------- conditions and dates


@pytest.mark.parametrize(
    ("when", "answers", "asked"),
    [
        ({"platforms": ["tiktok"]}, {"platform": "tiktok"}, True),
        ({"platforms": ["tiktok"]}, {"platform": "facebook"}, False),
        ({"classes": ["project", "campaign"]}, {"account_class": "project"}, True),
        ({"classes": ["project", "campaign"]}, {"account_class": "unit"}, False),
        ({"platforms": ["tiktok"], "classes": ["project"]}, {"platform": "tiktok"}, False),
        ({"new_platform": True}, {}, True),
        ({"new_platform": False}, {}, False),
    ],
)
def test_a_step_with_a_condition(
    memory: Engine, when: dict[str, object], answers: dict[str, str], asked: bool
) -> None:
    town = applied(
        memory,
        step("rad", "consult", "communications", when=when),
        step("chef", "decide", "line_manager"),
        **answers,
    )
    assert ("rad" in town.asked()) is asked


def test_an_application_beside_this_one_does_not_make_a_platform_known(memory: Engine) -> None:
    """Skurup, Samordning: what is new to the municipality is assessed; the other one may be declined."""
    assessed = step("rad", "consult", "communications", when={"new_platform": True})
    town = Town(memory, {"opening": [assessed, step("chef", "decide", "line_manager")]})
    town.apply(platform="tiktok", name="Först")
    town.apply(platform="tiktok", name="Sedan")
    assert "rad" in town.asked()


def test_a_platform_stays_new_for_the_application_that_brought_it(memory: Engine) -> None:
    assessed = step("rad", "consult", "communications", when={"new_platform": True})
    town = Town(memory, {"opening": [step("chef", "decide", "line_manager"), assessed]})
    first = town.apply(platform="tiktok", name="Först")
    town.apply(platform="tiktok", name="Sedan")
    town.answer("karin")
    town.answer("petra", Outcome.ANSWERED)
    assert town.state == "setting_up"
    town.account_id = first
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    town.send()
    town.answer("karin")
    assert "rad" in town.asked()


def test_another_platform_after_changes_is_judged_for_itself(memory: Engine) -> None:
    assessed = step("rad", "consult", "communications", when={"new_platform": True})
    town = Town(memory, {"opening": [step("chef", "decide", "line_manager"), assessed]})
    town.apply(platform="facebook", name="Först", address="https://facebook.com/forst")
    town.answer("karin")
    town.answer("petra", Outcome.ANSWERED)
    town.apply(platform="facebook", name="Sedan")
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    town.write(platform="tiktok")
    town.send()
    town.answer("karin")
    assert "rad" in town.asked()


@pytest.mark.parametrize(
    ("dates", "asked"), [({"from": "2027-01-01"}, False), ({"until": "2026-12-02"}, True)]
)
def test_a_dated_step_neither_comes_nor_goes_under_way(
    memory: Engine, dates: dict[str, str], asked: bool
) -> None:
    """REQUIREMENTS 2.2: an application ends under the rules it began with."""
    town = applied(
        memory, step("chef", "decide", "line_manager"), step("enhet", "decide", "communications", **dates)
    )
    town.pass_time(TUESDAY + timedelta(days=60))
    town.answer("karin")
    assert ("enhet" in town.asked()) is asked
    assert (town.state == "deciding") is asked


def test_steps_and_lines_may_bear_the_names_of_the_engines_own(memory: Engine) -> None:
    town = applied(
        memory, step("plan", "decide", "line_manager"), step("kvittering", "decide", "communications")
    )
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    town.send()
    town.answer("karin")
    town.answer("petra", step="kvittering")
    assert town.state == "setting_up"


def test_what_the_run_list_shows_is_never_too_long_for_it(engine: Engine) -> None:
    name = "enheten för " + "kommunikation, information, press, webb och " * 5
    town = Town(engine, settings={"role_names": {"line_manager": name}})
    town.apply()
    assert 100 < len(town.account().waits_for) <= 120
    assert town.account().waits_for.endswith(" …")


def test_an_empty_post_that_was_only_to_be_told_stops_nothing(memory: Engine) -> None:
    """REQUIREMENTS 2.2: red stands an application for which nobody can decide."""
    chain = [step("kopia", "inform", "registry"), step("chef", "decide", "line_manager")]
    town = Town(memory, {"opening": chain}, {"last_resort": "communications_director"})
    town.posts("registry")
    town.posts("communications_director")
    town.apply(administrators=["elin", "omar"])
    assert town.asked() == {"chef": ["karin"]}


def test_where_all_must_answer_nobody_answers_for_two(memory: Engine) -> None:
    both = step("chefer", "decide", "line_manager", "head_of_operation", answered_by="all")
    town = Town(memory, {"opening": [both]})
    town.empties("bibliotek")
    town.apply(administrators=["elin", "omar"])
    asked = [who for task in town.open_tasks() for who in town.holders(task)]
    assert len(set(asked)) == len(asked) == 2
