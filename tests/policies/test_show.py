"""A policy as Swedish text: no key of the schema is left out when it is set."""

from copy import deepcopy
from datetime import date, timedelta
from enum import Enum, StrEnum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel, ValidationError
from typer.testing import CliRunner

from cli.main import app
from policies.keys import AccountKind, Platform, Role, Rule
from policies.loading import (
    HERE,
    MUNICIPALITIES,
    Content,
    content_of,
    load_policy,
    names_in,
    policy_from_content,
)
from policies.naming import CLASS_NAMES, LITERAL_WORDS, PLATFORM_NAMES, ROLE_NAMES, enum_word, role_name
from policies.policy import Guideline, Policy
from policies.settings import Settings
from policies.shape import Where, keys_of, model_inside, places_in
from policies.showing import FIRST_LINES, as_text

BASE: dict[str, Any] = {
    "clauses": ["berga:punkt"],
    "decision": {"decided_on": "2025-03-04", "number": "§ 17", "body": "Nämnden för prov"},
    "modality": "should",
    "from": "2026-01-02",
    "until": "2029-12-30",
    "when": {"platforms": ["mastodon"], "classes": ["campaign"], "new_platform": True},
}
STEP = BASE | {
    "step": "steg",
    "label": "Ett steg",
    "act": "consult",
    "roles": ["registry", "communications"],
    "answered_by": "all",
    "someone_else": False,
    "assigns": True,
    "signing": "sign-in",
}
ITEM = BASE | {
    "item": "sak",
    "label": "En sak",
    "explanation": "Hjälp om saken",
    "text": "Kommunens egen text",
    "confirmed_by": "registry",
    "each_administrator": True,
    "place": True,
    "ways": [{"way": "ett", "label": "Första sättet"}, {"way": "annat", "label": "Andra sättet"}],
    "renewed": True,
    "renewed_every_months": 7,
}
FIRST = BASE | {"item": "forst", "label": "Det första"}
LAST = BASE | {"item": "sist", "label": "Det sista", "snapshot": True, "after": ["forst"], "wait_days": 23}
RULES: dict[str, Any] = {
    "opening": [STEP],
    "plan": [
        BASE
        | {
            "field": "syfte",
            "label": "Ett syfte",
            "explanation": "Hjälp om syftet",
            "kind": "line",
            "at_least": 3,
            "evaluated": True,
        },
        BASE
        | {
            "field": "valt",
            "label": "Ett fält med val",
            "kind": "choice",
            "choices": [{"choice": "val", "label": "Ett val"}, {"choice": "annat", "label": "Annat val"}],
        },
    ],
    "owner": BASE | {"unit_demanded": True, "common_owned_by": "communications"},
    "platforms": [BASE | {"allowed": ["flickr"], "refused": ["vimeo"]}],
    "names": [BASE | {"must_match": "ja.*", "must_not_match": "nej.*", "explanation": "Om namn"}],
    "stops": [BASE | {"explanation": "Om stoppet"}],
    "headcounts": [
        BASE | {"of": "substitute", "at_least": 4, "at_most": 9, "same_unit": True, "also_away": True}
    ],
    "assignment": BASE | {"given_by": "head_of_operation"},
    "documents": [
        BASE | {"document": "dok", "label": "Dokumentet", "edition": "utgåva 8", "address": "https://prov.se"}
    ],
    "setting_up": [ITEM],
    "administrator_change": [STEP],
    "guest": BASE | {"at_most_days": 6, "chain": [STEP]},
    "watch": [BASE | {"days": "all_days", "times_a_day": 5}],
    "answer": [BASE | {"within_hours": 31, "counted": "clock", "how": "Med länk"}],
    "removal": [
        BASE
        | {
            "case": "hot",
            "label": "Hotfullt innehåll",
            "kinds": ["Hot", "Förtal"],
            "within_hours": 47,
            "counted": "weekdays",
            "save_before": True,
            "register_before": True,
            "registered": True,
            "police": "when_needed",
            "police_by": "registry",
            "writer_told": True,
        },
        BASE | {"case": "spam", "steps": ["remove"]},
    ],
    "matters": [
        BASE | {"matter": "klagomal", "label": "Klagomål", "registered": False},
        BASE
        | {
            "matter": "kritik",
            "label": "Svår kritik",
            "title": "Kritik",
            "consult": "registry",
            "outcomes": ["answered", "forwarded", "redirected", "corrected", "handed_out"],
            "forward_to": "head_of_operation",
            "writer_told": True,
            "joins_watch": True,
            "within_hours": 53,
            "counted": "weekdays",
        },
        BASE | {"matter": "tips", "label": "Tips", "outcomes": ["answered"], "steps": ["settle"]},
    ],
    "posting": [BASE | {"a_week_at_least": 2, "a_week_up_to": 11}],
    "inactivity": BASE
    | {
        "counts": ["posts", "watch"],
        "outcome": "close",
        "after": 88,
        "unit": "working_days",
        "reviewed_by": "registry",
        "if_no_answer": "red",
    },
    "documentation": [
        BASE
        | {
            "every": "half_year",
            "at_major_change": True,
            "format": "pdfa-2b",
            "taken_by": "registry",
            "sent_to": "communications",
            "folder": "Mappen",
            "excluded_months": [7, 8],
        }
    ],
    "weeding": [BASE | {"matter": "Ringa frågor", "after_days": 13, "at": ["channel_end", "half_year"]}],
    "evaluation": [BASE | {"every_months": 18, "done_by": "registry", "told_to": ["communications"]}],
    "evaluation_questions": [
        BASE | {"question": "sokbart", "label": "Går det att söka?", "explanation": "Hjälp om frågan"}
    ],
    "closing": [STEP],
    "closing_items": [ITEM, FIRST, LAST],
    "public_register": [BASE | {"fields": ["unit", "target_group"]}],
    "other_links": [
        BASE
        | {
            "title": "Partierna",
            "disclaimer": "Orden är deras",
            "links": [{"name": "Partiet", "address": "https://partiet.example.org"}],
        }
    ],
    "crisis": [
        BASE
        | {
            "label": "Om kris",
            "used_by": "crisis_organisation",
            "watch_days": "all_days",
            "watch_times_a_day": 21,
        }
    ],
    "revision": BASE
    | {"large_changes_by": "executive_board", "small_changes_by": "registry", "review_every_months": 14},
    "advice": [BASE | {"advice": "rad", "text": "Ett gott råd", "at": ["closing", "decision"]}],
}
SETTINGS: dict[str, Any] = {
    "role_names": {"registry": "arkivarien"},
    "ladder": {"first": 4, "every": 5, "at_most": 6, "then": "registry"},
    "consultation_days": 12,
    "last_resort": "executive_board",
    "regret_minutes": 61,
    "signing": "sign-in",
    "setting_up_days": 51,
    "setting_up_reminders": [16, 32],
    "draft_days": 71,
    "draft_reminder_days": 58,
    "link_days": 22,
    "work_begins": "07:15",
    "work_ends": "16:45",
    "bridge_days": ["2026-05-15"],
    "closures": [{"from": "2026-12-23", "until": "2027-01-06"}],
    "watch_days": "all_days",
    "case_reminder_percent": 66,
    "common_post_days": 21,
    "posting_window_days": 19,
    "inactivity_days": 93,
    "inactivity_unit": "weeks",
    "inactivity_warning_days": 21,
    "kept_days_at_most": 94,
    "posting_days": ["tuesday", "friday"],
    "evaluation_months": 17,
    "evaluation_on": "11-23",
    "evaluation_young_months": 8,
    "evaluation_grace_days": 14,
    "evaluation_no_answer": "rest",
    "renewal_months": 26,
    "snapshot_months": [2, 9],
    "digest_at": "06:50",
    "weeding_months": [3, 10],
    "letters_kept_months": 27,
    "details_kept_months": 63,
    "cases_kept_months": 29,
    "watch_confirmed": False,
    "watch_ends_at": "18:40",
    "staff_gone_percent": 22,
    "end_warning_days": 53,
    "crisis_watch_times_a_day": 20,
    "accessibility_contact": "tillganglig@berga.example.org",
    "accessibility_assessed_on": "2026-10-14",
    "accessibility_shortcomings": ["Kartan saknar beskrivning"],
    "handle_looks_a_day": 77,
    "calendar_months": 31,
    "watch_ladder": {"first": 7, "every": 8, "at_most": 9, "then": "executive_board"},
}
EVERYTHING: dict[str, Any] = {
    "policy": "allt",
    "name": "Allt på en gång",
    "guidelines": ["berga"],
    "valid_from": "2026-02-03",
    "summary": "Kort om allt",
    "extends": "grunden",
    "rules": RULES,
    "outside": [{"clause": "berga:annan", "why": "Den rör ingen"}],
    "settings": SETTINGS,
}
GUIDELINE: dict[str, Any] = {
    "guideline": "berga",
    "title": "Riktlinje för prov",
    "publisher": "Berga kommun",
    "edition": "den tredje",
    "adopted_on": "2011-04-19",
    "revised_on": "2020-01-22",
    "updated_on": "2023-11-14",
    "decided_by": "Fullmäktige",
    "decision_number": "§ 82",
    "language": "fi",
    "clauses": [
        {"id": "punkt", "cite": "stycke 3", "lines": [41, 47], "title": "En punkt om prov"},
        {"id": "annan", "cite": "stycke 4", "lines": [48, 48], "title": "En annan punkt"},
        {"id": "annane", "cite": "stycke 5", "title": "En tredje punkt"},
    ],
}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """As stored, with all three clauses of the guideline."""
    folder = tmp_path_factory.mktemp("policies")
    (folder / "guidelines").mkdir()
    (folder / "guidelines" / "berga.yaml").write_text(yaml.safe_dump(GUIDELINE), encoding="utf-8")
    outside = [*EVERYTHING["outside"], {"clause": "berga:annane", "why": "Inte den heller"}]
    return content_of(Policy.model_validate(EVERYTHING | {"outside": outside}), folder)


