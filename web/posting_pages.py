"""The pages on posts and on accounts that are not kept up: what they show, and what is answered."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from acts import inactivity, posting
from connectors.manual import MOST_POSTS, Answered
from lifecycle.law import Law, law_in_force
from lifecycle.posting import latest_posting_day
from lifecycle.refusals import Refused
from lifecycle.reviewing import OUTCOMES, last_day_to_keep
from models import Account, AccountSource, Outcome, UserTask
from web.evidence import evidence_of
from web.forms import Posted
from web.subjects import Subject

# ---------------------------------------------------------------- what they show


def about_posts(
    session: Session, subject: Subject, task: UserTask, account: Account | None
) -> Mapping[str, Any]:
    """When the account was last known, whether it can be read, and when it is looked at next."""
    law, now = _law(session, subject), subject.visit.now
    source = session.get(AccountSource, account.id) if account else None
    return {
        "seen_at": account.seen_at if account else None,
        "readable": source is None or not source.problem,
        "today": law.day_of(now),
        "next_look_on": next_posting_day(law, law.day_of(now)),
        "most": MOST_POSTS,
    }


def next_posting_day(law: Law, on: date) -> date:
    """The first day after this one on which posts are checked."""
    day = on + timedelta(days=1)
    while latest_posting_day(law, day) != day:
        day += timedelta(days=1)
    return day


def about_silence(
    session: Session, subject: Subject, task: UserTask, account: Account | None
) -> Mapping[str, Any]:
    """What was found, by whom and when each piece of it was seen, and until when the account may be kept."""
    law, now = _law(session, subject), subject.visit.now
    assert account is not None
    since_on, on = date.fromisoformat(task.details["since_on"]), law.day_of(now)
    return {
        "evidence": evidence_of(session, law, account, since_on, now),
        "first_on": on + timedelta(days=1),
        "last_on": last_day_to_keep(law, on),
        "outcomes": [one.value for one in OUTCOMES],
    }


def _law(session: Session, subject: Subject) -> Law:
    return law_in_force(session, subject.visit.municipality.id or 0, subject.visit.now)


# ---------------------------------------------------------------- what is answered


def _who(subject: Subject, task: UserTask) -> dict[str, Any]:
    return {"task_id": task.id or 0, "person_id": subject.visit.someone.id or 0, "via": subject.via}


def tell_posts(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Something has been published, or nothing since last."""
    published = posted.text("publicerat")
    if published not in ("ja", "nej"):
        raise Refused("outcome_unknown")
    answer = _answered(posted) if published == "ja" else Answered("0")
    posting.tell_posts(session, subject.visit.now, answer=answer, **_who(subject, task))


def _answered(posted: Posted) -> Answered:
    return Answered(
        count=posted.text("antal").strip() or "1",
        at_least=posted.has("minst"),
        latest_on=posted.text("senaste"),
        latest_url=posted.text("adress"),
    )


def answer_post(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Why nothing is published, or that something has been where that cannot be read."""
    if posted.text("svar") == "publicerat":
        posting.tell_posts(session, subject.visit.now, answer=_answered(posted), **_who(subject, task))
    else:
        reason = posted.text("varfor")
        posting.say_why_not(session, subject.visit.now, reason=reason, **_who(subject, task))


def answer_review(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """The account is kept, rests or is closed."""
    chosen = posted.text("svar")
    inactivity.review(
        session,
        subject.visit.now,
        outcome=Outcome(chosen) if chosen in {one.value for one in OUTCOMES} else None,
        reason=posted.text("skal"),
        until_on=_day(posted.text("till")),
        signed_in=subject.signed_in,
        **_who(subject, task),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def confirm_warned(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """It has been read."""
    inactivity.confirm_warned(session, subject.visit.now, **_who(subject, task))
