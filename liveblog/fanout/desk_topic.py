"""A desk topic: the open desks of one blog in this process, and what they are told.

Everything here is synchronous, and the time is handed in. What concerns an entry is told only
to those who may see it. A desk that takes no more is cut and not queued for: it comes back and
reads what it missed, as it does after every other loss.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from liveblog.model.entry import State
from liveblog.model.permissions import Principal, own_of
from liveblog.model.receipt import Received
from liveblog.types import BlogId, EntryId, Slug
from liveblog.wire import desk_live as d
from liveblog.wire import presence as p

BEAT = 5.0
"""Seconds between two beats to the other processes, when nothing changes."""

TELL = 10
"""Seconds between two presences to a desk, when nothing changes; it lives on them."""

READERS_EVERY = 2.0
"""Seconds between two counts of readers to a desk."""


RECEIPTS_MAX = 500
"""Entries whose receipts wait to be read; of more, the oldest are not told."""


class Outlet(Protocol):
    """The way out to one desk. No method waits."""

    def offer(self, data: bytes) -> bool:
        """Take a message to be sent; False when too much is unsent already."""

    def end(self, final: bytes, code: int, reason: str) -> None:
        """Send ``final``, if there is any, and close."""

    def abort(self) -> None:
        """Cut the connection at once, whatever is unsent."""


class Desk:
    """One open desk."""

    __slots__ = ("counts", "me", "number", "outlet", "presence", "presence_at", "who")

    def __init__(self, number: int, who: Principal, outlet: Outlet) -> None:
        self.number = number
        self.who = who
        self.me = d.Who(who.id, who.name)
        self.outlet = outlet
        self.presence = b""
        """What it was last told of who is here, and when."""
        self.presence_at = float("-inf")
        self.counts = b""
        """What it was last told of how many there are."""


class Readers(Struct):
    """How many read in the processes that said so, and when; and what was last told."""

    counts: dict[str, tuple[int, float]] = {}
    told: int | None = None
    told_at: float = float("-inf")

    def total(self, now: float) -> int:
        """The sum over the processes that are still there."""
        self.counts = {k: (n, at) for k, (n, at) in self.counts.items() if now - at <= p.EXPIRE}
        return sum(count for count, _ in self.counts.values())


class DeskTopic:
    """See the module.

    :param process: the word this process goes by among the others.
    """

    def __init__(self, blog_id: BlogId, slug: Slug, process: str) -> None:
        self.blog_id = blog_id
        self.slug = slug
        self.desks: dict[int, Desk] = {}
        self.joining = 0
        """Desks that are about to be attached; a topic that has some is not closed."""
        self.people = p.Everybody()
        self.readers = Readers()
        self.counted = False
        """Whether what the desks were told of how many there are is the newest known."""
        self.unread: dict[EntryId, None] = {}
        """Entries with receipts that are to be read."""
        self._process = process
        self._said: object = None
        self._said_at = float("-inf")

    @property
    def empty(self) -> bool:
        """Whether nobody needs it."""
        return not self.desks and not self.joining

    # Desks ----------------------------------------------------------------------------------

    def attach(self, desk: Desk, hello: bytes, now: float) -> None:
        """Open a desk: hello, then what is known."""
        self.desks[desk.number] = desk
        self.counted = False
        self.people = p.sit(self.people, desk.number, desk.me, now)
        self._offer(desk, hello)
        if self.readers.told is not None:
            self._offer(desk, d.tell(d.DeskReaders(self.readers.told)))

    def work(self, desk: Desk, spot: d.Spot | None, now: float) -> None:
        """A desk says what its person works on."""
        self.people = p.work(self.people, desk.number, spot, now)

    def detach(self, desk: Desk) -> None:
        """Close a desk; nothing happens when it is closed already."""
        if self.desks.pop(desk.number, None) is not None:
            self.people = p.leave(self.people, desk.number)

    def end(self, desk: Desk, code: int, reason: str, final: bytes = b"") -> None:
        """Close a desk and say why."""
        if desk.number in self.desks:
            self.detach(desk)
            desk.outlet.end(final, code, reason)

    def sees(self, desk: Desk, spot: d.Spot) -> bool:
        """Whether a desk may know of an entry."""
        return spot.public or own_of(desk.who, self.blog_id) in (None, spot.by)

    # Hints in -------------------------------------------------------------------------------

    def hear(self, hint: d.DeskHint, now: float) -> None:
        """Take in what a process says, this one included."""
        match hint:
            case d.HereHint():
                if hint.process != self._process:
                    self.people = p.hear(self.people, hint.process, hint.people, now)
            case d.ReadersHint():
                counts = self.readers.counts
                if hint.process in counts or len(counts) < p.PROCESSES_MAX:
                    counts[hint.process] = (hint.count, now)
            case d.TouchHint():
                self._touch(hint)
            case d.DeskRevisedHint():
                self._broadcast(d.DeskRevised(hint.revision, hint.by))
            case d.BlogRevisedHint():
                self._broadcast(d.BlogRevised(hint.revision, hint.by))
            case d.ReceiptHint():
                self.unread |= dict.fromkeys(hint.entries)
                for entry in list(self.unread)[:-RECEIPTS_MAX]:
                    del self.unread[entry]
            case d.EmbedHint():
                done = d.EmbedMessage(hint.url, hint.state)
                self._broadcast(done, lambda desk: desk.who.id == hint.by)
            case d.MediaHint():
                self._broadcast(d.MediaState(hint.id, hint.state))

    def _touch(self, hint: d.TouchHint) -> None:
        self.counted = False
        if hint.spot.public:
            self.people = p.publish(self.people, hint.spot.entry)
        told = d.Touched(hint.spot.entry, hint.state, hint.revision, hint.by)
        self._broadcast(told, lambda desk: self.sees(desk, hint.spot))

    def missed(self) -> None:
        """Something may have been lost: desks are to read again, and the others to be told
        who is here."""
        self._said_at = float("-inf")
        self.counted = False
        self._broadcast(d.Missed())

    # Out, as time goes by -------------------------------------------------------------------

    def beat(self, now: float) -> d.HereHint | None:
        """What the other processes are to be told now; None when it is nothing new."""
        people = p.own(self.people, now)
        what = [(one.who, one.spot) for one in people]
        if what == self._said and now - self._said_at < BEAT:
            return None
        self._said, self._said_at = what, now
        return d.HereHint(self._process, people)

    def farewell(self) -> d.HereHint:
        """What the others are told when the last desk is closed."""
        return d.HereHint(self._process, ())

    def tell(self, now: float) -> None:
        """Tell the desks who is here, and how many read, where that is news or time."""
        self.people = p.expire(self.people, now)
        people = p.everybody(self.people, now)
        of_all: bytes | None = None
        for desk in list(self.desks.values()):
            if own_of(desk.who, self.blog_id) is None:
                of_all = of_all or self._presence(desk, people)
                data = of_all
            else:
                data = self._presence(desk, people)
            if data != desk.presence or now - desk.presence_at >= TELL:
                desk.presence, desk.presence_at = data, now
                self._offer(desk, data)
        self._tell_readers(now)

    def tell_counts(self, counts: Mapping[str | None, Mapping[State, int]]) -> None:
        """Tell the desks how many entries there are, those to whom it is news.

        :param counts: by the only one whose entries a desk sees, None for all.
        """
        for desk in list(self.desks.values()):
            of = counts.get(own_of(desk.who, self.blog_id))
            data = d.tell(d.counts_of(of)) if of is not None else desk.counts
            if data != desk.counts:
                desk.counts = data
                self._offer(desk, data)

    def tell_receipts(self, receipts: Mapping[EntryId, Received]) -> None:
        """Tell the desks to how many readers these were written."""
        for entry_id, found in receipts.items():
            self._broadcast(d.ReceiptMessage(entry_id, *found))

    def _presence(self, desk: Desk, people: tuple[d.Here, ...]) -> bytes:
        return d.tell(d.Presence(p.shown(people, lambda spot: self.sees(desk, spot))))

    def _tell_readers(self, now: float) -> None:
        readers = self.readers
        if now - readers.told_at < READERS_EVERY:
            return
        count = readers.total(now)
        if count != readers.told:
            readers.told, readers.told_at = count, now
            self._broadcast(d.DeskReaders(count))

    def _broadcast(
        self, message: d.DeskMessage, to: Callable[[Desk], bool] = lambda _: True
    ) -> None:
        data = d.tell(message)
        for desk in list(self.desks.values()):
            if to(desk):
                self._offer(desk, data)

    def _offer(self, desk: Desk, data: bytes) -> None:
        if not desk.outlet.offer(data):
            self.detach(desk)
            desk.outlet.abort()
