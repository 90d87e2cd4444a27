"""Truths about accounts: how they came where they are, who decided it, and that they do not stand still."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from lifecycle.chains import steps_for
from lifecycle.conditions import facts_of
from lifecycle.events import EventKind
from lifecycle.invariants.truth import accounts, looked_at, subjects, tasks, truth
from lifecycle.law import Law, laws_of
from lifecycle.states import FINAL, MOVES
from models import (
    IS_OPEN,
    LIVING,
    Account,
    AccountRole,
    AccountState,
    AuditEvent,
    Outcome,
    Plan,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)
from policies.rules import Step, StepAct

_APPROVED = (AccountState.SETTING_UP, AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED)
_OPEN = (AccountState.ACTIVE, AccountState.CLOSING)
_GRANTED = (Outcome.APPROVE, Outcome.SKIPPED)


@truth("Ett konto går bara mellan lägen så som livets gång tillåter, och står där loggen säger.")
def moves_as_allowed(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Each recorded move is one of `lifecycle.states.MOVES` and begins where the last one ended
    (REQUIREMENTS 2; DESIGN, the facts)."""
    rows = (
        select(col(AuditEvent.account_id), col(AuditEvent.facts), col(Account.state))
        .join(Account, col(Account.id) == col(AuditEvent.account_id))
        .where(
            col(AuditEvent.municipality_id) == municipality_id,
            col(AuditEvent.kind) == EventKind.STATE_CHANGED.value,
        )
        .order_by(col(AuditEvent.number))
    )
    at: dict[int, str] = {}
    is_at: dict[int, AccountState] = {}
    wrong: list[int] = []
    for account_id, facts, state in session.execute(rows):
        before, after = AccountState(facts["from"]), AccountState(facts["to"])
        if after not in MOVES[before] or at.get(account_id, before) != before:
            wrong.append(account_id)
        at[account_id], is_at[account_id] = after, state
    wrong += [account_id for account_id, last in at.items() if is_at[account_id] != last]
    return [f"konto {one}" for one in sorted(set(wrong))]


