"""What every answer carries: no leaking, no framing, no storing. And HEAD, which is GET without its page."""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; script-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-robots-tag": "noindex, nofollow",
}
ENCRYPTED_ONLY = "max-age=31536000; includeSubDomains"
"""Strict-Transport-Security: a browser that has been here by https comes by nothing else for a year."""
FORGET = {"clear-site-data": '"cache", "storage"'}
"""At the end of a visit. Not "cookies": that would end visits to every other site of the same domain."""

EMBEDDED_AT = re.compile(r"/[^/]+/konton/inbaddad")
"""The one page that is made to stand within others': it shows what is public, to nobody in particular."""
_EMBEDDED = {name: value for name, value in HEADERS.items() if name != "x-frame-options"} | {
    "content-security-policy": CONTENT_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *"),
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
    "cache-control": "public, max-age=60",
}


class SafeHeaders:
    """Adds the headers to every answer, errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, HEAD as GET, and add the headers on the way back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        asked = {**scope, "method": "GET"} if is_head else scope

        async def _send(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), scope["path"], scope["scheme"], message["status"])
            if message["type"] == "http.response.body" and is_head:
                message = {**message, "body": b""}
            await send(message)

        await self.app(asked, receive, _send)


def add_headers(headers: MutableHeaders, path: str, scheme: str, status: int) -> None:
    """Add what an answer lacks; its own stays. What went wrong is neither kept by browsers nor framed."""
    kept = path.startswith("/static/") and status < 400
    framed = EMBEDDED_AT.fullmatch(path) and status < 400
    if scheme == "https":
        headers.setdefault("strict-transport-security", ENCRYPTED_ONLY)
    if headers.get("content-type") == "image/svg+xml":
        headers["content-type"] = "image/svg+xml; charset=utf-8"
    for name, value in (_EMBEDDED if framed else HEADERS).items():
        headers.setdefault(name, value)
    if not kept:
        headers.add_vary_header("Accept-Language, Cookie")
    headers.setdefault("cache-control", "public, max-age=3600" if kept else "no-store")
