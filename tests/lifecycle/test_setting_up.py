"""Before an account is opened (REQUIREMENTS 2.3): the list, assignments, and approvals that lapse."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from models import AccountRoleKind, Outcome, TaskState
from tests.lifecycle.town import CLAUSE, TUESDAY, Rule, Town, document, headcount, item, refused_of, step

CHAIN = [step("chef", "decide", "line_manager")]
ADDRESS = "https://example.org/bibliotek"
ASSIGNMENT = {"given_by": "line_manager", "clauses": [CLAUSE]}


def approved(
    engine: Engine, address: str = ADDRESS, people: dict[str, list[str]] | None = None, **rules: object
) -> Town:
    """An approved application."""
    town = Town(engine, {"opening": CHAIN} | rules)
    named: dict[str, Any] = {"administrators": ["elin", "omar"]} if people is None else dict(people)
    town.apply(**named, address=address)
    town.answer("karin")
    return town


# ---------------------------------------------------------------- who is asked


def test_a_line_is_asked_of_its_role(memory: Engine) -> None:
    lines = [
        item("ansvarig"),
        item("administrator", confirmed_by="administrator"),
        item("enhet", confirmed_by="communications"),
        item("chef", confirmed_by="line_manager"),
        item("sokande", confirmed_by="applicant"),
    ]
    people = {"responsible": ["tove"], "administrators": ["elin", "omar"]}
    town = approved(memory, people=people, setting_up=lines)
    assert town.asked() == {
        "ansvarig": ["tove"],
        "administrator": ["elin", "omar"],
        "enhet": ["petra", "david"],
        "chef": ["karin"],
        "sokande": ["elin"],
    }


def test_one_of_those_asked_is_enough(memory: Engine) -> None:
    town = approved(memory, setting_up=[item("rad", confirmed_by="administrator")])
    town.confirm("omar")
    assert town.state == "active"
    (task,) = town.tasks(step="rad")
    assert (task.outcome, task.answered_by_id) == ("confirmed", town.people["omar"])


def test_each_for_their_own_part(memory: Engine) -> None:
    town = approved(memory, setting_up=[item("rad", confirmed_by="administrator", each_administrator=True)])
    assert [town.holders(task) for task in town.open_tasks()] == [["elin"], ["omar"]]
    town.confirm("omar")
    assert (town.state, town.asked()) == ("setting_up", {"rad": ["elin"]})
    town.confirm("elin")
    assert town.state == "active"


def test_everybody_is_told_once_of_their_whole_list(memory: Engine) -> None:
    town = approved(memory, setting_up=[item("ett"), item("tva"), item("tre", confirmed_by="communications")])
    for _ in range(3):
        town.look()
    assert town.told("checklist") == ["david", "elin", "omar", "petra"]


@pytest.mark.parametrize(("modality", "blocks"), [("must", True), ("should", False), ("may", False)])
def test_only_what_must_be_done_blocks(memory: Engine, modality: str, blocks: bool) -> None:
    town = approved(memory, setting_up=[item("rad", modality=modality)])
    assert town.state == ("setting_up" if blocks else "active")


def test_what_is_recommended_can_still_be_confirmed_when_the_account_is_open(memory: Engine) -> None:
    town = approved(memory, setting_up=[item("rad", modality="should")])
    town.confirm("elin")
    assert town.tasks(step="rad")[0].state is TaskState.DONE


def test_a_line_that_nobody_can_confirm_stands_red_and_passes_nothing(memory: Engine) -> None:
    rules: Rule = {"opening": CHAIN, "setting_up": [item("diarium", confirmed_by="registry"), item("rad")]}
    town = Town(memory, rules, {"last_resort": "crisis_organisation"})
    town.apply(address=ADDRESS)
    town.answer("karin")
    assert (town.account().red_reason, town.asked()) == ("no_holder:diarium", {"rad": ["elin"]})
    town.confirm("elin")
    assert town.state == "setting_up"
    town.posts("registry", "tove")
    town.pass_days(3)
    assert (town.account().red_reason, town.asked()) == ("", {"diarium": ["tove"]})
    town.confirm("tove")
    assert town.state == "active"


# ---------------------------------------------------------------- what is said


def test_a_place_is_told_and_kept_but_never_a_password(memory: Engine) -> None:
    """REQUIREMENTS 2.3: Kanalvakt never stores a password."""
    town = approved(memory, setting_up=[item("rad", place=True)])
    assert refused_of(town.confirm, "elin") == "place_missing"
    assert refused_of(town.confirm, "elin", place="  ") == "place_missing"
    for secret in ("lösenord: hemligt1", "Losen=abc123", "password : x", "PIN:1234", "pwd=abc"):
        assert refused_of(town.confirm, "elin", place=secret) == "looks_like_secret"
    town.confirm("elin", place="Kommunens lösenordsvalv, mapp 7")
    assert town.account().log_in_kept_at == "Kommunens lösenordsvalv, mapp 7"


def test_one_of_several_ways(memory: Engine) -> None:
    ways = [{"way": "a", "label": "A"}, {"way": "b", "label": "B"}]
    town = approved(memory, setting_up=[item("rad", ways=ways)])
    assert refused_of(town.confirm, "elin") == "way_missing"
    assert refused_of(town.confirm, "elin", way="c") == "way_missing"
    town.confirm("elin", way="b")
    assert town.tasks(step="rad")[0].details["way"] == "b"


def test_nothing_endless_is_kept(engine: Engine) -> None:
    town = approved(engine, address="", setting_up=[item("rad", place=True)])
    assert refused_of(town.confirm, "elin", "rad", place="x" * 301) == "text_too_long"
    far = "https://example.org/" + "x" * 300
    assert refused_of(town.confirm, "elin", "kontots-adress", address=far) == "text_too_long"


def test_without_an_address_it_is_asked_for(memory: Engine) -> None:
    town = approved(memory, address="")
    assert town.asked() == {"kontots-adress": ["elin", "omar"]}
    assert refused_of(town.confirm, "elin") == "address_wrong"
    assert refused_of(town.confirm, "elin", address="biblioteket") == "address_wrong"
    town.confirm("elin", address=ADDRESS)
    assert (town.state, town.account().address) == ("active", ADDRESS)


def test_and_it_is_nobody_elses(memory: Engine) -> None:
    town = Town(memory, {"opening": CHAIN})
    town.apply("omar", address=ADDRESS)
    town.apply("elin")
    town.answer("karin", step="chef")
    assert refused_of(town.confirm, "elin", address=ADDRESS) == "address_taken"
    assert town.state == "setting_up"


# ---------------------------------------------------------------- assignments and documents


def test_the_decision_that_assigns_gives_everybody_a_dated_assignment(memory: Engine) -> None:
    """Tomelilla, Anställdas användning: documented, before use."""
    chain = [CHAIN[0] | {"assigns": True}, step("enhet", "decide", "communications")]
    town = approved(memory, opening=chain, assignment=ASSIGNMENT)
    town.now += timedelta(days=2)
    town.answer("petra")
    assert town.state == "active"
    for who in ("elin", "omar"):
        role = town.role(who)
        assert (role.assigned_by_id, role.assigned_on) == (town.people["karin"], TUESDAY.date())


def test_without_such_a_decision_it_is_asked_for_person_by_person(memory: Engine) -> None:
    town = approved(memory, assignment=ASSIGNMENT)
    assert [town.holders(task) for task in town.open_tasks()] == [["karin"], ["karin"]]
    town.confirm("karin")
    assert town.state == "active"
    assert town.role("omar").assigned_by_id == town.people["karin"]


def test_each_administrator_acknowledges_all_documents_in_their_editions(memory: Engine) -> None:
    documents = [document("riktlinje"), document("policy", edition="2025-11-01", modality="should")]
    town = approved(
        memory, people={"responsible": ["tove"], "administrators": ["elin", "omar"]}, documents=documents
    )
    assert [town.holders(task) for task in town.open_tasks()] == [["elin"], ["omar"]]
    town.confirm("elin")
    town.confirm("omar")
    role = town.role("elin")
    assert role.acknowledged == "Dokumentet riktlinje (2026); Dokumentet policy (2025-11-01)"
    assert (role.acknowledged_at, town.state) == (TUESDAY, "active")


@pytest.mark.parametrize(
    ("strengths", "blocks"),
    [(["should", "must"], True), (["should", "should"], False), (["may", "should"], False)],
)
def test_one_document_that_must_be_read_blocks(memory: Engine, strengths: list[str], blocks: bool) -> None:
    documents = [document(f"d{n}", modality=one) for n, one in enumerate(strengths)]
    town = approved(memory, documents=documents)
    assert town.state == ("setting_up" if blocks else "active")


# ---------------------------------------------------------------- how many


@pytest.mark.parametrize(
    ("rule", "people", "opens"),
    [
        (headcount("administrator", at_least=2), {"administrators": ["elin"]}, False),
        (headcount("administrator", at_least=2), {"administrators": ["elin", "omar"]}, True),
        (headcount("administrator", at_least=2, modality="should"), {"administrators": ["elin"]}, True),
        (headcount("administrator", at_most=1), {"administrators": ["elin", "omar"]}, False),
        (headcount("responsible", at_least=1), {"administrators": ["elin"]}, False),
        (headcount("substitute", at_least=1), {"substitute": ["tove"]}, True),
        (
            headcount("administrator", at_least=2, same_unit=True),
            {"administrators": ["elin", "petra"]},
            False,
        ),
        (headcount("administrator", at_least=1, same_unit=True), {"administrators": ["elin", "petra"]}, True),
    ],
)
def test_headcounts(memory: Engine, rule: Rule, people: dict[str, list[str]], opens: bool) -> None:
    town = approved(memory, people=people, headcounts=[rule])
    account = town.account()
    assert account.state == ("active" if opens else "setting_up")
    assert account.red_reason == ("" if opens else "too_few_people")


def test_who_left_meanwhile_is_no_administrator(memory: Engine) -> None:
    """Left after the plan was sent: the approval stands, the account opens only with enough people."""
    town = Town(memory, {"opening": CHAIN, "headcounts": [headcount("administrator", at_least=2)]})
    town.apply(administrators=["elin", "omar"], address=ADDRESS)
    town.leaves("omar")
    town.answer("karin")
    assert (town.state, town.account().red_reason) == ("setting_up", "too_few_people")
    assert town.told("stands_red") == ["david", "kommunikation", "petra"]


def test_nobody_left_of_those_the_plan_named_is_too_few(memory: Engine) -> None:
    town = Town(memory, {"opening": CHAIN})
    town.apply(administrators=["omar"], address=ADDRESS)
    town.leaves("omar")
    town.answer("karin")
    assert (town.state, town.account().red_reason) == ("setting_up", "too_few_people")


def test_what_was_asked_of_one_who_left_is_asked_of_nobody(memory: Engine) -> None:
    town = approved(memory, documents=[document("riktlinje")])
    town.confirm("elin")
    town.leaves("omar")
    town.look()
    assert (town.state, town.people_in()) == ("active", ["elin", "omar"])
    assert town.tasks()[-1].state is TaskState.WITHDRAWN


# ---------------------------------------------------------------- lapsing


def reminded(town: Town) -> list[str]:
    """When reminders went, by date."""
    return [f"{event.at:%m-%d %H}" for event in town.events("items_reminded")]


def test_an_approval_lapses_after_two_reminders(memory: Engine) -> None:
    """Fifteen, thirty and forty working days after 1 December, at eight in the morning."""
    town = approved(memory, setting_up=[item("rad"), item("val", modality="should")])
    town.pass_time(datetime(2027, 2, 2, 6, 59, tzinfo=UTC))
    assert (town.state, reminded(town)) == ("setting_up", ["12-22 07", "01-19 07"])
    town.pass_days(1)
    account = town.account()
    assert (account.state, account.waits_for, account.wake_at) == ("lapsed", "Förföll", None)
    assert town.asked() == {}
    assert {"elin", "omar", "petra", "david"} <= set(town.told("application_lapsed"))


def test_the_letters_say_when_it_lapses(memory: Engine) -> None:
    town = approved(memory, setting_up=[item("rad")])
    town.pass_days(80)
    (lapsed,) = town.events("application_lapsed")
    contexts = [letter.context for letter in town.messages("checklist_reminder")]
    assert [one["number"] for one in contexts] == [1, 1, 2, 2]
    assert {one["lapses_on"] for one in contexts} == {f"{lapsed.at:%Y-%m-%d}"}


def test_what_is_recommended_is_reminded_of_and_never_escalated(memory: Engine) -> None:
    """REQUIREMENTS 1: shown, counted, reminded, never escalated or held against an account."""
    town = approved(memory, setting_up=[item("val", modality="should")])
    town.pass_days(100)
    assert (town.state, len(reminded(town)), town.told("escalated")) == ("active", 2, [])
    assert "elin" in town.told("checklist_reminder")


def test_reminders_that_went_late_keep_their_distance(memory: Engine) -> None:
    """Nobody looked for two months: the person gets both reminders, and time after each."""
    town = approved(memory, setting_up=[item("rad")])
    town.now += timedelta(days=90)
    town.look()
    assert (town.state, len(reminded(town))) == ("setting_up", 1)
    town.pass_days(10)
    assert len(reminded(town)) == 1
    town.pass_days(60)
    first, second = (event.at for event in town.events("items_reminded"))
    (lapsed,) = town.events("application_lapsed")
    assert second - first > timedelta(days=20)
    assert lapsed.at - second > timedelta(days=13)
    assert town.messages("checklist_reminder")[-1].context["lapses_on"] == f"{lapsed.at:%Y-%m-%d}"


def test_a_red_one_lapses_in_its_time_too_and_is_not_looked_at_all_day(memory: Engine) -> None:
    town = approved(memory, headcounts=[headcount("administrator", at_least=3)])
    town.pass_days(55)
    assert (town.state, town.account().red_reason) == ("setting_up", "too_few_people")
    assert len(town.events("stands_red")) == 1
    town.pass_days(10)
    assert (town.state, town.account().red_reason) == ("lapsed", "")


def test_nobody_is_reminded_of_what_is_done(memory: Engine) -> None:
    lines = [item("ett", confirmed_by="communications"), item("tva", confirmed_by="line_manager")]
    town = approved(memory, setting_up=lines)
    town.confirm("petra")
    town.pass_time(datetime(2026, 12, 22, 8, tzinfo=UTC))
    assert town.told("checklist_reminder") == ["karin"]


# ---------------------------------------------------------------- active


def test_active_is_from_the_day_when_all_is_done_and_people_begin_then(memory: Engine) -> None:
    town = approved(
        memory, people={"administrators": ["elin"], "substitute": ["tove"]}, setting_up=[item("rad")]
    )
    assert town.people_in() == []
    town.now += timedelta(days=3)
    town.confirm("elin")
    account = town.account()
    assert (account.opened_on, account.waits_for) == (TUESDAY.date() + timedelta(days=3), "Aktiv")
    assert town.people_in() == ["elin"]
    assert town.people_in(AccountRoleKind.SUBSTITUTE) == ["tove"]
    assert {"elin", "tove", "petra", "david", "kommunikation"} == set(town.told("account_active"))


def test_the_letter_says_what_must_be_done_from_now_on(memory: Engine) -> None:
    watch = [{"days": "weekdays", "clauses": [CLAUSE]}]
    posting = [{"a_week_at_least": 1, "modality": "should", "clauses": [CLAUSE]}]
    town = approved(memory, watch=watch, posting=posting)
    duties = town.messages("account_active")[0].context["duties"]
    assert duties == ["Titta till kontot varje vardag."]


def test_a_withdrawn_application_is_set_up_no_further(memory: Engine) -> None:
    town = approved(memory, setting_up=[item("rad")])
    task = town.open_tasks()[0]
    town.withdraw()
    assert (town.state, town.asked()) == ("withdrawn", {})
    assert town.tasks()[-1].id == task.id


def test_a_declined_application_has_no_people(memory: Engine) -> None:
    town = Town(memory, {"opening": CHAIN})
    town.apply(administrators=["elin"])
    town.answer("karin", Outcome.DECLINE)
    assert town.roles() == []
