"""A municipality in which there is something of everything that the portal can show."""

import io
from datetime import date, datetime, timedelta
from typing import Any

from PIL import Image
from sqlalchemy import select
from sqlmodel import Session, col

from acts import (
    absences,
    caring,
    cases,
    evaluating,
    guideline_review,
    handles,
    inventory,
    leaving,
    policies,
    renewals,
    reporting,
    returned_mail,
)
from acts.diary import make_papers, number_paper
from acts.importing import import_accounts
from acts.rounds import go_round
from acts.spreadsheets import read_table
from acts.work import work
from connectors.occupying import Occupant
from lifecycle.case_evidence import Evidence
from lifecycle.duty_tasks import open_duty
from lifecycle.events import By
from lifecycle.guideline_review import Size
from lifecycle.identity import ask_about_identity
from lifecycle.law import law_in_force
from lifecycle.reporting import CASES_AN_HOUR, Said
from lifecycle.roles import Holder
from lifecycle.states import change_state
from lifecycle.tasks import withdraw_open
from models import (
    Account,
    AccountSource,
    AccountState,
    FormerAddress,
    IdentityChange,
    Municipality,
    Observation,
    Outcome,
    Process,
    ReturnedAs,
    ReturnedMail,
    SightState,
    TaskKind,
    TaskState,
    UserTask,
)
from policies.keys import Role
from runtime.database import reading
from tests.web.world import World, content

ACCOUNTS: dict[str, int] = {}
"""The accounts of the world by what they are there for."""
CASES: dict[str, int] = {}
"""Its cases likewise."""
DUTIES: dict[str, int] = {}
"""What the clock asks, by kind, or by kind and account."""
TASKS: dict[str, int] = {}
"""Tasks of the municipality as a whole."""


def people_the_world(world: World) -> None:
    """Every kind of matter, once for all tests."""
    if ACCOUNTS:
        return
    ACCOUNTS["draft"] = world.draft()
    ACCOUNTS["active"] = world.active()
    ACCOUNTS["written"] = world.draft()
    world.write(ACCOUNTS["written"], name="Biblioteket läser", address="instagram.com/biblioteket", goals="")
    for name, called in (
        ("decide", "Torget"),
        ("answer", "Fritidsgården"),
        ("wrong", "Skateparken"),
        ("withdraw", "Ungdomsrådet"),
    ):
        ACCOUNTS[name] = world.sent(name=called, platform="tiktok", address="")
    _changed(world)
    ACCOUNTS["setting_up"] = world.setting_up(name="Läsklubben", platform="threads", address="")
    ACCOUNTS["declined"] = world.sent(name="Arkivet", platform="blog", address="")
    world.answer(world.open_task(ACCOUNTS["declined"]), "bo", Outcome.DECLINE, "Vi har inte folk.")
    ACCOUNTS["closing"] = world.active(name="Kvarten", platform="youtube", address="youtube.com/@kvarten")
    world.ask_to_close(ACCOUNTS["closing"])
    ACCOUNTS["guest"] = world.active(name="Gästen", platform="linkedin", address="")
    _ask_for_guest(world, ACCOUNTS["guest"])
    world.ask_for_administrator(ACCOUNTS["active"])
    ACCOUNTS["red"] = world.sent(name="Förskolan", platform="x", address="")
    ACCOUNTS["handed"] = world.sent(name="Badet", platform="facebook", address="")
    ACCOUNTS["lapsed"] = world.setting_up(name="Parken", platform="snapchat", address="")
    _lapse(world, ACCOUNTS["lapsed"])
    _open_cases(world)
    _open_a_year_ago(world)
    _silence(world)
    _names_under_watch(world)
    ACCOUNTS["stuck"] = _stuck(world)
    _ask_what_the_year_asks(world)
    _who_is_there(world)
    _two_papers(world)
    _wants_a_sign_in(world)
    _somebody_else_has_it(world)
    _mail_came_back(world)


def _wants_a_sign_in(world: World) -> None:
    """An application under rules by which whoever decides signs in."""
    today = str(world.now.date())
    world.adopt(today, {"signing": "sign-in"})
    ACCOUNTS["signed"] = world.sent(name="Museet", platform="flickr", address="")
    world.adopt(today, {"signing": "link"})