@pytest.fixture(scope="module")
def whole(content: Content) -> str:
    return text_of(EVERYTHING, content)


def text_of(written: dict[str, Any], content: Content) -> str:
    return as_text(Policy.model_validate(written), content)


def models_within(model: type[BaseModel]) -> set[type[BaseModel]]:
    inner = {found for field in keys_of(model).values() if (found := model_inside(field.annotation))}
    return {model}.union(*(models_within(one) for one in inner))


def test_the_policy_of_this_test_has_every_key_of_the_schema() -> None:
    written = {(place.model, key) for place in places_in(Policy, EVERYTHING) for key in place.content}

    assert written == {(model, key) for model in models_within(Policy) for key in keys_of(model)}


HELD_ELSEWHERE = (("rules", "plan", 1, "kind"), ("rules", "closing_items", 1, "item"))
"""Another kind is refused beside choices, another name where `after` says it: these are changed elsewhere."""
PLACES = [
    ((*place.where, key), place.model)
    for place in places_in(Policy, EVERYTHING)
    for key in place.content
    if (*place.where, key) not in HELD_ELSEWHERE
]


@pytest.mark.parametrize(("where", "model"), PLACES, ids=[".".join(map(str, where)) for where, _ in PLACES])
def test_each_key_of_the_schema_is_seen_when_it_is_set(
    where: Where, model: type[BaseModel], whole: str, content: Content
) -> None:
    changed = [text for other in others(where, model) if (text := text_if_valid(other, content))]

    assert changed, "no other value is allowed here: change the test"
    assert whole not in changed


