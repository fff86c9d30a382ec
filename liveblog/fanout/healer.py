"""The healer: everything a topic asks of the store, one flight at a time.

*Heal*: what changed above the head, taken in through the topic and so sent to everybody
before whoever asked goes on. *Extend*: what lies below the floor, for readers who were away
longer than the window reaches.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from liveblog.errors import NotFound
from liveblog.fanout.flight import Flight
from liveblog.fanout.topic import Topic
from liveblog.fanout.window import Bounds, Window
from liveblog.model.blog import Blog
from liveblog.model.change import Change
from liveblog.model.position import Position, new_epoch
from liveblog.store.contract import Store, Tx, deliveries
from liveblog.types import BlogId, Seq, Subject
from liveblog.wire import messages as m
from liveblog.wire.links import Links

log = logging.getLogger("liveblog.fanout")

READ_LIMIT = 500
"""Subjects read from the store at once; a reader further behind takes a snapshot instead."""


class Read(NamedTuple):
    """One moment of the store."""

    blog: Blog
    changes: list[Change]
    complete: bool
    """Whether ``changes`` is all there was to read."""


def read_newest(tx: Tx, blog_id: BlogId, after: Seq) -> Read | None:
    """The newest subjects above ``after``, at most READ_LIMIT."""
    blog = tx.blog_by_id(blog_id)
    if blog is None:
        return None
    rows = tx.newest_changes(blog_id, after, READ_LIMIT + 1)
    return Read(blog, rows[-READ_LIMIT:], len(rows) <= READ_LIMIT)


def read_since(tx: Tx, blog_id: BlogId, known: Position) -> Read | None:
    """What follows ``known``; where the history is another one, the newest of that."""
    blog = tx.blog_by_id(blog_id)
    if blog is None:
        return None
    if blog.epoch != known.epoch or blog.head < known.seq:
        return read_newest(tx, blog_id, Seq(0))
    rows = tx.changes_after(blog_id, known.seq, READ_LIMIT)
    return Read(blog, rows, len(rows) < READ_LIMIT)


class Healer:
    """See the module; one for each topic.

    :param destinations: who is told when the log was replaced by an older one.
    """

    def __init__(
        self,
        topic: Topic,
        store: Store,
        links: Links,
        bounds: Bounds,
        destinations: Sequence[str] = (),
    ) -> None:
        self._topic = topic
        self._store = store
        self._links = links
        self._bounds = bounds
        self._destinations = destinations
        self._wanted: Seq | None = None
        self.reached: Seq | None = None
        """The floor that the last extension came down to; None: it was for nobody."""
        self.heal = Flight(self._heal)
        self.extend = Flight(self._extend)

    def want(self, after: Seq) -> None:
        """Let the next extension reach down to ``after`` if it can."""
        self._wanted = after if self._wanted is None else min(after, self._wanted)

    async def close(self) -> None:
        """End what is under way."""
        await self.heal.close()
        await self.extend.close()

    async def _heal(self) -> None:
        topic = self._topic
        complete = False
        while not complete:
            known = topic.position
            read = await self._store.read(lambda tx: read_since(tx, topic.blog_id, known))  # noqa: B023
            if read is None:
                topic.vanish()
                return
            if read.blog.epoch == known.epoch and read.blog.head < known.seq:
                read = await self._renew(known) or read
            complete = self._take_in(read, known)

    async def _renew(self, known: Position) -> Read | None:
        """The log stands below what was known of it: it was replaced by an older one, without
        ``liveblog epoch renew``. Give it a new epoch, so that no old cursor is believed."""

        def work(tx: Tx) -> Read | None:
            blog = tx.blog_by_id(self._topic.blog_id)
            blog = tx.lock_blog(blog.slug) if blog else None
            if blog and blog.epoch == known.epoch and blog.head < known.seq:
                tx.save_blog(replace(blog, epoch=new_epoch()))
                told = [(Subject("blog"), blog.head)]
                now = datetime.now(UTC)
                tx.insert_deliveries(deliveries(self._destinations, blog, told, now))
            return read_newest(tx, self._topic.blog_id, Seq(0))

        log.error(
            "ALERT: the log of %s fell back below %s: the database was replaced; "
            "its epoch is renewed and every reader is reset",
            self._topic.blog.slug,
            known.cursor,
        )
        return await self._store.write(work)

    def _take_in(self, read: Read, known: Position) -> bool:
        """Apply a read, synchronously; whether nothing more is to be read."""
        topic, blog = self._topic, read.blog
        if blog.epoch != known.epoch:
            if topic.position.epoch != blog.epoch:
                topic.blog = m.blog_view(blog, self._links)
                topic.replace(window_of(read, topic, self._links, self._bounds))
            return True
        if topic.position.epoch != known.epoch:
            return False
        upto = blog.head if read.complete else read.changes[-1].seq
        if upto > topic.window.head:
            rows = [c for c in read.changes if c.seq > topic.window.head]
            topic.advance(views(rows, topic, self._links), upto)
        return read.complete

    async def _extend(self) -> None:
        topic = self._topic
        await self.heal.ask()
        wanted, self._wanted, self.reached = self._wanted, None, None
        if wanted is None:
            return
        asked = wanted
        read = await self._store.read(lambda tx: read_newest(tx, topic.blog_id, asked))
        if read is None:
            raise NotFound("There is no blog of this name.")
        if read.blog.epoch != topic.position.epoch:
            return
        if topic.window.floor > read.blog.head:
            # While this was read so much changed that the window has dropped what came just
            # after it; between the two would be a hole. Read again.
            self.want(asked)
            self.extend.ask()
            return
        floor = asked if read.complete else Seq(read.changes[0].seq - 1)
        self.reached = floor
        if floor <= topic.window.head:
            newer = [c for c in read.changes if c.seq > topic.window.head]
            if newer:
                topic.advance(views(newer, topic, self._links), read.blog.head)
            encoded = [topic.encode(v) for v in views(read.changes, topic, self._links)]
            topic.window.extend(encoded, floor)
        topic.catch_up_lagging(asked)


def views(changes: list[Change], topic: Topic, links: Links) -> list[m.ChangeView]:
    """Changes as the wire says them."""
    return [m.change_view(c, topic.blog.slug, links) for c in changes]


def window_of(read: Read, topic: Topic, links: Links, bounds: Bounds) -> Window:
    """A fresh window of one moment."""
    encoded = [topic.encode(v) for v in views(read.changes, topic, links)]
    floor = Seq(0) if read.complete else Seq(read.changes[0].seq - 1)
    return Window(read.blog.epoch, read.blog.head, floor, encoded, bounds)
