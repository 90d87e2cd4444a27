"""How an account's life ends in the process's picture: not kept up, asked to be closed, closing, closed."""

from collections.abc import Iterator, Sequence

from lifecycle.process_duties import duty_key
from lifecycle.process_setting_up import item_node
from lifecycle.process_steps import UNANSWERED, chain_nodes, state_key
from lifecycle.process_wording import Wording, counted
from lifecycle.weeding import key_of, label_of
from models import AccountState as S
from models import Process, TaskKind
from policies.duties import Inactivity, Weeding
from policies.keys import Role
from policies.naming import LITERAL_WORDS, listed
from policies.process_shape import Bpmn, Flow, Node, Stage
from policies.rules import Item, Step, StepAct

ASKED_TO_CLOSE = "closing"
"""The stage in which somebody has asked for the account to be closed."""
ASKED_ALREADY = f"{ASKED_TO_CLOSE}:asked"
"""Its first node, and the accounts that are there."""
REVIEW = duty_key(TaskKind.REVIEW)
WARNING = duty_key(TaskKind.WARN)


def inactivity_stages(words: Wording) -> Iterator[Stage]:
    """A warning in time, and then the question whether the account is to be kept."""
    rule, settings = words.law.policy.rules.inactivity, words.law.policy.settings
    for one in words.still([rule] if rule else []):
        span, unit = one.after or settings.inactivity_days, one.unit or "days"
        unit = unit if one.after else settings.inactivity_unit
        own = "" if one.after else " (kommunens inställning)"
        what = " eller ".join(LITERAL_WORDS[count] for count in one.counts)
        warned = settings.inactivity_warning_days
        nodes = (
            words.node(
                one,
                WARNING,
                Bpmn.TIMER_EVENT,
                "Det sägs till i tid",
                when=f"{counted(warned, 'dag', 'dagar')} i förväg",
                who=words.role(Role.ADMINISTRATOR),
                says=("Publicerar eller bekräftar någon i tid händer inget mer.",),
            ),
            _review(words, one, f"efter {span} {LITERAL_WORDS[unit]} utan {what}{own}"),
        )
        yield Stage("inactivity", "När kontot inte sköts", "", nodes, True, within=state_key(S.ACTIVE))


def _review(words: Wording, rule: Inactivity, when: str) -> Node:
    title = "Ska kontot finnas kvar?" if rule.outcome == "assess" else "Kontot ska avslutas"
    kept = words.law.policy.settings.kept_days_at_most
    says = [f"Behålls eller vilar det sägs till vilken dag, högst {kept} dagar framåt."]
    if rule.outcome == "close":
        says.insert(0, "Den som vill behålla kontot skriver varför.")
    return words.node(
        rule, REVIEW, Bpmn.GATEWAY, title, when=when, who=words.role(rule.reviewed_by), says=tuple(says)
    )


def review_flows(words: Wording) -> Iterator[Flow]:
    """What each answer to that question leads to, and no answer."""
    rule = words.law.policy.rules.inactivity
    for one in words.still([rule] if rule else []):
        yield Flow(WARNING, REVIEW, "Inget händer")
        yield Flow(REVIEW, state_key(S.ACTIVE), "Behålls")
        yield Flow(REVIEW, state_key(S.ACTIVE), "Vilar")
        yield Flow(REVIEW, ASKED_TO_CLOSE, "Avslutas")
        closes = (one.if_no_answer or ("close" if one.outcome == "close" else "red")) == "close"
        if closes:
            yield Flow(REVIEW, ASKED_TO_CLOSE, "Ingen svarar: påminns, sedan begärs avslut")
        else:
            yield Flow(REVIEW, UNANSWERED, "Ingen svarar")


# ---------------------------------------------------------------- closing


def asked_before_closing(words: Wording) -> list[Step]:
    """The steps that come before an account begins to be closed; who is only told is told afterwards."""
    return [one for one in words.still(words.law.policy.rules.closing) if one.act is not StepAct.INFORM]


def asking_stage(words: Wording) -> Stage:
    """Somebody or something asks for the account to be closed."""
    causes = ["Någon begär det, med skäl", "kontots sista dag har kommit"]
    rules = words.law.policy.rules
    if words.still(rules.evaluation):
        causes.append("utvärderingen leder dit")
    if rules.inactivity and words.still([rules.inactivity]):
        causes.append("bedömningen leder dit")
    begins = Node(
        ASKED_ALREADY,
        Bpmn.START_EVENT,
        "Begäran om avslut",
        says=(_or(causes) + ".",),
        counted=ASKED_ALREADY,
    )
    nodes = (begins, *chain_nodes(words, Process.CLOSING, asked_before_closing(words)))
    return Stage(ASKED_TO_CLOSE, "Avslut begärs", "", nodes, True, within=state_key(S.ACTIVE))


def _or(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f", eller {words[-1]}"


def closing_stage(words: Wording) -> Stage:
    """The checklist for closing, and what is weeded at the channel's end."""
    rules, key = words.law.policy.rules, state_key(S.CLOSING)
    items = words.still(rules.closing_items)
    nodes = [item_node(words, item, "closing_items", *_waits(item, items)) for item in items]
    pictures = [one.label for one in items if one.snapshot]
    nodes += [
        _weeded(words, rule, pictures) for rule in words.still(rules.weeding) if "channel_end" in rule.at
    ]
    then = "Punkterna bekräftas var för sig." if nodes else "Reglerna har ingen checklista."
    return Stage(key, "Avslutas", f"Öppna ärenden görs klara. {then}", tuple(nodes), counted=key)


def _weeded(words: Wording, rule: Weeding, pictures: Sequence[str]) -> Node:
    return words.node(
        rule,
        f"closing_items:gallring-{key_of(rule)}",
        Bpmn.USER_TASK,
        label_of(rule),
        who=words.role(Role.RESPONSIBLE),
        says=(f"Efter: {pictures[0]}.",) if pictures else (),
    )


def _waits(item: Item, items: Sequence[Item]) -> Iterator[str]:
    if item.snapshot:
        yield "Kanalvakt tar bilden när det går."
    if item.after:
        labels = [one.label for one in items if one.item in item.after]
        yield f"Efter: {listed(labels)}."
    if item.wait_days:
        yield f"{counted(item.wait_days, 'dag', 'dagar')} efter att avslutet påbörjades."


def closed_stage(words: Wording) -> Stage:
    """The end, and those who are told of it."""
    told = [one for one in words.still(words.law.policy.rules.closing) if one.act is StepAct.INFORM]
    key = state_key(S.CLOSED)
    says = "Rollerna upphör, och de som skötte kontot får veta det."
    return Stage(key, "Avslutat", says, chain_nodes(words, Process.CLOSING, told), counted=key)
