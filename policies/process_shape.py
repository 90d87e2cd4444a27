"""The process that a policy gives, as a shape to be drawn and told: nodes and flows in BPMN's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policies.keys import Modality

Numbers = Mapping[str, int]
"""How many accounts there are at each place, by what a node or stage is `counted` as."""


class Bpmn(StrEnum):
    """What a node is, by BPMN's names."""

    START_EVENT = "start_event"
    END_EVENT = "end_event"
    USER_TASK = "user_task"
    SEND_TASK = "send_task"
    BUSINESS_RULE_TASK = "business_rule_task"
    GATEWAY = "gateway"
    TIMER_EVENT = "timer_event"
    ESCALATION_EVENT = "escalation_event"
    SIGNAL_EVENT = "signal_event"


@dataclass(frozen=True)
class Node:
    """Something done, asked, told, decided or come to."""

    key: str
    kind: Bpmn
    title: str
    who: str = ""
    when: str = ""
    """How often or how soon: "varje vardag"."""
    says: tuple[str, ...] = ()
    only: str = ""
    """For which accounts, where not for all."""
    modality: Modality = Modality.MUST
    clauses: tuple[str, ...] = ()
    counted: str = ""
    parts: tuple[str, ...] = ()
    """What it consists of, such as a plan's questions: told beside the picture, not drawn."""


@dataclass(frozen=True)
class Flow:
    """From one node or stage to another, and when."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class Stage:
    """A part of an account's life; `nodes` follow one another, or stand side by side."""

    key: str
    title: str
    says: str = ""
    nodes: tuple[Node, ...] = ()
    in_order: bool = False
    ways_out: tuple[Node, ...] = ()
    """Where it can come to besides the next stage."""
    within: str = ""
    """The stage that this one is a part of, as what happens in an open account is."""
    counted: str = ""


@dataclass(frozen=True)
class ProcessShape:
    """The whole process, from top to bottom."""

    name: str
    stages: tuple[Stage, ...]
    flows: tuple[Flow, ...]

    def nodes(self) -> Iterator[Node]:
        """All nodes, in the order in which they are drawn."""
        for stage in self.stages:
            yield from (*stage.nodes, *stage.ways_out)

    def flows_from(self, key: str) -> list[Flow]:
        """The ways that lead on from a node or a stage."""
        return [flow for flow in self.flows if flow.source == key]
