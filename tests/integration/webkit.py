"""A small application and a server around it in this test's event loop, for tests of ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from liveblog.config import Settings
from liveblog.server.listening import bind
from liveblog.server.protocol import EXTENSION, LiveProtocol
from liveblog.server.web import LiveServer, web_config
from tests.served import DEADLINE

Handler = Callable[[WebSocket, LiveProtocol], Awaitable[None]]


def sink_of(socket: WebSocket) -> LiveProtocol:
    """The sink that our protocol offers."""
    return cast(LiveProtocol, socket.scope["extensions"][EXTENSION])


async def listen(socket: WebSocket) -> list[Any]:
    """Receive to the end, as the live endpoint does; what came."""
    came = []
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        came.append(message.get("text"))
    return came


async def hello(request: Request) -> PlainTextResponse:
    """Say who asked."""
    client = request.client
    return PlainTextResponse(f"{client.host if client else ''} {request.url.scheme}")


def app_of(handler: Handler) -> Starlette:
    """An application whose WebSocket is handled so."""

    async def live(socket: WebSocket) -> None:
        await handler(socket, sink_of(socket))

    return Starlette(routes=[WebSocketRoute("/live", live), Route("/", hello)])


@asynccontextmanager
async def serving(app: Any, settings: Settings | None = None) -> AsyncIterator[tuple[str, int]]:
    """A server of ours around an application: its host and port."""
    async with running(app, settings) as (_, port):
        yield "127.0.0.1", port


@asynccontextmanager
async def running(
    app: Any, settings: Settings | None = None, **options: int
) -> AsyncIterator[tuple[LiveServer, int]]:
    """The server itself; it is ended at the end.

    :param options: of :func:`liveblog.server.web.web_config`.
    """
    settings = settings or Settings(drain_seconds=1)
    listener = bind("127.0.0.1", 0)
    config = web_config(settings, app, **options)
    started = asyncio.Event()
    state = getattr(app, "state", None)
    server = LiveServer(config, state, settings.drain_seconds, started.set)
    # _serve and not serve: the signals are pytest's.
    task = asyncio.create_task(server._serve([listener]))
    try:
        async with asyncio.timeout(DEADLINE):
            await started.wait()
        yield server, listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task
