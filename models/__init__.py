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
from models.appearance import LetterWording, Logotype
from models.audit import AuditDetail, AuditEvent, AuditHead
from models.case import Case, CaseEvidence, CaseState, CaseWatcher
from models.columns import metadata
from models.desk import DeskSheet
from models.duty import Evaluation, RoundDone, Snapshot, SnapshotReason, SnapshotState, WatchMonth
from models.handle import WatchedAs, WatchedHandle
from models.link import Link, LinkKind
from models.message import MAY_LEAVE, Message, MessageState
from models.municipality import Municipality
from models.observation import AccountSource, IdentityChange, Observation, SightState
from models.organisation import Person, PostHolder, Unit, UnitLevel
from models.paper import Paper, PaperKind
from models.plan import Attachment, Plan
from models.policy_version import PolicyVersion
from models.presence import Absence, Crisis, Exemption, StaffReading
from models.report import VisitorReport
from models.returned import ReturnedAs, ReturnedMail
from models.target import NoticeTarget
from models.task import (
    FOLLOWED,
    IS_OPEN,
    IS_UNFINISHED,
    Outcome,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    UserTask,
)
from models.worker import FormRun, Heartbeat, RunLease

__all__ = [
    "FOLLOWED",
    "IS_OPEN",
    "IS_UNFINISHED",
    "LIVING",
    "MAY_LEAVE",
    "Absence",
    "Account",
    "AccountClass",
    "AccountRole",
    "AccountRoleKind",
    "AccountSource",
    "AccountState",
    "Attachment",
    "AuditDetail",
    "AuditEvent",
    "AuditHead",
    "Case",
    "CaseEvidence",
    "CaseState",
    "CaseWatcher",
    "Crisis",
    "DeskSheet",
    "Evaluation",
    "Exemption",
    "FormRun",
    "FormerAddress",
    "Heartbeat",
    "IdentityChange",
    "LetterWording",
    "Link",
    "LinkKind",
    "Logotype",
    "Message",
    "MessageState",
    "Municipality",
    "NoticeTarget",
    "Observation",
    "Outcome",
    "Paper",
    "PaperKind",
    "Person",
    "Plan",
    "PolicyVersion",
    "PostHolder",
    "Process",
    "ReturnedAs",
    "ReturnedMail",
    "RoundDone",
    "RunLease",
    "SightState",
    "Snapshot",
    "SnapshotReason",
    "SnapshotState",
    "StaffReading",
    "TaskHolder",
    "TaskKind",
    "TaskState",
    "Unit",
    "UnitLevel",
    "UserTask",
    "VisitorReport",
    "WatchMonth",
    "WatchedAs",
    "WatchedHandle",
    "metadata",
]
