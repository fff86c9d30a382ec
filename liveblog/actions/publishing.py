"""How an entry becomes public, and how it is changed when it is: inside one turn."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from liveblog.errors import Conflict, FieldError, Invalid
from liveblog.model.blog import Blog
from liveblog.model.entry import Edit, Entry, outranks, words_differ
from liveblog.model.ids import new_id
from liveblog.model.rules import check_entry
from liveblog.text import Rendered
from liveblog.types import EntryId
from liveblog.wire.requests import EditNote, NewEntry, given

from .turn import Turn


def made(new: NewEntry, words: Rendered, blog: Blog, now: datetime) -> Entry:
    """The entry that is asked for, kept nowhere yet: a draft unless it says otherwise."""
    fields = {"state": "draft"} | given(new) | {"html": words.html, "text": words.text}
    return Entry(id=EntryId(new_id(now)), blog_id=blog.id, created_at=now, updated_at=now, **fields)


def publish(turn: Turn, entry: Entry, before: Entry | None, *, forced: bool = False) -> Entry:
    """Make an entry public in this turn.

    :param forced: also in a closed blog: it was scheduled while the blog was open.
    """
    if not forced:
        require_open(turn.blog)
    if entry.published_at is None:
        moment = turn.moment()
        turn.blog = replace(turn.blog, latest_at=moment)
        entry = replace(entry, published_at=moment)
    entry = replace(entry, state="published", updated_at=entry.published_at, embargo=False)
    if entry.pinned:
        turn.pin(entry)
    return turn.put(entry, "entry.published", before)


def require_open(blog: Blog) -> None:
    """Do nothing when the blog takes new entries.

    :raises Conflict: it is closed.
    """
    if blog.status == "closed":
        raise Conflict("This blog is closed; set its status to live before publishing.")


def hold(turn: Turn, entry: Entry, before: Entry | None, undo: timedelta) -> Entry:
    """Keep an entry that is to be published when the time to undo it is over. What waits
    already, for less, waits no longer."""
    require_open(turn.blog)
    until = turn.now + undo
    if before is not None and before.state == "scheduled" and before.publish_at is not None:
        until = min(until, before.publish_at)
    return turn.keep(replace(entry, state="scheduled", publish_at=until), before)


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
