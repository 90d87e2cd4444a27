"""A town in which everybody is there: each role of the table, and each matter that they may meet.

What is played is kept as a copy of the database's file, and each cell of the table begins from such a copy.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import col

from acts import (
    absences,
    answering,
    appearance,
    applying,
    calendars,
    cases,
    confirming,
    documenting,
    evaluating,
    exempting,
    inventory,
    renewals,
    resting,
    targets,
    watching,
)
from acts.importing import import_accounts
from acts.logotypes import picture_of
from acts.policies import propose
from acts.rounds import go_round
from acts.spreadsheets import read_table
from acts.work import work
from connectors.capturing import NotCaptured
from connectors.judging import Reason
from lifecycle import crises
from lifecycle.case_evidence import Evidence
from lifecycle.duty_tasks import open_duty
from lifecycle.events import By
from lifecycle.guideline_review import Size
from lifecycle.law import law_in_force
from lifecycle.roles import Holder
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountSource,
    Case,
    Municipality,
    Paper,
    PaperKind,
    Person,
    PostHolder,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from notifications.targets import TargetRules
from policies.keys import Role
from runtime.database import make_engine, reading
from tests import remembering
from tests.database_fixtures import create_tables
from tests.roles.drawing import drawn_png
from tests.web.world import PEOPLE, World, content

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TODAY = date(2026, 3, 2)
MORE = {
    "kim": ("Kim Jansson", "kommunikatör", "office"),
    "lars": ("Lars Kvist", "kommunikatör", "office"),
    "rut": ("Rut Lind", "bibliotekarie", "library"),
    "per": ("Per Moberg", "bibliotekarie", "library"),
    "olle": ("Olle Nord", "arkivarie", "culture"),
    "gina": ("Gina Olsson", "bibliotekarie", "library"),
    "sune": ("Sune Palm", "bitr. förvaltningschef", "culture"),
    "ulla": ("Ulla Rask", "kommunikatör", "office"),
    "nils": ("Nils Quist", "bibliotekarie", "library"),
}
TARGET_KEY = "cm9sbGJ5LXJvbGxieS1yb2xsYnktcm9sbGJ5LXJvbGw="
TARGET = "workflow://logic.azure.com:443/7b3c1e5a9d/aB3dE5fG7hI9/"
MEMBERS = ("kim", "ulla", "lars")
CLAUSE = ["tomelilla:anstallda-uppdrag"]


def step(name: str, role: str, act: str = "decide") -> dict[str, Any]:
    """One step of a chain, on a clause that the policy has."""
    return {"step": name, "label": f"Steget {name}", "act": act, "roles": [role], "clauses": CLAUSE}


def _renewed(item: dict[str, Any]) -> dict[str, Any]:
    """One line of the checklist, which is asked anew each year where it is the mailbox's."""
    return item | {"renewed_every_months": 12} if item["item"] == "mailbox" else item


CHAIN = [step("chef", "line_manager"), step("forvaltning", "head_of_department")]
BESIDE = {"field": "bilaga", "label": "Bilaga", "kind": "file", "modality": "may", "clauses": CLAUSE}
RULES: dict[str, Any] = {
    "opening": CHAIN,
    "administrator_change": CHAIN,
    "closing": [*CHAIN, step("besked", "communications", "inform")],
    "guest": {"at_most_days": 7, "clauses": CLAUSE, "chain": CHAIN},
}


