"""Evaluating an account: the period's facts beside what the plan promised, the questions, the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from acts import evaluating as acts
from lifecycle.evaluating import (
    DEFAULT_SAYS,
    Missing,
    asked_for,
    evaluation_of,
    latest_rest_on,
    questions_for,
)
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from models import Account, Outcome, UserTask
from web.citing import Clause, cited
from web.forms import Posted
from web.subjects import Subject


@dataclass(frozen=True)
class QuestionLine:
    """One question, with what it rests on."""

    question: str
    label: str
    explanation: str
    must: bool
    clauses: list[Clause]


@dataclass(frozen=True)
class Lacking:
    """A field that has to be filled in before the evaluation can be handed in."""

    field: str
    label: str
    says: str


_FIELDS = {"result": "resultat-", "answer": "svar-", "comment": "kommentar-", "outcome": "utfall"}
_LACKS = {
    "result": "Skriv hur det gick.",
    "answer": "Svara ja eller nej.",
    "comment": "Skriv det i kommentaren.",
    "outcome": "Välj vad som ska hända med kontot.",
}


def lacking(refused: Refused | None) -> list[Lacking]:
    """What the refusal says is missing, each with its field; empty for any other refusal."""
    parts: list[Missing] = refused.values.get("parts", []) if refused else []
    return [Lacking(_FIELDS[one.part] + one.of, _capital(one.label), _LACKS[one.part]) for one in parts]


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]


def values(session: Session, subject: Subject, task: UserTask, account: Account | None) -> Mapping[str, Any]:
    """What the page shows besides the task."""
    assert account is not None, "what is evaluated is an account"
    law = law_in_force(session, task.municipality_id, subject.visit.now)
    on, evaluation = law.day_of(subject.visit.now), evaluation_of(session, task)
    default = law.policy.settings.evaluation_no_answer
    return {
        "evaluation": evaluation,
        "lacking": lacking,
        "asked_for": asked_for(evaluation),
        "questions": [
            QuestionLine(
                one.question,
                one.label,
                one.explanation or "",
                one.modality.value == "must",
                cited(law, [one]),
            )
            for one in questions_for(law, account, on)
        ],
        "latest_on": latest_rest_on(law, account, on),
        "if_nobody": "" if default == "red" else DEFAULT_SAYS[Outcome(default)],
    }


def answer(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Record the evaluation."""
    acts.evaluate(
        session,
        subject.visit.now,
        task_id=task.id or 0,
        person_id=subject.visit.someone.id or 0,
        outcome=_outcome(posted.text("utfall")),
        reason=posted.text("skal"),
        results=_named(posted, "resultat-"),
        answers={
            name: (answered, posted.text(f"kommentar-{name}"))
            for name, answered in _named(posted, "svar-").items()
        },
        rests_until=_date(posted.text("vilar-till")),
        via=subject.via,
        signed_in=subject.signed_in,
    )


def _outcome(code: str) -> Outcome | None:
    return Outcome(code) if code in list(Outcome) else None


def _named(posted: Posted, prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): posted.text(name) for name in posted.values if name.startswith(prefix)}


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
