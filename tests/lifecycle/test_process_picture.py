"""The picture's shape: everything that a policy and the tables of states have is in it, and nothing else."""

from functools import cache

import pytest

from acts.process_pictures import picture_of_rules
from lifecycle.process_picture import MOVE_WORDS
from lifecycle.process_text import as_markdown, as_paragraph, told
from lifecycle.states import MOVES
from models import AccountState
from policies.keys import Modality
from policies.loading import HERE, MUNICIPALITIES, content_of, load_policy, names_in
from policies.policy import Policy
from policies.process_shape import Bpmn, Node, ProcessShape
from policies.rules import Rules, StepAct
from policies.settings import Settings
from policies.shape import rules_in
from tests.policies.case_policies import written_policy

POLICIES = names_in(HERE, MUNICIPALITIES)

NODES_OF: dict[str, tuple[str, ...]] = {
    "opening": ("opening:",),
    "platforms": ("platforms:",),
    "names": ("names:",),
    "stops": ("stop:",),
    "owner": ("owner",),
    "headcounts": ("headcount:",),
    "assignment": ("setting_up:uppdrag",),
    "setting_up": ("setting_up:", "duties:renew"),
    "administrator_change": ("administrator_change:",),
    "guest": ("guest", "guest:"),
    "watch": ("duties:watch",),
    "answer": ("answer:",),
    "removal": ("case:",),
    "matters": ("case:",),
    "posting": ("duties:post",),
    "inactivity": ("duties:warn", "duties:review"),
    "documentation": ("duties:take_snapshot",),
    "weeding": ("duties:weed", "closing_items:gallring"),
    "evaluation": ("duties:evaluate",),
    "closing": ("closing:",),
    "closing_items": ("closing_items:",),
    "public_register": ("register:",),
    "crisis": ("crisis:",),
    "revision": ("duties:review_guideline",),
}
"""Where each kind of rule is drawn."""
TOLD_INSIDE = {
    "plan": "opening:plan",
    "documents": "setting_up:kvittering",
    "evaluation_questions": "duties:evaluate",
}
"""What is told as a part of a node, by which one."""
BESIDE = {"advice", "other_links"}
"""Shown where it helps, or about others' pages: nobody has to do it, and no account goes through it."""
OF_THE_ENGINE = (
    *("opening:plan", "state:", "unanswered:"),
    *("setting_up:kontots-adress", "setting_up:kvittering", "closing:asked"),
)


@cache
def shape_of(name: str) -> ProcessShape:
    return picture_of_rules(content_of(load_policy(name))).shape


def written(**rules: object) -> ProcessShape:
    """The process of a policy of one's own."""
    policy = Policy.model_validate(written_policy({"rules": rules}))
    return picture_of_rules(content_of(policy)).shape


@pytest.fixture(params=POLICIES)
def name(request: pytest.FixtureRequest) -> str:
    given: str = request.param
    return given


def test_every_kind_of_rule_has_its_place() -> None:
    assert set(NODES_OF) | set(TOLD_INSIDE) | BESIDE == set(Rules.model_fields)


def test_every_state_and_every_move_is_drawn(name: str) -> None:
    shape = shape_of(name)
    places = {one.key for one in (*shape.stages, *shape.nodes())}
    assert {f"state:{state.value}" for state in AccountState} <= places
    moves = {(f"state:{a.value}", f"state:{b.value}") for a, targets in MOVES.items() for b in targets}
    assert moves <= {(flow.source, flow.target) for flow in shape.flows}


def test_every_move_has_words() -> None:
    assert set(MOVE_WORDS) == {(a, b) for a, targets in MOVES.items() for b in targets}


def test_no_way_leads_to_or_from_nowhere_and_no_place_is_there_twice(name: str) -> None:
    shape = shape_of(name)
    keys = [one.key for one in shape.nodes()] + [one.key for one in shape.stages]
    assert len(keys) == len(set(keys))
    assert {end for flow in shape.flows for end in (flow.source, flow.target)} <= set(keys)


