"""Reading a blog.

A page, a snapshot or a list carries the cursor of the very moment it was read in, so it may
be served ten changes late and is still right: what changed since follows from the cursor.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from msgspec import Struct

from liveblog.errors import Gone, NotFound
from liveblog.feeds.sitemap import Page, Story
from liveblog.model.blog import Blog, Visibility
from liveblog.model.day import bounds
from liveblog.model.entry import Entry
from liveblog.model.permissions import Principal, require_read, sees
from liveblog.queries import sitemaps
from liveblog.queries.front import FrontPage, front_page
from liveblog.queries.history import RevisionView, public_revisions
from liveblog.queries.places import parse_place, place_of
from liveblog.queries.story import NEWEST, DayPage, KeyPage, Start, below, day_page, key_page
from liveblog.store.contract import Store, Tx
from liveblog.types import BlogId, Cursor, EntryId, Epoch, Seq, Slug
from liveblog.wire import messages as m
from liveblog.wire.links import Links

T = TypeVar("T")

PAGE = 20
"""Entries of a snapshot and of an older page. A constant, not a setting: with another number
every page would hold other entries than the address that was shared."""
AROUND = 5
"""How far the entries before and after one are looked for: beyond so many retracted ones the
page links to none."""
KEYS = 12
"""Key developments in the strip above the live page."""


class EntryList(Struct, frozen=True):
    """A page of entries; ``next`` is the cursor of the page after it, null at the end."""

    entries: tuple[m.EntryView | m.Tombstone | Any, ...]
    next: str | None
    cursor: Cursor
    seq: Seq


class LivePage(Struct, frozen=True):
    """What the live page shows; ``older`` is the number of the page that goes on below,
    ``keys`` are the newest key developments of the whole blog, newest first."""

    snapshot: m.Snapshot
    older: int | None
    keys: tuple[m.EntryView, ...] = ()
    first: datetime | None = None
    """When the blog's first entry was published."""


class OlderPage(Struct, frozen=True):
    """An older page, newest first; ``last`` is the number of pages, ``seq`` the newest change
    of an entry on it."""

    blog: m.BlogView
    number: int
    last: int
    entries: tuple[m.EntryView | m.Tombstone, ...]
    cursor: Cursor
    seq: Seq = Seq(0)
    epoch: Epoch = Epoch("")

    @property
    def closed(self) -> bool:
        """Whether there is a page after it. Then it is full, it links to that one for good,
        and what it shows follows from ``epoch``, ``seq`` and the blog's revision alone."""
        return self.number < self.last


class EntryPage(Struct, frozen=True):
    """An entry as an article of its own; ``page`` is the older page that holds it."""

    blog: m.BlogView
    entry: m.EntryView | m.Tombstone
    page: int
    epoch: Epoch = Epoch("")
    """Of the log: the same seq of another history is another entry."""
    earlier: m.EntryView | None = None
    later: m.EntryView | None = None
    """The nearest entries around it that are not retracted."""


class HistoryPage(Struct, frozen=True):
    """An entry and what it said before, oldest first; nothing of a retracted one."""

    article: EntryPage
    revisions: tuple[RevisionView, ...]


