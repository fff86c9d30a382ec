"""The HTTP protocol of our own server: limits uvicorn's does not have, and the fast lane.

httptools takes a request head of any size and waits for it for ever. A few connections that
trickle headers would fill the memory, and idle ones all file descriptors.

A request for a stream is first offered to the lane (``lane.py``). The connection is handed
over only when this object has nothing else to do with it: the answers to requests before it
are written, no timer runs, and what came after the head goes with it.
"""

import asyncio
import sys
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from liveblog.server.lane import Lane
from liveblog.web.entrance import Found, Ready, Ticket, Wait

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0
PIPELINED = 100
"""Requests that may wait for the answers before them; uvicorn keeps as many as come."""

TOO_LARGE = b"431 Request Header Fields Too Large\r\n"
FULL = b"503 Service Unavailable\r\nretry-after: 5\r\n"

ABORT = "liveblog.abort"
"""The extension of the scope that cuts the connection at once, whatever is unsent."""


class LiveHttp(HttpToolsProtocol):
    """A request head that does not come at once has at most HEAD_BYTES and HEAD_SECONDS, the
    first one from the start of the connection."""

    lane: Lane | None = None
    most = sys.maxsize
    """Connections that may be open; with one more there would be no descriptors left for the
    process itself."""

    _in_head = False
    _head = 0
    _waiting: asyncio.TimerHandle | None = None
    _held: bytes | None = None
    """What follows an upgrade that waits for the answers to the requests before it."""
    _found: Found | None = None
    """What the lane said to the request that is being read."""
    _keeps = False
    """Whether the connection goes on after the answer to it."""
    _poll: Wait | None = None
    _slot = 0

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
        if len(self.connections) > self.most:
            self._refuse(FULL)
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        if (wait := self._end_poll()) is not None and self.lane is not None:
            self.lane.leave_poll(wait)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and see whether the head is still open after it."""
        if self.transport is None or self.transport.is_closing():
            return
        if self._held is not None:
            self._hold(data)
            return
        rest = self._parse(data)
        if isinstance(self._found, Ticket | bytes):
            self._take(self._found, b"")  # what follows the request for a stream is nobody's
        elif rest is not None:
            self._upgrade(rest)
        elif self._in_head and not self.transport.is_closing():
            self._head += len(data)
            self._wait()
            if self._head > HEAD_BYTES:
                self._refuse(TOO_LARGE)

    def _parse(self, data: bytes) -> bytes | None:
        """Take in what came; what follows the head of an upgrade, if there is one."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            if not self._idle():
                self.transport.close()  # an answer in the middle of another is none
            elif self._found is None:
                message = "Invalid HTTP request received."
                self.logger.warning(message)
                self.send_400_response(message)
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                return data[upgrade.args[0] :]
            self._unsupported_upgrade_warning()
        return None

    def on_message_begin(self) -> None:
        """A head begins."""
        if self._found is not None:
            return  # the connection is about to be another's, or to end
        # Not before: line breaks, which may stand between requests, begin none.
        self._unset_keepalive_if_required()
        self.tick()  # answers come in the order of the requests, so a poll waits no longer
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
        # Nobody asks so much at once: the connection ends, and the rest is not looked at.
        self._found = b"" if len(self.pipeline) >= PIPELINED else self._ask()
        if self._found is None:
            super().on_headers_complete()

    def _ask(self) -> Found | None:
        """What the lane says to a request that is no upgrade."""
        lane, parser = self.lane, self.parser
        if lane is None or not self._idle() or self.flow.write_paused:
            return None
        if parser.get_method() != b"GET" or parser.should_upgrade():
            return None
        self._keeps = parser.get_http_version() == "1.1" and parser.should_keep_alive()
        return lane.kept(self.url, self.headers) or lane.ask(self.url, self.headers, self.client)

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        if self._found is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        found = self._found
        if found is None:
            super().on_message_complete()
        elif isinstance(found, Ready | Wait):
            self._found = None
            if isinstance(found, Ready):
                self._say(found)
            else:
                self._begin_poll(found)

    def on_response_complete(self) -> None:
        """An answer is written; what waited for it goes on."""
        super().on_response_complete()
        if self._held is not None and self._idle() and not self.transport.is_closing():
            rest, self._held = self._held, None
            self._upgrade(rest)

    def shutdown(self) -> None:
        """The server ends; uvicorn calls this."""
        self.tick()
        super().shutdown()

    # Answers that are ready ---------------------------------------------------------------

    def _say(self, ready: Ready) -> None:
        """Write an answer, and go on."""
        lines = [STATUS_LINE[ready.status]]
        for name, value in (*self.server_state.default_headers, *ready.headers):
            lines += [name, b": ", value, b"\r\n"]
        lines += [b"\r\n" if self._keeps else b"connection: close\r\n\r\n", ready.body]
        self.transport.write(b"".join(lines))
        self.on_response_complete()
        if not self._keeps:
            self.transport.close()

    def _begin_poll(self, wait: Wait) -> None:
        """Wait for a change, without a task."""
        assert self.lane is not None
        self._poll = wait
        wait.topic.changed.add(self.tick)
        self._slot = self.lane.wheel.put(self, wait.seconds)
        self.lane.turn_on()

    def _end_poll(self) -> Wait | None:
        wait, self._poll = self._poll, None
        if wait is not None and self.lane is not None:
            wait.topic.changed.discard(self.tick)
            self.lane.wheel.drop(self, self._slot)
        return wait

    def tick(self) -> None:
        """Answer the poll that waits here, if one does: the blog has changed, the time is over,
        or another request has come. What the lane cannot say, the endpoint says."""
        wait = self._end_poll()
        if wait is None or self.lane is None:
            return
        if self.transport.is_closing():
            self.lane.leave_poll(wait)
            return
        ready = self.lane.polled(wait)
        if ready is not None:
            self._say(ready)
        else:
            super().on_headers_complete()
            super().on_message_complete()

    def abort(self) -> None:
        """Cut the connection."""
        self.transport.abort()

    # The hand-over ------------------------------------------------------------------------

    def _idle(self) -> bool:
        """Whether no request before this one is still being answered."""
        busy = self.cycle is not None and not self.cycle.response_complete
        return not (busy or self.pipeline or self._poll)

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
        if isinstance(found, Ticket | bytes):
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

    def _refuse(self, status: bytes) -> None:
        self.transport.write(
            b"HTTP/1.1 " + status + b"content-length: 0\r\nconnection: close\r\n\r\n"
        )
        self.transport.close()


def _address(name: Any) -> tuple[str, int] | None:
    """Host and port; a unix socket has none."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else None


def live_http(lane: Lane | None, most: int) -> type[asyncio.Protocol]:
    """The class with a lane and a limit: uvicorn makes the objects, and hands nothing on."""
    return type("LiveHttp", (LiveHttp,), {"lane": lane, "most": most})


def waiting_requests(connections: set[Any]) -> int:
    """How many connections have a request without its whole answer, WebSockets included."""
    return sum(
        not isinstance(one, HttpToolsProtocol)
        or (one.cycle is not None and not one.cycle.response_complete)
        for one in connections
    )
