"""The stages of an account's life. Each takes the account as far as it goes and says what it waits for.

Every stage does nothing the second time, and nothing at all when the account is elsewhere in its
life; `flows.account_lifecycle` runs them in order at every wake-up.
"""

import textwrap
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from lifecycle.administrators import FIELD_KINDS, assign, create_roles, faults_in
from lifecycle.case_standing import red_for_cases, words_of_cases
from lifecycle.chains import Place, Standing, application, follow_chain, matter_tasks, steps_of
from lifecycle.changes import follow_changes, pending
from lifecycle.closing import blocking as closing_blocking
from lifecycle.closing import close, follow_closing_chain, next_item_at, still_to_come
from lifecycle.closing import open_items as open_closing_items
from lifecycle.conditions import facts_of
from lifecycle.drafts import tidy
from lifecycle.events import EventKind
from lifecycle.following import follow_duties, unwatched, words_of_duties
from lifecycle.journal import record
from lifecycle.ladder import BY_CLOCK, climb, climb_from_here
from lifecycle.law import Law, law_in_force, law_of, law_of_closing
from lifecycle.leaving import left_with_too_few
from lifecycle.plans import sent_plan
from lifecycle.red import clear_red, settle_red
from lifecycle.refusals import Refused
from lifecycle.regret import regret_ends_at, undo_taken_back
from lifecycle.roles import Holder, account_people, roles_and_people
from lifecycle.setting_up import blocking, drop_items_of_those_gone, lapse_if_late, late_at, open_items
from lifecycle.standing_in import nobody_there
from lifecycle.states import FINAL, change_state
from lifecycle.tasks import open_task, open_tasks, tasks_of
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Case,
    Outcome,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    UserTask,
)
from models.asking import ask_anew, built_once
from policies.keys import Role

Stage = Callable[[Session, Account, datetime], str | None]


def application_plan(session: Session, account: Account, now: datetime) -> str | None:
    """The applicant writes the plan; a draft left alone is reminded of and erased."""
    if account.state is AccountState.DRAFT and not tidy(session, law_of(session, account), account, now):
        return "Utkast"
    return None


def decisions(session: Session, account: Account, now: datetime) -> str | None:
    """The chain of the policy decides on the plan, step by step."""
    undo_taken_back(session, account, now)
    if account.state is AccountState.CHANGES_ASKED:
        climb(session, law_of(session, account), account, now)
        settle_red(session, account, [], now)
        return "Väntar på ändring i planen"
    if account.state is not AccountState.DECIDING:
        return _declined_for_now(session, account, now)
    law = law_of(session, account)
    matter = application(account)
    place = follow_chain(session, law, matter, steps_of(session, law, matter, now), now)
    if place.standing is Standing.STUCK:
        settle_red(session, account, [f"no_holder:{place.step.step if place.step else ''}"], now)
        return place.waits_for
    if place.standing is Standing.WAITING:
        climb(session, law, account, now)
        settle_red(session, account, nobody_there(session, law, account, now), now)
        return place.waits_for
    clear_red(session, account, now)
    return _ended(session, law, account, place, now)


def _ended(session: Session, law: Law, account: Account, place: Place, now: datetime) -> str | None:
    if place.standing is Standing.APPROVED:
        _approve(session, law, account, now)
        return None
    if place.standing is Standing.DECLINED:
        change_state(session, account, AccountState.DECLINED, now)
        detail = {"reason": place.task.reason if place.task else ""}
        facts = {"by": place.task.answered_by_id if place.task else None}
        record(
            session,
            EventKind.APPLICATION_DECLINED,
            now,
            account=account,
            task=place.task,
            facts=facts,
            detail=detail,
        )
        return _declined_for_now(session, account, now)
    _ask_for_changes(session, law, account, place, now)
    return "Väntar på ändring i planen"


def _approve(session: Session, law: Law, account: Account, now: datetime) -> None:
    account.approved_at = now
    change_state(session, account, AccountState.SETTING_UP, now)
    roles = create_roles(session, law, account, now)
    assign(
        session, law, Process.OPENING, matter_tasks(session, application(account)), roles, facts_of(account)
    )
    record(session, EventKind.APPLICATION_APPROVED, now, account=account)