def test_every_rule_is_drawn_or_told_with_all_its_clauses(name: str) -> None:
    policy = load_policy(name)
    content, nodes, missing = content_of(policy), list(shape_of(name).nodes()), []
    for placed in rules_in(policy.rules):
        if placed.key in BESIDE:
            continue
        starts = NODES_OF.get(placed.key, (TOLD_INSIDE.get(placed.key, ""),))
        cites = {content["clauses"][ref]["cite"] for ref in placed.rule.clauses}
        found = [
            node
            for node in nodes
            if node.key.startswith(starts) and all(cite in " · ".join(node.clauses) for cite in cites)
        ]
        said = getattr(placed.rule, "title", None) or getattr(placed.rule, "label", None)
        wanted = said.rstrip(".").casefold() if said else ""
        if not any(wanted in words_of(node).casefold() for node in found):
            missing.append(placed.path)
    assert missing == []


def words_of(node: Node) -> str:
    return " ".join([node.title, node.who, node.when, *node.says, *node.parts])


def test_nothing_is_drawn_that_the_policy_does_not_have(name: str) -> None:
    rules = load_policy(name).rules
    starts = [start for key, given in NODES_OF.items() if getattr(rules, key) for start in given]
    starts += [start for key, start in TOLD_INSIDE.items() if getattr(rules, key)]
    known = (*starts, *OF_THE_ENGINE)
    assert [one.key for one in shape_of(name).nodes() if not one.key.startswith(known)] == []


def test_a_rule_is_drawn_once(name: str) -> None:
    rules, keys = load_policy(name).rules, [node.key for node in shape_of(name).nodes()]
    for key in ("watch", "posting", "crisis", "answer", "documentation", "evaluation", "headcounts"):
        [start] = NODES_OF[key]
        assert len(getattr(rules, key)) == sum(one.startswith(start) for one in keys), key
    assert len(rules.removal) + len(rules.matters) == sum(one.startswith("case:") for one in keys)


def test_what_is_weaker_than_must_says_so(name: str) -> None:
    policy = load_policy(name)
    text = as_markdown(shape_of(name))
    for placed in rules_in(policy.rules):
        label = getattr(placed.rule, "title", None) or getattr(placed.rule, "label", None)
        if label and placed.key not in BESIDE and placed.rule.modality is not Modality.MUST:
            word = {Modality.SHOULD: "bör", Modality.MAY: "får"}[placed.rule.modality]
            line = next(one for one in text.splitlines() if label.rstrip(".") in one)
            assert f"({word})" in line, placed.path


def step(shape: ProcessShape, key: str) -> Node:
    return next(node for node in shape.nodes() if node.key == key)


def ways(shape: ProcessShape, key: str) -> set[tuple[str, str]]:
    return {(flow.label, flow.target) for flow in shape.flows_from(key)}


def test_a_decision_can_be_declined_sent_back_or_left_without_answer() -> None:
    """Tomelilla: the manager's assignment, then communications' approval."""
    shape = shape_of("tomelilla")
    node = step(shape, "opening:assignment")
    assert (node.kind, node.who) == (Bpmn.GATEWAY, "chefen beslutar")
    assert ways(shape, node.key) == {
        ("Ja", "opening:approval"),
        ("Avslås", "state:declined"),
        ("Ändringar begärs", "state:changes_asked"),
        ("Ingen svarar", "unanswered:ladder"),
    }


def test_silence_on_a_consultation_stops_nothing() -> None:
    """Haninge F2: the consultation is held before the decision; it binds nobody."""
    shape = shape_of("haninge")
    assert {target for _, target in ways(shape, "opening:consultation")} == {"opening:decision"}
    assert "Inget svar på 10 arbetsdagar: går vidare ändå" in {
        label for label, _ in ways(shape, "opening:consultation")
    }


def test_a_step_for_some_accounts_only_says_for_which() -> None:
    """Skurup, Samordning: the information unit assesses a platform that is new to the municipality."""
    assert step(shape_of("skurup"), "opening:assessment").only == "Bara när plattformen är ny för kommunen"
    assert (
        step(shape_of("tibro"), "setting_up:meta_business_profile").only == "Bara på Facebook eller Instagram"
    )


