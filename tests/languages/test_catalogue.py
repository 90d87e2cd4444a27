"""The file of translations: whole, in step with the texts, and with everything put in where it belongs."""

import re
from collections.abc import Sequence
from datetime import date

import pytest

from languages.catalogue import read_catalogue, translations
from languages.speaking import LANGUAGES, SWEDISH, said, said_many, speaking, swedish, with_elements
from lifecycle.refusals import Refused
from tests.languages.texts import Message, found

CATALOGUE = read_catalogue("en")
TEXTS = found()
_PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")
_TAGS = re.compile(r"</?\w+[^>]*>")


def forms(one: str | Sequence[str]) -> tuple[str, ...]:
    return (one,) if isinstance(one, str) else tuple(one)


def test_the_file_has_all_texts_and_no_others() -> None:
    known: set[Message] = {
        one.id if isinstance(one.id, str) else tuple(one.id) for one in CATALOGUE if one.id
    }
    assert known == set(TEXTS), "python -m tests.languages.texts adds and takes away; then translate"
    assert not CATALOGUE.obsolete and not [one.id for one in CATALOGUE if one.id and one.fuzzy]
    assert set(LANGUAGES) == {SWEDISH, "en"}


def test_every_text_is_translated() -> None:
    assert [one.id for one in CATALOGUE if one.id and not all(forms(one.string))] == []


@pytest.mark.parametrize("what", [_PLACES, _TAGS], ids=["values", "tags"])
def test_a_translation_has_the_same_values_and_tags(what: re.Pattern[str]) -> None:
    for message in CATALOGUE:
        if message.id:
            original = forms(message.id)[-1]
            for one in forms(message.string):
                assert sorted(what.findall(one)) == sorted(what.findall(original)), original


def test_a_translation_begins_and_ends_with_the_same_spaces() -> None:
    for message in CATALOGUE:
        for original, one in zip(forms(message.id), forms(message.string), strict=True):
            if original:
                assert (original[0] == " ", original[-1] == " ") == (one[0] == " ", one[-1] == " "), original


def test_no_translation_is_in_swedish() -> None:
    """What only Swedish writes stands in no English sentence."""
    swedish_letters = [one.id for one in CATALOGUE if one.id and re.search("[åäöÅÄÖ]", str(one.string))]
    assert swedish_letters == []


def test_numbers_have_their_own_form() -> None:
    one, several = "%(num)s punkt återstår för dig.", "%(num)s punkter återstår för dig."
    with speaking("en"):
        assert said_many(one, several, 1) == "1 item remains for you."
        assert said_many(one, several, 2) == "2 items remain for you."
    assert said_many(one, several, 1) == "1 punkt återstår för dig."


def test_a_refusal_writes_days_as_its_reader_does() -> None:
    refused = Refused("day_beyond", first=date(2027, 3, 3), last=date(2027, 4, 1))
    assert refused.says() == "Välj en dag från och med 3 mars 2027 till och med 1 april 2027."
    with speaking("en"):
        assert refused.says() == "Choose a day from 3 March 2027 to 1 April 2027."


def test_a_language_that_there_is_none_of_is_swedish() -> None:
    with speaking("xx"):
        assert said("Ditt svar") == "Ditt svar"
    assert translations(SWEDISH).gettext("Ditt svar") == "Ditt svar"


def test_what_is_swedish_only_says_so_where_an_element_may_stand() -> None:
    with speaking("en"):
        name = swedish("Chefens beslut")
        page = f'<title>{name}</title><p title="{name}">{name}</p><option>{name}</option>'
        assert with_elements(page) == (
            '<title>Chefens beslut</title><p title="Chefens beslut"><span lang="sv">Chefens beslut</span></p>'
            "<option>Chefens beslut</option>"
        )
    assert swedish("Chefens beslut") == "Chefens beslut"
