"""What a page is about, whether one came straight by a letter's link or by one's own page."""

from dataclasses import dataclass

from fastapi import Request
from sqlmodel import Session

from acts.caring import demand_concerned
from lifecycle.answers import holder_row
from lifecycle.identifying import SignedIn
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from models import Account, LinkKind, TaskKind, UserTask
from web.desk import Desk
from web.turning import not_found
from web.visits import Visit, id_in, live_visit, no_visit, visit_of

_LOCK = {"key_share": True}
"""Kept from other answers and looks; a letter's link, which only points to the account, may be written."""


@dataclass(frozen=True)
class Subject:
    """A visit to the pages about one thing, and those pages' own address."""

    visit: Visit
    base: str

    @property
    def by_letter(self) -> bool:
        """Whether the visitor came straight by a letter's link."""
        return self.visit.link.kind is not LinkKind.MY_PAGE

    @property
    def via(self) -> str:
        """The path, as the audit log names it."""
        return "link" if self.by_letter else "portal"

    @property
    def signed_in(self) -> SignedIn | None:
        """How the visitor signed in; None when they came by a mailed link."""
        kept = self.visit.link.signed_in
        return SignedIn.from_kept(kept) if kept is not None else None

    def sign_in_standing(self, desk: Desk, *, wanted: bool) -> str:
        """Where an answer here stands that may want a sign-in: "needed", "done", "missing" or nothing."""
        if not wanted:
            return ""
        if self.signed_in is not None:
            return "done"
        return "needed" if desk.provider(self.visit.municipality.slug) else "missing"

    @property
    def link_id(self) -> int | None:
        """The link that an answer here uses up."""
        return self.visit.link.id if self.by_letter else None


def _subject(session: Session, request: Request, area: str, number: str, *, live: bool) -> Subject:
    """The visit, by one's own page or the morning letter where the address has a number of its own."""
    if number not in request.path_params:
        visit = live_visit(session, request) if live else visit_of(session, request)
        return Subject(visit, visit.base)
    by_morning_letter = request.url.path.split("/")[2:3] == ["idag"]
    visit = live_visit(session, request) if by_morning_letter else my_visit(session, request)
    return Subject(visit, f"{visit.base}/{area}/{id_in(request, number)}")


def my_visit(session: Session, request: Request) -> Visit:
    """A visit to one's own page, opened by a click and still running."""
    visit = live_visit(session, request)
    if visit.link.kind is not LinkKind.MY_PAGE or not visit.opened or visit.person is None:
        raise no_visit(request)
    return visit


def application_subject(
    session: Session, request: Request, *, live: bool = True, lock: bool = False
) -> tuple[Subject, Account]:
    """An application, for the one who applied."""
    subject = _subject(session, request, "ansokan", "account_id", live=live)
    account = _account(session, request, subject, lock=lock)
    if account.applicant_id != subject.visit.someone.id:
        raise not_found()
    return subject, account


def _account(session: Session, request: Request, subject: Subject, *, lock: bool = False) -> Account:
    """The link's account, or the one in the address where it belongs to the same municipality."""
    named = "account_id" in request.path_params
    wanted = id_in(request, "account_id") if named else subject.visit.link.account_id
    locked = _LOCK if lock else None
    account = session.get(Account, wanted, with_for_update=locked) if wanted is not None else None
    if account is None or account.municipality_id != subject.visit.municipality.id:
        raise not_found()
    return account


def checklist_subject(
    session: Session, request: Request, *, live: bool = True, lock: bool = False
) -> tuple[Subject, Account]:
    """An account's checklist, as one of its people meets it."""
    subject = _subject(session, request, "lista", "account_id", live=live)
    return subject, _account(session, request, subject, lock=lock)


def account_subject(session: Session, request: Request, *, lock: bool = False) -> tuple[Subject, Account]:
    """An account's own page, for those it concerns."""
    subject = _subject(session, request, "konto", "account_id", live=True)
    account = _account(session, request, subject, lock=lock)
    law = law_in_force(session, account.municipality_id, subject.visit.now)
    try:
        demand_concerned(session, account, subject.visit.someone, law.day_of(subject.visit.now))
    except Refused as refused:
        raise not_found() from refused
    return subject, account


def day_subject(session: Session, request: Request, *, live: bool = True) -> Subject:
    """A person's day, by the morning letter's link or by one's own page."""
    if request.url.path.split("/")[2:3] == ["mina"]:
        visit = my_visit(session, request)
        return Subject(visit, f"{visit.base}/idag")
    visit = live_visit(session, request) if live else visit_of(session, request)
    return Subject(visit, visit.base)


def confirming_subject(session: Session, request: Request, *, live: bool = False) -> tuple[Subject, UserTask]:
    """What somebody has begun, by its letter's link; or in a visit that was signed in, for who has to be."""
    subject = _subject(session, request, "bekrafta", "task_id", live=live)
    wanted = subject.visit.link.task_id if subject.by_letter else id_in(request, "task_id")
    task = session.get(UserTask, wanted) if wanted is not None else None
    if task is None or task.kind is not TaskKind.CONFIRM_ACT:
        raise not_found()
    if subject.by_letter:
        return subject, task
    if subject.signed_in is None or not holder_row(session, task, subject.visit.someone):
        raise not_found()
    return subject, task


def duty_subject(
    session: Session, request: Request, *, lock: bool = False
) -> tuple[Subject, UserTask, Account | None]:
    """One thing that the clock asks, for somebody it was put to; its account, if it is about one."""
    subject = day_subject(session, request)
    task = session.get(UserTask, id_in(request, "task_id"))
    if task is None or task.municipality_id != subject.visit.municipality.id:
        raise not_found()
    if task.answered_by_id != subject.visit.someone.id and not holder_row(
        session, task, subject.visit.someone
    ):
        raise not_found()
    locked = _LOCK if lock else None
    account = session.get(Account, task.account_id, with_for_update=locked) if task.account_id else None
    return subject, task, account


def question_subject(
    session: Session, request: Request, *, live: bool = False, lock: bool = False
) -> tuple[Subject, UserTask, Account]:
    """A question, for the one it was put to."""
    subject = _subject(session, request, "fraga", "task_id", live=live)
    wanted = subject.visit.link.task_id if subject.by_letter else id_in(request, "task_id")
    task = session.get(UserTask, wanted) if wanted is not None else None
    if task is None or task.municipality_id != subject.visit.municipality.id:
        raise not_found()
    person = subject.visit.someone
    if task.account_id is None:
        raise not_found()
    if not subject.by_letter and task.answered_by_id != person.id and not holder_row(session, task, person):
        raise not_found()
    return subject, task, session.get_one(Account, task.account_id, with_for_update=_LOCK if lock else None)
