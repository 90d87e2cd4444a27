"""Truths about what is asked: of whom, how it was answered, and how far its ladder has been climbed."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from lifecycle.invariants.truth import looked_at, tasks, truth
from lifecycle.law import law_in_force, laws_of
from lifecycle.states import FINAL
from models import (
    IS_OPEN,
    Account,
    AccountState,
    Outcome,
    Person,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    UserTask,
)

_OPEN = IS_OPEN
_HOLDERS = select(col(TaskHolder.id)).where(col(TaskHolder.task_id) == col(UserTask.id))


@truth("Allt som frågas har ställts till någon.")
def asked_of_somebody(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Every open task has a holder who may answer it (REQUIREMENTS 2.2)."""
    return tasks(session, municipality_id, _OPEN, ~_HOLDERS.exists())


@truth("Inget väntar på svar enbart av dem som har slutat, om det inte står rött eller någon har fått veta.")
def asked_of_somebody_here(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Someone who leaves is found everywhere (REQUIREMENTS 2.7): the account's run puts the question to
    others. What only one person can do, and what the clock has asked, climbs its ladder instead."""
    today = law_in_force(session, municipality_id, now).day_of(now)
    works = or_(col(Person.left_on).is_(None), col(Person.left_on) > today)
    here = _HOLDERS.join(Person, col(Person.id) == col(TaskHolder.person_id)).where(works)
    seen = select(col(Account.id)).where(looked_at(now), col(Account.red_reason) == "")
    return tasks(
        session,
        municipality_id,
        _OPEN,
        col(UserTask.process).not_in([Process.DUTIES, Process.CASE]),
        col(UserTask.kind).not_in([TaskKind.REVISE_PLAN, TaskKind.ACKNOWLEDGE]),
        col(UserTask.escalated_at).is_(None),
        col(UserTask.account_id).in_(seen),
        ~here.exists(),
    )


@truth("Inget frågas om ett konto vars liv är slut.")
def asked_while_it_lives(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """The clock asks of open accounts only, and nothing else outlives one (REQUIREMENTS 2.4, 2.6). A case is
    carried to its end even so."""
    dead = select(col(Account.id)).where(col(Account.state).in_(FINAL))
    ajar = select(col(Account.id)).where(
        col(Account.state).not_in([AccountState.ACTIVE, AccountState.CLOSING])
    )
    outlived = (col(UserTask.process) != Process.CASE) & col(UserTask.account_id).in_(dead)
    early = (col(UserTask.process) == Process.DUTIES) & col(UserTask.account_id).in_(ajar)
    return tasks(session, municipality_id, _OPEN, or_(outlived, early))


@truth("En fråga är antingen obesvarad eller besvarad, aldrig både och.")
def answered_or_not(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """A day's watch is confirmed or missed; what ended by its time was answered by nobody
    (REQUIREMENTS 2.2, 3)."""
    state, answered = col(UserTask.state), col(UserTask.answered_by_id).is_not(None)
    unanswered = state.in_([TaskState.OPEN, TaskState.MISSED, TaskState.NO_ANSWER])
    lacks = col(UserTask.outcome).is_(None) | col(UserTask.answered_at).is_(None)
    missed_otherwise = (state == TaskState.MISSED) & (col(UserTask.kind) != TaskKind.WATCH)
    return tasks(
        session,
        municipality_id,
        or_(unanswered & answered, (state == TaskState.DONE) & lacks, missed_otherwise),
    )


@truth("Bara den som har fått en fråga har besvarat den.")
def answered_by_a_holder(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Who answers had been asked (REQUIREMENTS 4.2); what communications has passed over is a repair."""
    its = _HOLDERS.where(col(TaskHolder.person_id) == col(UserTask.answered_by_id))
    return tasks(
        session,
        municipality_id,
        col(UserTask.kind).in_([TaskKind.DECIDE, TaskKind.CONSULT, TaskKind.WATCH]),
        col(UserTask.state) == TaskState.DONE,
        col(UserTask.outcome) != Outcome.SKIPPED,
        ~its.exists(),
    )


@truth("Ingen påminns fler gånger än kommunen har bestämt.")
def reminded_no_more_than(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """At most so many reminders (REQUIREMENTS 3, ladder), by the version of the policy that allowed most."""
    every = [law.policy.settings for law in laws_of(session, municipality_id).values()]
    most = max(one.ladder.at_most for one in every)
    most_items = max([most, *(len(one.setting_up_reminders) for one in every)])
    is_item = col(UserTask.process) == Process.SETTING_UP
    too_many = or_(
        ~is_item & (col(UserTask.reminders) > most), is_item & (col(UserTask.reminders) > most_items)
    )
    return tasks(session, municipality_id, too_many)


@truth("Ingen annan får veta att något är obesvarat förrän den som frågats har påmints färdigt.")
def told_after_the_last_reminder(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """The ladder skips no rung and ends there (REQUIREMENTS 3), by the version that allowed fewest.

    What comes up in a case has hours of its own: others hear of it when those have passed.
    """
    least = min(law.policy.settings.ladder.at_most for law in laws_of(session, municipality_id).values())
    climbs_on = _OPEN & col(UserTask.next_reminder_at).is_not(None)
    return tasks(
        session,
        municipality_id,
        col(UserTask.escalated_at).is_not(None),
        or_((col(UserTask.reminders) < least) & (col(UserTask.process) != Process.CASE), climbs_on),
    )


@truth("Det som bör göras påminns det om men förs aldrig vidare, och det som får göras påminns det inte om.")
def only_must_is_escalated(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Modality is part of a rule (REQUIREMENTS 1); a consultation ends in its time instead (2.2)."""
    modality, escalated = col(UserTask.modality), col(UserTask.escalated_at).is_not(None)
    reminded = (col(UserTask.reminders) > 0) | col(UserTask.next_reminder_at).is_not(None)
    binds_nobody = (modality != "must") | (col(UserTask.kind) == TaskKind.CONSULT)
    return tasks(session, municipality_id, or_(binds_nobody & escalated, (modality == "may") & reminded))


@truth("Ingen påminns om något som den inte har fått veta.")
def told_before_reminded(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """What the clock asks is first told in a morning letter, then reminded of (REQUIREMENTS 3).

    Of the day's later looks at an account the morning tells before their hours come.
    """
    told, looks = col(UserTask.told_at), col(UserTask.kind) == TaskKind.WATCH
    climbed = (col(UserTask.reminders) > 0) | col(UserTask.escalated_at).is_not(None)
    untold = (col(UserTask.process) == Process.DUTIES) & climbed & told.is_(None)
    return tasks(session, municipality_id, or_(untold, ~looks & (told < col(UserTask.opened_at))))


@truth("Klockan frågar samma sak bara en gång.")
def asked_once(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Each duty bears the key of what it was opened for, and its first word means one kind of duty
    (REQUIREMENTS 3, 4.3)."""
    rows = select(col(UserTask.id), col(UserTask.kind), col(UserTask.once_key)).where(
        col(UserTask.municipality_id) == municipality_id, col(UserTask.process) == Process.DUTIES
    )
    wrong: list[int] = []
    kinds: dict[str, set[TaskKind]] = defaultdict(set)
    for task_id, kind, once_key in session.execute(rows.order_by(col(UserTask.id))):
        word = (once_key or "").partition(":")[0]
        kinds[word].add(kind)
        if not word or len(kinds[word]) > 1:
            wrong.append(task_id)
    return [f"uppgift {one}" for one in wrong]


@truth("Det som tas tillbaka eller slutar har ingen påminnelse kvar.")
def reminded_while_open(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Nobody is reminded of what is done (REQUIREMENTS 3)."""
    return tasks(session, municipality_id, ~_OPEN, col(UserTask.next_reminder_at).is_not(None))


TRUTHS = (
    asked_of_somebody,
    asked_of_somebody_here,
    asked_while_it_lives,
    answered_or_not,
    answered_by_a_holder,
    reminded_no_more_than,
    told_after_the_last_reminder,
    only_must_is_escalated,
    told_before_reminded,
    asked_once,
    reminded_while_open,
)
