"""As many idle readers as this machine carries, each with a connection of its own, and one entry.

    make bench ARGS=million
    make bench ARGS="million --readers 1000 --most 3000"      three processes, to try it

Every 19,000 readers have a `liveblog web` and a process of their own; all share one Valkey and
one SQLite. They get heartbeats and pings as often as anybody's readers do. Readers are added
until one of the limits is near: the number asked for, free memory, the machine's descriptors, or
CPU, of which heartbeats and pings of those who are there leave too little to let others in. It
stops by itself and says how far it got and why.

It takes all ports of the loopback address; beside anything else it wants a network of its own
(`unshare -n`).
"""

import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.asked import Asked
from bench.figures import CannotMeasure, Row
from bench.house import AS_USUAL, House, Running, house, live
from bench.kernel import cpu_ns, free_kib, rss_kib, socket_pages
from bench.tools import Readers

EACH = 19_000
KEPT_FREE = 3 * 1024 * 1024
"""KiB of memory that are left to everybody else."""
BROADCASTS = 5
LONGEST = 20.0
"""Seconds for 19,000 to come in; alone they take about eight. When it takes so long, what is
left of the CPU is no more than an entry to all of them needs to arrive within PATIENCE."""
PATIENCE = 120
"""Seconds."""
RESTING = 60.0
"""Seconds in which heartbeats (15) and pings (20) come round so many times each."""


class Pair(NamedTuple):
    """A server and its readers."""

    web: Running
    readers: Readers


def measure(asked: Asked) -> list[Row]:
    """How far it got, what it took, and what an entry to all costs."""
    with ExitStack() as stack:
        ours = stack.enter_context(house(asked.folder))
        ours.desk.blog("one", 100)
        free = free_kib()
        pairs, why = gather(stack, asked, ours, asked.readers or EACH)
        print(f"Stopped because {why}.", file=sys.stderr)
        time.sleep(1)
        taken = free - free_kib()
        readers = sum(pair.readers.count for pair in pairs)
        if not readers:
            raise CannotMeasure(f"Nobody was let in, because {why}.")
        rows = standing(pairs, readers, taken)
        return [*rows, *news(ours, pairs, readers)]


def gather(stack: ExitStack, asked: Asked, ours: House, each: int) -> tuple[list[Pair], str]:
    """Add pairs until there is a reason not to."""
    pairs: list[Pair] = []
    took = 0.0
    while not (why := enough(pairs, asked.most, each, took)):
        began = time.monotonic()
        try:
            pairs.append(add(stack, asked, ours, min(each, asked.most - each * len(pairs))))
        except CannotMeasure as error:
            return pairs, f"no more were let in: {error}"
        took = time.monotonic() - began
        print(
            f"\r{sum(pair.readers.count for pair in pairs):,} readers",
            file=sys.stderr,
            end=" ",
            flush=True,
        )
    return pairs, why


def add(stack: ExitStack, asked: Asked, ours: House, readers: int) -> Pair:
    """One more process with its readers, on the stack when all of them are in."""
    with ExitStack() as own:
        web = own.enter_context(ours.web(**AS_USUAL))
        crowd = own.enter_context(closing(Readers(asked.tools, web.port)))
        crowd.connect(readers, live("one"), 1)
        stack.push(own.pop_all())
        return Pair(web, crowd)


def enough(pairs: list[Pair], most: int, each: int, took: float) -> str:
    """Why no more are added; empty while there is none."""
    if each * len(pairs) >= most:
        return "all are there"
    if took > LONGEST:
        return f"the last {each:,} took {took:.0f} s, as there is no CPU left"
    # What one more pair would take, as the ones before it did.
    last = rss_kib(pairs[-1].web.pid, pairs[-1].readers.pid) if pairs else 0
    if free_kib() - last - each * 8 < KEPT_FREE:
        return "memory would be short"
    used, _, files = Path("/proc/sys/fs/file-nr").read_text().split()
    if int(used) + 2 * each + 10_000 > int(files):
        return "the machine has no more descriptors"
    return ""


def standing(pairs: list[Pair], readers: int, taken: int) -> list[Row]:
    """What idle readers take."""
    webs = [pair.web.pid for pair in pairs]
    before, began = cpu_ns(*webs), time.monotonic()
    time.sleep(RESTING)
    idle = (cpu_ns(*webs) - before) / 1e9 / (time.monotonic() - began)
    of = f"{readers:,} idle readers on {len(pairs)} processes"
    return [
        Row(f"{of}: memory of the servers", rss_kib(*webs) / 1024, "MiB"),
        Row(f"{of}: the same, a reader", rss_kib(*webs) / readers, "KiB"),
        Row(f"{of}: memory of the machine, both ends, a reader", taken / readers, "KiB"),
        Row(f"{of}: socket buffers in use", socket_pages() * 4 / 1024, "MiB"),
        Row(f"{of}: CPU of the servers, heartbeats and pings", idle, "cores"),
    ]


def news(ours: House, pairs: list[Pair], readers: int) -> list[Row]:
    """An entry to all of them, some times."""
    webs = [pair.web.pid for pair in pairs]
    cpu, last = [], []
    for _ in range(BROADCASTS):
        for pair in pairs:
            pair.readers.arm(within=PATIENCE)
        before = cpu_ns(*webs)
        at = ours.desk.publish("one")
        arrivals = [pair.readers.arrival() for pair in pairs]
        last.append((max(arrival.last for arrival in arrivals) - at) / 1e9)
        time.sleep(0.2)
        cpu.append((cpu_ns(*webs) - before) / 1000 / readers)
    return [
        Row(f"an entry to {readers:,}: CPU of the servers a delivery", median(cpu), "µs"),
        Row(f"an entry to {readers:,}: PUBLISH to last reader", median(last), "s"),
    ]
