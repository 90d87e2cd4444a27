"""The register and what visitors report, on both databases."""

from datetime import timedelta

from sqlalchemy import Engine, select

from acts import reporting
from acts.work import work
from lifecycle.erasing import erase
from lifecycle.law import law_in_force
from lifecycle.register import read_entries
from lifecycle.reporting import Said
from models import Message, VisitorReport
from notifications.examples.world import at_any_time
from notifications.letters import Letterhead, compose
from runtime.database import reading
from tests.web.world import World
from web.kept_registers import KeptRegisters

WORDS = "Någon hotar någon i kommentarerna."
ADDRESS = "https://www.instagram.com/biblioteket"


def test_a_report_is_told_of_and_kept_while_it_waits(engine: Engine) -> None:
    """Nobody of ours opened the case: its letters do without a name, and do not tell the contact."""
    world = World(engine)
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    with work(engine, world.now) as session:
        said = Said("forbidden", WORDS, contact="nils@example.net")
        reporting.report_account(session, world.now, account_id=account_id, said=said)
        about = Said("unknown", WORDS, "facebook.com/x", "nils@example.net")
        of = world.municipality_id
        reporting.report_unknown(session, world.now, municipality_id=of, said=about)
    head = Letterhead("https://kanalvakt.example.org", lambda session, owner, now: now, at_any_time)
    with work(engine, world.now) as session:
        letters = session.execute(select(Message).where(Message.notice == "case_asked")).scalars().all()
        written = [str(compose(session, one, head, world.now)) for one in letters]
    assert written and "nils@example.net" not in "".join(written)
    world.wait(days=900)
    with work(engine, world.now) as session:
        law = law_in_force(session, world.municipality_id, world.now)
        erase(session, law, law.day_of(world.now), world.now)
    with reading(engine) as session:
        kept = session.execute(select(VisitorReport)).scalars().all()
    assert [one.contact for one in kept] == ["nils@example.net"] * 2  # Both still wait for somebody.


def test_what_is_kept_follows_the_database(engine: Engine) -> None:
    """Also when another process has written, and in each municipality for itself."""
    world, other = World(engine), World(engine, slug="annanby")
    kept = KeptRegisters()
    assert _names(world, kept) == _names(other, kept) == []
    account_id = world.active(name="Biblioteket", address=ADDRESS)
    other.active(name="Badet", address="https://www.instagram.com/badet")
    assert (_names(world, kept), _names(other, kept)) == (["Biblioteket"], ["Badet"])
    with reading(engine) as session:
        law = law_in_force(session, world.municipality_id, world.now)
        [entry] = read_entries(session, law, world.now.date(), [account_id])
    assert entry.facts() == {
        "name": "Biblioteket",
        "platform": "Instagram",
        "address": ADDRESS,
        "unit": "Biblioteket",
        "role": "bibliotekarie",
        "purpose": entry.purpose,
        "target_group": "Unga mellan 13 och 19 år",
        "since": world.now.date().isoformat(),
    }
    world.now += timedelta(days=1)
    assert _names(world, kept) == ["Biblioteket"]


def _names(world: World, kept: KeptRegisters) -> list[str]:
    with (
        reading(world.engine) as session,
        kept.open(session, world.municipality_id, world.now) as register,
    ):
        return [entry.name for entry in register.listed]
