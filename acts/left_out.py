"""What is not handed out with an account's records, and why.

What citizens wrote, texts of cases and evidence, free texts in the log, and where log-ins are kept must each
be weighed by itself (offentlighets- och sekretesslagen, 2009:400). They are named, with how many there are.
"""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlmodel import col

from acts.records import Records
from models import (
    AuditDetail,
    AuditEvent,
    Case,
    CaseEvidence,
    Message,
    Plan,
    Process,
    Snapshot,
    UserTask,
)


def left_out(records: Records) -> list[tuple[str, str, str]]:
    """What there is and is not in the file, how much, and why."""
    counted = [(what, count(records), why) for what, count, why in _LEFT_OUT]
    return [(what, str(count), why) for what, count, why in counted if count]


def _evidence(records: Records) -> int:
    since, until = records.period.instants(records.law)
    rows = (
        select(func.count(col(CaseEvidence.id)))
        .join(Case, col(Case.id) == col(CaseEvidence.case_id))
        .where(
            col(Case.account_id) == records.account.id,
            col(CaseEvidence.added_at) >= since,
            col(CaseEvidence.added_at) < until,
        )
    )
    return int(records.session.execute(rows).scalar_one())


def _texts(records: Records, *, weeded: bool) -> int:
    """Free texts of the log: those that are there, or those that have been weeded."""
    since, until = records.period.instants(records.law)
    gone = col(AuditDetail.weeded_on).is_not(None)
    rows = (
        select(func.count(col(AuditDetail.event_id)))
        .join(AuditEvent, col(AuditEvent.id) == col(AuditDetail.event_id))
        .where(
            col(AuditEvent.account_id) == records.account.id,
            col(AuditEvent.at) >= since,
            col(AuditEvent.at) < until,
            gone if weeded else ~gone,
        )
    )
    return int(records.session.execute(rows).scalar_one())


def _answers(records: Records) -> int:
    written = (col(UserTask.process) == Process.DUTIES, col(UserTask.reason) != "")
    return records.count(UserTask, UserTask.opened_at, *written)


def _drafts(records: Records) -> int:
    return records.count(Plan, Plan.saved_at, col(Plan.sent_at).is_(None))


_BY_ITSELF = "Prövas för sig"
_LEFT_OUT: tuple[tuple[str, Callable[[Records], int], str], ...] = (
    (
        "Ärenden om inlägg och meddelanden",
        lambda records: records.count(Case, Case.opened_at),
        f"{_BY_ITSELF}: kan röra enskilda personer.",
    ),
    ("Sparat underlag i ärendena", _evidence, f"{_BY_ITSELF}: visar vad enskilda har skrivit."),
    (
        "Fria texter i händelseloggen",
        lambda records: _texts(records, weeded=False),
        f"{_BY_ITSELF}: kan röra enskildas förhållanden.",
    ),
    ("Texter till svar på löpande uppgifter", _answers, f"{_BY_ITSELF}: kan röra enskildas frånvaro."),
    (
        "Uppgift om var inloggningen förvaras",
        lambda records: int(bool(records.account.log_in_kept_at)),
        f"{_BY_ITSELF}: rör kontots säkerhet.",
    ),
    (
        "Gallrade texter i händelseloggen",
        lambda records: _texts(records, weeded=True),
        "Finns inte längre: gallrade enligt regel. Händelserna står kvar.",
    ),
    (
        "Originalfiler till bilderna",
        lambda records: records.count(Snapshot, Snapshot.taken_at),
        "Återges i bildernas PDF.",
    ),
    ("Utkast till plan som inte skickats", _drafts, "Arbetsmaterial."),
    (
        "Brev som Kanalvakt har skickat",
        lambda records: records.count(Message, Message.queued_at),
        "Återger det som står i handlingarna och loggen.",
    ),
)
