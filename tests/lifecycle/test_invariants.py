"""What must hold whatever people do, in whatever order: random acts over several policies, and a moved clock.

`KANALVAKT_EXAMPLES` asks for more lives than the few that are lived each time.
"""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import text
from sqlmodel import col, select

from acts import answering, repairing
from acts.looking import look
from lifecycle.chains import application, steps_of
from lifecycle.journal import verify
from lifecycle.law import law_of
from lifecycle.refusals import Refused
from lifecycle.states import FINAL
from models import (
    LIVING,
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    AuditEvent,
    Message,
    MessageState,
    Outcome,
    Person,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    UserTask,
    metadata,
)
from policies.loading import content_of, load_policy
from policies.rules import StepAct
from tests.acts.told_town import ToldTown
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, DOMAIN, PEOPLE, Rule, content, document, headcount, item, step

EXAMPLES = int(os.environ.get("KANALVAKT_EXAMPLES", "8"))
STEPS = 30

OWN: Rule = {
    "opening": [
        step("rad", "consult", "communications"),
        step("alla", "decide", "line_manager", "communications_director", answered_by="all"),
        step("kopia", "inform", "communications"),
        step("enhet", "decide", "communications"),
    ],
    "administrator_change": [step("chef", "decide", "line_manager", assigns=True)],
    "guest": {"at_most_days": 7, "chain": [step("chef", "decide", "line_manager")], "clauses": [CLAUSE]},
    "closing": [step("slut", "decide", "communications"), step("besked", "inform", "communications")],
    "closing_items": [item("bild", confirmed_by="administrator"), item("val", modality="should")],
    "setting_up": [
        item("var", each_administrator=True, confirmed_by="administrator"),
        item("enhetens", confirmed_by="communications"),
        item("val", modality="may"),
    ],
    "documents": [document("riktlinje")],
    "headcounts": [headcount("administrator", at_least=1, at_most=3)],
    "assignment": {"given_by": "line_manager", "clauses": [CLAUSE]},
}
POLICIES = ("own", "haninge", "mall", "nassjo", "skurup", "tibro", "tomelilla")
ADDRESSES = ("", "https://example.org/a", "https://example.org/b", "https://example.org/c")
WORDS = ("purpose", "target_group", "goals", "key_figures", "follow_up", "how_run")
ANSWERED = (Outcome.APPROVE, Outcome.SKIPPED)
PICK = st.sampled_from(range(2520))
"""Evenly spread, as whole numbers by themselves are not: what is done is chosen by their remainders."""
WHO = st.sampled_from(sorted(PEOPLE))


@lru_cache(maxsize=10)
def policy(name: str) -> Rule:
    """A policy's stored content."""
    return content(OWN, {}) if name == "own" else content_of(load_policy(name))


