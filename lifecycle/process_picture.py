"""The process of one policy, for its picture: made of the tables that the engine runs by.

States and moves come from `lifecycle.states`, steps and duties from the policy's rules. Nothing stands here
that the policy does not have, and a move without words is a fault that shows at once.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from lifecycle.law import Law
from lifecycle.process_duties import duty_flows, happening_stage, recurring_stage
from lifecycle.process_ending import (
    ASKED_ALREADY,
    ASKED_TO_CLOSE,
    asked_before_closing,
    asking_stage,
    closed_stage,
    closing_stage,
    inactivity_stages,
    review_flows,
)
from lifecycle.process_setting_up import setting_up_stage
from lifecycle.process_steps import RED, UNANSWERED, chain_flows, chain_nodes, state_key, state_node, step_key
from lifecycle.process_wording import Wording, counted, months_words, strength_words
from lifecycle.states import MOVES
from models import AccountState as S
from models import Process
from policies.keys import Modality, Role
from policies.naming import LITERAL_WORDS, PLATFORM_NAMES, listed
from policies.process_shape import Bpmn, Flow, Node, ProcessShape, Stage
from policies.rules import Step, StepAct

_GUEST = "guest"
MOVE_WORDS: dict[tuple[S, S], str] = {
    (S.DRAFT, S.DECIDING): "Planen skickas in",
    (S.DRAFT, S.WITHDRAWN): "Den sökande ångrar sig",
    (S.DECIDING, S.CHANGES_ASKED): "Ändringar begärs",
    (S.DECIDING, S.SETTING_UP): "Godkänt",
    (S.DECIDING, S.DECLINED): "Avslås",
    (S.DECIDING, S.WITHDRAWN): "Den sökande ångrar sig",
    (S.CHANGES_ASKED, S.DECIDING): "Den ändrade planen prövas på nytt",
    (S.CHANGES_ASKED, S.WITHDRAWN): "Den sökande ångrar sig",
    (S.SETTING_UP, S.ACTIVE): "Allt som ska vara gjort är bekräftat",
    (S.SETTING_UP, S.DECIDING): "Ett ja tas tillbaka",
    (S.SETTING_UP, S.WITHDRAWN): "Den sökande ångrar sig",
    (S.SETTING_UP, S.LAPSED): "Det tar för lång tid",
    (S.ACTIVE, S.CLOSING): "Kontot ska avslutas",
    (S.CLOSING, S.CLOSED): "Allt som ska vara gjort är bekräftat",
    (S.CLOSING, S.ACTIVE): "Avslutet tas tillbaka",
    (S.DECLINED, S.DECIDING): "Avslaget tas tillbaka",
    (S.LAPSED, S.SETTING_UP): "Kommunikation öppnar det igen",
}
"""Each allowed move in words."""


def process_shape(law: Law, on: date) -> ProcessShape:
    """The whole process as the policy has it on a day in the municipality's zone."""
    words = Wording(law, on)
    stages = [
        _applying(words),
        _deciding(words),
        setting_up_stage(words),
        recurring_stage(words),
        happening_stage(words),
        *_changes(words),
        *inactivity_stages(words),
        asking_stage(words),
        closing_stage(words),
        closed_stage(words),
        _unanswered(words),
        *_beside(words),
    ]
    kept = tuple(one for one in stages if one.nodes or one.key.startswith("state:"))
    there = {stage.key for stage in kept}
    there |= {node.key for stage in kept for node in (*stage.nodes, *stage.ways_out)}
    flows = tuple(flow for flow in _flows(words) if {flow.source, flow.target} <= there)
    return ProcessShape(law.policy.name, kept, flows)


def _flows(words: Wording) -> Iterator[Flow]:
    for source, targets in MOVES.items():
        for target in sorted(targets):
            yield Flow(state_key(source), state_key(target), MOVE_WORDS[source, target])
    opening = words.still(words.law.policy.rules.opening)
    approved = Flow("", state_key(S.SETTING_UP), "Godkänt")
    declined = Flow("", state_key(S.DECLINED), "Avslås")
    yield from chain_flows(words, Process.OPENING, opening, approved, declined, state_key(S.CHANGES_ASKED))
    open_still = state_key(S.ACTIVE)
    begins = Flow("", open_still, "Personen börjar")
    nothing = Flow("", open_still, "Nej, allt blir som förut")
    for process, steps in _changing_chains(words):
        if process is Process.GUEST:
            yield from _begin(_GUEST, process, steps)
        yield from chain_flows(words, process, steps, begins, nothing)
    closes = Flow("", state_key(S.CLOSING), "Ja")
    kept = Flow("", open_still, "Nej, kontot är kvar")
    asked = asked_before_closing(words)
    yield from _begin(ASKED_ALREADY, Process.CLOSING, asked)
    yield from chain_flows(words, Process.CLOSING, asked, closes, kept)
    yield Flow(UNANSWERED, RED, "Fortfarande inget svar")
    yield from duty_flows(words, ASKED_TO_CLOSE)
    yield from review_flows(words)


