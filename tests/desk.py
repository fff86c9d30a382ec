"""Somebody at a desk: a real WebSocket, and what it was told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from liveblog.web.auth import COOKIE
from tests.kit import SLUG

Data = dict[str, Any]

WITHIN = 45.0
"""Seconds after which a test gives up waiting; nothing is measured by it."""


class AtDesk:
    """An open desk, as a client holds it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.told: list[Data] = []
        self.closed: int | None = None
        self._news = asyncio.Event()

    async def listen(self) -> None:
        """Hear until the connection ends."""
        try:
            async for text in self.socket:
                self.told.append(json.loads(text))
                self._news.set()
        except ConnectionClosed:
            pass
        self.closed = self.socket.close_code
        self._news.set()

    def all(self, kind: str) -> list[Data]:
        """Every message of a type, without the type."""
        return [{k: v for k, v in m.items() if k != "type"} for m in self.told if m["type"] == kind]

    def last(self, kind: str) -> Data:
        """The newest message of a type; empty before the first."""
        return (self.all(kind) or [{}])[-1]

    @property
    def people(self) -> dict[str, str | None]:
        """Who is here, by name: the entry they work on."""
        return {one["name"]: one["entry"] for one in self.last("presence").get("people", [])}

    async def says(self, entry: str | None) -> None:
        """Say what one works on."""
        await self.socket.send(json.dumps({"type": "working", "entry": entry}))

    async def until(self, condition: Callable[[], object], within: float = WITHIN) -> None:
        """Hear until a condition holds."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"told only: {self.told[-10:]}, closed: {self.closed}") from None


@asynccontextmanager
async def at_desk(
    address: str, token: str = "", slug: str = SLUG, *, secret: str = "", **options: Any
) -> AsyncIterator[AtDesk]:
    """An open desk that has been greeted.

    :param address: host and port of a process.
    :param secret: of a session, shown as a page of ours does, in place of a token.
    """
    url = f"ws://{address}/api/v1/blogs/{slug}/desk/live"
    headers = {"Authorization": f"Bearer {token}"}
    if secret:
        headers = {"Cookie": f"{COOKIE}={secret}"}
        options = {"origin": f"http://{address}"} | options
    async with connect(url, additional_headers=headers, **options) as socket:
        desk = AtDesk(socket)
        listening = asyncio.create_task(desk.listen())
        try:
            await desk.until(lambda: desk.all("hello"))
            yield desk
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
