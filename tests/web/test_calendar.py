"""One's duties in one's own calendar, read as a calendar program reads them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Component
from sqlalchemy import select
from sqlmodel import col

from acts import absences, cases, resting
from acts.rounds import go_round
from acts.work import work
from models import (
    AccountRole,
    AuditEvent,
    Link,
    LinkKind,
    Person,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    UserTask,
)
from runtime.database import reading
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, Visitor, everything_in, plain
from tests.web.world import World

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def made(world: World, portal: Portal, who: str = "anna") -> tuple[Visitor, str]:
    """Somebody's page with a new address, and the address below the portal's."""
    visitor = at_home(world, portal, who)
    visitor.open(f"{home_of(visitor)}/kalender")
    page = visitor.post(f"{home_of(visitor)}/kalender/ny")
    assert "Kopiera den nu" in plain(page)
    address = page.text.split('readonly spellcheck="false" value="')[1].split('"')[0]
    assert address.startswith("http://testserver/exempelby/kalender/") and address.endswith(".ics")
    return visitor, address.removeprefix("http://testserver")


def read(portal: Portal, path: str) -> dict[str, Component]:
    """The calendar's lines by what they are about: their UID's first part."""
    answer = portal.visitor().client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    assert not calendar.errors and calendar["x-wr-timezone"] == "Europe/Stockholm"
    lines = calendar.subcomponents
    assert {one.name for one in lines} == {"VEVENT"}, "Google Calendar and Outlook show nothing else"
    found = {str(one["uid"]).partition(".")[0]: one for one in lines}
    assert len(found) == len(lines), "each UID once"
    return found


def open_tasks(world: World, who: str) -> dict[str, UserTask]:
    rows = (
        select(UserTask)
        .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
        .where(
            col(TaskHolder.person_id) == world.people[who],
            col(UserTask.state) == TaskState.OPEN,
            col(UserTask.kind) != TaskKind.WATCH,
        )
    )
    with reading(world.engine) as session:
        return {f"uppgift-{one.id}": one for one in session.execute(rows).scalars()}


def of_kind(lines: dict[str, Component], kind: str) -> list[Component]:
    return [one for key, one in lines.items() if key.partition("-")[0] == kind]


@pytest.fixture
def busy(world: World) -> int:
    """An open account with a case, one that is to be closed, and an application."""
    account_id = world.active()
    world.sent(name="Arkivet", platform="blog", address="")
    closing = world.active(name="Kvarten", platform="youtube", address="youtube.com/@kvarten")
    world.ask_to_close(closing)
    report = cases.Report("forbidden", world.now, "https://example.org/inlagg", "Ett grovt hot mot Nils.", [])
    with work(world.engine, world.now) as session:
        cases.open_case(
            session,
            world.now,
            account_id=account_id,
            person_id=world.people["gustav"],
            report=report,
            via="portal",
        )
    go_round(world.engine, cases.HOURS, world.now)
    world.look(account_id)
    return account_id


def test_it_has_each_open_task_of_the_person_and_no_others(world: World, portal: Portal, busy: int) -> None:
    kinds: set[TaskKind] = set()
    for who in ("anna", "bo", "disa", "hanna"):
        _, path = made(world, portal, who)
        tasks = open_tasks(world, who)
        compare(read(portal, path), tasks, world.now)
        kinds |= {one.kind for one in tasks.values()}
    assert {TaskKind.DECIDE, TaskKind.CONSULT, TaskKind.HANDLE} <= kinds, "there was something to compare"


def compare(lines: dict[str, Component], tasks: dict[str, UserTask], now: datetime) -> None:
    assert {key for key in lines if key.startswith("uppgift-")} == set(tasks)
    for key, task in tasks.items():
        due_at, from_to = task.due_at or task.advised_at, (lines[key]["dtstart"].dt, lines[key]["dtend"].dt)
        if due_at and task.process is Process.CASE:
            assert from_to == (due_at - timedelta(minutes=30), due_at) and "transp" not in lines[key]
        else:
            last_on = (due_at - timedelta(seconds=1) if due_at else now).astimezone(STOCKHOLM).date()
            assert from_to == (last_on, last_on + timedelta(days=1))
            assert lines[key]["transp"] == "TRANSPARENT", "it takes no time from meetings"


def test_what_has_no_last_day_follows_the_day(world: World, portal: Portal, busy: int) -> None:
    _, path = made(world, portal, "bo")
    [task] = [one for one in open_tasks(world, "bo").values() if one.kind is TaskKind.DECIDE]
    for _ in range(2):
        assert read(portal, path)[f"uppgift-{task.id}"]["dtstart"].dt == world.now.date()
        world.wait(days=1)


def test_it_is_written_as_the_standards_say(world: World, portal: Portal, busy: int) -> None:
    """RFC 7986, 5.7: VALUE=DURATION must be said. No zone to describe: days, and moments in UTC."""
    _, path = made(world, portal)
    text = portal.visitor().client.get(path).text.replace("\r\n ", "")
    assert "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in text
    assert "VTIMEZONE" not in text and "TZID" not in text
    moments = [one for one in text.splitlines() if one.startswith(("DTSTART", "DTEND"))]
    assert all("VALUE=DATE:" in one or one.endswith("Z") for one in moments)
    assert any(one.endswith("Z") for one in moments), "the case has a limit by the clock"


def test_what_is_known_to_come(world: World, portal: Portal, busy: int) -> None:
    """Two accounts opened on 2 March 2026: evaluated yearly, pictured in January and July.

    The watch is one line whatever the number of accounts; not on red days such as Good Friday.
    """
    with work(world.engine, world.now) as session:
        absences.enter(
            session,
            world.now,
            by_id=world.people["anna"],
            from_on=date(2026, 4, 1),
            until_on=date(2026, 4, 8),
            via="portal",
        )
        resting.let_rest(
            session,
            world.now,
            account_id=busy,
            person_id=world.people["bo"],
            from_on=date(2026, 6, 15),
            until_on=date(2026, 8, 17),
            via="portal",
        )
    _, path = made(world, portal)
    lines = read(portal, path)
    assert [one["dtstart"].dt for one in of_kind(lines, "utvardering")] == [date(2027, 3, 2)] * 2
    pictures = of_kind(lines, "bild")
    assert [one["dtstart"].dt for one in pictures] == [date(2026, 7, 1), date(2027, 1, 4)]
    assert [one["dtstart"].dt for one in of_kind(lines, "franvaro")] == [date(2026, 4, 8)]
    assert [one["dtstart"].dt for one in of_kind(lines, "vila")] == [date(2026, 8, 17)]
    [watch] = of_kind(lines, "bevakning")
    assert watch["rrule"]["byday"] == ["MO", "TU", "WE", "TH", "FR"] and watch["rrule"]["freq"] == ["WEEKLY"]
    assert watch["dtstart"].dt == date(2026, 3, 2), "not before the accounts were opened"
    left_out = {one.dts[0].dt for one in watch["exdate"]}
    assert {date(2026, 4, 3), date(2026, 6, 19)} <= left_out and date(2026, 4, 2) not in left_out
    _, path = made(world, portal, "disa")
    assert of_kind(read(portal, path), "bevakning") == [], "she has no account to watch"


def test_the_watch_begins_when_it_became_ones_own(world: World, portal: Portal) -> None:
    """Also where the account is older than the role, and while it is being closed."""
    account_id = world.active()
    began_on = world.now.date() + timedelta(days=2)
    with work(world.engine, world.now) as session:
        of_anna = col(AccountRole.person_id) == world.people["anna"]
        for role in session.execute(select(AccountRole).where(of_anna)).scalars():
            role.since_on = began_on
    world.wait(days=7)
    world.ask_to_close(account_id)
    _, path = made(world, portal)
    [watch] = of_kind(read(portal, path), "bevakning")
    assert watch["dtstart"].dt == began_on


def test_it_tells_no_more_than_kinds_accounts_and_days(world: World, portal: Portal, busy: int) -> None:
    """REQUIREMENTS 5: nothing of a case, no names; and no link that decides."""
    for who in ("anna", "disa", "bo"):
        _, path = made(world, portal, who)
        text = portal.visitor().client.get(path).text.replace("\r\n ", "")
        assert "hot" not in text.lower().split() and "Nils" not in text and "Ingen hinner" not in text
        with reading(world.engine) as session:
            names = session.execute(select(col(Person.name))).scalars().all()
        assert not [name for name in names if name in text] and "example.org" not in text.replace(
            "exempelby@", ""
        )
        addresses = {one for one in text.split() if "://" in one}
        assert all(one.endswith("http://testserver/exempelby/mina-uppgifter") for one in addresses)


def test_reading_changes_nothing_and_needs_no_cookie(world: World, portal: Portal, busy: int) -> None:
    """And what it says is recognised from one day to the next."""
    _, path = made(world, portal)
    before = everything_in(world.engine)
    client = portal.visitor().client
    first = client.get(path)
    assert client.head(path).status_code == 200 and client.head(path).content == b""
    assert client.get(path).content == first.content and client.post(path).status_code == 405
    assert everything_in(world.engine) == before
    assert first.headers["cache-control"] == "no-store"
    lines = read(portal, path)
    world.wait(days=1)
    later = read(portal, path)
    assert {str(one["uid"]) for one in lines.values()} == {str(one["uid"]) for one in later.values()}


def test_only_the_hash_is_kept_and_it_is_audited(world: World, portal: Portal) -> None:
    visitor, path = made(world, portal)
    token = path.rpartition("/")[2].removesuffix(".ics")
    assert token not in str(everything_in(world.engine))
    assert token not in visitor.open(f"{home_of(visitor)}/kalender").text, "it is shown once"
    visitor.post(f"{home_of(visitor)}/kalender/aterkalla")
    with reading(world.engine) as session:
        events = session.execute(select(AuditEvent).order_by(col(AuditEvent.id))).scalars().all()
    seen = [(one.kind, one.actor_id) for one in events if one.kind.startswith("calendar_")]
    anna = world.people["anna"]
    assert seen == [("calendar_made", anna), ("calendar_revoked", anna)]


def test_a_new_address_ends_the_one_before_and_revoking_ends_it(world: World, portal: Portal) -> None:
    visitor, first = made(world, portal)
    visitor, second = made(world, portal)
    client = portal.visitor().client
    assert (client.get(first).status_code, client.get(second).status_code) == (410, 200)
    page = visitor.post(f"{home_of(visitor)}/kalender/aterkalla")
    assert "Adressen är återkallad." in plain(page)
    assert client.get(second).status_code == 410
    assert client.get(second).text == "Adressen gäller inte längre: gör en ny.\n"


def test_it_lives_as_long_as_the_municipality_says(world: World, portal: Portal) -> None:
    """Twelve months, when nothing is said."""
    _, path = made(world, portal)
    world.now = datetime(2027, 3, 1, 22, 59, tzinfo=UTC)
    last = of_kind(read(portal, path), "adressen")
    assert [one["dtstart"].dt for one in last] == [date(2027, 3, 1)]
    world.now = datetime(2027, 3, 1, 23, 1, tzinfo=UTC)
    assert portal.visitor().client.get(path).status_code == 410


def test_who_has_left_reads_nothing(world: World, portal: Portal) -> None:
    _, path = made(world, portal)
    with work(world.engine, world.now) as session:
        session.get_one(Person, world.people["anna"]).left_on = world.now.date()
    assert portal.visitor().client.get(path).status_code == 410


def test_an_unknown_address_and_other_kinds_of_links_say_nothing(world: World, portal: Portal) -> None:
    client = portal.visitor().client
    assert client.get("/exempelby/kalender/ingen.ics").status_code == 404
    letter = world.link(LinkKind.MY_PAGE, "anna").rpartition("/")[2]
    assert client.get(f"/exempelby/kalender/{letter}.ics").status_code == 404
    _, path = made(world, portal)
    assert client.get(f"/l/{path.rpartition('/')[2].removesuffix('.ics')}").status_code == 404
    with reading(world.engine) as session:
        kinds = session.execute(select(col(Link.kind))).scalars().all()
    assert LinkKind.CALENDAR in kinds
