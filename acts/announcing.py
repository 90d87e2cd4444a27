"""Which letter each event becomes, or why none; and which links die with it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from acts.recipients import (
    Recipient,
    Recipients,
    account_of,
    alarmed,
    applicant,
    asked_before,
    communications,
    concerned,
    group,
    holders,
    in_crisis,
    in_role,
    informed_of_changes,
    named,
    office,
    registry,
    sent_to,
    shared_if_told,
    told_since,
    undone_from,
    verified,
)
from lifecycle.conditions import facts_of
from lifecycle.duties import duties_of
from lifecycle.events import Event
from lifecycle.events import EventKind as E
from lifecycle.journal import journal_of
from lifecycle.law import law_in_force, law_of, law_of_task
from lifecycle.roles import has_left
from lifecycle.setting_up import lapses_on
from lifecycle.working_days import local_day
from models import (
    LinkKind,
    Message,
    MessageState,
    Municipality,
    Person,
    Process,
    UserTask,
)
from notifications import contexts, links, outbox
from notifications.registry import NOTICES as REGISTRY
from policies.keys import Modality


@dataclass(frozen=True)
class Notice:
    """One letter to some people; `waits` holds it back for the hour of regret."""

    name: str
    to: Recipients
    waits: bool = False


@dataclass(frozen=True)
class Silent:
    """No letter, for a reason."""

    because: str


NOTICES: dict[E, Sequence[Notice] | Silent] = {
    E.DRAFT_BEGUN: [Notice("draft_link", applicant)],
    E.DRAFT_REMINDED: [Notice("draft_reminder", applicant)],
    E.DRAFT_ERASED: [Notice("draft_erased", applicant)],
    E.PLAN_SENT: [Notice("plan_received", applicant)],
    E.PLAN_RESENT: [Notice("plan_received", applicant)],
    E.ATTACHMENT_ADDED: Silent("the page shows it to the one who did it"),
    E.ATTACHMENT_REMOVED: Silent("the page shows it to the one who did it"),
    E.DECISION_ASKED: [Notice("decision_asked", holders), Notice("group_asked", group)],
    E.CONSULTATION_ASKED: [Notice("consultation_asked", holders), Notice("group_asked", group)],
    E.INFORMED: [Notice("informed", holders), Notice("informed", group)],
    E.DECISION_GIVEN: Silent("what follows from it is told when it has followed"),
    E.CONSULTATION_GIVEN: Silent("it is shown to the one who decides"),
    E.CONSULTATION_UNANSWERED: Silent("it is shown to the one who decides"),
    E.CHANGES_ASKED: [Notice("changes_asked", holders)],
    E.HANDED_OVER: [Notice("handed_over", named("to")), Notice("no_longer_yours", named("from"))],
    E.TASK_WITHDRAWN: Silent("the event that withdrew it is told"),
    E.TAKEN_BACK: [Notice("taken_back", told_since)],
    E.LETTER_AGAIN: [Notice("letter_again", holders)],
    E.REMINDED: [Notice("reminder", holders)],
    E.ESCALATED: [Notice("escalated", in_role)],
    E.STANDS_RED: [Notice("stands_red", communications)],
    E.RED_CLEARED: Silent("nothing is left to do"),
    E.APPLICATION_APPROVED: [Notice("application_approved", applicant)],
    E.APPLICATION_DECLINED: [Notice("application_declined", applicant, waits=True)],
    E.APPLICATION_WITHDRAWN: [Notice("application_withdrawn", asked_before)],
    E.APPLICATION_LAPSED: [
        Notice("application_lapsed", concerned),
        Notice("application_lapsed", communications),
    ],
    E.APPLICATION_ENDED: [Notice("application_ended", applicant), Notice("application_ended", asked_before)],
    E.ITEMS_ASKED: [Notice("checklist", holders)],
    E.ITEM_CONFIRMED: Silent("the checklist shows it"),
    E.ITEMS_REMINDED: [Notice("checklist_reminder", holders)],
    E.ADDRESS_SET: Silent("the checklist shows it"),
    E.ADDRESS_CHANGED: [Notice("address_changed", concerned), Notice("address_changed", communications)],
    E.UNIT_CHANGED: [
        Notice("unit_changed", concerned),
        Notice("unit_changed", named("people")),
        Notice("unit_changed", communications),
    ],
    E.ACKNOWLEDGED: Silent("the page shows it to the one who did it"),
    E.ACCOUNT_ACTIVE: [Notice("account_active", concerned), Notice("account_active", communications)],
    E.CHANGE_ASKED: Silent("the chain asks those who decide"),
    E.CHANGE_APPROVED: [Notice("change_approved", named("asked_by", "person"))],
    E.CHANGE_REFUSED: [Notice("change_refused", named("asked_by", "person"), waits=True)],
    E.ADMINISTRATOR_BEGAN: [Notice("administrator_began", named("person"))],
    E.ADMINISTRATOR_ENDED: [
        Notice("administrator_ended", named("person")),
        Notice("administrator_ended", informed_of_changes),
    ],
    E.CLOSING_ASKED: Silent("the chain asks those who decide"),
    E.CLOSING_REFUSED: [Notice("closing_refused", named("asked_by"), waits=True)],
    E.REQUEST_WITHDRAWN: [Notice("request_withdrawn", named("people"))],
    E.CLOSING_BEGUN: [Notice("closing_begun", concerned)],
    E.ACCOUNT_CLOSED: [Notice("account_closed", concerned)],
    E.REPAIRED: [Notice("repaired", applicant), Notice("repaired", asked_before)],
    E.STATE_CHANGED: Silent("the event that changed it is told"),
    E.POSTING_CHECKED: Silent("the morning letter asks whom it concerns"),
    E.INACTIVITY_WARNED: Silent("the morning letter tells it"),
    E.INACTIVITY_FOUND: Silent("the morning letter asks for the review"),
    E.INACTIVITY_UNANSWERED: Silent("the closing that follows is told"),
    E.INACTIVITY_SETTLED: Silent("the page shows it to the one who did it"),
    E.DUTY_ANSWERED: Silent("what follows from it is told when it has followed"),
    E.WATCH_ASKED: Silent("the morning letter tells it"),
    E.WATCH_CONFIRMED: Silent("the page shows it to the one who did it"),
    E.WATCH_MISSED: Silent("the next morning letter tells it"),
    E.MISSED_DAY_EXPLAINED: Silent("the page shows it to the one who did it"),
    E.DUTIES_REMINDED: Silent("the morning letter tells it"),
    E.MORNING_TOLD: Silent("it is the morning letter"),
    E.MAJOR_CHANGE_TOLD: Silent("the page shows it to the one who did it"),
    E.SNAPSHOT_REFUSED: Silent("the next morning letter asks for a picture and says why"),
    E.SNAPSHOT_KEPT: [Notice("snapshot_kept", sent_to)],
    E.ABSENCE_ENTERED: [Notice("absence", named("people"))],
    E.ABSENCE_CHANGED: [Notice("absence", named("people"))],
    E.ABSENCE_ENDED: [Notice("absence", named("people"))],
    E.STOOD_IN: [Notice("stands_in", holders)],
    E.ACT_ASKED: [Notice("confirm_act", holders)],
    E.ACT_CONFIRMED: Silent("what it carries out is told"),
    E.ACT_DROPPED: Silent("nothing has happened"),
    E.ACT_LAPSED: Silent("nothing has happened"),
    E.LEAVE_PLANNED: Silent("the chains ask about roles, and the rest is told on the day"),
    E.STAFF_READ: Silent("the round says what it found, and who is missing is asked about"),
    E.PERSON_LEFT: [Notice("took_over", named("people"))],
    E.CRISIS_BEGUN: [Notice("crisis", in_crisis)],
    E.CRISIS_ENDED: [Notice("crisis", in_crisis)],
    E.REST_SET: [Notice("rest_set", concerned), Notice("rest_set", communications)],
    E.REST_ENDED: Silent("the morning letter tells it, or the page shows it to the one who did it"),
    E.END_SET: Silent("the page shows it to the one who did it, and the account's people are warned in time"),
    E.END_NEARS: [Notice("end_nears", concerned)],
    E.EXEMPTED: [Notice("exempted", concerned)],
    E.EXEMPTION_ENDED: Silent("the clock asks again, and the page shows it"),
    E.INVENTORY_ASKED: [Notice("inventory", named("people"))],
    E.DUTIES_ASKED: Silent("the morning letter tells it"),
    E.EVALUATED: [Notice("evaluation_told", named("people")), Notice("evaluation_told", shared_if_told)],
    E.DIRECTIVE_REPORTED: Silent("the morning letter tells it"),
    E.GUIDELINE_REVIEWED: [Notice("guideline_change_wanted", named("people"))],
    E.POLICY_PROPOSED: [Notice("policy_proposed", holders)],
    E.POLICY_DECIDED: [Notice("policy_decided", named("proposed_by")), Notice("policy_decided", office)],
    E.VISITOR_REPORTED: Silent(
        "the case or the task that it becomes is told of, and the visitor sees a receipt"
    ),
    E.CASE_OPENED: Silent("those who have to act within hours are asked by an event of its own"),
    E.CASE_ASKED: [Notice("case_asked", holders), Notice("group_asked", group)],
    E.CASE_ALARM: [Notice("case_alarm", alarmed)],
    E.CASE_STEP_DONE: Silent("the case's page shows it"),
    E.CASE_STEP_UNANSWERED: Silent("the case's page shows it"),
    E.CASE_FORWARDED: [Notice("case_asked", holders)],
    E.CASE_REMINDED: [Notice("case_due", holders)],
    E.CASE_LATE: [Notice("case_due", holders)],
    E.CASE_CLOSED: Silent("the case's page shows it"),
    E.EVIDENCE_ADDED: Silent("the page shows it to the one who did it"),
    E.PAPER_MADE: [Notice("paper_for_diary", registry)],
    E.PAPER_NUMBERED: Silent("the page shows it to the one who did it"),
    E.HANDED_OUT: Silent("the one who asked for it has it"),
    E.PERSON_COPIED: Silent("the one who asked for it has it"),
    E.LANGUAGE_SET: Silent("the page shows it to the one who did it"),
    E.CHAIN_TOLD: [Notice("chain_digest", verified)],
    E.POLICY_ADOPTED: Silent("the one who adopts it is shown what it changes"),
    E.IMPORTED: Silent("the one who imports gets a report"),
    E.TARGET_CHANGED: Silent("the one who enters a channel sees it listed"),
    E.CALENDAR_MADE: Silent("the page shows it to the one who did it"),
    E.CALENDAR_REVOKED: Silent("the page shows it to the one who did it"),
    E.LOOK_CHANGED: Silent("the page shows it to the one who did it"),
    E.LETTER_WORDED: Silent("the page shows it to the one who did it"),
    E.RESTORED: Silent("whoever put the database back is told what to say, and to whom"),
    E.MAIL_RETURNED: Silent("the morning letter asks communications, once for each address"),
    E.ABSENCE_SUGGESTED: [Notice("absence_suggested", named("person")), Notice("absence_suggested", office)],
    E.ANSWERED_BY_MAIL: [
        Notice("answer_by_mail", office),
        Notice("answer_not_counted", named("writer")),
    ],
}
"""Event → letters, or silent because of a reason. A test walks all events."""

Told = Callable[[Session, Event, datetime], Mapping[str, Any]]


def _draft_reminder(session: Session, event: Event, now: datetime) -> contexts.DraftReminder:
    return {"erased_on": event.facts["erased_on"]}


def _answered(session: Session, event: Event, now: datetime) -> contexts.Answered:
    return {"by": event.facts["by"], "reason": event.detail["reason"]}


def _reminder(session: Session, event: Event, now: datetime) -> contexts.Reminder:
    return {"number": event.facts["number"]}


def _approved(session: Session, event: Event, now: datetime) -> contexts.Approved:
    account = account_of(session, event)
    return {"lapses_on": lapses_on(law_of(session, account), account).isoformat()}


def _checklist(session: Session, event: Event, now: datetime) -> contexts.Checklist:
    return {"lapses_on": event.facts["lapses_on"]} if "lapses_on" in event.facts else {}


def _checklist_reminder(session: Session, event: Event, now: datetime) -> contexts.ChecklistReminder:
    return {"number": event.facts["number"], **_checklist(session, event, now)}


def _group_asked(session: Session, event: Event, now: datetime) -> contexts.GroupAsked:
    return {"tasks": [event.task_id] if event.task_id is not None else []}


def _escalated(session: Session, event: Event, now: datetime) -> contexts.Escalated:
    return {"tasks": event.facts["tasks"]}


def _case_alarm(session: Session, event: Event, now: datetime) -> contexts.CaseAlarm:
    return {"tasks": event.facts["tasks"]}


def _stands_red(session: Session, event: Event, now: datetime) -> contexts.StandsRed:
    return {"reason": event.facts["reason"]}


def _no_longer_yours(session: Session, event: Event, now: datetime) -> contexts.NoLongerYours:
    return {"by": event.by.person_id, "to": event.facts["to"], "reason": event.detail["reason"]}


def _withdrawn(session: Session, event: Event, now: datetime) -> contexts.Withdrawn:
    return {"reason": event.detail["reason"]} if "reason" in event.detail else {}


def _ended(session: Session, event: Event, now: datetime) -> contexts.ByCommunications:
    return {"by": event.by.person_id, "reason": event.detail["reason"]}


def _repaired(session: Session, event: Event, now: datetime) -> contexts.Repaired:
    return {
        "by": event.by.person_id,
        "reason": event.detail["reason"],
        "what": event.facts["what"],
    }


def _taken_back(session: Session, event: Event, now: datetime) -> contexts.TakenBack:
    return {"by": event.by.person_id, "outcome": event.facts["outcome"]}


def _active(session: Session, event: Event, now: datetime) -> contexts.Active:
    law = law_in_force(session, event.municipality_id, now)
    duties = duties_of(law, facts_of(account_of(session, event)), law.day_of(now))
    return {"duties": [duty.words for duty in duties if duty.modality is Modality.MUST]}


def _address_changed(session: Session, event: Event, now: datetime) -> contexts.AddressChanged:
    until_on, former = event.facts["until_on"], event.detail["from"]
    return {"by": event.by.person_id, "former": former, "until_on": until_on}


def _unit_changed(session: Session, event: Event, now: datetime) -> contexts.UnitChanged:
    return {"by": event.by.person_id, "from": event.facts["from"]}


def _request_withdrawn(session: Session, event: Event, now: datetime) -> contexts.RequestWithdrawn:
    told: contexts.RequestWithdrawn = {"by": event.by.person_id, "reason": event.detail.get("reason", "")}
    return told | {"role": event.facts["role"]} if "role" in event.facts else told


def _of_account_role(session: Session, event: Event, now: datetime) -> contexts.OfRole:
    return {"role": event.facts["role"]}


def _snapshot_kept(session: Session, event: Event, now: datetime) -> contexts.SnapshotKept:
    return {"snapshots": [event.facts["snapshot"]]}


def _paper(session: Session, event: Event, now: datetime) -> contexts.PaperForDiary:
    return {"papers": [event.facts["paper"]]}


def _chain(session: Session, event: Event, now: datetime) -> contexts.ChainDigest:
    return {"events": event.facts["events"], "digest": event.facts["digest"], "breaks": event.facts["breaks"]}


def _ended_role(session: Session, event: Event, now: datetime) -> contexts.EndedRole:
    return {"role": event.facts["role"], "by": event.by.person_id}


def _absence(session: Session, event: Event, now: datetime) -> contexts.Away:
    what = event.kind.value.removeprefix("absence_")
    return {"absence": event.facts["absence"], "what": what, "by": event.by.person_id}


def _stands_in(session: Session, event: Event, now: datetime) -> contexts.StandsIn:
    return {"away": event.facts["away"]}


def _took_over(session: Session, event: Event, now: datetime) -> contexts.TookOver:
    person, taken = event.facts["person"], event.facts["taken"]
    return {"person": person, "taken": taken, "by": event.by.person_id}


def _crisis(session: Session, event: Event, now: datetime) -> contexts.InCrisis:
    what = event.kind.value.removeprefix("crisis_")
    return {"crisis": event.facts["crisis"], "what": what, "by": event.by.person_id}


def _rest_set(session: Session, event: Event, now: datetime) -> contexts.Resting:
    return {"by": event.by.person_id, "since": event.facts["from"], "until": event.facts["until"]}


def _end_nears(session: Session, event: Event, now: datetime) -> contexts.Ending:
    return {"ends_on": event.facts["ends_on"]}


def _exempted(session: Session, event: Event, now: datetime) -> contexts.Exempted:
    return {"exemption": event.facts["exemption"], "by": event.by.person_id}


def _inventory(session: Session, event: Event, now: datetime) -> contexts.Inventory:
    return {"duties_from": event.facts["duties_from"]}


def _returned(session: Session, event: Event, now: datetime) -> contexts.OfReturned:
    return {"returned": event.facts["returned"]}


TOLD: dict[str, Told] = {
    "draft_reminder": _draft_reminder,
    "changes_asked": _answered,
    "reminder": _reminder,
    "group_asked": _group_asked,
    "escalated": _escalated,
    "case_alarm": _case_alarm,
    "stands_red": _stands_red,
    "no_longer_yours": _no_longer_yours,
    "application_approved": _approved,
    "application_declined": _answered,
    "application_withdrawn": _withdrawn,
    "application_ended": _ended,
    "checklist": _checklist,
    "checklist_reminder": _checklist_reminder,
    "account_active": _active,
    "taken_back": _taken_back,
    "repaired": _repaired,
    "address_changed": _address_changed,
    "unit_changed": _unit_changed,
    "request_withdrawn": _request_withdrawn,
    "change_approved": _of_account_role,
    "change_refused": _of_account_role,
    "administrator_began": _of_account_role,
    "administrator_ended": _ended_role,
    "snapshot_kept": _snapshot_kept,
    "absence": _absence,
    "stands_in": _stands_in,
    "took_over": _took_over,
    "crisis": _crisis,
    "rest_set": _rest_set,
    "end_nears": _end_nears,
    "exempted": _exempted,
    "inventory": _inventory,
    "paper_for_diary": _paper,
    "chain_digest": _chain,
    "absence_suggested": _returned,
    "answer_by_mail": _returned,
}
"""What a letter is told of its event. The others find all they say in the database."""


LINKS_DIE: dict[E, str] = {
    E.DECISION_GIVEN: "answered",
    E.CONSULTATION_GIVEN: "answered",
    E.CONSULTATION_UNANSWERED: "withdrawn",
    E.ITEM_CONFIRMED: "answered",
    E.ACKNOWLEDGED: "answered",
    E.TASK_WITHDRAWN: "withdrawn",
    E.HANDED_OVER: "handed_over",
    E.TAKEN_BACK: "withdrawn",
    E.ACT_CONFIRMED: "answered",
    E.ACT_DROPPED: "answered",
    E.ACT_LAPSED: "withdrawn",
}
"""Events of one task after which every link to that task is dead."""


def announce(session: Session, now: datetime) -> None:
    """Turn what was recorded in this transaction into outbox rows and dead links."""
    journal = journal_of(session)
    while journal:
        event = journal.pop(0)
        _kill_links(session, event, now)
        outbox.queue_many(session, _letters(session, event, now), now)


def _letters(session: Session, event: Event, now: datetime) -> Iterator[outbox.Order]:
    """What is to be written of an event, to each recipient once."""
    for notice in _notices(event):
        for recipient in dict.fromkeys(notice.to(session, event, now)):
            if not _works_no_more(session, event, recipient, now):
                yield _letter(session, event, notice, recipient, now)


def _works_no_more(session: Session, event: Event, recipient: Recipient, now: datetime) -> bool:
    """Nothing is written to somebody who has left."""
    if recipient.person_id is None:
        return False
    zone = session.get_one(Municipality, event.municipality_id).time_zone
    return has_left(session.get_one(Person, recipient.person_id), local_day(now, zone))


def _notices(event: Event) -> Sequence[Notice]:
    planned = NOTICES[event.kind]
    if isinstance(planned, Silent) or event.facts.get("told") is False:
        return ()
    return planned


def _letter(
    session: Session, event: Event, notice: Notice, recipient: Recipient, now: datetime
) -> outbox.Order:
    return outbox.Order(
        notice=notice.name,
        municipality_id=event.municipality_id,
        dedupe_key=f"{event.municipality_id}:{event.number}:{notice.name}:{_whom(recipient)}",
        person_id=recipient.person_id,
        email=recipient.email,
        account_id=event.account_id,
        task_id=event.task_id,
        context=TOLD[notice.name](session, event, now) if notice.name in TOLD else {},
        not_before=_not_before(session, event, notice, now),
    )


def _whom(recipient: Recipient) -> str:
    """Short, however long the address: the key has its limit."""
    return hashlib.sha256(recipient.email.encode()).hexdigest()[:32]


def _not_before(session: Session, event: Event, notice: Notice, now: datetime) -> datetime | None:
    """When it may leave: a refusal after the hour of regret, what the clock brings about in working hours."""
    if REGISTRY[notice.name].by_clock:
        return law_in_force(session, event.municipality_id, now).calendar.working_time_from(now)
    if not notice.waits:
        return None
    task = session.get_one(UserTask, event.task_id)
    law = law_of_task(session, account_of(session, event), task, now)
    return (task.answered_at or now) + timedelta(minutes=law.policy.settings.regret_minutes)


_REFUSALS = ("application_declined", "change_refused", "closing_refused")
_FOLLOWED = {
    Process.OPENING: "application_approved",
    Process.ADMINISTRATOR_CHANGE: "change_approved",
    Process.GUEST: "change_approved",
    Process.CLOSING: "closing_begun",
}
"""What is told of an answer itself, and when an answer was the last one of its matter."""


def _kill_links(session: Session, event: Event, now: datetime) -> None:
    if event.kind in LINKS_DIE and event.task_id is not None:
        links.kill(session, now=now, why=LINKS_DIE[event.kind], task_id=event.task_id)
    if event.kind is E.PLAN_RESENT:
        links.kill(session, now=now, why="plan_changed", account_id=event.account_id, kind=LinkKind.DECIDE)
        links.kill(session, now=now, why="plan_changed", account_id=event.account_id, kind=LinkKind.CONSULT)
    for skipped in event.facts.get("tasks", ()) if event.kind is E.REPAIRED else ():
        links.kill(session, now=now, why="answered", task_id=skipped)
    if event.kind is E.TAKEN_BACK:
        _keep_back(session, event)


def _keep_back(session: Session, event: Event) -> None:
    """What has not left yet of what told of an answer, or of what followed from it, does not leave."""
    task = session.get_one(UserTask, event.task_id)
    followed = select(col(UserTask.id)).where(
        col(UserTask.account_id) == task.account_id,
        col(UserTask.process) == task.process,
        col(UserTask.account_role_id).is_not_distinct_from(task.account_role_id),
    )
    of_matter = col(Message.task_id).in_(followed) | col(Message.task_id).is_(None)
    refusal = col(Message.notice).in_(_REFUSALS) & (col(Message.task_id) == task.id)
    approval = (col(Message.notice) == _FOLLOWED[task.process]) & of_matter
    copies = (col(Message.notice) == "informed") & of_matter
    session.execute(
        update(Message)
        .where(
            col(Message.account_id) == event.account_id,
            col(Message.queued_at) >= undone_from(event),
            col(Message.state) == MessageState.QUEUED,
            or_(refusal, approval, copies),
        )
        .values(state=MessageState.NOT_NEEDED)
    )
