"""How simulated people answer what the clock and the cases ask; and the table of all kinds of tasks."""

from datetime import timedelta

from sqlalchemy import or_, select
from sqlmodel import Session, col

from acts import (
    cases,
    confirming,
    evaluating,
    guideline_review,
    inactivity,
    inventory,
    looking_into,
    posting,
    renewals,
    weeding,
)
from connectors.manual import Answered
from lifecycle import confirming as confirmed
from lifecycle import documenting
from lifecycle.case_answers import Given, settling_ends
from lifecycle.case_evidence import Evidence
from lifecycle.duty_tasks import demand_holder
from lifecycle.evaluating import asked_for, evaluation_of, latest_rest_on, questions_for
from lifecycle.events import By
from lifecycle.guideline_review import Size
from lifecycle.reviewing import last_day_to_keep
from models import Account, Case, Outcome, Person, TaskKind, UserTask
from policies.duties import CaseEnd, CaseStep
from simulation.answering import VIA, Answer, Answering, Asked, advise, confirm, decide, given_with, revise
from simulation.outside import picture_of

_WHY = "Det har vi kommit överens om i enheten."
_KEPT = timedelta(days=60)


def _hand_in(at: Answering, task: Asked) -> None:
    """A picture is handed in as it is: no file is written, which takes its seconds."""
    with at.work() as session:
        account = session.get_one(Account, task.account_id)
        asked, person = session.get_one(UserTask, task.task_id), session.get_one(Person, at.person_id)
        demand_holder(session, asked, person)
        picture = picture_of(account, asked, at.now)
        documenting.keep_snapshot(session, at.law, account, asked, picture, By(person.id, VIA), at.now)


def _tell_posts(at: Answering, task: Asked) -> None:
    """Now and then something has been posted in an account that cannot be read."""
    posted = at.agrees or at.random.random() < 0.7
    answer = Answered(count="2", latest_on=at.on.isoformat()) if posted else Answered(count="0")
    with at.work() as session:
        posting.tell_posts(session, at.now, **at.who(task), answer=answer)


def _say_why_not(at: Answering, task: Asked) -> None:
    with at.work() as session:
        posting.say_why_not(session, at.now, **at.who(task), reason=_WHY)


def _read_warning(at: Answering, task: Asked) -> None:
    with at.work() as session:
        inactivity.confirm_warned(session, at.now, **at.who(task))


def _review(at: Answering, task: Asked) -> None:
    """An account that is not kept up is let be, rests, or is closed."""
    outcome = Outcome.KEEP if at.agrees else at.random.choice([Outcome.KEEP, Outcome.REST, Outcome.CLOSE])
    until_on = min(at.on + _KEPT, last_day_to_keep(at.law, at.on)) if outcome is not Outcome.CLOSE else None
    with at.work() as session:
        inactivity.review(
            session,
            at.now,
            **at.who(task),
            outcome=outcome,
            reason=_WHY,
            until_on=until_on,
            signed_in=at.signed_in,
        )


_EVALUATED = (
    Outcome.CONTINUE,
    Outcome.CONTINUE,
    Outcome.CONTINUE,
    Outcome.CHANGE,
    Outcome.REST,
    Outcome.CLOSE,
)


def _evaluate(at: Answering, task: Asked) -> None:
    outcome = Outcome.CONTINUE if at.agrees else at.random.choice(_EVALUATED)
    with at.work() as session:
        asked, account = session.get_one(UserTask, task.task_id), session.get_one(Account, task.account_id)
        results = {one["field"]: "Enligt plan." for one in asked_for(evaluation_of(session, asked))}
        questions = questions_for(at.law, account, at.on)
        rest = min(at.on + _KEPT, latest_rest_on(at.law, account, at.on))
        evaluating.evaluate(
            session,
            at.now,
            **at.who(task),
            outcome=outcome,
            reason="" if outcome is Outcome.CONTINUE else _WHY,
            results=results,
            answers={one.question: ("yes", "") for one in questions},
            rests_until=rest if outcome is Outcome.REST else None,
            signed_in=at.signed_in,
        )


def _weed(at: Answering, task: Asked) -> None:
    done = at.random.choice(sorted(weeding.WEEDED))
    with at.work() as session:
        weeding.answer(session, at.now, **at.who(task), done=done, note="")


