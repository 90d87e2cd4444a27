"""Pages about who is there: absence, leaving, confirming, crisis, rest, exemption (REQUIREMENTS 2.7, 3)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import crises, watching
from acts.rounds import go_round
from acts.work import work
from lifecycle.duty_tasks import open_duty
from lifecycle.law import law_in_force
from lifecycle.roles import Holder
from models import (
    Absence,
    AccountRole,
    Crisis,
    Exemption,
    Link,
    LinkKind,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from policies.keys import Role
from runtime.database import reading
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import World


def absences(world: World) -> list[Absence]:
    with reading(world.engine) as session:
        return list(session.execute(select(Absence).order_by(col(Absence.id))).scalars())


def go(visitor: Visitor, where: str) -> str:
    """To one of the pages below one's own; returns its address."""
    path = f"{home_of(visitor)}/{where}"
    assert visitor.open(path).status_code == 200
    return path


# ---------------------------------------------------------------- absence


def test_one_enters_one_s_own_absence(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "bo")
    path = go(visitor, "franvaro")
    assert "frågar ingen om" in plain(visitor.open(path))
    assert 'name="reason"' not in visitor.open(path).text, "reasons for absence are never asked for"
    given = {"from": "2026-03-09", "last": "2026-03-13", "substitute": world.email("anna")}
    page = visitor.post(path, given)
    assert "Frånvaron är sparad." in plain(page)
    assert "9 mars 2026 till och med 13 mars 2026" in plain(page) and "Ersättare: Anna Berg" in plain(page)
    [absence] = absences(world)
    assert (absence.from_on, absence.until_on) == (date(2026, 3, 9), date(2026, 3, 14))
    assert absence.substitute_id == world.people["anna"]


def test_it_is_changed_and_ended_there(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "bo")
    path = go(visitor, "franvaro")
    visitor.post(path, {"from": "2026-03-02", "last": ""})
    [absence] = absences(world)
    assert absence.until_on is None
    visitor.post(f"{path}/{absence.id}", {"last": "2026-03-20", "substitute": world.email("cilla")})
    [absence] = absences(world)
    assert (absence.until_on, absence.substitute_id) == (date(2026, 3, 21), world.people["cilla"])
    page = visitor.post(f"{path}/{absence.id}/avsluta")
    assert "Frånvaron är borttagen." in plain(page) and "Ingen frånvaro är inlagd." in plain(page)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"from": "2026-03-01"}, "kan inte börja tidigare än i dag"),
        ({"from": "igår"}, "kan inte börja tidigare än i dag"),
        ({"from": "2026-03-09", "last": "2026-03-01"}, "Rätta datumen"),
        ({"from": "2026-03-09", "substitute": "ingen@example.org"}, "Ingen anställd med adressen"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    world: World, portal: Portal, given: dict[str, str], says: str
) -> None:
    visitor = at_home(world, portal, "bo")
    page = visitor.post(go(visitor, "franvaro"), given)
    assert page.status_code == 422 and says in plain(page)
    assert all(value in page.text for value in given.values()) and absences(world) == []


def test_a_manager_enters_it_for_somebody_and_a_colleague_cannot(world: World, portal: Portal) -> None:
    given = {"email": world.email("anna"), "from": "2026-03-02", "last": "2026-03-06"}
    page = (gustav := at_home(world, portal, "gustav")).post(go(gustav, "franvaro"), given)
    assert page.status_code == 422 and "en chef över personen" in plain(page)
    bo = at_home(world, portal, "bo")
    page = bo.post(path := go(bo, "franvaro"), given)
    assert "Andras frånvaro" in plain(page) and "Anna Berg" in plain(page)
    [absence] = absences(world)
    page = gustav.post(f"{home_of(gustav)}/franvaro/{absence.id}/avsluta")
    assert page.status_code == 422
    bo.post(f"{path}/{absence.id}/avsluta")
    with reading(world.engine) as session:
        assert session.get_one(Absence, absence.id).ended_at is not None


def test_the_substitute_finds_the_question_on_their_page(world: World, portal: Portal) -> None:
    account_id = world.sent()
    bo = at_home(world, portal, "bo")
    bo.post(go(bo, "franvaro"), {"from": "2026-03-02", "last": "", "substitute": world.email("gustav")})
    task_id = world.open_task(account_id)
    gustav = at_home(world, portal, "gustav")
    page = gustav.open(f"{home_of(gustav)}/fraga/{task_id}")
    assert "Bo Ceder är borta." in plain(page) and "Du är ersättare för Bo Ceder." in plain(page)


# ---------------------------------------------------------------- leaving


