"""The desk's overviews as pages of the portal, for communications: whole lists, with a search."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from acts.overview_pages import IN_PREFECT, OVERVIEWS, Cell, Page
from acts.sheets import folded
from lifecycle.law import law_in_force
from papers.bars import as_address, drawn
from web.dates import number_in
from web.desk import desk_of
from web.my_view import member_visit
from web.turning import not_found

router = APIRouter()
ROWS_A_PAGE = 100


@dataclass(frozen=True)
class Shown:
    """The rows of an overview that one page of the portal has."""

    rows: Sequence[Sequence[tuple[str, Cell]]]
    """Each cell with its column's name; without the way to Prefect, which stands on the desk only."""
    found: int
    number: int
    count: int
    """Of pages."""


@router.get("/{slug}/mina/{link_id}/oversikt")
def overviews(request: Request) -> Response:
    """All eight, with what each says."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        law = law_in_force(session, visit.municipality.id or 0, visit.now)
        made = [(one, one.make(session, law, visit.now)) for one in OVERVIEWS.values()]
        return desk.show("mine/overviews.html", municipality=visit.municipality, visit=visit, overviews=made)


@router.get("/{slug}/mina/{link_id}/oversikt/{name}")
def overview(request: Request, name: str) -> Response:
    """One of them, whole."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        if name not in OVERVIEWS:
            raise not_found()
        law = law_in_force(session, visit.municipality.id or 0, visit.now)
        page = OVERVIEWS[name].whole(session, law, visit.now)
        wanted = request.query_params.get("sok", "").replace("\x00", "").strip()[:100]
        return desk.show(
            "mine/overview_list.html",
            municipality=visit.municipality,
            visit=visit,
            one=OVERVIEWS[name],
            page=page,
            shown=_shown(page, wanted, number_in(request.query_params.get("sida", "")) or 1),
            second=[_in_portal(page.second.columns, row) for row in page.second.rows] if page.second else [],
            wanted=wanted,
            picture=as_address(drawn(page.chart.bars)) if page.chart else "",
        )


def _shown(page: Page, wanted: str, number: int) -> Shown:
    words = [folded(word) for word in wanted.split()]
    rows = [row for row in page.rows if all(word in _text(row) for word in words)] if words else page.rows
    count = max(1, -(-len(rows) // ROWS_A_PAGE))
    number = min(max(1, number), count)
    part = rows[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE]
    return Shown([_in_portal(page.columns, row) for row in part], len(rows), number, count)


def _in_portal(columns: Sequence[str], row: Sequence[Cell]) -> list[tuple[str, Cell]]:
    return [(name, cell) for name, cell in zip(columns, row, strict=True) if name != IN_PREFECT]


def _text(row: Sequence[Cell]) -> str:
    return " ".join(folded(cell.text) for cell in row)
