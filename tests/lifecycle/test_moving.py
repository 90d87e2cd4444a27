"""A new address and another unit (REQUIREMENTS 2.7): the old address was official until a day."""

from typing import Any

from sqlalchemy import Engine, select

from acts import caring
from models import FormerAddress
from tests.lifecycle.test_withdrawing import active
from tests.lifecycle.town import Town, refused_of

NEW = "https://www.instagram.com/bibliotekets_nya"


def move(town: Town, what: str, who: str, **to: Any) -> None:
    act = {"address": caring.change_address, "unit_id": caring.change_unit}[what]
    with town.work() as session:
        act(
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people[who],
            via="portal",
            **to,
        )
    town.look()


def test_the_old_address_was_official_until_the_day(memory: Engine) -> None:
    town = active(memory)
    old = town.account().address
    move(town, "address", "elin", address=NEW)
    assert town.account().address == NEW
    with town.reading() as session:
        (former,) = session.execute(select(FormerAddress)).scalars()
        assert (former.address, former.until_on) == (old, town.now.date())
    assert "omar" in town.told("address_changed")
    assert "petra" in town.told("address_changed")


def test_an_address_belongs_to_one_account(memory: Engine) -> None:
    town = active(memory)
    first = town.account().address
    town.apply("omar", administrators=["elin", "omar"], address=NEW)
    assert refused_of(move, town, "address", "omar", address="https://example.org/x") == "state_forbids"
    town.answer("karin")
    assert refused_of(move, town, "address", "elin", address=first) == "address_taken"
    assert refused_of(move, town, "address", "elin", address="") == "address_wrong"
    assert refused_of(move, town, "address", "elin", address=NEW + "/") == "address_same"
    assert refused_of(move, town, "address", "tove", address=first) == "not_concerned"


def test_a_new_address_says_which_account_it_is(memory: Engine) -> None:
    """REQUIREMENTS 4.7: by a shared link the register would never know it."""
    town = active(memory)
    for shared in (
        "https://www.facebook.com/share/1AbC/",
        "https://bit.ly/abc",
        "https://youtu.be/dQw4w9WgXcQ",
    ):
        assert refused_of(move, town, "address", "elin", address=shared) == "address_names_nobody"


def test_another_units_manager_answers_from_now_on(memory: Engine) -> None:
    town = active(memory)
    move(town, "unit_id", "karin", unit_id=town.units["stab"])
    assert {"karin", "lena", "elin", "omar", "petra"} <= set(town.told("unit_changed"))
    town.ask_for("elin", "tove")
    assert town.asked() == {"chef": ["lena"]}


def test_only_communications_or_its_managers_move_an_account(memory: Engine) -> None:
    town = active(memory)
    there = {"unit_id": town.units["stab"]}
    assert refused_of(move, town, "unit_id", "elin", **there) == "not_yours_to_move"
    assert refused_of(move, town, "unit_id", "petra", unit_id=town.units["bibliotek"]) == "unit_same"
    move(town, "unit_id", "petra", **there)
    assert town.account().unit_id == town.units["stab"]
