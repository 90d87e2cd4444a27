"""The duties of an account that is open: watch, answers, removal, posting, pictures, weeding, evaluation."""

from enum import StrEnum
from typing import Literal

from pydantic import model_validator

from policies.keys import Label, Month, Role, Rule, Slug, SpanUnit, Strict, Text, key


class Counted(StrEnum):
    """How hours run: by the clock, or by weekdays."""

    CLOCK = "clock"
    WEEKDAYS = "weekdays"


class CaseStep(StrEnum):
    """What is done in a case; the order and what waits for what: `lifecycle.case_steps`."""

    SAVE = "save"
    REGISTER = "register"
    REMOVE = "remove"
    REPORT = "report"
    TELL_WRITER = "tell_writer"
    CONSULT = "consult"
    SETTLE = "settle"
    WATCH = "watch"
    REPORT_PLATFORM = "report_platform"
    CHANGE_LOG_IN = "change_log_in"
    TELL_PEOPLE = "tell_people"


class CaseEnd(StrEnum):
    """A way in which a matter is settled. Who is forwarded to settles it in turn."""

    ANSWERED = "answered"
    FORWARDED = "forwarded"
    REDIRECTED = "redirected"
    CORRECTED = "corrected"
    HANDED_OUT = "handed_out"


DUTY = "lifecycle.duties:duties_of"
KIND = "lifecycle.case_steps:kinds_for"
STEPS = "lifecycle.case_steps:steps_from"
LIMITS = "lifecycle.case_times:limits_of"


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

    within_hours: int | None = key("Inom så många timmar", by=LIMITS, default=None, ge=1, le=1000)
    counted: Counted = key("Hur timmarna räknas", by=LIMITS, default=Counted.WEEKDAYS)
    how: Label | None = key("Hur svaret ska ges", by=DUTY, default=None)


def _demand_order(given: list[CaseStep] | None, follows: set[CaseStep], order: list[CaseStep]) -> None:
    """`given` holds the steps that follow from the rule's other keys, and those of `order` stand in it."""
    if given is None:
        return
    if set(given) != follows or len(given) != len(follows):
        named = ", ".join(step.value for step in CaseStep if step in follows)
        raise ValueError(f"steps ska ha de steg som regeln i övrigt ger, vart och ett en gång: {named}")
    wanted = [step for step in order if step in follows]
    if [step for step in given if step in wanted] != wanted:
        raise ValueError(f"steps har fel ordning: {' före '.join(step.value for step in wanted)}")


class Removal(Rule):
    """What is taken down, how soon, and what comes before. Each is a kind of case."""

    case: Slug | None = key("Slagets namn i filen (utelämnat: removal)", by=KIND, default=None)
    label: Label | None = key("Vad slaget heter för den som öppnar ett ärende", by=KIND, default=None)
    kinds: list[Label] = key("Vad som ska bort", by=DUTY, default_factory=list, max_length=30)
    within_hours: int | None = key("Senast inom så många timmar", by=LIMITS, default=None, ge=1, le=1000)
    counted: Counted = key("Hur timmarna räknas", by=LIMITS, default=Counted.CLOCK)
    save_before: bool = key("Om det ska sparas innan", by=STEPS, default=False)
    register_before: bool = key("Om det ska diarieföras innan", by=STEPS, default=False)
    registered: bool = key("Om det borttagna ska diarieföras", by=STEPS, default=False)
    police: Literal["always", "when_needed"] | None = key("Om det ska polisanmälas", by=STEPS, default=None)
    police_by: Role | None = key(
        "Vem som polisanmäler (utelämnat: de som sköter kontot)",
        by="lifecycle.cases:holders_of_step",
        default=None,
    )
    writer_told: bool = key("Om skribenten ska underrättas", by=STEPS, default=False)
    steps: list[CaseStep] | None = key(
        "Stegen i egen ordning, ett i taget (utelämnat: allt som inte väntar på annat tas genast)",
        by="lifecycle.case_steps:next_steps",
        default=None,
        min_length=1,
        max_length=10,
    )

    def follows(self) -> set[CaseStep]:
        """The steps that the keys give. What is registered or reported must first have been saved."""
        recorded = self.registered or self.register_before
        given = {
            CaseStep.SAVE: self.save_before or recorded or self.police is not None,
            CaseStep.REGISTER: recorded,
            CaseStep.REMOVE: True,
            CaseStep.REPORT: self.police is not None,
            CaseStep.TELL_WRITER: self.writer_told,
        }
        return {step for step, is_there in given.items() if is_there}

    @model_validator(mode="after")
    def _steps_follow(self) -> "Removal":
        first = [CaseStep.SAVE, CaseStep.REGISTER, CaseStep.REMOVE]
        last = [CaseStep.SAVE, CaseStep.REMOVE, CaseStep.REGISTER]
        _demand_order(self.steps, self.follows(), first if self.register_before else last)
        return self