def _names_under_watch(world: World) -> None:
    """An account with a look-alike and a former address that somebody else has."""
    address = "https://social.example.org/@sagan"
    ACCOUNTS["named"] = world.active(name="Sagan", platform="mastodon", address=address)
    with work(world.engine, world.now) as session:
        session.add(
            FormerAddress(
                municipality_id=world.municipality_id,
                account_id=ACCOUNTS["named"],
                address="https://social.example.org/@sagobiblan",
                address_key="social.example.org/@sagobiblan",
                until_on=world.now.date() - timedelta(days=30),
                platform_id="1",
            )
        )
    has = {
        address: "1",
        "https://social.example.org/@sagobiblan": "2",
        "https://social.example.org/@5agan": "3",
    }

    def find(platform: str, asked: str, now: datetime) -> Occupant | None:
        return Occupant(has[asked], f"@{asked.rpartition('@')[2]}") if asked in has else None

    assert go_round(world.engine, handles.looking(find), world.now).failures == []
    rows = select(UserTask).where(col(UserTask.step).in_(["namn", "liknar"]))
    with reading(world.engine) as session:
        TASKS.update({one.step: one.id or 0 for one in session.execute(rows).scalars()})


def _two_papers(world: World) -> None:
    """Decisions as papers, one of them with its number."""
    assert make_papers(world.engine, world.now + timedelta(hours=2)).failures == []
    disa = world.people["disa"]
    with work(world.engine, world.now) as session:
        number_paper(session, world.now, paper_id=1, person_id=disa, number="KS 2026/123", via="portal")


def _changed(world: World) -> None:
    """One plan that has come back changed, and one that waits for changes."""
    for name, called in (("changed", "Badstranden"), ("wanted", "Skolköket")):
        account_id = world.sent(name=called, platform="bluesky", address="")
        ACCOUNTS[name] = account_id
        world.answer(world.open_task(account_id), "bo", Outcome.ASK_FOR_CHANGES, "Hur gör ni i juli?")
    changed = {"name": "Badstranden", "platform": "bluesky", "address": "", "how_run": "I juli: Gustav."}
    world.write(ACCOUNTS["changed"], **changed)
    world.send(ACCOUNTS["changed"])


def _ask_for_guest(world: World, account_id: int) -> None:
    with work(world.engine, world.now) as session:
        caring.ask_for_guest(
            session,
            world.now,
            account_id=account_id,
            person_id=world.people["anna"],
            email=world.email("hanna"),
            since=world.now.date() + timedelta(days=7),
            until=world.now.date() + timedelta(days=12),
            via="portal",
        )
    world.look(account_id)


def _open_cases(world: World) -> None:
    """A case with pictures that is nearly done, one that is late, one to forward, and one to advise on."""
    ACCOUNTS["cased"] = world.active(name="Bokbussen", platform="flickr", address="flickr.com/bokbussen")
    drawn = io.BytesIO()
    Image.new("RGB", (320, 200), "#1d5c63").save(drawn, "PNG")
    picture = drawn.getvalue()
    copied = Evidence(b"Nils, 1 mars: Nu ska ni f\xc3\xa5 se.", is_text=True)
    opened = {
        "removing": ("forbidden", world.now, [Evidence(picture, "skärmbild.png"), copied]),
        "late": ("forbidden", world.now - timedelta(days=3), []),
        "forwarding": ("other_field", world.now, []),
        "advising": ("hard_question", world.now, []),
    }
    for name, (kind, noticed_at, evidence) in opened.items():
        report = cases.Report(kind, noticed_at, "https://example.org/inlagg", "En kommentar.", evidence)
        with work(world.engine, world.now) as session:
            CASES[name] = (
                cases.open_case(
                    session,
                    world.now,
                    account_id=ACCOUNTS["cased"],
                    person_id=world.people["gustav"],
                    report=report,
                    via="portal",
                ).id
                or 0
            )
    go_round(world.engine, cases.HOURS, world.now)
    _many_report(world)
    world.look(ACCOUNTS["cased"])


def _many_report(world: World) -> None:
    """As many as each become a case, and two more that join the last of them."""
    for number in range(CASES_AN_HOUR + 2):
        said = Said(
            "other", f"Jag undrar över bild {number}.", "https://example.org/bild", "nils@example.net"
        )
        with work(world.engine, world.now) as session:
            told = reporting.report_account(session, world.now, account_id=ACCOUNTS["cased"], said=said)
            CASES["joined"] = told.case_id or 0


def _open_a_year_ago(world: World) -> None:
    for name, called in (("evaluated", "Slottet"), ("to_change", "Konsthallen")):
        address = f"vimeo.com/{called.lower()}"
        ACCOUNTS[name] = world.active(name=called, platform="vimeo", address=address)
        with work(world.engine, world.now) as session:
            session.get_one(Account, ACCOUNTS[name]).opened_on = date(2025, 3, 2)


