"""The translations, read once from the file that people edit."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).parent


TEXTS, RULES = "kanalvakt", "rules"
"""The files of a language: what Kanalvakt says, and what municipalities' rules say in their own words."""


def file_of(language: str, name: str = TEXTS) -> Path:
    """Where a language's translations stand."""
    return HERE / language / "LC_MESSAGES" / f"{name}.po"


def read_catalogue(language: str, name: str = TEXTS) -> Catalog:
    """The file as it stands, unfinished entries too."""
    with file_of(language, name).open("rb") as file:
        return read_po(file, locale=language)


@cache
def translations(language: str) -> NullTranslations:
    """Swedish texts in a language; Swedish itself is what stands in the code and the templates."""
    return _compiled(language, TEXTS)


@cache
def rule_words(language: str) -> NullTranslations:
    """Questions, steps, checklists and advice of the rules in a language, where they are translated."""
    return _compiled(language, RULES)


def _compiled(language: str, name: str) -> NullTranslations:
    if language == "sv":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language, name))
    compiled.seek(0)
    return GNUTranslations(compiled)