def others(where: Where, model: type[BaseModel]) -> list[dict[str, Any]]:
    """The same policy without the key, and with another value there."""
    *to, key = where
    annotation = keys_of(model)[str(key)].annotation
    found = []
    for value in (None, *other_values(annotation, value_at(EVERYTHING, where))):
        other = deepcopy(EVERYTHING)
        group = value_at(other, tuple(to))
        if value is None:
            del group[key]
        else:
            group[key] = value
        found.append(other)
    return found


def value_at(content: Any, where: Where) -> Any:
    for part in where:
        content = content[part]
    return content


def other_values(annotation: Any, value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, str) and value[:2] == "20":
        return [(date.fromisoformat(value) + timedelta(days=1)).isoformat()]
    if isinstance(value, str):
        return [one for one in allowed(annotation) if one != value] or [f"{value}e"]
    return [one for one in (value[:-1], value[::-1]) if one != value] if isinstance(value, list) else []


def allowed(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(one) for one in annotation]
    if get_origin(annotation) in (Union, UnionType):
        return [one for part in get_args(annotation) for one in allowed(part)]
    return []


def text_if_valid(written: dict[str, Any], content: Content) -> str | None:
    try:
        return text_of(written, content)
    except (ValidationError, KeyError):
        return None


def test_every_text_and_number_of_a_policy_is_seen_as_written(whole: str) -> None:

    for place in places_in(Policy, EVERYTHING):
        for key, value in place.content.items():
            annotation = keys_of(place.model)[key].annotation
            if isinstance(value, str | int) and not isinstance(value, bool) and not allowed(annotation):
                assert str(value) in whole, (place.where, key)


