"""Whatever is sent to the portal, by whomever, is answered: no fault of ours, in no time to speak of."""

import time
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case

from tests.attacks.described import TYPED, cases_of
from tests.attacks.fuzzing import fuzzed, share
from tests.attacks.hostile import TEXTS
from tests.attacks.tally import demand_no_faults
from tests.attacks.town import Form, Town, Way

LONGEST = 20.0
"""Seconds for one answer, on a machine that does other things too."""


def test_no_request_breaks_the_portal(town: Town, request: pytest.FixtureRequest) -> None:
    """The public register and every page and form behind it, to everybody's cookies."""
    space = "The portal, by its description (Schemathesis)"
    wanted, tried, faults, answers = share(request, space), 0, [], Counter[int]()
    ways = [town.nobody, *town.ways]

    @given(case=cases_of(town), way=st.sampled_from(ways), own=st.integers(0, 9), token=st.integers(0, 9))
    @fuzzed(wanted)
    def fuzz(case: Case, way: Way, own: int, token: int) -> None:
        nonlocal tried
        tried += 1
        begun = time.monotonic()
        answer = sent(case, way, own_link=own > 0, token=town.token_of(way) if token else None)
        answers[answer.status_code] += 1
        if answer.status_code >= 500 or time.monotonic() - begun > LONGEST:
            faults.append((case.method, str(answer.request.url), case.body, answer.status_code))
        if answer.status_code == 303 and case.method == "POST":
            town.restore()

    fuzz()
    assert answers[200] and len(answers) > 2, answers
    demand_no_faults(space, tried, wanted, faults)


VALUES = st.text(max_size=40) | st.sampled_from([*TYPED, *TEXTS])
"""What somebody writes in a field, whatever it asks for."""


@st.composite
def filled(draw: st.DrawFn, form: Form) -> dict[str, str]:
    """A form of a page, sent with some of its fields changed, left out or doubled."""
    values = dict(form.filled())
    for name in draw(st.lists(st.sampled_from([*form.fields, "unknown"]), max_size=5)):
        if name != "form_token" or draw(st.integers(0, 9)) == 0:
            values[name] = draw(st.sampled_from(form.fields.get(name) or [""]) | VALUES)
    for name in draw(st.lists(st.sampled_from([*form.fields]), max_size=1)):
        values.pop(name)
    return values


def test_no_form_breaks_the_portal(town: Town, request: pytest.FixtureRequest) -> None:
    """Each form that a page shows, as it stands there and as nobody would fill it in."""
    space = "The portal's forms, each by those who are shown it"
    wanted, tried, faults, answers = share(request, space), 0, [], Counter[int]()
    forms = st.sampled_from(town.forms).flatmap(lambda one: st.tuples(st.just(one), filled(one[1])))

    @given(drawn=forms, name=VALUES, content=st.binary(max_size=40))
    @fuzzed(wanted)
    def fuzz(drawn: tuple[tuple[Way, Form], dict[str, str]], name: str, content: bytes) -> None:
        nonlocal tried
        tried += 1
        (way, form), values = drawn
        begun = time.monotonic()
        files = {one: (file_name(name), content) for one in form.files} or None
        answer = way.client.post(form.path, data=plain(values), files=files)
        answers[answer.status_code] += 1
        if answer.status_code >= 500 or time.monotonic() - begun > LONGEST:
            faults.append((form.path, values, answer.status_code))
        if answer.status_code == 303:
            town.restore()

    fuzz()
    assert answers[303] and answers[422], answers
    demand_no_faults(space, tried, wanted, faults)


def file_name(text: str) -> str:
    return "".join(one for one in text if one.isprintable())[:100] or "a.pdf"


def sent(case: Case, way: Way, *, own_link: bool, token: str | None) -> Response:
    """As a browser with the way's cookie sends it; mostly to the addresses that the cookie is for."""
    places = {name: str(value) for name, value in (case.path_parameters or {}).items()}
    if own_link and way.base.count("/") > 2:
        places |= {"slug": "exempelby", "area": way.base.split("/")[2], "link_id": way.base.split("/")[3]}
    path = case.path
    for name, value in places.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="", errors="replace"))
    body: Any = case.body if isinstance(case.body, dict) else None
    if body is not None and token is not None:
        body = {**body, "form_token": token}
    return way.client.request(
        case.method,
        f"http://testserver{path}",
        params=plain(case.query),
        data=plain(body),
        headers=dict(plain(case.headers)),
    )


def plain(values: Any) -> dict[str, Any]:
    """What can be sent at all."""
    return {str(key): str(value).encode("utf-8", "replace").decode() for key, value in (values or {}).items()}