class RolesWorld(World):
    """Exempelby's world, with somebody for every role and two decisions in every chain."""

    def email(self, key: str) -> str:
        """Somebody's work address."""
        if key in PEOPLE:
            return super().email(key)
        return ".".join(MORE[key][0].lower().split()) + f"@{self.slug}.example.org"

    def fill(self) -> None:
        """The others, and the rules."""
        with work(self.engine, self.now) as session:
            for key, (name, title, unit) in MORE.items():
                person = Person(
                    municipality_id=self.municipality_id,
                    name=name,
                    email=self.email(key),
                    title=title,
                    unit_id=self.units[unit],
                )
                session.add(person)
                session.flush()
                self.people[key] = person.id or 0
            for key in MEMBERS:
                role = Role.COMMUNICATIONS.value
                session.add(
                    PostHolder(municipality_id=self.municipality_id, role=role, person_id=self.people[key])
                )
            session.get_one(Person, self.people["cilla"]).substitute_id = self.people["sune"]
            session.get_one(Person, self.people["lars"]).left_on = TODAY
        self.ruled()

    def ruled(self, since: str = "2026-03-02", **own: Any) -> None:
        """The town's own rules, from a day."""
        self.adopt(
            since,
            plan=[*self.rules("plan"), BESIDE],
            setting_up=[_renewed(one) for one in self.rules("setting_up")],
            **(RULES | own),
        )

    def plan_of(self, **own: Any) -> dict[str, Any]:
        """Who is who in an account of this town."""
        people = {"responsible": ("rut",), "administrators": ("gustav", "rut", "per"), "substitute": ("per",)}
        return (
            {name: [self.email(key) for key in keys] for name, keys in people.items()} | {"bilaga": ""} | own
        )


@dataclass
class Stage:
    """The town at a point of its matters, as a copy of its database, and which account is whose."""

    stored: bytes
    now: datetime
    accounts: dict[str, int]
    """`usual`: Anna applied and Bo decided; `applied`: Erik of communications applied; `decided`: Kim did, in
    Bo's place; `other`: Olle's."""
    more: dict[str, Any] = field(default_factory=dict)


KINDS = ("usual", "applied", "decided")
NAMES = {
    "usual": ("Biblioteket", "instagram", "https://www.instagram.com/biblioteket"),
    "applied": ("Läslust", "facebook", "https://www.facebook.com/laslust"),
    "decided": ("Bokprat", "youtube", "https://www.youtube.com/@bokprat"),
    "other": ("Arkivet", "mastodon", "https://mastodon.example.net/@arkivet"),
}
APPLICANTS = {"usual": "anna", "applied": "erik", "decided": "anna", "other": "anna"}


