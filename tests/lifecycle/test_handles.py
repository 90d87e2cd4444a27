"""REQUIREMENTS 4.7 and 2.6: accounts that disappear, look-alikes, and addresses that were official."""

from datetime import date, datetime, timedelta

import pytest

from acts import handles, looking_into
from acts.rounds import go_round
from connectors.occupying import Occupant
from lifecycle.refusals import Refused
from models import AccountSource, AccountState, SightState, TaskKind, TaskState
from tests.lifecycle.handle_town import LIKE, OWN, HandleTown
from tests.lifecycle.posted_town import PostedTown


def test_an_account_is_gone_when_two_looks_have_not_found_it() -> None:
    town = PostedTown()
    town.platform.state = SightState.GONE
    town.at("2026-12-03")
    town.check()
    assert town.duties(TaskKind.LOOK_INTO) == [], "one look is not enough"
    town.check()
    assert town.duties(TaskKind.LOOK_INTO) == [], "the same day's round again is no second look"
    town.at("2026-12-07")
    town.check()
    [task] = town.duties(TaskKind.LOOK_INTO)
    assert task.label == "Kontot går inte att hitta längre: ta reda på vad som har hänt"
    assert town.holders(task) == ["petra", "david"], "no clause makes it anybody else's duty"
    town.go_days("2026-12-14", mornings=False)
    assert [one.id for one in town.duties(TaskKind.LOOK_INTO)] == [task.id]


def test_a_failed_look_neither_finds_nor_takes_back() -> None:
    town = PostedTown()
    town.platform.state = SightState.GONE
    town.go_days("2026-12-02", mornings=False)
    town.platform.state = SightState.UNREACHABLE
    town.go_days("2026-12-17", mornings=False)
    assert town.duties(TaskKind.LOOK_INTO) == []
    town.platform.state = SightState.GONE
    town.go_days("2026-12-21", mornings=False)
    assert len(town.duties(TaskKind.LOOK_INTO)) == 1
    town.platform.state = SightState.UNREACHABLE
    town.go_days("2026-12-28", mornings=False)
    assert len(town.duties(TaskKind.LOOK_INTO)) == 1
    town.platform.state = None
    town.go_days("2027-01-07", mornings=False)
    assert town.duties(TaskKind.LOOK_INTO) == []


def test_a_look_that_found_it_between_begins_the_count_anew() -> None:
    town = PostedTown()
    town.platform.state = SightState.GONE
    town.go_days("2026-12-02", mornings=False)
    town.platform.state = None
    town.go_days("2026-12-03", mornings=False)
    town.platform.state = SightState.GONE
    town.go_days("2026-12-07", mornings=False)
    assert town.duties(TaskKind.LOOK_INTO) == []


def test_a_look_alike_is_one_task_at_communications() -> None:
    town = HandleTown()
    town.has[LIKE] = "7"
    assert town.go_handles("2026-12-02").found == 1
    [task] = town.municipal()
    assert town.holders(task) == ["petra", "david"] and task.clauses == []
    assert task.details["address"] == LIKE and "@7" in task.details["says"]
    assert town.go_handles("2026-12-02").found == 0 and town.asked == []
    town.go_handle_days("2026-12-03", 60)
    assert [one.id for one in town.all_asked()] == [task.id]


def test_a_look_alike_that_is_known_and_harmless_is_never_asked_about_again() -> None:
    town = HandleTown()
    town.has[LIKE] = "7"
    town.go_handles("2026-12-02")
    [task] = town.municipal()
    with town.work() as session:
        looking_into.put_right(
            session,
            town.now,
            task_id=task.id or 0,
            person_id=town.people["petra"],
            what="Grannens blogg.",
            via="link",
            harmless=True,
        )
    town.go_handle_days("2026-12-03", 60)
    [answered] = town.all_asked()
    assert answered.details["harmless"] is True and answered.reason == "Grannens blogg."
    town.has[LIKE] = "8"
    town.go_handle_days("2027-02-01", 29)
    assert len(town.municipal()) == 1, "another who has the name is not the one that is known"


