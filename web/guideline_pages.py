"""The guideline: its review, new rules that wait for approval, and communications' page about both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import guideline_review as reviewing
from acts import policies
from lifecycle import guideline_review
from lifecycle.guideline_review import Size, deciders, revision_of
from lifecycle.law import Law, law_in_force, version_in_force
from lifecycle.policy_versions import proposals, version_of, versions_of
from lifecycle.refusals import Refused
from lifecycle.tasks import holders_of
from models import Account, Person, PolicyVersion, UserTask
from policies.comparing import Difference, differences
from policies.naming import role_name
from web.citing import cited
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.my_view import member_visit
from web.subjects import Subject
from web.visits import Visit

router = APIRouter()
_EMPTY = Posted()


# ---------------------------------------------------------------- the review, as a duty


def review_values(
    session: Session, subject: Subject, task: UserTask, account: Account | None
) -> Mapping[str, Any]:
    """Who decides on a large change, and when the guideline was last reviewed."""
    law = law_in_force(session, task.municipality_id, subject.visit.now)
    on = law.day_of(subject.visit.now)
    rule = revision_of(law, on)
    decides = (
        role_name(law.policy, rule.large_changes_by, "definite") if rule and rule.large_changes_by else ""
    )
    return {
        "decides": decides,
        "deciders": [one.name for one in deciders(session, law, on)],
        "last_on": guideline_review.last_reviewed_on(session, law),
        "edition_on": guideline_review.edition_on(law),
        "guidelines": list(law.content["guidelines"].values()) if law.policy.guidelines else [],
    }


_SIZES = {"ingen": None, "mindre": Size.SMALL, "storre": Size.LARGE}


def answer_review(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Nothing to change, a small change, or a large one."""
    if posted.text("andring") not in _SIZES:
        raise Refused("outcome_unknown")
    reviewing.review(
        session,
        subject.visit.now,
        task_id=task.id or 0,
        person_id=subject.visit.someone.id or 0,
        size=_SIZES[posted.text("andring")],
        text=posted.text("text"),
        via=subject.via,
    )


# ---------------------------------------------------------------- new rules, as a duty


def by_kind(found: Iterable[Difference]) -> list[tuple[str, list[Difference]]]:
    """Differences under the heading of their kind."""
    return [(kind, list(ones)) for kind, ones in groupby(found, key=lambda one: one.kind)]


def proposal_values(
    session: Session, subject: Subject, task: UserTask, account: Account | None
) -> Mapping[str, Any]:
    """The version, and what it changes against the one in force."""
    version = version_of(session, task)
    law = law_in_force(session, task.municipality_id, subject.visit.now)
    proposer = session.get(Person, task.details["proposed_by"]) if task.details["proposed_by"] else None
    return {
        "version": version,
        "size": task.details["size"],
        "proposer": proposer.name if proposer else "",
        "differences": by_kind(differences(law.content, version.content)),
    }


def answer_proposal(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Approve, or not and why."""
    if posted.text("beslut") not in ("ja", "nej"):
        raise Refused("outcome_unknown")
    policies.decide(
        session,
        subject.visit.now,
        task_id=task.id or 0,
        person_id=subject.visit.someone.id or 0,
        approve=posted.text("beslut") == "ja",
        reason=posted.text("skal"),
        via=subject.via,
        signed_in=subject.signed_in,
    )


# ---------------------------------------------------------------- communications' page


@dataclass(frozen=True)
class VersionLine:
    """One version of the rules, and where it stands."""

    version: PolicyVersion
    in_force: bool
    waits_for: Sequence[str]
    approved_by: str


def _lines(session: Session, law: Law, visit: Visit) -> list[VersionLine]:
    municipality_id = visit.municipality.id or 0
    now = version_in_force(session, municipality_id, law.day_of(visit.now))
    waiting = {task.details["version"]: task for task in proposals(session, municipality_id)}
    return [
        VersionLine(
            one,
            one.id == now.id,
            _holders(session, waiting.get(one.id)),
            session.get_one(Person, one.approved_by_id).name if one.approved_by_id else "",
        )
        for one in versions_of(session, municipality_id)
    ]


def _holders(session: Session, task: UserTask | None) -> list[str]:
    holders = holders_of(session, task.id) if task else []
    return [session.get_one(Person, one.person_id).name for one in holders]


@router.get("/{slug}/mina/{link_id}/riktlinjen")
def guideline_page(request: Request) -> Response:
    """The rules' versions, the guideline's review, and a form for new directives."""
    desk = desk_of(request)
    with desk.reads() as session:
        return _page(session, desk, request, member_visit(session, request))


def _page(
    session: Session,
    desk: Desk,
    request: Request,
    visit: Visit,
    *,
    posted: Posted = _EMPTY,
    refused: Refused | None = None,
) -> Response:
    law = law_in_force(session, visit.municipality.id or 0, visit.now)
    on = law.day_of(visit.now)
    rule = revision_of(law, on)
    return desk.show(
        "mine/guideline.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        versions=_lines(session, law, visit),
        guidelines=list(law.content["guidelines"].values()) if law.policy.guidelines else [],
        rule=rule,
        clauses=cited(law, [rule]) if rule else [],
        last_on=guideline_review.last_reviewed_on(session, law),
        due_on=guideline_review.due_on(session, law, on),
        open_reviews=[
            (task, _holders(session, task))
            for task in guideline_review.open_reviews(session, visit.municipality.id or 0)
        ],
        done=request.query_params.get("klart", ""),
        posted=posted,
        refused=refused,
    )


@router.post("/{slug}/mina/{link_id}/riktlinjen")
def report_directive(request: Request, posted: PostedForm) -> Response:
    """Tell of a new directive."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            visit = member_visit(session, request)
            demand_token(posted, request, visit)
            reviewing.report_directive(
                session,
                visit.now,
                person_id=visit.someone.id or 0,
                what=posted.text("direktiv"),
                via="portal",
            )
    except Refused as refused:
        with desk.reads() as session:
            visit = member_visit(session, request)
            return _page(session, desk, request, visit, posted=posted, refused=refused)
    return go_to(f"{visit.base}/riktlinjen?klart=direktiv#klart")
