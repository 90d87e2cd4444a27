"""Applying over HTTP: the address, the plan saved as one goes, what is missing, files, and withdrawing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from acts import applying
from acts.work import work
from lifecycle.plans import current_plan
from models import Account, AccountState, LinkKind, Message, Outcome, Person
from runtime.database import reading
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import MONDAY, PLAN, World
from web.limits import LINKS_AN_HOUR, LinkRequests

OWN = {"name": "Biblioteket", "platform": "instagram", "account_class": "unit", "address": ""}


def letters(world: World, notice: str) -> list[str]:
    with reading(world.engine) as session:
        rows = select(Message).where(col(Message.notice) == notice).order_by(col(Message.queued_at))
        return [one.email for one in session.exec(rows)]


# The address


@pytest.mark.parametrize("page", ["ansok", "mina-uppgifter"])
def test_the_answer_is_the_same_whether_the_address_is_known(portal: Portal, page: str) -> None:
    answers = []
    for email in ("anna.berg@exempelby.example.org", "ingen.alls@exempelby.example.org"):
        visitor = portal.visitor()
        answer = visitor.post(f"/exempelby/{page}", {"email": email})
        answers.append((answer.status_code, visitor.path, answer.text))
    assert answers[0] == answers[1]
    assert "Se din e-post" in answers[0][2]


def test_letters_go_where_they_should(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    for email in (" Anna.Berg@Exempelby.example.org ", "ny.person@exempelby.example.org"):
        visitor.post("/exempelby/ansok", {"email": email})
        visitor.post("/exempelby/mina-uppgifter", {"email": email})
    assert letters(world, "confirm_address") == [
        "anna.berg@exempelby.example.org",
        "ny.person@exempelby.example.org",
    ]
    assert letters(world, "my_page") == ["anna.berg@exempelby.example.org"]


def test_at_most_one_letter_a_minute(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    for _ in range(5):
        visitor.post("/exempelby/ansok", {"email": world.email("anna")})
    world.wait(minutes=1)
    visitor.post("/exempelby/ansok", {"email": world.email("anna")})
    assert len(letters(world, "confirm_address")) == 2


def test_at_most_twenty_letters_a_day_and_the_same_answer(world: World, portal: Portal) -> None:
    """REQUIREMENTS 4.1: the same answer, whatever the address is."""
    answers = []
    for page in ("ansok", "mina-uppgifter") * 12:
        answers.append(portal.visitor().post(f"/exempelby/{page}", {"email": world.email("anna")}))
        world.wait(minutes=1)
    assert len(letters(world, "confirm_address")) + len(letters(world, "my_page")) == 20
    assert {one.status_code for one in answers} == {200} and len({one.text for one in answers}) == 2
    portal.visitor().post("/exempelby/ansok", {"email": world.email("gustav")})
    assert world.email("gustav") in letters(world, "confirm_address"), "others are not kept waiting"
    world.wait(days=1)
    portal.visitor().post("/exempelby/ansok", {"email": world.email("anna")})
    assert letters(world, "confirm_address")[-1] == world.email("anna")


def test_nobody_fills_the_outbox_with_addresses_of_their_own_making(world: World, portal: Portal) -> None:
    client = portal.visitor().client
    for number in range(300):
        answer = client.post("/exempelby/ansok", data={"email": f"nr{number}@exempelby.example.org"})
    assert len(letters(world, "confirm_address")) == LINKS_AN_HOUR
    assert answer.status_code == 429 and heading(answer) == "Försök igen efter kl. 10.00"
    assert "inget brev" in plain(answer)
    assert client.post("/exempelby/mina-uppgifter", data={"email": "x@y.example"}).status_code == 429
    assert client.post("/exempelby/ansok", data={"email": "fel"}).status_code == 422
    world.wait(hours=1)
    answer = client.post("/exempelby/ansok", data={"email": world.email("anna")})
    assert answer.status_code == 303 and letters(world, "confirm_address")[-1] == world.email("anna")


def test_each_client_has_requests_of_its_own() -> None:
    requests = LinkRequests()
    for _ in range(LINKS_AN_HOUR):
        assert requests.full_until("192.0.2.1", MONDAY) is None
    assert requests.full_until("192.0.2.1", MONDAY) == MONDAY + timedelta(hours=1)
    assert requests.full_until("192.0.2.2", MONDAY) is None
    assert requests.full_until("192.0.2.1", MONDAY + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("", "Skriv din arbetsadress."),
        ("anna", "Det ser inte ut som en e-postadress."),
        ("anna@", "Det ser inte ut som en e-postadress."),
        ("a b@exempelby.example.org", "Det ser inte ut som en e-postadress."),
        ("victim@example.net,x@exempelby.example.org", "Det ser inte ut som en e-postadress."),
        ("<victim@example.net>@exempelby.example.org", "Det ser inte ut som en e-postadress."),
        ("victim@example.net(@exempelby.example.org", "Det ser inte ut som en e-postadress."),
        ("anna.berg+x@exempelby.example.org", "Det ser inte ut som en e-postadress."),
        ("a" * 300 + "@exempelby.example.org", "Det ser inte ut som en e-postadress."),
        ("anna@elsewhere.example.org", "Skriv en adress som slutar på @exempelby.example.org."),
        ("anna@exempelby.example.org.elsewhere.example.net", "Skriv en adress som slutar på"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained_beside_the_field(
    world: World, portal: Portal, email: str, says: str
) -> None:
    before = everything_in(world.engine)
    page = portal.visitor().post("/exempelby/ansok", {"email": email})
    assert page.status_code == 422 and says in plain(page)
    assert 'aria-describedby="f-email-hjalp f-email-fel"' in page.text
    assert everything_in(world.engine) == before


# Beginning


def test_a_newcomer_says_their_name_and_begins(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    path = world.link(LinkKind.CONFIRM_ADDRESS, email="ny.person@exempelby.example.org")
    assert heading(visitor.open(path)) == "Börja ansökan"
    refused = visitor.post("", {"name": " . "})
    assert refused.status_code == 422 and "Skriv ditt namn." in plain(refused)
    page = visitor.post("", {"name": "  Ny   Person "})
    assert heading(page) == "Plan för kontot" and "/ansokan/" in visitor.path
    with reading(world.engine) as session:
        person = session.get_one(Person, world.account(1).applicant_id)
        assert (person.name, person.email) == ("Ny Person", "ny.person@exempelby.example.org")
    assert letters(world, "draft_link") == ["ny.person@exempelby.example.org"]


def test_an_address_is_confirmed_once(world: World, portal: Portal) -> None:
    path = world.link(LinkKind.CONFIRM_ADDRESS, "anna")
    first, second = portal.visitor(), portal.visitor()
    first.open(path)
    second.open(path)
    assert heading(first.post("")) == "Plan för kontot"
    page = second.post("")
    assert page.status_code == 410 and heading(page) == "Länken är redan använd"
    assert "Be om en ny länk" in plain(page)
    with reading(world.engine) as session:
        assert len(session.exec(select(Account)).all()) == 1


def test_a_known_person_is_not_asked_for_a_name(world: World, portal: Portal) -> None:
    page = portal.visitor().open(world.link(LinkKind.CONFIRM_ADDRESS, "anna"))
    assert "Du ansöker som Anna Berg , bibliotekarie" in plain(page) or "Anna Berg, bibliotekarie" in plain(
        page
    )
    assert 'name="name"' not in page.text


# The plan


@pytest.fixture
def writer(world: World, portal: Portal) -> Visitor:
    """Anna, before an empty plan."""
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=world.draft()))
    return visitor


def filled(world: World, **other: Any) -> dict[str, Any]:
    """A whole plan as the form posts it."""
    answers = {**OWN, "unit": str(world.units["library"]), **world.plan, **other}
    posted = {k: "\n".join(v) if isinstance(v, list) else v for k, v in answers.items()}
    return {**posted, "shown": list(posted)}


def test_an_empty_plan_shows_no_faults_until_it_is_sent(writer: Visitor) -> None:
    assert writer.page is not None
    assert 'class="summary"' not in writer.page.text
    page = writer.post("plan", {"act": "save"})
    assert 'class="summary"' not in page.text and "saker återstår" in plain(page)


def test_sending_an_empty_plan_lists_everything_at_once(writer: Visitor) -> None:
    page = writer.post("plan", {"act": "send"})
    listed = page.text[page.text.index('id="fel"') : page.text.index("<h1>")]
    wanted = ["name", "platform", "purpose", "target_group", "goals", "key_figures", "follow_up", "how_run"]
    for field in [*wanted, "responsible", "administrators", "substitute"]:
        assert f'href="#f-{field}"' in listed, field
        assert f'id="f-{field}"' in page.text and f'id="f-{field}-fel"' in page.text, field
    for advised in ("why_this_channel", "data_protection"):
        assert f'href="#f-{advised}"' not in listed
        assert f'href="#f-{advised}"' in page.text, "recommended, apart"


def test_every_field_has_label_modality_and_clause(writer: Visitor) -> None:
    assert writer.page is not None
    text = plain(writer.page)
    assert "Varför just den här kanalen? bör" in text and "Varför behövs kontot? ska" in text
    assert "Vilken adress har kontot? frivilligt" in text
    assert "Skurups kommun" in text and "Nässjö kommun" in text


def test_what_is_written_is_saved_and_shown_again(world: World, writer: Visitor) -> None:
    page = writer.post("plan", filled(world) | {"act": "save"})
    assert "Inget saknas. Planen går att skicka." in plain(page)
    assert "Hundra fler besökare" in page.text and 'value="Biblioteket"' in page.text
    assert "Anna Berg, bibliotekarie; Gustav Holm, bibliotekarie" in plain(page)
    account = world.account(1)
    assert (account.name, account.platform, account.unit_id) == (
        "Biblioteket",
        "instagram",
        world.units["library"],
    )


def test_fields_that_were_not_shown_keep_their_answers(world: World, writer: Visitor) -> None:
    writer.post("plan", filled(world) | {"act": "save"})
    writer.post("plan", {"act": "save", "purpose": "", "name": ""})
    assert world.account(1).name == "Biblioteket"


def test_a_whole_plan_is_sent_and_asks_the_manager(world: World, writer: Visitor) -> None:
    page = writer.post("plan", filled(world) | {"act": "send"})
    assert heading(page) == "Din ansökan: Instagram ”Biblioteket”"
    assert world.account(1).state is AccountState.DECIDING
    world.look(1)
    page = writer.open(writer.base)
    assert "Väntar på Bo Ceder" in plain(page) and "Kommunikationsenheten beslutar" in plain(page)
    assert writer.open(f"{writer.base}/plan").url.path == writer.base


def test_what_is_too_long_is_told_at_its_field_and_everything_else_is_saved(
    world: World, writer: Visitor
) -> None:
    posted = filled(world, goals="g" * 4001, name="n" * 121)
    page = writer.post("plan", posted | {"act": "send"})
    assert page.status_code == 422
    assert "Korta texten till högst 4000 tecken (nu 4001)" in plain(page)
    assert "Korta texten till högst 120 tecken (nu 121)" in plain(page)
    assert "g" * 4001 in page.text and "n" * 121 in page.text, "nobody writes it twice"
    with reading(world.engine) as session:
        answers = current_plan(session, session.get_one(Account, 1)).answers
    assert answers["purpose"] == PLAN["purpose"] and "goals" not in answers
    assert world.account(1).name == "" and world.account(1).state is AccountState.DRAFT


def test_what_is_missing_is_told_together_with_what_is_too_long(world: World, writer: Visitor) -> None:
    posted = filled(world, goals="g" * 4001, purpose="", responsible="anna@exempelby.example.org")
    page = writer.post("plan", posted | {"act": "send"})
    assert heading(page).startswith("Plan för kontot")
    assert "Korta texten till högst 4000 tecken (nu 4001)" in plain(page)
    assert "Ingen anställd med adressen anna@exempelby.example.org finns" in plain(page)
    told = page.text.partition('id="fel"')[2].partition("</ul>")[0]
    assert told.count("<li>") == 3 and told.count('href="#f-goals"') == 1
    page = writer.post("plan", posted | {"act": "save"})
    assert page.text.partition('id="fel"')[2].partition("</ul>")[0].count("<li>") == 1


def test_wrong_persons_and_addresses_are_told_as_soon_as_saved(world: World, writer: Visitor) -> None:
    posted = filled(world, responsible="anna.bergh@exempelby.example.org", address="inte en adress")
    page = writer.post("plan", posted | {"act": "save"})
    assert "Ingen anställd med adressen anna.bergh@exempelby.example.org finns" in plain(page)
    assert "Menade du anna.berg@exempelby.example.org?" in plain(page)
    assert "går inte att läsa som en webbadress" in plain(page)


def test_persons_may_be_parted_by_whatever(world: World, writer: Visitor) -> None:
    both = f"{world.email('anna')}; {world.email('gustav')},\r\n {world.email('hanna')}"
    writer.post("plan", filled(world, administrators=both) | {"act": "save"})
    with reading(world.engine) as session:
        answers = current_plan(session, session.get_one(Account, 1)).answers
    assert answers["administrators"] == [world.email(one) for one in ("anna", "gustav", "hanna")]


def test_similar_accounts_are_warned_of_at_once(world: World, portal: Portal, writer: Visitor) -> None:
    world.sent(name="Bibblan", address="https://www.instagram.com/bibblan")
    page = writer.post("plan", filled(world) | {"act": "save"})
    assert "Liknande konton finns" in plain(page) and "Bibblan" in page.text
    page = writer.post("plan", filled(world, address="instagram.com/bibblan/") | {"act": "save"})
    assert "hör redan till ett konto eller en ansökan: Bibblan" in plain(page)


def test_what_people_write_is_shown_as_written(world: World, writer: Visitor) -> None:
    page = writer.post("plan", filled(world, purpose='<script>x</script> & "så"') | {"act": "save"})
    assert "<script>x" not in page.text and "&lt;script&gt;x" in page.text


def test_the_preview_is_what_deciders_see(world: World, writer: Visitor) -> None:
    page = writer.post("plan", filled(world, goals="") | {"act": "preview"})
    assert heading(page) == "Så ser planen ut för den som beslutar"
    assert "1 sak återstår innan planen kan skickas: Vilka mål har ni?" in plain(page)
    writer.post("plan", filled(world) | {"act": "save"})
    writer.open(f"{writer.base}/granska")
    assert heading(writer.post("plan", {"act": "send"})).startswith("Din ansökan")


# Afterwards


def test_changes_are_asked_for_made_and_marked(world: World, portal: Portal) -> None:
    account_id = world.sent()
    world.answer(world.open_task(account_id), "bo", Outcome.ASK_FOR_CHANGES, "Vad gör ni i juli?")
    visitor = portal.visitor()
    page = visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=account_id))
    assert "Vad gör ni i juli?" in plain(page) and "Ändra planen" in plain(page)
    visitor.open(f"{visitor.base}/plan")
    visitor.post("plan", {"act": "send", "shown": ["how_run"], "how_run": "Gustav sköter kontot i juli."})
    world.look(account_id)
    assert world.account(account_id).plan_version == 2
    page = portal.visitor().open(world.task_link(world.open_task(account_id), "bo"))
    assert "Ändrat" in plain(page) and "varannan vecka" in plain(page), "what it said before"


def test_withdrawing_asks_first(world: World, portal: Portal) -> None:
    account_id = world.sent()
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=account_id))
    before = everything_in(world.engine)
    page = visitor.open(f"{visitor.base}/aterta")
    assert heading(page) == "Ta tillbaka ansökan?" and everything_in(world.engine) == before
    page = visitor.post("aterta", {"reason": "Vi väntar till hösten."})
    assert world.account(account_id).state is AccountState.WITHDRAWN
    assert "Ansökan är återtagen" in plain(page) and "Ta tillbaka ansökan" not in page.text
    assert visitor.post("aterta").status_code == 409


def test_of_a_draft_that_is_taken_back_nothing_is_kept(world: World, writer: Visitor) -> None:
    """REQUIREMENTS 2.1: what nobody has been asked is the applicant's own."""
    world.write(1)
    with work(world.engine, world.now) as session:
        account = session.get_one(Account, 1)
        applying.attach(session, account, "goals", "mål.pdf", b"%PDF", world.people["anna"], world.now)
    page = writer.post("aterta", {"reason": ""})
    assert heading(page) == "Din ansökan: kontot utan namn" and "Ansökan är återtagen." in plain(page)
    assert "Skickad av" not in plain(page) and "Planen som den skickades" not in plain(page)
    account = world.account(1)
    assert (account.state, account.name, account.address) == (AccountState.WITHDRAWN, "", "")
    kept = everything_in(world.engine)
    assert kept["plan"] == [] and kept["attachment"] == []
    assert writer.open(f"{writer.base}/granska").status_code == 200 and "aterta" not in writer.path
    assert writer.post("plan", filled(world) | {"act": "save"}).status_code == 409
    assert everything_in(world.engine)["plan"] == []


