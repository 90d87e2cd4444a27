"""What an account's run is called and found by in the run list: units and platforms, never a person."""

from sqlalchemy import Engine
from sqlmodel import Session

from models import Account, Municipality, Unit
from policies.keys import Platform
from policies.naming import platform_name
from runtime.database import reading

KEPT_TAGS = frozenset({"formular", "konto", "rond", "system"})
"""What runs are told apart by (the tags in prefect.yaml): no municipality and no unit is found by one."""
NOWHERE, NOT_YET = "Gemensamt", "Ny ansökan"


def name_of(account: Account, unit: Unit | None) -> str:
    """Unit and platform, e.g. "Biblioteket · Instagram"."""
    return f"{unit.name if unit else NOWHERE} · {platform_of(account) or NOT_YET}"


def tags_of(account: Account, municipality: Municipality, unit: Unit | None) -> tuple[str, ...]:
    """Municipality, unit and platform; a unit that is called as a kind of run is found by the run's name."""
    found = (municipality.slug, unit.name if unit else "", platform_of(account))
    return tuple(one for one in found if one and one not in KEPT_TAGS)


def platform_of(account: Account) -> str:
    """The platform's name with a capital; empty before one has been chosen."""
    name = platform_name(Platform(account.platform)) if account.platform else ""
    return name[:1].upper() + name[1:]


def face_of(engine: Engine, account_id: int) -> tuple[str, tuple[str, ...]]:
    """Name and tags of one account's run, as the account stands now."""
    with reading(engine) as session:
        account, municipality, unit = _read(session, account_id)
        return name_of(account, unit), tags_of(account, municipality, unit)


def _read(session: Session, account_id: int) -> tuple[Account, Municipality, Unit | None]:
    account = session.get_one(Account, account_id)
    unit = session.get(Unit, account.unit_id) if account.unit_id else None
    return account, session.get_one(Municipality, account.municipality_id), unit
