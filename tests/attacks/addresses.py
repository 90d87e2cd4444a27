"""Addresses that no page leads to as long as nothing is pressed, but that somebody may try all the same."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import Attachment, CaseEvidence, LinkKind, Snapshot, TaskKind
from runtime.database import reading
from tests.attacks.inside import Found, Guest, Inside
from tests.browser.peopled import ACCOUNTS, CASES, DUTIES, TASKS
from tests.web.world import World

UNKNOWN = "https://www.facebook.com/okant"


def for_anybody(inside: Inside) -> list[str]:
    """Public pages, tokens, a visitor's receipt and somebody's calendar."""
    fixed = (
        "/health",
        "/metrics",
        "/tavlan",
        "/mina-uppgifter",
        "/ansok",
        "/exempelby/oppna/konton",
        "/l/okand",
    )
    own = ("ansok/skickat", "mina-uppgifter/skickat", f"konton/rapportera?adress={UNKNOWN}")
    return [*fixed, *(f"/exempelby/{one}" for one in own), inside.calendar, inside.receipt]


def for_guest(inside: Inside, guest: Guest) -> list[str]:
    """What one with that link may fetch, and pages that the others' many might keep from being looked at."""
    return [f"{guest.base}/{one}" for one in _below(inside.world).get((guest.name, guest.kind), ())] + [
        f"{guest.base}/ny-lank-skickad"
    ]


def _below(world: World) -> Mapping[tuple[str, LinkKind | None], Sequence[str]]:
    draft, decided = ACCOUNTS["draft"], world.questions(ACCOUNTS["decide"])[0].id
    mine, theirs = (_id_of(world, Attachment, account_id=ACCOUNTS[one]) for one in ("draft", "decide"))
    picture = f"konto/{ACCOUNTS['active']}/bild/{_id_of(world, Snapshot, account_id=ACCOUNTS['active'])}"
    case = f"arende/{CASES['removing']}"
    saved = f"{case}/bevis/{_id_of(world, CaseEvidence, case_id=CASES['removing'])}"
    return {
        ("draft", LinkKind.DRAFT): ("granska", f"bilaga/{mine}"),
        ("bo", LinkKind.DECIDE): (f"bilaga/{theirs}",),
        ("bo", LinkKind.MY_PAGE): (
            f"fraga/{decided}",
            f"fraga/{decided}/bilaga/{theirs}",
            f"franvaro/forslag/{TASKS['away']}",
        ),
        ("disa", LinkKind.MY_PAGE): (f"skicka-igen/{ACCOUNTS['red']}/{world.people['bo']}",),
        ("anna", LinkKind.MORNING): (f"lista/{ACCOUNTS['setting_up']}", case, saved),
        ("anna", LinkKind.MY_PAGE): (
            *(f"ansokan/{draft}/{one}" for one in ("granska", f"bilaga/{mine}", "plan", "aterta")),
            *(
                picture,
                f"{picture}/original",
                f"idag/{case}",
                f"idag/{saved}",
                f"ansokan/{ACCOUNTS['wrong']}",
            ),
        ),
    }


def _id_of(world: World, kind: Any, **of: int) -> int:
    with reading(world.engine) as session:
        found: int = session.execute(select(col(kind.id)).filter_by(**of)).scalars().first() or 0
        return found


def unseen_forms(guest: Guest) -> list[Found]:
    """What no page offers now: what is over, not yet, or only offered when something has been done."""
    day = {
        "bevakning": {"konto": ["2"]},
        f"missad/{DUTIES[TaskKind.POST]}": {"varfor": ["Ett svar."]},
        "handelse": {"konto": ["2"], "slag": ["forbidden"], "vad": ["Ett svar."]},
    }
    below: Mapping[tuple[str, LinkKind | None], Mapping[str, Mapping[str, Sequence[str]]]] = {
        ("bo", LinkKind.DECIDE): {"angra": {}},
        ("bo", LinkKind.MY_PAGE): {"fraga/1/angra": {}},
        ("anna", LinkKind.MORNING): day,
        ("anna", LinkKind.MY_PAGE): {f"idag/{one}": values for one, values in day.items()},
        ("disa", LinkKind.MY_PAGE): {"brev/decision_asked/version/0": {"text": ["sv"]}},
    }
    mine = {"ny-lank": {}, **below.get((guest.name, guest.kind), {})}
    return [Found(f"{guest.base}/{one}", values) for one, values in mine.items()]
