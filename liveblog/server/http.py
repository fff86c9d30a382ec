"""The HTTP protocol of our own server: limits uvicorn's does not have.

httptools takes a request head of any size and waits for it for ever. A few connections that
trickle headers would fill the memory, and idle ones all file descriptors.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0

ABORT = "liveblog.abort"
"""The extension of the scope that cuts the connection at once, whatever is unsent."""


class LiveHttp(HttpToolsProtocol):
    """A request head that does not come at once has at most HEAD_BYTES and HEAD_SECONDS, the
    first one from the start of the connection."""

    _in_head = False
    _head = 0
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and see whether the head is still open after it."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            self._wait()
            if self._head > HEAD_BYTES:
                self._refuse()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._head = True, 0
        super().on_message_begin()
        # uvicorn has no way to cut: it closes, and that waits until all is flushed.
        self.scope["extensions"] = {ABORT: {"call": self.transport.abort}}

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        self.transport.close()

    def _refuse(self) -> None:
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
            b"content-length: 0\r\nconnection: close\r\n\r\n"
        )
        self.transport.close()


def waiting_requests(connections: set[Any]) -> int:
    """How many connections have a request without its whole answer, WebSockets included."""
    return sum(
        not isinstance(one, HttpToolsProtocol)
        or (one.cycle is not None and not one.cycle.response_complete)
        for one in connections
    )
