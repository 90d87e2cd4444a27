"""Who is there: asked about many accounts at once, and about each by itself, it is the same."""

from datetime import timedelta

from sqlalchemy import Engine, delete, insert, select
from sqlmodel import col

from acts import watching
from acts.rounds import go_round
from benchmarks.town import MORNING, Size, fill
from lifecycle.law import law_in_force
from lifecycle.presence import people_present
from models import Absence, Account, AccountRole, Person, TaskHolder, UserTask
from runtime.database import reading, writing

TODAY = MORNING.date()
MANY = 240
"""In two municipalities, so that each has more than are named one by one."""


def test_many_at_once_have_the_people_whom_each_has_by_itself(engine: Engine) -> None:
    """Also with some away, some stood in for, some who have left, and an account that nobody has."""
    fill(engine, Size(MANY, 2))
    _let_some_be_away(engine)
    for municipality_id in (1, 2):
        with reading(engine) as session:
            law = law_in_force(session, municipality_id, MORNING)
            own = select(Account).where(col(Account.municipality_id) == municipality_id)
            accounts = list(session.execute(own.order_by(col(Account.id))).scalars())
            at_once = people_present(session, law, accounts, TODAY)
            one_by_one = {
                account.id: people_present(session, law, [account], TODAY)[account.id or 0]
                for account in accounts
            }
        assert at_once == one_by_one
        assert [] in at_once.values()
        assert any(one.instead_of_id for found in at_once.values() for one in found)


def test_the_day_is_held_by_those_who_are_there_and_says_why(engine: Engine) -> None:
    fill(engine, Size(MANY, 2))
    _let_some_be_away(engine)
    assert go_round(engine, watching.ASK, MORNING).failures == []
    with reading(engine) as session:
        rows = session.execute(
            select(UserTask.account_id, TaskHolder.person_id, TaskHolder.instead_of_id, TaskHolder.why)
            .join(UserTask, col(UserTask.id) == col(TaskHolder.task_id))
            .order_by(col(TaskHolder.person_id))
        ).all()
        found: dict[int, list[tuple[int, int | None, str]]] = {}
        for account_id, person_id, instead_of_id, why in rows:
            codes = ",".join(one["code"] for one in why)
            found.setdefault(account_id or 0, []).append((person_id, instead_of_id, codes))
        for municipality_id in (1, 2):
            law = law_in_force(session, municipality_id, MORNING)
            own = select(Account).where(col(Account.municipality_id) == municipality_id)
            for account in session.execute(own).scalars():
                there = people_present(session, law, [account], TODAY)[account.id or 0]
                wanted = [(one.person_id, one.instead_of_id, "is_away" * bool(one.why)) for one in there]
                assert found.get(account.id or 0, []) == sorted(wanted)
    assert {code for held in found.values() for _, _, code in held} == {"", "is_away"}


def _let_some_be_away(engine: Engine) -> None:
    """In each municipality: one away with a substitute, one without, one who has left, an empty account."""
    with writing(engine) as session:
        for municipality_id in (1, 2):
            own = select(col(Person.id)).where(col(Person.municipality_id) == municipality_id)
            people = list(session.execute(own.order_by(col(Person.id))).scalars())
            away = {"municipality_id": municipality_id, "entered_by_id": people[0], "entered_at": MORNING}
            away |= {"from_on": TODAY, "until_on": TODAY + timedelta(days=7)}
            session.execute(
                insert(Absence),
                [
                    {**away, "person_id": people[20], "substitute_id": people[60]},
                    {**away, "person_id": people[40], "substitute_id": None},
                ],
            )
            session.get_one(Person, people[50]).left_on = TODAY
            empty = select(col(Account.id)).where(col(Account.municipality_id) == municipality_id)
            account_id = session.execute(empty.order_by(col(Account.id))).scalars().all()[30]
            session.execute(delete(AccountRole).where(col(AccountRole.account_id) == account_id))
