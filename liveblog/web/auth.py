"""Who is asking: a bearer token (RFC 6750), in the header and never in an address."""

from collections.abc import Awaitable, Callable

from starlette.requests import HTTPConnection

from liveblog.errors import NotAuthenticated
from liveblog.model.permissions import Principal


class Auth:
    """Finds the principal of a request.

    :param lookup: gives the principal a token stands for, or None.
    """

    def __init__(self, lookup: Callable[[str], Awaitable[Principal | None]]) -> None:
        self._lookup = lookup

    async def principal(self, request: HTTPConnection) -> Principal | None:
        """Who asks; None when nobody says who they are.

        :raises NotAuthenticated: a token is given and is not valid.
        """
        header = request.headers.get("authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        who = await self._lookup(token.strip()) if scheme.lower() == "bearer" else None
        if who is None:
            raise NotAuthenticated("This token is not valid (unknown, mistyped or revoked).")
        return who

    async def required(self, request: HTTPConnection) -> Principal:
        """Who asks.

        :raises NotAuthenticated: nobody says who they are, or wrongly.
        """
        who = await self.principal(request)
        if who is None:
            raise NotAuthenticated()
        return who
