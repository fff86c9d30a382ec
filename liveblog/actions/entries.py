"""Entries: publish, revise, retract, restore; drafts and scheduled ones on the way there."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from liveblog.errors import Conflict, FieldError, Invalid, MatchRequired, Moved, NotFound
from liveblog.model.blog import Blog
from liveblog.model.entry import Edit, Entry, outranks, words_differ
from liveblog.model.ids import new_id
from liveblog.model.permissions import require, require_entry
from liveblog.model.rules import check_entry
from liveblog.text import Rendered, render_markdown
from liveblog.types import EntryId, Revision, Slug
from liveblog.wire.messages import entry_view
from liveblog.wire.requests import EditNote, NewEntry, PatchEntry, given

from .door import Ask, Door, Outcome, each
from .showing import with_media
from .turn import Turn

LONG = 5_000
"""Characters from which Markdown is rendered in a thread, so that no reader waits for it."""


async def render(body: str) -> Rendered:
    """Markdown to safe HTML and plain text."""
    if len(body) > LONG:
        return await asyncio.to_thread(render_markdown, body)
    return render_markdown(body)


class EntryActions:
    """What can be done with entries; each returns an Outcome with the entry."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def create(self, slug: Slug, new: NewEntry, ask: Ask) -> Outcome:
        """Make an entry: published at once, or a draft, submitted, scheduled.

        :raises Invalid: a field is wrong. :raises Conflict: the blog is closed.
        """
        words = await render(new.body)

        def work(turn: Turn) -> Outcome:
            state = new.state or ("scheduled" if new.publish_at else "published")
            require(ask.who, "submit" if state in ("draft", "submitted") else "write", turn.blog)
            entry = made(new, words, turn.blog, turn.now)
            entry = replace(entry, state=state, by=ask.by)
            entry = with_media(turn.tx, entry, self._door.links)
            demand(check_entry(entry, turn.now))
            if state == "published" and entry.publish_at and entry.publish_at > turn.now:
                told = (
                    "This is in the future: leave state out to schedule, or publish_at to publish."
                )
                raise Invalid(FieldError("publish_at", told))
            if state == "published":
                return Outcome(201, publish(turn, entry, None), turn.blog)
            return Outcome(201, turn.keep(entry, None), turn.blog)

        return await self._door.turn(slug, ask, work)

    async def revise(self, slug: Slug, entry_id: EntryId, patch: PatchEntry, ask: Ask) -> Outcome:
        """Change an entry; a PATCH with a state moves one that is not public yet.

        :raises MatchRequired, Moved: If-Match is missing or out of date.
        """
        words = await render(patch.body) if patch.body is not UNSET else None

        def work(turn: Turn) -> Outcome:
            before = self._entry(turn, entry_id, ask)
            fields = given(patch)
            note = fields.pop("edit")
            if words is not None:
                fields |= {"html": words.html, "text": words.text}
            target = fields.pop("state", None)
            entry = replace(before, revision=Revision(before.revision + 1), **fields)
            if before.state == "retracted":
                raise Conflict("This entry is retracted; restore it before changing it.")
            if before.state == "published":
                if target not in (None, "published"):
                    raise Conflict("A published entry cannot become a draft again; retract it.")
                entry = with_media(turn.tx, entry, self._door.links)
                entry = mark(turn, entry, before, note)
                return Outcome(200, revise(turn, entry, before), turn.blog)
            entry = replace(entry, state=target or before.state, updated_at=turn.now)
            if entry.state in ("scheduled", "published"):
                require(ask.who, "write", turn.blog)
            entry = with_media(turn.tx, entry, self._door.links)
            demand(check_entry(entry, turn.now))
            if entry.state == "published":
                return Outcome(200, publish(turn, entry, before), turn.blog)
            return Outcome(200, turn.keep(entry, before), turn.blog)

        return await self._door.turn(slug, ask, work)

    async def retract(
        self, slug: Slug, entry_id: EntryId, note: str | None, ask: Ask, *, status: int = 200
    ) -> Outcome:
        """Withdraw an entry: a tombstone stays, no word does. One that was never public is
        thrown away without a trace for readers."""

        def work(turn: Turn) -> Outcome:
            before = self._entry(turn, entry_id, ask)
            if before.state == "retracted":
                return Outcome(status, before, turn.blog)
            entry = replace(
                before,
                state="retracted",
                pinned=False,
                revision=Revision(before.revision + 1),
                retracted_at=turn.now,
                note=note,
            )
            turn.unpin(entry)
            if not before.public:
                return Outcome(status, turn.keep(entry, before), turn.blog)
            return Outcome(status, turn.put(entry, "entry.retracted", before), turn.blog)

        return await self._door.turn(slug, ask, work)

    async def restore(self, slug: Slug, entry_id: EntryId, ask: Ask) -> Outcome:
        """Bring a retracted entry back, in its old place; one that was never public comes
        back as a draft."""

        def work(turn: Turn) -> Outcome:
            before = self._entry(turn, entry_id, ask)
            if before.state != "retracted":
                raise Conflict("Only a retracted entry can be restored.")
            revision = Revision(before.revision + 1)
            entry = replace(before, revision=revision, retracted_at=None, note=None)
            if not before.public:
                return Outcome(200, turn.keep(replace(entry, state="draft"), before), turn.blog)
            entry = replace(entry, state="published")
            return Outcome(200, turn.put(entry, "entry.revised", before), turn.blog)

        return await self._door.turn(slug, ask, work)

    async def withhold(
        self, slug: Slug, entry_id: EntryId, revision: Revision, ask: Ask
    ) -> Outcome:
        """Take the words of one old version out of the public history; time and note stay.

        :raises Conflict: it is the version that stands.
        """

        def work(turn: Turn) -> Outcome:
            require(ask.who, "write", turn.blog)
            entry = turn.tx.entry(turn.blog.id, entry_id)
            if entry is None:
                raise NotFound("There is no entry of this id.")
            rows = turn.tx.revisions(entry_id)
            if rows and rows[-1].revision == revision and entry.state == "published":
                raise Conflict("This is the version that stands; correct or retract the entry.")
            if not turn.tx.withhold_revision(entry_id, revision):
                raise NotFound("There is no such revision.")
            return Outcome(200, entry, turn.blog)

        return await self._door.turn(slug, ask, work)

    def _entry(self, turn: Turn, entry_id: EntryId, ask: Ask) -> Entry:
        """The entry, if it is there, may be changed by who asks and is the version they know."""
        require(ask.who, "submit", turn.blog)
        entry = turn.tx.entry(turn.blog.id, entry_id)
        if entry is None:
            raise NotFound("There is no entry of this id.")
        require_entry(ask.who, turn.blog, entry)
        if ask.match is None:
            raise MatchRequired()
        if ask.match != entry.revision:
            view: Any = entry_view(entry, turn.blog.slug, self._door.links)
            raise Moved(view, entry.revision)
        return entry

    async def publish_due(self, now: datetime, limit: int = 100) -> int:
        """Publish scheduled entries whose time has come, each in a turn of its own; how many.

        Safe to run in several processes: who comes second finds it published.
        """
        due = await self._door.store.read(lambda tx: tx.due_entries(now, limit))
        works = [partial(self._publish_one, slug, entry_id, now) for slug, entry_id in due]
        return await each("publish a scheduled entry", works)

    async def _publish_one(self, slug: Slug, entry_id: EntryId, now: datetime) -> None:
        def work(turn: Turn) -> Outcome:
            before = turn.tx.entry(turn.blog.id, entry_id)
            if before is None:
                raise NotFound("There is no entry of this id.")
            due = before.publish_at is not None and before.publish_at <= now
            if before.state != "scheduled" or not due:
                return Outcome(200, before, turn.blog)
            entry = replace(before, state="published", revision=Revision(before.revision + 1))
            return Outcome(200, publish(turn, entry, before, forced=True), turn.blog)

        await self._door.turn(slug, Ask(), work)


