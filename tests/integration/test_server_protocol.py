"""The WebSocket as a sink: order, fullness, closing, and what a reader sees of each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import PerMessageDeflate

from liveblog.config import Settings
from liveblog.server import protocol
from liveblog.server.protocol import Connection, LiveProtocol
from liveblog.wire.deflate import WINDOW_BITS, accept, deflate
from liveblog.wire.frames import frame
from liveblog.wire.inbound import ALLOWANCE
from tests.conformance.peer import peer
from tests.conformance.refusing import Echo
from tests.conformance.sending import CONT, PING, TEXT
from tests.conformance.sending import frame as sent
from tests.integration.webkit import Handler, app_of, listen, running, serving
from tests.served import DEADLINE, eventually
from tests.unit.test_deflate import ACCEPTED, DECLINED, MALFORMED, OPEN

SMALL = Settings(write_buffer_bytes=4096, drain_seconds=1)


@asynccontextmanager
async def reader_of(
    handler: Handler, settings: Settings | None = None, **options: object
) -> AsyncIterator[ClientConnection]:
    """A client of a server whose WebSocket is handled so."""
    async with serving(app_of(handler), settings) as (host, port):
        async with connect(f"ws://{host}:{port}/live", close_timeout=1, **options) as client:  # type: ignore[arg-type]
            yield client


def fill(sink: LiveProtocol) -> int:
    """Write until the sink is full; how many frames it took."""
    taken = next((n for n in range(10_000) if not sink.offer(frame(b"x" * 4000))), None)
    assert taken is not None, "40 MB and not full"
    return taken


async def test_ready_frames_and_plain_sends_arrive_in_order() -> None:
    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        for number in range(0, 30, 3):
            sink.offer(frame(b"%d" % number) + frame(b"%d" % (number + 1)))
            await socket.send_text(str(number + 2))
        await listen(socket)

    async with reader_of(handler) as client:
        assert [await client.recv() for _ in range(30)] == [str(n) for n in range(30)]


async def test_a_write_before_accept_is_an_error() -> None:
    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        with pytest.raises(RuntimeError, match="before the WebSocket was accepted"):
            sink.offer(frame(b"x"))
        with pytest.raises(RuntimeError, match="before the WebSocket was accepted"):
            sink.end(b"", 4009, "x")
        await socket.accept()
        sink.offer(frame(b"now"))
        await listen(socket)

    async with reader_of(handler) as client:
        assert await client.recv() == "now"


async def test_the_last_entry_comes_before_the_close() -> None:
    seen: list[object] = []

    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        sink.offer(frame(b"first"))
        sink.end(frame(b"last"), 4009, "draining")
        sink.offer(frame(b"too late"))
        sink.end(frame(b"again"), 4001, "resync")
        with pytest.raises(WebSocketDisconnect):
            await socket.send_text("too late as well")
        seen.extend(await listen(socket))
        seen.append("gone")

    async with reader_of(handler) as client:
        assert [await client.recv(), await client.recv()] == ["first", "last"]
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (4009, "draining")
    assert seen == ["gone"]


async def test_a_full_sink_says_so_and_tells_when_it_has_drained() -> None:
    full = asyncio.Event()
    drained = asyncio.Event()
    sinks: list[LiveProtocol] = []
    wrote = 0

    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        nonlocal wrote
        sinks.append(sink)
        await socket.accept()
        sink.on_drain(drained.set)
        wrote = fill(sink)
        assert sink.full()
        full.set()
        await listen(socket)

    # The client's own buffer is one message, so that it stops reading by itself.
    async with reader_of(handler, SMALL, max_queue=1) as client:
        await asyncio.wait_for(full.wait(), DEADLINE)
        assert not drained.is_set()
        for _ in range(wrote):
            assert len(await client.recv()) == 4000
        await asyncio.wait_for(drained.wait(), DEADLINE)
        assert sinks[0].offer(frame(b"more"))
        assert await client.recv() == "more"


async def test_an_ended_reader_that_takes_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CLOSE_TIMEOUT", 0.2)
    gone = asyncio.Event()

    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        fill(sink)
        sink.end(frame(b"last"), 4009, "draining")
        await listen(socket)
        gone.set()

    async with reader_of(handler, SMALL, max_queue=1):
        await asyncio.wait_for(gone.wait(), DEADLINE)


async def test_an_aborted_reader_sees_1006() -> None:
    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        sink.abort()
        assert sink.offer(frame(b"nobody hears this"))
        assert sink.full() is False
        await listen(socket)

    async with reader_of(handler) as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1006


async def test_a_closing_peer_gets_nothing_more() -> None:
    ended = asyncio.Event()

    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        await listen(socket)
        sink.offer(frame(b"late"))
        sink.end(frame(b"late"), 4009, "draining")
        ended.set()

    async with reader_of(handler) as client:
        await client.close(1000)
        await asyncio.wait_for(ended.wait(), DEADLINE)
        assert client.close_code == 1000


async def test_pings_are_answered_between_frames() -> None:
    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        for _ in range(50):
            sink.offer(frame(b"x" * 500))
            await asyncio.sleep(0)
        await listen(socket)

    async with reader_of(handler) as client:
        answered = await client.ping()
        got = [await client.recv() for _ in range(50)]
        assert len(got) == 50
        assert await asyncio.wait_for(answered, DEADLINE) >= 0


async def test_a_reader_that_spoke_can_still_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reading is paused until the handler receives; the answer to our Close must be seen
    although the handler is busy, and the connection ends without the timeout."""
    monkeypatch.setattr(protocol, "CLOSE_TIMEOUT", 3600.0)
    spoke, ended = asyncio.Event(), asyncio.Event()

    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        sink.offer(frame(b"speak"))
        await spoke.wait()
        while not sink.read_paused:  # noqa: ASYNC110 (it is uvicorn's flag)
            await asyncio.sleep(0)
        sink.end(b"", 4500, "bad message")
        await ended.wait()
        assert await listen(socket) == ["hello?"]

    async with running(app_of(handler)) as (server, port):
        async with connect(f"ws://127.0.0.1:{port}/live") as client:
            await client.recv()
            await client.send("hello?")
            spoke.set()
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 4500
        await eventually(lambda: not server.server_state.connections)
        ended.set()


