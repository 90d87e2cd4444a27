"""Taking over accounts that exist already: which row is which account, and writing it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from acts.import_steps import Known, Step, Wanted, compared, to_write
from acts.importing_accounts import KINDS
from acts.sheets import Sheet
from lifecycle.law import Law
from lifecycle.process import END_NAMES
from lifecycle.tasks import raise_news
from models import LIVING, Account, AccountRole, AccountState, AuditEvent

_CLOSED_HERE = "Kontot är avslutat i Kanalvakt. Ta bort raden. Ska kontot öppnas igen behövs en ansökan."
_OPEN_HERE = "Kontot är öppet i Kanalvakt. Avsluta det där, eller ta bort raden."
_CHANGED_HERE = (
    "Någon har ändrat kontot i Kanalvakt sedan det importerades. Filen ändrar det inte: gör ändringen på "
    "kontots sida, eller skriv som det står där: {was}."
)


def account_steps(
    session: Session, sheet: Sheet, wanted: Sequence[Wanted], known: Known
) -> list[Step[Account]]:
    """The sound rows beside the accounts there are; rows that say against Kanalvakt are blamed."""
    by_key = _accounts(session, known.municipality_id)
    people = _people(session, [one for found in by_key.values() for one in found], known)
    open_keys = {one.key for one in wanted if one.values["state"] is AccountState.ACTIVE}
    steps = []
    for one in wanted:
        if not sheet.is_sound(one.line):
            continue
        old = _match(sheet, one, by_key.get(one.key, []), one.key in open_keys)
        if sheet.is_sound(one.line):
            steps.append(compared(one, old, lambda account: _values_of(account, known, people)))
    _refuse_changed_here(session, sheet, steps)
    return [step for step in steps if sheet.is_sound(step.wanted.line)]


def _accounts(session: Session, municipality_id: int) -> dict[str, list[Account]]:
    rows = select(Account).where(
        col(Account.municipality_id) == municipality_id,
        col(Account.address_key).is_not(None),
        col(Account.state).in_([*LIVING, AccountState.CLOSED]),
    )
    found: dict[str, list[Account]] = {}
    for account in session.execute(rows.order_by(col(Account.id))).scalars():
        found.setdefault(account.address_key or "", []).append(account)
    return found


def _people(
    session: Session, accounts: Iterable[Account], known: Known
) -> dict[tuple[int, str], tuple[str, ...]]:
    """The addresses of each account's people by column, ended roles apart."""
    closed = {account.id for account in accounts if account.state is AccountState.CLOSED}
    rows = (
        select(AccountRole)
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .where(col(Account.municipality_id) == known.municipality_id, col(AccountRole.refused_at).is_(None))
    )
    columns = {kind: key for key, kind in KINDS.items()}
    found: dict[tuple[int, str], tuple[str, ...]] = {}
    for role in session.execute(rows.order_by(col(AccountRole.id))).scalars():
        if role.kind in columns and (role.until_on is None or role.account_id in closed):
            place = (role.account_id, columns[role.kind])
            found[place] = (*found.get(place, ()), known.emails[role.person_id])
    return found


def _values_of(
    account: Account, known: Known, people: dict[tuple[int, str], tuple[str, ...]]
) -> dict[str, Any]:
    assert account.id is not None
    plain = ("name", "platform", "address", "account_class", "purpose", "target_group", "log_in_kept_at")
    values: dict[str, Any] = {key: getattr(account, key) for key in (*plain, "opened_on", "closed_on")}
    values |= {"unit": known.codes.get(account.unit_id, "")}
    values["state"] = AccountState.CLOSED if account.state is AccountState.CLOSED else AccountState.ACTIVE
    return values | {key: people.get((account.id, key), ()) for key in KINDS}


def _match(sheet: Sheet, one: Wanted, found: list[Account], also_open: bool) -> Account | None:
    """The account that a row is about, or None for a new one. `also_open`: the file has it open, too."""
    living = next((account for account in found if account.state in LIVING), None)
    closed = [account for account in found if account.state is AccountState.CLOSED]
    taken_over = next((account for account in closed if _was_closed_before(account)), None)
    if one.values["state"] is AccountState.CLOSED:
        return _match_closed(sheet, one, closed, taken_over, living is None or also_open)
    if living is not None:
        if not living.imported:
            name = living.name or "en ansökan"
            sheet.blame(
                one.line, "address", f"Adressen hör redan till ett konto i Kanalvakt: {name}. Ta bort raden."
            )
        return living
    if any(account is not taken_over for account in closed):
        sheet.blame(one.line, "address", _CLOSED_HERE)
    return None


