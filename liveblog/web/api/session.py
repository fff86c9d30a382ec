"""The session in the API: sign in, who am I, sign out."""

from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.actions.sessions import Opened
from liveblog.errors import NotAuthenticated
from liveblog.model.people import LONGEST_PASSWORD, Person, Role
from liveblog.web.api.common import Services, answer, read_body
from liveblog.web.auth import COOKIE
from liveblog.web.live import client_address
from liveblog.web.rate import Rate
from liveblog.wire.requests import read

LONGEST = 4096
"""Bytes of a request."""
PER_ADDRESS = 20
PER_PERSON = 10
"""Attempts a minute, in each process: of one address (a newsroom may share it), and for one
e-mail address, whoever makes them."""

NO_STORE = {"Cache-Control": "no-store"}


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody signs in with."""

    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=LONGEST_PASSWORD)]


class PersonView(Struct, frozen=True):
    """A person as they themselves and their chiefs see them; ``role`` is that on the house."""

    id: str
    name: str
    email: str
    role: Role | None


def person_view(person: Person) -> PersonView:
    """What may be shown of a person."""
    return PersonView(person.id, person.name, person.email, person.role)


class Cookies:
    """The session's cookie: for our own pages, out of reach of scripts.

    :param public_url: says whether it must travel encrypted, and below which path.
    """

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._secure = parts.scheme == "https"
        self._path = parts.path.rstrip("/") or "/"

    def give(self, response: Response, secret: str) -> None:
        """Give a browser its session. It keeps it until it is closed; how long it counts, the
        store says."""
        response.set_cookie(
            COOKIE, secret, path=self._path, secure=self._secure, httponly=True, samesite="lax"
        )

    def take(self, response: Response) -> None:
        """Take it away."""
        response.delete_cookie(
            COOKIE, path=self._path, secure=self._secure, httponly=True, samesite="lax"
        )


class SessionApi:
    """The endpoints."""

    def __init__(self, services: Services, cookies: Cookies) -> None:
        self._s = services
        self._cookies = cookies
        self._addresses = Rate(PER_ADDRESS)
        self._people = Rate(PER_PERSON)

    def routes(self) -> list[Route]:
        """``/api/v1/session``."""
        address = "/api/v1/session"
        return [
            Route(address, self.sign_in, methods=["POST"]),
            Route(address, self.get, methods=["GET"]),
            Route(address, self.sign_out, methods=["DELETE"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """Begin a session; always a new one."""
        self._s.auth.refuse_foreign(request)
        asked = read(await read_body(request, LONGEST), SignIn)
        email = asked.email.strip().lower()
        self._addresses.ask(client_address(request))
        self._people.ask(email)
        opened = await self._s.actions.sessions.sign_in(email, asked.password, before(request))
        return self.welcome(opened)

    def welcome(self, opened: Opened) -> Response:
        """201 for somebody who has just come in, with their cookie."""
        response = answer({"person": person_view(opened.person)}, 201, NO_STORE)
        self._cookies.give(response, opened.secret)
        return response

    async def get(self, request: Request) -> Response:
        """Who has signed in, and their roles."""
        who = await self._s.auth.signed_in(request)
        account = await self._s.actions.sessions.account(who)
        if account is None:
            raise NotAuthenticated("Nobody is signed in here.")
        shown = {"person": person_view(account.person), "blogs": account.blogs}
        return answer(shown, headers=NO_STORE)

    async def sign_out(self, request: Request) -> Response:
        """End the session; also one that has ended already."""
        who = await self._s.auth.person(request)
        if who is not None:
            await self._s.actions.sessions.sign_out(who)
        response = Response(status_code=204, headers=NO_STORE)
        self._cookies.take(response)
        return response


def before(request: HTTPConnection) -> str | None:
    """The session that a browser comes with, whether it holds or not."""
    return request.cookies.get(COOKIE)
