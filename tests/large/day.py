"""A day of the large installation: filled, a morning with a worker's death in it, an evening."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Thread
from typing import Any

import httpx2
from sqlalchemy import Engine, select
from sqlmodel import col

from benchmarks.taken import cpu_seconds, family, memory
from deployments.large_topology import LargeTopology, worker_name
from deployments.moved_clock import MovedClock
from deployments.prefect_server import pause_schedules
from deployments.round_runs import RoundRuns
from flows.waking import FLOW
from models import RunLease
from runtime.database import make_engine, reading
from tests.figures import prove
from tests.large import proofs
from tests.large.filling import Filled, fill

EVENING = datetime(2026, 12, 1, 21, 30, tzinfo=UTC)
"""The watch of the day is over under every policy."""
PATIENCE_SECONDS = 600.0
SAYS_EVERY_SECONDS = 20.0
SETTLES_SECONDS = 5.0
UNDER_WAY, RESTS = ("SCHEDULED", "PENDING", "RUNNING"), "PAUSED"
States = dict[str, tuple[str, str, int]]
"""By flow run: type and name of its state, and whose it is."""
LOST = "Nothing lost, nothing doubled"


@dataclass
class Day:
    """What is done to it, and how long each thing took."""

    large: LargeTopology
    clock: MovedClock
    started: float
    until: float
    """When the rest of the work has to begin, whatever runs and letters are still under way."""
    figures: list[tuple[str, str]] = field(default_factory=list)
    filled: list[Filled] = field(default_factory=list)
    runs: int = 0

    @cached_property
    def engine(self) -> Engine:
        """Of our own database, for filling and for looking."""
        return make_engine(self.large.database_url("kanalvakt", "psycopg"))

    def close(self) -> None:
        self.engine.dispose()

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.started:6.0f} s  {text}", flush=True)

    def tell(self, what: str, figure: str) -> None:
        self.figures.append((what, figure))
        self.say(f"{what}: {figure}")

    def took(self, what: str, since: float) -> float:
        seconds = time.monotonic() - since
        self.tell(what, f"{seconds:.0f} s")
        return seconds

    def table(self) -> list[str]:
        """As Markdown."""
        return ["| | |", "| --- | ---: |", *(f"| {what} | {figure} |" for what, figure in self.figures)]

    # Filling

    def fill(self, municipalities: int, accounts: int, runs: int) -> None:
        """Accounts that nothing has happened to get no run here: making them all would take hours."""
        since, self.runs = time.monotonic(), runs
        with self.large.servers[0].client() as client:
            pause_schedules(client, "system")
        for one in fill(self.engine, municipalities, accounts, self.clock.now(), with_news=runs):
            self.filled.append(one)
        self.took(f"filled: {municipalities} municipalities, {accounts:,} accounts", since)

    # The morning

    def morning(self) -> None:
        """The watch is asked for, with a death in the middle of it; then a letter to everybody."""
        since = time.monotonic()
        with self.going("bevakning"):
            killed = self._kill_one_with_a_share()
        swept = self.took("watch asked for in all, a worker's death and making up for it included", since)
        done, owners = proofs.rounds_done(self.engine, "watch", self.clock.now().date())
        prove(LOST, "municipalities where the watch was not gone", len(self.filled) - owners, 0)
        prove(LOST, "municipalities where it was gone twice", done - owners, 0)
        prove(LOST, "workers killed with a share in hand", int(killed is not None), 1, at_least=True)
        self.tell("watch, accounts a second", f"{sum(one.accounts for one in self.filled) / swept:.0f}")
        since = time.monotonic()
        with self.going("morgonbrev"):
            pass
        self.took("morning letters written for all", since)
        self.letters_leave(self.until)
        seconds = self.took("and sent, one connection each worker", since)
        letters = proofs.mornings(self.engine, self.filled)
        self.tell("letters a second, written and sent", f"{letters.letters / seconds:.0f}")
        self._prove_the_morning(letters)

    def _prove_the_morning(self, letters: proofs.Mornings) -> None:
        watch = proofs.watched(self.engine, self.filled, self.clock.now().date())
        prove(LOST, "accounts to be watched", watch.accounts, watch.accounts, at_least=True)
        prove(LOST, "of them without a task", watch.accounts - (watch.tasks - watch.doubled), 0)
        prove(LOST, "of them with two", watch.doubled, 0)
        prove(LOST, "tasks where the guideline wants no watch", watch.strangers, 0)
        told = letters.letters - letters.doubled
        prove(LOST, "people with a morning letter", told, letters.people, at_least=True)
        prove(LOST, "people with two", letters.doubled, 0)
        prove(LOST, "morning letters that have not left", letters.unsent, 0)

    @contextmanager
    def going(self, deployment: str) -> Iterator[None]:
        """A round's run, gone to its end while something else is done."""
        trouble: list[BaseException] = []

        def go() -> None:
            try:
                with self.prefect() as client:
                    RoundRuns(client, time.sleep, PATIENCE_SECONDS).go(deployment, self.clock.now())
            except BaseException as error:
                trouble.append(error)

        thread = Thread(target=go)
        thread.start()
        yield
        thread.join()
        if trouble:
            raise trouble[0]

    def prefect(self, server: int = 0) -> httpx2.Client:
        return httpx2.Client(
            base_url=self.large.servers[server].api_url, verify=False, trust_env=False, timeout=60
        )

    def _kill_one_with_a_share(self) -> str | None:
        """SIGKILL to a worker that goes a share of the round; None when none was ever seen at it."""
        deadline = time.monotonic() + 60
        with self.prefect() as client:
            while time.monotonic() < deadline:
                name = self._worker_with_a_share(client)
                if name is not None:
                    process = self.large.parts[name].process
                    assert process is not None
                    os.kill(process.pid, signal.SIGKILL)
                    process.wait()
                    self.large.parts[name].process = None
                    self.say(f"{name} was killed with a share in its hands")
                    return name
                time.sleep(0.05)
        return None

    def _worker_with_a_share(self, client: httpx2.Client) -> str | None:
        wanted = {"name": {"like_": ": kommunerna "}, "state": {"type": {"any_": ["RUNNING"]}}}
        answer = client.post("/flow_runs/filter", json={"flow_runs": wanted})
        shares = [one["id"] for one in answer.raise_for_status().json()]
        with reading(self.engine) as session:
            rows = select(col(RunLease.worker)).where(col(RunLease.flow_run_id).in_(shares))
            names = set(session.execute(rows).scalars())
        for number in range(1, self.large.workers + 1):
            process = self.large.parts[worker_name(number)].process
            if process is not None and f"{socket.gethostname()}-{process.pid}" in names:
                return worker_name(number)
        return None

    # The accounts' own runs

    def rest_of_the_runs(self) -> None:
        """Wait for the runs of the accounts that have something to look at, as long as there is time."""
        began = time.monotonic()
        self.wait("accounts with something unseen", lambda: proofs.unseen(self.engine), self.until)
        self.wait("runs that do not rest yet", self._restless, self.until)
        made = len(proofs.with_run(self.engine))
        since_filled = time.monotonic() - self.started
        self.took("waited for the accounts' own runs, after all that", began)
        self.tell("accounts' own runs, made and gone to their rest", f"{made:,}")
        self.tell("of them a second, from the start of the filling", f"{made / since_filled:.1f}")
        self._prove_the_runs()

    def _restless(self) -> int:
        return sum(one in UNDER_WAY for one, _, _ in self._states().values())

    def _states(self) -> States:
        """Every account's run as Prefect shows it."""
        found: States = {}
        asked: dict[str, Any] = {"flows": {"name": {"any_": [FLOW]}}, "sort": "ID_DESC", "limit": 200}
        with self.prefect(1) as client:
            while True:
                answer = client.post("/flow_runs/filter", json=asked | {"offset": len(found)})
                page = answer.raise_for_status().json()
                found |= {
                    one["id"]: (one["state_type"], one["state_name"], one["parameters"]["account_id"])
                    for one in page
                }
                if len(page) < 200:
                    return found

    def _prove_the_runs(self) -> None:
        """One run for each account, which rests under the name that its account says, or is under way."""
        states, ours = self._states(), proofs.with_run(self.engine)
        wrong = _wrongly_named(states, ours)
        owned = {account_id for account_id, _ in ours.values()}
        strangers = [one for run, one in states.items() if run not in ours and one[2] in owned]
        lives = [one for one in strangers if one[0] in (*UNDER_WAY, RESTS)]
        under_way = sum(states[run][0] in UNDER_WAY for run in ours.keys() & states.keys())
        if wrong:  # One that was looked at between the two questions is right a moment later.
            time.sleep(SETTLES_SECONDS)
            wrong &= _wrongly_named(self._states(), proofs.with_run(self.engine))
        self.tell("of them still under way when they were counted", f"{under_way:,}")
        ended = [name for kind, name, _ in strangers if kind not in (*UNDER_WAY, RESTS)]
        how = f" ({', '.join(sorted(set(ended)))})" if ended else ""
        self.tell("runs that had ended by themselves and were followed by another", f"{len(ended)}{how}")
        prove(LOST, "accounts with a run", len(ours), self.runs, at_least=True)
        prove(LOST, "runs that rest, but not under their account's name", len(wrong), 0)
        prove(LOST, "accounts with a second run that lives", len(lives), 0)

    # The evening

    def evening(self) -> None:
        """The day is over: what nobody confirmed is missed, once."""
        on = self.clock.now().date()
        self.clock.move_to(EVENING)
        since = time.monotonic()
        with self.going("bevakning"):
            pass
        seconds = self.took("the evening: the day's watch ended in all municipalities", since)
        self.tell("ended, accounts a second", f"{sum(one.accounts for one in self.filled) / seconds:.0f}")
        watch = proofs.watched(self.engine, self.filled, on)
        prove(LOST, "tasks of the day that have not ended", watch.tasks - watch.ended, 0)

    # The machine

    def tell_of_the_machine(self) -> None:
        """Processor seconds and memory, by kind of part."""
        kinds: dict[str, list[set[int]]] = {}
        for name, part in self.large.parts.items():
            if part.process is not None:
                kinds.setdefault(name.rstrip(" 0123456789"), []).append(family(part.process.pid))
        for kind, parts in kinds.items():
            pids = set().union(*parts)
            seconds = cpu_seconds(pids, with_ended=True)
            self.tell(f"{len(parts)} × {kind}", f"{seconds:.0f} s of processor, {memory(pids):.0f} MB")

    def letters_leave(self, by: float) -> None:
        """Wait until all that are due have left."""
        self.wait("letters that have not left", lambda: proofs.unsent(self.engine, self.clock.now()), by)

    def wait(self, what: str, count: Callable[[], int], by: float) -> None:
        """Until there are none left, or it is time for something else."""
        said = 0.0
        while (left := count()) and time.monotonic() < by:
            if time.monotonic() - said > SAYS_EVERY_SECONDS:
                said = time.monotonic()
                self.say(f"{what}: {left}")
            time.sleep(1.0)


def _wrongly_named(states: States, ours: dict[str, tuple[int, str]]) -> set[str]:
    """Accounts' runs that rest under another name than the account's."""
    resting = {run: one[:2] for run, one in states.items() if one[0] not in UNDER_WAY}
    return {run for run, (_, name) in ours.items() if resting.get(run, (RESTS, name)) != (RESTS, name)}
