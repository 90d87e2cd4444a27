"""What follows from an answered duty, drawn by the account's own run: one function for each kind."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from languages.speaking import day_as_kept
from lifecycle.conditions import facts_of
from lifecycle.duty_tasks import open_duties
from lifecycle.evaluating import follow_evaluation
from lifecycle.exempting import is_let_off
from lifecycle.inventory import follow_inventory
from lifecycle.law import Law
from lifecycle.missed_days import is_neglected
from lifecycle.posting_tasks import ask_about_account
from lifecycle.presence import people_present
from lifecycle.renewals import follow_renewal
from lifecycle.resting import rests
from lifecycle.reviewing import follow_review
from lifecycle.tasks import unfinished
from lifecycle.watching import is_crisis, needs_somebody, watch_of
from models import Account, TaskKind, TaskState, UserTask

Follows = Callable[[Session, Law, Account, UserTask, datetime], None]

FOLLOWS: dict[TaskKind, Follows] = {
    TaskKind.POST: ask_about_account,
    TaskKind.TELL_POSTS: ask_about_account,
    TaskKind.REVIEW: follow_review,
    TaskKind.INVENTORY: follow_inventory,
    TaskKind.EVALUATE: follow_evaluation,
    TaskKind.RENEW: follow_renewal,
}
"""Kinds of duties whose answer has consequences. The others are done when they are answered."""

WORDS: dict[TaskKind, str] = {
    TaskKind.TELL_POSTS: "Väntar på svar om inlägg",
    TaskKind.POST: "Inget publicerat",
    TaskKind.REVIEW: "Bedöms",
    TaskKind.EVALUATE: "Utvärderas",
    TaskKind.TAKE_SNAPSHOT: "Väntar på bild",
    TaskKind.WEED: "Gallras",
    TaskKind.LOOK_INTO: "Något ska åtgärdas",
    TaskKind.RENEW: "Bekräftas på nytt",
}
"""What the run list shows while a duty waits."""


def follow_duties(session: Session, law: Law, account: Account, now: datetime) -> None:
    """Draw the consequences of what has been answered, each once."""
    answered = (TaskState.DONE, TaskState.NO_ANSWER)
    for task in [one for one in unfinished(session, account.id) if one.state in answered]:
        FOLLOWS[task.kind](session, law, account, task, now)
        task.followed_at = now
        session.add(task)


def unwatched(session: Session, law: Law, account: Account, now: datetime) -> list[str]:
    """Codes of why an open account stands red: nobody there to look after it, or nobody who looked."""
    on = law.day_of(now)
    crisis, watched = is_crisis(session, law, on), not is_let_off(session, account, "watch", on)
    if not needs_somebody(law, facts_of(account), on, crisis=crisis, watched=watched):
        return []
    nobody = not people_present(session, law, [account], on)[account.id or 0]
    neglected = watched and watch_of(law, account, on) is not None and is_neglected(law, account.missed_days)
    return ["no_deputy"] * nobody + ["not_watched"] * neglected


def words_of_duties(session: Session, law: Law, account: Account, now: datetime) -> list[str]:
    """What is shown of an open account's duties, each kind once."""
    shown = [WORDS[task.kind] for task in open_duties(session, account) if task.kind in WORDS]
    if account.rests_until_on is not None and rests(account, law.day_of(now)):
        shown.insert(0, f"Vilar till {day_as_kept(account.rests_until_on)}")
    if is_crisis(session, law, law.day_of(now)):
        shown.insert(0, "Krisläge")
    if account.missed_days:
        shown.append(
            "Inte bevakat i går"
            if account.missed_days == 1
            else f"Inte bevakat på {account.missed_days} dagar"
        )
    return list(dict.fromkeys(shown))
