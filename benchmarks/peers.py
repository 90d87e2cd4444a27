"""The peers: what one could use instead, each written as its own documentation has it.

Each runs in a process of its own, with its own defaults, and does for one item after another (or as many at
once as it likes) what ours does for all: the rows of an account's watch, a decision that is kept.

    .venv/bin/python -m benchmarks.peers dbos sqlite:////tmp/filled.db 1000
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.processes import found_by
from benchmarks.works import Way

ITEMS = 1000
NAMES = {
    "dbos": "DBOS, a workflow per account",
    "prefect": "Prefect, a task per account",
    "spiff": "SpiffWorkflow, complete and store",
}


def peer(name: str, url: str, items: int = ITEMS) -> Way:
    """A peer's rate, on the same kind of database as ours."""
    with tempfile.TemporaryDirectory(prefix="kanalvakt-peer-") as folder:
        own = {"PREFECT_HOME": folder, "PREFECT_LOGGING_LEVEL": "ERROR"}
        seconds = found_by("peers", name, url, str(items), environment=own)
    return Way(NAMES[name], items, tuple(seconds))


# ---------------------------------------------------------------- DBOS


def dbos(url: str, items: int) -> list[float]:
    """A workflow per account with one step, on a queue; its own database of the same kind."""
    from dbos import DBOS, DBOSConfig

    from benchmarks.bare import write_watch
    from runtime.database import make_engine

    engine = make_engine(url)

    @DBOS.step()
    def write(account: int) -> None:
        write_watch(engine, account)

    @DBOS.workflow()
    def watch(account: int) -> None:
        write(account)

    with tempfile.TemporaryDirectory() as folder:
        own = url.replace("+psycopg", "") if "postgresql" in url else f"sqlite:///{Path(folder) / 'dbos.db'}"
        config: DBOSConfig = {"name": "watch", "system_database_url": own, "log_level": "ERROR"}
        DBOS(config=config)
        DBOS.launch()
        DBOS.register_queue("watch")

        def go(accounts: Sequence[int]) -> None:
            handles = [DBOS.enqueue_workflow("watch", watch, one) for one in accounts]
            for handle in handles:
                handle.get_result()

        taken = warmed(go, items)
        DBOS.destroy()
    return taken


def warmed(go: Callable[[Sequence[int]], object], items: int) -> list[float]:
    """Seconds for so many accounts, after some others."""
    warm = max(1, items // 20)
    go(range(1, warm + 1))
    started = perf_counter()
    go(range(warm + 1, warm + items + 1))
    return [perf_counter() - started]


# ---------------------------------------------------------------- Prefect


def prefect(url: str, items: int) -> list[float]:
    """A flow that maps a task over the accounts, with a server that it starts itself."""
    from prefect import flow, task
    from prefect.futures import wait

    from benchmarks.bare import write_watch
    from runtime.database import make_engine

    engine = make_engine(url)

    @task
    def write(account: int) -> None:
        write_watch(engine, account)

    @flow
    def watch(accounts: list[int]) -> None:
        futures = write.map(accounts)
        wait(futures)
        for one in futures:
            one.result()

    return warmed(lambda accounts: watch(list(accounts)), items)


# ---------------------------------------------------------------- SpiffWorkflow

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="defined" targetNamespace="http://example.org">
  <process id="opening" isExecutable="true">
    <startEvent id="begun"><outgoing>to_manager</outgoing></startEvent>
    <userTask id="manager" name="Chefens beslut">
      <incoming>to_manager</incoming><outgoing>to_approval</outgoing>
    </userTask>
    <userTask id="approval" name="Kommunikations godkännande">
      <incoming>to_approval</incoming><outgoing>to_end</outgoing>
    </userTask>
    <endEvent id="ended"><incoming>to_end</incoming></endEvent>
    <sequenceFlow id="to_manager" sourceRef="begun" targetRef="manager"/>
    <sequenceFlow id="to_approval" sourceRef="manager" targetRef="approval"/>
    <sequenceFlow id="to_end" sourceRef="approval" targetRef="ended"/>
  </process>
</definitions>
"""


def spiff(url: str, items: int) -> list[float]:
    """Fetch a workflow, complete the manager's task, run to the next and store: one transaction each.

    `url` is not used: it is stored in SQLite as durably as ours, whatever ours is on.
    """
    from SpiffWorkflow import TaskState
    from SpiffWorkflow.bpmn import BpmnWorkflow
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
    from SpiffWorkflow.spiff.parser import SpiffBpmnParser
    from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG

    from runtime.database import make_engine

    parser = SpiffBpmnParser()
    parser.add_bpmn_str(PROCESS.encode())
    spec = parser.get_spec("opening")
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(DEFAULT_CONFIG))

    def go_on(workflow: BpmnWorkflow) -> None:
        while (task := workflow.get_next_task(state=TaskState.READY, manual=False)) is not None:
            task.run()

    with tempfile.TemporaryDirectory() as folder:
        raw = make_engine(f"sqlite:///{Path(folder) / 'spiff.db'}").raw_connection()
        store = raw.driver_connection
        assert store is not None
        store.execute("CREATE TABLE workflow (id INTEGER PRIMARY KEY, serialization TEXT NOT NULL)")
        store.execute("BEGIN")
        for _ in range(2 * items):
            workflow = BpmnWorkflow(spec)
            go_on(workflow)
            kept = serializer.serialize_json(workflow)
            store.execute("INSERT INTO workflow (serialization) VALUES (?)", (kept,))
        store.commit()

        def complete(ids: Sequence[int]) -> None:
            for one in ids:
                store.execute("BEGIN IMMEDIATE")
                found = store.execute("SELECT serialization FROM workflow WHERE id = ?", (one,)).fetchone()
                workflow = serializer.deserialize_json(found[0])
                task = workflow.get_next_task(state=TaskState.READY, manual=True)
                task.set_data(outcome="approve", by=1)
                task.run()
                go_on(workflow)
                kept = serializer.serialize_json(workflow)
                store.execute("UPDATE workflow SET serialization = ? WHERE id = ?", (kept, one))
                store.commit()

        return warmed(complete, items)


PEERS: dict[str, Callable[[str, int], list[float]]] = {"dbos": dbos, "prefect": prefect, "spiff": spiff}


if __name__ == "__main__":
    name, url, count = sys.argv[1:]
    print(json.dumps(PEERS[name](url, int(count))))
