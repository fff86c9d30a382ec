"""``/robots.txt`` and the sitemaps: where search engines may look, and what there is."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.errors import NotFound
from liveblog.feeds import sitemap
from liveblog.feeds.site import Site
from liveblog.model.ids import read_slug
from liveblog.queries import Queries
from liveblog.web.headers import NO_CACHE, none_match
from liveblog.wire.links import Links

NEWS = timedelta(hours=48)
"""How long a story is news: search engines take no older ones."""


def found_routes(queries: Queries, links: Links, site: Site) -> list[Route]:
    """What search engines ask for to find pages."""
    found = _Found(queries, links, site)
    return [
        Route("/robots.txt", found.robots),
        Route("/sitemap.xml", found.index),
        Route("/sitemap-news.xml", found.news),
        Route("/sitemaps/{slug}/{n:int}.xml", found.part),
    ]


class _Found:
    """One method an address."""

    def __init__(self, queries: Queries, links: Links, site: Site) -> None:
        self._queries = queries
        self._links = links
        self._name = site.name or urlsplit(links.base).netloc

    async def robots(self, request: Request) -> Response:
        """Who may look at what (RFC 9309)."""
        prefix = self._links.prefix
        lines = ["User-agent: *", f"Disallow: {prefix}/api/", f"Disallow: {prefix}/studio"]
        if self._links.base:
            names = ("sitemap.xml", "sitemap-news.xml")
            lines += [f"Sitemap: {self._links.base}/{name}" for name in names]
        return _answer(request, "\n".join([*lines, ""]).encode(), "text/plain; charset=utf-8")

    async def index(self, request: Request) -> Response:
        """The list of sitemaps, at least one for each public blog."""
        self._whole()
        maps = await self._queries.sitemaps()
        return await _xml(request, lambda: sitemap.index(maps))

    async def part(self, request: Request) -> Response:
        """So many entries of a blog, and their days."""
        self._whole()
        slug, number = read_slug(request.path_params["slug"]), request.path_params["n"]
        pages = await self._queries.sitemap(slug, number)
        return await _xml(request, lambda: sitemap.urlset(pages))

    async def news(self, request: Request) -> Response:
        """What was published in the last two days."""
        self._whole()
        stories = await self._queries.stories(datetime.now(UTC) - NEWS)
        return await _xml(request, lambda: sitemap.news(stories, self._name))

    def _whole(self) -> None:
        """:raises NotFound: addresses cannot be whole, as they must be in a sitemap."""
        if not self._links.base:
            raise NotFound("There is no sitemap: LIVEBLOG_PUBLIC_URL is not set.")


async def _xml(request: Request, write: Callable[[], bytes]) -> Response:
    # Thousands of addresses take tens of milliseconds, in which no reader would be told a thing.
    body = await asyncio.to_thread(write)
    return _answer(request, body, "application/xml; charset=utf-8")


def _answer(request: Request, body: bytes, media: str) -> Response:
    etag = f'W/"{sha256(body).hexdigest()[:20]}"'
    headers = {"Cache-Control": NO_CACHE, "ETag": etag, "X-Content-Type-Options": "nosniff"}
    if none_match(request.headers, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers={**headers, "Content-Type": media})
