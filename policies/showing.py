"""A policy as Swedish text with its clauses, and the settings apart from them.

Nothing here lists the schema's keys: a rule's first line names some, and every other key that is set follows
under its own meaning.
"""

from collections.abc import Iterator
from datetime import date, time
from enum import StrEnum
from string import Formatter
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from policies.citing import OWN_DECISION, Citation, citation_of, citations
from policies.keys import Role, Rule
from policies.loading import Content, content_of
from policies.naming import LITERAL_WORDS, MODALITY_WORDS, enum_word, listed, role_name
from policies.policy import Guideline, Policy
from policies.rules import (
    Advice,
    Answer,
    Assignment,
    Choice,
    Crisis,
    Document,
    Documentation,
    Evaluation,
    Guest,
    Headcount,
    Inactivity,
    Item,
    Matter,
    Names,
    OtherLink,
    OtherLinks,
    Owner,
    PlanField,
    Platforms,
    Posting,
    Question,
    Register,
    Removal,
    Revision,
    Rules,
    Step,
    Stop,
    Watch,
    Way,
    Weeding,
)
from policies.shape import keys_of

FIRST_LINES: dict[type[Rule], str] = {
    Step: "{label} – {roles} {act} [{step}]",
    PlanField: "{label} [{field}]",
    Item: "{label} [{item}]",
    Headcount: "Antal {of}",
    Assignment: "Varje administratör har ett daterat uppdrag av {given_by}",
    Document: "Varje administratör kvitterar {label}, {edition} [{document}]",
    Owner: "Kontot har en ägare",
    Platforms: "Plattformar",
    Names: "Kontots namn",
    Stop: "Inga nya konton: {explanation}",
    Guest: "En gäst sköter kontot i högst {at_most_days} dagar",
    Watch: "Kontot bevakas",
    Answer: "Den som frågar får svar",
    Removal: "Det som inte hör hemma på kontot tas bort",
    Matter: "{label} [{matter}]",
    Posting: "Något publiceras",
    Inactivity: "När kontot inte sköts: {outcome}",
    Documentation: "En bild av kontot sparas {every} som {format}",
    Weeding: "Gallring: {matter}",
    Evaluation: "Kontot utvärderas",
    Question: "{label} [{question}]",
    Register: "Förteckningen visar {fields}",
    OtherLinks: "Vid förteckningen, för sig: {title}",
    Crisis: "{label}",
    Revision: "Riktlinjen ses över och ändras",
    Advice: "{text} [{advice}]",
}
PRODUCT_DEFAULT = "produktens förval"


def as_text(policy: Policy, content: Content | None = None) -> str:
    """The whole policy. Give a stored version's `content`; without it the clauses are read from the files."""
    return _Page(policy, content or content_of(policy)).text()


def rule_as_lines(policy: Policy, content: Content, rule: Rule) -> list[str]:
    """One rule as it stands in that text."""
    return list(_Page(policy, content).rule(rule))


def setting_as_text(policy: Policy, key: str) -> str:
    """A setting's value as it stands there."""
    return _Page(policy, {}).said(policy.settings, key)


