"""Applying over HTTP: the address, the plan saved as one goes, what is missing, files, and withdrawing."""

from typing import Any

import pytest
from sqlmodel import col, select

from acts import applying
from acts.work import work
from lifecycle.plans import attachments_of, current_plan
from models import Account, AccountState, LinkKind, Message, Outcome, Person
from runtime.database import reading
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import PLAN, World

OWN = {"name": "Biblioteket", "platform": "instagram", "account_class": "unit", "address": ""}


def letters(world: World, notice: str) -> list[str]:
    with reading(world.engine) as session:
        rows = select(Message).where(col(Message.notice) == notice).order_by(col(Message.queued_at))
        return [one.email for one in session.exec(rows)]


# The address


@pytest.mark.parametrize("page", ["ansok", "min-sida"])
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
        visitor.post("/exempelby/min-sida", {"email": email})
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


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("", "Skriv din arbetsadress."),
        ("anna", "Det ser inte ut som en e-postadress."),
        ("anna@", "Det ser inte ut som en e-postadress."),
        ("a b@exempelby.example.org", "Det ser inte ut som en e-postadress."),
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


# Files: the template policy asks for none, so they are attached to a policy that does.


@pytest.fixture
def attacher(world: World, portal: Portal) -> Visitor:
    """Anna, before a plan that asks for a file."""
    ask_for_file(world)
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=world.draft()))
    return visitor


def ask_for_file(world: World) -> None:
    from acts.policies import adopt
    from lifecycle.events import By
    from tests.web.world import content

    changed = content("mall")
    plan = changed["policy"]["rules"]["plan"]
    more = [
        {"field": "risks", "label": "Riskanalys", "kind": "file", "clauses": plan[0]["clauses"]},
        {
            "field": "tone",
            "label": "Ton",
            "kind": "choice",
            "modality": "should",
            "clauses": plan[0]["clauses"],
            "choices": [{"choice": "formal", "label": "Formell"}, {"choice": "warm", "label": "Varm"}],
        },
        {"field": "promise", "label": "Vi lovar", "kind": "yes", "clauses": plan[0]["clauses"]},
        {"field": "start", "label": "Start", "kind": "date", "clauses": plan[0]["clauses"]},
    ]
    rules = {**changed["policy"]["rules"], "plan": [*plan, *more]}
    policy = {**changed["policy"], "rules": rules, "valid_from": "2026-02-01"}
    with work(world.engine, world.now) as session:
        adopt(session, world.municipality_id, {**changed, "policy": policy}, By(None, "cli"), world.now)


PDF = b"%PDF-1.7 test"


def attach(visitor: Visitor, name: str, body: bytes, **more: Any) -> Any:
    return visitor.post("plan", {"act": "save", **more}, files={"file:risks": (name, body)})


def files(world: World) -> list[str]:
    with reading(world.engine) as session:
        return [one.file_name for one in attachments_of(session, session.get_one(Account, 1))]


def test_a_file_is_attached_shown_and_fetched_safely(world: World, attacher: Visitor) -> None:
    page = attach(attacher, "Risker å ä.pdf", PDF)
    assert files(world) == ["Risker å ä.pdf"] and "Risker å ä.pdf" in page.text
    answer = attacher.client.get(f"{attacher.base}/bilaga/1")
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Risker%20")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_is_removed_by_its_button(world: World, attacher: Visitor) -> None:
    attach(attacher, "a.pdf", PDF)
    attacher.post("plan", {"act": "remove:1", "shown": ["name"], "name": "Kvar"})
    assert files(world) == [] and world.account(1).name == "Kvar", "every button saves"
    assert attacher.client.get(f"{attacher.base}/bilaga/1").status_code == 404


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("tom.pdf", b"", "Filen är tom"),
        ("program.exe", b"MZ", "Filer av det slaget tas inte emot"),
        ("falsk.pdf", b"MZ not a pdf", "Filer av det slaget tas inte emot"),
        ("sida.html", b"<script>", "Filer av det slaget tas inte emot"),
        ("stor.pdf", b"%PDF" + b"x" * 10_000_001, "Högst 10 MB går bra"),
    ],
    ids=["empty", "program", "disguised", "html", "large"],
)
def test_a_file_that_is_not_taken_is_named_and_the_rest_is_saved(
    world: World, attacher: Visitor, name: str, body: bytes, says: str
) -> None:
    page = attach(attacher, name, body, shown=["name"])
    page = attacher.post(
        "plan",
        {"act": "send", "shown": ["name", "purpose"], "name": "Biblioteket", "purpose": "Läsning"},
        files=[("file:risks", (name, body)), ("file:risks", ("bra.pdf", PDF))],
    )
    assert page.status_code == 422
    assert name in plain(page) and says in plain(page)
    assert files(world) == ["bra.pdf"] and world.account(1).name == "Biblioteket"
    assert world.account(1).state is AccountState.DRAFT


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "..\\..\\boot.pdf", "/abs/olut.pdf", "C:\\x\\y.pdf"]
)
def test_a_file_s_name_is_no_path(world: World, attacher: Visitor, name: str) -> None:
    attach(attacher, name, PDF)
    [kept] = files(world)
    assert "/" not in kept and "\\" not in kept and ".." not in kept


def test_a_file_for_a_field_that_asks_for_none_is_left(world: World, attacher: Visitor) -> None:
    attacher.post("plan", {"act": "save"}, files={"file:purpose": ("a.pdf", PDF), "x": ("b.pdf", PDF)})
    assert files(world) == []


def test_at_most_ten_files(world: World, attacher: Visitor) -> None:
    many = [("file:risks", (f"{n}.pdf", PDF)) for n in range(11)]
    page = attacher.post("plan", {"act": "save"}, files=many)
    assert "Högst 10 filer kan bifogas" in plain(page) and len(files(world)) == 10


def test_somebody_else_s_file_is_not_found(world: World, portal: Portal, attacher: Visitor) -> None:
    attach(attacher, "a.pdf", PDF)
    other = portal.visitor()
    other.open(world.link(LinkKind.DRAFT, "gustav", account_id=world.draft("gustav")))
    assert other.client.get(f"{other.base}/bilaga/1").status_code == 404


def test_every_kind_of_field_is_drawn_and_kept(world: World, attacher: Visitor) -> None:
    answers = {"tone": "warm", "promise": "ja", "start": "2026-05-01"}
    page = attacher.post("plan", {"act": "save", "shown": list(answers), **answers})
    assert 'value="warm" checked' in page.text and 'value="2026-05-01"' in page.text
    assert 'name="promise" value="ja" checked' in page.text
    page = attacher.post("plan", {"act": "save", "shown": list(answers), "tone": "", "start": "i maj"})
    assert 'value="ja" checked' not in page.text, "an unticked box is an answer too"
    assert "Skriv datumet som ÅÅÅÅ-MM-DD" in plain(page)


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
    page = visitor.open(visitor.path)
    assert "Avslag: Disa Ek" in plain(page) and "Det finns redan ett konto." in plain(page)
    assert "(blir inte av)" in plain(page)