def _ask_what_the_year_asks(world: World) -> None:
    """An evaluation, a change it came to, a line and documents to confirm anew, a directive and new rules."""
    line = {**world.rules("setting_up")[0], "item": "again", "renewed_every_months": 6}
    documents = [one | {"edition": "2026-03-02"} for one in world.rules("documents")]
    world.adopt("2026-03-02", setting_up=[line], documents=documents)
    for one in (evaluating.EVALUATE, renewals.RENEW):
        go_round(world.engine, one, world.now)
    disa = world.people["disa"]
    with work(world.engine, world.now) as session:
        guideline_review.report_directive(
            session, world.now, person_id=disa, what="En ny lag om bilder på barn.", via="portal"
        )
        whole = content("tibro")
        by = By(disa, "cli")
        policies.propose(session, world.municipality_id, whole, Size.SMALL, by, world.now)
    _find_duties(world)
    _evaluate_with_change(world)
    _find_duties(world)


def _evaluate_with_change(world: World) -> None:
    results = dict.fromkeys(("goals", "key_figures", "follow_up"), "Bra.")
    questions = {one["question"]: ("yes", "") for one in world.rules("evaluation_questions")}
    with work(world.engine, world.now) as session:
        evaluating.evaluate(
            session,
            world.now,
            task_id=DUTIES["evaluate to_change"],
            person_id=world.people["anna"],
            outcome=Outcome.CHANGE,
            reason="Svara snabbare på frågor.",
            results=results,
            answers=questions,
            via="link",
        )
    world.look(ACCOUNTS["to_change"])


def _find_duties(world: World) -> None:
    """By kind and account, or kind and who holds it where no account is meant."""
    rows = select(UserTask).where(
        col(UserTask.process) == Process.DUTIES, col(UserTask.state) == TaskState.OPEN
    )
    names = {number: name for name, number in ACCOUNTS.items()}
    with reading(world.engine) as session:
        for task in session.execute(rows.order_by(col(UserTask.id))).scalars():
            about = f" {names[task.account_id]}" if task.account_id else ""
            DUTIES.setdefault(f"{task.kind.value}{about}", task.id or 0)


def _silence(world: World) -> None:
    """Everything that the clock asks of one account that is seldom posted in."""
    account_id = ACCOUNTS["silent"] = world.active(name="Simhallen", platform="flickr", address="")
    since_on = (world.now - timedelta(days=80)).date().isoformat()
    facts = {"cause": "posts", "since_on": since_on, "from_on": world.now.date().isoformat()}
    with work(world.engine, world.now) as session:
        law = law_in_force(session, world.municipality_id, world.now)
        account = session.get_one(Account, account_id)
        session.add_all(_looks(world, account_id))
        for kind, label, details in (
            (TaskKind.POST, "Inget inlägg sedan 12 december: publicera, eller skriv varför", {}),
            (TaskKind.TELL_POSTS, "Kanalvakt kan inte läsa kontot: berätta när ni senast publicerade", {}),
            (
                TaskKind.WARN,
                "Inget inlägg sedan 12 december: den 12 mars prövas om kontot ska vara kvar",
                facts,
            ),
            (TaskKind.REVIEW, "Inget inlägg sedan 12 december: bedöm om kontot ska vara kvar", facts),
            (TaskKind.LOOK_INTO, "Kanalvakt kommer inte längre åt Flickr: förnya nyckeln", {}),
            (TaskKind.WEED, "Gå igenom kontot och ta bort det som ska gallras", {}),
            (TaskKind.TAKE_SNAPSHOT, "Lämna in en bild av kontot", {}),
        ):
            task = open_duty(
                session,
                law,
                account,
                world.now,
                kind=kind,
                once_key=f"prov:{kind.value}",
                step="atkomst" if kind is TaskKind.LOOK_INTO else "prov",
                label=label,
                rule=law.policy.rules.inactivity,
                role=Role.ADMINISTRATOR,
                holders=[Holder(world.people["anna"])],
                details={"accounts": [account_id], "says": "Kontot visas inte för alla.", **details},
            )
            DUTIES[kind] = task.id or 0 if task else 0


def _looks(world: World, account_id: int) -> list[Observation | AccountSource]:
    """One that saw a post, one that failed, and what somebody told."""
    posted, failed, told = (world.now - timedelta(days=days) for days in (80, 40, 10))
    seen = {"account_id": account_id, "latest_at": posted}
    return [
        Observation(state=SightState.OK, checked_at=posted, count=1, source="feed", **seen),
        Observation(
            state=SightState.PRIVATE,
            checked_at=failed,
            source="feed",
            says="Visas inte.",
            account_id=account_id,
        ),
        Observation(
            state=SightState.EMPTY, checked_at=told, source="manual", by_id=world.people["anna"], **seen
        ),
        AccountSource(account_id=account_id, problem="private", problem_since_at=failed),
    ]


