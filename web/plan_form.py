"""The plan's form, drawn from the policy: the engine's own fields first, then what the policy asks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from languages.speaking import capital, said, swedish
from lifecycle.conditions import applying, in_force
from lifecycle.law import Law
from lifecycle.plans import LINE_LIMIT, TEXT_LIMIT, PlanFault, attachments_of, facts_now, fields_for
from lifecycle.roles import common_owner
from models import Account, AccountClass, Attachment, Person
from policies.keys import Modality, Platform
from policies.rules import FieldKind, PlanField
from web.citing import Clause, cited
from web.forms import Posted
from web.pages import class_word, platform_word
from web.unit_tree import unit_choices

NAME_LIMIT = 120
NO_UNIT = "none"
FILE_PREFIX = "file:"
SHOWN = "shown"
"""Hidden fields that name the fields a form showed: an unticked box is posted as nothing at all."""


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class DrawnField:
    """One field as the page shows it."""

    id: str
    label: str
    kind: str
    """A `FieldKind`, or "select"."""
    modality: str = Modality.MUST.value
    explanation: str = ""
    clauses: Sequence[Clause] = ()
    value: str = ""
    options: Sequence[Option] = ()
    files: Sequence[Attachment] = ()
    people: Sequence[Person] = ()
    """Whom the given work addresses belong to."""
    faults: Sequence[str] = ()

    @property
    def limit(self) -> int:
        """Characters that an answer may have."""
        if self.id == "name":
            return NAME_LIMIT
        return TEXT_LIMIT if self.kind in ("text", "persons") else LINE_LIMIT

    def among(self, options: Sequence[Option]) -> "DrawnField":
        """The same field with options to choose from."""
        return replace(self, options=options)


def fields(
    session: Session, law: Law, account: Account, answers: Mapping[str, Any], now: datetime
) -> list[DrawnField]:
    """All fields of the form, in order, with what has been answered."""
    asked = fields_for(law, facts_now(session, account), law.day_of(now))
    by_policy = {one.field: one for one in asked}
    own = [
        _with_policy(law, one, by_policy.pop(one.id, None)) for one in _own_fields(session, law, account, now)
    ]
    return own + [_policy_field(session, law, account, one, answers) for one in by_policy.values()]


def _own_fields(session: Session, law: Law, account: Account, now: datetime) -> list[DrawnField]:
    """What the engine asks whatever the policy says, with the clauses that speak of it."""
    rules, facts, on = law.policy.rules, facts_now(session, account), law.day_of(now)
    names = applying(rules.names, facts, on)
    shown = " ".join([said("Så som besökarna ser det."), *(swedish(rule.explanation) for rule in names)])
    platforms = cited(law, applying(rules.platforms, facts, on))
    owner = cited(law, applying([rules.owner] if rules.owner else [], facts, on))
    said_of_units = (
        said("Välj ”%(common)s” bara om kontot är ett gemensamt konto.", common=said(_COMMON))
        if _has_common(law, on)
        else ""
    )
    whether = said("Fyll i om kontot redan finns eller om ni vet vilken adress det får. Lämna annars tomt.")
    return [
        DrawnField(
            "name", said("Vad ska kontot heta?"), "line", "must", shown, cited(law, names), account.name
        ),
        DrawnField("platform", said("På vilken plattform?"), "select", "must", "", platforms).among(
            _options([("", said("Välj plattform")), *_platforms()], account.platform)
        ),
        DrawnField(
            "unit", said("Vilken enhet hör kontot till?"), "select", "must", said_of_units, owner
        ).among(_units(session, law, account, on)),
        DrawnField("account_class", said("Vad är det för slags konto?"), "select").among(
            _options(_classes(), account.account_class.value)
        ),
        DrawnField("address", said("Vilken adress har kontot?"), "line", "may", whether, (), account.address),
    ]


_COMMON = "Gemensamt för kommunen"


def _has_common(law: Law, on: date) -> bool:
    """Whether the policy knows accounts that belong to no unit."""
    rule = law.policy.rules.owner
    if rule is None or not in_force(rule, on):
        return False
    return rule.common_owned_by is not None or not rule.unit_demanded


def _units(session: Session, law: Law, account: Account, on: date) -> list[Option]:
    """The units; none is chosen for anybody, and no unit only where the policy knows such accounts."""
    chosen = str(account.unit_id or "")
    if not chosen and common_owner(law.policy.rules.owner, account, on):
        chosen = NO_UNIT
    common = [(NO_UNIT, said(_COMMON))] if _has_common(law, on) else []
    units = [("", said("Välj enhet")), *unit_choices(session, law.municipality_id), *common]
    return _options(units, chosen)


def _options(choices: Iterable[tuple[str, str]], chosen: str) -> list[Option]:
    return [Option(value, label, value == chosen) for value, label in choices]


def _platforms() -> list[tuple[str, str]]:
    return [(one.value, capital(platform_word(one.value))) for one in Platform]


def _classes() -> list[tuple[str, str]]:
    return [(one.value, capital(class_word(one))) for one in AccountClass]


def _with_policy(law: Law, drawn: DrawnField, asked: PlanField | None) -> DrawnField:
    """One of the engine's own fields, in the policy's words where the policy asks for it too."""
    if asked is None:
        return drawn
    return replace(
        drawn,
        label=swedish(asked.label),
        modality=asked.modality.value,
        explanation=swedish(asked.explanation or "") or drawn.explanation,
        clauses=cited(law, [asked]),
    )


def _policy_field(
    session: Session, law: Law, account: Account, asked: PlanField, answers: Mapping[str, Any]
) -> DrawnField:
    answer = answers.get(asked.field)
    is_file, is_persons = asked.kind is FieldKind.FILE, asked.kind is FieldKind.PERSONS
    given = [str(one) for one in answer] if is_persons and isinstance(answer, list) else []
    value = "\n".join(given) if is_persons else str(answer or "")
    return DrawnField(
        asked.field,
        swedish(asked.label),
        asked.kind.value,
        asked.modality.value,
        swedish(asked.explanation or ""),
        cited(law, [asked]),
        value,
        _choices(asked, value),
        attachments_of(session, account, asked.field) if is_file else (),
        people_at(session, law.municipality_id, given) if is_persons else (),
    )


def _choices(asked: PlanField, chosen: str) -> list[Option]:
    """The field's choices; one that need not be answered can be left again."""
    choices = [(one.choice, swedish(one.label)) for one in asked.choices or []]
    if choices and asked.modality is not Modality.MUST:
        choices.append(("", said("Inget svar")))
    return [Option(value, label, bool(chosen) and value == chosen) for value, label in choices]


