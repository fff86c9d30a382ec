"""Readers on real sockets, one interface for WebSocket, SSE and long-poll.

Each follows the rules by ``liveblog.wire.follower`` and comes back by itself, as a client
does. A test may cut it (at once, or just after a message of a kind), let it stop reading,
and let it resume. What a server must never do inside one connection, leave a hole or repeat
something, is collected in ``faults``.
"""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal

import httpx2
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from liveblog.wire.follower import Follower, follow, newer
from tests.kit import SLUG
from tests.served import DEADLINE, Served, eventually

Transport = Literal["ws", "sse", "poll"]

Data = dict[str, Any]


class Reader(ABC):
    """See the module; the transports are its subclasses."""

    def __init__(
        self, served: Served, token: str | None = None, receive_buffer: int | None = None
    ) -> None:
        self.served = served
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.receive_buffer = receive_buffer
        self.state = Follower()
        self.entries: dict[str, Data] = {}
        self.days: dict[str, Data] = {}
        self.blog: Data = {}
        self.messages: list[Data] = []
        self.sizes: list[int] = []
        self.verbs: list[str] = []
        self.faults: list[Data] = []
        self.resets: list[str] = []
        self.closed: list[int] = []
        """Close codes of the WebSocket, or statuses that refused a connection."""
        self.connections = 0
        self.cut_on: str | None = None
        self.stay_away = False
        """Whether it does not come back by itself."""
        self.reading = asyncio.Event()
        self.reading.set()
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    # What a test does ---------------------------------------------------------------------

    async def start(self, snapshot: Data | None = None) -> None:
        """Begin: with a snapshot, a fresh one unless it is handed in."""
        self.take(snapshot or await self.snapshot())
        self.resume()

    def resume(self) -> None:
        """Connect (again) with what it has."""
        assert self._task is None or self._task.done(), "it is running"
        self._task = asyncio.create_task(self._run(), name=f"{type(self).__name__}")

    async def cut(self) -> None:
        """Lose the connection at once; it stays away until :meth:`resume`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds, which is asked after each thing that happens."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not condition():
                    self._check()
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            seen = f"{self.state} {self.verbs} {self.closed}"
            raise AssertionError(f"what was waited for did not come: {seen}") from None

    async def until_live(self) -> None:
        """Wait until it is attached (poll: until its request waits at the server)."""
        if isinstance(self, PollReader):
            await eventually(lambda: any(o.topic.changed for o in self.served.hub.topics))
        else:
            await self.until(lambda: "hello" in self.verbs)

    async def until_cut(self) -> None:
        """Wait until it has been cut by ``cut_on``."""
        await self.until(lambda: self._task is not None and self._task.done())

    async def until_seq(self, seq: int) -> None:
        """Wait until it has everything up to ``seq``."""
        await self.until(lambda: self.state.seq >= seq)

    def _check(self) -> None:
        if self._task is not None and self._task.done() and not self._task.cancelled():
            error = self._task.exception()
            if error is not None:
                raise error

    # What it does -------------------------------------------------------------------------

    async def snapshot(self) -> Data:
        answer = await self.served.http.get(f"/api/v1/blogs/{SLUG}/snapshot", headers=self.headers)
        found: Data = answer.raise_for_status().json()
        return found

    def take(self, snapshot: Data) -> None:
        """Begin from a snapshot."""
        self.state = Follower(snapshot["cursor"], snapshot["seq"])
        self.blog = {k: v for k, v in snapshot["blog"].items() if k not in ("cursor", "seq")}
        self.entries = {entry["id"]: entry for entry in snapshot["entries"]}
        self.days = {day["date"]: day for day in [snapshot["day"]] if day is not None}

    async def _run(self) -> None:
        try:
            while True:
                if self.state.cursor is None:
                    self.take(await self.snapshot())
                before = len(self.messages)
                async with self.opened() as messages:
                    self.connections += 1
                    self._changed.set()
                    async for data in messages:
                        if self._hear(data):
                            return
                        await self.reading.wait()
                if self.stay_away or any(c >= 4500 or 400 <= c < 500 for c in self.closed[-1:]):
                    return
                if len(self.messages) == before:
                    await asyncio.sleep(0.02)
        finally:
            self._changed.set()

    def _hear(self, data: bytes) -> bool:
        """Take in a message; whether to be cut now."""
        message: Data = msgspec.json.decode(data)
        verb = self.verb(message)
        if verb == self.cut_on == "hello" and message["type"] == "changes":
            self.cut_on = None  # a poll's answer that is lost on its way
            return True
        self.messages.append(message)
        self.sizes.append(len(data))
        step = follow(self.state, message)
        self.verbs.append(verb)
        if verb in ("hole", "drop"):
            self.faults.append(message)
        if verb == "reset":
            self.resets.append(message["reason"])
        self.state = step.state
        for change in step.changes:
            self._apply(change)
        self._changed.set()
        if verb == self.cut_on:
            self.cut_on = None
            return True
        return False

    def verb(self, message: Data) -> str:
        """What the message is for a follower."""
        return follow(self.state, message).action

    def _apply(self, change: Data) -> None:
        kind = change["type"]
        if kind == "blog.revised":
            self.blog = change["blog"]
        elif kind == "day.revised":
            day = change["day"]
            if newer(self.days.get(day["date"]), day):
                self.days[day["date"]] = day
        else:
            entry = change["entry"]
            if newer(self.entries.get(entry["id"]), entry):
                self.entries[entry["id"]] = entry

    @abstractmethod
    def opened(self) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """One connection: its messages, to its end. Leaving it early aborts it."""


class WsReader(Reader):
    """The WebSocket."""

    socket: ClientConnection | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """One WebSocket."""
        address = f"ws://{self.served.address}/api/v1/blogs/{SLUG}/live?after={self.state.cursor}"
        options: dict[str, Any] = {}
        if self.receive_buffer is not None:
            raw = socket.socket()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
            raw.setblocking(False)
            host, _, port = self.served.address.partition(":")
            await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
            options = {"sock": raw, "max_queue": 1}
        try:
            opened = await connect(
                address,
                additional_headers=self.headers,
                proxy=None,
                ping_interval=None,
                compression=None,
                max_size=None,
                **options,
            )
        except InvalidStatus as refused:
            self.closed.append(refused.response.status_code)
            yield nothing()
            return
        self.socket = opened
        try:
            yield self._messages(opened)
        finally:
            opened.transport.abort()

    async def _messages(self, opened: ClientConnection) -> AsyncIterator[bytes]:
        try:
            while True:
                yield await opened.recv(decode=False)
        except ConnectionClosed as closed:
            self.closed.append(closed.rcvd.code if closed.rcvd else 1006)
            self._changed.set()


class SseReader(Reader):
    """Server-Sent Events, read as a browser reads them (WHATWG HTML, section 9.2.6): the
    address stays the first one, the place is given by Last-Event-ID."""

    first: str | None = None
    last_id: str | None = None
    retries: tuple[int, ...] = ()

    def take(self, snapshot: Data) -> None:
        """A new EventSource."""
        super().take(snapshot)
        self.first, self.last_id = self.state.cursor, None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """One request."""
        address = f"/api/v1/blogs/{SLUG}/stream?after={self.first}"
        headers = self.headers | ({"Last-Event-ID": self.last_id} if self.last_id else {})
        options = []
        if self.receive_buffer is not None:
            options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)]
        transport = httpx2.AsyncHTTPTransport(verify=False, socket_options=options)
        async with httpx2.AsyncClient(
            transport=transport, base_url=self.served.url, timeout=None
        ) as client:
            async with client.stream("GET", address, headers=headers) as answer:
                if answer.status_code != 200:
                    self.closed.append(answer.status_code)
                    yield nothing()
                    return
                yield self._events(answer)

    async def _events(self, answer: httpx2.Response) -> AsyncIterator[bytes]:
        data: list[str] = []
        event_id: str | None = None
        try:
            async for line in answer.aiter_lines():
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if name == "data":
                    data.append(value)
                elif name == "id":
                    event_id = value
                elif name == "retry":
                    self.retries += (int(value),)
                elif not line and data:
                    text = "\n".join(data).encode()
                    assert msgspec.json.decode(text).get("cursor") == event_id
                    self.last_id = event_id or self.last_id
                    yield text
                    data, event_id = [], None
                else:
                    assert not line or line.startswith(":"), line
        except httpx2.RemoteProtocolError:
            pass
        self.closed.append(0)
        self._changed.set()


class PollReader(Reader):
    """The long-poll: every answer is a connection of its own."""

    wait = 25

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.retry_after: list[str] = []
        self.statuses: list[int] = []

    def verb(self, message: Data) -> str:
        """An answer without changes says what a heartbeat says."""
        if message["type"] == "changes" and message["seq"] == self.state.seq:
            assert message["from"] == message["cursor"] == self.state.cursor
            assert message["changes"] == []
            return "heartbeat"
        if self.cut_on == "hello":
            return "hello"
        return super().verb(message)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """A client that asks again and again."""
        async with httpx2.AsyncClient(
            base_url=self.served.url, timeout=None, verify=False
        ) as client:
            yield self._answers(client)

    async def _answers(self, client: httpx2.AsyncClient) -> AsyncIterator[bytes]:
        while self.state.cursor is not None:
            answer = await client.get(
                f"/api/v1/blogs/{SLUG}/changes",
                params={"after": self.state.cursor, "wait": self.wait},
                headers=self.headers,
            )
            self.statuses.append(answer.status_code)
            if "retry-after" in answer.headers:
                self.retry_after.append(answer.headers["retry-after"])
            self._changed.set()
            if answer.status_code != 200:
                self.closed.append(answer.status_code)
                return
            yield answer.content
            if "retry-after" in answer.headers:
                return


async def nothing() -> AsyncIterator[bytes]:
    """No message."""
    none: tuple[bytes, ...] = ()
    for data in none:
        yield data


KINDS: dict[Transport, type[Reader]] = {"ws": WsReader, "sse": SseReader, "poll": PollReader}


@asynccontextmanager
async def reading(
    served: Served, transport: Transport, token: str | None = None, **options: Any
) -> AsyncIterator[Reader]:
    """A reader that is ended with the block."""
    reader = KINDS[transport](served, token, **options)
    try:
        yield reader
    finally:
        await reader.cut()
        reader._check()


async def assert_complete(served: Served, reader: Reader) -> None:
    """The reader comes to the head and holds there what is true: every entry of the blog,
    each of its last revision, and it was served without a hole or a repeat."""
    fresh = await served.snapshot()
    await reader.until_seq(fresh["seq"])
    assert reader.state.cursor == fresh["cursor"]
    truth = await served.truth()
    assert reader.entries == truth
    assert reader.faults == []
    blog = {k: v for k, v in fresh["blog"].items() if k not in ("cursor", "seq")}
    assert reader.blog == blog
    newest = max(reader.days, default=None)
    assert (reader.days[newest] if newest else None) == fresh["day"]
