"""What a person's own calendar shows of their duties: what waits, and what is known to come within a year.

Nothing but kinds of duty, accounts and days: no reasons, no names of others, no words from cases or letters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlmodel import Session, col

from lifecycle.conditions import applying, facts_of
from lifecycle.documenting import takers
from lifecycle.evaluating import last_evaluated_on, next_on, rule_for
from lifecycle.held_accounts import held_accounts
from lifecycle.law import Law
from lifecycle.presence import watchers_present
from lifecycle.roles import NO_BARS, common_owner, find_holders
from lifecycle.watching import accounts_to_watch
from models import (
    IS_OPEN,
    Absence,
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Person,
    Process,
    TaskHolder,
    TaskKind,
    UserTask,
)
from policies.duties import Documentation
from policies.keys import Modality, Role

AHEAD = timedelta(days=366)
_EVERY_WEEKDAY = ("MO", "TU", "WE", "TH", "FR")
_EVERY_DAY = (*_EVERY_WEEKDAY, "SA", "SU")
_WORDS = {
    TaskKind.DECIDE: "Besluta",
    TaskKind.CONSULT: "Ge råd",
    TaskKind.REVISE_PLAN: "Ändra planen",
    TaskKind.CONFIRM_ITEM: "Bekräfta en punkt i checklistan",
    TaskKind.ACKNOWLEDGE: "Läs och kvittera",
    TaskKind.TELL_POSTS: "Berätta vad som har publicerats",
    TaskKind.POST: "Publicera, eller skriv varför inte",
    TaskKind.WARN: "Läs varningen om kontot",
    TaskKind.REVIEW: "Bedöm om kontot ska vara kvar",
    TaskKind.EVALUATE: "Utvärdera",
    TaskKind.TAKE_SNAPSHOT: "Lämna in en bild av kontot",
    TaskKind.WEED: "Gallra",
    TaskKind.REVIEW_GUIDELINE: "Gå igenom riktlinjen",
    TaskKind.RENEW: "Bekräfta på nytt",
    TaskKind.APPROVE_POLICY: "Godkänn nya regler, eller inte",
    TaskKind.LOOK_INTO: "Något ska redas ut",
    TaskKind.HANDLE: "Ett steg i ett ärende",
    TaskKind.CONFIRM_ACT: "Bekräfta med länken i brevet",
    TaskKind.INVENTORY: "Säg om kontot är ditt",
}


@dataclass(frozen=True)
class Entry:
    """One line of the calendar, on a day or before a limit by the clock."""

    key: str
    """The same for the same thing at every look."""
    says: str
    on: date | None = None
    """A whole day, in the municipality's zone."""
    until_at: datetime | None = None
    """A limit by the clock."""
    accounts: Sequence[Account] = ()
    """Which it is about."""
    weekdays: Sequence[str] = ()
    """Again on these days of each week, from `on`; as RFC 5545 writes them."""
    except_on: Sequence[date] = ()


def calendar_of(session: Session, law: Law, person: Person, now: datetime) -> list[Entry]:
    """Everything of a person's own, each once."""
    on = law.day_of(now)
    return [
        *_waiting(session, law, person, on),
        *_watch(session, law, person, on),
        *_evaluations(session, law, person, on),
        *_snapshots(session, law, person, on, now),
        *_ends(session, law, person, on),
    ]


# ---------------------------------------------------------------- what waits


def _waiting(session: Session, law: Law, person: Person, on: date) -> Iterator[Entry]:
    """Open tasks; the watch is one line a week, whatever the number of accounts."""
    rows = (
        select(UserTask, Account)
        .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
        .outerjoin(Account, col(Account.id) == col(UserTask.account_id))
        .where(col(TaskHolder.person_id) == person.id, IS_OPEN, col(UserTask.kind) != TaskKind.WATCH)
        .order_by(col(UserTask.id))
    )
    for task, account in session.execute(rows):
        yield _task(law, task, account, on)


def _task(law: Law, task: UserTask, account: Account | None, on: date) -> Entry:
    """What has no last day stands on the day that it is: programs do not show what has no day."""
    key, says, due_at = f"uppgift-{task.id}", _WORDS[task.kind], task.due_at or task.advised_at
    accounts = [account] if account else []
    if due_at is None:
        return Entry(key, says, on=on, accounts=accounts)
    if task.process is Process.CASE:
        return Entry(key, says, until_at=due_at, accounts=accounts)
    return Entry(key, says, on=law.day_of(due_at - timedelta(seconds=1)), accounts=accounts)


# ---------------------------------------------------------------- the watch


def _watch(session: Session, law: Law, person: Person, on: date) -> Iterator[Entry]:
    """One whole-day line that comes again, if there is anything to look at on the next working day."""
    watched = _watched(session, law, person, law.calendar.working_day_from(on))
    if not watched:
        return
    free_on = next(day for day in _days(on, AHEAD) if not law.calendar.is_working_day(day))
    every_day = bool(_watched(session, law, person, free_on))
    first_on = _began(session, law, person, watched, on)
    first_on = first_on if every_day else law.calendar.working_day_from(first_on)
    yield Entry(
        "bevakning",
        "Titta till dina konton",
        on=first_on,
        weekdays=_EVERY_DAY if every_day else _EVERY_WEEKDAY,
        except_on=() if every_day else _red_days(law, first_on, on + AHEAD),
    )


def _watched(session: Session, law: Law, person: Person, on: date) -> list[Account]:
    accounts = [one.account for one in accounts_to_watch(session, law, on)]
    present = watchers_present(session, law, accounts, on)
    return [one for one in accounts if person.id in {holder.person_id for holder in present[one.id or 0]}]


