"""Everybody at once: a storm of new readers, one of readers who come back, and one of readers
for whom there is no room.

A storm is met by a process that has just started and has no topic open, as after a restart.
All connections are begun at once; those the listen queue has no place for are tried again by
the kernel a second later, as they would be in life, and that wait is part of what is told.
"""

import time
from contextlib import closing
from statistics import median

from bench.asked import Asked
from bench.broadcasts import SETTLE, Side, half
from bench.figures import Row
from bench.house import COUNTING, House, Running, house, live
from bench.idle import BACK, MISSED, reads
from bench.kernel import cpu_ns, files_of
from bench.tools import AT_ONCE, Joined, Readers

READERS = 19_000
CONNECT, BACK_AGAIN = 150, 200
"""µs CPU that a reader may take who comes, and one who comes back and catches up."""
LEAST = 10_000
"""With fewer than these, what a fresh process does once is the greater part."""
CORES = 2
"""Readers have the same cores, so the last one is in when twice all of that has gone."""
FEW = 10
"""Reads that open a topic; those who come must not add one each."""
INSIDE = 1_000
"""Those whose process is full."""


def measure(asked: Asked) -> list[Row]:
    """The rows of the storms."""
    readers = asked.readers or READERS
    with house(asked.folder) as ours:
        ours.desk.blog("one", 100)
        with ours.web(COUNTING) as web:
            rows = storm(asked, ours, web, readers, 0)
        with ours.web(COUNTING) as web:
            rows += storm(asked, ours, web, readers, MISSED)
        with ours.web(COUNTING) as web:
            rows += cut(asked, ours, web, readers)
        with ours.web(max_readers=INSIDE) as web:
            rows += flood(asked, ours, web, readers)
    return rows


def storm(asked: Asked, ours: House, web: Running, readers: int, missed: int) -> list[Row]:
    """All come to a cold process; those who come back have cursors, and news breaks meanwhile."""
    name = f"{readers:,} come back at once to a fresh process" if missed else f"{readers:,} at once"
    with closing(Readers(asked.tools, web.port)) as sockets:
        before, read = cpu_ns(web.pid), reads(web, BACK)
        joined = rush(ours, sockets, readers, missed)
        time.sleep(SETTLE)
        spent = (cpu_ns(web.pid) - before) / 1000 / readers
        return told(name, readers, joined, spent, reads(web, BACK) - read, missed)


def cut(asked: Asked, ours: House, web: Running, readers: int) -> list[Row]:
    """All are cut at once and come back with cursors to the process that had them."""
    name = f"{readers:,} cut at once come back"
    with closing(Readers(asked.tools, web.port)) as sockets:
        idle = files_of(web.pid)
        sockets.connect(readers, live("one"), 1)
        before, read = cpu_ns(web.pid), reads(web, BACK)
        sockets.cut()
        while files_of(web.pid) > idle + 100:  # it cannot hold both: 20,000 descriptors
            time.sleep(0.01)
        gone = (cpu_ns(web.pid) - before) / 1000 / readers
        before = cpu_ns(web.pid)
        joined = rush(ours, sockets, readers, MISSED)
        time.sleep(SETTLE)
        spent = (cpu_ns(web.pid) - before) / 1000 / readers
        rows = told(name, readers, joined, spent, reads(web, BACK) - read, MISSED)
    return [*rows, Row(f"{name}: CPU to notice that one has gone", gone, "µs")]


def flood(asked: Asked, ours: House, web: Running, knocking: int) -> list[Row]:
    """The process is full and more knock: first nothing else happens, then entries go to those
    inside for as long as others knock."""
    path, knocks = live("one"), knocking // 2
    with (
        closing(Readers(asked.tools, web.port)) as inside,
        closing(Readers(asked.tools, web.port)) as crowd,
    ):
        inside.connect(INSIDE, path, 1)
        side = Side("inside", [web.pid], inside, lambda: ours.desk.publish("one"))
        calm = [half(side, 1).p99 for _ in range(asked.rounds)]
        before = cpu_ns(web.pid)
        crowd.begin(knocks, path, 1, 0, AT_ONCE)
        crowd.refused()
        spent = (cpu_ns(web.pid) - before) / 1000 / knocks
        crowd.begin(knocks, path, 1, 0, AT_ONCE)
        flooded = [half(side, 1).p99]
        while not crowd.said():
            flooded.append(half(side, 1).p99)
        crowd.refused()
    of = f"{INSIDE:,} inside"
    return [
        Row("a reader refused by a process that is full: CPU", spent, "µs"),
        Row(f"{of}: PUBLISH to p99 reader", median(calm) / 1000, "ms"),
        Row(f"{of}, while others knock: the same", median(flooded) / 1000, "ms"),
    ]


def rush(ours: House, sockets: Readers, readers: int, missed: int) -> Joined:
    """Connect all at once; those who missed something are in when they have all of it, an
    entry included that is published while they come."""
    if not missed:
        return sockets.connect(readers, live("one"), 1, at_once=readers)
    epoch, head = ours.desk.position("one")
    sockets.begin(readers, live("one", f"?after={epoch}:{head - missed}"), 2, head + 1, readers)
    ours.desk.publish("one")
    return sockets.joined()


def told(
    name: str, readers: int, joined: Joined, spent: float, read: int, missed: int
) -> list[Row]:
    """The rows of one storm."""
    until, bar = ("all caught up", BACK_AGAIN) if missed else ("hello", CONNECT)
    seconds = joined.took / 1e9
    storm = readers >= LEAST
    longest = CORES * readers * bar / 1e6
    return [
        Row(f"{name}: until the last is in", seconds, "s", longest if storm else None),
        Row(f"{name}: readers a second", readers / seconds, ""),
        Row(f"{name}: own wait until {until}, p50", joined.p50 / 1e9, "s"),
        Row(f"{name}: own wait until {until}, p99", joined.p99 / 1e9, "s"),
        Row(f"{name}: CPU a reader", spent, "µs", bar if storm else None),
        Row(f"{name}: database reads, all together", read, "", FEW),
    ]