def test_only_a_look_alike_can_be_harmless() -> None:
    town = HandleTown()
    town.platform.state = SightState.GONE
    town.go_days("2026-12-07", mornings=False)
    [task] = town.duties(TaskKind.LOOK_INTO)
    with pytest.raises(Refused), town.work() as session:
        looking_into.put_right(
            session,
            town.now,
            task_id=task.id or 0,
            person_id=town.people["petra"],
            what="?",
            via="link",
            harmless=True,
        )


def test_what_is_ours_is_no_look_alike() -> None:
    town = HandleTown()
    first = town.account_id
    town.apply(administrators=["tove"], responsible=["tove"], address=LIKE, platform="mastodon")
    town.has[LIKE] = "2"
    town.go_handle_days("2026-12-02", 3)
    assert town.all_asked() == [] and town.account_id != first


def test_a_round_asks_no_more_than_its_number_and_goes_on_where_it_was() -> None:
    town = HandleTown(settings={"handle_looks_a_day": 3})
    asked: list[str] = []
    for day in ("2026-12-02", "2026-12-03", "2026-12-04"):
        town.go_handles(day)
        assert len(town.asked) == 3
        asked += town.asked
    assert len(set(asked)) == 9 and OWN in asked[:3]


def second_run(town: HandleTown, *, after: timedelta) -> list[str]:
    """What a run asks that is due while the first one is in the middle of its looks."""
    asked: list[str] = []
    begun = town.now

    def find(platform: str, address: str, at: datetime) -> Occupant | None:
        asked.append(address)
        return None

    def slow(platform: str, address: str, at: datetime) -> Occupant | None:
        if len(town.asked) == 3:
            go_round(town.engine, handles.looking(find), begun + after)
        return town.find(platform, address, at)

    report = go_round(town.engine, handles.looking(slow), begun)
    assert report.failures == [] and len(town.asked) > 3
    return asked


def test_a_run_that_is_due_while_one_is_going_asks_nothing_twice() -> None:
    town = HandleTown()
    town.at("2026-12-02")
    assert second_run(town, after=timedelta(hours=1)) == []
    town.go_handles("2026-12-09")
    assert town.asked != [], "what is done is let go of"


def test_what_a_killed_run_was_at_is_taken_up_by_a_later_one() -> None:
    town = HandleTown()
    town.at("2026-12-02")
    assert second_run(town, after=timedelta(hours=2)) != []


def test_a_run_that_broke_lets_go() -> None:
    town = HandleTown()
    town.at("2026-12-02")

    def broken(platform: str, address: str, at: datetime) -> Occupant | None:
        raise KeyError("ett fel i koden")

    assert go_round(town.engine, handles.looking(broken), town.now).failures
    assert go_round(town.engine, handles.looking(town.find), town.now + timedelta(hours=1)).failures == []
    assert town.asked != []


def test_none_at_all_when_the_number_is_nought() -> None:
    town = HandleTown(settings={"handle_looks_a_day": 0})
    town.go_handles("2026-12-02")
    assert town.asked == []


def test_a_failing_platform_is_never_a_finding() -> None:
    town = HandleTown()
    town.has[LIKE], town.failing = "7", True
    town.go_handle_days("2026-12-02", 40)
    assert town.all_asked() == []
    row = town.row(LIKE)
    assert row.looked_at is None and row.says == "Servern går inte att nå."


def test_another_day_than_today_asks_nobody() -> None:
    town = HandleTown()
    town.at("2026-12-09")
    go_round(town.engine, handles.looking(town.find), town.now, date(2026, 12, 2))
    assert town.asked == []