def test_of_a_plan_that_was_sent_everything_is_kept(world: World) -> None:
    account_id = world.sent()
    with work(world.engine, world.now) as session:
        account = session.get_one(Account, account_id)
        applying.withdraw(session, account, world.people["anna"], "", world.now)
    assert len(everything_in(world.engine)["plan"]) == 1 and world.account(account_id).name == "Biblioteket"


def test_a_plan_sent_meanwhile_cannot_be_overwritten(world: World, writer: Visitor) -> None:
    world.write(1)
    with work(world.engine, world.now) as session:
        applying.send_plan(session, session.get_one(Account, 1), world.people["anna"], world.now)
    answer = writer.post("plan", filled(world, name="Annat") | {"act": "save"})
    assert answer.status_code == 409 and "ärendet har gått vidare" in plain(answer)
    assert world.account(1).name == "Biblioteket"


def test_another_s_application_is_not_found(world: World, portal: Portal) -> None:
    account_id = world.sent()
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.DRAFT, "gustav", account_id=account_id))
    assert visitor.page is not None and visitor.page.status_code == 404


def test_the_status_page_tells_the_whole_way(world: World, portal: Portal) -> None:
    account_id = world.sent()
    world.answer(world.open_task(account_id), "bo")
    visitor = portal.visitor()
    page = visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=account_id))
    assert "Godkänt: Bo Ceder, 2 mars 2026" in plain(page)
    assert "Väntar på Disa Ek och Erik Falk" in plain(page)
    world.answer(world.open_task(account_id), "disa", Outcome.DECLINE, "Det finns redan ett konto.")
    world.wait(hours=1)
    page = visitor.open(visitor.path)
    assert "Avslag: Disa Ek" in plain(page) and "Det finns redan ett konto." in plain(page)
    assert "(blir inte av)" in plain(page)


