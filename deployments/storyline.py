"""Stories: an account's way through a policy, step by step, with what must be seen after each.

One file tells a story once; plain function calls, the portal with real mail, and Prefect play it.
What is expected is written from the guideline documents.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import yaml
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import Session, col

from acts.policies import adopt
from lifecycle.events import By
from models import (
    IS_OPEN,
    Account,
    AccountClass,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Message,
    MessageState,
    Municipality,
    Person,
    PolicyVersion,
    PostHolder,
    TaskHolder,
    TaskKind,
    Unit,
    UnitLevel,
    UserTask,
)
from policies.loading import content_of, load_policy

FOLDER = Path(__file__).parent / "stories"
ZONE = ZoneInfo("Europe/Stockholm")
CLOCK = "klockan"
MORNING = "morning"
"""The notice of the morning letter."""
ACTS = (
    "applies",
    "answers",
    "hands_over_to",
    "revises",
    "confirms_everything",
    "takes_back",
    "asks_to_close",
    "asks_for_administrator",
    "withdraws",
    "rounds",
    "confirms_watch",
    "answers_duty",
    "hands_in_picture",
)


class Strict(BaseModel):
    """Refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


class Seen(Strict):
    """What must be seen after a step: nothing more and nothing less."""

    state: str | None = None
    """The name in the run list."""
    letters: dict[str, list[str]] = Field(default_factory=dict)
    """Notices by recipient, in any order; a letter held back for the hour of regret is not among them.

    A morning letter is named with what it holds, in the order of the alphabet: "morning missed watch".
    """
    held_back: dict[str, list[str]] = Field(default_factory=dict)
    """Those that are: queued, and not to be sent before the hour is over."""
    refused: str | None = None
    """Code of the refusal, when the act must not be done."""
    reasons: dict[str, list[str]] = Field(default_factory=dict)
    """By holder of an open task: codes of why it came to them."""
    red: str | None = None
    """Code of why the account stands red; empty when it must not."""


class Application(Strict):
    """What the applicant writes."""

    platform: str
    name: str
    unit: str | None = "bibliotek"
    account_class: str = "unit"
    address: str = ""
    plan: dict[str, Any] = Field(default_factory=dict)


class DutyAnswer(Strict):
    """What somebody answers to a thing that the clock has asked."""

    duty: TaskKind
    fields: dict[str, str]
    """By the name of the page's field."""


class Step(Strict):
    """One thing somebody does. Exactly one of the acts is given."""

    who: str = CLOCK
    at: datetime | None = None
    """When, by the clock on the wall; without it soon after the step before."""
    applies: Application | None = None
    answers: Literal["approve", "decline", "ask_for_changes", "answered"] | None = None
    reason: str = ""
    hands_over_to: str | None = None
    revises: dict[str, Any] | None = None
    confirms_everything: dict[str, dict[str, str]] | None = None
    """All lines asked of the person; values by item where one needs more than a yes."""
    takes_back: bool = False
    asks_to_close: bool = False
    asks_for_administrator: str | None = None
    withdraws: bool = False
    rounds: list[str] | None = None
    """The clock's own act: rounds that are gone, by the names of their deployments."""
    confirms_watch: bool = False
    answers_duty: DutyAnswer | None = None
    hands_in_picture: bool = False
    then: Seen = Field(default_factory=Seen)

    @property
    def act(self) -> str:
        """Which of the acts it is."""
        given = [act for act in ACTS if getattr(self, act) not in (None, False)]
        if len(given) != 1:
            raise ValueError(f"{self.who}: a step is one act, not {given}")
        return given[0]

    @property
    def instant(self) -> datetime | None:
        """When, in UTC."""
        return self.at.replace(tzinfo=ZONE).astimezone(UTC) if self.at else None


class Story(Strict):
    """One account's way, whole."""

    story: str
    policy: str
    title: str
    source: str
    """The clauses that the expectations are written from."""
    begins_on: date = date(2026, 12, 1)
    """A working day; the story's clock starts that morning."""
    substitutes: dict[str, str] = Field(default_factory=dict)
    """Substitutes that hold in this story besides the world's."""
    empty_chairs: list[str] = Field(default_factory=list)
    """Units whose manager's chair is empty in this story."""
    existing: list[Application] = Field(default_factory=list)
    """Accounts that are active when the story begins."""
    steps: list[Step]

    @property
    def begins_at(self) -> datetime:
        """When its clock starts, in UTC."""
        return datetime.combine(self.begins_on, time(8), UTC)

    @property
    def moves_clock(self) -> bool:
        """Whether it goes on to later days, so that it must be told alone."""
        return any(step.at for step in self.steps)


