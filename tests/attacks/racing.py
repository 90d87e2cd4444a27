"""Two answers to one question at the same moment: over HTTP, by two portals that share one real database."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select
from sqlmodel import col

from acts.by_form import VIA, Filled, FormDesk, Told, fill_in
from acts.looking import look
from acts.repairing import skip_step
from acts.work import work
from lifecycle.refusals import Refused
from models import AccountState, AuditEvent, LinkKind, Outcome, TaskState, UserTask
from notifications import links
from runtime.database import make_engine, reading
from tests.acts.test_two_at_once import RULES, UNIT, at_once, demand_whole_chain, entered, task_of
from tests.attacks.within import SECTION
from tests.figures import prove
from tests.lifecycle.town import Town, step
from tests.web.visitor import Visitor, plain, settings_for_tests
from web.app import create_app

TWO_STEPS = {**RULES, "opening": [*UNIT, step("chef", "decide", "line_manager")]}
"""Of several decisions, one may be passed by a form."""
SAYS = {Outcome.APPROVE: "Godkänt", Outcome.DECLINE: "Avslag", Outcome.SKIPPED: "Hoppades över"}


@dataclass(frozen=True)
class Racer:
    """One of the two: who it is, what they do, and what they are told in the end."""

    who: str
    act: Callable[[], str]
    """Gives back the page, or the words, that the answer was met with."""


class Races:
    """A town with two portals, each with its own connections, as two processes have them."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.town = Town(engine, TWO_STEPS)
        self._engines = [make_engine(url), make_engine(url)]
        self._apps = [create_app(settings_for_tests(), one, lambda: self.town.now) for one in self._engines]
        self._at_home = self._come_home("david")

    def close(self) -> None:
        """Let go of the database."""
        for engine in self._engines:
            engine.dispose()

    def _visitor(self, portal: int) -> Visitor:
        return Visitor(TestClient(self._apps[portal], follow_redirects=False))

    def _come_home(self, who: str) -> Visitor:
        visitor = self._visitor(1)
        visitor.open(f"/l/{self._link(LinkKind.MY_PAGE, who)}")
        visitor.post(f"{visitor.path}/oppna")
        return visitor

    def _link(self, kind: LinkKind, who: str, task: UserTask | None = None) -> str:
        bound = {"task_id": task.id, "account_id": task.account_id, "plan_version": 1} if task else {}
        with work(self.town.engine, self.town.now) as session:
            return links.mint(
                session,
                kind=kind,
                municipality_id=self.town.municipality_id,
                email=f"{who}@example.org",
                now=self.town.now,
                until=links.expires_at(kind, self.town.now, 21),
                person_id=self.town.people[who],
                **bound,
            )

    def by_link(self, who: str, task: UserTask, portal: int, outcome: Outcome, token: str = "") -> Racer:
        """Answering by a letter's link, with its page open."""
        visitor = self._visitor(portal)
        visitor.open(f"/l/{token or self._link(LinkKind.DECIDE, who, task)}")
        return Racer(who, partial(_post, visitor, f"{visitor.path}/svar", outcome))

    def by_home(self, who: str, task: UserTask, outcome: Outcome) -> Racer:
        """Answering from one's own page."""
        home = "/".join(self._at_home.path.split("/")[:4])
        self._at_home.open(f"{home}/fraga/{task.id}")
        return Racer(who, partial(_post, self._at_home, f"{home}/fraga/{task.id}/svar", outcome))

    def by_form(self, who: str, task: UserTask) -> Racer:
        """Passing the step by a form of the desk."""

        def act(desk: FormDesk) -> Told:
            wanted: dict[str, Any] = {"account_id": task.account_id, "step": task.step, "via": VIA}
            skip_step(desk.session, desk.now, person_id=desk.person_id, reason="Rättas.", **wanted)
            return Told(["Hoppades över."])

        def fill() -> str:
            filled_in = fill_in(self._engines[1], self._filled(who, task), act, self.town.now)
            return f"{SAYS[Outcome.SKIPPED]} {who.capitalize()} {filled_in.name}"

        return Racer(who, fill)

    def run(self, count: int) -> int:
        """So many races of all kinds in turn; how many did not end with one answer that both were told of."""
        ids = entered(self.town, AccountState.DECIDING, count)
        kinds = islice(
            cycle((self._two_people, self._one_link, self._two_letters, self._home, self._form)), count
        )
        return sum(not self._is_one(account_id, pair) for account_id, pair in zip(ids, kinds, strict=True))

    def _is_one(self, account_id: int, pair: Callable[[UserTask], tuple[Racer, Racer]]) -> bool:
        look(self.town.engine, account_id, self.town.now)
        task, told = task_of(self.town, account_id), {}
        racers = pair(task)

        def run(number: int) -> None:
            try:
                told[number] = racers[number].act()
            except Refused as refused:
                told[number] = refused.says()

        at_once(partial(run, 0), partial(run, 1))
        ended = task_of(self.town, account_id)
        winner = next(one for one in ("petra", "david") if self.town.people[one] == ended.answered_by_id)
        assert ended.outcome is not None
        truth = (winner.capitalize(), SAYS[ended.outcome])
        fair = all(_is_told(racer, told[number], winner, *truth) for number, racer in enumerate(racers))
        counted = self._answers(task)
        if not fair or counted != 1 or ended.state is not TaskState.DONE:
            print(pair.__name__, truth, counted, ended.state, told)
        return fair and counted == 1 and ended.state is TaskState.DONE

    def _answers(self, task: UserTask) -> int:
        kinds = ("decision_given", "repaired")
        rows = select(func.count()).where(
            col(AuditEvent.account_id) == task.account_id, col(AuditEvent.kind).in_(kinds)
        )
        with reading(self.town.engine) as session:
            return session.execute(rows).scalar_one()

    def _filled(self, who: str, task: UserTask) -> Filled:
        return Filled(f"lopp-{task.id}", f"{who}@example.org")

    def _two_people(self, task: UserTask) -> tuple[Racer, Racer]:
        return (
            self.by_link("petra", task, 0, Outcome.APPROVE),
            self.by_link("david", task, 1, Outcome.DECLINE),
        )

    def _one_link(self, task: UserTask) -> tuple[Racer, Racer]:
        token = self._link(LinkKind.DECIDE, "petra", task)
        return (
            self.by_link("petra", task, 0, Outcome.APPROVE, token),
            self.by_link("petra", task, 1, Outcome.DECLINE, token),
        )

    def _two_letters(self, task: UserTask) -> tuple[Racer, Racer]:
        return (
            self.by_link("petra", task, 0, Outcome.APPROVE),
            self.by_link("petra", task, 1, Outcome.DECLINE),
        )

    def _home(self, task: UserTask) -> tuple[Racer, Racer]:
        return self.by_link("petra", task, 0, Outcome.APPROVE), self.by_home("david", task, Outcome.DECLINE)

    def _form(self, task: UserTask) -> tuple[Racer, Racer]:
        return self.by_link("petra", task, 0, Outcome.APPROVE), self.by_form("david", task)


def _post(visitor: Visitor, path: str, outcome: Outcome) -> str:
    posted = {"outcome": outcome.value, "reason": "Ett skäl.", "plan_version": "1"}
    return plain(visitor.post(path, posted))


def _is_told(racer: Racer, words: str, winner: str, name: str, outcome: str) -> bool:
    """One's own answer as it was recorded, or whose it was instead."""
    if racer.who == winner:
        return outcome in words
    return name in words


def exactly_one_each_time(engine: Engine, url: str, count: int) -> None:
    """Of two answers one is recorded, and both are told which."""
    races = Races(engine, url)
    try:
        unfair = races.run(count)
        demand_whole_chain(races.town)
    finally:
        races.close()
    what = (
        f"of {count:,} races between two answers on {engine.dialect.name}, not one answer that both were told"
    )
    prove(SECTION, what, unfair, 0)
    assert unfair == 0
