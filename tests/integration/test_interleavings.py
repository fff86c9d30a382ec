"""Every interleaving of joining with publishing ends complete, on every wire.

The moments: before, between and after attach and catch-up; hints that are swapped or never
arrive; a stale snapshot; connections cut at the worst places. Each on WebSocket (our own
server and any ASGI server), SSE and long-poll.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

from liveblog.fanout.relay import Relay
from liveblog.fanout.window import Bounds
from tests.readers import PollReader, Reader, Transport, assert_complete, reading
from tests.served import Served, Way, eventually, serving

PATHS: list[tuple[Transport, Way]] = [
    ("ws", "lane"),
    ("sse", "lane"),
    ("ws", "live"),
    ("ws", "asgi"),
    ("sse", "live"),
    ("poll", "lane"),
    ("poll", "live"),
]

Hints = Literal["arrive", "late", "lost"]
every_fate = pytest.mark.parametrize("hints", ["arrive", "late", "lost"])


class Stage(NamedTuple):
    """A server with a blog of three entries, and a reader that has not come yet."""

    served: Served
    reader: Reader

    async def publish(self, hints: Hints) -> None:
        """An entry, another and the first one's retraction."""
        entry = await self.served.entry(key=True, headline="Key")
        await self.served.entry()
        await self.served.retract(entry)
        if hints == "arrive":
            self.served.broker.deliver_all()
        elif hints == "lost":
            self.served.broker.flying.clear()


@pytest.fixture(params=PATHS, ids="-".join)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """See Stage."""
    transport, way = request.param
    async with serving(tmp_path, way) as served:
        await served.blog()
        for _ in range(3):
            await served.publish()
        async with reading(served, transport) as reader:
            yield Stage(served, reader)


@every_fate
async def test_publishing_before_attaching(stage: Stage, hints: Hints) -> None:
    snapshot = await stage.reader.snapshot()
    await stage.publish(hints)
    await stage.reader.start(snapshot)
    stage.served.broker.deliver_all()
    await assert_complete(stage.served, stage.reader)
    assert stage.reader.resets == []


@every_fate
@pytest.mark.parametrize("moment", ["before 1", "after 1", "before 2", "after 2"])
async def test_publishing_while_the_topic_opens(stage: Stage, hints: Hints, moment: str) -> None:
    """The reads of opening are the blog and, after subscribing, the window."""
    if hints == "arrive":
        await stage.served.look_no_more()  # the hint alone is enough
    met = await at(stage, moment, hints)
    await stage.reader.start(met.snapshot)
    await stage.reader.until(lambda: stage.reader.connections > 0)
    await eventually(lambda: met.done)
    stage.served.broker.deliver_all()
    await assert_complete(stage.served, stage.reader)
    assert stage.reader.resets == []


@every_fate
@pytest.mark.parametrize("moment", ["before 1", "after 1", "before 2", "after 2"])
async def test_publishing_while_the_window_is_extended(
    stage: Stage, hints: Hints, moment: str
) -> None:
    """The reader is below the floor; the reads are what is above the window, what below."""
    stage.served.tune(bounds=Bounds(count=3))
    snapshot = await stage.reader.snapshot()
    async with reading(stage.served, "ws") as other:
        await other.start()
        await other.until_live()
        for _ in range(6):
            await stage.served.publish()
        await other.until_seq(9)
        met = await at(stage, moment, hints)
        await stage.reader.start(snapshot)
        await eventually(lambda: met.done)
        stage.served.broker.deliver_all()
        await assert_complete(stage.served, stage.reader)
        await assert_complete(stage.served, other)
    assert stage.reader.resets == []


@every_fate
async def test_publishing_after_attaching(stage: Stage, hints: Hints) -> None:
    await stage.reader.start()
    await stage.reader.until_live()
    await stage.publish(hints)
    if hints == "late":
        stage.served.look()
        await stage.reader.until_seq(8)
        stage.served.broker.deliver_all()
    await assert_complete(stage.served, stage.reader)


async def test_hints_of_two_writers_arrive_swapped(stage: Stage) -> None:
    await stage.reader.start()
    await stage.reader.until_live()
    await stage.served.look_no_more()
    stage.served.store.set_seam(None)
    await stage.served.entry()
    await stage.served.entry()
    stage.served.broker.deliver(1)
    stage.served.broker.deliver(0)
    await stage.reader.until_seq(5)
    assert stage.served.store.reads == 0, "both hints were there, nothing had to be read"
    await assert_complete(stage.served, stage.reader)


