"""The evaluation: asked when its time has come, with the period's facts; answered, or ended by default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Executable, func, select
from sqlmodel import Session, col

from lifecycle.closing import ask_to_close, is_asked
from lifecycle.conditions import applying, binds, facts_of
from lifecycle.duty_tasks import (
    answer_duty,
    demand_holder,
    open_duties,
    open_duty,
    open_of_kind,
    record_asked,
    tell,
    withdraw_duty,
)
from lifecycle.evaluation_facts import facts_of_period, gap_that_counts, promises_of, recommend, sentences
from lifecycle.events import ENGINE, By, EventKind
from lifecycle.held_accounts import held_accounts
from lifecycle.identifying import SignedIn
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.plans import TEXT_LIMIT
from lifecycle.refusals import Refused
from lifecycle.roles import NO_BARS, Holder, common_owner, find_holders
from lifecycle.rounds import Failure, Findings
from lifecycle.tasks import end_task, holders_of, raise_news
from lifecycle.working_days import add_months
from models import (
    Account,
    AccountState,
    Evaluation,
    Outcome,
    Person,
    TaskKind,
    TaskState,
    UserTask,
)
from models.asking import built_once
from policies.duties import Evaluation as EvaluationRule
from policies.duties import Question
from policies.keys import Modality, Role

STEP = "utvardering"
LABEL = "Utvärdera kontot"
CHANGE_STEP = "andra-efter-utvardering"
OUTCOMES = (Outcome.CONTINUE, Outcome.CHANGE, Outcome.REST, Outcome.CLOSE)
_YEAR = 12


# ---------------------------------------------------------------- when it is due


def rule_for(law: Law, account: Account, on: date) -> EvaluationRule | None:
    """The strongest rule on evaluating such an account; None where the policy is silent."""
    rules = applying(law.policy.rules.evaluation, facts_of(account), on)
    return min(rules, key=lambda rule: list(Modality).index(rule.modality), default=None)


def questions_for(law: Law, account: Account, on: date) -> list[Question]:
    """What the evaluation of such an account answers with yes or no."""
    return applying(law.policy.rules.evaluation_questions, facts_of(account), on)


def months_between(law: Law, rule: EvaluationRule) -> int:
    """The rule's months, or the municipality's setting where the clause names no number."""
    return rule.every_months or law.policy.settings.evaluation_months


def next_on(law: Law, rule: EvaluationRule, began_on: date, last_on: date | None) -> date:
    """The day the next evaluation falls due, counted from the last one, else from when the account began.

    On the municipality's common day, if it has one: the last such day within the rule's time. An account
    too young for that day waits for the next. More often than yearly, nothing can be gathered to one day.
    """
    settings, from_on = law.policy.settings, last_on or began_on
    months = months_between(law, rule)
    due_on = add_months(from_on, months)
    if settings.evaluation_on is None or months < _YEAR:
        return due_on
    common_on = date.fromisoformat(f"{due_on.year}-{settings.evaluation_on}")
    common_on = common_on if common_on <= due_on else common_on.replace(year=due_on.year - 1)
    earliest_on = add_months(began_on, settings.evaluation_young_months)
    too_early = common_on <= from_on or common_on < earliest_on
    return common_on.replace(year=common_on.year + 1) if too_early else common_on


@dataclass(frozen=True)
class Due:
    """An evaluation whose time has come: by which rule, and of which period."""

    rule: EvaluationRule
    from_on: date
    until_on: date
    """The first day after the period, on which it fell due."""


def due_evaluation(law: Law, account: Account, on: date, last_on: date | None) -> Due | None:
    """What is due by a day, if anything is; `last_on` is the end of the last one's period."""
    rule = rule_for(law, account, on)
    if rule is None:
        return None
    began_on = account.opened_on or law.day_of(account.state_since)
    next_one = next_on(law, rule, began_on, last_on)
    if next_one > on:
        return None
    while (later := next_on(law, rule, began_on, next_one)) <= on:
        next_one = later  # After silent years only the last one is asked for.
    return Due(rule, last_on or began_on, next_one)


def last_evaluated_on(session: Session, law: Law) -> dict[int, date]:
    """By account: when its last evaluation's period ended."""
    rows = session.execute(*_evaluated_until(law.municipality_id))
    return {account_id: until_on for account_id, until_on in rows}


