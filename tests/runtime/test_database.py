"""What the two kinds of session promise, on both databases."""

import threading

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from models import Municipality
from runtime.database import AWAY, make_engine, reading, why_away, writing


def municipality(slug: str = "exempelby") -> Municipality:
    return Municipality(slug=slug, name="Exempelby kommun", sender_address="kanalvakt@example.org")


def how_many(session: Session) -> int:
    count: int = session.execute(select(func.count()).select_from(Municipality)).scalar_one()
    return count


def test_what_was_written_is_committed_at_the_end(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(municipality())
    with reading(engine) as session:
        assert how_many(session) == 1


def test_nothing_is_kept_when_something_was_raised(engine: Engine) -> None:
    with pytest.raises(LookupError), writing(engine) as session:
        session.add(municipality())
        session.flush()
        raise LookupError
    with reading(engine) as session:
        assert how_many(session) == 0


def test_a_reading_session_cannot_write(engine: Engine) -> None:
    with pytest.raises(DatabaseError), reading(engine) as session:
        session.add(municipality())
        session.flush()
    with writing(engine) as session:
        session.add(municipality())
    with reading(engine) as session:
        assert how_many(session) == 1


def test_rows_stay_readable_after_the_commit(engine: Engine) -> None:
    with writing(engine) as session:
        row = municipality()
        session.add(row)
    assert row.id is not None
    assert row.name == "Exempelby kommun"


def test_writers_that_read_first_wait_for_each_other(sqlite_url: str) -> None:
    """With a plain BEGIN all but one of them would be refused: "database is locked"."""
    engine = make_engine(sqlite_url)

    def write(number: int) -> None:
        with writing(engine) as session:
            how_many(session)
            session.add(municipality(f"nr-{number}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert how_many(session) == 8
    engine.dispose()


def test_sqlite_is_set_to_lose_no_commit(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        values = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}


def test_who_reads_the_log_is_told_what_to_do_when_the_disk_is_full(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with pytest.raises(AWAY) as full, engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")
        connection.exec_driver_sql("CREATE TABLE more (words TEXT)")
    engine.dispose()
    assert why_away(full.value) == "Disken är full. Frigör plats på den; allt går sedan igen av sig självt."