class Queries:
    """All reading. ``who`` is the principal that asks, or None.

    Every method that takes a slug raises what :func:`require_read` raises.
    """

    def __init__(self, store: Store, links: Links) -> None:
        self._store = store
        self._links = links

    async def _of(self, slug: Slug, who: Principal | None, work: Callable[[Tx, Blog], T]) -> T:
        return await self._store.read(lambda tx: work(tx, require_read(who, tx.blog(slug))))

    def _views(self, blog: Blog, entries: list[Entry]) -> tuple[m.EntryView | m.Tombstone, ...]:
        return tuple(m.entry_view(e, blog.slug, self._links) for e in entries)

    # Blogs --------------------------------------------------------------------------------

    async def blog(self, slug: Slug, who: Principal | None) -> m.BlogView:
        """The blog with its cursor."""
        return await self._of(slug, who, lambda _, b: m.blog_view(b, self._links, head=True))

    async def blogs(
        self, who: Principal | None, before: BlogId | None, limit: int
    ) -> tuple[list[m.BlogView], BlogId | None]:
        """Blogs that ``who`` may list, newest first, and the id to go on from."""
        seen: tuple[Visibility, ...] = ("public",)
        if who is not None and who.has("submit", None):
            seen = ("public", "unlisted", "private", "draft")
        own = tuple(who.blogs) if who is not None else ()

        def work(tx: Tx) -> tuple[list[m.BlogView], BlogId | None]:
            rows = tx.blogs(seen, own, before=before, limit=limit + 1)
            following = rows[limit - 1].id if len(rows) > limit else None
            return [m.blog_view(b, self._links, head=True) for b in rows[:limit]], following

        return await self._store.read(work)

    async def front(self, before: str | None = None, limit: int = PAGE) -> FrontPage:
        """The news feed: cards of public blogs, newest first.

        :param before: the ``next`` of the page before.
        :raises BadRequest: it is none of ours.
        """
        return await self._store.read(lambda tx: front_page(tx, self._links, before, limit))

    def _day(self, tx: Tx, blog: Blog) -> m.DayView | None:
        day = tx.latest_day(blog.id)
        return m.day_view(day, blog.slug, self._links) if day else None

    # Snapshots and pages ------------------------------------------------------------------

    async def snapshot(self, slug: Slug, who: Principal | None) -> m.Snapshot:
        """The blog at this moment: roll-up, pinned entry, newest entries, cursor."""
        return await self._of(slug, who, self._snapshot)

    def _snapshot(self, tx: Tx, blog: Blog) -> m.Snapshot:
        return self._showing(tx, blog, tx.entries(blog.id, limit=PAGE))

    def _showing(self, tx: Tx, blog: Blog, entries: list[Entry]) -> m.Snapshot:
        pinned = tx.entry(blog.id, blog.pinned) if blog.pinned else None
        view = m.entry_view(pinned, blog.slug, self._links) if pinned else None
        return m.Snapshot(
            blog=m.blog_view(blog, self._links, head=True),
            cursor=blog.position.cursor,
            seq=blog.head,
            day=self._day(tx, blog),
            pinned=view if isinstance(view, m.EntryView) else None,
            entries=self._views(blog, entries),
        )

    async def live_page(self, slug: Slug, who: Principal | None) -> LivePage:
        """What the live page shows."""

        def work(tx: Tx, blog: Blog) -> LivePage:
            newest = tx.entries(blog.id, limit=PAGE)
            missing = below(blog.count, newest)
            older = page_of(missing) if missing else None
            keys = self._views(blog, tx.entries(blog.id, limit=KEYS, key=True))
            shown = tuple(view for view in keys if isinstance(view, m.EntryView))
            first = tx.entries_by_ordinal(blog.id, 1, 1)
            began = first[0].published_at if first else None
            return LivePage(self._showing(tx, blog, newest), older, shown, began)

        return await self._of(slug, who, work)

    async def older_page(self, slug: Slug, number: int, who: Principal | None) -> OlderPage:
        """Page ``number``, counted from the oldest.

        Membership goes by the ordinal an entry got when it was published, so a full page
        keeps its entries for ever, whatever is retracted or dated back.

        :raises NotFound: there is no such page.
        """

        def work(tx: Tx, blog: Blog) -> OlderPage:
            last = max(1, page_of(blog.count))
            if not 1 <= number <= last:
                raise NotFound("There is no page of this number.")
            rows = tx.entries_by_ordinal(blog.id, (number - 1) * PAGE + 1, number * PAGE)
            view = m.blog_view(blog, self._links)
            seq = max((row.seq for row in rows), default=Seq(0))
            shown = self._views(blog, rows)
            cursor = blog.position.cursor
            return OlderPage(view, number, last, shown, cursor, seq, blog.epoch)

        return await self._of(slug, who, work)

    async def day_page(
        self, slug: Slug, when: date, who: Principal | None, start: Start = NEWEST
    ) -> DayPage:
        """A day with its roll-up and its entries.

        :raises NotFound: nothing was published on it.
        """
        return await self._of(
            slug, who, lambda tx, blog: day_page(tx, blog, self._links, when, start)
        )

    async def key_page(self, slug: Slug, who: Principal | None, start: Start = NEWEST) -> KeyPage:
        """The key developments of the whole blog."""
        return await self._of(slug, who, lambda tx, blog: key_page(tx, blog, self._links, start))

    async def day(self, slug: Slug, when: date, who: Principal | None) -> m.DayView:
        """A day with its roll-up.

        :raises NotFound: it has none.
        """

        def work(tx: Tx, blog: Blog) -> m.DayView:
            day = tx.day(blog.id, when)
            if day is None:
                raise NotFound("This day has no roll-up: no key entry was published on it.")
            return m.day_view(day, slug, self._links)

        return await self._of(slug, who, work)

    # Sitemaps -----------------------------------------------------------------------------

    async def sitemaps(self) -> list[Page]:
        """Every sitemap there is."""
        return await self._store.read(lambda tx: sitemaps.maps(tx, self._links))

    async def sitemap(self, slug: Slug, number: int) -> list[Page]:
        """What stands in one.

        :raises NotFound: there is none of this number, for anybody.
        """
        return await self._store.read(lambda tx: sitemaps.pages(tx, self._links, slug, number))

    async def stories(self, since: datetime) -> list[Story]:
        """What was published since then, for the sitemap of news."""
        now = datetime.now(UTC)
        return await self._store.read(lambda tx: sitemaps.stories(tx, self._links, since, now))

    # Entries ------------------------------------------------------------------------------

    async def entries(
        self,
        slug: Slug,
        who: Principal | None,
        *,
        before: str | None = None,
        limit: int = PAGE,
        day: date | None = None,
        key: bool = False,
    ) -> EntryList:
        """Public entries, newest first, tombstones in their places.

        :param before: the ``next`` of the page before.
        :raises BadRequest: ``before`` is none of ours.
        """
        place = parse_place(before) if before else None

        def work(tx: Tx, blog: Blog) -> EntryList:
            between = bounds(day, blog.zone) if day else None
            rows = tx.entries(blog.id, before=place, limit=limit + 1, between=between, key=key)
            shown = rows[:limit]
            following = place_of(shown[-1]) if len(rows) > limit else None
            position = blog.position
            return EntryList(self._views(blog, shown), following, position.cursor, position.seq)

        return await self._of(slug, who, work)

    async def entry(self, slug: Slug, entry_id: EntryId, who: Principal | None) -> m.EntryView:
        """One entry; editors (and submitters, their own) see drafts too.

        :raises Gone: it is retracted. :raises NotFound: it is not there, for this asker.
        """

        def work(tx: Tx, blog: Blog) -> m.EntryView:
            entry = self._visible(tx, blog, entry_id, who)
            view = m.entry_view(entry, slug, self._links)
            if isinstance(view, m.Tombstone):
                raise Gone(view)
            return view

        return await self._of(slug, who, work)

    def _visible(self, tx: Tx, blog: Blog, entry_id: EntryId, who: Principal | None) -> Entry:
        entry = tx.entry(blog.id, entry_id)
        if entry is None or not sees(who, blog, entry):
            raise NotFound("There is no entry of this id.")
        return entry

    async def entry_page(self, slug: Slug, entry_id: EntryId, who: Principal | None) -> EntryPage:
        """An entry (or its tombstone) and the page that holds it."""

        return await self._of(slug, who, lambda tx, blog: self._article(tx, blog, entry_id))

    def _article(self, tx: Tx, blog: Blog, entry_id: EntryId) -> EntryPage:
        entry = tx.entry(blog.id, entry_id)
        if entry is None or entry.ordinal is None:
            raise NotFound("There is no entry of this id.")
        view = m.entry_view(entry, blog.slug, self._links)
        shown = m.blog_view(blog, self._links)
        at = entry.ordinal
        rows = tx.entries_by_ordinal(blog.id, max(1, at - AROUND), at + AROUND)
        near = {row.ordinal or 0: m.entry_view(row, blog.slug, self._links) for row in rows}
        known = {n: v for n, v in near.items() if isinstance(v, m.EntryView)}
        earlier = max((n for n in known if n < at), default=0)
        later = min((n for n in known if n > at), default=0)
        return EntryPage(shown, view, page_of(at), blog.epoch, known.get(earlier), known.get(later))

    async def revisions(
        self, slug: Slug, entry_id: EntryId, who: Principal | None
    ) -> list[RevisionView]:
        """The public history of an entry's words, oldest first.

        :raises Gone: the entry is retracted.
        """

        def work(tx: Tx, blog: Blog) -> list[RevisionView]:
            entry = self._visible(tx, blog, entry_id, who)
            view = m.entry_view(entry, slug, self._links)
            if isinstance(view, m.Tombstone):
                raise Gone(view)
            return public_revisions(tx, entry_id)

        return await self._of(slug, who, work)

    async def history_page(
        self, slug: Slug, entry_id: EntryId, who: Principal | None
    ) -> HistoryPage:
        """An entry (or its tombstone) and its public history."""

        def work(tx: Tx, blog: Blog) -> HistoryPage:
            article = self._article(tx, blog, entry_id)
            gone = isinstance(article.entry, m.Tombstone)
            return HistoryPage(article, () if gone else tuple(public_revisions(tx, entry_id)))

        return await self._of(slug, who, work)


def page_of(ordinal: int) -> int:
    """The number of the page that holds an ordinal, from 1."""
    return (ordinal - 1) // PAGE + 1
