"""A world in one process whose timing the test decides.

Store, hubs, actions and pages are the real ones. Only the broker is the test's: what is
published lies in flight for each process until the test delivers, swaps or loses it. Nothing
here waits for time to pass.
"""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from liveblog.actions import Actions
from liveblog.broker.contract import BrokerStats, Listener
from liveblog.fanout.hub import Hub, HubSettings
from liveblog.fanout.relay import Relay
from liveblog.fanout.subscriber import Subscriber
from liveblog.fanout.window import Bounds
from liveblog.model.permissions import Principal
from liveblog.model.position import parse_cursor
from liveblog.queries import Queries
from liveblog.store import migrate, open_store
from liveblog.store.contract import Store
from liveblog.types import Slug
from liveblog.web.pages.render import Pages
from liveblog.wire.codec import Format
from liveblog.wire.follower import Follower, follow, newer
from liveblog.wire.links import Links

EDITOR = Principal("editor", "editor", "admin")
SLUG = Slug("war-latest")
WIDE = Bounds()


@cache
def new_database() -> bytes:
    """The file of an empty database with the newest schema, made once for all tests."""
    with tempfile.TemporaryDirectory(prefix="lb-") as folder:
        path = Path(folder) / "liveblog.db"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


class FlightBroker:
    """A broker whose hints stay in flight until the test decides."""

    def __init__(self) -> None:
        self.flying: list[tuple[str, bytes]] = []
        self.channels: set[str] = set()
        self.listener: Listener | None = None
        self.others: list[FlightBroker] = []
        self.heard_at = float("inf")

    @property
    def stats(self) -> BrokerStats:
        """Nothing is counted."""
        return BrokerStats(published=0, dropped=0, received=0, reconnects=0, connected=True)

    def set_listener(self, listener: Listener) -> None:
        """Who hears what is delivered."""
        self.listener = listener

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""

    def publish(self, channel: str, payload: bytes) -> None:
        """Send to every process of the world, this one included. What is meant for desks flies
        only where one is open: tests count the hints of readers."""
        for broker in (self, *self.others):
            if channel in broker.channels or not channel.startswith("desk:"):
                broker.flying.append((channel, payload))

    async def subscribe(self, channel: str, timeout: float = 1.0) -> bool:
        """At once."""
        self.channels.add(channel)
        return True

    def unsubscribe(self, channel: str) -> None:
        """At once."""
        self.channels.discard(channel)

    def deliver(self, index: int = 0) -> None:
        """Let one hint arrive; a channel nobody subscribed to is not heard."""
        channel, payload = self.flying.pop(index)
        if channel in self.channels and self.listener is not None:
            self.listener.on_message(channel, payload)

    def deliver_all(self) -> None:
        """Let every hint arrive, in order."""
        while self.flying:
            self.deliver()

    def lose(self, index: int = 0) -> None:
        """Let one hint be lost."""
        del self.flying[index]


class MemorySink:
    """A transport in memory: ``blocked`` makes it full from the next write on."""

    def __init__(self, check: Callable[[bytes], None] = lambda _: None) -> None:
        self.inbox: list[bytes] = []
        self.blocked = False
        self.closed: tuple[int, str] | None = None
        self.aborted = False
        self._check = check
        self._drained: Callable[[], None] | None = None

    def offer(self, data: bytes) -> bool:
        """Take data unless it is blocked."""
        assert self.closed is None, "written after the end"
        if self.blocked:
            return False
        self._take(data)
        return True

    def _take(self, data: bytes) -> None:
        self._check(data)
        self.inbox.append(data)

    def full(self) -> bool:
        """Whether it is blocked."""
        return self.blocked

    def on_drain(self, call: Callable[[], None]) -> None:
        """Who is told."""
        self._drained = call

    def end(self, final: bytes, code: int, reason: str) -> None:
        """The end."""
        if final:
            self._take(final)
        self.closed = (code, reason)

    def abort(self) -> None:
        """Cut."""
        self.aborted = True
        self.closed = (1006, "")

    def drain(self) -> None:
        """Take bytes again."""
        self.blocked = False
        if self._drained is not None and self.closed is None:
            self._drained()


