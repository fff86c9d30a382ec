"""The WebSocket: ``/api/v1/blogs/{slug}/live``.

Under our own server the scope brings ``liveblog.frames``: a sink that writes ready-made
frames on the transport. On any other ASGI server the same subscriber is served through a
:class:`SlotSink`. Either way the handler goes on receiving, because a server that is not
asked for messages stops answering pings (uvicorn pauses reading).
"""

import asyncio
from typing import cast

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from liveblog.errors import Refusal
from liveblog.fanout.hub import Hub
from liveblog.fanout.subscriber import Sink, Subscriber
from liveblog.model.ids import read_slug
from liveblog.model.permissions import Principal
from liveblog.types import Slug
from liveblog.web.admission import Asked, Counter, admit
from liveblog.web.auth import Auth
from liveblog.web.problems import problem
from liveblog.web.slot import SlotSink
from liveblog.wire.inbound import TOO_MANY

EXTENSION = "liveblog.frames"


class Live:
    """The endpoint as an ASGI app."""

    def __init__(
        self, hub: Hub, auth: Auth, counter: Counter, allowed_origins: tuple[str, ...]
    ) -> None:
        self._hub = hub
        self._auth = auth
        self._counter = counter
        self._allowed_origins = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, from the handshake to its end."""
        socket = WebSocket(scope, receive, send)
        address = client_address(socket)
        try:
            asked = admit(
                socket.query_params,
                origin=socket.headers.get("origin"),
                allowed_origins=self._allowed_origins,
                subprotocols=scope.get("subprotocols", ()),
            )
            who = await self._auth.principal(socket)
            slug = read_slug(socket.path_params["slug"])
            self._counter.enter(address)
        except Refusal as refusal:
            await socket.send_denial_response(problem(refusal))
            return
        try:
            async with self._hub.using(slug, who):
                await socket.accept(asked.subprotocol)
            await self._serve(socket, slug, who, asked)
        except Refusal as refusal:
            await self._refuse(socket, refusal)
        except WebSocketDisconnect:
            pass
        finally:
            self._counter.leave(address)

    async def _refuse(self, socket: WebSocket, refusal: Refusal) -> None:
        """Before the handshake an HTTP status; after it (the blog was hidden in between, the
        process is draining) the close code that says the same."""
        if socket.application_state.name == "CONNECTING":
            await socket.send_denial_response(problem(refusal))
            return
        codes = {401: 4501, 403: 4501, 404: 4504, 429: 4029}
        await socket.close(codes.get(refusal.status, 1013), refusal.name)

    async def _serve(
        self, socket: WebSocket, slug: Slug, who: Principal | None, asked: Asked
    ) -> None:
        direct = socket.scope.get("extensions", {}).get(EXTENSION)
        if direct is not None:
            form = asked.form("deflated" if direct.deflated else "frame")
            await self._follow(socket, slug, asked, Subscriber(cast(Sink, direct), form, who))
            return

        async def send(data: bytes) -> None:
            await (socket.send_text(data.decode()) if text else socket.send_bytes(data))

        text = asked.codec == "json"
        sink = SlotSink(send, socket.close)
        form = asked.form("message")
        sender = asyncio.create_task(sink.run())
        reading = asyncio.create_task(
            self._follow(socket, slug, asked, Subscriber(sink, form, who))
        )
        await first_of(sender, reading)

    async def _follow(
        self, socket: WebSocket, slug: Slug, asked: Asked, reader: Subscriber
    ) -> None:
        """Join, then wait for the end; a reader that says anything is closed."""
        topic = await self._hub.join(slug, asked.after, reader)
        try:
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    if topic is not None and message.get("code") == TOO_MANY[0]:
                        topic.end(reader, b"", *TOO_MANY)  # the protocol has ended it
                    return
                if topic is not None:
                    topic.end(reader, b"", 4500, "bad message")
        finally:
            if topic is not None:
                topic.detach(reader)


async def first_of(*tasks: "asyncio.Task[None]") -> None:
    """Wait until one task ends, end the others, and raise what the first one raised; a
    cancelled one raises nothing."""
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


def client_address(connection: HTTPConnection) -> str:
    """The address of the client, as the server's trusted-proxy rule made it."""
    return connection.client.host if connection.client else ""
