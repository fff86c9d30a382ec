"""Single sign-on: from our page to the newsroom's provider and back (oidc.py).

Both addresses are visited by the browser itself, so what goes wrong is told as a page.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from liveblog.actions.invitations import InvitationActions
from liveblog.errors import BadRequest, NotAllowed, NotFound, Refusal, Unavailable
from liveblog.oidc import Oidc, OidcFailed
from liveblog.web.cookies import Cookies, session_of
from liveblog.web.live import client_address
from liveblog.web.pages.policy import GUARDS, Policies
from liveblog.web.pages.render import Pages
from liveblog.web.rate import Rate

log = logging.getLogger("liveblog.web")

PATH = "/studio/sign-in/oidc"
BACK = PATH + "/back"
COOKIE = "liveblog_oidc"
PATIENCE = 600
"""Seconds somebody may take at the provider."""
PER_ADDRESS = 20
"""Requests a minute of one address: for each of them the provider is asked."""

Endpoint = Callable[[Request], Awaitable[Response]]


class SingleSignOn:
    """The endpoints.

    :param oidc: the provider; without one the addresses are not there.
    """

    def __init__(
        self, oidc: Oidc | None, invitations: InvitationActions, cookies: Cookies, pages: Pages
    ) -> None:
        self._oidc = oidc
        self._invitations = invitations
        self._cookies = cookies
        self._pages = pages
        self._policies = Policies(pages.links.base)
        self._addresses = Rate(PER_ADDRESS)

    def routes(self) -> list[Route]:
        """``/studio/sign-in/oidc`` and where the provider sends the browser back to."""
        return [
            Route(PATH, self._guarded(self.begin), methods=["GET"]),
            Route(BACK, self._guarded(self.back), methods=["GET"]),
        ]

    async def begin(self, request: Request) -> Response:
        """To the provider."""
        oidc = self._provider(request)
        secret = secrets.token_urlsafe(32)
        try:
            response = RedirectResponse(await oidc.begin(secret), HTTPStatus.SEE_OTHER)
        except OidcFailed as error:
            raise _unavailable(error) from None
        self._cookies.keep(response, COOKIE, secret, PATH, PATIENCE)
        return response

    async def back(self, request: Request) -> Response:
        """Back from it: who is that, and do they work here?"""
        oidc = self._provider(request)
        secret, query = request.cookies.get(COOKIE, ""), request.query_params
        if not secret or not oidc.is_answer(secret, query.get("state", "")):
            raise BadRequest("This sign-in was not begun here, or took too long. Begin anew.")
        if "code" not in query:
            raise NotAllowed("The sign-in was ended by your sign-in service.")
        try:
            identity = await oidc.identify(secret, query["code"])
        except OidcFailed as error:
            raise _unavailable(error) from None
        opened = await self._invitations.admit(identity.email, identity.name, session_of(request))
        response = RedirectResponse(self._pages.links.studio, HTTPStatus.SEE_OTHER)
        self._cookies.give(response, opened.secret)
        return response

    def _provider(self, request: Request) -> Oidc:
        if self._oidc is None:
            raise NotFound("There is no single sign-on here.")
        self._addresses.ask(client_address(request))
        return self._oidc

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, with refusals said as a page, and kept by nobody."""

        async def answer(request: Request) -> Response:
            try:
                response = await endpoint(request)
            except Refusal as refusal:
                title = HTTPStatus(refusal.status).phrase.capitalize()
                html = self._pages.error(refusal.status, title, str(refusal))
                response = HTMLResponse(html, refusal.status)
                if refusal.retry_after is not None:
                    response.headers["Retry-After"] = str(refusal.retry_after)
            if request.url.path.endswith(BACK):
                self._cookies.drop(response, COOKIE, PATH)  # an answer is taken once
            response.headers["Cache-Control"] = "no-store"
            response.headers["Content-Security-Policy"] = self._policies.private
            response.headers.update(GUARDS | {"Referrer-Policy": "no-referrer"})
            return response

        return answer


def _unavailable(error: OidcFailed) -> Refusal:
    """What the person is told; what happened is for the log."""
    log.warning("single sign-on failed: %s", error)
    return Unavailable("Your sign-in service did not say who you are. Try again, or ask a chief.")
