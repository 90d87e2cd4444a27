"""The duties of an account that is open: what the policy asks, how often, by which clause.

They are shown on the account's page and in what each administrator acknowledges. Where a clause
names a duty without a number the municipality's setting fills it in, and the words say so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lifecycle.conditions import Facts, applying
from lifecycle.law import Law
from policies.duties import (
    Answer,
    Counted,
    Crisis,
    Documentation,
    Evaluation,
    Inactivity,
    Matter,
    Posting,
    Removal,
    Watch,
    Weeding,
)
from policies.keys import Modality, Role, Rule
from policies.naming import LITERAL_WORDS, listed, role_name
from policies.settings import Settings


@dataclass(frozen=True)
class Duty:
    """One duty in words and in values, with its citation."""

    kind: str
    words: str
    values: dict[str, Any]
    modality: Modality
    clauses: list[dict[str, str]]
    settings: dict[str, Any] = field(default_factory=dict)
    """The municipality's own settings that fill in what the clause does not say."""


def duties_of(law: Law, facts: Facts, on: date) -> list[Duty]:
    """Everything that such an account must, should or may do on that day, in the order of its life."""
    rules = law.policy.rules
    kept: list[tuple[str, list[Rule]]] = [
        ("watch", list(rules.watch)),
        ("answer", list(rules.answer)),
        ("removal", list(rules.removal)),
        ("matter", list(rules.matters)),
        ("posting", list(rules.posting)),
        ("inactivity", [rules.inactivity] if rules.inactivity else []),
        ("documentation", list(rules.documentation)),
        ("weeding", list(rules.weeding)),
        ("evaluation", list(rules.evaluation)),
        ("crisis", list(rules.crisis)),
    ]
    return [_duty(law, kind, rule) for kind, given in kept for rule in applying(given, facts, on)]


def _duty(law: Law, kind: str, rule: Rule) -> Duty:
    settings = _settings_for(rule, law.policy.settings)
    values = {
        name: value
        for name, value in rule.model_dump(mode="json", exclude=set(Rule.model_fields)).items()
        if value not in (None, []) and not _unsaid(rule, name, value)
    }
    words = "; ".join(_words(law, rule, settings)) + "."
    return Duty(kind, words[0].upper() + words[1:], values, rule.modality, law.cite(rule), settings)


def _unsaid(rule: Rule, name: str, value: Any) -> bool:
    """A no that is only the schema's; where silence is possible (registered), no is said."""
    return value is False and type(rule).model_fields[name].default is False


def _settings_for(rule: Rule, settings: Settings) -> dict[str, Any]:
    """Which settings speak where the rule is silent about a number."""
    if isinstance(rule, Watch) and rule.days is None:
        return {"watch_days": settings.watch_days}
    if isinstance(rule, Posting) and rule.a_week_at_least is None and rule.a_week_up_to is None:
        return {"posting_window_days": settings.posting_window_days}
    if isinstance(rule, Inactivity) and rule.after is None:
        unit = settings.inactivity_unit
        own_unit = {} if unit == "days" else {"inactivity_unit": unit}
        return {"inactivity_days": settings.inactivity_days} | own_unit
    if isinstance(rule, Evaluation) and rule.every_months is None:
        return {"evaluation_months": settings.evaluation_months}
    if isinstance(rule, Documentation):
        months = settings.snapshot_months
        return {"snapshot_months": months[:1] if rule.every == "year" else months}
    return {}


def _words(law: Law, rule: Rule, settings: dict[str, Any]) -> Iterator[str]:
    match rule:
        case Watch():
            yield from _watch_words(rule, settings)
        case Answer():
            yield from _answer_words(rule)
        case Removal():
            yield from _removal_words(rule)
        case Matter():
            yield rule.label.rstrip(".")
            if rule.registered is not None:
                words = "diarieförs" if rule.registered else "behöver inte diarieföras"
                if words not in rule.label:
                    yield words
        case Posting():
            yield from _posting_words(rule, settings)
        case Inactivity():
            yield from _inactivity_words(law, rule, settings)
        case Documentation():
            yield from _documentation_words(law, rule, settings)
        case Weeding():
            yield from _weeding_words(rule)
        case Evaluation():
            yield from _evaluation_words(law, rule, settings)
        case Crisis():
            yield from _crisis_words(law, rule)


def _crisis_words(law: Law, rule: Crisis) -> Iterator[str]:
    yield rule.label.rstrip(".")
    if rule.used_by and _role(law, rule.used_by) not in rule.label.lower():
        yield f"kontona används av {_role(law, rule.used_by)}"
    if rule.watch_days:
        yield f"titta i kris till kontot {DAYS[rule.watch_days]}"
    if rule.watch_times_a_day:
        yield f"titta i kris till kontot {rule.watch_times_a_day} gånger om dagen"


def _role(law: Law, role: Role) -> str:
    return role_name(law.policy, role, "definite")


DAYS = {"weekdays": "varje vardag", "all_days": "alla dagar"}


