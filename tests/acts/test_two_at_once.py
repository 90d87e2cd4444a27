"""Two people at the same moment, on both databases: one counts, and the other is told so."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import sleep
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import col, select

from acts import answering, applying, caring
from acts.looking import look
from acts.work import work
from lifecycle.drafts import PlanIncomplete
from lifecycle.journal import verify
from lifecycle.process import account_for_look
from lifecycle.refusals import Refused
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    AuditEvent,
    Link,
    LinkKind,
    Outcome,
    Plan,
    PolicyVersion,
    TaskState,
    UserTask,
)
from notifications import links
from runtime.database import reading, writing
from tests.lifecycle.town import Rule, Town, headcount, item, step

ROUNDS, SOME, FEW = 50, 20, 6
UNIT = [step("enhet", "decide", "communications")]
ADDRESS = "https://example.org/bibliotek"
RULES: Rule = {"opening": UNIT, "closing": UNIT, "headcounts": [headcount("administrator", at_least=1)]}

Act = Callable[[], Any]


def at_once(*acts: Act) -> list[Refused | None]:
    """Do all at the same moment, each in a thread of its own; says what was refused to whom."""
    barrier = Barrier(len(acts))

    def one(act: Act) -> Refused | None:
        barrier.wait()
        try:
            act()
        except Refused as refused:
            return refused
        return None

    with ThreadPoolExecutor(len(acts)) as threads:
        return [done.result() for done in [threads.submit(one, act) for act in acts]]


def codes(refusals: Sequence[Refused | None]) -> list[str]:
    """Their codes, an empty one for what was done."""
    return [refused.code if refused else "" for refused in refusals]


def entered(town: Town, state: AccountState, count: int) -> list[int]:
    """Accounts in a state, written at once, each with a plan."""
    with town.work() as session:
        version = session.execute(select(PolicyVersion)).scalars().one()
        accounts = [
            Account(
                municipality_id=town.municipality_id,
                unit_id=town.units["bibliotek"],
                platform="instagram",
                name=f"Konto {number}",
                state=state,
                state_since=town.now,
                policy_version_id=version.id or 0,
                applicant_id=town.people["elin"],
                plan_version=1,
                news=1,
            )
            for number in range(count)
        ]
        session.add_all(accounts)
        session.flush()
        ids = [account.id or 0 for account in accounts]
        for one in ids:
            session.add(Plan(account_id=one, version=1, answers={}, saved_at=town.now, sent_at=town.now))
            for who in ("elin", "omar") if state is AccountState.ACTIVE else ():
                role = AccountRole(
                    account_id=one,
                    person_id=town.people[who],
                    kind=AccountRoleKind.ADMINISTRATOR,
                    asked_at=town.now,
                    since_on=town.now.date(),
                )
                session.add(role)
    return ids


def answer(town: Town, task_id: int, who: str, outcome: Outcome = Outcome.APPROVE) -> Act:
    """Answering in a transaction of one's own."""

    def act() -> None:
        with work(town.engine, town.now) as session:
            answering.answer(
                session,
                town.now,
                task_id=task_id,
                person_id=town.people[who],
                outcome=outcome,
                reason="Ett skäl.",
                via="link",
            )

    return act


def withdraw(town: Town, account_id: int) -> Act:
    """Withdrawing in a transaction of one's own."""

    def act() -> None:
        with work(town.engine, town.now) as session:
            applying.withdraw(
                session, session.get_one(Account, account_id), town.people["elin"], "", town.now
            )

    return act


def send(town: Town, account_id: int, who: str = "elin") -> Act:
    """Sending in a transaction of one's own."""

    def act() -> None:
        with work(town.engine, town.now) as session:
            applying.send_plan(session, session.get_one(Account, account_id), town.people[who], town.now)

    return act


def looking(town: Town, account_id: int) -> Act:
    """A look in a transaction of its own."""
    return lambda: look(town.engine, account_id, town.now)


def task_of(town: Town, account_id: int) -> UserTask:
    """The one question about an account."""
    with reading(town.engine) as session:
        rows = select(UserTask).where(col(UserTask.account_id) == account_id)
        task: UserTask = session.execute(rows).scalars().one()
        return task


def demand_whole_chain(town: Town) -> None:
    """However it was written to, the log holds."""
    with reading(town.engine) as session:
        assert verify(session, town.municipality_id).breaks == []


def counted(town: Town, kind: str, account_id: int) -> int:
    """How often something was recorded."""
    with reading(town.engine) as session:
        rows = select(AuditEvent).where(
            col(AuditEvent.kind) == kind, col(AuditEvent.account_id) == account_id
        )
        return len(session.execute(rows).scalars().all())


