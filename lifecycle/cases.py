"""Cases: what came up in an account, opened by whoever noticed it, and the steps that are offered in turn.

A case's next step is opened in the act that did the one before it: the same person goes on with it on the
same page, within hours that may run by the clock. An open case always has an open step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Executable, func, select, update
from sqlmodel import Session, col

from lifecycle.case_evidence import Evidence, keep_evidence
from lifecycle.case_steps import (
    TAKEN_OVER,
    CaseKind,
    is_timed,
    kinds_for,
    next_steps,
    step_label,
)
from lifecycle.case_times import Limits, limits_of
from lifecycle.conditions import facts_of
from lifecycle.events import ENGINE, By, EventKind
from lifecycle.journal import record
from lifecycle.ladder import first_reminder_at
from lifecycle.law import Law
from lifecycle.plans import LINE_LIMIT, TEXT_LIMIT
from lifecycle.presence import people_present
from lifecycle.refusals import Refused
from lifecycle.roles import NO_BARS, Holder, common_owner, find_holders, post_holders
from lifecycle.secrets import without_log_in
from lifecycle.states import Act, demand
from lifecycle.tasks import complete, holder_ids, open_task, raise_news, withdraw
from lifecycle.working_days import local_day
from models import (
    Account,
    Case,
    CaseState,
    CaseWatcher,
    Municipality,
    Outcome,
    Person,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)
from models.asking import asked_once, built_once
from policies.duties import CaseStep
from policies.keys import Modality, Role

_EARLIEST = timedelta(days=3660)
"""Nobody notices today what happened longer ago than this."""


@dataclass(frozen=True)
class Noticed:
    """What somebody says who opens a case."""

    kind: str
    at: datetime
    """When it was there to be seen; aware UTC."""
    post_address: str = ""
    what: str = ""
    evidence: Sequence[Evidence] = ()
    watchers: Sequence[Person] = ()
    """Who watches the post, where the kind of case has them do so."""


@dataclass(frozen=True)
class AtHand:
    """A case with its account, and what the policy that it began under says about it."""

    account: Account
    case: Case
    kind: CaseKind
    limits: Limits


def at_hand(law: Law, account: Account, case: Case) -> AtHand:
    """`law` is the one in force when the case was opened: a case ends under the version it began with."""
    facts, on = facts_of(account), law.day_of(case.opened_at)
    kinds = {kind.name: kind for kind in kinds_for(law, facts, on)}
    unknown = CaseKind(case.kind, case.label, (CaseStep.SETTLE,), Modality.MAY)
    kind = kinds.get(case.kind, unknown)
    return AtHand(account, case, kind, limits_of(law, kind, facts, case.noticed_at))


def open_case(session: Session, law: Law, account: Account, noticed: Noticed, by: By, now: datetime) -> Case:
    """Open a case and its first steps; whoever has to act within hours is told at once.

    Hours run from when it was noticed. What is saved already is not asked for again.
    """
    demand(account, Act.OPEN_CASE)
    facts, on = facts_of(account), law.day_of(now)
    kind = next((one for one in kinds_for(law, facts, on) if one.name == noticed.kind), None)
    if kind is None:
        raise Refused("case_kind_unknown")
    _demand_sensible(account, kind, noticed, now)
    case = _insert(session, law, account, kind, noticed, by, now)
    it = at_hand(law, account, case)
    record(session, EventKind.CASE_OPENED, now, account=account, by=by, facts=facts_in(case))
    for evidence in noticed.evidence:
        keep_evidence(session, account, case, evidence, by, now)
    if CaseStep.WATCH in kind.steps:
        _let_watch(session, law, it, noticed.watchers, on)
    opened = open_steps(session, law, it, now, by)
    if noticed.evidence and opened and opened[0].step == CaseStep.SAVE:
        note(case, opened[0].step, "saved", by, now)
        finish_step(session, it, opened[0], "saved", by, now)
        opened = open_steps(session, law, it, now, by)
    _tell_of_opening(session, law, it, opened, by, now)
    raise_news(session, account)
    return case


def _demand_sensible(account: Account, kind: CaseKind, noticed: Noticed, now: datetime) -> None:
    if not now - _EARLIEST <= noticed.at <= now:
        raise Refused("noticed_wrong")
    for text, limit in ((noticed.what, TEXT_LIMIT), (noticed.post_address, LINE_LIMIT)):
        if len(text) > limit:
            raise Refused("text_too_long", length=len(text), limit=limit)
    if CaseStep.WATCH in kind.steps and not noticed.watchers:
        raise Refused("watchers_missing")


def _insert(
    session: Session, law: Law, account: Account, kind: CaseKind, noticed: Noticed, by: By, now: datetime
) -> Case:
    limits = limits_of(law, kind, facts_of(account), noticed.at)
    rules = [*([kind.rule] if kind.rule else []), *limits.rules]
    clauses = {one["ref"]: one for rule in rules for one in law.cite(rule)}
    case = Case(
        municipality_id=account.municipality_id,
        account_id=account.id or 0,
        kind=kind.name,
        label=kind.label,
        clauses=list(clauses.values()),
        modality=kind.modality.value,
        opened_by_id=by.person_id,
        opened_at=now,
        noticed_at=noticed.at,
        due_at=limits.due_at,
        post_address=without_log_in(noticed.post_address.strip()),
        what=noticed.what.strip(),
    )
    session.add(case)
    session.flush()
    return case


def facts_in(case: Case) -> dict[str, object]:
    """What the audit log may hold of a case: its number and the policy's name of its kind."""
    return {"case": case.id, "kind": case.kind}


