"""Changes while an account lives (REQUIREMENTS 2.7): by each policy, replacing, leaving, guests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from acts import caring
from acts.policies import adopt
from lifecycle.events import By
from lifecycle.refusals import Refused
from models import Account, AccountRole, AccountRoleKind, AccountState, Outcome, PolicyVersion, TaskState
from policies.loading import content_of, load_policy
from tests.lifecycle.town import CLAUSE, DOMAIN, Rule, Town, content, document, headcount, refused_of, step

CHIEF = [step("chef", "decide", "line_manager")]
GUESTS: Rule = {
    "at_most_days": 7,
    "chain": [CHIEF[0], step("enhet", "decide", "communications")],
    "clauses": [CLAUSE],
}
RULES: Rule = {"opening": CHIEF, "administrator_change": CHIEF, "guest": GUESTS}
ADMIN, GUEST = AccountRoleKind.ADMINISTRATOR, AccountRoleKind.GUEST
ADDRESS = "https://example.org/bibliotek"
MONDAY, NEXT_MONDAY = date(2026, 12, 7), date(2026, 12, 14)


def active(engine: Engine, people: dict[str, list[str]] | None = None, **rules: Any) -> Town:
    """An active account."""
    town = Town(engine, RULES | rules)
    named: dict[str, Any] = {"administrators": ["elin", "omar"]} if people is None else dict(people)
    town.apply(**named, address=ADDRESS)
    town.answer("karin")
    for who in ("elin", "omar") if "documents" in rules else ():
        town.confirm(who)
    assert town.state == "active"
    return town


# ---------------------------------------------------------------- by each municipality's policy


POLICIES = {
    "tomelilla": ({"assignment": ["karin"]}, True),
    "haninge": ({"decision": ["mats"]}, True),
    "tibro": ({}, True),
    "nassjo": ({}, True),
    "skurup": ({"appointment": ["sara"]}, True),
    "mall": ({"assignment": ["karin"]}, True),
}
"""Who decides on a new administrator, and whether something is acknowledged (REQUIREMENTS 1, the table)."""


@pytest.mark.parametrize("name", POLICIES)
def test_a_new_administrator_by_each_policy(memory: Engine, name: str) -> None:
    asked, acknowledges = POLICIES[name]
    town = Town(memory, policy=content_of(load_policy(name)))
    enter_active(town, ADMIN, "elin", "omar")
    town.ask_for("elin", "tove")
    assert town.asked() == (asked or {"kvittering": ["tove"]})
    for who in (holder for holders in asked.values() for holder in holders):
        town.answer(who)
    assert town.asked() == ({"kvittering": ["tove"]} if acknowledges else {})
    assert town.people_in() == ["elin", "omar"]
    town.confirm("tove")
    assert town.people_in() == ["elin", "omar", "tove"]
    if name == "haninge":
        assert town.told("informed") == ["david", "kommunikation", "petra"]


def enter_active(town: Town, kind: AccountRoleKind, *names: str) -> None:
    """An account that exists already, as an import enters it."""
    with town.work() as session:
        version = session.execute(select(PolicyVersion)).scalars().one()
        account = Account(
            municipality_id=town.municipality_id,
            unit_id=town.units["bibliotek"],
            platform="instagram",
            name="Biblioteket",
            state=AccountState.ACTIVE,
            state_since=town.now,
            policy_version_id=version.id or 0,
            imported=True,
            news=1,
        )
        session.add(account)
        session.flush()
        town.account_id = account.id or 0
        for who in names:
            role = AccountRole(
                account_id=town.account_id,
                person_id=town.people[who],
                kind=kind,
                asked_at=town.now,
                since_on=town.now.date(),
            )
            session.add(role)
    town.look()


# ---------------------------------------------------------------- a new one


def test_everybody_concerned_is_told(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    town.answer("karin")
    assert town.told("change_approved") == ["elin", "tove"]
    assert town.told("administrator_began") == ["tove"]


def test_a_refused_one_is_none_and_the_letter_waits_its_hour(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    town.answer("karin", Outcome.DECLINE, "Tove slutar snart.")
    assert (town.people_in(), town.asked(), town.account().waits_for) == (["elin", "omar"], {}, "Aktiv")
    letters = town.messages("change_refused")
    assert sorted(one.email for one in letters) == ["elin@example.org", "tove@example.org"]
    assert {one.not_before - one.queued_at for one in letters} == {timedelta(hours=1)}


def test_a_change_offers_no_changes_of_a_plan(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    assert refused_of(town.answer, "karin", Outcome.ASK_FOR_CHANGES) == "outcome_unknown"


@pytest.mark.parametrize(("who", "code"), [("omar", "already_administrator"), ("ingen", "person_unknown")])
def test_who_cannot_be_asked_for(memory: Engine, who: str, code: str) -> None:
    assert refused_of(active(memory).ask_for, "elin", who) == code


def test_nobody_is_asked_for_twice(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    assert refused_of(town.ask_for, "omar", "tove") == "already_administrator"


def test_no_more_than_the_policy_allows(memory: Engine) -> None:
    town = active(memory, headcounts=[headcount("administrator", at_most=2)])
    assert refused_of(town.ask_for, "elin", "tove") == "too_many_people"
    town.ask_for("elin", "tove", instead_of="omar")
    town.answer("karin")
    assert town.people_in() == ["elin", "tove"]


def test_nothing_is_changed_before_the_account_is_open(memory: Engine) -> None:
    town = Town(memory, RULES)
    town.apply(administrators=["elin"])
    assert refused_of(town.ask_for, "elin", "tove") == "state_forbids"


def test_two_changes_at_once_go_each_its_way(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove")
    town.ask_for("elin", "karin")
    assert [town.holders(task) for task in town.open_tasks()] == [["karin"], ["johan"]]
    town.answer("johan")
    assert town.people_in() == ["elin", "omar", "karin"]
    town.answer("karin", Outcome.DECLINE)
    assert town.people_in() == ["elin", "omar", "karin"]


def test_changes_that_nobody_can_decide_stand_red_in_peace(memory: Engine) -> None:
    """Two of them take no turns: each is told once, however often one looks."""
    rules = {"administrator_change": [step("diarium", "decide", "registry")]}
    town = Town(memory, RULES | rules, {"last_resort": "crisis_organisation"})
    town.apply(administrators=["elin"], address=ADDRESS)
    town.answer("karin")
    town.ask_for("elin", "tove")
    town.ask_for("elin", "omar")
    town.pass_days(20)
    assert len(town.events("stands_red")) == 1
    assert town.account().waits_for == "Aktiv · Står still: ingen kan svara för registratorn"
    town.posts("registry", "sara")
    town.pass_days(5)
    assert town.account().red_reason == ""
    assert [town.holders(task) for task in town.open_tasks()] == [["sara"], ["sara"]]


# ---------------------------------------------------------------- one instead of another


def test_the_one_replaced_ends_when_the_new_one_begins(memory: Engine) -> None:
    town = active(memory, documents=[document("riktlinje")])
    town.ask_for("elin", "tove", instead_of="omar")
    town.answer("karin")
    assert town.people_in() == ["elin", "omar"]
    town.now += timedelta(days=2)
    town.confirm("tove")
    assert town.people_in() == ["elin", "tove"]
    assert town.role("omar").until_on == town.role("tove").since_on == date(2026, 12, 3)
    assert town.told("administrator_ended") == ["omar"]


def test_nobody_ends_when_the_new_one_is_refused(memory: Engine) -> None:
    town = active(memory)
    town.ask_for("elin", "tove", instead_of="omar")
    town.answer("karin", Outcome.DECLINE)
    assert town.people_in() == ["elin", "omar"]


def test_a_role_of_another_account_is_not_replaced(memory: Engine) -> None:
    town = active(memory)
    other = town.role("omar").id
    enter_active(town, ADMIN, "elin")
    with town.work() as session:
        code = refused_of(
            caring.ask_for_administrator,
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people["elin"],
            email=f"tove@{DOMAIN}",
            instead_of_role_id=other,
            via="portal",
        )
    assert code == "nothing_to_repair"


# ---------------------------------------------------------------- too few left


def test_not_fewer_than_the_policy_demands(memory: Engine) -> None:
    """Skurup K2: two, also in holidays."""
    town = active(memory, headcounts=[headcount("administrator", at_least=2)])
    assert refused_of(town.end_role, "elin", "omar") == "too_few_left"
    assert town.people_in() == ["elin", "omar"]


def test_who_was_only_asked_for_fills_no_place(memory: Engine) -> None:
    town = active(memory, headcounts=[headcount("administrator", at_least=2)])
    town.ask_for("elin", "tove")
    assert refused_of(town.end_role, "elin", "omar") == "too_few_left"
    town.answer("karin")
    town.end_role("elin", "omar")
    assert town.people_in() == ["elin", "tove"]


def test_an_account_with_too_few_does_not_get_fewer(memory: Engine) -> None:
    town = active(memory, headcounts=[headcount("administrator", at_least=2)])
    town.leaves("omar")
    assert refused_of(town.end_role, "karin", "elin") == "too_few_left"


def test_who_has_left_can_be_ended_whatever_the_number(memory: Engine) -> None:
    town = active(memory, headcounts=[headcount("administrator", at_least=2)])
    town.leaves("omar")
    town.end_role("elin", "omar")
    assert town.people_in() == ["elin"]


def test_another_kind_may_end_though_there_are_too_few_of_this(memory: Engine) -> None:
    people = {"administrators": ["elin", "omar"], "substitute": ["tove"]}
    town = active(memory, people=people, headcounts=[headcount("administrator", at_least=2)])
    town.leaves("omar")
    town.end_role("elin", "tove", AccountRoleKind.SUBSTITUTE)
    assert town.people_in(AccountRoleKind.SUBSTITUTE) == []


def test_a_recommended_number_keeps_nobody(memory: Engine) -> None:
    town = active(memory, headcounts=[headcount("administrator", at_least=2, modality="should")])
    town.end_role("elin", "omar")
    assert town.people_in() == ["elin"]


def test_a_role_ends_once_and_only_when_it_has_begun(memory: Engine) -> None:
    town = active(memory)
    town.end_role("elin", "omar")
    assert refused_of(town.end_role, "elin", "omar") == "task_gone"
    assert len(town.events("administrator_ended")) == 1
    town.ask_for("elin", "tove")
    assert refused_of(town.end_role, "elin", "tove") == "task_gone"


# ---------------------------------------------------------------- guests


def guest_approved(engine: Engine, since: date = MONDAY, until: date = NEXT_MONDAY, **rules: Any) -> Town:
    """Tove is to be a guest."""
    town = active(engine, **rules)
    town.ask_for_guest("elin", "tove", since, until)
    town.answer("karin")
    town.answer("petra")
    return town


@pytest.mark.parametrize("rules", [{}, {"documents": [document("riktlinje")]}])
def test_a_guest_begins_and_ends_by_itself(memory: Engine, rules: Rule) -> None:
    """Tomelilla, Jobba i Tomelilla: a week each. Nobody has to press anything."""
    town = guest_approved(memory, **rules)
    if rules:
        town.confirm("tove")
    assert town.account().waits_for == "Aktiv · Gäst från 2026-12-07"
    town.pass_time(datetime(2026, 12, 7, 6, 59, tzinfo=UTC))
    assert town.people_in(GUEST) == []
    town.pass_time(datetime(2026, 12, 7, 7, tzinfo=UTC))
    assert (town.people_in(GUEST), town.account().waits_for) == (["tove"], "Aktiv")
    town.pass_time(datetime(2026, 12, 13, 22, tzinfo=UTC))
    assert town.people_in(GUEST) == ["tove"]
    town.pass_time(datetime(2026, 12, 14, 7, tzinfo=UTC))
    assert town.people_in(GUEST) == []
    assert town.role("tove", GUEST).since_on == MONDAY
    assert (town.told("administrator_began"), town.told("administrator_ended")) == (["tove"], ["tove"])
    assert town.people_in() == ["elin", "omar"]


def test_a_guest_is_approved_and_told_so_once(memory: Engine) -> None:
    town = guest_approved(memory)
    for _ in range(3):
        town.look()
    assert len(town.events("change_approved")) == 1


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        (MONDAY, date(2026, 12, 15), "too_many_days"),
        (MONDAY, MONDAY, "dates_wrong"),
        (NEXT_MONDAY, MONDAY, "dates_wrong"),
        (date(2026, 11, 30), date(2026, 12, 3), "dates_wrong"),
    ],
)
def test_impossible_dates(memory: Engine, since: date, until: date, code: str) -> None:
    assert refused_of(active(memory).ask_for_guest, "elin", "tove", since, until) == code


@pytest.mark.parametrize("guest", [None, GUESTS | {"when": {"platforms": ["facebook"]}}])
def test_no_guests_where_the_policy_knows_none(memory: Engine, guest: Rule | None) -> None:
    rules = {key: value for key, value in (RULES | {"guest": guest}).items() if value}
    town = Town(memory, rules)
    town.apply(administrators=["elin"], address=ADDRESS)
    town.answer("karin")
    assert refused_of(town.ask_for_guest, "elin", "tove", MONDAY, NEXT_MONDAY) == "guests_unknown"


def test_a_guest_whom_nobody_decided_on_is_no_guest_and_costs_nothing(memory: Engine) -> None:
    """The week begins and passes undecided: no looking every minute, no letters but the reminders."""
    town = active(memory)
    town.ask_for_guest("elin", "tove", MONDAY, NEXT_MONDAY)
    town.pass_time(datetime(2026, 12, 9, 12, tzinfo=UTC))
    wake_at = town.account().wake_at
    assert wake_at is not None and wake_at > town.now + timedelta(hours=12)
    town.pass_time(datetime(2026, 12, 14, 8, tzinfo=UTC))
    assert (town.asked(), town.people_in(GUEST), town.account().waits_for) == ({}, [], "Aktiv")
    assert town.events("administrator_began") == []
    assert town.tasks(step="chef")[-1].state is TaskState.WITHDRAWN


def test_a_guest_approved_too_late_never_begins(memory: Engine) -> None:
    town = active(memory)
    town.ask_for_guest("elin", "tove", MONDAY, NEXT_MONDAY)
    town.answer("karin")
    town.now = datetime(2026, 12, 13, 20, tzinfo=UTC)
    town.answer("petra", unseen=True)
    town.now = datetime(2026, 12, 14, 8, tzinfo=UTC)
    town.look()
    assert town.events("administrator_began") == []
    assert town.people_in(GUEST) == []


def test_a_guest_sent_home_early_ends_once(memory: Engine) -> None:
    town = guest_approved(memory)
    town.pass_time(datetime(2026, 12, 9, 9, tzinfo=UTC))
    town.end_role("elin", "tove", GUEST)
    assert town.people_in(GUEST) == []
    town.pass_days(10)
    assert len(town.events("administrator_ended")) == 1


# ---------------------------------------------------------------- which policy


def test_a_change_ends_under_the_policy_it_was_asked_under(memory: Engine) -> None:
    """A new version with other steps comes while it waits: nothing is asked twice, nothing is left over."""
    town = active(memory)
    town.ask_for("elin", "tove")
    new = content(RULES | {"administrator_change": [step("enhet", "decide", "communications")]}, {}, MONDAY)
    with town.work() as session:
        adopt(session, town.municipality_id, new, By(None, "cli"), town.now)
    town.pass_time(datetime(2026, 12, 8, 9, tzinfo=UTC))
    assert town.asked() == {"chef": ["karin"]}
    town.answer("karin")
    assert town.people_in() == ["elin", "omar", "tove"]
    town.ask_for("elin", "johan")
    assert town.asked() == {"enhet": ["petra", "david"]}


def test_changes_go_on_while_the_account_is_being_closed(memory: Engine) -> None:
    """Somebody leaves in the middle of it: the replacement must not wait for ever."""
    lines = [{"item": "bild", "label": "Bild", "confirmed_by": "administrator", "clauses": [CLAUSE]}]
    town = active(memory, closing_items=lines)
    town.ask_to_close("elin")
    assert town.state == "closing"
    town.ask_for("elin", "tove", instead_of="omar")
    town.answer("karin")
    assert (town.state, town.people_in()) == ("closing", ["elin", "tove"])


# ---------------------------------------------------------------- assignments


ASSIGNMENT: Rule = {"given_by": "line_manager", "clauses": [CLAUSE]}


def test_a_new_administrator_has_the_demanded_assignment_too(memory: Engine) -> None:
    """Where no step of the chain gives it, it is asked for; the role does not begin without."""
    chain = [step("enhet", "decide", "communications")]
    town = active(memory, administrator_change=chain)
    adopt_more(town, administrator_change=chain, assignment=ASSIGNMENT)
    town.ask_for("elin", "tove")
    town.answer("petra")
    assert town.asked() == {"uppdrag": ["karin"]}
    assert town.account().waits_for == "Aktiv · Väntar på uppdrag för ny administratör"
    town.confirm("karin")
    assert town.people_in() == ["elin", "omar", "tove"]
    assert town.role("tove").assigned_by_id == town.people["karin"]


def test_it_stands_red_when_nobody_can_give_the_assignment_and_goes_on_when_somebody_can(
    memory: Engine,
) -> None:
    """REQUIREMENTS 2.2: it never passes, and never stands still unseen."""
    chain = [step("enhet", "decide", "communications")]
    town = active(memory, administrator_change=chain)
    nobody = ASSIGNMENT | {"given_by": "registry"}
    adopt_more(town, {"last_resort": "registry"}, administrator_change=chain, assignment=nobody)
    role_id = town.ask_for("elin", "tove")
    town.answer("petra")
    assert (town.asked(), town.account().red_reason) == ({}, f"no_holder:change:{role_id}")
    town.posts("registry", "sara")
    town.pass_days(2)
    assert (town.asked(), town.account().red_reason) == ({"uppdrag": ["sara"]}, "")
    town.confirm("sara")
    assert town.people_in() == ["elin", "omar", "tove"]


def test_an_assignment_that_is_only_recommended_holds_nobody_back(memory: Engine) -> None:
    chain = [step("enhet", "decide", "communications")]
    town = active(memory, administrator_change=chain)
    adopt_more(town, administrator_change=chain, assignment=ASSIGNMENT | {"modality": "should"})
    town.ask_for("elin", "tove")
    town.answer("petra")
    assert town.people_in() == ["elin", "omar", "tove"]


def adopt_more(town: Town, settings: Rule | None = None, /, **rules: Any) -> None:
    """A new version of the policy, in force from today."""
    with town.work() as session:
        given = content(RULES | rules, settings or {}, town.now.date())
        adopt(session, town.municipality_id, given, By(None, "cli"), town.now)


def test_who_is_replaced_has_the_same_role(memory: Engine) -> None:
    """Otherwise a role would be emptied that the policy demands."""
    town = active(memory, people={"responsible": ["omar"], "administrators": ["elin"]})
    with pytest.raises(Refused) as refused, town.work() as session:
        caring.ask_for_administrator(
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people["elin"],
            email=f"tove@{DOMAIN}",
            instead_of_role_id=town.role("omar", AccountRoleKind.RESPONSIBLE).id,
            via="portal",
        )
    assert refused.value.code == "not_same_role"


# ---------------------------------------------------------------- people who leave


def test_a_question_is_put_to_others_when_those_asked_have_left(memory: Engine) -> None:
    """REQUIREMENTS 2.2: the substitute, then one level up."""
    town = active(memory)
    town.ask_for("elin", "tove")
    assert town.asked() == {"chef": ["karin"]}
    town.leaves("karin")
    town.look()
    assert town.asked() == {"chef": ["johan"]}
