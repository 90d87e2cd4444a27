"""Who administers an account: enough of them, each with an assignment and an acknowledgement where asked."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from languages.speaking import said
from lifecycle.conditions import Facts, applying, binds, facts_of
from lifecycle.law import Law
from lifecycle.plans import person_by_email, sent_plan
from lifecycle.refusals import Refused
from lifecycle.roles import account_people, people_now
from models import Account, AccountRole, AccountRoleKind, Outcome, Person, Process, UserTask
from policies.rules import Document, Headcount

FIELD_KINDS = {
    "responsible": AccountRoleKind.RESPONSIBLE,
    "administrators": AccountRoleKind.ADMINISTRATOR,
    "substitute": AccountRoleKind.SUBSTITUTE,
}
"""Plan fields whose persons become roles of the account."""

_NOUNS = {
    "administrator": ("administratör", "administratörer"),
    "responsible": ("ansvarig", "ansvariga"),
    "substitute": ("ersättare", "ersättare"),
}


@dataclass(frozen=True)
class Shortage:
    """A headcount that an account does not meet."""

    rule: Headcount
    says: str
    must: bool
    is_short: bool = True
    """Too few, and not too many."""


def create_roles(session: Session, law: Law, account: Account, now: datetime) -> list[AccountRole]:
    """Make the plan's persons the account's people, not begun yet. Does nothing the second time."""
    plan = sent_plan(session, account)
    if plan is None or account_people(session, account, list(AccountRoleKind), law.day_of(now)):
        return []
    made = []
    for field, kind in FIELD_KINDS.items():
        for person in _still_here(session, law, account, plan.answers.get(field) or [], now):
            assert account.id is not None and person.id is not None
            made.append(
                AccountRole(
                    account_id=account.id,
                    person_id=person.id,
                    kind=kind,
                    asked_by_id=account.applicant_id,
                    asked_at=now,
                )
            )
    session.add_all(made)
    session.flush()
    return made


def _still_here(
    session: Session, law: Law, account: Account, emails: Iterable[str], now: datetime
) -> list[Person]:
    """The plan's persons, but for those who have left since it was sent; the headcounts notice."""
    found = []
    for email in dict.fromkeys(one.strip().lower() for one in emails):
        with suppress(Refused):
            found.append(person_by_email(session, account.municipality_id, email, law.day_of(now)))
    return found


def assign(
    session: Session,
    law: Law,
    process: Process,
    tasks: Iterable[UserTask],
    roles: Iterable[AccountRole],
    facts: Facts,
) -> None:
    """A decision that the policy calls an assignment gives each administrator a dated one.

    Nobody gives one to themselves: such a person is asked for by a line of the checklist.
    """
    assigning = {step.step for step in _assigning_steps(law, process)}
    given = [t for t in tasks if t.step in assigning and t.outcome is Outcome.APPROVE and t.answered_at]
    for task in given[-1:]:
        for role in roles:
            own = role.person_id == task.answered_by_id
            if role.assigned_on is None and task.answered_at is not None and not own:
                role.assigned_by_id = task.answered_by_id
                role.assigned_on = law.day_of(task.answered_at)
                session.add(role)


def _assigning_steps(law: Law, process: Process) -> list[Any]:
    rules = law.policy.rules
    chains = {
        Process.OPENING: rules.opening,
        Process.ADMINISTRATOR_CHANGE: rules.administrator_change,
        Process.GUEST: rules.guest.chain if rules.guest else [],
    }
    return [step for step in chains.get(process, []) if step.assigns]


def administering(session: Session, account: Account, on: date) -> list[AccountRole]:
    """One role for each who administers the account: administrators and guests, else the responsible."""
    kinds = (AccountRoleKind.ADMINISTRATOR, AccountRoleKind.GUEST, AccountRoleKind.RESPONSIBLE)
    people = people_now(session, account, kinds[:2], on) or people_now(session, account, kinds[2:], on)
    by_person: dict[int, AccountRole] = {}
    for role, _ in sorted(people, key=lambda pair: kinds.index(pair[0].kind)):
        by_person.setdefault(role.person_id, role)
    return list(by_person.values())


