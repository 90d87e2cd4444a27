"""The rules that differ most between guidelines, as questions with the answers that are common."""

from dataclasses import dataclass
from textwrap import indent

AS_BEFORE = "same"
"""The answer that leaves a rule as the file one begins with has it."""


@dataclass(frozen=True)
class Answer:
    """One way in which guidelines put it."""

    word: str
    says: str
    rule: str
    """Its YAML below the key, with CLAUSE for the own clause; `[]` or `null` takes the rule away."""

    def yaml(self, key: str, clause: str) -> str:
        """The key with its rule, as it stands below `rules`."""
        rule = self.rule.strip("\n")
        if "\n" not in rule:
            return f"  {key}: {rule}"
        return f"  {key}:\n{indent(rule, '    ')}".replace("CLAUSE", clause)

    @property
    def takes_away(self) -> bool:
        return self.rule in ("[]", "null")


@dataclass(frozen=True)
class Choice:
    """One question, the key of the policy that it is about, and the clause that it asks for."""

    key: str
    question: str
    clause: str
    clause_title: str
    answers: tuple[Answer, ...]

    def answer(self, word: str) -> Answer | None:
        """The answer of that word; None for the one that leaves the rule as it is."""
        return next((one for one in self.answers if one.word == word), None)

    def words(self) -> list[str]:
        return [AS_BEFORE, *(one.word for one in self.answers)]


def _decides(step: str, label: str, role: str, *, assigns: bool = False) -> str:
    lines = [f"- step: {step}", f"  label: {label}", "  act: decide", f"  roles: [{role}]"]
    return "\n".join([*lines, *(["  assigns: true"] if assigns else []), "  clauses: [CLAUSE]"])


_MANAGER = _decides("assignment", "Chefens beslut och uppdrag", "line_manager", assigns=True)
_UNIT = _decides("approval", "Kommunikationsenhetens godkännande", "communications")
_CONSULTED = """
- step: consultation
  label: Samråd med kommunikationsenheten
  act: consult
  roles: [communications]
  clauses: [CLAUSE]
"""
_INFORMED = """
- step: notice
  label: Kommunikationsenheten får veta att kontot är avslutat
  act: inform
  roles: [communications]
  clauses: [CLAUSE]
"""

CHOICES: tuple[Choice, ...] = (
    Choice(
        "opening",
        "Vem beslutar om ett nytt konto?",
        "beslut",
        "Vem som beslutar om ett nytt konto",
        (
            Answer(
                "manager-unit", "närmaste chef, och sedan kommunikationsenheten", f"{_MANAGER}\n{_UNIT}\n"
            ),
            Answer("manager", "närmaste chef", _MANAGER),
            Answer("unit", "kommunikationsenheten", _UNIT),
            Answer(
                "director",
                "kommunikationschefen",
                _decides("decision", "Kommunikationschefens beslut", "communications_director"),
            ),
            Answer(
                "head",
                "verksamhetschefen, efter samråd med kommunikationsenheten",
                _CONSULTED + _decides("decision", "Verksamhetschefens beslut", "head_of_operation"),
            ),
        ),
    ),
    Choice(
        "watch",
        "Hur ofta ska någon titta till ett konto?",
        "bevakning",
        "Hur ofta kontot bevakas",
        (
            Answer("weekdays", "varje vardag", "- days: weekdays\n  clauses: [CLAUSE]"),
            Answer("all-days", "varje dag, också helger", "- days: all_days\n  clauses: [CLAUSE]"),
            Answer("unsaid", "det ska bevakas, utan siffra", "- modality: must\n  clauses: [CLAUSE]"),
            Answer("none", "det säger riktlinjen inte", "[]"),
        ),
    ),
    Choice(
        "answer",
        "Hur fort ska besökares frågor besvaras?",
        "svarstid",
        "Hur fort frågor besvaras",
        (
            Answer("24", "inom 24 timmar på vardagar", "- within_hours: 24\n  clauses: [CLAUSE]"),
            Answer("48", "inom 48 timmar på vardagar", "- within_hours: 48\n  clauses: [CLAUSE]"),
            Answer("week", "inom en vecka", "- within_hours: 168\n  counted: clock\n  clauses: [CLAUSE]"),
            Answer("none", "det säger riktlinjen inte", "[]"),
        ),
    ),
    Choice(
        "posting",
        "Hur ofta ska något publiceras?",
        "publicering",
        "Hur ofta något publiceras",
        (
            Answer("weekly", "minst en gång i veckan", "- a_week_at_least: 1\n  clauses: [CLAUSE]"),
            Answer("regularly", "regelbundet, utan siffra", "- modality: must\n  clauses: [CLAUSE]"),
            Answer("none", "det säger riktlinjen inte", "[]"),
        ),
    ),
    Choice(
        "inactivity",
        "Vad händer med ett konto som ingen sköter?",
        "inaktivitet",
        "Vad som händer med konton som inte sköts",
        (
            Answer(
                "assess",
                "det bedöms om det ska finnas kvar",
                "counts: [posts]\noutcome: assess\nclauses: [CLAUSE]",
            ),
            Answer(
                "close-6",
                "det avslutas efter sex månader",
                "counts: [posts]\noutcome: close\nafter: 6\nunit: months\nclauses: [CLAUSE]",
            ),
            Answer("none", "det säger riktlinjen inte", "null"),
        ),
    ),
    Choice(
        "documentation",
        "Hur ofta ska en bild av kontot sparas?",
        "dokumentation",
        "Hur ofta en bild av kontot sparas",
        (
            Answer("half-year", "varje halvår", "- every: half_year\n  format: pdfa-1b\n  clauses: [CLAUSE]"),
            Answer("year", "varje år", "- every: year\n  format: pdfa-1b\n  clauses: [CLAUSE]"),
            Answer("none", "det säger riktlinjen inte", "[]"),
        ),
    ),
    Choice(
        "evaluation",
        "Hur ofta ska kontot utvärderas?",
        "utvardering",
        "Hur ofta kontot utvärderas",
        (
            Answer(
                "12",
                "en gång om året",
                "- every_months: 12\n  told_to: [communications]\n  clauses: [CLAUSE]",
            ),
            Answer(
                "6",
                "två gånger om året",
                "- every_months: 6\n  told_to: [communications]\n  clauses: [CLAUSE]",
            ),
            Answer("none", "det säger riktlinjen inte", "[]"),
        ),
    ),
    Choice(
        "closing",
        "Vem avgör att ett konto avslutas?",
        "avslut",
        "Vem som beslutar om avslut",
        (
            Answer(
                "unit",
                "kommunikationsenheten beslutar",
                _decides("decision", "Kommunikationsenhetens beslut om avslut", "communications"),
            ),
            Answer(
                "manager",
                "närmaste chef beslutar, och kommunikationsenheten får veta",
                _decides("decision", "Chefens beslut om avslut", "line_manager") + _INFORMED,
            ),
            Answer("inform", "den som sköter kontot; kommunikationsenheten får veta", _INFORMED),
        ),
    ),
)
"""In the order of an account's life."""
