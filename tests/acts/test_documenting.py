"""Snapshots from the night's round to the archive, with a real browser before a platform of our own."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, select

from acts import documenting, watching
from acts.rounds import go_round
from connectors.capturing import BROWSER, INSTALL_BROWSER, Captured, NotCaptured, capture
from connectors.judging import Reason
from lifecycle.refusals import Refused
from models import Account, Message, Municipality, Snapshot, TaskKind, TaskState, UserTask
from papers import verapdf
from tests.connectors.platform_pages import NAME, Platform
from tests.lifecycle.town import CLAUSE, Town, item

NIGHT = datetime(2027, 1, 4, 4, 10, tzinfo=UTC)
"""05.10 on the first working day of January."""
RULE = {
    "every": "half_year",
    "format": "pdfa-1b",
    "taken_by": "administrator",
    "at_major_change": True,
    "sent_to": "registry",
    "clauses": [CLAUSE],
}


class PicturedTown(Town):
    """A town whose open accounts are to be pictured each half-year."""

    def __init__(self, engine: Engine, **rules: Any) -> None:
        super().__init__(engine, {"opening": [], "documentation": [RULE], **rules})
        with self.work() as session:
            session.get_one(Municipality, self.municipality_id).registry_address = "registrator@example.org"

    def open_account(self, address: str, name: str = NAME) -> int:
        account_id = self.apply(administrators=["elin", "omar"], address=address, name=name)
        with self.work() as session:
            session.get_one(Account, account_id).opened_on = date(2026, 3, 2)
        return account_id

    def night(self, take: documenting.Capture, now: datetime = NIGHT) -> None:
        self.now = now
        assert go_round(self.engine, documenting.WANT, now).failures == []
        report = documenting.capture_wanted(self.engine, take, lambda: now)
        assert report.failures == []

    def snapshots(self) -> Sequence[Snapshot]:
        with self.reading() as session:
            return session.execute(select(Snapshot).order_by(Snapshot.id)).scalars().all()

    def pictures_asked(self) -> list[UserTask]:
        with self.reading() as session:
            rows = select(UserTask).where(
                UserTask.kind == TaskKind.TAKE_SNAPSHOT, UserTask.state == TaskState.OPEN
            )
            return list(session.execute(rows.order_by(UserTask.id)).scalars())


@pytest.fixture
def town(sqlite_engine: Engine) -> PicturedTown:
    return PicturedTown(sqlite_engine)


@pytest.fixture(autouse=True)
def java(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Java is asked in the one test that is about its answer: it takes a second and a half each time."""
    if request.node.originalname != "test_what_the_browser_took_is_kept_as_the_policy_s_kind_of_file":
        monkeypatch.setattr(verapdf, "lacking", lambda: "ingen Java")


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    if not BROWSER.exists():
        pytest.fail(f"These tests need Chromium: {INSTALL_BROWSER}")
    server = Platform()
    yield server
    server.close()


def a_picture(colour: str = "white") -> bytes:
    picture = Image.new("RGB", (800, 1600), colour)
    picture.paste("navy", (40, 40, 760, 400))
    held = io.BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()


def sees(content: bytes) -> documenting.Capture:
    """A browser that sees the account."""

    def take(address: str, names: Sequence[str], into: Path) -> Captured:
        picture = into / "bild.png"
        picture.write_bytes(content)
        return Captured(picture, address, names[0], "", 200, "Chromium 156", False)

    return take


def sees_nothing(address: str, names: Sequence[str], into: Path) -> NotCaptured:
    return NotCaptured(Reason.LOG_IN, "Sidan visar en inloggning.", address)


