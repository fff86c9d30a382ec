"""A server that speaks the protocol and does what a test tells it: hole, reset, refusal, silence.

Only for what the page does about a server's behaviour; that the real server behaves is shown
by the tests that run it.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from liveblog.model.permissions import Principal
from liveblog.queries import EntryPage, HistoryPage, LivePage, Queries, RevisionView
from liveblog.types import EntryId, Epoch, Slug
from liveblog.web.front import Front
from liveblog.web.pages import Pages
from liveblog.web.pages.routes import page_routes
from liveblog.web.pages.worker import worker_routes
from liveblog.wire.codec import page_item
from liveblog.wire.messages import DayView, EntryView, Tombstone
from tests.browser.content import LINKS, SLUG, blog_view, live_page, no_memory

API = f"/api/v1/blogs/{SLUG}"
Outgoing = dict[str, Any] | int


class _Reading(Queries):
    """Reads the page that the test has set."""

    def __init__(self, stub: "Stub") -> None:
        self._stub = stub

    async def live_page(self, slug: Slug, who: Principal | None) -> LivePage:
        """The page."""
        return self._stub.page

    async def entry_page(self, slug: Slug, entry_id: EntryId, who: Principal | None) -> EntryPage:
        """An entry of the page, and those around it."""
        shown = self._stub.page.snapshot
        ids = [entry.id for entry in shown.entries]
        at = ids.index(entry_id)
        near = [e if isinstance(e, EntryView) else None for e in (None, *shown.entries, None)]
        return EntryPage(shown.blog, shown.entries[at], 3, Epoch("e"), near[at + 2], near[at])

    async def history_page(
        self, slug: Slug, entry_id: EntryId, who: Principal | None
    ) -> HistoryPage:
        """What the test says it said."""
        return HistoryPage(await self.entry_page(slug, entry_id, who), self._stub.revisions)


class Stub:
    """The stub: ``asked`` tells what came in, ``send`` says something on the newest wire."""

    def __init__(self) -> None:
        self.page = live_page()
        self.revisions: tuple[RevisionView, ...] = ()
        self.pages = Pages(LINKS, "test")
        self.asked: asyncio.Queue[tuple[str, str | None]] = asyncio.Queue()
        self.sockets = True
        self.streams = True
        self.hold = False
        self.heartbeat_seconds = 15
        self.polls: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.address = ""
        self._wire: asyncio.Queue[Outgoing] = asyncio.Queue()

    def _page_routes(self) -> list[Route]:
        reading = _Reading(self)
        front = Front(reading, lambda: 0)
        return [*page_routes(reading, self.pages, self, no_memory(), front), *worker_routes()]

    def send(self, *messages: Outgoing) -> None:
        """Messages, or a close code, on the newest wire."""
        for message in messages:
            self._wire.put_nowait(message)

    async def connected(self, kind: str) -> str | None:
        """Waits until the page asks for ``kind``; gives the cursor it came with."""
        while True:
            came, after = await asyncio.wait_for(self.asked.get(), 30)
            if came == kind:
                return after

    def entry(self, view: EntryView | Tombstone, seq: int, kind: str = "") -> dict[str, Any]:
        """A change about an entry, in page view."""
        item = page_item(view, blog_view(), self.pages.fragment)
        kind = kind or ("entry.retracted" if isinstance(view, Tombstone) else "entry.published")
        plain = msgspec.json.decode(msgspec.json.encode(item))
        return {"type": kind, "seq": seq, "at": "2025-07-23T11:00:00Z", "entry": plain}

    def change(self, view: EntryView | Tombstone, seq: int, kind: str = "") -> dict[str, Any]:
        """A message with that change."""
        return message("change", seq, change=self.entry(view, seq, kind))

    def day(self, view: DayView, seq: int) -> dict[str, Any]:
        """A message that a day was revised, in page view."""
        item = msgspec.json.decode(
            msgspec.json.encode(page_item(view, blog_view(), self.pages.fragment))
        )
        change = {"type": "day.revised", "seq": seq, "at": "2025-07-23T11:00:00Z", "day": item}
        return message("change", seq, change=change)

    # What the page asks for --------------------------------------------------------------

    async def principal(self, request: Request) -> Principal | None:
        """Nobody signs in here."""
        return None

    async def _socket(self, websocket: WebSocket) -> None:
        after = websocket.query_params.get("after")
        self.asked.put_nowait(("socket", after))
        if self.hold and self.sockets:
            await websocket.receive()  # The connect message; then nothing until it goes.
            await websocket.receive()
            return
        if not self.sockets:
            await websocket.close()
            return
        assert websocket.query_params["view"] == "page"
        await websocket.accept(subprotocol="liveblog.v1.json")
        wire = self._open()
        await websocket.send_json(self._hello(after))
        while isinstance(said := await wire.get(), dict):
            await websocket.send_json(said)
        await websocket.close(said)

    async def _stream(self, request: Request) -> Response:
        after = request.headers.get("last-event-id") or request.query_params.get("after")
        self.asked.put_nowait(("stream", after))
        if not self.streams:
            return Response(status_code=503)
        wire = self._open()

        async def events() -> AsyncIterator[bytes]:
            if self.hold:
                await wire.get()
            yield _event(self._hello(after))
            while isinstance(said := await wire.get(), dict):
                yield _event(said)

        return StreamingResponse(events(), media_type="text/event-stream")

    async def _changes(self, request: Request) -> Response:
        after = request.query_params["after"]
        self.asked.put_nowait(("changes", after))
        if request.query_params["wait"] == "0":
            seq = int(after.partition(":")[2])
            return JSONResponse(message("changes", seq, **{"from": after}, changes=[]))
        return JSONResponse(await self.polls.get())

    async def _snapshot(self, request: Request) -> Response:
        self.asked.put_nowait(("snapshot", None))
        shown, blog = self.page.snapshot, blog_view()
        items = [page_item(e, blog, self.pages.fragment) for e in shown.entries]
        body: dict[str, Any] = {"blog": blog, "cursor": shown.cursor, "seq": shown.seq}
        body.update(day=None, pinned=None, entries=items)
        return Response(msgspec.json.encode(body), media_type="application/json")

    def _open(self) -> asyncio.Queue[Outgoing]:
        self._wire = asyncio.Queue()
        return self._wire

    def _hello(self, after: str | None) -> dict[str, Any]:
        seq = int((after or "test:9").partition(":")[2])
        beat = self.heartbeat_seconds
        return message("hello", seq, cursor=after, protocol=1, heartbeat_seconds=beat, build="test")

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/static/test/drawing.svg", _drawing),
                WebSocketRoute(f"{API}/live", self._socket),
                Route(f"{API}/stream", self._stream),
                Route(f"{API}/changes", self._changes),
                Route(f"{API}/snapshot", self._snapshot),
                *self._page_routes(),
            ]
        )


async def _drawing(request: Request) -> Response:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"/>'
    return Response(svg, media_type="image/svg+xml")


def message(kind: str, seq: int, **fields: Any) -> dict[str, Any]:
    """A message of the stub's log."""
    return {"type": kind, "blog": SLUG, "cursor": f"test:{seq}", "seq": seq, **fields}


def _event(said: dict[str, Any]) -> bytes:
    identity = f"id: {said['cursor']}\n" if "cursor" in said else ""
    return f"{identity}data: {msgspec.json.encode(said).decode()}\n\n".encode()


@asynccontextmanager
async def serving(stub: Stub) -> AsyncIterator[Stub]:
    """The stub on a port of its own, in this loop."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stub.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            stub.app(), log_config=None, lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield stub
        finally:
            server.should_exit = True
            await running
