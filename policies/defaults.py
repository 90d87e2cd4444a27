"""Where a clause names a duty and leaves a number open: which setting fills it in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from policies.keys import Rule
from policies.naming import LITERAL_WORDS, listed
from policies.policy import Policy
from policies.rules import (
    Answer,
    Crisis,
    Documentation,
    Evaluation,
    Inactivity,
    Item,
    Matter,
    Posting,
    Removal,
    Step,
    StepAct,
    Watch,
    Weeding,
)
from policies.settings import Settings
from policies.shape import keys_of, rules_in
from policies.showing import PRODUCT_DEFAULT

Says = tuple[str, tuple[str, ...]]
"""What the clause leaves open, and the settings that fill it in (none: nothing is counted)."""


_SETTING_UP: Says = (
    "punkterna säger inte hur lång tid det får ta",
    ("setting_up_days", "setting_up_reminders"),
)
_NOTHING_COUNTED = "ingen frist räknas"
_UNITS = {
    "posting_window_days": " dagar",
    "evaluation_months": " månader",
    "renewal_months": " månader",
    "consultation_days": " arbetsdagar",
    "setting_up_days": " arbetsdagar",
    "setting_up_reminders": " arbetsdagar",
    "common_post_days": " dagar",
}


@dataclass(frozen=True)
class OpenNumber:
    """A line of information, never a fault."""

    path: str
    says: str

    def __str__(self) -> str:
        return f"{self.path}: {self.says}"


def numbers_left_open(policy: Policy) -> list[OpenNumber]:
    """What `policies check` says about duties without a number."""
    found = [
        _open_number(placed.path, _left_open(placed.rule), policy.settings)
        for placed in rules_in(policy.rules)
    ]
    if policy.rules.setting_up:
        found.append(_open_number("rules.setting_up", _SETTING_UP, policy.settings))
    return [one for one in found if one]


def _left_open(rule: Rule) -> Says | None:
    left = _LEFT_OPEN.get(type(rule))
    return left(rule) if left else None


def _open_number(path: str, left: Says | None, settings: Settings) -> OpenNumber | None:
    if left is None:
        return None
    what, keys = left
    filled_in = listed([_filled_in(key, settings) for key in keys])
    return OpenNumber(path, f"{what}; då gäller {filled_in}" if keys else f"{what}; {_NOTHING_COUNTED}")


def _filled_in(key: str, settings: Settings) -> str:
    field, value = keys_of(Settings)[key], getattr(settings, key)
    whose = (
        PRODUCT_DEFAULT if value == field.get_default(call_default_factory=True) else "kommunens inställning"
    )
    return f"settings.{key}: {_text(value)}{_unit_of(key, settings)} ({whose})"


def _unit_of(key: str, settings: Settings) -> str:
    if key == "inactivity_days":
        return f" {LITERAL_WORDS[settings.inactivity_unit]}"
    return _UNITS.get(key, "")


def _text(value: Any) -> str:
    return (
        listed([str(one) for one in value])
        if isinstance(value, list)
        else str(LITERAL_WORDS.get(value, value))
    )


def _of_watch(rule: Watch) -> Says | None:
    return None if rule.days else ("punkten säger inte vilka dagar", ("watch_days",))


def _of_posting(rule: Posting) -> Says | None:
    if rule.a_week_at_least or rule.a_week_up_to:
        return None
    return "punkten säger inte hur ofta", ("posting_window_days",)


def _of_inactivity(rule: Inactivity) -> Says | None:
    return None if rule.after else ("punkten säger inte efter hur lång tid", ("inactivity_days",))


def _of_evaluation(rule: Evaluation) -> Says | None:
    return None if rule.every_months else ("punkten säger inte hur ofta", ("evaluation_months",))


def _of_documentation(rule: Documentation) -> Says | None:
    return "punkten säger inte vilka månader", ("snapshot_months",)


def _of_item(rule: Item) -> Says | None:
    if not rule.renewed or rule.renewed_every_months:
        return None
    return "punkten säger inte hur ofta den bekräftas på nytt", ("renewal_months",)


def _of_step(rule: Step) -> Says | None:
    if rule.act is not StepAct.CONSULT:
        return None
    return "punkten säger inte hur länge svaret inväntas", ("consultation_days",)


def _of_weeding(rule: Weeding) -> Says | None:
    if {"half_year", "document_plan"} & set(rule.at):
        return "punkten säger inte vilka månader", ("weeding_months",)
    return None if rule.after_days or rule.at else ("punkten säger inte när", ())


def _of_hours(rule: Answer | Removal) -> Says | None:
    return None if rule.within_hours else ("punkten säger inte inom hur lång tid", ())


def _of_crisis(rule: Crisis) -> Says | None:
    """Only where accounts are watched; a permission tightens nothing."""
    if rule.watch_times_a_day:
        return None
    return "punkten säger inte hur ofta ett bevakat konto ses till i kris", ("crisis_watch_times_a_day",)


def _of_matter(rule: Matter) -> Says | None:
    if rule.joins_watch:
        return "punkten säger inte hur länge", ("common_post_days",)
    if rule.consult:
        return "punkten säger inte hur länge svaret inväntas", ("consultation_days",)
    return None


_LEFT_OPEN: dict[type[Rule], Callable[[Any], Says | None]] = {
    Watch: _of_watch,
    Posting: _of_posting,
    Inactivity: _of_inactivity,
    Evaluation: _of_evaluation,
    Item: _of_item,
    Documentation: _of_documentation,
    Step: _of_step,
    Answer: _of_hours,
    Removal: _of_hours,
    Matter: _of_matter,
    Weeding: _of_weeding,
    Crisis: _of_crisis,
}