# Saving while one writes


def test_the_page_s_own_save_is_answered_shortly(world: World, writer: Visitor) -> None:
    path, token = f"{writer.base}/plan", writer.token
    sent = {**filled(world, goals="Tio fler."), "form_token": token, "act": "save"}
    answer = writer.client.post(path, data=sent, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"saved": "09.00"})
    with reading(world.engine) as session:
        assert current_plan(session, world_account(session)).answers["goals"] == "Tio fler."
    answer = writer.client.post(
        path, data=sent | {"goals": "x" * 4001}, headers={"accept": "application/json"}
    )
    assert answer.status_code == 422, "what could not be kept is not called saved"
    answer = writer.client.post(path, data=sent | {"form_token": "x"}, headers={"accept": "application/json"})
    assert answer.status_code == 403


def world_account(session: Session) -> Account:
    return session.get_one(Account, 1)


def test_no_page_claims_that_it_saves_by_itself(world: World, portal: Portal, writer: Visitor) -> None:
    newcomer = portal.visitor().open(world.link(LinkKind.CONFIRM_ADDRESS, "anna"))
    for page in (writer.page, newcomer, portal.visitor().open("/exempelby/ansok")):
        assert page is not None
        assert "efter hand" not in plain(page) and "Allt sparas" not in plain(page)
        assert "spara" in plain(page).lower()


