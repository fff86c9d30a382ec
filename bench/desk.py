"""Publishes from the bench's own process, as `liveblog post` would on the machine itself.

What the measured process then does is the fan-out and nothing else. Everything is synchronous
for the caller; the desk has an event loop in a thread of its own.
"""

import asyncio
import threading
import time
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

from bench.tools import WITHIN
from liveblog.actions import Actions, Ask
from liveblog.actions.door import utc_now
from liveblog.actions.publishing import publish
from liveblog.actions.turn import Turn
from liveblog.broker.redis import RedisBroker
from liveblog.config import Settings
from liveblog.model.entry import Entry
from liveblog.model.ids import new_id
from liveblog.model.permissions import Principal
from liveblog.store import open_store
from liveblog.store.contract import Tx
from liveblog.text import render_markdown
from liveblog.types import EntryId, Slug
from liveblog.wire.links import Links
from liveblog.wire.requests import NewBlog, NewEntry

T = TypeVar("T")

NEWS = NewEntry(
    headline="The bridge is closed until the evening",
    body=(
        "Engineers found a crack in the third pier on **Tuesday morning**. Trains are turned"
        " round one stop earlier, and buses run every ten minutes."
    ),
)
BATCH = 2000
"""Entries to a transaction when a blog is filled."""


class Clocked(RedisBroker):
    """A broker that notes when it was last given something to publish."""

    published_at = 0

    def publish(self, channel: str, payload: bytes) -> None:
        """Note the time, then publish."""
        self.published_at = time.monotonic_ns()
        super().publish(channel, payload)


class Desk:
    """Writes straight into the database and Valkey that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._open(settings))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN * 10)

    async def _open(self, settings: Settings) -> None:
        self._store = await open_store(settings.store_url)
        self._broker = Clocked(settings.broker_url, prefix=settings.redis_prefix)
        await self._broker.start()
        self._actions = Actions(self._store, self._broker, Links())

    def close(self) -> None:
        """End its connections and its thread."""
        self._run(self._broker.stop())
        self._run(self._store.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def token(self) -> str:
        """A token to write with."""
        return self._run(self._actions.create_token("bench", "write"))

    def blog(self, slug: str, entries: int = 0) -> None:
        """A public blog with so many entries, many to a transaction."""
        new = NewBlog(slug=slug, title="Bench", visibility="public")
        self._run(self._actions.create_blog(new))
        for done in range(0, entries, BATCH):
            count = min(BATCH, entries - done)
            self._run(self._store.write(partial(fill, slug=Slug(slug), count=count)))

    def publish(self, slug: str, entry: NewEntry = NEWS) -> int:
        """Publish an entry; when its PUBLISH was handed over (monotonic ns)."""
        who = Principal("operator", "operator", "admin")
        self._run(self._actions.entries.create(Slug(slug), entry, Ask(who)))
        return self._broker.published_at

    def position(self, slug: str) -> tuple[str, int]:
        """Epoch and head of a blog."""
        blog = self._run(self._store.read(lambda tx: tx.blog(Slug(slug))))
        assert blog is not None
        return blog.epoch, blog.head

    def channel(self, slug: str) -> str:
        """The name its hints travel under, without the prefix."""
        blog = self._run(self._store.read(lambda tx: tx.blog(Slug(slug))))
        assert blog is not None
        return f"blog:{blog.id}"


def fill(tx: Tx, slug: Slug, count: int) -> None:
    """Add so many entries to a blog in one turn."""
    words = render_markdown(NEWS.body)
    turn = Turn(tx, slug, utc_now, "bench")
    for _ in range(count):
        entry = Entry(
            id=EntryId(new_id(turn.now)),
            blog_id=turn.blog.id,
            created_at=turn.now,
            updated_at=turn.now,
            by="bench",
            headline=NEWS.headline,
            body=NEWS.body,
            html=words.html,
            text=words.text,
            state="published",
        )
        publish(turn, entry, None)
    turn.finish()
