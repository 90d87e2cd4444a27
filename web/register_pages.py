"""The public register: the list, an account's own page, what can be put on another page, and how."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from languages.speaking import SWEDISH, language
from lifecycle.public_addresses import read_address
from lifecycle.register import other_links
from lifecycle.register_book import page_of
from web.language import ASKED
from web.register_query import (
    Opened,
    as_query,
    entry_at,
    page_number,
    platform_of,
    register_at,
    wanted_by,
)

router = APIRouter()
PAGE_SIZE = 50
EMBEDDED_SIZE = 100
"""Accounts that stand on another page; the rest is linked to."""
_UNITS_TO_CHOOSE = 150
"""With more units than this one is written instead of chosen: the page stays small."""
_FOUND = {"x-robots-tag": "all"}
"""Everybody may find the register, search engines too."""


@router.get("/{slug}/konton")
def listed(request: Request, slug: str) -> HTMLResponse:
    """The accounts that are open and those that have been closed, searched and sifted."""
    asked = request.query_params
    with register_at(request, slug) as it:
        page = page_of(it.register.find(wanted_by(asked)), page_number(asked), PAGE_SIZE)
        values = _choices(it) | {"page": page, "others": other_links(it.law, it.law.day_of(it.now))}
    values["is_address"] = _is_address(asked.get("q", ""))
    return _show(it, "register/list.html", **values, asked=asked, query=_query_of(request))


def _is_address(text: str) -> bool:
    """Whether it is an address: what is listed is like it in words, and says nothing of whose it is."""
    read = read_address(text)
    return bool(read.keys) or read.lacks == "account"


def _query_of(request: Request) -> Any:
    return lambda **changed: as_query(request.query_params, **changed)


def _elsewhere(request: Request) -> dict[str, str]:
    """What the addresses on another site end with, so that they lead to the language spoken here."""
    spoken = {ASKED: language()} if language() != SWEDISH else {}
    return {"in_language": as_query({}, **spoken), "elsewhere": as_query(request.query_params, **spoken)}


def _choices(it: Opened) -> dict[str, Any]:
    units = it.register.units
    return {
        "platforms": it.register.platforms,
        "units": units if len(units) <= _UNITS_TO_CHOOSE else [],
        "has_units": bool(units),
    }


def _show(it: Opened, template: str, **values: Any) -> HTMLResponse:
    page = it.desk.show(template, municipality=it.municipality, base=it.base, **values)
    page.headers.update(_FOUND)
    return page


@router.get("/{slug}/konton/bygg-in")
def how_to_embed(request: Request, slug: str) -> HTMLResponse:
    """What to paste where, and the addresses of the other formats, of the same question."""
    asked = request.query_params
    with register_at(request, slug) as it:
        values = _choices(it) | _elsewhere(request)
    return _show(
        it, "register/embed.html", **values, asked=asked, query=_query_of(request), site=it.site, here=it.base
    )


@router.get("/{slug}/konton/inbaddad")
def embedded(request: Request, slug: str) -> HTMLResponse:
    """The list alone, to stand within a page of the municipality's own, in the language of its address."""
    asked = request.query_params
    with register_at(request, slug) as it:
        page = page_of(it.register.find(wanted_by(asked)), 1, EMBEDDED_SIZE)
    values: dict[str, Any] = {"page": page, "site": it.site, **_elsewhere(request)}
    return it.desk.show("register/embedded.html", municipality=it.municipality, **values)


@router.get("/{slug}/konton/officiellt")
def official(request: Request, slug: str) -> HTMLResponse:
    """Whether a pasted address is one of ours."""
    asked = request.query_params
    address = asked.get("adress", "").strip()
    with register_at(request, slug) as it:
        found = it.register.whose(address, platform_of(asked)) if address else None
    return _show(it, "register/official.html", asked=asked, address=address, found=found)


@router.get("/{slug}/konton/{account_id}")
def account(request: Request, slug: str) -> HTMLResponse:
    """One account."""
    with register_at(request, slug) as it:
        entry = entry_at(it, request)
    return _show(it, "register/account.html", entry=entry)
