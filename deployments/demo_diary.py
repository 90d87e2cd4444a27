"""What happened in a story played by people: told line by line with times, and measured click by click."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from deployments.postbox import Arrived
from deployments.storyline import Step
from policies.keys import Platform
from policies.naming import platform_name

ZONE = ZoneInfo("Europe/Stockholm")
GOAL_SECONDS = 1.5
FEWEST_CLICKS = 20


@dataclass
class Click:
    """One click on a button, and the letters that came of it."""

    at: float
    letters: list[Arrived] = field(default_factory=list)

    @property
    def to_next_letter(self) -> float:
        """Seconds until the mail server accepted the first of them."""
        return min(one.at for one in self.letters) - self.at

    @property
    def to_last_letter(self) -> float:
        """Seconds until it had accepted them all."""
        return max(one.at for one in self.letters) - self.at


class Diary:
    """A story's timeline as it comes about."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        self._lines: list[tuple[float, str]] = []
        self._shown = ""
        self.clicks: list[Click] = []
        self.steps = 0

    def step(self, step: Step, at: float) -> None:
        """Somebody sets about something."""
        self.steps += 1
        self._lines.append((at, f"{self.steps}. {self._names[step.who]} {_does(step, self._names)}"))

    def click(self, button: str, at: float) -> None:
        """Somebody clicks."""
        self.clicks.append(Click(at))
        self._lines.append((at, f"     klick på ”{button}”"))

    def letters(self, arrived: Sequence[Arrived]) -> None:
        """Letters arrive after the last click."""
        self.clicks[-1].letters += arrived
        for one in arrived:
            after = _seconds(one.at - self.clicks[-1].at)
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


def _does(step: Step, names: dict[str, str]) -> str:
    """What a person does, in words."""
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
    }[step.act]


_ANSWERS = {
    "approve": "godkänner",
    "decline": "avslår",
    "ask_for_changes": "ber om ändringar",
    "answered": "lämnar råd",
}


@dataclass(frozen=True)
class Measured:
    """How long people waited for the letter that their click led to."""

    next_letter: Sequence[float]
    last_letter: Sequence[float]

    @classmethod
    def of(cls, diaries: Sequence[Diary]) -> "Measured":
        """All clicks that led to a letter."""
        clicks = [click for diary in diaries for click in diary.clicks if click.letters]
        return cls([one.to_next_letter for one in clicks], [one.to_last_letter for one in clicks])

    @property
    def enough(self) -> bool:
        """Whether there was something to measure."""
        return len(self.next_letter) >= FEWEST_CLICKS

    @property
    def goal_is_met(self) -> bool:
        """Whether half of the clicks had their next letter soon enough."""
        return self.enough and median(self.next_letter) < GOAL_SECONDS

    def told(self) -> list[str]:
        """Median and worst, and the goal."""
        if not self.next_letter:
            return ["Inget klick ledde till något brev."]
        reached = "nått" if self.goal_is_met else "MISSAT"
        goal = f"median till nästa brev under {_seconds(GOAL_SECONDS, 1)}"
        return [
            f"Från klick till brev, {len(self.next_letter)} klick:",
            f"  till nästa brev   median {_spread(self.next_letter)}",
            f"  till sista brevet median {_spread(self.last_letter)}",
            f"  mål: minst {FEWEST_CLICKS} klick, {goal}: {reached}",
        ]


def _spread(seconds: Sequence[float]) -> str:
    return f"{_seconds(median(seconds))}, sämst {_seconds(max(seconds))}"


def _seconds(number: float, decimals: int = 2) -> str:
    return f"{number:.{decimals}f} s".replace(".", ",")
