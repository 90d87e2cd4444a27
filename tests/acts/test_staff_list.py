"""The staff list: new, changed, moved, missing; never a deletion, and a wrong list is refused whole.

REQUIREMENTS 3: someone missing is a task at communications, never a deletion; a list that would remove more
than a tenth is refused whole.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, select
from sqlmodel import col

from acts import staff_list, watching
from acts.rounds import Report, go_round
from lifecycle.law import law_in_force
from lifecycle.staff_list import would_remove_too_many
from models import Message, Person, StaffReading, TaskState, Unit, UserTask
from runtime.settings import settings
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN, PEOPLE, Town

HEADER = "namn;e-post;enhet"
NIGHT = datetime(2026, 12, 2, 4, 10, tzinfo=UTC)


class Office:
    """A town whose staff system leaves files in a folder."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.town, self.folder = Town(engine), folder / "exempelby"
        self.folder.mkdir()
        self.town.now = NIGHT
        self.written = 0

    def rows(self, without: str = "", **changed: str) -> list[str]:
        """Everybody as Kanalvakt has them, but for some; units by code."""
        return [
            changed.get(who, f"{who.capitalize()};{who}@{DOMAIN};{unit}")
            for who, unit in PEOPLE.items()
            if who not in without.split()
        ]

    def leave(self, rows: list[str], name: str = "personal.csv", header: str = HEADER) -> None:
        """The staff system writes a file, later than the one before."""
        self.written += 1
        file = self.folder / name
        file.write_text("\n".join([header, *rows]), "utf-8")
        os.utime(file, (1_700_000_000 + self.written, 1_700_000_000 + self.written))

    def night(self, day: int = 2) -> Report:
        self.town.now = datetime(2026, 12, day, 4, 10, tzinfo=UTC)
        return go_round(self.town.engine, staff_list.READ, self.town.now)

    def people(self) -> dict[str, Person]:
        with self.town.reading() as session:
            return {one.email.split("@")[0]: one for one in session.execute(select(Person)).scalars()}

    def questions(self, *states: TaskState) -> list[str]:
        with self.town.reading() as session:
            rows = select(UserTask).where(
                col(UserTask.step) == "saknas", col(UserTask.state).in_(states or [TaskState.OPEN])
            )
            found = session.execute(rows.order_by(col(UserTask.id))).scalars()
            return [self.town.name_of(task.details["person"]) for task in found]

    def refusals(self) -> list[str]:
        with self.town.reading() as session:
            return [one.refused for one in session.execute(select(StaffReading)).scalars()]