class Lives(RuleBasedStateMachine):
    """A municipality in which everybody does something now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.town = ToldTown(memory_engine(), policy=policy("own"))
        self.accounts: list[int] = []

    @initialize(name=st.sampled_from(POLICIES), pick=PICK, ahead=st.integers(0, 3))
    def begin(self, name: str, pick: int, ahead: int) -> None:
        """Under one of the policies, with an application that has come some way."""
        self.town = ToldTown(memory_engine(), policy=policy(name))
        self.accounts = []
        self.apply("elin", pick)
        for further in (self.approve_all, self.confirm_all, self.close)[:ahead]:
            further(pick)

    # ---------------------------------------------------------------- acts

    def attempt(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Do something that may be refused; anything else that is raised is a fault of ours."""
        try:
            act(*args, **kwargs)
        except Refused as refused:
            assert refused.says()

    def choose(self, pick: int) -> None:
        """Turn to one of the accounts."""
        self.town.account_id = self.accounts[pick % len(self.accounts)]
        self.town.now += timedelta(minutes=pick % 7)

    @rule(who=WHO, pick=PICK)
    def apply(self, who: str, pick: int) -> None:
        """Somebody applies."""
        if len(self.accounts) > 1 and pick % 6:
            return
        self.town.draft(who)
        self.accounts.append(self.town.account_id)
        self.attempt(self.town.write, **self.plan(pick))
        self.attempt(self.town.send, who)

    def plan(self, pick: int) -> dict[str, Any]:
        """Answers to everything that any of the policies asks."""
        return {
            "name": "Biblioteket",
            "platform": ("facebook", "tiktok")[pick % 2],
            "unit": ("bibliotek", "stab", "kultur")[pick % 3],
            "address": ADDRESSES[pick % 4],
            "administrators": ["omar", "tove"] if pick % 5 else ["elin", "omar"],
            "responsible": ["elin", "omar"],
            "substitute": ["tove"],
            "fits_task": "ja",
            "municipal_purpose": "dialogue",
        } | dict.fromkeys(WORDS, "Ett svar.")

    def task(self, pick: int, *kinds: TaskKind) -> UserTask | None:
        """One of the open tasks of some kinds."""
        found = self.town.open_tasks(kinds=kinds)
        return found[pick % len(found)] if found else None

    @rule(
        pick=PICK,
        outcome=st.sampled_from([Outcome.APPROVE] * 4 + [Outcome.DECLINE, Outcome.ASK_FOR_CHANGES]),
        stranger=st.sampled_from([None] * 5 + ["elin", "karin", "petra"]),
        unseen=st.booleans(),
    )
    def answer(self, pick: int, outcome: Outcome, stranger: str | None, unseen: bool) -> None:
        """Somebody who was asked answers, or somebody who was not tries to."""
        self.choose(pick)
        task = self.task(pick, TaskKind.DECIDE, TaskKind.CONSULT)
        if task is None:
            return
        names = self.town.holders(task)
        who = stranger or names[pick % len(names)]
        chosen = Outcome.ANSWERED if task.kind is TaskKind.CONSULT else outcome
        self.attempt(self.do_answer, task.id or 0, who, chosen)
        if not unseen:
            self.town.look()

    def do_answer(self, task_id: int, who: str, outcome: Outcome) -> None:
        with self.town.work() as session:
            answering.answer(
                session,
                self.town.now,
                task_id=task_id,
                person_id=self.town.people[who],
                outcome=outcome,
                reason="Ett skäl av vikt.",
                via="link",
            )

    @rule(
        pick=PICK,
        outcome=st.sampled_from([Outcome.APPROVE, Outcome.DECLINE, Outcome.ASK_FOR_CHANGES]),
        seen=st.integers(0, 3),
    )
    def answer_and_regret(self, pick: int, outcome: Outcome, seen: int) -> None:
        """Somebody answers and takes it back, before or after either was seen; something may come between."""
        self.choose(pick)
        task = self.task(pick, TaskKind.DECIDE, TaskKind.CONSULT)
        if task is None:
            return
        who = self.town.holders(task)[pick % len(self.town.holders(task))]
        chosen = Outcome.ANSWERED if task.kind is TaskKind.CONSULT else outcome
        self.attempt(self.do_answer, task.id or 0, who, chosen)
        if seen % 2:
            self.town.look()
        if pick % 5 == 0:
            self.change_the_plan(pick)
        self.attempt(self.town.take_back, task.id or 0, who, unseen=seen < 2)
        if pick % 7 == 0:
            self.withdraw(0, True)

    @rule(pick=PICK)
    def approve_all(self, pick: int) -> None:
        """Everything that waits for a decision is granted."""
        self.choose(pick)
        for _ in range(6):
            task = self.task(0, TaskKind.DECIDE, TaskKind.CONSULT)
            if task is None:
                return
            outcome = Outcome.ANSWERED if task.kind is TaskKind.CONSULT else Outcome.APPROVE
            self.attempt(self.do_answer, task.id or 0, self.town.holders(task)[0], outcome)
            self.town.look()

    @rule(pick=PICK)
    def change_the_plan(self, pick: int) -> None:
        """The applicant writes on the plan, and sends it now and then."""
        self.choose(pick)
        self.attempt(self.town.write, **self.plan(pick))
        if pick % 3:
            self.attempt(self.town.send, self.town.name_of(self.town.account().applicant_id))

    @rule(pick=PICK, to=WHO)
    def hand_over(self, pick: int, to: str) -> None:
        """A question goes to somebody else."""
        self.choose(pick)
        task = self.task(pick, *TaskKind)
        if task is not None:
            who = self.town.holders(task)[0]
            self.attempt(self.do_hand_over, task.id or 0, who, to)
            self.town.look()

    def do_hand_over(self, task_id: int, who: str, to: str) -> None:
        with self.town.work() as session:
            answering.hand_over(
                session,
                self.town.now,
                task_id=task_id,
                person_id=self.town.people[who],
                to_email=f"{to}@{DOMAIN}",
                via="link",
            )

    @rule(pick=PICK, unseen=st.booleans())
    def take_back(self, pick: int, unseen: bool) -> None:
        """Somebody regrets."""
        self.choose(pick)
        answered = [task for task in self.town.tasks() if task.answered_by_id]
        if answered:
            task = answered[-1 - pick % min(3, len(answered))]
            who = self.town.name_of(task.answered_by_id)
            self.attempt(self.town.take_back, task.id or 0, who, unseen=unseen)

    @rule(pick=PICK, unseen=st.booleans())
    def withdraw(self, pick: int, unseen: bool) -> None:
        """The applicant withdraws, now and then."""
        self.choose(pick)
        if pick % 9 == 0:
            who = self.town.name_of(self.town.account().applicant_id)
            self.attempt(self.town.withdraw, who, unseen=unseen)

    @rule(pick=PICK)
    def confirm(self, pick: int) -> None:
        """A line is confirmed."""
        self.choose(pick)
        self.confirm_some(pick, 1)

    @rule(pick=PICK)
    def confirm_all(self, pick: int) -> None:
        """All that is asked is confirmed."""
        self.choose(pick)
        self.confirm_some(pick, 40)

    def confirm_some(self, pick: int, count: int) -> None:
        for _ in range(count):
            task = self.task(pick, TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)
            if task is not None:
                who = self.town.holders(task)[0]
                self.attempt(self.do_confirm, task, who, f"https://example.org/{pick}")
        self.town.look()

    def do_confirm(self, task: UserTask, who: str, address: str) -> None:
        ways = {"login_stored_centrally": "stored_centrally", "facebook_text": "text_in_place"}
        way = ways.get(task.step, "through_communications")
        with self.town.work() as session:
            answering.confirm(
                session,
                self.town.now,
                task_id=task.id or 0,
                person_id=self.town.people[who],
                given={"place": "Valvet", "way": way, "address": address},
                via="link",
            )

    @rule(pick=PICK, who=WHO)
    def change_people(self, pick: int, who: str) -> None:
        """Somebody is asked for, ended, replaced or invited."""
        self.choose(pick)
        since = self.town.now.date() + timedelta(days=pick % 9)
        kind = list(AccountRoleKind)[pick % 3]
        acts: list[Callable[[], Any]] = [
            lambda: self.town.ask_for("karin", who, kind),
            lambda: self.town.ask_for("karin", who, instead_of="omar"),
            lambda: self.town.end_role("karin", who),
            lambda: self.town.ask_for_guest("karin", who, since, since + timedelta(days=1 + pick % 9)),
        ]
        if self.town.state in (AccountState.ACTIVE, AccountState.CLOSING) and self.town.roles():
            try:
                self.attempt(acts[pick % len(acts)])
            except IndexError:
                return

    @rule(pick=PICK, who=st.sampled_from(["elin", "karin", "petra"]))
    def ask_to_close(self, pick: int, who: str) -> None:
        """Somebody wants to close."""
        self.choose(pick)
        if pick % 3 == 0:
            self.attempt(self.town.ask_to_close, who)

    def close(self, pick: int) -> None:
        """Somebody wants to close the account there is."""
        self.attempt(self.town.ask_to_close, "karin")

    @rule(pick=PICK, who=st.sampled_from(["petra", "david", "elin"]), to=WHO)
    def repair(self, pick: int, who: str, to: str) -> None:
        """Communications puts something right, or somebody tries to."""
        self.choose(pick)
        steps = [task.step for task in self.town.tasks() if task.process is Process.OPENING] or ["chef"]
        task = self.task(pick, *TaskKind)
        person_id, name = self.town.people[who], steps[pick % len(steps)]
        kinds: list[tuple[Callable[..., Any], dict[str, Any]]] = [
            (repairing.reopen_step, {"account_id": self.town.account_id, "step": name}),
            (repairing.skip_step, {"account_id": self.town.account_id, "step": name}),
            (repairing.resume_lapsed, {"account_id": self.town.account_id}),
        ]
        if task is not None:
            kinds.append((repairing.move_task, {"task_id": task.id, "to_email": f"{to}@{DOMAIN}"}))
        if pick % 28 == 0:
            kinds = [(repairing.end_application, {"account_id": self.town.account_id})]
        act, given = kinds[pick % len(kinds)]
        self.attempt(self.do_repair, act, person_id, given)
        self.town.look()

    def do_repair(self, act: Callable[..., Any], person_id: int, given: dict[str, Any]) -> None:
        with self.town.work() as session:
            act(session, self.town.now, person_id=person_id, reason="Ett skäl av vikt.", **given)

    @rule(pick=PICK, who=st.sampled_from(["omar", "tove", "johan", "karin", "david"]))
    def leave(self, pick: int, who: str) -> None:
        """Somebody stops working here, which is not often."""
        if pick % 8 == 0:
            self.town.leaves(who)

    @rule(hours=st.sampled_from([0.2, 0.7, 1, 3, 8, 24, 24, 72, 24 * 5, 24 * 8, 24 * 30, 24 * 70]))
    def pass_time(self, hours: float) -> None:
        """The clock goes on, and whatever falls due is looked at."""
        until = self.town.now + timedelta(hours=hours)
        for _ in range(400):
            due = [(at, one) for one in self.accounts if (at := self.wakes_at(one)) and at <= until]
            if not due:
                self.town.now = until
                return
            at, self.town.account_id = min(due)
            self.town.now = max(self.town.now, at)
            self.town.look()
        raise AssertionError("the clock moves on without end")

    def wakes_at(self, account_id: int) -> Any:
        """When an account is to be looked at next."""
        with self.town.reading() as session:
            return session.get_one(Account, account_id).wake_at

    # ---------------------------------------------------------------- what must hold

    def teardown(self) -> None:
        """The log holds, and every letter could be written."""
        with self.town.reading() as session:
            assert verify(session, self.town.municipality_id).breaks == []
            failed = select(Message).where(col(Message.state) == MessageState.FAILED)
            assert [(one.notice, one.error) for one in session.execute(failed).scalars()] == []
            facts = str(session.execute(select(col(AuditEvent.facts))).scalars().all())
        for word in ("@", "Ett skäl", "Ett svar", *(who.capitalize() for who in PEOPLE)):
            assert word not in facts

    @invariant()
    def looking_twice_changes_nothing(self) -> None:
        """Once everything is seen."""
        for account_id in self.accounts:
            look(self.town.engine, account_id, self.town.now)
        before = self.dump()
        for account_id in self.accounts:
            look(self.town.engine, account_id, self.town.now)
        assert self.dump() == before

    def dump(self) -> list[Sequence[Any]]:
        """Every row there is."""
        with self.town.reading() as session:
            return [session.execute(text(f"SELECT * FROM {t.name}")).all() for t in metadata.sorted_tables]

    @invariant()
    def whatever_must_be_decided_was_decided_by_somebody_allowed(self) -> None:
        """No account is approved, let alone active, without each of its steps."""
        for account, tasks in self.lives():
            self.demand_allowed(account, tasks)
            if account.state in (AccountState.SETTING_UP, AccountState.ACTIVE, AccountState.CLOSING):
                self.demand_decided(account, tasks)
            if account.state in (AccountState.ACTIVE, AccountState.CLOSING):
                lines = [one for one in tasks if one.process is Process.SETTING_UP and one.modality == "must"]
                assert {one.state for one in lines} <= {TaskState.DONE, TaskState.WITHDRAWN}

    def lives(self) -> list[tuple[Account, list[UserTask]]]:
        """Every account with all its tasks."""
        with self.town.reading() as session:
            accounts = list(session.execute(select(Account)).scalars())
            tasks = list(session.execute(select(UserTask).order_by(col(UserTask.id))).scalars())
        return [(one, [task for task in tasks if task.account_id == one.id]) for one in accounts]

    def demand_decided(self, account: Account, tasks: list[UserTask]) -> None:
        with self.town.reading() as session:
            law = law_of(session, account)
            steps = steps_of(session, law, application(account), self.town.now)
        for one in steps:
            given = [
                task
                for task in tasks
                if task.step == one.step
                and task.process is Process.OPENING
                and task.plan_version == account.plan_version
                and task.state in (TaskState.DONE, TaskState.NO_ANSWER)
            ]
            assert given, one.step
            if one.act is StepAct.DECIDE:
                wanted = len(one.roles) if one.answered_by == "all" else 1
                assert len(given) >= wanted or any(task.outcome is Outcome.SKIPPED for task in given)
                assert all(task.outcome in ANSWERED for task in given)

    def demand_allowed(self, account: Account, tasks: list[UserTask]) -> None:
        done = [t for t in tasks if t.kind is TaskKind.DECIDE and t.state is TaskState.DONE]
        with self.town.reading() as session:
            roles = {one.id: one for one in session.execute(select(AccountRole)).scalars()}
        for task in done:
            asked = {account.applicant_id} if task.process is Process.OPENING else set()
            role = roles.get(task.account_role_id)
            asked |= {role.asked_by_id, role.person_id} if role else set()
            assert task.answered_by_id not in asked
            closing_since = account.closing_asked_at
            if task.process is Process.CLOSING and closing_since and task.opened_at >= closing_since:
                assert task.answered_by_id != account.closing_asked_by_id
        opening = [t for t in done if t.process is Process.OPENING and t.plan_version == account.plan_version]
        deciders = {(t.step, t.answered_by_id) for t in opening if t.outcome in ANSWERED}
        assert len({who for _, who in deciders}) == len(deciders)

    @invariant()
    def nothing_is_asked_of_nobody_or_in_a_life_that_has_ended(self) -> None:
        """Every open task has somebody who may answer it, in an account that lives."""
        with self.town.reading() as session:
            held = set(session.execute(select(col(TaskHolder.task_id))).scalars())
        for account, tasks in self.lives():
            for task in tasks:
                if task.state is TaskState.OPEN:
                    assert account.state not in FINAL
                    assert task.id in held

    @invariant()
    def nothing_stands_still_unseen(self) -> None:
        """What goes on waits for a person, or stands red; and it is looked at when something falls due."""
        for account, tasks in self.lives():
            asked = [task for task in tasks if task.state is TaskState.OPEN]
            if account.state in LIVING and account.state is not AccountState.ACTIVE:
                must = [task for task in asked if task.modality == "must"]
                assert must or account.red_reason.startswith(("no_holder", "too_few"))
            falls_due = [at for task in asked for at in (task.next_reminder_at, task.due_at) if at]
            if account.state is AccountState.DECLINED and account.wake_at is not None:
                assert self.town.now < account.wake_at <= self.town.now + timedelta(hours=1)
            elif account.state in FINAL:
                assert account.wake_at is None
            elif falls_due or account.state in (AccountState.DRAFT, AccountState.SETTING_UP):
                assert account.wake_at is not None
            if account.wake_at is not None:
                assert account.wake_at > self.town.now
                assert not falls_due or account.wake_at <= max(min(falls_due), self.next_working_time())

    def next_working_time(self) -> Any:
        """When work begins next."""
        with self.town.reading() as session:
            account = session.get_one(Account, self.accounts[0])
            return law_of(session, account).calendar.working_time_from(self.town.now)

    @invariant()
    def everything_is_about_something_that_there_is(self) -> None:
        """Letters have their account and task, people their addresses, and an address one account."""
        with self.town.reading() as session:
            tasks = {task.id: task for task in session.execute(select(UserTask)).scalars()}
            emails = dict(session.execute(select(col(Person.id), col(Person.email))).all())
            for message in session.execute(select(Message)).scalars():
                assert message.task_id is None or tasks[message.task_id].account_id == message.account_id
                assert message.person_id is None or emails[message.person_id] == message.email
        held = [account.address_key for account, _ in self.lives() if account.state in LIVING]
        assert len([key for key in held if key]) == len({key for key in held if key})


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize="KANALVAKT_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
