"""A turn: one transaction of one blog, from the locked row to the list of its changes.

Every public change of the turn takes the next ``seq`` of the blog, and at its end the blog's
new head, the change log and the rows of the subjects stand in the database together or not
at all. The days that the turn touched are assembled anew before it ends, so that a roll-up
is never behind its entries.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from liveblog.errors import NotFound
from liveblog.model.blog import Blog
from liveblog.model.change import Change
from liveblog.model.day import Day, assemble, bounds, date_of
from liveblog.model.entry import (
    ChangeType,
    Entry,
    RevisionRow,
    all_words,
    searched_words,
    words_differ,
)
from liveblog.model.media import uses_of
from liveblog.model.push import may_notify
from liveblog.store.contract import Tx, deliveries
from liveblog.types import EntryId, Revision, Seq, Slug


class Turn:
    """See the module.

    :raises NotFound: there is no blog of this name.
    """

    def __init__(self, tx: Tx, slug: Slug, clock: Callable[[], datetime], by: str) -> None:
        blog = tx.lock_blog(slug)
        if blog is None:
            raise NotFound("There is no blog of this name.")
        self.tx = tx
        self.blog = blog
        # Read under the lock: a turn that waited for it comes after the one it waited for.
        self.now = clock()
        self.by = by
        self.changes: list[Change] = []
        self.written: dict[EntryId, Entry] = {}
        """Every entry this turn wrote, public or not, as it left it."""
        self._dates: set[date] = set()

    def moment(self) -> datetime:
        """The time of a publication: now, and always after the blog's latest one, so that
        the order by time is the order in which things were published."""
        latest = self.blog.latest_at
        return self.now if latest is None else max(self.now, latest + timedelta(microseconds=1))

    # Subjects -----------------------------------------------------------------------------

    def keep(self, entry: Entry, before: Entry | None) -> Entry:
        """Save an entry that is not public (yet); no seq is taken."""
        if before is None:
            self.tx.insert_entry(self.blog.id, entry)
        else:
            self.tx.save_entry(entry)
        self._remember(entry, before)
        self._use(entry, before)
        self.written[entry.id] = entry
        return entry

    def put(self, entry: Entry, kind: ChangeType, before: Entry | None) -> Entry:
        """Save a public entry as the blog's next change."""
        new = before is None
        if entry.ordinal is None:
            count = self.blog.count + 1
            self.blog = replace(self.blog, count=count)
            entry = replace(entry, ordinal=count)
        entry = replace(entry, seq=self._next(), change=kind, changed_at=self.now)
        if new:
            self.tx.insert_entry(self.blog.id, entry)
        else:
            self.tx.save_entry(entry)
        self.changes.append(Change(entry.seq, kind, self.now, entry))
        self.written[entry.id] = entry
        self._remember(entry, before)
        self._use(entry, before)
        self._touch(entry)
        if before is not None and before.public:
            self._touch(before)
        return entry

    def put_day(self, day: Day) -> Day:
        """Save a day as the blog's next change."""
        revision = Revision(day.revision + 1)
        day = replace(day, seq=self._next(), revision=revision, changed_at=self.now)
        self.tx.save_day(day)
        self.changes.append(Change(day.seq, "day.revised", self.now, day))
        return day

    def put_blog(self, blog: Blog) -> Blog:
        """Save the blog's own data as its next change."""
        seq = self._next()
        revision = Revision(blog.revision + 1)
        self.blog = replace(
            blog, head=self.blog.head, seq=seq, revision=revision, updated_at=self.now
        )
        self.changes.append(Change(seq, "blog.revised", self.now, self.blog))
        return self.blog

    def _next(self) -> Seq:
        seq = Seq(self.blog.head + 1)
        self.blog = replace(self.blog, head=seq)
        return seq

    def _remember(self, entry: Entry, before: Entry | None) -> None:
        """Keep the words as a revision when they are new, or newly public; have the entry found
        by them."""
        if before is None or searched_words(before) != searched_words(entry):
            self.tx.index_words(entry, new=before is None)
        if entry.state == "retracted":
            return
        first_public = entry.state == "published" and (before is None or not before.public)
        if (
            before is None
            or first_public
            or words_differ(before, entry)
            or before.edit != entry.edit
        ):
            self.tx.insert_revision(
                RevisionRow(
                    entry_id=entry.id,
                    revision=entry.revision,
                    at=self.now,
                    by=self.by,
                    public=entry.state == "published",
                    headline=entry.headline,
                    body=entry.body,
                    html=entry.html,
                    text=all_words(entry),
                    edit=entry.edit,
                )
            )

    def _use(self, entry: Entry, before: Entry | None) -> None:
        """Note which media the entry shows, so that what is known of them is never behind."""
        uses = uses_of(entry)
        if uses or (before is not None and uses_of(before)):
            seen = before is not None and before.public
            self.tx.set_uses(entry.id, uses.values(), remember=seen)

    # The pin ------------------------------------------------------------------------------

    def pin(self, entry: Entry) -> None:
        """Make the entry the pinned one; the one before it is unpinned as a change of its own."""
        previous = self.blog.pinned
        if previous == entry.id:
            return
        if previous is not None:
            other = self.tx.entry(self.blog.id, previous)
            if other is not None and other.pinned:
                freed = replace(other, pinned=False, revision=Revision(other.revision + 1))
                self.put(freed, "entry.revised", other)
        self.blog = replace(self.blog, pinned=entry.id)

    def unpin(self, entry: Entry) -> None:
        """No entry is pinned, if it was this one."""
        if self.blog.pinned == entry.id:
            self.blog = replace(self.blog, pinned=None)

    # The days -----------------------------------------------------------------------------

    def _touch(self, entry: Entry) -> None:
        if entry.published_at is not None and (entry.key or entry.state == "retracted"):
            self._dates.add(date_of(entry.published_at, self.blog.zone))

    def assemble(self, day: Day) -> Day:
        """The day with its items as its key entries now make them."""
        start, end = bounds(day.date, self.blog.zone)
        return assemble(day, self.tx.key_entries(self.blog.id, start, end))

    def finish(self, destinations: Sequence[str] = ()) -> None:
        """Bring the touched days up to date, then write head, log and outbox.

        :param destinations: who is told of each change.
        """
        for when in sorted(self._dates):
            # A day that begins after its own midnight (an import, a late entry) is never
            # frozen by itself: nobody could fill it.
            over = when < date_of(self.now, self.blog.zone)
            known = self.tx.day(self.blog.id, when)
            day = known or Day(blog_id=self.blog.id, date=when, settled=over)
            made = self.assemble(day)
            if made.items != day.items:
                self.put_day(made)
        self.tx.save_blog(self.blog)
        if self.changes:
            self.tx.append_changes(self.blog.id, self.changes, self.by)
            for destination in destinations:
                what = [(c.subject, c.seq) for c in self._told_to(destination)]
                rows = deliveries((destination,), self.blog, what, self.now)
                self.tx.insert_deliveries(rows)

    def _told_to(self, destination: str) -> Sequence[Change]:
        """All changes; to push those that may need a notice, and only where somebody wants one."""
        if destination != "push":
            return self.changes
        found = [change for change in self.changes if may_notify(change)]
        return found if found and self.tx.followed(self.blog.id) else []