def test_of_two_answers_one_counts_and_the_other_hears_whose(engine: Engine) -> None:
    town = Town(engine, RULES)
    for account_id in entered(town, AccountState.DECIDING, ROUNDS):
        look(engine, account_id, town.now)
        task_id = task_of(town, account_id).id or 0
        refusals = at_once(
            answer(town, task_id, "petra", Outcome.APPROVE), answer(town, task_id, "david", Outcome.DECLINE)
        )
        assert sorted(codes(refusals)) == ["", "already_answered"]
        task = task_of(town, account_id)
        first, second = ("petra", "david") if refusals[0] is None else ("david", "petra")
        assert (task.state, task.answered_by_id) == (TaskState.DONE, town.people[first])
        assert task.outcome == (Outcome.APPROVE if first == "petra" else Outcome.DECLINE)
        (refused,) = [one for one in refusals if one]
        assert first.capitalize() in refused.says()
        assert second.capitalize() not in refused.says()
        assert counted(town, "decision_given", account_id) == 1
    demand_whole_chain(town)


def test_the_same_person_twice_is_once(engine: Engine) -> None:
    """A click too many, or two letters about one thing."""
    town = Town(engine, RULES)
    for account_id in entered(town, AccountState.DECIDING, FEW):
        look(engine, account_id, town.now)
        task_id = task_of(town, account_id).id or 0
        refusals = at_once(*[answer(town, task_id, "petra")] * 2)
        assert sorted(codes(refusals)) == ["", "already_answered"]


def test_a_withdrawal_racing_an_answer_leaves_both_or_one_and_never_half(engine: Engine) -> None:
    town = Town(engine, RULES)
    for account_id in entered(town, AccountState.DECIDING, SOME):
        look(engine, account_id, town.now)
        task_id = task_of(town, account_id).id or 0
        withdrawn, answered = codes(at_once(withdraw(town, account_id), answer(town, task_id, "petra")))
        assert withdrawn == ""
        assert answered in ("", "state_forbids", "task_gone")
        task = task_of(town, account_id)
        assert task.state is (TaskState.WITHDRAWN if answered else TaskState.DONE)
        assert counted(town, "decision_given", account_id) == (0 if answered else 1)
        look(engine, account_id, town.now)
        with town.reading() as session:
            assert session.get_one(Account, account_id).state is AccountState.WITHDRAWN
    demand_whole_chain(town)


def two_drafts(town: Town) -> tuple[int, int]:
    """Elin's and Omar's, for the same address."""
    ids = []
    for who in ("elin", "omar"):
        ids.append(town.draft(who))
        town.write(name=who, platform="instagram", unit="bibliotek", address=ADDRESS)
    return ids[0], ids[1]


def is_taken(refused: Refused | None) -> bool:
    """Whether the reason was the address, told while sending or with all else that is missing."""
    if isinstance(refused, PlanIncomplete):
        return [fault.field for fault in refused.faults] == ["address"]
    return refused is not None and refused.code == "address_taken"


def test_of_two_applications_for_an_address_one_gets_it(engine: Engine) -> None:
    town = Town(engine, {"opening": UNIT})
    for _ in range(FEW):
        first, second = two_drafts(town)
        refusals = at_once(send(town, first, "elin"), send(town, second, "omar"))
        assert [is_taken(one) for one in refusals].count(True) == 1
        assert codes(refusals).count("") == 1
        town.account_id = first if refusals[0] is None else second
        town.withdraw("elin" if refusals[0] is None else "omar")
    demand_whole_chain(town)


def test_also_when_neither_could_see_the_other(engine: Engine) -> None:
    """The second is sent while the first is sent and not yet stored."""
    town = Town(engine, {"opening": UNIT})
    first, second = two_drafts(town)
    with ThreadPoolExecutor(1) as threads:
        with work(engine, town.now) as session:
            applying.send_plan(session, session.get_one(Account, first), town.people["elin"], town.now)
            later = threads.submit(at_once, send(town, second, "omar"))
            sleep(0.5)
            assert not later.done()
        (refused,) = later.result()
    assert is_taken(refused)
    assert "elin" in str(refused) or isinstance(refused, PlanIncomplete)
    if engine.dialect.name == "postgresql":
        assert codes([refused]) == ["address_taken"]


def test_an_address_set_while_another_takes_it(engine: Engine) -> None:
    town = Town(engine, {"opening": []})
    first = town.apply()
    town.draft("omar")
    town.write(name="Omars", platform="instagram", unit="bibliotek", address=ADDRESS)
    second = town.account_id
    town.account_id = first
    line = town.open_tasks("elin")[0].id or 0

    def confirm() -> None:
        with work(engine, town.now) as session:
            answering.confirm(
                session,
                town.now,
                task_id=line,
                person_id=town.people["elin"],
                given={"address": ADDRESS},
                via="link",
            )

    refusals = at_once(confirm, send(town, second, "omar"))
    assert codes(refusals).count("") == 1
    assert [is_taken(one) for one in refusals].count(True) == 1


def test_a_plan_sent_twice_is_sent_once(engine: Engine) -> None:
    town = Town(engine, {"opening": UNIT})
    for _ in range(FEW):
        town.draft()
        town.write(name="Biblioteket", platform="instagram", unit="bibliotek")
        assert sorted(codes(at_once(*[send(town, town.account_id)] * 2))) == ["", "state_forbids"]
        assert counted(town, "plan_sent", town.account_id) == 1


