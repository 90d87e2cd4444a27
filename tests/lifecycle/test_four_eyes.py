"""Four eyes (REQUIREMENTS 2.2, 4.2): who applied or decided decides nothing else, by whatever path."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine

from acts import answering
from lifecycle.refusals import Refused
from models import AccountRoleKind, Outcome, TaskHolder, TaskKind, TaskState
from tests.lifecycle.town import DOMAIN, TUESDAY, Rule, Town, refused_of, step

CHAIN = [
    step("chef", "decide", "line_manager"),
    step("rad", "consult", "communications"),
    step("enhet", "decide", "communications"),
]
OWN = [step("ny", "decide", "line_manager"), step("klart", "decide", "communications")]
GUEST: Rule = {"at_most_days": 7, "chain": OWN, "clauses": ["exempelby:1"]}
LIFE: Rule = {
    "opening": [step("chef", "decide", "line_manager")],
    "administrator_change": OWN,
    "guest": GUEST,
    "closing": [step("slut", "decide", "communications"), step("chefslut", "decide", "line_manager")],
}


def waiting_for_unit(engine: Engine, *, someone_else: bool = True) -> Town:
    """Elin has applied, Karin approved, David advised; the unit decides."""
    chain = [*CHAIN[:2], CHAIN[2] | {"someone_else": someone_else}]
    town = Town(engine, {"opening": chain})
    town.apply()
    town.answer("karin")
    town.answer("david", Outcome.ANSWERED)
    return town


def active(engine: Engine) -> Town:
    """Elin and Omar administer an account that Karin approved."""
    town = Town(engine, LIFE)
    town.apply(administrators=["elin", "omar"], address="https://example.org/bibliotek")
    town.answer("karin")
    assert town.state == "active"
    return town


def slip_in(town: Town, who: str) -> int:
    """Make somebody a holder of what is open, as no path does: the last check must hold by itself."""
    (task,) = town.open_tasks(kinds=(TaskKind.DECIDE, TaskKind.CONSULT))
    if who not in town.holders(task):
        with town.work() as session:
            session.add(TaskHolder(task_id=task.id or 0, person_id=town.people[who]))
    return task.id or 0


def attempt(town: Town, who: str, outcome: Outcome = Outcome.APPROVE) -> str:
    """The code with which a slipped-in holder's answer is refused, or nothing."""
    slip_in(town, who)
    try:
        town.answer(who, outcome)
    except Refused as refused:
        return refused.code
    return ""


APPLICATION = {
    "elin": "is_applicant",
    "karin": "decided_another_step",
    "david": "",
    "petra": "",
    "sara": "",
}
"""Who may decide the last step: advice is no decision, and Sara is anybody who was given it."""


@pytest.mark.parametrize("who", APPLICATION)
def test_the_last_step_of_an_application(memory: Engine, who: str) -> None:
    assert attempt(waiting_for_unit(memory), who) == APPLICATION[who]


@pytest.mark.parametrize("outcome", [Outcome.APPROVE, Outcome.DECLINE, Outcome.ASK_FOR_CHANGES])
def test_nor_may_the_applicant_say_no(memory: Engine, outcome: Outcome) -> None:
    assert attempt(waiting_for_unit(memory), "elin", outcome) == "is_applicant"


def test_where_the_policy_says_so_the_same_person_may_decide_twice_but_never_the_applicant(
    memory: Engine,
) -> None:
    town = waiting_for_unit(memory, someone_else=False)
    assert attempt(town, "elin") == "is_applicant"
    assert attempt(town, "karin") == ""


def test_who_has_left_decides_nothing(memory: Engine) -> None:
    town = waiting_for_unit(memory)
    town.leaves("petra")
    assert attempt(town, "petra") == "not_holder"


def test_who_was_not_asked_decides_nothing(memory: Engine) -> None:
    town = waiting_for_unit(memory)
    task_id = town.open_task("petra").id or 0
    assert refused_of(answer_as, town, task_id, "sara") == "not_holder"


def answer_as(town: Town, task_id: int, who: str) -> None:
    """Answer without looking whether one is asked."""
    with town.work() as session:
        answering.answer(
            session,
            town.now,
            task_id=task_id,
            person_id=town.people[who],
            outcome=Outcome.APPROVE,
            via="form",
        )


@pytest.mark.parametrize(("to", "why"), [("elin", "sökt"), ("karin", "avgjort")])
def test_a_step_is_not_handed_over_to_one_who_may_not_decide_it(memory: Engine, to: str, why: str) -> None:
    town = waiting_for_unit(memory)
    with pytest.raises(Refused) as refused:
        town.hand_over("petra", to)
    assert refused.value.code == "substitute_not_allowed"
    assert why in refused.value.says()