@truth("Inget konto godkänns utan att varje steg i riktlinjens kedja är avgjort för den plan som gäller.")
def decided_before_use(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Silence never approves, and what was decided of another plan does not count (REQUIREMENTS 1, 2.2)."""
    laws = laws_of(session, municipality_id)
    sent, given = _sent_at(session, municipality_id), _decided_of_the_plan(session, municipality_id)
    rows = select(Account).where(
        col(Account.municipality_id) == municipality_id,
        col(Account.state).in_(_APPROVED),
        col(Account.imported).is_(False),
    )
    return [
        f"konto {account.id}"
        for account in session.execute(rows.order_by(col(Account.id))).scalars()
        if not all(
            _is_given(step, given[account.id or 0])
            for step in _steps(laws[account.policy_version_id], account, sent.get(account.id or 0, now))
        )
    ]


def _sent_at(session: Session, municipality_id: int) -> dict[int, datetime]:
    rows = (
        select(col(Account.id), col(Plan.sent_at))
        .join(Plan, col(Plan.account_id) == col(Account.id))
        .where(
            col(Account.municipality_id) == municipality_id,
            col(Plan.version) == col(Account.plan_version),
            col(Plan.sent_at).is_not(None),
        )
    )
    return {account_id: sent_at for account_id, sent_at in session.execute(rows)}


def _decided_of_the_plan(session: Session, municipality_id: int) -> Mapping[int, list[UserTask]]:
    """The answered tasks of each account's application, as its plan stands, in the order of the answers."""
    rows = (
        select(UserTask)
        .join(Account, col(Account.id) == col(UserTask.account_id))
        .where(
            col(UserTask.municipality_id) == municipality_id,
            col(UserTask.process) == Process.OPENING,
            col(UserTask.plan_version) == col(Account.plan_version),
            col(UserTask.state).in_([TaskState.DONE, TaskState.NO_ANSWER]),
        )
        .order_by(col(UserTask.answered_at), col(UserTask.id))
    )
    found: dict[int, list[UserTask]] = defaultdict(list)
    for task in session.execute(rows).scalars():
        found[task.account_id or 0].append(task)
    return found


def _steps(law: Law, account: Account, asked_at: datetime) -> list[Step]:
    steps = steps_for(law, Process.OPENING, facts_of(account), asked_at)
    return [step for step in steps if step.act is not StepAct.INFORM]


def _is_given(step: Step, given: Iterable[UserTask]) -> bool:
    answers = [task for task in given if task.step == step.step]
    if step.act is StepAct.CONSULT:
        return bool(answers)
    skipped = any(task.outcome is Outcome.SKIPPED for task in answers)
    wanted = len(step.roles) if step.answered_by == "all" and not skipped else 1
    return len(answers) >= wanted and all(task.outcome in _GRANTED for task in answers)


@truth("Ingen avgör något som den själv har bett om, eller som gäller den själv.")
def nobody_decides_for_themselves(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Four eyes: not the applicant, who asked for the change or is its object, or asked to close
    (REQUIREMENTS 2.2, 4.2)."""
    who = col(UserTask.answered_by_id)
    own_closing = and_(
        col(UserTask.process) == Process.CLOSING,
        col(UserTask.opened_at) >= col(Account.closing_asked_at),
        who == col(Account.closing_asked_by_id),
    )
    rows = (
        select(col(UserTask.id))
        .join(Account, col(Account.id) == col(UserTask.account_id))
        .outerjoin(AccountRole, col(AccountRole.id) == col(UserTask.account_role_id))
        .where(
            col(UserTask.municipality_id) == municipality_id,
            col(UserTask.kind) == TaskKind.DECIDE,
            col(UserTask.state) == TaskState.DONE,
            or_(
                and_(col(UserTask.process) == Process.OPENING, who == col(Account.applicant_id)),
                who == col(AccountRole.asked_by_id),
                who == col(AccountRole.person_id),
                own_closing,
            ),
        )
    )
    return subjects(session, "uppgift", rows.order_by(col(UserTask.id)))


@truth("Ingen avgör två steg i samma ansökan, om riktlinjen inte säger att det får vara samma person.")
def nobody_decides_twice(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Four eyes over the steps of a chain; who has passed over a step has decided it (REQUIREMENTS 4.2)."""
    laws = laws_of(session, municipality_id)
    version = select(col(Account.id), col(Account.policy_version_id)).where(
        col(Account.municipality_id) == municipality_id
    )
    law_of = {account_id: laws[version_id] for account_id, version_id in session.execute(version)}
    decided = _decided_of_the_plan(session, municipality_id).items()
    return [f"uppgift {one}" for account_id, its in decided for one in _repeated(law_of[account_id], its)]


def _repeated(law: Law, answers: Sequence[UserTask]) -> Iterator[int | None]:
    """Decisions by somebody who had decided another step, where somebody else was wanted."""
    same = {step.step for step in law.policy.rules.opening if not step.someone_else}
    steps_by: dict[int | None, set[str]] = defaultdict(set)
    for task in answers:
        if task.kind is TaskKind.DECIDE and task.outcome in _GRANTED:
            if task.step not in same and steps_by[task.answered_by_id] - {task.step}:
                yield task.id
            steps_by[task.answered_by_id].add(task.step)


@truth("Ett beslut har alltid fattats av en människa.")
def silence_never_approves(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """A step of a chain is decided by a person, or stands red (REQUIREMENTS 2.2)."""
    done = (col(UserTask.kind) == TaskKind.DECIDE) & (col(UserTask.state) == TaskState.DONE)
    nobody = col(UserTask.answered_by_id).is_(None) | col(UserTask.answered_at).is_(None)
    return tasks(session, municipality_id, done, nobody)


@truth("Ett konto används inte förrän allt som måste göras innan är gjort.")
def ready_before_open(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """The policy's checklist before the account is opened (REQUIREMENTS 2.3)."""
    left = select(col(UserTask.account_id)).where(
        col(UserTask.process) == Process.SETTING_UP,
        col(UserTask.modality) == "must",
        col(UserTask.state).not_in([TaskState.DONE, TaskState.WITHDRAWN]),
    )
    return accounts(session, municipality_id, col(Account.state).in_(_OPEN), col(Account.id).in_(left))


@truth("En adress hör till högst ett konto i taget.")
def one_account_an_address(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """An address belongs to one living account only (REQUIREMENTS 2.1)."""
    living = (col(Account.municipality_id) == municipality_id, col(Account.state).in_(LIVING))
    shared = (
        select(col(Account.address_key))
        .where(*living, col(Account.address_key).is_not(None))
        .group_by(col(Account.address_key))
        .having(func.count() > 1)
    )
    return accounts(session, municipality_id, living[1], col(Account.address_key).in_(shared))


@truth("Det som ska gå vidare väntar på någon, eller står rött.")
def nothing_stands_still_unseen(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """If none is left to ask, the matter stands red at communications; it never waits for nobody
    (REQUIREMENTS 2.2)."""
    asked = select(col(UserTask.account_id)).where(IS_OPEN, col(UserTask.modality) == "must")
    goes_on = [state for state in LIVING if state is not AccountState.ACTIVE]
    stuck = or_(*(col(Account.red_reason).startswith(why) for why in ("no_holder", "too_few")))
    waits = col(Account.id).in_(asked)
    return accounts(session, municipality_id, looked_at(now), col(Account.state).in_(goes_on), ~waits, ~stuck)


@truth("Ett konto tittas på igen senast när något förfaller, och aldrig mer när dess liv är slut.")
def will_be_looked_at(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Whatever falls due by itself wakes the account's run (REQUIREMENTS 3; DESIGN 2). A decline is looked
    at once more, when it can no longer be taken back."""
    works = max(law.calendar.working_time_from(now) for law in laws_of(session, municipality_id).values())
    rows = (
        select(
            col(Account.id),
            col(Account.state),
            col(Account.wake_at),
            func.min(col(UserTask.next_reminder_at)),
            func.min(col(UserTask.due_at)),
        )
        .outerjoin(UserTask, (col(UserTask.account_id) == col(Account.id)) & _WAKES)
        .where(col(Account.municipality_id) == municipality_id, looked_at(now))
        .group_by(col(Account.id), col(Account.state), col(Account.wake_at))
        .order_by(col(Account.id))
    )
    return [
        f"konto {account_id}"
        for account_id, state, wake_at, *dates in session.execute(rows)
        if not _is_woken_in_time(state, wake_at, min(filter(None, dates), default=None), works)
    ]


_WAKES = IS_OPEN & col(UserTask.process).not_in([Process.DUTIES, Process.CASE])
"""Tasks whose dates wake the account's own run; what the clock has asked is the rounds' to remind of."""


def _is_woken_in_time(
    state: AccountState, wake_at: datetime | None, first: datetime | None, works: datetime
) -> bool:
    if state in FINAL:
        return wake_at is None or state is AccountState.DECLINED
    if wake_at is None:
        return first is None and state not in (AccountState.DRAFT, AccountState.SETTING_UP)
    return first is None or wake_at <= max(first, works)


@truth("Den som väntar på svar i onödan syns: ett konto är rött så länge någon inte har svarat, och bara då.")
def red_as_long_as_it_is_so(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """A task past its ladder stands red, and no account stands red for what has been answered
    (REQUIREMENTS 2.2, 3)."""
    late = select(col(UserTask.account_id)).where(IS_OPEN, col(UserTask.escalated_at).is_not(None))
    step = func.substr(col(Account.red_reason), len("no_answer:") + 1)
    of_that_step = late.where(col(UserTask.account_id) == col(Account.id), col(UserTask.step) == step)
    hidden = col(Account.id).in_(late) & (col(Account.red_reason) == "")
    stale = col(Account.red_reason).startswith("no_answer:") & ~of_that_step.exists()
    return accounts(session, municipality_id, looked_at(now), or_(hidden, stale))


@truth("Ett konto har sina datum i ordning.")
def dates_in_order(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """The days between which it was open, and a season's rest (REQUIREMENTS 2.6, 2.7)."""
    closed = col(Account.state) == AccountState.CLOSED
    return accounts(
        session,
        municipality_id,
        or_(
            col(Account.state).in_(_OPEN) & ~col(Account.imported) & col(Account.opened_on).is_(None),
            closed != col(Account.closed_on).is_not(None),
            col(Account.closed_on) < col(Account.opened_on),
            col(Account.rests_until_on) <= col(Account.rests_from_on),
            col(Account.rests_until_on).is_not(None) & col(Account.rests_from_on).is_(None),
        ),
    )


@truth("En roll slutar inte innan den har börjat.")
def roles_in_order(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """From a day until the day before another (REQUIREMENTS 2.7)."""
    rows = (
        select(col(AccountRole.id))
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .where(
            col(Account.municipality_id) == municipality_id,
            col(AccountRole.until_on) < col(AccountRole.since_on),
        )
    )
    return subjects(session, "roll", rows.order_by(col(AccountRole.id)))


TRUTHS = (
    moves_as_allowed,
    decided_before_use,
    nobody_decides_for_themselves,
    nobody_decides_twice,
    silence_never_approves,
    ready_before_open,
    one_account_an_address,
    nothing_stands_still_unseen,
    will_be_looked_at,
    red_as_long_as_it_is_so,
    dates_in_order,
    roles_in_order,
)