@built_once
def _evaluated_until(of: int) -> Executable:
    return (
        select(col(Evaluation.account_id), func.max(Evaluation.until_on))
        .join(Account, col(Account.id) == col(Evaluation.account_id))
        .where(col(Account.municipality_id) == of)
        .group_by(col(Evaluation.account_id))
    )


# ---------------------------------------------------------------- asking


def open_evaluations(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """Ask for every evaluation that is due; the second time for none."""
    opened: list[UserTask] = []
    last_on = last_evaluated_on(session, law)
    for account in held_accounts(session, law, on, duty="evaluation"):
        if due := due_evaluation(law, account, on, last_on.get(account.id or 0)):
            with findings.trying(session, f"konto {account.id}"):
                opened += _open(session, law, account, due, on, now, findings)
    record_asked(session, law, opened, now)
    findings.found += len(opened)


def _open(
    session: Session, law: Law, account: Account, due: Due, on: date, now: datetime, findings: Findings
) -> list[UserTask]:
    if not _makes_way(session, account):
        return []
    rule = due.rule
    holders = _find(session, law, account, rule.done_by, on)
    if not holders:
        findings.failures.append(Failure(f"konto {account.id}", "ingen finns som kan utvärdera"))
        return []
    task = open_duty(
        session,
        law,
        account,
        now,
        kind=TaskKind.EVALUATE,
        once_key=f"evaluate:{account.id}:{due.until_on.isoformat()}",
        step=STEP,
        label=LABEL,
        rule=rule,
        role=rule.done_by,
        holders=holders,
    )
    if task is None:
        return []
    _keep_facts(session, law, account, task, due)
    return [task]


def _find(session: Session, law: Law, account: Account, role: Role, on: date) -> list[Holder]:
    return find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
    )


def _makes_way(session: Session, account: Account) -> bool:
    """An unanswered recommendation ends without an answer; what must be answered is not asked twice."""
    earlier = open_duties(session, account, TaskKind.EVALUATE)
    for task in earlier:
        if task.modality != Modality.MUST:
            end_task(session, task, TaskState.NO_ANSWER)
    return all(task.state is not TaskState.OPEN for task in earlier)


def _open_evaluations(session: Session, law: Law) -> Sequence[UserTask]:
    return open_of_kind(session, law.municipality_id, TaskKind.EVALUATE)


def _keep_facts(session: Session, law: Law, account: Account, task: UserTask, due: Due) -> None:
    """Freeze what is known when it is asked for, so that page, letter and log say the same."""
    facts = facts_of_period(session, law, account, due.from_on, due.until_on)
    advice = recommend(facts, gap_that_counts(law, account, due.until_on))
    kept = facts.as_json() | {
        "says": sentences(facts),
        "reasons": advice.reasons,
        "promises": promises_of(session, law, account, due.until_on),
    }
    session.add(
        Evaluation(
            account_id=task.account_id or 0,
            task_id=task.id,
            from_on=due.from_on,
            until_on=due.until_on,
            facts=kept,
            recommends=advice.outcome.value,
        )
    )
    session.flush()


def evaluation_of(session: Session, task: UserTask) -> Evaluation:
    """What a task to evaluate is about."""
    found: Evaluation = session.execute(
        select(Evaluation).where(col(Evaluation.task_id) == task.id)
    ).scalar_one()
    return found


# ---------------------------------------------------------------- answering


def evaluate(
    session: Session,
    law: Law,
    account: Account,
    task: UserTask,
    person: Person,
    now: datetime,
    *,
    outcome: Outcome | None,
    reason: str,
    results: Mapping[str, str],
    answers: Mapping[str, tuple[str, str]],
    rests_until: date | None,
    via: str,
    signed_in: SignedIn | None = None,
) -> None:
    """Answer an evaluation. What follows, the account's run draws (`follow_evaluation`).

    `results` by the plan's field, `answers` by question: "yes" or "no", and a comment. Refused with
    everything that is missing at once.
    """
    demand_holder(session, task, person)
    evaluation, on = evaluation_of(session, task), law.day_of(now)
    questions = questions_for(law, account, on)
    missing = _missing(evaluation, questions, results, answers)
    if outcome not in OUTCOMES or missing:
        missing += [] if outcome in OUTCOMES else [Missing("outcome", "", "utfallet")]
        said_all = "; ".join(one.label for one in missing)
        raise Refused("evaluation_incomplete", missing=said_all, parts=missing)
    _refuse_too_long([reason, *results.values(), *(comment for _, comment in answers.values())])
    if outcome is not Outcome.CONTINUE and not reason.strip():
        raise Refused("reason_missing")
    if outcome is Outcome.REST:
        _refuse_wrong_rest(law, account, rests_until, on)
    evaluation.outcome, evaluation.answered_at = outcome.value, now
    evaluation.answers = {
        "results": [_with_result(one, results) for one in asked_for(evaluation)],
        "questions": [_answered(one, answers[one.question]) for one in questions if one.question in answers],
        "rests_until": rests_until.isoformat() if rests_until and outcome is Outcome.REST else None,
    }
    session.add(evaluation)
    answer_duty(session, task, person, now, via=via, outcome=outcome, reason=reason, signed_in=signed_in)


