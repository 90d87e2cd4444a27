"""The translations, read once from the file that people edit."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).parent


def file_of(language: str) -> Path:
    """Where a language's translations stand."""
    return HERE / language / "LC_MESSAGES" / "kanalvakt.po"


def read_catalogue(language: str) -> Catalog:
    """The file as it stands, unfinished entries too."""
    with file_of(language).open("rb") as file:
        return read_po(file, locale=language)


@cache
def translations(language: str) -> NullTranslations:
    """Swedish texts in a language; Swedish itself is what stands in the code and the templates."""
    if language == "sv":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)