class Town:
    """The world, its stages, and going back to one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine: Engine = make_engine(f"sqlite:///{folder / 'roller.db'}")
        create_tables(self.engine)
        self.world = RolesWorld(self.engine, slug="rollby", now=NOW)
        self.world.fill()
        self.other_town = World(self.engine, slug="provstad", now=NOW)
        self.accounts: dict[str, int] = {}
        self.stages: dict[str, Stage] = {}
        self._keep("begun")

    # ---------------------------------------------------------------- stages

    def go_to(self, name: str) -> Stage:
        """The town as it is at a stage."""
        if name not in self.stages:
            STAGES[name](self)
            assert name in self.stages, name
        stage = self.stages[name]
        remembering._restore(self.engine, stage.stored)
        self.world.now = stage.now
        self.accounts = dict(stage.accounts)
        return stage

    def _keep(self, name: str, **more: Any) -> None:
        stored = remembering._stored(self.engine)
        self.stages[name] = Stage(stored, self.world.now, dict(self.accounts), more)

    def print_of_database(self) -> str:
        """What every table holds, as one number."""
        return remembering._print_of(remembering._stored(self.engine))

    # ---------------------------------------------------------------- what is done on the way

    def id_of(self, key: str) -> int:
        return self.world.people[key]

    def question(self, account_id: int) -> int:
        """The decision that waits."""
        [task] = [one for one in self.world.open_tasks(account_id) if one.kind is TaskKind.DECIDE]
        return task.id or 0

    def approve(self, account_id: int, who: str) -> None:
        self.world.answer(self.question(account_id), who)

    def hand_over(self, account_id: int, who: str, to: str) -> None:
        with work(self.engine, self.world.now) as session:
            answering.hand_over(
                session,
                self.world.now,
                task_id=self.question(account_id),
                person_id=self.id_of(who),
                to_email=self.world.email(to),
                via="portal",
            )
        self.world.look(account_id)

    def first_step(self, kind: str) -> None:
        """Bo decides the first step; of one account Kim does, to whom he hands it over."""
        if kind == "decided":
            self.hand_over(self.accounts[kind], "bo", "kim")
        self.approve(self.accounts[kind], "kim" if kind == "decided" else "bo")

    def draft(self, kind: str) -> None:
        name, platform, address = NAMES[kind]
        account_id = self.world.draft(APPLICANTS[kind])
        self.world.write(account_id, **self.world.plan_of(name=name, platform=platform, address=address))
        self.accounts[kind] = account_id

    def send(self, kind: str) -> None:
        self.world.send(self.accounts[kind])

    def account(self, kind: str) -> Account:
        return self.world.account(self.accounts[kind])

    def role_of(self, kind: str, who: str) -> int:
        rows = select(col(AccountRole.id)).where(
            col(AccountRole.account_id) == self.accounts[kind],
            col(AccountRole.person_id) == self.id_of(who),
            col(AccountRole.kind) == AccountRoleKind.ADMINISTRATOR,
        )
        with reading(self.engine) as session:
            return int(session.execute(rows).scalars().all()[-1])

    def file_of(self, lines: str) -> Path:
        """A file with these lines, to be named to a command."""
        path = self.folder / f"{len(list(self.folder.iterdir()))}.csv"
        path.write_text(lines, "utf-8")
        return path

    def act(self, act: Callable[..., Any], *, municipality: bool = False, **given: Any) -> Any:
        """An act in a transaction of its own."""
        with work(self.engine, self.world.now) as session:
            first = (session.get_one(Municipality, self.world.municipality_id),) if municipality else ()
            return act(session, *first, self.world.now, **given)

    def look_at_all(self, kinds: Iterable[str] = KINDS) -> None:
        for kind in kinds:
            self.world.look(self.accounts[kind])


# ---------------------------------------------------------------- applications


def drafts(town: Town) -> None:
    town.go_to("begun")
    for kind in KINDS:
        town.draft(kind)
    town._keep("draft")


def deciding(town: Town) -> None:
    """The first step is decided, and Cilla is asked the second."""
    town.go_to("draft")
    for kind in KINDS:
        town.send(kind)
        town.first_step(kind)
    town._keep("deciding")


def deciding_away(town: Town) -> None:
    """Cilla has said that she is away, and Sune stands in."""
    town.go_to("deciding")
    town.act(absences.enter, by_id=town.id_of("cilla"), from_on=TODAY, until_on=None, via="portal")
    town.look_at_all()
    town._keep("deciding_away")


def signing(town: Town) -> None:
    """As when deciding, under rules of the next day: whoever decides the second step signs in."""
    town.go_to("begun")
    town.world.now += timedelta(days=1)
    town.world.ruled("2026-03-03", opening=[CHAIN[0], {**CHAIN[1], "signing": "sign-in"}])
    for kind in KINDS:
        town.draft(kind)
        town.send(kind)
        town.first_step(kind)
    town._keep("signing")


def signing_away(town: Town) -> None:
    town.go_to("signing")
    tomorrow = TODAY + timedelta(days=1)
    town.act(absences.enter, by_id=town.id_of("cilla"), from_on=tomorrow, until_on=None, via="portal")
    town.look_at_all()
    town._keep("signing_away")


def answered(town: Town) -> None:
    """Cilla has just said yes."""
    town.go_to("deciding")
    for kind in KINDS:
        town.approve(town.accounts[kind], "cilla")
    town._keep("setting_up")


def stuck(town: Town) -> None:
    """Nobody can be asked the second step: Cilla's post, and what is above, is empty."""
    town.go_to("draft")
    for kind in KINDS:
        town.send(kind)
    with work(town.engine, town.world.now) as session:
        for unit in session.execute(select(Unit)).scalars():
            if unit.line_manager_id == town.id_of("cilla"):
                unit.line_manager_id = None
        for post in session.execute(select(PostHolder)).scalars():
            session.delete(post)
    for kind in KINDS:
        town.first_step(kind)
    with work(town.engine, town.world.now) as session:
        for who in ("disa", "erik", "kim", "ulla"):
            session.add(
                PostHolder(
                    municipality_id=town.world.municipality_id,
                    role="communications",
                    person_id=town.id_of(who),
                )
            )
    town._keep("stuck")


