"""The transaction both engines hand out: what each method promises stands in the contract."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar, cast

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, CursorResult, Executable, Select, Table, Update

from liveblog.errors import Conflict, LiveblogError
from liveblog.model.blog import Blog, Visibility
from liveblog.model.change import Change
from liveblog.model.day import Day
from liveblog.model.entry import Entry, RevisionRow
from liveblog.model.permissions import Principal, Token
from liveblog.store import statements
from liveblog.store.contract import (
    Backlog,
    Delivery,
    Head,
    ListedBlog,
    ListedEntry,
    Place,
    Replay,
    Tx,
)
from liveblog.store.desk import SqlDesk
from liveblog.store.embeds import SqlEmbeds
from liveblog.store.media import SqlMedia
from liveblog.store.people import SqlPeople
from liveblog.store.push import SqlPush
from liveblog.store.receipts import SqlReceipts
from liveblog.store.tables.blogs import blogs, days
from liveblog.store.tables.entries import entries
from liveblog.store.tables.people import tokens
from liveblog.types import BlogId, EntryId, Revision, Seq, Slug

S = TypeVar("S", bound=Struct)


class SqlTx(SqlDesk, SqlPeople, SqlPush, SqlMedia, SqlReceipts, SqlEmbeds, Tx):
    """A :class:`~liveblog.store.contract.Tx` on an SQLAlchemy connection inside a transaction.

    It neither begins nor ends the transaction: the engine does.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # The few ways to ask
    def _run(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        return self._connection.execute(statement, values)

    def _rows(self, statement: Executable, **values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._run(statement, values)]

    def _one(self, kind: type[S], statement: Select[Any], **values: Any) -> S | None:
        row = self._run(statement, values).first()
        return None if row is None else kind(*row)

    def _many(self, kind: type[S], statement: Select[Any], **values: Any) -> list[S]:
        return [kind(*row) for row in self._run(statement, values)]

    def _replace(self, table: Table, statement: Update, value: Struct) -> bool:
        """Write all columns of the row with the value's key; False when there is none."""
        values = asdict(value)
        for column in table.primary_key.columns:
            values[f"key_{column.name}"] = values.pop(column.name)
        return self._run(statement, values).rowcount == 1

    def _save(self, table: Table, statement: Update, value: Struct) -> None:
        if not self._replace(table, statement, value):
            raise LiveblogError(f"A row of {table.name} was to be replaced that does not exist.")

    # Blogs
    def blog(self, slug: Slug) -> Blog | None:
        return self._one(Blog, statements.BLOG_BY_SLUG, slug=slug)

    def blog_by_id(self, blog_id: BlogId) -> Blog | None:
        return self._one(Blog, statements.BLOG_BY_ID, id=blog_id)

    def lock_blog(self, slug: Slug) -> Blog | None:
        return self._one(Blog, statements.LOCK_BLOG, slug=slug)

    def insert_blog(self, blog: Blog) -> None:
        # Two at the same moment (PostgreSQL): the later one breaks the unique key, is run
        # again by the engine and then finds the blog here.
        if self.blog(blog.slug) is not None:
            raise Conflict(f"There is already a blog with the name {blog.slug}; take another one.")
        self._run(statements.INSERT_BLOG, asdict(blog))

    def save_blog(self, blog: Blog) -> None:
        self._save(blogs, statements.SAVE_BLOG, blog)

    def blogs(
        self,
        visibilities: Sequence[Visibility],
        ids: Sequence[BlogId] = (),
        *,
        before: BlogId | None = None,
        limit: int = 50,
    ) -> list[Blog]:
        values = {"visibilities": list(visibilities), "ids": list(ids), "limit": limit}
        below = {} if before is None else {"before": before}
        return self._many(Blog, statements.BLOGS[before is not None], **values, **below)

    def listed_blogs(self, limit: int) -> list[ListedBlog]:
        return [ListedBlog(*row) for row in self._rows(statements.LISTED_BLOGS, limit=limit)]

    def heads(self, blog_ids: Iterable[BlogId]) -> dict[BlogId, Head]:
        rows = self._rows(statements.HEADS, ids=list(blog_ids))
        return {blog_id: Head(epoch, seq) for blog_id, epoch, seq in rows}

    # Entries
    def entry(self, blog_id: BlogId, entry_id: EntryId) -> Entry | None:
        return self._one(Entry, statements.ENTRY, blog=blog_id, id=entry_id)

    def insert_entry(self, blog_id: BlogId, entry: Entry) -> None:
        self._run(statements.INSERT_ENTRY, asdict(entry) | {"blog_id": blog_id})

    def save_entry(self, entry: Entry) -> None:
        self._save(entries, statements.SAVE_ENTRY, entry)

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
        values: dict[str, Any] = {"blog": blog_id, "limit": limit}
        if place := before or after:
            values |= place._asdict()
        if between is not None:
            values["start"], values["end"] = between
        beyond = "before" if before else "after" if after else ""
        which = (beyond, between is not None, key)
        return self._many(Entry, statements.ENTRIES[which], **values)

    def cards(self, *, before: Place | None = None, limit: int = 20) -> list[Entry]:
        below = before._asdict() if before else {}
        return self._many(Entry, statements.CARDS[before is not None], limit=limit, **below)

    def running_blogs(self, *, before: Place | None = None, limit: int = 20) -> list[Blog]:
        below = before._asdict() if before else {}
        return self._many(Blog, statements.RUNNING[before is not None], limit=limit, **below)

    def entries_by_ordinal(self, blog_id: BlogId, first: int, last: int) -> list[Entry]:
        return self._many(
            Entry, statements.ENTRIES_BY_ORDINAL, blog=blog_id, first=first, last=last
        )

    def listed_entries(self, blog_id: BlogId, first: int, last: int) -> list[ListedEntry]:
        rows = self._rows(statements.LISTED_ENTRIES, blog=blog_id, first=first, last=last)
        return [ListedEntry(*row) for row in rows]

    def key_entries(self, blog_id: BlogId, start: datetime, end: datetime) -> list[Entry]:
        return self._many(Entry, statements.KEY_ENTRIES, blog=blog_id, start=start, end=end)

    def due_entries(self, now: datetime, limit: int) -> list[tuple[Slug, EntryId]]:
        rows = self._rows(statements.DUE_ENTRIES, now=now, limit=limit)
        return [(slug, entry_id) for slug, entry_id in rows]

    def next_due(self, after: datetime) -> datetime | None:
        ((found,),) = self._rows(statements.NEXT_DUE, after=after)
        return cast(datetime | None, found)

    # Days
    def day(self, blog_id: BlogId, day: date) -> Day | None:
        return self._one(Day, statements.DAY, blog=blog_id, date=day)

    def days(self, blog_id: BlogId) -> list[Day]:
        return self._many(Day, statements.DAYS, blog=blog_id)

    def latest_day(self, blog_id: BlogId) -> Day | None:
        return self._one(Day, statements.LATEST_DAY, blog=blog_id)

    def save_day(self, day: Day) -> None:
        # No race between the two: the blog's row is locked.
        if not self._replace(days, statements.SAVE_DAY, day):
            self._run(statements.INSERT_DAY, asdict(day))

    def open_days(self) -> list[tuple[Slug, str, date]]:
        return [(slug, zone, day) for slug, zone, day in self._rows(statements.OPEN_DAYS)]

    # Revisions
    def insert_revision(self, row: RevisionRow) -> None:
        self._run(statements.INSERT_REVISION, asdict(row))

    def revisions(self, entry_id: EntryId) -> list[RevisionRow]:
        return self._many(RevisionRow, statements.REVISIONS, id=entry_id)

    def withhold_revision(self, entry_id: EntryId, revision: Revision) -> bool:
        values = {"key_entry_id": entry_id, "key_revision": revision}
        return self._run(statements.WITHHOLD, values).rowcount == 1

    # The log
    def append_changes(self, blog_id: BlogId, changes: Sequence[Change], by: str) -> None:
        rows = [
            {
                "blog_id": blog_id,
                "seq": change.seq,
                "type": change.type,
                "subject": change.subject,
                "revision": change.value.revision,
                "at": change.at,
                "by": by,
            }
            for change in changes
        ]
        if rows:
            self._run(statements.APPEND_CHANGES, rows)

    def changes_after(self, blog_id: BlogId, after: Seq, limit: int) -> list[Change]:
        return self._changed(blog_id, after, limit, newest=False)[:limit]

    def newest_changes(self, blog_id: BlogId, after: Seq, limit: int) -> list[Change]:
        return self._changed(blog_id, after, limit, newest=True)[-limit:] if limit > 0 else []

    def _changed(self, blog_id: BlogId, after: Seq, limit: int, newest: bool) -> list[Change]:
        """Up to ``limit`` subjects of each sort, by seq: enough to cut the right ones from.

        Each subject carries the seq of its newest change, so the log itself is not read and
        the answer costs what it shows, not what happened. What is not public has seq 0.
        """
        asked = {"blog": blog_id, "after": max(after, 0)}
        many = asked | {"limit": limit}
        found = [
            # The schema's CHECKs see to it that what has a seq has the other two.
            Change(e.seq, cast(Any, e.change), cast(datetime, e.changed_at), e)
            for e in self._many(Entry, statements.CHANGED_ENTRIES[newest], **many)
        ]
        found += [
            Change(d.seq, "day.revised", cast(datetime, d.changed_at), d)
            for d in self._many(Day, statements.CHANGED_DAYS[newest], **many)
        ]
        blog = self._one(Blog, statements.CHANGED_BLOG, **asked)
        if blog is not None:
            found.append(Change(blog.seq, "blog.revised", blog.updated_at, blog))
        return sorted(found, key=lambda change: change.seq)

    # The outbox
    def insert_deliveries(self, rows: Sequence[Delivery]) -> None:
        if rows:
            self._run(statements.INSERT_DELIVERIES, [asdict(row) for row in rows])

    def claim_deliveries(
        self, destination: str, now: datetime, until: datetime, limit: int
    ) -> list[Delivery]:
        due = self._many(
            Delivery, statements.DUE_DELIVERIES, destination=destination, now=now, limit=limit
        )
        mine = [row for row in due if row.blog_id == due[0].blog_id]
        if mine:
            self._run(statements.CLAIM, {"ids": [row.id for row in mine], "until": until})
        return mine

    def delivered(self, ids: Sequence[str]) -> None:
        self._run(statements.DELIVERED, {"ids": list(ids)})

    def put_off(self, ids: Sequence[str], due_at: datetime, error: str | None) -> None:
        failed = 0 if error is None else 1
        values = {"ids": list(ids), "due": due_at, "failed": failed, "why": error}
        self._run(statements.PUT_OFF, values)

    def backlog(self, destination: str) -> Backlog:
        ((waiting, oldest),) = self._rows(statements.BACKLOG, destination=destination)
        return Backlog(waiting, oldest)

    # Idempotency
    def replay(self, scope: str, key: str) -> Replay | None:
        return self._one(Replay, statements.REPLAY, scope=scope, key=key)

    def insert_replay(self, replay: Replay) -> None:
        self._run(statements.INSERT_REPLAY, asdict(replay))

    def purge_replays(self, before: datetime) -> int:
        return self._run(statements.PURGE_REPLAYS, {"before": before}).rowcount

    # Tokens
    def insert_token(self, token: Token) -> None:
        self._run(statements.INSERT_TOKEN, asdict(token))

    def tokens(self) -> list[Token]:
        return self._many(Token, statements.TOKENS)

    def token(self, token_id: str) -> Token | None:
        return self._one(Token, statements.TOKEN, id=token_id)

    def standing(self, who: Iterable[Principal], now: datetime) -> dict[str, Principal]:
        asked = list(who)
        ids = {one.id for one in asked if not one.person}
        digests = {one.session for one in asked if one.person}
        found: dict[str, Principal] = {}
        if ids:
            tokens = self._many(Token, statements.STANDING_TOKENS, ids=list(ids))
            found |= {token.id: token.principal for token in tokens}
        if digests:
            people = self.signed_in(digests, now)
            found |= {digest: one.principal for digest, one in people.items()}
        return found

    def save_token(self, token: Token) -> None:
        self._save(tokens, statements.SAVE_TOKEN, token)
