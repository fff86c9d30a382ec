"""One web process: uvicorn with our protocols, and how it ends.

The end is the delicate part. Closed all at once, readers come back all at once; and uvicorn
tells SSE streams and long-polls nothing of a shutdown, so it would wait for them until it
cuts them. So first the listening sockets close, then the application tells every reader to
come back and when, then there is a bounded wait, and only then uvicorn's own shutdown.
"""

import asyncio
import contextlib
import gc
import importlib
import logging
import resource
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

import uvicorn
from msgspec.structs import replace
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from liveblog.config import Settings
from liveblog.errors import LiveblogError
from liveblog.server.http import live_http, waiting_requests
from liveblog.server.lane import Lane
from liveblog.server.listening import BACKLOG, address_of, bind, give_up_after
from liveblog.server.logs import configure_logging
from liveblog.server.protocol import live_protocol
from liveblog.server.proxies import Proxied, Proxies

APP = "liveblog.app:create_app"
logger = logging.getLogger(__name__)

KEPT_FILES = 100
"""Descriptors that connections leave to the process itself: database, message server, log."""
KEPT_PLACES = 400
"""Connections that readers leave to everybody else: pages, writers, who asks for its health."""


class LiveServer(uvicorn.Server):
    """uvicorn's server, with a beat and with an end that lets readers go."""

    def __init__(
        self,
        config: uvicorn.Config,
        state: Any,
        drain_seconds: float,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._state = state
        self._drain_seconds = drain_seconds
        self._beat = beat

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then take what stands for good out of the garbage collector's sight.

        A full collection looks at every object there is, and nobody is served meanwhile; most
        of them are modules, templates and statements that are never garbage.
        """
        await super().startup(sockets)
        gc.collect()
        gc.freeze()

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second from the event loop: that it lives is said once in ten."""
        if counter % 10 == 0:
            self._beat()
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the end, the second one hurries it, whichever they are."""
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, let readers go, then end as uvicorn does."""
        beating = asyncio.create_task(self._keep_beating())
        try:
            for server in self.servers:
                server.close()
            await self._let_go(time.monotonic() + self._drain_seconds)
            await super().shutdown(sockets)
        finally:
            beating.cancel()

    async def _let_go(self, deadline: float) -> None:
        drain = getattr(self._state, "drain", None)
        if drain is not None:
            try:
                async with asyncio.timeout_at(_loop_time(deadline)):
                    await drain()
            except Exception:  # the end must come, whatever the application does
                logger.exception("readers could not be told to come back")
        connections = self.server_state.connections
        for one in list(connections):
            if isinstance(one, HttpToolsProtocol):
                one.shutdown()  # closes idle ones; others close after their answer
        while waiting_requests(connections) and time.monotonic() < deadline:
            if self.force_exit:
                return
            await asyncio.sleep(0.05)
        if left := waiting_requests(connections):
            logger.warning("%d readers did not leave in time and are cut", left)

    async def _keep_beating(self) -> None:
        while True:
            self._beat()
            await asyncio.sleep(1)


class Lifespan:
    """Keeps what an application's start refused, to be told as a sentence: uvicorn would
    write a traceback, and leave with an exit code of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.refused: LiveblogError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, but not the traceback of a start that was refused."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        failed: list[Message] = []

        async def hold(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                failed.append(message)
            else:
                await send(message)

        try:
            await self._app(scope, receive, hold)
        except LiveblogError as error:
            self.refused = error
            failed = [{"type": "lifespan.startup.failed", "message": ""}]
        finally:
            for message in failed:
                await send(message)


def _loop_time(monotonic: float) -> float:
    return asyncio.get_running_loop().time() + monotonic - time.monotonic()


def run_web(
    settings: Settings,
    sockets: list[socket.socket] | None = None,
    beat: Callable[[], None] = lambda: None,
    app: str = APP,
) -> None:
    """See :func:`liveblog.server.run_web`.

    :param sockets: listening sockets handed over by ``serve``; otherwise one is bound.
    :param beat: called about once a second from the event loop, first when it listens.
    :param app: an import path of a function that makes the application from the settings.
    """
    configure_logging(settings.log_level, "web")
    files = allow_many_files()
    settings = with_room(settings, files)
    application = load_app(app)(settings)
    lifespan = Lifespan(Proxied(application, settings.trusted_proxies))
    own = sockets is None
    listening = sockets or [bind(settings.host, settings.port)]
    for listener in listening:
        # A reader that only is slow is ours to cut, and sooner.
        give_up_after(listener, max(60, 2 * settings.stuck_seconds))
    config = web_config(settings, lifespan, application.state, files - kept(files, KEPT_FILES))
    server = LiveServer(config, application.state, settings.drain_seconds, beat)
    if own:
        logger.info("listening on %s", address_of(listening[0]))
    try:
        server.run(listening)
    except SystemExit:
        if lifespan.refused is not None:
            raise lifespan.refused from None
        raise


def web_config(
    settings: Settings, app: Any, state: Any = None, most: int = sys.maxsize
) -> uvicorn.Config:
    """What uvicorn is told. No limit is left open that a client could wait behind.

    :param state: the application's, which is to have an ``entrance``; without it there is no
        fast lane, and every reader is served by the application's endpoints.
    :param most: connections that may be open; more are told 503.
    """
    lane = None
    if state is not None:
        lane = Lane(state, Proxies(settings.trusted_proxies), settings.write_buffer_bytes)
    return uvicorn.Config(
        app,
        loop="uvloop" if _has_uvloop() else "asyncio",
        http=live_http(lane, most),
        ws=live_protocol(settings.write_buffer_bytes),
        ws_max_size=4096,  # readers send nothing but control frames
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,  # 34 KiB a reader; protocol.py has a way without
        lifespan="on",
        log_config=None,
        access_log=False,
        backlog=BACKLOG,  # uvicorn says it once more, and the last word counts
        proxy_headers=False,  # see proxies.py
        server_header=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=2,  # after all readers were let go
    )


def load_app(path: str) -> Callable[[Settings], Any]:
    """The function an import path names: the application is above us and not imported."""
    module, _, name = path.partition(":")
    return cast(Callable[[Settings], Any], getattr(importlib.import_module(module), name))


def allow_many_files() -> int:
    """A reader is a file descriptor, and 1024 of them is a common soft limit. How many this
    process may have now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 1 << 20
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted
    return soft if soft != resource.RLIM_INFINITY else wanted


def kept(files: int, most: int) -> int:
    """So many of the descriptors are kept back, of few ones fewer."""
    return min(most, files * most // 1000)


def with_room(settings: Settings, files: int) -> Settings:
    """The settings with no more readers than there are descriptors for. Where none is left the
    kernel ends connections without a word, and no database can be opened."""
    room = files - kept(files, KEPT_FILES) - kept(files, KEPT_PLACES)
    if settings.max_readers <= room:
        return settings
    logger.info("%d readers at most: this process may have %d open files", room, files)
    return replace(settings, max_readers=room)


def _has_uvloop() -> bool:
    try:
        import uvloop  # noqa: F401
    except ImportError:
        return False
    return True
