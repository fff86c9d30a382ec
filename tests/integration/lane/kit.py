"""A client of raw bytes, and what a server holds of its readers."""

import asyncio
import contextlib
import gc
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec

from liveblog.server.reader import EventReader, Reader, SocketReader
from liveblog.web.admission import Counter
from liveblog.wire.follower import Follower, follow
from tests.conformance.sending import CLOSE, PING, PONG, frame
from tests.kit import SLUG
from tests.served import DEADLINE, Served, eventually

LIVE = f"/api/v1/blogs/{SLUG}/live"
STREAM = f"/api/v1/blogs/{SLUG}/stream"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def get(path: str, *headers: str) -> bytes:
    """A request's head."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def upgrade(path: str = LIVE, *headers: str) -> bytes:
    """The head of a request for a WebSocket."""
    wanted = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    return get(path, *wanted, f"Sec-WebSocket-Key: {KEY}", *headers)


class Frame(NamedTuple):
    """One frame of a server's."""

    first: int
    payload: bytes

    @property
    def opcode(self) -> int:
        """What it is."""
        return self.first & 15


class Answer(NamedTuple):
    """The head of an answer."""

    status: int
    headers: dict[str, str]


class Raw:
    """One connection. Nothing is read but when a test asks."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.data = b""
        """Read and not taken yet."""
        self.ended = False
        self._loop = asyncio.get_running_loop()

    async def send(self, data: bytes) -> None:
        """Send all of it; the server may be gone."""
        with contextlib.suppress(ConnectionError):
            await self._loop.sock_sendall(self.sock, data)

    async def read(self, size: int = 65536) -> bytes:
        """What comes next; nothing at the end of the connection."""
        try:
            async with asyncio.timeout(DEADLINE):
                data = await self._loop.sock_recv(self.sock, size)
        except ConnectionError:
            data = b""
        self.ended = self.ended or not data
        self.data += data
        return data

    async def until(self, part: bytes) -> bytes:
        """Everything up to and with this part."""
        while part not in self.data:
            assert await self.read(), f"the end came after {self.data!r}"
        found, _, self.data = self.data.partition(part)
        return found + part

    async def head(self) -> Answer:
        """The head of the next answer."""
        lines = (await self.until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        return Answer(
            int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in pairs}
        )

    async def answer(self) -> tuple[Answer, bytes]:
        """The next answer with its body, which has a length."""
        head = await self.head()
        size = int(head.headers["content-length"])
        while len(self.data) < size:
            assert await self.read()
        body, self.data = self.data[:size], self.data[size:]
        return head, body

    async def frame(self, *, ping: bool = False) -> Frame | None:
        """The next frame; None at the end of the connection, which is not within one.

        :param ping: whether it may be a ping. They come by the clock, so on a busy machine
            between any two frames.
        """
        while (found := self._frame()) is None or (found.opcode == PING and not ping):
            if found is None and not await self.read():
                assert self.data == b"", f"the end came within a frame: {self.data[:40]!r}"
                return None
        return found

    def frames(self) -> list[Frame]:
        """The whole frames that were read."""
        found = []
        while (one := self._frame()) is not None:
            found.append(one)
        return found

    async def all_frames(self) -> AsyncIterator[Frame]:
        """Every frame up to the end of the connection."""
        while (one := await self.frame()) is not None:
            yield one

    def _frame(self) -> Frame | None:
        data = self.data
        if len(data) < 2:
            return None
        assert data[0] & 0x0F in (1, 2, 8, 9, 10), f"no frame begins with {data[:20]!r}"
        assert data[1] < 128, "a server masks nothing"
        begin = {126: 4, 127: 10}.get(data[1], 2)
        size = int.from_bytes(data[2:begin], "big") if begin > 2 else data[1]
        if len(data) < begin + size:
            return None
        self.data = data[begin + size :]
        return Frame(data[0], data[begin : begin + size])

    async def rest(self) -> bytes:
        """Everything up to the end."""
        while await self.read():
            pass
        found, self.data = self.data, b""
        return found

    async def join(self, *headers: str, path: str = LIVE) -> Answer:
        """Become a reader; its hello has come."""
        await self.send(upgrade(path, *headers))
        head = await self.head()
        assert head.status == 101, (head, self.data)
        hello = await self.frame()
        assert hello is not None
        assert b"hello" in hello.payload or hello.first & 0x40
        return head

    async def closed(self) -> int:
        """The code of the Close that comes; it is answered, and the connection ends."""
        while (found := await self.frame()) is not None:
            if found.opcode == CLOSE:
                await self.send(frame(CLOSE, found.payload))
                assert await self.rest() == b""
                return int.from_bytes(found.payload[:2], "big")
        return 1006

    def reset(self) -> None:
        """Go with a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Following:
    """Follows what comes by the rules: nothing is lost, nothing comes twice.

    :param bits: the window to inflate with; 0: nothing may come deflated.
    """

    def __init__(self, seq: int, cursor: str, bits: int = 0) -> None:
        self.state = Follower(cursor, seq)
        self.pongs: list[bytes] = []
        self.entries: set[str] = set()
        self.close: bytes | None = None
        self.deflated = 0
        self._bits = bits

    def hear(self, frames: list[Frame]) -> None:
        """Take in whole frames."""
        for one in frames:
            assert self.close is None, f"{one} after the Close"
            if one.opcode == PONG:
                self.pongs.append(one.payload)
            elif one.opcode == CLOSE:
                self.close = one.payload
            elif one.opcode != PING:
                message = msgspec.json.decode(self._words(one))
                step = follow(self.state, message)
                assert step.action not in ("hole", "drop"), message
                self.state = step.state
                self.entries |= {change["entry"]["id"] for change in step.changes}

    def _words(self, one: Frame) -> bytes:
        """The payload, inflated without what came before it (RFC 7692 section 7.2.2)."""
        if not one.first & 0x40:
            return one.payload
        assert self._bits, "nothing was agreed on"
        self.deflated += 1
        inflater = zlib.decompressobj(-self._bits)
        words = inflater.decompress(one.payload + b"\0\0\xff\xff")
        assert inflater.unconsumed_tail == b""
        return words


