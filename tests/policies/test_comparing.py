"""What a new version of a policy changes, in words: by kind of rule, with its ground (REQUIREMENTS 4.4)."""

from typing import Any

import pytest

from policies.comparing import Difference, differences
from policies.loading import HERE, MUNICIPALITIES, content_of, load_policy, names_in
from tests.policies.case_policies import content_for, written_policy

WATCH = {"days": "weekdays", "clauses": ["tibro:2-bevakning"]}
ITEM = {"item": "rad", "label": "Raden", "clauses": ["nassjo:14-tvafaktor"]}


def compared(old: dict[str, Any], new: dict[str, Any], **settings: Any) -> list[Difference]:
    versions = ({"rules": old}, {"rules": new, "settings": settings})
    before, after = (content_for(written_policy(one)) for one in versions)
    return differences(before, after)


@pytest.mark.parametrize("name", names_in(HERE, MUNICIPALITIES))
def test_a_policy_does_not_differ_from_itself(name: str) -> None:
    content = content_of(load_policy(name))
    assert differences(content, content) == []


def test_a_rule_that_comes_and_one_that_goes() -> None:
    guideline, new = compared({}, {"watch": [WATCH]})
    assert (guideline.what, guideline.kind) == ("Tillkommer", "Riktlinjer")
    assert (new.what, new.kind, new.name) == ("Tillkommer", "Bevakning", "Ska: Kontot bevakas")
    assert new.after == ["Vilka dagar: vardagar"]
    assert new.grounds == ["Tibro kommun, avsnitt 2"]
    _, gone = compared({"watch": [WATCH]}, {})
    assert (gone.what, gone.before, gone.after) == ("Utgår", ["Vilka dagar: vardagar"], [])


def test_a_rule_that_becomes_another_shows_only_what_differs() -> None:
    [one] = compared({"watch": [WATCH]}, {"watch": [WATCH | {"days": "all_days", "modality": "should"}]})
    assert one.what == "Ändras"
    assert one.before == ["Ska: Kontot bevakas", "Vilka dagar: vardagar"]
    assert one.after == ["Bör: Kontot bevakas", "Vilka dagar: alla dagar"]


def test_named_rules_are_told_apart_by_their_names() -> None:
    found = compared(
        {"setting_up": [ITEM, ITEM | {"item": "gammal", "label": "Gammal"}]},
        {"setting_up": [ITEM | {"item": "ny", "label": "Ny"}, ITEM | {"renewed": True}]},
    )
    assert [(one.what, one.name) for one in found] == [
        ("Tillkommer", "Ska: Ny [ny]"),
        ("Ändras", "Ska: Raden [rad]"),
        ("Utgår", "Ska: Gammal [gammal]"),
    ]
    assert found[1].after == ["Om punkten bekräftas på nytt medan kontot är öppet: ja"]


def test_the_order_alone_is_no_difference() -> None:
    other = ITEM | {"item": "annan"}
    assert compared({"setting_up": [ITEM, other]}, {"setting_up": [other, ITEM]}) == []


def test_a_changed_setting_is_no_rule_and_has_no_ground() -> None:
    [one] = compared({}, {}, link_days=9)
    assert (one.kind, one.name, one.grounds) == (
        "Kommunens inställning",
        "Dagar en länk för ett svar lever",
        [],
    )
    assert (one.before, one.after) == (["21"], ["9"])
