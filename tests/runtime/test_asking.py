"""Answers are remembered as long as they are true, and statements built once are the same statements."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Engine, Executable, delete, event, insert, select, update
from sqlmodel import Session, col

from models import Municipality
from models.asking import ANSWERS, Answers, asked_once, built_once
from runtime.database import reading, writing

ASKED: list[str] = []
"""Each time that the database was really asked."""


@asked_once(Municipality)
def names(session: Session, beginning: str) -> Sequence[str]:
    ASKED.append(beginning)
    rows = select(col(Municipality.name)).where(col(Municipality.name).startswith(beginning))
    return session.execute(rows.order_by(col(Municipality.name))).scalars().all()


@asked_once(Municipality, values=True)
def count(session: Session) -> int:
    ASKED.append("count")
    return len(session.execute(select(col(Municipality.id))).all())


def town(name: str) -> Municipality:
    return Municipality(slug=name, name=name, sender_address="kanalvakt@example.org")


def _row(name: str) -> dict[str, object]:
    return town(name).model_dump(exclude={"id"})


@pytest.fixture(autouse=True)
def begin(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(town("Exempelby"))
    ASKED.clear()


def test_the_same_is_asked_once_in_a_transaction(engine: Engine) -> None:
    with reading(engine) as session:
        assert names(session, "Ex") == names(session, "Ex") == ["Exempelby"]
        assert names(session, "Ny") == []
    with reading(engine) as session:
        assert names(session, "Ex") == ["Exempelby"]
    assert ASKED == ["Ex", "Ny", "Ex"], "and again in the next, since others may have written"


def _add(session: Session) -> None:
    session.add(town("Exempelköping"))


def _rename(session: Session) -> None:
    session.execute(select(Municipality)).scalars().one().name = "Nyby"


WRITES: dict[str, tuple[Callable[[Session], object], list[str]]] = {
    "a new row, not yet flushed": (_add, ["Exempelby", "Exempelköping"]),
    "a changed row": (_rename, []),
    "an insert": (
        lambda session: session.execute(
            insert(Municipality), [town("Exempelvik").model_dump(exclude={"id"})]
        ),
        ["Exempelby", "Exempelvik"],
    ),
    "an update": (
        lambda session: session.execute(update(Municipality).values(name="Exempelö")),
        ["Exempelö"],
    ),
    "a deletion": (lambda session: session.execute(delete(Municipality)), []),
}


@pytest.mark.parametrize("how", WRITES)
def test_what_has_been_written_is_asked_for_anew(engine: Engine, how: str) -> None:
    write, expected = WRITES[how]
    with writing(engine) as session:
        assert names(session, "Ex") == ["Exempelby"]
        write(session)
        assert names(session, "Ex") == expected


def test_what_has_been_undone_is_asked_for_anew(engine: Engine) -> None:
    with writing(engine) as session:
        with pytest.raises(LookupError), session.begin_nested():
            session.add(town("Exempelvik"))
            assert names(session, "Ex") == ["Exempelby", "Exempelvik"]
            raise LookupError
        assert names(session, "Ex") == ["Exempelby"]


def test_values_outlive_a_transaction_only_where_nobody_else_writes(engine: Engine) -> None:
    alone = engine.execution_options(**{ANSWERS: Answers()})
    for _ in range(2):
        with reading(alone) as session:
            assert count(session) == 1
    assert ASKED == ["count"]
    for _ in range(2):
        with reading(engine) as session:
            assert count(session) == 1
    assert ASKED == ["count"] * 3


@pytest.mark.parametrize("commits", [True, False])
def test_values_of_what_is_written_do_not_outlive_it(engine: Engine, commits: bool) -> None:
    """Whether it was kept or not: an answer given meanwhile came from what may never have been."""
    alone = engine.execution_options(**{ANSWERS: Answers()})
    with reading(alone) as session:
        assert count(session) == 1
    try:
        with writing(alone) as session:
            session.add(town("Exempelvik"))
            assert count(session) == 2
            if not commits:
                raise LookupError
    except LookupError:
        pass
    with reading(alone) as session:
        assert count(session) == (2 if commits else 1)


def test_a_row_that_was_got_is_not_read_again(engine: Engine) -> None:
    """Though nobody has held it."""
    read: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: read.append(told[2]))
    with reading(engine) as session:
        for _ in range(3):
            session.get_one(Municipality, 1)
    assert len([one for one in read if one.startswith("SELECT")]) == 1


def test_a_session_of_another_kind_asks_every_time(engine: Engine) -> None:
    with Session(engine) as session:
        assert names(session, "Ex") == names(session, "Ex") == ["Exempelby"]
    assert ASKED == ["Ex", "Ex"]


def test_a_statement_is_built_once_and_filled_in_each_time(engine: Engine) -> None:
    @built_once
    def named(some: Sequence[str], of: int) -> Executable:
        ASKED.append("built")
        its = (col(Municipality.name).in_(some), col(Municipality.id) == of)
        return select(col(Municipality.name)).where(*its)

    with reading(engine) as session:
        asked = [(["Exempelby", "Nyby"], 1), (["Exempelby"], 2), ([], 1)]
        found = [session.execute(*named(some, of)).scalars().all() for some, of in asked]
    assert found == [["Exempelby"], [], []]
    assert ASKED == ["built"]
    with pytest.raises(ValueError):
        named(["Exempelby"])