def _with_result(asked: Mapping[str, str], results: Mapping[str, str]) -> dict[str, str]:
    return {"label": asked["label"], "text": results.get(asked["field"], "").strip()}


def _answered(question: Question, given: tuple[str, str]) -> dict[str, str]:
    return {"label": question.label, "answer": given[0], "comment": given[1].strip()}


FREE_RESULT = {"field": "result", "label": "Vad har kontot gett under perioden?", "text": ""}
"""Asked where the plan has promised nothing."""


def asked_for(evaluation: Evaluation) -> list[dict[str, str]]:
    """What a result is written for: each promise of the plan, or the period as a whole."""
    return evaluation.facts.get("promises") or [FREE_RESULT]


@dataclass(frozen=True)
class Missing:
    """What an evaluation lacks: which part of it, of which promise or question, and how that is called."""

    part: Literal["result", "answer", "comment", "outcome"]
    of: str
    label: str


def _missing(
    evaluation: Evaluation,
    questions: Sequence[Question],
    results: Mapping[str, str],
    answers: Mapping[str, tuple[str, str]],
) -> list[Missing]:
    missing = [
        Missing("result", one["field"], one["label"])
        for one in asked_for(evaluation)
        if not results.get(one["field"], "").strip()
    ]
    for question in questions:
        answer, comment = answers.get(question.question, ("", ""))
        if answer not in ("yes", "no") and binds(question):
            missing.append(Missing("answer", question.question, question.label))
        elif answer == "no" and not comment.strip():
            why = f"varför svaret är nej på ”{question.label}”"
            missing.append(Missing("comment", question.question, why))
    return missing


def _refuse_too_long(texts: Sequence[str]) -> None:
    for text in texts:
        if len(text) > TEXT_LIMIT:
            raise Refused("text_too_long", length=len(text), limit=TEXT_LIMIT)


def _refuse_wrong_rest(law: Law, account: Account, rests_until: date | None, on: date) -> None:
    latest_on = latest_rest_on(law, account, on)
    if rests_until is None or not on < rests_until <= latest_on:
        raise Refused("rest_wrong", latest=latest_on)


def latest_rest_on(law: Law, account: Account, on: date) -> date:
    """When a rest that begins today must end: when the next evaluation is due, so that none is endless."""
    return add_months(on, _months_of(law, account, on))


def _months_of(law: Law, account: Account, on: date) -> int:
    rule = rule_for(law, account, on)
    return months_between(law, rule) if rule else law.policy.settings.evaluation_months


# ---------------------------------------------------------------- nobody answers


def end_unanswered(session: Session, law: Law, now: datetime, findings: Findings) -> None:
    """End what nobody has answered, its ladder climbed: the municipality's named default, marked as one.

    Where the default is to stand red, the question stays open until somebody answers.
    """
    default = law.policy.settings.evaluation_no_answer
    if default == "red":
        return
    grace = law.policy.settings.evaluation_grace_days
    for task in _open_evaluations(session, law):
        told_at = task.escalated_at
        if told_at is not None and _grace_is_over(law, told_at, grace, now):
            with findings.trying(session, f"konto {task.account_id}"):
                _end_by_default(session, law, task, Outcome(default), now)
                findings.found += 1


def _grace_is_over(law: Law, told_at: datetime, grace: int, now: datetime) -> bool:
    return law.calendar.add_working_days(law.day_of(told_at), grace) <= law.day_of(now)