def _let_watch(session: Session, law: Law, it: AtHand, people: Sequence[Person], on: date) -> None:
    """A unit watches what it posted in a common channel, for as long as the municipality's setting says."""
    until = on + timedelta(days=law.policy.settings.common_post_days)
    for person_id in dict.fromkeys(person.id or 0 for person in people):
        session.add(
            CaseWatcher(
                case_id=it.case.id or 0,
                account_id=it.account.id or 0,
                person_id=person_id,
                from_on=on,
                until_on=until,
            )
        )
    session.flush()


# ---------------------------------------------------------------- steps


def tasks_of_case(session: Session, case: Case) -> list[UserTask]:
    """The steps of a case that have been offered, in the order in which they were."""
    return list(session.execute(*_offered(case.id)).scalars())


@built_once
def _offered(case: int) -> Executable:
    return select(UserTask).where(col(UserTask.case_id) == case).order_by(col(UserTask.id))


def open_steps(session: Session, law: Law, it: AtHand, now: datetime, by: By = ENGINE) -> list[UserTask]:
    """Offer what can be done now and has not been offered, and tell those it is put to by name."""
    tasks = tasks_of_case(session, it.case)
    done = [CaseStep(one.step) for one in tasks if one.state in (TaskState.DONE, TaskState.NO_ANSWER)]
    offered = {one.step for one in tasks}
    return [
        _open_step(session, law, it, step, by, now)
        for step in next_steps(it.kind, done)
        if step.value not in offered
    ]


def _open_step(session: Session, law: Law, it: AtHand, step: CaseStep, by: By, now: datetime) -> UserTask:
    role, holders = holders_of_step(session, law, it, step, law.day_of(now))
    timed = is_timed(it.kind, step) and it.limits.are_given
    task = open_task(
        session,
        law,
        it.account,
        now,
        process=Process.CASE,
        kind=TaskKind.HANDLE,
        step=step.value,
        label=f"{step_label(it.kind, step)}: {it.case.label}"[:300],
        rule=it.kind.rule,
        role=role,
        holders=holders,
        due_at=_due_at(session, law, it, step, now),
        next_reminder_at=_first_reminder(law, it, step, now),
    )
    task.case_id, task.once_key = it.case.id, f"case:{it.case.id}:{step.value}"
    task.clauses, task.modality = it.case.clauses, it.case.modality
    task.advised_at = it.limits.advised_at if timed else None
    by_name = is_put_by_name(it.kind, step)
    task.told_at = now if timed or by_name or it.kind.name == TAKEN_OVER else None
    session.add(task)
    session.flush()
    if by_name:
        _ask(session, it, task, by, now)
    return task


