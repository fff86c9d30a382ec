"""The door: what every write goes through, whatever it writes.

One transaction: lock the blog, look whether the Idempotency-Key was answered before, do the
work, remember the answer. After the commit the changes go out as one hint. A write is
described by an :class:`Ask` (who, which key, what was asked) and answered by an
:class:`Outcome` (a status and the subject as it is now).
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from liveblog.broker.contract import Broker
from liveblog.errors import KeyReused, NotFound
from liveblog.model.blog import Blog
from liveblog.model.change import subject_of
from liveblog.model.day import Day
from liveblog.model.entry import Entry
from liveblog.model.permissions import Principal, require, sees
from liveblog.store.contract import Replay, Store, Tx
from liveblog.types import BlogId, EntryId, Slug
from liveblog.wire import messages as m
from liveblog.wire.codec import Hint, encode_hint, hint_channel
from liveblog.wire.desk_live import DeskHint, Spot, TouchHint, Who, desk_channel, encode_desk
from liveblog.wire.links import Links
from liveblog.wire.requests import parse_date

from .beside import Beside
from .turn import Turn

log = logging.getLogger("liveblog.actions")


SCHEDULED = "scheduled"
"""The broker's channel on which the scheduler hears that an entry is to be published."""


class Ask(Struct, frozen=True):
    """Who asks for a write, and how it is told from its repetition.

    ``digest`` is the SHA-256 of method, path and body; ``match`` the revision of If-Match.
    """

    who: Principal | None = None
    key: str | None = None
    digest: str = ""
    match: int | None = None

    @property
    def by(self) -> str:
        """The id that goes into the log."""
        return self.who.id if self.who else ""


