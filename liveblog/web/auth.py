"""Who is asking: a bearer token (RFC 6750), in the header and never in an address, or the cookie
of somebody who has signed in.

A token wins when both come. The cookie counts only for what pages of ours ask (origin.py): a
write that they did not make is refused, and a read is answered as if there were no cookie.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import HTTPConnection

from liveblog.errors import ForeignOrigin, NotAuthenticated
from liveblog.model.permissions import Principal
from liveblog.web.origin import SAFE, is_foreign, may_join, may_read, may_write, origin_of

COOKIE = "liveblog_session"

Lookup = Callable[[str], Awaitable[Principal | None]]


class Auth:
    """Finds the principal of a request.

    :param tokens: gives the principal a token stands for, or None.
    :param sessions: the same for the value of a cookie.
    :param public_url: where browsers find this server; when empty, where they say they do.
    """

    def __init__(self, tokens: Lookup, sessions: Lookup, public_url: str = "") -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._own = origin_of(public_url)

    async def principal(self, request: HTTPConnection) -> Principal | None:
        """Who asks; None when nobody says who they are, or by a session that has ended.

        :raises NotAuthenticated: a token is given and is not valid.
        :raises ForeignOrigin: a page that is not ours asks for a write with a cookie.
        """
        header = request.headers.get("authorization")
        if header is None:
            return await self.person(request)
        scheme, _, token = header.partition(" ")
        who = await self._tokens(token.strip()) if scheme.lower() == "bearer" else None
        if who is None:
            raise NotAuthenticated("This token is not valid (unknown, mistyped or revoked).")
        return who

    async def person(self, request: HTTPConnection) -> Principal | None:
        """Who has signed in, whatever else is shown; None when nobody has.

        :raises ForeignOrigin: as for :meth:`principal`.
        """
        secret = request.cookies.get(COOKIE)
        if not secret:
            return None
        own = self._origin(request)
        if request.scope["type"] == "websocket":
            counts = may_join(request.headers, own)
        elif request.scope["method"] in SAFE:
            counts = may_read(request.headers, own)
        elif may_write(request.headers, own):
            counts = True
        else:
            raise ForeignOrigin()
        return await self._sessions(secret) if counts else None

    async def required(self, request: HTTPConnection) -> Principal:
        """Who asks.

        :raises NotAuthenticated: nobody says who they are, or wrongly.
        :raises ForeignOrigin: as for :meth:`principal`.
        """
        who = await self.principal(request)
        if who is None:
            raise NotAuthenticated()
        return who

    async def signed_in(self, request: HTTPConnection) -> Principal:
        """Who has signed in.

        :raises NotAuthenticated: nobody has. :raises ForeignOrigin: as for :meth:`principal`.
        """
        who = await self.person(request)
        if who is None:
            raise NotAuthenticated("Nobody is signed in here.")
        return who

    def refuse_foreign(self, request: HTTPConnection) -> None:
        """Nobody is signed in by a page that is not ours.

        :raises ForeignOrigin: one asks.
        """
        if is_foreign(request.headers, self._origin(request)):
            raise ForeignOrigin()

    def _origin(self, request: HTTPConnection) -> str:
        return self._own or origin_of(f"{request.url.scheme}://{request.url.netloc}")
