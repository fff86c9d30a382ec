"""From the PUBLISH to every reader's socket, beside the floor; memory and connects."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.figures import Row, ratio_row
from bench.parts import Floor, Readers, Server, cpu_ns, live, rss_kib, server

BROADCASTS = 20
"""In each half of a pair."""
SETTLE = 0.05
"""Seconds until a process that has sent everything has also accounted for it."""


class Half(NamedTuple):
    """What one side did in one round."""

    cpu: float
    """µs a delivery."""
    p99: float
    last: float
    """µs from the PUBLISH; the median broadcast."""


def measure(folder: Path | None, tools: Path, readers: int, pairs: int) -> list[Row]:
    """All rows of the fan-out."""
    with ExitStack() as stack:
        ours = stack.enter_context(server(folder))
        for slug in ("one", "two"):
            ours.desk.blog(slug)
        sockets = stack.enter_context(closing(Readers(tools, ours.port)))
        standing = idle(ours, sockets, readers)
        streams = stack.enter_context(closing(Readers(tools, ours.port, "sse")))
        streams.connect(readers, "/api/v1/blogs/two/stream", 1)

        sockets.arm()
        ours.desk.publish("one")
        size = sockets.arrival().bytes // sockets.count
        floor = stack.enter_context(closing(Floor(tools, size)))
        below = stack.enter_context(closing(Readers(tools, floor.port)))
        before = cpu_ns(floor.process.pid)
        below.connect(sockets.count, "/", 0)
        floor_connect = (cpu_ns(floor.process.pid) - before) / 1000 / below.count

        base: list[Half] = []
        ws: list[Half] = []
        sse: list[Half] = []
        for turn in range(pairs + 1):
            halves = (
                floor_round(floor, below),
                our_round(ours, sockets, "one"),
                our_round(ours, streams, "two"),
            )
            if turn:  # the first one warms up
                for kept, half in zip((base, ws, sse), halves, strict=True):
                    kept.append(half)
    beside = Row("floor: CPU a connect", floor_connect, "µs")
    return [*rows(readers, size, base, ws, sse), *standing, beside]


def idle(ours: Server, sockets: Readers, readers: int) -> list[Row]:
    """Open the readers in a process that has served few so far; what each costs."""
    sockets.connect(20, live("one"), 1)
    time.sleep(1)
    memory, cpu = rss_kib(ours.pid), cpu_ns(ours.pid)
    sockets.connect(readers, live("one"), 1)
    time.sleep(SETTLE)
    spent = (cpu_ns(ours.pid) - cpu) / 1000 / readers
    time.sleep(1)
    kept = (rss_kib(ours.pid) - memory) / readers
    return [
        Row(f"idle WebSocket reader, memory ({readers:,} of them)", kept, "KiB", 5),
        Row("WebSocket connect + hello, CPU", spent, "µs", 150),
    ]


def floor_round(floor: Floor, readers: Readers) -> Half:
    """The floor's half of a pair."""

    def publish() -> int:
        at = time.monotonic_ns()
        floor.tell("")
        floor.hear("wrote")
        return at

    return broadcast(floor.process.pid, readers, publish)


def our_round(ours: Server, readers: Readers, slug: str) -> Half:
    """Our half of a pair."""
    return broadcast(ours.pid, readers, lambda: ours.desk.publish(slug))


def broadcast(pid: int, readers: Readers, publish: Callable[[], int]) -> Half:
    """Some broadcasts, one after the other has arrived."""
    p99, last = [], []
    before = cpu_ns(pid)
    for _ in range(BROADCASTS):
        readers.arm()
        at = publish()
        arrival = readers.arrival()
        p99.append((arrival.p99 - at) / 1000)
        last.append((arrival.last - at) / 1000)
    time.sleep(SETTLE)
    spent = cpu_ns(pid) - before
    return Half(spent / 1000 / BROADCASTS / readers.count, median(p99), median(last))


def rows(
    readers: int, size: int, base: Sequence[Half], ws: Sequence[Half], sse: Sequence[Half]
) -> list[Row]:
    """The rows of the pairs."""
    cpu = [[half.cpu for half in side] for side in (base, ws, sse)]
    p99 = [[half.p99 for half in side] for side in (base, ws, sse)]
    of = f"{readers:,} readers, a frame of {size} bytes"
    return [
        Row(f"floor: CPU a delivery, {of}", median(cpu[0]), "µs"),
        Row("WebSocket: CPU a delivery", median(cpu[1]), "µs"),
        ratio_row("WebSocket: CPU a delivery to the floor's", cpu[1], cpu[0], 1.35),
        Row("floor: PUBLISH to p99 reader", median(p99[0]) / 1000, "ms"),
        Row("WebSocket: PUBLISH to p99 reader", median(p99[1]) / 1000, "ms"),
        Row("WebSocket: PUBLISH to last reader", median(h.last for h in ws) / 1000, "ms"),
        ratio_row("WebSocket: p99 to the floor's", p99[1], p99[0], 1.5),
        Row("SSE: CPU a delivery", median(cpu[2]), "µs"),
        ratio_row("SSE: CPU a delivery to the WebSocket's", cpu[2], cpu[1], 2),
        ratio_row("SSE: p99 to the WebSocket's", p99[2], p99[1], 2),
    ]
