"""What a reader costs who only stands there, and what one costs who comes in.

Each time in a fresh process: memory that was freed does not go back, and Python's full
collections come at certain numbers of readers, so only processes with the same number of
readers can be compared. Ways take turns.
"""

import time
from contextlib import ExitStack, closing
from typing import NamedTuple

import msgspec

from bench.asked import Asked
from bench.broadcasts import SETTLE
from bench.desk import NEWS
from bench.figures import Row, spread_row
from bench.house import AS_USUAL, COUNTING, USUAL, House, Running, house, live
from bench.kernel import cpu_ns, rss_kib
from bench.tools import Floor, Readers

READERS = 10_000
PROCESSES = 3
"""Fresh ones for each way."""
MISSED = 10
"""Changes that one who comes back has missed; they are in the window."""
RESTING = 60.0
"""Seconds in which heartbeats (15) and pings (20) come round so many times each."""
BEFORE = 0.05
"""So many of them come first, open the topic and fill what the start has left free; they are
not counted."""


class Cost(NamedTuple):
    """Of one reader."""

    memory: float
    """KiB."""
    connect: float
    """µs CPU."""
    reads: int
    """Of the database, for all readers together; only where they are counted."""


class Way(NamedTuple):
    """How they come in."""

    name: str
    how: str = "ws"
    missed: int = 0
    command: tuple[str, ...] = USUAL


PLAIN = Way("WebSocket")
SMALL = Way("WebSocket, deflate offered", how="deflate")
BACK = Way(f"WebSocket that missed {MISSED} changes", missed=MISSED, command=COUNTING)


def measure(asked: Asked) -> list[Row]:
    """Memory and CPU of a reader."""
    readers = asked.readers or READERS
    found: dict[Way, list[Cost]] = {PLAIN: [], SMALL: [], BACK: []}
    with house(asked.folder) as ours:
        ours.desk.blog("one", 100)
        for _ in range(PROCESSES):
            for way, costs in found.items():
                with ours.web(way.command) as web:
                    costs.append(cost(asked, ours, web, way, readers))
        with ours.web(**AS_USUAL) as web:
            standing = rest(asked, web, readers)
    return [*rows(found, readers), standing, floor(asked, readers)]


def cost(asked: Asked, ours: House, web: Running, way: Way, readers: int) -> Cost:
    """Connect so many readers, and let them stand."""
    query = ""
    if way.missed:
        epoch, head = ours.desk.position("one")
        query = f"?after={epoch}:{head - way.missed}"
    with closing(Readers(asked.tools, web.port, way.how)) as sockets:
        sockets.connect(round(readers * BEFORE), live("one"), 1)
        time.sleep(0.5)
        memory, cpu, before = rss_kib(web.pid), cpu_ns(web.pid), reads(web, way)
        sockets.connect(readers, live("one", query), 2 if way.missed else 1)
        time.sleep(SETTLE)
        spent = cpu_ns(web.pid) - cpu
        time.sleep(0.5)
        kept = rss_kib(web.pid) - memory
        return Cost(kept / readers, spent / 1000 / readers, reads(web, way) - before)


def rest(asked: Asked, web: Running, readers: int) -> Row:
    """What it takes to let so many stand: heartbeats and pings, as often as users have them."""
    with closing(Readers(asked.tools, web.port)) as sockets:
        sockets.connect(readers, live("one"), 1)
        time.sleep(1)
        cpu, began = cpu_ns(web.pid), time.monotonic()
        time.sleep(RESTING)
        spent = (cpu_ns(web.pid) - cpu) / 1000 / (time.monotonic() - began) / readers
    what = f"idle reader, WebSocket: CPU a second for heartbeats and pings ({readers:,} of them)"
    return Row(what, spent, "µs", key="idle.cpu")


def reads(web: Running, way: Way) -> int:
    """What it has asked the database so far, but for the look once a second."""
    if way.command != COUNTING:
        return 0
    return msgspec.json.decode(web.get("/bench/counts"), type=Counts).reads


class Counts(msgspec.Struct):
    """What counting.py tells."""

    reads: int
    unsent: int


def rows(found: dict[Way, list[Cost]], readers: int) -> list[Row]:
    """Median of the processes, lowest and highest."""
    made = []
    for way in (PLAIN, SMALL):
        memory = [cost.memory for cost in found[way]]
        what = f"idle reader, {way.name}: memory ({readers:,} of them)"
        made.append(spread_row(what, memory, "KiB", 5, key=f"memory.{way.how}"))
    for way, bar in ((PLAIN, 150), (SMALL, 150), (BACK, 200)):
        cpu = [cost.connect for cost in found[way]]
        what = f"{way.name}: CPU of a connect and what it is sent"
        made.append(spread_row(what, cpu, "µs", bar, key=f"connect.{way.how}.{way.missed}"))
    total = [float(cost.reads) for cost in found[BACK]]
    what = f"database reads of {readers:,} such connects with {MISSED} changes to catch up on"
    return [*made, spread_row(what, total, "", 0)]


def floor(asked: Asked, readers: int) -> Row:
    """What the floor takes to accept and answer."""
    size = len(NEWS.body) + 200
    with ExitStack() as stack:
        below = stack.enter_context(closing(Floor(asked.tools, size)))
        sockets = stack.enter_context(closing(Readers(asked.tools, below.port)))
        before = cpu_ns(below.pid)
        sockets.connect(readers, "/", 0)
        return Row("floor: CPU a connect", (cpu_ns(below.pid) - before) / 1000 / readers, "µs")
