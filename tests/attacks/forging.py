"""Tokens that no letter ever held, asked for through the whole of the portal, as fast as it answers."""

import asyncio
import hashlib
import random
import string
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from multiprocessing import get_context
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp

from runtime.database import make_engine
from tests.web.visitor import cookie_at, settings_for_tests
from web.app import create_app

SIGNS = string.ascii_letters + string.digits + "-_"
LENGTH = 43
"""Of a token that is well formed."""
UNKNOWN, CHANGED, CUT = "well formed, unknown", "a letter's with one sign changed", "a letter's cut off"
TIMED = (UNKNOWN, CHANGED, CUT)
"""These are the same in length and kind, and may not be told apart by how long the answer takes."""
JUNK = (
    *("", " ", ".", "..", "%", "%00", "\x00", "\ufeff", "å" * 43, "\u202e" + "x" * 42, "x" * 3000, "0", "-1"),
    *(
        "null",
        "undefined",
        "../../etc/passwd",
        "a/b/c",
        "//example.net",
        "'; DROP TABLE link;--",
        "' OR 1=1--",
    ),
    *(
        "{{7*7}}",
        "${jndi:ldap://example.net}",
        "<script>",
        "?x=1",
        "#",
        "\r\nSet-Cookie: a=b",
        "%ff%fe",
        "\u2028",
    ),
)

BEHIND = ("=", ".", ">", " ", "%20", "/", "\n", "\r\n", ")", "\x00", "\u200b")
"""What mail programs leave at the end of an address, and what others hope is not looked at."""


@dataclass(frozen=True)
class Forged:
    """One attempt: what kind it is, where it is asked for, and with which cookie."""

    kind: str
    path: str
    cookie: str = ""


def forged(genuine: Sequence[str], ids: Sequence[int], seed: int, count: int) -> Iterator[Forged]:
    """As many as asked for: first what is always the same, then of all kinds in turn."""
    fixed = [*JUNK, *(genuine[0] + one for one in BEHIND), *(one + genuine[0] for one in BEHIND)]
    yield from (Forged("fixed", f"/l/{one}") for one in fixed)
    rolls = random.Random(seed)
    for number in range(count - len(fixed)):
        kind, token = _one(rolls, genuine, ids, number)
        if number % 10 == 9:
            # With no token at all it is the address of nothing, and gets the page of that.
            yield Forged("a calendar's", f"/exempelby/kalender/{token.replace('/', '') or '0'}.ics")
        elif number % 10 == 8:
            yield Forged("a cookie", f"/exempelby/fraga/{ids[0]}", _cookie(rolls, ids[0], token))
        else:
            yield Forged(kind, f"/l/{token}")


def _one(rolls: random.Random, genuine: Sequence[str], ids: Sequence[int], number: int) -> tuple[str, str]:
    known, other = rolls.choice(genuine), rolls.choice(genuine)
    place = rolls.randrange(LENGTH)
    ways = (
        lambda: (UNKNOWN, _random(rolls, LENGTH)),
        lambda: (CHANGED, known[:place] + _another(rolls, known[place]) + known[place + 1 :]),
        lambda: (CUT, known[: rolls.randrange(1, LENGTH)]),
        lambda: ("lengthened", known + _random(rolls, rolls.randrange(1, 9))),
        lambda: ("of two halves", known[:22] + _another(rolls, known[22]) + other[23:]),
        lambda: ("in other letters", known.swapcase()),
        lambda: ("what the database keeps", hashlib.sha256(known.encode()).hexdigest()),
        lambda: ("a number", str(rolls.choice(ids))),
        lambda: ("with something behind", known + rolls.choice(BEHIND)),
        lambda: ("junk", rolls.choice(JUNK)),
    )
    return ways[number // 10 % len(ways)]() if number % 10 > 5 else ways[number % 3]()


def _random(rolls: random.Random, length: int) -> str:
    return "".join(rolls.choices(SIGNS, k=length))


def _another(rolls: random.Random, sign: str) -> str:
    return rolls.choice(SIGNS.replace(sign, ""))


def _cookie(rolls: random.Random, link_id: int, token: str) -> str:
    """Well formed, opened, from right now, and signed by nobody."""
    return f"{link_id}.{int(time.time())}.1.{hashlib.sha256(token.encode('utf-8', 'replace')).hexdigest()}"


@dataclass
class Answers:
    """What came back: how often each answer, by where it was asked for; and how long some kinds took."""

    seen: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    """Area of the address, status, and a hash of every header and byte."""
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: "Answers") -> None:
        """Another process's as well."""
        self.seen += other.seen
        for kind, seconds in other.seconds.items():
            self.seconds[kind] += seconds

    @property
    def accepted(self) -> int:
        """How many were answered with anything but a refusal."""
        return sum(count for (_, status, _), count in self.seen.items() if status not in (403, 404))

    @property
    def kinds_of_page(self) -> int:
        """How many different answers there were, in all of the areas together."""
        return len(self.seen)

    def told_apart(self) -> float:
        """How much better than chance one answer's time tells two kinds apart: 0 not at all, 0.5 always."""
        return max(abs(_larger(self.seconds[a], self.seconds[b]) - 0.5) for a, b in combinations(TIMED, 2))