class Matter(Rule):
    """How a kind of incoming matter is taken care of. What must or should be done is a kind of case."""

    matter: Slug = key("Slag av ärende", by=DUTY)
    label: Label = key("Vad som ska göras", by=DUTY)
    title: Label | None = key(
        "Vad slaget heter för den som öppnar ett ärende (utelämnat: label)", by=KIND, default=None
    )
    registered: bool | None = key("Om det ska diarieföras", by=STEPS, default=None)
    consult: Role | None = key(
        "Vem som rådfrågas innan någon svarar", by="lifecycle.cases:holders_of_step", default=None
    )
    outcomes: list[CaseEnd] | None = key(
        "Hur det kan tas om hand (utelämnat: svar, vidare eller hänvisning, om det inte bara diarieförs)",
        by="lifecycle.case_steps:ends_of",
        default=None,
        min_length=1,
        max_length=5,
    )
    forward_to: Role | None = key(
        "Vem det lämnas till när ingen annan anges", by="lifecycle.case_answers:forward", default=None
    )
    writer_told: bool = key("Om skribenten ska få veta att det tas om hand", by=STEPS, default=False)
    joins_watch: bool = key(
        "Om de som har lagt ut inlägget bevakar det i den gemensamma kanalen", by=STEPS, default=False
    )
    within_hours: int | None = key("Senast inom så många timmar", by=LIMITS, default=None, ge=1, le=1000)
    counted: Counted | None = key("Hur timmarna räknas (utelämnat: i klocktimmar)", by=LIMITS, default=None)
    steps: list[CaseStep] | None = key(
        "Stegen i egen ordning, ett i taget (utelämnat: allt som inte väntar på annat tas genast)",
        by="lifecycle.case_steps:next_steps",
        default=None,
        min_length=1,
        max_length=10,
    )

    def follows(self) -> set[CaseStep]:
        """The steps that the keys give: what is neither registered nor watched is settled in some way."""
        given = {
            CaseStep.REGISTER: self.registered is True,
            CaseStep.CONSULT: self.consult is not None,
            CaseStep.SETTLE: bool(self.outcomes or self.consult) or not (self.registered or self.joins_watch),
            CaseStep.TELL_WRITER: self.writer_told,
            CaseStep.WATCH: self.joins_watch,
        }
        return {step for step, is_there in given.items() if is_there}

    @model_validator(mode="after")
    def _steps_follow(self) -> "Matter":
        _demand_order(self.steps, self.follows(), [CaseStep.CONSULT, CaseStep.SETTLE])
        return self


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
        by="lifecycle.idle:threshold_of",
        default=None,
        ge=1,
        le=1000,
    )
    unit: SpanUnit | None = key(
        "Vad tiden räknas i, annars dagar", by="lifecycle.idle:threshold_of", default=None
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

    every_months: int | None = key(
        "Så ofta, i månader", by="lifecycle.evaluating:next_on", default=None, ge=1, le=60
    )
    done_by: Role = key(
        "Vem som utvärderar", by="lifecycle.evaluating:open_evaluations", default=Role.RESPONSIBLE
    )
    told_to: list[Role] = key(
        "Vem som får resultatet",
        by="lifecycle.evaluating:follow_evaluation",
        default_factory=list,
        max_length=6,
    )


class Question(Rule):
    """Something that an evaluation answers with yes or no; a no is explained."""

    question: Slug = key("Frågans namn i filen", by="lifecycle.evaluating:questions_for")
    label: Label = key("Frågan", by="lifecycle.evaluating:questions_for")
    explanation: Text | None = key(
        "Hjälp under frågan", by="lifecycle.evaluating:questions_for", default=None
    )


class Register(Rule):
    """The public register of the accounts."""

    fields: list[Literal["address", "unit", "role", "person", "purpose", "target_group"]] = key(
        "Vad förteckningen visar om varje konto", by="lifecycle.register:entry_of", min_length=1, max_length=6
    )


class OtherLink(Strict):
    """Somebody else's page."""

    name: Label = key("Vems sidan är", by="lifecycle.register:other_links")
    address: Label = key("Sidans adress", by="lifecycle.register:other_links")


class OtherLinks(Rule):
    """Others' links beside the public register: apart from it, and with whose words they lead to."""

    title: Label = key("Vilkas länkar det är", by="lifecycle.register:other_links")
    disclaimer: Text = key(
        "Vad som står vid länkarna, så att ingen tar dem för kommunens", by="lifecycle.register:other_links"
    )
    links: list[OtherLink] = key(
        "Länkarna (utelämnat: inga än)",
        by="lifecycle.register:other_links",
        default_factory=list,
        max_length=100,
    )


class Crisis(Rule):
    """How the accounts serve in a crisis."""

    label: Label = key("Vad som gäller i kris", by=DUTY)
    used_by: Role | None = key("Vem som använder kontona", by="lifecycle.crises:users", default=None)
    watch_days: Literal["weekdays", "all_days"] | None = key(
        "Vilka dagar ett konto som bevakas ses till i kris", by="lifecycle.watching:watch_of", default=None
    )
    watch_times_a_day: int | None = key(
        "Så många gånger om dagen ett konto som bevakas ses till i kris",
        by="lifecycle.watching:watch_of",
        default=None,
        ge=1,
        le=24,
    )


class Revision(Rule):
    """Who changes the guideline, and how often it is reviewed."""

    large_changes_by: Role | None = key(
        "Vem som beslutar större ändringar", by="lifecycle.policy_versions:approver_of", default=None
    )
    small_changes_by: Role | None = key(
        "Vem som gör mindre ändringar", by="lifecycle.policy_versions:approver_of", default=None
    )
    review_every_months: int | None = key(
        "Ses över så ofta, i månader", by="lifecycle.guideline_review:due_on", default=None, ge=1, le=60
    )
