"""What a reader of the lane writes, to a socket that takes as much as the test says: whatever is
cut where, the peer reads whole frames in order, and nothing behind a Close."""

import os
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from liveblog.server.reader import SocketReader
from liveblog.server.wheel import Wheel
from liveblog.wire.frames import close_frame, frame, pong_frame
from tests.conformance.sending import CLOSE, PING
from tests.conformance.sending import frame as sent

FD = 1_000_000
"""No real one."""


class Wire:
    """A socket with so much room, and the transport before it: loop, lane and transport in one,
    as far as a reader knows them."""

    high_water = 0

    def __init__(self) -> None:
        self.wheel: Wheel[Any] = Wheel(31)
        self.room = 0
        self.out = b""
        self.unsent = b""
        self.closing = False
        self.soon: list[Callable[[], None]] = []
        self.reader = SocketReader(self, self, "")  # type: ignore[arg-type]

    # The lane and its loop

    loop = property(lambda self: self)

    def first_turn(self) -> int:
        return 1

    def descriptor(self, _: object) -> int:
        return FD

    def call_soon(self, call: Callable[[], None]) -> None:
        self.soon.append(call)

    # The transport

    def set_write_buffer_limits(self, high: int, _low: int) -> None:
        assert high == 0

    def get_write_buffer_size(self) -> int:
        return len(self.unsent)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def write(self, data: bytes) -> None:
        paused = bool(self.unsent)
        self.unsent += data
        self.flush()
        if self.unsent and not paused:
            self.reader.pause_writing()

    def flush(self) -> None:
        """Send what there is room for."""
        taken, self.unsent = self.unsent[: self.room], self.unsent[self.room :]
        self.out += taken
        self.room -= len(taken)

    # The kernel

    def os_write(self, fd: int, data: bytes) -> int:
        assert fd == FD
        assert not self.unsent, "it overtakes what the transport holds"
        if not self.room:
            raise BlockingIOError
        taken = data[: self.room]
        self.out += taken
        self.room -= len(taken)
        return len(taken)

    def more_room(self, size: int) -> None:
        """The peer has read."""
        paused = bool(self.unsent)
        self.room += size
        self.flush()
        if paused and not self.unsent:
            self.reader.resume_writing()

    def run_soon(self) -> None:
        """What was called soon."""
        calls, self.soon = self.soon, []
        for call in calls:
            call()


steps = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.integers(0, 300)),
        st.tuples(st.just("ping"), st.integers(0, 125)),
        st.tuples(st.just("room"), st.integers(1, 400)),
        st.tuples(st.just("soon"), st.just(0)),
    ),
    max_size=40,
)


@given(st.integers(0, 400), steps, st.sampled_from(["none", "ours", "theirs"]), steps)
def test_whole_frames_in_order_and_nothing_behind_a_close(
    room: int, before: list[tuple[str, int]], end: str, after: list[tuple[str, int]]
) -> None:
    wire = Wire()
    wire.room = room
    reader = wire.reader
    told: list[bytes] = []
    pings: list[bytes] = []

    def offer(data: bytes) -> None:
        if reader.offer(data):
            told.append(data)

    def drained() -> None:
        offer(frame(b"missed"))

    def play(steps: list[tuple[str, int]]) -> None:
        for what, size in steps:
            if what == "offer":
                offer(frame(b"x" * size))
            elif what == "ping":
                pings.append(pong_frame(b"%d" % len(pings) + b"p" * (size - 3)))
                reader.data_received(sent(PING, pings[-1][2:]))
            elif what == "room":
                wire.more_room(size)
            else:
                wire.run_soon()

    with patch.object(os, "write", wire.os_write):
        reader.on_drain(drained)
        offer(frame(b"hello"))
        reader.uncork()
        play(before)
        if end == "ours":
            reader.end(frame(b"final"), 4001, "resync")
            told += [frame(b"final"), close_frame(b"\x0f\xa1resync")]
        elif end == "theirs":
            reader.data_received(sent(CLOSE, b"\x03\xe8bye"))
            told.append(close_frame(b"\x03\xe8bye"))
        count = len(told)
        play(after)
        if end != "none":
            assert len(told) == count, "taken after the end"
        for _ in range(100):
            wire.more_room(1000)
            wire.run_soon()
    assert not wire.unsent
    assert reader.full() == (end != "none"), "it took everything, and is live again"
    assert [one for one in frames(wire.out) if one not in pings] == told
    heard = [one for one in frames(wire.out) if one in pings]
    assert heard == sorted(heard, key=pings.index)


def frames(data: bytes) -> list[bytes]:
    """The frames of a server, whole ones all."""
    found = []
    while data:
        begin, size = (2, data[1]) if data[1] < 126 else (4, int.from_bytes(data[2:4], "big"))
        assert len(data) >= begin + size
        found.append(data[: begin + size])
        data = data[begin + size :]
    return found