def test_how_often_stands_as_the_clause_has_it() -> None:
    """The template: watched every weekday, pictured each half-year, evaluated each year."""
    shape = shape_of("mall")
    often = {
        key: step(shape, key).when for key in ("duties:watch", "duties:take_snapshot", "duties:evaluate")
    }
    assert often == {
        "duties:watch": "varje vardag",
        "duties:take_snapshot": "varje halvår och vid större förändring",
        "duties:evaluate": "varje år",
    }
    assert step(shape, "duties:post:2").when == "minst 1–2 gånger i veckan"
    assert "Kanalvakt ser efter måndag och torsdag." in step(shape, "duties:post").says


def test_what_a_clause_leaves_open_is_called_the_municipality_s_own() -> None:
    """Skurup G3: kept under watch, without saying how often."""
    watch = step(shape_of("skurup"), "duties:watch")
    assert watch.says[0] == "Riktlinjen säger inte hur ofta: kommunens inställning."


def test_an_account_not_kept_up_is_assessed_or_closed() -> None:
    """Tibro 2 assesses, and silence leaves the account red; Nässjö 16 closes."""
    assert ("Ingen svarar", "unanswered:ladder") in ways(shape_of("tibro"), "duties:review")
    assert ("Ingen svarar: påminns, sedan begärs avslut", "closing") in ways(
        shape_of("nassjo"), "duties:review"
    )
    assert "inactivity" not in {stage.key for stage in shape_of("skurup").stages}


def test_where_nobody_decides_nothing_can_be_declined() -> None:
    shape = written()
    keys = {one.key for one in shape.nodes()}
    assert not keys & {"state:declined", "state:changes_asked"}
    assert all({flow.source, flow.target} <= keys | {one.key for one in shape.stages} for flow in shape.flows)
    deciding = next(one for one in shape.stages if one.key == "state:deciding")
    assert deciding.says == "Ingen behöver besluta: planen går vidare av sig själv."


def test_every_act_of_a_step_has_a_sign_of_its_own() -> None:
    steps = [{"step": act, "label": act, "act": act, "roles": ["registry"]} for act in map(str, StepAct)]
    shape = written(opening=steps)
    kinds = [step(shape, f"opening:{act.value}").kind for act in StepAct]
    assert kinds == [Bpmn.GATEWAY, Bpmn.USER_TASK, Bpmn.SEND_TASK]


def test_a_rule_that_has_ended_is_gone_and_one_to_come_says_when() -> None:
    def crisis(label: str, **dates: str) -> dict[str, object]:
        return {
            "label": label,
            "decision": {"decided_on": "2026-01-15", "number": "§ 1", "body": "KS"},
            **dates,
        }

    shape = written(crisis=[crisis("Förr", until="2025-12-31"), crisis("Sedan", **{"from": "2026-06-01"})])
    [node] = [one for one in shape.nodes() if one.key.startswith("crisis:")]
    assert (node.title, node.only) == ("Sedan", "Bara från 2026-06-01")
    assert node.clauses == ("Kommunens beslut 2026-01-15, § 1, KS",)


def test_the_words_name_every_stage_and_node_in_the_picture_s_order(name: str) -> None:
    shape = shape_of(name)
    paragraph, text, at = as_paragraph(shape), as_markdown(shape), 0
    assert "\n" not in paragraph
    for stage in shape.stages:
        for title in (stage.title, *(one.title for one in (*stage.nodes, *stage.ways_out))):
            at = paragraph.index(title, at)
            assert title in text


def test_numbers_stand_in_the_words_where_there_are_any() -> None:
    numbers = {"state:deciding": 3, "opening:decision": 1}
    stages = told(shape_of("tibro"), numbers)
    assert [one.count for one in stages[:3]] == ["0 konton", "3 konton", "0 konton"]
    assert stages[1].nodes[0].count == "1 konto"
    assert not any(one.count for one in told(shape_of("tibro")))


def test_the_ladder_is_told_as_it_is_set() -> None:
    ladder = Settings().ladder
    assert (ladder.first, ladder.every, ladder.at_most) == (3, 3, 2)
    assert step(shape_of("mall"), "unanswered:ladder").says == (
        "Efter 3 arbetsdagar, sedan med 3 arbetsdagars mellanrum, högst 2 gånger. "
        "Sedan får kommunikationsenheten veta det.",
    )