class Driver(Protocol):
    """Something that plays a story: plainly, over HTTP and mail, or through Prefect."""

    def do(self, step: Step) -> str | None:
        """Do it; returns the code of a refusal."""

    def state(self) -> str:
        """The name the run list shows."""

    def letters(self) -> dict[str, list[str]]:
        """Notices that arrived since the last call, by recipient's name in the world."""

    def held_back(self) -> dict[str, list[str]]:
        """Notices that wait for the hour of regret to end, by recipient's name in the world."""

    def reasons(self) -> dict[str, list[str]]:
        """Why each open task's holder has it."""

    def red(self) -> str:
        """Why the account stands red, if it does."""


def load_stories(folder: Path = FOLDER) -> list[Story]:
    """All stories, by file name."""
    files = sorted(path for path in folder.glob("*.yaml") if path.name != "world.yaml")
    return [Story.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in files]


def differences(step: Step, refused: str | None, driver: Driver) -> list[str]:
    """Where what is seen after a step differs from what must be."""
    then, found = step.then, []
    if refused != then.refused:
        found.append(f"vägran: väntade {then.refused}, fick {refused}")
    state = driver.state()
    if then.state is not None and state != then.state:
        found.append(f"tillstånd: väntade {then.state!r}, såg {state!r}")
    found += _unlike("brev", then.letters, driver.letters())
    found += _unlike("brev som väntar", then.held_back, driver.held_back())
    if then.reasons and driver.reasons() != then.reasons:
        found.append(f"skäl: väntade {then.reasons}, såg {driver.reasons()}")
    if then.red is not None and driver.red() != then.red:
        found.append(f"rött: väntade {then.red!r}, såg {driver.red()!r}")
    return found


def _unlike(what: str, wanted: Mapping[str, list[str]], seen: Mapping[str, list[str]]) -> list[str]:
    """In any order, but each as often as it is wanted."""
    said = [{who: sorted(notices) for who, notices in sorted(one.items())} for one in (wanted, seen)]
    return [] if said[0] == said[1] else [f"{what}: väntade {said[0]}, såg {said[1]}"]


def play(story: Story, driver: Driver) -> list[str]:
    """Play a whole story; returns every difference with its step, and goes on after one."""
    found = []
    for number, step in enumerate(story.steps, start=1):
        refused = driver.do(step)
        found += [
            f"{story.story}, steg {number} ({step.who}): {one}" for one in differences(step, refused, driver)
        ]
    return found


def load_world(folder: Path = FOLDER) -> dict[str, Any]:
    """The invented organisation."""
    world: dict[str, Any] = yaml.safe_load((folder / "world.yaml").read_text("utf-8"))
    return world


def domain_of(world: Mapping[str, Any], story: Story) -> str:
    """Each story's people have a mail domain of their own, so that several may be told side by side."""
    return f"{story.story}.{world['domain']}"


def address_of(world: Mapping[str, Any], story: Story, who: str) -> str:
    """A person's work address."""
    return f"{who}@{domain_of(world, story)}"


def build_world(session: Session, story: Story, world: Mapping[str, Any], now: datetime) -> Municipality:
    """Enter the organisation and adopt the story's policy, as an import would."""
    municipality = Municipality(
        slug=story.story,
        name=f"Exempelby ({story.policy})",
        mail_domains=[domain_of(world, story)],
        sender_address=f"kanalvakt@{domain_of(world, story)}",
    )
    session.add(municipality)
    session.flush()
    assert municipality.id is not None
    version = adopt(session, municipality.id, content_of(load_policy(story.policy)), By(None, "cli"), now)
    people = _enter_people(session, municipality.id, world, story)
    units = _enter_units(session, municipality.id, world, people, story.empty_chairs)
    _connect(session, world, story, people, units)
    for role, names in world["posts"].items():
        for name in names:
            person_id = people[name].id
            assert person_id is not None
            session.add(PostHolder(municipality_id=municipality.id, role=role, person_id=person_id))
    for one in story.existing:
        session.add(account := _active(version, units, one, now))
        session.flush()
        session.add(_administrator(account, people[world["posts"]["communications"][0]], now))
    session.flush()
    return municipality


