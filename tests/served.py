"""A real server in the test's own loop, on real sockets, whose timing the test decides.

The application, uvicorn, sockets and store are the real ones; the broker is
``tests.kit.FlightBroker`` (a hint arrives when the test says so) unless another is handed in,
and the store runs what the test wants just before and just after a read.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar
from unittest.mock import patch

import httpx2
import uvicorn
from msgspec.structs import replace
from starlette.applications import Starlette

from liveblog.actions import OPERATOR, Actions, Ask, Outcome
from liveblog.app import create_app
from liveblog.broker.contract import Broker
from liveblog.config import Settings
from liveblog.fanout.hub import Hub
from liveblog.fanout.relay import Relay
from liveblog.model.entry import Entry
from liveblog.model.permissions import Scope
from liveblog.queries import Queries
from liveblog.server.proxies import Proxied
from liveblog.server.web import web_config
from liveblog.store import open_store
from liveblog.store.contract import Store, Tx
from liveblog.types import Slug
from liveblog.web.pages.render import Pages
from liveblog.wire.links import Links
from liveblog.wire.requests import NewBlog, NewEntry, PatchBlog
from tests.kit import SLUG, FlightBroker, decode, new_database

T = TypeVar("T")

Way = Literal["lane", "live", "asgi"]
"""Our own server with its fast lane, without it (so every reader is at the endpoint), or any
ASGI server (uvicorn's own)."""

DEADLINE = 30.0
"""Seconds after which a test gives up waiting, also on a busy machine; nothing is measured by
it."""


async def eventually(condition: Callable[[], bool], told: str = "") -> None:
    """Wait until the condition holds; for states that nothing announces."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - nothing would set an event
            await asyncio.sleep(0.002)
    assert condition(), told


class SeamStore:
    """A store that calls ``seam("before" | "after", n)`` around the n-th read since the seam
    was set; what the relay looks at by itself is not counted."""

    def __init__(self, store: Store) -> None:
        self.inner = store
        self.reads = 0
        self._seam: Callable[[str, int], Awaitable[None]] | None = None

    def set_seam(self, seam: Callable[[str, int], Awaitable[None]] | None) -> None:
        """Count from here."""
        self.reads = 0
        self._seam = seam

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Read, with what the test does before and after."""
        task = asyncio.current_task()
        if task is not None and task.get_name() == "relay":
            return await self.inner.read(work)
        self.reads += 1
        seam, number = self._seam, self.reads
        if seam is not None:
            await seam("before", number)
        result = await self.inner.read(work)
        if seam is not None:
            await seam("after", number)
        return result

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Write."""
        return await self.inner.write(work)

    async def close(self) -> None:
        """Close."""
        await self.inner.close()


class Served:
    """One running server with what a test needs of it."""

    def __init__(
        self,
        app: Starlette,
        server: uvicorn.Server,
        port: int,
        store: SeamStore,
        broker: Any,
        way: Way,
    ) -> None:
        self.app = app
        self.way = way
        self.server = server
        self.address = f"127.0.0.1:{port}"
        self.url = f"http://{self.address}"
        self.store = store
        self.broker: FlightBroker = broker
        self.actions = Actions(store.inner, broker, Links(""))
        self.http = httpx2.AsyncClient(base_url=self.url, timeout=DEADLINE, verify=False)
        self.marks = 0

    @property
    def hub(self) -> Hub:
        """The hub of the running application."""
        found: Hub = self.app.state.hub
        return found

    def tune(self, **settings: Any) -> None:
        """Change settings of the hub: times smaller than the configuration takes."""
        self.hub.settings = replace(self.hub.settings, **settings)

    def look(self) -> None:
        """Have the relay look at the store now and not within its second."""
        assert self.broker.listener is not None
        self.broker.listener.on_gap()

    async def look_no_more(self) -> None:
        """Have the relay look no more by itself from now on."""
        relay, before = self.broker.listener, self.hub.asked_at
        assert isinstance(relay, Relay)
        relay._interval = 3600
        self.look()
        await eventually(lambda: self.hub.asked_at > before)

    # Writing ------------------------------------------------------------------------------

    async def blog(self, slug: str = SLUG, **fields: Any) -> Outcome:
        """Make a blog, public unless said otherwise."""
        fields = {"title": "War", "visibility": "public", "time_zone": "Europe/Kyiv"} | fields
        return await self.actions.create_blog(NewBlog(slug=slug, **fields))

    async def entry(self, slug: Slug = SLUG, **fields: Any) -> Entry:
        """Publish an entry; its hint lies in flight."""
        self.marks += 1
        fields = {"body": f"Words {self.marks}"} | fields
        outcome = await self.actions.entries.create(slug, NewEntry(**fields), Ask(OPERATOR))
        assert isinstance(outcome.value, Entry)
        return outcome.value

    async def publish(self, **fields: Any) -> Entry:
        """Publish an entry and let its hint arrive."""
        entry = await self.entry(**fields)
        self.broker.deliver_all()
        return entry

    async def retract(self, entry: Entry) -> Entry:
        """Withdraw an entry; its hint lies in flight."""
        ask = Ask(OPERATOR, match=entry.revision)
        outcome = await self.actions.entries.retract(SLUG, entry.id, None, ask)
        assert isinstance(outcome.value, Entry)
        return outcome.value

    async def revise_blog(self, **fields: Any) -> None:
        """Change the blog's own data; the hint lies in flight."""
        blog = await self.store.inner.read(lambda tx: tx.blog(SLUG))
        assert blog is not None
        ask = Ask(OPERATOR, match=blog.revision)
        await self.actions.blogs.revise(SLUG, PatchBlog(**fields), ask)

    async def token(self, scope: Scope, slug: str | None = None, name: str = "test") -> str:
        """A token's text."""
        return await self.actions.create_token(name, scope, Slug(slug) if slug else None)

    async def snapshot(self, token: str | None = None) -> dict[str, Any]:
        """A fresh snapshot; without a token straight from the store, so that no topic is
        opened for it."""
        if token is None:
            shot = await Queries(self.store.inner, Links("")).snapshot(SLUG, None)
            fresh: dict[str, Any] = decode(shot)
            return fresh
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.http.get(f"/api/v1/blogs/{SLUG}/snapshot", headers=headers)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def truth(self) -> dict[str, dict[str, Any]]:
        """Every public entry as it is now, by id."""
        found: dict[str, dict[str, Any]] = {}
        query: dict[str, Any] = {"limit": 100}
        while True:
            answer = await self.http.get(f"/api/v1/blogs/{SLUG}/entries", params=query)
            page = answer.raise_for_status().json()
            found |= {entry["id"]: entry for entry in page["entries"]}
            if page["next"] is None:
                return found
            query["before"] = page["next"]


# Compiling the templates is most of a server's start; they are the same for all tests.
_pages = cache(Pages)


@asynccontextmanager
async def serving(
    folder: Path,
    way: Way = "live",
    *,
    broker: Broker | None = None,
    send_buffer: int | None = None,
    tls: ssl.SSLContext | None = None,
    unix: Path | None = None,
    port: int = 0,
    **options: Any,
) -> AsyncIterator[Served]:
    """Run a server on a free port of 127.0.0.1; several may share the folder's database.

    :param send_buffer: bytes of the kernel's send buffer of each connection.
    :param unix: the path of a socket to listen on besides.
    :param port: of a server that was here before; a free one when 0.
    :param options: settings.
    """
    path = folder / "liveblog.db"
    if not path.exists():
        path.write_bytes(new_database())
    settings = Settings(data_dir=folder, secret_key="x" * 40, **options)
    store = SeamStore(await open_store(settings.store_url))
    carrier = broker or FlightBroker()

    async def connect(_: Settings) -> tuple[Store, Broker]:
        return store, carrier

    app = create_app(settings, connect)
    proxied = Proxied(app, settings.trusted_proxies)
    config = web_config(settings, proxied, app.state if way == "lane" else None)
    if way == "asgi":
        config = uvicorn.Config(app, ws="websockets-sansio", lifespan="on", log_config=None)
    server = uvicorn.Server(config)
    config.load()
    config.ssl = tls
    server.lifespan = config.lifespan_class(config)
    # With the protocol named, asyncio turns Nagle's algorithm off: 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    if send_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    listeners = [listener]
    if unix is not None:
        listeners.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        listeners[1].bind(str(unix))
    with patch("liveblog.app.Pages", _pages):
        await server.startup(sockets=listeners)
    if isinstance(carrier, FlightBroker) and isinstance(carrier.listener, Relay):
        carrier.listener._interval = 0.03  # what only a look finds is found soon
    served = Served(app, server, listener.getsockname()[1], store, carrier, way)
    try:
        async with served.http:
            yield served
    finally:
        await end(server, app)


async def end(server: uvicorn.Server, app: Starlette) -> None:
    """Let every reader go and stop, without uvicorn's fixed waits."""
    for listening in server.servers:
        listening.close()
    await app.state.drain()
    connections = server.server_state.connections
    for connection in list(connections):
        connection.shutdown()
    await eventually(lambda: not connections and not server.server_state.tasks)
    await server.lifespan.shutdown()
