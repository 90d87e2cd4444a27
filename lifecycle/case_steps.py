"""The kinds of cases that a policy gives, the steps of each, and what waits for what.

Saving comes before removal is offered; registering waits for the removal unless the rule says "before".
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lifecycle.conditions import Facts, applying, binds
from lifecycle.law import Law
from policies.duties import Answer, CaseEnd, CaseStep, Matter, Removal
from policies.keys import Modality, Rule
from policies.rules import Rules

S = CaseStep

TAKEN_OVER, QUESTION, OTHER = "account_taken_over", "question", "other"
"""Kinds that no policy has to name."""
REMOVAL = "removal"
"""What a rule of removal is called that has no name of its own."""

WAITS: dict[CaseStep, tuple[CaseStep, ...]] = {
    S.REMOVE: (S.SAVE,),
    S.REPORT: (S.SAVE,),
    S.REGISTER: (S.SAVE, S.REMOVE),
    S.TELL_WRITER: (S.REMOVE, S.REGISTER, S.SETTLE),
    S.SETTLE: (S.CONSULT,),
}
"""Which steps of a case a step waits for. What is not named here can be done at once."""
_REGISTERED_FIRST: dict[CaseStep, tuple[CaseStep, ...]] = {
    S.REGISTER: (S.SAVE,),
    S.REMOVE: (S.SAVE, S.REGISTER),
}
"""The same where something is registered before it is removed."""


@dataclass(frozen=True)
class CaseKind:
    """One kind of case, as the policy gives it to an account on a day."""

    name: str
    label: str
    steps: tuple[CaseStep, ...]
    modality: Modality = Modality.MUST
    rule: Rule | None = None
    includes: Sequence[str] = ()
    """What belongs to it, or is to be done, in the policy's own words."""
    in_order: bool = False
    """Whether the policy has an order of its own: one step at a time."""

    @property
    def matter(self) -> Matter | None:
        """The rule, where it is one about matters."""
        return self.rule if isinstance(self.rule, Matter) else None

    @property
    def removal(self) -> Removal | None:
        """The rule, where it is one about removal."""
        return self.rule if isinstance(self.rule, Removal) else None


def kinds_for(law: Law, facts: Facts, on: date) -> list[CaseKind]:
    """Every kind of case that can be opened about such an account on that day, each name once.

    Those of the policy first; then a question, where it says that questions are answered, an account that
    has been taken over, and anything else, for which there is no duty.
    """
    found: dict[str, CaseKind] = {}
    for kind in [*_of_policy(law, facts, on), *_of_product(law, facts, on)]:
        found.setdefault(kind.name, kind)
    return list(found.values())


def _of_policy(law: Law, facts: Facts, on: date) -> Iterator[CaseKind]:
    """A permission asks nothing of anybody, and gives no kind of case."""
    rules = law.policy.rules
    removals = [rule for rule in applying(rules.removal, facts, on) if rule.modality is not Modality.MAY]
    unnamed = [rule for rule in removals if rule.case is None]
    for rule in sorted(removals, key=lambda one: not binds(one)):
        number = f"-{unnamed.index(rule) + 1}" if rule in unnamed[1:] else ""
        name = rule.case or f"{REMOVAL}{number}"
        label = rule.label or "Innehåll som ska bort"
        yield _kind(name, label, rule, steps_from(rule), rule.kinds, rule.steps)
    matters = [rule for rule in applying(rules.matters, facts, on) if rule.modality is not Modality.MAY]
    for matter in sorted(matters, key=lambda one: not binds(one)):
        label, includes = (matter.title, [matter.label]) if matter.title else (matter.label, [])
        yield _kind(matter.matter, label, matter, steps_from(matter), includes, matter.steps)


def rule_of_kind(rules: Rules, kind: str) -> str:
    """The policy's key of the rule that gives a kind of case: "removal", "matters" or "answer".

    Empty for a kind that comes from none of its rules, or from those of an earlier version alone.
    """
    named = {one.case or REMOVAL for one in rules.removal}
    if kind in named or (REMOVAL in named and kind.startswith(f"{REMOVAL}-")):
        return "removal"
    if kind in {one.matter for one in rules.matters}:
        return "matters"
    return "answer" if kind == QUESTION else ""


def _kind(
    name: str,
    label: str,
    rule: Rule,
    steps: tuple[CaseStep, ...],
    includes: Sequence[str],
    own_order: list[CaseStep] | None,
) -> CaseKind:
    return CaseKind(name, label, steps, rule.modality, rule, includes, own_order is not None)


