"""Finding the person behind a role (REQUIREMENTS 2.2): the tree, posts, the account's people, who else."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from lifecycle.roles import Bars, Holder, find_holders, units_upwards
from models import Account, Unit, UnitLevel
from policies.keys import Role
from tests.lifecycle.town import Town, step

TODAY = date(2026, 12, 1)
Found = list[tuple[str, list[str]]]


@pytest.fixture
def town(memory: Engine) -> Town:
    """With an application by Elin at the library, waiting for its manager."""
    town = Town(memory)
    town.apply()
    return town


def find(
    town: Town,
    role: Role,
    *,
    asked_by: list[str] | None = None,
    decided: list[str] | None = None,
    last_resort: Role = Role.COMMUNICATIONS_DIRECTOR,
) -> Found:
    """Who is found, and by which turns; Elin has asked unless others are named."""
    initiators = frozenset(town.people[who] for who in (["elin"] if asked_by is None else asked_by))
    bars = Bars(initiators, frozenset(town.people[who] for who in decided or []))
    with town.reading() as session:
        account = session.get_one(Account, town.account_id)
        found = find_holders(session, account, role, bars=bars, last_resort=last_resort, on=TODAY)
    return [(town.name_of(one.person_id), [why["code"] for why in one.why]) for one in found]


def holder(town: Town, role: Role, *, asked_by: list[str]) -> Holder:
    """The one who is found, whole."""
    bars = Bars(frozenset(town.people[who] for who in asked_by))
    with town.reading() as session:
        account = session.get_one(Account, town.account_id)
        (one,) = find_holders(
            session, account, role, bars=bars, last_resort=Role.COMMUNICATIONS_DIRECTOR, on=TODAY
        )
    return one


def change_unit(town: Town, code: str, **values: object) -> None:
    """Reorganise."""
    with town.work() as session:
        unit = session.get_one(Unit, town.units[code])
        for name, value in values.items():
            setattr(unit, name, value)


# ---------------------------------------------------------------- the straight way


@pytest.mark.parametrize(
    ("role", "who"),
    [
        (Role.LINE_MANAGER, "karin"),
        (Role.HEAD_OF_OPERATION, "sara"),
        (Role.HEAD_OF_DEPARTMENT, "mats"),
        (Role.COMMUNICATIONS_DIRECTOR, "lena"),
    ],
)
def test_the_straight_way_has_no_reasons(town: Town, role: Role, who: str) -> None:
    assert find(town, role) == [(who, [])]


def test_a_group_is_all_its_members(town: Town) -> None:
    assert find(town, Role.COMMUNICATIONS) == [("petra", []), ("david", [])]


# ---------------------------------------------------------------- the tree


def test_a_missing_level_gives_way_to_the_one_above_with_its_reason(town: Town) -> None:
    change_unit(town, "biblioteken", level=UnitLevel.UNIT)
    assert find(town, Role.HEAD_OF_OPERATION) == [("mats", ["one_level_up"])]


def test_without_any_department_the_head_of_the_municipality_answers(town: Town) -> None:
    change_unit(town, "kultur", level=UnitLevel.UNIT)
    assert find(town, Role.HEAD_OF_DEPARTMENT) == [("birgitta", ["one_level_up"])]


def test_a_unit_that_is_itself_of_the_level_is_the_nearest(town: Town) -> None:
    with town.work() as session:
        session.get_one(Account, town.account_id).unit_id = town.units["kultur"]
    assert find(town, Role.HEAD_OF_DEPARTMENT) == [("mats", [])]
    assert find(town, Role.LINE_MANAGER) == [("mats", [])]


def test_an_empty_chair_gives_way_one_level_up(town: Town) -> None:
    town.empties("bibliotek")
    assert find(town, Role.LINE_MANAGER) == [("sara", ["post_empty", "one_level_up"])]


def test_several_empty_chairs(town: Town) -> None:
    town.empties("bibliotek", "biblioteken", "kultur")
    codes = ["post_empty", "one_level_up"] * 3
    assert find(town, Role.LINE_MANAGER) == [("birgitta", codes)]


def test_a_tree_of_empty_chairs_ends_at_the_last_resort(town: Town) -> None:
    town.empties("bibliotek", "biblioteken", "kultur", "kommun")
    ((who, codes),) = find(town, Role.LINE_MANAGER)
    assert (who, codes[-1]) == ("lena", "last_resort")


def test_a_loop_in_the_tree_ends_the_search(town: Town) -> None:
    town.empties("bibliotek", "biblioteken", "kultur", "kommun")
    change_unit(town, "kommun", parent_id=town.units["bibliotek"])
    assert find(town, Role.LINE_MANAGER)[0][0] == "lena"
    with town.reading() as session:
        walked = [unit.code for unit in units_upwards(session, town.units["bibliotek"])]
    assert walked == ["bibliotek", "biblioteken", "kultur", "kommun"]


def test_an_account_without_unit_follows_its_applicant(town: Town) -> None:
    with town.work() as session:
        session.get_one(Account, town.account_id).unit_id = None
    assert find(town, Role.LINE_MANAGER) == [("karin", [])]


# ---------------------------------------------------------------- who may not


def test_a_manager_who_applied_gives_way_to_the_substitute(town: Town) -> None:
    assert find(town, Role.LINE_MANAGER, asked_by=["karin"]) == [("johan", ["is_applicant", "stands_in_for"])]
    one = holder(town, Role.LINE_MANAGER, asked_by=["karin"])
    assert town.name_of(one.instead_of_id) == "karin"


def test_a_substitute_who_applied_too_is_passed_over(town: Town) -> None:
    found = find(town, Role.LINE_MANAGER, asked_by=["karin", "johan"])
    assert found == [("sara", ["is_applicant", "is_applicant", "one_level_up"])]


def test_without_substitute_it_goes_one_level_up(town: Town) -> None:
    town.substitute("karin", None)
    assert find(town, Role.LINE_MANAGER, asked_by=["karin"]) == [("sara", ["is_applicant", "one_level_up"])]


def test_who_has_decided_another_step_gives_way(town: Town) -> None:
    found = find(town, Role.LINE_MANAGER, decided=["karin"])
    assert found == [("johan", ["decided_another_step", "stands_in_for"])]


def test_the_same_person_on_two_levels_is_passed_over_on_both(town: Town) -> None:
    change_unit(town, "biblioteken", line_manager_id=town.people["karin"])
    town.substitute("karin", None)
    ((who, codes),) = find(town, Role.LINE_MANAGER, asked_by=["karin"])
    assert who == "mats"
    assert codes.count("is_applicant") == 2


def test_a_manager_who_has_left_gives_way(town: Town) -> None:
    town.leaves("karin")
    assert find(town, Role.LINE_MANAGER) == [("johan", ["has_left", "stands_in_for"])]


def test_a_substitute_who_has_left_is_passed_over(town: Town) -> None:
    town.leaves("karin")
    town.leaves("johan")
    assert find(town, Role.LINE_MANAGER) == [("sara", ["has_left", "has_left", "one_level_up"])]


def test_who_leaves_tomorrow_still_answers_today(town: Town) -> None:
    town.leaves("karin", TODAY + timedelta(days=1))
    assert find(town, Role.LINE_MANAGER) == [("karin", [])]


# ---------------------------------------------------------------- posts and groups


def test_a_member_of_the_group_who_applied_is_left_out(town: Town) -> None:
    assert find(town, Role.COMMUNICATIONS, asked_by=["petra"]) == [("david", [])]


def test_a_member_who_has_left_is_left_out(town: Town) -> None:
    town.leaves("david")
    assert find(town, Role.COMMUNICATIONS) == [("petra", [])]


def test_a_group_of_one_who_applied_gives_way_to_the_substitute(town: Town) -> None:
    town.posts("communications", "petra")
    town.substitute("petra", "david")
    assert find(town, Role.COMMUNICATIONS, asked_by=["petra"]) == [
        ("david", ["is_applicant", "stands_in_for"])
    ]


def test_a_group_in_which_nobody_may_goes_one_level_up(town: Town) -> None:
    ((who, codes),) = find(town, Role.COMMUNICATIONS, asked_by=["petra", "david"])
    assert (who, codes[-1]) == ("lena", "one_level_up")


def test_a_director_who_applied_gives_way_one_level_up(town: Town) -> None:
    found = find(town, Role.COMMUNICATIONS_DIRECTOR, asked_by=["lena"])
    assert found == [("birgitta", ["is_applicant", "one_level_up"])]


def test_an_empty_post_goes_to_the_last_resort(town: Town) -> None:
    town.posts("communications")
    assert find(town, Role.COMMUNICATIONS) == [("lena", ["post_empty", "last_resort"])]


@pytest.mark.parametrize(
    ("last_resort", "who"),
    [(Role.COMMUNICATIONS, ["petra", "david"]), (Role.HEAD_OF_DEPARTMENT, ["mats"])],
)
def test_any_role_can_be_the_last_resort(town: Town, last_resort: Role, who: list[str]) -> None:
    town.posts("registry")
    found = find(town, Role.REGISTRY, last_resort=last_resort)
    assert [(name, codes[-1]) for name, codes in found] == [(one, "last_resort") for one in who]


def test_a_last_resort_who_applied_is_none(town: Town) -> None:
    """REQUIREMENTS 2.2: if none is left the application stands red, it never passes."""
    town.posts("communications")
    assert find(town, Role.COMMUNICATIONS, asked_by=["lena"]) == []


# ---------------------------------------------------------------- the account's people


def test_before_it_has_people_the_applicant_answers_for_the_account(town: Town) -> None:
    assert find(town, Role.RESPONSIBLE, asked_by=[]) == [("elin", [])]


def test_the_responsible_and_the_administrators_stand_in_for_each_other(memory: Engine) -> None:
    town = Town(memory, {"opening": [step("chef", "decide", "line_manager")]})
    town.apply(responsible=["omar"], administrators=["elin", "tove"], address="https://example.org/a")
    town.answer("karin")
    assert find(town, Role.RESPONSIBLE, asked_by=[]) == [("omar", [])]
    assert find(town, Role.ADMINISTRATOR, asked_by=[]) == [("elin", []), ("tove", [])]
    town.leaves("omar")
    assert find(town, Role.RESPONSIBLE, asked_by=[]) == [("elin", []), ("tove", [])]


def test_who_was_only_asked_for_has_no_role_yet(memory: Engine) -> None:
    changing = [step("chef", "decide", "line_manager")]
    town = Town(memory, {"opening": changing, "administrator_change": changing})
    town.apply(administrators=["elin"], address="https://example.org/a")
    town.answer("karin")
    town.ask_for("elin", "tove")
    assert find(town, Role.ADMINISTRATOR, asked_by=[]) == [("elin", [])]


# ---------------------------------------------------------------- what follows in the matter


def test_nobody_at_all_stands_red_and_passes_nothing(memory: Engine) -> None:
    town = Town(memory)
    town.posts("communications")
    town.posts("communications_director")
    town.apply()
    town.answer("karin")
    account = town.account()
    assert (account.state, account.red_reason) == ("deciding", "no_holder:enhet")
    assert account.waits_for == "Står still: ingen kan svara för kommunikationsenheten"
    assert town.open_tasks() == []
    town.pass_days(30)
    assert town.state == "deciding"
    town.posts("communications", "david")
    town.pass_days(5)
    assert town.asked() == {"enhet": ["david"]}
    assert town.account().red_reason == ""


def test_red_is_told_to_communications_once(memory: Engine) -> None:
    rules = {"opening": [step("diarium", "decide", "registry")]}
    town = Town(memory, rules, {"last_resort": "crisis_organisation"})
    town.apply()
    town.pass_days(20)
    assert town.told("stands_red") == ["david", "kommunikation", "petra"]
    assert len(town.events("stands_red")) == 1


def test_red_reaches_somebody_when_communications_itself_is_empty(memory: Engine) -> None:
    town = Town(memory)
    town.posts("communications")
    town.apply("lena", unit="stab")
    town.answer("birgitta")
    assert town.account().red_reason == "no_holder:enhet"
    assert "kommunikation" in town.told("stands_red")
    assert "lena" in town.told("stands_red")


def test_each_turn_stands_in_the_log(memory: Engine) -> None:
    """REQUIREMENTS 2.2: each with its reason in letter and audit."""
    town = Town(memory)
    town.apply("karin")
    (asked,) = town.events("decision_asked")
    karin = town.people["karin"]
    because = [{"code": "is_applicant", "person_id": karin}, {"code": "stands_in_for", "person_id": karin}]
    assert asked.facts["why"] == [{"person": town.people["johan"], "because": because}]


def test_common_accounts_belong_to_the_role_that_owns_them(memory: Engine) -> None:
    """Tibro 2, Tomelilla: common accounts are communications'."""
    owner = {"unit_demanded": True, "common_owned_by": "communications", "clauses": ["exempelby:1"]}
    town = Town(memory, {"opening": [step("chef", "decide", "line_manager")], "owner": owner})
    town.apply("elin", unit="", account_class="common")
    assert town.asked() == {"chef": ["lena"]}
