"""docs/reference/who-may-do-what.md, written from the table: for an auditor, in Swedish."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from deployments.reference import FOLDER
from deployments.reference import table as as_table
from lifecycle.refusals import SAYS
from tests.roles.table import DONE, HIDDEN, SAME, UNMOVED, WAITS, WAITS_UNMOVED, Row, Way, table

FILE: Path = FOLDER / "who-may-do-what.md"
PATH_WORDS = {
    "portal": "sina sidor i portalen",
    "link": "länken i ett brev",
    "sign_in": "organisationens inloggning",
    "form": "formulär vid tavlan i Prefect",
    "command": "kommandoraden",
    "public": "en öppen sida",
}
OUTCOME_WORDS = {
    DONE: "görs",
    WAITS: "görs när det bekräftats genom en länk i ett brev",
    UNMOVED: "görs, men flyttar inte beslutet i det egna ärendet",
    WAITS_UNMOVED: "görs efter bekräftelse, men flyttar inte beslutet i det egna ärendet",
    SAME: "samma svar som alla får, och inget ändras",
    HIDDEN: "sidan finns inte, och inget ändras",
}
BEGINNING = """<!-- Skriven av make reference ur tests/roles/table.yaml. Ändra där. -->

# Vem som får göra vad

Varje rad prövas mot en riktig databas av `tests/roles/test_table.py`: den som får gör det, och det står i
loggen i dennes namn; den som inte får möter det som står här, och inget i databasen har ändrats. En handling
som saknas här stoppar provet. `make torture` prövar alla rader för alla roller och alla vägar.

Vad som görs i Prefect med en körning (återuppta, avbryta, ta bort, ändra ett schema) ändrar inget konto och
inget ärende: `tests/flows/test_stories.py`, `tests/flows/test_forms.py` och `tests/kills`."""


def text() -> str:
    """The whole page."""
    parts = [BEGINNING, "## Rollerna", _roles(), *_sections(), "## Det som ingen gör i eget namn", _no_acts()]
    return "\n\n".join(parts) + "\n"


def _roles() -> str:
    return as_table(("Roll", "Vem"), ((one["sv"], one["is"]) for one in table().roles.values()))


def _sections() -> Iterator[str]:
    told = set()
    for row in table().rows:
        head = f"## `{row.act}`\n\n" if row.act not in told else ""
        told.add(row.act)
        yield f"{head}### {row.says[:1].upper()}{row.says[1:]}\n\nGrund: {row.text}.\n\n{_ways(row)}"


def _ways(row: Row) -> str:
    lines = [(PATH_WORDS[way.path], words, who) for way in row.ways for words, who in _of(way)]
    return as_table(("Genom", "Följd", "Vilka"), lines)


def _of(way: Way) -> Iterator[tuple[str, str]]:
    """Each outcome with its roles, what is done first."""
    found: dict[str, list[str]] = {}
    for role, outcome in way.outcomes.items():
        found.setdefault(outcome, []).append(_role(role))
    most = max(found, key=lambda one: len(found[one]))
    for outcome in sorted(
        found, key=lambda one: (one == most, one not in (DONE, WAITS), one in (HIDDEN, SAME))
    ):
        rest = "alla andra" if len(found) > 1 else "alla" if len(found[most]) > 1 else found[most][0]
        yield _words(outcome), rest if outcome == most else ", ".join(found[outcome])


def _role(role: str) -> str:
    return "den som sköter maskinen" if role == "keeper" else table().roles[role]["sv"]


def _words(outcome: str) -> str:
    return OUTCOME_WORDS.get(outcome) or f"nej: ”{SAYS[outcome]}”"


def _no_acts() -> str:
    by_why: dict[str, list[str]] = {}
    for name, why in table().no_acts.items():
        by_why.setdefault(why, []).append(f"`{name}`")
    return _lists(by_why)


def _lists(by_why: Mapping[str, list[str]]) -> str:
    return "\n\n".join(f"**{why[:1].upper()}{why[1:]}**: {', '.join(names)}" for why, names in by_why.items())


def main() -> None:
    """Write it anew."""
    FILE.write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
