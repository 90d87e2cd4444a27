"""The whole installation searched when its day is over: the product's own checks, and what is astray."""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx2

from acts.applying import ask_for_link
from acts.work import work
from deployments.large_topology import LargeTopology
from deployments.mailbox import ALARMS
from deployments.moved_clock import MovedClock
from deployments.postbox import Postbox
from models import Municipality
from tests.figures import prove
from tests.large.apart import BESIDE, REGISTER, Apart
from tests.large.day import LOST, Day
from tests.large.filling import marks_in
from tests.web.visitor import Visitor

APART = "Strictly apart"
LETTERS_SECONDS = 120.0
"""How long is waited for the last letters; what has not left by then is told."""
PEOPLE = 3
"""Of each of those municipalities, whose own pages are opened."""
EVERY = 29
"""Of so many municipalities one is looked into all over; letters and registers are those of all."""


class Search:
    """One installation, looked at from outside."""

    def __init__(self, large: LargeTopology, clock: MovedClock, day: Day) -> None:
        self._large, self._clock, self._day = large, clock, day
        self._chosen = day.filled[::EVERY]
        self._apart = Apart()

    def all(self) -> None:
        """Everything; the figures are told by `prove`."""
        self._ask_for_links()
        began = time.monotonic()
        self._day.letters_leave(began + LETTERS_SECONDS)
        self._letters()
        self._portal()
        self._sheets()
        self._exports_and_copies()
        self._day.took("searched for what is another municipality's", began)
        for kind, count in self._apart.looked.items():
            prove(APART, f"{kind} looked into", count, 1, at_least=True)
        prove(APART, "of them with something of another municipality's", len(self._apart.strangers), 0)
        for one in self._apart.strangers[:20]:
            self._day.say(one)

    # The product's own checks

    def own_checks(self) -> None:
        """`kanalvakt check` and `kanalvakt audit verify`, as those who run Kanalvakt call them."""
        for command, whole, what in (
            (("check",), "alla uppfyllda", "municipalities where a truth does not hold"),
            (("audit", "verify"), "kedjan hel", "municipalities whose audit chain is not whole"),
        ):
            since = time.monotonic()
            code, said = self._says(*command)
            hold = sum(whole in line for line in said.splitlines())
            prove(LOST, what, len(self._day.filled) - hold, 0)
            self._day.took(f"kanalvakt {' '.join(command)}", since)
            if code:
                self._day.say(said[-2000:])

    def _says(self, *command: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", "from cli.main import app; app()", *command],
            env=os.environ | self._large.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    # Letters

    def _ask_for_links(self) -> None:
        """Communications asks for the way to their own page, in some municipalities."""
        now = self._clock.now()
        for one in self._chosen:
            with work(self._day.engine, now) as session:
                owner = session.get_one(Municipality, one.municipality_id)
                ask_for_link(session, owner, f"kim.0@{one.mark}.example.org", "my_page", now)

    def _letters(self) -> None:
        mails = [_read(path) for path in sorted(self._large.mail_folder.glob("*.eml"))]
        letters = [(to, mail) for to, mail in mails if to != ALARMS]
        self._apart.letters(letters)
        ids = Counter(str(mail["Message-ID"]) for _, mail in letters)
        self._day.tell("letters at the mail server", f"{len(letters):,}")
        twins = sum(ids.values()) - len(ids)
        self._day.tell("of them twins of another, by a worker that was killed while it sent it", str(twins))
        prove(LOST, "twins among the letters, at most the one that the killed worker had in hand", twins, 1)

    # The portal

    def _portal(self) -> None:
        for one in self._day.filled:
            self._apart.public_pages(one, self._visitor(), REGISTER)
        postbox = Postbox(self._large.mail_folder)
        for one in self._chosen:
            other = self._day.filled[one.number - 1]
            self._apart.public_pages(one, self._visitor(), BESIDE)
            letters = postbox.letters(f"{one.mark}.example.org")
            links = {
                letter.to.partition("@")[0]: self._path(letter.link) for letter in letters if letter.link
            }
            for who in sorted(links.keys() - {"kim.0"})[:PEOPLE]:
                self._apart.pages_of(one, self._visitor(), links[who])
            if "kim.0" in links:
                self._apart.desk_in_portal(one, self._visitor(), links["kim.0"], other)

    def _path(self, link: str) -> str:
        return link.removeprefix(self._large.portal_url)

    def _visitor(self) -> Visitor:
        client = httpx2.Client(base_url=self._large.portal_url, verify=False, trust_env=False, timeout=60)
        return Visitor(client)  # type: ignore[arg-type]

    # Prefect's desk

    def _sheets(self) -> None:
        with self._day.prefect() as client:
            asked = {"artifacts": {"key": {"like_": "kanalvakt-%"}}, "limit": 200}
            found = client.post("/artifacts/filter", json=asked).raise_for_status().json()
        self._apart.sheets({one["key"]: str(one["data"]) for one in found})
        self._runs()

    def _runs(self) -> None:
        """A run's name and tags are those of its account's municipality alone."""
        with self._day.prefect() as client:
            asked = {"flow_runs": {"tags": {"all_": ["konto"]}}, "limit": 200}
            found = client.post("/flow_runs/filter", json=asked).raise_for_status().json()
        for one in found:
            text = f"{one['name']} {' '.join(one['tags'])}"
            own = next(iter(sorted(marks_in(" ".join(one["tags"])))), "")
            self._apart.look("runs in Prefect", one["id"], own, text)

    # Exports and copies

    def _exports_and_copies(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for one in self._chosen:
                self._apart.exports(self._day.engine, one, self._clock.now())
                self._apart.copy(self._day.engine, one, Path(folder))


def _read(path: Path) -> tuple[str, EmailMessage]:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    return str(mail["Delivered-To"]), mail