def test_who_declined_and_took_it_back_may_still_decide_the_same_step(memory: Engine) -> None:
    town = waiting_for_unit(memory)
    town.take_back(town.answer("petra", Outcome.DECLINE), "petra")
    assert attempt(town, "petra") == ""


def test_whose_approval_was_taken_back_may_decide_another_step(memory: Engine) -> None:
    """What was taken back no longer stands: only answers that count bar."""
    town = Town(memory, {"opening": CHAIN})
    town.apply()
    town.hand_over("karin", "petra")
    town.take_back(town.answer("petra"), "petra")
    town.hand_over("petra", "sara")
    town.answer("sara")
    town.answer("david", Outcome.ANSWERED)
    assert town.asked() == {"enhet": ["petra", "david"]}


def test_a_group_decides_without_the_one_who_decided_before(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHAIN[0], CHAIN[2]]})
    town.apply()
    town.hand_over("karin", "petra")
    town.answer("petra")
    assert town.asked() == {"enhet": ["david"]}


# ---------------------------------------------------------------- changes and closing


CHANGES: dict[str, tuple[Callable[[Town], object], dict[str, str]]] = {
    "administrator": (
        lambda town: town.ask_for("elin", "tove"),
        {"elin": "is_applicant", "tove": "is_applicant", "omar": "", "karin": ""},
    ),
    "guest": (
        lambda town: town.ask_for_guest("elin", "tove", date(2026, 12, 7), date(2026, 12, 10)),
        {"elin": "is_applicant", "tove": "is_applicant", "karin": ""},
    ),
    "closing": (
        lambda town: town.ask_to_close("elin"),
        {"elin": "is_applicant", "omar": "", "petra": ""},
    ),
}


@pytest.mark.parametrize(("matter", "who"), [(one, who) for one in CHANGES for who in CHANGES[one][1]])
def test_who_asked_or_is_asked_for_decides_nothing_about_it(memory: Engine, matter: str, who: str) -> None:
    town = active(memory)
    ask, expected = CHANGES[matter]
    ask(town)
    assert attempt(town, who) == expected[who]


@pytest.mark.parametrize("matter", CHANGES)
def test_two_steps_take_two_people(memory: Engine, matter: str) -> None:
    town = active(memory)
    CHANGES[matter][0](town)
    (first,) = town.open_tasks()
    who = town.holders(first)[0]
    town.answer(who)
    assert attempt(town, who) == "decided_another_step"


def test_a_manager_does_not_appoint_herself(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "karin")
    assert town.asked() == {"ny": ["johan"]}


