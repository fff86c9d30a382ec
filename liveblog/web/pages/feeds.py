"""The addresses of the feeds."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.feeds import Feed, atom, feed_of, json_feed, rss
from liveblog.feeds.atom import ATOM_TYPE
from liveblog.feeds.jsonfeed import JSON_TYPE
from liveblog.feeds.rss import RSS_TYPE
from liveblog.model.permissions import Principal
from liveblog.model.position import parse_cursor
from liveblog.queries import Queries
from liveblog.types import Slug
from liveblog.web.answer import Document
from liveblog.web.headers import caching
from liveblog.web.kept import Auth, Kept, Read, What, answer_of
from liveblog.wire.links import Links

_FORMATS: list[tuple[str, What, str, Callable[[Feed], bytes]]] = [
    ("atom", "feed.atom", f"{ATOM_TYPE}; charset=utf-8", atom),
    ("rss", "feed.rss", f"{RSS_TYPE}; charset=utf-8", rss),
    ("json", "feed.json", JSON_TYPE, json_feed),
]


def feed_routes(queries: Queries, links: Links, build: str, auth: Auth, kept: Kept) -> list[Route]:
    """``/blogs/{slug}/feed.atom``, ``.rss`` and ``.json``."""

    def reads(kind: str, media: str, write: Callable[[Feed], bytes]) -> Read:
        async def read(slug: Slug, who: Principal | None) -> Document:
            shot = await queries.snapshot(slug, who)
            headers = {
                "Content-Type": media,
                "ETag": f'W/"{shot.cursor}-{build}-{kind}"',
                "X-Content-Type-Options": "nosniff",
                **caching(shot.blog.visibility),
            }
            if shot.blog.demo or shot.blog.visibility != "public":
                headers["X-Robots-Tag"] = "noindex"
            position = parse_cursor(shot.cursor)
            return Document(position, headers, lambda: write(feed_of(shot, links, kind)))

        return read

    def endpoint(what: What, read: Read) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await answer_of(request, kept, auth, what, read)

        return answer

    return [
        Route(f"/blogs/{{slug}}/feed.{kind}", endpoint(what, reads(kind, media, write)))
        for kind, what, media, write in _FORMATS
    ]