async def test_a_message_too_large_for_a_reader_is_refused() -> None:
    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        await listen(socket)

    async with reader_of(handler) as client:
        await client.send("x" * 5000)
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1009


async def test_a_refused_handshake_has_no_sink_and_harms_nothing() -> None:
    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        raise AssertionError("never called")

    async with serving(app_of(handler)) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n")
        writer.write(b"Upgrade: websocket\r\nSec-WebSocket-Version: 12\r\n\r\n")
        assert (await reader.readline()).split()[1] == b"400"
        writer.close()
        await writer.wait_closed()


# permessage-deflate -----------------------------------------------------------------------


@pytest.mark.parametrize("offers", ACCEPTED + DECLINED + MALFORMED + OPEN)
def test_an_offer_is_answered_as_the_wire_says(offers: str) -> None:
    """In one header, and with another before it."""
    for lines in ([offers], ["x-other; a", offers], [offers, "permessage-deflate"]):
        headers = Headers([("Sec-WebSocket-Extensions", line) for line in lines])
        answer, extensions = Connection().process_extensions(headers)
        assert answer == accept(", ".join(lines))
        assert [one.name for one in extensions] == ["permessage-deflate"] * (answer is not None)
        for one in extensions:
            assert isinstance(one, PerMessageDeflate)
            assert one.remote_no_context_takeover
            assert one.local_no_context_takeover
            assert (one.remote_max_window_bits, one.local_max_window_bits) == (15, WINDOW_BITS)


def test_no_offer_is_no_answer() -> None:
    assert Connection().process_extensions(Headers()) == (None, [])


async def shared(socket: WebSocket, sink: LiveProtocol) -> None:
    """Write one frame for all, as each may have it."""
    await socket.accept()
    sink.offer(frame(b"plain"))
    for _ in range(2):
        words = b"said once and for all " * 30
        made = frame(deflate(words), compressed=True) if sink.deflated else frame(words)
        sink.offer(made)
    await socket.send_text(str(sink.deflated))
    await listen(socket)


