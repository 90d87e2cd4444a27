"""The register, the drawn process and what is confirmed, in English: whole on pages, never in data."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import select
from sqlmodel import Session, col

from acts.confirming import ACTS
from acts.leaving import ACT as LEAVING
from acts.spreadsheets import read_table
from languages.speaking import speaking, with_elements
from lifecycle.guideline_review import Size
from models import AccountClass, AccountRole, AccountState, Outcome, UserTask
from runtime.database import reading
from tests.languages.marking import unmarked_in
from tests.web.test_languages import data_of, english
from tests.web.test_register import ADDRESS, BASE, PARTIES, changed, filled, moved
from tests.web.visitor import Portal, Visitor, heading, plain
from tests.web.world import World, content
from web.limits import REPORTS_AN_HOUR

MOVED = "https://www.instagram.com/biblioteket.i.exempelby"
TYPED = ("instagram.com/p/C9x", "@biblioteket", "xylofonorkester")
FORMATS = {"JSON", "CSV", "Atom", "OpenAPI", "officiellt.json", "JPG", *TYPED}


@pytest.fixture
def register(world: World) -> dict[str, int]:
    """A common account that has moved, one that is closed, and others on several pages."""
    world.adopt("2026-03-02", other_links=[PARTIES])
    found = {"open": world.active(name="Biblioteket", address=ADDRESS)}
    found["closed"] = world.active(
        name="Badet", platform="facebook", address="https://www.facebook.com/badet"
    )
    moved(world, found["open"], MOVED)
    changed(world, found["open"], unit_id=None, account_class=AccountClass.COMMON)
    changed(world, found["closed"], state=AccountState.CLOSED, closed_on=world.now.date())
    filled(world, 60)
    return found


SEEN = (
    *("", "?sida=2", "?q=xylofonorkester", "?visa=avslutade", "/bygg-in", "/inbaddad?sprak=en"),
    *("/{open}", "/{closed}", "/{open}/rapportera", "/rapportera", "/officiellt"),
    *(f"/officiellt?adress={one}" for one in (MOVED, ADDRESS, *TYPED, "https://www.facebook.com/badet")),
)


def pages_of(visitor: Visitor, register: dict[str, int]) -> Iterator[tuple[str, Response]]:
    """Everything that a citizen can meet at the register."""
    for below in SEEN:
        yield below, visitor.client.get(f"{BASE}{below.format(**register)}")
    about = f"{BASE}/{register['open']}/rapportera"
    for given in (
        {},
        {"galler": "other"},
        {"galler": "other", "vad": "x" * 4001},
        {"galler": "forbidden", "vad": "Oj."},
        {"galler": "wrong", "vad": "Oj.", "kontakt": "nils@example.net"},
        {"galler": "account_taken_over", "vad": "Oj."},
    ):
        yield str(given)[:60], visitor.post(about, given)
    yield "no address", visitor.post(f"{BASE}/rapportera", {"vad": "Oj."})
    yield "unknown account", visitor.post(f"{BASE}/rapportera", {"adress": "facebook.com/x", "vad": "Oj."})
    yield "too often", [visitor.post(about, {}) for _ in range(REPORTS_AN_HOUR)][-1]
    yield "the process", visitor.open("/exempelby/processen")


def test_no_page_of_the_register_is_left_in_swedish(
    world: World, portal: Portal, register: dict[str, int], marked: None
) -> None:
    pages = dict(pages_of(english(portal), register))
    assert [name for name, page in pages.items() if '<html lang="en">' not in page.text] == []
    assert {page.status_code for page in pages.values()} == {200, 422, 429}
    with reading(world.engine) as session:
        known = data_of(session) | FORMATS
    left = {name: unmarked_in(page.text, known) for name, page in pages.items()}
    assert {name: words for name, words in left.items() if words} == {}


def test_what_is_data_stays_in_swedish(world: World, portal: Portal, register: dict[str, int]) -> None:
    """Whoever asks first: what is searched is in Swedish, and so is what is handed out."""
    changed(world, register["open"], platform="podcast")
    visitor = english(portal)
    assert "Common to the whole municipality" in plain(visitor.open(BASE))
    assert "1 account" in plain(visitor.open(f"{BASE}?q=gemensamt"))
    [one] = visitor.client.get(f"{BASE}.json?plattform=podcast").json()["accounts"]
    assert (one["platform_name"], one["unit"]) == ("podd", "Gemensamt för kommunen")
    assert visitor.client.get(f"{BASE}.csv").text.lstrip("\ufeff").startswith("Namn")
    assert "Nytt konto: " in visitor.client.get(f"{BASE}.atom").text
    says = visitor.client.get(f"{BASE}/officiellt.json?adress=@x").json()["says"]
    assert says.startswith("Ett namn kan finnas")


def test_the_list_within_another_page_has_the_language_of_its_address(
    world: World, portal: Portal, register: dict[str, int]
) -> None:
    visitor = english(portal)
    answer = visitor.client.get(f"{BASE}/inbaddad?sprak=en")
    assert answer.status_code == 200 and "set-cookie" not in answer.headers
    assert heading(answer) == "Social media accounts of Exempelby"
    assert f"/konton/{register['open']}?sprak=en" in answer.text
    swedish = visitor.client.get(f"{BASE}/inbaddad?sprak=xx")
    assert heading(swedish) == "Exempelbys konton i sociala medier" and "sprak" not in swedish.text
    pasted = plain(visitor.open(f"{BASE}/bygg-in?plattform=instagram"))
    assert "/konton/inbaddad?plattform=instagram&sprak=en" in pasted.replace("&amp;", "&")
    assert "sprak" not in plain(portal.visitor().open(f"{BASE}/bygg-in"))


def test_the_picture_of_the_process_says_that_it_is_in_swedish(world: World, portal: Portal) -> None:
    page = english(portal).open("/exempelby/processen")
    assert heading(page) == "How it works" and "are in Swedish only" in plain(page)
    assert page.text.count('<div class="process" lang="sv">') == 1
    swedish = portal.visitor().open("/exempelby/processen")
    told = swedish.text.partition('<ol class="told">')[2].partition("</details>")[0]
    assert told and told == page.text.partition('<ol class="told" lang="sv">')[2].partition("</details>")[0]
    drawing = "/exempelby/processen.svg"
    assert english(portal).client.get(drawing).text == portal.visitor().client.get(drawing).text


def values_of(world: World, session: Session, account_id: int) -> dict[str, Any]:
    """Everything that some act which is confirmed keeps."""
    asked = select(UserTask).where(col(UserTask.account_id) == account_id).order_by(col(UserTask.id))
    task = session.execute(asked.where(col(UserTask.outcome) == Outcome.APPROVE)).scalars().first()
    role = session.execute(select(AccountRole).where(col(AccountRole.account_id) == account_id)).scalars()
    assert task is not None
    people = {"person": world.people["gustav"], "to": world.people["cilla"]}
    about = {"account": account_id, "task": task.id, "role": role.first().id, "unit": world.units["culture"]}
    days = {"since": "2026-03-10", "last": "2026-03-12", "duties_from": None}
    away = {"from_on": "2026-03-10", "last_on": "2026-03-12", "substitute": world.people["hanna"]}
    words = {"reason": "Oj.", "label": "Chefens beslut", "step": "manager", "kind": "administrator"}
    table = read_table("enheter.csv", b"kod;namn\nx;Badet\n")
    rows = [[row.number, *row.cells] for row in (table.header, *table.rows)]
    file = {"what": "units", "table": {"file": table.file_name, "sha256": table.sha256, "rows": rows}}
    whole = content(world.policy)
    policy = {**whole["policy"], "rules": {**whole["policy"]["rules"], "other_links": []}}
    rules = {"size": Size.LARGE.value, "content": {**whole, "policy": policy}}
    return people | about | days | away | words | file | rules | {"instead_of": about["role"]}


def test_what_is_confirmed_is_said_in_english(world: World, marked: None) -> None:
    account_id, left = world.active(), {}
    with reading(world.engine) as session, speaking("en"), session.no_autoflush:
        values, known = values_of(world, session, account_id), data_of(session)
        for act in sorted(set(ACTS) - {LEAVING}):
            task = UserTask(municipality_id=world.municipality_id, step=act, details={"values": values})
            lines = ACTS[act].words(session, world.now, task)
            page = with_elements("".join(f"<p>{one}</p>" for one in lines))
            left[act] = unmarked_in(page, known) if "⟦" in page else lines
    assert left == {act: [] for act in set(ACTS) - {LEAVING}}
