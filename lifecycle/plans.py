"""The application plan: what the policy asks, what is missing, and what the answers become."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Executable, func, or_, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from languages.speaking import said, said_many, swedish
from lifecycle.addresses import address_key, demand_names_account, holder_of_address
from lifecycle.conditions import Facts, applying, binds, facts_of
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.roles import common_owner, has_left
from models import Account, AccountState, Attachment, Person, Plan
from models.asking import asked_once, built_once
from policies.keys import Platform
from policies.naming import platform_name
from policies.rules import FieldKind, PlanField

TEXT_LIMIT = 4000
"""Characters in one answer."""
LINE_LIMIT = 300
PERSONS_LIMIT = 30
SOUGHT_LIMIT, LOCAL_PART = 20_000, 64
"""Among so many people one is sought by what was nearly written; and the characters before an at sign."""
_LIMITS = {"target_group": 1000}
"""Fields that are copied to the account, where there is less room."""

ASKED_ALWAYS = ("name", "platform", "unit", "account_class", "address")
"""What the engine itself asks, whatever the policy: without it there is no account to speak of."""


@dataclass(frozen=True)
class PlanFault:
    """Something about a plan that stops it (`must`) or that is only recommended."""

    field: str
    label: str
    says: str
    must: bool


def current_plan(session: Session, account: Account) -> Plan:
    """The plan being written, or the last one sent."""
    rows = select(Plan).where(col(Plan.account_id) == account.id).order_by(col(Plan.version).desc())
    return session.execute(rows).scalars().first() or _no_plan(account)


def _no_plan(account: Account) -> Plan:
    raise LookupError(f"account {account.id} has no plan")


def sent_plan(session: Session, account: Account) -> Plan | None:
    """The plan in the version that is being decided or was decided."""
    return _plan_in(session, account.id, account.plan_version)


@asked_once(Plan)
def _plan_in(session: Session, account_id: int | None, version: int) -> Plan | None:
    plan: Plan | None = session.execute(*_in_version(account_id, version)).scalars().first()
    return plan


@built_once
def _in_version(account: int, version: int) -> Executable:
    return select(Plan).where(col(Plan.account_id) == account, col(Plan.version) == version)


def attachments_of(session: Session, account: Account, field: str | None = None) -> list[Attachment]:
    """Files that belong to the plan now, each without its bytes until they are asked for."""
    rows = select(Attachment).where(*_attached(account, field)).order_by(col(Attachment.id))
    without_bytes = defer(Attachment.content)  # type: ignore[arg-type]
    return list(session.execute(rows.options(without_bytes)).scalars())


def attachments_at(session: Session, account: Account, at: datetime) -> list[Attachment]:
    """Files that belonged to the plan at an instant, likewise."""
    rows = select(Attachment).where(
        col(Attachment.account_id) == account.id,
        col(Attachment.added_at) <= at,
        or_(col(Attachment.removed_at).is_(None), col(Attachment.removed_at) > at),
    )
    without_bytes = defer(Attachment.content)  # type: ignore[arg-type]
    return list(session.execute(rows.order_by(col(Attachment.id)).options(without_bytes)).scalars())


def attachment_count(session: Session, account: Account, field: str | None = None) -> int:
    """How many files belong to the plan now."""
    count: int = session.execute(
        select(func.count()).select_from(Attachment).where(*_attached(account, field))
    ).scalar_one()
    return count


def _attached(account: Account, field: str | None) -> list[ColumnElement[bool]]:
    now = [col(Attachment.account_id) == account.id, col(Attachment.removed_at).is_(None)]
    return now if field is None else [*now, col(Attachment.field) == field]


def fields_for(law: Law, facts: Facts, on: date) -> list[PlanField]:
    """What the policy asks of such an account, in its order."""
    return applying(law.policy.rules.plan, facts, on)


def answer_words(asked: PlanField, account: Account, answers: Mapping[str, Any]) -> str:
    """An answer as people read it, one of a list on each line; persons stand by their addresses."""
    answer = answers.get(asked.field) or ""
    if asked.kind is FieldKind.CHOICE:
        return next((one.label for one in asked.choices or [] if one.choice == answer), "")
    if isinstance(answer, list):
        return "\n".join(str(one) for one in answer)
    if asked.field == "address":
        return str(answer or account.address)
    return said("Ja") if asked.kind is FieldKind.YES and answer else str(answer)


_APPROVED = (AccountState.SETTING_UP, AccountState.ACTIVE, AccountState.CLOSING)


def platform_is_new(session: Session, account: Account) -> bool:
    """Whether no account of the municipality's on the platform, this one apart, was ever approved and lives.

    An application beside this one is no account yet, and may be declined.
    """
    count = select(func.count()).where(
        col(Account.municipality_id) == account.municipality_id,
        col(Account.platform) == account.platform,
        col(Account.id) != account.id,
        col(Account.state).in_(_APPROVED),
    )
    living: int = session.execute(count).scalar_one()
    return living == 0


def faults_in(
    session: Session, law: Law, account: Account, answers: Mapping[str, Any], now: datetime
) -> list[PlanFault]:
    """Everything that is missing or wrong, all at once: what stops the plan, and what is only advised."""
    on = law.day_of(now)
    facts = Facts(account.platform, account.account_class.value, platform_is_new(session, account))
    faults = _account_faults(session, law, account, on) + _rule_faults(law, account, facts, on)
    for field in fields_for(law, facts, on):
        faults += _field_faults(session, account, field, answers.get(field.field), on)
        faults += _own_substitute(field, answers)
    return faults


def _own_substitute(field: PlanField, answers: Mapping[str, Any]) -> list[PlanFault]:
    """Nobody stands in for themselves while they are away. Two who are responsible may for each other."""
    if field.field != "substitute":
        return []
    responsible, substitutes = (_different(answers.get(one)) for one in ("responsible", "substitute"))
    if len(responsible) != 1 or substitutes != responsible:
        return []
    says = said("Ange någon annan än den som svarar för kontot.")
    return [PlanFault(field.field, swedish(field.label), says, True)]


def _different(given: Sequence[str] | None) -> set[str]:
    return {email.strip().lower() for email in given or []}


def _account_faults(session: Session, law: Law, account: Account, on: date) -> list[PlanFault]:
    faults = []
    if not account.name.strip():
        faults.append(PlanFault("name", said("Kontots namn"), said("Ange vad kontot ska heta."), True))
    if account.platform not in set(Platform):
        faults.append(PlanFault("platform", said("Plattform"), said("Välj plattform."), True))
    return faults + _owner_faults(law, account, on) + _address_faults(session, account)


def _owner_faults(law: Law, account: Account, on: date) -> list[PlanFault]:
    """An account belongs to a unit, unless the policy's owner rule says otherwise of such accounts."""
    if account.unit_id is not None or common_owner(law.policy.rules.owner, account, on):
        return []
    rule = law.policy.rules.owner
    owners = applying([rule], facts_of(account), on) if rule else []
    if owners and not owners[0].unit_demanded:
        return []
    must = binds(owners[0]) if owners else True
    return [PlanFault("unit", said("Enhet"), said("Välj den enhet som kontot ska höra till."), must)]