def test_everything_a_guideline_says_of_itself_is_seen(whole: str) -> None:

    assert set(GUIDELINE) == set(keys_of(Guideline))
    assert [value for key, value in GUIDELINE.items() if key != "clauses" and value not in whole] == []
    for seen in ("berga:punkt", "stycke 3", "En punkt om prov", "rad 41–47", "berga:annan", "rad 48:"):
        assert seen in whole


def test_the_text_is_swedish_throughout(whole: str) -> None:

    for english in ("must", "should", "weekdays", "communications", "None", "True", "half_year", "close"):
        assert english not in whole
    assert "- Bör: Ett steg – arkivarien och kommunikationsenheten rådfrågas [steg]" in whole
    assert "Grund: Kommunens beslut 2025-03-04, § 17, Nämnden för prov" in whole
    assert "Gäller från 2026-01-02 till och med 2029-12-30" in whole


def test_settings_stand_by_themselves_after_the_rules_and_cite_nothing(content: Content) -> None:
    text = text_of(EVERYTHING | {"settings": {"link_days": 9}}, content)
    rules, settings = text.split("## Kommunens inställning")

    assert "- Dagar en länk för ett svar lever: 9\n" in settings
    assert "- Arbetsdagar ett samråd väntar på svar: 10 (produktens förval)\n" in settings
    assert "Grund" in rules
    assert "Grund" not in settings
    assert "lever" not in rules


def test_every_rule_has_a_first_line() -> None:
    used = {model for model in models_within(Policy) if issubclass(model, Rule)}

    assert set(FIRST_LINES) == used


def test_every_value_has_a_swedish_word() -> None:
    for model in models_within(Policy):
        for key, field in keys_of(model).items():
            for inner in (field.annotation, *get_args(field.annotation)):
                check_words(inner, f"{model.__name__}.{key}")


def check_words(annotation: Any, where: str) -> None:
    if get_origin(annotation) is Literal:
        assert set(get_args(annotation)) <= set(LITERAL_WORDS), where
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        for one in annotation:
            assert isinstance(one, StrEnum)
            assert ROLE_NAMES.get(one) if isinstance(one, Role) else enum_word(one), where


def test_names_of_platforms_classes_and_roles_are_whole() -> None:
    assert set(PLATFORM_NAMES) == set(Platform)
    assert set(CLASS_NAMES) == set(AccountKind)
    assert set(ROLE_NAMES) == set(Role)


def test_a_role_is_called_what_the_municipality_calls_it() -> None:
    policy = Policy(
        policy="berga",
        name="Berga",
        guidelines=[],
        valid_from=date(2026, 1, 1),
        settings=Settings(role_names={Role.COMMUNICATIONS: "informationsenheten"}),
    )

    assert role_name(policy, Role.COMMUNICATIONS) == "informationsenheten"
    assert role_name(policy, Role.LINE_MANAGER) == "chef"
    assert role_name(policy, Role.LINE_MANAGER, "definite") == "chefen"


@pytest.mark.parametrize("name", names_in(HERE, MUNICIPALITIES))
def test_each_policy_of_ours_is_shown_alike_from_files_and_from_its_stored_content(name: str) -> None:
    policy = load_policy(name)
    content = content_of(policy)

    assert as_text(policy) == as_text(policy_from_content(content), content)
    result = CliRunner().invoke(app, ["policies", "show", name])
    assert (result.exit_code, result.output) == (0, as_text(policy))
