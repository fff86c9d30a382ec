"""A reader's connection in as little as it can be: the sink, and what the peer may say.

The HTTP protocol hands an open transport over (``lane.py``); from then on a reader is this
object, its subscriber and the transport. No task, no queue, no timer of its own.

Written is straight to the socket: the kernel's send buffer is the buffer. What it does not
take of a piece goes to the transport, whose own mark is zero, so that the reader is *full*
while a byte is left there: nothing overtakes it, and what is missing then comes compacted
from the window. Over TLS there is no such way and the transport takes everything.
"""

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from liveblog.fanout.subscriber import Subscriber
from liveblog.wire.frames import close_frame, ping_frame, pong_frame
from liveblog.wire.inbound import (
    ALLOWANCE,
    MAX_MESSAGE,
    START,
    TOO_MANY,
    Closed,
    Empty,
    Inbound,
    Message,
    Ping,
    Pong,
    receive,
)

if TYPE_CHECKING:
    from liveblog.server.lane import Lane

PING_TURNS = 20
"""Turns of the wheel between two pings; an unanswered one ends the reader."""
CLOSE_TURNS = 5
"""For the peer to answer a Close, and for a closing transport to be flushed."""


class Reader(asyncio.Protocol):
    """What a WebSocket and an event stream share; a
    :class:`liveblog.fanout.subscriber.Sink`."""

    __slots__ = (
        "_address",
        "_corked",
        "_drained",
        "_ended",
        "_fd",
        "_full",
        "_lane",
        "_slot",
        "_transport",
        "subscriber",
    )

    def __init__(self, lane: "Lane", transport: asyncio.Transport, address: str) -> None:
        self._lane = lane
        self._transport = transport
        self._address = address
        self._corked: list[bytes] | None = []
        self._drained: Callable[[], None] | None = None
        self._ended = False
        self._fd = -1
        self._full = False
        self._slot = lane.wheel.put(self, lane.first_turn())
        self.subscriber: Subscriber | None = None

    # The sink -----------------------------------------------------------------------------

    def offer(self, data: bytes) -> bool:
        """Send, unless something is unsent; whether it was taken."""
        if self._full:
            return False
        fd = self._fd
        if fd < 0:
            self._queue(data)
            return True
        try:
            sent = os.write(fd, data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:  # the peer has gone; connection_lost follows
            self.abort()
            return True
        if sent < len(data):
            self._keep(data[sent:])
        return True

    def full(self) -> bool:
        """Whether something is unsent."""
        return self._full

    def on_drain(self, call: Callable[[], None]) -> None:
        """Have ``call()`` called whenever everything was sent after something was unsent."""
        self._drained = call

    def end(self, final: bytes, code: int, reason: str) -> None:
        """Send ``final``, close, and cut the connection when the peer does not follow."""
        if self._ended:
            return
        self._ended = True
        self._drained = None
        self._send(final + self._farewell(code, reason))
        self._full = True
        self._wait(CLOSE_TURNS)

    def abort(self) -> None:
        """Cut the connection; what is unsent is dropped."""
        self._ended = self._full = True
        self._drained = None
        self._transport.abort()

    def _refuse(self, code: int, reason: str) -> None:
        """End it for what the peer sent."""
        if not self._ended and self.subscriber is not None and self.subscriber.topic is not None:
            self.subscriber.topic.end(self.subscriber, b"", code, reason)

    def _farewell(self, code: int, reason: str) -> bytes:
        """What is said last."""
        return b""

    # Writing ------------------------------------------------------------------------------

    def uncork(self) -> None:
        """Send in one piece what was offered since the reader was made.

        By way of the transport: an answer of the HTTP protocol may still lie in there.
        """
        corked, self._corked = self._corked, None
        assert corked is not None
        self._fd = self._lane.descriptor(self._transport)
        mark = 0 if self._fd >= 0 else self._lane.high_water
        self._transport.set_write_buffer_limits(mark, mark // 4)
        if not self._ended:
            self._keep(b"".join(corked))
        else:
            self._transport.write(b"".join(corked))

    def _queue(self, data: bytes) -> None:
        if self._corked is None:
            self._transport.write(data)
            return
        self._corked.append(data)
        # What is not written at once is asked for again, compacted, when this was.
        self._full = sum(map(len, self._corked)) > self._lane.high_water

    def _send(self, data: bytes) -> None:
        """Send in any case, behind what is unsent."""
        if self._full or self._fd < 0:
            if self._corked is not None:
                self._corked.append(data)
            else:
                self._transport.write(data)
        else:
            self.offer(data)

    def _keep(self, data: bytes) -> None:
        """Leave a rest to the transport, and look whether it got rid of it at once: then it
        would never say so. It writes before what is called soon."""
        self._full = True
        self._transport.write(data)
        self._lane.loop.call_soon(self._look)

    def _look(self) -> None:
        mark = 0 if self._fd >= 0 else self._lane.high_water
        if not self._ended and self._full and self._transport.get_write_buffer_size() <= mark:
            self.resume_writing()

    def pause_writing(self) -> None:
        """The transport holds more than its mark."""
        self._full = True

    def resume_writing(self) -> None:
        """The transport has got rid of it."""
        if self._ended:
            return
        self._full = False
        if self._drained is not None:
            self._drained()

    # The end ------------------------------------------------------------------------------

    def tick(self) -> None:
        """The wheel has come round."""
        if self._ended:
            self._transport.abort()
        else:
            self._wait(PING_TURNS)

    def _wait(self, turns: int) -> None:
        self._lane.wheel.drop(self, self._slot)
        self._slot = self._lane.wheel.put(self, turns)

    def shutdown(self) -> None:
        """The server ends; uvicorn calls this."""
        self.end(b"", 1012, "restart")
        self._transport.close()

    def eof_received(self) -> None:
        """The peer sends nothing more; the transport closes."""
        self._ended = self._full = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave nothing behind."""
        self._ended = self._full = True
        self._fd = -1
        self._drained = self._corked = None
        self._lane.wheel.drop(self, self._slot)
        self._lane.left(self, self._address, self.subscriber)
        self.subscriber = None


class SocketReader(Reader):
    """A WebSocket (RFC 6455): answers pings, asks whether the peer is there, closes."""

    __slots__ = ("_allowance", "_asked", "_inbound", "_ping")

    def __init__(self, lane: "Lane", transport: asyncio.Transport, address: str) -> None:
        super().__init__(lane, transport, address)
        self._inbound: Inbound = START
        self._allowance = ALLOWANCE
        self._asked = False
        self._ping: bytes | None = None

    def data_received(self, data: bytes) -> None:
        """Frames of the peer."""
        if self._transport.is_closing():
            return
        deflated = self.subscriber is not None and self.subscriber.form.framing == "deflated"
        self._inbound, events = receive(
            self._inbound, data, deflate=deflated, allowance=self._allowance
        )
        self._allowance -= len(events)
        for event in events:
            if isinstance(event, Pong):
                self._asked = False
            elif isinstance(event, Ping):
                self._pong(event.payload)
            elif isinstance(event, Closed):
                self._answer_close(event.payload)
            elif isinstance(event, Message):
                self._refuse(4500, "bad message")
            elif not isinstance(event, Empty):
                # What follows is not read, so no answer to our Close is waited for.
                self._refuse(event.code, event.reason)
                self._transport.close()

    def _pong(self, payload: bytes) -> None:
        """Answer a ping; while nothing can be sent only the newest is remembered (RFC 6455
        section 5.5.3), so that pings of a reader who takes nothing cost nothing. After our
        Close there is no answer."""
        if self._full:
            self._ping = payload
        else:
            self._send(pong_frame(payload))

    def resume_writing(self) -> None:
        """Answer the ping that could not be answered, then go on."""
        if self._ping is not None and not self._ended:
            payload, self._ping = self._ping, None
            self._full = False
            self._send(pong_frame(payload))
            if self._full:
                return
        super().resume_writing()

    def _answer_close(self, payload: bytes) -> None:
        if not self._ended:
            self._ended = True
            self._drained = None
            self._send(close_frame(payload))
            self._full = True
            self._wait(CLOSE_TURNS)
        self._transport.close()

    def _farewell(self, code: int, reason: str) -> bytes:
        return close_frame(code.to_bytes(2, "big") + reason.encode())

    def tick(self) -> None:
        """Ask whether the peer is there; one that did not answer the last time is not."""
        if self._ended:
            self._transport.abort()
        elif self._asked:
            self.end(b"", 1011, "keepalive ping timeout")
        else:
            if not self._full:  # a reader that takes nothing is the fan-out's business
                self._asked = True
                self.offer(ping_frame())
            self._allowance = ALLOWANCE
            self._wait(PING_TURNS)


class EventReader(Reader):
    """A stream of Server-Sent Events; its end is the end of the connection."""

    __slots__ = ("_more",)

    def __init__(self, lane: "Lane", transport: asyncio.Transport, address: str) -> None:
        super().__init__(lane, transport, address)
        self._more = 0

    def data_received(self, data: bytes) -> None:
        """Whatever follows the request is not answered any more, and must have an end."""
        self._more += len(data)
        if self._more > MAX_MESSAGE:
            self._refuse(*TOO_MANY)

    def end(self, final: bytes, code: int, reason: str) -> None:
        """Send ``final`` and close when it is sent."""
        super().end(final, code, reason)
        if self._corked is None:
            self._transport.close()

    def uncork(self) -> None:
        """See above; a stream that ended before it began ends now."""
        super().uncork()
        if self._ended:
            self._transport.close()
