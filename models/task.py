"""User tasks (BPMN): everything a person is asked to do, in one table with one ladder."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel, col

from models.columns import choice_field, json_field


class TaskKind(StrEnum):
    """What is asked of the holder."""

    DECIDE = "decide"
    CONSULT = "consult"
    INFORM = "inform"
    """Nothing is asked: kept as a done task, so that it is known to have been told."""
    REVISE_PLAN = "revise_plan"
    CONFIRM_ITEM = "confirm_item"
    ACKNOWLEDGE = "acknowledge"
    WATCH = "watch"
    """Look at the account today."""
    TELL_POSTS = "tell_posts"
    """Say what has been posted, where it cannot be read."""
    POST = "post"
    """Nothing has been posted for longer than it should be: post, or say why not."""
    WARN = "warn"
    """An account is about to count as not kept up: what follows if nothing happens."""
    REVIEW = "review"
    """An account that is not kept up: keep, rest or close."""
    EVALUATE = "evaluate"
    TAKE_SNAPSHOT = "take_snapshot"
    """Hand in a picture of the account, where none could be taken."""
    WEED = "weed"
    REVIEW_GUIDELINE = "review_guideline"
    RENEW = "renew"
    """Confirm a line of the checklist anew, or acknowledge documents in a new edition."""
    APPROVE_POLICY = "approve_policy"
    """Let a proposed version of the rules take effect, or not."""
    LOOK_INTO = "look_into"
    """Something that communications must find out and put right, e.g. who takes over from somebody gone."""
    HANDLE = "handle"
    """One step of a case."""
    CONFIRM_ACT = "confirm_act"
    """Say by a mailed link that it was oneself who asked for an act; then it is carried out."""
    INVENTORY = "inventory"
    """Say whether an account that was taken over is one's own."""


class Process(StrEnum):
    """The chain or checklist the task belongs to."""

    OPENING = "opening"
    SETTING_UP = "setting_up"
    ADMINISTRATOR_CHANGE = "administrator_change"
    GUEST = "guest"
    CLOSING = "closing"
    CLOSING_ITEMS = "closing_items"
    DUTIES = "duties"
    """What the clock asks of an open account, and of the municipality."""
    CASE = "case"
    ACTS = "acts"
    """What somebody has begun and must confirm by a mailed link."""


class TaskState(StrEnum):
    """Open until answered, ended by time, or overtaken."""

    OPEN = "open"
    DONE = "done"
    NO_ANSWER = "no_answer"
    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken_back"
    MISSED = "missed"
    """Its time ran out and it can no longer be done: a day on which nobody looked."""


class Outcome(StrEnum):
    """What was answered."""

    APPROVE = "approve"
    DECLINE = "decline"
    ASK_FOR_CHANGES = "ask_for_changes"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    TOLD = "told"
    SKIPPED = "skipped"
    KEEP = "keep"
    CONTINUE = "continue"
    CHANGE = "change"
    REST = "rest"
    CLOSE = "close"


FOLLOWED = (
    TaskKind.EVALUATE,
    TaskKind.INVENTORY,
    TaskKind.POST,
    TaskKind.RENEW,
    TaskKind.REVIEW,
    TaskKind.TELL_POSTS,
)
"""Kinds of duties whose answer has consequences (`lifecycle.following`)."""
_KINDS = ", ".join(f"'{kind.value}'" for kind in FOLLOWED)
_UNFINISHED = (
    "(state = 'open' OR followed_at IS NULL AND (state = 'taken_back' OR"
    f" state IN ('done', 'no_answer') AND process = 'duties' AND kind IN ({_KINDS})))"
)
_UNFINISHED_SQL = sa.text(_UNFINISHED)
_OPEN_SQL = sa.text("state = 'open'")


