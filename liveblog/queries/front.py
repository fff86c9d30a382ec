"""The news feed: entries marked ``card`` and live pages, over all public blogs, newest first.

An entry has the time it was published at, a live page that of its latest publication; so a
page that goes on stands above what was published before. A cursor is such a time and an id.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct

from liveblog.errors import BadRequest
from liveblog.model.blog import Blog
from liveblog.model.entry import Entry, Media
from liveblog.model.ids import is_id
from liveblog.store.contract import Place, Tx
from liveblog.text import teaser
from liveblog.types import BlogId, EntryId
from liveblog.wire import messages as m
from liveblog.wire.links import Links
from liveblog.wire.moments import micros, moment

LOOKED_AT = 10
"""Entries among which a picture is looked for."""
LATEST = 3
"""Entries that the card of a live page shows."""
TEASER = 75
"""Characters of each of them, cut at a word."""


class Latest(Struct, frozen=True):
    """One of the latest entries of a live page, in a line."""

    id: EntryId
    published_at: datetime | None
    text: str
    url: str


class FrontItem(Struct, frozen=True):
    """One card: of an entry (``entry``), or of a live page (``day`` its roll-up, ``latest`` its
    newest entries). ``at`` is what it is ordered by."""

    type: Literal["entry", "blog"]
    id: str
    at: datetime
    blog: m.BlogView
    entry: m.EntryView | None = None
    day: m.DayView | None = None
    latest: tuple[Latest, ...] = ()
    picture: Media | None = None
    """Of a live page: the newest one on it."""


class FrontPage(Struct, frozen=True):
    """So many cards; ``next`` is the cursor of the cards after them, null at the end."""

    items: tuple[FrontItem, ...]
    next: str | None


def front_page(tx: Tx, links: Links, before: str | None, limit: int) -> FrontPage:
    """The cards below a cursor, newest first.

    :raises BadRequest: ``before`` is none of ours.
    """
    place = _parse(before) if before else None
    entries = tx.cards(before=place, limit=limit + 1)
    blogs = tx.running_blogs(before=place, limit=limit + 1)
    known = {blog.id: blog for blog in blogs}
    for entry in entries:
        if entry.blog_id not in known:
            found = tx.blog_by_id(entry.blog_id)
            assert found is not None, "an entry is of a blog"
            known[found.id] = found
    places: list[tuple[Place, Entry | Blog]] = [(_place(entry), entry) for entry in entries]
    places += [(_blog_place(blog), blog) for blog in blogs]
    places.sort(key=lambda pair: pair[0], reverse=True)
    items = tuple(_item(tx, links, thing, known) for _, thing in places[:limit])
    more = len(places) > limit
    return FrontPage(items, _text(places[limit - 1][0]) if more else None)


def _item(tx: Tx, links: Links, thing: Entry | Blog, known: Mapping[BlogId, Blog]) -> FrontItem:
    if isinstance(thing, Entry):
        blog = known[thing.blog_id]
        view = m.entry_view(thing, blog.slug, links)
        assert isinstance(view, m.EntryView), "a card is published"
        at = _place(thing).published_at
        return FrontItem("entry", thing.id, at, m.blog_view(blog, links), view)
    day = tx.latest_day(thing.id)
    rows = tx.entries(thing.id, limit=LOOKED_AT)
    views = [m.entry_view(row, thing.slug, links) for row in rows]
    shown = [view for view in views if isinstance(view, m.EntryView)]
    latest = tuple(
        Latest(v.id, v.published_at, v.headline or teaser(v.text, TEASER), v.url)
        for v in shown[:LATEST]
    )
    pictures = (one for v in shown for one in v.media if one.type.startswith("image/"))
    return FrontItem(
        "blog",
        thing.id,
        _blog_place(thing).published_at,
        m.blog_view(thing, links),
        day=m.day_view(day, thing.slug, links) if day else None,
        latest=latest,
        picture=next(pictures, None),
    )


def _place(entry: Entry) -> Place:
    assert entry.published_at is not None, "a public entry has a time"
    return Place(entry.published_at, entry.id)


def _blog_place(blog: Blog) -> Place:
    return Place(blog.latest_at or blog.created_at, EntryId(blog.id))


def _text(place: Place) -> str:
    return f"{micros(place.published_at):x}.{place.id}"


def _parse(text: str) -> Place:
    head, _, tail = text.partition(".")
    try:
        if not is_id(tail):
            raise ValueError(tail)
        return Place(moment(int(head, 16)), EntryId(tail))
    except (ValueError, OverflowError):
        raise BadRequest("before is malformed: give back the next you were given.") from None
