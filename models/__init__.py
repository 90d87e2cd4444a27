"""THE FACTS: the tables. Times are aware UTC (`*_at`), days are in the municipality's zone (`*_on`)."""

from models.account import (
    LIVING,
    Account,
    AccountClass,
    AccountRole,
    AccountRoleKind,
    AccountState,
    FormerAddress,
)
from models.audit import AuditDetail, AuditEvent, AuditHead
from models.columns import metadata
from models.link import Link, LinkKind
from models.message import Message, MessageState
from models.municipality import Municipality
from models.observation import IdentityChange, SightState
from models.organisation import Person, PostHolder, Unit, UnitLevel
from models.plan import Attachment, Plan
from models.policy_version import PolicyVersion
from models.target import NoticeTarget
from models.task import Outcome, Process, TaskHolder, TaskKind, TaskState, UserTask
from models.worker import Heartbeat, RunLease

__all__ = [
    "LIVING",
    "Account",
    "AccountClass",
    "AccountRole",
    "AccountRoleKind",
    "AccountState",
    "Attachment",
    "AuditDetail",
    "AuditEvent",
    "AuditHead",
    "FormerAddress",
    "Heartbeat",
    "IdentityChange",
    "Link",
    "LinkKind",
    "Message",
    "MessageState",
    "Municipality",
    "NoticeTarget",
    "Outcome",
    "Person",
    "Plan",
    "PolicyVersion",
    "PostHolder",
    "Process",
    "RunLease",
    "SightState",
    "TaskHolder",
    "TaskKind",
    "TaskState",
    "Unit",
    "UnitLevel",
    "UserTask",
    "metadata",
]