def lapsed(town: Town) -> None:
    """Approved, and not set up in its time."""
    town.go_to("setting_up")
    for _ in range(200):
        wakes = [town.account(kind).wake_at for kind in KINDS]
        due = [one for one in wakes if one is not None]
        if not due or all(town.account(kind).state == "lapsed" for kind in KINDS):
            break
        town.world.now = max(town.world.now, min(due))
        town.look_at_all()
    assert {town.account(kind).state for kind in KINDS} == {"lapsed"}
    town._keep("lapsed")


# ---------------------------------------------------------------- open accounts


def active(town: Town) -> None:
    """All are open; Gina is a guest in them."""
    town.go_to("setting_up")
    town.draft("other")
    town.world.write(
        town.accounts["other"],
        **town.world.plan_of(
            name="Arkivet",
            platform="mastodon",
            address=NAMES["other"][2],
            responsible=[town.world.email("olle")],
            administrators=[town.world.email("olle"), town.world.email("nils")],
            substitute=[town.world.email("nils")],
        ),
    )
    town.send("other")
    town.approve(town.accounts["other"], "bo")
    town.approve(town.accounts["other"], "cilla")
    for kind in (*KINDS, "other"):
        town.world.confirm_all(town.accounts[kind])
        assert town.account(kind).state == "active", (kind, town.account(kind).state)
    with work(town.engine, town.world.now) as session:
        for kind in KINDS:
            session.add(
                AccountRole(
                    account_id=town.accounts[kind],
                    person_id=town.id_of("gina"),
                    kind=AccountRoleKind.GUEST,
                    asked_by_id=town.id_of("rut"),
                    asked_at=town.world.now,
                    since_on=TODAY,
                    until_on=TODAY + timedelta(days=5),
                )
            )
    town.look_at_all()
    town._keep("active")


def closing(town: Town) -> None:
    """Who applied has asked that it is closed; the first step is decided, Cilla is asked the second."""
    town.go_to("active")
    for kind in KINDS:
        town.world.ask_to_close(town.accounts[kind], APPLICANTS[kind])
        town.first_step(kind)
    town._keep("closing")


def closing_away(town: Town) -> None:
    town.go_to("closing")
    town.act(absences.enter, by_id=town.id_of("cilla"), from_on=TODAY, until_on=None, via="portal")
    town.look_at_all()
    town._keep("closing_away")


def change(town: Town) -> None:
    """Who applied has asked for Nils to administer it; Cilla is asked the second step."""
    town.go_to("active")
    for kind in KINDS:
        town.world.ask_for_administrator(town.accounts[kind], "nils", APPLICANTS[kind])
        town.first_step(kind)
    town._keep("change", roles={kind: town.role_of(kind, "nils") for kind in KINDS})


def change_away(town: Town) -> None:
    roles = town.go_to("change").more["roles"]
    town.act(absences.enter, by_id=town.id_of("cilla"), from_on=TODAY, until_on=None, via="portal")
    town.look_at_all()
    town._keep("change_away", roles=roles)


def resting_now(town: Town) -> None:
    town.go_to("active")
    for kind in KINDS:
        town.act(
            resting.let_rest,
            account_id=town.accounts[kind],
            person_id=town.id_of("rut"),
            from_on=TODAY,
            until_on=TODAY + timedelta(days=9),
            via="portal",
        )
        town.act(
            exempting.exempt,
            account_id=town.accounts[kind],
            person_id=town.id_of("frida"),
            duty="watch",
            until_on=TODAY + timedelta(days=9),
            reason="Sommaruppehåll.",
            via="portal",
        )
    town._keep("resting")


