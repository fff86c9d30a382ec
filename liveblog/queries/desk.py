"""Reading at the desk: entries in every state, for those who work on them.

Who may only submit sees what they made themselves, editors see everything of the blog.
"""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from liveblog.errors import NotFound
from liveblog.model.blog import Blog
from liveblog.model.desk import Wanted, listed_at
from liveblog.model.permissions import Principal, own_of, require_desk
from liveblog.queries.places import parse_place, write_place
from liveblog.store.contract import Store, Tx
from liveblog.store.desk_contract import ListedAt
from liveblog.types import EntryId, Slug
from liveblog.wire.desk import DeskEntry, DeskList, DeskView, DeskViews

T = TypeVar("T")


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
            last = shown[-1] if len(rows) > limit else None
            return DeskList(
                tuple(self._views.entry(row, slug, names) for row in shown),
                write_place(listed_at(last), last.id) if last else None,
            )

        return await self._at(slug, who, work)

    async def entry(self, slug: Slug, entry_id: EntryId, who: Principal) -> DeskEntry:
        """One entry, whatever its state.

        :raises NotFound: it is not there, for this asker.
        """

        def work(tx: Tx, blog: Blog) -> DeskEntry:
            entry = tx.entry(blog.id, entry_id)
            if entry is None or own_of(who, blog.id) not in (None, entry.by):
                raise NotFound("There is no entry of this id.")
            return self._views.entry(entry, slug, tx.names([entry.by]))

        return await self._at(slug, who, work)
