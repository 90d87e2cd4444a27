"""The demonstration's people, with mail and a browser only, against one running stack."""

from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import update

from deployments.demo import Played, play_all, play_one, summary
from deployments.demo_diary import Diary, Measured
from deployments.demo_driver import Surroundings
from deployments.postbox import Arrived
from deployments.stack import ROUND_TAG
from deployments.storyline import Story
from models import Account
from runtime.database import writing
from tests.browser.conftest import open_browser
from tests.stories.conftest import BY_NAME, LIFE, OPENED, TOLD
from tests.stories.unit_morning import PATIENCE, Morning

pytestmark = pytest.mark.timeout(300)
PICTURED, CHECKED = slice(16, 20), LIFE.steps[-1]
"""Of the whole life: the days of its picture and of its posts."""


def wrong(story: Story) -> Story:
    """The same story, with something expected that is not so."""
    first = story.steps[0]
    seen = first.then.model_copy(update={"letters": {**first.then.letters, "petra": ["decision_asked"]}})
    return story.model_copy(update={"steps": [first.model_copy(update={"then": seen})]})


def test_two_stories_go_as_the_guidelines_say(around: Surroundings) -> None:
    said: list[str] = []
    played = play_all(around, TOLD, said.append)
    assert [one.differences for one in played] == [[], []]
    assert "Allt stämmer med riktlinjen." in said[0]
    assert "brevet till Elin Persson väntar till" in said[0]
    assert "Prefect visar ”Avslutat”" in said[1]
    reaching = [step for story in TOLD for step in story.steps if set(step.then.letters) - {step.who}]
    assert len(Measured.of([one.diary for one in played]).next_person) == len(reaching)


def test_what_is_not_as_expected_is_named_by_its_step(around: Surroundings) -> None:
    played = play_one(around, wrong(BY_NAME["avslag"]))
    assert len(played.differences) == 1
    assert played.differences[0].startswith("avslag, steg 1 (karin): brev: väntade")


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        page = browser.new_page(viewport={"width": 1300, "height": 1000}, locale="sv-SE")
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


def test_the_unit_s_morning_in_prefect(around: Surroundings, page: Page) -> None:
    """Start page, a decision that waits since the test before, a form, its confirmation and its result."""
    morning = Morning(page, around, BY_NAME["avslag"])
    morning.opens_the_desk()
    morning.sees_who_is_waited_for("Johan Berg")
    morning.follows_it_to_the_account()
    morning.opens_the_desk()
    morning.fills_in(
        "Lämna över fråga",
        {
            "Konto": "Biblioteket bakom kulisserna",
            "Till": morning.address("sara"),
            "Skäl": "Johan är på kurs.",
            "Din arbetsadress": morning.petra,
            "Kommun": morning.story.story,
        },
    )
    morning.sees_its_run("Lämna över fråga", "Väntar på bekräftelse")
    morning.reads_its_result("Lämna över fråga", "tar inte tillbaka det du bad om")
    morning.opens_the_desk()
    morning.sees_who_is_waited_for("Johan Berg")
    morning.confirms_by_letter()
    morning.sees_its_run("Lämna över fråga", "Bekräftat och utfört")
    morning.reads_its_result("Lämna över fråga", "lämnas över")
    morning.opens_the_desk()
    morning.sees_who_is_waited_for("Sara Holm")


def test_no_schedule_starts_a_round_beside_the_story(around: Surroundings) -> None:
    with httpx2.Client(base_url=around.prefect_api, verify=False, trust_env=False) as prefect:
        deployments = prefect.post("/deployments/filter", json={}).json()
        planned = prefect.post("/flow_runs/filter", json={"flow_runs": {"tags": {"all_": [ROUND_TAG]}}})
    of_rounds = {one["name"] for one in deployments if ROUND_TAG in one["tags"]}
    assert {one["name"] for one in deployments if one["paused"]} == of_rounds
    assert {"bevakning", "morgonbrev", "publicering"} < of_rounds
    assert planned.json() == []


def test_a_life_goes_on_by_rounds_on_later_days(around: Surroundings) -> None:
    """Told last: it moves the clock for all. What is wrong in the data is told by the round that finds it."""
    days = [*LIFE.steps[OPENED], *LIFE.steps[PICTURED]]
    played = play_one(around, LIFE.model_copy(update={"steps": days}))
    assert played.differences == []
    told = "\n".join(played.told())
    assert "tisdag 1 december 2026" in told and "måndag 4 januari 2027" in told
    assert "08.00.00  7. Prefect kör morgonbrev" in told
    with writing(around.engine) as session:
        session.execute(update(Account).values(missed_days=3))
    [broken] = play_one(around, LIFE.model_copy(update={"steps": [CHECKED]})).differences
    assert broken.startswith("livet, steg 1 (klockan): kontroll: Failed")


def diary_of_clicks(waits: list[float]) -> Diary:
    """Each click is answered by a letter to the one who clicked, and later by one to the next person."""
    diary = Diary({})
    for wait in waits:
        diary.click("Lämna svaret", "karin@example.org", at=100.0)
        letter = Arrived(message_id="", to="karin@example.org", subject="", link="", at=100.1)
        diary.letters([letter, replace(letter, to="petra@example.org", at=100 + wait)])
    return diary


@pytest.mark.parametrize(
    ("seconds", "met"), [([0.5] * 20, True), ([0.5] * 19, False), ([0.5] * 10 + [4.0] * 12, False)]
)
def test_the_goal_needs_enough_clicks_and_a_soon_letter(seconds: list[float], met: bool) -> None:
    measured = Measured.of([diary_of_clicks(seconds)])
    assert measured.next_person == pytest.approx(seconds)
    assert measured.goal_is_met is met


def test_the_summary_names_every_difference() -> None:
    played = Played(TOLD[0], Diary({}), ["nassjo, steg 3 (elin): tillstånd: väntade 'a', såg 'b'"])
    assert "nassjo, steg 3 (elin): tillstånd: väntade 'a', såg 'b'" in summary([played], 12.0)
