"""Communications' forms: how Prefect draws them, and what their runs do and show (REQUIREMENTS 4.2, 5)."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    DeploymentFilter,
    DeploymentFilterTags,
)
from prefect.flows import load_flow_from_entrypoint
from prefect.states import Cancelled
from sqlalchemy import Engine, select
from sqlmodel import col

from acts import confirming
from deployments.prefect_server import PrefectServer
from deployments.warm_worker import WarmWorker
from flows.forms import FORM_FLOW
from flows.forms.people import change_role
from flows.forms.reading import read, sheet_of
from flows.wake import RunOrder, create_run, deployment_id, resume
from flows.waking import wake_forms
from lifecycle.refusals import Refused
from models import FormRun, Link, LinkKind, Message, TaskKind, UserTask
from notifications import links
from policies.naming import listed
from runtime.clock import now
from runtime.database import reading
from runtime.settings import settings
from tests.lifecycle.town import DOMAIN, Town, step
from tests.prefect_server_fixture import reached

FILE = Path(__file__).resolve().parents[2] / "prefect.yaml"
FORMS = [one for one in yaml.safe_load(FILE.read_text("utf-8"))["deployments"] if "formular" in one["tags"]]
REQUIRED = {
    "Ansök åt någon",
    "Administratör eller gäst",
    "Någon slutar",
    "Frånvaro",
    "Låt konto vila",
    "Avsluta vila",
    "Ny adress",
    "Flytta konto till annan enhet",
    "Avsluta konto",
    "Stor förändring",
    "Skicka brev igen",
    "Lämna över fråga",
    "Rätta ett felklick",
    "Rätta ärende",
    "Starta krisläge",
    "Avsluta krisläge",
    "Anmäl händelse",
    "Skicka inventeringsbrev",
    "Föreslå nya regler",
    "Läs in rader",
}
"""One for each thing the unit does."""
ENGLISH_CHECKS = {"maxLength", "minLength", "pattern", "anyOf"}
"""Of a schema: Prefect's answer to whoever breaks them is in English and names parameters."""
EVERY_FORM = pytest.mark.parametrize("deployment", FORMS, ids=lambda one: one["name"])
PETRA = f"petra@{DOMAIN}"


# ---------------------------------------------------------------- how they are drawn


def test_there_is_a_form_for_each_thing_the_unit_does() -> None:
    assert {one["name"] for one in FORMS} == REQUIRED


@EVERY_FORM
def test_every_field_is_titled_and_explained_in_swedish(deployment: dict[str, Any]) -> None:
    flow: Flow[Any, Any] = load_flow_from_entrypoint(deployment["entrypoint"])
    assert (flow.name, flow.flow_run_name) == (FORM_FLOW, deployment["name"])
    assert deployment["enforce_parameter_schema"] is True
    assert (flow.description or "").startswith("**")
    properties = flow.parameters.model_dump()["properties"]
    assert faults_in(properties) == []
    must = {name for name, field in properties.items() if field["description"].startswith("Måste fyllas i. ")}
    assert "acting" in must and "municipality" not in must


def faults_in(properties: dict[str, dict[str, Any]]) -> list[str]:
    """Fields without a title of words, or without an explanation in a whole sentence."""
    return [
        name
        for name, field in properties.items()
        if field["title"] == name
        or not field["title"][:1].isupper()
        or not field["description"].strip().endswith(".")
    ]


@EVERY_FORM
def test_choices_are_swedish_words(deployment: dict[str, Any]) -> None:
    flow: Flow[Any, Any] = load_flow_from_entrypoint(deployment["entrypoint"])
    schema = flow.parameters.model_dump()
    drawn = [*schema["properties"].values(), *schema["definitions"].values()]
    choices = [one for field in drawn for one in field.get("enum", [])]
    assert all(one[:1].isupper() for one in choices), choices


