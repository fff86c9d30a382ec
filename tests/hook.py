"""A purge hook for tests: a real HTTP server that answers as it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

HANG = 0


class Call:
    """One call: its head in lower case, and what it said."""

    def __init__(self, line: str, headers: dict[str, str], body: dict[str, Any]) -> None:
        self.line = line
        self.headers = headers
        self.body = body


class HookServer:
    """Answers each call with the next of ``answers`` (a status, or ``HANG``), then with 204."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.extra = ""
        """More lines of the head of each answer."""
        self.tail: bytes = b""
        """What each answer begins its body with; the end of that body never comes."""
        self.calls: list[Call] = []
        self.came = asyncio.Event()
        self.url = ""
        self._writers: set[asyncio.StreamWriter] = set()

    async def calls_until(self, count: int) -> list[Call]:
        """Wait until so many calls came."""
        async with asyncio.timeout(30):
            while len(self.calls) < count:
                self.came.clear()
                await self.came.wait()
        return self.calls

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one call."""
        self._writers.add(writer)
        try:
            line, *rows = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (row.partition(":") for row in rows)}
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            self.calls.append(Call(line, headers, body))
            status = self.answers.pop(0) if self.answers else 204
            self.came.set()
            if status != HANG:
                length = 10**9 if self.tail else 0
                head = f"HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{self.extra}\r\n"
                writer.write(head.encode() + self.tail)
            if status == HANG or self.tail:
                await reader.read()  # until the other side goes
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


@asynccontextmanager
async def hook_server(port: int = 0) -> AsyncIterator[HookServer]:
    """A hook for the time of the block."""
    hook = HookServer()
    server = await asyncio.start_server(hook.serve, "127.0.0.1", port)
    hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/purge"
    try:
        yield hook
    finally:
        server.close()
        for writer in list(hook._writers):
            writer.transport.abort()
        await server.wait_closed()