def people_at(session: Session, municipality_id: int, emails: Sequence[str]) -> list[Person]:
    """The employees with these work addresses, in their order."""
    rows = select(Person).where(
        col(Person.municipality_id) == municipality_id, col(Person.email).in_([one.lower() for one in emails])
    )
    found = {person.email: person for person in session.execute(rows).scalars()}
    return [found[one.lower()] for one in dict.fromkeys(emails) if one.lower() in found]


def answers_in(posted: Posted, drawn: Sequence[DrawnField]) -> dict[str, Any]:
    """What a form answers, of the fields that it showed."""
    shown = set(posted.values.get(SHOWN, ()))
    return {one.id: _answer(posted, one) for one in drawn if one.id in shown and one.kind != "file"}


def _answer(posted: Posted, drawn: DrawnField) -> Any:
    text = posted.text(drawn.id).strip()
    if drawn.kind == "persons":
        return [one for one in re.split(r"[\s,;<>]+", text) if one]
    return ("ja" if text else "") if drawn.kind == "yes" else text


def too_long(answers: Mapping[str, Any], drawn: Sequence[DrawnField]) -> list[PlanFault]:
    """Answers that are not kept, since they are longer than anybody reads."""
    faults = []
    for one in drawn:
        length = len(_as_text(answers.get(one.id)))
        if length > one.limit:
            says = said(
                "Korta texten till högst %(limit)s tecken (nu %(length)s). Den är inte sparad.",
                limit=one.limit,
                length=length,
            )
            faults.append(PlanFault(one.id, one.label, says, True))
    return faults


def _as_text(answer: Any) -> str:
    return "\n".join(answer) if isinstance(answer, list) else str(answer or "")


def with_faults(drawn: Sequence[DrawnField], faults: Iterable[PlanFault]) -> list[DrawnField]:
    """The fields with what is wrong beside them."""
    says: dict[str, list[str]] = {}
    for fault in faults:
        says.setdefault(fault.field, []).append(fault.says)
    return [replace(one, faults=says.get(one.id, [])) for one in drawn]


def with_posted(
    drawn: Sequence[DrawnField], answers: Mapping[str, Any], only: Iterable[str]
) -> list[DrawnField]:
    """The named fields as they were just written, though not kept."""
    names = set(only)
    return [replace(one, value=_as_text(answers[one.id])) if one.id in names else one for one in drawn]
