"""An invented municipality: its people, an account, and the moments at which letters are written about it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session

from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Municipality,
    Outcome,
    Person,
    Plan,
    PolicyVersion,
    PostHolder,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    Unit,
    UnitLevel,
    UserTask,
)
from notifications.letters import Letterhead

NOW = datetime(2026, 12, 1, 13, 5, tzinfo=UTC)
"""Tuesday 1 December 2026, 14.05 in Stockholm."""
THIRD_WORKING_DAY = datetime(2026, 12, 4, 16, 0, tzinfo=UTC)


def at_any_time(session: Session, municipality_id: int, of_day: date | None, now: datetime) -> datetime:
    """Working hours for tests that are not about them."""
    return now


LETTERHEAD = Letterhead(
    "https://kanalvakt.example.org", lambda session, municipality_id, now: THIRD_WORKING_DAY, at_any_time
)

CLAUSES = {
    "exempelby:3-chefen": ("avsnitt 3", "Chefen prövar om verksamheten ska ha kontot"),
    "exempelby:3-kommunikation": ("avsnitt 3", "Kommunikationsenheten godkänner nya konton"),
    "exempelby:4-inloggning": ("avsnitt 4", "Inloggningen förvaras hos kommunikationsenheten"),
    "exempelby:4-tva": ("avsnitt 4", "Minst två kan sköta kontot"),
    "exempelby:7-avslut": ("avsnitt 7", "Kommunikationsenheten rådfrågas innan ett konto avslutas"),
}
CONTENT: dict[str, Any] = {
    "policy": {
        "policy": "exempelby",
        "name": "Exempelby",
        "guidelines": ["exempelby"],
        "valid_from": "2026-01-01",
        "rules": {
            "opening": [
                {
                    "step": "chefen",
                    "label": "Chefens beslut",
                    "act": "decide",
                    "roles": ["line_manager"],
                    "assigns": True,
                    "clauses": ["exempelby:3-chefen"],
                },
                {
                    "step": "kommunikation",
                    "label": "Kommunikationsenhetens godkännande",
                    "act": "decide",
                    "roles": ["communications"],
                    "clauses": ["exempelby:3-kommunikation"],
                },
            ]
        },
    },
    "clauses": {
        ref: {"cite": cite, "title": title, "publisher": "Exempelby kommun"}
        for ref, (cite, title) in CLAUSES.items()
    },
    "guidelines": {},
}
PURPOSE = (
    "Visa vad biblioteket erbjuder barn och unga, svara på frågor om öppettider och program "
    "och locka fler till läsecirklarna."
)


ANSWERS = {
    "responsible": ["sara@example.org"],
    "administrators": ["sara@example.org", "nils@example.org"],
    "substitute": ["vikarie@example.org"],
}


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """An instant in the autumn or winter of 2026, in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@dataclass
class World:
    """The invented municipality in one session."""

    session: Session
    municipality: Municipality
    library: Unit
    culture: Unit
    sara: Person
    per: Person
    karin: Person
    amina: Person
    olle: Person
    nils: Person
    account: Account

    @property
    def municipality_id(self) -> int:
        return known(self.municipality.id)

    @property
    def account_id(self) -> int:
        return known(self.account.id)

    def state(self, state: AccountState, **values: Any) -> None:
        """Set where the account stands."""
        for name, value in ({"state": state} | values).items():
            setattr(self.account, name, value)
        self.session.add(self.account)
        self.session.flush()

    def task(
        self,
        kind: TaskKind,
        holders: list[Person],
        *,
        process: Process = Process.OPENING,
        step: str = "chefen",
        label: str = "Chefens beslut",
        clause: str | None = "exempelby:3-chefen",
        why: list[dict[str, Any]] | None = None,
        **values: Any,
    ) -> UserTask:
        """A task of the account, held by some people."""
        role = values.pop("role", "line_manager")
        opened = values.pop("opened_at", at(11, 26))
        task = UserTask(
            municipality_id=self.municipality_id,
            account_id=self.account_id,
            process=process,
            kind=kind,
            step=step,
            role=role,
            label=label,
            clauses=cited(clause) if clause else [],
            plan_version=self.account.plan_version,
            opened_at=opened,
            **values,
        )
        self.session.add(task)
        self.session.flush()
        for person in holders:
            row = TaskHolder(task_id=known(task.id), person_id=known(person.id), why=why or [])
            self.session.add(row)
        self.session.flush()
        return task

    def answered(
        self, by: Person, outcome: Outcome, reason: str = "", when: datetime | None = None, **values: Any
    ) -> UserTask:
        """A decision that was given, or something else that was answered."""
        return self.task(
            values.pop("kind", TaskKind.DECIDE),
            [by],
            state=TaskState.DONE,
            outcome=outcome,
            reason=reason,
            answered_by_id=by.id,
            answered_at=when or at(11, 27, 9, 12),
            **values,
        )

    def role(self, person: Person, kind: AccountRoleKind, **values: Any) -> AccountRole:
        """A role in the account."""
        role = AccountRole(
            account_id=self.account_id,
            person_id=known(person.id),
            kind=kind,
            asked_at=at(11, 25),
            **values,
        )
        self.session.add(role)
        self.session.flush()
        return role


