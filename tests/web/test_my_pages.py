"""Mina uppgifter over HTTP: the visit, what is asked of one, one's accounts, and repairs."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from acts import answering
from acts.work import work
from lifecycle.refusals import SAYS
from models import AccountRole, AccountRoleKind, AccountState, AuditEvent, LinkKind, Outcome, TaskState
from notifications.delivery import deliver_due
from notifications.examples.world import at_any_time
from notifications.letters import Letter, Letterhead
from runtime.database import reading, writing
from tests.acts.told_town import Postbox
from tests.web.visitor import Portal, Visitor, cookie_at, everything_in, heading, plain
from tests.web.world import World


def at_home(world: World, portal: Portal, who: str) -> Visitor:
    """Somebody who has opened their own page."""
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, who))
    visitor.post(f"{visitor.path}/oppna")
    return visitor


def home_of(visitor: Visitor) -> str:
    return "/".join(visitor.path.split("/")[:4])


# The visit


def test_the_letter_s_link_is_used_by_a_click_and_once(world: World, portal: Portal) -> None:
    path = world.link(LinkKind.MY_PAGE, "anna")
    visitor, late = portal.visitor(), portal.visitor()
    page = visitor.open(path)
    assert "Öppna mina uppgifter" in plain(page) and "Att göra" not in plain(page)
    late.open(path)
    page = visitor.post(f"{visitor.path}/oppna")
    assert "Att göra" in plain(page) and "Sidan är öppen till kl. 09.30." in plain(page)
    page = late.post(f"{late.path}/oppna")
    assert page.status_code == 410 and heading(page) == "Länken är redan använd"


def test_an_unopened_link_shows_no_page_of_one_s_own(world: World, portal: Portal) -> None:
    account_id = world.active()
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "anna"))
    for below in (f"konto/{account_id}", f"lista/{account_id}", f"ansokan/{account_id}", "fraga/1", "konton"):
        assert visitor.client.get(f"{visitor.path}/{below}").status_code == 403, below


def test_a_role_that_was_only_asked_for_leads_to_no_page(world: World, portal: Portal) -> None:
    """Hanna is suggested as an administrator: until somebody has decided, the account's page is not hers."""
    world.ask_for_administrator(world.active())
    visitor = at_home(world, portal, "hanna")
    assert visitor.page is not None and "/konto/" not in visitor.page.text
    hers = at_home(world, portal, "anna").page
    assert hers is not None and "/konto/" in hers.text, "whose it is already"


def test_the_visit_ends_half_an_hour_after_its_last_page(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "anna")
    world.wait(minutes=29)
    assert visitor.open(visitor.path).status_code == 200
    world.wait(minutes=31)
    page = visitor.open(visitor.path)
    assert page.status_code == 403 and heading(page) == "Besöket är slut"
    assert 'href="/exempelby/mina-uppgifter"' in page.text


def test_the_letter_s_own_link_lives_half_an_hour(world: World, portal: Portal) -> None:
    path = world.link(LinkKind.MY_PAGE, "anna")
    world.wait(minutes=30)
    page = portal.visitor().open(path)
    assert page.status_code == 410 and heading(page) == "Länken har gått ut"


def test_the_visit_ends_when_one_leaves(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "anna")
    home = visitor.path
    cookie = next(one.value for one in visitor.client.cookies.jar if one.path == home)
    left = visitor.client.post(f"{home}/avsluta", data={"form_token": visitor.token})
    assert left.headers["clear-site-data"] == '"cache", "storage"', "the browser forgets what it was shown"
    assert heading(visitor.open(left.headers["location"])) == "Sociala medier i Exempelby"
    answer = portal.visitor().client.get(home, headers={"cookie": f"{cookie_at(home)}={cookie}"})
    assert answer.status_code == 410


