"""The clock's rounds as plain function calls, and what people answer to what it has asked."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from acts import checking, documenting, evaluating, inactivity, posting, watching
from acts.round_list import PRESENCE
from acts.rounds import Round, go_round
from connectors.capturing import SAYS, NotCaptured
from connectors.judging import Reason
from connectors.manual import Answered
from connectors.sights import AskPerson, Missing, Subject
from models import Outcome, TaskKind


def _unreadable(subject: Subject, since: datetime | None, now: datetime) -> AskPerson:
    """What is said of a platform that no connector reads."""
    return AskPerson(Missing.CONNECTOR, "Kanalvakt kan inte läsa annan plattform.")


ROUNDS: dict[str, Sequence[Round]] = {
    "bevakning": (watching.ASK, watching.END, watching.FOLD),
    "morgonbrev": (*PRESENCE, watching.ASK, watching.TELL),
    "ogonblicksbilder": (documenting.WANT,),
    "publicering": (posting.looking(lambda municipality_id: _unreadable),),
    "inaktivitet": (inactivity.SETTLE, inactivity.END),
    "utvardering": (evaluating.EVALUATE,),
    "kontroll": (checking.CHECK,),
}
"""What each deployment's flow goes, by the name in prefect.yaml."""


STARTS_AFTER = timedelta(seconds=3)
"""A flow run begins a little later than the instant it is to be gone for."""


def go(engine: Engine, deployment: str, as_of: datetime) -> None:
    """Go a deployment's rounds; none of them may meet trouble."""
    now = as_of + STARTS_AFTER
    for one in ROUNDS[deployment]:
        assert go_round(engine, one, now, as_of).failures == []
    if deployment == "ogonblicksbilder":
        assert documenting.capture_wanted(engine, no_such_page, lambda: now).failures == []


def no_such_page(address: str, names: Sequence[str], into: Path) -> NotCaptured:
    """What the browser says of the story's address, which leads nowhere (RFC 2606)."""
    return NotCaptured(Reason.UNREACHABLE, SAYS[Reason.UNREACHABLE])


def answer(
    session: Session, now: datetime, kind: TaskKind, task_id: int, person_id: int, fields: Mapping[str, str]
) -> None:
    """Answer one thing that the clock has asked, as its page does with these fields."""
    _ANSWERS[kind](session, now, task_id, person_id, fields)


Answer = Callable[[Session, datetime, int, int, Mapping[str, str]], None]


def _tell_posts(
    session: Session, now: datetime, task_id: int, person_id: int, fields: Mapping[str, str]
) -> None:
    told = Answered(fields.get("antal", "0"), latest_on=fields.get("senaste", ""))
    posting.tell_posts(session, now, task_id=task_id, person_id=person_id, answer=told, via="link")


def _post(session: Session, now: datetime, task_id: int, person_id: int, fields: Mapping[str, str]) -> None:
    if "varfor" not in fields:
        return _tell_posts(session, now, task_id, person_id, fields)
    why = fields["varfor"]
    posting.say_why_not(session, now, task_id=task_id, person_id=person_id, reason=why, via="link")


def _evaluate(
    session: Session, now: datetime, task_id: int, person_id: int, fields: Mapping[str, str]
) -> None:
    evaluating.evaluate(
        session,
        now,
        task_id=task_id,
        person_id=person_id,
        outcome=Outcome(fields["utfall"]),
        reason=fields["skal"],
        results=_named(fields, "resultat-"),
        answers={name: (said, "") for name, said in _named(fields, "svar-").items()},
        rests_until=date.fromisoformat(fields["vilar-till"]),
        via="link",
    )


def _named(fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): said for name, said in fields.items() if name.startswith(prefix)}


_ANSWERS: dict[TaskKind, Answer] = {
    TaskKind.TELL_POSTS: _tell_posts,
    TaskKind.POST: _post,
    TaskKind.EVALUATE: _evaluate,
}
