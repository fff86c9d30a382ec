"""The snapshot and the long-poll: a page's first words, and what changed since a cursor."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.errors import BadRequest
from liveblog.fanout.poll import poll
from liveblog.model.permissions import Principal
from liveblog.model.position import parse_cursor
from liveblog.types import Slug, View
from liveblog.web.admission import read_view
from liveblog.web.answer import Document
from liveblog.web.api.common import Services, number, reader, slug_of, weak_tag
from liveblog.web.headers import NO_CACHE, caching
from liveblog.web.kept import Kept, answer_of
from liveblog.web.live import client_address
from liveblog.wire import messages as m
from liveblog.wire.codec import Format, encode, page_item
from liveblog.wire.inbound import MAX_MESSAGE

T = TypeVar("T")

MAX_WAIT = 30
"""Seconds a long-poll waits at most: below the idle limits of usual proxies."""


def change_routes(services: Services, render: m.Render, kept: Kept) -> list[Route]:
    """``snapshot`` and ``changes``."""
    api = Changes(services, render, kept)
    base = "/api/v1/blogs/{slug}"
    return [
        Route(base + "/snapshot", api.snapshot, methods=["GET"]),
        Route(base + "/changes", api.changes, methods=["GET"]),
    ]


class Changes:
    """The endpoints."""

    def __init__(self, services: Services, render: m.Render, kept: Kept) -> None:
        self._s = services
        self._kept = kept
        self._render = render

    async def snapshot(self, request: Request) -> Response:
        """The blog at this moment."""
        if read_view(request.query_params) == "data":
            return await answer_of(request, self._kept, self._s.auth, "snapshot", self._data)
        return await answer_of(request, self._kept, self._s.auth, "snapshot.page", self._fragments)

    async def _data(self, slug: Slug, who: Principal | None) -> Document:
        shot = await self._s.queries.snapshot(slug, who)
        return self._document(shot, "data", lambda: encode(shot))

    async def _fragments(self, slug: Slug, who: Principal | None) -> Document:
        shot = await self._s.queries.snapshot(slug, who)
        return self._document(shot, "page", lambda: encode(self._page(shot)))

    def _document(self, shot: m.Snapshot, view: View, render: Callable[[], bytes]) -> Document:
        headers = {
            "Content-Type": "application/json",
            "ETag": f'W/"{shot.cursor}-{self._s.build}-{view}"',
            "Liveblog-Cursor": shot.cursor,
            **caching(shot.blog.visibility),
        }
        return Document(parse_cursor(shot.cursor), headers, render)

    def _page(self, shot: m.Snapshot) -> dict[str, Any]:
        """The snapshot with its entries and its day as fragments."""

        def item(value: Any) -> m.PageItem | None:
            return page_item(value, shot.blog, self._render) if value is not None else None

        return asdict(shot) | {
            "day": item(shot.day),
            "pinned": item(shot.pinned),
            "entries": [item(entry) for entry in shot.entries],
        }

    async def changes(self, request: Request) -> Response:
        """What changed after a cursor; waits for it up to ``wait`` seconds."""
        query = request.query_params
        view = read_view(query)
        after = query.get("after")
        if not after:
            raise BadRequest("after is needed: the cursor of a snapshot, page or message.")
        position = parse_cursor(after)
        wait = number(request, "wait", 0, 0, MAX_WAIT)
        who = await reader(request, self._s)
        form = Format("message", "json", view)
        slug = slug_of(request)
        with self._s.counter.inside(client_address(request)):
            polling = poll(self._s.hub, slug, who, position, wait, form)
            polled = await while_connected(request, polling)
        if polled is None:
            return Response(status_code=204)
        headers = {"Cache-Control": NO_CACHE}
        if polled.cursor is not None:
            headers["Liveblog-Cursor"] = polled.cursor
            headers["ETag"] = weak_tag(polled.data)
        if polled.retry_after is not None:
            headers["Retry-After"] = str(polled.retry_after)
        return Response(polled.data, 200, headers, "application/json")


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """What ``work`` gives, or None when the client goes before: nobody would hear it, and it
    would hold its memory until the wait is over. None, too, for a body that goes on and on."""

    async def gone() -> None:
        body = 0
        while body <= MAX_MESSAGE:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                return
            body += len(message.get("body", b""))

    working, leaving = asyncio.create_task(work), asyncio.create_task(gone())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
