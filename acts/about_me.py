"""The copy that a person may ask for of everything kept about them (GDPR article 15).

Which columns name people, and what of a row is about them, stands in acts/kept_about_people.py.
What is about others, tokens, files, and what citizens wrote is not in the copy.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import LargeBinary, String, cast, or_, select
from sqlalchemy.orm import defer
from sqlmodel import Session, SQLModel, col

from acts.kept_about_people import KEPT, Kept
from acts.list_words import EVENT_WORDS, LETTER_WORDS, SIGHT_WORDS, VIA_WORDS
from languages.speaking import capital
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law, law_in_force
from models import (
    Account,
    AuditDetail,
    AuditEvent,
    LetterWording,
    Link,
    Message,
    Municipality,
    Observation,
    Person,
    Plan,
    ReturnedMail,
    TaskHolder,
    Unit,
    UserTask,
)
from notifications import words
from papers.documents import moment
from papers.lists import Lists, Table, write_lists
from policies.naming import ROLE_NAMES

ROWS_ON_PAPER = 200
"""Of one list; the file for machines has them all."""


_CODES: dict[str, str] = (
    {one.value: said for one, said in words.OUTCOMES.items()}
    | {one.value: said for one, said in words.ROLES.items()}
    | {role.value: names[0] for role, names in ROLE_NAMES.items()}
)
_STATES = {
    "queued": "väntar",
    "sending": "skickas",
    "sent": "skickat",
    "failed": "kom inte fram",
    "bounced": "kom i retur",
    "not_needed": "behövdes inte",
}
_RETURNED = {
    "bounced": "kom inte fram",
    "failed_for_now": "kom inte fram den gången",
    "delayed": "dröjde",
    "away": "frånvarosvar",
    "answer": "svar med e-post",
    "automatic": "automatiskt svar",
    "receipt": "kvitto",
    "other": "utskick till många",
}
_LINKS = {
    "decide": "ett beslut",
    "consult": "ett samråd",
    "confirm_act": "en bekräftelse",
    "upload": "en fil",
    "digest": "en checklista",
    "morning": "dagens sida",
    "draft": "en ansökan",
    "confirm_address": "en ny ansökan",
    "my_page": "Mina uppgifter",
    "calendar": "kalendern",
}
_WORDS: Mapping[tuple[type[SQLModel], str], Mapping[str, str]] = {
    (Message, "notice"): LETTER_WORDS,
    (LetterWording, "notice"): LETTER_WORDS,
    (Message, "state"): _STATES,
    (Link, "kind"): _LINKS,
    (ReturnedMail, "kind"): _RETURNED,
    (Observation, "state"): SIGHT_WORDS,
    (AuditEvent, "kind"): EVENT_WORDS,
    (AuditEvent, "via"): VIA_WORDS,
}


@dataclass(frozen=True)
class Listed:
    """One table's rows about the person: what the person is in each, and its values as they are kept."""

    kept: Kept
    rows: Sequence[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class AboutMe:
    """Everything that is kept about a person."""

    person: Person
    municipality: Municipality
    facts: Sequence[tuple[str, str]]
    plans: Sequence[tuple[str, int, datetime | None]]
    """Plans that name the person's address: account, version, when it was sent."""
    listed: Sequence[Listed]


def about(session: Session, person: Person, now: datetime) -> AboutMe:
    """Everything that is kept about a person; changes nothing."""
    municipality = session.get_one(Municipality, person.municipality_id)
    return AboutMe(
        person=person,
        municipality=municipality,
        facts=[*_facts(session, person), *_rights(law_in_force(session, person.municipality_id, now))],
        plans=_plans(session, person),
        listed=[listed for kept in KEPT if (listed := _listed(session, kept, person)).rows],
    )


LANGUAGES = {"sv": "svenska", "en": "engelska"}
"""In which somebody is written to."""


def _facts(session: Session, person: Person) -> list[tuple[str, str]]:
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    substitute = session.get(Person, person.substitute_id) if person.substitute_id else None
    return [
        ("Namn", person.name),
        ("Arbetsadress", person.email),
        ("Titel", person.title),
        ("Språk", LANGUAGES.get(person.language, person.language)),
        ("Enhet", unit.name if unit else ""),
        ("Ersättare", substitute.name if substitute else ""),
        ("Slutade", person.left_on.isoformat() if person.left_on else ""),
    ]


def _rights(law: Law) -> list[tuple[str, str]]:
    """What else the article wants told: why, from where, to whom, how long, and what one may ask for."""
    kept = law.policy.settings
    return [
        (
            "Varför",
            "För att sköta kommunens konton i sociala medier: vem som ansvarar, beslutar och gör vad.",
        ),
        ("Varifrån", "Från dig, från den som sökt eller föreslagit dig, och från kommunens personallista."),
        ("Till vem", "Kommunens medarbetare. Handlingar kan lämnas ut enligt offentlighetsprincipen."),
        (
            "Hur länge",
            f"Brev i {kept.letters_kept_months} månader, fria texter i loggen i {kept.details_kept_months} "
            "månader. Händelser i loggen bevaras.",
        ),
        (
            "Dina rättigheter",
            "Är något fel ska det rättas: vänd dig till kommunikationsenheten. Du kan klaga hos "
            "Integritetsskyddsmyndigheten.",
        ),
    ]


def _plans(session: Session, person: Person) -> list[tuple[str, int, datetime | None]]:
    named = cast(col(Plan.answers), String).contains(f'"{person.email}"', autoescape=True)
    rows = (
        select(Plan, Account)
        .join(Account, col(Account.id) == col(Plan.account_id))
        .where(col(Account.municipality_id) == person.municipality_id, named)
        .order_by(col(Plan.id))
    )
    return [(_account_words(account), plan.version, plan.sent_at) for plan, account in session.execute(rows)]


def _account_words(account: Account | None) -> str:
    return capital(words.account_words(account)) if account is not None else ""


def _listed(session: Session, kept: Kept, person: Person) -> Listed:
    table: Any = kept.table
    wanted = [or_(*(col(getattr(table, one)) == _me(one, person) for one in kept.by))]
    if "municipality_id" in table.model_fields:
        wanted.append(col(table.municipality_id) == person.municipality_id)
    files = [one.key for one in table.__table__.columns if isinstance(one.type, LargeBinary)]
    found = select(table).where(*wanted).options(*(defer(getattr(table, one)) for one in files))
    rows = session.execute(found.order_by(col(table.id).desc())).scalars()
    return Listed(kept, [(_as_what(kept, row, person), _values(session, kept, row, person)) for row in rows])


def _me(column: str, person: Person) -> object:
    return person.email if column == "email" else person.id


def _as_what(kept: Kept, row: Any, person: Person) -> str:
    is_so = [said for one, said in kept.by.items() if getattr(row, one) == _me(one, person)]
    return ", ".join(dict.fromkeys(is_so))


def _values(session: Session, kept: Kept, row: Any, person: Person) -> dict[str, Any]:
    return {name: _value(session, row, name, person) for name in kept.shown}


def _value(session: Session, row: Any, name: str, person: Person) -> Any:
    if name == "account":
        return _account_words(_account(session, row))
    if name == "task":
        return session.get_one(UserTask, row.task_id).label
    if name == "written":
        return _written(session, row) if row.actor_id == person.id else ""
    if name == "reason" and isinstance(row, UserTask) and row.answered_by_id != person.id:
        return ""
    value = getattr(row, name)
    return value.value if isinstance(value, StrEnum) else value


def _account(session: Session, row: Any) -> Account | None:
    if isinstance(row, Account):
        return row
    task_id = row.task_id if isinstance(row, TaskHolder) else None
    account_id = session.get_one(UserTask, task_id).account_id if task_id else row.account_id
    return session.get(Account, account_id) if account_id else None


def _written(session: Session, event: AuditEvent) -> str:
    """A person's own words in the log, where they have not been weeded."""
    detail = session.get(AuditDetail, event.id)
    texts = [str(one) for one in (detail.detail or {}).values()] if detail else []
    return "; ".join(one for one in texts if one)


# ---------------------------------------------------------------- as files


def as_json(me: AboutMe) -> bytes:
    """For machines: the tables and columns as the database names them."""
    person = me.person
    own = {name: getattr(person, name) for name in ("name", "email", "title", "language", "left_on")}
    whole: dict[str, Any] = {"me": own, "told": dict(me.facts)}
    whole["plan"] = [{"account": name, "version": number, "sent_at": at} for name, number, at in me.plans]
    for listed in me.listed:
        rows = [{"as": what, **values} for what, values in listed.rows]
        whole[str(listed.kept.table.__tablename__)] = rows
    return json.dumps(whole, ensure_ascii=False, indent=1, default=_iso).encode()


def _iso(value: date) -> str:
    return value.isoformat()


def as_pdf(me: AboutMe, now: datetime) -> bytes:
    """For people. Raises CannotWrite when this machine cannot write PDF."""
    zone = me.municipality.time_zone
    lists = Lists(
        municipality=me.municipality.name,
        kind="Kopia av personuppgifter",
        title=me.person.name,
        lead=f"Det Kanalvakt sparar om dig, sammanställt {moment(now, zone)}.",
        facts=me.facts,
        tables=list(_tables(me, zone)),
    )
    identifier = uuid5(NAMESPACE_URL, f"kanalvakt:about-me:{me.person.id}:{now.isoformat()}").hex
    return write_lists(lists, created_at=now, identifier=identifier)


def _tables(me: AboutMe, zone: str) -> Iterator[Table]:
    if me.plans:
        rows = [(name, str(number), moment(at, zone) if at else "") for name, number, at in me.plans]
        yield Table("Planer där din adress står", ("Konto", "Version", "Skickad"), rows)
    for listed in me.listed:
        kept = listed.kept
        yield Table(
            kept.heading,
            ("Som", *kept.shown.values()),
            [_row(kept, what, values, zone) for what, values in listed.rows[:ROWS_ON_PAPER]],
            _more(len(listed.rows)),
        )


def _more(count: int) -> str:
    if count <= ROWS_ON_PAPER:
        return ""
    return f"De senaste {ROWS_ON_PAPER} av {count} visas här. Alla finns i filen med tabeller (JSON)."


def _row(kept: Kept, what: str, values: Mapping[str, Any], zone: str) -> list[str]:
    return [what, *(_shown(kept, name, value, zone) for name, value in values.items())]


def _shown(kept: Kept, name: str, value: Any, zone: str) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H.%M}"
    coded = _WORDS.get((kept.table, name)) or (_CODES if name in ("kind", "outcome", "role") else {})
    return coded.get(str(value), str(value)) if value is not None else ""


def record_copy(session: Session, now: datetime, *, person_id: int, by: By) -> None:
    """Keep that a copy was made, of whom and by whom."""
    person = session.get_one(Person, person_id)
    facts = {"person": person_id}
    record(session, EventKind.PERSON_COPIED, now, municipality_id=person.municipality_id, by=by, facts=facts)
