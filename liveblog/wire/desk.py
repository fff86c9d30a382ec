"""What the desk is shown: an entry in any state, with its words, and who made it.

These are for whoever may write there. Nothing that readers get is made from them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct

from liveblog.model.blog import Blog
from liveblog.model.desk import Desk
from liveblog.model.entry import Byline, Edit, Entry, State
from liveblog.model.people import Role, role_on
from liveblog.model.permissions import Principal
from liveblog.model.receipt import Received
from liveblog.types import EntryId, Revision, Slug
from liveblog.wire.links import Links
from liveblog.wire.messages import BlogView, EntryView, blog_view, entry_fields


class Author(Struct, frozen=True):
    """A person or a token; the ``name`` is empty when nobody knows it any more."""

    id: str
    name: str


class ReceiptView(Struct, frozen=True):
    """To how many readers the entry as it stands was written, and the milliseconds from the
    change to the last of them."""

    readers: int
    ms: int


class DeskEntry(EntryView, frozen=True):
    """An entry for those who work on it: also a retracted one has its words."""

    created_at: datetime
    by: Author
    embargo: bool
    retracted_at: datetime | None
    note: str | None
    receipt: ReceiptView | None


class DeskList(Struct, frozen=True):
    """A page of entries; ``next`` is given back as ``before``, null at the end."""

    entries: tuple[DeskEntry, ...]
    next: str | None


class Authors(Struct, frozen=True):
    """Who made entries of the blog, by name; who has no name any more is missing."""

    authors: tuple[Author, ...]


class DiffPiece(Struct, frozen=True):
    """Words that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


class DeskRevision(Struct, frozen=True):
    """One version of an entry's words: who wrote it, and what changed since the one before it
    (null: it is the first that is kept). At the desk also a withheld one has its words."""

    revision: Revision
    at: datetime
    by: Author
    edit: Edit | None
    withheld: bool
    public: bool
    headline: str | None
    body: str
    text: str
    diff: tuple[DiffPiece, ...] | None


class DeskHistory(Struct, frozen=True):
    """Versions, the newest first; ``next`` is given back as ``before``, null at the end."""

    revisions: tuple[DeskRevision, ...]
    next: Revision | None


class HandOver(Struct, frozen=True):
    """The note for whoever takes over."""

    text: str
    by: Author
    at: datetime


class DeskView(Struct, frozen=True):
    """A blog as its desk sees it; ``revision`` is that of the hand-over note and the duty,
    ``undo_seconds`` for how long the publishing of people can be undone."""

    blog: BlogView
    role: Role
    counts: Mapping[State, int]
    hand_over: HandOver | None
    duty: tuple[Byline, ...]
    undo_seconds: int
    revision: Revision


def author(who: str, names: Mapping[str, str]) -> Author:
    """The person or token of this id."""
    return Author(who, names.get(who, ""))


class DeskViews(Struct, frozen=True):
    """Makes what the desk is shown; ``names`` are what people and tokens are called, by id."""

    links: Links
    undo_seconds: int = 0

    def entry(
        self,
        entry: Entry,
        slug: Slug,
        names: Mapping[str, str],
        receipts: Mapping[EntryId, Received],
    ) -> DeskEntry:
        """The entry as the desk sees it; a receipt of another version does not count."""
        receipt = receipts.get(entry.id)
        told = receipt if receipt is not None and receipt.revision == entry.revision else None
        return DeskEntry(
            **entry_fields(entry, slug, self.links),
            created_at=entry.created_at,
            by=author(entry.by, names),
            embargo=entry.embargo,
            retracted_at=entry.retracted_at,
            note=entry.note,
            receipt=ReceiptView(told.readers, told.ms) if told is not None else None,
        )

    def desk(
        self,
        blog: Blog,
        desk: Desk,
        who: Principal,
        counts: Mapping[State, int],
        names: Mapping[str, str],
    ) -> DeskView:
        """The desk as ``who`` sees it, who may at least submit."""
        role = role_on(who, blog.id)
        assert role is not None, "whoever may submit has one"
        note = None
        if desk.hand_over and desk.at is not None:
            note = HandOver(desk.hand_over, author(desk.by, names), desk.at)
        return DeskView(
            blog=blog_view(blog, self.links, head=True),
            role=role,
            counts=counts,
            hand_over=note,
            duty=desk.duty,
            undo_seconds=self.undo_seconds,
            revision=desk.revision,
        )