def _who_is_there(world: World) -> None:
    """Somebody will be away, somebody leaves, two accounts were taken over, somebody is missing."""
    on, hanna = world.now.date(), world.email("hanna")
    rows = (
        "namn;plattform;adress;enhet;ansvariga;administratörer",
        f"Läslust;flickr;flickr.com/laslust;library;{hanna};{hanna}",
        f"Bokprat;vimeo;vimeo.com/bokprat;library;{hanna};{hanna}",
    )
    table, by = read_table("konton.csv", "\n".join(rows).encode()), By(None, "cli")
    with work(world.engine, world.now) as session:
        municipality = session.get_one(Municipality, world.municipality_id)
        import_accounts(session, municipality, table, by, world.now)
        inventory.begin(session, municipality, on + timedelta(days=90), by, world.now)
        absences.enter(
            session,
            world.now,
            by_id=world.people["cilla"],
            from_on=on + timedelta(days=14),
            until_on=on + timedelta(days=21),
            substitute_email=world.email("bo"),
            via="portal",
        )
        TASKS["leaving"] = (
            leaving.ask(
                session,
                world.now,
                by_id=world.people["erik"],
                person_id=world.people["bo"],
                last_on=on + timedelta(days=30),
                all_to=world.email("gustav"),
                via="portal",
            ).id
            or 0
        )
        TASKS["missing"] = _missing(session, world)


def _missing(session: Session, world: World) -> int:
    task = open_duty(
        session,
        law_in_force(session, world.municipality_id, world.now),
        None,
        world.now,
        kind=TaskKind.LOOK_INTO,
        once_key="gone:1:never",
        step="saknas",
        label="Gustav Holm saknas i personallistan. Ta reda på om personen har slutat",
        rule=None,
        role=Role.COMMUNICATIONS,
        holders=[Holder(world.people["disa"])],
        details={"person": world.people["gustav"]},
    )
    return (task.id or 0) if task else 0


def _somebody_else_has_it(world: World) -> None:
    """A look has shown that an account's address leads to another's."""
    account_id = world.active(
        name="Lyssna", platform="mastodon", address="https://social.example.org/@lyssna"
    )
    with work(world.engine, world.now) as session:
        task = ask_about_identity(
            session,
            law_in_force(session, world.municipality_id, world.now),
            session.get_one(Account, account_id),
            IdentityChange.TAKEN_OVER,
            "Adressen leder till @lyssna2, som inte är kontot.",
            world.now.date(),
            world.now,
        )
        DUTIES["look_into taken over"] = (task.id or 0) if task else 0


def _mail_came_back(world: World) -> None:
    """A letter did not arrive, and somebody has said that they are away."""
    report = {"status": "5.1.1", "says": "550 5.1.1 User unknown in virtual mailbox table"}
    bounced = _returned(world, "anna", ReturnedAs.BOUNCED, email=world.email("anna"), **report)
    until_on = world.now.date() + timedelta(days=18)
    away = _returned(world, "bo", ReturnedAs.AWAY, until_on=until_on)
    with work(world.engine, world.now) as session:
        session.add_all([bounced, away])
    go_round(world.engine, returned_mail.FOLLOW, world.now)
    with reading(world.engine) as session:
        rows = select(UserTask).where(col(UserTask.step) == "retur")
        TASKS["returned"] = session.execute(rows).scalar_one().id or 0
        rows = select(ReturnedMail).where(col(ReturnedMail.kind) == ReturnedAs.AWAY)
        TASKS["away"] = session.execute(rows).scalar_one().id or 0


def _returned(world: World, who: str, kind: ReturnedAs, **more: Any) -> ReturnedMail:
    own = {"municipality_id": world.municipality_id, "person_id": world.people[who]}
    return ReturnedMail(once_key=kind.value, kind=kind, read_at=world.now, **own, **more)


def _stuck(world: World) -> int:
    """An application with a step that nobody may answer, under rules of its own."""
    first = {**world.rules("opening")[0], "step": "diary", "roles": ["registry"], "assigns": False}
    world.adopt("2026-03-01", {"last_resort": "registry"}, opening=[first])
    return world.sent(name="Musikskolan", platform="mastodon", address="")


def _lapse(world: World, account_id: int) -> None:
    """At once, since the others do not wait."""
    with work(world.engine, world.now) as session:
        account = session.get_one(Account, account_id)
        withdraw_open(session, account, world.now)
        change_state(session, account, AccountState.LAPSED, world.now)
