"""Those who write and those who read while processes die: writers that repeat a request until
it is answered, and readers that come back, whatever ended their connection."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import httpx2
from msgspec import Struct
from websockets.exceptions import WebSocketException

from liveblog.client import Resync, follow
from tests.acceptance.webs import Data, Newsroom, Web, until
from tests.kit import SLUG
from tests.readers import PollReader, Reader, SseReader, WsReader

AGAIN = frozenset({409, 500, 502, 503, 504})
BROKEN = (OSError, EOFError, httpx2.TransportError, WebSocketException)
"""How the death of a process looks from outside."""


class Page:
    """What one reader has on its page, in the order in which it came."""

    def __init__(self, name: str, web: Web) -> None:
        self.name = name
        self.web = web
        self.seqs: list[int] = []
        self.ids: list[str] = []
        self.arrived: dict[str, float] = {}
        self.entries: dict[str, Data] = {}

    def put(self, seq: int, entry: Data) -> None:
        """Something was applied."""
        self.seqs.append(seq)
        self.ids.append(entry["id"])
        self.arrived.setdefault(entry["id"], time.monotonic())
        self.entries[entry["id"]] = entry


class Lasting(Reader):
    """A reader of ``tests.readers`` that also outlives its server."""

    page: Page

    async def _run(self) -> None:
        while True:
            try:
                await super()._run()
                return
            except BROKEN:
                await asyncio.sleep(0.02)

    def _apply(self, change: Data) -> None:
        super()._apply(change)
        self.page.put(change["seq"], change["entry"])


class LastingWs(Lasting, WsReader):
    """By WebSocket."""


class LastingSse(Lasting, SseReader):
    """By Server-Sent Events."""


class LastingPoll(Lasting, PollReader):
    """By long-poll."""


WAYS: dict[str, type[Lasting]] = {"ws": LastingWs, "sse": LastingSse, "poll": LastingPoll}


class Readers:
    """On each process two WebSockets, an SSE stream, a long-poll, and our own client."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.readers: list[Lasting] = []
        self._clients: list[asyncio.Task[None]] = []

    def of(self, web: Web) -> list[Page]:
        """The pages of one process's readers."""
        return [page for page in self.pages if page.web is web]

    def check(self) -> None:
        """Raise what ended a reader that should not have ended."""
        for task in (*(reader._task for reader in self.readers), *self._clients):
            if task is not None and task.done():
                task.result()
                raise AssertionError(f"{task} gave up")

    async def have(self, ids: set[str], pages: list[Page] | None = None) -> None:
        """Wait until every one of these readers has these entries."""

        def missing() -> dict[str, int]:
            self.check()
            found = {p.name: len(ids - p.arrived.keys()) for p in pages or self.pages}
            return {name: count for name, count in found.items() if count}

        await until(lambda: not missing(), lambda: f"entries at readers: {missing()}")

    @classmethod
    @asynccontextmanager
    async def of_room(cls, room: Newsroom) -> AsyncIterator["Readers"]:
        """All of them, connected for the time of the block."""
        self = cls()
        async with AsyncExitStack() as stack:
            for web in room.webs:
                snapshot = await web.json("snapshot")
                for number, way in enumerate(("ws", "ws", "sse", "poll")):
                    # Of a server in the test's own loop it would use what Web has as well.
                    reader = WAYS[way](cast(Any, web))
                    reader.page = Page(f"{way} {number} of {web.name}", web)
                    self.readers.append(reader)
                    self.pages.append(reader.page)
                    stack.push_async_callback(reader.cut)
                    await reader.start(snapshot)
                page = Page(f"client of {web.name}", web)
                self.pages.append(page)
                task = asyncio.create_task(_follow(page, snapshot["cursor"]))
                self._clients.append(task)
                stack.push_async_callback(_end, task)
            yield self


async def _follow(page: Page, cursor: str) -> None:
    async for item in follow(page.web.url, SLUG, cursor):
        assert not isinstance(item, Resync), "no cursor was ever lost"
        page.put(item.seq, item.subject)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


class Answered(Struct, frozen=True):
    """A 201."""

    id: str
    body: str
    at: float


class Writers:
    """Four writers who post what they are given leave for, to both processes in turn."""

    def __init__(self, room: Newsroom) -> None:
        self._room = room
        self._leave = asyncio.Semaphore(0)
        self._numbers = itertools.count()
        self._tasks: list[asyncio.Task[None]] = []
        self.answered: list[Answered] = []
        self.allowed = 0
        self.broken = 0
        """Requests of which nobody knows whether they were done."""
        self.refused: list[int] = []
        """Statuses after which a request was repeated."""

    @property
    def ids(self) -> set[str]:
        """The entries of all 201s."""
        return {answered.id for answered in self.answered}

    def allow(self, count: int) -> None:
        """Let so many entries more be posted."""
        self.allowed += count
        for _ in range(count):
            self._leave.release()

    async def until(self, count: int | None = None) -> None:
        """Wait until so many are answered; all that were allowed where none is given."""
        wanted = self.allowed if count is None else count

        def done() -> bool:
            for task in self._tasks:
                if task.done():
                    task.result()
            return len(self.answered) >= wanted

        await until(done, lambda: f"answer {wanted}, now {len(self.answered)}: {self.refused}")

    async def post(self, count: int) -> list[Answered]:
        """Post so many more; their answers."""
        before = len(self.answered)
        self.allow(count)
        await self.until()
        return self.answered[before:]

    @classmethod
    @asynccontextmanager
    async def of_room(cls, room: Newsroom) -> AsyncIterator["Writers"]:
        """Four of them for the time of the block."""
        self = cls(room)
        self._tasks = [asyncio.create_task(self._write()) for _ in range(4)]
        try:
            yield self
        finally:
            for task in self._tasks:
                await _end(task)

    async def _write(self) -> None:
        while True:
            await self._leave.acquire()
            number = next(self._numbers)
            # The repetition goes to the other process: a key is known in both.
            webs = itertools.cycle(self._room.webs[number % 2 :] + self._room.webs[: number % 2])
            body = f"Words {number}"
            while not await self._asked(next(webs), body, f"key-{number}"):
                pass

    async def _asked(self, web: Web, body: str, key: str) -> bool:
        """Ask once; whether it was answered."""
        try:
            answer = await self._room.write(web, "entries", {"body": body}, key=key)
        except httpx2.ConnectError:
            await asyncio.sleep(0.01)
            return False
        except httpx2.TransportError:
            self.broken += 1
            return False
        if answer.status_code in AGAIN:
            self.refused.append(answer.status_code)
            await asyncio.sleep(min(float(answer.headers.get("Retry-After", 0)), 0.5))
            return False
        assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
        made = answer.json()
        assert made["body"] == body
        self.answered.append(Answered(made["id"], body, time.monotonic()))
        return True
