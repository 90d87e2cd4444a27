"""Snapshots, from the night's round to the archive: a browser tries, a person is asked, the file is kept.

No transaction is open while a browser works; what it brought is written account by account, so that one
that cannot be pictured stops no other.
"""

import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts.caring import demand_concerned
from acts.rounds import Report, Round, every_municipality
from acts.work import work
from connectors.capturing import Captured, NotCaptured, capture
from connectors.sights import shown_url
from lifecycle import documenting
from lifecycle.duty_tasks import demand_holder
from lifecycle.events import ENGINE, By
from lifecycle.law import Law, law_in_force
from lifecycle.process import account_for_look, account_of_task
from lifecycle.refusals import Refused
from lifecycle.rounds import Failure, Findings
from models import Account, Municipality, Person, Snapshot, TaskState, UserTask
from models.plain_errors import told_of
from notifications.enclosures import snapshot_name
from papers.refusing import CannotUse
from papers.snapshot_paper import Original, write_snapshot
from papers.snapshot_paper import Snapshot as OnPaper
from papers.verapdf import prove
from policies.keys import Platform
from policies.naming import platform_name
from runtime.database import reading

Capture = Callable[[str, Sequence[str], Path], Captured | NotCaptured]
"""Address, names to be found on the page, and a folder for the picture."""
_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "pdf": "application/pdf"}
_REASONS = {"planned": "Återkommande bild", "major_change": "Stor förändring", "final": "Kontot avslutas"}


def by_browser(address: str, names: Sequence[str], into: Path) -> Captured | NotCaptured:
    """The installation's own browser."""
    return capture(address, names, into=into)


