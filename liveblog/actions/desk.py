"""The desk: what editors tell each other, and what an entry would look like."""

from msgspec import UNSET
from msgspec.structs import replace

from liveblog.errors import MatchRequired, Moved
from liveblog.model.blog import Blog
from liveblog.model.desk import Desk
from liveblog.model.entry import Entry
from liveblog.model.permissions import Principal, require_desk
from liveblog.model.rules import check_entry
from liveblog.store.contract import Tx
from liveblog.types import BlogId, Revision, Slug
from liveblog.wire.desk import DeskView, DeskViews
from liveblog.wire.desk_live import DeskRevisedHint
from liveblog.wire.requests import NewEntry, PatchDesk

from .door import Ask, Door, who_of
from .entries import render
from .publishing import demand, made
from .showing import with_media


class DeskActions:
    """What can be done at the desk of a blog, besides working on its entries."""

    def __init__(self, door: Door, views: DeskViews) -> None:
        self._door = door
        self._views = views

    async def preview(self, slug: Slug, new: NewEntry, who: Principal) -> tuple[Entry, Blog]:
        """The entry that this would make, as it would be published now; nothing is kept.

        :raises Invalid: a field is wrong.
        """
        words = await render(new.body, self._door.texts)
        now = self._door.clock()

        def work(tx: Tx) -> tuple[Entry, Blog]:
            blog = require_desk(who, "submit", tx.blog(slug))
            # As a draft: a picture that is still being prepared does not keep it back.
            draft = replace(made(new, words, blog, now), state="draft")
            entry = with_media(tx, draft, self._door.links)
            demand(check_entry(entry, now))
            when = entry.published_at or entry.publish_at or now
            return replace(entry, state="published", published_at=when, updated_at=when), blog

        return await self._door.store.read(work)

    async def revise(self, slug: Slug, patch: PatchDesk, ask: Ask) -> DeskView:
        """Change the hand-over note, or who is on duty; the desk as it is then. It takes no
        number: readers hear nothing of it.

        :raises MatchRequired, Moved: If-Match is missing or out of date.
        """

        def work(tx: Tx) -> tuple[DeskView, BlogId | None]:
            blog = require_desk(ask.who, "write", tx.lock_blog(slug))
            before = tx.desk(blog.id)
            if ask.match is None:
                raise MatchRequired()
            if ask.match != before.revision:
                raise Moved(self._view(tx, blog, before, ask), before.revision)
            desk = self._changed(before, patch, ask)
            if desk != before:
                desk = replace(desk, revision=Revision(before.revision + 1))
                tx.save_desk(desk)
            return self._view(tx, blog, desk, ask), blog.id if desk != before else None

        view, changed = await self._door.store.write(work)
        if changed is not None:
            self._door.tell_desks(changed, DeskRevisedHint(view.revision, who_of(ask)))
        return view

    def _view(self, tx: Tx, blog: Blog, desk: Desk, ask: Ask) -> DeskView:
        assert ask.who is not None, "who may write has asked"
        counts = tx.desk_counts(blog)
        return self._views.desk(blog, desk, ask.who, counts, tx.names([desk.by]))

    def _changed(self, desk: Desk, patch: PatchDesk, ask: Ask) -> Desk:
        if patch.duty is not UNSET:
            desk = replace(desk, duty=patch.duty)
        if patch.hand_over is not UNSET and patch.hand_over != desk.hand_over:
            now = self._door.clock()
            desk = replace(desk, hand_over=patch.hand_over, by=ask.by, at=now)
        return desk
