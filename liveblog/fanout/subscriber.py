"""A subscriber: one reader of one topic. It has no queue, only a place in the log.

While its transport takes what is written it is *live* and gets every broadcast. When the
transport is over its high-water mark it is *lagging*: it is skipped, and when it has
drained it gets what is missing, compacted, from the window. So a slow reader costs its
transport's buffer and nothing more, however far behind it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from liveblog.model.permissions import Principal
from liveblog.types import Seq
from liveblog.wire.codec import Format

if TYPE_CHECKING:
    from liveblog.fanout.topic import Topic


class Sink(Protocol):
    """The way out to one reader. No method waits."""

    def offer(self, data: bytes) -> bool:
        """Take bytes, to be sent in order, unless the sink is full; whether they were taken.

        A reader whose connection has gone takes everything: it is about to be detached.
        """

    def full(self) -> bool:
        """Whether nothing would be taken now; when that ends, the sink calls the function
        given to :meth:`on_drain`."""

    def on_drain(self, call: Callable[[], None]) -> None:
        """Have ``call()`` called each time the sink has drained after being full."""

    def end(self, final: bytes, code: int, reason: str) -> None:
        """Write ``final`` and close (``code``: a WebSocket close code of docs/protocol.md)."""

    def abort(self) -> None:
        """Cut the connection at once, whatever is unsent."""


class Subscriber:
    """One reader. ``seq`` is how far everything was written to it."""

    __slots__ = ("form", "lagging_since", "seq", "sink", "topic", "who")

    def __init__(self, sink: Sink, form: Format, who: Principal | None = None) -> None:
        self.sink = sink
        self.form = form
        self.who = who
        self.seq = Seq(-1)
        self.lagging_since: float | None = None
        self.topic: Topic | None = None
        """Where it is attached."""

    @property
    def lagging(self) -> bool:
        """Whether it waits for its transport to drain."""
        return self.lagging_since is not None

    def drained(self) -> None:
        """Its transport takes bytes again."""
        if self.topic is not None:
            self.topic.drained(self)
