"""An installation seen from outside: its mails, its rows and what Prefect shows, counted when all is done.

`under_way` names what has not come to rest yet; `faults` names what is wrong once it has. Neither asks the
processes anything: they read the mail server's folder, the database and Prefect's API, of one municipality
or of all.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from acts.announcing import NOTICES, Notice, Silent, applicant, holders
from deployments.mailbox import ALARMS
from flows.waking import FLOW
from lifecycle.events import By, Event, EventKind
from lifecycle.journal import verify
from lifecycle.states import FINAL, MOVES
from lifecycle.tasks import LIVE, holder_ids
from models import (
    Account,
    AccountRole,
    AccountState,
    AuditDetail,
    AuditEvent,
    Link,
    LinkKind,
    Message,
    MessageState,
    Municipality,
    Outcome,
    Process,
    RunLease,
    TaskKind,
    TaskState,
    UserTask,
)
from runtime.database import reading

_TOKENS = re.compile(r"/l/([\w-]+)")
_PAGE = 200
_TYPES_OF_THE_ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

ANSWERS = (
    EventKind.DECISION_GIVEN,
    EventKind.CONSULTATION_GIVEN,
    EventKind.ITEM_CONFIRMED,
    EventKind.ACKNOWLEDGED,
)
ANSWERED = (TaskKind.DECIDE, TaskKind.CONSULT, TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)
"""Kinds of tasks whose answer is one of these events."""
ASKED = {
    TaskKind.DECIDE: EventKind.DECISION_ASKED,
    TaskKind.CONSULT: EventKind.CONSULTATION_ASKED,
    TaskKind.INFORM: EventKind.INFORMED,
    TaskKind.REVISE_PLAN: EventKind.CHANGES_ASKED,
}
BEGINS_ANEW = {
    Process.CLOSING: EventKind.CLOSING_ASKED,
    Process.CLOSING_ITEMS: EventKind.CLOSING_BEGUN,
    Process.SETTING_UP: EventKind.APPLICATION_APPROVED,
}
"""Matters that an account can have several times, and the event that begins each."""


@dataclass(frozen=True)
class Mail:
    """A mail that the server has taken."""

    message_id: str
    """The part before the at sign: the outbox row's."""
    to: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """A flow run as Prefect shows it."""

    id: str
    account_id: int
    type: str
    name: str

    @property
    def has_ended(self) -> bool:
        return self.type in _TYPES_OF_THE_ENDED


@dataclass(frozen=True)
class Outside:
    """Where an installation's traces are."""

    engine: Engine
    mail_folder: Path
    prefect_api: str
    now: Callable[[], datetime]

    def mails(self) -> list[Mail]:
        """Everything the mail server has taken but alarms, which are no letters, in the order it came."""
        mails = map(_mail_of, sorted(self.mail_folder.glob("*.eml")))
        return [mail for mail in mails if mail.to != ALARMS]

    def runs(self) -> list[Run]:
        """Every account's runs that Prefect knows."""
        asked: dict[str, Any] = {"flows": {"name": {"any_": [FLOW]}}, "sort": "ID_DESC", "limit": _PAGE}
        found: list[Run] = []
        with httpx2.Client(base_url=self.prefect_api, verify=False, trust_env=False, timeout=30) as prefect:
            while page := _page(prefect, asked | {"offset": len(found)}):
                found += page
        return found

    def rounds_under_way(self) -> list[str]:
        """Rounds that wait for a worker, or that one carries; one that a dead worker left has no lease."""
        states = {
            "state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}},
            "tags": {"any_": ["rond"]},
        }
        with httpx2.Client(base_url=self.prefect_api, verify=False, trust_env=False, timeout=30) as prefect:
            answer = prefect.post("/flow_runs/filter", json={"flow_runs": states, "limit": _PAGE})
        answer.raise_for_status()
        with reading(self.engine) as session:
            carried = set(session.execute(select(col(RunLease.flow_run_id))).scalars())
        return [
            f"rond {one['name']}: {one['state_name']}"
            for one in answer.json()
            if one["state_type"] == "SCHEDULED" or one["id"] in carried
        ]

    def municipality_ids(self) -> list[int]:
        with reading(self.engine) as session:
            return [one for one in session.execute(select(col(Municipality.id))).scalars() if one is not None]


def _page(prefect: httpx2.Client, asked: dict[str, Any]) -> list[Run]:
    answer = prefect.post("/flow_runs/filter", json=asked)
    answer.raise_for_status()
    return [
        Run(one["id"], int(one["parameters"]["account_id"]), one["state_type"] or "", one["state_name"] or "")
        for one in answer.json()
    ]


