"""The audit log: chained, append-only, and every tampering is found and named (REQUIREMENTS 4.8)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from lifecycle.events import By, EventKind
from lifecycle.journal import Verdict, record, verify
from models import AuditEvent, Municipality
from runtime.database import reading, writing

NOW = datetime(2026, 12, 1, 8, 30, 15, 123456, tzinfo=UTC)
COLUMNS = (
    "municipality_id, number, at, kind, via, account_id, task_id, actor_id, on_behalf_of_id, clauses, facts"
)
REST = "detail_digest, previous, digest"


def town(engine: Engine, slug: str = "exempelby") -> int:
    """A municipality to have a chain."""
    with writing(engine) as session:
        new = Municipality(slug=slug, name="Exempelby", sender_address="kanalvakt@example.org")
        session.add(new)
        session.flush()
        return new.id or 0


def write(engine: Engine, owner: int, count: int = 6) -> None:
    """Some events, each second one with personal detail."""
    for number in range(1, count + 1):
        with writing(engine) as session:
            record(
                session,
                EventKind.DECISION_GIVEN,
                NOW + timedelta(minutes=number),
                municipality_id=owner,
                by=By(number, "link"),
                facts={"step": f"steg {number}", "åäö": [1, {"ja": True}], "tom": None},
                detail={"reason": f"Skäl {number} från någon"} if number % 2 else None,
                clauses=["exempelby:1"],
            )


def verdict(engine: Engine, owner: int) -> Verdict:
    """What verification finds."""
    with reading(engine) as session:
        return verify(session, owner)


def breaks(engine: Engine, owner: int) -> list[tuple[int, str]]:
    """Where the chain does not hold."""
    return [(one.number, one.code) for one in verdict(engine, owner).breaks]


def tamper(engine: Engine, *statements: str) -> None:
    """Change rows as somebody with the whole database in hand could: past the triggers."""
    sqlite = engine.dialect.name == "sqlite"
    past = ["DROP TRIGGER IF EXISTS audit_event_no_update", "DROP TRIGGER IF EXISTS audit_event_no_delete"]
    with engine.begin() as connection:
        for statement in past if sqlite else ["SET LOCAL session_replication_role = replica"]:
            connection.execute(text(statement))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0, statement


def test_a_chain_that_nobody_touched_holds(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    found = verdict(engine, owner)
    assert (found.events, found.breaks, found.weeded) == (6, [], [])
    assert len(found.last_digest) == 64


def test_an_empty_chain_holds(engine: Engine) -> None:
    assert verdict(engine, town(engine)).breaks == []


def test_the_same_instant_in_another_zone_is_the_same_event(engine: Engine) -> None:
    owner = town(engine)
    with writing(engine) as session:
        there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
        record(session, EventKind.IMPORTED, there, municipality_id=owner)
    assert breaks(engine, owner) == []


CHANGES = {
    "kind": "'decision_asked'",
    "via": "'cli'",
    "account_id": "7",
    "task_id": "7",
    "actor_id": "99",
    "on_behalf_of_id": "99",
    "clauses": "'[\"exempelby:2\"]'",
    "facts": "'{}'",
    "detail_digest": "'0'",
    "previous": "'0'",
    "digest": "'0'",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_row_is_named(engine: Engine, column: str) -> None:
    owner = town(engine)
    write(engine, owner)
    tamper(engine, f"UPDATE audit_event SET {column} = {CHANGES[column]} WHERE number = 3")
    assert (3, "changed") in breaks(engine, owner)
    assert {number for number, _ in breaks(engine, owner)} <= {3, 4}


def test_a_changed_time_is_named(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    with engine.begin() as connection:
        at = connection.execute(text("SELECT at FROM audit_event WHERE number = 4")).scalar_one()
    tamper(engine, f"UPDATE audit_event SET at = '{at}' WHERE number = 3")
    assert breaks(engine, owner) == [(3, "changed")]


def test_a_changed_row_with_a_new_hash_breaks_at_the_next(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    with engine.begin() as connection:
        digest = connection.execute(text("SELECT digest FROM audit_event WHERE number = 2")).scalar_one()
    tamper(engine, f"UPDATE audit_event SET previous = '{digest}', digest = '{digest}' WHERE number = 4")
    assert breaks(engine, owner) == [(4, "changed"), (5, "changed")]


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        ("number = 1", [(1, "missing")]),
        ("number = 3", [(3, "missing")]),
        ("number IN (3, 4)", [(3, "missing"), (4, "missing")]),
        ("number = 6", [(6, "cut_off")]),
        ("number >= 5", [(5, "cut_off")]),
        ("number > 0", [(1, "cut_off")]),
    ],
)
def test_a_dropped_row_is_named(engine: Engine, gone: str, named: list[tuple[int, str]]) -> None:
    owner = town(engine)
    write(engine, owner)
    tamper(
        engine,
        f"DELETE FROM audit_detail WHERE event_id IN (SELECT id FROM audit_event WHERE {gone} AND number < 9)"
        if gone != "number = 6"
        else "UPDATE audit_head SET number = number",
        f"DELETE FROM audit_event WHERE {gone}",
    )
    assert breaks(engine, owner) == named


def copy_of(number: int, new: int, previous: str = "previous", digest: str = "digest") -> str:
    """A forged row like another one."""
    values = COLUMNS.replace("number", str(new))
    return (
        f"INSERT INTO audit_event ({COLUMNS}, {REST}) "
        f"SELECT {values}, '', {previous}, {digest} FROM audit_event WHERE number = {number}"
    )


def test_an_inserted_row_is_named(engine: Engine) -> None:
    """The later rows are moved on to make room for it."""
    owner = town(engine)
    write(engine, owner)
    moved = [f"UPDATE audit_event SET number = {n + 1} WHERE number = {n}" for n in (6, 5, 4)]
    tamper(engine, *moved, copy_of(2, 4))
    named = breaks(engine, owner)
    assert [number for number, code in named if code == "changed"] == [4, 5, 6, 7]
    assert (8, "cut_off") in named


def test_a_row_put_behind_the_last_is_noticed(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    tamper(engine, copy_of(6, 7, previous="digest"))
    assert (7, "changed") in breaks(engine, owner)
    assert (8, "cut_off") in breaks(engine, owner)


def test_swapped_rows_are_both_named(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    tamper(
        engine,
        "UPDATE audit_event SET number = 99 WHERE number = 2",
        "UPDATE audit_event SET number = 2 WHERE number = 4",
        "UPDATE audit_event SET number = 4 WHERE number = 99",
    )
    assert {(2, "changed"), (4, "changed")} <= set(breaks(engine, owner))


def test_a_head_that_is_gone_is_noticed(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    tamper(engine, "DELETE FROM audit_head")
    assert breaks(engine, owner) == [(7, "cut_off")]


def test_a_row_moved_to_another_municipality_is_noticed_in_both(engine: Engine) -> None:
    owner, other = town(engine), town(engine, "annanby")
    write(engine, owner)
    tamper(engine, f"UPDATE audit_event SET municipality_id = {other} WHERE number = 4")
    assert (4, "missing") in breaks(engine, owner)
    assert breaks(engine, other)


def test_a_tail_cut_off_with_its_head_differs_from_the_hash_that_was_mailed(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    mailed = verdict(engine, owner).last_digest
    tamper(
        engine,
        "DELETE FROM audit_event WHERE number = 6",
        "UPDATE audit_head SET number = 5, digest = (SELECT digest FROM audit_event WHERE number = 5)",
    )
    found = verdict(engine, owner)
    assert (found.breaks, found.last_digest != mailed) == ([], True)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (
            'UPDATE audit_detail SET detail = \'{"reason": "Annat"}\' WHERE event_id = {event}',
            "detail_changed",
        ),
        ("UPDATE audit_detail SET detail = NULL WHERE event_id = {event}", "detail_changed"),
        ("UPDATE audit_detail SET salt = 'x' WHERE event_id = {event}", "detail_changed"),
        ("DELETE FROM audit_detail WHERE event_id = {event}", "detail_missing"),
    ],
)
def test_tampered_detail_is_named(engine: Engine, statement: str, code: str) -> None:
    owner = town(engine)
    write(engine, owner)
    with engine.begin() as connection:
        event = connection.execute(text("SELECT id FROM audit_event WHERE number = 3")).scalar_one()
    tamper(engine, statement.replace("{event}", str(event)))
    assert breaks(engine, owner) == [(3, code)]


def test_detail_put_to_an_event_that_had_none_is_named(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    tamper(
        engine,
        "INSERT INTO audit_detail (event_id, salt, detail, weeded_by_rule) "
        "SELECT id, 'x', '{\"reason\": \"Påhittat\"}', '' FROM audit_event WHERE number = 2",
    )
    assert breaks(engine, owner) == [(2, "detail_changed")]


def test_detail_weeded_by_rule_is_said_to_be_so_and_breaks_nothing(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    with engine.begin() as connection:
        weeding = "UPDATE audit_detail SET detail = NULL, weeded_on = '2027-01-31', weeded_by_rule = 'draft'"
        connection.execute(text(f"{weeding} WHERE event_id = (SELECT id FROM audit_event WHERE number = 3)"))
    found = verdict(engine, owner)
    assert (found.breaks, found.weeded) == ([], [(3, "draft", "2027-01-31")])


def test_no_name_or_word_of_a_person_is_in_the_chain_itself(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner)
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT * FROM audit_event")).all()
    assert "från någon" not in str(rows)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_event SET via = 'cli'", "DELETE FROM audit_event", "TRUNCATE audit_event CASCADE"],
)
def test_the_database_itself_refuses(engine: Engine, statement: str) -> None:
    if "TRUNCATE" in statement and engine.dialect.name == "sqlite":
        return
    owner = town(engine)
    write(engine, owner, 2)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    assert verdict(engine, owner).events == 2


def test_nor_does_a_session_get_past_it(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner, 1)
    with pytest.raises(DBAPIError, match="append-only"), writing(engine) as session:
        session.get_one(AuditEvent, 1).via = "cli"


def test_municipalities_have_chains_apart(engine: Engine) -> None:
    first, second = town(engine), town(engine, "annanby")
    write(engine, first, 3)
    write(engine, second, 2)
    write(engine, first, 1)
    assert [verdict(engine, one).events for one in (first, second)] == [4, 2]
    assert breaks(engine, first) == breaks(engine, second) == []


def test_what_was_rolled_back_leaves_no_gap(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner, 2)
    with pytest.raises(ZeroDivisionError), writing(engine) as session:
        record(session, EventKind.IMPORTED, NOW, municipality_id=owner)
        raise ZeroDivisionError
    write(engine, owner, 2)
    found = verdict(engine, owner)
    assert (found.events, found.breaks) == (4, [])


def at_once(*acts: Callable[[], object]) -> None:
    """Begin at the same moment, in threads of their own."""
    barrier = Barrier(len(acts))

    def begin(act: Callable[[], object]) -> None:
        barrier.wait()
        act()

    with ThreadPoolExecutor(len(acts)) as threads:
        for done in [threads.submit(begin, act) for act in acts]:
            done.result()


def test_writers_at_the_same_time_keep_one_whole_chain(engine: Engine) -> None:
    owner = town(engine)
    write(engine, owner, 1)
    at_once(*[lambda: write(engine, owner, 15)] * 3)
    found = verdict(engine, owner)
    assert (found.events, found.breaks) == (46, [])
