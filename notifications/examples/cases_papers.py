"""Letters to the registry: a decision for the diary, and where the audit log ends."""

from models import AccountState, Outcome, Paper, PaperKind
from notifications.examples.making_cases import case, order
from notifications.examples.world import World, at
from notifications.outbox import Order


def decided(world: World, content: bytes = b"%PDF-1.7") -> Order:
    world.state(AccountState.SETTING_UP)
    task = world.answered(world.amina, Outcome.APPROVE, step="kommunikation", label="Godkännande")
    paper = Paper(
        municipality_id=world.municipality_id,
        account_id=world.account_id,
        task_id=task.id,
        kind=PaperKind.DECISION,
        once_key="event:34",
        title="Instagramkontot ”Biblioteket i Exempelby”: Ansökan godkänns. Kontot får öppnas.",
        file_name="2026-12-01 Instagramkontot Biblioteket i Exempelby, händelse 34.pdf",
        content=content,
        sha256="cd" * 32,
        made_at=at(12, 1, 10),
    )
    world.session.add(paper)
    world.session.flush()
    return order(world, "paper_for_diary", "registrator@example.org", task, papers=[paper.id])


@case("paper_for_diary")
def _(world: World) -> Order:
    return decided(world)


@case("paper_for_diary-too-large")
def _(world: World) -> Order:
    return decided(world, bytes(16_000_000))


@case("chain_digest")
def _(world: World) -> Order:
    told = {"events": 1234, "digest": "ab" * 32, "breaks": 0}
    return order(world, "chain_digest", "registrator@example.org", None, False, **told)


@case("chain_digest-broken")
def _(world: World) -> Order:
    told = {"events": 1234, "digest": "ab" * 32, "breaks": 2}
    return order(world, "chain_digest", "kommunikation@example.org", None, False, **told)
