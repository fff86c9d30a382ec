"""A topic: one blog in this process, its window and its readers.

Everything here is synchronous: between two statements of a method nothing else runs, so a
reader is attached, caught up and live in one step, and all changes of one transaction reach
the window and the readers in one step. What needs the store is asked of the hub.
"""

import logging
import time
from collections.abc import Callable, Sequence

from liveblog.fanout.subscriber import Subscriber
from liveblog.fanout.window import Window
from liveblog.model.permissions import may_read
from liveblog.model.position import Position
from liveblog.types import BlogId, Cursor, Seq
from liveblog.wire import messages as m
from liveblog.wire.codec import Encoded, Format, change_message, changes_message, cut, pack
from liveblog.wire.session import ResetReason

log = logging.getLogger("liveblog.fanout")

BATCH_BYTES = 64 * 1024
"""A catch-up message ends at about this size; the next is cut when it has drained."""

SHARED_BYTES = 4 * 1024 * 1024
"""Of messages kept for those who come with the same cursor; with more, all are forgotten."""


Told = Callable[[BlogId, Sequence[m.ChangeView], int], None]


class Topic:
    """See the module.

    :param snapshot: where a reader that is reset finds the snapshot.
    :param extend: called with this topic and a seq below the floor when a lagging reader
        needs it; it reads the store and calls :meth:`catch_up_all`.
    """

    def __init__(
        self,
        blog_id: BlogId,
        blog: m.BlogView,
        window: Window,
        snapshot: str,
        render: m.Render,
        extend: Callable[["Topic", Seq], None],
    ) -> None:
        self.blog_id = blog_id
        self.blog = blog
        self.window = window
        self.readers: set[Subscriber] = set()
        self.changed: set[Callable[[], None]] = set()
        """Called once and forgotten at the next change or reset: the long-polls."""
        self.users = 0
        """Joins and polls under way; a topic in use is not closed."""
        self.idle_since = time.monotonic()
        self.gone = False
        self.refused = 0
        """Readers that were ended for what they sent, since the relay last said so."""
        self.believed: Callable[[], bool] = lambda: True
        """Whether the window may be believed; the hub says so."""
        self.told: Told = lambda *_: None
        """Called after each broadcast: which blog, what, and to how many it was written."""
        self._snapshot = snapshot
        self._render = render
        self._extend = extend
        # Thousands come back at once after a restart, most of them with one of few cursors.
        self._shared: dict[tuple[object, ...], tuple[bytes, Seq]] = {}
        self._shared_bytes = 0

    @property
    def position(self) -> Position:
        """Where the window stands."""
        return self.window.position

    # Changes in ---------------------------------------------------------------------------

    def encode(self, change: m.ChangeView) -> Encoded:
        """The change, ready for the window."""
        return Encoded(change, self.blog, self._render)

    def advance(self, views: Sequence[m.ChangeView], upto: Seq) -> None:
        """Take in everything of (head, upto] and send it to every live reader."""
        before = self.window.head
        for view in views:
            if isinstance(view, m.BlogRevised):
                self.blog = view.blog
        changes = [self.encode(view) for view in views]
        self.window.advance(changes, upto)
        self._unshare()
        self._dismiss()
        written = self._broadcast(changes, before, upto) + len(self.changed)
        self._wake()
        self.told(self.blog_id, views, written)

    def replace(self, window: Window) -> None:
        """Begin again with another history; every reader is reset."""
        self.window = window
        self._unshare()
        for reader in list(self.readers):
            self.reset(reader, "epoch_changed")
        self._wake()

    def vanish(self) -> None:
        """The blog is not in the store any more: end every reader for good."""
        self.gone = True
        for reader in list(self.readers):
            self.end(reader, b"", 4504, "no such blog")
        self._wake()

    def vacate(self) -> None:
        """Have the long-polls answer now."""
        self._wake()

    def _wake(self) -> None:
        waiting, self.changed = self.changed, set()
        for call in waiting:
            try:
                call()
            except Exception:  # the others would wait until their time is over
                log.exception("a poll of %s was not answered", self.blog.slug)

    def _dismiss(self) -> None:
        """End readers who may not read this blog any more."""
        if may_read(None, self.blog_id, self.blog.visibility):
            return
        hidden = self.blog.visibility == "draft"
        for reader in list(self.readers):
            if not may_read(reader.who, self.blog_id, self.blog.visibility):
                code = 4504 if hidden else 4501
                self.end(reader, b"", code, "no such blog" if hidden else "not allowed")

    def _broadcast(self, changes: Sequence[Encoded], before: Seq, upto: Seq) -> int:
        """Write to every live reader; to how many it was. Only those passed by are counted,
        so that it costs nothing where it is written."""
        ready: dict[Format, bytes] = {}
        form, data = None, b""
        readers = list(self.readers)
        passed = 0
        for reader in readers:
            if reader.lagging_since is not None:
                passed += 1
                continue
            try:
                if reader.form is not form:
                    form = reader.form
                    made = ready.get(form)
                    if made is None:
                        made = ready[form] = self._pack(changes, before, upto, form)
                    data = made
                if not data:
                    self.catch_up(reader)
                    passed += reader.seq < upto
                elif reader.sink.offer(data):
                    reader.seq = upto
                else:
                    reader.lagging_since = time.monotonic()
                    passed += 1
            except Exception:  # noqa: BLE001 - it is logged there
                # One subject that cannot be said in one format must not stop the others.
                self._fail(reader)
                form = None
                passed += 1
        return len(readers) - passed

    def _pack(self, changes: Sequence[Encoded], after: Seq, upto: Seq, form: Format) -> bytes:
        """The message that brings everybody from ``after`` to ``upto``; empty when it would
        be too long for one."""
        slug, epoch = self.blog.slug, self.window.epoch
        if len(changes) == 1 and upto == after + 1:
            return change_message(slug, epoch, changes[0], form)
        if cut(changes, form, BATCH_BYTES) < len(changes):
            return b""
        return changes_message(slug, epoch, after, upto, changes, form)

    # Readers ------------------------------------------------------------------------------

    def attach(self, reader: Subscriber, seq: Seq, hello: bytes) -> None:
        """Say hello, send what changed after ``seq`` (>= floor), be live: one step."""
        reader.seq = seq
        reader.lagging_since = None
        self.readers.add(reader)
        reader.topic = self
        reader.sink.on_drain(reader.drained)
        try:
            reader.sink.offer(hello)
            self.catch_up(reader)
        except BaseException:
            self.detach(reader)
            raise

    def detach(self, reader: Subscriber) -> None:
        """Forget a reader; nothing happens when it is not there."""
        self.readers.discard(reader)
        if not self.readers:
            self.idle_since = time.monotonic()

    def drained(self, reader: Subscriber) -> None:
        """A lagging reader's transport takes bytes again."""
        if reader in self.readers and reader.lagging_since is not None:
            self._serve(reader)

    def catch_up(self, reader: Subscriber) -> None:
        """Write batches until the reader is at the head (live) or full (lagging)."""
        while reader.seq < self.window.head:
            if reader.sink.full() or not self.believed():
                break
            if reader.seq < self.window.floor:
                reader.lagging_since = reader.lagging_since or time.monotonic()
                self._extend(self, reader.seq)
                return
            data, upto = self.batch(reader.seq, reader.form)
            if not reader.sink.offer(data):
                break
            reader.seq = upto
            reader.lagging_since = None
        if reader.seq == self.window.head:
            reader.lagging_since = None
        elif reader.lagging_since is None:
            reader.lagging_since = time.monotonic()

    def retry(self) -> None:
        """Go on with lagging readers who wait for nothing but us: the store was busy when
        they needed it, or the window was not to be believed when they had drained."""
        for reader in list(self.readers):
            if reader.lagging_since is not None and not reader.sink.full():
                self._serve(reader)

    def catch_up_lagging(self, asked: Seq) -> None:
        """After an extension asked down to ``asked``: serve the lagging readers; one that it
        should have helped and did not is reset."""
        for reader in list(self.readers):
            if reader.lagging_since is None or reader.sink.full():
                continue
            if asked <= reader.seq < self.window.floor:
                self.reset(reader, "too_old")
            else:
                self._serve(reader)

    def _serve(self, reader: Subscriber) -> None:
        """Catch up; one that cannot be served is ended, and the others go on."""
        try:
            self.catch_up(reader)
        except Exception:  # noqa: BLE001 - it is logged there
            self._fail(reader)

    def _fail(self, reader: Subscriber) -> None:
        log.exception("a reader of %s is ended", self.blog.slug)
        self.end(reader, b"", 1011, "internal error")

    def batch(
        self, after: Seq, form: Format, poll_after_ms: int | None = None
    ) -> tuple[bytes, Seq]:
        """One ``changes`` message of what follows ``after`` (>= floor), and how far it goes;
        the same bytes for all who ask the same until the next change."""
        key = (after, form, poll_after_ms)
        found = self._shared.get(key)
        if found is None:
            found = self._share(key, *self._batch(after, form, poll_after_ms))
        return found

    def _batch(self, after: Seq, form: Format, poll_after_ms: int | None) -> tuple[bytes, Seq]:
        changes = self.window.since(after)
        new = not all(change.has(form.codec, form.view) for change in changes)
        count = cut(changes, form, BATCH_BYTES)
        part = changes[:count]
        upto = part[-1].seq if count < len(changes) else self.window.head
        if count < len(changes) and poll_after_ms is not None:
            poll_after_ms = 0
        data = changes_message(
            self.blog.slug, self.window.epoch, after, upto, part, form, poll_after_ms
        )
        if new:
            self.window.shed()
        return data, upto

    def hello(self, seq: Seq, form: Format, make: Callable[[Seq], m.Hello]) -> bytes:
        """The first message of every stream of this form that starts after ``seq``."""
        found = self._shared.get((seq, form))
        if found is None:
            found = self._share((seq, form), pack(make(seq), form), seq)
        return found[0]

    def _share(self, key: tuple[object, ...], data: bytes, upto: Seq) -> tuple[bytes, Seq]:
        self._shared_bytes += len(data)
        if self._shared_bytes > SHARED_BYTES:
            self._unshare()
            self._shared_bytes = len(data)
        self._shared[key] = data, upto
        return data, upto

    def _unshare(self) -> None:
        self._shared.clear()
        self._shared_bytes = 0

    def reset(self, reader: Subscriber, reason: ResetReason) -> None:
        """Send a reset and end the stream."""
        self.end(reader, pack(self.reset_message(reason), reader.form), 4001, "resync")

    def reset_message(self, reason: ResetReason) -> m.Reset:
        """The reset for this blog."""
        return m.Reset(self.blog.slug, reason, self._snapshot)

    def end(self, reader: Subscriber, final: bytes, code: int, reason: str) -> None:
        """Close a reader and forget it."""
        self.detach(reader)
        self.refused += code == 4500
        reader.sink.end(final, code, reason)

    def heartbeat(self, beat: Callable[[m.BlogView, Cursor, Seq], m.Heartbeat]) -> None:
        """Tell every reader to whom everything was written that it has everything. One that
        does not take it lags, so that it is cut in time also where nothing is published."""
        message = beat(self.blog, self.position.cursor, self.window.head)
        ready: dict[Format, bytes] = {}
        for reader in list(self.readers):
            if reader.lagging_since is not None:
                continue
            try:
                data = ready.get(reader.form)
                if data is None:
                    data = ready[reader.form] = pack(message, reader.form)
                if not reader.sink.offer(data):
                    reader.lagging_since = time.monotonic()
            except Exception:  # noqa: BLE001 - it is logged there
                self._fail(reader)

    def abort_stuck(self, limit: float) -> int:
        """Cut readers whose transport has not drained for ``limit`` seconds; how many."""
        now = time.monotonic()
        stuck = [r for r in self.readers if r.lagging_since and now - r.lagging_since > limit]
        for reader in stuck:
            self.detach(reader)
            reader.sink.abort()
        return len(stuck)
