"""What must hold whatever people and clocks do, in whatever order: random acts over several policies.

After each of them every truth of `lifecycle.invariants` holds, and looking or going a round once more changes
nothing.

`KANALVAKT_EXAMPLES` asks for more lives than the few that are lived each time.
"""

import os
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import text
from sqlmodel import col, select

from acts import answering, repairing, watching
from acts.looking import look
from acts.policies import adopt
from acts.round_list import ROUNDS
from acts.rounds import Round, go_round
from lifecycle.duty_tasks import answer_duty, open_duty
from lifecycle.events import By
from lifecycle.invariants import violations
from lifecycle.law import law_in_force
from lifecycle.presence import people_present
from lifecycle.refusals import Refused
from lifecycle.roles import Holder
from models import (
    Absence,
    Account,
    AccountRoleKind,
    AccountState,
    AuditEvent,
    Message,
    MessageState,
    Outcome,
    Person,
    Process,
    TaskKind,
    TaskState,
    UserTask,
    metadata,
)
from policies.keys import Modality, Role
from policies.keys import Rule as PolicyRule
from policies.loading import content_of, load_policy
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
    "watch": [{"days": "weekdays", "times_a_day": 2, "clauses": [CLAUSE]}],
}
POLICIES = ("own", "haninge", "mall", "nassjo", "skurup", "tibro", "tomelilla")
ADDRESSES = ("", "https://example.org/a", "https://example.org/b", "https://example.org/c")
WORDS = ("purpose", "target_group", "goals", "key_figures", "follow_up", "how_run")
_MORNING = (watching.FOLD, watching.ASK, watching.TELL)
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
        self.policy = policy("own")
        self.town = ToldTown(memory_engine(), policy=self.policy)
        self.accounts: list[int] = []
        self.seen: list[Sequence[Any]] = []

    @initialize(name=st.sampled_from(POLICIES), pick=PICK, ahead=st.integers(0, 3))
    def begin(self, name: str, pick: int, ahead: int) -> None:
        """Under one of the policies, with an application that has come some way."""
        self.policy = policy(name)
        self.town = ToldTown(memory_engine(), policy=self.policy)
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

    # ---------------------------------------------------------------- the clock

    @rule(
        days=st.lists(st.sampled_from(["silent", "asked", "watched", "evening"]), min_size=1, max_size=4),
        who=WHO,
        pick=PICK,
    )
    def live(self, days: list[str], who: str, pick: int) -> None:
        """Some days pass: on some the clock stands still, on others it asks, and perhaps somebody looks."""
        for day in days:
            self.pass_until(7 + pick % 3)
            if day in ("asked", "watched"):
                self.go(*_MORNING)
            if day == "watched":
                self.confirm_watch(who)
            if day != "silent":
                self.pass_until(20)
                self.go(watching.END)

    def pass_until(self, hour: int) -> None:
        """To that hour in UTC, today or tomorrow."""
        now = self.town.now
        until = now.replace(hour=hour, minute=0, second=0, microsecond=0)
        self.pass_time((until - now) / timedelta(hours=1) % 24 or 24)

    def go(self, *rounds: Round, as_of: date | None = None) -> None:
        """Go some rounds, and then once more: nothing is new. Nobody who has left is written to."""
        already = self.letters_to_those_gone()
        for one in rounds:
            report = go_round(self.town.engine, one, self.town.now, as_of)
            assert report.failures == []
        before = self.dump()
        for one in rounds:
            go_round(self.town.engine, one, self.town.now, as_of)
        assert self.dump() == before
        assert self.letters_to_those_gone() == already
        self.town.post()

    def letters_to_those_gone(self) -> set[str]:
        """Written before or after they left."""
        rows = (
            select(col(Message.id))
            .join(Person, col(Message.person_id) == col(Person.id))
            .where(col(Person.left_on) <= self.town.now.date())
        )
        with self.town.reading() as session:
            return set(session.execute(rows).scalars())

    @rule(one=st.sampled_from(sorted(ROUNDS)), back=st.sampled_from([None, None, 1, 3, 9]))
    def go_a_round(self, one: str, back: int | None) -> None:
        """A round at whatever hour, for today or for a day that has passed."""
        as_of = None if back is None else self.town.now.date() - timedelta(days=back)
        self.go(ROUNDS[one], as_of=as_of)

    @rule(who=WHO)
    def confirm_watch(self, who: str) -> None:
        """Somebody says that they have looked, whether asked or not."""
        person_id = self.town.people[who]
        with self.town.work() as session:
            watching.confirm_watch(
                session, self.town.now, person_id=person_id, account_ids=self.accounts, via="link"
            )

    @rule(pick=PICK)
    def explain(self, pick: int) -> None:
        """Somebody says why a day was missed."""
        with self.town.reading() as session:
            missed = select(UserTask).where(col(UserTask.state) == TaskState.MISSED)
            found = list(session.execute(missed.order_by(col(UserTask.id))).scalars())
        if found:
            task = found[pick % len(found)]
            self.attempt(self.do_explain, task.id or 0, self.town.people[self.town.holders(task)[0]])

    def do_explain(self, task_id: int, person_id: int) -> None:
        with self.town.work() as session:
            watching.explain_missed(
                session, self.town.now, task_id=task_id, person_id=person_id, why="Ett skäl.", via="link"
            )

    @rule(pick=PICK, modality=st.sampled_from(Modality))
    def ask_a_duty(self, pick: int, modality: Modality) -> None:
        """The clock has brought something for an open account."""
        self.choose(pick)
        if self.town.state is not AccountState.ACTIVE:
            return
        with self.town.work() as session:
            account = session.get_one(Account, self.town.account_id)
            law = law_in_force(session, self.town.municipality_id, self.town.now)
            present = people_present(session, law, [account], law.day_of(self.town.now))[account.id or 0]
            open_duty(
                session,
                law,
                account,
                self.town.now,
                kind=TaskKind.LOOK_INTO,
                once_key=f"reda-ut:{account.id}:{modality.value}:{pick % 4}",
                step="reda_ut",
                label="Red ut det",
                rule=PolicyRule(clauses=sorted(law.content["clauses"])[:1], modality=modality),
                role=Role.RESPONSIBLE,
                holders=present or [Holder(self.town.people["petra"])],
            )

    @rule(pick=PICK)
    def do_a_duty(self, pick: int) -> None:
        """One of those who were asked has done it."""
        self.choose(pick)
        task = self.task(pick, TaskKind.LOOK_INTO)
        if task is not None:
            who = self.town.holders(task)
            self.attempt(self.do_answer_duty, task.id or 0, self.town.people[who[pick % len(who)]])

    def do_answer_duty(self, task_id: int, person_id: int) -> None:
        with self.town.work() as session:
            task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
            answer_duty(session, task, person, self.town.now, via="link", outcome=Outcome.CONTINUE)

    @rule(who=WHO, days=st.sampled_from([None, 1, 4, 30]), instead=st.sampled_from([None, "karin", "david"]))
    def be_away(self, who: str, days: int | None, instead: str | None) -> None:
        """Somebody is away from today, and perhaps somebody stands in."""
        today, people = self.town.now.date(), self.town.people
        away = Absence(
            municipality_id=self.town.municipality_id,
            person_id=people[who],
            from_on=today,
            until_on=today + timedelta(days=days) if days else None,
            substitute_id=people[instead] if instead not in (None, who) else None,
            entered_at=self.town.now,
        )
        with self.town.work() as session:
            session.add(away)

    @rule(
        first=st.integers(1, 4),
        every=st.integers(1, 4),
        at_most=st.integers(0, 3),
        confirmed=st.booleans(),
        later=st.sampled_from([0, 0, 3]),
    )
    def change_the_rules(self, first: int, every: int, at_most: int, confirmed: bool, later: int) -> None:
        """The municipality adopts a version with other settings, from today or soon."""
        ladder = {"first": first, "every": every, "at_most": at_most}
        bridge = (self.town.now.date() + timedelta(days=first + later)).isoformat()
        settings = {"ladder": ladder, "watch_ladder": ladder | {"then": "line_manager"}}
        settings |= {"watch_confirmed": confirmed, "bridge_days": [bridge]}
        given = deepcopy(self.policy)
        given["policy"]["settings"] = given["policy"].get("settings", {}) | settings
        given["policy"]["valid_from"] = (self.town.now.date() + timedelta(days=later)).isoformat()
        with self.town.work() as session:
            adopt(session, self.town.municipality_id, given, By(None, "cli"), self.town.now)

    # ---------------------------------------------------------------- what must hold

    def teardown(self) -> None:
        """Every letter could be written, and nobody's words are in the log's chain."""
        with self.town.reading() as session:
            failed = select(Message).where(col(Message.state) == MessageState.FAILED)
            assert [(one.notice, one.error) for one in session.execute(failed).scalars()] == []
            facts = str(session.execute(select(col(AuditEvent.facts))).scalars().all())
        for word in ("@", "Ett skäl", "Ett svar", *(who.capitalize() for who in PEOPLE)):
            assert word not in facts

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        """When everything is seen, seeing it once more changes nothing, and every truth holds."""
        self.see_all()
        before = self.dump()
        if before == self.seen:
            return
        self.see_all()
        assert self.dump() == before
        with self.town.reading() as session:
            assert violations(session, self.town.municipality_id, self.town.now) == []
        self.demand_letters_at_their_own_address()
        self.seen = before

    def see_all(self) -> None:
        for account_id in self.accounts:
            look(self.town.engine, account_id, self.town.now)

    def dump(self) -> list[Sequence[Any]]:
        """Every row there is."""
        with self.town.reading() as session:
            return [session.execute(text(f"SELECT * FROM {t.name}")).all() for t in metadata.sorted_tables]

    def demand_letters_at_their_own_address(self) -> None:
        """Here nobody's changes."""
        strayed = select(col(Message.notice)).join(Person, col(Person.id) == col(Message.person_id))
        with self.town.reading() as session:
            assert session.execute(strayed.where(col(Person.email) != col(Message.email))).all() == []


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize="KANALVAKT_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