def _address_faults(session: Session, account: Account) -> list[PlanFault]:
    try:
        key = address_key(account.address)
        demand_names_account(account.address)
    except Refused as refused:
        return [PlanFault("address", said("Adress"), refused.says(), True)]
    taken = holder_of_address(session, account.municipality_id, key, account.id) if key else None
    if taken is None:
        return []
    says = Refused("address_taken", address=account.address, name=taken.name or said("en ansökan")).says()
    return [PlanFault("address", said("Adress"), says, True)]


def _rule_faults(law: Law, account: Account, facts: Facts, on: date) -> list[PlanFault]:
    rules, faults = law.policy.rules, []
    for stop in applying(rules.stops, facts, on):
        faults.append(
            PlanFault("platform", said("Stopp för nya konton"), swedish(stop.explanation), binds(stop))
        )
    for platforms in applying(rules.platforms, facts, on):
        outside = platforms.allowed is not None and account.platform not in platforms.allowed
        if account.platform and (outside or account.platform in (platforms.refused or [])):
            says = said(
                "%(platform)s används inte enligt riktlinjen.",
                platform=platform_name(Platform(account.platform)),
            )
            faults.append(PlanFault("platform", said("Plattform"), says, binds(platforms)))
    for names in applying(rules.names, facts, on):
        breaks = names.must_match and not re.fullmatch(names.must_match, account.name)
        forbidden = names.must_not_match and re.fullmatch(names.must_not_match, account.name)
        if account.name and (breaks or forbidden):
            faults.append(PlanFault("name", said("Kontots namn"), swedish(names.explanation), binds(names)))
    return faults


def _field_faults(
    session: Session, account: Account, field: PlanField, answer: Any, on: date
) -> list[PlanFault]:
    says = _wrong_with(session, account, field, answer, on)
    if says is None:
        return []
    if field.kind is FieldKind.PERSONS:
        stops = binds(field) or _cannot_be(session, account, answer, on) is not None
        return [PlanFault(field.field, swedish(field.label), says, stops)]
    return [PlanFault(field.field, swedish(field.label), says, binds(field) or bool(answer))]


