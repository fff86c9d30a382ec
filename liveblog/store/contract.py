"""What the store promises. Two engines keep it; one suite of tests is run on both.

A transaction is a plain function that is handed a :class:`Tx` and runs from BEGIN to COMMIT
without leaving it: ``await store.write(publish)``. There is no ``await`` inside, so nothing
can slip between two of its statements, and the same function serves SQLite (in a thread)
and PostgreSQL. A function may be run again from the start when the engine asks for it
(a busy database, a unique key taken at the same moment): it must have no effect but on Tx.

``write`` holds one rule of its own: the function locks the blog's row first
(:meth:`Tx.lock_blog`), then all else, so two writers of one blog queue up and their ``seq``
are dense. A function that only works off the outbox changes no blog and locks none. Every
method that takes or gives times uses timezone-aware UTC ``datetime``.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeVar

from msgspec import Struct

from liveblog.model.blog import Blog, Visibility
from liveblog.model.change import Change
from liveblog.model.day import Day
from liveblog.model.entry import Entry, RevisionRow
from liveblog.model.ids import new_id
from liveblog.model.permissions import Principal, Token
from liveblog.store.desk_contract import DeskTx
from liveblog.store.embeds_contract import EmbedsTx
from liveblog.store.media_contract import MediaTx
from liveblog.store.people_contract import PeopleTx
from liveblog.store.push_contract import PushTx
from liveblog.store.receipts_contract import ReceiptsTx
from liveblog.types import BlogId, EntryId, Epoch, Revision, Seq, Slug, Subject

T = TypeVar("T")


class Head(NamedTuple):
    """Where the log of a blog stands."""

    epoch: Epoch
    seq: Seq


class Place(NamedTuple):
    """A place in the order of entries, for paging: strictly before (older than) this one."""

    published_at: datetime
    id: EntryId


class ListedBlog(NamedTuple):
    """A blog in the list of all; ``published`` entries ever were, ``changed_at`` is the
    time of its newest change."""

    slug: Slug
    published: int
    changed_at: datetime | None


class ListedEntry(NamedTuple):
    """An entry in the list of all, without its words."""

    id: EntryId
    published_at: datetime
    updated_at: datetime | None


class Replay(Struct, frozen=True):
    """What an Idempotency-Key was answered with; ``scope`` is the token or person.

    ``digest`` is the SHA-256 of method, path and body; ``subject`` names what the request was
    about (``entry:ID``, ``day:DATE``, ``blog``) so that it can be shown as it is now.
    """

    scope: str
    key: str
    digest: str
    status: int
    blog_id: BlogId
    subject: str
    at: datetime


class Delivery(Struct, frozen=True):
    """A row of the outbox: this destination is still to be told of this change.

    It names the subject and never what it says: the message is made at each attempt, of the
    subject as it stands then. ``at`` is the time of the change, ``due_at`` that of the next
    attempt, ``attempts`` how many failed in a row, ``error`` why the last one did.
    """

    id: str
    destination: str
    blog_id: BlogId
    subject: Subject
    seq: Seq
    at: datetime
    due_at: datetime
    attempts: int = 0
    claimed_until: datetime | None = None
    error: str | None = None


class Backlog(NamedTuple):
    """What a destination is still to be told: so many changes, the first at this time."""

    waiting: int
    oldest: datetime | None


def deliveries(
    destinations: Iterable[str], blog: Blog, what: Iterable[tuple[Subject, Seq]], now: datetime
) -> list[Delivery]:
    """A row for each destination and change, due at once."""
    told = list(what)
    return [
        Delivery(new_id(now), destination, blog.id, subject, seq, now, now)
        for destination in destinations
        for subject, seq in told
    ]


class Tx(DeskTx, PeopleTx, PushTx, MediaTx, ReceiptsTx, EmbedsTx, Protocol):
    """One transaction. Reads see one moment; writes are all or nothing."""

    # Blogs
    def blog(self, slug: Slug) -> Blog | None:
        """The blog of this name."""

    def blog_by_id(self, blog_id: BlogId) -> Blog | None:
        """The blog of this id."""

    def lock_blog(self, slug: Slug) -> Blog | None:
        """The blog, its row locked until the end (SELECT … FOR UPDATE where there is that)."""

    def insert_blog(self, blog: Blog) -> None:
        """Add a blog.

        :raises Conflict: the slug is taken.
        """

    def save_blog(self, blog: Blog) -> None:
        """Replace every column of the row with this id."""

    def blogs(
        self,
        visibilities: Sequence[Visibility],
        ids: Sequence[BlogId] = (),
        *,
        before: BlogId | None = None,
        limit: int = 50,
    ) -> list[Blog]:
        """Blogs of these visibilities or with these ids, newest id first, below ``before``."""

    def listed_blogs(self, limit: int) -> list[ListedBlog]:
        """Public blogs that are no demonstration, newest id first."""

    def heads(self, blog_ids: Iterable[BlogId]) -> dict[BlogId, Head]:
        """The heads of these blogs (missing: there is no such blog), in one query."""

    # Entries
    def entry(self, blog_id: BlogId, entry_id: EntryId) -> Entry | None:
        """The entry, whatever its state."""

    def insert_entry(self, blog_id: BlogId, entry: Entry) -> None:
        """Add an entry."""

    def save_entry(self, entry: Entry) -> None:
        """Replace every column of the row with this id."""

    def entries(
        self,
        blog_id: BlogId,
        *,
        before: Place | None = None,
        after: Place | None = None,
        limit: int = 20,
        between: tuple[datetime, datetime] | None = None,
        key: bool = False,
    ) -> list[Entry]:
        """Public entries, tombstones in their places, by (published_at, id), newest first; with
        ``after`` those that follow this place, OLDEST first. Not with both.

        :param between: only those with start <= published_at < end.
        :param key: only published key entries.
        """

    def cards(self, *, before: Place | None = None, limit: int = 20) -> list[Entry]:
        """Published entries marked ``card``, of public blogs, newest first."""

    def running_blogs(self, *, before: Place | None = None, limit: int = 20) -> list[Blog]:
        """Public blogs by (latest publication, or making; id), newest first; below ``before``,
        whose id may be anything's."""

    def entries_by_ordinal(self, blog_id: BlogId, first: int, last: int) -> list[Entry]:
        """The public entries whose ordinal lies in first … last, both included; newest first
        by (published_at, id)."""

    def listed_entries(self, blog_id: BlogId, first: int, last: int) -> list[ListedEntry]:
        """The published entries whose ordinal lies in first … last, by ordinal."""

    def key_entries(self, blog_id: BlogId, start: datetime, end: datetime) -> list[Entry]:
        """Published key entries with start <= published_at < end, OLDEST first."""

    def due_entries(self, now: datetime, limit: int) -> list[tuple[Slug, EntryId]]:
        """Scheduled entries whose publish_at has come, oldest first."""

    def next_due(self, after: datetime) -> datetime | None:
        """The earliest publish_at of a scheduled entry that is later than this."""

    # Days
    def day(self, blog_id: BlogId, day: date) -> Day | None:
        """The day, if it has a roll-up."""

    def days(self, blog_id: BlogId) -> list[Day]:
        """Every day of the blog that has a row, newest first."""

    def latest_day(self, blog_id: BlogId) -> Day | None:
        """The latest day of the blog that has a row."""

    def save_day(self, day: Day) -> None:
        """Insert or replace the row of (blog_id, date)."""

    def open_days(self) -> list[tuple[Slug, str, date]]:
        """Days whose midnight was not seen to yet: slug, the blog's time zone, date."""

    # Revisions
    def insert_revision(self, row: RevisionRow) -> None:
        """Keep one version of an entry's words."""

    def revisions(self, entry_id: EntryId) -> list[RevisionRow]:
        """All kept versions, oldest first."""

    def withhold_revision(self, entry_id: EntryId, revision: Revision) -> bool:
        """Mark one version withheld; False when there is no such version."""

    # The log
    def append_changes(self, blog_id: BlogId, changes: Sequence[Change], by: str) -> None:
        """Add rows to the change log: blog, seq, type, subject, revision, at, by; never text."""

    def changes_after(self, blog_id: BlogId, after: Seq, limit: int) -> list[Change]:
        """Each subject whose newest change has seq > after, once, as it is now, seq ascending,
        at most ``limit`` (the lowest ones). ``Change.type`` of an entry is its ``change``
        column, of a day ``day.revised``, of the blog ``blog.revised``."""

    def newest_changes(self, blog_id: BlogId, after: Seq, limit: int) -> list[Change]:
        """The same, but the ``limit`` HIGHEST ones with seq > after; still given ascending."""

    # The outbox
    def insert_deliveries(self, rows: Sequence[Delivery]) -> None:
        """Add rows, in the transaction of the changes they tell of."""

    def claim_deliveries(
        self, destination: str, now: datetime, until: datetime, limit: int
    ) -> list[Delivery]:
        """The rows of one blog that are due, the one that is longest due first, at most
        ``limit``; nobody else gets them before ``until``, when they come back by themselves.

        It locks no blog, and waits for nobody: rows that another claims now are passed over.
        """

    def delivered(self, ids: Sequence[str]) -> None:
        """Forget rows that are done; those that are gone already do not matter."""

    def put_off(self, ids: Sequence[str], due_at: datetime, error: str | None) -> None:
        """Give claimed rows back for later. With an ``error`` they count one failure more,
        without one they count anew."""

    def backlog(self, destination: str) -> Backlog:
        """How much is still to be told."""

    # Idempotency
    def replay(self, scope: str, key: str) -> Replay | None:
        """What this key was answered with."""

    def insert_replay(self, replay: Replay) -> None:
        """Remember an answer.

        When the key was taken at the same moment by another transaction, the engine rolls back
        and runs the whole function again.
        """

    def purge_replays(self, before: datetime) -> int:
        """Forget answers older than ``before``, except those about entries that are not public
        yet (draft, submitted, scheduled); how many went."""

    # Tokens
    def insert_token(self, token: Token) -> None:
        """Add a token."""

    def tokens(self) -> list[Token]:
        """All tokens, oldest first."""

    def token(self, token_id: str) -> Token | None:
        """The token of this id, revoked or not."""

    def standing(self, who: Iterable[Principal], now: datetime) -> dict[str, Principal]:
        """Those who may still come in, by their credential, as they are allowed *now*: tokens
        that are not revoked, people whose session holds and who are not disabled. In three
        queries at most."""

    def save_token(self, token: Token) -> None:
        """Replace every column of the row with this id."""


class Store(Protocol):
    """A database with our schema in it."""

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` in one read transaction of one moment (REPEATABLE READ, or a SQLite
        read transaction).

        :raises StoreBusy: the database cannot be reached or is busy for longer than it should.
        """

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` in one write transaction (BEGIN IMMEDIATE on SQLite) and commit it.

        When the caller is cancelled the transaction still ends by itself, committed or not.

        :raises StoreBusy: nothing was changed (or, when the answer to COMMIT itself was lost,
            it is not known: the Idempotency-Key makes the repetition safe).
        """

    async def close(self) -> None:
        """End all connections and threads."""