@pytest.mark.parametrize("compression", ["deflate", None])
async def test_a_frame_compressed_for_all_is_read_by_each(compression: str | None) -> None:
    async with reader_of(shared, compression=compression) as client:
        got = [await client.recv() for _ in range(4)]
    assert got == ["plain", *["said once and for all " * 30] * 2, str(compression is not None)]


@pytest.mark.parametrize("offers", MALFORMED + OPEN)
async def test_no_offer_refuses_a_handshake(offers: str) -> None:
    async with serving(app_of(shared)) as (host, port):
        async with peer(f"{host}:{port}", "/live", offers) as client:
            assert b"permessage-deflate" not in client.head


# What would stay ---------------------------------------------------------------------------


async def test_empty_fragments_are_not_kept() -> None:
    sinks: list[LiveProtocol] = []

    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        sinks.append(sink)
        await shared(socket, sink)

    async with serving(app_of(handler)) as (host, port):
        async with peer(f"{host}:{port}", "/live") as client:
            await client.send(sent(TEXT, b"a", fin=False) + sent(CONT, fin=False) * (ALLOWANCE - 1))
            await client.send(sent(PING))
            while (found := await client.frame()) != (0x8A, b""):
                assert found is not None
            assert [bytes(one) for one in sinks[0].frames] == [b"a"]


async def test_with_each_ping_of_ours_the_allowance_begins_anew() -> None:
    sinks: list[LiveProtocol] = []

    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        sinks.append(sink)
        await shared(socket, sink)

    async with serving(app_of(handler)) as (host, port):
        async with peer(f"{host}:{port}", "/live") as client:
            for _ in range(3):  # what else it is told
                await client.frame()
            for _ in range(3):
                await client.send(sent(PING) * ALLOWANCE)
                for _ in range(ALLOWANCE):
                    assert await client.frame() == (0x8A, b"")
                sinks[0].send_keepalive_ping()
                asked = await client.frame()
                assert asked is not None
                assert asked[0] == 0x89
            await client.send(sent(PING) * (ALLOWANCE + 1))
            assert (await client.answers())[-1] == Echo(b"\x11\x94too many frames")


@pytest.mark.parametrize("end", ["return", "raise", "peer", "server"])
async def test_a_connection_whose_peer_takes_nothing_ends_all_the_same(
    end: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(protocol, "CLOSE_TIMEOUT", 0.2)
    full, go = asyncio.Event(), asyncio.Event()

    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        fill(sink)
        full.set()
        if end in ("return", "raise"):
            await go.wait()
            if end == "raise":
                raise ValueError("of the test")
            return
        await listen(socket)

    async with running(app_of(handler), SMALL) as (server, port):
        async with peer(f"127.0.0.1:{port}", "/live") as client:
            await asyncio.wait_for(full.wait(), DEADLINE)
            (connection,) = server.server_state.connections
            go.set()
            if end == "peer":
                client.finish()
            elif end == "server":
                connection.shutdown()
            await eventually(lambda: not server.server_state.connections)
    assert ("of the test" in caplog.text) == (end == "raise")


async def test_nothing_is_sent_behind_the_close_of_a_server_that_ends() -> None:
    """Although much is still unsent, so that the transport would take it."""
    began = asyncio.Event()

    async def handler(socket: WebSocket, sink: LiveProtocol) -> None:
        await socket.accept()
        while not sink.transport.get_write_buffer_size():
            assert sink.offer(frame(b"x" * 4000))
        began.set()
        await listen(socket)

    async with running(app_of(handler)) as (server, port):
        async with peer(f"127.0.0.1:{port}", "/live") as client:
            await asyncio.wait_for(began.wait(), DEADLINE)
            (connection,) = server.server_state.connections
            assert isinstance(connection, LiveProtocol)
            connection.shutdown()
            assert connection.offer(frame(b"late"))
            async with asyncio.timeout(DEADLINE):
                assert await client.answers() == [Echo((1012).to_bytes(2, "big"))]
