"""How a rule case is written: given facts and a day, what people do, and what must then be seen.

A file names a policy and holds cases. What is expected is written from the guideline documents, never from
what the product answers. `case_runner` plays a case. Who somebody is stands in `cases/world.yaml`.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from models import AccountClass, AccountRoleKind, AccountState, Outcome
from policies.keys import Modality
from policies.rules import Place
from policies.source import read_source

FOLDER = Path(__file__).parent / "cases"
NOT_CASES = ("world.yaml", "matrix.yaml")
BEGINS = "2026-12-01 09:00"
"""The day and hour of a case that names none: a Tuesday with Christmas ahead."""


class Written(BaseModel):
    """Refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _moment(given: Any) -> Any:
    """A day without an hour is the beginning of the working day."""
    return f"{given} 08:00" if isinstance(given, str) and len(given) == 10 else given


def _words(given: Any) -> Any:
    """One word stands for a list of it."""
    return [given] if isinstance(given, str) else given


Moment = Annotated[str, BeforeValidator(_moment), Field(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d$")]
"""A day and an hour in the municipality's own time: "2026-12-01 09:00"."""
Words = Annotated[list[str], BeforeValidator(_words)]
People = Annotated[list[str], BeforeValidator(_words)]
Shows = Literal[
    "readable", "connector", "gone", "private", "auth_expired", "no_permission", "unreachable", "malformed"
]
"""What a look at the account comes to; "connector": none can be taken, and somebody has to be asked."""
Kind = AccountRoleKind


class Away(Written):
    """Somebody is away from a day until the day before another."""

    since: date
    until: date
    substitute: str | None = None


class Off(Written):
    """A duty that an account is let off until the day before another."""

    duty: str
    until: date


class StaffList(Written):
    """A staff list with everybody in the world but some, and with some who are new."""

    without: Words = Field(default_factory=list)
    adds: Words = Field(default_factory=list)


class Days(Written):
    """From a day until the day before another."""

    since: date
    until: date


class Application(Written):
    """What an applicant writes. What is left out is as in the world's complete plan."""

    platform: str = "instagram"
    name: str = "Biblioteket"
    unit: str | None = "bibliotek"
    account_class: AccountClass = Field(AccountClass.UNIT, alias="class")
    address: str | None = None
    """Left out: an address of its own for the platform. Empty: the account has none yet."""
    plan: dict[str, Any] = Field(default_factory=dict)
    """Answers in place of the complete plan's; null leaves one out."""
    files: dict[str, str] = Field(default_factory=dict)
    """Attached files by field."""


class GivenAccount(Application):
    """The account as it stands when the case begins."""

    state: Literal["none", "draft", "applied", "approved", "active"] = "none"
    by: str = "elin"
    opened_on: date = date(2026, 2, 2)
    ends_on: date | None = None
    people: dict[Kind, People] = Field(
        default_factory=lambda: {Kind.RESPONSIBLE: ["elin"], Kind.ADMINISTRATOR: ["elin", "omar"]}
    )
    """Of an active account; an approved one has those of its plan."""
    posts: list[Moment] = Field(default_factory=list)
    """What an active account has published by then."""
    shows: Shows = "readable"
    watched_on: date | None = None
    duties_from: date | None = None


class StatementSeen(Written):
    """What the statement of accessibility says of the municipality."""

    contact: str
    assessed_on: date
    shortcomings: list[str] = Field(default_factory=list)


class Given(Written):
    """The facts. All that is not said is as in the world."""

    on: Moment = BEGINS
    account: GivenAccount = Field(default_factory=GivenAccount)
    in_use: list[str] = Field(default_factory=lambda: ["facebook", "instagram", "linkedin"])
    """Platforms on which the municipality already has an account."""
    closed: list[str] = Field(default_factory=list)
    """Platforms on which it has had one."""
    substitutes: dict[str, str] = Field(default_factory=dict)
    empty_chairs: list[str] = Field(default_factory=list)
    """Units whose manager's post is empty."""
    managers: dict[str, str] = Field(default_factory=dict)
    away: dict[str, Away] = Field(default_factory=dict)
    left: dict[str, date] = Field(default_factory=dict)
    """First day on which somebody no longer works here."""
    posts: dict[str, People] = Field(default_factory=dict)
    """Posts with other holders than the world's."""


class ToldPosts(Written):
    """What somebody tells of an account that cannot be read."""

    count: int
    at_least: bool = False
    latest: date | None = None


class Reviewed(Written):
    """What somebody says is to become of an account that is not kept up."""

    outcome: Outcome
    until: date | None = None


class Guest(Written):
    """Somebody who runs the account from a day until the day before another."""

    who: str
    since: date
    until: date


class Missing(Written):
    """Plan fields with a fault: what stops the plan, and what is only advised."""

    must: list[str] = Field(default_factory=list)
    should: list[str] = Field(default_factory=list)


class Asked(Written):
    """A question that is open. `of` and `modality` are always compared, the rest when said."""

    of: People
    modality: Modality = Modality.MUST
    act: Literal["decide", "consult"] | None = None
    label: str | None = None
    because: list[str] | None = None
    """Codes of why it came to them."""
    instead_of: str | None = None
    answer_by: Moment | None = None
    reminded: Moment | None = None
    """When the next reminder goes."""
    reminders: int | None = None
    clauses: list[str] | None = None
    cites: Words | None = None
    """Pieces of where and what the citation says."""


class ByClock(Written):
    """What the clock asks: an open duty. `of` and `modality` are always compared, the rest when said."""

    of: People
    modality: Modality = Modality.MUST
    count: int | None = None
    label: str | None = None
    answer_by: Moment | None = None
    reminded: Moment | None = None
    """When the next reminder goes."""
    reminders: int | None = None
    clauses: list[str] | None = None
    says: Words | None = None
    """Pieces of what is kept with the task, and of how the policy words it."""


class CaseStepSeen(Written):
    """An open step of the newest case. `of` and `modality` are always compared, the rest when said."""

    of: People
    modality: Modality = Modality.MUST
    label: str | None = None
    answer_by: Moment | None = None
    """Until when it must be done."""
    advised_by: Moment | None = None
    """Until when it should."""
    reminded: Moment | None = None
    ends: Words | None = None
    """In which ways it can be settled."""
    clauses: list[str] | None = None


class OpenedCase(Written):
    """What somebody says who opens a case."""

    kind: str
    noticed: Moment | None = None
    """Left out: now."""
    saved: bool = False
    """Whether a copy of what stood there is handed in."""
    watchers: People = Field(default_factory=list)


class DoneStep(Written):
    """What is given with a step of a case."""

    text: str = ""
    number: str = ""
    end: str = ""
    to: str = ""
    skipped: bool = False


class Evaluated(Written):
    """The last evaluation that was asked for. Compared when said."""

    from_on: date | None = Field(None, alias="from")
    until_on: date | None = Field(None, alias="until")
    promises: list[str] | None = None
    """Plan fields whose answers come back."""
    questions: list[str] | None = None
    """Those that must be answered."""
    recommends: Outcome | None = None
    outcome: str | None = None
    """Empty while nobody has answered."""
    by_default: bool | None = None


class Proposal(Written):
    """A new version that is proposed: keys of `rules` and `settings` in place of the old ones."""

    size: Literal["small", "large"]
    changes: dict[str, Any]


class Line(Written):
    """An open line of a checklist. `of`, `modality`, `each` and `gives` are always compared."""

    of: People
    modality: Modality = Modality.MUST
    each: bool = False
    """One for each person, instead of one that any of them may confirm."""
    gives: Words = Field(default_factory=list)
    """What has to be given with a yes: "place", or "way: " and the ways to choose from."""
    clauses: list[str] | None = None
    says: Words | None = None
    """Pieces of the label, the explanation and the municipality's own text."""
    documents: Words | None = None
    """Of an acknowledgement: what is acknowledged, with edition and address."""
    pictured: bool | None = None
    """Whether a browser tries it first."""
    reminded: Moment | None = None


class Duty(Written):
    """One duty of an open account. Numbers, yes and no, and settings are always compared."""

    modality: Modality = Modality.MUST
    values: dict[str, Any] = Field(default_factory=dict)
    """Prose (kinds, label, how, folder, matter) is compared when said; a number of kinds says how many."""
    settings: dict[str, Any] = Field(default_factory=dict)
    clauses: list[str] | None = None
    says: Words | None = None


class Advised(Written):
    """What is shown at a place, by the clauses it rests on."""

    must: list[str] = Field(default_factory=list)
    should: list[str] = Field(default_factory=list)
    may: list[str] = Field(default_factory=list)
    says: Words | None = None


class Asking(Written):
    """What the form asks of such an account, by how strongly."""

    must: list[str] = Field(default_factory=list)
    should: list[str] = Field(default_factory=list)
    may: list[str] = Field(default_factory=list)


class Shown(Written):
    """A field of the form. Compared when said."""

    kind: str | None = None
    choices: list[str] | None = None
    clauses: list[str] | None = None
    says: Words | None = None
    """Pieces of the label, the explanation and the choices."""


class Short(Written):
    """Headcounts that are not met, in the product's words."""

    must: list[str] = Field(default_factory=list)
    should: list[str] = Field(default_factory=list)


def _named(model: type[BaseModel], main: str) -> BeforeValidator:
    """A name or a list of names stands for the whole entry."""

    def _whole(given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {key: one if isinstance(one, dict) else {main: one} for key, one in given.items()}

    return BeforeValidator(_whole)


class Seen(Written):
    """What must be seen. A key that is said is compared whole: nothing more and nothing less."""

    state: AccountState | None = None
    waits_for: str | None = None
    """The name in the run list."""
    refused: str | None = None
    """Code of the refusal; left out, nothing may be refused."""
    says: Words | None = None
    """Pieces of the refusal, or of the plan's faults, in the product's words."""
    missing: Missing | None = None
    asked: Annotated[dict[str, Asked] | None, _named(Asked, "of")] = None
    """Open decisions, consultations and plans to revise, by step."""
    informed: Annotated[dict[str, Asked] | None, _named(Asked, "of")] = None
    """Notices of a chain that have been given, by step."""
    ended: dict[str, str] | None = None
    """Steps that have ended: answer, or how it ended without."""
    lines: Annotated[dict[str, Line] | None, _named(Line, "of")] = None
    """The open checklist, whole."""
    some_lines: Annotated[dict[str, Line] | None, _named(Line, "of")] = None
    no_lines: list[str] | None = None
    letters: Annotated[dict[str, Words] | None, Field()] = None
    """Since the step before, by recipient; without those held back for the time of regret."""
    links_until: dict[str, Moment] | None = None
    """Until when the link lives of the letters since the step before, by letter."""
    clock: Annotated[dict[str, ByClock] | None, _named(ByClock, "of")] = None
    """Open duties, by step, whole: nothing more and nothing less."""
    some_clock: Annotated[dict[str, ByClock] | None, _named(ByClock, "of")] = None
    """Open duties of these steps."""
    case_kinds: dict[str, str] | None = None
    """Every kind of case that can be opened: its steps in order; "(bör)" after those only recommended."""
    some_case_kinds: dict[str, str] | None = None
    case_steps: Annotated[dict[str, CaseStepSeen] | None, _named(CaseStepSeen, "of")] = None
    """Open steps of the newest case, whole."""
    case_outcomes: list[str] | None = None
    """What came of the newest case, as codes in order."""
    case_state: Literal["open", "closed"] | None = None
    morning: dict[str, Words] | None = None
    """Morning letters since the step before, by recipient: which parts each has."""
    kept: dict[str, int] | None = None
    """How many letters that have left, personal details of the log, and cases' texts are kept."""
    calendar_until: Moment | None = None
    """Until when the address of somebody's calendar lives."""
    statement: StatementSeen | None = None
    """What the statement of accessibility says."""
    names_looked_at: int | None = None
    """How many names and addresses have been looked at."""
    missed_days: int | None = None
    """Days in a row on which nobody confirmed the watch."""
    evaluation: Evaluated | None = None
    rests_until: date | None = None
    """First day on which a resting account is to be posted in again."""
    kept_until: date | None = None
    """Until when a review lets the account be."""
    red: str | None = None
    """Code of why the account stands red; empty when it does not."""
    people: dict[Kind, People] | None = None
    """Who has which role today."""
    assigned: dict[str, str | None] | None = None
    """By administrator: who gave the assignment and when, "karin 2026-12-01"."""
    acknowledged: dict[str, Words | None] | None = None
    log: list[str] | None = None
    """Events since the step before that must be among those recorded."""
    form: Asking | None = None
    fields: dict[str, Shown] | None = None
    documents: Asking | None = None
    """What each administrator acknowledges, by how strongly."""
    short: Short | None = None
    duties: dict[str, list[Duty]] | None = None
    """By kind; an empty list: no such duty."""
    register_entry: dict[str, str] | None = None
    other_links: dict[str, list[str]] | None = None
    """The account's entry in the public register; empty: no entry."""
    advice: dict[Place, Advised] | None = None
    policy_says: Words | None = None
    """Pieces of what `policies show` says."""
    policy_lacks: Words | None = None
    accounted: dict[str, str] | None = None
    """How a clause is accounted for, in `policies coverage`."""
    version: str | None = None
    """Name of the policy that speaks about the account's duties today."""


class Step(Written):
    """Something somebody does, or only time that passes. At most one of the acts is given."""

    at: Moment | None = None
    who: str | None = None
    writes: Application | None = None
    """Begins a draft and saves it."""
    applies: Application | None = None
    """Writes and sends."""
    rewrites: dict[str, Any] | None = None
    """Saves other answers in the draft."""
    sends: bool = False
    revises: dict[str, Any] | None = None
    """Changes answers and sends the plan again."""
    answers: Outcome | None = None
    signed_in: bool = False
    """Whether the one who answers has signed in, and not only followed a letter's link."""
    step: str | None = None
    reason: str = ""
    hands_over_to: str | None = None
    confirms: dict[str, dict[str, str]] | Literal["everything"] | None = None
    """Lines of the checklist, with what is given to each."""
    takes_back: bool = False
    withdraws: bool = False
    asks_to_close: bool = False
    asks_for: dict[Kind, str] | None = None
    instead_of: str | None = None
    asks_for_guest: Guest | None = None
    ends: dict[Kind, str] | None = None
    skips: str | None = None
    """Communications passes over a step, by name."""
    subscribes: bool = False
    """Makes an address for a calendar of one's own."""
    leaves: bool = False
    """From today the person no longer works here."""
    goes_away: Away | None = None
    begins_crisis: bool = False
    ends_crisis: bool = False
    lets_rest: Days | None = None
    lets_off: Off | None = None
    reads_staff: StaffList | None = None
    rounds: Words = Field(default_factory=list)
    """Rounds that are gone, by name, at that hour."""
    confirms_watch: bool = False
    opens_old_case: bool = False
    """A case opened and closed at once, and a letter that leaves: something to be kept for its time."""
    opens_case: OpenedCase | None = None
    does: dict[str, DoneStep] | None = None
    """Steps of the newest case, with what is given to each."""
    closes_case: bool = False
    evaluates: Outcome | None = None
    """With a result for all that is asked, and yes to every question but those in `unanswered`."""
    unanswered: Words = Field(default_factory=list)
    rests_until: date | None = None
    """Of an evaluation that ends in rest."""
    confirms_anew: str | None = None
    """A line of the checklist, or `kvittering`."""
    denies: str | None = None
    """A line that does not hold any more; the reason says why."""
    reviews_guideline: Literal["unchanged", "small", "large"] | None = None
    reports_directive: bool = False
    proposes: Proposal | None = None
    approves: bool | None = None
    """Answers a proposed version."""
    publishes: Moment | None = None
    shows: Shows | None = None
    """From now on a look at the account comes to this."""
    tells_posts: ToldPosts | None = None
    says_why_not: bool = False
    """Why nothing is posted: `reason`."""
    reviews: Reviewed | None = None
    adopts: dict[str, Any] | None = None
    """The municipality adopts a new version: keys of `rules` and `settings` in place of the old ones."""
    then: Seen = Field(default_factory=Seen)

    @model_validator(mode="after")
    def _one_act(self) -> "Step":
        if len(self.acts()) > 1:
            raise ValueError(f"one act a step, not {', '.join(self.acts())}")
        if not self.acts() and self.at is None:
            raise ValueError("nobody does anything and no time passes")
        return self

    def acts(self) -> list[str]:
        """The acts that are given."""
        besides = (
            "at",
            "who",
            "signed_in",
            "step",
            "reason",
            "instead_of",
            "rests_until",
            "unanswered",
            "then",
        )
        return [
            name for name in type(self).model_fields if name not in besides and name in self.model_fields_set
        ]


class Case(Written):
    """One sentence about a policy."""

    case: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    rests_on: Words = Field(default_factory=list)
    """Clauses, and settings as "settings.ladder", that the expectation is written from."""
    policy: str | dict[str, Any] = ""
    """Name of a policy file, or a policy of the case's own; the file's, when left out."""
    given: Given = Field(default_factory=Given)
    then: Seen | None = None
    """Seen when the case begins, before anything is done."""
    steps: list[Step] = Field(default_factory=list)
    name: str = ""
    """folder/file/case"""

    @model_validator(mode="after")
    def _expects_something(self) -> "Case":
        if self.then is None and not any(step.then.model_fields_set for step in self.steps):
            raise ValueError("the case expects nothing")
        return self


class CaseFile(Written):
    """A file of cases about one policy."""

    policy: str | dict[str, Any] = ""
    topic: str
    cases: list[Case]

    @model_validator(mode="after")
    def _each_has_a_policy(self) -> "CaseFile":
        if any(not (case.policy or self.policy) for case in self.cases):
            raise ValueError("name the policy in the file or in each case")
        return self


def content_of_file(path: Path) -> dict[str, Any]:
    """A file's plain values, read as the policy files are. Raises ValueError for what cannot be read."""
    source = read_source(path, path.relative_to(FOLDER).as_posix())
    if source.faults:
        raise ValueError("; ".join(map(str, source.faults)))
    return source.content


@lru_cache(maxsize=1)
def all_cases() -> dict[str, Case]:
    """Every case by its name, in the order of the files."""
    found: dict[str, Case] = {}
    for path in sorted(FOLDER.rglob("*.yaml")):
        if path.name not in NOT_CASES:
            for case in _cases_in(path):
                if case.name in found:
                    raise ValueError(f"{case.name} stands twice")
                found[case.name] = case
    return found


def _cases_in(path: Path) -> Iterator[Case]:
    place = path.relative_to(FOLDER).with_suffix("").as_posix()
    file = CaseFile.model_validate(content_of_file(path))
    for case in file.cases:
        yield case.model_copy(update={"name": f"{place}/{case.case}", "policy": case.policy or file.policy})