def test_four_pages_that_are_no_account_become_four_questions_and_no_snapshot(
    town: PicturedTown, platform: Platform
) -> None:
    """REQUIREMENTS 3: a log-in form, a consent wall, an error page or another account is not a snapshot."""
    for page in ("log-in", "consent", "gone", "other"):
        town.open_account(f"{platform.origin}/{page}")

    def take(address: str, names: Sequence[str], into: Path) -> Captured | NotCaptured:
        return capture(address, [NAME], into=into, allowed_origins=[platform.origin])

    town.night(take)
    assert town.snapshots() == []
    asked = town.pictures_asked()
    assert [task.details["code"] for task in asked] == ["log_in", "consent", "error_page", "other_page"]
    assert {tuple(town.holders(task)) for task in asked} == {("elin", "omar")}
    assert all(task.told_at is None and task.next_reminder_at for task in asked)


def test_what_the_browser_took_is_kept_as_the_policy_s_kind_of_file(town: PicturedTown) -> None:
    town.open_account("https://example.org/bibblan")
    town.night(sees(a_picture()))
    [kept] = town.snapshots()
    assert (kept.profile, kept.faults, kept.checked_by) == ("pdfa-1b", [], "Kanalvakt och veraPDF")
    assert kept.content.startswith(b"%PDF-") and kept.sha256 == sha256(kept.content).hexdigest()
    assert (kept.original, kept.due_on, kept.by_id) == (a_picture(), date(2027, 1, 1), None)
    assert [one["ref"] for one in kept.clauses] == [CLAUSE]
    assert town.pictures_asked() == []


def test_the_one_whom_the_rule_sends_it_to_gets_the_file(town: PicturedTown) -> None:
    town.open_account("https://example.org/bibblan")
    town.night(sees(a_picture()))
    [letter] = town.messages("snapshot_kept")
    assert (letter.email, letter.context) == ("registrator@example.org", {"snapshots": [1]})


def test_nobody_is_told_before_the_browser_has_tried(town: PicturedTown) -> None:
    town.open_account("https://example.org/bibblan")
    town.now = NIGHT
    go_round(town.engine, documenting.WANT, NIGHT)
    go_round(town.engine, watching.TELL, NIGHT.replace(hour=8))
    with town.reading() as session:
        assert session.execute(select(Message).where(Message.notice == "morning")).first() is None


def test_the_question_comes_in_the_morning_letter_and_is_answered_by_a_file(town: PicturedTown) -> None:
    town.open_account("https://example.org/bibblan")
    town.night(sees_nothing)
    go_round(town.engine, watching.TELL, NIGHT.replace(hour=8))
    [task] = town.pictures_asked()
    with town.reading() as session:
        letters = list(session.execute(select(Message).where(Message.notice == "morning")).scalars())
    assert [one.context["asked"] for one in letters] == [[task.id], [task.id]]
    with town.work() as session:
        documenting.hand_in(
            session,
            NIGHT.replace(hour=9),
            task_id=task.id or 0,
            person_id=town.people["omar"],
            file_name="skärmbild.png",
            content=a_picture(),
            via="link",
        )
    [kept] = town.snapshots()
    assert (kept.by_id, kept.state.value) == (town.people["omar"], "uploaded")
    assert town.pictures_asked() == []


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "tom"), (b"<html>Logga in</html>", "PNG"), (b"\x89PNG\r\n\x1a\nx", "skadad")]
)
def test_a_file_that_is_no_picture_is_refused_and_the_question_stays(
    town: PicturedTown, content: bytes, says: str
) -> None:
    town.open_account("https://example.org/bibblan")
    town.night(sees_nothing)
    [task] = town.pictures_asked()
    with pytest.raises(Refused) as refused, town.work() as session:
        documenting.hand_in(
            session,
            NIGHT,
            task_id=task.id or 0,
            person_id=town.people["elin"],
            file_name="x",
            content=content,
            via="link",
        )
    assert refused.value.code == "file_unusable" and says in refused.value.says()
    assert len(town.pictures_asked()) == 1


def test_a_night_gone_twice_asks_and_takes_once(engine: Engine) -> None:
    town = PicturedTown(engine)
    town.open_account("https://example.org/bibblan")
    for _ in range(2):
        town.night(sees(a_picture()))
    assert len(town.snapshots()) == 1
    town.night(sees(a_picture("pink")), NIGHT.replace(day=7))
    assert len(town.snapshots()) == 1


