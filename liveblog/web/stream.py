"""Server-Sent Events: ``/api/v1/blogs/{slug}/stream`` (WHATWG HTML, section 9.2).

An EventSource gives up for good on any status but 200, so what can be said in the stream is
said there: a reset, and "come back later" as ``retry:`` and a ``reconnect``. Only what will
never be different (no such blog, a malformed cursor, no permission) is a status.
"""

import asyncio
import random
from typing import Literal

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from liveblog.errors import Refusal, TooMany, Unavailable
from liveblog.fanout.hub import Hub
from liveblog.fanout.subscriber import Subscriber
from liveblog.model.ids import read_slug
from liveblog.model.permissions import Principal
from liveblog.model.position import Position
from liveblog.types import Slug
from liveblog.web.admission import Asked, Counter, admit
from liveblog.web.auth import Auth
from liveblog.web.live import client_address, first_of
from liveblog.web.problems import problem
from liveblog.web.slot import SlotSink
from liveblog.wire.codec import Format, pack
from liveblog.wire.inbound import MAX_MESSAGE, TOO_MANY
from liveblog.wire.messages import Reconnect

STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

Reason = Literal["draining", "overload"]

EXTENSION = "liveblog.abort"
"""What our own server offers in the scope: a ``call`` that cuts the connection."""


class Stream:
    """The endpoint as an ASGI app."""

    def __init__(
        self, hub: Hub, auth: Auth, counter: Counter, allowed_origins: tuple[str, ...]
    ) -> None:
        self._hub = hub
        self._auth = auth
        self._counter = counter
        self._allowed_origins = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One stream, from the request to its end."""
        request = Request(scope, receive)
        if request.method == "HEAD":
            await self._start(send)
            await send({"type": "http.response.body", "body": b""})
            return
        address = client_address(request)
        try:
            slug = read_slug(request.path_params["slug"])
            asked = self._ask(request)
        except Refusal as refusal:
            await problem(refusal)(scope, receive, send)
            return
        form = asked.form("sse")
        entered = started = False
        try:
            self._counter.enter(address)
            entered = True
            who = await self._auth.principal(request)
            async with self._hub.using(slug, who):
                await self._start(send)
                started = True
            aborted = await self._serve(receive, send, slug, form, asked.after, who)
            if aborted:
                await cut(scope, receive)
        except (Unavailable, TooMany) as refusal:
            if not started:
                await self._start(send)
            await self._later(send, slug, form, refusal)
        except Refusal as refusal:
            if not started:
                await problem(refusal)(scope, receive, send)
            else:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if entered:
                self._counter.leave(address)

    def _ask(self, request: Request) -> Asked:
        query = request.query_params
        last = request.headers.get("last-event-id")
        last = last or query.get("last_event_id") or query.get("lastEventId")
        return admit(
            query,
            origin=request.headers.get("origin"),
            allowed_origins=self._allowed_origins,
            last_event_id=last,
        )

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})

    async def _serve(
        self,
        receive: Receive,
        send: Send,
        slug: Slug,
        form: Format,
        after: Position | None,
        who: Principal | None,
    ) -> bool:
        """Serve to the end; whether the reader is to be cut because it took nothing."""

        async def write(data: bytes) -> None:
            await send({"type": "http.response.body", "body": data, "more_body": True})

        async def close(_code: int, _reason: str) -> None:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        async def follow() -> None:
            topic = await self._hub.join(slug, after, reader)
            more = 0
            try:
                while (message := await receive())["type"] != "http.disconnect":
                    more += len(message.get("body", b""))
                    if topic is not None and more > MAX_MESSAGE:  # a body without an end
                        topic.end(reader, b"", *TOO_MANY)
            finally:
                if topic is not None:
                    topic.detach(reader)

        sink = SlotSink(write, close)
        reader = Subscriber(sink, form, who)
        await first_of(asyncio.create_task(sink.run()), asyncio.create_task(follow()))
        return sink.aborted

    async def _later(self, send: Send, slug: Slug, form: Format, refusal: Refusal) -> None:
        """Tell an EventSource to come back, and end."""
        reason: Reason = "draining" if self._hub.draining else "overload"
        body = later(slug, form, refusal, reason, random.uniform(1, 2))
        await send({"type": "http.response.body", "body": body, "more_body": False})


def later(slug: Slug, form: Format, refusal: Refusal, reason: Reason, factor: float) -> bytes:
    """What an EventSource is told that is to come back: after the refusal's time by ``factor``,
    which is random, so that not all come back at once."""
    wait = int((refusal.retry_after or 2) * 1000 * factor)
    return pack(Reconnect(slug, wait, reason), form)


async def cut(scope: Scope, receive: Receive) -> None:
    """Cut the connection, where the server can; elsewhere it is closed when it has drained."""
    offered = scope.get("extensions", {}).get(EXTENSION)
    if offered is not None:
        offered["call"]()
        while (await receive())["type"] != "http.disconnect":
            pass
