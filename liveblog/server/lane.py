"""The fast lane: from a request for a stream to a reader, without the application's task.

It takes a connection over from an HTTP protocol that has nothing else to do: no request in
flight or waiting, nothing to be written, no timer running. What the entrance does not decide
by what is in memory goes on to the application, which says everything there is to say.
"""

import asyncio
import logging
from typing import Any, Protocol

from liveblog.fanout.subscriber import Subscriber
from liveblog.server.proxies import Proxies
from liveblog.server.reader import PING_TURNS, EventReader, Reader, SocketReader
from liveblog.server.wheel import Wheel
from liveblog.web.api.changes import MAX_WAIT
from liveblog.web.entrance import Entrance, Found, Head, Ready, Ticket, Wait
from liveblog.web.kept import Kept

log = logging.getLogger("liveblog.server")

TURN = 1.0
"""Seconds of one turn of the wheel."""

_LISTS = frozenset((b"sec-websocket-protocol", b"sec-websocket-extensions"))
"""Of these there may be several, which are one list."""
_ONE = frozenset(
    (b"sec-websocket-key", b"sec-websocket-version", b"origin", b"last-event-id", b"upgrade")
)
_PROXY = frozenset((b"x-forwarded-for", b"x-forwarded-proto"))
_NOT_OURS = frozenset((b"content-length", b"transfer-encoding", b"expect"))
"""A request with a body, or with a wish, is not a reader's."""
_WISHES = _NOT_OURS | {b"origin", b"upgrade", b"range"}
"""Nor is an answer ready for another origin, which needs headers of its own."""


class Ticking(Protocol):
    """What can be put on the wheel."""

    def tick(self) -> None:
        """Its time has come."""

    def abort(self) -> None:
        """Cut its connection."""


class Lane:
    """What the readers of one process share.

    :param state: the application's state: it has the ``entrance`` once it runs.
    """

    def __init__(self, state: Any, proxies: Proxies, high_water: int) -> None:
        self.high_water = high_water
        self.wheel: Wheel[Ticking] = Wheel(MAX_WAIT + 1)
        self._state = state
        self._proxies = proxies
        self._connections: set[Any] = set()
        self._turning = False
        self._first = 0

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop all this is in."""
        return asyncio.get_running_loop()

    @property
    def entrance(self) -> Entrance | None:
        """The application's, once it runs."""
        found: Entrance | None = getattr(self._state, "entrance", None)
        return found

    def ask(
        self, target: bytes, headers: list[tuple[bytes, bytes]], peer: tuple[str, int] | None
    ) -> Found | None:
        """What the entrance says to a GET; see :meth:`liveblog.web.entrance.Entrance.ask`. What
        goes wrong goes wrong for one request alone, and the endpoint says it."""
        entrance = self.entrance
        head = None if entrance is None else self._head(target, headers, peer)
        try:
            return None if entrance is None or head is None else entrance.ask(head)
        except Exception:
            log.exception("a request could not be decided")
            return None

    def kept(self, target: bytes, headers: list[tuple[bytes, bytes]]) -> Ready | None:
        """The page or document at this address, if it is in memory and nothing asked for
        makes it another one."""
        kept: Kept | None = getattr(self._state, "kept", None)
        path, _, query = target.partition(b"?")
        if kept is None or b"%" in path or any(name in _WISHES for name, _ in headers):
            return None
        reply = kept.at_once(path.decode("latin-1"), query, headers)
        return None if reply is None else Ready(*reply)

    def _head(
        self, target: bytes, headers: list[tuple[bytes, bytes]], peer: tuple[str, int] | None
    ) -> Head | None:
        """The head, when it is as plain as a reader's."""
        known: dict[bytes, bytes] = {}
        forwarded: dict[bytes, list[str]] = {}
        for name, value in headers:
            if name in _PROXY:
                forwarded.setdefault(name, []).append(value.decode("latin-1"))
            elif name in _LISTS and name in known:
                known[name] += b", " + value
            elif name in _NOT_OURS or (name in _ONE and name in known):
                return None
            else:
                known[name] = value
        host = peer[0] if peer else ""
        if forwarded and host:
            found = self._proxies.client(
                host,
                ",".join(forwarded.get(b"x-forwarded-for", ())),
                ",".join(forwarded.get(b"x-forwarded-proto", ())),
            )
            host = found.host
        return Head(target, known, host)

    def hand_over(
        self, transport: asyncio.Transport, ticket: Ticket, rest: bytes, connections: set[Any]
    ) -> None:
        """Make the connection a reader's.

        :param rest: what came after the head of the request.
        :param connections: uvicorn's, in which the reader takes the place of the protocol.
        """
        self.turn_on()
        kind = EventReader if ticket.form.framing == "sse" else SocketReader
        reader = kind(self, transport, ticket.address)
        self._connections = connections
        connections.add(reader)
        transport.set_protocol(reader)
        reader.offer(ticket.answer)
        try:
            reader.subscriber = self._state.entrance.seat(ticket, reader)
        except Exception:
            log.exception("a reader could not be served")
            reader.end(b"", 1011, "internal error")
        reader.uncork()
        if rest:
            reader.data_received(rest)

    def polled(self, wait: Wait) -> Ready | None:
        """See :meth:`liveblog.web.entrance.Entrance.polled`; what goes wrong goes wrong for one
        poll alone, and the endpoint says it."""
        try:
            return self._state.entrance.polled(wait)  # type: ignore[no-any-return]
        except Exception:
            log.exception("a poll could not be answered")
            return None

    def leave_poll(self, wait: Wait) -> None:
        """A poll's connection is gone."""
        self._state.entrance.leave_poll(wait)

    def left(self, reader: Reader, address: str, subscriber: Subscriber | None) -> None:
        """A reader's connection is gone."""
        self._connections.discard(reader)
        self._state.entrance.leave(address, subscriber)

    def descriptor(self, transport: asyncio.Transport) -> int:
        """The socket that may be written to past the transport; -1: none may."""
        if transport.get_extra_info("sslcontext") is not None:
            return -1
        sock = transport.get_extra_info("socket")
        return -1 if sock is None else int(sock.fileno())

    # The wheel ----------------------------------------------------------------------------

    def first_turn(self) -> int:
        """When a new reader is first asked: one after the other round the wheel, or all who
        came at once would be asked at once for ever."""
        self._first = self._first % PING_TURNS + 1
        return self._first

    def turn_on(self) -> None:
        """Something was put on the wheel."""
        if not self._turning:
            self._turning = True
            self.loop.call_later(TURN, self._turn)

    def _turn(self) -> None:
        """Call whoever is due; stop when nobody is left."""
        for reader in self.wheel.turn():
            try:
                reader.tick()
            except Exception:
                log.exception("a reader could not be asked")
                reader.abort()
        self._turning = not self.wheel.empty()
        if self._turning:
            self.loop.call_later(TURN, self._turn)
