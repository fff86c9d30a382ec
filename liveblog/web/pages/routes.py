"""The addresses of the pages: read what is asked, answer with a document."""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from hashlib import sha256
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from liveblog.errors import NotFound, Refusal
from liveblog.model.ids import read_entry_id, read_slug
from liveblog.model.permissions import Principal
from liveblog.model.position import parse_cursor
from liveblog.queries import Queries, Start
from liveblog.queries.places import parse_place
from liveblog.types import Cursor, Slug
from liveblog.web.answer import Document, ReadyResponse
from liveblog.web.front import Front
from liveblog.web.headers import NO_CACHE, caching, none_match
from liveblog.web.kept import OLDEST, Auth, Kept, answer_of, page_in
from liveblog.web.pages.policy import GUARDS, Policies
from liveblog.web.pages.render import Pages
from liveblog.web.pages.static import StaticFiles
from liveblog.wire.links import blog_tag, page_tag
from liveblog.wire.messages import BlogView, Tombstone
from liveblog.wire.requests import parse_date

Endpoint = Callable[[Request], Awaitable[Response]]


def page_routes(
    queries: Queries,
    pages: Pages,
    auth: Auth,
    kept: Kept,
    front: Front,
    *,
    purged: bool = False,
    theme: bytes = b"",
) -> list[Route]:
    """The routes of everything a reader's browser asks for.

    :param purged: caches are told of changes, so they may keep closed pages.
    :param theme: the newsroom's own style sheet.
    """
    pages_of = _PageEndpoints(queries, pages, auth, kept, front, purged)
    static = StaticFiles(pages.build, {"theme.css": theme} if theme else {})
    return [
        Route("/", pages_of.guarded(pages_of.home)),
        Route("/blogs/{slug}", pages_of.guarded(pages_of.live)),
        Route("/blogs/{slug}/pages/{n:int}", pages_of.guarded(pages_of.older)),
        Route("/blogs/{slug}/days/{date}", pages_of.guarded(pages_of.day)),
        Route("/blogs/{slug}/key", pages_of.guarded(pages_of.key)),
        Route("/blogs/{slug}/entries/{id}", pages_of.guarded(pages_of.entry)),
        Route("/blogs/{slug}/entries/{id}/page", pages_of.guarded(pages_of.in_page)),
        Route("/blogs/{slug}/entries/{id}/history", pages_of.guarded(pages_of.history)),
        Route("/static/{build}/{name:path}", static.endpoint),
    ]


