"""The machine's clock is set back an hour in the middle of a decision: nothing is lost, and all adds up."""

from lifecycle.invariants import violations
from lifecycle.journal import verify
from models import AccountState, Outcome
from runtime.database import reading
from tests.figures import prove
from tests.web.test_questions import APPROVE
from tests.web.visitor import Portal, plain
from tests.web.world import World

SECTION = "Faults that pass by themselves"


def test_decisions_go_on_and_the_chain_holds(world: World, portal: Portal) -> None:
    account_id = world.sent()
    task_id = world.open_task(account_id)
    bo = portal.visitor()
    bo.open(world.task_link(task_id, "bo"))
    world.wait(hours=-1)
    assert "ditt svar är registrerat" in plain(bo.post("svar", APPROVE))
    world.look(account_id)
    world.answer(world.open_task(account_id), "disa")
    world.look(account_id)
    assert world.task(task_id).outcome is Outcome.APPROVE
    assert world.account(account_id).state is AccountState.SETTING_UP
    world.wait(hours=1)
    with reading(world.engine) as session:
        wrong = [*verify(session, 1).breaks, *violations(session, 1, world.now)]
    prove(SECTION, "breaks of chain and invariants when the clock is set back an hour", len(wrong), 0)
    assert wrong == []