def _want(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    for due in documenting.accounts_due_for_snapshot(session, law, on):
        with findings.trying(session, f"konto {due.account.id}"):
            findings.found += documenting.want_snapshot(session, law, due, now) is not None


WANT = Round(
    "documentation",
    when=lambda law, now: law.day_of(now),
    do=_want,
    repeats=True,
    silent_after=timedelta(hours=27),
)


# ---------------------------------------------------------------- by the browser, at night


@dataclass(frozen=True)
class _Wanted:
    """One picture to be tried, read before the browser begins."""

    task_id: int
    account_id: int
    address: str
    names: tuple[str, ...]


def capture_wanted(
    engine: Engine, take: Capture, now: Callable[[], datetime], only: Collection[int] | None = None
) -> Report:
    """Try every picture that is wanted, one after another; trouble with one is told and the rest goes on.

    In all municipalities, or in `only` some.
    """
    report = Report()
    for wanted in _all_wanted(engine, every_municipality(engine) if only is None else only, now()):
        try:
            with tempfile.TemporaryDirectory(prefix="kanalvakt-picture-") as folder:
                seen = take(wanted.address, wanted.names, Path(folder))
                _keep_or_ask(engine, wanted, seen, now())
            report.done += isinstance(seen, Captured)
            report.found += 1
        except Exception as error:  # Told at the end; the task stays, and is tried again next night.
            report.failures.append(Failure(f"konto {wanted.account_id}", told_of(error)))
    return report


def _all_wanted(engine: Engine, municipality_ids: Collection[int], now: datetime) -> list[_Wanted]:
    with reading(engine) as session:
        return [
            _Wanted(task.id or 0, account.id or 0, account.address, _names_of(account))
            for municipality_id in municipality_ids
            for task, account in documenting.to_capture(session, law_in_force(session, municipality_id, now))
        ]


def _names_of(account: Account) -> tuple[str, ...]:
    """The account's name, and the handle at the end of its address."""
    handle = account.address.rstrip("/").rpartition("/")[2].partition("?")[0].lstrip("@")
    return tuple(dict.fromkeys(one for one in (account.name, handle) if one))


def _keep_or_ask(engine: Engine, wanted: _Wanted, seen: Captured | NotCaptured, now: datetime) -> None:
    picture = None if isinstance(seen, NotCaptured) else _picture_of(engine, wanted, seen, now)
    with work(engine, now) as session:
        account = account_for_look(session, wanted.account_id)
        task = session.get_one(UserTask, wanted.task_id)
        law = law_in_force(session, account.municipality_id, now)
        if task.state is not TaskState.OPEN:
            return
        if picture is not None:
            documenting.keep_snapshot(session, law, account, task, picture, ENGINE, now)
        elif isinstance(seen, NotCaptured):
            documenting.ask_for_picture(session, law, account, task, seen.code.value, seen.says, now)


def _picture_of(engine: Engine, wanted: _Wanted, seen: Captured, now: datetime) -> documenting.Picture:
    """Written and looked through while nothing is locked: that takes some seconds."""
    remarks = ("Sidan fortsatte nedanför bilden.",) if seen.cut else ()
    original = Original("bild.png", seen.picture.read_bytes())
    with reading(engine) as session:
        account = session.get_one(Account, wanted.account_id)
        task = session.get_one(UserTask, wanted.task_id)
        shown = shown_url(seen.final_address) or account.address
        return _on_paper(session, account, task, original, shown, seen.browser, remarks, now)


def _on_paper(
    session: Session,
    account: Account,
    task: UserTask,
    original: Original,
    address: str,
    taken_by: str,
    remarks: tuple[str, ...],
    now: datetime,
) -> documenting.Picture:
    """The picture as the policy's kind of file, looked through before it is kept. Raises CannotUse."""
    municipality = session.get_one(Municipality, account.municipality_id)
    profile = task.details["profile"]
    front = OnPaper(
        municipality=municipality.name,
        account=account.name or address,
        platform=platform_name(Platform(account.platform)) if account.platform else "",
        address=address,
        taken_at=now,
        zone=municipality.time_zone,
        taken_by=taken_by,
        clauses=tuple(f"{one['cite']}: {one['title']}" for one in task.clauses),
        occasion=_REASONS[task.details["reason"]],
        remarks=remarks,
    )
    identifier = uuid5(NAMESPACE_URL, f"kanalvakt:snapshot:{task.id}").hex
    paper = write_snapshot(front, original, profile, created_at=now, identifier=identifier)
    proof = prove(paper.pdf, profile)
    return documenting.Picture(
        content=paper.pdf,
        profile=profile,
        original=original.content,
        original_type=_TYPES[paper.kind],
        address=address,
        taken_at=now,
        browser=taken_by,
        faults=proof.faults,
        checked_by=" och ".join(proof.by),
    )


# ---------------------------------------------------------------- by a person


def hand_in(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    file_name: str,
    content: bytes,
    via: str,
) -> Snapshot:
    """Keep a picture that somebody has taken: PNG, JPEG or PDF. Raises Refused `file_unusable`."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    account = account_of_task(session, task)
    holder = demand_holder(session, task, person)
    by, law = By(person.id, via, holder.instead_of_id), law_in_force(session, account.municipality_id, now)
    try:
        who = f"{person.name}, {person.title}" if person.title else person.name
        original = Original(file_name, content)
        picture = _on_paper(session, account, task, original, account.address, who, (), now)
    except CannotUse as unusable:
        raise Refused("file_unusable", says=unusable.says) from unusable
    return documenting.keep_snapshot(session, law, account, task, picture, by, now)


def tell_major_change(session: Session, now: datetime, *, account_id: int, person_id: int, via: str) -> None:
    """Somebody whom the account concerns says that it has changed much."""
    account = account_for_look(session, account_id)
    law = law_in_force(session, account.municipality_id, now)
    demand_concerned(session, account, session.get_one(Person, person_id), law.day_of(now))
    documenting.tell_major_change(session, law, account, By(person_id, via), now)


# ---------------------------------------------------------------- to the archive folder


def leave_in_archive(engine: Engine, folder: Path, now: datetime) -> Report:
    """Write what has not been left yet into the archive's folder, one below it for each municipality.

    A file that is there already is never written over. One that cannot be written is told, and tried again.
    """
    report = Report()
    with reading(engine) as session:
        waiting = (
            session.execute(select(col(Snapshot.id)).where(col(Snapshot.left_at).is_(None))).scalars().all()
        )
    for snapshot_id in waiting:
        try:
            with work(engine, now) as session:
                _leave(session, session.get_one(Snapshot, snapshot_id), folder, now)
            report.done += 1
        except OSError as error:
            report.failures.append(Failure(f"bild {snapshot_id}", told_of(error)))
    return report


def _leave(session: Session, snapshot: Snapshot, folder: Path, now: datetime) -> None:
    account = session.get_one(Account, snapshot.account_id)
    municipality = session.get_one(Municipality, account.municipality_id)
    place = folder / municipality.slug
    place.mkdir(parents=True, exist_ok=True)
    name = Path(snapshot_name(account, snapshot))
    path = place / f"{name.stem} {snapshot.sha256[:8]}.pdf"
    if not path.exists():
        half = path.with_suffix(".part")
        half.write_bytes(snapshot.content)
        half.rename(path)
        path.with_suffix(".sha256").write_text(f"{snapshot.sha256}  {path.name}\n", "utf-8")
    snapshot.left_at = now
    session.add(snapshot)
