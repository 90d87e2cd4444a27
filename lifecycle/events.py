"""The one vocabulary of what happens: audit log, notices and timelines all use these words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from lifecycle.identifying import SignedIn


class EventKind(StrEnum):
    """Everything that can happen to an account, a task or a municipality."""

    DRAFT_BEGUN = "draft_begun"
    DRAFT_REMINDED = "draft_reminded"
    DRAFT_ERASED = "draft_erased"
    PLAN_SENT = "plan_sent"
    PLAN_RESENT = "plan_resent"
    ATTACHMENT_ADDED = "attachment_added"
    ATTACHMENT_REMOVED = "attachment_removed"
    DECISION_ASKED = "decision_asked"
    CONSULTATION_ASKED = "consultation_asked"
    INFORMED = "informed"
    DECISION_GIVEN = "decision_given"
    CONSULTATION_GIVEN = "consultation_given"
    CONSULTATION_UNANSWERED = "consultation_unanswered"
    CHANGES_ASKED = "changes_asked"
    HANDED_OVER = "handed_over"
    TASK_WITHDRAWN = "task_withdrawn"
    TAKEN_BACK = "taken_back"
    LETTER_AGAIN = "letter_again"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    STANDS_RED = "stands_red"
    RED_CLEARED = "red_cleared"
    APPLICATION_APPROVED = "application_approved"
    APPLICATION_DECLINED = "application_declined"
    APPLICATION_WITHDRAWN = "application_withdrawn"
    APPLICATION_LAPSED = "application_lapsed"
    APPLICATION_ENDED = "application_ended"
    ITEMS_ASKED = "items_asked"
    ITEM_CONFIRMED = "item_confirmed"
    ITEMS_REMINDED = "items_reminded"
    ADDRESS_SET = "address_set"
    ACKNOWLEDGED = "acknowledged"
    ACCOUNT_ACTIVE = "account_active"
    ADDRESS_CHANGED = "address_changed"
    UNIT_CHANGED = "unit_changed"
    CHANGE_ASKED = "change_asked"
    CHANGE_APPROVED = "change_approved"
    CHANGE_REFUSED = "change_refused"
    ADMINISTRATOR_BEGAN = "administrator_began"
    ADMINISTRATOR_ENDED = "administrator_ended"
    CLOSING_ASKED = "closing_asked"
    CLOSING_REFUSED = "closing_refused"
    CLOSING_BEGUN = "closing_begun"
    REQUEST_WITHDRAWN = "request_withdrawn"
    ACCOUNT_CLOSED = "account_closed"
    REPAIRED = "repaired"
    STATE_CHANGED = "state_changed"
    POSTING_CHECKED = "posting_checked"
    INACTIVITY_WARNED = "inactivity_warned"
    INACTIVITY_FOUND = "inactivity_found"
    INACTIVITY_UNANSWERED = "inactivity_unanswered"
    INACTIVITY_SETTLED = "inactivity_settled"
    DUTY_ANSWERED = "duty_answered"
    WATCH_ASKED = "watch_asked"
    WATCH_CONFIRMED = "watch_confirmed"
    WATCH_MISSED = "watch_missed"
    MISSED_DAY_EXPLAINED = "missed_day_explained"
    DUTIES_REMINDED = "duties_reminded"
    MORNING_TOLD = "morning_told"
    MAJOR_CHANGE_TOLD = "major_change_told"
    SNAPSHOT_REFUSED = "snapshot_refused"
    SNAPSHOT_KEPT = "snapshot_kept"
    ABSENCE_ENTERED = "absence_entered"
    ABSENCE_CHANGED = "absence_changed"
    ABSENCE_ENDED = "absence_ended"
    STOOD_IN = "stood_in"
    ACT_ASKED = "act_asked"
    ACT_CONFIRMED = "act_confirmed"
    ACT_DROPPED = "act_dropped"
    ACT_LAPSED = "act_lapsed"
    LEAVE_PLANNED = "leave_planned"
    PERSON_LEFT = "person_left"
    STAFF_READ = "staff_read"
    REST_SET = "rest_set"
    REST_ENDED = "rest_ended"
    END_SET = "end_set"
    END_NEARS = "end_nears"
    CRISIS_BEGUN = "crisis_begun"
    CRISIS_ENDED = "crisis_ended"
    EXEMPTED = "exempted"
    EXEMPTION_ENDED = "exemption_ended"
    INVENTORY_ASKED = "inventory_asked"
    DUTIES_ASKED = "duties_asked"
    EVALUATED = "evaluated"
    DIRECTIVE_REPORTED = "directive_reported"
    GUIDELINE_REVIEWED = "guideline_reviewed"
    POLICY_PROPOSED = "policy_proposed"
    POLICY_DECIDED = "policy_decided"
    VISITOR_REPORTED = "visitor_reported"
    CASE_OPENED = "case_opened"
    CASE_ASKED = "case_asked"
    CASE_ALARM = "case_alarm"
    CASE_STEP_DONE = "case_step_done"
    CASE_STEP_UNANSWERED = "case_step_unanswered"
    CASE_FORWARDED = "case_forwarded"
    CASE_REMINDED = "case_reminded"
    CASE_LATE = "case_late"
    CASE_CLOSED = "case_closed"
    EVIDENCE_ADDED = "evidence_added"
    PAPER_MADE = "paper_made"
    PAPER_NUMBERED = "paper_numbered"
    HANDED_OUT = "handed_out"
    PERSON_COPIED = "person_copied"
    LANGUAGE_SET = "language_set"
    CHAIN_TOLD = "chain_told"
    POLICY_ADOPTED = "policy_adopted"
    IMPORTED = "imported"
    TARGET_CHANGED = "target_changed"
    CALENDAR_MADE = "calendar_made"
    CALENDAR_REVOKED = "calendar_revoked"
    LOOK_CHANGED = "look_changed"
    LETTER_WORDED = "letter_worded"
    RESTORED = "restored"
    MAIL_RETURNED = "mail_returned"
    ABSENCE_SUGGESTED = "absence_suggested"
    ANSWERED_BY_MAIL = "answered_by_mail"


@dataclass(frozen=True)
class By:
    """Who acts, and by which path (link, portal, form, cli, import, public or engine)."""

    person_id: int | None
    via: str
    on_behalf_of_id: int | None = None
    signed_in: SignedIn | None = None
    """How they signed in; None when they came by a mailed link, or need show nobody who they are."""


ENGINE = By(person_id=None, via="engine")


@dataclass(frozen=True)
class Event:
    """One thing that happened, as it was written to the audit log."""

    kind: EventKind
    at: datetime
    municipality_id: int
    number: int
    by: By
    account_id: int | None = None
    task_id: int | None = None
    clauses: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
