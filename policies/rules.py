"""The kinds of rules. A municipality's file fills them in; an absent key is silence, and no duty."""

import re
from enum import StrEnum
from typing import Literal

from pydantic import model_validator

from policies.duties import (
    DUTY,
    Answer,
    CaseEnd,
    CaseStep,
    Counted,
    Crisis,
    Documentation,
    Evaluation,
    Inactivity,
    Matter,
    OtherLink,
    OtherLinks,
    Posting,
    Question,
    Register,
    Removal,
    Revision,
    Watch,
    Weeding,
)
from policies.keys import ClauseRef, Label, Platform, Role, Rule, Signing, Slug, Strict, Text, key

__all__ = [
    "Advice", "Answer", "Assignment", "CaseEnd", "CaseStep", "Choice", "Counted",
    "Crisis", "Document", "Documentation",
    "Evaluation", "FieldKind", "Guest", "Headcount", "Inactivity", "Item", "Matter", "Names",
    "OtherLink", "OtherLinks", "Outside", "Owner", "Place", "PlanField", "Platforms", "Posting",
    "Question", "Register", "Removal", "Revision", "Rules", "Signing", "Step", "StepAct", "Stop",
    "Watch", "Way", "Weeding",
]  # fmt: skip


class StepAct(StrEnum):
    """Decide binds; consult awaits an answer that binds nobody; inform tells."""

    DECIDE = "decide"
    CONSULT = "consult"
    INFORM = "inform"


class Step(Rule):
    """One step of a chain. An empty chain means that a notice is enough."""

    step: Slug = key("Stegets namn i filen", by="lifecycle.chains:steps_for")
    label: Label = key("Vad steget heter för den som läser", by="lifecycle.chains:open_step")
    act: StepAct = key("decide, consult eller inform", by="lifecycle.chains:open_step")
    roles: list[Role] = key("Vem eller vilka", by="lifecycle.roles:find_holders", min_length=1, max_length=6)
    answered_by: Literal["any", "all"] = key(
        "När steget har flera (any = det räcker att en svarar, all = alla ska svara)",
        by="lifecycle.chains:step_outcome",
        default="any",
    )
    someone_else: bool = key(
        "Om den som redan avgjort ett annat steg ska undvikas här",
        by="lifecycle.roles:find_holders",
        default=True,
    )
    assigns: bool = key(
        "Om beslutet också är administratörernas dokumenterade uppdrag",
        by="lifecycle.administrators:assign",
        default=False,
    )
    signing: Signing | None = key(
        "Hur den som svarar visar vem den är: link (brevets länk) eller sign-in (också en inloggning);"
        " annars som settings.signing säger om beslut",
        by="lifecycle.identifying:demand_identity",
        default=None,
    )

    @model_validator(mode="after")
    def _somebody_signs(self) -> "Step":
        if self.signing is not None and self.act is StepAct.INFORM:
            raise ValueError("signing hör till decide och consult: den som bara underrättas svarar inte")
        return self