def _larger(ones: Sequence[float], others: Sequence[float]) -> float:
    """How often one of the first is larger than one of the second: by their ranks, so no hiccup decides."""
    ranked = sorted([(one, 0) for one in ones] + [(one, 1) for one in others])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, start=1) if which == 0)
    return (ranks - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))


async def _ask(app: ASGIApp, one: Forged) -> tuple[int, str, float]:
    """Ask as a server hands it to the portal; status, hash of all that came back, and seconds."""
    came: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        came.append(message)

    cookie = f"{cookie_at(one.path)}={one.cookie}".encode("latin-1", "replace")
    headers = [(b"host", b"testserver"), (b"cookie", cookie)]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
    }
    scope |= {"path": one.path, "raw_path": quote(one.path).encode(), "query_string": b"", "root_path": ""}
    scope |= {"headers": headers, "client": ("192.0.2.1", 1), "server": ("testserver", 80)}
    started = time.perf_counter()
    await app(scope, receive, send)
    seconds = time.perf_counter() - started
    whole = hashlib.sha256(repr(sorted(came[0]["headers"])).encode())
    whole.update(b"".join(message.get("body", b"") for message in came[1:]))
    return came[0]["status"], whole.hexdigest(), seconds


def is_accepted(url: str, now: datetime, path: str, cookie: str) -> bool:
    """Whether a cookie that was signed opens a page when it is sent as the forged ones are."""
    engine = make_engine(url)
    app = create_app(settings_for_tests(), engine, lambda: now)
    status, _, _ = asyncio.run(_ask(app, Forged("genuine", path, cookie)))
    engine.dispose()
    return status == 200


async def _ask_all(app: ASGIApp, attempts: Iterator[Forged]) -> Answers:
    answers = Answers()
    for one in attempts:
        status, digest, seconds = await _ask(app, one)
        answers.seen[one.path.split("/")[1 if one.path.startswith("/l/") else 2], status, digest] += 1
        if one.kind in TIMED:
            answers.seconds[one.kind].append(seconds)
    return answers


def asked(
    url: str, now: datetime, genuine: Sequence[str], ids: Sequence[int], seed: int, count: int
) -> Answers:
    """Ask a portal of one's own on that database."""
    engine = make_engine(url)
    app = create_app(settings_for_tests(), engine, lambda: now)
    answers = asyncio.run(_ask_all(app, forged(genuine, ids, seed, count)))
    engine.dispose()
    return answers


def asked_side_by_side(
    url: str, now: datetime, genuine: Sequence[str], ids: Sequence[int], count: int, processes: int
) -> Answers:
    """The same in several processes at once."""
    shares = [(url, now, genuine, ids, seed, count // processes) for seed in range(processes)]
    answers = Answers()
    with get_context("spawn").Pool(processes) as pool:
        for one in pool.starmap(asked, shares):
            answers.add(one)
    return answers
