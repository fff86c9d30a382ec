"""Entries: publish, revise, retract, restore; drafts and scheduled ones on the way there."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from liveblog.errors import Conflict, FieldError, Invalid, MatchRequired, Moved, NotFound
from liveblog.model.entry import Entry
from liveblog.model.permissions import require, require_entry
from liveblog.model.rules import breaks_embargo, check_entry
from liveblog.text import Rendered, render_markdown
from liveblog.types import EntryId, Revision, Slug
from liveblog.wire.messages import entry_view
from liveblog.wire.requests import NewEntry, PatchEntry, given

from .beside import Beside
from .door import Ask, Door, Outcome, each
from .publishing import demand, hold, made, mark, publish, revise
from .showing import with_media
from .turn import Turn

LONG = 1_000
"""Characters from which Markdown is rendered in a thread, so that no reader waits for it. Some
contrived texts take time that grows faster than they do."""


async def render(body: str, texts: Beside) -> Rendered:
    """Markdown to safe HTML and plain text.

    :raises Unavailable: too many long ones wait already.
    """
    if len(body) > LONG:
        return await texts.run(render_markdown, body)
    return render_markdown(body)


class EntryActions:
    """What can be done with entries; each returns an Outcome with the entry.

    :param undo: how long what a person publishes waits, so that they can undo it.
    """

    def __init__(self, door: Door, undo: timedelta = timedelta(0)) -> None:
        self._door = door
        self._undo = undo

    async def create(self, slug: Slug, new: NewEntry, ask: Ask) -> Outcome:
        """Make an entry: published at once, or a draft, submitted, scheduled.

        :raises Invalid: a field is wrong. :raises Conflict: the blog is closed.
        """
        words = await render(new.body, self._door.texts)

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
                return Outcome(201, self._publish(turn, entry, None, ask), turn.blog)
            return Outcome(201, turn.keep(entry, None), turn.blog)

        return await self._door.turn(slug, ask, work)

    async def revise(self, slug: Slug, entry_id: EntryId, patch: PatchEntry, ask: Ask) -> Outcome:
        """Change an entry; a PATCH with a state moves one that is not public yet.

        :raises MatchRequired, Moved: If-Match is missing or out of date.
        """
        body = patch.body
        words = await render(body, self._door.texts) if body is not UNSET else None

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
                if entry.embargo:
                    raise Conflict("This entry is published: it is too late for an embargo.")
                entry = with_media(turn.tx, entry, self._door.links)
                entry = mark(turn, entry, before, note)
                return Outcome(200, revise(turn, entry, before), turn.blog)
            entry = replace(entry, state=target or before.state, updated_at=turn.now)
            if _taken_back(entry, before, ask) and "publish_at" not in fields:
                entry = replace(entry, publish_at=None)
            entry = with_media(turn.tx, entry, self._door.links)
            return Outcome(200, self._move(turn, entry, before, ask), turn.blog)

        return await self._door.turn(slug, ask, work)

    def _move(self, turn: Turn, entry: Entry, before: Entry, ask: Ask) -> Entry:
        """Save an entry that was not public."""
        if entry.state in ("scheduled", "published"):
            require(ask.who, "write", turn.blog)
        if breaks_embargo(entry, before, turn.now):
            until = f"{before.publish_at:%Y-%m-%d %H:%M} UTC"
            raise Conflict(f"This entry is under embargo until {until}; lift the embargo first.")
        demand(check_entry(entry, turn.now, before))
        if entry.state == "published":
            return self._publish(turn, entry, before, ask)
        return turn.keep(entry, before)

    def _publish(self, turn: Turn, entry: Entry, before: Entry | None, ask: Ask) -> Entry:
        """Now; or, where a person may want to undo it, when the time for that is over."""
        person = ask.who is not None and ask.who.person
        if person and self._undo and not entry.breaking:
            return hold(turn, entry, before, self._undo)
        return publish(turn, entry, before)

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
        entry = require_entry(ask.who, turn.blog, turn.tx.entry(turn.blog.id, entry_id))
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


def _taken_back(entry: Entry, before: Entry, ask: Ask) -> bool:
    """Whether a person takes back what was going to be published: its time meant that only,
    unless it is the end of an embargo. A token's time stays, as it always has."""
    person = ask.who is not None and ask.who.person
    waits = before.state == "scheduled" and entry.state in ("draft", "submitted")
    return person and waits and not entry.embargo