def _match_closed(
    sheet: Sheet, one: Wanted, closed: list[Account], taken_over: Account | None, may_be_new: bool
) -> Account | None:
    if taken_over is None and closed:
        sheet.blame(one.line, "state", _CLOSED_HERE)
    elif taken_over is None and not may_be_new:
        sheet.blame(one.line, "state", _OPEN_HERE)
    return taken_over


def _was_closed_before(account: Account) -> bool:
    """Whether the account came here closed: there has never been anything for its run to look at."""
    return account.imported and account.news == 0


def _refuse_changed_here(session: Session, sheet: Sheet, steps: Iterable[Step[Account]]) -> None:
    """A file does not undo what people have done with an account since it was taken over."""
    differing = [step for step in steps if step.old is not None and step.changes]
    touched = _touched(session, [step.old.id for step in differing if step.old and step.old.id])
    for step in differing:
        assert step.old is not None
        if step.old.id in touched or step.old.state is AccountState.CLOSING:
            for key, (was, _) in step.changes.items():
                sheet.blame(step.wanted.line, key, _CHANGED_HERE.format(was=_words(was)))


def _touched(session: Session, ids: Sequence[int]) -> set[int]:
    if not ids:
        return set()
    rows = select(col(AuditEvent.account_id)).where(
        col(AuditEvent.account_id).in_(ids), col(AuditEvent.actor_id).is_not(None)
    )
    return {one for one in session.execute(rows.distinct()).scalars() if one is not None}


def _words(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "(tomt)"
    return str(value) if value else "(tomt)"


def write_accounts(
    session: Session,
    steps: list[Step[Account]],
    known: Known,
    law: Law,
    now: datetime,
    duties_from_on: date | None = None,
) -> None:
    """Create the new accounts and change the others; the living ones get news, so that their runs begin.

    The new ones are held to the rules from `duties_from_on`, where a day is given.
    """
    for step in to_write(steps):
        account = step.old or _new_account(step.wanted, known, law, now)
        if step.old is None and account.state is not AccountState.CLOSED:
            account.duties_from_on = duties_from_on
        for key, value in step.wanted.values.items():
            if key == "unit":
                account.unit_id = known.unit_id(value)
            elif key not in KINDS and key != "state":
                setattr(account, key, value)
        account.address_key = step.wanted.key
        session.add(account)
        step.new = account
        if account.state is not AccountState.CLOSED:
            raise_news(session, account)
    session.flush()
    for step in to_write(steps):
        _write_roles(session, step, known, law.day_of(now), now)
    session.flush()


def _new_account(wanted: Wanted, known: Known, law: Law, now: datetime) -> Account:
    state: AccountState = wanted.values["state"]
    closed_on: date | None = wanted.values.get("closed_on")
    return Account(
        municipality_id=known.municipality_id,
        state=state,
        # An open one has not been asked about before now, whenever it was opened.
        state_since=law.calendar.at(closed_on, time()) if closed_on else now,
        policy_version_id=law.version_id,
        imported=True,
        waits_for=END_NAMES.get(state, ""),
    )


def _write_roles(session: Session, step: Step[Account], known: Known, today: date, now: datetime) -> None:
    """Begin the roles that a row adds and end those that it leaves out, where it says who has them."""
    for key in KINDS:
        if step.old is None or key in step.changes:
            wanted = [known.people[address].id for address in step.value(key, ())]
            held = _held(session, step, key)
            for role in held:
                if role.person_id not in wanted:
                    role.until_on = today
                    session.add(role)
            new = [one for one in wanted if one not in {role.person_id for role in held}]
            session.add_all([_role(step, key, one, today, now) for one in new if one is not None])


def _held(session: Session, step: Step[Account], key: str) -> list[AccountRole]:
    """The account's roles of a kind; ended ones only when the account has ended with them."""
    if step.old is None:
        return []
    rows = select(AccountRole).where(
        col(AccountRole.account_id) == step.old.id,
        col(AccountRole.kind) == KINDS[key],
        col(AccountRole.refused_at).is_(None),
    )
    if step.old.state is not AccountState.CLOSED:
        rows = rows.where(col(AccountRole.until_on).is_(None))
    return list(session.execute(rows.order_by(col(AccountRole.id))).scalars())


def _role(step: Step[Account], key: str, person_id: int, today: date, now: datetime) -> AccountRole:
    """A role from the account's first day, as far as it is known; a corrected one from today."""
    account = step.new
    assert account is not None and account.id is not None
    first = account.opened_on or account.closed_on or today
    return AccountRole(
        account_id=account.id,
        person_id=person_id,
        kind=KINDS[key],
        asked_at=now,
        since_on=first if step.old is None or account.closed_on else today,
        until_on=account.closed_on,
    )
