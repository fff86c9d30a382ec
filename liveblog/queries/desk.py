"""Reading at the desk: entries in every state, for those who work on them.

Who may only submit sees what they made themselves, editors see everything of the blog.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from liveblog.errors import NotFound
from liveblog.model.blog import Blog
from liveblog.model.desk import Wanted, listed_at
from liveblog.model.entry import Entry, RevisionRow
from liveblog.model.permissions import Principal, own_of, require_desk
from liveblog.queries.places import parse_place, write_place
from liveblog.store.contract import Store, Tx
from liveblog.store.desk_contract import ListedAt
from liveblog.text import word_diff
from liveblog.types import BlogId, EntryId, Revision, Slug
from liveblog.wire.desk import (
    Author,
    Authors,
    DeskEntry,
    DeskHistory,
    DeskList,
    DeskRevision,
    DeskView,
    DeskViews,
    DiffPiece,
    author,
)

T = TypeVar("T")

MOST_AUTHORS = 200
"""Of a blog, in the list to choose from."""

LONG = 20_000
"""Characters from which versions are compared in a thread."""


class DeskQueries:
    """All reading at the desk. Every method raises what :func:`require_desk` raises for
    ``submit``."""

    def __init__(self, store: Store, views: DeskViews) -> None:
        self._store = store
        self._views = views

    async def _at(self, slug: Slug, who: Principal, work: Callable[[Tx, Blog], T]) -> T:
        def at_desk(tx: Tx) -> T:
            return work(tx, require_desk(who, "submit", tx.blog(slug)))

        return await self._store.read(at_desk)

    async def desk(self, slug: Slug, who: Principal) -> DeskView:
        """The blog as its desk sees it."""

        def work(tx: Tx, blog: Blog) -> DeskView:
            counts = tx.desk_counts(blog, own_of(who, blog.id))
            desk = tx.desk(blog.id)
            return self._views.desk(blog, desk, who, counts, tx.names([desk.by]))

        return await self._at(slug, who, work)

    async def entries(
        self, slug: Slug, who: Principal, wanted: Wanted, before: str | None, limit: int
    ) -> DeskList:
        """A page of entries, newest first by the time that matters for their state.

        :param before: the ``next`` of the page before.
        :raises BadRequest: ``before`` is none of ours.
        """
        place = ListedAt(*parse_place(before)) if before else None

        def work(tx: Tx, blog: Blog) -> DeskList:
            asked = replace(wanted, own=own_of(who, blog.id))
            rows = tx.desk_entries(blog.id, asked, before=place, limit=limit + 1)
            shown = rows[:limit]
            names = tx.names({row.by for row in shown})
            receipts = tx.received(row.id for row in shown)
            last = shown[-1] if len(rows) > limit else None
            return DeskList(
                tuple(self._views.entry(row, slug, names, receipts) for row in shown),
                write_place(listed_at(last), last.id) if last else None,
            )

        return await self._at(slug, who, work)

    async def authors(self, slug: Slug, who: Principal) -> Authors:
        """Whose entries can be asked for, by name: those who made any, as far as the asker may
        see them; of more than :data:`MOST_AUTHORS` some."""

        def work(tx: Tx, blog: Blog) -> Authors:
            own = own_of(who, blog.id)
            ids = [own] if own is not None else list(_authors(tx, blog.id))
            named = [Author(*one) for one in tx.names(ids).items()]
            return Authors(tuple(sorted(named, key=lambda one: (one.name.casefold(), one.id))))

        return await self._at(slug, who, work)

    async def entry(self, slug: Slug, entry_id: EntryId, who: Principal) -> DeskEntry:
        """One entry, whatever its state.

        :raises NotFound: it is not there, for this asker.
        """

        def work(tx: Tx, blog: Blog) -> DeskEntry:
            entry = _visible(tx, blog, entry_id, who)
            receipts = tx.received([entry.id])
            return self._views.entry(entry, slug, tx.names([entry.by]), receipts)

        return await self._at(slug, who, work)

    async def revisions(
        self, slug: Slug, entry_id: EntryId, who: Principal, before: Revision | None, limit: int
    ) -> DeskHistory:
        """What an entry said before, the newest first, each with what changed in it.

        :raises NotFound: the entry is not there, for this asker.
        """

        def work(tx: Tx, blog: Blog) -> tuple[list[RevisionRow], Mapping[str, str]]:
            _visible(tx, blog, entry_id, who)
            # One more: the last one shown is compared with it.
            rows = tx.latest_revisions(entry_id, before=before, limit=limit + 1)
            return rows, tx.names({row.by for row in rows})

        rows, names = await self._at(slug, who, work)
        if sum(len(row.text) for row in rows) < LONG:
            return history(rows, names, limit)
        # Comparing two long texts takes some 20 ms: no reader is to wait for it.
        return await asyncio.to_thread(history, rows, names, limit)


def _authors(tx: Tx, blog_id: BlogId) -> Iterator[str]:
    last = ""
    for _ in range(MOST_AUTHORS):
        following = tx.author_after(blog_id, last)
        if following is None:
            return
        yield following
        last = following


def history(rows: Sequence[RevisionRow], names: Mapping[str, str], limit: int) -> DeskHistory:
    """So many versions of the rows, which are the newest first."""
    shown = tuple(
        DeskRevision(
            revision=row.revision,
            at=row.at,
            by=author(row.by, names),
            edit=row.edit,
            withheld=row.withheld,
            public=row.public,
            headline=row.headline,
            body=row.body,
            text=row.text,
            diff=None if older is None else _diff(older, row),
        )
        for row, older in zip(rows[:limit], (*rows[1:], None), strict=False)
    )
    return DeskHistory(shown, shown[-1].revision if len(rows) > limit else None)


def _diff(older: RevisionRow, row: RevisionRow) -> tuple[DiffPiece, ...]:
    before, after = ("\n".join(filter(None, (one.headline, one.text))) for one in (older, row))
    return tuple(DiffPiece(piece.kind, piece.text) for piece in word_diff(before, after))


def _visible(tx: Tx, blog: Blog, entry_id: EntryId, who: Principal) -> Entry:
    entry = tx.entry(blog.id, entry_id)
    if entry is None or own_of(who, blog.id) not in (None, entry.by):
        raise NotFound("There is no entry of this id.")
    return entry
