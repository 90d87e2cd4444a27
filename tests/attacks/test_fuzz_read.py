"""Whatever is read is read or refused in words: files, addresses, rules, own words, forms and answers."""

import asyncio
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image
from prefect import Flow
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from acts import by_form, importing_accounts, importing_people, importing_units
from acts.by_form import Filled
from acts.confirmed_files import content_pasted
from acts.logotypes import picture_of
from acts.sheets import sheet_of
from acts.spreadsheets import read_table
from acts.tables import NotReadable
from connectors.feeds import feed_address
from connectors.fetching import Fetcher
from connectors.looking import web_address
from connectors.observing import observe
from connectors.sights import NeedsPerson, Subject
from lifecycle.addresses import address_key
from lifecycle.public_addresses import read_address
from lifecycle.refusals import Refused
from lifecycle.secrets import looks_like_secret, without_log_in
from models.plain_errors import Tellable
from notifications.registry import NOTICES
from notifications.wording import Words, faults_in
from policies.keys import Platform
from runtime.plain_logs import redacted
from tests.attacks.fuzzing import fuzzed, share
from tests.attacks.hostile import TEXTS
from tests.attacks.tally import demand_no_faults
from tests.attacks.test_outside import WITH_LOG_IN, WRITTEN
from tests.connectors.test_any_answer import ADDRESSES, bodies, statuses
from tests.connectors.world import NOW, OLD, TOKENS
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN, Town

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "deployments" / "exempelby"
Try = Callable[..., object]


def hunted(
    request: pytest.FixtureRequest,
    space: str,
    cases: st.SearchStrategy[Any],
    act: Try,
    refusals: tuple[type[Exception], ...],
) -> None:
    """Try a space's share: whatever is raised that is no refusal in words fails with its case."""
    wanted, tried = share(request, space), 0

    @given(case=cases)
    @fuzzed(wanted)
    def fuzz(case: Any) -> None:
        nonlocal tried
        tried += 1
        try:
            act(case)
        except refusals as refused:
            assert str(refused) or refused.args

    fuzz()
    demand_no_faults(space, tried, wanted)


# ---------------------------------------------------------------- files

SIGNS = [
    b"",
    b"\x00",
    b"\xff",
    b";",
    b'"',
    b"\r",
    b"\n",
    b"=",
    b"&#0;",
    b"<",
    b">",
    b"9" * 30,
    b"]]>",
    b"\xef\xbb\xbf",
]


