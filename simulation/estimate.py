"""What a click is thought to take. Stated in every report, and changed here."""

from models import TaskKind
from simulation import words

LETTER = 0.5
"""Minutes to open and read a letter."""
PAGE = 0.5
"""Minutes to open the page that a letter leads to."""
ANSWERS: dict[TaskKind, float] = {
    TaskKind.DECIDE: 3.0,
    TaskKind.CONSULT: 3.0,
    TaskKind.REVISE_PLAN: 5.0,
    TaskKind.CONFIRM_ITEM: 0.5,
    TaskKind.ACKNOWLEDGE: 1.0,
    TaskKind.WATCH: 0.1,
    TaskKind.TAKE_SNAPSHOT: 3.0,
    TaskKind.EVALUATE: 10.0,
    TaskKind.REVIEW: 3.0,
    TaskKind.HANDLE: 2.0,
    TaskKind.TELL_POSTS: 1.0,
    TaskKind.WARN: 0.5,
}
"""Minutes to answer on the page, for each thing answered. The work itself is not counted: looking at an
account, reading a plan with care, taking a picture."""
OTHER_ANSWER = 2.0


def minutes_of(kind: str, count: int) -> float:
    """Minutes for answering so many things of a kind at one go."""
    return PAGE + count * ANSWERS.get(TaskKind(kind), OTHER_ANSWER)


def in_words() -> str:
    """The estimate as the report states it."""
    answers = [f"{words.kind(kind.value)} {words.number(minutes)}" for kind, minutes in ANSWERS.items()]
    return (
        f"Uppskattat klickande i minuter: ett brev {words.number(LETTER)}, en sida {words.number(PAGE)}, "
        f"och för varje svar {', '.join(answers)}, annat {words.number(OTHER_ANSWER)}. "
        "Själva arbetet, att titta till kontot eller läsa planen, räknas inte."
    )