def _watch_words(rule: Watch, settings: dict[str, Any]) -> Iterator[str]:
    if rule.days:
        yield f"titta till kontot {DAYS[rule.days]}"
    else:
        yield f"håll kontot under uppsikt ({DAYS[settings['watch_days']]} enligt kommunens inställning)"


def hours_words(count: int, counted: Counted) -> str:
    if counted is Counted.CLOCK and count % 168 == 0:
        return "en vecka" if count == 168 else f"{count // 168} veckor"
    return f"{count} timmar" + (" (bara vardagar räknas)" if counted is Counted.WEEKDAYS else "")


def inside(text: str) -> str:
    """A phrase of the policy's as it stands inside a sentence; an abbreviation keeps its capitals."""
    plain = text.rstrip(".")
    return plain[:1].lower() + plain[1:] if plain[1:2].islower() or plain[1:2] == " " else plain


def _answer_words(rule: Answer) -> Iterator[str]:
    yield (
        f"svara inom {hours_words(rule.within_hours, rule.counted)}"
        if rule.within_hours
        else "svara så snart det går"
    )
    if rule.how:
        yield inside(rule.how)


def _removal_words(rule: Removal) -> Iterator[str]:
    what = ", ".join(map(inside, rule.kinds)) if rule.kinds else "det som inte får finnas där"
    limit = f"inom {hours_words(rule.within_hours, rule.counted)}" if rule.within_hours else "skyndsamt"
    yield f"ta bort {limit}: {what}"
    if rule.save_before:
        yield "spara innan"
    if rule.register_before:
        yield "diarieför innan"
    elif rule.registered:
        yield "diarieför det borttagna"
    if rule.police:
        yield "polisanmäl" + (" vid behov" if rule.police == "when_needed" else "")
    if rule.writer_told:
        yield "underrätta den som skrev"


def _posting_words(rule: Posting, settings: dict[str, Any]) -> Iterator[str]:
    low, high = rule.a_week_at_least, rule.a_week_up_to
    if low and high and low != high:
        yield f"publicera minst {low}–{high} gånger i veckan"
    elif low or high:
        yield f"publicera {'minst' if low else 'upp till'} {low or high} gånger i veckan"
    else:
        days = settings["posting_window_days"]
        yield f"publicera regelbundet (minst var {days}:e dag enligt kommunens inställning)"


def _inactivity_words(law: Law, rule: Inactivity, settings: dict[str, Any]) -> Iterator[str]:
    what = " eller ".join(LITERAL_WORDS[one] for one in rule.counts)
    unit = LITERAL_WORDS[rule.unit or settings.get("inactivity_unit", "days")]
    span = f"{rule.after or settings['inactivity_days']} {unit}"
    yield f"utan {what} i {span}{'' if rule.after else ' (kommunens inställning)'} " + (
        "bedöms om kontot ska finnas kvar" if rule.outcome == "assess" else "avslutas kontot"
    )
    yield f"frågan ställs till {_role(law, rule.reviewed_by)}"


FORMATS = {"picture": "en bild", "pdf": "PDF", "pdfa-1b": "PDF/A-1", "pdfa-2b": "PDF/A-2"}
MONTHS = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
]


def _documentation_words(law: Law, rule: Documentation, settings: dict[str, Any]) -> Iterator[str]:
    often = "en gång om året" if rule.every == "year" else "en gång i halvåret"
    change = " och vid större förändring" if rule.at_major_change else ""
    months = listed([MONTHS[month - 1] for month in settings["snapshot_months"]])
    yield f"spara en bild av kontot {often}{change} som {FORMATS[rule.format]}"
    yield f"i {months} enligt kommunens inställning"
    yield f"bilden tas av {_role(law, rule.taken_by)}"
    if rule.sent_to:
        yield f"lämnas till {_role(law, rule.sent_to)}"
    if rule.folder:
        yield f"sparas i {rule.folder}"


WEEDED_AT = {
    "channel_end": "när kontot avslutas",
    "half_year": "varje halvår",
    "continually": "fortlöpande",
    "document_plan": "enligt dokumenthanteringsplanen",
}


def _weeding_words(rule: Weeding) -> Iterator[str]:
    when = [f"efter {rule.after_days} dagar"] if rule.after_days else []
    when += [WEEDED_AT[one] for one in rule.at]
    yield f"gallra {inside(rule.matter)} " + " eller ".join(when)


def _evaluation_words(law: Law, rule: Evaluation, settings: dict[str, Any]) -> Iterator[str]:
    own = rule.every_months is None
    months = settings["evaluation_months"] if own else rule.every_months
    often = "varje år" if months == 12 else f"var {months}:e månad"
    yield f"utvärdera {often}" + (" (kommunens inställning)" if own else "")
    yield f"utvärderingen görs av {_role(law, rule.done_by)}"
    if rule.told_to:
        yield "resultatet lämnas till " + " och ".join(_role(law, role) for role in rule.told_to)
