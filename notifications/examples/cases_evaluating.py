"""Letters of evaluations, of the guideline's review and of new rules."""

from datetime import date
from typing import Any

from models import AccountState, Evaluation, Outcome, PolicyVersion, Process, TaskKind, TaskState, UserTask
from notifications.examples.making_cases import case, order
from notifications.examples.world import World, at, known
from notifications.outbox import Order

FACTS = {
    "promises": [
        {"field": "goals", "label": "Vilka mål har ni?", "text": "Hundra fler besökare på läxhjälpen."},
        {"field": "follow_up", "label": "Hur följer ni upp?", "text": "Sara räknar varje månad."},
    ],
    "says": [
        "Inlägg: minst 84, det senaste 27 november 2026 (läst till och med 30 november 2026).",
        "Längsta uppehåll utan känt inlägg: 41 dagar.",
        "Bevakning: 198 av 231 tillfällen bekräftade, 33 missade, varav 20 med en förklaring.",
        "Ärenden: inga.",
        "Sparade bilder av kontot: 2.",
    ],
    "reasons": ["Inget i siffrorna talar för en ändring."],
}
ANSWERS = {
    "results": [
        {"label": "Vilka mål har ni?", "text": "Det blev 64 fler."},
        {"label": "Hur följer ni upp?", "text": "Som planerat."},
    ],
    "questions": [
        {"label": "Finns det tid avsatt för kontot?", "answer": "yes", "comment": ""},
        {
            "label": "Är inläggen lätta att söka fram?",
            "answer": "no",
            "comment": "Sökningen i kanalen är borta.",
        },
    ],
    "rests_until": None,
}


def evaluated(world: World, outcome: Outcome, reason: str = "", **answers: object) -> UserTask:
    world.state(AccountState.ACTIVE, opened_on=date(2025, 12, 1))
    task = world.answered(
        world.sara,
        outcome,
        reason,
        kind=TaskKind.EVALUATE,
        process=Process.DUTIES,
        step="utvardering",
        label="Utvärdera kontot",
        role="responsible",
    )
    world.session.add(
        Evaluation(
            account_id=world.account_id,
            task_id=task.id,
            from_on=date(2025, 12, 1),
            until_on=date(2026, 12, 1),
            facts=FACTS,
            recommends="continue",
            answers=ANSWERS | answers,
            outcome=outcome.value,
            answered_at=at(12, 1, 13),
        )
    )
    world.session.flush()
    return task


@case("evaluation_told")
def _(world: World) -> Order:
    return order(world, "evaluation_told", world.per, evaluated(world, Outcome.CONTINUE))


@case("evaluation_told-change")
def _(world: World) -> Order:
    task = evaluated(world, Outcome.CHANGE, "Vi ska svara snabbare på frågor.\nNils tar torsdagar.")
    return order(world, "evaluation_told", "kommunikation@example.org", task)


@case("evaluation_told-rest")
def _(world: World) -> Order:
    task = evaluated(world, Outcome.REST, "Sara är föräldraledig.", rests_until="2027-06-01")
    return order(world, "evaluation_told", world.olle, task)


@case("evaluation_told-close")
def _(world: World) -> Order:
    task = evaluated(world, Outcome.CLOSE, "Målgruppen finns inte kvar i kanalen.")
    return order(world, "evaluation_told", world.olle, task)


def municipal(world: World, kind: TaskKind, *holders: object, **values: Any) -> UserTask:
    """Something asked about the municipality as a whole."""
    task = world.task(kind, list(holders), process=Process.DUTIES, **values)  # type: ignore[arg-type]
    task.account_id = None
    world.session.add(task)
    world.session.flush()
    return task


@case("guideline_change_wanted")
def _(world: World) -> Order:
    task = municipal(
        world,
        TaskKind.REVIEW_GUIDELINE,
        world.olle,
        step="oversyn",
        label="Se över riktlinjen för sociala medier",
        role="communications",
        clause="exempelby:4-tva",
        state=TaskState.DONE,
        outcome=Outcome.CHANGE,
        answered_by_id=world.olle.id,
        answered_at=at(12, 1, 13),
        reason="Avsnittet om bilder på barn följer inte den nya lagen.",
    )
    return order(world, "guideline_change_wanted", world.per, task, False)


def proposal(world: World, **values: Any) -> UserTask:
    version = PolicyVersion(
        municipality_id=world.municipality_id,
        policy="exempelby",
        valid_from=date(2027, 1, 1),
        sha256="f" * 64,
        content={},
        loaded_at=at(12, 1, 13),
        in_force_from=date(2027, 1, 1) if values.get("outcome") is Outcome.APPROVE else None,
    )
    world.session.add(version)
    world.session.flush()
    return municipal(
        world,
        TaskKind.APPROVE_POLICY,
        world.per,
        world.olle,
        step="regler",
        label="Godkänn nya regler, att gälla från 1 januari 2027",
        role="communications",
        clause="exempelby:4-tva",
        details={"version": known(version.id), "size": "small", "proposed_by": world.sara.id},
        **values,
    )


@case("policy_proposed")
def _(world: World) -> Order:
    return order(world, "policy_proposed", world.olle, proposal(world), False)


@case("policy_decided")
def _(world: World) -> Order:
    answer = {"outcome": Outcome.APPROVE, "answered_by_id": world.olle.id, "answered_at": at(12, 1, 13)}
    task = proposal(world, state=TaskState.DONE, **answer)
    return order(world, "policy_decided", world.sara, task, False)


@case("policy_decided-declined")
def _(world: World) -> Order:
    answer = {"outcome": Outcome.DECLINE, "answered_by_id": world.olle.id, "answered_at": at(12, 1, 13)}
    task = proposal(world, state=TaskState.DONE, reason="Punkt 4 saknas.", **answer)
    return order(world, "policy_decided", "kommunikation@example.org", task, False)


@case("morning-informed")
def _(world: World) -> Order:
    world.state(AccountState.ACTIVE, opened_on=date(2025, 12, 1))
    task = world.task(
        TaskKind.INFORM,
        [world.sara],
        process=Process.DUTIES,
        step="utvardering",
        label="Ingen utvärderade i tid, och enligt kommunens inställning fortsätter kontot",
        clause="exempelby:4-tva",
        state=TaskState.DONE,
        outcome=Outcome.TOLD,
    )
    return order(world, "morning", world.sara, None, False, on="2026-12-01", informed=[task.id])