class _Page:
    def __init__(self, policy: Policy, content: Content) -> None:
        self.policy = policy
        self.content = content

    def text(self) -> str:
        lines = [*self._heading(), *self._guidelines(), *self._rules(), *self._outside(), *self._settings()]
        return "\n".join(lines) + "\n"

    def _heading(self) -> Iterator[str]:
        policy = self.policy
        yield f"# {policy.name} [{policy.policy}]"
        yield ""
        yield f"Gäller från {policy.valid_from.isoformat()}."
        if policy.extends:
            yield f"Bygger på policyn {policy.extends}."
        if policy.summary:
            yield from ("", policy.summary)

    def _guidelines(self) -> Iterator[str]:
        yield from ("", "## Riktlinjer", "")
        for name, said in self.content["guidelines"].items():
            fields = keys_of(Guideline)
            keys = (f"{meaning_of(fields[key])}: {value}" for key, value in said.items() if key != "title")
            whole = " Alla dess punkter redovisas." if name in self.policy.guidelines else ""
            yield f"- {said['title']} [{name}]. {'. '.join(keys)}.{whole}"

    def _rules(self) -> Iterator[str]:
        for key, field in keys_of(Rules).items():
            value = getattr(self.policy.rules, key)
            if value not in (None, []):
                yield from ("", f"## {meaning_of(field)}", "")
                yield from self._each(value)

    def _each(self, value: Any) -> Iterator[str]:
        for one in value if isinstance(value, list) else [value]:
            yield from self.rule(one) if isinstance(one, Rule) else [f"- {one}"]

    def rule(self, rule: Rule) -> Iterator[str]:
        template = FIRST_LINES[type(rule)]
        said = {key for _, key, _, _ in Formatter().parse(template) if key}
        first = template.format(**{key: self.said(rule, key) for key in said})
        yield f"- {MODALITY_WORDS[rule.modality].capitalize()}: {_indented(first)}"
        yield from (f"  Grund: {_grounds(one, self.content)}" for one in citations(self.content, rule))
        yield from self._limits(rule)
        for key, field in type(rule).model_fields.items():
            if key not in said and key not in Rule.model_fields and _is_said(getattr(rule, key), field):
                yield from self._detail(rule, key, field)

    def _limits(self, rule: Rule) -> Iterator[str]:
        starts = f" från {rule.from_on.isoformat()}" if rule.from_on else ""
        ends = f" till och med {rule.until_on.isoformat()}" if rule.until_on else ""
        if starts or ends:
            yield f"  Gäller{starts}{ends}"
        if rule.when and (condition := self._value(rule.when)):
            yield f"  Gäller bara. {condition}"

    def _detail(self, of: BaseModel, key: str, field: FieldInfo) -> Iterator[str]:
        value = getattr(of, key)
        if isinstance(value, list) and value and isinstance(value[0], Rule):
            yield f"  {meaning_of(field)}:"
            yield from (f"  {line}" for line in self._each(value))
        else:
            yield f"  {meaning_of(field)}: {_indented(self.said(of, key))}"

    def _outside(self) -> Iterator[str]:
        if self.policy.outside:
            yield from ("", "## Punkter utanför, och varför", "")
        for one in self.policy.outside:
            cited = citation_of(one.clause, self.content["clauses"])
            yield f"- {_grounds(cited, self.content)}: {_indented(one.why)}"

    def _settings(self) -> Iterator[str]:
        yield from ("", "## Kommunens inställning", "")
        settings = self.policy.settings
        for key, field in keys_of(type(settings)).items():
            value, default = getattr(settings, key), field.get_default(call_default_factory=True)
            if value not in (None, [], {}):
                by_default = f" ({PRODUCT_DEFAULT})" if value == default else ""
                yield f"- {meaning_of(field)}: {self.said(settings, key)}{by_default}"

    def said(self, of: BaseModel, key: str) -> str:
        value = getattr(of, key)
        if get_origin(_inner(type(of).model_fields[key].annotation)) is Literal:
            values = value if isinstance(value, list) else [value]
            return listed([LITERAL_WORDS[one] for one in values])
        return self._value(value)

    def _value(self, value: Any) -> str:
        if isinstance(value, list):
            return listed([self._value(one) for one in value])
        if isinstance(value, dict):
            return listed(
                [f"{_enum_or_role(self.policy, key)} heter {label}" for key, label in value.items()]
            )
        if isinstance(value, OtherLink):
            return f"{value.name} ({value.address})"
        if isinstance(value, Choice | Way):
            return f"{value.label} [{value.choice if isinstance(value, Choice) else value.way}]"
        if isinstance(value, BaseModel):
            return "; ".join(self._keys(value))
        return _enum_or_role(self.policy, value) if isinstance(value, StrEnum) else _plain(value)

    def _keys(self, of: BaseModel) -> Iterator[str]:
        for key, field in type(of).model_fields.items():
            if getattr(of, key) is not None:
                yield f"{meaning_of(field)}: {self.said(of, key)}"


def _enum_or_role(policy: Policy, value: StrEnum) -> str:
    """The word for a value, a role by the municipality's own name."""
    return role_name(policy, value, "definite") if isinstance(value, Role) else enum_word(value)


def _is_said(value: Any, field: FieldInfo) -> bool:
    """Silence, and a yes or no as the product has it, are not worth a line."""
    return value not in (None, []) and not (isinstance(value, bool) and value == field.default)


def meaning_of(field: FieldInfo) -> str:
    return (field.description or "").split(" (")[0]


def _inner(annotation: Any) -> Any:
    """The type within `… | None` or `list[…]`."""
    if get_origin(annotation) in (None, Literal):
        return annotation
    return next((_inner(part) for part in get_args(annotation) if part is not type(None)), None)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, time):
        return value.isoformat("minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _grounds(cited: Citation, content: Content) -> str:
    if cited.ref == OWN_DECISION:
        return cited.cite
    return f"{cited.publisher}, {cited.cite}: {cited.title} [{cited.ref}]{_lines(content, cited.ref)}"


def _lines(content: Content, ref: str) -> str:
    first, last = content["clauses"][ref].get("lines", (None, None))
    if first is None:
        return ""
    return f", källtextens rad {first}" if first == last else f", källtextens rad {first}–{last}"
