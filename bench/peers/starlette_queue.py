"""Starlette with a queue and a sending task for each reader, as chat examples do it."""

import asyncio
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.peers.common import listening, obey, payload

queues: set[asyncio.Queue[str]] = set()


async def send(socket: WebSocket, queue: asyncio.Queue[str]) -> None:
    """Empty the queue of a reader."""
    while True:
        await socket.send_text(await queue.get())


async def read(socket: WebSocket) -> None:
    """A reader."""
    await socket.accept()
    queue: asyncio.Queue[str] = asyncio.Queue(64)
    queues.add(queue)
    sending = asyncio.create_task(send(socket, queue))
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()
    sending.cancel()
    queues.discard(queue)


async def main() -> None:
    """Serve until there are no more lines."""
    text = payload()

    async def broadcast() -> int:
        for queue in queues:
            queue.put_nowait(text)
        return len(queues)

    app = Starlette(routes=[WebSocketRoute("/", read)])
    config = uvicorn.Config(app, loop="uvloop", log_level="error", ws_per_message_deflate=False)
    serving = asyncio.create_task(uvicorn.Server(config).serve([listening()]))
    await obey(broadcast)
    serving.cancel()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
