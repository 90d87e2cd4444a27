"""How the one who answers has shown who they are, and whether that is enough for the question.

Which questions are decisions is said here, and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lifecycle.refusals import Refused
from models import TaskKind
from policies.policy import Policy
from policies.rules import Signing, Step, StepAct


@dataclass(frozen=True)
class SignedIn:
    """A sign-in at the organisation's own provider."""

    issuer: str
    at: datetime
    acr: str
    amr: Sequence[str]
    subject: str
    """Who that is to the provider: personal."""
    address: str
    """The work address that the provider vouched for: personal."""

    def facts(self) -> dict[str, Any]:
        """What the audit log keeps for good."""
        at = self.at.isoformat()
        how = {"acr": self.acr, "amr": list(self.amr)}
        return {"identified": "sign-in", "issuer": self.issuer, "signed_in_at": at, **how}

    def detail(self) -> dict[str, Any]:
        """What is personal, and can be weeded."""
        return {"subject": self.subject, "signed_in_as": self.address}

    def kept(self) -> dict[str, Any]:
        """As it stands with a link, until that is erased."""
        return {
            "issuer": self.issuer,
            "at": self.at.isoformat(),
            "acr": self.acr,
            "amr": list(self.amr),
            "subject": self.subject,
            "address": self.address,
        }

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> "SignedIn":
        """The reverse of `kept`."""
        return cls(**{**kept, "at": datetime.fromisoformat(kept["at"])})


def facts_of_identity(signed_in: SignedIn | None) -> dict[str, Any]:
    """What the audit log says of how somebody was identified: by a mailed link when by nothing more."""
    return signed_in.facts() if signed_in else {"identified": "link"}


def detail_of_identity(signed_in: SignedIn | None) -> dict[str, Any]:
    """What goes with it that is personal."""
    return signed_in.detail() if signed_in else {}


DECISIONS = frozenset(
    {
        TaskKind.DECIDE,
        TaskKind.REVIEW,
        TaskKind.EVALUATE,
        TaskKind.APPROVE_POLICY,
        TaskKind.CONFIRM_ACT,
    }
)
"""What is asked of somebody who decides by answering. Advice, lines of a checklist, and what the clock asks
people to do, look at or tell are no decisions: they settle nothing for anybody else."""


def demands_sign_in(policy: Policy, kind: TaskKind, step: Step | None = None) -> bool:
    """Whether an answer wants more than a link: its step says so, or the setting, of every decision."""
    if step is not None and step.signing is not None:
        return step.signing is Signing.SIGN_IN
    return kind in DECISIONS and policy.settings.signing is Signing.SIGN_IN


def demand_identity(
    policy: Policy, kind: TaskKind, signed_in: SignedIn | None, step: Step | None = None
) -> None:
    """Refuse an answer by no more than a link where the policy wants a sign-in."""
    if signed_in is None and demands_sign_in(policy, kind, step):
        raise Refused("sign_in_needed")


def wants_anybody_to_sign_in(policy: Policy) -> bool:
    """Whether there is anything at all that is answered only by signing in."""
    return policy.settings.signing is Signing.SIGN_IN or bool(steps_with_sign_in(policy))


def steps_with_sign_in(policy: Policy) -> list[str]:
    """The labels of all the steps that want it, in the order of the policy's chains."""
    rules = policy.rules
    guest = rules.guest.chain if rules.guest else []
    chains = (rules.opening, rules.administrator_change, guest, rules.closing)
    asked = [one for chain in chains for one in chain if one.act is not StepAct.INFORM]
    return [one.label for one in asked if demands_sign_in(policy, TaskKind(one.act.value), one)]
