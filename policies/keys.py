"""What every key of a policy file has: limits, a meaning, and what carries it out."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
ClauseRef = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*:[a-z0-9][a-z0-9-]*$", max_length=120)
]
"""A clause of a guideline file: "<guideline>:<clause id>"."""
Month = Annotated[int, Field(ge=1, le=12)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
SpanUnit = Literal["days", "working_days", "weeks", "months"]


def key(meaning: str, *, by: str, **limits: Any) -> Any:
    """A key and the function that carries it out (`module:function`), which a test checks."""
    return Field(description=meaning, json_schema_extra={"carried_out_by": by}, **limits)


class Strict(BaseModel):
    """Refuses unknown keys; files are also read without silent conversions (`policies.loading`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Modality(StrEnum):
    """Must; should (shown, counted, never held against an account); may (offered, never demanded)."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Signing(StrEnum):
    """How the one who answers shows who they are: by the letter's link, or by signing in as well."""

    LINK = "link"
    SIGN_IN = "sign-in"


class Role(StrEnum):
    """Whom a rule names. How each is found: `lifecycle.roles`."""

    LINE_MANAGER = "line_manager"
    HEAD_OF_OPERATION = "head_of_operation"
    HEAD_OF_DEPARTMENT = "head_of_department"
    COMMUNICATIONS_DIRECTOR = "communications_director"
    COMMUNICATIONS = "communications"
    APPLICANT = "applicant"
    RESPONSIBLE = "responsible"
    ADMINISTRATOR = "administrator"
    REGISTRY = "registry"
    CRISIS_ORGANISATION = "crisis_organisation"
    WORKING_COMMITTEE = "working_committee"
    EXECUTIVE_BOARD = "executive_board"


class Platform(StrEnum):
    """Where an account can be."""

    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    LINKEDIN = "linkedin"
    YOUTUBE = "youtube"
    X = "x"
    TIKTOK = "tiktok"
    THREADS = "threads"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    FLICKR = "flickr"
    VIMEO = "vimeo"
    PODCAST = "podcast"
    BLOG = "blog"
    SNAPCHAT = "snapchat"
    OTHER = "other"


class AccountKind(StrEnum):
    """The account classes that rules may tell apart."""

    COMMON = "common"
    UNIT = "unit"
    PROJECT = "project"
    CAMPAIGN = "campaign"
    LEADER = "leader"


HOLDS = "lifecycle.conditions:holds"


class Condition(Strict):
    """For which accounts something holds. What is not said does not matter."""

    platforms: list[Platform] | None = key(
        "Plattformar som det gäller", by=HOLDS, default=None, min_length=1, max_length=30
    )
    classes: list[AccountKind] | None = key(
        "Kontoklasser som det gäller", by=HOLDS, default=None, min_length=1, max_length=10
    )
    new_platform: bool | None = key("Om plattformen är ny för kommunen", by=HOLDS, default=None)


class OwnDecision(Strict):
    """The municipality's own decision behind a rule that no clause carries."""

    decided_on: date = key("Beslutets datum", by="policies.citing:citation")
    number: Label = key("Beslutets nummer, t.ex. paragraf", by="policies.citing:citation")
    body: Label = key("Vem som beslutade", by="policies.citing:citation")


NO_GROUND = "regeln saknar grund: ange clauses (riktlinjens punkter) eller decision (kommunens eget beslut)"


class Rule(Strict):
    """What every rule rests on. Without a clause or a decision of the municipality's own there is no duty."""

    clauses: list[ClauseRef] = key(
        "Punkter i riktlinjen som regeln följer av",
        by="policies.citing:citation",
        default_factory=list,
        max_length=20,
    )
    decision: OwnDecision | None = key(
        "Kommunens eget beslut, om ingen punkt bär regeln", by="policies.citing:citation", default=None
    )
    modality: Modality = key(
        "must = ska, should = bör, may = får", by="lifecycle.conditions:binds", default=Modality.MUST
    )
    from_on: date | None = key(
        "Första dag regeln gäller", by="lifecycle.conditions:in_force", default=None, alias="from"
    )
    until_on: date | None = key(
        "Sista dag regeln gäller", by="lifecycle.conditions:in_force", default=None, alias="until"
    )
    when: Condition | None = key("För vilka konton", by="lifecycle.conditions:holds", default=None)

    @model_validator(mode="after")
    def _rests_on_something(self) -> "Rule":
        if not self.clauses and self.decision is None:
            raise ValueError(NO_GROUND)
        if self.from_on and self.until_on and self.until_on < self.from_on:
            raise ValueError("until ligger före from")
        return self
