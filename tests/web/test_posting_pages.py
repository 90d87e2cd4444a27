"""What the clock asks about posts and about accounts not kept up, on its pages: shown, answered, refused."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import inactivity, posting
from acts.rounds import go_round
from connectors.sights import Missing
from models import Account, AuditEvent, LinkKind, Observation, SightState, TaskKind, TaskState, UserTask
from runtime.database import reading
from tests.posting_platform import Platform
from tests.web.visitor import Portal, Visitor, heading, plain
from tests.web.world import World, content


@dataclass
class Site:
    """The portal's world with an open account, on a platform of the tests' own."""

    world: World
    portal: Portal
    account_id: int
    platform: Platform

    def at(self, local: str) -> None:
        self.world.now = datetime.fromisoformat(local).replace(tzinfo=UTC)

    def check(self, local: str) -> None:
        """The rounds of that morning, and what follows."""
        self.at(f"{local} 05:00")
        for one in (posting.looking(lambda _: self.platform.observe), inactivity.SETTLE):
            report = go_round(self.world.engine, one, self.world.now)
            assert report.failures == []
        self.world.look(self.account_id)
        self.at(f"{local} 08:00")

    def task(self, kind: TaskKind) -> UserTask:
        rows = select(UserTask).where(col(UserTask.kind) == kind, col(UserTask.state) == TaskState.OPEN)
        with reading(self.world.engine) as session:
            [found] = session.execute(rows).scalars().all()
        return found

    def account(self) -> Account:
        return self.world.account(self.account_id)

    def observations(self) -> list[Observation]:
        with reading(self.world.engine) as session:
            return list(session.execute(select(Observation).order_by(col(Observation.id))).scalars())

    def visit(self, task: UserTask, who: str = "anna") -> Visitor:
        """By the morning letter's link, to the page of one duty."""
        visitor = self.portal.visitor()
        visitor.open(self.world.link(LinkKind.MORNING, who, until=self.world.now + timedelta(days=3)))
        visitor.open(f"{visitor.path}/uppgift/{task.id}")
        return visitor


@pytest.fixture
def site(world: World, portal: Portal) -> Site:
    """Opened on 2 March 2026; Anna and Gustav administer it, Anna is responsible. Only posts are counted."""
    rule = content("mall")["policy"]["rules"]["inactivity"]
    world.adopt("2026-03-02", inactivity={**rule, "counts": ["posts"]})
    return Site(world, portal, world.active(), Platform())


def test_nothing_posted_says_so_on_the_days_page_and_why_is_kept(site: Site) -> None:
    site.platform.posts = [datetime(2026, 3, 3, 9, tzinfo=UTC)]
    site.check("2026-03-19")
    task = site.task(TaskKind.POST)
    visitor = site.visit(task)
    day = visitor.open(visitor.path.removesuffix(f"/uppgift/{task.id}"))
    assert "Inget inlägg sedan 3 mars: publicera, eller skriv varför" in plain(day)
    page = site.visit(task).page
    assert page is not None and heading(page) == task.label
    assert "läses av nästa gång, 23 mars 2026" in plain(page)
    assert "Tibro" in plain(page) and 'name="senaste"' not in page.text
    visitor = site.visit(task)
    refused = visitor.post(f"uppgift/{task.id}", {"varfor": "  "})
    assert refused.status_code == 422 and "Skriv ett skäl" in plain(refused)
    assert "svaret är sparat" in plain(visitor.post(f"uppgift/{task.id}", {"varfor": "Vi bygger om."}))
    assert site.world.task(task.id or 0).reason == "Vi bygger om."


def test_an_account_that_cannot_be_read_is_told_of_in_three_fields(site: Site) -> None:
    site.platform.state = Missing.CONNECTOR
    site.check("2026-03-19")
    task = site.task(TaskKind.TELL_POSTS)
    visitor = site.visit(task)
    page = visitor.page
    assert page is not None and heading(page) == task.label
    assert "Kontot kan inte läsas." in plain(page) and "aldrig som att inget har publicerats" in plain(page)
    assert 'max="2026-03-19"' in page.text
    assert visitor.post(f"uppgift/{task.id}").status_code == 422, "nothing is chosen beforehand"
    saved = visitor.post(f"uppgift/{task.id}", {"publicerat": "ja", "senaste": "2026-03-17", "antal": ""})
    assert "svaret är sparat" in plain(saved)
    [seen] = site.observations()
    assert (seen.state, seen.count, seen.complete, seen.source) == (SightState.OK, 1, True, "manual")
    assert seen.by_id == site.world.people["anna"]


