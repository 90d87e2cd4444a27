"""What the public register says about an account: facts the policy makes public, and nothing else."""

from datetime import date

from sqlmodel import Session

from lifecycle.conditions import applying, facts_of
from lifecycle.law import Law
from lifecycle.roles import people_now
from models import Account, AccountRoleKind, AccountState, Unit
from policies.keys import Platform
from policies.naming import platform_name


def entry_of(session: Session, law: Law, account: Account, on: date) -> dict[str, str] | None:
    """The account's entry, or None when the policy keeps no register or the account was never opened.

    A person's name stands in it only where the policy's own fields say so.
    """
    rules = applying(law.policy.rules.public_register, facts_of(account), on)
    if not rules or account.state not in (AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED):
        return None
    fields = {field for rule in rules for field in rule.fields}
    entry = {"name": account.name, "platform": platform_name(Platform(account.platform))}
    entry |= {field: value for field, value in _values(session, account, on).items() if field in fields}
    if account.opened_on:
        entry["since"] = account.opened_on.isoformat()
    if account.closed_on:
        entry["until"] = account.closed_on.isoformat()
    return entry


def _values(session: Session, account: Account, on: date) -> dict[str, str]:
    unit = session.get(Unit, account.unit_id) if account.unit_id else None
    people = people_now(session, account, (AccountRoleKind.RESPONSIBLE,), on)
    return {
        "address": account.address,
        "unit": unit.name if unit else "Gemensamt för kommunen",
        "role": ", ".join(dict.fromkeys(person.title for _, person in people if person.title)),
        "person": ", ".join(person.name for _, person in people),
        "purpose": account.purpose,
        "target_group": account.target_group,
    }
