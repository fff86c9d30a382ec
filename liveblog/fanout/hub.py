"""The hub: the topics of this process; how they open, are joined and closed."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeVar

from msgspec import Struct

from liveblog.broker.contract import Broker
from liveblog.errors import NotFound, Unavailable
from liveblog.fanout.flight import seen
from liveblog.fanout.healer import Healer, read_newest, window_of
from liveblog.fanout.subscriber import Subscriber
from liveblog.fanout.topic import Told, Topic
from liveblog.fanout.window import Bounds, Window
from liveblog.model.permissions import Principal, may_read, refuse_reading
from liveblog.model.position import Position
from liveblog.store.contract import Store
from liveblog.types import BlogId, Cursor, Seq, Slug
from liveblog.wire import messages as m
from liveblog.wire.codec import Hint, hint_channel, pack
from liveblog.wire.links import Links
from liveblog.wire.session import Extend, Heal, Refuse, Start, decide

T = TypeVar("T")


class HubSettings(Struct, frozen=True):
    """Times in seconds."""

    bounds: Bounds = Bounds()
    heartbeat: int = 15
    stuck_after: float = 30.0
    """A reader that takes nothing for so long is cut."""
    linger: float = 60.0
    """A topic without readers is kept so long."""
    stale_after: float = 10.0
    """Without a probe or an answer about the heads for so long, memory is not believed."""
    build: str = ""
    destinations: tuple[str, ...] = ()
    """Who is told of changes by way of the outbox."""


class Open(NamedTuple):
    """A topic and what heals it."""

    topic: Topic
    healer: Healer


class Hub:
    """See the module. One event loop, no locks: what must be one step has no await in it."""

    def __init__(
        self,
        store: Store,
        broker: Broker,
        links: Links,
        render: m.Render,
        settings: HubSettings,
    ) -> None:
        self.store = store
        self.broker = broker
        self.links = links
        self.settings = settings
        self.draining = False
        self.asked_at = float("-inf")
        """When the store last told the heads (monotonic seconds)."""
        self.on_close: Callable[[Slug], None] = lambda _: None
        """Told when a topic is closed: what was made from it is of no use any more."""
        self.told: Told = lambda *_: None
        """Told of every broadcast; see :class:`Topic`."""
        self._render = render
        self._open: dict[BlogId, Open] = {}
        self._slugs: dict[Slug, BlogId] = {}
        self._opening: dict[Slug, asyncio.Task[BlogId]] = {}
        self._hinted: set[BlogId] = set()

    # What it has --------------------------------------------------------------------------

    @property
    def topics(self) -> list[Open]:
        """All open topics."""
        return list(self._open.values())

    @property
    def readers(self) -> int:
        """How many readers are attached."""
        return sum(len(o.topic.readers) for o in self._open.values())

    def readers_of(self, blog_id: BlogId) -> int:
        """How many follow a blog here, waiting long-polls included."""
        found = self._open.get(blog_id)
        return len(found.topic.readers) + len(found.topic.changed) if found else 0

    def fresh(self) -> bool:
        """Whether what is in memory may be believed: either path has answered lately."""
        known = max(self.broker.heard_at, self.asked_at)
        return time.monotonic() - known < self.settings.stale_after

    # Opening ------------------------------------------------------------------------------

    @asynccontextmanager
    async def using(self, slug: Slug, who: Principal | None) -> AsyncIterator[Open]:
        """The blog's topic, kept open for the time of the block.

        :raises NotFound, NotAuthenticated, NotAllowed: as for any reading.
        :raises Unavailable: draining, or cut off for too long to believe what is in memory.
        """
        if self.draining:
            raise Unavailable("The server is restarting.")
        found = await self._find(slug)
        topic = found.topic
        if not may_read(who, topic.blog_id, topic.blog.visibility):
            raise refuse_reading(who, topic.blog.visibility)
        if not self.fresh():
            raise Unavailable("The server is cut off from its database and its broker.")
        topic.users += 1
        try:
            yield found
        finally:
            topic.users -= 1
            topic.idle_since = time.monotonic()

    async def _find(self, slug: Slug) -> Open:
        known = self._slugs.get(slug)
        if known is not None and self._open[known].topic.gone:
            self._forget(self._open[known].topic)
            known = None
        if known is None:
            task = self._opening.get(slug)
            if task is None:
                task = self._opening[slug] = asyncio.create_task(self._load(slug))
                task.add_done_callback(lambda _: self._opening.pop(slug, None))
                task.add_done_callback(seen)
            known = await asyncio.shield(task)
        return self._open[known]

    async def _load(self, slug: Slug) -> BlogId:
        """Subscribe first, then read: what is published in between is in the read, and what
        comes during the read asks for a heal."""
        blog = await self.store.read(lambda tx: tx.blog(slug))
        if blog is None:
            raise NotFound("There is no blog of this name.")
        await self.broker.subscribe(hint_channel(blog.id))
        self._hinted.discard(blog.id)
        try:
            read = await self.store.read(lambda tx: read_newest(tx, blog.id, Seq(0)))
            if read is None:
                raise NotFound("There is no blog of this name.")
        except BaseException:
            # Without a topic nobody would ever end this subscription.
            self.broker.unsubscribe(hint_channel(blog.id))
            raise
        self.asked_at = time.monotonic()
        topic = Topic(
            blog.id,
            m.blog_view(read.blog, self.links),
            Window(read.blog.epoch, read.blog.head, read.blog.head, [], self.settings.bounds),
            self.links.snapshot(slug),
            self._render,
            self._want,
        )
        topic.believed = self.fresh
        topic.told = self.told
        topic.window = window_of(read, topic, self.links, self.settings.bounds)
        found = Open(
            topic,
            Healer(topic, self.store, self.links, self.settings.bounds, self.settings.destinations),
        )
        self._open[blog.id] = found
        self._slugs[slug] = blog.id
        if blog.id in self._hinted:
            found.healer.heal.ask()
        return blog.id

    def _want(self, topic: Topic, after: Seq) -> None:
        found = self._open.get(topic.blog_id)
        if found is not None:
            found.healer.want(after)
            found.healer.extend.ask()

    def heads(self) -> int:
        """A number that is another one after every change taken in by an open topic."""
        return sum(open_.topic.window.head for open_ in self._open.values()) + len(self._open)

    # Readers ------------------------------------------------------------------------------

    async def join(self, slug: Slug, after: Position | None, reader: Subscriber) -> Topic | None:
        """Attach a reader: hello, what it missed, live; or a reset and the end (None).

        :raises Refusal: as :meth:`using`; nothing was written then.
        """
        async with self.using(slug, reader.who) as found:
            topic = found.topic
            refused = await self.prepare(found, after)
            if refused is not None:
                reader.sink.end(
                    pack(topic.reset_message(refused.reason), reader.form), 4001, "resync"
                )
                return None
            if not may_read(reader.who, topic.blog_id, topic.blog.visibility):
                raise refuse_reading(reader.who, topic.blog.visibility)
            if self.draining:
                raise Unavailable("The server is restarting.")
            self.attach(topic, after, reader)
            return topic

    def at_hand(self, slug: Slug) -> Topic | None:
        """The topic of a blog that anybody may read, when it is open and may be believed;
        otherwise :meth:`using` says what there is."""
        known = self._slugs.get(slug)
        if known is None or not self.fresh():
            return None
        topic = self._open[known].topic
        readable = not topic.gone and may_read(None, topic.blog_id, topic.blog.visibility)
        return topic if readable else None

    def startable(self, topic: Topic, after: Position | None) -> bool:
        """Whether a reader can start there at once, without asking the store."""
        return isinstance(decide(after, topic.position, topic.window.floor), Start)

    def attach(self, topic: Topic, after: Position | None, reader: Subscriber) -> None:
        """Say hello, send what was missed, be live: one step, for a reader that can start."""
        seq = topic.window.head if after is None else after.seq
        topic.attach(reader, seq, topic.hello(seq, reader.form, partial(self.hello, topic)))

    async def prepare(self, found: Open, after: Position | None) -> Refuse | None:
        """Do what has to be done before a reader at ``after`` can start; there is no await
        between the last decision and the return.

        :raises NotFound: the blog has gone meanwhile.
        """
        healed = extended = False
        while True:
            if found.topic.gone:
                raise NotFound("There is no blog of this name.")
            window = found.topic.window
            decision = decide(
                after, window.position, window.floor, healed=healed, extended=extended
            )
            if isinstance(decision, Heal):
                await self._ask(found.healer.heal.ask())
                healed = True
            elif isinstance(decision, Extend):
                found.healer.want(decision.after)
                await self._ask(found.healer.extend.ask())
                # A change since may have trimmed the window again: then it is read again.
                reached = found.healer.reached
                extended = reached is not None and reached > decision.after
            else:
                return decision if isinstance(decision, Refuse) else None

    async def _ask(self, task: asyncio.Task[T]) -> T:
        return await asyncio.shield(task)

    def hello(self, topic: Topic, seq: Seq) -> m.Hello:
        """The first message of a stream that starts after ``seq``."""
        return m.Hello(
            blog=topic.blog.slug,
            cursor=Cursor(f"{topic.position.epoch}:{seq}"),
            seq=seq,
            heartbeat_seconds=self.settings.heartbeat,
            build=self.settings.build,
        )

    # Changes in ---------------------------------------------------------------------------

    def hint(self, hint: Hint) -> Open | None:
        """Take in a hint; the topic to heal when it leaves a hole or is of another history."""
        found = self._open.get(hint.blog_id)
        if found is None:
            self._hinted.add(hint.blog_id)
            return None
        topic = found.topic
        if hint.epoch != topic.position.epoch:
            return found
        if hint.head <= topic.window.head:
            return None
        if hint.before != topic.window.head:
            return found
        topic.advance(hint.changes, hint.head)
        return None

    # Ending -------------------------------------------------------------------------------

    def heartbeat(self) -> None:
        """Send every reader its heartbeat; none when memory is not to be believed."""
        if not self.fresh():
            return
        at = datetime.now(UTC)
        for found in self.topics:
            found.topic.heartbeat(lambda b, c, s: m.Heartbeat(b.slug, c, s, at))

    async def close_idle(self) -> None:
        """Close topics that nobody has used for a while."""
        now = time.monotonic()
        for found in self.topics:
            topic = found.topic
            idle = not topic.readers and not topic.users
            if idle and now - topic.idle_since > self.settings.linger:
                self._forget(topic)
                await found.healer.close()

    def _forget(self, topic: Topic) -> None:
        self._open.pop(topic.blog_id, None)
        self._slugs.pop(topic.blog.slug, None)
        self.on_close(topic.blog.slug)
        self._hinted.discard(topic.blog_id)
        self.broker.unsubscribe(hint_channel(topic.blog_id))

    async def drain(self, spread: float) -> None:
        """Let every reader go: each is told when to come back, at random over ``spread``
        seconds, so that they do not all come at once."""
        self.draining = True
        for found in self.topics:
            topic = found.topic
            topic.vacate()
            for count, reader in enumerate(list(topic.readers)):
                after = random.randrange(0, max(1, int(spread * 1000)))
                note = m.Reconnect(topic.blog.slug, after, "draining")
                topic.end(reader, pack(note, reader.form), 4009, "draining")
                if count % 500 == 499:
                    await asyncio.sleep(0)

    async def close(self) -> None:
        """End every task of the hub."""
        for task in list(self._opening.values()):
            task.cancel()
        for found in self.topics:
            self._forget(found.topic)
            await found.healer.close()
