"""Finding what somebody names in words: an account by address or name, a unit by name, a municipality."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from sqlalchemy import select
from sqlmodel import Session, col

from acts.faces import name_of
from acts.overview_words import account_words
from lifecycle.addresses import address_key
from lifecycle.refusals import Refused
from models import LIVING, Account, AccountState, Municipality, Unit, UserTask
from policies.naming import either
from policies.rules import Step

CANDIDATES_LIMIT = 5


def municipality_named(session: Session, slug: str) -> Municipality:
    """The only municipality, or the one with that short name. Refused `municipality_missing`."""
    rows = select(Municipality).order_by(col(Municipality.slug))
    all_of_them: Sequence[Municipality] = session.execute(rows).scalars().all()
    wanted = slug.strip().lower()
    found = [one for one in all_of_them if wanted == one.slug or (not wanted and len(all_of_them) == 1)]
    if not found:
        raise Refused("municipality_missing", slugs=", ".join(one.slug for one in all_of_them))
    return found[0]


def account_named(session: Session, municipality_id: int, words: str) -> Account:
    """The account with that address or name, also as lists and Prefect write it; a living one before others.

    Refused `account_unknown` with the nearest names, or `account_not_one` with the addresses of those meant.
    """
    units = {unit.id: unit for unit in _units(session, municipality_id)}
    accounts = _accounts(session, municipality_id)
    known = {account.id: _names_of(account, units.get(account.unit_id)) for account in accounts}
    wanted = _wanted(words)
    found = [account for account in accounts if wanted & known[account.id]]
    found = [one for one in found if one.state in LIVING] or found
    if not found:
        names = [name for account in accounts for name in (account.name, account.address) if name]
        raise Refused("account_unknown", candidates=meant(words, names))
    if len(found) > 1:
        shown = [one.address or f"{one.name} ({name_of(one, units.get(one.unit_id))})" for one in found]
        raise Refused("account_not_one", candidates=either(shown[:CANDIDATES_LIMIT]))
    return found[0]


def _accounts(session: Session, municipality_id: int) -> Sequence[Account]:
    """All but drafts, which are their applicants' alone."""
    rows = select(Account).where(
        col(Account.municipality_id) == municipality_id, col(Account.state) != AccountState.DRAFT
    )
    return session.execute(rows.order_by(col(Account.id))).scalars().all()


def _names_of(account: Account, unit: Unit | None) -> set[str]:
    names = (account.name, account.address_key or "", name_of(account, unit), account_words(account))
    return {_plain(one) for one in names if one}


def _wanted(words: str) -> set[str]:
    try:
        key = address_key(words) or ""
    except Refused:
        key = ""
    return {one for one in (_plain(words), key) if one}


def unit_named(session: Session, municipality_id: int, words: str) -> Unit:
    """The unit with that name or code. Refused `unit_unknown` with the nearest names, or `unit_not_one`."""
    units, wanted = _units(session, municipality_id), _plain(words)
    found = [one for one in units if wanted and wanted in (_plain(one.name), _plain(one.code))]
    if not found:
        raise Refused("unit_unknown", candidates=meant(words, [one.name for one in units]))
    if len(found) > 1:
        raise Refused("unit_not_one", candidates=either([one.code for one in found]))
    return found[0]


def _units(session: Session, municipality_id: int) -> Sequence[Unit]:
    rows = select(Unit).where(col(Unit.municipality_id) == municipality_id).order_by(col(Unit.id))
    return session.execute(rows).scalars().all()


def question_named(questions: Sequence[UserTask], words: str, *, newest_first: bool = False) -> UserTask:
    """The question with that label, or the only one when nothing is said.

    Of several, the first where they come newest first. Refused `question_unknown` or `question_not_one`.
    """
    found = [one for one in questions if not words.strip() or _plain(one.label) == _plain(words)]
    labels = list(dict.fromkeys(one.label for one in found or questions))
    if not found:
        raise Refused("question_unknown", candidates=_there_are(labels))
    if len(found) > 1 and not newest_first:
        raise Refused("question_not_one", candidates=either(labels[:CANDIDATES_LIMIT]))
    return found[0]


def step_named(steps: Sequence[Step], words: str) -> Step:
    """The step with that label. Refused `question_unknown` with the labels there are."""
    found = [one for one in steps if _plain(words) in (_plain(one.label), _plain(one.step))]
    if not found:
        raise Refused("question_unknown", candidates=_there_are([one.label for one in steps]))
    return found[0]


def _there_are(labels: Sequence[str]) -> str:
    quoted = [f"”{one}”" for one in labels[:CANDIDATES_LIMIT]]
    return f". Det finns {either(quoted)}." if quoted else "."


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def meant(words: str, known: Iterable[str]) -> str:
    """How the sentence goes on when something like it is known."""
    by_plain = {_plain(one): one for one in known}
    close = get_close_matches(_plain(words), list(by_plain), n=3, cutoff=0.5)
    return f". Menade du {either([by_plain[one] for one in close])}?" if close else "."