def test_nothing_since_last_takes_one_click(site: Site) -> None:
    site.platform.state = Missing.CONNECTOR
    site.check("2026-03-19")
    task = site.task(TaskKind.TELL_POSTS)
    site.visit(task).post(f"uppgift/{task.id}", {"publicerat": "nej", "senaste": "", "antal": "1"})
    [seen] = site.observations()
    assert (seen.state, seen.latest_at) == (SightState.EMPTY, None)
    site.world.look(site.account_id)
    post = site.task(TaskKind.POST)
    visitor = site.visit(post, "gustav")
    page = visitor.page
    assert page is not None and "har publicerats sedan" not in plain(page) and 'name="senaste"' in page.text
    told = {"svar": "publicerat", "senaste": "2026-03-19", "antal": "1", "adress": "https://example.org/1"}
    assert "svaret är sparat" in plain(visitor.post(f"uppgift/{post.id}", told))
    assert site.account().posted_at is not None
    assert site.observations()[-1].latest_url == "https://example.org/1"


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"senaste": "2026-04-01"}, "senaste", "Dagen har inte varit än"),
        ({"senaste": "igår"}, "senaste", "år-månad-dag"),
        ({"senaste": ""}, "senaste", "vilken dag"),
        ({"senaste": "2026-03-17", "antal": "många"}, "antal", "med siffror"),
        ({"senaste": "2026-03-17", "antal": "-3"}, "antal", "med siffror"),
        ({"senaste": "2026-03-17", "adress": "javascript:alert(1)"}, "adress", "https://"),
    ],
)
def test_what_cannot_be_right_is_told_at_its_field_and_kept(
    site: Site, given: dict[str, str], field: str, says: str
) -> None:
    site.platform.state = Missing.CONNECTOR
    site.check("2026-03-19")
    task = site.task(TaskKind.TELL_POSTS)
    page = site.visit(task).post(f"uppgift/{task.id}", {"publicerat": "ja", "antal": "1", **given})
    assert page.status_code == 422 and says in plain(page)
    assert f'id="{field}-fel"' in page.text and f'aria-describedby="{field}' in page.text
    assert site.observations() == [] and site.task(TaskKind.TELL_POSTS)
    assert 'value="ja" checked' in page.text


def silent(site: Site) -> None:
    """Nobody posts until it is to be reviewed: 90 days after 3 March, warned of 14 days before."""
    site.platform.posts = [datetime(2026, 3, 3, 9, tzinfo=UTC)]
    for day in ("2026-03-05", "2026-05-18"):
        site.check(day)


def test_the_warning_says_what_follows_and_when(site: Site) -> None:
    silent(site)
    task = site.task(TaskKind.WARN)
    visitor = site.visit(task, "gustav")
    page = visitor.page
    assert page is not None
    assert heading(page) == "Inget inlägg sedan 3 mars: den 1 juni prövas om kontot ska vara kvar"
    assert "Publiceras något före 1 juni 2026 händer inget mer" in plain(page)
    assert "Avläst av Kanalvakt Inga nya inlägg, det senaste 3 mars 2026" in plain(page)
    assert "svaret är sparat" in plain(visitor.post(f"uppgift/{task.id}"))


