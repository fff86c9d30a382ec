"""The moment in which a connection becomes a reader's: what came before it, what follows it,
and who was to close it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from liveblog.server import http, lane
from tests.conformance.sending import CLOSE, PING, PONG, TEXT, frame
from tests.integration.lane.kit import (
    LIVE,
    STREAM,
    Raw,
    connections,
    counter,
    empty,
    get,
    kinds,
    pongs,
    raw,
    reader,
    upgrade,
    warm,
)
from tests.kit import SLUG
from tests.served import Served, Way, eventually, serving

BLOG = f"/api/v1/blogs/{SLUG}"


@pytest.fixture
async def served(folder: Path, way: Way) -> AsyncIterator[Served]:
    """A server of each way, with a blog of two entries that was read already."""
    async with serving(folder, way) as one:
        await one.blog()
        await one.publish()
        await one.publish()
        await warm(one)
        yield one
        await empty(one)


async def opened(one: Raw) -> None:
    """A 101 and a hello come next, and nothing before them."""
    assert (await one.head()).status == 101
    hello = await one.frame()
    assert hello is not None
    assert b'"hello"' in hello.payload


# What came before --------------------------------------------------------------------------


async def test_answers_come_before_the_upgrade_behind_them(served: Served) -> None:
    async with raw(served) as one:
        await one.send(get(BLOG) + get("/healthz") + get(f"{BLOG}/snapshot") + upgrade())
        for _ in range(3):
            answer, body = await one.answer()
            assert (answer.status, body[:1]) == (200, b"{")
        await opened(one)
        await served.publish()
        change = await one.frame()
        assert change is not None
        assert b'"seq":3' in change.payload


async def test_a_slow_answer_comes_before_the_upgrade_behind_it(served: Served) -> None:
    """Also when frames follow: they are kept, and answered after the hello."""
    go, asked = asyncio.Event(), asyncio.Event()

    async def seam(_when: str, _number: int) -> None:
        asked.set()
        await go.wait()

    served.store.set_seam(seam)
    async with raw(served) as one:
        await one.send(get(f"{BLOG}/entries?limit=1") + upgrade() + frame(PING, b"early"))
        await asked.wait()
        assert served.hub.readers == 0
        await one.send(frame(PING, b"later"))
        go.set()
        served.store.set_seam(None)
        answer, _ = await one.answer()
        assert answer.status == 200
        await opened(one)
        await served.publish()
        seen = await seen_up_to(one, b'"seq":3')
        assert pongs(seen)[-1:] == [b"later"]


async def seen_up_to(one: Raw, part: bytes) -> list[Any]:
    """The frames up to a pong and one with this part in it, in whatever order."""
    seen: list[Any] = []
    while not (pongs(seen) and any(part in each.payload for each in seen)):
        found = await one.frame()
        assert found is not None
        seen.append(found)
    return seen


async def test_a_stream_behind_another_answer(served: Served) -> None:
    async with raw(served) as one:
        await one.send(get(BLOG) + get(STREAM))
        assert (await one.answer())[0].status == 200
        assert (await one.head()).status == 200
        await one.until(b"\n\n")
        await served.publish()
        assert b'"seq":3' in await one.until(b"\n\n")


async def test_behind_a_waiting_upgrade_little_is_kept(served: Served) -> None:
    """Reading stops, so what is kept is what a read or two brought."""
    go, asked = asyncio.Event(), asyncio.Event()

    async def seam(_when: str, _number: int) -> None:
        asked.set()
        await go.wait()

    served.store.set_seam(seam)
    async with raw(served) as one:
        await one.send(get(f"{BLOG}/entries?limit=1") + upgrade())
        await asked.wait()
        (connection,) = connections(served)
        await eventually(lambda: connection._held is not None)
        sending = asyncio.create_task(one.send(frame(PONG, b"x" * 125) * 80_000))
        await eventually(lambda: not connection.transport.is_reading())
        held = len(connection._held)
        assert held <= 2 * 256 * 1024
        go.set()
        served.store.set_seam(None)
        one.reset()
        sending.cancel()
        await asyncio.wait([sending])


async def test_requests_behind_a_slow_one_are_few(served: Served) -> None:
    """uvicorn makes an object of each, and reads on after each answer: a connection that asks for
    ever and reads nothing held megabytes."""
    go, asked = asyncio.Event(), asyncio.Event()

    async def seam(_when: str, _number: int) -> None:
        asked.set()
        await go.wait()

    served.store.set_seam(seam)
    slow = get(f"{BLOG}/entries?limit=1")
    async with raw(served) as one, raw(served) as many:
        await one.send(slow + get("/healthz") * http.PIPELINED)
        await many.send(slow + get("/healthz") * (http.PIPELINED + 5))
        assert await many.rest() == b"", "it is over"
        go.set()
        served.store.set_seam(None)
        for _ in range(1 + http.PIPELINED):
            assert (await one.answer())[0].status == 200


async def test_pages_that_nobody_reads_are_not_written(folder: Path, way: Way) -> None:
    """From memory they are ready at once: what does not fit into the buffer waits its turn."""
    async with serving(folder, way, send_buffer=8192) as served:
        await served.blog()
        page = get(f"/blogs/{SLUG}")
        async with raw(served) as first:
            await first.send(page)
            _, body = await first.answer()
        async with raw(served, receive_buffer=4096) as one:
            await one.send(get("/healthz"))
            await one.answer()
            await eventually(lambda: len(connections(served)) == 1)
            (connection,) = connections(served)
            await one.send(page * http.PIPELINED)
            await eventually(lambda: len(connection.pipeline) > 0)
            assert connection.transport.get_write_buffer_size() < 2 * (65536 + len(body))
            for _ in range(http.PIPELINED):
                assert (await one.answer())[1] == body
        await empty(served)


async def test_an_upgrade_after_a_close_is_not_read(served: Served) -> None:
    async with raw(served) as one:
        await one.send(get(BLOG, "Connection: close") + upgrade())
        assert (await one.answer())[0].status == 200
        assert await one.rest() == b""


# What follows ------------------------------------------------------------------------------


async def test_a_ping_in_the_segment_of_the_upgrade(served: Served) -> None:
    async with raw(served) as one:
        await one.send(upgrade() + frame(PING, b"early"))
        await opened(one)
        assert await one.frame() == (0x80 | PONG, b"early")


async def test_frames_while_the_endpoint_decides(served: Served) -> None:
    """The answer to a handshake comes first, however long it takes."""
    go, asked = asyncio.Event(), asyncio.Event()

    async def seam(_when: str, _number: int) -> None:
        asked.set()
        await go.wait()

    token = await served.token("read")
    served.store.set_seam(seam)
    async with raw(served) as one:
        await one.send(upgrade(LIVE, f"Authorization: Bearer {token}"))
        await asked.wait()
        await one.send(frame(PING, b"early"))
        (connection,) = connections(served)
        await eventually(lambda: not connection.transport.is_reading())
        go.set()
        served.store.set_seam(None)
        await opened(one)
        assert await one.frame() == (0x80 | PONG, b"early")
        await one.send(frame(PING, b"and more"))
        assert await one.frame() == (0x80 | PONG, b"and more")


@pytest.mark.parametrize("token", [None, "none-of-ours"])
async def test_frames_behind_a_refused_upgrade_are_not_answered(
    served: Served, token: str | None
) -> None:
    headers = [f"Authorization: Bearer {token}"] if token else ["Sec-WebSocket-Extensions: x"]
    wanted = 401
    if token is None:
        await served.revise_blog(visibility="draft")
        served.broker.deliver_all()
        wanted = 404
    async with raw(served) as one:
        await one.send(upgrade(LIVE, *headers) + frame(PING, b"early") + frame(TEXT, b"x"))
        assert (await one.head()).status == wanted
        assert frame(PONG, b"early")[:1] not in await one.rest()


@pytest.mark.parametrize("last", [frame(CLOSE, b"\x03\xe8bye"), frame(TEXT, b"Hello"), b"\xff\xff"])
async def test_an_end_in_the_segment_of_the_upgrade(served: Served, last: bytes) -> None:
    async with raw(served) as one:
        await one.send(upgrade() + last)
        assert (await one.head()).status == 101
        found = await one.frame()
        while found is not None and found.opcode != CLOSE:
            found = await one.frame()
        assert found is not None
        await one.send(frame(CLOSE, found.payload))
        assert await one.rest() == b""


# Who was to close it -----------------------------------------------------------------------


async def test_no_timer_of_http_closes_a_reader(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither that of an idle connection nor that of a slow head: a second connection, made
    later and left idle, is closed by each, and the reader is still there."""
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.1)
    served.server.config.timeout_keep_alive = 0.1  # type: ignore[assignment]
    async with raw(served) as one, raw(served) as events:
        for each, path in ((one, upgrade()), (events, get(STREAM))):
            await each.send(get("/healthz"))
            await each.answer()
            await each.send(path[:20])  # now the timer of the head runs
            await eventually(lambda: any(getattr(c, "_waiting", None) for c in connections(served)))
            await each.send(path[20:])
            await each.head()
        await one.frame()
        await events.until(b"\n\n")
        for begun in (b"", get("/healthz"), b"GET / HT"):
            async with raw(served) as idle:
                await idle.send(begun)
                await idle.rest()
        await served.publish()
        change = await one.frame()
        assert change is not None
        assert b'"seq":3' in change.payload
        assert b'"seq":3' in await events.until(b"\n\n")


