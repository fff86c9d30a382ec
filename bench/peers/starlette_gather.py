"""Starlette's hub as in its documentation: a set of sockets, `send_text` to all, gathered."""

import asyncio
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.peers.common import listening, obey, payload

sockets: set[WebSocket] = set()


async def read(socket: WebSocket) -> None:
    """A reader."""
    await socket.accept()
    sockets.add(socket)
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()
    sockets.discard(socket)


async def main() -> None:
    """Serve until there are no more lines."""
    text = payload()

    async def broadcast() -> int:
        await asyncio.gather(*(socket.send_text(text) for socket in sockets))
        return len(sockets)

    app = Starlette(routes=[WebSocketRoute("/", read)])
    config = uvicorn.Config(app, loop="uvloop", log_level="error", ws_per_message_deflate=False)
    serving = asyncio.create_task(uvicorn.Server(config).serve([listening()]))
    await obey(broadcast)
    serving.cancel()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