def confirming_link(world: World, who: str) -> str:
    """The link in the letter about what somebody has begun."""
    with reading(world.engine) as session:
        rows = select(UserTask).where(
            col(UserTask.kind) == TaskKind.CONFIRM_ACT, col(UserTask.state) == TaskState.OPEN
        )
        [task] = session.execute(rows).scalars()
    return world.link(LinkKind.CONFIRM_ACT, who, task_id=task.id)


def lead_of(world: World, code: str) -> int | None:
    with reading(world.engine) as session:
        return session.get_one(Unit, world.units[code]).line_manager_id


def begin_leaving(world: World, portal: Portal, by: str = "disa", **given: str) -> Visitor:
    """Bo leaves; Gustav takes over unless another is said."""
    visitor = at_home(world, portal, by)
    page = visitor.post(go(visitor, "slutar"), {"email": world.email("bo")})
    assert heading(page) == "Bo Ceder slutar"
    sent = {"last": "2026-02-27", "all_to": world.email("gustav")} | given
    page = visitor.post(visitor.path, sent)
    assert "Ett brev är skickat till disa.ek@exempelby.example.org" in plain(page) or by != "disa"
    return visitor


def test_everything_somebody_holds_is_shown_and_moved_when_confirmed(world: World, portal: Portal) -> None:
    world.sent()
    visitor = begin_leaving(world, portal)
    page = plain(visitor.open(visitor.path))
    assert "Chef för Biblioteket" in page and "Frågan ”" in page
    assert lead_of(world, "library") == world.people["bo"], "nothing changes before it is confirmed"

    path = confirming_link(world, "disa")
    before = everything_in(world.engine)
    opened = portal.visitor()
    for _ in range(3):
        page = plain(opened.open(path))
    assert "Chef för Biblioteket: tas över av Gustav Holm" in page
    assert everything_in(world.engine) == before, "opening a link changes nothing"

    page = plain(opened.post(f"{opened.path}/ja"))
    assert "Det är bekräftat" in page
    assert lead_of(world, "library") == world.people["gustav"]
    assert "Det är bekräftat" in plain(portal.visitor().open(path))


def test_one_can_let_it_be(world: World, portal: Portal) -> None:
    begin_leaving(world, portal)
    opened = portal.visitor()
    opened.open(confirming_link(world, "disa"))
    page = opened.post(f"{opened.path}/nej")
    assert heading(page) == "Begäran är släppt"
    assert lead_of(world, "library") == world.people["bo"]
    opened.post(f"{opened.path}/ja")
    assert lead_of(world, "library") == world.people["bo"]


def test_begun_again_the_first_letter_s_link_is_replaced(world: World, portal: Portal) -> None:
    visitor = begin_leaving(world, portal)
    first = confirming_link(world, "disa")
    visitor.post(visitor.path, {"last": "2026-02-27", "all_to": world.email("anna")})
    page = portal.visitor().open(first)
    assert page.status_code == 410 and heading(page) == "Länken är ersatt av en nyare"


def test_what_was_begun_is_listed_on_one_s_page(world: World, portal: Portal) -> None:
    visitor = begin_leaving(world, portal)
    assert "Väntar på att du bekräftar" in plain(visitor.open(home_of(visitor)))


def test_an_expired_link_is_renewed(world: World, portal: Portal) -> None:
    begin_leaving(world, portal)
    with reading(world.engine) as session:
        rows = select(UserTask.id).where(col(UserTask.kind) == TaskKind.CONFIRM_ACT)  # type: ignore[call-overload]
        [task_id] = session.execute(rows).scalars()
    gone = world.now - timedelta(minutes=1)
    opened = portal.visitor()
    page = opened.open(world.link(LinkKind.CONFIRM_ACT, "disa", task_id=task_id, until=gone))
    assert heading(page) == "Länken har gått ut"
    assert heading(opened.post(f"{opened.path}/ny-lank")) != "Länken har gått ut"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"last": "snart"}, "Ange den sista arbetsdagen"),
        ({"all_to": "bo.ceder@exempelby.example.org"}, "Bo Ceder slutar och kan inte ta över"),
        ({"all_to": "ingen@example.org"}, "Ingen anställd med adressen"),
    ],
)
def test_what_is_wrong_with_a_leaving_is_said(
    world: World, portal: Portal, given: dict[str, str], says: str
) -> None:
    visitor = at_home(world, portal, "disa")
    visitor.post(go(visitor, "slutar"), {"email": world.email("bo")})
    page = visitor.post(visitor.path, {"last": "2026-02-27", "all_to": world.email("gustav")} | given)
    assert page.status_code == 422 and says in plain(page)
    assert all(value in page.text for value in given.values())


