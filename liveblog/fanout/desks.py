"""The desks of this process: which blogs have some open, what they hear, when they are told.

It hears the broker on channels of its own, ``desk:ID`` for each blog with an open desk and one,
``desks``, that every process hears: on it a process says every few seconds whose desks it has,
and whoever has readers of those blogs says how many. So a process with neither does nothing.

While the own probe is not heard, nothing is published and nobody is told anything: what a desk
would hear of the others is not known then. It is told to read again when that is over.
"""

import asyncio
import logging
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from liveblog.broker.contract import Broker
from liveblog.errors import TooMany, Unavailable
from liveblog.fanout.desk_look import look
from liveblog.fanout.desk_topic import BEAT, TELL, Desk, DeskTopic, Outlet
from liveblog.fanout.relay import PROBE_PATIENCE
from liveblog.model.permissions import Principal, require_desk
from liveblog.store.contract import Store
from liveblog.types import BlogId, EntryId, Slug
from liveblog.wire import desk_live as d
from liveblog.wire.presence import EXPIRE

log = logging.getLogger("liveblog.fanout")

TURN = 0.5
"""Seconds in which what changes is gathered before desks and processes are told."""

LOOK = 1.0
"""Seconds between two looks at whether those at a desk may still be there."""

GATHER = 0.2
"""Seconds in which what is to be read is gathered."""

MAX_DESKS = 500
"""Open desks of a process."""

MAX_EACH = 20
"""Open desks of one person, or token, in a process."""

MAX_WATCHED = 1000
"""Blogs whose readers are counted for desks elsewhere; those asked for longest ago go."""