def test_a_closed_accounts_address_that_comes_alive_again_is_asked_about() -> None:
    """REQUIREMENTS 2.6: the handle stays under watch."""
    town = HandleTown()
    town.ask_to_close("elin")
    assert town.state == "closed"
    town.go_handle_days("2026-12-02", 10)
    assert town.all_asked() == [], "it is still there, and its own"
    del town.has[OWN]
    town.go_handle_days("2026-12-12", 10)
    assert town.all_asked() == []
    town.failing = True
    town.go_handle_days("2026-12-22", 10)
    assert town.all_asked() == []
    town.failing, town.has[OWN] = False, "9"
    town.go_handle_days("2027-01-01", 8)
    [task] = town.municipal()
    assert task.label == "Ett avslutat kontos adress är i bruk igen: ta reda på av vem"
    assert task.details["accounts"] == [town.account_id] and town.holders(task) == ["petra", "david"]
    town.go_handle_days("2027-01-09", 20)
    assert len(town.all_asked()) == 1
    del town.has[OWN]
    town.go_handle_days("2027-01-29", 10)
    assert town.municipal() == [], "nobody has it any more, at more than one look"


def test_a_closed_account_that_its_former_owner_opens_again_is_asked_about() -> None:
    town = HandleTown()
    town.ask_to_close("elin")
    del town.has[OWN]
    town.go_handle_days("2026-12-02", 10)
    town.has[OWN] = "1"
    town.go_handle_days("2026-12-12", 10)
    assert len(town.municipal()) == 1


def test_a_former_address_that_is_somebody_elses_is_asked_about() -> None:
    """It was official until then, and is still printed on posters."""
    town = HandleTown()
    town.moves_to("https://social.example.org/@exempelby")
    town.has["https://social.example.org/@exempelby"] = "1"
    town.go_handle_days("2026-12-02", 8)
    assert town.all_asked() == []
    town.has[OWN] = "5"
    town.go_handle_days("2026-12-10", 8)
    [task] = town.municipal()
    assert task.label == "En tidigare adress till ett konto är någon annans: ta reda på vems"
    assert task.details["address"] == OWN


def test_an_open_account_that_the_posting_round_does_not_look_at_is_looked_at_here() -> None:
    town = HandleTown({"posting": []})
    del town.has[OWN]
    town.go_handles("2026-12-02")
    assert town.duties(TaskKind.LOOK_INTO) == []
    town.go_handles("2026-12-03")
    [task] = town.duties(TaskKind.LOOK_INTO)
    assert task.label == "Kontot går inte att hitta längre: ta reda på vad som har hänt"
    town.has[OWN] = "6"
    town.go_handle_days("2026-12-04", 8)
    labels = {one.label for one in town.duties(TaskKind.LOOK_INTO)}
    assert "Adressen hör till någon annans konto: ta reda på vad som har hänt" in labels
    town.has[OWN] = "1"
    town.go_handle_days("2026-12-12", 8)
    assert town.duties(TaskKind.LOOK_INTO) == []
    assert all(one.state is TaskState.WITHDRAWN for one in town.all_asked())


TUBE = "https://www.youtube.com/@exempelby"


def tube_town() -> HandleTown:
    """Its channel is read by its id twice a week, and says nothing of who has the name."""
    town = HandleTown()
    town.change(platform="youtube", address=TUBE, address_key="youtube.com/@exempelby")
    town.has = {TUBE: "1"}
    return town


def go_both(town: HandleTown, since: str, count: int) -> int:
    """So many days with the round of posts and the one of names: how often the own name was asked about."""
    looks, begin = 0, date.fromisoformat(since)
    for number in range(count):
        day = begin + timedelta(days=number)
        town.go_days(day.isoformat(), mornings=False)
        town.go_handles(day.isoformat())
        looks += town.asked.count(town.account().address)
    return looks


def test_a_name_that_the_look_at_posts_does_not_compare_is_looked_at_weekly() -> None:
    town = tube_town()
    assert go_both(town, "2026-12-02", 22) == 4 and town.platform.looks > 5
    assert town.all_asked() == []


def test_a_name_that_is_anothers_while_the_channel_is_read_is_asked_about_until_it_is_ours() -> None:
    town = tube_town()
    go_both(town, "2026-12-02", 2)
    town.has[TUBE] = "9"
    go_both(town, "2026-12-04", 14)
    [task] = town.duties(TaskKind.LOOK_INTO)
    assert task.label == "Adressen hör till någon annans konto: ta reda på vad som har hänt"
    town.has[TUBE] = "1"
    go_both(town, "2026-12-18", 8)
    assert town.duties(TaskKind.LOOK_INTO) == []