def test_only_managers_above_and_communications_see_it(world: World, portal: Portal) -> None:
    for who, may in (("cilla", True), ("bo", False), ("anna", False)):
        visitor = at_home(world, portal, who)
        page = visitor.post(go(visitor, "slutar"), {"email": world.email("bo")})
        assert (page.status_code == 200) is may, who
        status = visitor.open(f"{home_of(visitor)}/slutar/{world.people['bo']}").status_code
        assert status == (200 if may else 404), who


def test_each_thing_may_go_to_its_own_successor(world: World, portal: Portal) -> None:
    account_id = world.active()
    visitor = at_home(world, portal, "bo")
    visitor.post(go(visitor, "slutar"), {"email": world.email("gustav")})
    role = roles_of(world, "gustav")[0]
    given = {f"role-{role.id}": world.email("hanna"), "last": "2026-02-27"}
    visitor.post(visitor.path, given)
    opened = portal.visitor()
    opened.open(confirming_link(world, "bo"))
    opened.post(f"{opened.path}/ja")
    world.look(account_id)
    assert world.people["hanna"] in {one.person_id for one in roles_of(world, "hanna")}
    asked = [task.step for task in world.open_tasks(account_id)]
    assert asked, "the policy's chain decides on the new administrator"


def roles_of(world: World, who: str) -> list[AccountRole]:
    with reading(world.engine) as session:
        rows = select(AccountRole).where(col(AccountRole.person_id) == world.people[who])
        return list(session.execute(rows.order_by(col(AccountRole.id))).scalars())


# ---------------------------------------------------------------- crisis


def test_communications_starts_and_ends_a_crisis_each_with_a_second_button(
    world: World, portal: Portal
) -> None:
    world.active()
    visitor = at_home(world, portal, "disa")
    path = go(visitor, "kris")
    page = visitor.post(f"{path}/borja", {"message": "Vattnet är förorenat."})
    assert "Vill du starta krisläge nu?" in plain(page) and "Vattnet är förorenat." in plain(page)
    assert crises_of(world) == []
    page = visitor.post(f"{path}/borja", {"message": "Vattnet är förorenat.", "saker": "ja"})
    assert "Krisläget har börjat." in plain(page)
    page = visitor.post(f"{path}/avsluta")
    assert "Är krisen över?" in plain(page)
    page = visitor.post(f"{path}/avsluta", {"saker": "ja"})
    assert "Krisläget är över." in plain(page)
    [crisis] = crises_of(world)
    assert crisis.ended_by_id == world.people["disa"]


def crises_of(world: World) -> list[Crisis]:
    with reading(world.engine) as session:
        return list(session.execute(select(Crisis)).scalars())


def test_nobody_else_has_the_page(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "frida")
    assert visitor.open(f"{home_of(visitor)}/kris").status_code == 404
    assert visitor.post(f"{home_of(visitor)}/kris/borja", {"saker": "ja"}).status_code == 404
    assert crises_of(world) == []


def test_the_day_and_one_s_page_say_that_there_is_a_crisis(world: World, portal: Portal) -> None:
    world.active()
    with work(world.engine, world.now) as session:
        crises.begin(session, world.now, by_id=world.people["disa"], message="Håll er inomhus.", via="portal")
    anna = at_home(world, portal, "anna")
    assert "Krisläge." in plain(anna.open(home_of(anna)))
    page = plain(anna.open(f"{home_of(anna)}/idag"))
    assert "Krisläge sedan" in page and "Håll er inomhus." in page


# ---------------------------------------------------------------- rest, last day, exemption


def test_the_responsible_lets_the_account_rest_and_ends_it(world: World, portal: Portal) -> None:
    account_id = world.active()
    visitor = at_home(world, portal, "anna")
    path = go(visitor, f"konto/{account_id}")
    page = visitor.post(f"{path}/vila", {"since": "2026-03-02", "last": "2026-06-30"})
    assert "2 mars 2026 till och med 30 juni 2026" in plain(page)
    assert world.account(account_id).rests_until_on == date(2026, 7, 1)
    page = visitor.post(f"{path}/vila-slut")
    assert "Vilan är slut." in plain(page)


def test_who_may_not_is_not_offered_it(world: World, portal: Portal) -> None:
    account_id = world.active()
    visitor = at_home(world, portal, "gustav")
    path = go(visitor, f"konto/{account_id}")
    assert "Låt kontot vila" not in plain(visitor.open(path))
    page = visitor.post(f"{path}/vila", {"since": "2026-03-02", "last": "2026-06-30"})
    assert page.status_code == 422 and world.account(account_id).rests_until_on is None