def _of_product(law: Law, facts: Facts, on: date) -> Iterator[CaseKind]:
    answers = answers_for(law, facts, on)
    if answers:
        label = "Fråga eller kommentar som ska besvaras"
        yield CaseKind(QUESTION, label, (S.SETTLE,), answers[0].modality, answers[0])
    label = "Kontot är kapat, eller ingen kommer in"
    yield CaseKind(TAKEN_OVER, label, (S.REPORT_PLATFORM, S.CHANGE_LOG_IN, S.TELL_PEOPLE))
    yield CaseKind(OTHER, "Något annat", (S.SETTLE,), Modality.MAY)


def answers_for(law: Law, facts: Facts, on: date) -> list[Answer]:
    """What the policy says about answering, what binds first."""
    rules = [one for one in applying(law.policy.rules.answer, facts, on) if one.modality is not Modality.MAY]
    return sorted(rules, key=lambda one: not binds(one))


def steps_from(rule: Removal | Matter) -> tuple[CaseStep, ...]:
    """The steps that a rule gives, in its own order, else in that in which they can be taken."""
    if rule.steps is not None:
        return tuple(rule.steps)
    before = isinstance(rule, Removal) and rule.register_before
    usual = (S.SAVE, S.REGISTER, S.REMOVE) if before else (S.SAVE, S.REMOVE, S.REGISTER)
    order = (*usual, S.CONSULT, S.SETTLE, S.WATCH, S.TELL_WRITER, S.REPORT)
    return tuple(step for step in order if step in rule.follows())


def waits_for(kind: CaseKind, step: CaseStep) -> set[CaseStep]:
    """The steps of the case that must be done before this one is offered."""
    if kind.in_order:
        return set(kind.steps[: kind.steps.index(step)])
    first = kind.removal is not None and kind.removal.register_before
    table = WAITS | _REGISTERED_FIRST if first else WAITS
    waits = set(table.get(step, ())) & set(kind.steps)
    removed = step is S.TELL_WRITER and S.REMOVE in waits
    return {S.REMOVE} if removed else waits  # Told that it is gone, whenever it is registered.


def next_steps(kind: CaseKind, done: Collection[CaseStep]) -> list[CaseStep]:
    """What can be done now: steps not yet done that wait for nothing that is not."""
    return [step for step in kind.steps if step not in done and waits_for(kind, step) <= set(done)]


def main_step(kind: CaseKind) -> CaseStep | None:
    """The step that the hours of a rule are about."""
    return next((one for one in (S.REMOVE, S.SETTLE, S.REGISTER) if one in kind.steps), None)


def is_timed(kind: CaseKind, step: CaseStep) -> bool:
    """Whether a step must be done within the hours: the one they are about, and what it waits for."""
    main = main_step(kind)
    return main is not None and step is not S.CONSULT and (step is main or step in waits_for(kind, main))


def ends_of(kind: CaseKind) -> list[CaseEnd]:
    """The ways in which a case can be settled."""
    named = kind.matter.outcomes if kind.matter else None
    return named or [CaseEnd.ANSWERED, CaseEnd.FORWARDED, CaseEnd.REDIRECTED]


STEP_LABELS = {
    S.SAVE: "Spara det som ska bort",
    S.REGISTER: "Diarieför",
    S.REMOVE: "Ta bort eller avpublicera",
    S.REPORT: "Polisanmäl",
    S.TELL_WRITER: "Underrätta den som skrev",
    S.CONSULT: "Ge råd innan någon svarar",
    S.SETTLE: "Ta hand om saken",
    S.WATCH: "Bevaka inlägget och besvara frågorna om det",
    S.REPORT_PLATFORM: "Anmäl till plattformen och försök ta tillbaka kontot",
    S.CHANGE_LOG_IN: "Byt lösenord och koppla från okända inloggningar",
    S.TELL_PEOPLE: "Berätta för dem som sköter kontot, och för följarna om det behövs",
}


REPORT_IF_NEEDED = "Polisanmäl om det behövs"
ONLY_END = {
    CaseEnd.ANSWERED: "Svara",
    CaseEnd.FORWARDED: "Lämna till den som kan svara",
    CaseEnd.REDIRECTED: "Hänvisa till rätt ställe",
    CaseEnd.CORRECTED: "Rätta felet",
    CaseEnd.HANDED_OUT: "Lämna ut handlingarna",
}


def step_label(kind: CaseKind, step: CaseStep) -> str:
    """What a step is called for those who do it, in Swedish: it is kept."""
    if step is S.REPORT and is_skippable(kind, step):
        return REPORT_IF_NEEDED
    if step is S.SETTLE and len(ends_of(kind)) == 1:
        return ONLY_END[ends_of(kind)[0]]
    return STEP_LABELS[step]


def is_skippable(kind: CaseKind, step: CaseStep) -> bool:
    """Whether a step may be left undone with a reason.

    A report to the police that is made when needed, and a writer who cannot be reached.
    """
    if step is S.REPORT:
        return kind.removal is not None and kind.removal.police == "when_needed"
    return step is S.TELL_WRITER