def test_the_server_serves_what_the_forms_say(deployed: PrefectServer) -> None:
    async def read() -> dict[str, Any]:
        tagged = DeploymentFilter(tags=DeploymentFilterTags(all_=["formular"]))
        async with get_client() as client:
            return {one.name: one for one in await client.read_deployments(deployment_filter=tagged)}

    served = asyncio.run(read())
    assert set(served) == REQUIRED
    for deployment in served.values():
        schema = deployment.parameter_openapi_schema
        assert (deployment.enforce_parameter_schema, faults_in(schema["properties"])) == (True, [])
        assert all("position" in field for field in schema["properties"].values())
        assert schema.get("required", []) == [], "what Prefect demands, it demands in English"
        assert [name for name, field in schema["properties"].items() if set(field) & ENGLISH_CHECKS] == []


@EVERY_FORM
def test_what_is_missing_or_too_long_is_one_swedish_sentence_with_its_titles(
    deployment: dict[str, Any],
) -> None:
    """A form as its page sends it: untouched, and with too much in whatever can be written in."""
    flow: Flow[Any, Any] = load_flow_from_entrypoint(deployment["entrypoint"])
    properties = flow.parameters.model_dump()["properties"]
    must = [f"”{one['title']}”" for one in properties.values() if one["description"].startswith("Måste")]
    assert refused_when(flow, untouched(properties)) == f"Inget är ändrat: fyll i {listed(must)}."
    long = {name: filled(field) for name, field in properties.items()}
    first = next(one["title"] for one in properties.values() if is_text(one))
    says = refused_when(flow, long)
    assert says in [f"Inget är ändrat: ”{first}” får ha högst {limit} tecken." for limit in (300, 4000)]