class FieldKind(StrEnum):
    """How a plan field is answered."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    YES = "yes"
    DATE = "date"
    PERSONS = "persons"
    FILE = "file"


class Choice(Strict):
    """One of the answers a field offers."""

    choice: Slug = key("Valets namn i filen", by="lifecycle.plans:faults_in")
    label: Label = key("Vad valet heter", by="lifecycle.plans:faults_in")


class PlanField(Rule):
    """Something the plan must, should or may contain."""

    field: Slug = key("Fältets namn i filen", by="lifecycle.plans:faults_in")
    label: Label = key("Fältets rubrik", by="web.plan_form:fields")
    explanation: Text | None = key("Hjälp under rubriken", by="web.plan_form:fields", default=None)
    kind: FieldKind = key("Hur fältet besvaras", by="lifecycle.plans:faults_in", default=FieldKind.TEXT)
    choices: list[Choice] | None = key(
        "Val, när kind är choice", by="lifecycle.plans:faults_in", default=None, min_length=2, max_length=30
    )
    at_least: int | None = key(
        "Minsta antal personer eller filer", by="lifecycle.plans:faults_in", default=None, ge=1, le=20
    )
    evaluated: bool = key(
        "Om svaret kommer tillbaka i utvärderingen, där resultatet skrivs bredvid",
        by="lifecycle.evaluation_facts:promises_of",
        default=False,
    )

    @model_validator(mode="after")
    def _choices_belong_to_choice(self) -> "PlanField":
        if (self.kind is FieldKind.CHOICE) != (self.choices is not None):
            raise ValueError("choices hör till kind: choice, och bara dit")
        return self


class Way(Strict):
    """One of several ways that satisfy an item."""

    way: Slug = key("Sättets namn i filen", by="lifecycle.setting_up:faults_in_confirmation")
    label: Label = key("Vad sättet heter", by="lifecycle.setting_up:faults_in_confirmation")


class Item(Rule):
    """One line of a checklist, confirmed by name and date. A *must* line blocks the next state."""

    item: Slug = key("Punktens namn i filen", by="lifecycle.setting_up:items_for")
    label: Label = key("Vad som ska vara gjort", by="lifecycle.setting_up:items_for")
    explanation: Text | None = key("Hjälp under punkten", by="lifecycle.setting_up:items_for", default=None)
    text: Text | None = key(
        "Kommunens egen text som ska finnas på plats", by="lifecycle.setting_up:items_for", default=None
    )
    confirmed_by: Role = key(
        "Vem som bekräftar", by="lifecycle.setting_up:open_items", default=Role.RESPONSIBLE
    )
    each_administrator: bool = key(
        "Om varje administratör bekräftar för egen del", by="lifecycle.setting_up:open_items", default=False
    )
    place: bool = key(
        "Om platsen ska anges (var inloggningen förvaras; aldrig lösenordet)",
        by="lifecycle.setting_up:faults_in_confirmation",
        default=False,
    )
    ways: list[Way] | None = key(
        "Flera sätt, av vilka ett räcker",
        by="lifecycle.setting_up:faults_in_confirmation",
        default=None,
        min_length=2,
        max_length=10,
    )
    snapshot: bool = key(
        "Om punkten är en bild av kontot, som tas av sig själv när det går (bara vid avslut)",
        by="lifecycle.closing:open_items",
        default=False,
    )
    after: list[Slug] | None = key(
        "Punkter som ska vara klara innan den här ställs (bara vid avslut)",
        by="lifecycle.closing:open_items",
        default=None,
        min_length=1,
        max_length=10,
    )
    wait_days: int | None = key(
        "Ställs så många dagar efter att avslutet påbörjats (bara vid avslut)",
        by="lifecycle.closing:open_items",
        default=None,
        ge=1,
        le=366,
    )
    renewed: bool = key(
        "Om punkten bekräftas på nytt medan kontot är öppet",
        by="lifecycle.renewals:months_between",
        default=False,
    )
    renewed_every_months: int | None = key(
        "Bekräftas på nytt efter så många månader",
        by="lifecycle.renewals:months_between",
        default=None,
        ge=1,
        le=60,
    )


class Headcount(Rule):
    """How many an account must have of a kind, and who may be one."""

    of: Literal["administrator", "responsible", "substitute"] = key(
        "Vilken roll det gäller", by="lifecycle.administrators:faults_in"
    )
    at_least: int | None = key(
        "Minst så många", by="lifecycle.administrators:faults_in", default=None, ge=1, le=20
    )
    at_most: int | None = key(
        "Högst så många", by="lifecycle.administrators:faults_in", default=None, ge=1, le=50
    )
    same_unit: bool = key(
        "Om de ska höra till kontots enhet", by="lifecycle.administrators:faults_in", default=False
    )
    also_away: bool = key(
        "Om någon av dem, eller en ersättare, ska vara på plats även under ledighet",
        by="lifecycle.administrators:demands_deputy",
        default=False,
    )

    @model_validator(mode="after")
    def _counts_something(self) -> "Headcount":
        if self.at_least is None and self.at_most is None and not (self.same_unit or self.also_away):
            raise ValueError("ange at_least, at_most, same_unit eller also_away")
        if self.at_least and self.at_most and self.at_most < self.at_least:
            raise ValueError("at_most är mindre än at_least")
        return self


class Assignment(Rule):
    """Each administrator needs a dated assignment, given in the chain or by a role."""

    given_by: Role = key("Vem som ger uppdraget", by="lifecycle.administrators:assign")


class Document(Rule):
    """A document that each administrator acknowledges in its edition."""

    document: Slug = key("Dokumentets namn i filen", by="lifecycle.administrators:documents_for")
    label: Label = key("Vad dokumentet heter", by="lifecycle.administrators:documents_for")
    edition: Label = key("Vilken utgåva som kvitteras", by="lifecycle.administrators:documents_for")
    address: Text | None = key("Var det finns", by="lifecycle.administrators:documents_for", default=None)


class Owner(Rule):
    """An account belongs to a unit, never to a person; common ones to a role."""

    unit_demanded: bool = key("Om ett konto måste ha en enhet", by="lifecycle.plans:faults_in")
    common_owned_by: Role | None = key(
        "Vem som svarar för gemensamma konton", by="lifecycle.roles:find_holders", default=None
    )


class Platforms(Rule):
    """Which platforms may be applied for."""

    allowed: list[Platform] | None = key(
        "Bara dessa plattformar", by="lifecycle.plans:faults_in", default=None, min_length=1, max_length=30
    )
    refused: list[Platform] | None = key(
        "Inte dessa plattformar", by="lifecycle.plans:faults_in", default=None, min_length=1, max_length=30
    )

    @model_validator(mode="after")
    def _names_some_platform(self) -> "Platforms":
        if self.allowed is None and self.refused is None:
            raise ValueError("ange allowed eller refused")
        return self


def _refuse_unless_regular(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"mönstret {pattern} är inte ett reguljärt uttryck") from error


class Names(Rule):
    """Patterns (regular expressions, whole name) that a name must or must not match."""

    must_match: Label | None = key(
        "Mönster som namnet ska följa", by="lifecycle.plans:faults_in", default=None
    )
    must_not_match: Label | None = key(
        "Mönster som namnet inte får följa", by="lifecycle.plans:faults_in", default=None
    )
    explanation: Text = key("Förklaring till den sökande", by="lifecycle.plans:faults_in")

    @model_validator(mode="after")
    def _patterns_can_be_read(self) -> "Names":
        if self.must_match is None and self.must_not_match is None:
            raise ValueError("ange must_match eller must_not_match")
        for pattern in (self.must_match, self.must_not_match):
            _refuse_unless_regular(pattern or "")
        return self


class Stop(Rule):
    """No new accounts between the rule's dates."""

    explanation: Text = key("Förklaring till den sökande", by="lifecycle.plans:faults_in")