def needs_assignment(law: Law, role: AccountRole, facts: Facts, on: date) -> bool:
    """Whether the policy wants a dated assignment for this person and there is none."""
    rule = law.policy.rules.assignment
    concerned = role.kind in (AccountRoleKind.ADMINISTRATOR, AccountRoleKind.GUEST)
    return rule is not None and concerned and bool(applying([rule], facts, on)) and role.assigned_on is None


def documents_for(law: Law, facts: Facts, on: date) -> list[Document]:
    """What each administrator acknowledges, in which edition."""
    return applying(law.policy.rules.documents, facts, on)


def edition_words(documents: Iterable[Document]) -> str:
    """The documents and editions as they are printed to the person and kept."""
    return "; ".join(f"{one.label} ({one.edition})" for one in documents)


def demands_deputy(law: Law, facts: Facts, on: date) -> bool:
    """Whether the policy wants somebody to be there also when people are away (e.g. Sku K2)."""
    headcounts = applying(law.policy.rules.headcounts, facts, on)
    return any(rule.also_away and binds(rule) for rule in headcounts)


def acknowledge(role: AccountRole, documents: Iterable[Mapping[str, str]], now: datetime) -> None:
    """Keep which documents a person has acknowledged, in the editions that were shown (`document_facts`)."""
    shown = list(documents)
    role.editions = {**role.editions, **{one["document"]: one["edition"] for one in shown}}
    role.acknowledged = "; ".join(f"{one['label']} ({one['edition']})" for one in shown)[:1000]
    role.acknowledged_at = now


def has_acknowledged(role: AccountRole, document: Document) -> bool:
    """Whether the person has acknowledged it in this edition; what was taken over is known by its words."""
    kept = role.editions.get(document.document)
    return kept == document.edition if kept else edition_words([document]) in role.acknowledged


def document_facts(documents: Iterable[Document]) -> list[dict[str, str]]:
    """What a task keeps of the documents that it asks somebody to acknowledge."""
    return [
        {
            "document": one.document,
            "label": one.label,
            "edition": one.edition,
            "address": one.address or "",
            "modality": one.modality.value,
        }
        for one in documents
    ]


def faults_in(
    session: Session, law: Law, account: Account, on: date, *, without: int | None = None
) -> list[Shortage]:
    """Headcounts that are not met; `without` leaves one role out. Who was only asked for does not count."""
    shortages = []
    for rule in applying(law.policy.rules.headcounts, facts_of(account), on):
        kinds = [AccountRoleKind(rule.of)]
        people = [
            person
            for role, person in people_now(session, account, kinds, on)
            if role.id != without and (not rule.same_unit or person.unit_id == account.unit_id)
        ]
        count = len({person.id for person in people})
        says = _shortage_words(rule, count)
        if says:
            short = rule.at_least is not None and count < rule.at_least
            shortages.append(Shortage(rule, says, binds(rule), short))
    return shortages


def _shortage_words(rule: Headcount, count: int) -> str | None:
    one, several = _NOUNS[rule.of]
    where = said(" från enheten") if rule.same_unit else ""
    if rule.at_least is not None and count < rule.at_least:
        noun = said(one if rule.at_least == 1 else several)
        values = {"limit": rule.at_least, "noun": noun, "where": where, "count": count}
        return said("Minst %(limit)s %(noun)s%(where)s behövs (nu %(count)s).", **values)
    if rule.at_most is not None and count > rule.at_most:
        noun = said(one if rule.at_most == 1 else several)
        values = {"limit": rule.at_most, "noun": noun, "where": where, "count": count}
        return said("Högst %(limit)s %(noun)s%(where)s får finnas (nu %(count)s).", **values)
    return None
