"""Doing an act as somebody, by a path, and what came of it."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from inspect import signature
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from httpx2 import Response
from sqlalchemy import select, text
from sqlmodel import col
from typer.testing import CliRunner

from acts import by_form
from acts.by_form import Filled, FormAct, Standing
from cli.main import app as commands
from lifecycle.refusals import SAYS, Refused
from models import AuditEvent, LinkKind, TaskKind, TaskState, UserTask
from runtime import clock
from runtime.database import reading
from runtime.settings import settings
from tests.identity_provider_fixture import CLIENT, SECRET, RealProvider
from tests.roles.drawing import drawn_png
from tests.roles.table import DONE, HIDDEN, SAME, UNMOVED, WAITS, WAITS_UNMOVED, Cell
from tests.roles.town import APPLICANTS, NAMES, TARGET_KEY, Stage, Town, case_of
from tests.web.visitor import Portal, Visitor, cookie_at, plain

PEOPLE = {
    "applicant": "anna",
    "decider": "cilla",
    "decided": "bo",
    "member": "disa",
    "member_applied": "erik",
    "member_decided": "kim",
    "administrator": "gustav",
    "other_administrator": "olle",
    "responsible": "rut",
    "guest": "gina",
    "substitute": "sune",
    "substitute_away": "sune",
    "employee": "hanna",
    "other_town": "disa",
    "left": "lars",
}
"""Who plays each role; nobody plays `unknown`, and `keeper` is whoever sits at the machine."""
OWN_ACCOUNT = {"member_applied": "applied", "member_decided": "decided"}
UNKNOWN = "ingen@exempel.example.net"
PLACE = re.compile(r"\{([a-z_]+)(?::([^}]*))?\}")
REFUSED = "refused in other words"
RUNS = count(1)
PNG = drawn_png()
PROVIDER_SET = {
    "sign_in_issuer": "https://inloggning.example.org",
    "sign_in_client_id": CLIENT,
    "sign_in_client_secret": SECRET,
}
DEPLOYMENTS = {
    one["name"]: one["entrypoint"]
    for one in yaml.safe_load(Path("prefect.yaml").read_text("utf-8"))["deployments"]
    if "formular" in one["tags"]
}


@dataclass
class Scene:
    """One cell about to be played."""

    town: Town
    portal: Portal
    cell: Cell
    stage: Stage
    monkeypatch: pytest.MonkeyPatch
    provider: Callable[[], RealProvider]
    """The organisation's sign-in, started when somebody goes there."""

    @property
    def kind(self) -> str:
        """Which of the accounts the role is about."""
        return OWN_ACCOUNT.get(self.cell.role, "usual")

    @property
    def account_id(self) -> int:
        return self.town.accounts.get(self.kind, 0)

    @property
    def is_of_other_town(self) -> bool:
        return self.cell.role == "other_town"

    @property
    def person_id(self) -> int | None:
        who = PEOPLE.get(self.cell.role)
        if who is None:
            return None
        world = self.town.other_town if self.is_of_other_town else self.town.world
        return world.people[who]

    @property
    def email(self) -> str:
        who = PEOPLE.get(self.cell.role)
        if who is None:
            return UNKNOWN
        return (self.town.other_town if self.is_of_other_town else self.town.world).email(who)

    def filled(self, given: Any) -> Any:
        """A value of the table with its places filled in."""
        if isinstance(given, Mapping):
            return {self.filled(key): self.filled(value) for key, value in given.items()}
        if isinstance(given, list):
            return [self.filled(one) for one in given]
        return (
            PLACE.sub(lambda found: str(self._at(*found.groups())), given)
            if isinstance(given, str)
            else given
        )

    def _at(self, name: str, more: str | None) -> Any:
        world, on = self.town.world, self.town.world.now.date()
        places: dict[str, Callable[[], Any]] = {
            "account": lambda: self.account_id,
            "name": lambda: NAMES[self.kind][0],
            "address": lambda: NAMES[self.kind][2],
            "task": lambda: self.town.question(self.account_id),
            "answered": self._answered,
            "item": self._item,
            "duty": lambda: self._duty(more or ""),
            "case": lambda: case_of(self.town, self.kind)[0],
            "step": lambda: case_of(self.town, self.kind)[1],
            "email": lambda: world.email(more or ""),
            "id": lambda: world.people[more or ""],
            "unit": lambda: world.units[more or ""],
            "role": lambda: self.town.role_of(self.kind, more or ""),
            "me": lambda: self.email,
            "day": lambda: (on + timedelta(days=int(more or 0))).isoformat(),
            "slug": lambda: world.slug,
            "row": lambda: self._row(more or ""),
            "asked_role": lambda: self.stage.more["roles"][self.kind],
            "email_of_applicant": lambda: world.email(APPLICANTS[self.kind]),
            "folder": lambda: self.town.folder,
            "file": lambda: self.town.file_of((more or "").replace("|", "\n")),
        }
        return places[name]()

    def _row(self, table: str) -> int:
        """The account's row in a table that has one for each; of absences, Cilla's."""
        whose, given = "account_id = :number", self.account_id
        if table == "absence":
            whose, given = "person_id = :number", self.town.id_of("cilla")
        with reading(self.town.engine) as session:
            asked = text(f"SELECT max(id) FROM {table} WHERE {whose}")
            return int(session.execute(asked, {"number": given}).scalar_one() or 0)

    def _answered(self) -> int:
        """What was answered last about the account."""
        done = [one for one in self.town.world.tasks(self.account_id) if one.kind is TaskKind.DECIDE]
        return next(one.id or 0 for one in reversed(done) if one.state is TaskState.DONE)

    def _item(self) -> int:
        """A line of the checklist that Rut is asked."""
        rut = self.town.id_of("rut")
        for task in self.town.world.open_tasks(self.account_id):
            if task.kind is TaskKind.CONFIRM_ITEM and self.town.world.holders(task.id or 0) == [rut]:
                return task.id or 0
        raise AssertionError("Rut has nothing to confirm")

    def _duty(self, kind: str) -> int:
        tasks = self.stage.more.get("tasks", {}).get(self.kind, {})
        if kind in tasks:
            return int(tasks[kind])
        rows = select(UserTask).where(
            col(UserTask.kind) == TaskKind(kind), col(UserTask.state) == TaskState.OPEN
        )
        with reading(self.town.engine) as session:
            found = session.execute(rows.order_by(col(UserTask.id))).scalars().all()
        own = [one for one in found if one.account_id in (None, self.account_id)] or list(found)
        return own[-1].id or 0

    # ---------------------------------------------------------------- looking at what came of it

    def events_since(self, number: int) -> list[AuditEvent]:
        there = self.is_of_other_town and self.cell.way.path != "public"
        world = self.town.other_town if there else self.town.world
        rows = select(AuditEvent).where(
            col(AuditEvent.id) > number,
            col(AuditEvent.municipality_id) == world.municipality_id,
        )
        with reading(self.town.engine) as session:
            return list(session.execute(rows.order_by(col(AuditEvent.id))).scalars())

    def asked(self) -> list[int]:
        """Whom the account's decision waits for."""
        waiting = self.town.world.open_tasks(self.account_id) if self.account_id else ()
        tasks = [one.id or 0 for one in waiting if one.kind is TaskKind.DECIDE]
        return [holder for task in tasks for holder in self.town.world.holders(task)]

    def last_event(self) -> int:
        with reading(self.town.engine) as session:
            rows = select(col(AuditEvent.id)).order_by(col(AuditEvent.id).desc()).limit(1)
            return session.execute(rows).scalar() or 0


