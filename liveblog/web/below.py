"""A server below a path of its public address."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Below:
    """Takes the path prefix of the public address off, for proxies that leave it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its path without the prefix."""
        path: str = scope.get("path", "")
        if self._prefix and path.startswith(self._prefix + "/"):
            scope = dict(scope) | {"path": path.removeprefix(self._prefix)}
        await self._app(scope, receive, send)