@cache
def _mail_of(path: Path) -> Mail:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    return Mail(
        message_id=str(mail["Message-ID"]).strip("<> ").partition("@")[0],
        to=str(mail["Delivered-To"]),
        tokens=tuple(_TOKENS.findall(str(body.get_content()) if body is not None else "")),
    )


# What has not come to rest


def under_way(outside: Outside, municipality_id: int | None = None) -> list[str]:
    """What is still to be gone, looked at, sent or shown: nothing, when an installation rests.

    A round is no municipality's own.
    """
    found = outside.rounds_under_way() if municipality_id is None else []
    found += under_way_in_database(outside, municipality_id)
    with reading(outside.engine) as session:
        accounts = _of(session, Account, municipality_id)
    return found or list(_unlike_prefect(accounts, outside.runs()))


def under_way_in_database(outside: Outside, municipality_id: int | None = None) -> list[str]:
    """The same, without asking Prefect."""
    with reading(outside.engine, at_one_instant=True) as session:
        accounts = _of(session, Account, municipality_id)
        letters = _of(session, Message, municipality_id)
    moment = outside.now()  # After the reading: what was written meanwhile is not yet to come.
    return [*_unseen(accounts, moment), *_unsent(letters, moment)]


def next_try(outside: Outside) -> datetime | None:
    """When the first letter that was refused for now is to be tried again; None when nothing else is due."""
    again = select(func.min(col(Message.not_before))).where(
        col(Message.state) == MessageState.QUEUED, col(Message.attempts) > 0
    )
    with reading(outside.engine) as session:
        found: datetime | None = session.execute(again).scalar_one()
    return found


def _of(session: Session, table: Any, municipality_id: int | None) -> list[Any]:
    rows = select(table).order_by(table.id)
    if municipality_id is not None:
        rows = rows.where(table.municipality_id == municipality_id)
    return list(session.execute(rows).scalars())


def _unseen(accounts: Iterable[Account], moment: datetime) -> Iterator[str]:
    for one in accounts:
        if one.news > one.seen:
            yield f"konto {one.id}: nyhet {one.news} är inte sedd ({one.seen})"
        if one.wake_at is not None and one.wake_at <= moment:
            yield f"konto {one.id}: skulle ha väckts {one.wake_at}"


def _unsent(messages: Iterable[Message], moment: datetime) -> Iterator[str]:
    """Due, in hand, or tried once in vain."""
    for one in messages:
        due = one.state is MessageState.QUEUED and (one.not_before <= moment or one.attempts > 0)
        if due or one.state is MessageState.SENDING:
            yield f"brev {one.id} ({one.notice}): {one.state}"


def _unlike_prefect(accounts: Iterable[Account], runs: Sequence[Run]) -> Iterator[str]:
    """A living account's run rests under its name; an ended one's has ended so, if Prefect remembers it.

    No other run of theirs goes on.
    """
    known, their = {run.id: run for run in runs}, {one.id: one.flow_run_id for one in accounts}
    for one in accounts:
        run, lives = known.get(one.flow_run_id or ""), _goes_on(one)
        if run is None and lives:
            yield f"konto {one.id}: har ingen körning"
        elif run is not None and (run.type, run.name) != ("PAUSED" if lives else "COMPLETED", one.waits_for):
            yield f"konto {one.id}: {run.type} {run.name!r} i Prefect, inte {one.waits_for!r}"
    for run in runs:
        if not run.has_ended and their.get(run.account_id, run.id) != run.id:
            yield f"konto {run.account_id}: {run.type} {run.name!r} är inte kontots körning"


def _goes_on(account: Account) -> bool:
    """Whether an account has a run that rests: while it lives, and while a decline may be taken back."""
    return account.state not in FINAL or account.wake_at is not None


def left_after_their_look(outside: Outside) -> list[int]:
    """Accounts with nothing unseen, whose runs never stored that they rest: a worker died in between."""
    with reading(outside.engine) as session:
        carried = set(session.execute(select(col(RunLease.flow_run_id))).scalars())
        accounts = _of(session, Account, None)
    running = {run.id for run in outside.runs() if run.type == "RUNNING"} & carried
    return [one.id for one in accounts if one.flow_run_id in running and one.news == one.seen]


# What is wrong


def faults(outside: Outside, municipality_id: int | None = None) -> list[str]:
    """Everything that is not as it must be. Ask when nothing is under way."""
    chosen = outside.municipality_ids() if municipality_id is None else [municipality_id]
    found, runs = under_way(outside, municipality_id), outside.runs()
    for one in chosen:
        with reading(outside.engine) as session:
            found += _faults_of(session, one, runs)
            found += letter_faults(session, one, outside.mails())
    return found


