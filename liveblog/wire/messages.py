"""Everything that can cross the border to readers and services, as tagged Structs.

Views are what the public may see of a blog, an entry and a day; pages, feeds, messages and
API answers are all made from views, so that nothing private has a way out. They are open:
a client ignores what it does not know (docs/protocol.md).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from liveblog.model.blog import Blog, Direction, Status, Visibility
from liveblog.model.change import Change
from liveblog.model.day import Day
from liveblog.model.entry import (
    Byline,
    Edit,
    Embed,
    Entry,
    Kind,
    Media,
    Quote,
    Source,
    State,
)
from liveblog.types import Cursor, EntryId, Revision, Seq, Slug
from liveblog.wire.links import Links
from liveblog.wire.media import shown_embed, shown_media

# Views -----------------------------------------------------------------------------------


class BlogView(Struct, frozen=True):
    """A blog for readers. ``cursor`` and ``seq`` (its head) stand only in API answers."""

    slug: Slug
    title: str
    headline: str
    standfirst: str
    status: Status
    visibility: Visibility
    lang: str
    dir: Direction
    time_zone: str
    revision: Revision
    created_at: datetime
    updated_at: datetime
    url: str
    demo: bool = False
    cursor: Cursor | UnsetType = UNSET
    seq: Seq | UnsetType = UNSET


class EntryView(Struct, frozen=True):
    """An entry as it is now; ``body`` is Markdown as written, ``html`` safe, ``text`` plain."""

    id: EntryId
    blog: Slug
    seq: Seq
    revision: Revision
    state: State
    kind: Kind
    headline: str | None
    body: str
    html: str
    text: str
    lang: str | None
    dir: Direction | None
    key: bool
    pinned: bool
    breaking: bool
    card: bool
    quote: Quote | None
    media: tuple[Media, ...]
    embed: Embed | None
    bylines: tuple[Byline, ...]
    tags: tuple[str, ...]
    sources: tuple[Source, ...]
    publish_at: datetime | None
    published_at: datetime | None
    updated_at: datetime | None
    edit: Edit | None
    url: str


class Tombstone(Struct, frozen=True):
    """What is left of a retracted entry: no word of it, only that it was and why it went."""

    id: EntryId
    blog: Slug
    seq: Seq
    revision: Revision
    state: State
    retracted_at: datetime | None
    note: str | None


class DayItemView(Struct, frozen=True):
    """One line of a roll-up."""

    entry: EntryId
    text: str
    url: str


class DayView(Struct, frozen=True):
    """A day with its roll-up; ``title`` is the editor's own, else null."""

    blog: Slug
    date: str
    title: str | None
    items: tuple[DayItemView, ...]
    frozen: bool
    revision: Revision
    seq: Seq


# Changes ---------------------------------------------------------------------------------


class EntryPublished(Struct, frozen=True, tag="entry.published"):
    """A new entry."""

    seq: Seq
    at: datetime
    entry: EntryView


class EntryRevised(Struct, frozen=True, tag="entry.revised"):
    """An entry as it is after an edit; insert it when the id is new to you."""

    seq: Seq
    at: datetime
    entry: EntryView


class EntryRetracted(Struct, frozen=True, tag="entry.retracted"):
    """An entry was withdrawn: show the tombstone in its place, forget the words."""

    seq: Seq
    at: datetime
    entry: Tombstone


class DayRevised(Struct, frozen=True, tag="day.revised"):
    """A day's roll-up as it is now."""

    seq: Seq
    at: datetime
    day: DayView


class BlogRevised(Struct, frozen=True, tag="blog.revised"):
    """The blog's own data as it is now, without cursor and seq."""

    seq: Seq
    at: datetime
    blog: BlogView


ChangeView = EntryPublished | EntryRevised | EntryRetracted | DayRevised | BlogRevised


# Messages --------------------------------------------------------------------------------


class Hello(Struct, frozen=True, tag="hello"):
    """The first message: where the stream starts."""

    blog: Slug
    cursor: Cursor
    seq: Seq
    heartbeat_seconds: int
    build: str
    protocol: int = 1


class ChangeMessage(Struct, frozen=True, tag="change"):
    """One change; ``change`` holds a ChangeView already encoded."""

    blog: Slug
    cursor: Cursor
    seq: Seq
    change: msgspec.Raw


class ChangesMessage(Struct, frozen=True, tag="changes"):
    """Every subject whose latest change lies in (``from``, ``cursor``], once, as it is now."""

    blog: Slug
    from_: Cursor = msgspec.field(name="from")
    cursor: Cursor
    seq: Seq
    changes: list[msgspec.Raw]
    poll_after_ms: int | UnsetType = UNSET


