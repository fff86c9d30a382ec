"""Where a list goes on: a place in the order of entries, as a client holds it."""

from datetime import datetime

from liveblog.errors import BadRequest
from liveblog.model.entry import Entry
from liveblog.model.ids import is_id
from liveblog.store.contract import Place
from liveblog.types import EntryId
from liveblog.wire.moments import micros, moment


def place_of(entry: Entry) -> str:
    """Where a list goes on after this entry: opaque to clients."""
    assert entry.published_at is not None, "a public entry has a time"
    return write_place(entry.published_at, entry.id)


def write_place(at: datetime, entry_id: EntryId) -> str:
    """A place, by its time and id."""
    return f"{micros(at):x}.{entry_id}"


def parse_place(text: str) -> Place:
    """The place a client gave back.

    :raises BadRequest: it is none of ours.
    """
    head, _, tail = text.partition(".")
    try:
        if not is_id(tail):
            raise ValueError(tail)
        return Place(moment(int(head, 16)), EntryId(tail))
    except (ValueError, OverflowError):
        raise BadRequest("This place is malformed: give back the next you were given.") from None
