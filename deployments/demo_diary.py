"""What happened in a story played by people: told line by line with times, and measured click by click."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from babel.dates import format_datetime

from deployments.postbox import Arrived
from deployments.storyline import CLOCK, ZONE, Step
from models import TaskKind
from policies.keys import Platform
from policies.naming import platform_name

GOAL_SECONDS = 1.5
FEWEST_CLICKS = 20


@dataclass
class Click:
    """One click on a button, and the letters that came of it."""

    at: float
    by: str
    """The work address of the one who clicks."""
    letters: list[Arrived] = field(default_factory=list)

    @property
    def to_next_person(self) -> float | None:
        """Seconds until the mail server accepted the first letter to somebody else; None without one."""
        others = [one.at for one in self.letters if one.to != self.by]
        return min(others) - self.at if others else None

    @property
    def to_last_letter(self) -> float:
        """Seconds until it had accepted them all."""
        return max(one.at for one in self.letters) - self.at


class Diary:
    """A story's timeline as it comes about."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        self._lines: list[tuple[float, str]] = []
        self._shown, self._red = "", False
        self._cause = Click(0.0, "")
        """What the next letters come of."""
        self.clicks: list[Click] = []
        self.steps = 0

    def step(self, step: Step, at: float) -> None:
        """Somebody sets about something."""
        self.steps += 1
        self._cause = Click(at, "")
        self._lines.append((at, f"{self.steps}. {_who(step, self._names)} {_does(step, self._names)}"))

    def click(self, button: str, by: str, at: float) -> None:
        """Somebody clicks."""
        self._cause = Click(at, by)
        self.clicks.append(self._cause)
        self._lines.append((at, f"     klick på ”{button}”"))

    def letters(self, arrived: Sequence[Arrived]) -> None:
        """Letters arrive after the last click, or after the clock's round."""
        self._cause.letters += arrived
        for one in arrived:
            after = _seconds(one.at - self._cause.at)
            said = f"       brev till {self._name_at(one.to)} efter {after}: {one.subject}"
            self._lines.append((one.at, said))

    def held_back(self, to: str, until: datetime, at: float) -> None:
        """A letter waits, so that the answer can be taken back."""
        line = f"       brevet till {self._name_at(to)} väntar till {until.astimezone(ZONE):%H.%M}"
        if line not in [said for _, said in self._lines]:
            self._lines.append((at, line))

    def state(self, name: str, at: float) -> None:
        """The run list shows another name than before."""
        if name != self._shown:
            self._shown = name
            self._lines.append((at, f"       Prefect visar ”{name}”"))

    def red(self, reason: str, at: float) -> None:
        """The account begins to stand red, or ends."""
        if bool(reason) != self._red:
            self._red = bool(reason)
            says = "kontot står rött" if reason else "kontot står inte längre rött"
            self._lines.append((at, f"       {says}"))

    def told(self) -> list[str]:
        """The timeline, each line with its time."""
        days: list[str] = []
        told: list[str] = []
        for at, line in sorted(self._lines, key=lambda one: one[0]):
            moment = datetime.fromtimestamp(at, ZONE)
            if (day := format_datetime(moment, "EEEE d MMMM y", locale="sv")) not in days:
                days.append(day)
                told.append(f"  {day}")
            told.append(f"  {moment:%H.%M.%S}  {line}")
        return told

    def _name_at(self, email: str) -> str:
        who = email.partition("@")[0]
        return self._names.get(who, email)


def _who(step: Step, names: dict[str, str]) -> str:
    return "Prefect" if step.who == CLOCK else names[step.who]


def _does(step: Step, names: dict[str, str]) -> str:
    """What a person or the clock does, in words."""
    if step.applies is not None:
        platform = platform_name(Platform(step.applies.platform))
        return f"ansöker om kontot ”{step.applies.name}” ({platform})"
    said = f": ”{step.reason}”" if step.reason else ""
    return {
        "answers": _ANSWERS.get(step.answers or "", "") + said,
        "hands_over_to": f"lämnar över frågan till {names.get(step.hands_over_to or '', '')}{said}",
        "revises": "ändrar planen och skickar den",
        "confirms_everything": "bekräftar sina punkter",
        "takes_back": "tar tillbaka sitt svar",
        "asks_to_close": f"begär att kontot avslutas{said}",
        "asks_for_administrator": (
            f"föreslår {names.get(step.asks_for_administrator or '', '')} som administratör"
        ),
        "withdraws": f"tar tillbaka ansökan{said}",
        "rounds": f"kör {' och '.join(step.rounds or ())}",
        "confirms_watch": "har tittat till kontot",
        "answers_duty": _DUTIES[step.answers_duty.duty] if step.answers_duty else "",
        "hands_in_picture": "lämnar in en egen bild av kontot",
    }[step.act]


_DUTIES = {
    TaskKind.TELL_POSTS: "berättar vad som har publicerats",
    TaskKind.POST: "svarar om att inget har publicerats",
    TaskKind.EVALUATE: "utvärderar kontot",
}
_ANSWERS = {
    "approve": "godkänner",
    "decline": "avslår",
    "ask_for_changes": "ber om ändringar",
    "answered": "lämnar råd",
}


@dataclass(frozen=True)
class Measured:
    """How long it took from a click until others had their letters, in seconds."""

    next_person: Sequence[float]
    """Until the first letter to somebody else than the one who clicked."""
    last_letter: Sequence[float]
    """Until all letters that came of a click had been accepted."""

    @classmethod
    def of(cls, diaries: Sequence[Diary]) -> "Measured":
        """All clicks that led to a letter."""
        clicks = [click for diary in diaries for click in diary.clicks if click.letters]
        waits = [one.to_next_person for one in clicks]
        return cls([one for one in waits if one is not None], [one.to_last_letter for one in clicks])

    @property
    def goal_is_met(self) -> bool:
        """Whether there was enough to measure, and half of the clicks reached the next person soon enough."""
        return len(self.next_person) >= FEWEST_CLICKS and median(self.next_person) < GOAL_SECONDS

    def told(self) -> list[str]:
        """Median and worst, and the goal."""
        if not self.next_person:
            return ["Inget klick ledde till något brev till någon annan."]
        reached = "nått" if self.goal_is_met else "MISSAT"
        goal = f"median till nästa persons brev under {_seconds(GOAL_SECONDS, 1)}"
        return [
            "Från klick till mottaget brev:",
            f"  till nästa persons brev  median {_spread(self.next_person)}, {len(self.next_person)} klick",
            f"  till sista brevet        median {_spread(self.last_letter)}, {len(self.last_letter)} klick",
            f"  mål: minst {FEWEST_CLICKS} klick, {goal}: {reached}",
        ]


def _spread(seconds: Sequence[float]) -> str:
    return f"{_seconds(median(seconds))}, sämst {_seconds(max(seconds))}"


def _seconds(number: float, decimals: int = 2) -> str:
    return f"{number:.{decimals}f} s".replace(".", ",")