def _begin(key: str, process: Process, steps: Sequence[Step]) -> Iterator[Flow]:
    """From what begins a chain to its first step."""
    yield from (Flow(key, step_key(process, one)) for one in steps[:1])


# ---------------------------------------------------------------- the application


def _applying(words: Wording) -> Stage:
    settings = words.law.policy.settings
    says = (
        f"Ett utkast som ingen rör påminns om efter {settings.draft_reminder_days} dagar "
        f"och raderas efter {settings.draft_days}."
    )
    key = state_key(S.DRAFT)
    return Stage(key, "Ansökan", says, (*_limits(words), _plan(words)), counted=key)


def _plan(words: Wording) -> Node:
    fields = words.still(words.law.policy.rules.plan)
    must = sum(one.modality is Modality.MUST for one in fields)
    says = ["Plattform, namn, enhet och slags konto anges alltid."]
    if fields:
        demanded = "alla ska besvaras" if must == len(fields) else f"{must} av dem ska besvaras"
        says.append(f"{counted(len(fields), 'fråga', 'frågor')} till, {demanded}.")
    return Node(
        "opening:plan",
        Bpmn.USER_TASK,
        "Skriv planen och skicka den",
        who=words.role(Role.APPLICANT),
        says=tuple(says),
        clauses=words.grounds(fields),
        parts=tuple(f"{one.label}{strength_words(one.modality)}" for one in fields),
    )


def _limits(words: Wording) -> Iterator[Node]:
    """What is looked at as soon as it is written."""
    rules, kind = words.law.policy.rules, Bpmn.BUSINESS_RULE_TASK
    for number, stop in enumerate(words.still(rules.stops)):
        yield words.node(
            stop, f"stop:{number + 1}", kind, "Inga nya konton", says=(stop.explanation,), counted=""
        )
    for number, one in enumerate(words.still(rules.platforms)):
        allowed = [PLATFORM_NAMES[platform] for platform in one.allowed or ()]
        refused = [PLATFORM_NAMES[platform] for platform in one.refused or ()]
        says = [f"Bara {listed(allowed)}."] if allowed else []
        says += [f"Inte {listed(refused)}."] if refused else []
        yield words.node(
            one, f"platforms:{number + 1}", kind, "Plattformen prövas", says=tuple(says), counted=""
        )
    for number, name in enumerate(words.still(rules.names)):
        yield words.node(
            name, f"names:{number + 1}", kind, "Namnet prövas", says=(name.explanation,), counted=""
        )
    for owner in words.still([rules.owner] if rules.owner else []):
        says = ["Varje konto hör till en enhet."] if owner.unit_demanded else []
        if owner.common_owned_by:
            says.append(f"Gemensamma konton svarar {words.role(owner.common_owned_by)} för.")
        yield words.node(owner, "owner", kind, "Kontot får en ägare", says=tuple(says), counted="")


# ---------------------------------------------------------------- decisions


def _deciding(words: Wording) -> Stage:
    steps = words.still(words.law.policy.rules.opening)
    key, nodes = state_key(S.DECIDING), chain_nodes(words, Process.OPENING, steps)
    if not any(step.act is StepAct.DECIDE for step in steps):
        says = "Ingen behöver besluta: planen går vidare av sig själv."
        return Stage(key, "Beslut", says, nodes, in_order=True, ways_out=(_withdrawn(),), counted=key)
    says = "Stegen tas i ordning." if len(nodes) > 1 else ""
    out = (_changes_asked(), _declined(words), _withdrawn())
    return Stage(key, "Beslut", says, nodes, in_order=True, ways_out=out, counted=key)


def _changes_asked() -> Node:
    says = "Den sökande ändrar planen och skickar den igen. Den prövas då på nytt."
    return state_node(S.CHANGES_ASKED, Bpmn.USER_TASK, "Ändringar begärs", says)


