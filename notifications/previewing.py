"""A letter with example values: the real one, written about an invented account in a database of its own."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.pool import StaticPool
from sqlmodel import Session, create_engine, select

from models import LetterWording, Logotype, Message, Municipality, metadata
from notifications.examples import CASES
from notifications.examples.world import NOW, World, build
from notifications.letters import Letter, Letterhead, compose
from notifications.outbox import queue_many
from notifications.wording import Words


def _in_three_days(session: Session, municipality_id: int, now: datetime) -> datetime:
    return now + timedelta(days=3)


def _at_once(session: Session, municipality_id: int, of_day: date | None, now: datetime) -> datetime:
    return now


def preview(
    municipality: Municipality,
    logotype: Logotype | None,
    notice: str,
    language: str,
    own: Words,
    portal_url: str,
) -> Letter:
    """The letter as it would be, with the municipality's look and the given words.

    The people, the account and the link are invented; nothing of it is kept.
    """
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    with Session(engine) as session:
        world = build(session)
        _dress(world, municipality, logotype)
        _speak(world, language)
        _say(world, notice, language, own)
        [message_id] = queue_many(session, [CASES[notice](world)], NOW)
        message = session.exec(select(Message).where(Message.id == message_id)).one()
        letter = compose(session, message, Letterhead(portal_url, _in_three_days, _at_once), NOW)
    engine.dispose()
    return letter


def _dress(world: World, municipality: Municipality, logotype: Logotype | None) -> None:
    for name in ("slug", "name", "shown_name", "colour", "logotype", "time_zone", "sender_address"):
        setattr(world.municipality, name, getattr(municipality, name))
    if logotype is not None:
        world.session.add(_copied(logotype, world.municipality_id))
    world.session.flush()


def _copied(logotype: Logotype, municipality_id: int) -> Logotype:
    return Logotype(
        municipality_id=municipality_id,
        sha256=logotype.sha256,
        media_type=logotype.media_type,
        content=logotype.content,
        width=logotype.width,
        height=logotype.height,
        uploaded_at=logotype.uploaded_at,
    )


def _speak(world: World, language: str) -> None:
    """Have everybody in it read the letter's language."""
    for person in (world.sara, world.per, world.karin, world.amina, world.olle, world.nils):
        person.language = language
    world.session.flush()


def _say(world: World, notice: str, language: str, own: Words) -> None:
    said = LetterWording(
        municipality_id=world.municipality_id,
        notice=notice,
        language=language,
        subject=own.subject,
        introduction=own.introduction,
        closing=own.closing,
        written_at=datetime(2026, 11, 1, tzinfo=UTC),
        written_by_id=world.sara.id or 0,
    )
    world.session.add(said)
    world.session.flush()
