"""A picows server, and a loop that sends."""

import asyncio
from typing import Any

import uvloop

from bench.peers.common import cannot, listening, obey, payload

try:
    from picows import WSListener, WSMsgType, WSTransport, ws_create_server
except ImportError as error:
    cannot(error)

transports: set[WSTransport] = set()


class Reader(WSListener):
    """A reader."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        """One more."""
        transports.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """One less."""
        transports.discard(transport)


def reader(request: Any) -> WSListener:
    """Whoever asks is let in."""
    return Reader()


async def main() -> None:
    """Serve until there are no more lines."""
    data = payload().encode()

    async def broadcast() -> int:
        for transport in transports:
            transport.send(WSMsgType.TEXT, data)
        return len(transports)

    server = await ws_create_server(reader, sock=listening())
    serving = asyncio.create_task(server.serve_forever())
    await obey(broadcast)
    serving.cancel()


if __name__ == "__main__":
    uvloop.run(main())
