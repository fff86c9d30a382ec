"""What a stream says when something ends: the history, the permission, the process."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from liveblog.broker.redis import RedisBroker
from liveblog.fanout.window import Bounds
from liveblog.types import Slug
from liveblog.wire.desk_live import PROCESSES
from tests.kit import SLUG
from tests.readers import KINDS, PollReader, SseReader, Transport, assert_complete, reading
from tests.served import Served, Way, eventually, serving
from tests.valkey import ValkeyProcess

SOCKETS: list[Way] = ["lane", "live", "asgi"]
EVERY: list[Transport] = ["ws", "sse", "poll"]
every = pytest.mark.parametrize("transport", EVERY)
never = float("-inf")


@pytest.fixture(params=SOCKETS)
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    """A server of each way, with a blog of two entries."""
    async with serving(tmp_path, request.param) as one:
        await one.blog()
        await one.publish()
        await one.publish()
        yield one


@every
async def test_a_renewed_epoch_resets(served: Served, transport: Transport) -> None:
    async with reading(served, transport) as reader:
        await reader.start()
        await reader.until_live()
        await served.publish()
        await reader.until_seq(3)
        old = reader.state.cursor
        await served.actions.renew_epoch()
        await served.publish()
        await assert_complete(served, reader)
        assert reader.resets == ["epoch_changed"]
        assert reader.state.cursor != old
        assert reader.closed in ([4001], [0], []), transport


@every
async def test_an_older_copy_of_the_store_is_noticed(
    served: Served, transport: Transport, tmp_path: Path
) -> None:
    """Nobody renewed the epoch: the process does, when the head falls below one it knew."""
    path = tmp_path / "liveblog.db"
    with sqlite3.connect(path) as source, sqlite3.connect(tmp_path / "copy.db") as target:
        source.backup(target)
    source.close()
    target.close()
    async with reading(served, transport) as reader:
        await reader.start()
        await reader.until_live()
        for _ in range(3):
            await served.publish()
        await reader.until_seq(5)
        source, target = sqlite3.connect(tmp_path / "copy.db"), sqlite3.connect(path)
        source.backup(target)
        source.close()
        target.close()
        await reader.until(lambda: reader.resets == ["epoch_changed"])
        await served.publish()
        await assert_complete(served, reader)
        assert len(reader.entries) == 3


@pytest.mark.parametrize(("visibility", "code"), [("private", 4501), ("draft", 4504)])
@every
async def test_a_blog_that_is_hidden_ends_its_readers(
    served: Served, transport: Transport, visibility: str, code: int
) -> None:
    async with reading(served, transport) as reader:
        reader.stay_away = transport == "sse"
        await reader.start()
        await reader.until_live()
        await served.revise_blog(visibility=visibility)
        served.broker.deliver_all()
        await reader.until(lambda: bool(reader.closed))
        status = {4501: 401, 4504: 404}[code]
        assert reader.closed == {"ws": [code], "sse": [0], "poll": [status]}[transport]
        if isinstance(reader, SseReader):
            await reader.until_cut()
            reader.resume()
            await reader.until(lambda: reader.closed[-1] == status)
        assert len(reader.entries) == 2


@pytest.mark.parametrize("transport", ["ws", "sse"])
async def test_a_revoked_token_ends_its_streams(served: Served, transport: Transport) -> None:
    await served.revise_blog(visibility="private")
    served.broker.deliver_all()
    good, bad = await served.token("read", name="good"), await served.token("read", name="bad")
    async with reading(served, transport, bad) as reader, reading(served, "ws", good) as other:
        for one in (reader, other):
            one.stay_away = True
            await one.start()
            await one.until_live()
        tokens = {token.name: token.id for token in await served.actions.list_tokens()}
        await served.actions.revoke_token(tokens["bad"])
        await reader.until(lambda: bool(reader.closed))
        assert reader.closed == [4501 if transport == "ws" else 0]
        await served.publish()
        await other.until_seq(4)
        assert len(reader.entries) == 2
        reader.stay_away = False
        await reader.until_cut()
        reader.resume()
        await reader.until(lambda: reader.closed[-1] == 401)


@every
async def test_a_drain_lets_readers_go(served: Served, transport: Transport) -> None:
    async with reading(served, transport) as reader:
        reader.stay_away = True
        await reader.start()
        await reader.until_live()
        await served.app.state.drain()
        await reader.until_cut()
        if isinstance(reader, PollReader):
            assert reader.statuses == [200]
            assert int(reader.retry_after[0]) > 0
        else:
            assert reader.messages[-1]["type"] == "reconnect"
            assert reader.messages[-1]["reason"] == "draining"
            assert reader.closed == [4009 if transport == "ws" else 0]
        if isinstance(reader, SseReader):
            assert reader.retries == (reader.messages[-1]["after_ms"],)
        answer = await served.http.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "draining")


async def test_who_comes_during_a_drain_is_sent_away(served: Served) -> None:
    cursor = (await served.snapshot())["cursor"]
    await served.app.state.drain()
    stream = await served.http.get(f"/api/v1/blogs/{SLUG}/stream?after={cursor}")
    assert (stream.status_code, stream.text[:7]) == (200, "retry: ")
    assert '"reconnect"' in stream.text
    poll = await served.http.get(f"/api/v1/blogs/{SLUG}/changes?after={cursor}&wait=25")
    assert poll.status_code == 503
    assert int(poll.headers["retry-after"]) > 0
    async with reading(served, "ws") as reader:
        reader.stay_away = True
        await reader.start()
        await reader.until_cut()
        assert reader.closed == [503]


@pytest.mark.parametrize("message", ["hello", b"\x00", ""])
async def test_whoever_speaks_is_closed(served: Served, message: str | bytes) -> None:
    url = f"ws://{served.address}/api/v1/blogs/{SLUG}/live"
    async with connect(url, proxy=None) as socket:
        await socket.recv()
        await socket.send(message)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4500
    await eventually(lambda: served.hub.readers == 0)


async def test_pings_are_answered(served: Served) -> None:
    url = f"ws://{served.address}/api/v1/blogs/{SLUG}/live"
    async with connect(url, proxy=None) as socket:
        await socket.recv()
        await (await socket.ping(b"you?"))


async def test_readyz_says_which_path_works(served: Served) -> None:
    async def ready() -> tuple[int, list[str]]:
        answer = await served.http.get("/readyz")
        return answer.status_code, answer.json()["degraded"]

    await eventually(lambda: served.hub.asked_at > 0)
    assert await ready() == (200, [])
    served.broker.heard_at = never
    assert await ready() == (200, ["redis"])

    mend = await break_store(served)
    served.hub.asked_at = never
    assert await ready() == (503, ["redis", "database"])
    served.broker.heard_at = time.monotonic()
    assert await ready() == (200, ["database"])
    mend()
    await eventually(lambda: served.hub.asked_at > 0)
    assert (await served.http.get("/healthz")).status_code == 200


async def test_memory_is_not_believed_when_both_paths_are_silent(served: Served) -> None:
    """What is in memory may have been withdrawn elsewhere: 503 until a path answers."""
    async with reading(served, "ws") as reader:
        await reader.start()
        await reader.until_live()
        url = f"/api/v1/blogs/{SLUG}/changes?after={reader.state.cursor}&wait=0"
        assert (await served.http.get(url)).status_code == 200
        mend = await break_store(served)
        served.broker.heard_at = served.hub.asked_at = never
        refused = await served.http.get(url)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        served.hub.heartbeat()
        mend()
        await eventually(served.hub.fresh)
        assert (await served.http.get(url)).status_code == 200
        served.broker.heard_at = time.monotonic()
        await served.publish()
        await assert_complete(served, reader)
        assert "heartbeat" not in reader.verbs, "it was not known to be true"


async def test_an_idle_topic_is_closed(served: Served) -> None:
    async with reading(served, "ws") as reader:
        await reader.start()
        await reader.until_live()
        served.tune(linger=0.0)
        served.look()
        await served.publish()
        await reader.until_seq(3)
        assert len(served.hub.topics) == 1, "it has a reader"
    await eventually(lambda: not served.hub.topics)
    assert served.broker.channels == {PROCESSES}
    served.tune(linger=60.0)
    await served.publish()
    async with reading(served, "ws") as reader:
        await reader.start()
        await reader.until_live()
        await served.publish()
        await assert_complete(served, reader)


@every
async def test_two_hundred_readers_leave_nothing_behind(
    served: Served, transport: Transport
) -> None:
    async with reading(served, transport) as reader:
        await reader.start()
        await reader.until_live()
    await eventually(lambda: served.hub.readers == 0)
    await eventually(lambda: not any(o.topic.users or o.topic.changed for o in served.hub.topics))
    before = tasks()
    for _ in range(10):
        readers = [KINDS[transport](served) for _ in range(20)]
        snapshot = await served.snapshot()
        for one in readers:
            await one.start(snapshot)
        await asyncio.gather(*(one.until(lambda one=one: one.connections > 0) for one in readers))  # type: ignore[misc]
        await asyncio.gather(*(one.cut() for one in readers))
    await eventually(lambda: served.hub.readers == 0)
    await eventually(lambda: not any(o.topic.users or o.topic.changed for o in served.hub.topics))
    await eventually(lambda: tasks() <= before)


async def break_store(served: Served) -> Callable[[], None]:
    """Let every read fail, from the relay's next look on; the function that mends it."""
    read, asked = served.store.inner.read, asyncio.Event()

    async def broken(_work: object) -> None:
        asked.set()
        raise OSError("no database")

    def mend() -> None:
        served.store.inner.read = read  # type: ignore[method-assign]

    served.store.inner.read = broken  # type: ignore[method-assign,assignment]
    await asked.wait()
    return mend


