"""A timer wheel: one timer a process for what would be a timer a reader.

Whoever is put on it is called in a few turns, within one turn of the time asked for; that is
near enough for keep-alive. Putting, dropping and turning cost the same however many are on it.
"""

from typing import Generic, TypeVar

T = TypeVar("T")


class Wheel(Generic[T]):
    """See the module.

    :param slots: the farthest that something can be put ahead, in turns.
    """

    def __init__(self, slots: int) -> None:
        self._slots: list[set[T]] = [set() for _ in range(slots + 1)]
        self._at = 0

    def put(self, item: T, turns: int) -> int:
        """Have :meth:`turn` give the item after so many turns (1 to ``slots``); the slot it is
        in, which :meth:`drop` needs."""
        slot = (self._at + turns) % len(self._slots)
        self._slots[slot].add(item)
        return slot

    def drop(self, item: T, slot: int) -> None:
        """Take an item off; nothing happens when it is not there."""
        self._slots[slot].discard(item)

    def empty(self) -> bool:
        """Whether nothing is on it."""
        return not any(self._slots)

    def turn(self) -> set[T]:
        """The items whose time has come; they are off the wheel."""
        self._at = (self._at + 1) % len(self._slots)
        due, self._slots[self._at] = self._slots[self._at], set()
        return due
