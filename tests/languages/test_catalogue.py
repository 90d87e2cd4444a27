"""The file of translations: whole, in step with the texts, and with everything put in where it belongs."""

import re
from collections.abc import Sequence
from datetime import date

import pytest
from babel.messages.catalog import Catalog
from markupsafe import Markup

from languages.catalogue import RULES, read_catalogue, translations
from languages.speaking import LANGUAGES, SWEDISH, said, said_many, speaking, swedish, with_elements
from lifecycle.refusals import Refused
from tests.languages.texts import Message, found, found_in_rules

CATALOGUE, RULE_WORDS = read_catalogue("en"), read_catalogue("en", RULES)
TEXTS = found()
_PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")
_TAGS = re.compile(r"</?\w+[^>]*>")


def forms(one: str | Sequence[str]) -> tuple[str, ...]:
    return (one,) if isinstance(one, str) else tuple(one)


BOTH = pytest.mark.parametrize(
    ("catalogue", "texts"), [(CATALOGUE, TEXTS), (RULE_WORDS, found_in_rules())], ids=["texts", "rules"]
)


@BOTH
def test_the_file_has_all_texts_and_no_others(catalogue: Catalog, texts: dict[Message, object]) -> None:
    known: set[Message] = {
        one.id if isinstance(one.id, str) else tuple(one.id) for one in catalogue if one.id
    }
    assert known == set(texts), "python -m tests.languages.texts adds and takes away; then translate"
    assert not catalogue.obsolete and not [one.id for one in catalogue if one.id and one.fuzzy]
    assert set(LANGUAGES) == {SWEDISH, "en"}


@BOTH
def test_every_text_is_translated(catalogue: Catalog, texts: dict[Message, object]) -> None:
    assert [one.id for one in catalogue if one.id and not all(forms(one.string))] == []


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


def test_no_rule_is_in_swedish_and_none_needs_escaping() -> None:
    """Names keep their letters. A translation stands where the Swedish stood, escaped or not."""
    told = {one.id: str(one.string).replace("Nässjö", "") for one in RULE_WORDS if one.id}
    assert [one for one, words in told.items() if re.search('[åäöÅÄÖ<>&"]', words)] == []


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
        name = swedish("Så sa Per")
        page = f'<title>{name}</title><p title="{name}">{name}</p><option>{name}</option>'
        assert with_elements(page) == (
            '<title>Så sa Per</title><p title="Så sa Per"><span lang="sv">Så sa Per</span></p>'
            "<option>Så sa Per</option>"
        )
    assert swedish("Så sa Per") == "Så sa Per"


def test_what_rules_say_is_translated_as_it_is_escaped() -> None:
    step = "Chefens beslut och uppdrag"
    with speaking("en"):
        assert swedish(step) == "The manager's decision and assignment"
        assert isinstance(swedish(Markup(step)), Markup)
    assert swedish(step) == step