@dataclass(frozen=True)
class Played:
    """What came of a cell; `told` is what was said, for when it is not what was expected."""

    outcome: str
    told: str = ""


def play(scene: Scene) -> Played:
    """Play a cell; a refusal that has changed something is no refusal."""
    ready = READY[scene.cell.way.path](scene)
    if isinstance(ready, Played):
        return ready
    before, number, asked = scene.town.print_of_database(), scene.last_event(), scene.asked()
    played = ready()
    changed = scene.town.print_of_database() != before
    if not changed:
        return Played(SAME, played.told) if played.outcome in (DONE, WAITS) else played
    checked = _checked(scene, played, number)
    return _moved(scene, checked, asked) if scene.cell.row.moves else checked


def _checked(scene: Scene, played: Played, number: int) -> Played:
    """Whether what was done is in the log by the one who did it, and what waits has changed nothing else."""
    if played.outcome not in (DONE, WAITS, HIDDEN, REFUSED):
        return Played(f"changed something and {played.outcome}", played.told)
    played = Played(DONE, played.told)
    events, actor = scene.events_since(number), scene.person_id
    if scene.cell.way.path == "public":
        actor = None
    wanted = scene.cell.row.event
    begun = [one for one in events if one.kind == "act_asked"]
    if begun:
        others = [one.kind for one in events if one.kind != "act_asked"]
        if others:
            return Played(f"begun, but also {others}", played.told)
        _confirm(scene)
        events = scene.events_since(number)
        played = Played(WAITS, played.told)
    by = [one for one in events if one.kind == wanted and one.actor_id == actor]
    if not wanted and events:
        return Played(f"in the log: {[one.kind for one in events]}", played.told)
    if wanted and not by:
        return Played(f"no {wanted} by them: {[(one.kind, one.actor_id) for one in events]}", played.told)
    return played


