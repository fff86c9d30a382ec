"""The relay: one supervised task a process that keeps the topics at the head of the log.

A hint from the broker is applied the moment it comes. What a hint leaves open (a hole, a
strange epoch) waits 50 ms for the missing hint, because two writers publish out of order
as a matter of course, and then the log is read once for all. And every second, Redis well
or not, one query asks the store for the heads of all open topics: so a lost hint costs a
second, never an entry.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

from liveblog.broker.contract import Listener
from liveblog.fanout.hub import Hub, Open
from liveblog.fanout.topic import Topic
from liveblog.model.permissions import Principal, may_read
from liveblog.store.contract import Head, Tx
from liveblog.types import BlogId
from liveblog.wire.codec import Hint, decode_hint, hint_channel

log = logging.getLogger("liveblog.fanout")

HOLE_PATIENCE = 0.05
"""Seconds a hole waits for the hint that fills it."""

LOOK_TIMEOUT = 2.0
"""Seconds after which a look at the store is given up; the next one follows."""

PROBE_PATIENCE = 3.0
LOOK_PATIENCE = 2.0
"""Seconds after which a path that was not heard of counts as not working."""

HINTS = hint_channel(BlogId(""))
"""What the name of every channel of the readers' hints begins with."""

MAX_HELD = 64
"""Hints held for one blog while one before them is missing; with more, the log is read."""


class Relay:
    """Listens to the broker (it is its Listener) and looks at the store."""

    def __init__(self, hub: Hub, interval: float = 1.0) -> None:
        self._hub = hub
        self._interval = interval
        self.desks: Listener | None = None
        """Who hears what is said on the channels of the desks, and of every gap."""
        self._wake = asyncio.Event()
        self._held: dict[BlogId, dict[int, Hint]] = {}
        self._task: asyncio.Task[None] | None = None
        self._beat_at = time.monotonic() + hub.settings.heartbeat

    # Listener -----------------------------------------------------------------------------

    def on_message(self, channel: str, payload: bytes) -> None:
        """A hint has come."""
        if not channel.startswith(HINTS):
            if self.desks is not None:
                self.desks.on_message(channel, payload)
            return
        hint = decode_hint(payload)
        if hint is None:
            self._wake.set()
            return
        found = self._hub.hint(hint)
        if found is None:
            self._release(hint.blog_id)
        else:
            self._hold(hint, found)

    def on_gap(self) -> None:
        """The broker may have missed something: look at once."""
        self._wake.set()
        if self.desks is not None:
            self.desks.on_gap()

    def _hold(self, hint: Hint, found: Open) -> None:
        held = self._held.setdefault(hint.blog_id, {})
        if not held:
            asyncio.get_running_loop().call_later(HOLE_PATIENCE, self._lose_patience, hint.blog_id)
        if len(held) < MAX_HELD:
            held[hint.head] = hint

    def _release(self, blog_id: BlogId) -> None:
        """A hole may have been filled: apply what was waiting, lowest first."""
        held = self._held.get(blog_id)
        if not held:
            return
        for head in sorted(held):
            if self._hub.hint(held[head]) is None:
                del held[head]

    def _lose_patience(self, blog_id: BlogId) -> None:
        held = self._held.pop(blog_id, None)
        if held:
            for found in self._hub.topics:
                if found.topic.blog_id == blog_id:
                    found.healer.heal.ask()

    def paths(self) -> dict[str, bool]:
        """Whether each way for changes works: ``redis`` (an own probe was heard within
        PROBE_PATIENCE) and ``database`` (it told the heads within LOOK_PATIENCE)."""
        now = time.monotonic()
        return {
            "redis": now - self._hub.broker.heard_at <= PROBE_PATIENCE,
            "database": now - self._hub.asked_at <= LOOK_PATIENCE,
        }

    # The look -----------------------------------------------------------------------------

    def start(self) -> None:
        """Start the task."""
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """End the task."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        well = True
        while True:
            try:
                async with asyncio.timeout(LOOK_TIMEOUT):
                    await self._look()
                if not well:
                    log.warning("relay: the store answers again")
                well = True
            except Exception as error:  # noqa: BLE001 - nothing may end this task
                if well:
                    log.warning("relay: the store does not answer: %r", error)
                well = False
            await self._guard(self._tend)
            self._wake.clear()
            try:
                async with asyncio.timeout(self._interval * random.uniform(0.7, 1.0)):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _guard(self, work: Callable[[], object]) -> None:
        try:
            result = work()
            if asyncio.iscoroutine(result):
                await result
        except Exception:
            log.exception("relay: tending failed")

    async def _look(self) -> None:
        """Ask the store for all heads at once; heal what is behind, end what was revoked."""
        known = {o.topic.blog_id: o.topic.position for o in self._hub.topics}
        who = {r.who.credential: r.who for t in self._guarded() for r in t.readers if r.who}
        now = datetime.now(UTC)

        def work(tx: Tx) -> tuple[dict[BlogId, Head], dict[str, Principal]]:
            return tx.heads(known), tx.standing(who.values(), now)

        heads, standing = await self._hub.store.read(work)
        healing: list[asyncio.Task[None]] = []
        for found in self._hub.topics:
            topic = found.topic
            before, head = known.get(topic.blog_id), heads.get(topic.blog_id)
            if before is None:
                continue
            if (
                head is None
                or head.epoch != topic.position.epoch
                or head.seq > topic.position.seq
                or head.seq < before.seq
            ):
                healing.append(found.healer.heal.ask())
        self._end_revoked(who, standing)
        if healing:
            await asyncio.wait(healing)
        # Only now does memory stand where the store says.
        self._hub.asked_at = time.monotonic()

    def _guarded(self) -> list[Topic]:
        """The topics whose readers must be allowed to read."""
        topics = [o.topic for o in self._hub.topics]
        return [t for t in topics if t.blog.visibility in ("private", "draft")]

    def _end_revoked(self, asked: dict[str, Principal], standing: dict[str, Principal]) -> None:
        """End the readers that were asked about and may not read any more: revoked, signed out,
        disabled, or without a role there."""
        for topic in self._guarded():
            for reader in list(topic.readers):
                if reader.who is None or reader.who.credential not in asked:
                    continue
                now = standing.get(reader.who.credential)
                if not may_read(now, topic.blog_id, topic.blog.visibility):
                    topic.end(reader, b"", 4501, "not allowed")

    async def _tend(self) -> None:
        hub = self._hub
        now = time.monotonic()
        for found in hub.topics:
            found.topic.retry()
            cut = found.topic.abort_stuck(hub.settings.stuck_after)
            if cut:
                log.info("relay: cut %d readers of %s who took nothing", cut, found.topic.blog.slug)
            refused, found.topic.refused = found.topic.refused, 0
            if refused:
                slug = found.topic.blog.slug
                log.info("relay: ended %d readers of %s for what they sent", refused, slug)
        if now >= self._beat_at:
            self._beat_at = now + hub.settings.heartbeat
            hub.heartbeat()
        await hub.close_idle()
