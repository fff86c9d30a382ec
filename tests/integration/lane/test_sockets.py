"""What a reader's socket does when it takes little, nothing, or goes: every byte that comes is
of a whole frame in its place, and nobody else is touched."""

import asyncio
import errno
import os
import random
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from liveblog.fanout.subscriber import Subscriber
from liveblog.server import reader as readers
from liveblog.server.reader import SocketReader
from liveblog.wire.inbound import ALLOWANCE, MAX_MESSAGE
from tests.conformance.sending import CLOSE, PING, PONG, TEXT, frame
from tests.integration.lane.kit import (
    STREAM,
    Following,
    Raw,
    connections,
    empty,
    get,
    lane_readers,
    raw,
    reader,
    upgrade,
    warm,
)
from tests.kit import SLUG
from tests.served import Served, Way, eventually, serving

SMALL: dict[str, Any] = {"send_buffer": 4096, "write_buffer_bytes": 8192}
RECEIVE = 4096


@pytest.fixture
async def served(folder: Path, way: Way) -> AsyncIterator[Served]:
    """A server with the smallest buffers, and a blog that was read already."""
    async with serving(folder, way, **SMALL) as one:
        await one.blog()
        await one.publish()
        await warm(one)
        yield one
        await empty(one)


def subscribers(served: Served) -> set[Subscriber]:
    """Everybody who reads."""
    return served.hub.topics[0].topic.readers


async def until_lagging(served: Served, size: int = 3000) -> None:
    """Publish until somebody takes no more."""
    for _ in range(300):
        if any(one.lagging for one in subscribers(served)):
            return
        await served.publish(body="x" * size)
        await asyncio.sleep(0)
    raise AssertionError("nobody is full")


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_it_reads_is_whole_and_in_order(served: Served, seed: int) -> None:
    dice = random.Random(seed)
    async with raw(served, receive_buffer=RECEIVE) as one:
        topic = served.hub.topics[0].topic
        seq, epoch = topic.window.head, topic.position.epoch
        await one.join()
        following = Following(seq, f"{epoch}:{seq}")
        sent: list[bytes] = []
        made = set()
        lagged = False
        for number in range(120):
            for _ in range(dice.choice([0, 1, 1, 4])):
                entry = await served.publish(body="x" * dice.choice([1, 200, 3000, 9000]))
                made.add(entry.id)
            if dice.random() < 0.5:
                sent.append(b"ping %d" % number)
                await one.send(frame(PING, sent[-1]))
            lagged |= any(reader.lagging for reader in subscribers(served))
            if dice.random() < 0.5 and any(served_bytes(served)):
                await one.read(dice.choice([1, 7, 500, 4096, 65536]))
                following.hear(one.frames())
        assert lagged
        while following.state.seq < topic.window.head:
            assert await one.read()
            following.hear(one.frames())
        # By now it takes everything again, so the newest ping has its answer.
        await one.send(frame(PING, b"last"))
        while b"last" not in following.pongs:
            assert await one.read()
            following.hear(one.frames())
        assert one.data == b""
        assert following.entries == made
        # Every pong is of a ping, in the order of the pings.
        order = [*sent, b"last"]
        places = [order.index(payload) for payload in following.pongs]
        assert places == sorted(set(places))


def served_bytes(served: Served) -> list[bool]:
    """Whether there is something to read: who is full has something in flight."""
    return [one.sink.full() for one in subscribers(served)]


async def test_a_close_comes_whole_behind_what_was_stuck(served: Served) -> None:
    async with raw(served, receive_buffer=RECEIVE) as one:
        topic = served.hub.topics[0].topic
        seq, epoch = topic.window.head, topic.position.epoch
        await one.join()
        await until_lagging(served)
        for found in list(subscribers(served)):
            topic.reset(found, "too_old")
        following = Following(seq, f"{epoch}:{seq}")
        while following.close is None:
            assert await one.read(777)
            following.hear(one.frames())
        assert following.close == b"\x0f\xa1resync"
        assert one.data == b""
        await one.send(frame(CLOSE, b"\x0f\xa1"))
        assert await one.rest() == b""


async def test_who_never_reads_costs_a_buffer_and_is_cut(served: Served, way: Way) -> None:
    async with reader(served) as other, raw(served, receive_buffer=RECEIVE) as one:
        await one.send(upgrade())
        await eventually(lambda: served.hub.readers == 2)
        for _ in range(200):
            entry = await served.publish(body="x" * 3000)
            found = await other.frame()
            while found is not None and found.opcode == PING:  # on a slow machine one comes
                found = await other.frame()
            assert found is not None
            assert msgspec.json.decode(found.payload)["change"]["entry"]["id"] == entry.id
            buffers = [held_by(each) for each in connections(served)]
            # The mark, and a frame that was begun below it; in the lane the mark is zero.
            assert max(buffers) <= 8192 + len(found.payload) + 4
        topic = served.hub.topics[0].topic
        (slow,) = [each for each in subscribers(served) if each.lagging]
        assert topic.abort_stuck(3600) == 0
        assert slow.lagging_since is not None
        slow.lagging_since -= 7200
        assert topic.abort_stuck(3600) == 1
        await eventually(lambda: len(connections(served)) == 1)
        await served.publish()
        assert await other.frame() is not None


