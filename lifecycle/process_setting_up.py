"""Setting up in the process's picture: what is confirmed before an account is opened, and by whom."""

from collections.abc import Iterator

from lifecycle.process_steps import state_key, state_node
from lifecycle.process_wording import Wording, capital, counted, strength_words
from lifecycle.setting_up import ACKNOWLEDGE_STEP, ADDRESS_STEP, ASSIGNMENT_STEP
from models import AccountState as S
from policies.keys import Modality, Role
from policies.naming import listed
from policies.process_shape import Bpmn, Node, Stage
from policies.rules import Headcount, Item

ADDRESS_GIVEN = "Kontots adress är angiven"


def setting_up_stage(words: Wording) -> Stage:
    """The checklist, the documents and the headcounts; and an account that is not made ready in time."""
    key, settings = state_key(S.SETTING_UP), words.law.policy.settings
    reminded = listed([str(day) for day in settings.setting_up_reminders])
    lapsed = state_node(
        S.LAPSED,
        Bpmn.END_EVENT,
        "Förfaller",
        f"Är kontot inte klart {settings.setting_up_days} arbetsdagar efter godkännandet förfaller det. "
        f"Det påminns om efter {reminded} arbetsdagar.",
    )
    says = "Punkterna bekräftas var för sig, i vilken ordning som helst."
    return Stage(key, "Ställs i ordning", says, tuple(_preparations(words)), ways_out=(lapsed,), counted=key)


def _preparations(words: Wording) -> Iterator[Node]:
    rules = words.law.policy.rules
    yield Node(
        f"setting_up:{ADDRESS_STEP}",
        Bpmn.USER_TASK,
        ADDRESS_GIVEN,
        who=words.role(Role.RESPONSIBLE),
        only="Bara när planen inte har den",
        counted=f"setting_up:{ADDRESS_STEP}",
    )
    for item in words.still(rules.setting_up):
        yield item_node(words, item, "setting_up")
    for one in words.still([rules.assignment] if rules.assignment else []):
        yield words.node(
            one,
            f"setting_up:{ASSIGNMENT_STEP}",
            Bpmn.USER_TASK,
            "Varje administratör har ett daterat uppdrag",
            who=words.role(one.given_by),
            says=("Frågas bara för den som inte fick det i beslutet.",),
        )
    yield from _documents(words)
    for number, headcount in enumerate(words.still(rules.headcounts)):
        yield _headcount(words, headcount, number)


def _documents(words: Wording) -> Iterator[Node]:
    documents = words.still(words.law.policy.rules.documents)
    if not documents:
        return
    named = [f"{one.label} ({one.edition}){strength_words(one.modality)}" for one in documents]
    yield Node(
        f"setting_up:{ACKNOWLEDGE_STEP}",
        Bpmn.USER_TASK,
        "Var och en har läst och kvitterat dokumenten",
        who=f"varje {_plain(words.role(Role.ADMINISTRATOR))}",
        says=(f"{counted(len(named), 'dokument', 'dokument')}. En ny utgåva kvitteras på nytt.",),
        parts=tuple(named),
        modality=min((one.modality for one in documents), key=list(Modality).index),
        clauses=words.grounds(documents),
        counted=f"setting_up:{ACKNOWLEDGE_STEP}",
    )


def _plain(role: str) -> str:
    """As it stands after "varje"; a name of the municipality's own is used as written."""
    return role.removesuffix("en") if role.endswith("administratören") else role


def item_node(words: Wording, item: Item, process: str, *says: str) -> Node:
    """A line of a checklist."""
    who = words.role(item.confirmed_by)
    ways = [f"{' eller '.join(inside_way.label for inside_way in item.ways)}."] if item.ways else []
    place = ["Var inloggningen förvaras anges, aldrig lösenordet."] if item.place else []
    return words.node(
        item,
        f"{process}:{item.item}",
        Bpmn.USER_TASK,
        item.label,
        who=f"varje {_plain(who)}" if item.each_administrator else who,
        says=(*ways, *place, *says),
    )


_COUNTED = {
    "administrator": ("administratör", "administratörer"),
    "responsible": ("ansvarig", "ansvariga"),
    "substitute": ("ersättare", "ersättare"),
}


def _headcount(words: Wording, rule: Headcount, number: int) -> Node:
    limits = [f"minst {counted(rule.at_least, *_COUNTED[rule.of])}"] if rule.at_least else []
    limits += [f"högst {counted(rule.at_most, *_COUNTED[rule.of])}"] if rule.at_most else []
    says = ["Alla hör till kontots enhet."] if rule.same_unit else []
    says += ["Någon av dem, eller en ersättare, är på plats även under ledighet."] if rule.also_away else []
    title = f"Kontot har {' och '.join(limits)}" if limits else capital(_COUNTED[rule.of][1])
    return words.node(
        rule, f"headcount:{number + 1}", Bpmn.BUSINESS_RULE_TASK, title, says=tuple(says), counted=""
    )
