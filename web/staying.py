"""A visit goes on as long as somebody uses it: every page gives its cookie anew."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Staying:
    """Adds the visit's cookie to every answer within it; an answer that sets cookies itself knows better."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the cookie on the way back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def _send(message: Message) -> None:
            if message["type"] == "http.response.start":
                _give_anew(MutableHeaders(scope=message), state.get("visit_cookies", ()))
            await send(message)

        await self.app(scope, receive, _send)


def _give_anew(headers: MutableHeaders, cookies: tuple[str, ...]) -> None:
    if "set-cookie" not in headers:
        for cookie in cookies:
            headers.append("set-cookie", cookie)
