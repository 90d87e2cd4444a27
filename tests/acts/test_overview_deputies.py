"""An account with no valid deputy is seen, before anything happens to the only one (REQUIREMENTS 4.3)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models import Absence, Account, AccountClass, AccountRole, AccountRoleKind
from tests.acts.test_overviews import made, texts
from tests.lifecycle.town import CLAUSE, Town

LAST_YEAR, NEXT_YEAR = date(2025, 11, 1), date(2027, 12, 1)
NOW, SOON, LATER = date(2026, 12, 1), date(2026, 12, 5), date(2026, 12, 9)
ELIN_ALONE = "Bara Elin, som inte har någon ersättare på plats"


@pytest.fixture
def begun(engine: Engine) -> Callable[..., Town]:
    """An open account with the people given, Elin as responsible if none are."""

    def begin(**people: list[str]) -> Town:
        town = Town(engine, {"opening": []})
        town.apply(**{"responsible": ["elin"], "address": "https://example.org/a"} | people)
        return town

    return begin


def missing(town: Town) -> list[str]:
    return [row["Vad som saknas"] for row in texts(made(town, "utan-ersattare"))]


def away(town: Town, who: str, from_on: date = LAST_YEAR, until_on: date = NEXT_YEAR) -> None:
    of = town.municipality_id
    with town.work() as session:
        session.add(
            Absence(
                municipality_id=of,
                person_id=town.people[who],
                from_on=from_on,
                until_on=until_on,
                entered_at=town.now,
            )
        )


def given_role(town: Town, who: str, kind: AccountRoleKind, until_on: date | None = None) -> None:
    role = {"account_id": town.account_id, "person_id": town.people[who], "kind": kind}
    with town.work() as session:
        session.add(AccountRole(**role, asked_at=town.now, since_on=LAST_YEAR, until_on=until_on))


def every_role(session: Session, town: Town) -> list[AccountRole]:
    return [session.get_one(AccountRole, one.id) for one in town.roles()]


def test_a_substitute_who_is_there_is_a_valid_deputy(begun: Callable[..., Town]) -> None:
    town = begun()
    assert missing(town) == [ELIN_ALONE]
    town.substitute("elin", by="omar")
    assert missing(town) == []


def test_a_substitute_who_has_left_is_none(begun: Callable[..., Town]) -> None:
    town = begun()
    town.substitute("elin", by="omar")
    town.leaves("omar", on=NOW)
    assert missing(town) == [ELIN_ALONE]


def test_a_substitute_who_is_away_is_none_unless_somebody_stands_in_there_too(
    begun: Callable[..., Town],
) -> None:
    town = begun()
    town.substitute("elin", by="omar")
    away(town, "omar")
    assert missing(town) == [ELIN_ALONE]
    town.substitute("omar", by="elin")
    assert missing(town) == [ELIN_ALONE], "round in a circle to the same person"
    town.substitute("omar", by="tove")
    assert missing(town) == []


def test_of_two_administrators_one_who_is_away_for_a_year_takes_nothing_over(
    begun: Callable[..., Town],
) -> None:
    town = begun(administrators=["elin", "omar"])
    assert missing(town) == []
    away(town, "omar")
    assert missing(town) == [ELIN_ALONE]
    town.substitute("omar", by="tove")
    assert missing(town) == [], "Tove stands in for Omar, and looks after the account with Elin"


def test_a_guest_for_five_days_is_no_second_person(begun: Callable[..., Town]) -> None:
    town = begun()
    given_role(town, "tove", AccountRoleKind.GUEST, until_on=SOON)
    assert missing(town) == [ELIN_ALONE]
    away(town, "elin", NOW, LATER)
    assert missing(town) == ["Ingen är på plats från 5 dec."], "until then the guest is"


def test_an_account_that_only_a_guest_looks_after_is_said_to_be_so(begun: Callable[..., Town]) -> None:
    town = begun()
    given_role(town, "tove", AccountRoleKind.GUEST)
    town.leaves("elin", on=NOW)
    assert missing(town) == ["Bara en gäst är på plats"]


@pytest.mark.parametrize("kind", [AccountRoleKind.ADMINISTRATOR, AccountRoleKind.SUBSTITUTE])
def test_a_second_person_who_may_take_over_is_one(begun: Callable[..., Town], kind: AccountRoleKind) -> None:
    town = begun()
    given_role(town, "omar", kind)
    assert missing(town) == []
    town.leaves("omar", on=NOW)
    assert missing(town) == [ELIN_ALONE]


def test_the_day_on_which_the_only_person_leaves_is_seen_ahead(begun: Callable[..., Town]) -> None:
    town = begun()
    town.substitute("elin", by="omar")
    town.leaves("elin", on=SOON)
    assert missing(town) == ["Ingen är på plats från 5 dec."]


def test_the_day_on_which_the_only_role_ends_is_seen_ahead(begun: Callable[..., Town]) -> None:
    town = begun()
    town.substitute("elin", by="omar")
    with town.work() as session:
        for role in every_role(session, town):
            role.until_on = SOON
    assert missing(town) == ["Ingen är på plats från 5 dec."]


def _leaves(town: Town) -> None:
    town.leaves("omar", on=SOON)


def _is_away(town: Town) -> None:
    away(town, "omar", SOON, NEXT_YEAR)


@pytest.mark.parametrize("goes", [_leaves, _is_away])
def test_the_day_on_which_the_one_who_stands_in_goes_is_seen_ahead(
    begun: Callable[..., Town], goes: Callable[[Town], Any]
) -> None:
    town = begun()
    town.substitute("elin", by="omar")
    away(town, "elin")
    goes(town)
    assert missing(town) == ["Ingen är på plats från 5 dec."]


def test_nobody_stands_in_for_one_who_has_left(begun: Callable[..., Town]) -> None:
    town = begun()
    town.substitute("elin", by="omar")
    away(town, "elin")
    town.leaves("elin", on=SOON)
    assert missing(town) == ["Ingen är på plats från 5 dec."]


def test_what_happens_later_than_in_two_weeks_is_not_said_yet(begun: Callable[..., Town]) -> None:
    town = begun(administrators=["elin", "omar"])
    for who in ("elin", "omar"):
        town.leaves(who, on=date(2026, 12, 16))
    assert missing(town) == []
    for who in ("elin", "omar"):
        town.leaves(who, on=date(2026, 12, 15))
    assert missing(town) == ["Ingen är på plats från 15 dec."]


def test_a_common_account_without_people_of_its_own_rests_on_those_who_answer_for_it(engine: Engine) -> None:
    owner = {"unit_demanded": False, "common_owned_by": "communications", "clauses": [CLAUSE]}
    town = Town(engine, {"opening": [], "owner": owner})
    town.apply(responsible=["elin"], address="https://example.org/a")
    with town.work() as session:
        account = session.get_one(Account, town.account_id)
        account.account_class, account.unit_id = AccountClass.COMMON, None
        for role in every_role(session, town):
            role.until_on = NOW
    assert missing(town) == [], "Petra and David"
    town.leaves("david", on=NOW)
    assert missing(town) == ["Bara Petra, som inte har någon ersättare på plats"]