class Outcome(Struct, frozen=True):
    """The answer to a write: the subject as it is now, and the blog as the write left it."""

    status: int
    value: Entry | Day | Blog
    blog: Blog
    replayed: bool = False


Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present, timezone-aware."""
    return datetime.now(UTC)


TEXTS_AT_ONCE = 2
"""Long texts that are rendered at the same time in a process; the longest takes a second."""
TEXTS_WAITING = 30
TEXTS_TOLD = "Too many long texts are being written at this moment; send it again."


class Door:
    """Runs writes. One for a process; it holds no state but its collaborators."""

    def __init__(
        self,
        store: Store,
        broker: Broker,
        links: Links,
        clock: Clock = utc_now,
        destinations: Sequence[str] = (),
    ) -> None:
        self.store = store
        self.broker = broker
        self.links = links
        self.clock = clock
        self.destinations = destinations
        self.texts = Beside(TEXTS_AT_ONCE, TEXTS_WAITING, TEXTS_TOLD)
        self.wrote: Callable[[Slug], None] = lambda _: None
        """Told of each write that may have been committed: who wrote is to see it at once,
        also in what this process answers from memory."""

    async def turn(self, slug: Slug, ask: Ask, work: Callable[[Turn], Outcome]) -> Outcome:
        """Run ``work`` in one turn of the blog and send the hint after the commit."""

        def transaction(tx: Tx) -> tuple[Outcome, Hint | None, list[Entry]]:
            turn = Turn(tx, slug, self.clock, ask.by)
            known = self.known(tx, ask)
            if known is not None:
                return known, None, []
            outcome = work(turn)
            turn.finish(self.destinations)
            self.remember(tx, ask, outcome, turn.now)
            return replace_blog(outcome, turn), self._hint(turn), list(turn.written.values())

        try:
            outcome, hint, written = await self.store.write(transaction)
        finally:
            self.wrote(slug)
        self.publish(hint)
        self._touch(ask, written)
        if any(entry.state == "scheduled" for entry in written):
            self.wake(SCHEDULED)
        return outcome

    def wake(self, channel: str) -> None:
        """Tell a worker that there is something for it; its timer finds what this loses."""
        try:
            self.broker.publish(channel, b"")
        except Exception:
            log.exception("a worker could not be woken; it looks by itself")

    def publish(self, hint: Hint | None) -> None:
        """Send a hint; it never waits and may be lost, the log is not. Nothing that fails
        here may turn a committed write into an error."""
        if hint is None:
            return
        try:
            self.broker.publish(hint_channel(hint.blog_id), encode_hint(hint))
            for destination in self.destinations:
                self.broker.publish(outbox_channel(destination), b"")
        except Exception:
            log.exception("a hint could not be sent; the readers get the change from the log")

    def _touch(self, ask: Ask, written: Sequence[Entry]) -> None:
        """Tell the desks of the blog which entries were written."""
        for entry in written:
            spot = Spot(entry.id, entry.by, entry.public)
            self.tell_desks(
                entry.blog_id, TouchHint(spot, entry.state, entry.revision, who_of(ask))
            )

    def tell_desks(self, blog_id: BlogId, hint: DeskHint) -> None:
        """Tell the desks of a blog something; as :meth:`publish`."""
        try:
            self.broker.publish(desk_channel(blog_id), encode_desk(hint))
        except Exception:
            log.exception("the desks could not be told; they read it when they look")

    def _hint(self, turn: Turn) -> Hint | None:
        if not turn.changes:
            return None
        views = tuple(m.change_view(c, turn.blog.slug, self.links) for c in turn.changes)
        return Hint(turn.blog.id, turn.blog.epoch, turn.blog.head, views)

    # Idempotency --------------------------------------------------------------------------

    def known(self, tx: Tx, ask: Ask) -> Outcome | None:
        """The answer this key had before, with the subject as it stands now.

        :raises KeyReused: it was another request.
        :raises NotAllowed, NotFound: the asker may not see it any more.
        """
        if ask.key is None:
            return None
        replay = tx.replay(ask.by, ask.key)
        if replay is None:
            return None
        if replay.digest != ask.digest:
            raise KeyReused()
        blog = tx.blog_by_id(replay.blog_id)
        value = subject(tx, blog, replay.subject) if blog else None
        if blog is None or value is None:
            raise KeyReused("What this Idempotency-Key made is not there any more.")
        # A person's roles may be others by now.
        require(ask.who, "submit", blog)
        if isinstance(value, Entry) and not sees(ask.who, blog, value):
            raise NotFound("There is no entry of this id.")
        return Outcome(replay.status, value, blog, replayed=True)

    def remember(self, tx: Tx, ask: Ask, outcome: Outcome, now: datetime) -> None:
        """Keep the answer for the repetition of the request."""
        if ask.key is None:
            return
        tx.insert_replay(
            Replay(
                scope=ask.by,
                key=ask.key,
                digest=ask.digest,
                status=outcome.status,
                blog_id=outcome.blog.id,
                subject=subject_of(outcome.value),
                at=now,
            )
        )


def who_of(ask: Ask) -> Who | None:
    """Who asks, as desks are told; None is a worker."""
    return Who(ask.who.id, ask.who.name) if ask.who else None


def outbox_channel(destination: str) -> str:
    """The broker channel on which the worker of a destination is woken."""
    return f"outbox:{destination}"


def replace_blog(outcome: Outcome, turn: Turn) -> Outcome:
    """The outcome with the blog as the turn left it (its head included)."""
    value = turn.blog if isinstance(outcome.value, Blog) else outcome.value
    return Outcome(outcome.status, value, turn.blog)


def subject(tx: Tx, blog: Blog, name: str) -> Entry | Day | Blog | None:
    """A subject as it is now, by its name in the log."""
    kind, _, rest = name.partition(":")
    if kind == "entry":
        return tx.entry(blog.id, EntryId(rest))
    if kind == "day":
        when = parse_date(rest)
        return tx.day(blog.id, when) if when else None
    return blog


async def each(what: str, works: Sequence[Callable[[], Awaitable[None]]]) -> int:
    """Do every one of them, whatever happens to the others; how many were done.

    :raises Exception: that of the last one, when none could be done.
    """
    done = 0
    failed: Exception | None = None
    for work in works:
        try:
            await work()
            done += 1
        except Exception as error:
            failed = error
            log.exception("could not %s; the others go on", what)
    if failed is not None and not done:
        raise failed
    return done
