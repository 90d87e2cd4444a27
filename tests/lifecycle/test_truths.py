"""The truths that live data is checked against: each holds of a lived-in municipality, and is seen broken."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from lifecycle.invariants import TRUTHS, accounts, clock, letters, questions, violations
from lifecycle.invariants.truth import Truth
from runtime.database import make_engine
from tests.database_fixtures import create_tables
from tests.lifecycle.lived_in import LivedInTown


@dataclass(frozen=True)
class Broken:
    """What somebody with the database in hand could do, and what is then said to be wrong."""

    truth: str
    subject: str
    """As it is said; {} is the number found by `of`."""
    of: str
    """A query of the number of what the statements break, which is `:id` in them."""
    statements: tuple[str, ...]


def broken(truth: str, subject: str, of: str, *statements: str) -> Any:
    """One way to break a truth; `subject` may be the word alone."""
    said = subject if "{}" in subject else f"{subject} {{}}"
    return pytest.param(Broken(truth, said, of, statements), id=f"{truth}: {statements[-1][:80]}")


def task(which: str) -> str:
    return f"SELECT min(id) FROM user_task WHERE {which}"


ACTIVE = "SELECT id FROM account WHERE state = 'active'"
DECIDING = "SELECT id FROM account WHERE state = 'deciding'"
CLOSED = "SELECT id FROM account WHERE state = 'closed'"
DRAFT = "SELECT id FROM account WHERE state = 'draft'"
ASKED = task("state = 'open' AND kind = 'decide' AND process = 'opening'")
DECIDED = task(f"state = 'done' AND step = 'enhet' AND account_id IN ({ACTIVE})")
DUTY = task("kind = 'evaluate' AND modality = 'must'")
SHOULD = task("kind = 'evaluate' AND modality = 'should'")
MAY = task("kind = 'evaluate' AND modality = 'may'")
WATCHED = task("kind = 'watch' AND state = 'done'")
MISSED = task("kind = 'watch' AND state = 'missed'")
NILS = "(SELECT id FROM person WHERE name = 'Nils')"
SET = "UPDATE user_task SET {} WHERE id = :id"
SET_ACCOUNT = "UPDATE account SET {} WHERE id = :id"
FIRST_LETTER = "SELECT min(id) FROM message WHERE notice = 'morning'"
LETTER_OF_TASK = "SELECT min(id) FROM message WHERE task_id IS NOT NULL AND notice = 'decision_asked'"
LIVE_LINK = f"SELECT min(id) FROM link WHERE dead_at IS NULL AND task_id = ({ASKED})"
CLOSED_CASE = "SELECT id FROM account_case WHERE state = 'closed'"
LAST_EVENT = "SELECT max(number) FROM audit_event WHERE municipality_id = 1"
EVENT = (
    "INSERT INTO audit_event (municipality_id, number, at, kind, via, clauses, facts, detail_digest,"
    " previous, digest) VALUES (1, :id, '{at}', '{kind}', 'engine', '[]', '{facts}', '', '', '')"
)
NEXT_EVENT = f"SELECT ({LAST_EVENT}) + 1"

BREAKS = [
    # what is asked, and the answers to it
    broken("asked_of_somebody", "uppgift", DUTY, "DELETE FROM task_holder WHERE task_id = :id"),
    broken(
        "asked_of_somebody_here",
        "uppgift",
        "SELECT min(id) FROM user_task WHERE state = 'open' AND step = 'enhet'",
        "UPDATE user_task SET escalated_at = NULL WHERE id = :id",
        f"UPDATE account SET red_reason = '' WHERE id = ({DECIDING})",
        "UPDATE person SET left_on = '2026-12-14'"
        " WHERE id IN (SELECT person_id FROM task_holder WHERE task_id = :id)",
    ),
    broken("asked_while_it_lives", "uppgift", DUTY, SET.format(f"account_id = ({CLOSED})")),
    broken("asked_while_it_lives", "uppgift", DUTY, SET.format(f"account_id = ({DECIDING})")),
    broken("asked_while_it_lives", "uppgift", ASKED, SET.format(f"account_id = ({CLOSED})")),
    broken("answered_or_not", "uppgift", WATCHED, SET.format("state = 'missed'")),
    broken("answered_or_not", "uppgift", DUTY, SET.format("state = 'missed'")),
    broken("answered_or_not", "uppgift", DUTY, SET.format("state = 'done'")),
    broken("answered_or_not", "uppgift", WATCHED, SET.format("state = 'open'")),
    broken("answered_by_a_holder", "uppgift", DECIDED, SET.format("answered_by_id = 1")),
    broken("answered_by_a_holder", "uppgift", WATCHED, SET.format("answered_by_id = 1")),
    broken("reminded_no_more_than", "uppgift", DUTY, SET.format("reminders = 3")),
    broken("reminded_no_more_than", "uppgift", task("process = 'setting_up'"), SET.format("reminders = 3")),
    broken("told_after_the_last_reminder", "uppgift", ASKED, SET.format("reminders = 1")),
    broken("told_after_the_last_reminder", "uppgift", DUTY, SET.format("escalated_at = told_at")),
    broken("only_must_is_escalated", "uppgift", SHOULD, SET.format("escalated_at = told_at")),
    broken("only_must_is_escalated", "uppgift", MAY, SET.format("reminders = 1")),
    broken("only_must_is_escalated", "uppgift", ASKED, SET.format("kind = 'consult'")),
    broken("told_before_reminded", "uppgift", DUTY, SET.format("told_at = NULL")),
    broken("told_before_reminded", "uppgift", DUTY, SET.format("told_at = '2026-12-01 12:00:00+00:00'")),
    broken("asked_once", "uppgift", DUTY, SET.format("once_key = NULL")),
    broken("asked_once", "uppgift", WATCHED, SET.format("once_key = 'evaluate:9'")),
    broken(
        "reminded_while_open",
        "uppgift",
        DECIDED,
        SET.format("next_reminder_at = '2026-12-16 07:00:00+00:00'"),
    ),
    # accounts
    broken("moves_as_allowed", "konto", ACTIVE, SET_ACCOUNT.format("state = 'closing'")),
    broken("moves_as_allowed", "konto", CLOSED, SET_ACCOUNT.format("state = 'lapsed'")),
    broken(
        "decided_before_use", "konto", ACTIVE, "UPDATE user_task SET plan_version = 7 WHERE account_id = :id"
    ),
    broken(
        "decided_before_use",
        "konto",
        ACTIVE,
        f"UPDATE user_task SET state = 'withdrawn' WHERE id = ({DECIDED})",
    ),
    broken(
        "decided_before_use",
        "konto",
        ACTIVE,
        f"UPDATE user_task SET outcome = 'decline' WHERE id = ({DECIDED})",
    ),
    broken(
        "nobody_decides_for_themselves",
        "uppgift",
        DECIDED,
        SET.format(
            "answered_by_id = (SELECT applicant_id FROM account WHERE account.id = user_task.account_id)"
        ),
    ),
    broken(
        "nobody_decides_for_themselves",
        "uppgift",
        task("step = 'byte'"),
        SET.format(
            "state = 'done', answered_by_id ="
            " (SELECT person_id FROM account_role WHERE account_role.id = user_task.account_role_id)"
        ),
    ),
    broken(
        "nobody_decides_for_themselves",
        "uppgift",
        task("step = 'byte'"),
        SET.format(
            "state = 'done', answered_by_id ="
            " (SELECT asked_by_id FROM account_role WHERE account_role.id = user_task.account_role_id)"
        ),
    ),
    broken(
        "nobody_decides_for_themselves",
        "uppgift",
        task("step = 'slut'"),
        SET.format(
            "answered_by_id ="
            " (SELECT closing_asked_by_id FROM account WHERE account.id = user_task.account_id)"
        ),
    ),
    broken(
        "nobody_decides_twice",
        "uppgift",
        DECIDED,
        SET.format(
            "answered_by_id = (SELECT before.answered_by_id FROM user_task AS before"
            " WHERE before.account_id = user_task.account_id AND before.step = 'chef')"
        ),
    ),
    broken("silence_never_approves", "uppgift", DECIDED, SET.format("answered_by_id = NULL")),
    broken(
        "ready_before_open",
        "konto",
        ACTIVE,
        "UPDATE user_task SET state = 'open' WHERE process = 'setting_up' AND account_id = :id",
    ),
    broken(
        "one_account_an_address",
        "konto",
        ACTIVE,
        "DROP INDEX uq_account_living_address",
        "UPDATE account SET address_key = 'example.org/a' WHERE state = 'deciding'",
    ),
    broken(
        "nothing_stands_still_unseen",
        "konto",
        DECIDING,
        "UPDATE user_task SET state = 'withdrawn' WHERE state = 'open' AND account_id = :id",
    ),
    broken("will_be_looked_at", "konto", DRAFT, SET_ACCOUNT.format("wake_at = NULL")),
    broken("will_be_looked_at", "konto", CLOSED, SET_ACCOUNT.format("wake_at = '2030-01-01 00:00:00+00:00'")),
    broken(
        "will_be_looked_at",
        "konto",
        DECIDING,
        f"UPDATE user_task SET next_reminder_at = '2026-12-17 07:00:00+00:00' WHERE id = ({ASKED})",
    ),
    broken(
        "will_be_looked_at",
        "konto",
        DECIDING,
        f"UPDATE user_task SET next_reminder_at = '2026-12-17 07:00:00+00:00' WHERE id = ({ASKED})",
        SET_ACCOUNT.format("wake_at = '2026-12-17 08:00:00+00:00'"),
    ),
    broken("red_as_long_as_it_is_so", "konto", DECIDING, SET_ACCOUNT.format("red_reason = ''")),
    broken("red_as_long_as_it_is_so", "konto", ACTIVE, SET_ACCOUNT.format("red_reason = 'no_answer:enhet'")),
    broken("dates_in_order", "konto", ACTIVE, SET_ACCOUNT.format("opened_on = NULL")),
    broken("dates_in_order", "konto", CLOSED, SET_ACCOUNT.format("closed_on = NULL")),
    broken("dates_in_order", "konto", CLOSED, SET_ACCOUNT.format("closed_on = '2026-11-01'")),
    broken("dates_in_order", "konto", ACTIVE, SET_ACCOUNT.format("closed_on = '2026-12-12'")),
    broken("dates_in_order", "konto", ACTIVE, SET_ACCOUNT.format("rests_until_on = '2027-01-01'")),
    broken(
        "dates_in_order",
        "konto",
        ACTIVE,
        SET_ACCOUNT.format("rests_from_on = '2027-01-01', rests_until_on = '2027-01-01'"),
    ),
    broken(
        "roles_in_order",
        "roll",
        "SELECT min(id) FROM account_role WHERE since_on IS NOT NULL",
        "UPDATE account_role SET until_on = '2026-11-30' WHERE id = :id",
    ),
    # the clock
    broken("watched_on_its_day", "uppgift", WATCHED, SET.format("due_at = '2026-12-03 19:00:00+00:00'")),
    broken("watched_on_its_day", "uppgift", WATCHED, SET.format("due_at = NULL")),
    broken("watched_on_its_day", "uppgift", WATCHED, SET.format("answered_at = '2026-12-02 20:00:00+00:00'")),
    broken("watched_on_its_day", "uppgift", MISSED, SET.format("opened_at = '2026-12-03 19:30:00+00:00'")),
    broken("watched_on_its_day", "uppgift", WATCHED, SET.format("once_key = 'watch:9:2026-12-02'")),
    broken(
        "watched_on_its_day",
        "uppgift",
        task("kind = 'watch' AND state = 'open'"),
        SET.format("state = 'missed'"),
    ),
    broken("missed_days_in_a_row", "konto", ACTIVE, SET_ACCOUNT.format("missed_days = 2")),
    broken("missed_days_in_a_row", "konto", ACTIVE, SET_ACCOUNT.format("missed_days = 4")),
    broken(
        "missed_days_in_a_row",
        "konto",
        ACTIVE,
        "UPDATE watch_month SET confirmed = 0, missed = 1",
        SET_ACCOUNT.format("watched_on = NULL, missed_days = 2"),
    ),
    broken("neglect_told_in_turn", "konto", ACTIVE, SET_ACCOUNT.format("missed_days = 1")),
    broken("neglect_told_in_turn", "konto", ACTIVE, SET_ACCOUNT.format("missed_rungs = 4, missed_days = 9")),
    broken(
        "watch_months_add_up",
        "bevakningsmånad",
        "SELECT id FROM watch_month",
        "UPDATE watch_month SET missed = 1 WHERE id = :id",
    ),
    broken(
        "watch_months_add_up",
        "bevakningsmånad",
        "SELECT id FROM watch_month",
        "UPDATE watch_month SET explained = 1 WHERE id = :id",
    ),
    broken(
        "watch_months_add_up",
        "bevakningsmånad",
        "SELECT id FROM watch_month",
        "UPDATE watch_month SET confirmed = -1 WHERE id = :id",
    ),
    broken(
        "rounds_on_their_day",
        "rond watch 2026-12-{}",
        "SELECT 31",
        "UPDATE round_done SET round_on = '2026-12-31' WHERE municipality_id = 1 AND round = 'watch'"
        " AND round_on = '2026-12-14'",
    ),
    broken(
        "rounds_on_their_day",
        "rond watch 2026-11-{}",
        "SELECT 30",
        "UPDATE round_done SET round_on = '2026-11-30' WHERE municipality_id = 1 AND round = 'watch'"
        " AND round_on = '2026-12-14'",
    ),
    broken(
        "only_sights_count",
        "iakttagelse",
        "SELECT id FROM observation WHERE state = 'unreachable'",
        "UPDATE observation SET count = 1 WHERE id = :id",
    ),
    broken(
        "only_sights_count",
        "iakttagelse",
        "SELECT id FROM observation WHERE state = 'unreachable'",
        "UPDATE observation SET latest_at = checked_at WHERE id = :id",
    ),
    broken(
        "only_sights_count",
        "iakttagelse",
        "SELECT id FROM observation WHERE state = 'empty'",
        "UPDATE observation SET count = 1 WHERE id = :id",
    ),
    broken(
        "only_sights_count",
        "iakttagelse",
        "SELECT id FROM observation WHERE state = 'ok'",
        "UPDATE observation SET since_at = '2027-01-01 00:00:00+00:00' WHERE id = :id",
    ),
    broken(
        "absences_in_order",
        "frånvaro",
        "SELECT id FROM absence",
        "UPDATE absence SET until_on = '2026-12-20' WHERE id = :id",
    ),
    broken(
        "absences_in_order",
        "frånvaro",
        "SELECT id FROM absence",
        "UPDATE absence SET substitute_id = person_id WHERE id = :id",
    ),
    broken(
        "closed_cases_are_done",
        "ärende",
        CLOSED_CASE,
        f"UPDATE user_task SET case_id = :id WHERE id = ({DUTY})",
    ),
    broken(
        "closed_cases_are_done",
        "ärende",
        CLOSED_CASE,
        "UPDATE account_case SET closed_at = NULL WHERE id = :id",
    ),
    broken(
        "one_crisis_at_a_time",
        "krisläge",
        "SELECT max(id) FROM crisis",
        "UPDATE crisis SET ended_at = NULL",
    ),
    # letters, links and the log
    broken(
        "one_morning_letter",
        "person 6 2026-12-{}",
        "SELECT 14",
        "UPDATE message SET queued_at = '2026-12-14 07:00:00+00:00'"
        " WHERE notice = 'morning' AND person_id = 6",
    ),
    *(
        broken(
            "told_in_working_hours",
            "händelse",
            NEXT_EVENT,
            EVENT.format(at=at, kind=kind, facts="{}"),
        )
        for at, kind in (
            ("2026-12-12 09:00:00+00:00", "morning_told"),
            ("2026-12-11 16:00:00+00:00", "duties_reminded"),
            ("2026-12-11 06:59:00+00:00", "reminded"),
            ("2026-12-13 23:30:00+00:00", "escalated"),
        )
    ),
    broken(
        "every_letter_tells_an_event",
        "brev",
        FIRST_LETTER,
        "UPDATE message SET dedupe_key = '1:99999:reminder:x' WHERE id = :id",
    ),
    broken(
        "every_letter_tells_an_event",
        "brev",
        FIRST_LETTER,
        "UPDATE message SET queued_at = '2026-12-09 07:00:00+00:00' WHERE id = :id",
    ),
    broken(
        "letters_go_where_they_should",
        "brev",
        LETTER_OF_TASK,
        f"UPDATE message SET account_id = ({DRAFT}) WHERE id = :id",
    ),
    broken(
        "letters_go_where_they_should",
        "brev",
        FIRST_LETTER,
        "UPDATE message SET state = 'queued', email = 'annan@example.org' WHERE id = :id",
    ),
    broken("sent_when_it_might", "brev", FIRST_LETTER, "UPDATE message SET sent_at = NULL WHERE id = :id"),
    broken(
        "sent_when_it_might",
        "brev",
        "SELECT min(id) FROM message WHERE notice = 'application_declined'",
        "UPDATE message SET sent_at = queued_at WHERE id = :id",
    ),
    broken(
        "links_die_with_their_question",
        "länk",
        LIVE_LINK,
        f"UPDATE user_task SET state = 'withdrawn' WHERE id = ({ASKED})",
    ),
    broken(
        "links_die_with_their_question",
        "länk",
        LIVE_LINK,
        f"DELETE FROM task_holder WHERE task_id = ({ASKED})",
    ),
    broken("log_is_whole", "händelse {} (cut_off)", NEXT_EVENT, "UPDATE audit_head SET digest = ''"),
    broken(
        "log_is_whole",
        "händelse {} (changed)",
        NEXT_EVENT,
        EVENT.format(at="2026-12-14 08:00:00+00:00", kind="imported", facts="{}"),
    ),
    broken(
        "log_keeps_people_apart",
        "händelse",
        NEXT_EVENT,
        EVENT.format(at="2026-12-14 08:00:00+00:00", kind="imported", facts='{"who": "elin@example.org"}'),
    ),
    broken(
        "municipalities_apart",
        "uppgift",
        DUTY,
        f"UPDATE task_holder SET person_id = {NILS} WHERE task_id = :id",
    ),
    broken(
        "municipalities_apart",
        "uppgift",
        DUTY,
        f"UPDATE account SET municipality_id = 2 WHERE id = ({ACTIVE})",
    ),
    broken(
        "municipalities_apart",
        "roll",
        "SELECT max(id) FROM account_role",
        f"UPDATE account_role SET person_id = {NILS} WHERE id = :id",
    ),
    broken(
        "municipalities_apart", "brev", FIRST_LETTER, f"UPDATE message SET person_id = {NILS} WHERE id = :id"
    ),
]


@pytest.fixture(scope="module")
def town() -> LivedInTown:
    """A town in which most things have happened; it takes seconds to live in, so nothing in it is kept."""
    engine = make_engine("sqlite://")
    create_tables(engine)
    return LivedInTown(engine)


def found_after(town: LivedInTown, how: Broken) -> tuple[str, list[str]]:
    """What was broken, and of what its truth then does not hold; all is undone again."""
    with Session(town.engine) as session:
        number = session.execute(text(how.of)).scalar_one()
        for statement in how.statements:
            session.execute(text(in_words_of(town.engine, statement)), {"id": number})
        found = TRUTHS[how.truth].violations(session, town.municipality_id, town.now)
        session.rollback()
    assert {one.truth for one in found} <= {how.truth}
    return how.subject.format(number), [one.subject for one in found]


def in_words_of(engine: Engine, statement: str) -> str:
    """SQLite keeps instants as text in UTC, without a zone."""
    on_sqlite = engine.dialect.name == "sqlite"
    return statement.replace("+00:00", ".000000") if on_sqlite else statement


def test_all_truths_hold_of_it(town: LivedInTown) -> None:
    with town.reading() as session:
        assert violations(session, town.municipality_id, town.now) == []


@pytest.mark.parametrize("how", BREAKS)
def test_what_breaks_it_is_found(town: LivedInTown, how: Broken) -> None:
    broken, found = found_after(town, how)
    assert broken in found


def test_the_same_on_postgresql(memory: Engine) -> None:
    """All at once, since living there takes its time: each is undone before the next."""
    town = LivedInTown(memory)
    with town.reading() as session:
        assert violations(session, town.municipality_id, town.now) == []
    ways: list[Broken] = [one.values[0] for one in BREAKS]
    unseen = [how for how in ways for broken, found in [found_after(town, how)] if broken not in found]
    assert unseen == []


def test_every_truth_is_broken_here() -> None:
    assert {one.values[0].truth for one in BREAKS} == set(TRUTHS)


@pytest.mark.parametrize("of", [accounts, questions, clock, letters])
def test_every_truth_is_among_those_checked(of: ModuleType) -> None:
    assert [one for one in vars(of).values() if isinstance(one, Truth)] == list(of.TRUTHS)


@pytest.mark.parametrize("one", TRUTHS.values(), ids=list(TRUTHS))
def test_every_truth_says_what_it_holds_and_where_that_stands(one: Truth) -> None:
    assert one.says.endswith(".") and one.says[0].isupper()
    assert one.find.__doc__ and ("REQUIREMENTS" in one.find.__doc__ or "DESIGN" in one.find.__doc__)