def in_crisis(town: Town) -> None:
    town.go_to("active")
    with work(town.engine, town.world.now) as session:
        law = law_in_force(session, town.world.municipality_id, town.world.now)
        crises.begin_crisis(session, law, "", By(town.id_of("frida"), "portal"), town.world.now)
    town._keep("crisis")


def with_cases(town: Town) -> None:
    """Gustav has opened a case in each account; its first step waits for its holder."""
    town.go_to("active")
    for kind in KINDS:
        town.act(
            cases.open_case,
            account_id=town.accounts[kind],
            person_id=town.id_of("gustav"),
            report=cases.Report(
                "forbidden",
                town.world.now,
                what="Hets i en kommentar.",
                evidence=[Evidence(b"Namn, dag, text", is_text=True)],
            ),
            via="portal",
        )
    town._keep("cases")


# ---------------------------------------------------------------- what the clock asks


def duties(town: Town) -> None:
    """Gustav holds one duty of each kind in each account, and Disa those of the unit."""
    town.go_to("active")
    tasks: dict[str, dict[str, int]] = {}
    for kind in KINDS:
        with work(town.engine, town.world.now) as session:
            account = session.get_one(Account, town.accounts[kind])
            source = session.get(AccountSource, account.id) or AccountSource(account_id=account.id or 0)
            source.problem = "no_permission"
            session.add(source)
            tasks[kind] = {one.value: _duty(session, town, account, one) for one in _OF_ACCOUNTS}
    with work(town.engine, town.world.now) as session:
        unit = {one.value: _duty(session, town, None, one, "disa") for one in _OF_THE_UNIT}
    for kind in KINDS:
        tasks[kind] |= unit
    town._keep("duties", tasks=tasks)


_OF_ACCOUNTS = (
    TaskKind.TELL_POSTS,
    TaskKind.POST,
    TaskKind.WARN,
    TaskKind.REVIEW,
    TaskKind.WEED,
    TaskKind.TAKE_SNAPSHOT,
    TaskKind.WATCH,
)
_OF_THE_UNIT = (TaskKind.REVIEW_GUIDELINE, TaskKind.LOOK_INTO)


def _duty(session: Any, town: Town, account: Account | None, kind: TaskKind, who: str = "gustav") -> int:
    law = law_in_force(session, town.world.municipality_id, town.world.now)
    task = open_duty(
        session,
        law,
        account,
        town.world.now,
        kind=kind,
        once_key=f"roller:{kind.value}:{account.id if account else 0}",
        step=kind.value,
        label=f"Uppgiften {kind.value}",
        rule=None,
        role=Role.ADMINISTRATOR if account else Role.COMMUNICATIONS,
        holders=[Holder(town.id_of(who))],
        due_at=town.world.now + timedelta(hours=9),
        details=_DETAILS.get(kind, {}),
    )
    assert task is not None and task.id is not None
    return task.id


_DETAILS: dict[TaskKind, dict[str, Any]] = {
    TaskKind.REVIEW: {"since": "2026-01-01"},
    TaskKind.TAKE_SNAPSHOT: {"format": "pdf", "depth": "start", "reason": "planned", "why": "planned"},
    TaskKind.WEED: {"until": "2026-01-01"},
}


def evaluation(town: Town) -> None:
    """A year has gone, and who answers for the accounts is asked to evaluate them."""
    town.go_to("active")
    with work(town.engine, town.world.now) as session:
        for kind in KINDS:
            session.get_one(Account, town.accounts[kind]).opened_on = TODAY
    town.world.now = datetime(2027, 3, 2, 8, tzinfo=UTC)
    assert go_round(town.engine, evaluating.EVALUATE, town.world.now).failures == []
    town._keep("evaluation")


def proposed(town: Town) -> None:
    """Disa has proposed new rules, and the others of the unit are asked."""
    town.go_to("active")
    whole = content("mall")
    new = {**whole, "policy": {**whole["policy"], "valid_from": "2026-06-01"}}
    with work(town.engine, town.world.now) as session:
        by = By(town.id_of("disa"), "form")
        propose(session, town.world.municipality_id, new, Size.SMALL, by, town.world.now)
    town._keep("proposed")