class Desks:
    """See the module.

    :param readers: how many read a blog in this process now.
    """

    def __init__(
        self, store: Store, broker: Broker, readers: Callable[[BlogId], int], build: str
    ) -> None:
        self._store = store
        self._broker = broker
        self._readers = readers
        self._build = build
        self._process = secrets.token_hex(8)
        self._topics: dict[BlogId, DeskTopic] = {}
        self._each: Counter[str] = Counter()
        self._numbers = 0
        self._draining = False
        self._watched: OrderedDict[BlogId, float] = OrderedDict()
        self._counted: dict[BlogId, tuple[int, float]] = {}
        self._watching_at = float("-inf")
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    # Desks ----------------------------------------------------------------------------------

    @asynccontextmanager
    async def entering(self, slug: Slug, who: Principal) -> AsyncIterator[DeskTopic]:
        """The desk topic of a blog, for somebody who may be at its desk; kept for the block.

        :raises NotFound, NotAuthenticated, NotAllowed: there is none for them.
        :raises TooMany, Unavailable: there are too many open already, or the process ends.
        """
        blog = await self._store.read(lambda tx: require_desk(who, "submit", tx.blog(slug)))
        self._admit(who)
        self._each[who.id] += 1
        topic = self._topics.get(blog.id)
        if topic is None:
            topic = self._topics[blog.id] = DeskTopic(blog.id, slug, self._process)
        topic.joining += 1
        try:
            await self._broker.subscribe(d.desk_channel(blog.id))
            self._watching_at = float("-inf")
            self._wake.set()
            yield topic
        finally:
            topic.joining -= 1
            self._each[who.id] -= 1
            if not self._each[who.id]:
                del self._each[who.id]
            self._close_empty(topic)

    def _admit(self, who: Principal) -> None:
        if self._draining:
            raise Unavailable("The server is restarting.")
        if self._each.total() >= MAX_DESKS:
            raise Unavailable("This server has all the desks it can take.")
        if self._each[who.id] >= MAX_EACH:
            raise TooMany(f"You have {MAX_EACH} desks open already; close one.")

    def attach(self, topic: DeskTopic, who: Principal, outlet: Outlet) -> Desk:
        """Open a desk, inside :meth:`entering`."""
        self._numbers += 1
        desk = Desk(self._numbers, who, outlet)
        hello = d.DeskHello(topic.slug, desk.me, TELL, self._build)
        topic.attach(desk, d.tell(hello), time.monotonic())
        if self._draining:
            self._let_go(topic, desk)
        self._wake.set()
        self._news.set()
        return desk

    async def work(self, topic: DeskTopic, desk: Desk, entry_id: EntryId | None) -> None:
        """A desk says what its person works on; what they may not see counts as nothing.

        :raises StoreBusy: it cannot be looked up now.
        """
        spot: d.Spot | None = None
        if entry_id is not None:
            entry = await self._store.read(lambda tx: tx.entry(topic.blog_id, entry_id))
            if entry is not None:
                spot = d.Spot(entry.id, entry.by, entry.public)
        if spot is not None and not topic.sees(desk, spot):
            spot = None
        topic.work(desk, spot, time.monotonic())

    def detach(self, topic: DeskTopic, desk: Desk) -> None:
        """Close a desk."""
        topic.detach(desk)
        self._close_empty(topic)

    def _close_empty(self, topic: DeskTopic) -> None:
        if topic.empty and self._topics.get(topic.blog_id) is topic:
            del self._topics[topic.blog_id]
            self._broker.unsubscribe(d.desk_channel(topic.blog_id))
            self._publish(d.desk_channel(topic.blog_id), topic.farewell())

    # Listener -------------------------------------------------------------------------------

    def on_message(self, channel: str, payload: bytes) -> None:
        """A hint for desks has come."""
        if channel == d.PROCESSES:
            self._watch(d.decode_watching(payload))
            return
        topic = self._topics.get(BlogId(channel.removeprefix(d.desk_channel(BlogId("")))))
        hint = d.decode_desk(payload) if topic is not None else None
        if topic is not None and hint is not None:
            topic.hear(hint, time.monotonic())
            if topic.unread or not topic.counted:
                self._news.set()

    def on_gap(self) -> None:
        """Something may have been missed."""
        for topic in self._topics.values():
            topic.missed()
        self._watching_at = float("-inf")
        self._wake.set()

    def _watch(self, blogs: tuple[BlogId, ...]) -> None:
        now = time.monotonic()
        for blog_id in blogs:
            self._watched.pop(blog_id, None)
            self._watched[blog_id] = now
        while len(self._watched) > MAX_WATCHED:
            gone, _ = self._watched.popitem(last=False)
            self._counted.pop(gone, None)
        self._wake.set()

    # The beat -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the tasks. A broker that is away is not waited for."""
        await self._broker.subscribe(d.PROCESSES, timeout=0)
        self._tasks = [
            asyncio.create_task(self._beating(), name="desks: beat"),
            asyncio.create_task(self._looking(), name="desks: look"),
        ]

    async def stop(self) -> None:
        """End the tasks."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _beating(self) -> None:
        while True:
            await self._wake.wait()
            if not self._topics and not self._watched:
                self._wake.clear()
                continue
            try:
                self.beat(time.monotonic())
            except Exception:
                log.exception("desks: a beat failed")
            await asyncio.sleep(TURN)

    def beat(self, now: float) -> None:
        """Tell processes and desks what is news; nothing while the broker is not heard."""
        if now - self._broker.heard_at > PROBE_PATIENCE:
            return
        for topic in list(self._topics.values()):
            told = topic.beat(now)
            if told is not None:
                self._publish(d.desk_channel(topic.blog_id), told)
            topic.tell(now)
        if self._topics and now - self._watching_at >= BEAT:
            self._watching_at = now
            self._publish(d.PROCESSES, d.Watching(tuple(self._topics)))
        self._count(now)

    def _count(self, now: float) -> None:
        """Say how many read here, of the blogs that somebody has a desk of."""
        for blog_id, asked_at in list(self._watched.items()):
            if now - asked_at > EXPIRE:
                del self._watched[blog_id]
                self._counted.pop(blog_id, None)
                continue
            count = self._readers(blog_id)
            said, at = self._counted.get(blog_id, (0, float("-inf")))
            if count != said or (count and now - at >= BEAT):
                self._counted[blog_id] = (count, now)
                self._publish(d.desk_channel(blog_id), d.ReadersHint(self._process, count))

    def _publish(self, channel: str, hint: d.DeskHint | d.Watching) -> None:
        self._broker.publish(channel, d.encode_desk(hint))

    # The look -------------------------------------------------------------------------------

    async def _looking(self) -> None:
        well = True
        while True:
            await self._look_soon()
            topics = list(self._topics.values())
            try:
                if topics:
                    await look(self._store, topics, datetime.now(UTC))
                well = True
            except Exception as error:  # noqa: BLE001 - nothing may end this task
                if well:
                    log.warning("desks: the store does not answer: %r", error)
                well = False

    async def _look_soon(self) -> None:
        """Wait until there is something to read, or it is time; news is gathered."""
        self._news.clear()
        try:
            async with asyncio.timeout(LOOK):
                await self._news.wait()
        except TimeoutError:
            return
        await asyncio.sleep(GATHER)

    # The end --------------------------------------------------------------------------------

    def drain(self) -> None:
        """Let every desk go; they come back to another process at once, being few."""
        self._draining = True
        for topic in list(self._topics.values()):
            for desk in list(topic.desks.values()):
                self._let_go(topic, desk)

    def _let_go(self, topic: DeskTopic, desk: Desk) -> None:
        after = secrets.randbelow(2000)
        final = d.tell(d.DeskReconnect(topic.slug, after))
        topic.end(desk, 4009, "draining", final)