def test_trouble_with_one_account_stops_no_other(town: PicturedTown) -> None:
    first = town.open_account("https://example.org/trasig")
    town.open_account("https://example.org/hel")
    town.now = NIGHT
    go_round(town.engine, documenting.WANT, NIGHT)

    def take(address: str, names: Sequence[str], into: Path) -> Captured:
        if "trasig" in address:
            raise OSError("no space left on device")
        return sees(a_picture())(address, names, into)  # type: ignore[return-value]

    report = documenting.capture_wanted(town.engine, take, lambda: NIGHT)
    assert [one.subject for one in report.failures] == [f"konto {first}"]
    assert [one.address for one in town.snapshots()] == ["https://example.org/hel"]
    assert len(town.pictures_asked()) == 1, "tried again next night"


def test_the_archive_gets_each_file_once(town: PicturedTown, tmp_path: Path) -> None:
    town.open_account("https://example.org/bibblan")
    town.night(sees(a_picture()))
    for _ in range(2):
        assert documenting.leave_in_archive(town.engine, tmp_path, NIGHT).failures == []
    [pdf] = (tmp_path / "exempelby").glob("*.pdf")
    [kept] = town.snapshots()
    assert pdf.read_bytes() == kept.content and pdf.name.startswith("2027-01-01 instagram")
    assert pdf.with_suffix(".sha256").read_text() == f"{kept.sha256}  {pdf.name}\n"


def test_an_archive_that_cannot_be_written_is_told_and_tried_again(
    town: PicturedTown, tmp_path: Path
) -> None:
    town.open_account("https://example.org/bibblan")
    town.night(sees(a_picture()))
    (tmp_path / "exempelby").write_text("en fil i vägen")
    report = documenting.leave_in_archive(town.engine, tmp_path, NIGHT)
    assert [one.subject for one in report.failures] == ["bild 1"]
    (tmp_path / "exempelby").unlink()
    assert documenting.leave_in_archive(town.engine, tmp_path, NIGHT).done == 1


def test_a_major_change_is_pictured_the_next_night(town: PicturedTown) -> None:
    account_id = town.open_account("https://example.org/bibblan")
    town.now = datetime(2026, 12, 8, 9, tzinfo=UTC)
    with town.work() as session:
        documenting.tell_major_change(
            session, town.now, account_id=account_id, person_id=town.people["elin"], via="portal"
        )
    town.night(sees(a_picture()), datetime(2026, 12, 9, 4, 10, tzinfo=UTC))
    assert [one.reason.value for one in town.snapshots()] == ["major_change"]


def test_the_last_picture_confirms_its_line_of_the_closing_list(engine: Engine) -> None:
    lines = [item("bild", snapshot=True, confirmed_by="administrator"), item("rad", after=["bild"])]
    town = PicturedTown(engine, closing_items=lines)
    town.open_account("https://example.org/bibblan")
    town.ask_to_close("elin")
    assert [task.step for task in town.open_tasks()] == ["bild"]
    town.night(sees(a_picture()), datetime(2026, 12, 9, 4, 10, tzinfo=UTC))
    town.look()
    assert [task.step for task in town.open_tasks()] == ["rad"]
    assert [one.reason.value for one in town.snapshots()] == ["final"]


def test_a_last_picture_that_cannot_be_taken_is_asked_of_whoever_confirms_the_line(engine: Engine) -> None:
    town = PicturedTown(engine, closing_items=[item("bild", snapshot=True, confirmed_by="administrator")])
    town.open_account("https://example.org/bibblan")
    town.ask_to_close("elin")
    town.night(sees_nothing, datetime(2026, 12, 9, 4, 10, tzinfo=UTC))
    [task] = town.pictures_asked()
    with town.work() as session:
        documenting.hand_in(
            session,
            town.now,
            task_id=task.id or 0,
            person_id=town.people["elin"],
            file_name="sist.png",
            content=a_picture(),
            via="link",
        )
    town.look()
    assert town.account().state == "closed"