def test_an_answer_late_in_the_visit_is_not_taken(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    visitor = at_home(world, portal, "bo")
    visitor.open(f"{home_of(visitor)}/fraga/{task}")
    world.wait(minutes=31)
    visitor.post("svar", {"outcome": "approve", "plan_version": "1"})
    assert world.task(task).state is TaskState.OPEN


# What is asked of one


def test_everything_asked_of_one_is_there_and_can_be_done(world: World, portal: Portal) -> None:
    sent = world.sent()
    listed = world.setting_up(name="Bokbussen", address="")
    bo = at_home(world, portal, "bo")
    assert bo.page is not None and "Besluta: Chefens beslut och uppdrag" in plain(bo.page)
    home = home_of(bo)
    bo.open(f"{home}/fraga/{world.questions(sent)[0].id}")
    page = bo.post("svar", {"outcome": "ask_for_changes", "reason": "Mer om juli.", "plan_version": "1"})
    assert "ditt svar är registrerat" in plain(page)
    assert "Det jag svarat senast" in plain(bo.open(home))
    world.look(sent)
    anna = at_home(world, portal, "anna")
    home = home_of(anna)
    assert anna.page is not None and "Ändra planen" in plain(anna.page)
    assert "Mer om juli." in plain(anna.open(f"{home}/ansokan/{sent}"))
    anna.open(f"{home}/ansokan/{sent}/plan")
    page = anna.post("plan", {"act": "send", "shown": ["how_run"], "how_run": "Gustav i juli."})
    assert heading(page).startswith("Din ansökan") and world.account(sent).plan_version == 2
    page = anna.open(f"{home}/lista/{listed}")
    mine = next(t for t in world.open_tasks(listed) if t.step == "mailbox")
    assert "Bekräftat:" in plain(anna.post(f"punkt/{mine.id}"))


def test_the_audit_log_says_that_it_was_done_in_the_portal(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    visitor = at_home(world, portal, "bo")
    visitor.open(f"{home_of(visitor)}/fraga/{task}")
    visitor.post("svar", {"outcome": "approve", "plan_version": "1"})
    with reading(world.engine) as session:
        event = session.exec(select(AuditEvent).where(col(AuditEvent.kind) == "decision_given")).one()
    assert (event.via, event.actor_id) == ("portal", world.people["bo"])


def test_what_was_never_asked_of_one_is_not_found(world: World, portal: Portal) -> None:
    account_id = world.sent()
    task = world.open_task(account_id)
    visitor = at_home(world, portal, "hanna")
    home = home_of(visitor)
    for below in (f"fraga/{task}", f"ansokan/{account_id}", f"lista/{account_id}", f"konto/{account_id}"):
        assert visitor.client.get(f"{home}/{below}").status_code == 404, below
    assert visitor.client.get(f"{home}/konton").status_code == 404
    other = visitor.client.get(f"{home}/konto/{account_id}")
    assert "Du är inne som Hanna Ivarsson" in plain(other) and f'href="{home}"' in other.text
    for below in ("fraga/9999", "konto/9999", "lista/9999", "ansokan/9999"):
        assert visitor.client.get(f"{home}/{below}").status_code == 404, below


def test_another_municipality_is_not_found(world: World, portal: Portal) -> None:
    other = World(world.engine, slug="provstad")
    theirs = other.active()
    visitor = at_home(world, portal, "disa")
    home = home_of(visitor)
    assert visitor.client.get(f"{home}/konto/{theirs}").status_code == 404
    assert visitor.client.get(f"{home}/fraga/{1}").status_code == 404
    assert "Biblioteket" not in visitor.open(f"{home}/konton").text


def test_one_s_own_answer_is_taken_back_here_too(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    world.answer(task, "bo")
    visitor = at_home(world, portal, "bo")
    assert visitor.page is not None and "Kan tas tillbaka till kl. 10.00" in plain(visitor.page)
    visitor.open(f"{home_of(visitor)}/fraga/{task}")
    assert "tillbakataget" in plain(visitor.post("angra"))


# An account's own page


@pytest.fixture
def account_id(world: World) -> int:
    """An open account."""
    return world.active()


@pytest.fixture
def anna(world: World, portal: Portal, account_id: int) -> Visitor:
    """Its responsible person, on its page."""
    visitor = at_home(world, portal, "anna")
    visitor.open(f"{home_of(visitor)}/konto/{account_id}")
    return visitor


def test_the_account_s_page_says_what_it_is_and_what_has_happened(anna: Visitor) -> None:
    assert anna.page is not None
    says = plain(anna.page)
    for needed in (
        "https://www.instagram.com/biblioteket",
        "Kommunens lösenordsvalv",
        "Anna Berg , ansvarig",
        "Uppdrag 2 mars 2026 av Bo Ceder",
        "Titta till kontot varje vardag.",
        "Tibro kommun, avsnitt 2",
        "09.00 Kontot öppnades",
        "Chefens beslut och uppdrag: Godkänt Bo Ceder",
        "Planen skickades Anna Berg",
    ):
        assert needed in says, needed


def test_a_new_administrator_is_suggested(world: World, anna: Visitor, account_id: int) -> None:
    page = anna.post("ny-administrator", {"email": "ingen@exempelby.example.org", "kind": "substitute"})
    assert page.status_code == 422 and "Ingen anställd med adressen" in plain(page)
    assert 'value="ingen@exempelby.example.org"' in page.text
    assert '<option value="substitute" selected>' in page.text
    page = anna.post("ny-administrator", {"email": world.email("hanna"), "kind": "administrator"})
    assert "Förslaget är skickat." in plain(page) and "Hanna Ivarsson" in plain(page)
    world.look(account_id)
    assert world.holders(world.open_task(account_id)) == [world.people["bo"]]
    page = anna.post("ny-administrator", {"email": world.email("hanna"), "kind": "administrator"})
    assert "Hanna Ivarsson är redan administratör för kontot, eller föreslagen." in plain(page)


def test_a_role_is_ended_unless_too_few_are_left(world: World, anna: Visitor, account_id: int) -> None:
    with reading(world.engine) as session:
        rows = select(AccountRole).where(col(AccountRole.account_id) == account_id)
        roles = {(one.person_id, one.kind): one.id for one in session.exec(rows)}
    administrator = roles[world.people["gustav"], AccountRoleKind.ADMINISTRATOR]
    page = anna.post("avsluta-roll", {"role": str(administrator)})
    assert page.status_code == 422 and "Kontot skulle få för få kvar" in plain(page)
    substitute = roles[world.people["gustav"], AccountRoleKind.SUBSTITUTE]
    assert "Rollen är avslutad från i dag." in plain(anna.post("avsluta-roll", {"role": str(substitute)}))
    assert anna.post("avsluta-roll", {"role": "9999"}).status_code == 422
    assert anna.post("avsluta-roll", {"role": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("since", "last", "says"),
    [
        ("", "", SAYS["dates_wrong"]),
        ("i morgon", "2026-03-09", SAYS["dates_wrong"]),
        ("9999-12-31", "9999-12-31", SAYS["dates_wrong"]),
        ("2026-03-09", "2026-03-05", SAYS["dates_wrong"]),
        ("2026-03-01", "2026-03-03", SAYS["dates_wrong"]),
        ("2026-03-09", "2026-03-19", "En gäst kan ha kontot i högst 7 dagar."),
    ],
)
def test_a_guest_s_days_are_checked(world: World, anna: Visitor, since: str, last: str, says: str) -> None:
    page = anna.post("gast", {"email": world.email("hanna"), "since": since, "last": last})
    assert page.status_code == 422 and says in plain(page)


def test_a_guest_is_suggested_for_whole_days(world: World, anna: Visitor) -> None:
    days = {"since": "2026-03-09", "last": "2026-03-15"}
    page = anna.post("gast", {"email": world.email("hanna"), **days})
    assert "Förslaget om gäst är skickat." in plain(page)
    assert "från 9 mars 2026 till och med 15 mars 2026" in plain(page)


def test_closing_is_asked_for_with_a_reason_once(world: World, anna: Visitor, account_id: int) -> None:
    page = anna.post("avsluta", {"reason": " "})
    assert page.status_code == 422 and SAYS["reason_missing"] in plain(page)
    page = anna.post("avsluta", {"reason": "Ingen hinner."})
    assert "Avslut är begärt 2 mars 2026." in plain(page)
    page = anna.post("avsluta", {"reason": "Igen."})
    assert page.status_code == 422 and SAYS["already_closing"] in plain(page)


def test_an_unknown_wish_changes_nothing(world: World, anna: Visitor) -> None:
    before = everything_in(world.engine)
    assert anna.post("hittepa").status_code == 200
    assert everything_in(world.engine) == before


def test_the_manager_sees_the_unit_s_accounts(world: World, portal: Portal, account_id: int) -> None:
    visitor = at_home(world, portal, "bo")
    assert visitor.page is not None and "du är chef för enheten" in plain(visitor.page)
    assert visitor.open(f"{home_of(visitor)}/konto/{account_id}").status_code == 200


def test_the_page_says_what_to_think_of_while_it_is_open(world: World, portal: Portal, anna: Visitor) -> None:
    """The policy's advice with `at: [active]`."""
    assert anna.page is not None
    assert "Att tänka på" in plain(anna.page) and "Skriv vårdat, enkelt och så att alla förstår." in plain(
        anna.page
    )
    not_yet = world.setting_up(name="Bokbussen", address="")
    page = anna.open(f"{home_of(anna)}/konto/{not_yet}")
    assert page.status_code == 200 and "Att tänka på" not in plain(page)


def test_a_draft_is_its_applicant_s_alone(world: World, portal: Portal) -> None:
    draft = world.draft("gustav")
    world.write(draft, name="Hemligt än")
    for who in ("disa", "bo", "cilla", "anna"):
        visitor = at_home(world, portal, who)
        home = home_of(visitor)
        for below in (f"konto/{draft}", f"ratta/{draft}", f"lista/{draft}", f"ansokan/{draft}"):
            assert visitor.open(f"{home}/{below}").status_code == 404, (who, below)
        assert "Hemligt än" not in visitor.open(home).text
        assert "Hemligt än" not in visitor.open(f"{home}/konton").text
    own = at_home(world, portal, "gustav")
    assert "Hemligt än" in plain(own.open(f"{home_of(own)}/konto/{draft}"))


# Communications


def test_communications_sees_all_and_what_stands_still_first(world: World, portal: Portal) -> None:
    world.active(name="Arkivet", address="")
    red = world.sent(name="Öppna förskolan", address="")
    world.wait(days=42)
    for _ in range(4):
        world.look(red)
        world.wait(days=7)
    assert world.account(red).red_reason
    visitor = at_home(world, portal, "disa")
    page = visitor.open(f"{home_of(visitor)}/konton")
    says = plain(page)
    assert says.index("Öppna förskolan") < says.index("Arkivet") and "Står still" in says
    page = visitor.open(f"{home_of(visitor)}/konton?namn=arkiv")
    assert "Arkivet" in plain(page) and "Öppna" not in plain(page).partition("Sök")[2]
    assert "Inget konto heter så." in plain(visitor.open(f"{home_of(visitor)}/konton?namn=%25"))
    page = visitor.open(f"{home_of(visitor)}/konto/{red}")
    assert "Ingen har svarat trots påminnelser." in plain(page) and "Rätta ärendet" in plain(page)


@pytest.fixture
def mender(world: World, portal: Portal) -> Visitor:
    """Communications, at an application that waits for the manager."""
    account_id = world.sent()
    visitor = at_home(world, portal, "disa")
    visitor.open(f"{home_of(visitor)}/ratta/{account_id}")
    return visitor


def test_a_repair_needs_its_reason(world: World, mender: Visitor) -> None:
    before = everything_in(world.engine)
    task = world.open_task(1)
    for form, more in (
        ("flytta", {"task": str(task), "to": world.email("cilla")}),
        ("hoppa-over", {"step": "assignment"}),
        ("avsluta", {}),
    ):
        page = mender.post(form, {"reason": " ", **more})
        assert page.status_code == 422 and SAYS["reason_missing"] in plain(page), form
        page = mender.post(form, {"reason": "x" * 2001, **more})
        assert page.status_code == 422 and "Högst 2000 tecken" in plain(page), form
    assert everything_in(world.engine) == before


def test_a_question_is_moved(world: World, mender: Visitor) -> None:
    task = world.open_task(1)
    page = mender.post("flytta", {"task": str(task), "to": world.email("cilla"), "reason": "Bo är sjuk."})
    assert "Frågan är flyttad." in plain(page)
    assert world.holders(task) == [world.people["cilla"]]


def test_a_step_is_opened_again_and_skipped(world: World, mender: Visitor) -> None:
    world.answer(world.open_task(1), "bo", Outcome.DECLINE, "Fel knapp.")
    page = mender.open(mender.base)
    assert "Öppna ett besvarat steg på nytt" in plain(page)
    page = mender.post("oppna-igen", {"step": "assignment", "reason": "Bo ringde."})
    assert "Steget är öppnat på nytt." in plain(page)
    world.look(1)
    assert world.account(1).state is AccountState.DECIDING
    page = mender.post("hoppa-over", {"step": "assignment", "reason": "Bo är borta."})
    assert "Steget är överhoppat." in plain(page)


def test_an_application_is_ended(world: World, mender: Visitor) -> None:
    page = mender.post("avsluta", {"reason": "Enheten läggs ned."})
    assert "Ansökan är avslutad." in plain(page)
    assert world.account(1).state is AccountState.WITHDRAWN


def lapsed(world: World) -> int:
    """An approval that nobody set up in time."""
    account_id = world.setting_up()
    for _ in range(20):
        world.wait(days=7)
        world.look(account_id)
    assert world.account(account_id).state is AccountState.LAPSED
    return account_id


def test_a_lapsed_approval_counts_again(world: World, portal: Portal) -> None:
    """REQUIREMENTS 2.2: communications puts right, with a reason, and everyone is told."""
    account_id = lapsed(world)
    visitor = at_home(world, portal, "erik")
    page = visitor.open(f"{home_of(visitor)}/ratta/{account_id}")
    assert "Låt godkännandet gälla igen" in plain(page)
    page = visitor.post("galla-igen", {"reason": " "})
    assert page.status_code == 422 and SAYS["reason_missing"] in plain(page)
    page = visitor.post("galla-igen", {"reason": "Anna var sjuk."})
    assert "Godkännandet gäller igen." in plain(page)
    assert world.account(account_id).state is AccountState.SETTING_UP
    assert "Låt godkännandet" not in visitor.open(visitor.base).text
    page = visitor.open(f"{home_of(visitor)}/konto/{account_id}")
    assert "Kommunikationsenheten lät godkännandet gälla igen Erik Falk" in plain(page)
    [letter] = {
        one.text for one in posted(world) if one.to == world.email("anna") and "Rättat" in one.subject
    }
    assert "Godkännandet hade förfallit och gäller igen." in " ".join(letter.split())
    assert "Anna var sjuk." in letter


def test_the_letter_is_written_also_where_nobody_decides(world: World, portal: Portal) -> None:
    world.adopt("2026-02-01", opening=[])
    account_id = lapsed(world)
    visitor = at_home(world, portal, "disa")
    visitor.open(f"{home_of(visitor)}/ratta/{account_id}")
    assert visitor.post("galla-igen", {"reason": "Anna var sjuk."}).status_code == 200
    letters = [one for one in posted(world) if one.subject.startswith("Rättat i ärendet: ansökan om")]
    assert world.email("anna") in {one.to for one in letters}
    assert "Godkännandet hade förfallit och gäller igen." in " ".join(letters[0].text.split())


def test_what_has_not_lapsed_is_not_resumed(world: World, mender: Visitor) -> None:
    assert mender.page is not None and "gälla igen" not in mender.page.text
    page = mender.post("galla-igen", {"reason": "Därför."})
    assert page.status_code == 422 and SAYS["nothing_to_repair"] in plain(page)


def posted(world: World) -> list[Letter]:
    """All letters that are due, written as they leave; none fails."""
    box = Postbox()
    head = Letterhead("http://testserver", lambda session, owner, now: now + timedelta(days=3), at_any_time)
    delivered = deliver_due(lambda: writing(world.engine), box, head, lambda: world.now, 500)
    assert (delivered.failed, delivered.postponed) == (0, 0)
    return box.letters


def test_wrong_repairs_are_refused(world: World, mender: Visitor) -> None:
    for form, more in (
        ("flytta", {"task": "9999", "to": world.email("cilla")}),
        ("hoppa-over", {"step": "hittepa"}),
        ("oppna-igen", {"step": "assignment"}),
    ):
        page = mender.post(form, {"reason": "Därför.", **more})
        assert page.status_code == 422 and SAYS["nothing_to_repair"] in plain(page), form
    assert mender.post("hittepa", {"reason": "x"}).status_code == 404


def test_who_has_decided_does_not_repair(world: World, portal: Portal) -> None:
    account_id = world.sent()
    world.answer(world.open_task(account_id), "bo")
    world.answer(world.open_task(account_id), "disa", Outcome.DECLINE, "Nej.")
    visitor = at_home(world, portal, "disa")
    page = visitor.open(f"{home_of(visitor)}/ratta/{account_id}")
    assert SAYS["four_eyes"] in plain(page) and "<textarea" not in page.text
    page = visitor.post("oppna-igen", {"step": "approval", "reason": "Jag ångrar mig."})
    assert SAYS["four_eyes"] in plain(page)


def test_only_communications_repairs(world: World, portal: Portal, account_id: int) -> None:
    visitor = at_home(world, portal, "anna")
    home = home_of(visitor)
    assert visitor.open(f"{home}/ratta/{account_id}").status_code == 404


def test_a_moved_question_is_gone_from_one_s_page(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    with work(world.engine, world.now) as session:
        answering.hand_over(
            session,
            world.now,
            task_id=task,
            person_id=world.people["bo"],
            to_email=world.email("cilla"),
            via="portal",
        )
    visitor = at_home(world, portal, "bo")
    assert visitor.page is not None and "Inget väntar på dig." in plain(visitor.page)


def test_an_account_gets_its_new_address_and_its_new_unit(world: World, portal: Portal) -> None:
    account = world.active(address="https://www.instagram.com/gamla")
    anna = at_home(world, portal, "anna")
    home = home_of(anna)
    anna.open(f"{home}/konto/{account}")
    page = plain(anna.post("ny-adress", {"address": "https://www.instagram.com/nya"}))
    assert "Adressen är sparad." in page and "https://www.instagram.com/gamla, till och med" in page
    assert "Flytta kontot" not in page
    bo = at_home(world, portal, "bo")
    page = plain(bo.open(f"{home_of(bo)}/konto/{account}"))
    assert "Flytta kontot till en annan enhet" in page
    bo.post("flytta", {"unit": ""})
    assert world.account(account).unit_id != world.units["culture"]
    bo.open(f"{home_of(bo)}/konto/{account}")
    bo.post("flytta", {"unit": str(world.units["culture"])})
    assert world.account(account).unit_id == world.units["culture"]