def _review_guideline(at: Answering, task: Asked) -> None:
    size = None if at.agrees else at.random.choice([None, Size.SMALL, Size.LARGE])
    with at.work() as session:
        guideline_review.review(session, at.now, **at.who(task), size=size, text=_WHY if size else "")


def _renew(at: Answering, task: Asked) -> None:
    with at.work() as session:
        renewals.confirm_anew(session, at.now, **at.who(task), given=given_with(at.law, task))


def _put_right(at: Answering, task: Asked) -> None:
    with at.work() as session:
        looking_into.put_right(session, at.now, **at.who(task), what=_WHY)


def _own(at: Answering, task: Asked) -> None:
    with at.work() as session:
        inventory.answer(session, at.now, **at.who(task), outcome=Outcome.CONFIRMED, says="")


def _confirm_act(at: Answering, task: Asked) -> None:
    """By the mailed link, which nobody has here: what follows the click is the same."""
    with at.work() as session:
        asked, person = session.get_one(UserTask, task.task_id), session.get_one(Person, at.person_id)
        by = confirmed.confirm(session, asked, person, at.now, via=VIA, signed_in=at.signed_in)
        confirming.ACTS[asked.step].carry_out(session, at.now, asked, by)


def _do_step(at: Answering, task: Asked) -> None:
    """One step of a case, with what it asks for."""
    case_id = task.case_id or 0
    with at.work() as session:
        if task.step == CaseStep.SAVE:
            kept = [Evidence(b"Anna Ek, 1 december: det som stod.", is_text=True)]
            cases.add_evidence(
                session, at.now, case_id=case_id, person_id=at.person_id, evidence=kept, via=VIA
            )
        end = _end_of(session, at, task)
        given = Given(text="Det bröt mot reglerna på sidan.", number="KS 2027/123", end=end)
        to = _colleague(session, at) if end == CaseEnd.FORWARDED else ""
        cases.do_step(session, at.now, case_id=case_id, **at.who(task), given=given, to_email=to)


def _end_of(session: Session, at: Answering, task: Asked) -> str:
    """How a matter is settled; only now and then by somebody else, so that it comes to an end."""
    if task.step != CaseStep.SETTLE:
        return ""
    it, _ = cases.read_case(session, session.get_one(Case, task.case_id))
    ends = settling_ends(it, session.get_one(UserTask, task.task_id))
    own = [one for one in ends if one is not CaseEnd.FORWARDED]
    forwards = CaseEnd.FORWARDED in ends and (not own or (not at.agrees and at.random.random() < 0.3))
    return (CaseEnd.FORWARDED if forwards else at.random.choice(own)).value


def _colleague(session: Session, at: Answering) -> str:
    """Somebody else who works there."""
    here = or_(col(Person.left_on).is_(None), col(Person.left_on) > at.on)
    rows = select(col(Person.email)).where(
        col(Person.municipality_id) == at.law.municipality_id, col(Person.id) != at.person_id, here
    )
    return str(at.random.choice(session.execute(rows.order_by(col(Person.id))).scalars().all()))


ANSWERS: dict[TaskKind, Answer] = {
    TaskKind.DECIDE: decide,
    TaskKind.CONSULT: advise,
    TaskKind.CONFIRM_ITEM: confirm,
    TaskKind.ACKNOWLEDGE: confirm,
    TaskKind.REVISE_PLAN: revise,
    TaskKind.TAKE_SNAPSHOT: _hand_in,
    TaskKind.TELL_POSTS: _tell_posts,
    TaskKind.POST: _say_why_not,
    TaskKind.WARN: _read_warning,
    TaskKind.REVIEW: _review,
    TaskKind.EVALUATE: _evaluate,
    TaskKind.WEED: _weed,
    TaskKind.REVIEW_GUIDELINE: _review_guideline,
    TaskKind.RENEW: _renew,
    TaskKind.LOOK_INTO: _put_right,
    TaskKind.INVENTORY: _own,
    TaskKind.CONFIRM_ACT: _confirm_act,
    TaskKind.HANDLE: _do_step,
}
"""How each kind of task is answered. A kind that is not here nobody answers, and the report names it."""
