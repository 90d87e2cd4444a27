"""Files of a plan over HTTP, and the kinds of fields that the template policy does not use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from acts import answering
from acts.work import work
from lifecycle.plans import attachments_of
from models import Account, AccountState, LinkKind, Outcome
from runtime.database import reading
from tests.web.visitor import Portal, Visitor, plain
from tests.web.world import World


@pytest.fixture
def attacher(world: World, portal: Portal) -> Visitor:
    """Anna, before a plan that asks for a file."""
    ask_for_file(world)
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=world.draft()))
    return visitor


def ask_for_file(world: World) -> None:
    plan = world.rules("plan")
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
    world.adopt("2026-02-01", plan=[*plan, *more])


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


# A question's files, for the one who is asked


@pytest.fixture
def task(world: World, attacher: Visitor) -> int:
    """The manager's decision on a plan with a file."""
    attach(attacher, "risker.pdf", PDF)
    world.write(1)
    world.send(1)
    return world.open_task(1)


@pytest.fixture
def bo(world: World, portal: Portal, task: int) -> Visitor:
    """The manager, by his letter."""
    visitor = portal.visitor()
    visitor.open(world.task_link(task, "bo"))
    return visitor


def test_the_one_who_is_asked_reads_the_files_before_and_after_the_answer(world: World, bo: Visitor) -> None:
    assert bo.client.get(f"{bo.base}/bilaga/1").content == PDF
    bo.post("svar", {"outcome": "approve", "plan_version": "1"})
    assert bo.client.get(f"{bo.base}/bilaga/1").content == PDF


def demand_closed(bo: Visitor) -> None:
    """The file's address leads where the question's does: to what became of it."""
    file = bo.client.get(f"{bo.base}/bilaga/1")
    assert file.status_code == 303 and file.headers["location"] == bo.base
    assert bo.open(bo.base).status_code == 410


def test_a_question_given_away_takes_its_files_along(world: World, bo: Visitor, task: int) -> None:
    given = {"task_id": task, "person_id": world.people["bo"], "to_email": world.email("cilla")}
    with work(world.engine, world.now) as session:
        answering.hand_over(session, world.now, **given, via="portal")
    demand_closed(bo)


def test_a_link_that_has_expired_opens_no_file(world: World, portal: Portal, task: int) -> None:
    path = world.task_link(task, "bo")
    world.wait(days=22)
    late = portal.visitor()
    late.open(path)
    demand_closed(late)


def test_another_s_answer_ends_the_files_too(world: World, portal: Portal, task: int) -> None:
    world.answer(task, "bo")
    path = world.task_link(world.open_task(1), "erik")
    erik = portal.visitor()
    erik.open(path)
    assert erik.client.get(f"{erik.base}/bilaga/1").status_code == 200
    world.answer(world.open_task(1), "disa", Outcome.DECLINE, "Nej.")
    demand_closed(erik)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def _keep(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", _keep)
    yield asked
    event.remove(engine, "before_cursor_execute", _keep)


def test_a_page_that_names_files_does_not_read_them(world: World, attacher: Visitor) -> None:
    attach(attacher, "a.pdf", PDF)
    with statements(world.engine) as asked:
        assert "a.pdf" in attacher.open(f"{attacher.base}/plan").text
        assert "a.pdf" in attacher.open(f"{attacher.base}/granska").text
        assert "b.pdf" in attach(attacher, "b.pdf", PDF).text
        attacher.post("plan", {"act": "remove:1"})
    assert any("FROM attachment" in one for one in asked)
    assert not [one for one in asked if "attachment.content" in one]


def test_a_question_s_page_does_not_read_its_files(world: World, bo: Visitor) -> None:
    with statements(world.engine) as asked:
        assert "risker.pdf" in bo.open(bo.base).text
    assert not [one for one in asked if "attachment.content" in one]
