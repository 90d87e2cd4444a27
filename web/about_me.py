"""What Kanalvakt keeps about the visitor, as a copy to take away."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from acts import about_me
from lifecycle.events import By
from papers.refusing import CannotWrite
from web.desk import desk_of, download
from web.forms import PostedForm, demand_token
from web.subjects import my_visit
from web.turning import not_found
from web.visits import Visit

router = APIRouter()


@router.get("/{slug}/mina/{link_id}/om-mig")
def about_page(request: Request) -> Response:
    """How much there is, and of what."""
    return _page(request)


def _page(request: Request, says: str = "") -> Response:
    desk = desk_of(request)
    with desk.reads() as session:
        visit = my_visit(session, request)
        return desk.show(
            "mine/about_me.html",
            status=503 if says else 200,
            municipality=visit.municipality,
            visit=visit,
            me=about_me.about(session, visit.someone, visit.now),
            says=says,
        )


@router.post("/{slug}/mina/{link_id}/om-mig/{form}")
def take_copy(request: Request, form: str, posted: PostedForm) -> Response:
    """The copy, as a paper or for machines; that it was taken is written into the log."""
    desk = desk_of(request)
    if form not in ("pdf", "json"):
        raise not_found()
    with desk.reads() as session:
        visit = my_visit(session, request)
        demand_token(posted, request, visit)
        me = about_me.about(session, visit.someone, visit.now)
    try:
        content, media_type = _copy(me, form, visit)
    except CannotWrite as cannot:
        return _page(request, str(cannot))
    with desk.works(visit.now) as session:
        person_id = visit.someone.id or 0
        about_me.record_copy(session, visit.now, person_id=person_id, by=By(person_id, "portal"))
    return download(f"om mig.{form}", content, media_type)


def _copy(me: about_me.AboutMe, form: str, visit: Visit) -> tuple[bytes, str]:
    if form == "json":
        return about_me.as_json(me), "application/json"
    return about_me.as_pdf(me, visit.now), "application/pdf"
