"""What must hold of every link that has died: it answers nothing, and tells the truth for thirty days."""

import re
from collections import Counter
from collections.abc import Sequence

from models import Link, LinkKind
from runtime.database import reading
from tests.attacks.doors import DOORS
from tests.attacks.dying import Dead, Killing, drafts, expiring, killed
from tests.attacks.within import SECTION
from tests.figures import prove
from tests.web.visitor import Visitor, everything_in, plain
from tests.web.world import World

ANSWER = {
    "outcome": "approve",
    "plan_version": "1",
    "reason": "Ett svar.",
    "act": "send",
    "to": "cilla.dahl@exempelby.example.org",
}
KINDS = 24
"""Kinds of link times ways to die, as `dying` has them."""


def no_dead_link_is_accepted(world: World, count: int) -> None:
    """At once, when they have expired, and when the truth is no longer told."""
    town = Killing(world, -(-count // KINDS))
    dead, late, written = list(killed(town)), expiring(town), drafts(town)
    world.wait(hours=1, minutes=1)  # The hour in which one's own answer may be taken back is over.
    told = Counter(tells_and_takes_nothing(town, dead))
    world.wait(days=22)
    told.update(tells_and_takes_nothing(town, late))
    world.wait(days=7, hours=22)
    told.update(tells_and_takes_nothing(town, dead[:: town.each]))
    world.wait(hours=1)
    forgotten = sum(_says_nothing(town, one) for one in dead)
    world.wait(days=32)
    told.update(tells_and_takes_nothing(town, written))
    everybody = len(dead) + len(late) + len(written)
    prove(
        SECTION,
        f"dead links accepted, of {everybody:,} of every kind, each tried at all its forms",
        told["accepted"],
        0,
    )
    prove(SECTION, "dead links that did not tell who decided what and when", told["untrue"], 0)
    prove(SECTION, "dead links that still said something after 30 days", len(dead) - forgotten, 0)
    assert everybody >= count and told["accepted"] == told["untrue"] == 0 and forgotten == len(dead), told


def tells_and_takes_nothing(town: Killing, dead: Sequence[Dead]) -> list[str]:
    """Open each, and post everything that a live one takes; "accepted" for each batch that changed a row."""
    before = everything_in(town.world.engine)
    faults = []
    for one in dead:
        visitor = town.portal.visitor()
        page = visitor.open(one.path)
        says = plain(page)
        if page.status_code != one.status or not all(word in says for word in one.tells):
            print(one, page.status_code, says[:700])
            faults.append("untrue")
        if one.kind is not LinkKind.CALENDAR:
            post_everything(town, one, visitor)
    changed = everything_in(town.world.engine) != before
    return faults + ["accepted"] * changed


def post_everything(town: Killing, one: Dead, visitor: Visitor) -> None:
    """All the forms of the link's kind, with its cookie and its own form token."""
    number = int(visitor.path.split("/")[3])
    with reading(town.world.engine) as session:
        token = town.portal.desk.signer.form_token(session.get_one(Link, number))
    for door in DOORS:
        expired = one.why == "expired" and door.path.endswith("/ny-lank")
        if door.method == "GET" or one.kind not in door.kinds or expired:
            continue
        path = door.path.replace("{slug}/{area}/{link_id}", visitor.path.strip("/"))
        path = path.replace("{slug}", "exempelby").replace("{link_id}", str(number))
        path = re.sub(r"\{\w+\}", "ja" if one.kind is LinkKind.CONFIRM_ACT else "1", path)
        visitor.client.post(path, data={**ANSWER, "form_token": token})


def _says_nothing(town: Killing, one: Dead) -> bool:
    """The page is the one that an unknown link gets, whether by the letter or by a cookie kept since."""
    unknown = "/l/okand" if one.kind is not LinkKind.CALENDAR else "/exempelby/kalender/okand.ics"
    usual, answer = town.portal.visitor().client.get(unknown), town.portal.visitor().client.get(one.path)
    return (answer.status_code, answer.content) == (usual.status_code, usual.content)