def _moved(scene: Scene, played: Played, asked: list[int]) -> Played:
    """Whether somebody else is asked now, when the account's run has looked."""
    scene.town.world.look(scene.account_id)
    if scene.asked() != asked:
        return played
    return Played({DONE: UNMOVED, WAITS: WAITS_UNMOVED}.get(played.outcome, played.outcome), played.told)


def _confirm(scene: Scene) -> None:
    """By the link in the letter."""
    rows = select(UserTask).where(
        col(UserTask.kind) == TaskKind.CONFIRM_ACT, col(UserTask.state) == TaskState.OPEN
    )
    with reading(scene.town.engine) as session:
        task = session.execute(rows).scalars().one()
    visitor = scene.portal.visitor()
    visitor.open(_link(scene, LinkKind.CONFIRM_ACT, task_id=task.id))
    visitor.post(f"{visitor.path}/ja")


def _link(scene: Scene, kind: LinkKind, **bound: Any) -> str:
    world = scene.town.other_town if scene.is_of_other_town else scene.town.world
    world.now = scene.town.world.now
    who = PEOPLE.get(scene.cell.role)
    return world.link(kind, who, **bound) if who else "/l/ingen-sadan-lank"


def _web(answer: Response) -> Played:
    told = plain(answer)
    if answer.status_code in (401, 403, 404, 405, 410):
        return Played(HIDDEN, told)
    if answer.status_code in (409, 422):
        return Played(_code_in(told), told)
    return Played(DONE if answer.status_code == 200 else f"status {answer.status_code}", told)


def _code_in(told: str) -> str:
    """Which refusal a page shows."""
    for code, says in SAYS.items():
        words = [re.escape(one) for one in re.split(r"\{[a-z_]+\}", says)]
        if any(words) and re.search(".+?".join(words), told):
            return code
    return REFUSED


# ---------------------------------------------------------------- the paths

Ready = Callable[[], Played] | Played


def portal(scene: Scene) -> Ready:
    """One's own pages; with `provider`, of an installation that has a sign-in."""
    if scene.cell.way.how.get("provider"):
        scene.portal = Portal(scene.town.world, **PROVIDER_SET)
    visitor = scene.portal.visitor()
    opened = visitor.open(_link(scene, LinkKind.MY_PAGE))
    if opened.status_code == 200:
        opened = visitor.post(f"{visitor.path}/oppna")
    if opened.status_code != 200:
        return _web(opened)
    home, how = _here(scene, visitor), scene.filled(dict(scene.cell.way.how))
    return lambda: _web(_post(visitor, f"{home}/{how['to']}", how))


def sign_in(scene: Scene) -> Ready:
    """The organisation's own sign-in, and what is then done from the pages that it opens."""
    how, provider = scene.filled(dict(scene.cell.way.how)), scene.provider()
    visitor = Portal(scene.town.world, **provider.settings()).visitor()
    if "to" not in how:
        return lambda: _web(_signed_in(scene, visitor, provider))
    opened = _signed_in(scene, visitor, provider)
    if opened.status_code != 200:
        return _web(opened)
    return lambda: _web(_post(visitor, f"{visitor.path}/{how['to']}", how))


def _signed_in(scene: Scene, visitor: Visitor, provider: RealProvider) -> Response:
    """The way to the provider, where the role's person fills in the form, and back."""
    leaves = visitor.client.get(f"/{scene.town.world.slug}/inloggning")
    back = urlsplit(provider.sign_in(leaves.headers["location"], scene.email))
    return visitor.open(f"{back.path}?{back.query}")


def _here(scene: Scene, visitor: Visitor) -> str:
    """The visit's own address; somebody of another town takes their cookie to this town's addresses."""
    base = "/".join(visitor.path.split("/")[:4])
    if not scene.is_of_other_town:
        return base
    name = cookie_at(base)
    value = next(one.value for one in visitor.client.cookies.jar if one.name == name)
    visitor.client.headers["cookie"] = f"{name}={value}"
    return base.replace(f"/{scene.town.other_town.slug}/", f"/{scene.town.world.slug}/")