def _declined(words: Wording) -> Node:
    minutes = words.law.policy.settings.regret_minutes
    regret = (f"Den som svarade kan ta tillbaka svaret i {counted(minutes, 'minut', 'minuter')}.",)
    return state_node(
        S.DECLINED, Bpmn.END_EVENT, "Avslås", "Den sökande får skälet.", *(regret if minutes else ())
    )


def _withdrawn() -> Node:
    says = "Den sökande kan ångra sig ända tills kontot är öppet."
    return state_node(S.WITHDRAWN, Bpmn.END_EVENT, "Återtas", says)


# ---------------------------------------------------------------- changes while it is open


def _changing_chains(words: Wording) -> Iterator[tuple[Process, Sequence[Step]]]:
    rules = words.law.policy.rules
    yield Process.ADMINISTRATOR_CHANGE, words.still(rules.administrator_change)
    for guest in words.still([rules.guest] if rules.guest else []):
        yield Process.GUEST, words.still(guest.chain)


def _changes(words: Wording) -> Iterator[Stage]:
    rules, within = words.law.policy.rules, state_key(S.ACTIVE)
    change = Process.ADMINISTRATOR_CHANGE
    nodes = chain_nodes(words, change, words.still(rules.administrator_change))
    yield Stage(
        change.value,
        "När någon ny ska sköta kontot",
        "Den som sköter kontot ber om det.",
        nodes,
        True,
        within=within,
    )
    for guest in words.still([rules.guest] if rules.guest else []):
        begins = words.node(
            guest,
            _GUEST,
            Bpmn.START_EVENT,
            f"En gäst ska sköta kontot i högst {counted(guest.at_most_days, 'dag', 'dagar')}",
            counted="",
        )
        nodes = (begins, *chain_nodes(words, Process.GUEST, words.still(guest.chain)))
        yield Stage("guest-chain", "När kontot får en gäst", "", nodes, True, within=within)


# ---------------------------------------------------------------- beside an account's life


def _unanswered(words: Wording) -> Stage:
    settings = words.law.policy.settings
    ladder = settings.ladder
    reminded = (
        f"Efter {counted(ladder.first, 'arbetsdag', 'arbetsdagar')}, sedan med "
        f"{counted(ladder.every, 'arbetsdags', 'arbetsdagars')} mellanrum, "
        f"högst {counted(ladder.at_most, 'gång', 'gånger')}. "
        f"Sedan får {words.role(ladder.then)} veta det."
    )
    nodes = (
        Node(UNANSWERED, Bpmn.TIMER_EVENT, "Den som har frågan påminns", says=(reminded,)),
        Node(
            RED,
            Bpmn.ESCALATION_EVENT,
            f"Kontot står rött hos {words.role(Role.COMMUNICATIONS)}",
            says=("Det står still tills någon svarar. Tystnad godkänner aldrig något.",),
            counted=RED,
        ),
    )
    says = (
        "Är den som ska svara borta, eller själv den som söker, går frågan till ersättaren, sedan ett steg "
        f"uppåt och sist till {words.role(settings.last_resort)}."
    )
    return Stage("unanswered", "När ingen svarar", says, nodes, in_order=True)


def _beside(words: Wording) -> Iterator[Stage]:
    rules, nodes = words.law.policy.rules, []
    for number, register in enumerate(words.still(rules.public_register)):
        shown = listed([LITERAL_WORDS[one] for one in register.fields])
        nodes.append(
            words.node(
                register,
                f"register:{number + 1}",
                Bpmn.SEND_TASK,
                "Kontot står i den offentliga förteckningen",
                says=(f"Visar {shown}.",),
                counted="",
            )
        )
    for revision in words.still([rules.revision] if rules.revision else []):
        months, small, large = (
            revision.review_every_months,
            revision.small_changes_by,
            revision.large_changes_by,
        )
        says = ["Också när ett nytt direktiv kommer."]
        says += [f"Mindre ändringar: {words.role(small)}."] if small else []
        says += [f"Större ändringar: {words.role(large)}."] if large else []
        nodes.append(
            words.node(
                revision,
                "duties:review_guideline",
                Bpmn.TIMER_EVENT if months else Bpmn.SIGNAL_EVENT,
                "Riktlinjen ses över",
                when=months_words(months) if months else "",
                who=words.role(small or Role.COMMUNICATIONS),
                says=tuple(says),
                counted="",
            )
        )
    yield Stage("beside", "Vid sidan av", "", tuple(nodes))
