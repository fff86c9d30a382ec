"""The WebSocket of our own server: a sink for ready-made frames.

The fan-out builds each frame once for all readers. uvicorn's protocol would build it again
for each of them, behind an await; this one lets the endpoint write the shared bytes straight
to the transport. Handshake, pings, pongs and the closing handshake stay uvicorn's, and
``websockets`` keeps its own state: writing past it is safe as long as whole messages are
written, and none after a Close frame. permessage-deflate is agreed on as
:mod:`liveblog.wire.deflate` says, so that frames compressed once fit every reader.

The extension in the ASGI scope is the protocol object itself: one object less a reader.
"""

import asyncio
from asyncio.transports import BaseTransport
from collections.abc import Callable
from typing import Any, cast

from uvicorn._types import ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.exceptions import ProtocolError
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from liveblog.wire.deflate import WINDOW_BITS, accept
from liveblog.wire.inbound import ALLOWANCE, TOO_MANY

EXTENSION = "liveblog.frames"
CLOSE_TIMEOUT = 5.0
"""Seconds for the peer to answer a Close, and for a closing transport to be flushed."""

_EARLY = "A frame was written before the WebSocket was accepted."


class Connection(ServerProtocol):
    """The state of a connection as ``websockets`` keeps it, with our extension and bounds.

    It has no slots of its own, so that an object of uvicorn's can become one.
    """

    __slots__ = ()

    allowance = ALLOWANCE
    """Frames that may still come and bring nothing; see :mod:`liveblog.wire.inbound`."""

    def process_extensions(self, headers: Headers) -> tuple[str | None, list[Extension]]:
        """Agree on permessage-deflate, or on nothing. No offer refuses the handshake."""
        answer = accept(", ".join(headers.get_all("Sec-WebSocket-Extensions")))
        if answer is None:
            return None, []
        # What comes in is inflated with the largest window, and within max_size.
        return answer, [PerMessageDeflate(True, True, 15, WINDOW_BITS)]

    def recv_frame(self, frame: Frame) -> None:
        """Take a frame, unless it is one too many that brings nothing.

        A Close may come between fragments (RFC 6455 section 5.5): it is answered as any other,
        where ``websockets`` would call the fragments a protocol error.
        """
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        elif self._brings_nothing(frame):
            self.allowance -= 1
            if self.allowance < 0:
                self.fail(*TOO_MANY)  # nothing more is read
                self.parser_exc = ProtocolError(TOO_MANY[1])
                return
        super().recv_frame(frame)

    def _brings_nothing(self, frame: Frame) -> bool:
        """Whether it counts; after our Close everything does."""
        empty = frame.opcode in (Opcode.PING, Opcode.PONG) or not (frame.data or frame.fin)
        return empty or self.state is not OPEN


