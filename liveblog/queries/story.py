"""A whole story, in the order the reader chose: its key developments, and its days."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from msgspec import Struct

from liveblog.errors import NotFound
from liveblog.model.blog import Blog
from liveblog.model.day import bounds, date_of
from liveblog.model.entry import Entry
from liveblog.queries.places import place_of
from liveblog.store.contract import Place, Tx
from liveblog.types import Cursor, EntryId, Revision, Seq
from liveblog.wire import messages as m
from liveblog.wire.links import Links

DAY = 100
"""Entries on one page of a day."""
KEYS = 200
"""Key developments on one page of them."""
_BEGINNING = Place(datetime.min.replace(tzinfo=UTC), EntryId(""))


class Start(NamedTuple):
    """In which order entries are listed, and the place to go on from."""

    oldest: bool = False
    place: Place | None = None


NEWEST = Start()
"""From the newest on."""


class DayPage(Struct, frozen=True):
    """A day with its roll-up and its entries; ``next`` is where its next page goes on, null at
    the end, ``earlier`` and ``later`` are the days before and after it that have entries."""

    blog: m.BlogView
    day: m.DayView
    entries: tuple[m.EntryView | m.Tombstone, ...]
    cursor: Cursor
    next: str | None = None
    earlier: date | None = None
    later: date | None = None


class KeyPage(Struct, frozen=True):
    """Key developments of the whole blog; ``next`` as in a day."""

    blog: m.BlogView
    entries: tuple[m.EntryView, ...]
    cursor: Cursor
    next: str | None = None


def day_page(tx: Tx, blog: Blog, links: Links, when: date, start: Start) -> DayPage:
    """A day.

    :raises NotFound: nothing was published on it.
    """
    begins, ends = bounds(when, blog.zone)
    rows, following = _part(tx, blog, start, DAY, between=(begins, ends))
    day = tx.day(blog.id, when)
    if day is None and not rows:
        raise NotFound("Nothing was published on this day.")
    view = (
        m.day_view(day, blog.slug, links)
        if day
        else m.DayView(blog.slug, when.isoformat(), None, (), False, Revision(0), Seq(0))
    )
    return DayPage(
        blog=m.blog_view(blog, links),
        day=view,
        entries=tuple(m.entry_view(row, blog.slug, links) for row in rows),
        cursor=blog.position.cursor,
        next=following,
        earlier=_date(blog, tx.entries(blog.id, before=Place(begins, EntryId("")), limit=1)),
        later=_date(blog, tx.entries(blog.id, after=Place(ends, EntryId("")), limit=1)),
    )


def key_page(tx: Tx, blog: Blog, links: Links, start: Start) -> KeyPage:
    """The key developments."""
    rows, following = _part(tx, blog, start, KEYS, key=True)
    views = (m.entry_view(row, blog.slug, links) for row in rows)
    shown = tuple(view for view in views if isinstance(view, m.EntryView))
    return KeyPage(m.blog_view(blog, links), shown, blog.position.cursor, following)


def below(count: int, shown: Sequence[Entry]) -> int:
    """The highest ordinal that is not shown by a page of the newest entries, 0 if there is none:
    with it the older pages go on, and none is left out that was dated back."""
    here = {entry.ordinal for entry in shown}
    return next((ordinal for ordinal in range(count, 0, -1) if ordinal not in here), 0)


def _part(
    tx: Tx,
    blog: Blog,
    start: Start,
    limit: int,
    *,
    between: tuple[datetime, datetime] | None = None,
    key: bool = False,
) -> tuple[list[Entry], str | None]:
    """So many entries from there on, and the place after them if there are more."""
    before, after = start.place, None
    if start.oldest:
        before, after = None, start.place or _BEGINNING
    rows = tx.entries(
        blog.id, before=before, after=after, limit=limit + 1, between=between, key=key
    )
    return rows[:limit], place_of(rows[limit - 1]) if len(rows) > limit else None


def _date(blog: Blog, rows: Sequence[Entry]) -> date | None:
    """The date of the only one of these, where the event is."""
    if not rows or rows[0].published_at is None:
        return None
    return date_of(rows[0].published_at, blog.zone)