def made(new: NewEntry, words: Rendered, blog: Blog, now: datetime) -> Entry:
    """The entry that is asked for, kept nowhere yet: a draft unless it says otherwise."""
    fields = {"state": "draft"} | given(new) | {"html": words.html, "text": words.text}
    return Entry(id=EntryId(new_id(now)), blog_id=blog.id, created_at=now, updated_at=now, **fields)


def publish(turn: Turn, entry: Entry, before: Entry | None, *, forced: bool = False) -> Entry:
    """Make an entry public in this turn.

    :param forced: also in a closed blog: it was scheduled while the blog was open.
    """
    if turn.blog.status == "closed" and not forced:
        raise Conflict("This blog is closed; set its status to live before publishing.")
    if entry.published_at is None:
        moment = turn.moment()
        turn.blog = replace(turn.blog, latest_at=moment)
        entry = replace(entry, published_at=moment)
    entry = replace(entry, state="published", updated_at=entry.published_at)
    if entry.pinned:
        turn.pin(entry)
    return turn.put(entry, "entry.published", before)


def mark(turn: Turn, entry: Entry, before: Entry, note: EditNote | None) -> Entry:
    """The entry with the mark its edit leaves; flags alone leave none. A note alone does: a
    correction may be told after the words were mended."""
    if note is not None and note.kind == "correction" and not (note.note or "").strip():
        raise Invalid(FieldError("edit.note", "A correction says what was wrong."))
    if note is None and not words_differ(before, entry):
        return entry
    edit = Edit(note.kind, turn.now, note.note) if note else Edit("update", turn.now)
    standing = edit if outranks(edit, before.edit) else before.edit
    return replace(entry, edit=standing, updated_at=turn.now)


def revise(turn: Turn, entry: Entry, before: Entry) -> Entry:
    """Save a changed public entry; nothing happens when nothing is different."""
    if replace(entry, revision=before.revision) == before:
        return before
    demand(check_entry(entry, turn.now, before))
    if entry.pinned and not before.pinned:
        turn.pin(entry)
    elif before.pinned and not entry.pinned:
        turn.unpin(entry)
    return turn.put(entry, "entry.revised", before)


def demand(wrong: list[FieldError]) -> None:
    """Refuse when something is wrong."""
    if wrong:
        raise Invalid(*wrong)
