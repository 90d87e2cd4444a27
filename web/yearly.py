"""The yearly report: a year's numbers for communications, on a page and as files."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts.yearly_report import XLSX, as_pdf, as_workbook
from acts.yearly_tables import YearReport, report_of, words
from lifecycle.law import law_in_force
from lifecycle.yearly_report import year_of, years_of
from papers.refusing import CannotWrite
from web.desk import Desk, desk_of, download
from web.my_view import member_visit
from web.turning import not_found
from web.visits import Visit

router = APIRouter()


@router.get("/{slug}/mina/{link_id}/arsrapport")
def report_page(request: Request) -> Response:
    """The chosen year, or the last one that has ended when there is one."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        years = _years(session, visit)
        chosen = request.query_params.get("ar", "")
        number = int(chosen) if chosen in map(str, years) else years[min(1, len(years) - 1)]
        return _page(session, desk, visit, years, number)


def _page(
    session: Session, desk: Desk, visit: Visit, years: list[int], number: int, says: str = ""
) -> Response:
    return desk.show(
        "mine/yearly.html",
        status=503 if says else 200,
        municipality=visit.municipality,
        visit=visit,
        years=years,
        report=_report(session, visit, number),
        written=words,
        says=says,
    )


def _years(session: Session, visit: Visit) -> list[int]:
    law = law_in_force(session, visit.municipality.id or 0, visit.now)
    return years_of(session, law, visit.now)


def _report(session: Session, visit: Visit, number: int) -> YearReport:
    law = law_in_force(session, visit.municipality.id or 0, visit.now)
    return report_of(session, law, visit.municipality.name, year_of(law, number, visit.now))


@router.get("/{slug}/mina/{link_id}/arsrapport/{number}.{form}")
def fetch(request: Request, number: str, form: str) -> Response:
    """A year as a file."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        years = _years(session, visit)
        if number not in map(str, years) or form not in ("pdf", "xlsx"):
            raise not_found()
        report, zone = _report(session, visit, int(number)), visit.municipality.time_zone
        name = f"Sociala medier {number}.{form}"
        if form == "xlsx":
            return download(name, as_workbook(report, visit.now, zone), XLSX)
        try:
            return download(name, as_pdf(report, visit.now, zone), "application/pdf")
        except CannotWrite as cannot:
            return _page(session, desk, visit, years, int(number), str(cannot))