def _active(version: PolicyVersion, units: Mapping[str, Unit], given: Application, now: datetime) -> Account:
    assert version.id is not None
    return Account(
        municipality_id=version.municipality_id,
        unit_id=units[given.unit].id if given.unit else None,
        account_class=AccountClass(given.account_class),
        platform=given.platform,
        name=given.name,
        state=AccountState.ACTIVE,
        state_since=now,
        policy_version_id=version.id,
        opened_on=now.date(),
        imported=True,
    )


def _administrator(account: Account, person: Person, now: datetime) -> AccountRole:
    """Without somebody who looks after it, it would stand red."""
    assert account.id is not None and person.id is not None
    kind = AccountRoleKind.ADMINISTRATOR
    day = now.date()
    return AccountRole(account_id=account.id, person_id=person.id, kind=kind, asked_at=now, since_on=day)


def letters_held_back(session: Session, municipality_id: int, now: datetime) -> list[Message]:
    """Letters that wait for their time."""
    rows = select(Message).where(
        col(Message.municipality_id) == municipality_id,
        col(Message.state) == MessageState.QUEUED,
        col(Message.not_before) > now,
    )
    return list(session.execute(rows.order_by(col(Message.not_before))).scalars())


def notice_in(message: Message) -> str:
    """The name of a letter's notice; a morning letter's with what it holds."""
    holds = set(message.context) - {"on"} if message.notice == MORNING else set()
    return " ".join([message.notice, *sorted(holds)])


def screenshot() -> bytes:
    """A picture of a page, as somebody would have taken it."""
    picture = BytesIO()
    Image.linear_gradient("L").resize((800, 600)).save(picture, "PNG")
    return picture.getvalue()


def by_recipient(letters: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Addresses and notices as notices by person."""
    found: dict[str, list[str]] = {}
    for email, notice in letters:
        found.setdefault(email.partition("@")[0], []).append(notice)
    return found


def open_reasons(session: Session, account_id: int) -> dict[str, list[str]]:
    """By holder of an account's open tasks: codes of why it came to them, where it came by a turn."""
    rows = (
        select(TaskHolder, Person)
        .join(UserTask, col(UserTask.id) == col(TaskHolder.task_id))
        .join(Person, col(Person.id) == col(TaskHolder.person_id))
        .where(col(UserTask.account_id) == account_id, IS_OPEN)
    )
    return {
        person.email.partition("@")[0]: [one["code"] for one in holder.why]
        for holder, person in session.execute(rows)
        if holder.why
    }


def _enter_people(
    session: Session, municipality_id: int, world: Mapping[str, Any], story: Story
) -> dict[str, Person]:
    people = {
        key: Person(
            municipality_id=municipality_id,
            name=one["name"],
            title=one["title"],
            email=address_of(world, story, key),
        )
        for key, one in world["people"].items()
    }
    session.add_all(people.values())
    session.flush()
    return people


def _enter_units(
    session: Session,
    municipality_id: int,
    world: Mapping[str, Any],
    people: Mapping[str, Person],
    empty_chairs: Sequence[str],
) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for key, one in world["units"].items():
        parent = units.get(one.get("parent", ""))
        units[key] = Unit(
            municipality_id=municipality_id,
            code=key,
            name=one["name"],
            level=UnitLevel(one["level"]),
            parent_id=parent.id if parent else None,
            line_manager_id=None if key in empty_chairs else people[one["manager"]].id,
        )
        session.add(units[key])
        session.flush()
    return units


def _connect(
    session: Session,
    world: Mapping[str, Any],
    story: Story,
    people: Mapping[str, Person],
    units: Mapping[str, Unit],
) -> None:
    for key, one in world["people"].items():
        substitute = story.substitutes.get(key) or one.get("substitute")
        people[key].unit_id = units[one["unit"]].id
        people[key].substitute_id = people[substitute].id if substitute else None
        session.add(people[key])
    session.flush()
