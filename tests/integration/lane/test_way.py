"""Who is served by the lane, and who by the endpoint; both hear the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from tests.integration.lane.kit import (
    LIVE,
    STREAM,
    Raw,
    counter,
    empty,
    get,
    kinds,
    raw,
    reader,
    upgrade,
    warm,
)
from tests.kit import SLUG
from tests.served import Served, eventually, serving

PROTOCOL = "LiveProtocol"


@pytest.fixture
async def served(folder: Path) -> AsyncIterator[Served]:
    """A server with the lane, and a blog of two entries that was read already."""
    async with serving(folder, "lane") as one:
        await one.blog()
        await one.publish()
        await one.publish()
        await warm(one)
        yield one


async def test_a_reader_is_served_by_the_lane_without_a_read(served: Served) -> None:
    before = served.store.reads
    async with reader(served) as one, raw(served) as events:
        await events.send(get(STREAM))
        assert (await events.head()).status == 200
        await events.until(b"\n\n")
        assert kinds(served) == ["EventReader", "SocketReader"]
        assert served.store.reads == before
        await served.publish()
        change = await one.frame()
        assert change is not None
        assert msgspec.json.decode(change.payload)["seq"] == 3
        assert b'"seq":3' in await events.until(b"\n\n")
    await empty(served)


async def test_whoever_opens_the_topic_comes_by_the_endpoint(folder: Path) -> None:
    async with serving(folder, "lane") as served:
        await served.blog()
        async with reader(served), reader(served):
            assert kinds(served) == [PROTOCOL, "SocketReader"]
        await empty(served)


async def test_a_herd_after_a_restart_costs_one_opening(folder: Path) -> None:
    """All come back at once with their cursors: who comes while the topic opens waits for it,
    and whoever comes then is served from memory."""
    async with serving(folder, "lane") as served, AsyncExitStack() as stack:
        await served.blog()
        await served.publish()
        await served.publish()
        cursor = str((await served.snapshot())["cursor"]).partition(":")[0] + ":1"
        go = asyncio.Event()

        async def seam(when: str, number: int) -> None:
            if (when, number) == ("before", 1):
                await go.wait()

        served.store.set_seam(seam)
        herd = [await stack.enter_async_context(raw(served)) for _ in range(90)]
        for number, one in enumerate(herd):
            if number == 60:
                await eventually(lambda: counter(served)._all == 60)
                go.set()
                await eventually(lambda: served.hub.readers > 0)
            path = f"{(LIVE, STREAM)[number % 2]}?after={cursor}"
            await one.send((upgrade, get)[number % 2](path))
        for one in herd:
            await one.head()
            await one.until(b'"hello"')
            await one.until(b'"seq":2')
        assert served.store.reads == 2, "the blog, and its window"
        assert set(kinds(served)) == {"EventReader", "LiveHttp", PROTOCOL, "SocketReader"}
        served.store.set_seam(None)


@pytest.mark.parametrize(
    "case",
    ["token", "private", "ahead", "epoch", "body", "escaped"],
)
async def test_what_needs_more_than_memory_comes_by_the_endpoint(served: Served, case: str) -> None:
    path, headers, closes = LIVE, [], 0
    if case == "token":
        headers = [f"Authorization: Bearer {await served.token('read')}"]
    elif case == "private":
        await served.revise_blog(visibility="private")
        served.broker.deliver_all()
        headers = [f"Authorization: Bearer {await served.token('read')}"]
    elif case in ("ahead", "epoch"):
        epoch = served.hub.topics[0].topic.position.epoch if case == "ahead" else "other"
        path, closes = f"{LIVE}?after={epoch}:99", 4001
    elif case == "body":
        headers = ["Content-Length: 0"]
    elif case == "escaped":
        path = LIVE.replace("war", "%77ar")
    async with raw(served) as one:
        await one.send(upgrade(path, *headers))
        assert (await one.head()).status == 101
        first = await one.frame()
        assert first is not None
        assert kinds(served) == [PROTOCOL]
        if closes:
            assert msgspec.json.decode(first.payload)["type"] == "reset"
            assert await one.closed() == closes
        else:
            await served.publish()
            change = await one.frame()
            assert change is not None
            assert msgspec.json.decode(change.payload)["seq"] == 3 + (case == "private")
    await empty(served)


async def test_a_cursor_below_the_floor_comes_by_the_endpoint(served: Served) -> None:
    topic = served.hub.topics[0].topic
    cursor = f"{topic.position.epoch}:1"
    topic.window.floor = topic.window.head
    before = served.store.reads
    async with raw(served) as one:
        await one.join(path=f"{LIVE}?after={cursor}")
        assert kinds(served) == [PROTOCOL]
        assert served.store.reads > before
        missed = await one.frame()
        assert missed is not None
        assert msgspec.json.decode(missed.payload)["seq"] == 2
    await empty(served)


async def test_nobody_without_a_token_reads_a_private_blog(served: Served) -> None:
    await served.revise_blog(visibility="private")
    served.broker.deliver_all()
    for request in (upgrade(), get(STREAM)):
        async with raw(served) as one:
            await one.send(request)
            assert (await one.head()).status == 401
    await empty(served)


async def test_doubled_headers_are_refused_by_the_endpoint(served: Served) -> None:
    async with raw(served) as one:
        await one.send(upgrade(LIVE, "Origin: https://a.example", "Origin: https://b.example"))
        assert (await one.head()).status == 400
    await empty(served)


# A request is counted once, whatever stands in it ------------------------------------------


@pytest.mark.parametrize("more", ["x=/stream", "x=/live", "x=/changes"])
async def test_a_reader_is_counted_once(served: Served, more: str) -> None:
    """Where the words of a query were taken for an address, it was counted twice and let out
    once: places were gone for good."""
    async with raw(served) as one:
        await one.join(path=f"{LIVE}?{more}")
        assert counter(served)._all == 1
    await empty(served)


async def test_what_is_no_upgrade_gets_no_websocket(served: Served) -> None:
    """``Upgrade`` counts only where ``Connection`` names it (RFC 9110 section 7.8)."""
    key = ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    for path in (LIVE, f"{LIVE}?x=/stream"):
        async with raw(served) as one:
            await one.send(get(path, "Upgrade: websocket", *key))
            assert (await one.head()).status == 404
    await empty(served)


BEHIND = {
    "a request": get(f"/api/v1/blogs/{SLUG}"),
    "an upgrade": upgrade(),
    "another stream": get(STREAM),
    "nonsense": b"\0\1\2 what is this\r\n\r\n",
    "half a head": b"GET /api",
}


@pytest.mark.parametrize("behind", BEHIND)
async def test_what_follows_the_request_for_a_stream_is_nobodys(
    served: Served, behind: str
) -> None:
    async with raw(served) as one:
        await one.send(get(STREAM) + BEHIND[behind])
        assert (await one.head()).headers["content-type"].startswith("text/event-stream")
        await one.until(b"\n\n")
        assert counter(served)._all == 1
        await served.publish()
        assert b'"seq":3' in await one.until(b"\n\n")
    await empty(served)


async def test_a_refused_stream_is_not_counted(folder: Path) -> None:
    async with serving(folder, "lane", max_readers_per_address=1) as served:
        await served.blog()
        await warm(served)
        async with reader(served):
            for _ in range(3):
                async with raw(served) as one:
                    await one.send(upgrade())
                    assert (await one.head()).status == 429
                async with raw(served) as one:
                    await one.send(get(STREAM))
                    assert b"overload" in await one.rest()
            assert counter(served)._all == 1
        await empty(served)
        async with reader(served):  # the place is free again
            assert counter(served)._all == 1
        await empty(served)


# A poll waits in the HTTP object itself ------------------------------------------------------


def poll(served: Served) -> bytes:
    """Asks for what comes after now, and waits for it for as long as one may."""
    cursor = served.hub.topics[0].topic.position.cursor
    return get(f"/api/v1/blogs/{SLUG}/changes?after={cursor}&wait=30")


async def waiting(served: Served, one: Raw) -> None:
    """A poll waits on this connection."""
    await one.send(poll(served))
    await eventually(lambda: counter(served)._all == 1)
    assert kinds(served) == ["LiveHttp"]


async def test_a_waiting_poll_is_told_of_a_change_and_its_connection_goes_on(
    served: Served,
) -> None:
    await served.look_no_more()  # it may see the entry before its hint arrives, and read it
    async with raw(served) as one:
        for seq in (3, 4):
            await waiting(served, one)
            before = served.store.reads
            await served.publish()
            _, body = await one.answer()
            assert msgspec.json.decode(body)["seq"] == seq
            assert served.store.reads == before
            assert counter(served)._all == 0
    await empty(served)


async def test_a_request_behind_a_waiting_poll_is_answered_behind_it(served: Served) -> None:
    async with raw(served) as one:
        await waiting(served, one)
        await one.send(get("/healthz"))
        _, first = await one.answer()
        _, second = await one.answer()
        assert msgspec.json.decode(first)["changes"] == []
        assert msgspec.json.decode(second) == {"status": "ok"}
        # Whatever was waited for is not waited for any more.
        await served.publish()
        await one.send(get("/healthz"))
        assert msgspec.json.decode((await one.answer())[1]) == {"status": "ok"}
    await empty(served)


async def test_a_poll_whose_connection_goes_is_let_out(served: Served) -> None:
    async with raw(served) as one:
        await waiting(served, one)
        one.reset()
        await empty(served)
    assert not served.hub.topics[0].topic.changed


async def test_what_the_lane_cannot_say_the_endpoint_says(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours was told as a request that cannot be read."""
    topic = served.hub.topics[0].topic
    cursor = f"{topic.position.epoch}:1"

    def batch(*_args: object, **_named: object) -> None:
        raise TypeError("of the test")

    monkeypatch.setattr(topic, "batch", batch)
    async with raw(served) as one:
        await one.send(get(f"/api/v1/blogs/{SLUG}/changes?after={cursor}"))
        assert (await one.head()).status == 500
    assert "a request could not be decided" in caplog.text
    await empty(served)