class LiveProtocol(WebSocketsSansIOProtocol):
    """A connection, and the :class:`liveblog.fanout.subscriber.Sink` of its reader."""

    high_water = 64 * 1024
    """Bytes unsent at which the sink is full; at a quarter of it, it has drained."""

    deflated = False
    """Whether frames made by :func:`liveblog.wire.deflate.deflate` may be written."""

    _drained: Callable[[], None] | None = None
    _accepted = False
    _open = False  # between the answer to the handshake and the first sign of an end
    _full = False
    _ended = False
    _early = b""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # uvicorn has just made it: made ours, it need not be made a second time.
        self.conn.__class__ = Connection

    # The sink -----------------------------------------------------------------------------

    def offer(self, data: bytes) -> bool:
        """Send whole frames unless the sink is full; whether they were taken.

        Once the connection is ending, all is taken and nothing is sent.

        :raises RuntimeError: before the handshake, where frames would precede the answer.
        """
        if self._full:
            return False
        if self._open:
            self.transport.write(data)
        elif not self._accepted:
            raise RuntimeError(_EARLY)
        return True

    def full(self) -> bool:
        """Whether more than the high-water mark waits unsent."""
        return self._full

    def on_drain(self, call: Callable[[], None]) -> None:
        """Have ``call()`` called whenever the transport takes more after it was full."""
        self._drained = call

    def end(self, final: bytes, code: int, reason: str) -> None:
        """Send ``final``, then a Close frame; cut the connection when the peer does not answer.

        The handler hears of it by ``websocket.disconnect`` when the connection is gone.
        """
        if not self._accepted:
            raise RuntimeError(_EARLY)
        if not self._open:
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
        self._ending()

    def abort(self) -> None:
        """Cut the connection; what is unsent is dropped."""
        self._open = False
        if self.transport is not None:
            self.transport.abort()

    # What is added to uvicorn's part ------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        """Set the marks between which the sink is full."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(self.high_water, self.high_water // 4)

    def data_received(self, data: bytes) -> None:
        """Keep what comes before the handshake is answered: a pong would precede the answer.

        Reading stops, so it is no more than a read brings.
        """
        if self.handshake_initiated and not self.handshake_complete:
            self._early += data
            self.transport.pause_reading()
        else:
            super().data_received(data)

    def _read_early(self) -> None:
        early, self._early = self._early, b""
        if not self.disconnected:
            self.transport.resume_reading()
            self.data_received(early)

    def handle_connect(self, event: Request) -> None:
        """Offer the sink to the application, whose task has not begun yet."""
        super().handle_connect(event)
        self.deflated = bool(self.conn.extensions)
        scope = cast(dict[str, Any] | None, getattr(self, "scope", None))
        if scope is not None:  # otherwise the handshake was refused
            scope["extensions"][EXTENSION] = self

    def handle_cont(self, event: Frame) -> None:
        """Keep no empty fragments: they would count nothing towards the largest message."""
        if event.data or event.fin:
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Refuse what is no UTF-8 here: uvicorn would log a traceback for each."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.fail(CloseCode.INVALID_DATA, "invalid UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def pause_writing(self) -> None:
        """The sink is full."""
        super().pause_writing()
        self._full = True

    def resume_writing(self) -> None:
        """The sink has drained: tell whoever stopped writing, too."""
        super().resume_writing()
        self._full = False
        if self._drained is not None and not self.disconnected:
            self._drained()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the reader go, so that nothing keeps this object alive."""
        self._drained = None
        self._open = self._full = False
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
        if message["type"] == "websocket.accept":
            self._accepted = True
            self._open = self.handshake_complete and not self.disconnected
            if self._early:
                self.loop.call_soon(self._read_early)  # the application says hello first
        elif message["type"] == "websocket.close":
            self._ending()

    async def run_asgi(self) -> None:
        """The application has returned; if it did not close, uvicorn does."""
        await super().run_asgi()
        if self.close_timer is None:
            self._ending()

    def shutdown(self) -> None:
        """The server ends and closes every connection."""
        super().shutdown()
        self._ending()

    def eof_received(self) -> None:
        """The peer sends no more, for which the transport closes itself."""
        self._ending()

    def send_keepalive_ping(self) -> None:
        """Ask whether the peer is there, and let it say so much again."""
        self.conn.allowance = ALLOWANCE  # type: ignore[attr-defined]
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """The peer did not answer a ping."""
        super().keepalive_timeout()
        self._ending()

    def handle_close(self, event: Frame) -> None:
        """The peer closes, or answers our Close."""
        super().handle_close(event)
        self._ending()

    def handle_parser_exception(self) -> None:
        """The peer sent what is no WebSocket frame, or too much of it."""
        super().handle_parser_exception()
        self._ending()

    def _ending(self) -> None:
        """Send no more frames, and do not wait for the peer for ever."""
        self._open = False
        if self.disconnected:
            return
        if self.close_timer is not None:
            self.close_timer.cancel()
        # connection_lost cancels it; a transport that is closed already ignores it.
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)


def live_protocol(high_water: int) -> type[asyncio.Protocol]:
    """The class with another high-water mark: uvicorn makes the objects, and hands nothing on."""
    return type("LiveProtocol", (LiveProtocol,), {"high_water": high_water})
