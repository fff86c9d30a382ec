"""A day and its roll-up, "Key developments on <date>", which assembles itself.

What the editors decided (order, rewording, dropping, a title) is kept apart from what
follows from the entries, so that the list can be made anew after any change:
``assemble(day, key entries)`` is a pure function and the only place where items are made.
A retracted entry is not among the key entries handed in, so its words cannot stay.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from liveblog.model.entry import Entry
from liveblog.types import BlogId, EntryId, Revision, Seq


class DayItem(Struct, frozen=True):
    """One line of the roll-up."""

    entry: EntryId
    text: str


class Day(Struct, frozen=True):
    """One day of a blog as the store keeps it.

    ``order``: entries in the order an editor gave; others follow, oldest first.
    ``reworded``: the editor's own line for an entry. ``dropped``: entries left out by hand.
    ``frozen``: nothing is added any more, but what is withdrawn still goes and what is
    corrected is still corrected; ``members`` are the entries that may stand in it then, so
    that one that is restored finds its place again. ``settled``: its midnight has been seen
    to, so that it is frozen by itself once at most, and an editor's word stands after that.
    """

    blog_id: BlogId
    date: date
    title: str | None = None
    items: tuple[DayItem, ...] = ()
    frozen: bool = False
    settled: bool = False
    members: tuple[EntryId, ...] = ()
    order: tuple[EntryId, ...] = ()
    reworded: dict[str, str] = {}
    dropped: tuple[EntryId, ...] = ()
    revision: Revision = Revision(0)
    seq: Seq = Seq(0)
    changed_at: datetime | None = None


def date_of(moment: datetime, zone: ZoneInfo) -> date:
    """The date of a moment in the event's zone."""
    return moment.astimezone(zone).date()


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The UTC moments at which a day of the event's zone begins and ends (end excluded).

    Days of 23 and 25 hours come out right because both midnights are asked of the zone.
    """
    start = datetime.combine(day, time.min, zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
    return start, end


def freeze(day: Day) -> Day:
    """The day frozen with the lines it has."""
    return replace(day, frozen=True, members=tuple(item.entry for item in day.items))


def assemble(day: Day, key_entries: Sequence[Entry]) -> Day:
    """The day with its items made anew.

    :param key_entries: the day's published key entries, oldest first.
    """
    lines = {
        e.id: day.reworded.get(e.id) or e.headline or ""
        for e in key_entries
        if e.id not in day.dropped and (not day.frozen or e.id in day.members)
    }
    ranked = [e for e in day.order if e in lines]
    ranked += [e for e in lines if e not in set(ranked)]
    return replace(day, items=tuple(DayItem(e, lines[e]) for e in ranked))