class UserTask(SQLModel, table=True):
    """One thing asked of one person, or of any one of several (`TaskHolder`)."""

    __tablename__ = "user_task"
    __table_args__ = (
        sa.Index("ix_user_task_open", "account_id", sqlite_where=_OPEN_SQL, postgresql_where=_OPEN_SQL),
        sa.Index("ix_user_task_kind", "municipality_id", "kind", "due_at"),
        sa.Index(
            "ix_user_task_unfinished",
            "account_id",
            sqlite_where=_UNFINISHED_SQL,
            postgresql_where=_UNFINISHED_SQL,
        ),
        sa.Index("ix_user_task_place", "account_id", "process", "step"),
        sa.Index(
            "ix_user_task_open_kinds",
            "municipality_id",
            "kind",
            sqlite_where=_OPEN_SQL,
            postgresql_where=_OPEN_SQL,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id")
    account_id: int | None = Field(default=None, foreign_key="account.id")
    """Empty for what is asked about the municipality as a whole."""
    process: Process = choice_field(Process)
    kind: TaskKind = choice_field(TaskKind)
    step: str = Field(max_length=80)
    """The policy's id of the step or item."""
    once_key: str | None = Field(default=None, max_length=120, unique=True)
    """What the clock opened it for, e.g. "watch:12:2026-12-01": nothing is opened twice."""
    case_id: int | None = Field(default=None, foreign_key="account_case.id", index=True)
    account_role_id: int | None = Field(default=None, foreign_key="account_role.id")
    """The administrator an item or a change is about."""
    plan_version: int = 0
    role: str = Field(default="", max_length=40)
    """The policy's role that was to be found."""
    label: str = Field(default="", max_length=300)
    """What is asked, as the policy words it."""
    clauses: list[dict[str, str]] = json_field(list)
    """Snapshot of the citation: [{"ref", "cite", "title"}]."""
    modality: str = Field(default="must", max_length=10)
    state: TaskState = choice_field(TaskState, TaskState.OPEN)
    opened_at: AwareDatetime
    due_at: AwareDatetime | None = None
    """When a consultation ends without answer; empty where a ladder is climbed instead."""
    advised_at: AwareDatetime | None = None
    """When it should be done, where that is only recommended: reminded of, never held against anybody."""
    told_at: AwareDatetime | None = None
    """When its holders were first told in a morning letter; empty for what has letters of its own."""
    reminders: int = 0
    """Position on the ladder: reminders sent."""
    next_reminder_at: AwareDatetime | None = None
    escalated_at: AwareDatetime | None = None
    outcome: Outcome | None = choice_field(Outcome, None)
    reason: str = Field(default="", max_length=4000)
    details: dict[str, Any] = json_field(dict)
    """Further values of the answer, e.g. the way an item was satisfied or where a log-in is kept."""
    answered_by_id: int | None = Field(default=None, foreign_key="person.id")
    on_behalf_of_id: int | None = Field(default=None, foreign_key="person.id")
    answered_at: AwareDatetime | None = None
    followed_at: AwareDatetime | None = None
    """When the account's run had drawn the consequences of the answer."""


IS_OPEN = col(UserTask.state) == sa.literal_column("'open'")
"""Whether a task is open, said in the statement itself: else the indexes of open tasks are not used."""
IS_UNFINISHED = sa.text(_UNFINISHED)
"""Whether a task is open, or has ended and something may still follow from it; for its index, too."""


class TaskHolder(SQLModel, table=True):
    """A person who may answer a task, and why it came to them."""

    __tablename__ = "task_holder"
    __table_args__ = (sa.UniqueConstraint("task_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="user_task.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    instead_of_id: int | None = Field(default=None, foreign_key="person.id")
    why: list[dict[str, Any]] = json_field(list)
    """Reasons in order, as codes with values, e.g. [{"code": "is_applicant", "person_id": 3}]."""
    written: dict[str, str] | None = Field(
        default=None, sa_column=sa.Column(sa.JSON(none_as_null=True), nullable=True)
    )
    """What the person had written when they went to sign in; gone with the answer, or after a day."""
    written_at: AwareDatetime | None = None
