"""Which questions are decisions, and that no path answers one by less than the rules want."""

import pytest

from lifecycle.duty_tasks import answer_duty, open_duty
from lifecycle.identifying import DECISIONS, SignedIn
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.roles import Holder
from models import Outcome, Person, TaskKind
from policies.keys import Role
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import Town

NO_DECISIONS = {
    TaskKind.CONSULT: "advice binds nobody",
    TaskKind.INFORM: "nothing is asked",
    TaskKind.REVISE_PLAN: "what is applied for is decided afterwards",
    TaskKind.CONFIRM_ITEM: "a line of a checklist says what has been done",
    TaskKind.ACKNOWLEDGE: "one has read it",
    TaskKind.WATCH: "one has looked",
    TaskKind.TELL_POSTS: "what was seen",
    TaskKind.POST: "why nothing was posted",
    TaskKind.WARN: "one has read it",
    TaskKind.TAKE_SNAPSHOT: "a picture",
    TaskKind.WEED: "what has been done",
    TaskKind.REVIEW_GUIDELINE: "new rules are decided on by themselves",
    TaskKind.RENEW: "a line of a checklist",
    TaskKind.LOOK_INTO: "what has been put right",
    TaskKind.HANDLE: "what has been done about a case",
    TaskKind.INVENTORY: "whose an account is",
}


def test_every_kind_of_task_is_a_decision_or_it_is_said_why_not() -> None:
    assert DECISIONS.isdisjoint(NO_DECISIONS) and DECISIONS | set(NO_DECISIONS) == set(TaskKind)


@pytest.mark.parametrize("kind", [TaskKind.REVIEW, TaskKind.EVALUATE, TaskKind.APPROVE_POLICY, TaskKind.WEED])
@pytest.mark.parametrize("signed", [False, True])
def test_a_duty_that_is_a_decision_wants_a_sign_in(kind: TaskKind, signed: bool) -> None:
    town = Town(memory_engine(), {"opening": []}, settings={"signing": "sign-in"})
    with town.work() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        task = open_duty(
            session,
            law,
            None,
            town.now,
            kind=kind,
            once_key="1",
            step="steg",
            label="En fråga",
            rule=None,
            role=Role.COMMUNICATIONS,
            holders=[Holder(town.people["petra"])],
        )
        assert task is not None
        petra = session.get_one(Person, town.people["petra"])
        identity = SignedIn("https://idp.example.org", town.now, "", (), "p", petra.email)
        how = {"outcome": Outcome.APPROVE, "via": "portal", "signed_in": identity if signed else None}
        if signed or kind not in DECISIONS:
            answer_duty(session, task, petra, town.now, **how)
            return
        with pytest.raises(Refused) as refused:
            answer_duty(session, task, petra, town.now, **how)
        assert refused.value.code == "sign_in_needed"