# The unit


def test_no_unit_is_chosen_for_a_newcomer(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.CONFIRM_ADDRESS, email="ny.person@exempelby.example.org"))
    page = visitor.post("", {"name": "Ny Person"})
    assert '<option value="" selected>Välj enhet</option>' in page.text
    assert '<option value="none">Gemensamt för kommunen</option>' in page.text
    page = visitor.post("plan", {"shown": ["unit", "account_class"], "unit": "none", "account_class": "unit"})
    assert '<option value="" selected>Välj enhet</option>' in page.text
    page = visitor.post(
        "plan", {"shown": ["unit", "account_class"], "unit": "none", "account_class": "common"}
    )
    assert '<option value="none" selected>' in page.text
    page = visitor.post("plan", {"act": "send"})
    assert 'href="#f-unit"' not in page.text


def test_common_accounts_are_offered_only_where_the_policy_knows_them(world: World, portal: Portal) -> None:
    owner = {one: value for one, value in world.owner.items() if one != "common_owned_by"}
    world.adopt("2026-02-01", owner=owner)
    visitor = portal.visitor()
    page = visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=world.draft()))
    assert "Gemensamt för kommunen" not in page.text


# Words


def test_a_question_mark_is_followed_by_no_colon(world: World, writer: Visitor) -> None:
    page = writer.post("plan", {"act": "send"})
    assert "?</a> Fyll i fältet." in page.text and "?</a>:" not in page.text


def test_what_is_too_large_leads_back_to_its_form(world: World, writer: Visitor) -> None:
    page = writer.post("plan", {"act": "save", "goals": "x" * 300_000}, files={"file:x": ("a.pdf", b"%PDF")})
    assert page.status_code == 413 and "Det du hade sparat förut finns kvar." in plain(page)
    assert f'href="{writer.base}/plan"' in page.text and "webbläsaren" not in plain(page)
    page = writer.post("/exempelby/ansok", {"email": "x" * 1_100_000})
    assert page.status_code == 413 and 'href="/exempelby/ansok"' in page.text
