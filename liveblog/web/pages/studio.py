"""The desk's page: one document for all of its addresses. It holds no data, so it needs no
session; its script signs in and asks the API as any client does."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from liveblog.web.headers import NO_CACHE
from liveblog.web.pages.policy import GUARDS, Policies
from liveblog.web.pages.render import Pages


def studio_routes(pages: Pages, policies: Policies) -> list[Route]:
    """``/studio`` (sign-in and the list of blogs), ``/studio/join`` (an invitation; what it
    holds stands behind the ``#`` and reaches no server) and ``/studio/{slug}``."""
    html = pages.studio()
    headers = {
        **GUARDS,
        # An address of a draft blog is told to nobody.
        "Referrer-Policy": "same-origin",
        "Cache-Control": NO_CACHE,
        "Content-Security-Policy": policies.studio,
        "Cross-Origin-Opener-Policy": "same-origin",
    }

    async def page(request: Request) -> Response:
        return HTMLResponse(html, headers=headers)

    return [Route(path, page) for path in ("/studio", "/studio/join", "/studio/{slug}")]