@dataclass
class Process:
    """One web process of the world."""

    broker: FlightBroker
    hub: Hub
    relay: Relay
    actions: Actions

    async def look(self) -> None:
        """What the relay does every second, and all healing it starts."""
        await self.relay._look()
        await self.settle()

    async def settle(self) -> None:
        """Wait for every flight under way."""
        for found in self.hub.topics:
            for flight in (found.healer.heal, found.healer.extend):
                while (task := flight._next or flight._running) is not None and not task.done():
                    await task


@dataclass
class World:
    """A store, two processes, one blog."""

    store: Store
    links: Links
    queries: Queries
    pages: Pages
    processes: list[Process] = field(default_factory=list)

    @classmethod
    async def open(cls, folder: Path, *, processes: int = 2, bounds: Bounds = WIDE) -> "World":
        """A world with an empty SQLite file in ``folder``."""
        path = folder / "world.db"
        path.write_bytes(new_database())
        store = await open_store(f"sqlite:///{path}")
        links = Links("")
        world = cls(store, links, Queries(store, links), Pages(links, "test"))
        for _ in range(processes):
            world.add_process(bounds)
        return world

    def add_process(self, bounds: Bounds = WIDE) -> Process:
        """One more web process."""
        broker = FlightBroker()
        settings = HubSettings(bounds=bounds, build="test")
        hub = Hub(self.store, broker, self.links, self.pages.fragment, settings)
        relay = Relay(hub)
        broker.set_listener(relay)
        process = Process(broker, hub, relay, Actions(self.store, broker, self.links))
        for other in self.processes:
            other.broker.others.append(broker)
            broker.others.append(other.broker)
        self.processes.append(process)
        return process

    async def close(self) -> None:
        """End everything."""
        for process in self.processes:
            await process.hub.close()
        await self.store.close()

    async def snapshot(self) -> dict[str, Any]:
        """A fresh snapshot, as a client decodes it."""
        found: dict[str, Any] = decode(await self.queries.snapshot(SLUG, EDITOR))
        return found


def decode(value: Any) -> Any:
    """What a client has after JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))


class Reader:
    """A client that follows by the rules: a snapshot first, then its cursor."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.take(snapshot)
        self.sink = MemorySink()
        self.subscriber: Subscriber | None = None
        self.process: Process | None = None
        self.actions: list[str] = []

    def take(self, snapshot: dict[str, Any]) -> None:
        """Begin from a snapshot."""
        self.state = Follower(snapshot["cursor"], snapshot["seq"])
        self.began = snapshot["seq"]
        self.blog = {k: v for k, v in snapshot["blog"].items() if k not in ("cursor", "seq")}
        self.entries = {entry["id"]: entry for entry in snapshot["entries"]}
        if snapshot["pinned"] is not None:
            self.entries[snapshot["pinned"]["id"]] = snapshot["pinned"]
        self.days = {day["date"]: day for day in [snapshot["day"]] if day is not None}
        self.needs_snapshot = False

    async def connect(self, process: Process, check: Callable[[bytes], None]) -> None:
        """Join a process with the cursor held."""
        assert self.state.cursor is not None
        self.cut()
        self.process = process
        self.sink = MemorySink(check)
        self.subscriber = Subscriber(self.sink, Format("message", "json", "data"), EDITOR)
        after = parse_cursor(self.state.cursor)
        await process.hub.join(SLUG, after, self.subscriber)

    def cut(self) -> None:
        """Lose the connection, and with it all that was not read."""
        if self.process is not None and self.subscriber is not None:
            for found in self.process.hub.topics:
                found.topic.detach(self.subscriber)
        self.subscriber = None
        self.process = None

    def read(self, messages: Iterable[bytes] | None = None) -> None:
        """Read what has arrived."""
        if messages is None:
            messages, self.sink.inbox = self.sink.inbox, []
        for data in messages:
            step = follow(self.state, msgspec.json.decode(data))
            self.actions.append(step.action)
            self.state = step.state
            self.needs_snapshot |= step.action == "reset"
            for change in step.changes:
                self.apply(change)

    def apply(self, change: dict[str, Any]) -> None:
        """Take in one change."""
        kind = change["type"]
        if kind == "blog.revised":
            self.blog = change["blog"]
        elif kind == "day.revised":
            day = change["day"]
            if newer(self.days.get(day["date"]), day):
                self.days[day["date"]] = day
        else:
            entry = change["entry"]
            if newer(self.entries.get(entry["id"]), entry):
                self.entries[entry["id"]] = entry
