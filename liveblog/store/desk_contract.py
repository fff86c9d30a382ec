"""What the store promises about the desk; a part of :class:`~liveblog.store.contract.Tx`."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from liveblog.model.blog import Blog
from liveblog.model.desk import Desk, Wanted
from liveblog.model.entry import Entry, RevisionRow, State
from liveblog.types import BlogId, EntryId, Revision


class ListedAt(NamedTuple):
    """A place in a list of the desk: below (older than) this one, by
    :func:`~liveblog.model.desk.listed_at` and id."""

    at: datetime
    id: EntryId


class DeskTx(Protocol):
    """Entries in every state, and what editors tell each other."""

    def desk_entries(
        self, blog_id: BlogId, wanted: Wanted, *, before: ListedAt | None = None, limit: int = 20
    ) -> list[Entry]:
        """The entries asked for, newest first by the time that matters for their state; where
        there are terms, from the index of words."""

    def index_words(self, entry: Entry, *, new: bool) -> None:
        """Have the entry found by its words as they are now, in this transaction.

        :param new: it was not there before.
        """

    def desk_counts(self, blog: Blog, own: str | None = None) -> dict[State, int]:
        """How many entries are in each state; with ``own`` only those of that principal."""

    def latest_revisions(
        self, entry_id: EntryId, *, before: Revision | None = None, limit: int
    ) -> list[RevisionRow]:
        """The newest kept versions of an entry's words, below one, newest first."""

    def author_after(self, blog_id: BlogId, after: str) -> str | None:
        """The next id, in order, of whoever made an entry of the blog; None at the end."""

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """What these people and tokens are called; who is not known is missing."""

    def desk(self, blog_id: BlogId) -> Desk:
        """The desk of a blog."""

    def save_desk(self, desk: Desk) -> None:
        """Insert or replace the desk of a blog, whose row is locked."""
