"""What everything that happens in a played year needs: who there is, which account, and how it is tried."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random
from typing import Any

from sqlalchemy import Engine, Executable, or_, select
from sqlmodel import Session, col

from acts.work import work
from lifecycle.conditions import applying, facts_of
from lifecycle.law import Law
from lifecycle.presence import AS_ROW
from lifecycle.refusals import Refused
from lifecycle.roles import people_now, post_holders
from models import Account, AccountRoleKind, AccountState, Person, Unit
from models.asking import built_once
from policies.keys import Role, Rule
from simulation.ledger import Ledger
from simulation.traces import Book

Happening = Callable[["Year", Law, datetime], None]
Diary = dict[date, list[tuple[time, Happening]]]
VIA = "portal"


@dataclass
class Year:
    """What happenings need to know and to draw from."""

    engine: Engine
    municipality_id: int
    random: Random
    ledger: Ledger
    applied: int = 0
    cases: Counter[str] = field(default_factory=Counter)
    """How often each kind has come up."""
    let_off: int = 0
    _books: dict[int, Book] = field(default_factory=dict)

    def met(self, law: Law, rules: Sequence[Rule], now: datetime) -> None:
        """Somebody met some rules of the law."""
        book = self._books.setdefault(law.version_id, Book(law))
        book.met(self.ledger, rules, law.day_of(now))

    def refused(self, refused: Refused) -> None:
        """Somebody was told that it cannot be done."""
        self.ledger.refusals[refused.code] += 1


def about(found: tuple[Account, int], **more: Any) -> dict[str, Any]:
    """Which account, who asks, and what else the act wants to know."""
    return {"account_id": found[0].id or 0, "person_id": found[1], "via": VIA, **more}


def attempt(year: Year, act: Callable[[Session], object], now: datetime) -> bool:
    """Do it; a refusal is what the person reads. Whether it was done."""
    try:
        with work(year.engine, now) as session:
            act(session)
    except Refused as refused:
        year.refused(refused)
        return False
    return True


def staff_of(session: Session, year: Year, now: datetime) -> list[Person]:
    """Those who lead no unit and hold no post, else anybody."""
    leads = select(col(Unit.line_manager_id)).where(col(Unit.line_manager_id).is_not(None))
    rows = select(Person).where(
        col(Person.municipality_id) == year.municipality_id,
        or_(col(Person.left_on).is_(None), col(Person.left_on) > now.date()),
    )
    people = list(session.execute(rows.order_by(col(Person.id))).scalars())
    led_by = set(session.execute(leads).scalars())
    staff = [one for one in people if one.id not in led_by]
    return staff if len(staff) >= 4 else people


def one_of(
    session: Session, year: Year, law: Law, now: datetime, rule: Rule | None = None
) -> tuple[Account, int] | None:
    """An active account, one that a rule is for if need be, and somebody who may ask for things about it."""
    rows: Iterable[Any] = session.execute(*_active(year.municipality_id))
    found = [one.id for one in rows if rule is None or applying([rule], facts_of(one), law.day_of(now))]
    account = session.get_one(Account, year.random.choice(found)) if found else None
    asker = _asker(session, account, law.day_of(now)) if account else None
    return (account, asker) if account and asker else None


@built_once
def _active(of: int) -> Executable:
    rows = select(*AS_ROW).where(
        col(Account.municipality_id) == of, col(Account.state) == AccountState.ACTIVE
    )
    return rows.order_by(col(Account.id))


def _asker(session: Session, account: Account, on: date) -> int | None:
    """Who answers for the account, else who administers it, else communications."""
    kinds = (AccountRoleKind.RESPONSIBLE, AccountRoleKind.ADMINISTRATOR)
    people = [person for kind in kinds for _, person in people_now(session, account, [kind], on)]
    people = people or post_holders(session, account.municipality_id, Role.COMMUNICATIONS, on)
    return people[0].id if people else None


def member_of(session: Session, year: Year, on: date) -> int:
    """Somebody of communications."""
    return post_holders(session, year.municipality_id, Role.COMMUNICATIONS, on)[-1].id or 0
