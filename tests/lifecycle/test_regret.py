"""Taking back a wrong click within the hour (REQUIREMENTS 2.2), in each process and state."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from acts import applying
from lifecycle.plans import attachments_of
from models import MessageState, Outcome, TaskState
from tests.lifecycle.town import TUESDAY, Rule, Town, document, field, item, refused_of, step

ONE = [step("chef", "decide", "line_manager")]
LIFE: Rule = {
    "opening": ONE,
    "administrator_change": ONE,
    "guest": {"at_most_days": 7, "chain": ONE, "clauses": ["exempelby:1"]},
    "closing": [step("slut", "decide", "communications")],
    "closing_items": [item("bild", confirmed_by="administrator")],
    "documents": [document("riktlinje")],
}
ADDRESS = "https://example.org/bibliotek"


def active(engine: Engine, rules: Rule = LIFE) -> Town:
    """An active account that Elin and Omar administer."""
    town = Town(engine, rules)
    town.apply(administrators=["elin", "omar"], address=ADDRESS)
    town.answer("karin")
    if rules.get("documents"):
        town.confirm("elin")
        town.confirm("omar")
    assert town.state == "active"
    return town


# ---------------------------------------------------------------- an application


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.APPROVE, "setting_up"),
        (Outcome.DECLINE, "declined"),
        (Outcome.ASK_FOR_CHANGES, "changes_asked"),
    ],
)
@pytest.mark.parametrize("unseen", [False, True])
def test_a_decision_is_taken_back_and_asked_again(
    memory: Engine, outcome: Outcome, state: str, unseen: bool
) -> None:
    town = Town(memory, {"opening": ONE, "setting_up": [item("rad")]})
    town.apply(administrators=["elin"], address=ADDRESS)
    task_id = town.answer("karin", outcome, unseen=unseen)
    assert town.state == ("deciding" if unseen else state)
    town.now += timedelta(minutes=59)
    town.take_back(task_id, "karin")
    assert (town.state, town.asked()) == ("deciding", {"chef": ["karin"]})
    assert town.account().waits_for == "Väntar på chefens beslut"
    assert town.roles() == []
    assert [task.state for task in town.tasks(step="chef")] == [TaskState.TAKEN_BACK, TaskState.OPEN]
    town.answer("karin")
    assert town.state == "setting_up"


def test_the_old_answer_stays_on_record(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    task_id = town.answer("karin", Outcome.DECLINE, "Fel knapp")
    town.take_back(task_id, "karin")
    (old, _) = town.tasks(step="chef")
    assert (old.outcome, old.reason, old.answered_by_id) == ("decline", "Fel knapp", town.people["karin"])
    (event,) = town.events("taken_back")
    assert (event.actor_id, event.facts["outcome"]) == (town.people["karin"], "decline")


@pytest.mark.parametrize(("minutes", "code"), [(59, ""), (60, "regret_too_late"), (600, "regret_too_late")])
def test_there_is_one_hour(memory: Engine, minutes: int, code: str) -> None:
    town = Town(memory)
    town.apply()
    task_id = town.answer("karin")
    town.now += timedelta(minutes=minutes)
    if code:
        assert refused_of(town.take_back, task_id, "karin") == code
        assert town.asked() == {"enhet": ["petra", "david"]}
    else:
        town.take_back(task_id, "karin")


def test_the_hour_is_the_municipalitys_to_set(memory: Engine) -> None:
    town = Town(memory, settings={"regret_minutes": 0})
    town.apply()
    assert refused_of(town.take_back, town.answer("karin"), "karin") == "regret_too_late"


def test_only_ones_own_answer(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    task_id = town.answer("karin")
    assert refused_of(town.take_back, task_id, "petra") == "not_yours_to_take_back"


def test_only_once(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    task_id = town.answer("karin")
    town.take_back(task_id, "karin")
    assert refused_of(town.take_back, task_id, "karin") == "task_gone"


def test_what_somebody_has_gone_on_from_is_not_taken_back(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    task_id = town.answer("karin")
    town.answer("petra")
    assert refused_of(town.take_back, task_id, "karin") == "regret_overtaken"


def test_a_line_confirmed_is_going_on_from_it(memory: Engine) -> None:
    town = Town(memory, {"opening": ONE, "setting_up": [item("rad"), item("annan")]})
    town.apply(address=ADDRESS)
    task_id = town.answer("karin")
    town.confirm("elin", "rad")
    assert refused_of(town.take_back, task_id, "karin") == "regret_overtaken"


def test_a_changed_plan_is_going_on_from_it(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    task_id = town.answer("karin", Outcome.ASK_FOR_CHANGES)
    town.send()
    assert refused_of(town.take_back, task_id, "karin") == "regret_overtaken"


def test_an_open_account_is_not_unapproved(memory: Engine) -> None:
    town = Town(memory, {"opening": ONE})
    town.apply(administrators=["elin"], address=ADDRESS)
    task_id = town.answer("karin")
    assert town.state == "active"
    assert refused_of(town.take_back, task_id, "karin") == "regret_overtaken"


@pytest.mark.parametrize("unseen", [False, True])
def test_a_withdrawn_application_stays_withdrawn(memory: Engine, unseen: bool) -> None:
    """The applicant withdraws when the answer was just taken back, before or after that was seen."""
    town = Town(memory)
    town.apply()
    task_id = town.answer("karin")
    town.take_back(task_id, "karin", unseen=unseen)
    town.withdraw()
    assert (town.state, town.asked()) == ("withdrawn", {})


def test_after_a_withdrawal_nothing_is_taken_back(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    task_id = town.answer("karin")
    town.withdraw()
    assert refused_of(town.take_back, task_id, "karin") == "regret_overtaken"


def test_advice_is_taken_back_too(memory: Engine) -> None:
    town = Town(memory, {"opening": [step("rad", "consult", "communications"), *ONE]})
    town.apply()
    task_id = town.answer("david", Outcome.ANSWERED)
    assert town.asked() == {"chef": ["karin"]}
    town.take_back(task_id, "david")
    assert town.asked() == {"rad": ["petra", "david"]}
    town.pass_days(20)
    assert town.asked() == {"chef": ["karin"]}


# ---------------------------------------------------------------- where several answer


BOTH = [step("alla", "decide", "line_manager", "communications_director", answered_by="all")]


def test_who_was_asked_beside_is_asked_again(memory: Engine) -> None:
    """One no had ended the other's question; without it the step would pass on half its answers."""
    town = Town(memory, {"opening": BOTH})
    town.apply()
    town.take_back(town.answer("karin", Outcome.DECLINE), "karin")
    assert [town.holders(task) for task in town.open_tasks()] == [["karin"], ["lena"]]
    town.answer("karin")
    assert town.state == "deciding"
    town.answer("lena")
    assert town.state == "setting_up"


