"""Questions handed over and repairs, when the one who began them has confirmed them by a mailed link."""

from datetime import datetime
from functools import partial
from typing import TypedDict

from sqlmodel import Session

from acts import answering, repairing
from acts.confirmed import ConfirmedAct
from acts.confirmed_changes import begun
from languages.speaking import capital, said, swedish
from lifecycle.answers import holder_row, wants_sign_in
from lifecycle.chains import application, steps_of
from lifecycle.events import By
from lifecycle.identifying import SignedIn, demands_sign_in
from lifecycle.law import law_of, law_of_task
from lifecycle.tasks import holders_of
from models import Outcome, Person, TaskKind, UserTask
from notifications.words import OUTCOMES, account_words, names

HAND_OVER, CORRECT = "hand_over", "correct"
REOPEN, SKIP, ASK, END, RESUME = "reopen", "skip", "ask", "end_application", "resume"


def _question(session: Session, task: UserTask) -> UserTask:
    return session.get_one(UserTask, task.details["values"]["task"])


# ---------------------------------------------------------------- a question to somebody else


def _hand_over_words(session: Session, now: datetime, task: UserTask) -> list[str]:
    it, asked = begun(session, now, task), _question(session, task)
    holders = [session.get_one(Person, one.person_id) for one in holders_of(session, asked.id)]
    goes = said(
        "Frågan ”%(label)s” om %(account)s går från %(holders)s till %(to)s",
        label=swedish(asked.label),
        account=account_words(it.account),
        holders=names(holders),
        to=it.person().name,
    )
    return [
        goes,
        said("Länkarna i tidigare brev om frågan slutar att gälla"),
    ]


def _hand_over(session: Session, now: datetime, task: UserTask, by: By) -> None:
    """By the one whose question it is as their own; by communications as a repair."""
    it, asked = begun(session, now, task), _question(session, task)
    person = session.get_one(Person, by.person_id)
    act = repairing.move_task if holder_row(session, asked, person) is None else answering.hand_over
    act(
        session,
        now,
        task_id=asked.id or 0,
        person_id=by.person_id or 0,
        to_email=it.person().email,
        reason=it.values["reason"],
        via=by.via,
        signed_in=by.signed_in,
    )


# ---------------------------------------------------------------- a wrong click


def _correct_words(session: Session, now: datetime, task: UserTask) -> list[str]:
    it, answered = begun(session, now, task), _question(session, task)
    taken_back = said(
        "Svaret ”%(given)s” av %(by)s på frågan ”%(label)s” om %(account)s tas tillbaka",
        given=said(OUTCOMES[answered.outcome or Outcome.ANSWERED]),
        by=session.get_one(Person, answered.answered_by_id).name,
        label=swedish(answered.label),
        account=account_words(it.account),
    )
    return [
        taken_back,
        said(
            "Det som följde av svaret görs ogjort, frågan ställs igen, "
            "och de som fått veta svaret får veta det"
        ),
    ]


def _correct(session: Session, now: datetime, task: UserTask, by: By) -> None:
    """One's own answer within the hour of regret; another's by communications, with a reason."""
    it, answered = begun(session, now, task), _question(session, task)
    if answered.answered_by_id == by.person_id:
        person_id = by.person_id or 0
        answering.take_back(session, now, task_id=answered.id or 0, person_id=person_id, via=by.via)
        return
    repairing.reopen_answer(
        session,
        now,
        task_id=answered.id or 0,
        person_id=by.person_id or 0,
        reason=it.values["reason"],
        via=by.via,
        signed_in=by.signed_in,
    )


# ---------------------------------------------------------------- repairs of an application

REPAIR_WORDS = {
    REOPEN: "Steget ”%(label)s” för %(account)s öppnas igen, och det som följde av svaret görs ogjort",
    SKIP: "Steget ”%(label)s” för %(account)s hoppas över utan svar, och ärendet går vidare",
    ASK: "Frågan ”%(label)s” om %(account)s ställs till %(to)s",
    END: "Ansökan om %(account)s avslutas. Det som frågas om den behöver inte besvaras",
    RESUME: "Godkännandet av %(account)s gäller igen, med hela tiden att ställa det i ordning",
}


def _repair_words(what: str, session: Session, now: datetime, task: UserTask) -> list[str]:
    it = begun(session, now, task)
    to = it.person("to").name if it.values.get("to") else ""
    words = {"label": swedish(it.values["label"]), "account": account_words(it.account), "to": to}
    return [
        capital(said(REPAIR_WORDS[what], **words)),
        said("Skäl: %(reason)s", reason=swedish(it.values["reason"])),
        said("Den sökande och de som har frågats får veta det"),
    ]


def _repair(what: str, session: Session, now: datetime, task: UserTask, by: By) -> None:
    it = begun(session, now, task)
    repair = _Repair(
        account_id=it.account.id or 0,
        person_id=by.person_id or 0,
        reason=it.values["reason"],
        via=by.via,
        signed_in=by.signed_in,
    )
    if what in (END, RESUME):
        whole = repairing.end_application if what == END else repairing.resume_lapsed
        whole(session, now, **repair)
        return
    step = it.values["step"]
    if what == ASK:
        repairing.ask_somebody(session, now, step=step, to_email=it.person("to").email, **repair)
        return
    one = repairing.reopen_step if what == REOPEN else repairing.skip_step
    one(session, now, step=step, **repair)


class _Repair(TypedDict):
    """What every repair of an application wants to know."""

    account_id: int
    person_id: int
    reason: str
    via: str
    signed_in: SignedIn | None


def asks_for_sign_in(session: Session, now: datetime, task: UserTask) -> bool:
    """Whether the question, or the step, that an act is about is answered only by signing in."""
    if task.step not in (HAND_OVER, CORRECT, REOPEN, SKIP, ASK):
        return False
    it = begun(session, now, task)
    if "task" in it.values:
        asked = _question(session, task)
        return wants_sign_in(session, law_of_task(session, it.account, asked, now), it.account, asked, now)
    law = law_of(session, it.account)
    steps = steps_of(session, law, application(it.account), now)
    rule = next((one for one in steps if one.step == it.values["step"]), None)
    return rule is not None and demands_sign_in(law.policy, TaskKind(rule.act.value), rule)


REPAIRS: dict[str, ConfirmedAct] = {
    HAND_OVER: ConfirmedAct(_hand_over_words, _hand_over),
    CORRECT: ConfirmedAct(_correct_words, _correct),
    **{
        what: ConfirmedAct(partial(_repair_words, what), partial(_repair, what))
        for what in (REOPEN, SKIP, ASK, END, RESUME)
    },
}