def test_a_last_day_is_set_and_taken_away(world: World, portal: Portal) -> None:
    account_id = world.active()
    visitor = at_home(world, portal, "anna")
    path = go(visitor, f"konto/{account_id}")
    page = visitor.post(f"{path}/slutdatum", {"ends_on": "2026-12-01"})
    assert "1 december 2026" in plain(page)
    page = visitor.post(f"{path}/slutdatum", {"ends_on": "2026-03-02"})
    assert page.status_code == 422 and "Slutdatum ska ligga efter i dag" in plain(page)
    visitor.post(f"{path}/slutdatum", {"ends_on": ""})
    assert world.account(account_id).ends_on is None


def test_communications_lets_an_account_off_a_duty_with_a_reason(world: World, portal: Portal) -> None:
    account_id = world.active()
    visitor = at_home(world, portal, "disa")
    path = go(visitor, f"konto/{account_id}")
    page = visitor.post(f"{path}/undantag", {"duty": "watch", "last": "2026-04-30", "reason": ""})
    assert page.status_code == 422 and "Skriv ett skäl" in plain(page)
    given = {"duty": "watch", "last": "2026-04-30", "reason": "Låst av plattformen."}
    page = plain(visitor.post(f"{path}/undantag", given))
    assert "Bevakning till och med 30 april 2026" in page and "Låst av plattformen." in page
    assert "Disa Ek" in page
    with reading(world.engine) as session:
        [one] = session.execute(select(Exemption)).scalars()
    visitor.post(f"{path}/undantag-slut", {"exemption": str(one.id)})
    assert "Bevakning till och med" not in plain(visitor.open(path))


def test_the_account_s_own_people_see_it_and_cannot_change_it(world: World, portal: Portal) -> None:
    account_id = world.active()
    visitor = at_home(world, portal, "anna")
    path = go(visitor, f"konto/{account_id}")
    assert "Ge undantag" not in plain(visitor.open(path))
    given = {"duty": "watch", "last": "2026-04-30", "reason": "Hinner inte."}
    assert visitor.post(f"{path}/undantag", given).status_code == 422


# ---------------------------------------------------------------- finding out


def test_what_was_found_is_written_down(world: World, portal: Portal) -> None:
    with work(world.engine, world.now) as session:
        law = law_in_force(session, world.municipality_id, world.now)
        task = open_duty(
            session,
            law,
            None,
            world.now,
            kind=TaskKind.LOOK_INTO,
            once_key="gone:1",
            step="saknas",
            label="Gustav Holm saknas i personallistan. Ta reda på om personen har slutat",
            rule=None,
            role=Role.COMMUNICATIONS,
            holders=[Holder(world.people["disa"]), Holder(world.people["erik"])],
            details={"person": world.people["gustav"]},
        )
        assert task is not None
        task_id = task.id
    disa = at_home(world, portal, "disa")
    path = f"{home_of(disa)}/idag/uppgift/{task_id}"
    page = disa.open(path)
    assert "Gustav Holm" in plain(page) and f"slutar/{world.people['gustav']}" in page.text
    page = disa.post(path, {"gjort": " "})
    assert page.status_code == 422 and "Skriv vad du kom fram till" in plain(page)
    page = disa.post(path, {"gjort": "Tjänstledig till hösten."})
    assert "Tack, svaret är sparat." in plain(page)
    erik = at_home(world, portal, "erik")
    assert "Tjänstledig till hösten." in plain(erik.open(f"{home_of(erik)}/idag/uppgift/{task_id}"))
    anna = at_home(world, portal, "anna")
    assert anna.open(f"{home_of(anna)}/idag/uppgift/{task_id}").status_code == 404


# ---------------------------------------------------------------- the parts of a day


def test_a_part_of_the_day_that_is_to_come_is_not_asked_yet(world: World, portal: Portal) -> None:
    world.active()
    with work(world.engine, world.now) as session:
        crises.begin(session, world.now, by_id=world.people["disa"], message="", via="portal")
    go_round(world.engine, watching.ASK, world.now)
    anna = at_home(world, portal, "anna")
    path = f"{home_of(anna)}/idag"
    assert "Titta till (1)" in plain(anna.open(path))
    anna.post(f"{path}/bevakning", {"konto": "1"})
    assert "Titta till (1)" not in plain(anna.open(path))
    world.wait(hours=7)
    again = at_home(world, portal, "anna")
    assert "Titta till (1)" in plain(again.open(f"{home_of(again)}/idag"))


def test_links_are_used_once(world: World, portal: Portal) -> None:
    """REQUIREMENTS 4.1: confirm an act: one answer."""
    begin_leaving(world, portal)
    opened = portal.visitor()
    opened.open(confirming_link(world, "disa"))
    opened.post(f"{opened.path}/ja")
    with reading(world.engine) as session:
        rows = select(Link).where(col(Link.kind) == LinkKind.CONFIRM_ACT)
        assert all(one.dead_at is not None for one in session.execute(rows).scalars())
