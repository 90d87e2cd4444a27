"""The chains of the process's picture: who decides, is consulted or told, and what each answer leads to."""

from collections.abc import Iterator, Sequence

from lifecycle.process_wording import Wording, counted
from models import AccountState, Process
from policies.process_shape import Bpmn, Flow, Node
from policies.rules import Step, StepAct

UNANSWERED = "unanswered:ladder"
"""The node that a question without answer comes to."""
RED = "unanswered:red"
"""The node of an account that stands still until a person puts something right."""
_KINDS = {
    StepAct.DECIDE: Bpmn.GATEWAY,
    StepAct.CONSULT: Bpmn.USER_TASK,
    StepAct.INFORM: Bpmn.SEND_TASK,
}
_VERBS = {StepAct.DECIDE: "beslutar", StepAct.CONSULT: "rådfrågas", StepAct.INFORM: "underrättas"}


def state_key(state: AccountState) -> str:
    """What the node or stage of a state is called."""
    return f"state:{state.value}"


def state_node(state: AccountState, kind: Bpmn, title: str, *says: str) -> Node:
    """The node of a state that is no stage of its own."""
    return Node(state_key(state), kind, title, says=says, counted=state_key(state))


def step_key(process: Process, step: Step) -> str:
    """What the node of a step is called."""
    return f"{process.value}:{step.step}"


def chain_nodes(words: Wording, process: Process, steps: Sequence[Step]) -> tuple[Node, ...]:
    """A node for each step, in the policy's order."""
    return tuple(_node(words, process, step) for step in steps)


def _node(words: Wording, process: Process, step: Step) -> Node:
    joined = "eller" if step.answered_by == "any" else "och"
    who = f"{words.roles(step.roles, joined)} {_VERBS[step.act]}"
    return words.node(
        step, step_key(process, step), _KINDS[step.act], step.label, who=who, says=tuple(_says(words, step))
    )


def _says(words: Wording, step: Step) -> Iterator[str]:
    if len(step.roles) > 1 and step.act is not StepAct.INFORM:
        yield "Det räcker att en svarar." if step.answered_by == "any" else "Alla ska svara."
    if step.assigns:
        yield "Ett ja är också administratörernas daterade uppdrag."
    if step.act is StepAct.CONSULT:
        yield "Svaret inväntas men binder ingen."


def chain_flows(
    words: Wording, process: Process, steps: Sequence[Step], yes: Flow, no: Flow, changes: str = ""
) -> Iterator[Flow]:
    """What each answer leads to: the last yes, a no, and a plan that is sent back (`changes`)."""
    for number, step in enumerate(steps):
        here = step_key(process, step)
        last = number + 1 == len(steps)
        following = yes.target if last else step_key(process, steps[number + 1])
        if step.act is StepAct.DECIDE:
            yield Flow(here, following, yes.label if last else "Ja")
            yield Flow(here, no.target, no.label)
            if changes:
                yield Flow(here, changes, "Ändringar begärs")
            yield Flow(here, UNANSWERED, "Ingen svarar")
        else:
            yield Flow(here, following, yes.label if last and step.act is StepAct.INFORM else "")
        if step.act is StepAct.CONSULT:
            days = counted(words.law.policy.settings.consultation_days, "arbetsdag", "arbetsdagar")
            yield Flow(here, following, f"Inget svar på {days}: går vidare ändå")