def _due_at(session: Session, law: Law, it: AtHand, step: CaseStep, now: datetime) -> datetime | None:
    """Advice is awaited no longer than the answer, if that is still to come; watching ends by itself."""
    if step is CaseStep.CONSULT:
        waits = law.calendar.end_of_working_day(now, law.policy.settings.consultation_days)
        answers = (it.limits.due_at, it.limits.advised_at)
        return min([waits, *(one for one in answers if one is not None and one > now)])
    if step is CaseStep.WATCH:
        rows = select(func.max(col(CaseWatcher.until_on))).where(col(CaseWatcher.case_id) == it.case.id)
        return law.calendar.at(session.execute(rows).scalar_one(), law.calendar.work_begins)
    return it.limits.due_at if is_timed(it.kind, step) else None


def _first_reminder(law: Law, it: AtHand, step: CaseStep, now: datetime) -> datetime | None:
    if step in ENDS_BY_ITSELF or it.case.modality == Modality.MAY:
        return None
    within = it.limits.next_reminder_at(now) if is_timed(it.kind, step) else None
    return within or (None if is_timed(it.kind, step) and it.limits.due_at else first_reminder_at(law, now))


ENDS_BY_ITSELF = (CaseStep.CONSULT, CaseStep.WATCH)
"""Steps whose time runs out without anybody being late."""


def is_put_by_name(kind: CaseKind, step: CaseStep) -> bool:
    """Whether a step is for others than those who look after the account."""
    reports = step is CaseStep.REPORT and kind.removal is not None and kind.removal.police_by is not None
    return reports or step in ENDS_BY_ITSELF


def holders_of_step(
    session: Session, law: Law, it: AtHand, step: CaseStep, on: date
) -> tuple[Role, list[Holder]]:
    """Whom a step is put to: the role that the policy names for it, else those there who administer."""
    role = None
    if step is CaseStep.CONSULT and it.kind.matter:
        role = it.kind.matter.consult
    if step is CaseStep.REPORT and it.kind.removal:
        role = it.kind.removal.police_by
    if role is not None:
        return role, in_role(session, law, it.account, role, on)
    if step is CaseStep.WATCH:
        rows = select(col(CaseWatcher.person_id)).where(col(CaseWatcher.case_id) == it.case.id)
        return Role.ADMINISTRATOR, [Holder(one) for one in session.execute(rows).scalars()]
    return Role.ADMINISTRATOR, _on_duty(session, law, it, on)


def _on_duty(session: Session, law: Law, it: AtHand, on: date) -> list[Holder]:
    """Those there who administer; if nobody is, and always when the account is taken over, communications."""
    there = people_present(session, law, [it.account], on)[it.account.id or 0]
    if there and it.kind.name != TAKEN_OVER:
        return there
    members = post_holders(session, law.municipality_id, Role.COMMUNICATIONS, on)
    both = [*there, *(Holder(one.id) for one in members if one.id)]
    found: dict[int, Holder] = {}
    for one in both:
        found.setdefault(one.person_id, one)
    return list(found.values()) or in_role(session, law, it.account, Role.COMMUNICATIONS, on)


def in_role(session: Session, law: Law, account: Account, role: Role, on: date) -> list[Holder]:
    """Who answers for a role about an account."""
    return find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
    )


