"""The duties of an account that is open: watch, answers, removal, posting, pictures, weeding, evaluation."""

from enum import StrEnum
from typing import Literal

from pydantic import model_validator

from policies.keys import Label, Month, Role, Rule, Slug, SpanUnit, key


class Counted(StrEnum):
    """How hours run: by the clock, or by weekdays."""

    CLOCK = "clock"
    WEEKDAYS = "weekdays"


DUTY = "lifecycle.duties:duties_of"


class Watch(Rule):
    """Somebody looks at the account."""

    days: Literal["weekdays", "all_days"] | None = key(
        "Vilka dagar (utelämnat när riktlinjen inte säger det)", by=DUTY, default=None
    )
    times_a_day: int | None = key(
        "Så många gånger om dagen", by="lifecycle.watching:open_watch", default=None, ge=1, le=24
    )


class Answer(Rule):
    """How soon what visitors ask is answered."""

    within_hours: int | None = key("Inom så många timmar", by=DUTY, default=None, ge=1, le=1000)
    counted: Counted = key("Hur timmarna räknas", by=DUTY, default=Counted.WEEKDAYS)
    how: Label | None = key("Hur svaret ska ges", by=DUTY, default=None)


class Removal(Rule):
    """What is taken down, how soon, and what comes before."""

    kinds: list[Label] = key("Vad som ska bort", by=DUTY, default_factory=list, max_length=30)
    within_hours: int | None = key("Senast inom så många timmar", by=DUTY, default=None, ge=1, le=1000)
    counted: Counted = key("Hur timmarna räknas", by=DUTY, default=Counted.CLOCK)
    save_before: bool = key("Om det ska sparas innan", by=DUTY, default=False)
    register_before: bool = key("Om det ska diarieföras innan", by=DUTY, default=False)
    registered: bool = key("Om det borttagna ska diarieföras", by=DUTY, default=False)
    police: Literal["always", "when_needed"] | None = key("Om det ska polisanmälas", by=DUTY, default=None)
    writer_told: bool = key("Om skribenten ska underrättas", by=DUTY, default=False)


class Matter(Rule):
    """How a kind of incoming matter is taken care of."""

    matter: Slug = key("Slag av ärende", by=DUTY)
    label: Label = key("Vad som ska göras", by=DUTY)
    registered: bool | None = key("Om det ska diarieföras", by=DUTY, default=None)


class Posting(Rule):
    """How often something is posted."""

    a_week_at_least: int | None = key("Minst så många gånger i veckan", by=DUTY, default=None, ge=1, le=100)
    a_week_up_to: int | None = key("Upp till så många gånger i veckan", by=DUTY, default=None, ge=1, le=100)

    @model_validator(mode="after")
    def _at_least_is_below_up_to(self) -> "Posting":
        if self.a_week_at_least and self.a_week_up_to and self.a_week_up_to < self.a_week_at_least:
            raise ValueError("a_week_up_to är mindre än a_week_at_least")
        return self


class Inactivity(Rule):
    """What follows when an account is not kept up."""

    counts: list[Literal["posts", "watch"]] = key("Vad som räknas", by=DUTY, min_length=1, max_length=2)
    outcome: Literal["assess", "close"] = key("Bedömning eller avslut", by=DUTY)
    after: int | None = key(
        "Efter så lång tid (utelämnat när riktlinjen inte säger det)",
        by="lifecycle.inactivity:threshold_of",
        default=None,
        ge=1,
        le=1000,
    )
    unit: SpanUnit | None = key(
        "Vad tiden räknas i, annars dagar", by="lifecycle.inactivity:threshold_of", default=None
    )
    reviewed_by: Role = key(
        "Vem som bedömer", by="lifecycle.inactivity:settle_inactivity", default=Role.RESPONSIBLE
    )
    if_no_answer: Literal["red", "close"] | None = key(
        "Vad som händer om ingen svarar (annars red vid bedömning, close vid avslut)",
        by="lifecycle.inactivity:end_unanswered",
        default=None,
    )

    @model_validator(mode="after")
    def _unit_belongs_to_after(self) -> "Inactivity":
        if self.unit and not self.after:
            raise ValueError("unit hör till after: ange efter hur lång tid")
        return self


class Documentation(Rule):
    """A picture of the account is kept."""

    every: Literal["year", "half_year"] = key("Hur ofta", by=DUTY)
    at_major_change: bool = key("Om också vid större förändring", by=DUTY, default=False)
    format: Literal["picture", "pdf", "pdfa-1b", "pdfa-2b"] = key("I vilken form", by=DUTY)
    taken_by: Role = key("Vem som tar den", by=DUTY, default=Role.ADMINISTRATOR)
    sent_to: Role | None = key("Vem som får den", by=DUTY, default=None)
    folder: Label | None = key("Mapp där den sparas", by=DUTY, default=None)
    excluded_months: list[Month] | None = key(
        "Månader då ingen bild tas", by="lifecycle.documenting:window_of", default=None, max_length=11
    )


class Weeding(Rule):
    """What may or must be weeded out, and when."""

    matter: Label = key("Vad som gallras", by=DUTY)
    after_days: int | None = key("Efter så många dagar", by=DUTY, default=None, ge=1, le=3660)
    at: list[Literal["channel_end", "half_year", "continually", "document_plan"]] = key(
        "Vid vilka tillfällen", by=DUTY, default_factory=list, max_length=4
    )


class Evaluation(Rule):
    """Results are gathered and told."""

    every_months: int | None = key("Så ofta, i månader", by=DUTY, default=None, ge=1, le=60)
    done_by: Role = key("Vem som utvärderar", by=DUTY, default=Role.RESPONSIBLE)
    told_to: list[Role] = key("Vem som får resultatet", by=DUTY, default_factory=list, max_length=6)


class Register(Rule):
    """The public register of the accounts."""

    fields: list[Literal["address", "unit", "role", "person", "purpose", "target_group"]] = key(
        "Vad förteckningen visar om varje konto", by="lifecycle.register:entry_of", min_length=1, max_length=6
    )


class Crisis(Rule):
    """How the accounts serve in a crisis."""

    label: Label = key("Vad som gäller i kris", by=DUTY)
    used_by: Role | None = key("Vem som använder kontona", by=DUTY, default=None)


class Revision(Rule):
    """Who changes the guideline, and how often it is reviewed."""

    large_changes_by: Role | None = key(
        "Vem som beslutar större ändringar", by="policies.showing:as_text", default=None
    )
    small_changes_by: Role | None = key(
        "Vem som gör mindre ändringar", by="policies.showing:as_text", default=None
    )
    review_every_months: int | None = key(
        "Ses över så ofta, i månader", by="policies.showing:as_text", default=None, ge=1, le=60
    )
