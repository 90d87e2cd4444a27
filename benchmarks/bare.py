"""The limits: the same rows by bare INSERT … SELECT, and the product's own statements by the driver alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Date, DateTime, Engine, String, bindparam, event, text
from sqlalchemy.dialects.postgresql import JSONB

from benchmarks.town import MORNING
from lifecycle.law import law_in_force
from lifecycle.watching import LABEL, STEP
from runtime.database import reading, writing

# ---------------------------------------------------------------- the watch

TASKS = """
INSERT INTO user_task (municipality_id, account_id, process, kind, step, once_key, plan_version, role, label,
    clauses, modality, state, opened_at, due_at, told_at, reminders, reason, details)
SELECT municipality_id, id, 'duties', 'watch', :step, 'watch:' || id || ':' || :day, plan_version,
    'administrator', :label, :clauses, 'must', 'open', :now, :due, :now, 0, '', :details
FROM account
WHERE state IN ('active', 'closing') {only}
    AND (duties_from_on IS NULL OR duties_from_on <= :on) AND (opened_on IS NULL OR opened_on <= :on)
"""
HOLDERS = """
INSERT INTO task_holder (task_id, person_id, why)
SELECT task.id, role.person_id, :why
FROM user_task task JOIN account ON account.id = task.account_id
    JOIN account_role role ON role.account_id = task.account_id JOIN person ON person.id = role.person_id
WHERE task.kind = 'watch' AND task.state = 'open' AND role.kind IN ('administrator', 'guest') {only}
    AND role.since_on <= :on AND (role.until_on IS NULL OR role.until_on > :on)
    AND (person.left_on IS NULL OR person.left_on > :on)
"""
LETTERS = """
INSERT INTO message (id, municipality_id, notice, dedupe_key, person_id, email, context, queued_at,
    not_before, state, attempts, error)
SELECT {random}, person.municipality_id, 'morning',
    person.municipality_id || ':morning:' || :day || ':' || person.id, person.id, person.email,
    {context}, :now, :now, 'queued', 0, ''
FROM task_holder holder JOIN user_task task ON task.id = holder.task_id
    JOIN account ON account.id = task.account_id JOIN person ON person.id = holder.person_id
WHERE task.kind = 'watch' AND task.state = 'open' {only} {first}
GROUP BY person.id
"""
DIALECTS = {
    "sqlite": {
        "random": "lower(hex(randomblob(16)))",
        "context": "json_object('on', :day, 'watch', json_group_array(task.account_id))",
    },
    "postgresql": {
        "random": "replace(gen_random_uuid()::text, '-', '')",
        "context": "jsonb_build_object('on', :day, 'watch', jsonb_agg(task.account_id))",
    },
}
ONE = {"only": "AND account.id = :account", "first": "AND person.id = account.applicant_id"}
ALL = {"only": "", "first": ""}
JSON_HERE = JSON().with_variant(JSONB(), "postgresql")
TYPES: Mapping[str, Any] = {
    "now": DateTime(timezone=True),
    "due": DateTime(timezone=True),
    "on": Date(),
    "day": String(),
    "clauses": JSON_HERE,
    "details": JSON_HERE,
    "why": JSON_HERE,
}


def write_watch(engine: Engine, account: int | None = None) -> None:
    """What the watch round and the morning letter write, with nothing looked at or said on the way.

    Of one `account` alone, it is what a peer's step writes for it: task, holders and a letter.
    """
    values = {**_values(engine), "account": account}
    given = DIALECTS[engine.dialect.name] | (ONE if account else ALL)
    with writing(engine) as session:
        for statement in (one.format(**given) for one in (TASKS, HOLDERS, LETTERS)):
            typed = [bindparam(name, type_=kind) for name, kind in TYPES.items() if f":{name}" in statement]
            session.execute(text(statement).bindparams(*typed), values)


def _values(engine: Engine) -> dict[str, Any]:
    with reading(engine) as session:
        first = session.execute(text("SELECT min(id) FROM municipality")).scalar_one()
        law = law_in_force(session, first, MORNING)
    on = law.day_of(MORNING)
    return {
        "step": STEP,
        "label": LABEL,
        "clauses": law.cite(law.policy.rules.watch[0]),
        "on": on,
        "day": on.isoformat(),
        "now": MORNING,
        "due": law.calendar.at(on, law.policy.settings.watch_ends_at),
        "details": {},
        "why": [],
    }


# ---------------------------------------------------------------- statements by the driver alone


@dataclass(frozen=True)
class Asked:
    """A statement as the driver got it; a commit or a rollback has no values."""

    statement: str
    values: Any = ()
    many: bool = False


COMMIT, ROLLBACK = Asked("commit"), Asked("rollback")


@contextmanager
def overheard(engine: Engine) -> Iterator[list[Asked]]:
    """All that is asked of the database meanwhile, in order, and where each transaction ended."""
    heard: list[Asked] = []

    def hear(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        # Many rows in one statement of SQLAlchemy's own making come as one row of values.
        heard.append(Asked(statement, values, many and isinstance(values, list)))

    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": hear,
        "commit": lambda _c: heard.append(COMMIT),
        "rollback": lambda _c: heard.append(ROLLBACK),
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield heard
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


def ask_again(engine: Engine, heard: list[Asked]) -> None:
    """The same statements with the same values by the driver alone, each answer fetched, each commit kept."""
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        for one in heard:
            if one is COMMIT:
                connection.commit()
            elif one is ROLLBACK:
                connection.rollback()
            else:
                (cursor.executemany if one.many else cursor.execute)(one.statement, one.values)
                if cursor.description:
                    cursor.fetchall()
