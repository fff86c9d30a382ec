"""The WebSocket of our own server: a sink for ready-made frames.

The fan-out builds each frame once for all readers. uvicorn's protocol would build it again
for each of them, behind an await; this one lets the endpoint write the shared bytes straight
to the transport. Handshake, pings, pongs and the closing handshake stay uvicorn's, and
``websockets`` keeps its own state: writing past it is safe as long as whole messages are
written, and none after a Close frame.

The extension in the ASGI scope is the protocol object itself: one object less a reader.
"""

import asyncio
from asyncio.transports import BaseTransport
from collections.abc import Callable
from typing import Any, cast

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

EXTENSION = "liveblog.frames"
CLOSE_TIMEOUT = 5.0
"""Seconds for the peer to answer a Close, and for a closing transport to be flushed."""


class LiveProtocol(WebSocketsSansIOProtocol):
    """A connection, and the :class:`liveblog.fanout.subscriber.Sink` of its reader."""

    high_water = 64 * 1024
    """Bytes unsent at which the sink is full; at a quarter of it, it has drained."""

    _drained: Callable[[], None] | None = None
    _ended = False

    # The sink -----------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send whole frames. Once the connection is ending, nothing is sent any more.

        :raises RuntimeError: before the handshake, where frames would precede the answer.
        """
        if self._sending():
            self.transport.write(data)

    def full(self) -> bool:
        """Whether more than the high-water mark waits unsent."""
        return not self.writable.is_set()

    def on_drain(self, call: Callable[[], None]) -> None:
        """Have ``call()`` called whenever the transport takes more after it was full."""
        self._drained = call

    def end(self, final: bytes, code: int, reason: str) -> None:
        """Send ``final``, then a Close frame; cut the connection when the peer does not answer.

        The handler hears of it by ``websocket.disconnect`` when the connection is gone.
        """
        if not self._sending():
            return
        self._ended = True
        self.conn.send_close(code, reason)
        self.transport.write(final + b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        # A reader that sent something has its reading paused: its Close would not be seen.
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self._abort_later()

    def abort(self) -> None:
        """Cut the connection; what is unsent is dropped."""
        if self.transport is not None:
            self.transport.abort()

    def _sending(self) -> bool:
        if not (self.handshake_complete or self.disconnected):
            raise RuntimeError("A frame was written before the WebSocket was accepted.")
        return not (
            self.close_sent
            or self.disconnected
            or self.conn.close_sent is not None
            or self.transport.is_closing()
        )

    # What is added to uvicorn's part ------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        """Set the marks between which the sink is full."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(self.high_water, self.high_water // 4)

    def handle_connect(self, event: Request) -> None:
        """Offer the sink to the application, whose task has not begun yet."""
        super().handle_connect(event)
        scope = cast(dict[str, Any] | None, getattr(self, "scope", None))
        if scope is not None:  # otherwise the handshake was refused
            scope["extensions"][EXTENSION] = self

    def resume_writing(self) -> None:
        """Tell whoever stopped writing, too."""
        super().resume_writing()
        if self._drained is not None and not self.disconnected:
            self._drained()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the reader go, so that nothing keeps this object alive."""
        self._drained = None
        super().connection_lost(exc)

    # uvicorn closes the transport in these cases, which waits until everything is flushed: for
    # ever, when the peer has stopped reading.

    async def send(self, message: ASGISendEvent) -> None:
        """The application sends and closes by the usual ASGI messages.

        Once the sink was ended, that is for it as if the peer had gone: the fan-out and the
        handler need not agree on who closes.
        """
        if self._ended:
            raise ClientDisconnected()
        await super().send(message)
        if message["type"] == "websocket.close":
            self._abort_later()

    def keepalive_timeout(self) -> None:
        """The peer did not answer a ping."""
        super().keepalive_timeout()
        self._abort_later()

    def handle_close(self, event: Frame) -> None:
        """The peer closes, or answers our Close."""
        super().handle_close(event)
        self._abort_later()

    def handle_parser_exception(self) -> None:
        """The peer sent what is no WebSocket frame, or too much of it."""
        super().handle_parser_exception()
        self._abort_later()

    def _abort_later(self) -> None:
        if self.disconnected:
            return
        if self.close_timer is not None:
            self.close_timer.cancel()
        # connection_lost cancels it; a transport that is closed already ignores it.
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)


def live_protocol(high_water: int) -> type[asyncio.Protocol]:
    """The class with another high-water mark: uvicorn makes the objects, and hands nothing on."""
    return type("LiveProtocol", (LiveProtocol,), {"high_water": high_water})