def _wrong_with(session: Session, account: Account, field: PlanField, answer: Any, on: date) -> str | None:
    if field.kind is FieldKind.FILE:
        files = attachment_count(session, account, field.field)
        return _too_few_files(files, field.at_least or 1)
    if field.kind is FieldKind.PERSONS:
        return _wrong_with_persons(session, account, field, answer or [], on)
    if field.field == "address" and account.address:
        return None
    if not answer or not str(answer).strip():
        yes = field.kind is FieldKind.YES
        return said("Bekräfta genom att kryssa i rutan.") if yes else said("Fyll i fältet.")
    if field.kind is FieldKind.CHOICE:
        offered = [choice.choice for choice in field.choices or []]
        return None if answer in offered else said("Välj ett av alternativen.")
    if field.kind is FieldKind.DATE:
        return _wrong_with_date(str(answer))
    limit = LINE_LIMIT if field.kind is FieldKind.LINE else _LIMITS.get(field.field, TEXT_LIMIT)
    length = len(str(answer))
    if length <= limit:
        return None
    return said("Korta texten till högst %(limit)s tecken (nu %(length)s).", limit=limit, length=length)


def _wrong_with_date(answer: str) -> str | None:
    try:
        date.fromisoformat(answer)
    except ValueError:
        return said("Skriv datumet som ÅÅÅÅ-MM-DD, till exempel 2027-03-01.")
    return None


def _too_few_files(count: int, at_least: int) -> str | None:
    if count >= at_least:
        return None
    return said_many(
        "Bifoga minst %(num)s fil (nu %(given)s).",
        "Bifoga minst %(num)s filer (nu %(given)s).",
        at_least,
        given=count,
    )


def _too_few_persons(count: int, at_least: int) -> str | None:
    if count >= at_least:
        return None
    return said_many(
        "Ange minst %(num)s person (nu %(given)s).",
        "Ange minst %(num)s olika personer (nu %(given)s).",
        at_least,
        given=count,
    )


def _cannot_be(session: Session, account: Account, answer: Any, on: date) -> str | None:
    """What is wrong with given persons, however strongly they were asked for."""
    given: Sequence[str] = answer or []
    if len(given) > PERSONS_LIMIT:
        return said("Ange högst %(limit)s personer.", limit=PERSONS_LIMIT)
    for email in given:
        try:
            person_by_email(session, account.municipality_id, email, on)
        except Refused as refused:
            return refused.says()
    return None


def _wrong_with_persons(
    session: Session, account: Account, field: PlanField, answer: Sequence[str], on: date
) -> str | None:
    wrong = _cannot_be(session, account, answer, on)
    if wrong:
        return wrong
    return _too_few_persons(len(_different(answer)), field.at_least or 1)


def person_by_email(session: Session, municipality_id: int, email: str, on: date) -> Person:
    """The employee with a work address. Raises Refused `person_unknown` or `person_left`."""
    wanted = email.strip().lower()
    rows = select(Person).where(col(Person.municipality_id) == municipality_id, col(Person.email) == wanted)
    person: Person | None = session.execute(rows).scalars().first()
    if person is None:
        raise Refused(
            "person_unknown", email=email[:100], candidates=_candidates(session, municipality_id, wanted)
        )
    if has_left(person, on):
        raise Refused("person_left", name=person.name)
    return person


def _candidates(session: Session, municipality_id: int, wanted: str) -> str:
    """The addresses most like it before the at sign, so that a slip of the finger is mended at once."""
    rows = select(col(Person.email)).where(col(Person.municipality_id) == municipality_id)
    known: dict[str, list[str]] = defaultdict(list)
    for email in session.execute(rows.order_by(col(Person.email)).limit(SOUGHT_LIMIT)).scalars():
        known[email.partition("@")[0]].append(email)
    close = get_close_matches(wanted.partition("@")[0][:LOCAL_PART], known, n=3, cutoff=0.7)
    found = [email for one in close for email in known[one]][:3]
    return said(". Menade du %(addresses)s?", addresses=said(" eller ").join(found)) if found else "."


def take_answers(session: Session, account: Account, answers: Mapping[str, Any]) -> None:
    """Copy the plan's best-known answers to the account, where everybody looks for them."""
    account.purpose = str(answers.get("purpose") or "")
    account.target_group = str(answers.get("target_group") or "")
    if "ends_on" in answers:
        account.ends_on = _day_in(str(answers["ends_on"] or ""))
    session.add(account)


def _day_in(answer: str) -> date | None:
    """A day as it was written, if it is one yet; what is wrong with it the plan's faults say."""
    return date.fromisoformat(answer.strip()) if _wrong_with_date(answer) is None and answer.strip() else None


def always_asked(account: Account) -> dict[str, str]:
    """What the engine itself asked, as it is kept with each sent version of the plan."""
    return {
        "name": account.name,
        "platform": account.platform,
        "unit": str(account.unit_id or ""),
        "account_class": account.account_class.value,
        "address": account.address,
    }


def facts_now(session: Session, account: Account) -> Facts:
    """The facts of an account whose plan has not been sent yet."""
    known = facts_of(account)
    return Facts(known.platform, known.account_class, platform_is_new(session, account))
