"""Reading a posted form: from our own page, of a bearable size, and with the page's own token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from web.desk import desk_of
from web.turning import Turned
from web.visits import Visit

FORM_TOKEN = "form_token"
_FIELDS_LIMIT = 400
_FILES_LIMIT = 40
_PART_LIMIT = 200_000
"""Bytes of one text in a form with files."""


@dataclass(frozen=True)
class PostedFile:
    """One file of a form."""

    field: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Posted:
    """What a form brought."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Sequence[PostedFile] = ()

    def text(self, name: str) -> str:
        """The last value of a field, or nothing."""
        return (self.values.get(name) or [""])[-1]

    def has(self, name: str) -> bool:
        """Whether the form had such a field."""
        return name in self.values


async def read_form(request: Request) -> Posted:
    """The form, cleaned of what no database takes; refused when it came from another site."""
    _demand_own_origin(request)
    try:
        data = await request.form(max_fields=_FIELDS_LIMIT, max_files=_FILES_LIMIT, max_part_size=_PART_LIMIT)
    except HTTPException as error:
        too_large = "exceeded" in str(error.detail).lower() or "too many" in str(error.detail).lower()
        if too_large:
            raise Turned(413, "turned/too_large.html", megabytes=0) from error
        raise Turned(400, "turned/bad_form.html") from error
    request.state.posted = posted = Posted(_texts(data), await _files(data))
    return posted


PostedForm = Annotated[Posted, Depends(read_form)]


def _demand_own_origin(request: Request) -> None:
    """Believe the browser's own word on where the form was; an old browser says less, and the token decides.

    Our pages send no referrer, and then a browser's Origin may be "null".
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "null")
    own = {request.headers.get("host", ""), urlsplit(desk_of(request).settings.portal_url).netloc}
    foreign = site not in ("same-origin", "none") if site else _host_in(origin) not in own
    if foreign and (site or origin != "null"):
        raise Turned(403, "turned/foreign_form.html")


def _host_in(origin: str) -> str:
    """What no browser sends has no host that is ours."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return "-"


def demand_token(posted: Posted, request: Request, visit: Visit) -> None:
    """Refuse a form that does not come from this link's own pages."""
    if not desk_of(request).signer.is_form_token(posted.text(FORM_TOKEN), visit.link):
        raise Turned(403, "turned/foreign_form.html")


def _texts(data: FormData) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for name, value in data.multi_items():
        if isinstance(value, str):
            texts.setdefault(name, []).append(_clean(value))
    return texts


def _clean(text: str) -> str:
    """One kind of line end, and no character that a database refuses."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return plain.encode("utf-8", "replace").decode()


async def _files(data: FormData) -> list[PostedFile]:
    """The files that were chosen; a file field left alone is posted as an empty file without a name."""
    return [
        PostedFile(name, value.filename, await value.read())
        for name, value in data.multi_items()
        if isinstance(value, UploadFile) and value.filename
    ]