class _PageEndpoints:
    """One method a page."""

    def __init__(
        self, queries: Queries, pages: Pages, auth: Auth, kept: Kept, front: Front, purged: bool
    ) -> None:
        self._queries = queries
        self._front = front
        self._purged = purged
        self._kept = kept
        self._pages = pages
        self._auth = auth
        self._policies = Policies(pages.links.base)

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, with refusals said as a page, and the headers every page has."""

        async def answer(request: Request) -> Response:
            try:
                response = await endpoint(request)
            except Refusal as refusal:
                response = self._refused(refusal)
            if not isinstance(response, ReadyResponse):
                response.headers.setdefault("Content-Security-Policy", self._policies.public)
                response.headers.update(GUARDS)
            return response

        return answer

    async def home(self, request: Request) -> Response:
        """The news feed."""
        before = request.query_params.get("before")
        html = self._pages.home(await self._front.page(before, None), before is None)
        etag = f'W/"{sha256(html.encode()).hexdigest()[:20]}"'
        headers = {"Cache-Control": NO_CACHE, "ETag": etag}
        if none_match(request.headers, etag):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return HTMLResponse(html, headers=headers)

    async def live(self, request: Request) -> Response:
        """The live page."""
        what = page_in(request.scope["query_string"])
        read = partial(self._read_live, oldest=what == "page.oldest")
        return await answer_of(request, self._kept, self._auth, what, read)

    async def _read_live(self, slug: Slug, who: Principal | None, *, oldest: bool) -> Document:
        page = await self._queries.live_page(slug, who)
        shown = page.snapshot
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "ETag": self._tag(shown.cursor),
            **self._headers(shown.blog),
            **GUARDS,
        }
        position = parse_cursor(shown.cursor)
        return Document(position, headers, lambda: self._pages.live(page, oldest).encode())

    async def older(self, request: Request) -> Response:
        """An older page. A closed one stays the same while the blog goes on."""
        who = await self._auth.principal(request)
        slug, number, oldest = _slug(request), request.path_params["n"], _oldest(request)
        page = await self._queries.older_page(slug, number, who)
        if not page.closed:
            return self._page(
                request, page.blog, page.cursor, lambda: self._pages.older(page, oldest)
            )
        version = Cursor(f"{page.epoch}.{page.seq}.{page.blog.revision}")
        # The hook names one address for a page: what stands in another order is not kept.
        kept = self._purged and not oldest
        tags = (blog_tag(slug), page_tag(slug, number)) if kept else ()
        return self._page(
            request, page.blog, version, lambda: self._pages.older(page, oldest), tags
        )

    async def day(self, request: Request) -> Response:
        """A day."""
        who = await self._auth.principal(request)
        when = parse_date(request.path_params["date"])
        if when is None:
            raise NotFound("There is no such day.")
        start = _start(request)
        page = await self._queries.day_page(_slug(request), when, who, start)
        return self._page(request, page.blog, page.cursor, lambda: self._pages.day(page, start))

    async def key(self, request: Request) -> Response:
        """The key developments of the whole blog."""
        who, start = await self._auth.principal(request), _start(request)
        page = await self._queries.key_page(_slug(request), who, start)
        return self._page(request, page.blog, page.cursor, lambda: self._pages.key(page, start))

    async def in_page(self, request: Request) -> Response:
        """Leads to the place of an entry among the others."""
        who = await self._auth.principal(request)
        slug, entry_id = _slug(request), read_entry_id(request.path_params["id"])
        page = await self._queries.entry_page(slug, entry_id, who)
        place = f"{self._pages.links.page(slug, page.page)}#entry-{entry_id}"
        return RedirectResponse(place, HTTPStatus.FOUND, {"Cache-Control": NO_CACHE})

    async def entry(self, request: Request) -> Response:
        """An entry, or 410 with what is left of it."""
        who = await self._auth.principal(request)
        entry_id = read_entry_id(request.path_params["id"])
        page = await self._queries.entry_page(_slug(request), entry_id, who)
        if isinstance(page.entry, Tombstone):
            headers = self._headers(page.blog)
            return HTMLResponse(self._pages.gone(page), HTTPStatus.GONE, headers)
        around = [one.seq if one else 0 for one in (page.earlier, page.later)]
        parts = (page.epoch, page.entry.seq, page.entry.revision, page.blog.revision, *around)
        tag = Cursor(".".join(map(str, parts)))
        return self._page(request, page.blog, tag, lambda: self._pages.entry(page))

    async def history(self, request: Request) -> Response:
        """What an entry said before; 410 when it is retracted."""
        who = await self._auth.principal(request)
        entry_id = read_entry_id(request.path_params["id"])
        page = await self._queries.history_page(_slug(request), entry_id, who)
        blog, entry = page.article.blog, page.article.entry
        if isinstance(entry, Tombstone):
            html = self._pages.gone(page.article)
            return HTMLResponse(html, HTTPStatus.GONE, self._headers(blog))
        # Withholding changes no number.
        told = ("-" if one.withheld else str(one.revision) for one in page.revisions)
        parts = (page.article.epoch, entry.seq, entry.revision, blog.revision, *told)
        etag = self._tag(Cursor(".".join(map(str, parts))))
        headers = {**self._headers(blog), "ETag": etag}
        if none_match(request.headers, etag):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        # Many versions take their time; meanwhile others are served.
        return HTMLResponse(await to_thread(self._pages.history, page), headers=headers)

    def _page(
        self,
        request: Request,
        blog: BlogView,
        cursor: Cursor,
        render: Callable[[], str],
        tags: Sequence[str] = (),
    ) -> Response:
        """The document, or 304 to a browser that has it; then nothing is rendered."""
        etag = self._tag(cursor)
        headers = {**self._headers(blog, tags), "ETag": etag}
        if none_match(request.headers, etag):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return HTMLResponse(render(), headers=headers)

    def _tag(self, cursor: Cursor) -> str:
        return f'W/"{cursor}-{self._pages.build}"'

    def _headers(self, blog: BlogView, tags: Sequence[str] = ()) -> dict[str, str]:
        policy = self._policies.of(blog)
        return {**caching(blog.visibility, tags), "Content-Security-Policy": policy}

    def _refused(self, refusal: Refusal) -> Response:
        title = HTTPStatus(refusal.status).phrase.capitalize()
        html = self._pages.error(refusal.status, title, str(refusal))
        headers = {"Cache-Control": "no-store"}
        if refusal.retry_after is not None:
            headers["Retry-After"] = str(refusal.retry_after)
        return HTMLResponse(html, refusal.status, headers)


def _oldest(request: Request) -> bool:
    """Whether the oldest entry is to stand first."""
    return OLDEST in request.scope["query_string"].split(b"&")


def _start(request: Request) -> Start:
    """Where a list is to begin, and in which order."""
    place = request.query_params.get("from")
    return Start(_oldest(request), parse_place(place) if place else None)


def _slug(request: Request) -> Slug:
    return read_slug(request.path_params["slug"])