def test_deciding_one_matter_bars_nobody_from_another(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    town.answer("karin")
    town.answer("petra")
    town.ask_for("elin", "johan")
    assert town.asked() == {"ny": ["karin"]}


def test_nobody_confirms_an_assignment_of_their_own(memory: Engine) -> None:
    """Tomelilla: each person has the manager's assignment, the manager too."""
    assignment = {"given_by": "line_manager", "clauses": ["exempelby:1"]}
    town = Town(memory, {"opening": [step("enhet", "decide", "communications")], "assignment": assignment})
    town.apply(administrators=["karin", "omar"], address="https://example.org/bibliotek")
    town.answer("petra")
    asked = {
        town.name_of(role_of(town, task.account_role_id)): town.holders(task) for task in town.open_tasks()
    }
    assert asked == {"karin": ["johan"], "omar": ["karin"]}
    (own,) = [task for task in town.open_tasks("johan")]
    with town.work() as session:
        session.add(TaskHolder(task_id=own.id or 0, person_id=town.people["karin"]))
    assert refused_of(town.confirm, "karin") == "is_applicant"


def role_of(town: Town, role_id: int | None) -> int:
    """Whose role it is."""
    return next(role.person_id for role in town.roles() if role.id == role_id)


# ---------------------------------------------------------------- repairs


REPAIRS: dict[str, Callable[[Town, str], object]] = {
    "reopen": lambda town, who: town.repair("reopen_step", who, step="chef"),
    "skip": lambda town, who: town.repair("skip_step", who, step="enhet"),
    "move": lambda town, who: town.repair(
        "move_task", who, task_id=town.open_tasks()[0].id, to_email=f"sara@{DOMAIN}"
    ),
    "end": lambda town, who: town.repair("end_application", who),
}


@pytest.mark.parametrize("repair", REPAIRS)
@pytest.mark.parametrize("who", ["elin", "karin", "sara", "lena"])
def test_only_communications_repairs(memory: Engine, repair: str, who: str) -> None:
    assert refused_of(REPAIRS[repair], waiting_for_unit(memory), who) == "only_communications"


@pytest.mark.parametrize("repair", REPAIRS)
def test_communications_repairs_what_it_has_not_decided(memory: Engine, repair: str) -> None:
    REPAIRS[repair](waiting_for_unit(memory), "david")


@pytest.mark.parametrize("repair", REPAIRS)
def test_who_applied_repairs_nothing(memory: Engine, repair: str) -> None:
    town = Town(memory, {"opening": CHAIN})
    town.apply("petra", unit="stab")
    town.answer("lena")
    town.answer("david", Outcome.ANSWERED)
    assert refused_of(REPAIRS[repair], town, "petra") == "four_eyes"


@pytest.mark.parametrize("repair", REPAIRS)
def test_who_decided_repairs_nothing(memory: Engine, repair: str) -> None:
    town = Town(memory, {"opening": CHAIN})
    town.apply()
    town.hand_over("karin", "petra")
    town.answer("petra")
    town.answer("david", Outcome.ANSWERED)
    assert refused_of(REPAIRS[repair], town, "petra") == "four_eyes"


def test_who_had_a_step_passed_over_decides_no_other(memory: Engine) -> None:
    town = Town(memory, {"opening": [CHAIN[0], CHAIN[2]]})
    town.apply()
    town.repair("skip_step", "petra", step="chef")
    assert town.asked() == {"enhet": ["david"]}
    assert attempt(town, "petra") == "decided_another_step"


def test_who_asked_to_close_does_not_choose_who_decides(memory: Engine) -> None:
    town = active(memory)
    town.ask_to_close("petra")
    (task,) = town.open_tasks()
    code = refused_of(town.repair, "move_task", "petra", task_id=task.id, to_email=f"sara@{DOMAIN}")
    assert code == "four_eyes"


def test_only_the_applicant_sends_and_withdraws(memory: Engine) -> None:
    town = Town(memory)
    town.draft()
    town.write(name="Biblioteket", platform="x", unit="bibliotek")
    assert refused_of(town.send, "omar") == "not_concerned"
    town.send()
    assert refused_of(town.withdraw, "karin") == "not_concerned"
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    assert refused_of(town.send, "petra") == "not_concerned"


def test_a_confirmation_is_no_answer_to_a_decision(memory: Engine) -> None:
    """The two kinds of act reach the same tasks by number; only the right one may count."""
    town = active(memory)
    town.ask_for("elin", "tove")
    (task,) = town.open_tasks()
    assert refused_of(confirm_as, town, task.id or 0, "karin") == "outcome_unknown"
    assert town.tasks()[-1].state is TaskState.OPEN


def confirm_as(town: Town, task_id: int, who: str) -> None:
    """Confirm a task of whatever kind."""
    with town.work() as session:
        answering.confirm(session, town.now, task_id=task_id, person_id=town.people[who], via="form")


def test_what_one_acknowledges_oneself_is_not_handed_over(memory: Engine) -> None:
    """REQUIREMENTS 2.3: each administrator has acknowledged."""
    rules = LIFE | {
        "documents": [
            {"document": "riktlinje", "label": "Riktlinjen", "edition": "1", "clauses": ["exempelby:1"]}
        ]
    }
    town = Town(memory, rules)
    town.apply(administrators=["elin"], address="https://example.org/bibliotek")
    town.answer("karin")
    assert refused_of(town.hand_over, "elin", "tove") == "only_yours"
    task_id = town.open_tasks("elin")[0].id
    code = refused_of(town.repair, "move_task", "david", task_id=task_id, to_email=f"tove@{DOMAIN}")
    assert code == "only_yours"


@pytest.mark.parametrize("who", ["sara", "lena", "tove"])
def test_who_has_nothing_to_do_with_an_account_asks_for_nothing(memory: Engine, who: str) -> None:
    town = active(memory)
    expected = "" if who == "sara" else "not_concerned"
    try:
        town.ask_to_close(who)
    except Refused as refused:
        assert refused.code == expected
    else:
        assert expected == ""


def test_who_was_only_asked_for_is_not_concerned_yet(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    assert refused_of(town.ask_to_close, "tove") == "not_concerned"
    assert town.people_in(AccountRoleKind.ADMINISTRATOR) == ["elin", "omar"]
    assert town.now == TUESDAY


def test_nobody_assigns_themselves_by_deciding(memory: Engine) -> None:
    chain = [step("chef", "decide", "line_manager", assigns=True)]
    assignment = {"given_by": "line_manager", "clauses": ["exempelby:1"]}
    town = Town(memory, {"opening": chain, "assignment": assignment})
    town.apply(administrators=["karin", "omar"], address="https://example.org/bibliotek")
    town.answer("karin")
    assert town.asked() == {"uppdrag": ["johan"]}
    assert town.role("omar").assigned_by_id == town.people["karin"]
    assert town.role("karin").assigned_by_id is None
