"""The desk's pages as Prefect shows them: Markdown, with links to the portal and to flow runs."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from acts.desk_sheets import PROCESS, DeskOwner
from acts.overview_pages import OVERVIEWS, Cell, Page
from acts.process_pictures import OVERVIEW, Picture
from papers.bars import as_address, drawn

_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")
RUNS_FROM, RUNS_UNTIL = "2020-01-01T00:00:00.000Z", "2099-12-31T00:00:00.000Z"
"""A run is listed by when it was first planned, and an account may have waited for years since then."""

BEGUN = ("COMPLETED", "FAILED", "CRASHED", "RUNNING", "CANCELLED")
"""States of runs that have been: dozens more are planned, and come first in the list."""


@dataclass(frozen=True)
class FormLink:
    """A form of the desk: its name, what it is for, and its page."""

    name: str
    says: str
    deployment_id: str


def escaped(text: str) -> str:
    """Text in which nothing is Markdown, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def artifact_address(artifact_id: str) -> str:
    """Where Prefect shows an artifact."""
    return f"/v2/artifacts/artifact/{artifact_id}"


def runs_address(tag: str, states: Sequence[str] = ()) -> str:
    """The list of all flow runs with a tag, or of those in some states, however long they have waited."""
    chosen = {"tags": tag, "start": RUNS_FROM, "end": RUNS_UNTIL}
    kinds = {"state-types": json.dumps(states, separators=(",", ":"))} if states else {}
    return f"/v2/runs?{urlencode(chosen | kinds)}"


def portal_address(portal_url: str, owner: DeskOwner, place: str) -> str:
    """The portal's way to a page of the signed-in visitor."""
    return f"{portal_url}/{owner.slug}/oppna/{quote(place)}"


def as_markdown(name: str, page: Page, owner: DeskOwner, portal_url: str, start_id: str) -> str:
    """One overview."""
    back = f"[Start]({artifact_address(start_id)}) · " if start_id else ""
    whole = portal_address(portal_url, owner, f"oversikt/{name}")
    lines = [f"# {OVERVIEWS[name].title} · {escaped(owner.name)}", f"{back}[Hela listan i portalen]({whole})"]
    return "\n\n".join([*lines, *_body(page, owner, portal_url)]) + "\n"


def picture_page(picture: Picture, owner: DeskOwner, portal_url: str, start_id: str) -> str:
    """The whole process, with the number of accounts at each step."""
    back = f"[Start]({artifact_address(start_id)}) · " if start_id else ""
    whole = portal_address(portal_url, owner, "processen")
    return "\n\n".join(
        [
            f"# Processen · {escaped(owner.name)}",
            f"{back}[Samma bild i portalen, med allt i ord]({whole})",
            _image(picture.says(), picture.address(narrow=True)),
        ]
    )


def _image(says: str, address: str) -> str:
    return f"![{escaped(says)}]({address})"


def _body(page: Page, owner: DeskOwner, portal_url: str) -> list[str]:
    lines = [escaped(page.in_short)]
    if page.chart:
        lines.append(_image(page.chart.says, as_address(drawn(page.chart.bars))))
    if page.rows:
        lines.append(_table(page, owner, portal_url))
    if page.total > len(page.rows):
        first = "Den" if len(page.rows) == 1 else f"De {len(page.rows)}"
        lines.append(f"{first} första av {page.total} visas.")
    return lines + (_body(page.second, owner, portal_url) if page.second else [])


def _table(page: Page, owner: DeskOwner, portal_url: str) -> str:
    head = [_row(page.columns), _row(["---"] * len(page.columns))]
    return "\n".join(head + [_row([_cell(one, owner, portal_url) for one in row]) for row in page.rows])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell, owner: DeskOwner, portal_url: str) -> str:
    text = escaped(cell.text)
    text = f"**{text}**" if cell.bad and text else text
    if cell.run_id:
        return f"[{text}](/v2/runs/flow-run/{cell.run_id})"
    return f"[{text}]({portal_address(portal_url, owner, cell.place)})" if cell.place else text


_START = Environment(
    loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True
)  # Markdown, not HTML: what is put in is escaped by `escaped`.


def start_page(
    owner: DeskOwner,
    pages: Mapping[str, Page],
    artifact_ids: Mapping[str, str],
    forms: Sequence[FormLink],
    portal_url: str,
    picture: Picture,
) -> str:
    """Where the communications unit begins its morning."""
    return _START.get_template("desk_start.j2").render(
        municipality=escaped(owner.name),
        overviews=[
            (OVERVIEWS[name].title, artifact_address(artifact_ids[name]), escaped(page.in_short))
            for name, page in pages.items()
            if artifact_ids.get(name)
        ],
        accounts=runs_address(owner.slug),
        rounds=runs_address("rond", BEGUN),
        sent=runs_address("formular"),
        picture=_image(picture.says(OVERVIEW), picture.address(part=OVERVIEW)),
        process=artifact_address(artifact_ids[PROCESS]) if artifact_ids.get(PROCESS) else "",
        public=f"{portal_url}/{owner.slug}/konton",
        forms=[(escaped(one.name), form_address(one), escaped(one.says)) for one in forms],
    )


def form_address(form: FormLink) -> str:
    """Where Prefect shows the form."""
    return f"/v2/deployments/deployment/{form.deployment_id}/run"
