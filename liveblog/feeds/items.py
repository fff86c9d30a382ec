"""What a feed says of a blog and its newest entries, in every format alike.

Names are URNs: they stay when the public address of the site changes, and a reader that knows
an entry by its name does not show it twice.
"""

from datetime import datetime

from msgspec import Struct

from liveblog.feeds.content import absolute, author_link, content_of, words_of
from liveblog.feeds.pictures import SHARED, fitting
from liveblog.text import first_sentence, teaser
from liveblog.wire.links import Links
from liveblog.wire.messages import BlogView, EntryView, Snapshot, Tombstone

KEY = "Key development"
BREAKING = "Breaking"


class Author(Struct, frozen=True):
    """Who wrote it."""

    name: str
    url: str | None = None


class Item(Struct, frozen=True):
    """One entry."""

    id: str
    url: str
    title: str
    html: str
    summary: str
    lang: str
    published: datetime
    updated: datetime
    authors: tuple[Author, ...]
    categories: tuple[str, ...]
    image: str | None


class Removed(Struct, frozen=True):
    """A retracted entry: no word of it."""

    id: str
    at: datetime
    note: str | None


class Feed(Struct, frozen=True):
    """A blog; ``items`` newest first. Retracted ones stand in ``removed`` only."""

    id: str
    slug: str
    title: str
    subtitle: str
    lang: str
    url: str
    own: str
    """Where this feed itself is found."""
    updated: datetime
    items: tuple[Item, ...]
    removed: tuple[Removed, ...]


def feed_of(shot: Snapshot, links: Links, kind: str) -> Feed:
    """The feed of a blog at one moment.

    :param kind: ``atom``, ``rss`` or ``json``: what it calls itself.
    """
    blog = shot.blog
    items = [_item(e, blog, links) for e in shot.entries if isinstance(e, EntryView)]
    removed = tuple(_removed(e, blog) for e in shot.entries if isinstance(e, Tombstone))
    moments = [blog.updated_at, *(i.updated for i in items), *(r.at for r in removed)]
    return Feed(
        # A slug is unique in one house only; with the moment of its making it is everywhere.
        id=f"urn:liveblog:blog:{blog.slug}:{blog.created_at:%Y%m%dT%H%M%S%f}",
        slug=blog.slug,
        title=blog.headline or blog.title,
        subtitle=blog.standfirst,
        lang=blog.lang,
        url=blog.url,
        own=links.feed(blog.slug, kind),
        updated=max(moments),
        items=tuple(items),
        removed=removed,
    )


def _name(entry: EntryView | Tombstone) -> str:
    return f"urn:liveblog:entry:{entry.id}"


def _item(entry: EntryView, blog: BlogView, links: Links) -> Item:
    words = words_of(entry)
    published = entry.published_at or blog.created_at
    moments = [published, entry.updated_at, entry.edit.at if entry.edit else None]
    marks = [KEY] * entry.key + [BREAKING] * entry.breaking
    images = [fitting(m, SHARED) for m in entry.media if m.type.startswith("image/")]
    pictures = [absolute(one.url, links) for one in images]
    return Item(
        id=_name(entry),
        url=entry.url,
        title=entry.headline or first_sentence(words, 100) or "An update",
        html=content_of(entry, blog, links),
        summary=teaser(words, 300) if words else "",
        lang=entry.lang or blog.lang,
        published=published,
        updated=max(m for m in moments if m is not None),
        authors=tuple(Author(b.name, author_link(b, links)) for b in entry.bylines),
        categories=(*marks, *entry.tags),
        image=next((p for p in pictures if p), None),
    )


def _removed(entry: Tombstone, blog: BlogView) -> Removed:
    return Removed(_name(entry), entry.retracted_at or blog.updated_at, entry.note)
