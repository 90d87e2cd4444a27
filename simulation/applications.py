"""Applications for accounts: written the second time round, forgotten, or taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from acts import applying
from acts.looking import look
from acts.work import work
from lifecycle.drafts import PlanIncomplete
from lifecycle.law import Law, law_of
from lifecycle.plans import facts_now, fields_for
from models import Account, Municipality, Person
from policies.keys import Platform, Rule
from policies.rules import FieldKind, PlanField
from runtime.database import reading
from simulation.year import Year, staff_of

APPLIED = (
    (Platform.FACEBOOK, "unit"),
    (Platform.INSTAGRAM, "unit"),
    (Platform.TIKTOK, "unit"),
    (Platform.LINKEDIN, "unit"),
    (Platform.FACEBOOK, "common"),
    (Platform.INSTAGRAM, "project"),
    (Platform.YOUTUBE, "leader"),
    (Platform.FACEBOOK, "campaign"),
)
"""In turn, so that rules for one platform or class meet one."""


def applies(year: Year, law: Law, now: datetime) -> None:
    """Somebody applies for an account, and forgets most of the plan the first time."""
    platform, account_class = APPLIED[year.applied % len(APPLIED)]
    draft = _draft(year, now)
    if draft is None:
        return
    year.applied += 1
    account_id, applicant, others = draft
    about = {"platform": platform.value, "account_class": account_class, "name": f"Nytt konto {account_id}"}
    _save(year, account_id, {**about, "unit": ""}, now)
    _send(year, account_id, applicant.id or 0, now)
    unit = "" if account_class == "common" and law.policy.rules.owner else str(applicant.unit_id)
    _save(year, account_id, {**about, "unit": unit, **_plan(year, law, account_id, others, now)}, now)
    _send(year, account_id, applicant.id or 0, now)


def _draft(year: Year, now: datetime) -> tuple[int, Person, list[Person]] | None:
    with reading(year.engine) as session:
        staff = staff_of(session, year, now)
    if len(staff) < 4:
        return None
    applicant, *others = year.random.sample(staff, 4)
    with work(year.engine, now) as session:
        municipality = session.get_one(Municipality, year.municipality_id)
        account_id = applying.begin_draft(session, municipality, applicant.email, "", now).id or 0
    look(year.engine, account_id, now)
    return account_id, applicant, others


def _save(year: Year, account_id: int, answers: Mapping[str, Any], now: datetime) -> None:
    with work(year.engine, now) as session:
        applying.save_draft(session, session.get_one(Account, account_id), answers, now)


def _plan(year: Year, law: Law, account_id: int, people: Sequence[Person], now: datetime) -> dict[str, Any]:
    """Something in every field that the policy asks for."""
    with reading(year.engine) as session:
        account = session.get_one(Account, account_id)
        its_law = law_of(session, account)
        fields = fields_for(its_law, facts_now(session, account), law.day_of(now))
    year.met(its_law, fields, now)
    return {one.field: _answer_to(one, account_id, people, now) for one in fields}


def _answer_to(one: PlanField, account_id: int, people: Sequence[Person], now: datetime) -> Any:
    match one.kind:
        case FieldKind.PERSONS:
            asked = people[::-1] if one.field == "substitute" else people
            return [person.email for person in asked[: max(one.at_least or 1, 1)]]
        case FieldKind.CHOICE:
            return (one.choices or [])[0].choice
        case FieldKind.YES:
            return "ja"
        case FieldKind.DATE:
            return (now.date() + timedelta(days=300)).isoformat()
        case _:
            address = f"https://konto.example.org/{account_id}"
            return address if one.field == "address" else "Det har enheten kommit överens om."


def _send(year: Year, account_id: int, person_id: int, now: datetime) -> None:
    try:
        with work(year.engine, now) as session:
            applying.send_plan(session, session.get_one(Account, account_id), person_id, now)
    except PlanIncomplete as incomplete:
        year.refused(incomplete)
        _meet_faults(year, account_id, {one.field for one in incomplete.faults}, now)


def _meet_faults(year: Year, account_id: int, fields: set[str], now: datetime) -> None:
    """The page says what is missing, by which rule."""
    with reading(year.engine) as session:
        account = session.get_one(Account, account_id)
        law = law_of(session, account)
        asked = fields_for(law, facts_now(session, account), law.day_of(now))
    rules: list[Rule] = [one for one in asked if one.field in fields]
    if "unit" in fields and law.policy.rules.owner:
        rules.append(law.policy.rules.owner)
    year.met(law, rules, now)


def forgets_a_draft(year: Year, law: Law, now: datetime) -> None:
    """Begun, and never written: reminded of once, then erased."""
    _draft(year, now)


def withdraws(year: Year, law: Law, now: datetime) -> None:
    """The applicant thinks better of it."""
    draft = _draft(year, now)
    if draft is not None:
        with work(year.engine, now) as session:
            account = session.get_one(Account, draft[0])
            applying.withdraw(session, account, draft[1].id or 0, "", now)