def test_what_was_answered_beside_still_counts(memory: Engine) -> None:
    town = Town(memory, {"opening": BOTH})
    town.apply()
    first = town.answer("karin")
    town.answer("lena", Outcome.DECLINE)
    assert town.state == "declined"
    assert refused_of(town.take_back, first, "lena") == "not_yours_to_take_back"
    town.take_back(town.tasks(step="alla")[1].id or 0, "lena")
    assert [town.holders(task) for task in town.open_tasks()] == [["lena"]]
    town.answer("lena")
    assert town.state == "setting_up"


def test_anothers_answer_beside_is_not_going_on_from_mine(memory: Engine) -> None:
    town = Town(memory, {"opening": [BOTH[0], step("enhet", "decide", "communications")]})
    town.apply()
    first = town.answer("karin")
    town.answer("lena")
    assert town.asked() == {"enhet": ["petra", "david"]}
    town.take_back(first, "karin")
    assert town.asked() == {"alla": ["karin"]}
    town.answer("karin")
    assert town.asked() == {"enhet": ["petra", "david"]}


def test_a_decline_taken_back_again_and_again(memory: Engine) -> None:
    town = Town(memory, {"opening": BOTH})
    town.apply()
    for _ in range(3):
        town.take_back(town.answer("karin", Outcome.DECLINE), "karin")
        town.now += timedelta(minutes=1)
    assert [town.holders(task) for task in town.open_tasks()] == [["karin"], ["lena"]]


# ---------------------------------------------------------------- what is kept of the plan


def test_what_was_changed_meanwhile_is_not_what_is_decided_on(memory: Engine) -> None:
    """The first approval was given for this unit and address; it must not count for others."""
    town = Town(memory)
    town.apply(address=ADDRESS)
    town.answer("karin")
    task_id = town.answer("petra", Outcome.ASK_FOR_CHANGES)
    town.write(unit="stab", platform="tiktok", name="Annat", address="https://example.org/annat")
    town.take_back(task_id, "petra")
    account = town.account()
    assert (account.unit_id, account.platform) == (town.units["bibliotek"], "instagram")
    assert (account.name, account.address) == ("Biblioteket", ADDRESS)
    assert town.asked() == {"enhet": ["petra", "david"]}


def test_also_where_a_step_bears_the_name_of_the_change(memory: Engine) -> None:
    town = Town(memory, {"opening": [step("plan", "decide", "line_manager")]})
    town.apply()
    town.take_back(town.answer("karin", Outcome.ASK_FOR_CHANGES), "karin")
    assert [town.holders(task) for task in town.open_tasks()] == [["karin"]]