@asynccontextmanager
async def raw(
    served: Served, *, receive_buffer: int | None = None, source: str | None = None
) -> AsyncIterator[Raw]:
    """A connection."""
    host, port = served.address.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source is not None:
            sock.bind((source, 0))
        await asyncio.get_running_loop().sock_connect(sock, (host, int(port)))
        yield Raw(sock)


@asynccontextmanager
async def reader(served: Served, *headers: str, **options: Any) -> AsyncIterator[Raw]:
    """A reader that has its hello."""
    async with raw(served, **options) as one:
        await one.join(*headers)
        yield one


def connections(served: Served) -> set[Any]:
    """What uvicorn counts."""
    return served.server.server_state.connections


def kinds(served: Served) -> list[str]:
    """The types of what is connected."""
    return sorted(type(one).__name__ for one in connections(served))


def lane_readers(served: Served) -> list[Reader]:
    """The readers in the lane."""
    return [one for one in connections(served) if isinstance(one, Reader)]


def counter(served: Served) -> Counter:
    """Who counts the readers of this process."""
    found: Counter = served.app.state.entrance._counter
    return found


async def warm(served: Served) -> None:
    """Open the blog's topic, and leave."""
    async with reader(served):
        pass
    await eventually(lambda: not connections(served))


async def empty(served: Served, but: Iterable[Any] = ()) -> None:
    """Wait until no reader is left, in whatever place one is counted."""
    but = set(but)
    await eventually(lambda: connections(served) == but, f"left: {connections(served)}")
    await eventually(lambda: served.hub.readers == 0, "readers are left in the hub")
    count = counter(served)
    await eventually(lambda: (count._all, count._by_address) == (0, {}), f"counted: {vars(count)}")
    gc.collect()
    left = [one for one in gc.get_objects() if type(one) in (SocketReader, EventReader)]
    assert left == []
    assert not any(found.topic.users or found.topic.readers for found in served.hub.topics)


def pongs(frames: Iterable[Frame]) -> list[bytes]:
    """What the pongs among them carry."""
    return [one.payload for one in frames if one.opcode == PONG]
