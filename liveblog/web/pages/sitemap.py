"""``/robots.txt``, the sitemaps, and the oEmbed provider (https://oembed.com)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.errors import BadRequest, NotFound
from liveblog.feeds import sitemap
from liveblog.feeds.site import Site
from liveblog.model.ids import read_slug
from liveblog.queries import Queries
from liveblog.web.headers import NO_CACHE, none_match
from liveblog.wire.links import Links

NEWS = timedelta(hours=48)
WIDTH, HEIGHT = 600, 800
"""Of an embedded live page, in pixels, where the asker sets no limit."""


def found_routes(queries: Queries, links: Links, site: Site) -> list[Route]:
    """What machines ask for that want to find pages, or to show one."""
    found = _Found(queries, links, site)
    return [
        Route("/robots.txt", found.robots),
        Route("/sitemap.xml", found.index),
        Route("/sitemap-news.xml", found.news),
        Route("/sitemaps/{slug}/{n:int}.xml", found.part),
        Route("/oembed", found.oembed),
    ]


class _Found:
    """One method an address."""

    def __init__(self, queries: Queries, links: Links, site: Site) -> None:
        self._queries = queries
        self._links = links
        self._site = site

    async def robots(self, request: Request) -> Response:
        """Who may look at what (RFC 9309)."""
        prefix = self._links.prefix
        lines = ["User-agent: *", f"Disallow: {prefix}/api/", f"Disallow: {prefix}/studio"]
        if self._links.base:
            names = ("sitemap.xml", "sitemap-news.xml")
            lines += [f"Sitemap: {self._links.base}/{name}" for name in names]
        return _answer(request, "\n".join([*lines, ""]).encode(), "text/plain; charset=utf-8")

    async def index(self, request: Request) -> Response:
        """The list of sitemaps, some for each public blog."""
        parts = await self._queries.sitemap_parts()
        base = self._base()
        addresses = (f"{base}/sitemaps/{slug}/{n}.xml" for slug, count in parts for n in count)
        return _xml(request, lambda: sitemap.index([f"{base}/sitemap-news.xml", *addresses]))

    async def part(self, request: Request) -> Response:
        """A part of a blog: its page, its days, and so many entries."""
        self._base()
        slug, number = read_slug(request.path_params["slug"]), request.path_params["n"]
        rows = await self._queries.sitemap_part(slug, number)
        return _xml(request, lambda: sitemap.pages(rows))

    async def news(self, request: Request) -> Response:
        """What was published in the last two days."""
        self._base()
        rows = await self._queries.news(datetime.now(UTC) - NEWS)
        name = self._site.name or urlsplit(self._links.base).netloc
        return _xml(request, lambda: sitemap.news(rows, name))

    def _base(self) -> str:
        if not self._links.base:
            raise NotFound("There is no sitemap: LIVEBLOG_PUBLIC_URL is not set.")
        return self._links.base

    async def oembed(self, request: Request) -> Response:
        """How to show a live page elsewhere, for the address of one."""
        asked = request.query_params
        if asked.get("format", "json") != "json":
            raise NotFound("Only format=json is there.")  # by the specification 501; 404 is read
        url = asked.get("url", "")
        prefix = f"{self._links.base}/blogs/"
        if not self._links.base or not url.startswith(prefix):
            raise NotFound("url is no live page of this site.")
        slug = read_slug(url.removeprefix(prefix).partition("/")[0].partition("?")[0])
        blog = await self._queries.blog(slug, None)
        width = min(_pixels(asked.get("maxwidth"), WIDTH), 1200)
        height = min(_pixels(asked.get("maxheight"), HEIGHT), 2000)
        title = blog.headline or blog.title
        frame = (
            f'<iframe src="{escape(self._links.embed(slug))}" title="{escape(title)}"'
            f' width="{width}" height="{height}" loading="lazy" style="border:0"></iframe>'
        )
        body = {
            "version": "1.0",
            "type": "rich",
            "title": title,
            "provider_name": self._site.name or urlsplit(self._links.base).netloc,
            "provider_url": self._links.home,
            "cache_age": 300,
            "html": frame,
            "width": width,
            "height": height,
        }
        return _answer(request, msgspec.json.encode(body), "application/json")


def _pixels(value: str | None, usual: int) -> int:
    if value is None:
        return usual
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:6]) <= 100_000:
        raise BadRequest("maxwidth and maxheight are whole numbers of pixels.")
    return min(int(value[:6]), usual)


def _xml(request: Request, write: Callable[[], bytes]) -> Response:
    return _answer(request, write(), "application/xml; charset=utf-8")


def _answer(request: Request, body: bytes, media: str) -> Response:
    etag = f'W/"{sha256(body).hexdigest()[:20]}"'
    headers = {"Cache-Control": NO_CACHE, "ETag": etag, "X-Content-Type-Options": "nosniff"}
    if none_match(request.headers, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers={**headers, "Content-Type": media})
