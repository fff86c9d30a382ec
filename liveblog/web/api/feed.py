"""The news feed in the API: ``GET /api/v1/feed``."""

from collections.abc import Callable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.errors import BadRequest
from liveblog.queries import FrontItem
from liveblog.web.admission import read_view
from liveblog.web.api.common import number, tagged
from liveblog.web.front import Front

_ASKED = {"before", "limit", "view"}


class CardView(Struct, frozen=True):
    """A card for pages: ``fragment`` is the front page's own HTML of it."""

    type: str
    id: str
    at: str
    fragment: str


def news_routes(front: Front, render: Callable[[FrontItem], str]) -> list[Route]:
    """The feed; ``?view=page`` gives fragments."""

    async def news(request: Request) -> Response:
        """A page of the feed, newest first."""
        unknown = sorted(set(request.query_params) - _ASKED)
        if unknown:
            raise BadRequest(f"{unknown[0]} is no parameter of the feed: before, limit, view are.")
        view = read_view(request.query_params)
        limit = number(request, "limit", 20, 1, 50) if "limit" in request.query_params else None
        page = await front.page(request.query_params.get("before"), limit)
        if view == "data":
            return tagged(request, page)
        cards = [
            CardView(item.type, item.id, f"{item.at:%Y-%m-%dT%H:%M:%S.%fZ}", render(item))
            for item in page.items
        ]
        return tagged(request, {"items": cards, "next": page.next})

    return [Route("/api/v1/feed", news, methods=["GET"])]
