"""Every Swedish text that is shown in other languages too. Run as a module it adds the new ones to the file.

Templates and code are read for their literal texts; tables of words are asked for theirs.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from acts import confirmed_changes, confirmed_files, confirmed_repairs
from languages import catalogue
from lifecycle import (
    administrators,
    answers,
    case_steps,
    changes,
    process_setting_up,
    refusals,
    register,
    setting_up,
)
from notifications import words
from policies import naming

ROOT = Path(__file__).parents[2]
FOLDERS = ("acts", "languages", "lifecycle", "notifications", "policies", "web")
KEYWORDS = {"said": None, "said_many": (1, 2), "_": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/notices/**", "jinja2")]
OPTIONS = {"jinja2": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}


def tables() -> Iterator[str]:
    """The words that stand in tables."""
    yield from refusals.SAYS.values()
    yield from (one for forms in naming.ROLE_NAMES.values() for one in forms)
    yield from naming.PLATFORM_NAMES.values()
    yield from naming.CLASS_NAMES.values()
    yield from answers.WHY_BARRED.values()
    yield from changes.ROLE_WORDS.values()
    yield from (one for forms in administrators._NOUNS.values() for one in forms)
    yield from (one for forms in words._ACCOUNT_NOUNS.values() for one in forms)
    yield from words._ANY_ACCOUNT
    yield from [*words.NUMBERS, *words.OUTCOMES.values(), *words.ROLES.values(), *words.DUTIES.values()]


def tables_of_acts() -> Iterator[str]:
    """The words of acts that are confirmed, and of cases and the register as citizens see them."""
    yield from (*confirmed_changes.STEP_WORDS.values(), *confirmed_repairs.REPAIR_WORDS.values())
    yield from confirmed_files.NOUNS.values()
    yield from (*case_steps.STEP_LABELS.values(), *case_steps.ONLY_END.values(), case_steps.REPORT_IF_NEEDED)
    yield register.COMMON


Message = str | tuple[str, ...]
_IDLE = tuple(
    f'"{name}'
    for name in ("Project-Id", "Report-", "POT-", "PO-Rev", "Last-Tr", "Language-Team", "Generated")
)
"""Lines of the file's head that say nothing."""


def found() -> dict[Message, list[tuple[str, int]]]:
    """Each text with where it stands."""
    texts: dict[Message, list[tuple[str, int]]] = {}
    for folder in FOLDERS:
        options = {pattern: OPTIONS.get(method, {}) for pattern, method in METHODS}
        for name, line, message, _, _ in extract_from_dir(ROOT / folder, METHODS, options, KEYWORDS, ()):
            texts.setdefault(message, []).append((f"{folder}/{name}", line))
    for one in (*tables(), *tables_of_acts()):
        texts.setdefault(one, [])
    texts.pop("", None)
    return texts


IN_BOTH = ("label", "explanation", "text", "title", "disclaimer")
"""Keys of a rule whose words applicants, deciders and citizens meet; `kinds` are named too."""
IN_SWEDISH_ONLY = ("evaluation_questions",)
"""Rules that only those who run accounts meet."""


KEPT = (
    *(setting_up.ADDRESS_LABEL, setting_up.ASSIGNMENT_LABEL, setting_up.DOCUMENTS_LABEL),
    process_setting_up.ADDRESS_GIVEN,
)
"""Labels of checklists that stand in code, and are kept with the task as the rules' own are."""


def found_in_rules() -> dict[Message, list[tuple[str, int]]]:
    """Each text of a rule, with the policies that say it."""
    texts: dict[Message, list[tuple[str, int]]] = {one: [] for one in KEPT}
    for path in sorted((ROOT / "policies" / "municipalities").glob("*.yaml")):
        rules = yaml.safe_load(path.read_text("utf-8"))["rules"]
        for name, rule in rules.items():
            for one in () if name in IN_SWEDISH_ONLY else _words_in(rule):
                texts.setdefault(" ".join(one.split()), []).append((path.stem, 0))
    return texts


def _words_in(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        yield from (one for each in part for one in _words_in(each))
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in IN_BOTH:
                yield value
            elif key == "kinds":
                yield from value
            else:
                yield from _words_in(value)


def write(name: str, texts: dict[Message, list[tuple[str, int]]], language: str = "en") -> None:
    """Add what is new, without a translation, and leave out what is not said any more."""
    path, old = catalogue.file_of(language, name), Catalog(locale=language, project="Kanalvakt")
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=language)
    new = Catalog(locale=language, project="Kanalvakt", charset="utf-8", fuzzy=False)
    new.header_comment = "# Kanalvakt in English. docs/how-to/translate.md says how this file is kept."
    for one, places in texts.items():
        before = old.get(one if isinstance(one, str) else one[0])
        new.add(one, before.string if before else "", sorted({(name, None) for name, _ in places}))
    written = BytesIO()
    write_po(written, new, width=110, sort_output=True)
    lines = written.getvalue().decode().splitlines(keepends=True)
    path.write_text("".join(one for one in lines if not one.startswith(_IDLE)), encoding="utf-8")


if __name__ == "__main__":
    write(catalogue.TEXTS, found())
    write(catalogue.RULES, found_in_rules())