async def test_line_breaks_keep_no_connection(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They ended the timer of an idle connection, and began no other: it stayed for ever."""
    served.server.config.timeout_keep_alive = 0.1  # type: ignore[assignment]
    async with raw(served) as one:
        await one.send(get("/healthz"))
        await one.answer()
        await one.send(b"\r\n")
        assert await one.rest() == b""


# Where it comes from -----------------------------------------------------------------------


def authority() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A context for a server of localhost, and one for its clients."""
    ca = trustme.CA()
    ours, theirs = (
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    )
    ca.issue_cert("localhost", "127.0.0.1").configure_cert(ours)
    ca.configure_trust(theirs)
    return ours, theirs


async def test_over_tls(folder: Path, way: Way) -> None:
    """Followed, full, drained, closed."""
    ours, theirs = authority()
    async with serving(folder, way, tls=ours, send_buffer=8192, write_buffer_bytes=8192) as served:
        await served.blog()
        await served.publish()
        url = f"wss://{served.address}{LIVE}"
        options: dict[str, Any] = {"ssl": theirs, "proxy": None, "ping_interval": None}
        async with (
            connect(url, **options) as first,
            connect(url, max_queue=1, compression=None, **options) as slow,
        ):
            assert '"hello"' in str(await first.recv())
            wanted = {"lane": ["LiveProtocol", "SocketReader"], "live": ["LiveProtocol"] * 2}
            assert kinds(served) == wanted[way]
            topic = served.hub.topics[0].topic
            count = 0
            while not any(one.lagging for one in topic.readers):
                await served.publish(body="x" * 20_000)
                count += 1
                assert '"change"' in str(await first.recv())
                assert count < 500
            # It gets what is missing, compacted.
            seq = 0
            while seq < 1 + count:
                text = str(await slow.recv())
                seq = int(text.partition('"seq":')[2].partition(",")[0])
            await served.publish()
            assert f'"seq":{count + 2}' in str(await slow.recv())
            await (await first.ping())
            await slow.close(1000)
            await served.app.state.drain()
            with suppress(ConnectionClosed):
                while True:
                    await first.recv()
            assert (slow.close_code, first.close_code) == (1000, 4009)
        await empty(served)


async def test_over_tls_the_buffer_is_bounded(folder: Path, way: Way) -> None:
    """Also where an answer lay in the transport already."""
    ours, theirs = authority()
    async with serving(folder, way, tls=ours, send_buffer=8192, write_buffer_bytes=8192) as served:
        await served.blog()
        for _ in range(20):
            await served.publish(body="y" * 8000)
        host, port = served.address.split(":")
        stream, writer = await asyncio.open_connection(
            host, int(port), ssl=theirs, server_hostname="localhost", limit=1024
        )
        stream._transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(get(f"{BLOG}/entries?limit=100") + upgrade())
        await eventually(lambda: served.hub.readers == 1)
        (found,) = served.hub.topics[0].topic.readers
        for _ in range(100):
            await served.publish(body="y" * 8000)
        assert found.lagging
        (one,) = connections(served)
        transport = getattr(one, "transport", None) or one._transport
        assert transport.get_write_buffer_size() < 400_000
        writer.transport.abort()
        await empty(served)


async def test_over_a_unix_socket(folder: Path, way: Way) -> None:
    path = folder / "s"
    async with serving(folder, way, unix=path, trusted_proxies=("127.0.0.1",)) as served:
        await served.blog()
        await served.publish()
        await warm(served)
        transport = httpx2.AsyncHTTPTransport(uds=str(path))
        async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
            assert (await client.get("/healthz")).status_code == 200
            async with client.stream("GET", STREAM) as events:
                lines = events.aiter_lines()
                assert '"hello"' in [await anext(lines) for _ in range(2)][1]
        stream, writer = await asyncio.open_unix_connection(str(path))
        writer.write(upgrade(LIVE, "X-Forwarded-For: 9.9.9.9"))
        assert b" 101 " in await stream.readuntil(b"\r\n\r\n")
        assert b'"hello"' in await stream.readuntil(b"}")
        await eventually(lambda: counter(served)._by_address == {"": 1})
        await served.publish()
        assert b'"seq":2' in await stream.readuntil(b'"seq":2')
        writer.close()
        await empty(served)


async def test_readers_behind_a_proxy_are_counted_apart(folder: Path, way: Way) -> None:
    """Whether in one header or in several, of which the last word counts."""
    options: dict[str, Any] = {"trusted_proxies": ("127.0.0.1",), "max_readers_per_address": 1}
    async with serving(folder, way, **options) as served:
        await served.blog()
        await warm(served)
        one, two = "X-Forwarded-For: 9.9.9.1", "X-Forwarded-For: 9.9.9.2"
        async with reader(served, one), reader(served, "X-Forwarded-For: 9.9.9.1", two):
            assert counter(served)._by_address == {"9.9.9.1": 1, "9.9.9.2": 1}
            for headers in ((one,), ("X-Forwarded-For: 8.8.8.8, 9.9.9.1",), (two, one)):
                async with raw(served) as refused:
                    await refused.send(upgrade(LIVE, *headers))
                    assert (await refused.head()).status == 429
            async with reader(served, "X-Forwarded-For: 9.9.9.3"):
                pass
        await empty(served)


async def test_a_stranger_is_not_believed(folder: Path, way: Way) -> None:
    options: dict[str, Any] = {"trusted_proxies": ("10.0.0.0/8",), "max_readers_per_address": 1}
    async with serving(folder, way, **options) as served:
        await served.blog()
        await warm(served)
        async with reader(served, "X-Forwarded-For: 9.9.9.1"):
            assert counter(served)._by_address == {"127.0.0.1": 1}
            async with raw(served) as refused:
                await refused.send(upgrade(LIVE, "X-Forwarded-For: 9.9.9.2"))
                assert (await refused.head()).status == 429
        async with reader(served, source="127.0.0.2"), reader(served, source="127.0.0.3"):
            assert counter(served)._by_address == {"127.0.0.2": 1, "127.0.0.3": 1}
        await empty(served)


# The end of all ----------------------------------------------------------------------------


async def test_a_drain_ends_also_who_does_not_answer(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "TURN", 0.02)
    monkeypatch.setattr("liveblog.server.protocol.CLOSE_TIMEOUT", 0.1)
    async with reader(served) as one, reader(served) as mute, raw(served) as events:
        await events.send(get(STREAM))
        await events.head()
        await events.until(b"\n\n")
        await served.app.state.drain()
        for each in (one, mute):
            note, close = await each.frame(), await each.frame()
            assert note is not None
            assert close is not None
            assert b'"reconnect"' in note.payload
            assert close == (0x80 | CLOSE, b"\x0f\xa9draining")
        await events.until(b'"reconnect"')
        await one.send(frame(CLOSE, b"\x0f\xa9"))
        assert await one.rest() == b""
        assert await mute.rest() == b""
        async with raw(served) as late:
            await late.send(upgrade())
            assert (await late.head()).status == 503


async def test_five_hundred_of_every_kind_leave_nothing(served: Served) -> None:
    async def one(number: int) -> None:
        kind = number % 10
        async with turns, raw(served) as peer:
            if kind == 0:
                await peer.send(upgrade()[:40])
            elif kind == 1:
                await peer.send(upgrade())
                peer.reset()
                return
            elif kind == 2:
                await peer.send(get(STREAM))
                await peer.head()
            elif kind == 3:
                await peer.send(get(STREAM) + upgrade())
                await peer.head()
                peer.reset()
                return
            elif kind == 4:
                await peer.send(upgrade() + frame(CLOSE))
            elif kind == 5:
                await peer.send(get("/healthz") + upgrade(LIVE, "Origin: x"))
            elif kind == 6:
                await peer.join("Sec-WebSocket-Extensions: permessage-deflate")
                await peer.send(frame(TEXT, b"words"))
                assert await peer.closed() == 4500
            elif kind == 7:
                await peer.join()
                await peer.send(b"\x89")
            elif kind == 8:
                await peer.join()
                peer.sock.shutdown(1)
            else:
                await peer.join()
                await peer.send(frame(CLOSE, b"\x03\xe8"))
                assert await peer.closed() in (1000, 1006)

    turns = asyncio.Semaphore(40)
    await asyncio.gather(*(one(number) for number in range(500)))
    await empty(served)
    if served.way == "lane":
        wheel = cast(Any, served.server.config.http_protocol_class).lane.wheel
        await eventually(lambda: not any(wheel._slots), f"on the wheel: {wheel._slots}")


async def test_a_server_that_ends_says_so(served: Served) -> None:
    """What uvicorn calls at the end, without a drain."""
    async with reader(served) as one, raw(served) as events:
        await events.send(get(STREAM))
        await events.until(b"\n\n")
        for each in list(connections(served)):
            each.shutdown()
        assert await one.frame() == (0x80 | CLOSE, b"\x03\xf4restart") or served.way == "live"
        served.hub.draining = True
        for found in list(served.hub.topics[0].topic.readers):
            served.hub.topics[0].topic.end(found, b"", 1012, "restart")