def asked_about_inventory(town: Town) -> None:
    """An account was taken over, and Rut is asked whether it is hers."""
    town.go_to("active")
    rut = town.world.email("rut")
    rows = [
        "namn;plattform;adress;enhet;ansvariga;administratörer",
        f"Gammalt;facebook;https://www.facebook.com/gammalt;library;{rut};{rut}",
    ]
    with work(town.engine, town.world.now) as session:
        municipality = session.get_one(Municipality, town.world.municipality_id)
        table = read_table("konton.csv", "\n".join(rows).encode())
        assert import_accounts(session, municipality, table, By(None, "cli"), town.world.now).faults == []
        inventory.begin(session, municipality, date(2026, 9, 1), By(None, "cli"), town.world.now)
    town._keep("inventory")


def absent(town: Town) -> None:
    """Ulla of the unit has entered that Cilla is away, while Anna's and Erik's applications wait for her."""
    town.go_to("deciding")
    town.act(
        absences.enter,
        by_id=town.id_of("ulla"),
        email=town.world.email("cilla"),
        from_on=TODAY,
        until_on=None,
        via="portal",
    )
    town._keep("absent")


def with_papers(town: Town) -> None:
    """A decision of each account lies for the registry to number."""
    town.go_to("active")
    for kind in KINDS:
        with work(town.engine, town.world.now) as session:
            session.add(
                Paper(
                    municipality_id=town.world.municipality_id,
                    account_id=town.accounts[kind],
                    kind=PaperKind.DECISION,
                    title="Beslut",
                    file_name="beslut.pdf",
                    content=b"%PDF-1.7",
                    sha256="0" * 64,
                    made_at=town.world.now,
                )
            )
    town._keep("papers")


def with_calendars(town: Town) -> None:
    town.go_to("active")
    for key in town.world.people:
        town.act(calendars.subscribe, person_id=town.id_of(key), via="portal")
    town._keep("calendars")


# ---------------------------------------------------------------- one thing more


def attached(town: Town) -> None:
    town.go_to("draft")
    for kind in KINDS:
        with work(town.engine, town.world.now) as session:
            account = session.get_one(Account, town.accounts[kind])
            by = account.applicant_id or 0
            applying.attach(session, account, "bilaga", "plan.pdf", b"%PDF-1.7 plan", by, town.world.now)
    town._keep("attached")


def hours_later(town: Town) -> None:
    town.go_to("setting_up")
    town.world.now += timedelta(hours=2)
    town._keep("hours_later")


def missed(town: Town) -> None:
    """Nobody confirmed a day's watch."""
    town.go_to("active")
    for one in (watching.ASK, watching.END):
        town.world.now += timedelta(hours=24)
        assert go_round(town.engine, one, town.world.now).failures == []
    with reading(town.engine) as session:
        rows = select(UserTask).where(
            col(UserTask.kind) == TaskKind.WATCH, col(UserTask.state) == TaskState.MISSED
        )
        found = session.execute(rows).scalars().all()
    tasks = {
        kind: {"watch": one.id or 0}
        for kind in KINDS
        for one in found
        if one.account_id == town.accounts[kind]
    }
    assert len(tasks) == len(KINDS)
    town._keep("missed", tasks=tasks)


def renewing(town: Town) -> None:
    """A year has gone, and what the checklist says is asked anew."""
    town.go_to("evaluation")
    assert go_round(town.engine, renewals.RENEW, town.world.now).failures == []
    rut, tasks = town.id_of("rut"), dict[str, dict[str, int]]()
    for kind in KINDS:
        for task in town.world.open_tasks(town.accounts[kind]):
            if task.kind is TaskKind.RENEW and town.world.holders(task.id or 0) == [rut]:
                tasks[kind] = {"renew": task.id or 0}
    assert len(tasks) == len(KINDS), tasks
    town._keep("renewals", tasks=tasks)


