"""Reading media: the library of a blog, and who may see a file."""

from typing import NamedTuple

from msgspec import Struct

from liveblog.errors import Gone, NotFound
from liveblog.model.blog import Visibility
from liveblog.model.media import Medium, fold, media_path
from liveblog.model.permissions import (
    Principal,
    may_read,
    own_of,
    require,
    require_desk,
    require_read,
)
from liveblog.store.contract import Store, Tx
from liveblog.types import MediumId, Slug
from liveblog.wire.links import Links
from liveblog.wire.media import MediumView, medium_view

WORDS = 8
"""Words of a search that are looked at."""


class Library(Struct, frozen=True):
    """Media of a blog, newest first; ``next`` is the id to go on below, null at the end."""

    media: tuple[MediumView, ...]
    next: MediumId | None


class Seen(NamedTuple):
    """A file that somebody may see. ``published`` says whether readers of the blog may, too."""

    slug: Slug
    visibility: Visibility
    type: str
    published: bool


class MediaQueries:
    """All reading of media. ``who`` is the principal that asks, or None."""

    def __init__(self, store: Store, links: Links) -> None:
        self._store = store
        self._links = links

    async def library(
        self,
        slug: Slug,
        who: Principal | None,
        *,
        before: MediumId | None = None,
        asked: str = "",
        limit: int = 50,
    ) -> Library:
        """The media of a blog that say all of these words, in the file or in an entry that the
        asker may see.

        :raises NotAuthenticated, NotAllowed, NotFound: as :func:`require_desk` does.
        """
        words = fold(asked).split()[:WORDS]

        def work(tx: Tx) -> Library:
            blog = require_desk(who, "submit", tx.blog(slug))
            own = own_of(require(who, "submit", blog), blog.id)
            rows = tx.media(blog.id, before=before, words=words, own=own, limit=limit + 1)
            shown = rows[:limit]
            uses = tx.count_uses([row.id for row in shown])
            views = tuple(medium_view(row, slug, uses.get(row.id, 0), self._links) for row in shown)
            return Library(views, shown[-1].id if len(rows) > limit else None)

        return await self._store.read(work)

    async def medium(self, slug: Slug, medium_id: MediumId, who: Principal | None) -> MediumView:
        """One medium of the library.

        :raises NotFound: there is none of this id in the blog.
        """

        def work(tx: Tx) -> MediumView:
            blog = require_desk(who, "submit", tx.blog(slug))
            medium = tx.media_of(blog.id, [medium_id]).get(medium_id)
            if medium is None:
                raise NotFound("There is no medium of this id.")
            uses = tx.count_uses([medium_id]).get(medium_id, 0)
            return medium_view(medium, slug, uses, self._links)

        return await self._store.read(work)

    async def file(self, medium_id: MediumId, file: str, who: Principal | None) -> Seen:
        """Whether somebody may see a file, as it is at this moment.

        :raises NotFound: there is no such file, or no published entry shows it.
        :raises Gone: entries showed it, and all of them are retracted.
        :raises NotAuthenticated, NotAllowed: the blog is private.
        """
        return await self._store.read(lambda tx: _file(tx, medium_id, file, who))


def _file(tx: Tx, medium_id: MediumId, file: str, who: Principal | None) -> Seen:
    medium = tx.medium(medium_id)
    kind = _type_of(medium, file) if medium is not None and medium.state == "ready" else None
    blog = tx.blog_by_id(medium.blog_id) if medium is not None else None
    if blog is None or kind is None:
        raise NotFound()
    if not may_read(who, blog.id, blog.visibility) and blog.visibility == "draft":
        raise NotFound()
    shown = tx.shown_in(medium_id)
    published = any(entry.state == "published" for entry in shown)
    if published:
        require_read(who, blog)
    elif who is None or not who.has("submit", blog.id):
        if not any(entry.public for entry in shown):
            raise NotFound()
        require_read(who, blog)
        raise Gone(message="The entry that showed this was retracted.")
    return Seen(blog.slug, blog.visibility, kind, published)


def _type_of(medium: Medium, file: str) -> str | None:
    path = media_path(medium.id, file)
    return next((one.type for one in medium.renditions if one.url == path), None)
