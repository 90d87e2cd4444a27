"""A municipality's own look as its pages fetch it: a small stylesheet and its logotype, by their version."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from acts.appearance import logotype_named
from acts.logotypes import ENDINGS
from models.colours import Shades, shades_of
from web.desk import desk_of
from web.turning import not_found
from web.visits import municipality_at

router = APIRouter()
_FOR_EVER = "public, max-age=31536000, immutable"
_ANEW = "no-cache"
_HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""What a logotype may do if somebody opens it by itself: be drawn."""


@router.get("/{slug}/utseende.css")
def stylesheet(request: Request, slug: str) -> Response:
    """The municipality's colour, in every variant that is needed to read it."""
    with desk_of(request).reads() as session:
        municipality = municipality_at(session, slug)
        css = _css(shades_of(municipality.colour)) if municipality.colour else ""
        named = request.query_params.get("v") == municipality.look
    headers = {"cache-control": _FOR_EVER if named else _ANEW}
    return Response(css, media_type="text/css; charset=utf-8", headers=headers)


@router.get("/{slug}/logotyp/{file_name}")
def logotype(request: Request, slug: str, file_name: str) -> Response:
    """The municipality's own logotype, now or formerly; its name is the hash of what it holds."""
    with desk_of(request).reads() as session:
        municipality = municipality_at(session, slug)
        found = logotype_named(session, municipality, file_name)
        if found is None or file_name != f"{found.sha256}.{ENDINGS[found.media_type]}":
            raise not_found()
        headers = {"cache-control": _FOR_EVER, "content-security-policy": _HARMLESS}
        return Response(found.content, media_type=found.media_type, headers=headers)


def _css(shades: Shades) -> str:
    return f""":root:not([data-theme="dark"]) {{
{_variables(shades, shades.light, shades.light_hover)}
}}
@media (prefers-color-scheme: dark) {{
  :root:not([data-theme="light"]) {{
{_variables(shades, shades.dark, shades.dark_hover)}
  }}
}}
body > header {{ border-bottom: 4px solid {shades.colour}; }}
.swatch-chosen {{ background: {shades.colour}; color: {shades.text}; }}
.swatch-light {{ background: #ffffff; color: {shades.light}; }}
.swatch-dark {{ background: #15191b; color: {shades.dark}; }}
"""


def _variables(shades: Shades, link: str, hover: str) -> str:
    values = {
        "--pico-primary": link,
        "--pico-primary-hover": hover,
        "--pico-primary-background": shades.colour,
        "--pico-primary-hover-background": shades.pressed,
        "--pico-primary-border": link,
        "--pico-primary-hover-border": hover,
        "--pico-primary-inverse": shades.text,
        "--pico-primary-underline": link,
        "--pico-form-element-active-border-color": link,
        "--ticked": shades.ticked,
    }
    return "\n".join(f"    {name}: {value};" for name, value in values.items())