def _faults_of(session: Session, municipality_id: int, runs: Sequence[Run]) -> list[str]:
    accounts, tasks = _of(session, Account, municipality_id), _of(session, UserTask, municipality_id)
    events = _of(session, AuditEvent, municipality_id)
    verdict = verify(session, municipality_id)
    return [
        *(f"loggen: {one.code} vid {one.number}" for one in verdict.breaks),
        *run_faults(accounts, runs),
        *answer_faults(tasks, events),
        *step_faults(session, tasks, events),
        *state_faults(accounts, events),
        *role_faults(session, accounts),
        *link_faults(session, tasks),
    ]


def run_faults(accounts: Iterable[Account], runs: Sequence[Run]) -> Iterator[str]:
    """One living run for each living account: its own."""
    living: dict[int, list[str]] = defaultdict(list)
    for run in runs:
        if not run.has_ended:
            living[run.account_id].append(run.id)
    for one in accounts:
        found = living[one.id or 0]
        wanted = [one.flow_run_id] if _goes_on(one) else []
        if found != wanted:
            yield f"konto {one.id}: levande körningar {found}, inte {wanted}"


def answer_faults(tasks: Iterable[UserTask], events: Sequence[AuditEvent]) -> Iterator[str]:
    """Each answer is written once, and only once."""
    given = Counter(one.task_id for one in events if one.kind in ANSWERS)
    for task in tasks:
        answered = task.kind in ANSWERED and task.answered_at is not None
        wanted = int(answered and task.outcome is not Outcome.SKIPPED)
        if given[task.id] != wanted:
            yield f"uppgift {task.id} ({task.step}): besvarad {given[task.id]} gånger, inte {wanted}"


def step_faults(session: Session, tasks: Sequence[UserTask], events: Sequence[AuditEvent]) -> Iterator[str]:
    """No step is opened twice, and each question is put once."""
    opened = Counter(_place(session, task) for task in tasks if task.state in LIVE)
    begun = Counter((one.account_id, one.kind) for one in events)
    for place, times in opened.items():
        account_id, process = place[:2]
        allowed = max(1, begun[account_id, BEGINS_ANEW[process]]) if process in BEGINS_ANEW else 1
        if times > allowed:
            yield f"konto {account_id}: {place[1:]} öppnades {times} gånger"
    asked = Counter((one.task_id, one.kind) for one in events)
    for task in tasks:
        kind = ASKED.get(task.kind)
        if kind is not None and asked[task.id, kind] != 1:
            yield f"uppgift {task.id} ({task.step}): frågad {asked[task.id, kind]} gånger"
    listed = Counter(id for one in events if one.kind == EventKind.ITEMS_ASKED for id in one.facts["tasks"])
    yield from (f"uppgift {id}: bad om {times} gånger" for id, times in listed.items() if times > 1)


def _place(session: Session, task: UserTask) -> tuple[Any, ...]:
    holders_now = tuple(sorted(holder_ids(session, [task])))
    return (
        task.account_id,
        task.process,
        task.kind.value,
        task.step,
        task.account_role_id,
        task.plan_version,
        task.role,
        task.once_key,
        holders_now,
    )


def state_faults(accounts: Iterable[Account], events: Iterable[AuditEvent]) -> Iterator[str]:
    """The moves in the log are an unbroken way of allowed ones that ends where the account stands."""
    moves: dict[int, list[tuple[AccountState, AccountState]]] = defaultdict(list)
    for one in events:
        if one.kind == EventKind.STATE_CHANGED and one.account_id is not None:
            moves[one.account_id].append((AccountState(one.facts["from"]), AccountState(one.facts["to"])))
    for account in accounts:
        stands = None
        for before, after in moves[account.id or 0]:
            if stands not in (None, before) or after not in MOVES[before]:
                yield f"konto {account.id}: {before} → {after}, men stod i {stands}"
            stands = after
        if stands not in (None, account.state):
            yield f"konto {account.id}: {account.state}, men loggen slutar i {stands}"


def role_faults(session: Session, accounts: Iterable[Account]) -> Iterator[str]:
    """Nobody has the same role twice at once."""
    ids = [one.id for one in accounts]
    rows = select(AccountRole).where(
        col(AccountRole.account_id).in_(ids),
        col(AccountRole.until_on).is_(None),
        col(AccountRole.refused_at).is_(None),
    )
    held = Counter((one.account_id, one.person_id, one.kind) for one in session.execute(rows).scalars())
    yield from (f"konto {who[0]}: {who[1:]} {times} gånger" for who, times in held.items() if times > 1)


