"""The `websockets` server and its `broadcast()`."""

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.peers.common import listening, obey, payload

connections: set[ServerConnection] = set()


async def read(connection: ServerConnection) -> None:
    """A reader."""
    connections.add(connection)
    await connection.wait_closed()
    connections.discard(connection)


async def main() -> None:
    """Serve until there are no more lines."""
    text = payload()

    async def send() -> int:
        broadcast(connections, text)
        return len(connections)

    async with serve(read, sock=listening(), compression=None, ping_interval=None):
        await obey(send)


if __name__ == "__main__":
    uvloop.run(main())
