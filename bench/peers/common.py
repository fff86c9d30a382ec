"""What the peers have in common: how they are told, and what they say."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable

HEAD = 4
"""Bytes of the header of a frame of 126 to 65,535 bytes."""


def payload() -> str:
    """The text that makes a frame of the size asked for."""
    return "x" * (int(sys.argv[1]) - HEAD)


def cannot(error: ImportError) -> None:
    """Say why nothing can be measured, and end."""
    say(f"cannot {error}")
    sys.exit(1)


def say(line: str) -> None:
    """A line for who started us."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def listening() -> socket.socket:
    """A socket that listens, and is told of."""
    door = socket.create_server(("127.0.0.1", 0), backlog=2048)
    door.setblocking(False)
    say(f"listening {door.getsockname()[1]}")
    return door


async def obey(broadcast: Callable[[], Awaitable[int]]) -> None:
    """Call it for each line, until there are no more; it says to how many it sent."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        say(f"wrote {await broadcast()}")