def link_faults(session: Session, tasks: Iterable[UserTask]) -> Iterator[str]:
    """No link decides what is decided."""
    ended = {task.id for task in tasks if task.state is not TaskState.OPEN}
    rows = select(col(Link.task_id)).where(
        col(Link.kind).in_([LinkKind.DECIDE, LinkKind.CONSULT]), col(Link.dead_at).is_(None)
    )
    alive = ended & set(session.execute(rows).scalars())
    yield from (
        f"uppgift {id}: är avslutad, men en länk till den lever" for id in sorted(filter(None, alive))
    )


# Letters


def letter_faults(session: Session, municipality_id: int, mails: Sequence[Mail]) -> Iterator[str]:
    """Every letter that had to come came, to the right one; what came twice has the same Message-ID."""
    messages = {one.id: one for one in _of(session, Message, municipality_id)}
    ours = [mail for mail in mails if mail.message_id in messages]
    arrived = {mail.message_id for mail in ours}
    for mail in ours:
        row = messages[mail.message_id]
        if mail.to.lower() != row.email.lower():
            yield f"brev {row.id} ({row.notice}): kom till {mail.to}, inte {row.email}"
        if row.state in (MessageState.QUEUED, MessageState.FAILED):
            yield f"brev {row.id} ({row.notice}): kom, men är {row.state}"
        yield from _unknown_tokens(session, row, mail)
    for row in messages.values():
        if row.state is MessageState.FAILED or (row.state is MessageState.SENT and row.id not in arrived):
            yield f"brev {row.id} ({row.notice}): {row.state}, men kom inte: {row.error}"
    yield from _unannounced(session, municipality_id, messages.values())


def _unknown_tokens(session: Session, row: Message, mail: Mail) -> Iterator[str]:
    """A link that has left can always be followed, also in a twin."""
    for token in mail.tokens:
        known = select(col(Link.message_id)).where(
            col(Link.token_sha256) == sha256(token.encode()).hexdigest()
        )
        if session.execute(known).scalar_one_or_none() != row.id:
            yield f"brev {row.id} ({row.notice}): länken i det är okänd"


def strangers(outside: Outside) -> list[str]:
    """Mails that no outbox row knows."""
    with reading(outside.engine) as session:
        known = set(session.execute(select(col(Message.id))).scalars())
    return [mail.message_id for mail in outside.mails() if mail.message_id not in known]


def twins(outside: Outside) -> dict[str, int]:
    """Letters that came more than once, by Message-ID."""
    came = Counter(mail.message_id for mail in outside.mails())
    return {message_id: times for message_id, times in came.items() if times > 1}


def _unannounced(session: Session, municipality_id: int, messages: Iterable[Message]) -> Iterator[str]:
    """Every event has queued the letters that it becomes."""
    queued: dict[str, set[str]] = defaultdict(set)
    for one in messages:
        queued[":".join(one.dedupe_key.split(":")[:3])].add(one.email)
    for event in _events(session, municipality_id):
        for notice in _notices_of(event):
            found = queued[f"{municipality_id}:{event.number}:{notice.name}"]
            wanted = {one.email for one in notice.to(session, event, event.at)}
            if wanted - found if _is_fixed(notice) else wanted and not found:
                yield f"händelse {event.number}: {notice.name} till {wanted}, köat till {found}"


def _notices_of(event: Event) -> Sequence[Notice]:
    """What is left out was addressed to those whom earlier letters had reached at that moment."""
    planned = NOTICES[event.kind]
    untold = isinstance(planned, Silent) or event.facts.get("told") is False
    return () if untold or event.kind is EventKind.TAKEN_BACK else planned  # type: ignore[return-value]


def _is_fixed(notice: Notice) -> bool:
    """Whether the event itself says who is written to; others are found by who holds a post that day."""
    return notice.to in (holders, applicant)


def _events(session: Session, municipality_id: int) -> Iterator[Event]:
    rows = (
        select(AuditEvent, AuditDetail)
        .outerjoin(AuditDetail, col(AuditDetail.event_id) == col(AuditEvent.id))
        .where(col(AuditEvent.municipality_id) == municipality_id)
        .order_by(col(AuditEvent.number))
    )
    for row, detail in session.execute(rows):
        yield Event(
            kind=EventKind(row.kind),
            at=row.at,
            municipality_id=municipality_id,
            number=row.number,
            by=By(row.actor_id, row.via, row.on_behalf_of_id),
            account_id=row.account_id,
            task_id=row.task_id,
            clauses=row.clauses,
            facts=row.facts,
            detail=(detail.detail or {}) if detail else {},
        )
