"""The demonstration's invented municipality: read from its files, by the same acts that people use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts import answering, applying
from acts.importing import import_accounts, import_organisation
from acts.looking import look
from acts.policies import adopt
from acts.spreadsheets import read_table
from acts.work import work
from lifecycle.events import By
from lifecycle.law import law_of
from lifecycle.plans import facts_now, fields_for
from models import (
    IS_OPEN,
    Account,
    Municipality,
    Outcome,
    Person,
    TaskHolder,
    TaskKind,
    Unit,
    UserTask,
)
from policies.loading import HERE as POLICIES
from policies.loading import Content, content_of, load_policy
from policies.rules import FieldKind, PlanField
from runtime.database import reading

FOLDER = Path(__file__).parent / "exempelby"
DOMAIN = "exempelby.example.org"
SEED = By(None, "import")


class Application(BaseModel):
    """An application under way when the demonstration begins."""

    model_config = ConfigDict(extra="forbid")

    applicant: str
    unit: str
    platform: str
    name: str
    address: str
    purpose: str
    target_group: str
    answers: dict[str, str]
    """By plan field, for the fields that some policy has."""
    people: list[str]
    approvals: int
    """How many decisions and consultations have been answered."""


def seed(engine: Engine, policy: str, now: datetime, rules: Path = POLICIES) -> None:
    """Enter the municipality with its people, accounts and applications; nothing when it is there already."""
    with reading(engine) as session:
        if session.execute(select(Municipality)).first() is not None:
            return
    with work(engine, now) as session:
        _enter(session, content_of(load_policy(policy, rules), rules), now)
    for application in applications():
        _apply(engine, application, now)


def applications() -> list[Application]:
    """The applications of the demonstration."""
    rows = yaml.safe_load((FOLDER / "applications.yaml").read_text("utf-8"))
    return [Application.model_validate(row) for row in rows]


def _enter(session: Session, content: Content, now: datetime) -> None:
    municipality = Municipality(
        slug="exempelby",
        name="Exempelby kommun",
        mail_domains=[DOMAIN],
        sender_address=f"kanalvakt@{DOMAIN}",
        registry_address=f"registrator@{DOMAIN}",
        notice_address=f"kommunikation@{DOMAIN}",
    )
    session.add(municipality)
    session.flush()
    assert municipality.id is not None
    adopt(session, municipality.id, content, SEED, now)
    units, people, accounts = (
        read_table(f"{name}.csv", (FOLDER / f"{name}.csv").read_bytes())
        for name in ("units", "people", "accounts")
    )
    import_organisation(session, municipality, units, people, by=SEED, now=now)
    import_accounts(session, municipality, accounts, by=SEED, now=now)


def _apply(engine: Engine, application: Application, now: datetime) -> None:
    with work(engine, now) as session:
        municipality = session.execute(select(Municipality)).scalars().one()
        account = applying.begin_draft(session, municipality, f"{application.applicant}@{DOMAIN}", "", now)
        account_id, applicant_id = account.id or 0, account.applicant_id or 0
    look(engine, account_id, now)
    with work(engine, now) as session:
        account = session.get_one(Account, account_id)
        applying.save_draft(session, account, _always_asked(session, application), now)
        law = law_of(session, account)
        fields = fields_for(law, facts_now(session, account), law.day_of(now))
        applying.save_draft(session, account, plan_answers(fields, application), now)
        applying.send_plan(session, account, applicant_id, now)
    look(engine, account_id, now)
    for _ in range(application.approvals):
        if not _answer_next(engine, account_id, now):
            break


def _always_asked(session: Session, application: Application) -> Mapping[str, str]:
    unit = session.execute(select(Unit).where(col(Unit.code) == application.unit)).scalars().one()
    return {
        "platform": application.platform,
        "name": application.name,
        "unit": str(unit.id),
        "account_class": "unit",
        "address": application.address,
    }


def plan_answers(fields: Sequence[PlanField], application: Application) -> dict[str, Any]:
    """Something sensible in every field that the policy asks for."""
    known = {"purpose": application.purpose, "target_group": application.target_group, **application.answers}
    return {field.field: known.get(field.field) or _answer_to(field, application) for field in fields}


def _answer_to(field: PlanField, application: Application) -> Any:
    people = [f"{one}@{DOMAIN}" for one in application.people]
    match field.kind:
        case FieldKind.PERSONS:
            return people[2:] if field.field == "substitute" else people[:2]
        case FieldKind.CHOICE:
            return (field.choices or [])[0].choice
        case FieldKind.YES:
            return "ja"
        case FieldKind.DATE:
            return "2027-01-15"
        case _:
            return (
                application.address if field.field == "address" else "Det har vi kommit överens om i enheten."
            )


def _answer_next(engine: Engine, account_id: int, now: datetime) -> bool:
    with reading(engine) as session:
        asked = open_question(session, account_id)
    if asked is None:
        return False
    task, person = asked
    outcome = Outcome.APPROVE if task.kind is TaskKind.DECIDE else Outcome.ANSWERED
    with work(engine, now) as session:
        answering.answer(
            session,
            now,
            task_id=task.id or 0,
            person_id=person.id or 0,
            outcome=outcome,
            reason="" if outcome is Outcome.APPROVE else "Kanalen passar målgruppen.",
            via="portal",
        )
    look(engine, account_id, now)
    return True


def open_question(session: Session, account_id: int) -> tuple[UserTask, Person] | None:
    """The open decision or consultation of an account, and somebody who may answer it."""
    rows = (
        select(UserTask, Person)
        .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
        .join(Person, col(Person.id) == col(TaskHolder.person_id))
        .where(
            col(UserTask.account_id) == account_id,
            IS_OPEN,
            col(UserTask.kind).in_([TaskKind.DECIDE, TaskKind.CONSULT]),
        )
        .order_by(col(UserTask.id), col(TaskHolder.id))
    )
    found = session.execute(rows).first()
    return (found[0], found[1]) if found else None


def first_click(engine: Engine) -> str:
    """What a newcomer should do first: the letter that the newest open question is waiting in."""
    with reading(engine) as session:
        ids = select(col(Account.id)).order_by(col(Account.id).desc())
        for account_id in session.execute(ids).scalars():
            asked = open_question(session, account_id)
            if asked is not None:
                return f"öppna brevet till {asked[1].name}, följ länken och välj ett svar."
    return "läs breven i den."