def _ask_for_changes(session: Session, law: Law, account: Account, place: Place, now: datetime) -> None:
    change_state(session, account, AccountState.CHANGES_ASKED, now)
    assert account.applicant_id is not None
    task = open_task(
        session,
        law,
        account,
        now,
        process=Process.OPENING,
        kind=TaskKind.REVISE_PLAN,
        step="plan",
        label="Ändra planen och skicka den igen",
        rule=None,
        role=Role.APPLICANT,
        holders=[Holder(account.applicant_id)],
        next_reminder_at=law.calendar.working_days_after(now, law.policy.settings.ladder.first),
    )
    facts = {"holders": [account.applicant_id], "by": place.task.answered_by_id if place.task else None}
    detail = {"reason": place.task.reason if place.task else ""}
    record(session, EventKind.CHANGES_ASKED, now, account=account, task=task, facts=facts, detail=detail)


def _declined_for_now(session: Session, account: Account, now: datetime) -> str | None:
    """A decline may be taken back for a while; the account's run lives until then."""
    return END_NAMES[account.state] if _regret_ends_at(session, account, now) else None


def _regret_ends_at(session: Session, account: Account, now: datetime) -> datetime | None:
    """When the decline can no longer be taken back; None for what is not declined, or no longer can."""
    if account.state is not AccountState.DECLINED:
        return None
    law, tasks = law_of(session, account), matter_tasks(session, application(account))
    declined = [task for task in tasks if task.outcome is Outcome.DECLINE]
    ends_at = regret_ends_at(law, declined[-1]) if declined else None
    return ends_at if ends_at is not None and ends_at > now else None


def setting_up(session: Session, account: Account, now: datetime) -> str | None:
    """The checklist; the account is active when everything that must be done is done."""
    if account.state is not AccountState.SETTING_UP:
        return None
    law = law_of(session, account)
    drop_items_of_those_gone(session, law, account, now)
    stuck = [f"no_holder:{item}" for item in open_items(session, law, account, now)]
    waiting = bool(stuck or blocking(session, account))
    if not waiting and _has_too_few(session, law, account, now):
        stuck = ["too_few_people"]
    if not waiting and not stuck:
        _activate(session, law, account, now)
        return None
    if lapse_if_late(session, law, account, now):
        clear_red(session, account, now)
        return None
    settle_red(session, account, [*stuck, *nobody_there(session, law, account, now)], now)
    return "Ställs i ordning" if waiting else "Står still: för få personer"


def _has_too_few(session: Session, law: Law, account: Account, now: datetime) -> bool:
    """Whether a headcount is broken, or everybody whom the plan named has left."""
    on = law.day_of(now)
    if any(fault.must for fault in faults_in(session, law, account, on)):
        return True
    plan = sent_plan(session, account)
    named = plan is not None and any(plan.answers.get(field) for field in FIELD_KINDS)
    return named and not account_people(session, account, list(AccountRoleKind), on)


def _activate(session: Session, law: Law, account: Account, now: datetime) -> None:
    clear_red(session, account, now)
    account.opened_on, account.wake_at = law.day_of(now), None
    for role in pending(session, account):
        role.since_on = account.opened_on
        session.add(role)
    for advised in tasks_of(session, account, Process.SETTING_UP, states=(TaskState.OPEN,)):
        climb_from_here(session, law, advised, now)
    change_state(session, account, AccountState.ACTIVE, now)
    record(
        session,
        EventKind.ACCOUNT_ACTIVE,
        now,
        account=account,
        facts={"opened_on": account.opened_on.isoformat()},
    )


def active_life(session: Session, account: Account, now: datetime) -> str | None:
    """Changes of people while the account is active, and the chain that leads to its closing."""
    if account.state is not AccountState.ACTIVE:
        return None
    law = law_in_force(session, account.municipality_id, now)
    changes = follow_changes(session, law, account, now)
    follow_duties(session, law, account, now)
    closes = follow_closing_chain(session, law_of_closing(session, account, now), account, now)
    climb(session, law, account, now)
    stuck = ["no_holder:closing"] if closes and closes.standing is Standing.STUCK else []
    stuck += [*changes.stuck, *nobody_there(session, law, account, now)]
    stuck += left_with_too_few(session, law, account, now)
    stuck += [*unwatched(session, law, account, now), *red_for_cases(session, account, now)]
    settle_red(session, account, stuck, now)
    if account.state is not AccountState.ACTIVE:
        return None
    waits = [*([closes.waits_for] if closes else []), *changes.waits]
    waits += [*words_of_cases(session, account, now), *words_of_duties(session, law, account, now)]
    return " · ".join(["Aktiv", *dict.fromkeys(waits)])


