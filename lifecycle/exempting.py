"""An account that is let off one kind of duty until a day, by communications and with a reason."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from lifecycle.answers import REASON_LIMIT
from lifecycle.conditions import facts_of
from lifecycle.duties import duties_of
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.roles import post_holders
from lifecycle.states import Act, demand
from lifecycle.tasks import raise_news
from models import Account, Exemption
from models.asking import asked_once, built_once
from policies.keys import Role

KINDS = ("watch", "posting", "inactivity", "documentation", "weeding", "evaluation")
"""Duties that an account can be let off, as `lifecycle.duties` names them. Answering and removing are not."""
LONGEST_DAYS = 366
_DECIDERS = (Role.COMMUNICATIONS, Role.COMMUNICATIONS_DIRECTOR)


def is_let_off(session: Session, account: Account, duty: str, on: date) -> bool:
    """Whether an account is let off a kind of duty on a day."""
    return account.id in exempted(session, account.municipality_id, duty, on)


def exempted(session: Session, municipality_id: int, duty: str, on: date) -> Collection[int]:
    """The accounts of a municipality that are let off a kind of duty on a day."""
    exemptions = _exemptions(session, municipality_id)
    return {account for account, what, first, until in exemptions if what == duty and first <= on < until}


@asked_once(Exemption, values=True)
def _exemptions(session: Session, municipality_id: int) -> Sequence[tuple[int, str, date, date]]:
    return [tuple(row) for row in session.execute(*_of_municipality(municipality_id))]


@built_once
def _of_municipality(of: int) -> Executable:
    asked = (col(Exemption.account_id), col(Exemption.duty), col(Exemption.from_on), col(Exemption.until_on))
    accounts = select(col(Account.id)).where(col(Account.municipality_id) == of)
    return select(*asked).where(col(Exemption.account_id).in_(accounts))


def exemptions_of(session: Session, account: Account, on: date) -> list[Exemption]:
    """The exemptions that hold for an account on that day, the first to end first."""
    rows = select(Exemption).where(
        col(Exemption.account_id) == account.id,
        col(Exemption.from_on) <= on,
        col(Exemption.until_on) > on,
    )
    return list(session.execute(rows.order_by(col(Exemption.until_on), col(Exemption.id))).scalars())


def duties_to_let_off(law: Law, account: Account, on: date) -> list[str]:
    """The kinds of duty that the policy asks of the account and that it can be let off."""
    asked = {duty.kind for duty in duties_of(law, facts_of(account), on)}
    return [kind for kind in KINDS if kind in asked]


def demand_decider(session: Session, account: Account, by: By, on: date) -> None:
    """Communications or its director decides."""
    deciders = {
        person.id for role in _DECIDERS for person in post_holders(session, account.municipality_id, role, on)
    }
    if by.person_id not in deciders:
        raise Refused("only_communications")


def exempt(
    session: Session,
    law: Law,
    account: Account,
    duty: str,
    until_on: date,
    reason: str,
    by: By,
    now: datetime,
) -> Exemption:
    """Let an account off a kind of duty from today until the day before `until_on`.

    Raises Refused `only_communications`, `reason_missing`, `exemption_no_duty` or `exemption_dates`.
    """
    on = law.day_of(now)
    demand(account, Act.REST)
    demand_decider(session, account, by, on)
    if duty not in duties_to_let_off(law, account, on):
        raise Refused("exemption_no_duty")
    if not on < until_on <= on + timedelta(days=LONGEST_DAYS):
        raise Refused("exemption_dates", days=LONGEST_DAYS)
    if not reason.strip():
        raise Refused("reason_missing")
    if len(reason) > REASON_LIMIT // 2:
        raise Refused("text_too_long", length=len(reason), limit=REASON_LIMIT // 2)
    assert account.id is not None
    exemption = Exemption(
        account_id=account.id,
        duty=duty,
        from_on=on,
        until_on=until_on,
        reason=reason.strip(),
        decided_by_id=by.person_id,
        decided_at=now,
    )
    session.add(exemption)
    session.flush()
    facts = {"exemption": exemption.id, "duty": duty, "until": until_on.isoformat()}
    detail = {"reason": exemption.reason}
    record(session, EventKind.EXEMPTED, now, account=account, by=by, facts=facts, detail=detail)
    raise_news(session, account)
    return exemption


def end_exemption(
    session: Session, law: Law, account: Account, exemption: Exemption, by: By, now: datetime
) -> None:
    """From today the duty is asked again."""
    on = law.day_of(now)
    demand_decider(session, account, by, on)
    if exemption.account_id != account.id or exemption.until_on <= on:
        raise Refused("exemption_over")
    exemption.until_on = on
    session.add(exemption)
    facts = {"exemption": exemption.id, "duty": exemption.duty}
    record(session, EventKind.EXEMPTION_ENDED, now, account=account, by=by, facts=facts)
    raise_news(session, account)