@st.composite
def broken(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """A right file in which some bytes are others, or missing, or too many."""
    content = draw(whole)
    for _ in range(draw(st.integers(0, 6))):
        at, cut = draw(st.integers(0, len(content))), draw(st.integers(0, 12))
        content = content[:at] + draw(st.sampled_from(SIGNS) | st.binary(max_size=8)) + content[at + cut :]
    return content


def _book() -> bytes:
    book, kept = Workbook(), io.BytesIO()
    for row in (SAMPLES / "units.csv").read_text("utf-8-sig").splitlines():
        book.active.append(row.split(";"))  # type: ignore[union-attr]
    book.save(kept)
    return kept.getvalue()


TABLES = st.sampled_from([*(one.read_bytes()[:1500] for one in sorted(SAMPLES.glob("*.csv"))), _book()])
COLUMNS = (importing_units.COLUMNS, importing_people.COLUMNS, importing_accounts.COLUMNS)


def test_no_file_breaks_the_imports(request: pytest.FixtureRequest) -> None:
    def read(case: tuple[bytes, str]) -> None:
        table = read_table(case[1], case[0])
        for columns in COLUMNS:
            sheet_of(table, columns)
        importing_accounts.wanted_accounts(sheet_of(table, importing_accounts.COLUMNS), NOW.date())

    cases = st.tuples(broken(TABLES) | st.binary(max_size=200), st.text(max_size=12))
    hunted(request, "Files of imports (CSV and XLSX)", cases, read, (NotReadable,))


def _pictures() -> Iterator[bytes]:
    for kind in ("PNG", "JPEG"):
        kept = io.BytesIO()
        Image.new("RGB", (60, 40), "#1d5c63").save(kept, kind)
        yield kept.getvalue()
    yield b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"><g><rect width="9"/></g></svg>'


def test_no_file_breaks_the_logotype(request: pytest.FixtureRequest) -> None:
    cases = broken(st.sampled_from(list(_pictures()))) | st.binary(max_size=100)
    hunted(request, "Files of logotypes", cases, picture_of, (Refused,))


# ---------------------------------------------------------------- addresses, words and rules

PIECES = st.sampled_from(
    [
        "http://",
        "https://",
        "//",
        "@",
        ":",
        "[",
        "]",
        "/",
        "?",
        "#",
        "%",
        "www.",
        ".",
        "instagram.com",
        "..",
        "\\",
    ]
)


def test_no_address_breaks_its_readers(request: pytest.FixtureRequest) -> None:
    """And none leaves a password in what is shown or logged."""

    def read(text: str) -> None:
        redacted(text)
        without_log_in(text)
        looks_like_secret(text, alone=True)
        web_address(text)
        for platform in (None, *Platform):
            read_address(text, platform)
        with suppress(NeedsPerson):
            feed_address(text)
        assert "@" not in (address_key(text) or "").partition("/")[0]

    cases = (
        st.lists(PIECES | st.text(max_size=5), max_size=9).map("".join)
        | st.text(max_size=60)
        | st.sampled_from([*WRITTEN, *WITH_LOG_IN, *TEXTS])
    )
    hunted(request, "Addresses of accounts and feeds", cases, read, (Refused,))


def test_no_words_of_a_letter_are_more_than_words(request: pytest.FixtureRequest) -> None:
    def read(case: tuple[str, str, str]) -> None:
        notice, subject, text = case
        faults = faults_in(notice, Words(subject, text, text))
        rest = re.sub(r"\{(kommun|dag|namn|konto|enhet|chef)\}", "", subject + text)
        assert faults or not re.search("[{}]", rest)

    words = st.lists(
        st.sampled_from(["{", "}", "{{", "}}", "{%", "{dag}", "{namn}", "__class__", "\n", "---"])
        | st.text(max_size=6),
        max_size=8,
    ).map("".join)
    cases = st.tuples(st.sampled_from(sorted(NOTICES)), words, words)
    hunted(request, "Own words of letters", cases, read, ())


@cache
def _rules() -> tuple[str, ...]:
    return tuple((ROOT / "policies" / "municipalities" / "mall.yaml").read_text("utf-8").splitlines())


@st.composite
def rewritten(draw: st.DrawFn) -> str:
    """The template policy with some of its lines moved, cut or written anew."""
    lines = list(_rules())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        key, sign, _ = lines[at].partition(":")
        other = [
            "",
            "  " + lines[at],
            lines[at][:-1],
            f"{key}{sign} []",
            f"{key}{sign} {{}}",
            f"{key}{sign} -1",
        ]
        other += [
            f"{key}{sign} {one}" for one in ("2026-02-30", "1e999", "!!python/name:os.system", "*x", "'", "~")
        ]
        lines[at] = draw(st.sampled_from(other) | st.text(max_size=20))
    return "\n".join(lines)


def test_no_rules_break_their_reader(request: pytest.FixtureRequest) -> None:
    hunted(request, "Rules of a municipality (YAML)", rewritten(), content_pasted, (Refused,))


# ---------------------------------------------------------------- forms of Prefect, answers of platforms

MODULES = (
    "absences",
    "accounts",
    "applying",
    "closing",
    "crises",
    "inventory",
    "leaving",
    "people",
    "questions",
)
MODULES += ("reporting", "repairing", "resting", "rules", "importing")  # type: ignore[assignment]


class Caught(Tellable):
    """What a form would do, caught before Prefect is asked for its run; told, so that no flow hides it."""


class NotDone(Tellable):
    """What a form refuses to read, caught before Prefect is told."""


def forms(monkeypatch: pytest.MonkeyPatch) -> dict[str, Flow[Any, Any]]:
    """Each form of the desk, which here says what it would do."""

    async def caught(acting: str, municipality: str, act: Any) -> Any:
        raise Caught(acting, municipality, act)

    async def refused(why: Refused) -> Any:
        raise NotDone(why.says())

    monkeypatch.setattr("flows.forms.shape._refused", refused)
    found: dict[str, Flow[Any, Any]] = {}
    for module in (import_module(f"flows.forms.{name}") for name in MODULES):
        monkeypatch.setattr(module, "carry_out", caught)
        found |= {name: one for name, one in vars(module).items() if isinstance(one, Flow)}
    return found


def test_no_filled_in_form_breaks_the_desk(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is read, and as it is then carried out."""
    town = Town(memory_engine(), {"opening": []})
    town.apply("elin", administrators=["elin", "omar"], address="https://www.instagram.com/biblioteket")
    flows, runs = forms(monkeypatch), count()
    assert len(flows) >= 18
    usual = [
        "Biblioteket",
        f"elin@{DOMAIN}",
        f"omar@{DOMAIN}",
        "2026-12-01",
        "",
        "1",
        "ja",
        "mall",
        "administratör",
    ]
    value = (
        st.sampled_from([*usual, *TEXTS]) | st.text(max_size=20) | st.integers() | st.booleans() | st.none()
    )

    def drawn(name: str) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
        asked = flows[name].parameters.properties
        return st.tuples(
            st.just(name), st.fixed_dictionaries({key: _value(one, value) for key, one in asked.items()})
        )

    def fill_in(case: tuple[str, dict[str, Any]]) -> None:
        name, given_values = case
        try:
            asyncio.run(flows[name].fn(**given_values | {"acting": f"petra@{DOMAIN}"}))
        except Caught as caught:
            acting, municipality, act = caught.args
            by_form.fill_in(town.engine, Filled(f"run-{next(runs)}", acting, municipality), act, town.now)

    cases = st.sampled_from(sorted(flows)).flatmap(drawn)
    hunted(request, "Forms of Prefect", cases, fill_in, (Refused, NotDone))


def _value(asked: dict[str, Any], anything: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(asked["enum"]) | anything if "enum" in asked else anything


def test_no_answer_breaks_a_connector(request: pytest.FixtureRequest, httpserver: HTTPServer) -> None:
    days, now_answered = count(step=2), [b"", 200]

    def answer(_: Request) -> Response:
        return Response(now_answered[0], now_answered[1], {"Location": "http://["})

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    origins = {f"https://{one.split('/')[2]}" for one in ADDRESSES.values()}
    origins |= {"https://graph.facebook.com", "https://public.api.bsky.app", "https://api.linkedin.com"}
    here = dict.fromkeys(origins, httpserver.url_for(""))
    with Fetcher(stand_ins=here, spacing=0, pauses=()) as fetcher:

        def look(case: tuple[str, str, int]) -> None:
            platform, body, status = case
            now_answered[:] = [body.encode("utf-8", "surrogatepass"), status]
            now = NOW + timedelta(days=next(days))
            assert "hemlig" not in repr(
                observe(Subject(platform, ADDRESSES[platform]), OLD, now, fetcher, TOKENS)
            )

        cases = st.tuples(st.sampled_from(sorted(ADDRESSES)), bodies, statuses)
        hunted(request, "Answers of platforms", cases, look, ())
    assert httpserver.log