@pytest.fixture
def office(memory: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """With the folder as the installation's."""
    monkeypatch.setenv("KANALVAKT_STAFF_FOLDER", str(tmp_path))
    settings.cache_clear()
    yield Office(memory, tmp_path)
    settings.cache_clear()


@pytest.fixture
def memory() -> Engine:
    """An engine on an empty database in memory."""
    return memory_engine()


def test_new_changed_and_moved_people_are_taken_in(office: Office) -> None:
    rows = office.rows(elin=f"Elin Ek;elin@{DOMAIN};stab")
    office.leave([*rows, f"Nora Ny;nora@{DOMAIN};bibliotek"])
    assert office.night().failures == []
    people = office.people()
    assert people["nora"].name == "Nora Ny"
    assert people["elin"].name == "Elin Ek"
    with office.town.reading() as session:
        assert session.get_one(Unit, people["elin"].unit_id).code == "stab"


def test_who_is_missing_is_asked_about_and_stays(office: Office) -> None:
    office.leave(office.rows(without="tove"))
    report = office.night()
    assert (report.failures, office.questions()) == ([], ["tove"])
    assert office.people()["tove"].left_on is None


def test_communications_reads_of_it_in_the_morning_letter(office: Office) -> None:
    office.leave(office.rows(without="tove"))
    office.night()
    office.town.now = datetime(2026, 12, 2, 8, tzinfo=UTC)
    go_round(office.town.engine, watching.TELL, office.town.now)
    with office.town.reading() as session:
        told = session.execute(select(Message).where(col(Message.notice) == "morning")).scalars()
        assert sorted(one.email.split("@")[0] for one in told) == ["david", "petra"]


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    office.leave(office.rows(without="tove"))
    assert office.night().found == 1
    assert (office.night(3).found, office.questions()) == (0, ["tove"])


def test_another_file_without_the_same_person_asks_once(office: Office) -> None:
    for day in (2, 3, 4):
        office.leave(office.rows(without="tove", omar=f"Omar {day};omar@{DOMAIN};bibliotek"))
        office.night(day)
    assert office.questions() == ["tove"]


def test_who_is_back_is_asked_about_no_more_and_again_when_missing_anew(office: Office) -> None:
    office.leave(office.rows())
    office.night(2)
    office.leave(office.rows(without="tove"))
    office.night(3)
    office.leave(office.rows())
    office.night(4)
    assert (office.questions(), office.questions(TaskState.WITHDRAWN)) == ([], ["tove"])
    office.leave(office.rows(without="tove"))
    office.night(5)
    assert office.questions() == ["tove"]


def test_who_has_left_is_not_missed(office: Office) -> None:
    office.town.leaves("tove", date(2026, 12, 1))
    office.leave(office.rows(without="tove"))
    office.night()
    assert office.questions() == []


def test_a_list_that_would_remove_more_than_a_tenth_is_refused_whole(office: Office) -> None:
    """Two of eleven are missing, and a third has another name."""
    office.leave(office.rows(without="tove omar", elin=f"Elin Ek;elin@{DOMAIN};stab"))
    [failure] = office.night().failures
    assert "2 av 11 anställda saknas" in failure.says and "Inget har lästs in" in failure.says
    assert office.people()["elin"].name == "Elin"
    assert office.questions() == []
    assert office.refusals() == [failure.says]


def test_half_the_people_is_refused_and_the_whole_list_is_read_the_next_hour(office: Office) -> None:
    office.leave(office.rows(without="tove omar elin johan karin"))
    assert office.night().failures
    office.leave(office.rows(elin=f"Elin Ek;elin@{DOMAIN};stab"))
    assert office.night().failures == []
    assert office.people()["elin"].name == "Elin Ek"


def test_exactly_a_tenth_may_be_missing(office: Office) -> None:
    with office.town.work() as session:
        law = law_in_force(session, office.town.municipality_id, NIGHT)
        assert would_remove_too_many(law, 11, 100)
        assert not would_remove_too_many(law, 10, 100)


WRONG = {
    "another table": ("datum;belopp", ["2026-12-01;300"], "Kolumnen ”namn” saknas"),
    "no addresses": ("namn;enhet", ["Elin;stab"], "Kolumnen ”e-post” saknas"),
    "empty": ("", [], "tom"),
    "only a header": (HEADER, [], "inga rader"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_cannot_be_used_is_told_of_and_nothing_is_lost(office: Office, what: str) -> None:
    header, rows, says = WRONG[what]
    before = office.people()
    office.leave(rows, header=header)
    [failure] = office.night().failures
    assert failure.says.startswith("personal.csv: ") and says in failure.says
    assert office.people() == before
    assert office.questions() == []


def test_bytes_that_are_no_table(office: Office) -> None:
    (office.folder / "personal.xlsx").write_bytes(b"\x00\x01\x02" * 500)
    [failure] = office.night().failures
    assert "Inget har lästs in" in failure.says


def test_one_wrong_row_is_left_out_and_told_by_its_number_alone(office: Office) -> None:
    """REQUIREMENTS 5: in Prefect no names and no addresses."""
    office.leave(office.rows(elin=f"Elin Ek;elin@{DOMAIN};finns-inte", omar=f"Omar O;omar@{DOMAIN};stab"))
    [failure] = office.night().failures
    row = 2 + list(PEOPLE).index("elin")
    assert f"rad {row} " in failure.says
    assert "Elin" not in failure.says and "@" not in failure.says and "finns-inte" not in failure.says
    assert office.people()["omar"].name == "Omar O"
    assert office.people()["elin"].name == "Elin"
    assert office.questions() == [], "a wrong row is not a missing person"


def test_many_wrong_rows_refuse_the_whole_list(office: Office) -> None:
    office.leave([f"{who.capitalize()} X;{who}@{DOMAIN};fel" for who in PEOPLE])
    [failure] = office.night().failures
    assert "11 rader kan inte användas" in failure.says
    assert office.people()["elin"].name == "Elin"


def test_the_newest_file_counts(office: Office) -> None:
    office.leave(office.rows(elin=f"Elin Ny;elin@{DOMAIN};stab"), "b.csv")
    office.leave(office.rows(elin=f"Elin Nyast;elin@{DOMAIN};stab"), "a.csv")
    (office.folder / "las-mig.txt").write_text("annat")
    office.night()
    assert office.people()["elin"].name == "Elin Nyast"


def test_a_workbook_is_read_too(office: Office) -> None:
    book = Workbook()
    book.active.append(["Namn", "E-post", "Enhet"])  # type: ignore[union-attr]
    for row in office.rows(elin=f"Elin Ek;elin@{DOMAIN};stab"):
        book.active.append(row.split(";"))  # type: ignore[union-attr]
    book.save(office.folder / "personal.xlsx")
    assert office.night().failures == []
    assert office.people()["elin"].name == "Elin Ek"


def test_without_folder_or_file_there_is_nothing_to_do(office: Office) -> None:
    assert office.night().found == 0
    office.folder.rmdir()
    assert office.night(3).failures == []


def test_nothing_is_read_before_the_night(office: Office) -> None:
    office.leave(office.rows(without="tove"))
    evening = datetime(2026, 12, 2, 0, 30, tzinfo=UTC)
    assert go_round(office.town.engine, staff_list.READ, evening).done == 0
