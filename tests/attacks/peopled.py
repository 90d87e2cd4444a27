"""Who comes into the portal that is attacked, and what lies there to be found."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import Session

from acts import appearance, calendars
from acts.logotypes import picture_of
from acts.work import work
from models import (
    Account,
    Attachment,
    LinkKind,
    Person,
    PostHolder,
    Snapshot,
    SnapshotReason,
    SnapshotState,
)
from tests.attacks.addresses import UNKNOWN, for_anybody, for_guest, unseen_forms
from tests.attacks.inside import Guest, Inside
from tests.browser.peopled import ACCOUNTS, TASKS, people_the_world
from tests.web.visitor import Portal
from tests.web.world import World

FIGURES = "ett-ord-som-den-som-samlar-siffror-har"
PDF = b"%PDF-1.7 bilaga"
DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40"/></svg>'
WAITING = "gustav"
"""Has opened the letter's link to their own page, and not pressed its button."""
NOBODY = "ingen.alls@exempelby.example.org"
"""Works in the municipality, and has nothing to do with any account, task or unit."""
NEW = "ny.person@exempelby.example.org"


def letters(world: World) -> Mapping[tuple[str, LinkKind], str]:
    """A letter's link of every kind that opens pages, to several of those who get such letters."""
    [decided] = world.questions(ACCOUNTS["decide"])
    [consulted] = world.questions(ACCOUNTS["closing"])
    leaving = {"task_id": TASKS["leaving"]}
    return {
        ("ny", LinkKind.CONFIRM_ADDRESS): world.link(LinkKind.CONFIRM_ADDRESS, email=NEW),
        ("anna", LinkKind.CONFIRM_ADDRESS): world.link(LinkKind.CONFIRM_ADDRESS, "anna"),
        ("bo", LinkKind.DECIDE): world.task_link(decided.id or 0, "bo"),
        ("disa", LinkKind.CONSULT): world.task_link(consulted.id or 0, "disa"),
        ("anna", LinkKind.DIGEST): world.link(LinkKind.DIGEST, "anna", account_id=ACCOUNTS["setting_up"]),
        ("erik", LinkKind.CONFIRM_ACT): world.link(LinkKind.CONFIRM_ACT, "erik", **leaving),
        **{
            (name, LinkKind.DRAFT): world.link(LinkKind.DRAFT, "anna", account_id=ACCOUNTS[name])
            for name in ("draft", "written", "withdraw", "wanted")
        },
        **{
            (who, LinkKind.MORNING): world.link(LinkKind.MORNING, who)
            for who in ("anna", "disa", "erik", "hanna")
        },
        **{
            (who, LinkKind.MY_PAGE): world.link(LinkKind.MY_PAGE, who)
            for who in ("anna", "bo", "disa", "hanna", "cilla", WAITING)
        },
    }


def furnish(world: World) -> str:
    """Files, a snapshot, a logotype, somebody at the registry; and a calendar, whose token is given back."""
    people_the_world(world)
    with work(world.engine, world.now) as session:
        _attach(session, world)
        session.add(
            PostHolder(
                municipality_id=world.municipality_id, role="registry", person_id=world.people["hanna"]
            )
        )
        session.add(_snapshot(world))
        session.add(Person(municipality_id=world.municipality_id, name="Ingen Alls", email=NOBODY))
        disa = world.people["disa"]
        appearance.show_logotype(session, world.now, by_id=disa, picture=picture_of(DRAWN), via="portal")
        return calendars.subscribe(session, world.now, person_id=world.people["anna"], via="portal")


def _attach(session: Session, world: World) -> None:
    """To a draft, and to a plan that is being decided on: the file was there when it was sent."""
    for name in ("draft", "decide"):
        account = session.get_one(Account, ACCOUNTS[name])
        session.add(
            Attachment(
                account_id=ACCOUNTS[name],
                field="data_protection",
                file_name="Risker.pdf",
                media_type="application/pdf",
                size=len(PDF),
                sha256=hashlib.sha256(PDF).hexdigest(),
                content=PDF,
                added_at=account.state_since,
            )
        )


def _snapshot(world: World) -> Snapshot:
    return Snapshot(
        account_id=ACCOUNTS["active"],
        state=SnapshotState.UPLOADED,
        reason=SnapshotReason.PLANNED,
        due_on=world.now.date(),
        taken_at=world.now - timedelta(days=1),
        address="https://www.instagram.com/biblioteket",
        profile="pdf",
        content=PDF,
        sha256=hashlib.sha256(PDF).hexdigest(),
        original=PDF,
        original_type="application/pdf",
        original_sha256=hashlib.sha256(PDF).hexdigest(),
    )


def everybody_inside(world: World) -> Inside:
    """The portal with everything in it, and everybody within; nobody has looked round yet."""
    token = furnish(world)
    inside = Inside(world, Portal(world, prefect_url="http://127.0.0.1:4200", metrics_token=FIGURES))
    inside.calendar = f"/exempelby/kalender/{token}.ics"
    for (name, kind), path in letters(world).items():
        inside.come_in(name, kind, path, press=kind is LinkKind.MY_PAGE and name != WAITING)
    inside.receipt = _reported(inside)
    anybody = inside.portal.visitor().client
    anybody.headers["authorization"] = f"Bearer {FIGURES}"
    inside.guests.append(Guest("någon", None, anybody, "/exempelby"))
    return inside


def _reported(inside: Inside) -> str:
    """A visitor's receipt."""
    visitor = inside.portal.visitor()
    visitor.post("/exempelby/konton/rapportera", {"adress": UNKNOWN, "vad": "Är det ert?"})
    return visitor.path


def all_look_round(inside: Inside, at_most: int) -> None:
    """Everybody follows every link, so many pages of each kind."""
    for guest in inside.guests:
        also = for_guest(inside, guest) if guest.kind else for_anybody(inside)
        guest.look_round(at_most, also)
        more = unseen_forms(guest) if guest.kind else ()
        guest.forms |= {f"{one.action} unseen": one for one in more}