def tasks() -> int:
    """How many tasks there are."""
    return len(asyncio.all_tasks())


async def test_below_the_floor_one_read_serves_all(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        served.tune(bounds=Bounds(count=3))
        await served.blog()
        snapshot = await served.snapshot()
        for _ in range(10):
            await served.publish()
        async with reading(served, "ws") as opener:
            await opener.start()
            await opener.until_live()
            gate, waiting = asyncio.Event(), asyncio.Event()

            async def seam(when: str, number: int) -> None:
                if (when, number) == ("before", 1):
                    waiting.set()
                    await gate.wait()

            served.store.set_seam(seam)
            readers = [KINDS[t](served) for t in EVERY for _ in range(5)]
            for reader in readers:
                await reader.start(snapshot)
            await waiting.wait()
            await eventually(lambda: served.hub.topics[0].topic.users == len(readers))
            gate.set()
            for reader in readers:
                await reader.until_seq(10)
            # The first one's heal and extension, and one more of each for who came meanwhile.
            assert served.store.reads <= 4
            served.store.set_seam(None)
            for reader in readers:
                await assert_complete(served, reader)
                await reader.cut()
                assert reader.resets == []


@every
async def test_more_than_a_read_can_hold_is_too_old(tmp_path: Path, transport: Transport) -> None:
    async with serving(tmp_path) as served:
        await served.blog()
        snapshot = await served.snapshot()
        for _ in range(501):
            await served.entry()
        served.broker.flying.clear()
        async with reading(served, transport) as reader:
            reader.cut_on = "reset"
            await reader.start(snapshot)
            await reader.until_cut()
            assert reader.resets == ["too_old"]
        async with reading(served, transport) as reader:
            cursor = str(snapshot["cursor"]).partition(":")[0] + ":1"
            await reader.start(snapshot | {"cursor": cursor, "seq": 1})
            await reader.until_seq(501)
            assert (len(reader.entries), reader.resets) == (500, [])


@every
async def test_over_a_real_valkey(
    tmp_path: Path, transport: Transport, valkey: ValkeyProcess
) -> None:
    """Two processes; what one publishes reaches the reader of the other."""
    brokers = [RedisBroker(valkey.url), RedisBroker(valkey.url)]
    async with serving(tmp_path, broker=brokers[0]) as first:
        async with serving(tmp_path, broker=brokers[1]) as second:
            await first.blog()
            async with reading(second, transport) as reader:
                await reader.start()
                await reader.until_live()
                for _ in range(5):
                    await first.entry()
                await first.retract(await first.entry(slug=Slug(SLUG)))
                await assert_complete(second, reader)
                assert reader.resets == []
