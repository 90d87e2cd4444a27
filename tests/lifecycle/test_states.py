"""The tables of states: complete, consistent, and no way around them."""

import pytest
from sqlalchemy import Engine

from lifecycle.process import END_NAMES
from lifecycle.refusals import Refused
from lifecycle.states import FINAL, MOVES, PERMITS, Act, change_state, demand
from models import LIVING, Account
from models import AccountState as S
from tests.lifecycle.town import TUESDAY, Town

LEADS_TO = {Act.SEND_PLAN: S.DECIDING, Act.WITHDRAW: S.WITHDRAWN, Act.ASK_TO_CLOSE: S.CLOSING}
"""What an act moves the account to, at once or when it is granted."""


def test_both_tables_know_every_state() -> None:
    assert set(MOVES) == set(PERMITS) == set(S)


def reachable(start: S) -> set[S]:
    """The state and all that may follow."""
    found, ahead = {start}, [start]
    while ahead:
        new = MOVES[ahead.pop()] - found
        found |= new
        ahead += new
    return found


def test_every_state_can_be_reached_from_a_draft() -> None:
    assert reachable(S.DRAFT) == set(S)


@pytest.mark.parametrize("state", sorted(set(S) - FINAL))
def test_every_life_can_end(state: S) -> None:
    assert reachable(state) & FINAL


def test_only_a_decline_and_a_lapse_are_final_and_yet_can_be_undone() -> None:
    """REQUIREMENTS 2.2: a wrong click is taken back, communications repairs."""
    assert {state: MOVES[state] for state in FINAL if MOVES[state]} == {
        S.DECLINED: {S.DECIDING},
        S.LAPSED: {S.SETTING_UP},
    }


def test_what_has_ended_permits_nothing_but_its_undoing() -> None:
    permitted = {state: PERMITS[state] for state in FINAL}
    assert permitted[S.CLOSED] == permitted[S.WITHDRAWN] == frozenset()
    assert permitted[S.DECLINED] <= {Act.ANSWER, Act.REPAIR}
    assert permitted[S.LAPSED] == {Act.REPAIR}


@pytest.mark.parametrize(("act", "state"), [(act, s) for act in LEADS_TO for s in S if act in PERMITS[s]])
def test_an_act_is_permitted_only_where_its_move_is(act: Act, state: S) -> None:
    assert LEADS_TO[act] in MOVES[state]


def test_only_what_was_approved_can_lapse_or_be_active() -> None:
    """REQUIREMENTS 2.2 and 2.3: approval, then setting up, then active; silence approves nothing."""
    assert [state for state in S if S.LAPSED in MOVES[state]] == [S.SETTING_UP]
    assert {state for state in S if S.ACTIVE in MOVES[state]} == {S.SETTING_UP, S.CLOSING}
    assert {state for state in S if S.SETTING_UP in MOVES[state]} == {S.DECIDING, S.LAPSED}


def test_an_active_account_ends_only_by_closing() -> None:
    assert MOVES[S.ACTIVE] == {S.CLOSING}
    assert [state for state in S if S.CLOSED in MOVES[state]] == [S.CLOSING]


def test_an_address_is_held_from_sending_until_the_end() -> None:
    assert set(LIVING) == set(S) - FINAL - {S.DRAFT}


def test_every_end_has_a_name_in_the_run_list() -> None:
    assert set(END_NAMES) == FINAL
    assert len(set(END_NAMES.values())) == len(FINAL)


@pytest.mark.parametrize(("act", "state"), [(act, s) for act in Act for s in S if act not in PERMITS[s]])
def test_what_is_not_permitted_is_refused(act: Act, state: S) -> None:
    with pytest.raises(Refused) as refused:
        demand(Account(state=state, municipality_id=1, policy_version_id=1, state_since=TUESDAY), act)
    assert refused.value.code == "state_forbids"


@pytest.mark.parametrize("to", sorted(set(S) - MOVES[S.DRAFT]))
def test_a_move_outside_the_table_fails_and_leaves_nothing(memory: Engine, to: S) -> None:
    town = Town(memory)
    town.draft()
    before = len(town.events())
    with pytest.raises(ValueError, match="may not go"), town.work() as session:
        change_state(session, session.get_one(Account, town.account_id), to, town.now)
    assert town.state is S.DRAFT
    assert len(town.events()) == before


def test_a_move_writes_old_and_new_to_the_log(memory: Engine) -> None:
    town = Town(memory)
    town.apply()
    moves = [event.facts for event in town.events("state_changed")]
    assert moves == [{"from": "draft", "to": "deciding"}]
