"""What somebody who has signed in is answered is for them alone.

A shared cache keeps nothing that was asked for with ``Authorization`` (RFC 9111 section 3.5); of a
cookie it knows nothing. So it is told.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liveblog.web.auth import COOKIE
from liveblog.web.headers import NO_CACHE

_SHOWN = f"{COOKIE}=".encode()


class Private:
    """ASGI middleware: no shared cache keeps what was asked for with our cookie, unless it is for
    everybody and says so itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and say so in the answer."""
        shown = scope["type"] == "http" and any(
            name == b"cookie" and _SHOWN in value for name, value in scope["headers"]
        )

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("cache-control") == NO_CACHE:
                    headers["cache-control"] = f"private, {NO_CACHE}"
                    headers.add_vary_header("Cookie")
            await send(message)

        await self._app(scope, receive, told if shown else send)
