"""The window: each subject that changed after ``floor``, once, as it is at ``head``.

An ordered map subject → newest change; a subject that changes again moves to the end, so
the order is that of ``seq`` and "what since?" is a walk from the end. What is dropped to
stay within the bounds raises the floor; below it the window does not know, and says so.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from liveblog.model.position import Position
from liveblog.types import Epoch, Seq
from liveblog.wire.codec import Encoded


class Bounds(Struct, frozen=True):
    """How much one window may hold."""

    count: int = 1000
    size: int = 8 * 1024 * 1024
    """Bytes of all encodings made so far."""


class Window:
    """See the module. Not thread-safe; every method is one synchronous step."""

    def __init__(
        self, epoch: Epoch, head: Seq, floor: Seq, changes: Iterable[Encoded], bounds: Bounds
    ) -> None:
        self.epoch = epoch
        self.head = head
        self.floor = floor
        self.bounds = bounds
        self._latest: dict[str, Encoded] = {c.subject: c for c in changes}
        self.trim()

    @property
    def position(self) -> Position:
        """Where the window stands."""
        return Position(self.epoch, self.head)

    def __len__(self) -> int:
        return len(self._latest)

    def advance(self, changes: Sequence[Encoded], upto: Seq) -> None:
        """Take in everything of (head, upto], in order of seq."""
        for change in changes:
            self._latest.pop(change.subject, None)
            self._latest[change.subject] = change
        self.head = upto
        self.trim()

    def extend(self, changes: Sequence[Encoded], floor: Seq) -> None:
        """Take in, at the old end, everything of (floor, self.floor] as it is at ``head``.

        The bounds hold again from the next change on; trimmed now, nothing would be left for
        the readers it was read for.
        """
        if floor >= self.floor:
            return
        older = {
            c.subject: c for c in changes if c.seq <= self.floor and c.subject not in self._latest
        }
        self._latest = older | self._latest
        self.floor = floor

    def since(self, seq: Seq) -> list[Encoded]:
        """Every subject whose newest change is after ``seq``, in order; ``seq`` >= floor."""
        found: list[Encoded] = []
        for change in reversed(self._latest.values()):
            if change.seq <= seq:
                break
            found.append(change)
        found.reverse()
        return found

    def values(self) -> list[Encoded]:
        """All it holds, in order of seq."""
        return list(self._latest.values())

    def shed(self) -> None:
        """Forget encodings, the oldest first, until the bytes are within the bound; they are
        made again when they are asked for. What is known does not change by this."""
        size = sum(c.size for c in self._latest.values())
        for change in self._latest.values():
            if size <= self.bounds.size:
                return
            size -= change.forget()

    def trim(self) -> None:
        """Drop the oldest until the bounds hold; the newest always stays."""
        size = sum(c.size for c in self._latest.values())
        while len(self._latest) > self.bounds.count or (
            size > self.bounds.size and len(self._latest) > 1
        ):
            subject = next(iter(self._latest))
            dropped = self._latest.pop(subject)
            size -= dropped.size
            self.floor = dropped.seq
