"""Broadcasts in alternating halves: what one side does in one round."""

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from bench.kernel import cpu_ns
from bench.tools import Readers

SETTLE = 0.05
"""Seconds until a process that has sent everything has also accounted for it."""


class Half(NamedTuple):
    """What one side did in one round: µs; p99 and last from the PUBLISH, median broadcast."""

    cpu: float
    """A delivery."""
    p99: float
    last: float
    bytes: float
    """A delivery."""
    load: float
    """CPU of the readers' process, a delivery."""


class Side(NamedTuple):
    """Whoever sends, those who read, and how an entry is published to them."""

    name: str
    pids: Sequence[int]
    readers: Readers
    publish: Callable[[], int]


def broadcasts_for(readers: int) -> int:
    """How many make a half: fewer where each takes long."""
    return max(3, min(20, 60_000 // readers))


def half(side: Side, broadcasts: int) -> Half:
    """Some broadcasts, each when the one before has arrived."""
    p99, last = [], []
    before, load, size = cpu_ns(*side.pids), cpu_ns(side.readers.pid), 0
    for _ in range(broadcasts):
        side.readers.arm()
        at = side.publish()
        arrival = side.readers.arrival()
        p99.append((arrival.p99 - at) / 1000)
        last.append((arrival.last - at) / 1000)
        size += arrival.bytes
    time.sleep(SETTLE)
    deliveries = broadcasts * side.readers.count
    return Half(
        (cpu_ns(*side.pids) - before) / 1000 / deliveries,
        median(p99),
        median(last),
        size / deliveries,
        (cpu_ns(side.readers.pid) - load) / 1000 / deliveries,
    )


def in_turns(sides: Sequence[Side], rounds: int, broadcasts: int) -> list[list[Half]]:
    """The halves of each side, made in turns; the first round warms up and is not kept."""
    kept: list[list[Half]] = [[] for _ in sides]
    for turn in range(rounds + 1):
        for halves, side in zip(kept, sides, strict=True):
            made = half(side, broadcasts)
            if turn:
                halves.append(made)
    return kept


def mid(halves: Sequence[Half], name: str) -> float:
    """The median of one figure of some halves."""
    return median(each(halves, name))


def each(halves: Sequence[Half], name: str) -> list[float]:
    """One figure of each."""
    return [getattr(one, name) for one in halves]
