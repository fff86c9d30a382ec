"""One web process: how it ends, what it refuses, whom it believes."""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from liveblog.config import Settings
from liveblog.errors import ConfigError, LiveblogError
from liveblog.server import http
from liveblog.server.listening import BACKLOG, address_of, bind, give_up_after
from liveblog.server.proxies import Proxied
from liveblog.server.web import Lifespan, load_app, with_room
from liveblog.wire.frames import frame
from tests.integration.webkit import app_of, listen, running, serving, sink_of
from tests.served import DEADLINE


def draining_app() -> Starlette:
    """A WebSocket and an endless stream, which end when the application drains."""
    ending = asyncio.Event()

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        sink = sink_of(socket)
        sink.offer(frame(b"hello"))
        waiting = asyncio.create_task(ending.wait())
        waiting.add_done_callback(lambda _: sink.end(frame(b"come back"), 4009, "draining"))
        await listen(socket)

    async def stream(request: Request) -> StreamingResponse:
        async def body() -> AsyncIterator[bytes]:
            yield b"hello\n"
            await ending.wait()
            yield b"come back\n"

        return StreamingResponse(body())

    async def drain() -> None:
        ending.set()

    app = Starlette(routes=[WebSocketRoute("/live", live), Route("/stream", stream)])
    app.state.drain = drain
    return app


async def test_readers_are_told_before_they_are_closed() -> None:
    async with running(draining_app(), Settings(drain_seconds=10)) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"hello\n")
        idle_reader, idle = await asyncio.open_connection("127.0.0.1", port)
        async with connect(f"ws://127.0.0.1:{port}/live") as client:
            assert await client.recv() == "hello"
            server.should_exit = True
            assert await client.recv() == "come back"
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 4009
            assert b"come back\n" in await reader.read()
            assert await idle_reader.read() == b""
            for one in (writer, idle):
                one.close()
                with contextlib.suppress(ConnectionError):
                    await one.wait_closed()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_who_does_not_leave_is_cut_in_time(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(socket: WebSocket, sink: object) -> None:
        await socket.accept()
        await listen(socket)

    caplog.set_level(logging.WARNING)
    async with running(app_of(handler), Settings(drain_seconds=1)) as (server, port):
        async with connect(f"ws://127.0.0.1:{port}/live") as client:
            server.should_exit = True
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 1012
    assert "did not leave in time" in caplog.text


async def test_an_application_that_cannot_drain_does_not_stop_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = draining_app()

    async def broken() -> None:
        raise RuntimeError("no")

    app.state.drain = broken
    async with running(app, Settings(drain_seconds=1)):
        pass
    assert "could not be told" in caplog.text


async def ask(port: int, *headers: str) -> str:
    """The last line of an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "".join(f"{line}\r\n" for line in ("GET / HTTP/1.1", "Host: x", *headers))
    writer.write(f"{head}Connection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode().splitlines()[-1]


async def nothing(socket: WebSocket, sink: object) -> None:
    """No WebSocket here."""


@pytest.mark.parametrize(
    ("trusted", "says"), [((), "127.0.0.1 http"), (("127.0.0.0/8",), "9.9.9.9 https")]
)
async def test_a_proxy_is_believed_when_it_is_named(trusted: tuple[str, ...], says: str) -> None:
    app = app_of(nothing)
    async with serving(Proxied(app, trusted)) as (_, port):
        got = await ask(port, "X-Forwarded-For: 6.6.6.6, 9.9.9.9", "X-Forwarded-Proto: https")
    assert got == says


async def test_a_head_too_large_is_refused() -> None:
    async with serving(app_of(nothing)) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(40):
                writer.write(b"x: " + b"y" * 4096)  # one header that never ends
                await writer.drain()
                if reader.at_eof():
                    break
        with contextlib.suppress(ConnectionError):
            assert (await reader.read()).startswith(b"HTTP/1.1 431")
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        assert await ask(port) == "127.0.0.1 http"


async def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.2)
    async with serving(app_of(nothing)) as (_, port):
        for begun in (b"", b"GET / HTTP/1.1\r\nHos"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begun)
            assert await asyncio.wait_for(reader.read(), DEADLINE) == b""
            writer.close()
            await writer.wait_closed()


async def test_more_connections_than_may_be_open_are_refused() -> None:
    """Before they have asked for anything, and while those inside are served."""
    async with running(app_of(nothing), most=2) as (_, port):
        (asking, inside), (_, idle) = [
            await asyncio.open_connection("127.0.0.1", port) for _ in range(2)
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        refusal = await asyncio.wait_for(reader.read(), DEADLINE)
        assert refusal.startswith(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n")
        inside.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await asking.readuntil(b"127.0.0.1 http")
        for one in (idle, writer):
            one.close()
            await one.wait_closed()
        assert await ask(port) == "127.0.0.1 http", "a place is free again"
        inside.close()
        await inside.wait_closed()


SOMAXCONN = Path("/proc/sys/net/core/somaxconn")


@pytest.mark.skipif(not SOMAXCONN.exists(), reason="asks a Linux kernel")
async def test_as_many_may_wait_to_be_let_in_as_the_kernel_allows() -> None:
    """uvicorn calls ``listen`` once more, with a number of its own unless it is told one."""
    async with running(app_of(nothing)) as (server, _):
        ((listener,),) = (one.sockets for one in server.servers)
        told = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        # Of a socket that listens tcpi_sacked is the length of its queue.
        assert struct.unpack_from("8B6I", told)[-1] == min(BACKLOG, allowed())


def allowed() -> int:
    """The longest queue the kernel gives."""
    return int(SOMAXCONN.read_text())


@pytest.mark.parametrize(
    ("wanted", "files", "room"), [(500, 20_000, 500), (20_000, 20_000, 19_500), (20_000, 300, 150)]
)
def test_no_more_readers_than_there_are_descriptors_for(wanted: int, files: int, room: int) -> None:
    assert with_room(Settings(max_readers=wanted), files).max_readers == room


def test_a_port_in_use_is_told() -> None:
    with bind("127.0.0.1", 0) as one:
        port = one.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Port {port} on 127.0.0.1 is in use.*LIVEBLOG_PORT"):
            bind("127.0.0.1", port)
    with pytest.raises(ConfigError, match=r"not possible to listen on 192\.0\.2\.1"):
        bind("192.0.2.1", 0)


def test_the_address_is_one_a_browser_can_use() -> None:
    with bind("0.0.0.0", 0) as one:
        assert address_of(one) == f"http://127.0.0.1:{one.getsockname()[1]}/"


async def test_a_refused_start_is_kept_for_a_sentence() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.failed", "message": "Traceback …"})
        raise ConfigError("Do this.")

    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    lifespan = Lifespan(app)
    await lifespan({"type": "lifespan"}, receive, send)
    assert isinstance(lifespan.refused, LiveblogError)
    assert told == [{"type": "lifespan.startup.failed", "message": ""}]


def test_the_application_is_found_by_name() -> None:
    app = load_app("liveblog.app:create_app")(Settings())
    assert isinstance(app, Starlette)


def test_the_kernel_gives_up_on_peers_who_confirm_nothing() -> None:
    """What is set on the listener holds for the connections it accepts."""
    with bind("127.0.0.1", 0) as listener:
        give_up_after(listener, 60)
        listener.setblocking(True)
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                told = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert told == 60_000