# ---------------------------------------------------------------- changes, guests and closing


def test_an_approved_change_is_taken_back_until_it_has_begun(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    task_id = town.answer("karin")
    assert town.asked() == {"kvittering": ["tove"]}
    town.take_back(task_id, "karin")
    assert town.asked() == {"chef": ["karin"]}
    assert town.account().waits_for == "Aktiv · Väntar på chefens beslut"
    town.answer("karin", Outcome.DECLINE)
    assert (town.asked(), town.people_in()) == ({}, ["elin", "omar"])


def test_an_acknowledgement_is_going_on_from_it(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    task_id = town.answer("karin")
    town.confirm("tove")
    assert refused_of(town.take_back, task_id, "karin") == "regret_overtaken"
    assert town.people_in() == ["elin", "omar", "tove"]


def test_a_refused_change_is_taken_back(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    town.take_back(town.answer("karin", Outcome.DECLINE), "karin")
    assert town.asked() == {"chef": ["karin"]}
    town.answer("karin")
    town.confirm("tove")
    assert town.people_in() == ["elin", "omar", "tove"]


def test_an_assignment_that_was_taken_back_is_given_by_whoever_approves_then(memory: Engine) -> None:
    town = active(memory, LIFE | {"administrator_change": [ONE[0] | {"assigns": True}]})
    town.ask_for("elin", "tove")
    town.take_back(town.answer("karin"), "karin")
    assert town.role("tove").assigned_on is None
    town.hand_over("karin", "sara")
    town.answer("sara")
    assert town.role("tove").assigned_by_id == town.people["sara"]


def test_a_refused_guest_is_taken_back(memory: Engine) -> None:
    town = active(memory)
    town.ask_for_guest("elin", "tove", date(2026, 12, 7), date(2026, 12, 10))
    town.take_back(town.answer("karin", Outcome.DECLINE), "karin")
    assert town.asked() == {"chef": ["karin"]}


@pytest.mark.parametrize("outcome", [Outcome.APPROVE, Outcome.DECLINE])
def test_the_decision_to_close_is_taken_back(memory: Engine, outcome: Outcome) -> None:
    town = active(memory)
    town.ask_to_close("elin")
    task_id = town.answer("petra", outcome)
    assert town.state == ("closing" if outcome is Outcome.APPROVE else "active")
    town.take_back(task_id, "petra")
    assert (town.state, town.asked()) == ("active", {"slut": ["petra", "david"]})
    town.answer("david")
    assert town.asked() == {"bild": ["elin", "omar"]}
    town.confirm("omar")
    assert town.state == "closed"


def test_a_closing_line_confirmed_is_going_on_from_it(memory: Engine) -> None:
    rules = LIFE | {"closing_items": [item("bild", confirmed_by="administrator"), item("register")]}
    town = active(memory, rules)
    town.ask_to_close("elin")
    task_id = town.answer("petra")
    town.confirm("elin", "bild")
    assert refused_of(town.take_back, task_id, "petra") == "regret_overtaken"


def test_what_is_closed_stays_closed(memory: Engine) -> None:
    town = active(memory, LIFE | {"closing_items": []})
    town.ask_to_close("elin")
    task_id = town.answer("petra")
    assert town.state == "closed"
    assert refused_of(town.take_back, task_id, "petra") == "regret_overtaken"


def test_an_answer_to_an_earlier_closure_is_past(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("elin")
    task_id = town.answer("petra", Outcome.DECLINE)
    town.now += timedelta(minutes=5)
    town.ask_to_close("omar")
    assert refused_of(town.take_back, task_id, "petra") == "regret_overtaken"
    assert town.asked() == {"slut": ["petra", "david"]}


# ---------------------------------------------------------------- letters


def test_a_decline_is_held_back_for_the_hour_and_then_leaves(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    town.answer("karin", Outcome.DECLINE)
    (letter,) = town.messages("application_declined")
    assert letter.not_before == TUESDAY + timedelta(hours=1)
    town.deliver()
    assert town.messages("application_declined")[0].state is MessageState.QUEUED
    town.now += timedelta(hours=1)
    town.deliver()
    assert town.messages("application_declined")[0].state is MessageState.SENT


def test_the_letter_of_a_decline_taken_back_never_leaves(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    task_id = town.answer("karin", Outcome.DECLINE)
    town.now += timedelta(minutes=59)
    town.take_back(task_id, "karin")
    town.pass_days(2)
    town.deliver()
    assert [one.state for one in town.messages("application_declined")] == [MessageState.NOT_NEEDED]
    assert "elin" not in town.told("taken_back")


def test_taking_back_one_refusal_keeps_no_other_letter_back(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    town.answer("karin", Outcome.DECLINE, step="chef")
    town.ask_for("elin", "johan")
    second = town.answer("karin", Outcome.DECLINE, step="chef")
    town.take_back(second, "karin")
    kept = {one.email.split("@")[0]: one.state for one in town.messages("change_refused") if one.person_id}
    assert kept["tove"] is MessageState.QUEUED
    assert kept["johan"] is MessageState.NOT_NEEDED


def test_everyone_who_was_told_is_told_and_nobody_else(memory: Engine) -> None:
    """Karin's approval had reached Petra and David; Omar has heard nothing."""
    town = Town(memory)
    town.apply(administrators=["elin", "omar"])
    town.deliver()
    town.now += timedelta(minutes=5)
    task_id = town.answer("karin")
    town.deliver()
    town.now += timedelta(minutes=5)
    town.take_back(task_id, "karin")
    assert town.told("taken_back") == ["david", "kommunikation", "petra"]


def test_who_had_heard_of_the_approval_is_told(memory: Engine) -> None:
    rules: Rule = {"opening": [*ONE, step("kopia", "inform", "communications")], "setting_up": [item("rad")]}
    town = Town(memory, rules)
    town.apply(responsible=["omar"], address=ADDRESS)
    town.deliver()
    town.now += timedelta(minutes=5)
    task_id = town.answer("karin")
    town.deliver()
    town.now += timedelta(minutes=5)
    town.take_back(task_id, "karin")
    assert town.told("taken_back") == ["david", "elin", "kommunikation", "omar", "petra"]
    town.answer("karin")
    assert sorted(town.told("informed")) == 2 * ["david"] + 2 * ["kommunikation"] + 2 * ["petra"]


def test_what_had_not_left_yet_does_not_leave(memory: Engine) -> None:
    rules: Rule = {"opening": [*ONE, step("kopia", "inform", "communications")], "setting_up": [item("rad")]}
    town = Town(memory, rules)
    town.apply(address=ADDRESS)
    town.deliver()
    town.now += timedelta(minutes=5)
    town.take_back(town.answer("karin"), "karin")
    assert town.told("application_approved", "informed", "taken_back") == []


def test_an_address_given_away_meanwhile_is_not_taken_back(engine: Engine) -> None:
    """A declined application holds no address; while it was declined another one was sent with it."""
    town = Town(engine)
    first = town.apply(address=ADDRESS)
    task_id = town.answer("karin", Outcome.DECLINE)
    second = town.apply("omar", address=ADDRESS)
    town.account_id = first
    assert refused_of(town.take_back, task_id, "karin") == "address_taken"
    assert town.state == "declined"
    town.account_id = second
    assert town.state == "deciding"


def test_nor_in_the_moment_before_it_is_seen(engine: Engine) -> None:
    """Between the taking back and the look another is sent: then the first must name a new address."""
    town = Town(engine, {"opening": ONE})
    first = town.apply(address=ADDRESS)
    town.take_back(town.answer("karin", Outcome.DECLINE), "karin", unseen=True)
    town.apply("omar", address=ADDRESS)
    town.account_id = first
    town.look()
    assert (town.state, town.account().address) == ("deciding", "")
    town.answer("karin")
    assert town.asked() == {"kontots-adress": ["elin"]}


def test_files_too_are_as_in_the_plan_that_is_decided_on(memory: Engine) -> None:
    town = Town(memory, {"opening": [ONE[0]], "plan": [field("underlag", kind="file")]})
    town.draft()
    first = attached(town, "a.pdf")
    town.write(name="Biblioteket", platform="instagram", unit="bibliotek")
    town.now += timedelta(minutes=1)
    town.send()
    task_id = town.answer("karin", Outcome.ASK_FOR_CHANGES)
    town.now += timedelta(minutes=1)
    with town.work() as session:
        applying.remove_attachment(session, town.account(), first, town.people["elin"], town.now)
    attached(town, "b.pdf")
    town.take_back(task_id, "karin")
    with town.reading() as session:
        assert [one.file_name for one in attachments_of(session, town.account())] == ["a.pdf"]


def attached(town: Town, name: str) -> int:
    with town.work() as session:
        file = applying.attach(
            session, town.account(), "underlag", name, b"%PDF-1.4", town.people["elin"], town.now
        )
    return file.id or 0


def test_a_refusal_is_past_when_the_same_was_asked_anew(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    refused = town.answer("karin", Outcome.DECLINE)
    town.ask_for("elin", "tove")
    assert refused_of(town.take_back, refused, "karin") == "regret_overtaken"