def refused_when(flow: Flow[Any, Any], given: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        read(sheet_of(flow.fn), given)
    return refused.value.says()


def untouched(properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the page of Prefect sends of the fields that nobody has touched."""
    return {name: field["default"] for name, field in properties.items()}


def is_text(field: dict[str, Any]) -> bool:
    return (
        field.get("type") == "string" and not {"format", "enum"} & set(field) and field["title"] not in FILES
    )


FILES = ("Rader", "Eller regelfilen")
"""Pasted whole; how much they may hold the act says."""


def filled(field: dict[str, Any]) -> str:
    if field["title"] in FILES:
        return "x"
    if is_text(field):
        return "x" * 5000
    return "2030-01-01" if "format" in field else str(field.get("enum", [field["default"]])[-1])


@pytest.mark.parametrize(
    ("wrong", "title"),
    [
        ({"what": "Karin Ek ska bort"}, "Vad"),
        ({"since": "i morgon"}, "Gäst från"),
        ({"person": ["karin"]}, "Vem"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_title_and_never_quoted(
    wrong: dict[str, Any], title: str
) -> None:
    """As when whoever fills in a form has turned Prefect's own checks off."""
    given = {"account": "Biblioteket", "what": "Lägg till", "person": f"tove@{DOMAIN}", "acting": PETRA}
    with pytest.raises(Refused) as refused:
        read(sheet_of(change_role.fn), given | wrong)
    says = f"Inget är ändrat: det går inte att läsa det som står i ”{title}”. Fyll i det på nytt."
    assert refused.value.says() == says


# ---------------------------------------------------------------- what their runs do


@pytest.fixture
def town(installed: Engine) -> Town:
    """Elin's library account, open, at the real time."""
    chief = step("chef", "decide", "line_manager")
    found = Town(installed, {"opening": [], "closing": [chief]}, now=now())
    found.apply("elin", administrators=["elin", "omar"], address="https://www.instagram.com/biblioteket")
    return found


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """All that flow runs log."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    keeper, logger = Keeper(), logging.getLogger("prefect.flow_runs")
    logger.addHandler(keeper)
    yield lines
    logger.removeHandler(keeper)


async def started(client: PrefectClient, worker: WarmWorker, form: str, **fields: Any) -> UUID:
    of = await deployment_id(client, f"{FORM_FLOW}/{form}")
    run = await create_run(client, RunOrder(of, key=uuid4().hex, name="Petras körning", parameters=fields))
    worker.fetch_now()
    return run


async def artifacts(client: PrefectClient, run: UUID) -> str:
    wanted = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run]))
    return "\n".join(str(one.data) for one in await client.read_artifacts(artifact_filter=wanted))


def answer(town: Town, act: Callable[..., None]) -> None:
    """By the link in Petra's letter."""
    with town.work() as session:
        task = (
            session.execute(select(UserTask).where(col(UserTask.kind) == TaskKind.CONFIRM_ACT))
            .scalars()
            .one()
        )
        token = links.mint(
            session,
            kind=LinkKind.CONFIRM_ACT,
            municipality_id=town.municipality_id,
            email=PETRA,
            now=town.now,
            until=town.now + timedelta(days=1),
            person_id=town.people["petra"],
            task_id=task.id,
        )
        link: Link | None = links.find(session, token, town.now).link
        assert link is not None
        act(session, town.now, task_id=task.id, person_id=town.people["petra"], link_id=link.id)


CLOSE = {"account": "Bibliotek · Instagram", "reason": "Används inte.", "acting": PETRA}


def test_suspended_until_confirmed_whatever_is_done_to_the_run(
    town: Town, deployed: PrefectServer, worker: WarmWorker, logged: list[str]
) -> None:
    async def told() -> None:
        async with get_client() as client:
            run = await started(client, worker, "Avsluta konto", **CLOSE)
            await reached(client, run, "Väntar på bekräftelse")
            before = (await client.read_flow_run(run)).state_id
            assert await resume(client, run) == "resumed"
            worker.fetch_now()
            while (await client.read_flow_run(run)).state_id == before:
                await asyncio.sleep(0.05)
            await reached(client, run, "Väntar på bekräftelse")
            assert town.state == "active"
            await asyncio.to_thread(answer, town, confirming.confirm)
            assert await wake_forms(town.engine, client, now()) == 1
            worker.fetch_now()
            await reached(client, run, "Bekräftat och utfört")
            await _demand_nobody_named(client, run, logged)
            assert "petra" in await artifacts(client, run)

    asyncio.run(told())
    town.look()
    assert town.holders(town.open_tasks()[0]) == ["karin"]


async def _demand_nobody_named(client: PrefectClient, run: UUID, logged: list[str]) -> None:
    """REQUIREMENTS 5: never in run names, tags, logs and state messages."""
    read = await client.read_flow_run(run)
    states = await client.read_flow_run_states(run)
    shown = [read.name, *read.tags, *logged, *(f"{one.name} {one.message}" for one in states)]
    assert [one for one in shown if "petra" in one.lower() or "karin" in one.lower()] == []
    assert read.name == "Avsluta konto"


def test_an_empty_form_and_one_that_says_too_much_are_not_done_and_say_why(
    town: Town, deployed: PrefectServer, worker: WarmWorker
) -> None:
    """In Swedish, as the run's own message and its result: Prefect lets them through and we answer."""

    async def told() -> None:
        async with get_client() as client:
            nothing = await _defaults(client, "Avsluta konto")
            empty = await started(client, worker, "Avsluta konto", **nothing)
            long = await started(client, worker, "Avsluta konto", **CLOSE | {"account": "x" * 400})
            said = [await _ended(client, run) for run in (empty, long)]
            missing = "Inget är ändrat: fyll i ”Konto”, ”Skäl” och ”Din arbetsadress”."
            assert said == [
                f"Inte utfört: {missing}",
                "Inte utfört: Inget är ändrat: ”Konto” får ha högst 300 tecken.",
            ]
            assert missing in await artifacts(client, empty)

    asyncio.run(told())


@pytest.mark.parametrize("taken", ["cancelled", "deleted"])
def test_taking_the_run_away_takes_nothing_back(
    town: Town, deployed: PrefectServer, worker: WarmWorker, taken: str
) -> None:
    """The link still works, and the run's result says so while it waits."""

    async def told() -> None:
        async with get_client() as client:
            run = await started(client, worker, "Avsluta konto", **CLOSE)
            await reached(client, run, "Väntar på bekräftelse")
            assert "tar inte tillbaka det du bad om: svara nej med länken" in await artifacts(client, run)
            if taken == "deleted":
                await client.delete_flow_run(run)
            else:
                await client.set_flow_run_state(run, Cancelled(), force=True)
            await asyncio.to_thread(answer, town, confirming.confirm)
            await wake_forms(town.engine, client, now())

    asyncio.run(told())
    town.look()
    assert town.holders(town.open_tasks()[0]) == ["karin"]
    with reading(town.engine) as session:
        assert session.execute(select(FormRun)).scalars().one().ended_at is not None


def test_what_is_not_found_fails_with_the_nearest_and_people_only_in_the_result(
    town: Town, deployed: PrefectServer, worker: WarmWorker
) -> None:
    async def told() -> None:
        async with get_client() as client:
            unknown = await started(client, worker, "Avsluta konto", **CLOSE | {"account": "Bibliotekt"})
            absence = {"person": f"karinn@{DOMAIN}", "from_on": "2030-01-01", "acting": PETRA}
            nobody = await started(client, worker, "Frånvaro", **absence)
            for run in (unknown, nobody):
                await reached(client, run, "Inte utfört")
            first, second = [(await client.read_flow_run(run)).state for run in (unknown, nobody)]
            assert first and second and first.is_failed()
            assert "Menade du Biblioteket" in str(first.message)
            assert "karin" not in str(second.message)
            assert f"karinn@{DOMAIN}" in await artifacts(client, nobody)

    asyncio.run(told())
    with reading(town.engine) as session:
        assert session.execute(select(FormRun)).first() is None
        assert session.execute(select(Message).where(col(Message.notice) == "confirm_act")).first() is None


# ---------------------------------------------------------------- every form, run


SOON = now().date() + timedelta(days=2)
"""Still to come by Swedish time, whatever the hour."""
LIBRARY, BRANCH = "https://www.instagram.com/biblioteket", "https://www.facebook.com/filialen"
FIRST: dict[str, tuple[dict[str, Any], str]] = {
    "Ansök åt någon": (
        {
            "applicant": f"ny@{DOMAIN}",
            "applicant_name": "Ny Person",
            "platform": "Facebook",
            "account_name": "Ungdomsgården",
            "unit": "Bibliotek",
        },
        "Utfört",
    ),
    "Administratör eller gäst": (
        {"account": LIBRARY, "what": "Lägg till", "person": f"tove@{DOMAIN}"},
        "Väntar på bekräftelse",
    ),
    "Någon slutar": (
        {"person": f"omar@{DOMAIN}", "last_on": SOON.isoformat()},
        "Väntar på bekräftelse",
    ),
    "Frånvaro": ({"person": f"tove@{DOMAIN}", "from_on": SOON.isoformat()}, "Väntar på bekräftelse"),
    "Låt konto vila": (
        {
            "account": LIBRARY,
            "from_on": SOON.isoformat(),
            "last_on": (SOON + timedelta(days=9)).isoformat(),
        },
        "Utfört",
    ),
    "Ny adress": (
        {"account": "Kultur · YouTube", "address": "https://www.youtube.com/@nya"},
        "Utfört",
    ),
    "Flytta konto till annan enhet": ({"account": LIBRARY, "unit": "kultur"}, "Väntar på bekräftelse"),
    "Avsluta konto": ({"account": LIBRARY, "reason": "Används inte."}, "Väntar på bekräftelse"),
    "Stor förändring": ({"account": LIBRARY}, "Utfört"),
    "Skicka brev igen": ({"account": BRANCH, "to": f"lena@{DOMAIN}"}, "Utfört"),
    "Lämna över fråga": (
        {"account": BRANCH, "to": f"mats@{DOMAIN}", "reason": "Är borta."},
        "Väntar på bekräftelse",
    ),
    "Rätta ett felklick": ({"account": BRANCH, "reason": "Fel knapp."}, "Väntar på bekräftelse"),
    "Rätta ärende": (
        {"account": BRANCH, "what": "Avsluta ansökan", "reason": "Dubblett."},
        "Väntar på bekräftelse",
    ),
    "Starta krisläge": ({"message": "Läs krisledningens besked."}, "Utfört"),
    "Anmäl händelse": ({"account": LIBRARY, "kind": "Klagomål eller synpunkt"}, "Utfört"),
    "Skicka inventeringsbrev": ({"duties_from": (SOON + timedelta(days=60)).isoformat()}, "Utfört"),
    "Föreslå nya regler": ({"size": "Mindre ändring", "name": "granby"}, "Väntar på bekräftelse"),
    "Läs in rader": (
        {"what": "Enheter", "lines": "kod;namn;nivå;överordnad;chef\nny;Nya enheten;enhet;stab;\n"},
        "Väntar på bekräftelse",
    ),
}
THEN = {
    "Avsluta vila": ({"account": LIBRARY}, "Utfört"),
    "Avsluta krisläge": ({}, "Utfört"),
}
"""What each is filled in with, by Petra, and where that leads."""


@pytest.fixture
def own_rules(installed: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A rule file of the installation's own, as `kanalvakt new-municipality` leaves it."""
    rules = "policy: granby\nname: Granby\nextends: mall\nguidelines: []\nvalid_from: 2026-01-01\n"
    (tmp_path / "municipalities").mkdir()
    (tmp_path / "municipalities" / "granby.yaml").write_text(rules, "utf-8")
    monkeypatch.setenv("KANALVAKT_POLICY_FOLDER", str(tmp_path))
    settings.cache_clear()


@pytest.fixture
def lived_in(installed: Engine, own_rules: None) -> Town:
    """An open library account, one that moves, and an application that Karin has approved."""
    chief = step("chef", "decide", "line_manager")
    picture = {"every": "year", "format": "pdf", "at_major_change": True, "clauses": ["exempelby:1"]}
    director = step("direktor", "decide", "communications_director")
    rules = {"opening": [chief, director], "documentation": [picture]}
    found = Town(installed, rules, now=now())
    _opened(found, name="Biblioteket", address=LIBRARY)
    _opened(
        found, name="Kulturen", platform="youtube", unit="kultur", address="https://www.youtube.com/@kultur"
    )
    found.apply("elin", name="Filialen", platform="facebook", address=BRANCH)
    found.answer("karin")
    return found


def _opened(town: Town, **plan: Any) -> None:
    town.apply("elin", administrators=["elin", "omar"], **plan)
    for who in ("mats" if plan.get("unit") == "kultur" else "karin", "lena"):
        town.answer(who)
    assert town.state == "active"


def test_every_form_leads_where_it_should(
    lived_in: Town, deployed: PrefectServer, worker: WarmWorker, logged: list[str]
) -> None:
    assert set(FIRST) | set(THEN) == REQUIRED

    async def told() -> None:
        async with get_client() as client:
            for some in (FIRST, THEN):
                runs = {}
                for form, (fields, _) in some.items():
                    filled = await _defaults(client, form) | fields | {"acting": PETRA}
                    runs[form] = await started(client, worker, form, **filled)
                ended = {form: await _ended(client, run) for form, run in runs.items()}
                assert ended == {form: state for form, (_, state) in some.items()}

    asyncio.run(told())
    names = ("petra", "tove", "omar", "lena", "mats", "ny person")
    assert [line for line in logged if any(name in line.lower() for name in names)] == []


async def _defaults(client: PrefectClient, form: str) -> dict[str, Any]:
    deployment = await client.read_deployment_by_name(f"{FORM_FLOW}/{form}")
    return untouched(deployment.parameter_openapi_schema["properties"])


async def _ended(client: PrefectClient, run: UUID) -> str:
    """The state in which the run rests or ends, with its message when it failed."""
    for _ in range(1200):
        state = (await client.read_flow_run(run)).state
        if state is not None and (state.is_final() or state.is_paused()):
            return f"{state.name}: {state.message}" if state.is_failed() else str(state.name)
        await asyncio.sleep(0.05)
    raise AssertionError(f"{run} never came to rest")
