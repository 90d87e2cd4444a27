"""`make run`: a working Kanalvakt on this machine, with an invented municipality and a mailbox."""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.processes import WillNotStay
from deployments.seeding import first_click, seed
from deployments.stack import ROOT, Stack
from policies.loading import HERE as POLICIES
from policies.loading import MUNICIPALITIES, known_names
from runtime.clock import now
from runtime.database import make_engine
from runtime.settings import settings

TEMPLATE = "mall"


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """One stack in one folder: a second start says so and ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(
                f"Kanalvakt kör redan i {folder}. Avsluta det fönstret först, eller välj en annan policy."
            )
        yield


def rules() -> Path:
    """Where rule files are looked for first."""
    return settings().policy_folder or POLICIES


def main() -> None:
    """Entry point of `make run`."""
    policy = os.environ.get("MUNICIPALITY") or TEMPLATE
    known = known_names(rules(), MUNICIPALITIES)
    if policy not in known:
        sys.exit(f"Policyn {policy!r} finns inte. Välj någon av: {', '.join(known)}.")
    folder = Path(os.environ.get("KANALVAKT_DATA") or ROOT / "data").resolve() / policy
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with one_at_a_time(folder):
        run(policy, folder, stop)


def run(policy: str, folder: Path, stop: threading.Event) -> None:
    """Start, tell where to click, keep everything going, and end when told."""
    print(
        f"Startar Kanalvakt med policyn {policy} (första gången tar det ungefär en halv minut) …", flush=True
    )
    stack = Stack(folder)
    stack.migrate()
    engine = make_engine(stack.database_url)
    seed(engine, policy, now(), rules())
    try:
        with stack:
            print(welcome(stack, policy, first_click(engine)), flush=True)
            watch(stack, stop)
            print("\nAvslutar …", flush=True)
    except WillNotStay as trouble:
        sys.exit(str(trouble))
    print("Allt är avslutat. Inget har försvunnit: nästa start fortsätter där du var.", flush=True)


def watch(stack: Stack, stop: threading.Event) -> None:
    """Start again what ends by itself, until told to stop."""
    while not stop.wait(1.0):
        for name in stack.mend():
            print(f"{name} hade slutat och startades igen.", flush=True)


def welcome(stack: Stack, policy: str, first: str) -> str:
    """Three addresses, and what to click first."""
    return f"""
Kanalvakt är igång (policy: {policy}).

  Brevlåda   {stack.mailbox_url}   alla brev som skickas, till alla
  Portal     {stack.portal_url}   ansök om konto, mina uppgifter
  Tavlan     {stack.portal_url}/tavlan   kommunikationsenhetens startsida i Prefect

Börja så här: öppna brevlådan och {first}
Se sedan på tavlan hur kontot gick vidare. Ctrl-C avslutar allt.
"""


if __name__ == "__main__":
    main()
