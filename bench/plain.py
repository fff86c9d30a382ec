"""A plain HTTP client on one connection: what it adds to a measured time is next to nothing."""

import socket
import time
from typing import NamedTuple


class Answer(NamedTuple):
    """A whole answer and when its last byte was there (monotonic ns)."""

    status: int
    head: dict[str, str]
    body: bytes
    at: int


class Client:
    """One connection that is kept."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fixed = f"Host: 127.0.0.1:{port}\r\n"
        if token is not None:
            self._fixed += f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        """One request and its answer, which must be a success."""
        head = f"{method} {path} HTTP/1.1\r\n{self._fixed}Content-Length: {len(body)}\r\n\r\n"
        self._socket.sendall(head.encode() + body)
        answer = self._answer()
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
        return answer

    def timed(self, method: str, path: str, body: bytes = b"") -> float:
        """The same; how long it took in µs."""
        start = time.monotonic_ns()
        return (self.ask(method, path, body).at - start) / 1000

    def _answer(self) -> Answer:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        raw, _, body = data.partition(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").split("\r\n")
        head = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        size = int(head["content-length"])
        while len(body) < size:
            body += self._more()
        return Answer(int(first.split()[1]), head, body, time.monotonic_ns())

    def _more(self) -> bytes:
        data = self._socket.recv(1 << 18)
        if not data:
            raise RuntimeError("The server hung up.")
        return data
