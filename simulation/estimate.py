"""What a click is thought to take. Stated in every report, and changed here."""

from models import TaskKind

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
}
"""Minutes to answer on the page, for each thing answered. The work itself is not counted: looking at an
account, reading a plan with care, taking a picture."""
OTHER_ANSWER = 2.0


def minutes_of(kind: str, count: int) -> float:
    """Minutes for answering so many things of a kind at one go."""
    return PAGE + count * ANSWERS.get(TaskKind(kind), OTHER_ANSWER)


WORDS = (
    f"Uppskattning av klickandet: {LETTER} minut för att läsa ett brev, {PAGE} för att öppna sidan, "
    "och för varje svar: "
    + ", ".join(f"{kind.value} {minutes}" for kind, minutes in ANSWERS.items())
    + f", annat {OTHER_ANSWER}. Själva arbetet, att titta till kontot eller läsa planen, räknas inte."
)