def transport_of(connection: Any) -> Any:
    """What it writes to."""
    return getattr(connection, "_transport", None) or connection.transport


def held_by(connection: Any) -> int:
    """Bytes that its transport holds."""
    found: int = transport_of(connection).get_write_buffer_size()
    return found


async def test_pings_of_who_never_reads_have_an_end(served: Served) -> None:
    async with raw(served, receive_buffer=RECEIVE) as one:
        await one.join()
        await until_lagging(served)
        (mine,) = connections(served)
        before = held_by(mine)
        await one.send(frame(PING, b"x" * 125) * (2 * ALLOWANCE + 1))
        await eventually(lambda: not connections(served) or transport_of(mine).is_closing())
        assert held_by(mine) <= before + 2 * ALLOWANCE * 127 + 100


async def test_who_goes_on_after_our_close_is_soon_not_read(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is sent then counts, also words: the time for a Close is not one to be flooded."""
    monkeypatch.setattr("liveblog.server.protocol.CLOSE_TIMEOUT", 3600.0)
    monkeypatch.setattr("liveblog.server.lane.TURN", 3600.0)
    async with reader(served) as one:
        await one.send(frame(TEXT, b"words"))
        while (found := await one.frame()) is not None and found.opcode != CLOSE:
            pass
        assert found == (0x80 | CLOSE, b"\x11\x94bad message")
        await one.send(frame(TEXT, b"words") * (2 * ALLOWANCE + 1))
        assert await one.rest() == b""


async def test_a_flood_is_told_to_the_operator(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """Once a look, however many there are."""
    caplog.set_level("INFO", "liveblog.fanout")
    async with reader(served) as other:
        for sent in (frame(PONG), frame(PING)):
            async with reader(served) as one:
                await one.send(sent * (2 * ALLOWANCE + 1))
                assert await one.closed() == 4500
                await eventually(lambda: "ended 1 readers of war" in caplog.text)
                caplog.clear()
        await served.publish()
        assert await other.frame() is not None


async def test_a_body_behind_the_request_for_a_stream_has_an_end(served: Served) -> None:
    """It was swallowed for ever."""
    async with raw(served) as one:
        await one.send(get(STREAM, "Transfer-Encoding: chunked"))
        await one.head()
        await one.until(b"\n\n")
        chunk = b"400\r\n" + b"x" * 0x400 + b"\r\n"
        await one.send(chunk * (MAX_MESSAGE // 0x400 - 1))
        await served.publish()
        assert b'"seq":2' in await one.until(b"\n\n")
        await one.send(chunk * 2)
        await eventually(lambda: served.hub.readers == 0)


async def test_a_body_behind_a_poll_has_an_end(served: Served) -> None:
    cursor = served.hub.topics[0].topic.position.cursor
    async with raw(served) as one:
        poll = f"/api/v1/blogs/{SLUG}/changes?after={cursor}&wait=30"
        await one.send(get(poll, "Transfer-Encoding: chunked"))
        await eventually(lambda: bool(served.hub.topics[0].topic.changed))
        await one.send((b"400\r\n" + b"x" * 0x400 + b"\r\n") * (MAX_MESSAGE // 0x400 + 1))
        assert (await one.head()).status == 204


async def test_nonsense_behind_the_request_for_a_stream_ends_it(served: Served) -> None:
    """Without an answer in the middle of the stream."""
    async with raw(served) as one:
        await one.send(get(STREAM))
        await one.head()
        await one.until(b"\n\n")
        await one.send(b"\0" * (MAX_MESSAGE + 1))
        assert b"HTTP/1.1" not in await one.rest()
        await eventually(lambda: served.hub.readers == 0)


@pytest.mark.parametrize("how", ["reset", "abort", "closed"])
async def test_who_goes_during_a_broadcast_takes_nobody_along(served: Served, how: str) -> None:
    """In the very step: the server does not know it yet, or learns it by its write."""
    stays = 3
    peers: list[Raw] = []
    contexts = [raw(served) for _ in range(stays + 3)]
    for context in contexts:
        peer = await context.__aenter__()
        await peer.join()
        peers.append(peer)
    try:
        topic = served.hub.topics[0].topic
        entry = await served.entry()
        for peer in peers[stays:]:
            if how == "reset":
                peer.reset()
            elif how == "closed":
                peer.sock.close()
        if how == "abort":
            gone = {peer.sock.getsockname()[1] for peer in peers[stays:]}
            for found in list(topic.readers):
                transport = getattr(found.sink, "_transport", None) or found.sink.transport  # type: ignore[attr-defined]
                if transport.get_extra_info("peername")[1] in gone:
                    found.sink.abort()
        # No await since: this is written to the connections that are gone, twice.
        served.broker.deliver_all()
        topic.advance([], topic.window.head)
        for peer in peers[:stays]:
            change = await peer.frame()
            assert change is not None
            assert str(entry.id).encode() in change.payload
        await eventually(lambda: served.hub.readers == stays)
    finally:
        for context in contexts:
            await context.__aexit__(None, None, None)


async def test_a_change_in_the_step_of_the_join(served: Served, way: Way) -> None:
    """Before what was said at the join has been written: nothing is lost, nothing overtakes."""
    await served.look_no_more()
    entry = await served.entry()
    topic = served.hub.topics[0].topic
    seq, epoch = topic.window.head, topic.position.epoch
    hub: Any = served.hub
    attach = hub.attach

    def attach_and_hear(*args: Any) -> None:
        attach(*args)
        served.broker.deliver_all()

    hub.attach = attach_and_hear
    async with raw(served) as one, raw(served) as events:
        await one.send(upgrade())
        assert (await one.head()).status == 101
        following = Following(seq, f"{epoch}:{seq}")
        following.hear(one.frames())
        while following.state.seq == seq:
            assert await one.read()
            following.hear(one.frames())
        assert following.entries == {entry.id}
        again = await served.entry()
        await events.send(get(STREAM))
        await events.head()
        assert b'"hello"' in await events.until(b"\n\n")
        assert str(again.id).encode() in await events.until(b"\n\n")
        await served.publish()
        assert b'"seq":4' in await events.until(b"\n\n")


async def test_a_join_with_more_than_the_buffer_takes(served: Served) -> None:
    topic = served.hub.topics[0].topic
    seq, epoch = topic.window.head, topic.position.epoch
    for _ in range(60):
        await served.publish(body="x" * 4000)
    async with raw(served, receive_buffer=RECEIVE) as one:
        await one.send(upgrade(f"/api/v1/blogs/{topic.blog.slug}/live?after={epoch}:{seq}"))
        await one.head()
        following = Following(seq, f"{epoch}:{seq}")
        while following.state.seq < topic.window.head:
            assert await one.read(1000)
            following.hear(one.frames())
        assert len(following.entries) == 60
        await eventually(lambda: not any(found.lagging for found in subscribers(served)))


# Keep-alive: the lane's turns are called, none is waited for --------------------------------


@pytest.fixture
async def turning(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """A server with the lane, whose wheel only the test turns."""
    monkeypatch.setattr("liveblog.server.lane.TURN", 3600.0)
    async with serving(folder, "lane", **SMALL) as served:
        await served.blog()
        await served.publish()
        await warm(served)
        yield served
        while connections(served):
            turn(served)
            await asyncio.sleep(0.001)
        await empty(served)


def turn(served: Served, times: int = 1) -> None:
    """Turn the wheel."""
    protocol: Any = served.server.config.http_protocol_class
    for _ in range(times):
        for each in protocol.lane.wheel.turn():
            each.tick()


@pytest.mark.parametrize("number", [errno.ENOBUFS, errno.EPIPE])
async def test_a_socket_that_fails_is_cut(
    turning: Served, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """What it was given is lost, so nothing may follow."""
    async with reader(turning) as one, reader(turning) as other:
        mine, *_ = lane_readers(turning)
        write = os.write

        def fail(fd: int, data: bytes) -> int:
            if fd == mine._fd:
                raise OSError(number, "of the test")
            return write(fd, data)

        with monkeypatch.context() as broken:
            broken.setattr(os, "write", fail)
            await turning.publish()
            await eventually(lambda: len(lane_readers(turning)) == 1)
        told = [await each.frame() for each in (one, other)]
        assert sorted(each is None for each in told) == [False, True]


async def test_an_answered_ping_goes_on(turning: Served) -> None:
    async with reader(turning) as one:
        (mine,) = lane_readers(turning)
        assert isinstance(mine, SocketReader)
        for payload in (b"", b"anything"):
            turn(turning, readers.PING_TURNS)
            assert await one.frame(ping=True) == (0x89, b"")
            assert mine._asked
            await one.send(frame(PONG, payload))
            await eventually(lambda: not mine._asked)
        await turning.publish()
        assert await one.frame() is not None


async def following(one: Raw, opcode: int) -> None:
    """Read up to the next frame of this kind; a heartbeat may come before it."""
    while (found := await one.frame(ping=True)) is not None and found.opcode != opcode:
        pass
    assert found is not None


async def test_with_each_turn_the_allowance_begins_anew(turning: Served) -> None:
    async with reader(turning) as one:
        for _ in range(3):
            turn(turning, readers.PING_TURNS)
            await following(one, PING)
            await one.send(frame(PONG) * (ALLOWANCE - 1) + frame(PING))
            await following(one, PONG)
        turn(turning, readers.PING_TURNS)
        await one.send(frame(PONG) * (ALLOWANCE + 1))
        assert [each async for each in one.all_frames()][-1] == (0x88, b"\x11\x94too many frames")


async def test_pings_of_who_never_reads_cost_nothing(turning: Served) -> None:
    async with raw(turning, receive_buffer=RECEIVE) as one:
        await one.join()
        await until_lagging(turning)
        (mine,) = lane_readers(turning)
        assert isinstance(mine, SocketReader)
        before = held_by(mine)
        await one.send(b"".join(frame(PING, b"%d" % number) for number in range(100)))
        await eventually(lambda: mine._ping == b"99")
        assert held_by(mine) <= before
        # Nor after it was told to go.
        mine.end(b"", 4008, "too slow")
        told = held_by(mine)
        await one.send(frame(PING, b"more") * 50)
        await one.send(b"\xff\xff")  # nonsense, by which it is seen that all was read
        await eventually(mine._transport.is_closing)
        assert held_by(mine) == told


async def test_an_unanswered_ping_ends_it(turning: Served) -> None:
    async with reader(turning) as one:
        (mine,) = lane_readers(turning)
        turn(turning, readers.PING_TURNS)
        assert await one.frame(ping=True) == (0x89, b"")
        while not mine._ended:
            turn(turning)
        assert await one.frame() == (0x88, b"\x03\xf3keepalive ping timeout")
        turn(turning, readers.CLOSE_TURNS - 1)
        assert len(connections(turning)) == 1
        turn(turning)
        assert await one.read() == b""


async def test_who_takes_nothing_is_asked_nothing(turning: Served) -> None:
    """It could not answer: whether it is cut is for the fan-out to say."""
    async with raw(turning, receive_buffer=RECEIVE) as one:
        await one.join()
        await until_lagging(turning)
        (mine,) = lane_readers(turning)
        turn(turning, 3 * readers.PING_TURNS)
        assert not mine._ended


async def test_who_does_not_answer_a_close_is_cut(turning: Served) -> None:
    async with raw(turning, receive_buffer=RECEIVE) as stuck, reader(turning) as mute:
        await stuck.join()
        await until_lagging(turning)
        for found in list(subscribers(turning)):
            turning.hub.topics[0].topic.reset(found, "too_old")
        turn(turning, readers.CLOSE_TURNS - 1)
        assert len(connections(turning)) == 2
        turn(turning)
        await eventually(lambda: not connections(turning))
        said = [each async for each in mute.all_frames()]
        assert said[-1] == (0x88, b"\x0f\xa1resync")


async def test_who_is_stuck_and_sends_no_more_is_cut(turning: Served) -> None:
    """The transport closes by itself, but not before it is flushed."""
    async with raw(turning, receive_buffer=RECEIVE) as one:
        await one.join()
        await until_lagging(turning)
        (mine,) = lane_readers(turning)
        one.sock.shutdown(socket.SHUT_WR)
        await eventually(mine._transport.is_closing)
        turn(turning, readers.PING_TURNS)
        await eventually(lambda: not connections(turning))


@pytest.mark.parametrize("last", [frame(CLOSE, b"\x03\xe8"), b"\xff\xff"])
async def test_an_end_behind_a_message_is_not_waited_for(turning: Served, last: bytes) -> None:
    async with reader(turning) as one:
        await one.send(frame(TEXT, b"words") + last)
        assert await one.frame() == (0x88, b"\x11\x94bad message")
        assert await one.read() == b""  # though the wheel stands still


async def test_a_stream_is_asked_nothing(turning: Served) -> None:
    async with raw(turning) as events:
        await events.send(get(STREAM))
        await events.head()
        await events.until(b"\n\n")
        turn(turning, 5 * readers.PING_TURNS)
        await turning.publish()
        assert b'"seq":2' in await events.until(b"\n\n")


async def test_those_who_come_together_are_not_asked_together(turning: Served) -> None:
    contexts = [reader(turning) for _ in range(40)]
    peers = [await context.__aenter__() for context in contexts]
    protocol: Any = turning.server.config.http_protocol_class
    assert max(map(len, protocol.lane.wheel._slots)) <= 3
    turn(turning, readers.PING_TURNS)
    for peer in peers:
        assert await peer.frame(ping=True) == (0x89, b"")
    for context in contexts:
        await context.__aexit__(None, None, None)
