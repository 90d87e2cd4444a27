"""What another version of the rules would mean on a day for the accounts there are. Only reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.administrators import faults_in
from lifecycle.conditions import applying, facts_of
from lifecycle.documenting import accounts_due_for_snapshot
from lifecycle.duties import duties_of
from lifecycle.evaluating import due_evaluation, last_evaluated_on
from lifecycle.idle import idles_of
from lifecycle.law import Law
from lifecycle.renewals import due_items, new_editions
from lifecycle.sights import known_of
from lifecycle.watching import LABEL as WATCH_LABEL
from lifecycle.watching import accounts_to_watch
from lifecycle.weeding import accounts_due_for_weeding, label_of
from lifecycle.working_days import calendar_of
from models import Account, AccountState, Person
from policies.loading import Content, policy_from_content


@dataclass(frozen=True)
class Foreseen:
    """What a version would ask on a day, of one account or person."""

    subject: str
    says: str
    due_on: date | None = None


@dataclass(frozen=True)
class Standing:
    """How things would stand on a day under one version."""

    duties: dict[str, list[str]] = field(default_factory=dict)
    """By account: everything that must, should or may be done, a sentence each."""
    asked: list[Foreseen] = field(default_factory=list)
    late: list[Foreseen] = field(default_factory=list)
    """What has not been kept already on that day."""


@dataclass(frozen=True)
class Meaning:
    """The difference between two versions on a day."""

    new_duties: dict[str, list[str]]
    gone_duties: dict[str, list[str]]
    opened: list[Foreseen]
    withdrawn: list[Foreseen]
    late: list[Foreseen]
    """Late under the new version and not under the old one."""


def other_law(law: Law, content: Content) -> Law:
    """The same municipality under another content, stored or not."""
    policy = policy_from_content(content)
    calendar = calendar_of(policy.settings, law.calendar.zone)
    return Law(law.version_id, law.municipality_id, policy, content, calendar)


def meaning_of_change(session: Session, old: Law, new: Law, on: date) -> Meaning:
    """What a change of version would mean on a day."""
    before, after = standing_on(session, old, on), standing_on(session, new, on)
    return Meaning(
        new_duties=_only_in(after.duties, before.duties),
        gone_duties=_only_in(before.duties, after.duties),
        opened=_without(after.asked, before.asked),
        withdrawn=_without(before.asked, after.asked),
        late=_without(after.late, before.late),
    )


def _only_in(these: dict[str, list[str]], those: dict[str, list[str]]) -> dict[str, list[str]]:
    found = {name: [one for one in said if one not in those.get(name, [])] for name, said in these.items()}
    return {name: said for name, said in found.items() if said}


def _without(these: Sequence[Foreseen], those: Sequence[Foreseen]) -> list[Foreseen]:
    known = {(one.subject, one.says) for one in those}
    return [one for one in these if (one.subject, one.says) not in known]


def standing_on(session: Session, law: Law, on: date) -> Standing:
    """How the open accounts would stand on a day under one version."""
    rows = select(Account).where(
        col(Account.municipality_id) == law.municipality_id, col(Account.state) == AccountState.ACTIVE
    )
    accounts = list(session.execute(rows.order_by(col(Account.name), col(Account.id))).scalars())
    asked = [*_watch(session, law, on), *_dated(session, law, accounts, on)]
    overdue = [one for one in asked if one.due_on is not None and one.due_on < on]
    return Standing(
        duties={name_of(one): [duty.words for duty in duties_of(law, facts_of(one), on)] for one in accounts},
        asked=asked,
        late=[*overdue, *_broken(session, law, accounts, on)],
    )


def name_of(account: Account) -> str:
    """The account as a list names it; two of the same name are told apart by their numbers."""
    return f"{account.name or account.platform} ({account.platform}, nr {account.id})"


def _watch(session: Session, law: Law, on: date) -> Iterator[Foreseen]:
    for one in accounts_to_watch(session, law, on):
        yield Foreseen(name_of(one.account), WATCH_LABEL)


def _dated(session: Session, law: Law, accounts: Sequence[Account], on: date) -> Iterator[Foreseen]:
    """Everything that falls due on a day of its own."""
    evaluated_on = last_evaluated_on(session, law)
    for account in accounts:
        if due := due_evaluation(law, account, on, evaluated_on.get(account.id or 0)):
            yield Foreseen(name_of(account), "Utvärdera kontot", due.until_on)
    for item in due_items(session, law, accounts, on):
        yield Foreseen(name_of(item.account), f"Bekräfta på nytt: {item.item.label}", item.due_on)
    for one in new_editions(session, law, accounts, on):
        titles = "; ".join(f"{document.label} ({document.edition})" for document in one.documents)
        yield Foreseen(session.get_one(Person, one.person_id).name, f"Kvittera ny utgåva: {titles}")
    for picture in accounts_due_for_snapshot(session, law, on):
        yield Foreseen(name_of(picture.account), f"Bild av kontot för {picture.window_on:%Y-%m}")
    for weeding in accounts_due_for_weeding(session, law, on):
        yield Foreseen(name_of(weeding.account), label_of(weeding.rule))


def _broken(session: Session, law: Law, accounts: Sequence[Account], on: date) -> Iterator[Foreseen]:
    """Demands that are not met on the day itself: headcounts, and accounts that are not kept up."""
    for account in accounts:
        for fault in faults_in(session, law, account, on):
            if fault.must:
                yield Foreseen(name_of(account), fault.says)
    yield from _idle(session, law, accounts, on)


_MISSING = {"posts": "inga inlägg", "watch": "ingen bevakning"}


def _idle(session: Session, law: Law, accounts: Sequence[Account], on: date) -> Iterator[Foreseen]:
    rules = [law.policy.rules.inactivity] if law.policy.rules.inactivity else []
    known = known_of(session, [one.id or 0 for one in accounts], law.calendar.at(on, time.max))
    for account in accounts:
        for rule in applying(rules, facts_of(account), on):
            for idle in idles_of(law, account, rule, known[account.id or 0], on):
                if idle.due_on <= on and idle.known_on is not None:
                    says = f"Inte skött: {_MISSING[idle.cause]} sedan {idle.since_on}"
                    yield Foreseen(name_of(account), says, idle.due_on)
