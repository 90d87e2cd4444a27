"""Which rules concern an account on a day, and how strongly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from models import Account
from policies.keys import Condition, Modality, Rule

R = TypeVar("R", bound=Rule)


@dataclass(frozen=True)
class Facts:
    """What conditions ask about an account."""

    platform: str
    account_class: str
    new_platform: bool


def facts_of(account: Account) -> Facts:
    """The facts of an account as it stands."""
    return Facts(account.platform, account.account_class.value, account.platform_was_new)


def in_force(rule: Rule, on: date) -> bool:
    """Whether the rule's own dates include the day."""
    return (rule.from_on is None or rule.from_on <= on) and (rule.until_on is None or on <= rule.until_on)


def holds(condition: Condition | None, facts: Facts) -> bool:
    """Whether everything the condition says is true of the account."""
    if condition is None:
        return True
    return (
        (condition.platforms is None or facts.platform in condition.platforms)
        and (condition.classes is None or facts.account_class in condition.classes)
        and (condition.new_platform is None or condition.new_platform == facts.new_platform)
    )


def applying(rules: Iterable[R], facts: Facts, on: date) -> list[R]:
    """The rules that concern such an account on that day, in the policy's order."""
    return [rule for rule in rules if in_force(rule, on) and holds(rule.when, facts)]


def binds(rule: Rule) -> bool:
    """Whether an account may be held to the rule: only a *must* stops anything."""
    return rule.modality is Modality.MUST
