"""Embed cards in the API."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.actions.embeds import EmbedActions
from liveblog.web.api.common import Services, answer, parse, read_write, slug_of
from liveblog.wire.embeds import NewEmbed


def card_routes(services: Services, actions: EmbedActions) -> list[Route]:
    """``/api/v1/blogs/{slug}/embeds``."""

    async def ask(request: Request) -> Response:
        """The card of a page, as it stands."""
        write = await read_write(request, services)
        asked = parse(write, NewEmbed)
        assert write.ask.who is not None, "a write has somebody who asks"
        found = await actions.ask(slug_of(request), asked.url, write.ask.who)
        return answer(found, headers={"Cache-Control": "no-store"})

    return [Route("/api/v1/blogs/{slug}/embeds", ask, methods=["POST"])]
