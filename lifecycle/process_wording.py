"""How the picture of the process words a rule: who, for which accounts, by which clause."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from lifecycle.law import Law
from policies.citing import places
from policies.keys import AccountKind, Modality, Platform, Role, Rule
from policies.naming import CLASS_NAMES, MODALITY_WORDS, either, listed, platform_name, role_name
from policies.process_shape import Bpmn, Node

R = TypeVar("R", bound=Rule)


@dataclass(frozen=True)
class Wording:
    """The words of one policy, as on a day in the municipality's zone."""

    law: Law
    on: date

    def still(self, rules: Iterable[R]) -> list[R]:
        """The rules that are in force or are yet to come, whichever accounts they concern."""
        return [rule for rule in rules if rule.until_on is None or self.on <= rule.until_on]

    def role(self, role: Role) -> str:
        """What the municipality calls a role, within a sentence."""
        return role_name(self.law.policy, role, "definite")

    def roles(self, roles: Sequence[Role], joined: str = "och") -> str:
        """Several roles."""
        names = [self.role(one) for one in roles]
        return f" {joined} ".join(names) if joined == "eller" else listed(names)

    def node(
        self,
        rule: Rule,
        key: str,
        kind: Bpmn,
        title: str,
        *,
        who: str = "",
        when: str = "",
        says: Iterable[str] = (),
        parts: Iterable[str] = (),
        also: Iterable[Rule] = (),
        counted: str | None = None,
    ) -> Node:
        """What a rule asks, with its clauses and those of `also`, its strength and its limits.

        Accounts are counted by its key where nothing else is said.
        """
        return Node(
            key,
            kind,
            capital(title),
            who=who,
            when=when,
            says=tuple(says),
            parts=tuple(parts),
            only=self.only(rule),
            modality=rule.modality,
            clauses=self.grounds([rule, *also]),
            counted=key if counted is None else counted,
        )

    def only(self, rule: Rule) -> str:
        """For which accounts and from or until which day a rule holds, when not for all and always."""
        limits = [*self._kinds_of_accounts(rule), *_dates(rule, self.on)]
        return f"Bara {' och '.join(limits)}" if limits else ""

    def _kinds_of_accounts(self, rule: Rule) -> list[str]:
        when = rule.when
        limits: list[str] = []
        if when is None:
            return limits
        if when.new_platform is not None:
            new = "är ny" if when.new_platform else "inte är ny"
            limits.append(f"när plattformen {new} för kommunen")
        if when.platforms:
            limits.append(f"på {either([platform_name(Platform(one)) for one in when.platforms])}")
        if when.classes:
            limits.append(f"för {either([CLASS_NAMES[AccountKind(one)] for one in when.classes])}")
        return limits

    def grounds(self, rules: Iterable[Rule]) -> tuple[str, ...]:
        """The places in the guideline, each once; by whose guideline, where the policy rests on several."""
        return tuple(places(self.law.content, [one for rule in rules for one in self.law.cite(rule)]))


def _dates(rule: Rule, on: date) -> list[str]:
    begins = [f"från {rule.from_on.isoformat()}"] if rule.from_on and rule.from_on > on else []
    return begins + ([f"till och med {rule.until_on.isoformat()}"] if rule.until_on else [])


def capital(text: str) -> str:
    """The text as a heading: with a capital, without a full stop."""
    plain = text.strip().rstrip(".")
    return plain[:1].upper() + plain[1:]


def counted(count: int, one: str, several: str) -> str:
    """1 fråga, 2 frågor"""
    return f"{count} {one if count == 1 else several}"


def months_words(months: int) -> str:
    """How often, in months: "varje år"."""
    named = {1: "varje månad", 3: "varje kvartal", 6: "varje halvår", 12: "varje år"}
    years = months // 12
    return named.get(months) or (f"vart {years}:e år" if months % 12 == 0 else f"var {months}:e månad")


def strength_words(modality: Modality) -> str:
    """How strongly one thing among several is asked, after its name: nothing for what must be."""
    return "" if modality is Modality.MUST else f" ({MODALITY_WORDS[modality]})"