def _end_by_default(session: Session, law: Law, task: UserTask, outcome: Outcome, now: datetime) -> None:
    evaluation = evaluation_of(session, task)
    evaluation.outcome, evaluation.by_default = outcome.value, True
    task.outcome, task.reason = outcome, "Ingen utvärderade kontot i tid."
    end_task(session, task, TaskState.NO_ANSWER)
    session.add(evaluation)
    raise_news(session, session.get_one(Account, task.account_id))


def drop_needless(session: Session, law: Law, now: datetime) -> None:
    """An account that is being closed, or that no rule asks about any more, is not evaluated."""
    on = law.day_of(now)
    for task in _open_evaluations(session, law):
        account = session.get_one(Account, task.account_id)
        if account.state is not AccountState.ACTIVE or rule_for(law, account, on) is None:
            withdraw_duty(session, task, now)


# ---------------------------------------------------------------- what follows


def follow_evaluation(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> None:
    """Draw the consequence of an answer, or of the default, and tell those whom the policy names."""
    if task.outcome is None:
        return  # A recommendation that nobody followed.
    evaluation = evaluation_of(session, task)
    match task.outcome:
        case Outcome.CHANGE:
            _ask_for_change(session, law, account, task, now)
        case Outcome.REST:
            _let_rest(session, law, account, evaluation, now)
        case Outcome.CLOSE if not is_asked(account):
            by = By(task.answered_by_id, "portal") if task.answered_by_id else ENGINE
            ask_to_close(session, account, task.reason, by, now)
    people = _told(session, law, account, task, evaluation, now)
    facts: dict[str, Any] = {"outcome": task.outcome.value, "by_default": evaluation.by_default}
    facts |= {"people": people, "communications": _communications_hears(law, account, now)}
    facts["told"] = not evaluation.by_default
    record(session, EventKind.EVALUATED, now, account=account, task=task, facts=facts)
    if evaluation.by_default:
        _tell_default(session, law, account, task, people, now)


def _ask_for_change(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> None:
    holders = _find(session, law, account, Role.RESPONSIBLE, law.day_of(now))
    change = open_duty(
        session,
        law,
        account,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=f"change:{task.id}",
        step=CHANGE_STEP,
        label="Gör ändringen som utvärderingen kom fram till",
        rule=None,
        role=Role.RESPONSIBLE,
        holders=holders,
        details={"what": task.reason},
    )
    if change is not None:
        change.clauses, change.modality = task.clauses, task.modality
        session.add(change)


def _let_rest(session: Session, law: Law, account: Account, evaluation: Evaluation, now: datetime) -> None:
    """Until the day that was answered; by default until the next evaluation is due."""
    on = law.day_of(now)
    until = evaluation.answers.get("rests_until")
    account.rests_from_on = on
    account.rests_until_on = (
        date.fromisoformat(until) if until else add_months(on, _months_of(law, account, on))
    )
    session.add(account)


def _told(
    session: Session, law: Law, account: Account, task: UserTask, evaluation: Evaluation, now: datetime
) -> list[int]:
    """Whom the rule names, besides the one who answered; of a default also those who should have answered."""
    on = law.day_of(now)
    rule = rule_for(law, account, on)
    roles = list(rule.told_to) if rule else []
    people = [holder.person_id for holder in holders_of(session, task.id)] if evaluation.by_default else []
    if evaluation.by_default and Role.COMMUNICATIONS not in roles:
        roles.append(Role.COMMUNICATIONS)
    people += [holder.person_id for role in roles for holder in _find(session, law, account, role, on)]
    return [one for one in dict.fromkeys(people) if one != task.answered_by_id]


def _communications_hears(law: Law, account: Account, now: datetime) -> bool:
    rule = rule_for(law, account, law.day_of(now))
    return rule is not None and Role.COMMUNICATIONS in rule.told_to


DEFAULT_SAYS = {
    Outcome.CONTINUE: "fortsätter kontot",
    Outcome.REST: "vilar kontot",
    Outcome.CLOSE: "avslutas kontot",
}


def _tell_default(
    session: Session, law: Law, account: Account, task: UserTask, people: list[int], now: datetime
) -> None:
    assert task.outcome is not None
    tell(
        session,
        law,
        account,
        now,
        once_key=f"evaluated_by_default:{task.id}",
        step=STEP,
        label=f"Ingen utvärderade i tid, och enligt kommunens inställning {DEFAULT_SAYS[task.outcome]}",
        people=people,
        clauses=task.clauses,
    )