def cited(ref: str) -> list[dict[str, str]]:
    cite, title = CLAUSES[ref]
    return [{"ref": ref, "cite": cite, "title": title}]


def known(row_id: int | None) -> int:
    """The id of a row that has been flushed."""
    assert row_id is not None
    return row_id


def build(session: Session) -> World:
    """The invented municipality with an application that waits for its first decision."""
    municipality = Municipality(
        slug="exempelby",
        name="Exempelby kommun",
        mail_domains=["example.org"],
        sender_address="kanalvakt@example.org",
        notice_address="kommunikation@example.org",
    )
    session.add(municipality)
    session.flush()
    owner = known(municipality.id)
    culture = Unit(municipality_id=owner, code="10", name="Kultur och fritid", level=UnitLevel.DEPARTMENT)
    session.add(culture)
    session.flush()
    library = Unit(municipality_id=owner, code="11", name="Biblioteket", parent_id=culture.id)
    session.add(library)
    session.flush()
    people = {
        key: Person(
            municipality_id=owner, name=name, email=f"{key}@example.org", title=title, unit_id=unit.id
        )
        for key, name, title, unit in (
            ("sara", "Sara Lindqvist", "bibliotekarie", library),
            ("per", "Per Holm", "enhetschef", library),
            ("karin", "Karin Ek", "förvaltningschef", culture),
            ("amina", "Amina Yusuf", "kommunikationschef", culture),
            ("olle", "Olle Berg", "kommunikatör", culture),
            ("nils", "Nils Åström", "biblioteksassistent", library),
        )
    }
    session.add_all(people.values())
    session.flush()
    library.line_manager_id, culture.line_manager_id = people["per"].id, people["karin"].id
    for key in ("amina", "olle"):
        session.add(PostHolder(municipality_id=owner, role="communications", person_id=known(people[key].id)))
    account = _account(session, owner, library, people["sara"])
    return World(session, municipality, library, culture, account=account, **people)


def _account(session: Session, owner: int, unit: Unit, applicant: Person) -> Account:
    version = PolicyVersion(
        municipality_id=owner,
        policy="exempelby",
        valid_from=date(2026, 1, 1),
        sha256="e" * 64,
        content=CONTENT,
        loaded_at=at(11, 1),
        in_force_from=date(2026, 1, 1),
    )
    session.add(version)
    session.flush()
    account = Account(
        municipality_id=owner,
        unit_id=unit.id,
        platform="instagram",
        name="Biblioteket i Exempelby",
        address="https://www.instagram.com/biblioteketexempelby",
        purpose=PURPOSE,
        target_group="Barn och unga i Exempelby och deras vuxna",
        state=AccountState.DECIDING,
        state_since=at(11, 26),
        policy_version_id=known(version.id),
        applicant_id=applicant.id,
        plan_version=1,
    )
    session.add(account)
    session.flush()
    session.add(
        Plan(
            account_id=known(account.id),
            version=1,
            answers=ANSWERS,
            saved_at=at(11, 26),
            sent_at=at(11, 26, 8, 41),
        )
    )
    session.flush()
    return account
