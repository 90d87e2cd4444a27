"""The peers: what one could use instead, each written as its own documentation has it.

Each runs in a process of its own, with its own defaults, and does for one item after another (or as many at
once as it likes) what ours does for all: the rows of an account's watch, a decision that is kept.

    .venv/bin/python -m benchmarks.peers dbos sqlite:////tmp/filled.db 1000
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from time import perf_counter
from uuid import UUID

import yaml
from apprise import Apprise, NotifyFormat
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate

from benchmarks.processes import found_by
from benchmarks.ready_made import ReadyMade
from benchmarks.works import Way
from deployments.postbox import Postbox
from deployments.prefect_server import deploy_all
from deployments.processes import Part
from deployments.stack import ROOT, Stack

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


# ---------------------------------------------------------------- letters


def send_by_apprise(letters: Sequence[ReadyMade], port: int) -> None:
    """Stock apprise: one notification for each letter, to the address of its recipient."""
    for one in letters:
        mail = message_from_bytes(one.content, policy=policy.default)
        html = mail.get_body(("html",))
        assert html is not None
        channel = Apprise()
        channel.add(f"mailto://127.0.0.1:{port}?mode=insecure&smtp=127.0.0.1&from={one.sender}&to={one.to}")
        sent = channel.notify(
            title=str(mail["Subject"]), body=html.get_content(), body_format=NotifyFormat.HTML
        )
        assert sent, f"apprise did not send to {one.to}"


# ---------------------------------------------------------------- a click, and the letter that follows


def stock_seconds(stack: Stack, folder: Path, times: int) -> list[float]:
    """A flow suspended until a person answers, on Prefect's own process worker, which polls as by default.

    Seconds from resuming it until the mail server has its letter.
    """
    with stack.prefect.address.client() as client, _stock_worker(stack, client, folder):
        deployment = client.read_deployment_by_name("approval/stock").id
        runs = [_suspended(client, deployment, stack, number) for number in range(times)]
        return [_resumed(client, run, stack, number) for number, run in enumerate(runs)]


@contextmanager
def _stock_worker(stack: Stack, client: SyncPrefectClient, folder: Path) -> Iterator[None]:
    client.create_work_pool(WorkPoolCreate(name="stock", type="process"))
    environment = {
        "PREFECT_API_URL": stack.prefect.address.api_url,
        "PREFECT_HOME": str(folder / "stock"),
        "PYTHONPATH": str(ROOT),
    }
    described = {"name": "stock", "pull": [], "deployments": [_STOCK]}
    (folder / "prefect.yaml").write_text(yaml.safe_dump(described))
    deploy_all(folder / "prefect.yaml", environment)
    command = ["-m", "prefect", "worker", "start", "--pool", "stock", "--type", "process"]
    worker = Part("stock worker", command, environment, folder / "stock.log")
    worker.start()
    try:
        yield
    finally:
        worker.stop()


_STOCK = {"name": "stock", "entrypoint": "benchmarks.stock_flow.approval", "work_pool": {"name": "stock"}}


def _suspended(client: SyncPrefectClient, deployment: UUID, stack: Stack, number: int) -> UUID:
    given = {"number": number, "mail_port": stack.ports["smtp"]}
    run = client.create_flow_run_from_deployment(deployment, parameters=given)
    _wait_until(lambda: _is_paused(client, run.id))
    return run.id


def _is_paused(client: SyncPrefectClient, run_id: UUID) -> bool:
    state = client.read_flow_run(run_id).state
    return state is not None and state.is_paused()


def _resumed(client: SyncPrefectClient, run_id: UUID, stack: Stack, number: int) -> float:
    postbox, began = Postbox(stack.folder / "mail"), time.time()
    client.resume_flow_run(run_id)
    _wait_until(lambda: bool(_arrived(postbox, number)))
    return _arrived(postbox, number)[0] - began


def _arrived(postbox: Postbox, number: int) -> list[float]:
    letters = postbox.letters("stock.example.org")
    return [one.at for one in letters if one.message_id == f"stock{number}"]


def _wait_until(so: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not so():
        if time.monotonic() > deadline:
            raise TimeoutError("the stock worker did not get there")
        time.sleep(0.05)


PEERS: dict[str, Callable[[str, int], list[float]]] = {"dbos": dbos, "prefect": prefect, "spiff": spiff}


if __name__ == "__main__":
    name, url, count = sys.argv[1:]
    print(json.dumps(PEERS[name](url, int(count))))