async def test_a_hint_before_another_never_arrives(stage: Stage) -> None:
    """The hole itself says so; no look is needed."""
    await stage.reader.start()
    await stage.reader.until_live()
    await stage.served.look_no_more()
    await stage.served.entry()
    await stage.served.entry()
    stage.served.broker.lose(0)
    stage.served.broker.deliver(0)
    await assert_complete(stage.served, stage.reader)


async def test_a_hint_arrives_twice_and_again_late(stage: Stage) -> None:
    await stage.reader.start()
    await stage.reader.until_live()
    await stage.served.look_no_more()
    stage.served.store.set_seam(None)
    await stage.served.entry()
    again = list(stage.served.broker.flying)
    stage.served.broker.deliver_all()
    await stage.served.publish()
    stage.served.broker.flying += again + again
    stage.served.broker.deliver_all()
    assert not held(stage.served), "there is nothing to wait for"
    await stage.served.publish()
    await stage.reader.until_seq(6)
    assert stage.served.store.reads == 0
    await assert_complete(stage.served, stage.reader)


async def test_a_snapshot_ten_changes_stale(stage: Stage) -> None:
    snapshot = await stage.reader.snapshot()
    for n in range(10):
        entry = await stage.served.publish(pinned=n % 2 == 0)
    await stage.served.retract(entry)
    stage.served.broker.deliver_all()
    await stage.reader.start(snapshot)
    await assert_complete(stage.served, stage.reader)
    assert stage.reader.resets == []


@every_fate
async def test_cut_between_reset_and_snapshot(stage: Stage, hints: Hints) -> None:
    await stage.reader.start()
    await stage.reader.until_live()
    await stage.served.actions.renew_epoch()
    stage.reader.cut_on = "reset"
    stage.served.look()
    await stage.reader.until_cut()
    assert stage.reader.resets == ["epoch_changed"]
    await stage.publish(hints)
    stage.reader.resume()
    await assert_complete(stage.served, stage.reader)


@every_fate
async def test_cut_between_hello_and_catch_up(stage: Stage, hints: Hints) -> None:
    """On the long-poll: the answer is lost on its way."""
    snapshot = await stage.reader.snapshot()
    await stage.publish("arrive")
    stage.reader.cut_on = "hello"
    await stage.reader.start(snapshot)
    await stage.reader.until_cut()
    assert stage.reader.state.seq == snapshot["seq"], "nothing of the catch-up was taken in"
    await stage.publish(hints)
    stage.reader.resume()
    await assert_complete(stage.served, stage.reader)


@every_fate
async def test_cut_between_heartbeat_and_batch(stage: Stage, hints: Hints) -> None:
    """On the long-poll: an answer with nothing, then the cut."""
    stage.reader.cut_on = "heartbeat"
    if isinstance(stage.reader, PollReader):
        stage.reader.wait = 0
        await stage.reader.start()
    else:
        await stage.reader.start()
        await stage.reader.until_live()
        stage.served.hub.heartbeat()
    await stage.reader.until_cut()
    await stage.publish(hints)
    stage.reader.resume()
    await assert_complete(stage.served, stage.reader)


async def test_a_reader_is_ahead_of_the_process_it_comes_to(stage: Stage, tmp_path: Path) -> None:
    """Its entry reached it through another process; this one has not heard of it yet."""
    async with serving(tmp_path) as second:
        await second.look_no_more()
        stage.served.broker.others.append(second.broker)
        async with reading(second, "ws") as other:
            await other.start()
            await other.until_live()
            await stage.reader.start()
            await stage.reader.until_live()
            await stage.publish("arrive")
            await stage.reader.until_seq(8)
            assert other.state.seq == 3
            await stage.reader.cut()
            stage.reader.served = second
            stage.reader.resume()
            await assert_complete(second, other)
            second.broker.deliver_all()
            await second.publish()
            await assert_complete(second, stage.reader)
            await assert_complete(second, other)
            await stage.reader.cut()
    assert stage.reader.resets == []


def held(served: Served) -> bool:
    """Whether the relay holds hints back, because one before them is missing."""
    relay = served.broker.listener
    assert isinstance(relay, Relay)
    return any(relay._held.values())


class Met:
    """Whether the moment came, and the snapshot taken before it."""

    def __init__(self, snapshot: dict[str, object]) -> None:
        self.snapshot = snapshot
        self.done = False


async def at(stage: Stage, moment: str, hints: Hints) -> Met:
    """Publish at this moment ("before 2": before the second read from now on)."""
    met = Met(await stage.served.snapshot())  # from the store, so that no topic is opened

    async def seam(when: str, number: int) -> None:
        if f"{when} {number}" == moment:
            await stage.publish(hints)
            met.done = True

    stage.served.store.set_seam(seam)
    return met