class Guest(Rule):
    """Someone who runs an account for some days."""

    at_most_days: int = key("Högst så många dagar", by="lifecycle.changes:ask_for_guest", ge=1, le=366)
    chain: list[Step] = key("Vem som säger ja", by="lifecycle.chains:steps_for", max_length=10)


class Place(StrEnum):
    """Beside which task an advice is shown."""

    PLAN = "plan"
    DECISION = "decision"
    SETTING_UP = "setting_up"
    ACKNOWLEDGEMENT = "acknowledgement"
    ACTIVE = "active"
    CLOSING = "closing"


class Advice(Rule):
    """Something the document says that is shown where it helps."""

    advice: Slug = key("Rådets namn i filen", by="lifecycle.advice:advice_at")
    text: Text = key("Vad som visas", by="lifecycle.advice:advice_at")
    at: list[Place] = key("Var det visas", by="lifecycle.advice:advice_at", min_length=1, max_length=6)


class Outside(Strict):
    """A clause that is not carried out, and why."""

    clause: ClauseRef = key("Punkten", by="policies.coverage:account_for")
    why: Text = key("Varför den ligger utanför", by="policies.coverage:account_for")


class Rules(Strict):
    """Everything a policy can demand. A key left out is silence."""

    opening: list[Step] = key(
        "Kedjan för ett nytt konto", by="lifecycle.chains:steps_for", default_factory=list, max_length=10
    )
    plan: list[PlanField] = key(
        "Vad planen innehåller", by="lifecycle.plans:faults_in", default_factory=list, max_length=60
    )
    owner: Owner | None = key("Vem kontot hör till", by="lifecycle.plans:faults_in", default=None)
    platforms: list[Platforms] = key(
        "Tillåtna plattformar", by="lifecycle.plans:faults_in", default_factory=list, max_length=10
    )
    names: list[Names] = key(
        "Namnmönster", by="lifecycle.plans:faults_in", default_factory=list, max_length=10
    )
    stops: list[Stop] = key(
        "Stopp för nya konton", by="lifecycle.plans:faults_in", default_factory=list, max_length=10
    )
    headcounts: list[Headcount] = key(
        "Hur många", by="lifecycle.administrators:faults_in", default_factory=list, max_length=20
    )
    assignment: Assignment | None = key("Daterat uppdrag", by="lifecycle.administrators:assign", default=None)
    documents: list[Document] = key(
        "Vad administratörer kvitterar",
        by="lifecycle.administrators:documents_for",
        default_factory=list,
        max_length=20,
    )
    setting_up: list[Item] = key(
        "Innan kontot öppnas", by="lifecycle.setting_up:items_for", default_factory=list, max_length=60
    )
    administrator_change: list[Step] = key(
        "Kedjan för ny administratör", by="lifecycle.chains:steps_for", default_factory=list, max_length=10
    )
    guest: Guest | None = key("Gäst några dagar", by="lifecycle.changes:ask_for_guest", default=None)
    watch: list[Watch] = key("Bevakning", by=DUTY, default_factory=list, max_length=10)
    answer: list[Answer] = key("Svar", by=DUTY, default_factory=list, max_length=10)
    removal: list[Removal] = key("Det som ska bort", by=DUTY, default_factory=list, max_length=20)
    matters: list[Matter] = key("Ärenden och hänvisningar", by=DUTY, default_factory=list, max_length=40)
    posting: list[Posting] = key("Publicering", by=DUTY, default_factory=list, max_length=10)
    inactivity: Inactivity | None = key("När kontot inte sköts", by=DUTY, default=None)
    documentation: list[Documentation] = key("Ögonblicksbild", by=DUTY, default_factory=list, max_length=10)
    weeding: list[Weeding] = key("Gallring", by=DUTY, default_factory=list, max_length=20)
    evaluation: list[Evaluation] = key("Utvärdering", by=DUTY, default_factory=list, max_length=10)
    evaluation_questions: list[Question] = key(
        "Frågor i utvärderingen",
        by="lifecycle.evaluating:questions_for",
        default_factory=list,
        max_length=40,
    )
    closing: list[Step] = key(
        "Kedjan för avslut", by="lifecycle.chains:steps_for", default_factory=list, max_length=10
    )
    closing_items: list[Item] = key(
        "Checklista för avslut", by="lifecycle.closing:items_for", default_factory=list, max_length=40
    )
    public_register: list[Register] = key(
        "Den offentliga förteckningen", by="lifecycle.register:entry_of", default_factory=list, max_length=10
    )
    other_links: list[OtherLinks] = key(
        "Andras länkar vid förteckningen",
        by="lifecycle.register:other_links",
        default_factory=list,
        max_length=10,
    )
    crisis: list[Crisis] = key("Kris", by=DUTY, default_factory=list, max_length=10)
    revision: Revision | None = key("Ändring av riktlinjen", by="policies.showing:as_text", default=None)
    advice: list[Advice] = key("Råd", by="lifecycle.advice:advice_at", default_factory=list, max_length=80)

    @model_validator(mode="after")
    def _closing_alone_has_an_order(self) -> "Rules":
        if any(one.snapshot or one.after or one.wait_days for one in self.setting_up):
            raise ValueError("snapshot, after och wait_days hör till closing_items")
        items = [one.item for one in self.closing_items]
        for number, one in enumerate(self.closing_items):
            if set(one.after or ()) - set(items[:number]):
                raise ValueError(f"punkten {one.item}: after ska nämna punkter som står före den")
        return self
