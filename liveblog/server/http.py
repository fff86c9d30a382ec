"""The HTTP protocol of our own server: limits uvicorn's does not have, and the fast lane.

httptools takes a request head of any size and waits for it for ever. A few connections that
trickle headers would fill the memory, and idle ones all file descriptors.

A request for a stream is first offered to the lane (``lane.py``). The connection is handed
over only when this object has nothing else to do with it: the answers to requests before it
are written, no timer runs, and what came after the head goes with it.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from liveblog.server.lane import Lane
from liveblog.web.entrance import Ticket

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0

ABORT = "liveblog.abort"
"""The extension of the scope that cuts the connection at once, whatever is unsent."""


class LiveHttp(HttpToolsProtocol):
    """A request head that does not come at once has at most HEAD_BYTES and HEAD_SECONDS, the
    first one from the start of the connection."""

    lane: Lane | None = None

    _in_head = False
    _head = 0
    _waiting: asyncio.TimerHandle | None = None
    _held: bytes | None = None
    """What follows an upgrade that waits for the answers to the requests before it."""
    _found: Ticket | bytes | None = None
    """What the lane said to the request that is being read; nothing after it is answered."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request.

        In place of uvicorn's, which makes two socket objects to ask for the addresses.
        """
        self.connections.add(self)
        self.transport = transport
        self.flow = FlowControl(transport)
        self.client = _address(transport.get_extra_info("peername"))
        self.server = _address(transport.get_extra_info("sockname"))
        self.scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and see whether the head is still open after it."""
        if self.transport is None or self.transport.is_closing():
            return
        if self._held is not None:
            self._hold(data)
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            message = "Invalid HTTP request received."
            self.logger.warning(message)
            self.send_400_response(message)
            return
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self._upgrade(data[upgrade.args[0] :])
            else:
                self._unsupported_upgrade_warning()
            return
        if self._found is not None:
            self._take(self._found, b"")
        elif self._in_head:
            self._head += len(data)
            self._wait()
            if self._head > HEAD_BYTES:
                self._refuse()

    def on_message_begin(self) -> None:
        """A head begins."""
        if self._found is not None:
            return
        self._in_head, self._head = True, 0
        super().on_message_begin()
        # uvicorn has no way to cut: it closes, and that waits until all is flushed.
        self.scope["extensions"] = {ABORT: {"call": self.transport.abort}}

    def on_headers_complete(self) -> None:
        """The head is there."""
        if self._found is not None:
            return
        self._in_head = False
        self._stop_waiting()
        if self.lane is not None and b"/stream" in self.url and self._idle():
            if self.parser.get_method() == b"GET":
                self._found = self.lane.ask(self.url, self.headers, self.client)
            if self._found is not None:
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        if self._found is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        if self._found is None:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is written; what waited for it goes on."""
        super().on_response_complete()
        if self._held is not None and self._idle() and not self.transport.is_closing():
            rest, self._held = self._held, None
            self._upgrade(rest)

    # The hand-over ------------------------------------------------------------------------

    def _idle(self) -> bool:
        """Whether no request before this one is still being answered."""
        return not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    def _upgrade(self, rest: bytes) -> None:
        """The connection is to become a WebSocket; ``rest`` came after the head."""
        if not self._idle():
            self._held = b""
            self._hold(rest)
            return
        self._unset_keepalive_if_required()
        found = None
        if self.lane is not None and self.parser.get_method() == b"GET":
            found = self.lane.ask(self.url, self.headers, self.client)
        if found is not None:
            self._take(found, rest)
            return
        self.handle_websocket_upgrade()
        if rest:
            self.transport.get_protocol().data_received(rest)  # type: ignore[attr-defined]
        self._let_go()

    def _take(self, found: Ticket | bytes, rest: bytes) -> None:
        """Do what the lane said."""
        if isinstance(found, bytes):
            self.transport.write(found)
            self.transport.close()
            return
        assert self.lane is not None
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        self.lane.hand_over(self.transport, found, rest, self.connections)
        self._let_go()

    def _let_go(self) -> None:
        """The connection is another's: keep nothing, and no cycle for the collector."""
        self._stop_waiting()
        self.parser = self.flow = self.cycle = self.scope = None  # type: ignore[assignment]
        self.transport = None  # type: ignore[assignment]

    def _hold(self, data: bytes) -> None:
        """Keep what comes while the upgrade waits."""
        assert self._held is not None
        self._held += data
        self.flow.pause_reading()
        if len(self._held) > HEAD_BYTES:
            self.transport.close()

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


def _address(name: Any) -> tuple[str, int] | None:
    """Host and port; a unix socket has none."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else None


def live_http(lane: Lane | None) -> type[asyncio.Protocol]:
    """The class with a lane: uvicorn makes the objects, and hands nothing on."""
    return type("LiveHttp", (LiveHttp,), {"lane": lane})


def waiting_requests(connections: set[Any]) -> int:
    """How many connections have a request without its whole answer, WebSockets included."""
    return sum(
        not isinstance(one, HttpToolsProtocol)
        or (one.cycle is not None and not one.cycle.response_complete)
        for one in connections
    )
