"""The plan (REQUIREMENTS 2.1): everything missing at once, what is wrong, an address for one account only."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from acts import applying
from lifecycle.addresses import address_key, similar_accounts
from lifecycle.drafts import PlanIncomplete
from lifecycle.law import law_of
from lifecycle.plans import PlanFault, current_plan, faults_in, person_by_email
from lifecycle.refusals import Refused
from models import Account, Outcome, Plan
from tests.lifecycle.town import DOMAIN, PERSONS, TUESDAY, Rule, Town, field, refused_of, step

CHAIN = [step("chef", "decide", "line_manager")]
ALL = {"name": "Biblioteket", "platform": "instagram", "unit": "bibliotek"}
ADDRESS = "https://www.instagram.com/Biblioteket/"


def town_with(engine: Engine, *fields: Rule, **rules: Any) -> Town:
    """A town whose plan asks for these, and a draft."""
    town = Town(engine, {"opening": CHAIN, "plan": list(fields)} | rules)
    town.draft()
    return town


def faults(town: Town) -> list[PlanFault]:
    """What is wrong with the plan as it is written."""
    with town.reading() as session:
        account = session.get_one(Account, town.account_id)
        answers = current_plan(session, account).answers
        return faults_in(session, law_of(session, account), account, answers, town.now)


def stopping(town: Town) -> list[str]:
    """The fields that stop it."""
    return [fault.field for fault in faults(town) if fault.must]


# ---------------------------------------------------------------- what is asked


def test_everything_that_is_missing_is_said_at_once(memory: Engine) -> None:
    town = town_with(memory, field("purpose"), field("goals"), field("admins", kind="persons"))
    with town.work() as session:
        session.get_one(Account, town.account_id).unit_id = None
    with pytest.raises(PlanIncomplete) as incomplete:
        town.send()
    wanted = ["name", "platform", "unit", "purpose", "goals", "admins"]
    assert [fault.field for fault in incomplete.value.faults] == wanted
    assert "Fältet goals" in incomplete.value.says()
    assert town.state == "draft"


def test_what_is_only_recommended_stops_nothing(memory: Engine) -> None:
    town = town_with(memory, field("why", modality="should"), field("more", modality="may"))
    town.write(**ALL)
    assert stopping(town) == []
    assert [fault.field for fault in faults(town)] == ["why", "more"]
    town.send()
    assert town.state == "deciding"


CHOICES = [{"choice": "a", "label": "A"}, {"choice": "b", "label": "B"}]
WRONG: list[tuple[Rule, Any]] = [
    (field("f"), "   "),
    (field("f", kind="line"), "x" * 301),
    (field("f", kind="yes"), ""),
    (field("f", kind="choice", choices=CHOICES), "c"),
    (field("f", kind="date"), "2027-02-30"),
    (field("f", kind="date"), "i morgon"),
    (field("f", kind="persons", at_least=2), [f"elin@{DOMAIN}"]),
    (field("f", kind="persons", at_least=2), [f"elin@{DOMAIN}", f" ELIN@{DOMAIN} "]),
    (field("f", kind="persons"), [f"ingen@{DOMAIN}"]),
    (field("f", kind="persons"), [f"elin@{DOMAIN}"] * 31),
    (field("f", kind="file"), "x"),
]
RIGHT: list[tuple[Rule, Any]] = [
    (field("f"), "x" * 4000),
    (field("f", kind="line"), "x" * 300),
    (field("f", kind="yes"), "ja"),
    (field("f", kind="choice", choices=CHOICES), "b"),
    (field("f", kind="date"), "2028-02-29"),
    (field("f", kind="persons", at_least=2), [f"elin@{DOMAIN}", f"omar@{DOMAIN}"]),
]


@pytest.mark.parametrize(("rule", "answer"), WRONG)
def test_a_wrong_answer_stops_the_plan(memory: Engine, rule: Rule, answer: Any) -> None:
    town = town_with(memory, rule)
    town.write(**ALL, f=answer)
    assert stopping(town) == ["f"]


@pytest.mark.parametrize(("rule", "answer"), RIGHT)
def test_a_right_answer_does_not(memory: Engine, rule: Rule, answer: Any) -> None:
    town = town_with(memory, rule)
    town.write(**ALL, f=answer)
    assert faults(town) == []


@pytest.mark.parametrize(
    ("kind", "answer"), [("line", "x" * 301), ("date", "nej"), ("persons", ["a@b.example.org"])]
)
def test_a_wrong_answer_to_a_recommended_field_stops_it_too(memory: Engine, kind: str, answer: Any) -> None:
    """What was answered must be right, however strongly it was asked."""
    town = town_with(memory, field("f", kind=kind, modality="should"))
    town.write(**ALL, f=answer)
    assert stopping(town) == ["f"]


def test_too_few_persons_in_a_recommended_field_stop_nothing(memory: Engine) -> None:
    town = town_with(memory, field("f", kind="persons", at_least=2, modality="should"))
    town.write(**ALL, f=[f"elin@{DOMAIN}"])
    assert stopping(town) == []


@pytest.mark.parametrize(
    ("responsible", "substitutes", "stops"),
    [
        (["elin"], ["elin"], ["substitute"]),
        (["elin"], ["Elin", "elin"], ["substitute"]),
        (["elin"], ["elin", "omar"], []),
        (["elin"], ["omar"], []),
        (["elin", "omar"], ["omar", "elin"], []),
        (["elin"], [], []),
    ],
)
def test_nobody_is_their_own_substitute(
    memory: Engine, responsible: list[str], substitutes: list[str], stops: list[str]
) -> None:
    """A substitute answers for the account while whoever does so otherwise is away (Tibro 2)."""
    town = town_with(memory, *PERSONS)
    given = {"responsible": responsible, "substitute": substitutes}
    town.write(**ALL, **{name: [f"{one}@{DOMAIN}" for one in people] for name, people in given.items()})
    assert stopping(town) == stops


def test_impossible_sizes_are_refused_when_saved(memory: Engine) -> None:
    town = town_with(memory, field("f"))
    assert refused_of(town.write, f="x" * 4001) == "text_too_long"
    assert refused_of(town.write, name="x" * 301) == "text_too_long"


def test_what_is_copied_to_the_account_fits_there(engine: Engine) -> None:
    """Skurup asks for the target groups in a whole text; the account has a line for them."""
    town = town_with(engine, field("target_group"), field("purpose"))
    town.write(**ALL, target_group="x" * 1001, purpose="y" * 4000)
    assert stopping(town) == ["target_group"]
    town.write(target_group="x" * 1000)
    town.send()
    assert len(town.account().target_group) == 1000


@pytest.mark.parametrize(
    "rules",
    [
        {"platforms": [{"allowed": ["facebook"], "clauses": ["exempelby:1"]}]},
        {"platforms": [{"refused": ["instagram"], "clauses": ["exempelby:1"]}]},
        {"names": [{"must_match": "Exempelby .+", "explanation": "Börja så.", "clauses": ["exempelby:1"]}]},
        {"names": [{"must_not_match": "Bibl.*", "explanation": "Inte så.", "clauses": ["exempelby:1"]}]},
        {"stops": [{"explanation": "Stopp.", "clauses": ["exempelby:1"], "until": "2026-12-31"}]},
    ],
)
def test_what_the_policy_refuses(memory: Engine, rules: Rule) -> None:
    town = town_with(memory, **rules)
    town.write(**ALL)
    assert len(stopping(town)) == 1


def test_a_stop_that_is_over_stops_nothing(memory: Engine) -> None:
    stop = {"explanation": "Stopp.", "clauses": ["exempelby:1"], "until": "2026-11-30"}
    town = town_with(memory, stops=[stop])
    town.write(**ALL)
    assert stopping(town) == []


def test_a_condition_on_the_platform_asks_when_it_is_chosen(memory: Engine) -> None:
    town = town_with(memory, field("f", when={"platforms": ["tiktok"]}))
    town.write(**ALL)
    assert stopping(town) == []
    town.write(platform="tiktok")
    assert stopping(town) == ["f"]


@pytest.mark.parametrize("junk", ["²", "9" * 30, "-1", "0", "bibliotek", ""])
def test_a_unit_that_is_none_is_asked_for(engine: Engine, junk: str) -> None:
    town = town_with(engine)
    with town.work() as session:
        account = session.get_one(Account, town.account_id)
        applying.save_draft(session, account, ALL | {"unit": junk}, town.now)
    assert stopping(town) == ["unit"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("elin@exempel.org", ["elin"]),
        (f"karinn@{DOMAIN}", ["karin"]),
        (f"kairn@{DOMAIN}", ["karin"]),
        (f"arin@{DOMAIN}", ["karin"]),
        ("Karin", ["karin"]),
        (f"lina@{DOMAIN}", ["lena", "elin"]),
    ],
)
def test_a_person_is_sought_by_what_was_nearly_written(
    memory: Engine, written: str, meant: list[str]
) -> None:
    says = refused_person(town_with(memory), written)
    addresses = " eller ".join(f"{one}@{DOMAIN}" for one in meant)
    assert says.endswith(f"finns. Skriv personens arbetsadress. Menade du {addresses}?")


@pytest.mark.parametrize("written", ["", "@", f"xyzzy@{DOMAIN}", "%", "a" * 5000])
def test_nobody_is_suggested_who_is_not_like_it(memory: Engine, written: str) -> None:
    assert refused_person(town_with(memory), written).endswith("Skriv personens arbetsadress.")


def refused_person(town: Town, email: str) -> str:
    with pytest.raises(Refused) as refused, town.reading() as session:
        person_by_email(session, town.municipality_id, email, TUESDAY.date())
    assert refused.value.code == "person_unknown"
    return refused.value.says()


# ---------------------------------------------------------------- versions


def test_a_sent_version_holds_everything_that_was_decided_on(memory: Engine) -> None:
    town = Town(memory, {"opening": CHAIN, "plan": [field("purpose")]})
    town.apply(purpose="Före", address=ADDRESS)
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    town.write(purpose="Efter", name="Nytt namn")
    town.send()
    with town.reading() as session:
        rows = select(Plan).where(col(Plan.account_id) == town.account_id).order_by(col(Plan.version))
        first, second = list(session.execute(rows).scalars())
    assert (first.answers["purpose"], second.answers["purpose"]) == ("Före", "Efter")
    assert (first.answers["name"], second.answers["name"]) == ("Biblioteket", "Nytt namn")
    assert second.answers["address"] == ADDRESS
    assert town.account().purpose == "Efter"


def test_what_is_changed_is_not_decided_on_before_it_is_sent(memory: Engine) -> None:
    town = Town(memory, {"opening": CHAIN, "plan": [field("purpose")]})
    town.apply(purpose="Före")
    assert refused_of(town.write, purpose="Smyg") == "state_forbids"


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "same",
    [
        "https://www.instagram.com/biblioteket",
        "http://instagram.com/Biblioteket/",
        "instagram.com/biblioteket",
        "  https://m.instagram.com/biblioteket/?hl=sv ",
        "HTTPS://WWW.INSTAGRAM.COM/BIBLIOTEKET",
        "https://instagram.com:443/biblioteket#fragment",
    ],
)
def test_one_address_in_many_spellings(same: str) -> None:
    assert address_key(same) == "instagram.com/biblioteket"


def test_addresses_that_differ() -> None:
    ids = [address_key(f"https://www.facebook.com/profile.php?id={number}") for number in (1, 2)]
    assert ids[0] != ids[1]
    assert address_key("https://x.com/a") != address_key("https://x.com/b")


@pytest.mark.parametrize(
    "wrong",
    [
        "biblioteket",
        "@biblioteket",
        "javascript:alert(1)",
        "ftp://example.org/a",
        "https://elin:hemligt@example.org/a",
        "https://[trasig",
        "https://exa mple.org/a",
        "https://",
        "mailto:elin@example.org",
    ],
)
def test_what_is_no_web_address(wrong: str) -> None:
    assert refused_of(address_key, wrong) == "address_wrong"


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        address_key(text)
    except Refused as refused:
        assert refused.code == "address_wrong"


LIVES: dict[str, Callable[[Town], object]] = {
    "deciding": lambda town: None,
    "changes_asked": lambda town: town.answer("karin", Outcome.ASK_FOR_CHANGES),
    "active": lambda town: town.answer("karin"),
}
ENDS: dict[str, Callable[[Town], object]] = {
    "declined": lambda town: town.answer("karin", Outcome.DECLINE),
    "withdrawn": lambda town: town.withdraw(),
}


def test_an_address_that_says_nobody_s_name_is_told_at_once(memory: Engine) -> None:
    town = town_with(memory)
    town.write(**ALL, address="https://www.facebook.com/share/1AbC/")
    [fault] = [one for one in faults(town) if one.field == "address"]
    assert fault.must and "säger inte vilket konto det är" in fault.says


@pytest.mark.parametrize("state", LIVES)
def test_an_address_belongs_to_one_living_account(memory: Engine, state: str) -> None:
    town = Town(memory, {"opening": CHAIN})
    town.apply(address=ADDRESS)
    LIVES[state](town)
    assert town.state == state
    town.draft("omar")
    town.write(**ALL, address="instagram.com/biblioteket")
    assert stopping(town) == ["address"]
    assert refused_of(town.send, "omar") == "plan_incomplete"


@pytest.mark.parametrize("state", ENDS)
def test_an_address_is_free_when_its_account_has_ended(memory: Engine, state: str) -> None:
    town = Town(memory, {"opening": CHAIN})
    town.apply(address=ADDRESS)
    ENDS[state](town)
    assert town.state == state
    town.apply("omar", address=ADDRESS)
    assert town.state == "deciding"


def test_two_drafts_may_wish_for_the_same_and_the_first_sent_has_it(memory: Engine) -> None:
    town = Town(memory, {"opening": CHAIN})
    first = town.draft()
    town.write(**ALL, address=ADDRESS)
    town.draft("omar")
    town.write(**ALL, address=ADDRESS)
    town.send("omar")
    town.account_id = first
    assert refused_of(town.send) == "plan_incomplete"


def test_a_changed_plan_takes_nobodys_address_while_it_is_written(engine: Engine) -> None:
    town = Town(engine, {"opening": CHAIN})
    town.apply("omar", address=ADDRESS)
    town.apply("elin", address="https://example.org/eget")
    town.answer("karin", Outcome.ASK_FOR_CHANGES)
    town.write(address=ADDRESS)
    assert stopping(town) == ["address"]
    town.write(address="https://example.org/eget")
    town.send()
    assert town.state == "deciding"


def test_who_may_be_a_double_is_warned_of(memory: Engine) -> None:
    """REQUIREMENTS 2.1: if the unit, purpose or address has an account, an application or a closed one."""
    town = Town(memory, {"opening": CHAIN, "plan": [field("purpose")]})
    town.apply(purpose="Boktips", address=ADDRESS, name="Först")
    town.draft("omar")
    for written, doubles in [
        ({"platform": "facebook", "unit": "kultur"}, []),
        ({"platform": "instagram", "unit": "bibliotek"}, ["Först"]),
        ({"platform": "facebook", "unit": "kultur", "address": ADDRESS}, ["Först"]),
    ]:
        town.write(**written)
        assert similar(town) == doubles
    town.write(address="")
    assert similar(town, "Boktips ") == ["Först"]


def similar(town: Town, purpose: str = "") -> list[str]:
    """The names of those alike."""
    with town.reading() as session:
        account = session.get_one(Account, town.account_id)
        return [one.name for one in similar_accounts(session, account, purpose)]
