"""The desk in SQL: what each method promises stands in the contract beside this file."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec
from msgspec.structs import asdict
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    not_,
    select,
    tuple_,
    type_coerce,
    union_all,
    update,
)

from liveblog.model.blog import Blog
from liveblog.model.desk import STATES, TIME_OF, Desk, Wanted, listed_at
from liveblog.model.entry import Entry, RevisionRow, State
from liveblog.store.columns import WORD, Moment
from liveblog.store.desk_contract import DeskTx, ListedAt
from liveblog.store.search import found, index_words
from liveblog.store.tables.desk import desks
from liveblog.store.tables.entries import PUBLIC, RETRACTED, UNSEEN, entries, revisions
from liveblog.store.tables.people import people, tokens
from liveblog.types import BlogId, EntryId, Revision

_BLOG = bindparam("blog", type_=WORD)
_OF_BLOG = entries.c.blog_id == _BLOG
_LIMIT = bindparam("limit", type_=Integer)
_BY = entries.c.by == bindparam("own", type_=WORD)


def _literal(state: State) -> ColumnElement[bool]:
    """Written into the statement, not bound: a partial index is only used for a literal."""
    named: ColumnElement[Any] = literal_column(f"'{state}'")
    return entries.c.state == named


COMING: tuple[State, ...] = ("draft", "submitted", "scheduled")
"""What readers have never seen, and may."""
_IN_STATE: dict[State, ColumnElement[bool]] = {state: _literal(state) for state in STATES}
_IN_STATE |= {state: and_(_IN_STATE[state], UNSEEN) for state in COMING}
_IN_STATE["published"] = and_(_IN_STATE["published"], PUBLIC)
"""Each so that the index that is sorted for this state can be used."""
_TIMES: dict[State, Column[Any]] = {state: entries.c[TIME_OF[state]] for state in STATES}

_COUNTS = select(entries.c.state, func.count()).where(_OF_BLOG).group_by(entries.c.state)
COUNT_OWN = _COUNTS.where(_BY)
COUNT_COMING = _COUNTS.where(UNSEEN, not_(RETRACTED))
COUNT_RETRACTED = select(func.count(), func.count(entries.c.ordinal)).where(
    _OF_BLOG, _IN_STATE["retracted"]
)
"""How many, and how many of these were public."""

AUTHOR_AFTER = (
    select(entries.c.by)
    .where(_OF_BLOG, entries.c.by > bindparam("after", type_=WORD))
    .order_by(entries.c.by)
    .limit(1)
)
"""One step of a walk from author to author: the index is never read from end to end."""

_IDS = bindparam("ids", expanding=True, type_=WORD)
NAMES = union_all(
    *(select(table.c.id, table.c.name).where(table.c.id.in_(_IDS)) for table in (people, tokens))
)

_ABOVE_ALL = 2**31 - 1
LATEST_REVISIONS = (
    select(revisions)
    .where(
        revisions.c.entry_id == bindparam("entry", type_=WORD),
        revisions.c.revision < bindparam("below", type_=Integer),
    )
    .order_by(revisions.c.revision.desc())
    .limit(bindparam("limit", type_=Integer))
)

DESK = select(desks).where(desks.c.blog_id == _BLOG)
INSERT_DESK = insert(desks)
SAVE_DESK = (
    update(desks)
    .where(desks.c.blog_id == bindparam("key", type_=WORD))
    .values({c.name: bindparam(c.name, type_=c.type) for c in desks.columns if not c.primary_key})
)


def listing(state: State, wanted: Wanted, *, below: bool) -> Select[Any]:
    """The statement that lists entries of one state, from an index that has them in order.

    :param below: from a place on (``at``, ``id``).
    """
    time = _TIMES[state]
    found = select(entries).where(_OF_BLOG, _IN_STATE[state], *_asked(wanted))
    if below:
        found = found.where(_below(time))
    return found.order_by(time.desc(), entries.c.id.desc()).limit(_LIMIT)


def hits(dialect: str, blog_id: BlogId, wanted: Wanted, *, below: bool) -> Select[Any]:
    """The statement that lists what has the terms, in all states at once: the index is asked
    first, and only so many whole entries are read as are shown."""
    times = [(entries.c.state == state, _TIMES[state]) for state in wanted.states]
    time = case(*times, else_=entries.c.created_at)
    states = entries.c.state.in_(wanted.states)
    ids = select(entries.c.id).where(_OF_BLOG, states, *_asked(wanted))
    ids = ids.where(found(dialect, blog_id, wanted.terms))
    if below:
        ids = ids.where(_below(time))
    ids = ids.order_by(time.desc(), entries.c.id.desc()).limit(_LIMIT)
    return select(entries).where(entries.c.id.in_(ids.subquery().select()))


def _below(time: ColumnElement[Any]) -> ColumnElement[bool]:
    place = tuple_(bindparam("at", type_=Moment), bindparam("id", type_=WORD))
    return tuple_(time, entries.c.id) < place


def _asked(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.own is not None:
        yield _BY
    if wanted.author is not None:
        yield entries.c.by == bindparam("author", type_=WORD)
    if wanted.kind is not None:
        yield entries.c.kind == bindparam("kind", type_=WORD)
    if wanted.key is not None:
        yield entries.c.key.is_(wanted.key)
    if wanted.tag is not None:
        yield _tagged(wanted.tag)


def _tagged(tag: str) -> ColumnElement[bool]:
    """Whether the tag is in the list, which is JSON: a text inside it begins after a bracket or
    a comma, and a quote inside a text is escaped."""
    named = msgspec.json.encode(tag).decode()
    tags = type_coerce(entries.c.tags, Text)
    without = func.replace(func.replace(tags, f"[{named}", ""), f",{named}", "")
    changed: ColumnElement[bool] = without != tags
    return changed


class SqlDesk(DeskTx):
    """A :class:`~liveblog.store.desk_contract.DeskTx` on a connection inside a transaction."""

    _connection: Connection

    def desk_entries(
        self, blog_id: BlogId, wanted: Wanted, *, before: ListedAt | None = None, limit: int = 20
    ) -> list[Entry]:
        values = {"blog": blog_id, "limit": limit, **(before._asdict() if before else {})}
        values |= {"own": wanted.own, "author": wanted.author, "kind": wanted.kind}
        below = before is not None
        if wanted.terms:
            statements = [hits(self._connection.dialect.name, blog_id, wanted, below=below)]
        else:
            # So many of each state, from an index each, are enough to cut the right ones from.
            statements = [listing(state, wanted, below=below) for state in wanted.states]
        lists = [self._connection.execute(statement, values) for statement in statements]
        rows = [Entry(*row) for row in chain.from_iterable(lists)]
        return sorted(rows, key=lambda e: (listed_at(e), e.id), reverse=True)[:limit]

    def index_words(self, entry: Entry, *, new: bool) -> None:
        index_words(self._connection, entry, new=new)

    def desk_counts(self, blog: Blog, own: str | None = None) -> dict[State, int]:
        counts: dict[State, int] = dict.fromkeys(STATES, 0)
        if own is not None:
            rows = self._connection.execute(COUNT_OWN, {"blog": blog.id, "own": own})
            return counts | _pairs(rows)
        counts |= _pairs(self._connection.execute(COUNT_COMING, {"blog": blog.id}))
        ((gone, seen),) = self._connection.execute(COUNT_RETRACTED, {"blog": blog.id})
        # What is published is not counted: a large blog would be read from end to end.
        return counts | {"published": blog.count - seen, "retracted": gone}

    def latest_revisions(
        self, entry_id: EntryId, *, before: Revision | None = None, limit: int
    ) -> list[RevisionRow]:
        below = before if before is not None else _ABOVE_ALL
        values = {"entry": entry_id, "below": below, "limit": limit}
        return [RevisionRow(*row) for row in self._connection.execute(LATEST_REVISIONS, values)]

    def author_after(self, blog_id: BlogId, after: str) -> str | None:
        values = {"blog": blog_id, "after": after}
        found: str | None = self._connection.execute(AUTHOR_AFTER, values).scalar()
        return found

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        rows = self._connection.execute(NAMES, {"ids": list(ids)})
        return _pairs(rows)

    def desk(self, blog_id: BlogId) -> Desk:
        row = self._connection.execute(DESK, {"blog": blog_id}).first()
        return Desk(blog_id) if row is None else Desk(*row)

    def save_desk(self, desk: Desk) -> None:
        values = asdict(desk)
        saved = self._connection.execute(SAVE_DESK, values | {"key": values.pop("blog_id")})
        if saved.rowcount == 0:
            self._connection.execute(INSERT_DESK, asdict(desk))


def _pairs(rows: Iterable[Any]) -> dict[Any, Any]:
    return {row[0]: row[1] for row in rows}
