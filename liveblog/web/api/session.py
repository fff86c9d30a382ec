"""The session in the API: sign in, who am I, sign out; and coming in with an invitation."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.actions.sessions import Opened
from liveblog.queries.people import PeopleQueries
from liveblog.web.api.common import Services, answer, read_body
from liveblog.web.cookies import Cookies, session_of
from liveblog.web.live import client_address
from liveblog.web.rate import Rate
from liveblog.wire.people import Accept, Shown, SignIn, person_view
from liveblog.wire.requests import read

LONGEST = 4096
"""Bytes of a request."""
PER_ADDRESS = 20
PER_PERSON = 10
"""Attempts a minute, in each process: of one address (a newsroom may share it), and for one
e-mail address, whoever makes them."""
NO_STORE = {"Cache-Control": "no-store"}


class SessionApi:
    """The endpoints.

    :param single: where single sign-on begins; None when there is none.
    """

    def __init__(
        self, services: Services, people: PeopleQueries, cookies: Cookies, single: str | None
    ) -> None:
        self._s = services
        self._people = people
        self._cookies = cookies
        self._single = single
        self._addresses = Rate(PER_ADDRESS)
        self._emails = Rate(PER_PERSON)

    def routes(self) -> list[Route]:
        """``/api/v1/session`` and what leads there."""
        session, invitations = "/api/v1/session", "/api/v1/invitations"
        return [
            Route("/api/v1/sign-in", self.ways, methods=["GET"]),
            Route(session, self.sign_in, methods=["POST"]),
            Route(session, self.get, methods=["GET"]),
            Route(session, self.sign_out, methods=["DELETE"]),
            Route(invitations + "/show", self.show, methods=["POST"]),
            Route(invitations + "/accept", self.accept, methods=["POST"]),
        ]

    async def ways(self, _: Request) -> Response:
        """How one can sign in here."""
        return answer({"password": True, "oidc": self._single}, headers=NO_STORE)

    async def sign_in(self, request: Request) -> Response:
        """Begin a session; always a new one."""
        self._s.auth.refuse_foreign(request)
        asked = read(await read_body(request, LONGEST), SignIn)
        email = asked.email.strip().lower()
        self._addresses.ask(client_address(request))
        self._emails.ask(email)
        sessions = self._s.actions.sessions
        return self._welcome(await sessions.sign_in(email, asked.password, session_of(request)))

    def _welcome(self, opened: Opened) -> Response:
        """201 for somebody who has just come in, with their cookie."""
        response = answer({"person": person_view(opened.person)}, 201, NO_STORE)
        self._cookies.give(response, opened.secret)
        return response

    async def get(self, request: Request) -> Response:
        """Who has signed in, and their roles."""
        account = await self._people.account(await self._s.auth.signed_in(request))
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

    async def show(self, request: Request) -> Response:
        """Whom a link is for. A POST, so that its token stands in no address."""
        self._s.auth.refuse_foreign(request)
        asked = read(await read_body(request, LONGEST), Shown)
        self._addresses.ask(client_address(request))
        guest = await self._s.actions.invitations.guest(asked.token)
        return answer(guest._asdict(), headers=NO_STORE)

    async def accept(self, request: Request) -> Response:
        """Come in with a link."""
        self._s.auth.refuse_foreign(request)
        asked = read(await read_body(request, LONGEST), Accept)
        self._addresses.ask(client_address(request))
        invitations = self._s.actions.invitations
        # Whoever is here already signs in with it: passwords are guessed no faster this way.
        self._emails.ask((await invitations.guest(asked.token)).email)
        return self._welcome(await invitations.accept(asked, session_of(request)))