def _began(session: Session, law: Law, person: Person, watched: Sequence[Account], on: date) -> date:
    """When the first of the watched began to be theirs, but not before this year.

    Who has no role of their own there, but stands in or answers for it, has it from the day that it is.
    """
    since_on = {
        account.id: max(role.since_on or on, _opened(law, account))
        for role, account in session.execute(_roles_of(person, on))
    }
    return max(date(on.year, 1, 1), min(since_on.get(one.id, on) for one in watched))


def _opened(law: Law, account: Account) -> date:
    return account.opened_on or law.day_of(account.state_since)


def _days(on: date, span: timedelta) -> Iterator[date]:
    return (on + timedelta(days=number) for number in range(span.days))


def _red_days(law: Law, first_on: date, until_on: date) -> list[date]:
    days = _days(first_on, until_on - first_on)
    return [day for day in days if day.weekday() < 5 and not law.calendar.is_working_day(day)]


# ---------------------------------------------------------------- what is known to come


def _evaluations(session: Session, law: Law, person: Person, on: date) -> Iterator[Entry]:
    last_on = last_evaluated_on(session, law)
    for account in held_accounts(session, law, on, duty="evaluation"):
        rule = rule_for(law, account, on)
        if rule is None or rule.modality is Modality.MAY:
            continue
        due_on = next_on(law, rule, _opened(law, account), last_on.get(account.id or 0))
        if on < due_on <= on + AHEAD and _holds(session, law, account, rule.done_by, person, on):
            key = f"utvardering-{account.id}-{due_on}"
            yield Entry(key, "Utvärdering", on=due_on, accounts=[account])


def _holds(session: Session, law: Law, account: Account, role: Role, person: Person, on: date) -> bool:
    """Whether it would come to the person, were it asked for today."""
    found = find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
    )
    return any(one.person_id == person.id for one in found)


def _snapshots(session: Session, law: Law, person: Person, on: date, now: datetime) -> Iterator[Entry]:
    """One line for each day on which pictures are taken, with its accounts."""
    by_day: dict[date, dict[int, Account]] = {}
    for account in held_accounts(session, law, on, duty="documentation"):
        for rule in applying(law.policy.rules.documentation, facts_of(account), on):
            if any(one.person_id == person.id for one in takers(session, law, account, rule.taken_by, now)):
                for day in _windows(law, rule, on):
                    by_day.setdefault(day, {})[account.id or 0] = account
    for day, accounts in sorted(by_day.items()):
        yield Entry(f"bild-{day}", "Ögonblicksbild", on=day, accounts=list(accounts.values()))


def _windows(law: Law, rule: Documentation, on: date) -> Iterator[date]:
    months = law.policy.settings.snapshot_months
    chosen = sorted(months)[:1] if rule.every == "year" else months
    for year in (on.year, on.year + 1):
        for month in chosen:
            day = law.calendar.working_day_from(date(year, month, 1))
            if month not in (rule.excluded_months or ()) and on < day <= on + AHEAD:
                yield day


# ---------------------------------------------------------------- what ends


def _ends(session: Session, law: Law, person: Person, on: date) -> Iterator[Entry]:
    for role, account in session.execute(_in_active(person, on)):
        if role.kind is AccountRoleKind.GUEST and role.until_on is not None:
            last_on = role.until_on - timedelta(days=1)
            yield Entry(f"gast-{role.id}", "Sista dagen som gäst", on=last_on, accounts=[account])
    yield from _ends_of_accounts(session, person, on)
    yield from _ends_of_absences(session, person, on)


def _roles_of(person: Person, on: date) -> Select[AccountRole, Account]:
    return (
        select(AccountRole, Account)
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .where(
            col(AccountRole.person_id) == person.id,
            col(AccountRole.refused_at).is_(None),
            col(AccountRole.since_on).is_not(None),
            or_(col(AccountRole.until_on).is_(None), col(AccountRole.until_on) > on),
        )
        .order_by(col(AccountRole.id))
    )


def _in_active(person: Person, on: date) -> Select[AccountRole, Account]:
    return _roles_of(person, on).where(col(Account.state) == AccountState.ACTIVE)


def _ends_of_accounts(session: Session, person: Person, on: date) -> Iterator[Entry]:
    accounts = {account.id: account for _, account in session.execute(_in_active(person, on))}
    for account in accounts.values():
        back_on, key = account.rests_until_on, str(account.id)
        if back_on is not None and back_on > on and account.rest_ended_at is None:
            yield Entry(f"vila-{key}-{back_on}", "Vilan är slut", on=back_on, accounts=[account])
        if account.ends_on is not None and account.ends_on >= on:
            yield Entry(f"slut-{key}", "Slutdatum", on=account.ends_on, accounts=[account])


def _ends_of_absences(session: Session, person: Person, on: date) -> Iterator[Entry]:
    """One's own, and those in which one stands in by name; who is away is not said."""
    rows = select(Absence).where(
        or_(col(Absence.person_id) == person.id, col(Absence.substitute_id) == person.id),
        col(Absence.until_on) > on,
        col(Absence.ended_at).is_(None),
    )
    for one in session.execute(rows.order_by(col(Absence.id))).scalars():
        mine = one.person_id == person.id
        says = "Din frånvaro är slut" if mine else "Du är inte längre ersättare"
        yield Entry(f"franvaro-{one.id}", says, on=one.until_on)
