"""A reader that takes nothing: the others do not notice, it misses nothing, it is cut at last."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from liveblog.fanout.subscriber import Subscriber
from liveblog.fanout.topic import BATCH_BYTES
from tests.readers import Reader, Transport, WsReader, assert_complete, reading
from tests.served import Served, Way, eventually, serving

ENTRY_BYTES = 20_000
BODY = "word " * (ENTRY_BYTES // 20)
"""As body, HTML and text it stands three times in a message."""

WIRES: list[tuple[Transport, Way]] = [
    ("ws", "lane"),
    ("sse", "lane"),
    ("ws", "live"),
    ("ws", "asgi"),
    ("sse", "live"),
]


@pytest.fixture(params=WIRES, ids="-".join)
async def slow(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reader]:
    """A reader with small buffers on both sides, attached, that has stopped reading."""
    transport, way = request.param
    async with serving(tmp_path, way, send_buffer=8192, write_buffer_bytes=8192) as served:
        await served.blog()
        async with reading(served, transport, receive_buffer=16384) as reader:
            await reader.start()
            await reader.until_live()
            reader.reading.clear()
            yield reader


def lagging(served: Served) -> list[Subscriber]:
    """The readers that are waiting to drain."""
    return [r for o in served.hub.topics for r in o.topic.readers if r.lagging]


async def fill(served: Served) -> None:
    """Publish until the reader lags and all buffers are full: it gets no further any more."""
    seqs: list[int] = []
    for _ in range(200):
        await served.publish(body=BODY)
        seqs = [*seqs[-7:], *(reader.seq for reader in lagging(served))]
        if len(seqs) == 8 and len(set(seqs)) == 1:
            return
    raise AssertionError("a reader that takes nothing was never full")


async def test_it_is_complete_later_in_compact_batches(slow: Reader) -> None:
    served = slow.served
    async with reading(served, "ws") as other:
        await other.start()
        await other.until_live()
        await fill(served)
        lag = lagging(served)[0].seq
        for n in range(12):
            entry = await served.publish(body=BODY)
            if n % 3 == 0:
                await served.retract(entry)
                served.broker.deliver_all()
        head = (await served.snapshot())["seq"]
        await other.until_seq(head)
        assert "changes" not in {m["type"] for m in other.messages}, "nobody waited for the slow"
        served.hub.heartbeat()
        assert slow.state.seq <= lag < head
        assert len(lagging(served)) == 1
        taken = len(slow.messages)
        slow.reading.set()
        await slow.until_seq(head)
        later = slow.messages[taken:]
        assert {m["type"] for m in later} <= {"change", "changes"}, "no heartbeat while it lags"
        batches = [m for m in later if m["type"] == "changes"]
        assert len(batches) > 1
        assert max(slow.sizes) <= BATCH_BYTES + 4 * ENTRY_BYTES
        sent = [c["entry"]["id"] for m in batches for c in m["changes"]]
        assert len(sent) == len(set(sent)), "each subject once"
        assert sum(c["type"] == "entry.retracted" for m in batches for c in m["changes"]) == 4
        await eventually(lambda: not lagging(served))
        await served.publish()
        await assert_complete(served, slow)
        await assert_complete(served, other)
        assert slow.messages[-1]["type"] == "change", "it is live again"
        assert slow.connections == 1


async def test_stuck_for_too_long_it_is_cut(slow: Reader) -> None:
    served = slow.served
    slow.stay_away = True
    await fill(served)
    assert served.hub.readers == 1
    served.tune(stuck_after=0.01)

    def cut() -> bool:
        """Whether it has gone. Where the kernel had room for all but the next message, it does
        not lag until there is one."""
        served.hub.heartbeat()
        return served.hub.readers == 0

    await eventually(cut)
    if not (isinstance(slow, WsReader) and served.way == "asgi"):  # no other server can cut
        await eventually(lambda: not streams(served), "its connection is still there")
    slow.reading.set()
    await slow.until_cut()
    if isinstance(slow, WsReader):
        assert slow.closed == [1006]
    served.tune(stuck_after=30.0)
    slow.stay_away = False
    slow.resume()
    await assert_complete(served, slow)


async def test_the_end_does_not_wait_for_who_takes_nothing(
    slow: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its token was revoked, say: it is told, and soon its connection is gone anyway."""
    served = slow.served
    monkeypatch.setattr("liveblog.web.slot.END_PATIENCE", 0.01)
    monkeypatch.setattr("liveblog.server.protocol.CLOSE_TIMEOUT", 0.01)
    slow.stay_away = True
    await fill(served)
    await served.revise_blog(visibility="private")
    served.broker.deliver_all()
    await eventually(lambda: served.hub.readers == 0)
    if not (isinstance(slow, WsReader) and served.way == "asgi"):
        await eventually(lambda: not streams(served), "its connection is still there")
    slow.reading.set()
    await slow.until_cut()


def streams(served: Served) -> list[object]:
    """The connections that are not the test's own HTTP client."""
    found: list[object] = []
    for one in served.server.server_state.connections:
        cycle = getattr(one, "cycle", None)
        if not hasattr(one, "cycle") or (cycle is not None and "/stream" in cycle.scope["path"]):
            found.append(one)
    return found
