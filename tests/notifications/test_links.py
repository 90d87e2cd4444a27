"""The link contract of REQUIREMENTS 4.1, a test for each row and each promise."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from models import Link, LinkKind, TaskKind
from notifications import links
from notifications.examples.world import NOW, THIRD_WORKING_DAY, World, build, known
from runtime.database import reading, writing

DAY = timedelta(days=1)
TASK_BOUND = [LinkKind.DECIDE, LinkKind.CONSULT, LinkKind.CONFIRM_ACT]
ADDRESS_BOUND = [LinkKind.CONFIRM_ADDRESS, LinkKind.MY_PAGE]
ACCOUNT_BOUND = [LinkKind.DIGEST, LinkKind.DRAFT]


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    with writing(engine) as session:
        yield build(session)


def mint(world: World, kind: LinkKind, now: datetime = NOW, **bound: Any) -> str:
    until = links.expires_at(kind, now, 21, digest_until=THIRD_WORKING_DAY)
    values = {"email": world.sara.email, "person_id": world.sara.id} | bound
    return links.mint(
        world.session, kind=kind, municipality_id=world.municipality_id, now=now, until=until, **values
    )


def task_of(world: World) -> int:
    return known(world.task(TaskKind.DECIDE, [world.per]).id)


def standing(world: World, token: str, now: datetime = NOW) -> str:
    return links.find(world.session, token, now).standing


def found(world: World, token: str) -> Link:
    link = links.find(world.session, token, NOW).link
    assert link is not None
    return link


def test_a_token_has_256_bits_and_only_its_hash_is_kept(world: World) -> None:
    token = mint(world, LinkKind.MY_PAGE)
    assert len(token) == 43
    link = found(world, token)
    assert link.token_sha256 == sha256(token.encode()).hexdigest()
    assert token not in str(link.model_dump())


def test_two_links_about_one_thing_have_different_tokens(world: World) -> None:
    task_id = task_of(world)
    tokens = {mint(world, LinkKind.DECIDE, task_id=task_id) for _ in range(5)}
    assert len(tokens) == 5


@pytest.mark.parametrize("kind", TASK_BOUND)
def test_a_link_to_a_task_lives_as_many_days_as_the_municipality_says(kind: LinkKind) -> None:
    assert links.expires_at(kind, NOW, 21) == NOW + 21 * DAY
    assert links.expires_at(kind, NOW, 14) == NOW + 14 * DAY


def test_a_digests_link_lives_until_the_working_day_it_is_given() -> None:
    assert links.expires_at(LinkKind.DIGEST, NOW, 21, digest_until=THIRD_WORKING_DAY) == THIRD_WORKING_DAY
    with pytest.raises(ValueError, match="working day"):
        links.expires_at(LinkKind.DIGEST, NOW, 21)


def test_a_drafts_link_lives_60_days() -> None:
    assert links.expires_at(LinkKind.DRAFT, NOW, 21) == NOW + 60 * DAY
    assert links.expires_at(LinkKind.DRAFT, NOW, 21, draft_days=30) == NOW + 30 * DAY


@pytest.mark.parametrize("kind", ADDRESS_BOUND)
def test_a_link_to_an_address_lives_30_minutes(kind: LinkKind) -> None:
    assert links.expires_at(kind, NOW, 21) == NOW + timedelta(minutes=30)


@pytest.mark.parametrize("kind", LinkKind)
def test_a_link_is_live_until_its_last_moment_and_then_expired(world: World, kind: LinkKind) -> None:
    token = mint(world, kind)
    end = found(world, token).expires_at
    assert standing(world, token, end - timedelta(seconds=1)) == "live"
    assert standing(world, token, end) == "expired"
    assert standing(world, token, end + 365 * DAY) == "expired"


def test_an_unknown_token_says_nothing(world: World) -> None:
    assert links.find(world.session, "x" * 43, NOW) == links.FoundLink(None, "unknown")
    assert links.find(world.session, "", NOW) == links.FoundLink(None, "unknown")


@pytest.mark.parametrize("kind", LinkKind)
def test_a_dead_link_tells_the_truth_for_30_days(world: World, kind: LinkKind) -> None:
    token = mint(world, kind)
    links.kill(world.session, now=NOW, why="withdrawn", person_id=world.sara.id)
    link = found(world, token)
    assert (link.dead_at, link.dead_why) == (NOW, "withdrawn")
    assert standing(world, token, NOW + 30 * DAY - timedelta(seconds=1)) == "dead"
    assert links.find(world.session, token, NOW + 30 * DAY) == links.FoundLink(None, "unknown")


def test_opening_a_link_changes_nothing_any_number_of_times(engine: Engine) -> None:
    with writing(engine) as session:
        world = build(session)
        tokens = [mint(world, kind) for kind in LinkKind]
    before = dump(engine)
    for _ in range(5):
        with reading(engine) as session:
            for token in tokens:
                links.find(session, token, NOW + DAY)
    assert dump(engine) == before


def dump(engine: Engine) -> list[Any]:
    with reading(engine) as session:
        return [link.model_dump() for link in session.execute(select(Link).order_by(col(Link.id))).scalars()]


@pytest.mark.parametrize("kind", [*TASK_BOUND, *ADDRESS_BOUND])
def test_a_link_with_one_answer_is_used_once(world: World, kind: LinkKind) -> None:
    token = mint(world, kind)
    assert links.mark_used(world.session, found(world, token), NOW)
    assert standing(world, token) == "dead"
    assert found(world, token).dead_why == "answered"
    assert not links.mark_used(world.session, found(world, token), NOW)


@pytest.mark.parametrize("kind", ACCOUNT_BOUND)
def test_a_link_with_several_answers_stays_live(world: World, kind: LinkKind) -> None:
    token = mint(world, kind, account_id=world.account_id)
    assert links.mark_used(world.session, found(world, token), NOW)
    assert links.mark_used(world.session, found(world, token), NOW + DAY)
    assert standing(world, token) == "live"


@pytest.mark.parametrize("kind", LinkKind)
def test_an_expired_link_cannot_be_used(world: World, kind: LinkKind) -> None:
    token = mint(world, kind)
    link = found(world, token)
    assert not links.mark_used(world.session, link, link.expires_at)


def test_all_links_about_a_task_die_together(world: World) -> None:
    mine, other = task_of(world), task_of(world)
    dying = [mint(world, kind, task_id=mine) for kind in TASK_BOUND]
    living = mint(world, LinkKind.DECIDE, task_id=other)
    assert links.kill(world.session, now=NOW, why="answered", task_id=mine) == len(dying)
    assert {standing(world, token) for token in dying} == {"dead"}
    assert standing(world, living) == "live"


def test_a_dead_link_keeps_its_first_reason(world: World) -> None:
    task_id = task_of(world)
    token = mint(world, LinkKind.DECIDE, task_id=task_id)
    links.kill(world.session, now=NOW, why="handed_over", task_id=task_id)
    assert links.kill(world.session, now=NOW + DAY, why="withdrawn", task_id=task_id) == 0
    assert found(world, token).dead_why == "handed_over"


def test_a_kill_spares_what_it_is_told_to_spare(world: World) -> None:
    task_id, account_id = task_of(world), world.account_id
    decide = mint(world, LinkKind.DECIDE, task_id=task_id, account_id=account_id, message_id="a" * 32)
    draft = mint(world, LinkKind.DRAFT, account_id=account_id, message_id="b" * 32)
    older = mint(world, LinkKind.DIGEST, account_id=account_id)
    newer = mint(world, LinkKind.DIGEST, account_id=account_id, message_id="c" * 32)
    links.kill(
        world.session,
        now=NOW,
        why="replaced",
        account_id=account_id,
        kind=LinkKind.DIGEST,
        except_message_id="c" * 32,
    )
    assert [standing(world, token) for token in (decide, draft, older, newer)] == [
        "live",
        "live",
        "dead",
        "live",
    ]
    kept = found(world, draft)
    links.kill(world.session, now=NOW, why="withdrawn", account_id=account_id, except_link_id=kept.id)
    assert [standing(world, token) for token in (decide, draft, newer)] == ["dead", "live", "dead"]


def test_a_kill_of_everything_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="whose"):
        links.kill(world.session, now=NOW, why="withdrawn", kind=LinkKind.DECIDE)


def test_a_change_gives_a_draft_its_whole_time_again(world: World) -> None:
    token = mint(world, LinkKind.DRAFT, account_id=world.account_id)
    decide = mint(world, LinkKind.DECIDE, account_id=world.account_id)
    links.extend_drafts(world.session, world.account_id, NOW + 59 * DAY)
    assert found(world, token).expires_at == NOW + 119 * DAY
    assert found(world, decide).expires_at == NOW + 21 * DAY


def test_a_change_revives_no_link_that_was_expired_or_dead(world: World) -> None:
    expired = mint(world, LinkKind.DRAFT, account_id=world.account_id)
    links.extend_drafts(world.session, world.account_id, NOW + 60 * DAY)
    assert standing(world, expired, NOW + 60 * DAY) == "expired"
    dead = mint(world, LinkKind.DRAFT, now=NOW + 60 * DAY, account_id=world.account_id)
    links.kill(world.session, now=NOW, why="withdrawn", account_id=world.account_id)
    links.extend_drafts(world.session, world.account_id, NOW + 61 * DAY)
    assert standing(world, dead) == "dead"


def test_of_two_answers_at_once_one_link_counts(engine: Engine) -> None:
    """The second reads the link before the first has marked it."""
    with writing(engine) as session:
        token = mint(build(session), LinkKind.DECIDE)
    with reading(engine) as session:
        seen = links.find(session, token, NOW).link
    assert seen is not None
    used = []
    for _ in range(2):
        with writing(engine) as session:
            used.append(links.mark_used(session, seen, NOW))
    assert used == [True, False]
    with reading(engine) as session:
        assert count(session) == 1


def count(session: Session) -> int:
    rows: int = session.execute(select(func.count()).select_from(Link)).scalar_one()
    return rows