def test_a_plan_changed_in_two_windows_has_one_new_version(engine: Engine) -> None:
    town = Town(engine, {"opening": UNIT})
    town.apply()
    town.answer("petra", Outcome.ASK_FOR_CHANGES)

    def save() -> None:
        with work(engine, town.now) as session:
            applying.save_draft(
                session, session.get_one(Account, town.account_id), {"name": "Nytt"}, town.now
            )

    assert codes(at_once(save, save, save)) == ["", "", ""]
    with town.reading() as session:
        versions = session.execute(select(col(Plan.version))).scalars().all()
    assert sorted(versions) == [1, 2]


def test_two_looks_at_once_ask_once(engine: Engine) -> None:
    town = Town(engine, RULES | {"setting_up": [item("rad")]})
    for account_id in entered(town, AccountState.DECIDING, FEW):
        at_once(*[looking(town, account_id)] * 3)
        assert counted(town, "decision_asked", account_id) == 1
        task_of(town, account_id)


def test_a_look_and_an_answer_at_once_lose_nothing(engine: Engine) -> None:
    town = Town(engine, RULES)
    for account_id in entered(town, AccountState.DECIDING, FEW):
        look(engine, account_id, town.now)
        task_id = task_of(town, account_id).id or 0
        at_once(looking(town, account_id), answer(town, task_id, "petra", Outcome.DECLINE))
        look(engine, account_id, town.now)
        with town.reading() as session:
            assert session.get_one(Account, account_id).state is AccountState.DECLINED


def take_back(town: Town, task_id: int, who: str) -> Act:
    """Taking back in a transaction of one's own."""

    def act() -> None:
        with work(town.engine, town.now) as session:
            answering.take_back(session, town.now, task_id=task_id, person_id=town.people[who], via="link")

    return act


def test_regret_racing_the_next_decision_lets_only_one_of_them_stand(engine: Engine) -> None:
    town = Town(engine, {"opening": [step("chef", "decide", "line_manager"), *UNIT]})
    for account_id in entered(town, AccountState.DECIDING, FEW):
        town.account_id = account_id
        town.look()
        first = town.answer("karin")
        second = town.open_task("petra").id or 0
        town.now += timedelta(minutes=1)
        regretted, decided = codes(at_once(take_back(town, first, "karin"), answer(town, second, "petra")))
        town.look()
        if regretted:
            assert (regretted, decided) == ("regret_overtaken", "")
            assert town.state == "setting_up"
        else:
            assert town.asked() == {"chef": ["karin"]}
            assert town.state == "deciding"


def test_two_administrators_do_not_end_each_other(engine: Engine) -> None:
    """The policy demands one: the second to go is refused."""
    town = Town(engine, RULES)
    for account_id in entered(town, AccountState.ACTIVE, FEW):
        with town.reading() as session:
            rows = select(AccountRole).where(col(AccountRole.account_id) == account_id)
            roles = list(session.execute(rows).scalars())

        def end(role: AccountRole, account_id: int = account_id) -> Act:
            def act() -> None:
                with work(engine, town.now) as session:
                    caring.end_role(
                        session,
                        town.now,
                        account_id=account_id,
                        person_id=town.people["karin"],
                        role_id=role.id or 0,
                        via="portal",
                    )

            return act

        assert sorted(codes(at_once(*[end(role) for role in roles]))) == ["", "too_few_left"]


def test_a_closure_is_asked_for_once(engine: Engine) -> None:
    town = Town(engine, RULES)
    for account_id in entered(town, AccountState.ACTIVE, FEW):

        def ask(account_id: int = account_id) -> None:
            with work(engine, town.now) as session:
                caring.ask_to_close(
                    session,
                    town.now,
                    account_id=account_id,
                    person_id=town.people["elin"],
                    reason="Används inte.",
                    via="portal",
                )

        assert sorted(codes(at_once(ask, ask, ask))) == ["", "already_closing", "already_closing"]


def test_a_letters_link_waits_for_no_answer(postgres_engine: Engine) -> None:
    """Delivery writes a link while it holds its message: to wait for an answer there would be a deadlock."""
    town = Town(postgres_engine, RULES)
    town.apply(address=ADDRESS)
    with work(postgres_engine, town.now) as answering_session:
        account = account_for_look(answering_session, town.account_id)
        with writing(postgres_engine) as delivering:
            delivering.execute(text("SET LOCAL lock_timeout = '2s'"))
            links.mint(
                delivering,
                kind=LinkKind.DRAFT,
                municipality_id=town.municipality_id,
                email="elin@example.org",
                now=town.now,
                until=town.now + timedelta(days=1),
                person_id=town.people["elin"],
                account_id=account.id,
            )
    with reading(postgres_engine) as session:
        assert session.exec(select(Link).where(col(Link.kind) == LinkKind.DRAFT)).first() is not None