def test_a_name_that_the_look_at_posts_has_found_is_not_looked_at_besides() -> None:
    assert go_both(HandleTown(), "2026-12-02", 15) == 0


def test_a_failed_look_at_posts_is_no_look_at_the_name() -> None:
    town = HandleTown()
    town.platform.state = SightState.UNREACHABLE
    assert go_both(town, "2026-12-02", 15) == 3


def test_an_account_that_is_being_closed_is_official_until_then() -> None:
    town = HandleTown({"posting": []})
    town.change(state=AccountState.CLOSING)
    town.go_handles("2026-12-02")
    assert OWN in town.asked and LIKE in town.asked
    town.has[OWN] = "6"
    town.go_handle_days("2026-12-03", 8)
    [task] = town.duties(TaskKind.LOOK_INTO)
    assert task.label == "Adressen hör till någon annans konto: ta reda på vad som har hänt"


BLOG = "https://blogg.example.org/ann"


def blog_town(closed: bool) -> HandleTown:
    town = HandleTown({"posting": []})
    town.change(platform="blog", address=BLOG, address_key="blogg.example.org/ann")
    with town.work() as session:
        session.get_one(AccountSource, town.account_id).platform_id = ""
    town.has = {BLOG: "blogg.example.org"}
    if closed:
        town.ask_to_close("elin")
    town.go_handles("2026-12-02")
    assert town.row(BLOG).known == "blogg.example.org", "the first look has found its own"
    return town


@pytest.mark.parametrize("closed", [True, False])
def test_a_page_that_leads_elsewhere_for_a_day_is_no_takeover(closed: bool) -> None:
    """Servers are moved, mended and put behind walls: one look at another server says nothing."""
    town = blog_town(closed)
    town.has[BLOG] = "underhall.example.net"
    town.go_handles("2026-12-09")
    row = town.row(BLOG)
    assert town.all_asked() == [] and row.occupant == "blogg.example.org"
    assert row.says == "Adressen leder till underhall.example.net. Det ses om en annan dag, innan det räknas."
    town.has[BLOG] = "annat.example.net"
    town.go_handles("2026-12-10")
    assert town.asked == [BLOG] and town.all_asked() == [], "another again is no second look"
    town.failing = True
    town.go_handles("2026-12-11")
    town.failing, town.has[BLOG] = False, "blogg.example.org"
    town.go_handle_days("2026-12-12", 10)
    assert town.all_asked() == [] and town.row(BLOG).says == ""
    town.has[BLOG] = "underhall.example.net"
    town.go_handle_days("2026-12-26", 1)
    assert town.all_asked() == [], "what was seen weeks ago has been taken back since"


@pytest.mark.parametrize("closed", [True, False])
def test_a_page_that_leads_elsewhere_on_two_days_is_asked_about(closed: bool) -> None:
    town = blog_town(closed)
    town.has[BLOG] = "annat.example.net"
    town.go_handles("2026-12-09")
    assert town.all_asked() == []
    town.go_handles("2026-12-10")
    assert len(town.all_asked()) == 1 and town.row(BLOG).occupant == "annat.example.net"
    town.go_handle_days("2026-12-11", 20)
    assert len(town.all_asked()) == 1


def test_a_day_elsewhere_takes_nothing_back_either() -> None:
    town = blog_town(closed=False)
    town.has[BLOG] = "annat.example.net"
    town.go_handle_days("2026-12-09", 2)
    town.has[BLOG] = "underhall.example.net"
    town.go_handle_days("2026-12-17", 1)
    assert len(town.duties(TaskKind.LOOK_INTO)) == 1
    town.has[BLOG] = "blogg.example.org"
    town.go_handle_days("2026-12-18", 1)
    assert town.duties(TaskKind.LOOK_INTO) == []


def test_an_address_that_a_person_has_put_right_is_no_takeover() -> None:
    """On another server the account has another id."""
    town = HandleTown()
    town.moves_to("https://annan.example.org/@biblan")
    town.has["https://annan.example.org/@biblan"] = "77"
    town.go_handle_days("2026-12-02", 10)
    assert town.duties(TaskKind.LOOK_INTO) == []
