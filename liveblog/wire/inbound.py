"""What a reader's WebSocket brings in (RFC 6455): a value in, a value and events out.

A reader sends pings, pongs and a Close, and nothing else is taken. What else may come is
still read by the rules, so that the same bytes end a stream in the same way here and in the
``websockets`` library: a broken frame by 1002, words that are no UTF-8 by 1007, too much by
1009, and a whole message, which is nothing wrong but nothing wanted, by 4500. Frames that bring
nothing of a message could come for ever; beyond their allowance they are 4500, too.
"""

import zlib
from typing import NamedTuple

MAX_MESSAGE = 4096
"""Bytes of one message, its fragments together, and of what it holds deflated."""

ALLOWANCE = 200
"""Pings, pongs and fragments without a byte that a peer may send between two pings of ours. Ten
a second are more than any client or proxy has use for; each costs as much as a small request."""
TOO_MANY = 4500, "too many frames"
"""How whoever sends more is closed."""

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_OK_CODES = frozenset((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014))


class Ping(NamedTuple):
    """To be answered by a Pong with the same payload (section 5.5.2)."""

    payload: bytes


class Pong(NamedTuple):
    """The peer is there."""


class Empty(NamedTuple):
    """A fragment of a message that brings nothing of it."""


class Closed(NamedTuple):
    """The peer closes; ``payload`` is what our Close gives back (section 5.5.1)."""

    payload: bytes


class Message(NamedTuple):
    """A whole message, which is refused with 4500; the peer's Close may follow it."""


class Refused(NamedTuple):
    """The stream is broken and ends with this code; nothing after it is read."""

    code: int
    reason: str


Event = Ping | Pong | Empty | Message | Closed | Refused


class Inbound(NamedTuple):
    """What has come and is not a whole frame or a whole message yet."""

    rest: bytes = b""
    opcode: int = 0
    """Of the message whose fragments come; 0 between messages."""
    deflated: bool = False
    message: bytes = b""


START = Inbound()


class _Frame(NamedTuple):
    """A frame, unmasked."""

    fin: bool
    deflated: bool
    opcode: int
    payload: bytes


class _Broken(Exception):
    """Why the stream must end."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.refused = Refused(code, reason)


def receive(
    state: Inbound, data: bytes, *, deflate: bool = False, allowance: int = ALLOWANCE
) -> tuple[Inbound, list[Event]]:
    """Take in bytes as they come.

    :param deflate: whether permessage-deflate was agreed on, without context takeover.
    :param allowance: how many events there may be before the end, however much has come.
    :returns: the state to go on with, and what happened, in order; after a :class:`Closed`
        or a :class:`Refused` nothing more is read.
    """
    data = state.rest + data if state.rest else data
    state = state._replace(rest=b"")
    events: list[Event] = []
    at = 0
    try:
        while (found := _frame(data, at, state, deflate)) is not None:
            frame, at = found
            state, event = _take(state, frame)
            if event is None:
                continue
            if isinstance(event, Closed):
                return START, [*events, event]
            if len(events) >= allowance:
                raise _Broken(*TOO_MANY)
            events.append(event)
    except _Broken as broken:
        return START, [*events, broken.refused]
    rest = data[at:]
    return (state._replace(rest=rest) if rest or state.opcode else START), events


def _frame(data: bytes, at: int, state: Inbound, deflate: bool) -> tuple[_Frame, int] | None:
    """The frame that begins at ``at`` and where it ends; None while it is not all there."""
    if len(data) - at < 2:
        return None
    first, second = data[at], data[at + 1]
    opcode, size = first & 15, second & 127
    begins = opcode in (_TEXT, _BINARY)
    if first & (0x30 if deflate and begins else 0x70):
        raise _Broken(1002, "reserved bits must be 0")
    if opcode not in (_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG):
        raise _Broken(1002, "unknown opcode")
    if not second & 0x80:
        raise _Broken(1002, "incorrect masking")
    if opcode >= _CLOSE:
        if size > 125:
            raise _Broken(1002, "control frame too long")
        if not first & 0x80:
            raise _Broken(1002, "fragmented control frame")
    elif begins == bool(state.opcode):
        raise _Broken(1002, "a continuation frame out of place")
    body = at + 2
    if size >= 126:
        body += 2 if size == 126 else 8
        if len(data) < body:
            return None
        size = int.from_bytes(data[at + 2 : body], "big")
    if size + (len(state.message) if opcode < _CLOSE else 0) > MAX_MESSAGE:
        raise _Broken(1009, "message too big")
    end = body + 4 + size
    if len(data) < end:
        return None
    payload = _unmask(data[body + 4 : end], data[body : body + 4])
    return _Frame(bool(first & 0x80), bool(first & 0x40), opcode, payload), end


def _unmask(payload: bytes, mask: bytes) -> bytes:
    """Section 5.3."""
    size = len(payload)
    if not size:
        return b""
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


def _take(state: Inbound, frame: _Frame) -> tuple[Inbound, Event | None]:
    """The state after a frame, and what it says."""
    if frame.opcode == _PING:
        return state, Ping(frame.payload)
    if frame.opcode == _PONG:
        return state, Pong()
    if frame.opcode == _CLOSE:
        return state, _closed(frame.payload)
    opcode = state.opcode or frame.opcode
    deflated = state.deflated if state.opcode else frame.deflated
    message = state.message + frame.payload
    if not frame.fin:
        event = None if frame.payload else Empty()
        return Inbound(b"", opcode, deflated, message), event
    if deflated:
        message = _inflate(message)
    if opcode == _TEXT:
        _decode(message)
    return START, Message()


def _closed(payload: bytes) -> Closed:
    if not payload:
        return Closed(b"")
    if len(payload) == 1:
        raise _Broken(1002, "close frame too short")
    code = int.from_bytes(payload[:2], "big")
    if code not in _OK_CODES and not 3000 <= code < 5000:
        raise _Broken(1002, "invalid close code")
    _decode(payload[2:])
    return Closed(payload)


def _decode(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError:
        raise _Broken(1007, "invalid UTF-8") from None


def _inflate(message: bytes) -> bytes:
    """RFC 7692 section 7.2.2, no more than MAX_MESSAGE bytes of it."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = inflater.decompress(message + b"\x00\x00\xff\xff", MAX_MESSAGE)
    except zlib.error:
        raise _Broken(1002, "decompression failed") from None
    if inflater.unconsumed_tail:
        raise _Broken(1009, "message too big")
    return found
