"""The two files of a new municipality: its rules on top of another file's, and the clauses they rest on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from acts.municipalities import NewMunicipality
from cli.beginning.choices import CHOICES, Answer, Choice
from policies.json_schema import write_schemas
from policies.loading import GUIDELINES, HERE, MUNICIPALITIES, load_policy, names_in
from policies.policy import Policy
from policies.rules import Rules
from policies.shape import keys_of, rules_in

PURPOSE = "syfte"
"""The clause that every guideline begins with, and that asks nobody for anything."""
FILL_IN = "FYLL I"
SCHEMA = "schema"
BELOW = (GUIDELINES, MUNICIPALITIES, SCHEMA)
"""The folders that are written in."""


@dataclass(frozen=True)
class Plan:
    """Everything that was answered."""

    municipality: NewMunicipality
    base: str
    communications: str
    director: str
    chosen: Mapping[str, str]
    """Answers by the key of the choice."""
    valid_from: date

    @property
    def name(self) -> str:
        """What the files are called: not as one that comes with the product, which they may build on."""
        slug = self.municipality.slug
        return f"{slug}-egen" if slug in names_in(HERE, MUNICIPALITIES) else slug

    def written(self) -> Iterator[tuple[Choice, Answer]]:
        """The rules that are not left as they were."""
        for choice in CHOICES:
            answer = choice.answer(self.chosen.get(choice.key, ""))
            if answer is not None:
                yield choice, answer


def paths(folder: Path, name: str) -> tuple[Path, Path]:
    """Where the rules and the clauses are."""
    return folder / MUNICIPALITIES / f"{name}.yaml", folder / GUIDELINES / f"{name}.yaml"


def write(plan: Plan, folder: Path) -> tuple[Path, Path]:
    """Write both files, and the schemas that editors read; raises FileExistsError and changes nothing."""
    rules, clauses = paths(folder, plan.name)
    for path in (rules, clauses):
        if path.exists():
            raise FileExistsError(path)
    for path, text in ((rules, policy_text(plan, folder)), (clauses, guideline_text(plan))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    write_schemas(folder / SCHEMA)
    return rules, clauses


def quoted(text: str) -> str:
    """Any text as one YAML value."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def policy_text(plan: Plan, folder: Path) -> str:
    """The file of rules."""
    own = "\n\n".join(_rule(plan, choice, answer) for choice, answer in plan.written())
    return f"""\
# yaml-language-server: $schema=../schema/policy.schema.json
#
# {plan.municipality.name}: reglerna för konton i sociala medier.
#
# Filen bygger på {plan.base}.yaml (extends). En nyckel under rules eller settings som står här ersätter
# hela nyckeln där; allt annat ärvs. Ärvda regler hänvisar till punkterna i {plan.base}.yaml, inte till er
# riktlinje. Gå igenom dem nedan: skriv om dem som er riktlinje säger något om, och ta bort dem som den
# tiger om genom att skriva nyckeln med [] efter.
#
# Så blir filen er:
#   1. Fyll i punkterna i {GUIDELINES}/{plan.name}.yaml efter er riktlinje. Sök efter {FILL_IN}.
#   2. Ändra reglerna här. clauses säger vilken punkt regeln följer av. Följer den av ett eget beslut:
#      decision: {{ decided_on: 2026-01-15, number: "§ 12", body: Kommunstyrelsen }}
#   3. Kontrollera: kanalvakt policies check, och kanalvakt policies coverage {plan.name}.
policy: {plan.name}
name: {quoted(plan.municipality.name)}
extends: {plan.base}
guidelines: [{plan.name}]
valid_from: {plan.valid_from.isoformat()}

rules:
{own or "  {}"}

{_inherited(plan, folder)}

# Punkter som inte blir några regler, och varför. Varje punkt i er riktlinje står i en regel eller här.
outside:
  - clause: {plan.name}:{PURPOSE}
    why: Säger vad riktlinjen är till för; ingen har något att göra.

# När och hur plikterna sköts där ingen punkt säger det. Alla inställningar: docs/reference/policy.md.
settings:
  role_names:
    communications: {quoted(plan.communications)}
    communications_director: {quoted(plan.director)}
"""


def _rule(plan: Plan, choice: Choice, answer: Answer) -> str:
    asked = f"  # {choice.question} – {answer.says}."
    if answer.takes_away:
        asked = f"{asked}\n  # Tom: det som {plan.base}.yaml säger om saken gäller inte här."
    return f"{asked}\n{answer.yaml(choice.key, f'{plan.name}:{choice.clause}')}"


def _inherited(plan: Plan, folder: Path) -> str:
    """As comments: which keys of rules are inherited, and whose clauses they cite."""
    base = load_policy(plan.base, folder)
    own = {choice.key for choice, _ in plan.written()}
    lines = [
        f"#   {key}: {field.description} ({_sources(base, key)})"
        for key, field in keys_of(Rules).items()
        if key not in own and getattr(base.rules, key)
    ]
    head = f"# Ärvs från {plan.base}.yaml, med hänvisning till:"
    return "\n".join([head, *lines])


def _sources(base: Policy, key: str) -> str:
    cited = {
        ref.partition(":")[0] for one in rules_in(base.rules) if one.key == key for ref in one.rule.clauses
    }
    return ", ".join(sorted(cited)) or "eget beslut"


def guideline_text(plan: Plan) -> str:
    """The file of clauses: one for each rule that was written, to be filled in from the document."""
    clauses = [
        _clause(PURPOSE, "Vad riktlinjen är till för"),
        *(
            _clause(choice.clause, choice.clause_title)
            for choice, one in plan.written()
            if not one.takes_away
        ),
    ]
    return f"""\
# yaml-language-server: $schema=../schema/guideline.schema.json
#
# {plan.municipality.name}: riktlinjens punkter, en för varje sak som dokumentet säger.
#
#   id     punktens namn i filerna: små bokstäver, siffror och bindestreck
#   cite   var i dokumentet den står, så som ni själva skulle hänvisa till den
#   title  en egen kort rubrik; kopiera inte texten
#
# Varje punkt ska stå i en regel (clauses: [{plan.name}:…]) eller under outside i
# {MUNICIPALITIES}/{plan.name}.yaml.
guideline: {plan.name}
title: Riktlinje för sociala medier
publisher: {quoted(plan.municipality.name)}
edition: "{FILL_IN}: vilken utgåva"
language: sv
# Också: adopted_on, revised_on, decided_by och decision_number.
clauses:
{chr(10).join(clauses)}
"""


def _clause(name: str, title: str) -> str:
    return f'  - id: {name}\n    cite: "{FILL_IN}: avsnitt"\n    title: {title}'
