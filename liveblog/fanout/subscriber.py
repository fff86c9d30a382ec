"""A subscriber: one reader of one topic. It has no queue, only a place in the log.

While its transport takes what is written it is *live* and gets every broadcast. When the
transport is over its high-water mark it is *lagging*: it is skipped, and when it has
drained it gets what is missing, compacted, from the window. So a slow reader costs its
transport's buffer and nothing more, however far behind it is.
"""

from collections.abc import Callable
from typing import Protocol

from liveblog.model.permissions import Principal
from liveblog.types import Seq
from liveblog.wire.codec import Format


class Sink(Protocol):
    """The way out to one reader. No method waits."""

    def write(self, data: bytes) -> None:
        """Hand over bytes; they are sent in order."""

    def full(self) -> bool:
        """Whether more should not be written now; when that ends, the sink calls the
        function given to :meth:`on_drain`."""

    def on_drain(self, call: Callable[[], None]) -> None:
        """Have ``call()`` called each time the sink has drained after being full."""

    def end(self, final: bytes, code: int, reason: str) -> None:
        """Write ``final`` and close (``code``: a WebSocket close code of docs/protocol.md)."""

    def abort(self) -> None:
        """Cut the connection at once, whatever is unsent."""


class Subscriber:
    """One reader. ``seq`` is how far everything was written to it."""

    __slots__ = ("form", "lagging_since", "seq", "sink", "who")

    def __init__(self, sink: Sink, form: Format, who: Principal | None = None) -> None:
        self.sink = sink
        self.form = form
        self.who = who
        self.seq = Seq(-1)
        self.lagging_since: float | None = None

    @property
    def lagging(self) -> bool:
        """Whether it waits for its transport to drain."""
        return self.lagging_since is not None