def test_the_review_lists_its_evidence_with_source_and_time(site: Site) -> None:
    """REQUIREMENTS 4.6."""
    site.platform.posts = [datetime(2026, 3, 3, 9, tzinfo=UTC)]
    site.check("2026-03-05")
    site.platform.state = SightState.PRIVATE
    site.check("2026-03-09")
    tell = site.task(TaskKind.TELL_POSTS)
    site.visit(tell).post(f"uppgift/{tell.id}", {"publicerat": "nej"})
    site.platform.state = None
    for day in ("2026-05-18", "2026-06-01"):
        site.check(day)
    page = site.visit(site.task(TaskKind.REVIEW)).page
    assert page is not None
    assert "5 mars 2026 kl. 06.00 Avläst av Kanalvakt 1 nytt inlägg, det senaste 3 mars 2026" in plain(page)
    assert "9 mars 2026 kl. 06.00 Avläst av Kanalvakt Gick inte att läsa. Det gick inte." in plain(page)
    assert "9 mars 2026 kl. 09.00 Anna Berg Inga nya inlägg" in plain(page)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "Välj ett av svaren"),
        ({"svar": "approve"}, "Välj ett av svaren"),
        ({"svar": "keep", "till": "2026-09-01"}, "Skriv ett skäl"),
        (
            {"svar": "keep", "skal": "Ombyggnad"},
            "Välj en dag från och med 2 juni 2026 till och med 2 juni 2027",
        ),
        ({"svar": "rest", "till": "i höst"}, "Välj en dag"),
        ({"svar": "keep", "skal": "x" * 4001, "till": "2026-09-01"}, "för lång"),
    ],
)
def test_a_review_that_lacks_something_is_refused_and_kept(
    site: Site, given: dict[str, str], says: str
) -> None:
    silent(site)
    site.check("2026-06-01")
    task = site.task(TaskKind.REVIEW)
    page = site.visit(task).post(f"uppgift/{task.id}", given)
    assert page.status_code == 422 and says in plain(page)
    assert site.task(TaskKind.REVIEW).id == task.id


def test_a_review_is_answered(site: Site) -> None:
    silent(site)
    site.check("2026-06-01")
    task = site.task(TaskKind.REVIEW)
    visitor = site.visit(task)
    saved = visitor.post(
        f"uppgift/{task.id}", {"svar": "keep", "skal": "Vi bygger om.", "till": "2026-09-01"}
    )
    assert "svaret är sparat" in plain(saved)
    site.world.look(site.account_id)
    assert site.account().kept_until_on == date(2026, 9, 1)
    with reading(site.world.engine) as session:
        [settled] = session.execute(
            select(AuditEvent).where(col(AuditEvent.kind) == "inactivity_settled")
        ).scalars()
    assert settled.facts == {"outcome": "keep", "until_on": "2026-09-01"}
    home = site.portal.visitor()
    home.open(site.world.link(LinkKind.MY_PAGE, "anna"))
    home.post("oppna")
    page = plain(home.open(f"{home.path}/konto/{site.account_id}"))
    assert "Bedömningen: kontot behålls till 1 september 2026" in page
    assert "Frågan ställdes: Inget inlägg sedan 3 mars: bedöm om kontot ska vara kvar" in page


def test_closing_is_asked_for_by_the_one_who_answered(site: Site) -> None:
    silent(site)
    site.check("2026-06-01")
    task = site.task(TaskKind.REVIEW)
    site.visit(task).post(f"uppgift/{task.id}", {"svar": "close", "skal": "", "till": ""})
    site.world.look(site.account_id)
    account = site.account()
    assert account.closing_asked_by_id == site.world.people["anna"]
    assert account.closing_reason == "Inget inlägg sedan 3 mars."


def test_a_key_that_opens_no_more_is_communications_to_put_right(site: Site) -> None:
    site.platform.state = SightState.AUTH_EXPIRED
    site.check("2026-03-19")
    task = site.task(TaskKind.LOOK_INTO)
    visitor = site.visit(task, "disa")
    page = visitor.page
    assert page is not None
    assert heading(page) == "Kanalvakt kommer inte längre åt Instagram: förnya nyckeln"
    assert "Instagram ”Biblioteket”" in plain(page)
    assert "svaret är sparat" in plain(visitor.post(f"uppgift/{task.id}", {"gjort": "Ny nyckel."}))
    assert site.world.task(task.id or 0).reason == "Ny nyckel."


def test_somebody_else_does_not_find_the_page(site: Site) -> None:
    site.check("2026-03-19")
    task = site.task(TaskKind.POST)
    page = site.visit(task, "hanna").page
    assert page is not None and page.status_code == 404


def test_what_was_answered_meanwhile_says_so(site: Site) -> None:
    site.check("2026-03-19")
    task = site.task(TaskKind.POST)
    late = site.visit(task, "gustav")
    site.visit(task).post(f"uppgift/{task.id}", {"varfor": "Vi bygger om."})
    page = late.post(f"uppgift/{task.id}", {"varfor": "Semester."})
    assert page.status_code == 422 and "redan besvarad av Anna Berg" in plain(page)
    assert site.world.task(task.id or 0).reason == "Vi bygger om."