def _post(visitor: Visitor, path: str, how: Mapping[str, Any]) -> Response:
    files = {name: tuple(file) for name, file in how.get("file", {}).items()} or None
    if files:
        files = {name: (one[0], PNG if one[1] == "@png" else one[1].encode()) for name, one in files.items()}
    return visitor.post(path, how.get("send", {}), files=files)


def link(scene: Scene) -> Ready:
    """A letter's link, minted for the role's person as if the letter had gone to them."""
    how = scene.filled(dict(scene.cell.way.how))
    kind = LinkKind(how["kind"])
    bound: dict[str, Any] = {"account_id": scene.account_id}
    if kind in (LinkKind.DECIDE, LinkKind.CONSULT):
        bound |= {"task_id": scene.town.question(scene.account_id), "plan_version": 1}
    if kind is LinkKind.CONFIRM_ADDRESS:
        bound = {}
    if kind is LinkKind.CONFIRM_ACT:
        bound = {"task_id": scene.stage.more["task"]}
    visitor = scene.portal.visitor()
    if how.get("expired"):
        bound["until"] = scene.town.world.now - timedelta(minutes=1)
    opened = visitor.open(_link(scene, kind, **bound))
    if opened.status_code != 200 and not how.get("expired"):
        return _web(opened)
    base = _here(scene, visitor)
    if "open" in how:
        visitor.open(f"{base}/{how['open']}")
    return lambda: _web(_post(visitor, f"{base}/{how['to']}" if how["to"] else base, how))


def public(scene: Scene) -> Ready:
    """A page that anybody reaches."""
    how, visitor = scene.filled(dict(scene.cell.way.how)), Portal(scene.town.world).visitor()
    visitor.open(f"/{scene.town.world.slug}")
    return lambda: _web(_post(visitor, how["to"], how))


def form(scene: Scene) -> Ready:
    """A form of the desk, as its flow reads it; only Prefect around it is left out."""
    how = scene.filled(dict(scene.cell.way.how))

    def fill_in() -> Played:
        try:
            standing = filled_in(scene.town, scene.monkeypatch, how["form"], scene.email, how.get("fill", {}))
        except Refused as refused:
            return Played(refused.code, refused.says())
        return Played(WAITS if standing.waits else DONE, " ".join(standing.lines))

    return fill_in


def filled_in(
    town: Town, patch: pytest.MonkeyPatch, name: str, acting: str, fields: Mapping[str, Any]
) -> Standing:
    """A form filled in by somebody, whole; what is left out has its default.

    Raises Refused: as in `flows.forms.shape`, a refusal is told of the act itself, and never leaves the flow.
    """
    module_name, _, flow_name = DEPLOYMENTS[name].rpartition(".")
    module = import_module(module_name)
    flow = getattr(module, flow_name)

    async def carry_out(acting: str, municipality: str, act: FormAct) -> Standing | Refused:
        filled = Filled(f"roller-{next(RUNS)}", acting, municipality)
        try:
            return by_form.fill_in(town.engine, filled, act, town.world.now)
        except Refused as refused:
            return refused

    patch.setattr(module, "carry_out", carry_out)
    who = {"acting": acting, "municipality": town.world.slug}
    values = flow.validate_parameters(_defaults(flow) | fields | who)
    standing: Standing | Refused = asyncio.run(flow.fn(**values))
    if isinstance(standing, Refused):
        raise standing
    return standing


def _defaults(flow: Any) -> dict[str, Any]:
    fields = {name: one.default for name, one in signature(flow.fn).parameters.items()}
    return {name: one.default for name, one in fields.items() if not one.is_required()}


def command(scene: Scene) -> Ready:
    """The command line, at the machine's own clock moved to the town's."""
    how = scene.filled(dict(scene.cell.way.how))
    url = scene.town.engine.url.render_as_string(hide_password=False)
    scene.monkeypatch.setenv("KANALVAKT_DATABASE_URL", url)
    scene.monkeypatch.setattr(clock, "now", lambda: scene.town.world.now)
    scene.monkeypatch.setenv("KANALVAKT_TARGET_KEYS", TARGET_KEY)
    settings.cache_clear()

    def run() -> Played:
        result = CliRunner().invoke(commands, how["run"], input=how.get("input"))
        settings.cache_clear()
        if result.exit_code == 0:
            return Played(DONE, result.output)
        return Played(_code_in(" ".join(result.output.split())), f"{result.output} {result.exception!r}")

    return run


READY: dict[str, Callable[[Scene], Ready]] = {
    "portal": portal,
    "link": link,
    "sign_in": sign_in,
    "form": form,
    "command": command,
    "public": public,
}