def taken_over(town: Town) -> None:
    """An account was taken over, and nobody has been asked about it."""
    town.go_to("active")
    rut = town.world.email("rut")
    rows = [
        "namn;plattform;adress;enhet;ansvariga;administratörer",
        f"Gammalt;facebook;https://www.facebook.com/gammalt;library;{rut};{rut}",
    ]
    with work(town.engine, town.world.now) as session:
        municipality = session.get_one(Municipality, town.world.municipality_id)
        table = read_table("konton.csv", "\n".join(rows).encode())
        assert import_accounts(session, municipality, table, By(None, "cli"), town.world.now).faults == []
    town._keep("taken_over")


def pictures(town: Town) -> None:
    """Gustav is asked for a picture of each account."""
    town.go_to("active")
    for kind in KINDS:
        town.act(
            documenting.tell_major_change,
            account_id=town.accounts[kind],
            person_id=town.id_of("rut"),
            via="portal",
        )
    report = documenting.capture_wanted(
        town.engine,
        lambda *_: NotCaptured(Reason.LOG_IN, "Sidan visar ett inloggningsformulär."),
        lambda: town.world.now,
    )
    assert report.failures == []
    town._keep("pictures")


def begun_act(town: Town) -> None:
    """Disa has begun to close the account at the desk, and not confirmed it."""
    town.go_to("active")
    with work(town.engine, town.world.now) as session:
        law = law_in_force(session, town.world.municipality_id, town.world.now)
        person = session.get_one(Person, town.id_of("disa"))
        values = {"account": town.accounts["usual"], "reason": "Används inte."}
        task = confirming.begin(
            session, law, person, "close", "Avsluta", values, town.world.now, about="konto", via="form"
        )
        task_id = task.id
    town._keep("begun_act", task=task_id)


def with_target(town: Town) -> None:
    """The machine's keeper has added a channel."""
    town.go_to("active")
    rules = TargetRules(keys=[TARGET_KEY], schemes=["workflow"], hosts=["logic.azure.com"])
    with work(town.engine, town.world.now) as session:
        targets.add(session, rules, town.world.municipality_id, "Kanalen", TARGET, town.world.now)
    town._keep("target")


def with_logotype(town: Town) -> None:
    town.go_to("active")
    town.act(
        appearance.show_logotype, by_id=town.id_of("disa"), picture=picture_of(drawn_png()), via="portal"
    )
    town._keep("logotype")


STAGES: dict[str, Callable[[Town], None]] = {
    "draft": drafts,
    "deciding": deciding,
    "deciding_away": deciding_away,
    "signing": signing,
    "signing_away": signing_away,
    "setting_up": answered,
    "stuck": stuck,
    "lapsed": lapsed,
    "active": active,
    "closing": closing,
    "closing_away": closing_away,
    "change": change,
    "change_away": change_away,
    "resting": resting_now,
    "crisis": in_crisis,
    "cases": with_cases,
    "duties": duties,
    "evaluation": evaluation,
    "proposed": proposed,
    "inventory": asked_about_inventory,
    "absent": absent,
    "papers": with_papers,
    "calendars": with_calendars,
    "attached": attached,
    "hours_later": hours_later,
    "missed": missed,
    "renewals": renewing,
    "taken_over": taken_over,
    "pictures": pictures,
    "begun_act": begun_act,
    "logotype": with_logotype,
    "target": with_target,
}


def case_of(town: Town, kind: str) -> tuple[int, int]:
    """An account's case, and its first open step."""
    with reading(town.engine) as session:
        case = (
            session.execute(select(Case).where(col(Case.account_id) == town.accounts[kind])).scalars().one()
        )
        rows = select(UserTask).where(col(UserTask.case_id) == case.id, col(UserTask.state) == TaskState.OPEN)
        task = session.execute(rows.order_by(col(UserTask.id))).scalars().first()
        return case.id or 0, task.id if task and task.id else 0
