"""Repairs by communications (REQUIREMENTS 2.2): reopen, skip, move, end, resume; each with a reason."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from models import Outcome, TaskState
from tests.lifecycle.town import DOMAIN, Town, item, refused_of, step

CHAIN = [step("chef", "decide", "line_manager"), step("enhet", "decide", "communications")]
ADDRESS = "https://example.org/bibliotek"


def applied(engine: Engine, **more: object) -> Town:
    """An application that waits for its manager."""
    town = Town(engine, {"opening": CHAIN, "setting_up": [item("rad")]} | more)
    town.apply(administrators=["elin", "omar"], address=ADDRESS)
    return town


@pytest.mark.parametrize("what", ["reopen_step", "skip_step", "end_application"])
@pytest.mark.parametrize(("reason", "code"), [(" ", "reason_missing"), ("x" * 4001, "text_too_long")])
def test_a_repair_has_a_reason(memory: Engine, what: str, reason: str, code: str) -> None:
    town = applied(memory)
    more = {} if what == "end_application" else {"step": "chef"}
    assert refused_of(town.repair, what, "david", reason, **more) == code


# ---------------------------------------------------------------- reopen


@pytest.mark.parametrize("days", [0, 30])
def test_a_step_is_reopened_whenever_it_was_answered(memory: Engine, days: int) -> None:
    town = applied(memory)
    town.answer("karin")
    town.pass_days(days)
    town.repair("reopen_step", "david", step="chef")
    assert (town.state, town.asked()) == ("deciding", {"chef": ["karin"]})
    (event,) = town.events("repaired")
    assert event.facts == {"what": "reopen", "step": "chef", "identified": "link"}
    assert (event.actor_id, event.detail_digest != "") == (town.people["david"], True)


def test_what_rested_on_it_is_undone(memory: Engine) -> None:
    town = applied(memory, setting_up=[item("rad"), item("annan")])
    town.answer("karin")
    town.answer("petra")
    town.confirm("elin", "rad")
    town.repair("reopen_step", "david", step="chef")
    assert (town.state, town.asked(), town.roles()) == ("deciding", {"chef": ["karin"]}, [])
    town.answer("karin")
    assert town.asked() == {"enhet": ["petra"]}
    town.answer("petra")
    assert town.asked() == {"rad": ["elin", "omar"], "annan": ["elin", "omar"]}


# ---------------------------------------------------------------- nobody to ask


def test_a_step_that_nobody_may_answer_is_put_to_somebody(memory: Engine) -> None:
    town = Town(memory, {"opening": [step("enhet", "decide", "registry")]}, {"last_resort": "registry"})
    town.apply(administrators=["elin", "omar"])
    assert town.account().red_reason == "no_holder:enhet"
    given = {"step": "enhet", "to_email": f"elin@{DOMAIN}"}
    assert refused_of(town.repair, "ask_somebody", "david", **given) == "substitute_not_allowed"
    assert (
        refused_of(town.repair, "ask_somebody", "david", step="enhet", to_email=f"david@{DOMAIN}")
        == "same_person"
    )
    town.repair("ask_somebody", "david", step="enhet", to_email=f"sara@{DOMAIN}")
    assert (town.asked(), town.account().red_reason) == ({"enhet": ["sara"]}, "")
    assert "sara" in town.told("decision_asked")
    town.answer("sara")
    assert town.state == "setting_up"


# ---------------------------------------------------------------- four-eyes (REQUIREMENTS 4.2)


def test_who_reopens_a_step_does_not_answer_it(memory: Engine) -> None:
    town = Town(memory, {"opening": [step("enhet", "decide", "communications")]})
    town.apply(administrators=["elin", "omar"])
    town.answer("petra", Outcome.DECLINE)
    town.repair("reopen_step", "david", step="enhet")
    assert refused_of(town.answer, "david") == "decided_another_step"
    town.answer("petra")
    assert town.state != "deciding"


def test_nobody_moves_a_question_to_themselves(memory: Engine) -> None:
    town = applied(memory)
    task = town.open_task("karin").id
    moved = {"task_id": task, "to_email": f"david@{DOMAIN}"}
    assert refused_of(town.repair, "move_task", "david", **moved) == "same_person"


def test_the_only_decision_is_not_passed_over(memory: Engine) -> None:
    town = Town(
        memory, {"opening": [step("rad", "consult", "registry"), step("chef", "decide", "line_manager")]}
    )
    town.posts("registry", "tove")
    town.apply(administrators=["elin", "omar"])
    town.answer("tove", Outcome.ANSWERED)
    assert refused_of(town.repair, "skip_step", "david", step="chef") == "last_decision"


def test_not_all_decisions_are_passed_over(memory: Engine) -> None:
    town = applied(memory)
    town.repair("skip_step", "david", step="chef")
    assert refused_of(town.repair, "skip_step", "petra", step="enhet") == "last_decision"


def test_a_decline_is_reopened_and_the_applicant_told(memory: Engine) -> None:
    town = applied(memory)
    town.answer("karin", Outcome.DECLINE)
    town.now += timedelta(hours=2)
    town.deliver()
    town.repair("reopen_step", "david", step="chef")
    assert town.asked() == {"chef": ["karin"]}
    assert "elin" in town.told("taken_back")


@pytest.mark.parametrize("name", ["enhet", "kopia", "finns-inte"])
def test_only_an_answered_step_is_reopened(memory: Engine, name: str) -> None:
    """A copy that was sent cannot be asked again: it would wait for an answer for ever."""
    chain = [CHAIN[0], step("kopia", "inform", "communications"), CHAIN[1]]
    town = applied(memory, opening=chain)
    town.answer("karin")
    assert refused_of(town.repair, "reopen_step", "david", step=name) == "nothing_to_repair"


def test_what_is_active_is_not_reopened(memory: Engine) -> None:
    town = applied(memory, setting_up=[])
    town.answer("karin")
    town.answer("petra")
    assert town.state == "active"
    assert refused_of(town.repair, "reopen_step", "david", step="chef") == "nothing_to_repair"


def test_of_all_who_answered_only_the_last_is_asked_again(memory: Engine) -> None:
    both = step("alla", "decide", "line_manager", "communications_director", answered_by="all")
    town = applied(memory, opening=[both])
    town.answer("karin")
    town.answer("lena", Outcome.DECLINE)
    town.repair("reopen_step", "david", step="alla")
    assert [town.holders(task) for task in town.open_tasks()] == [["lena"]]


# ---------------------------------------------------------------- skip


def test_an_open_step_is_skipped(memory: Engine) -> None:
    town = applied(memory)
    town.repair("skip_step", "petra", step="chef")
    assert town.asked() == {"enhet": ["david"]}
    (task,) = town.tasks(step="chef")
    assert (task.state, task.outcome) == (TaskState.DONE, "skipped")
    assert task.answered_by_id == town.people["petra"]


def test_a_step_that_nobody_may_answer_is_skipped(memory: Engine) -> None:
    """What a red application is skipped for."""
    chain = [step("diarium", "decide", "registry"), CHAIN[1]]
    town = Town(memory, {"opening": chain}, {"last_resort": "crisis_organisation"})
    town.apply()
    assert town.account().red_reason == "no_holder:diarium"
    town.repair("skip_step", "petra", step="diarium")
    assert town.account().red_reason == ""
    assert town.asked() == {"enhet": ["david"]}


@pytest.mark.parametrize("name", ["enhet", "plan", "finns-inte"])
def test_only_a_step_that_waits_is_skipped(memory: Engine, name: str) -> None:
    assert refused_of(applied(memory).repair, "skip_step", "david", step=name) == "nothing_to_repair"


def test_a_plan_to_be_changed_is_not_skipped(memory: Engine) -> None:
    town = applied(memory)
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    assert refused_of(town.repair, "skip_step", "david", step="plan") == "nothing_to_repair"


# ---------------------------------------------------------------- move


def move(town: Town, who: str, to: str, by: str = "david") -> None:
    """Move what somebody is asked."""
    task_id = town.open_tasks(who)[0].id
    town.repair("move_task", by, task_id=task_id, to_email=f"{to}@{DOMAIN}")


def test_a_task_is_moved(memory: Engine) -> None:
    town = applied(memory)
    move(town, "karin", "sara")
    assert town.asked() == {"chef": ["sara"]}
    (holder,) = town.holder_rows(town.open_tasks()[0])
    assert town.name_of(holder.instead_of_id) == "karin"
    town.answer("sara")
    (task,) = town.tasks(step="chef")
    assert task.on_behalf_of_id == town.people["karin"]


def test_it_is_communications_that_moved_it_and_not_the_one_it_was_taken_from(memory: Engine) -> None:
    town = applied(memory)
    move(town, "karin", "sara")
    (letter,) = town.messages("no_longer_yours")
    assert letter.email == f"karin@{DOMAIN}"
    assert letter.context["by"] == town.people["david"]
    (holder,) = town.holder_rows(town.open_tasks()[0])
    assert [one["person_id"] for one in holder.why] == [town.people["david"]]


def test_whoever_has_it_now_has_the_whole_ladder(memory: Engine) -> None:
    town = applied(memory)
    town.pass_days(30)
    assert town.account().red_reason == "no_answer:chef"
    move(town, "karin", "sara")
    account, task = town.account(), town.open_tasks()[0]
    assert (account.red_reason, task.reminders, task.escalated_at) == ("", 0, None)
    reminded = len(town.events("reminded"))
    town.pass_days(30)
    assert len(town.events("reminded")) == reminded + 2
    assert len(town.events("escalated")) == 2
    assert town.account().red_reason == "no_answer:chef"


def test_a_line_of_the_list_is_moved(memory: Engine) -> None:
    town = applied(memory)
    town.answer("karin")
    town.answer("petra")
    move(town, "elin", "tove")
    assert town.asked() == {"rad": ["tove"]}
    town.confirm("tove")
    assert town.state == "active"


@pytest.mark.parametrize(
    ("to", "code"),
    [("karin", "same_person"), ("elin", "substitute_not_allowed"), ("ingen", "person_unknown")],
)
def test_not_to_anybody(memory: Engine, to: str, code: str) -> None:
    assert refused_of(move, applied(memory), "karin", to) == code


def test_not_to_one_who_has_left(memory: Engine) -> None:
    town = applied(memory)
    town.leaves("sara")
    assert refused_of(move, town, "karin", "sara") == "person_left"


def test_what_is_answered_is_not_moved(memory: Engine) -> None:
    town = applied(memory)
    task_id = town.open_task("karin").id
    town.answer("karin")
    code = refused_of(town.repair, "move_task", "david", task_id=task_id, to_email=f"sara@{DOMAIN}")
    assert code == "nothing_to_repair"


def test_the_plan_stays_the_applicants(memory: Engine) -> None:
    town = applied(memory)
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    assert refused_of(move, town, "elin", "omar") == "only_yours"


# ---------------------------------------------------------------- end and resume


@pytest.mark.parametrize("answers", [[], ["karin"], ["karin", "petra"]])
def test_an_application_is_ended_wherever_it_stands(memory: Engine, answers: list[str]) -> None:
    town = applied(memory)
    for who in answers:
        town.answer(who)
    town.repair("end_application", "david")
    account = town.account()
    assert (account.state, account.waits_for, town.asked()) == ("withdrawn", "Återtogs", {})
    assert {"elin", "karin"} <= set(town.told("application_ended"))
    assert account.wake_at is None


def test_what_stands_red_is_not_red_when_it_has_ended(memory: Engine) -> None:
    town = applied(memory)
    town.pass_days(30)
    assert town.account().red_reason
    town.repair("end_application", "david")
    assert town.account().red_reason == ""


@pytest.mark.parametrize("state", ["active", "declined"])
def test_what_is_open_or_over_is_not_ended(memory: Engine, state: str) -> None:
    town = applied(memory, setting_up=[], opening=CHAIN[:1])
    town.answer("karin", Outcome.APPROVE if state == "active" else Outcome.DECLINE)
    assert town.state == state
    assert refused_of(town.repair, "end_application", "david") == "nothing_to_repair"


@pytest.mark.parametrize("what", ["end_application", "resume_lapsed"])
def test_what_is_withdrawn_is_over(memory: Engine, what: str) -> None:
    town = applied(memory)
    town.withdraw()
    assert refused_of(town.repair, what, "david") == "state_forbids"


def lapsed(engine: Engine) -> Town:
    """An approval that nobody set up."""
    town = applied(engine)
    town.answer("karin")
    town.answer("petra")
    town.pass_days(100)
    assert town.state == "lapsed"
    return town


def test_a_lapsed_approval_goes_on_where_it_ended(memory: Engine) -> None:
    """The letter about it says that communications can let it."""
    town = lapsed(memory)
    town.repair("resume_lapsed", "david")
    assert (town.state, town.asked()) == ("setting_up", {"rad": ["elin", "omar"]})
    town.pass_days(50)
    assert town.state == "setting_up"
    town.confirm("elin")
    assert (town.state, town.people_in()) == ("active", ["elin", "omar"])


def test_not_when_its_address_was_given_away(memory: Engine) -> None:
    town = lapsed(memory)
    first = town.account_id
    town.apply("omar", address=ADDRESS)
    town.account_id = first
    assert refused_of(town.repair, "resume_lapsed", "david") == "address_taken"


def test_only_what_lapsed_is_resumed(memory: Engine) -> None:
    assert refused_of(applied(memory).repair, "resume_lapsed", "david") == "nothing_to_repair"


# ---------------------------------------------------------------- who is told


def test_everyone_concerned_is_told_of_a_repair_but_not_the_one_who_made_it(memory: Engine) -> None:
    town = applied(memory)
    town.answer("karin")
    town.repair("skip_step", "petra", step="enhet")
    assert town.told("repaired") == ["david", "elin", "karin"]


def test_a_repair_stands_in_the_log_as_what_it_is(memory: Engine) -> None:
    town = applied(memory)
    town.repair("skip_step", "petra", step="chef")
    kinds = [event.kind for event in town.events()]
    assert "repaired" in kinds
    assert "decision_given" not in kinds
