"""A WebSocket client that sends any bytes, and notes what comes back."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.conformance.refusing import Answer, Case, Close, Echo, Pong
from tests.conformance.sending import BINARY, CLOSE, PING, PONG, TEXT, close, frame
from tests.served import DEADLINE

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
DONE = close(1000, b"done")


class Peer:
    """One connection, open and past the server's first message."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = b""
        self._loop = asyncio.get_running_loop()
        self.head = b""

    async def send(self, data: bytes, chopped: bool = False) -> None:
        """Send in one piece, or each byte alone. The server may be gone by then."""
        with contextlib.suppress(ConnectionError):
            if not chopped:
                await self._loop.sock_sendall(self._sock, data)
                return
            for at in range(len(data)):
                await self._loop.sock_sendall(self._sock, data[at : at + 1])
                await asyncio.sleep(0)  # the server, in the same loop, reads it

    def finish(self) -> None:
        """Send no more, and go on reading."""
        self._sock.shutdown(socket.SHUT_WR)

    async def open(self, path: str, extensions: str | None) -> None:
        """Shake hands; the first message has come when this returns."""
        lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket"]
        lines += [f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13"]
        if extensions is not None:
            lines.append(f"Sec-WebSocket-Extensions: {extensions}")
        await self.send("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._buffer:
            assert await self._more(), self._buffer
        self.head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        assert self.head.startswith(b"HTTP/1.1 101 "), self.head
        first = await self.frame()
        assert first is not None
        assert first[0] & 15 == TEXT

    async def frame(self) -> tuple[int, bytes] | None:
        """The next frame, its first byte and its payload; None at the end of the connection."""
        while (found := self._frame()) is None:
            if not await self._more():
                assert self._buffer == b"", "the connection ended within a frame"
                return None
        return found

    async def answers(self) -> list[Answer]:
        """Every pong and Close up to the end; a Close is answered, as a peer must."""
        seen: list[Answer] = []
        while (found := await self.frame()) is not None:
            first, payload = found
            opcode = first & 15
            if opcode == PONG:
                seen.append(Pong(payload))
            elif opcode == CLOSE:
                seen.append(Echo(payload))
                await self.send(frame(CLOSE, payload))
            else:
                assert opcode in (TEXT, BINARY, PING), f"opcode {opcode}"
                assert not any(isinstance(one, Echo) for one in seen), "data after a Close"
            assert first & 0xB0 == 0x80, "an unfinished frame, or reserved bits"
        return seen

    def _frame(self) -> tuple[int, bytes] | None:
        data = self._buffer
        if len(data) < 2:
            return None
        assert data[1] < 128, "a server masks nothing"
        begin = {126: 4, 127: 10}.get(data[1], 2)
        size = int.from_bytes(data[2:begin], "big") if begin > 2 else data[1]
        if len(data) < begin + size:
            return None
        self._buffer = data[begin + size :]
        return data[0], data[begin : begin + size]

    async def _more(self) -> bool:
        try:
            data = await self._loop.sock_recv(self._sock, 65536)
        except ConnectionError:
            return False
        self._buffer += data
        return data != b""


@asynccontextmanager
async def peer(address: str, path: str, extensions: str | None = None) -> AsyncIterator[Peer]:
    """An open connection to ``host:port``."""
    host, port = address.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, (host, int(port)))
        one = Peer(sock)
        async with asyncio.timeout(DEADLINE):
            await one.open(path, extensions)
        yield one


async def play(one: Peer, case: Case, chopped: bool) -> str:
    """What is wrong with how the server took a case; nothing when all is well."""
    try:
        async with asyncio.timeout(DEADLINE):
            await one.send(case.sent, chopped)
            if not case.closes:
                await one.send(frame(CLOSE, DONE))
            seen = await one.answers()
    except TimeoutError:
        return "the connection did not end"
    allowed = [case.answers, *case.others] if case.closes else [(*case.answers, Echo(DONE))]
    if any(_same(seen, answers) for answers in allowed):
        return ""
    return f"{seen} and not {list(allowed[0])}"


def _same(seen: Sequence[Answer], wanted: Sequence[Answer]) -> bool:
    """Of a Close that is the server's own only the code is compared."""
    return len(seen) == len(wanted) and all(
        isinstance(one, Echo) and one.payload[:2] == other.code.to_bytes(2, "big")
        if isinstance(other, Close)
        else one == other and type(one) is type(other)
        for one, other in zip(seen, wanted, strict=True)
    )