def finish_step(session: Session, it: AtHand, task: UserTask, code: str, by: By, now: datetime) -> None:
    """Write that a step is done, and how; the words that belong to it stand with the case."""
    skipped = code == "skipped"
    outcome = Outcome.SKIPPED if skipped else Outcome.CONFIRMED
    complete(session, task, now, by=by, outcome=outcome, details={"code": code})
    facts = facts_in(it.case) | {"step": task.step, "outcome": code}
    record(session, EventKind.CASE_STEP_DONE, now, account=it.account, task=task, by=by, facts=facts)
    raise_news(session, it.account)


# ---------------------------------------------------------------- telling


def _tell_of_opening(
    session: Session, law: Law, it: AtHand, opened: Sequence[UserTask], by: By, now: datetime
) -> None:
    """At once where something must be done within hours, or where the account is out of our hands."""
    ordinary = [one for one in opened if not is_put_by_name(it.kind, CaseStep(one.step))]
    alarm = it.kind.name == TAKEN_OVER
    if ordinary and (alarm or it.limits.are_given):
        _ask(session, it, ordinary[0], by, now)
    if alarm:
        raise_alarm(session, it, ordinary, now, by)


def _ask(session: Session, it: AtHand, task: UserTask, by: By, now: datetime) -> None:
    """Whoever acts knows already."""
    asked = [one for one in holder_ids(session, [task]) if one != by.person_id]
    facts = facts_in(it.case) | {"step": task.step, "holders": asked}
    record(session, EventKind.CASE_ASKED, now, account=it.account, task=task, by=by, facts=facts)


def raise_alarm(
    session: Session, it: AtHand, tasks: Sequence[UserTask], now: datetime, by: By = ENGINE
) -> None:
    """Communications hears of it at once, at any hour; those who have been asked have a letter already."""
    asked = holder_ids(session, tasks)
    facts = facts_in(it.case) | {"tasks": [one.id for one in tasks], "asked": asked}
    record(session, EventKind.CASE_ALARM, now, account=it.account, task=tasks[0], by=by, facts=facts)


# ---------------------------------------------------------------- closing


def close_if_done(session: Session, it: AtHand, by: By, now: datetime) -> None:
    """A case of which nothing is left is closed."""
    tasks = tasks_of_case(session, it.case)
    if it.case.state is CaseState.OPEN and not any(one.state is TaskState.OPEN for one in tasks):
        close(session, it.account, it.case, by, now)


def close(session: Session, account: Account, case: Case, by: By, now: datetime, reason: str = "") -> None:
    """Close a case; what is still offered is withdrawn, and nobody watches its post any more."""
    for task in tasks_of_case(session, case):
        if task.state is TaskState.OPEN:
            withdraw(session, task, now, by=by)
    if reason:
        note(case, "close", "closed", by, now, text=reason)
    case.state, case.closed_at = CaseState.CLOSED, now
    today = local_day(now, session.get_one(Municipality, account.municipality_id).time_zone)
    watching = (col(CaseWatcher.case_id) == case.id, col(CaseWatcher.until_on) > today)
    session.execute(update(CaseWatcher).where(*watching).values(until_on=today))
    session.add(case)
    record(session, EventKind.CASE_CLOSED, now, account=account, by=by, facts=facts_in(case))
    raise_news(session, account)


def note(case: Case, step: str, code: str, by: By, now: datetime, **words: object) -> None:
    """Write what came of a step into the case itself, where it can be weeded."""
    said = {name: value for name, value in words.items() if value not in ("", None)}
    entry = {"step": step, "code": code, "at": now.isoformat(), "by": by.person_id, **said}
    case.outcomes = [*case.outcomes, entry]


def open_cases(session: Session, account: Account) -> list[Case]:
    """The cases of an account that have something left to do."""
    return list(_open_cases(session, account.id))


@asked_once(Case)
def _open_cases(session: Session, account_id: int | None) -> Sequence[Case]:
    return session.execute(*_open_ones(account_id)).scalars().all()


@built_once
def _open_ones(account: int) -> Executable:
    rows = select(Case).where(col(Case.account_id) == account, col(Case.state) == CaseState.OPEN)
    return rows.order_by(col(Case.id))