class Heartbeat(Struct, frozen=True, tag="heartbeat"):
    """You have everything up to here."""

    blog: Slug
    cursor: Cursor
    seq: Seq
    at: datetime


class Readers(Struct, frozen=True, tag="readers"):
    """How many read now."""

    blog: Slug
    count: int


class Reset(Struct, frozen=True, tag="reset"):
    """The cursor cannot be continued: take the snapshot, connect with its cursor."""

    blog: Slug
    reason: str
    snapshot: str


class Reconnect(Struct, frozen=True, tag="reconnect"):
    """This server lets you go: come back after so long."""

    blog: Slug
    after_ms: int
    reason: str
    transport: str | UnsetType = UNSET
    interval_ms: int | UnsetType = UNSET


class Snapshot(Struct, frozen=True):
    """A blog at one moment: what a page shows first, and the cursor to go on from."""

    blog: BlogView
    cursor: Cursor
    seq: Seq
    day: DayView | None
    pinned: EntryView | None
    entries: tuple[Any, ...]
    """The newest 20, newest first: EntryView, or Tombstone where one was withdrawn."""


# Page view -------------------------------------------------------------------------------


class PageItem(Struct, frozen=True):
    """An entry (or a day, ``id`` its date) for the live page: ready HTML of the page's template."""

    id: str
    seq: Seq
    revision: Revision
    state: State
    key: bool
    pinned: bool
    published_at: datetime | None
    fragment: str


Render = Callable[[EntryView | Tombstone | DayView, BlogView], str]
"""Makes the HTML of one subject; handed in by ``app.py`` so that the wire needs no templates."""


# From the model --------------------------------------------------------------------------


def blog_view(blog: Blog, links: Links, *, head: bool = False) -> BlogView:
    """The blog for readers; with ``head`` also its cursor and seq."""
    return BlogView(
        slug=blog.slug,
        title=blog.title,
        headline=blog.headline,
        standfirst=blog.standfirst,
        status=blog.status,
        visibility=blog.visibility,
        lang=blog.lang,
        dir=blog.dir,
        time_zone=blog.time_zone,
        revision=blog.revision,
        created_at=blog.created_at,
        updated_at=blog.updated_at,
        url=links.blog(blog.slug),
        demo=blog.demo,
        cursor=blog.position.cursor if head else UNSET,
        seq=blog.head if head else UNSET,
    )


def entry_view(entry: Entry, slug: Slug, links: Links) -> EntryView | Tombstone:
    """The entry, or its tombstone when it is retracted."""
    if entry.state == "retracted":
        return Tombstone(
            id=entry.id,
            blog=slug,
            seq=entry.seq,
            revision=entry.revision,
            state="retracted",
            retracted_at=entry.retracted_at,
            note=entry.note,
        )
    return EntryView(**entry_fields(entry, slug, links))


def entry_fields(entry: Entry, slug: Slug, links: Links) -> dict[str, Any]:
    """The fields of an EntryView, whatever the state of the entry."""
    shared = {
        name: getattr(entry, name)
        for name in EntryView.__struct_fields__
        if name not in ("blog", "url")
    }
    return shared | {
        "blog": slug,
        "url": links.entry(slug, entry.id),
        "media": shown_media(entry.media, links),
        "embed": shown_embed(entry.embed, links),
    }


def day_view(day: Day, slug: Slug, links: Links) -> DayView:
    """The day with its roll-up."""
    items = tuple(DayItemView(i.entry, i.text, links.entry(slug, i.entry)) for i in day.items)
    return DayView(slug, day.date.isoformat(), day.title, items, day.frozen, day.revision, day.seq)


def change_view(change: Change, slug: Slug, links: Links) -> ChangeView:
    """The change as the wire says it.

    The type follows from the state, so that a retracted entry can never travel with words.
    """
    value = change.value
    if isinstance(value, Blog):
        return BlogRevised(change.seq, change.at, blog_view(value, links))
    if isinstance(value, Day):
        return DayRevised(change.seq, change.at, day_view(value, slug, links))
    view = entry_view(value, slug, links)
    if isinstance(view, Tombstone):
        return EntryRetracted(change.seq, change.at, view)
    if change.type == "entry.published":
        return EntryPublished(change.seq, change.at, view)
    return EntryRevised(change.seq, change.at, view)


def subject_of_view(change: ChangeView) -> str:
    """The subject a change is about: ``entry:ID``, ``day:DATE`` or ``blog``."""
    if isinstance(change, BlogRevised):
        return "blog"
    if isinstance(change, DayRevised):
        return f"day:{change.day.date}"
    return f"entry:{change.entry.id}"