def closure(session: Session, account: Account, now: datetime) -> str | None:
    """The closing checklist, and then the account is closed."""
    if account.state is not AccountState.CLOSING:
        return None
    law = law_of_closing(session, account, now)
    changes = follow_changes(session, law, account, now)
    stuck = [f"no_holder:{item}" for item in open_closing_items(session, law, account, now)]
    climb(session, law, account, now)
    if stuck or closing_blocking(session, account) or still_to_come(session, law, account, now):
        stuck += [*changes.stuck, *nobody_there(session, law, account, now)]
        in_force = law_in_force(session, account.municipality_id, now)
        stuck += [*unwatched(session, in_force, account, now), *red_for_cases(session, account, now)]
        settle_red(session, account, stuck, now)
        return " · ".join(["Avslutas", *words_of_cases(session, account, now)])
    clear_red(session, account, now)
    close(session, law, account, now)
    return None


STAGES: tuple[Stage, ...] = (application_plan, decisions, setting_up, active_life, closure)

END_NAMES = {
    AccountState.CLOSED: "Avslutat",
    AccountState.DECLINED: "Avslogs",
    AccountState.WITHDRAWN: "Återtogs",
    AccountState.LAPSED: "Förföll",
}
"""What the run list shows of an account whose life has ended."""


_SHOWN = 120
"""Characters of what the run list shows."""


def account_for_look(session: Session, account_id: int) -> Account:
    """The account as it is now, locked against answers and other looks until the transaction ends.

    Rows that only point to it may still be written, as a letter's link is: delivery waits for nobody.
    """
    account: Account = session.execute(*_locked(account_id)).scalar_one()
    # Others may have written while this waited for the lock.
    ask_anew(session, AccountRole, Case, TaskHolder, UserTask)
    return account


@built_once
def _locked(account_id: int) -> Executable:
    rows = select(Account).where(col(Account.id) == account_id).with_for_update(key_share=True)
    return rows.execution_options(populate_existing=True)


def account_of_task(session: Session, task: UserTask) -> Account:
    """The account that a task is about, locked likewise; Refused `outcome_unknown` where it has none."""
    if task.account_id is None:
        raise Refused("outcome_unknown")
    return account_for_look(session, task.account_id)


def finish_look(session: Session, account: Account, waits_for: str | None, saw: int, now: datetime) -> None:
    """Keep what the look saw and when the account must be looked at next.

    `saw` is the account's news when the look began: news that came while it worked is still unseen.
    """
    wake_at = next_look_at(session, account, now)
    shown = waits_for or END_NAMES.get(account.state, "")
    account.seen, account.wake_at = saw, wake_at
    account.waits_for = textwrap.shorten(shown, _SHOWN, placeholder=" …")
    session.add(account)


def next_look_at(session: Session, account: Account, now: datetime) -> datetime | None:
    """The next instant at which something falls due by itself; never earlier than working hours allow."""
    if account.state in FINAL:
        return _regret_ends_at(session, account, now)
    if account.state is AccountState.DRAFT:
        return account.wake_at
    lives = account.state in (AccountState.ACTIVE, AccountState.CLOSING)
    law = law_in_force(session, account.municipality_id, now) if lives else law_of(session, account)
    tasks = [task for task in open_tasks(session, account) if task.process not in BY_CLOCK]
    instants = [one for task in tasks for one in (task.next_reminder_at, task.due_at) if one is not None]
    if account.state is AccountState.SETTING_UP:
        instants.append(late_at(session, law, account))
    if account.red_reason.startswith(("no_holder", "too_few")):
        instants.append(law.calendar.working_days_after(now, 1))
    if account.state is AccountState.CLOSING:
        waits = next_item_at(session, law_of_closing(session, account, now), account, now)
        instants += [waits] if waits else []
    instants += _days_of_roles(session, law, account, now)
    first = min(instants, default=None)
    if first is not None and first <= now:
        return max(law.calendar.working_time_from(now), now + timedelta(minutes=1))
    return first


def _days_of_roles(session: Session, law: Law, account: Account, now: datetime) -> list[datetime]:
    """First and last days of guests. A first day that passed undecided brings nothing by itself."""
    guests = [
        role
        for role, _ in roles_and_people(session, account.id)
        if role.refused_at is None and role.wanted_from_on is not None
    ]
    days = [
        day
        for role in guests
        for day in (role.wanted_from_on if role.since_on is None else None, role.until_on)
        if day is not None and (day > law.day_of(now) or day == role.until_on)
    ]
    return [law.calendar.at(day, law.calendar.work_begins) for day in days]


def look(session: Session, account_id: int, now: datetime) -> str | None:
    """All stages in one transaction: what the flow does, without Prefect."""
    account = account_for_look(session, account_id)
    waits_for: str | None = None
    for stage in STAGES:
        waits_for = stage(session, account, now)
        if waits_for is not None:
            break
    finish_look(session, account, waits_for, account.news, now)
    return waits_for
