"""The oEmbed provider (https://oembed.com): for the address of a page, how to show it elsewhere."""

from html import escape
from urllib.parse import urlsplit

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.errors import BadRequest, NotFound
from liveblog.feeds.site import Site
from liveblog.model.ids import read_slug
from liveblog.queries import Queries
from liveblog.types import Slug
from liveblog.web.headers import NO_CACHE
from liveblog.wire.links import Links

WIDTH, HEIGHT = 600, 800
"""Of the frame, in pixels, where the asker sets no limit."""
CACHED = 300
"""Seconds that the asker may keep the answer."""


def oembed_routes(queries: Queries, links: Links, site: Site) -> list[Route]:
    """The one address of the provider."""
    return [Route("/oembed", _Provider(queries, links, site).answer)]


class _Provider:
    """Shows the live page of any page of a blog, in a frame."""

    def __init__(self, queries: Queries, links: Links, site: Site) -> None:
        self._queries = queries
        self._links = links
        self._name = site.name or urlsplit(links.base).netloc

    async def answer(self, request: Request) -> Response:
        """What everybody may be shown; whoever asks is nobody here."""
        asked = request.query_params
        if asked.get("format", "json") != "json":
            # The status is the specification's.
            raise HTTPException(501, "There is no other format than json.")
        slug = self._slug(asked.get("url"))
        blog = await self._queries.blog(slug, None)
        width = _pixels("maxwidth", asked.get("maxwidth"), WIDTH)
        height = _pixels("maxheight", asked.get("maxheight"), HEIGHT)
        title = blog.headline or blog.title
        # Only what consumers let through: they take styles off.
        frame = (
            f'<iframe src="{escape(self._links.embed(slug))}" title="{escape(title)}"'
            f' width="{width}" height="{height}" frameborder="0" loading="lazy"></iframe>'
        )
        body = {
            "version": "1.0",
            "type": "rich",
            "title": title,
            "provider_name": self._name,
            "provider_url": self._links.home,
            "cache_age": CACHED,
            "html": frame,
            "width": width,
            "height": height,
        }
        headers = {"Cache-Control": NO_CACHE, "X-Content-Type-Options": "nosniff"}
        return Response(msgspec.json.encode(body), 200, headers, "application/json")

    def _slug(self, url: str | None) -> Slug:
        """The blog that an address is of, whatever of it the address shows.

        :raises NotFound: it is no page of ours.
        """
        if url is None:
            raise BadRequest("url is missing: the address of the page to show.")
        pages = f"{self._links.base}/blogs/"
        if not self._links.base or not url.startswith(pages):
            raise NotFound("url is no page of a blog of this site.")
        address = url.removeprefix(pages).partition("#")[0].partition("?")[0]
        return read_slug(address.partition("/")[0])


def _pixels(name: str, value: str | None, usual: int) -> int:
    """The usual size, or the most that the asker has room for.

    :raises BadRequest: it is no number.
    """
    if value is None:
        return usual
    if not value.isascii() or not value.isdigit() or len(value) > 9 or int(value) == 0:
        raise BadRequest(f"{name} is a whole number of pixels.")
    return min(int(value), usual)
