"""Coming back with a cursor, and whether a long story makes anything slower."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

import msgspec

from bench.figures import Row, ratio_row
from bench.parts import NEWS, Readers, cpu_ns, live, server
from bench.plain import Client

CHANGES = 10
SMALL = 100
PROCESSES = 3
"""Fresh ones for each way to connect."""
BATCH = 10
"""Requests whose median makes one round."""


def measure(folder: Path | None, tools: Path, readers: int, rounds: int, big: int) -> list[Row]:
    """Both parts, each in a fresh process."""
    return come_back(folder, tools, readers) + growth(folder, rounds, big)


def come_back(folder: Path | None, tools: Path, readers: int) -> list[Row]:
    """CPU of a connect with a cursor and ten changes, beside one without a cursor.

    Each time in a fresh process: Python's full garbage collections come at certain numbers of
    readers, so only processes with the same number of them can be compared.
    """
    plain: list[float] = []
    behind: list[float] = []
    for _ in range(PROCESSES):
        plain.append(connects(folder, tools, readers, 0))
        behind.append(connects(folder, tools, readers, CHANGES))
    what = f"WebSocket connect + catch-up of {CHANGES} changes, CPU"
    return [
        Row(what, median(behind), "µs", 200, (min(behind), max(behind))),
        Row("the same without a cursor, CPU", median(plain), "µs", None, (min(plain), max(plain))),
    ]


def connects(folder: Path | None, tools: Path, readers: int, missed: int) -> float:
    """CPU (µs) of one of many connects to a fresh process, each behind by so many changes."""
    with server(folder) as ours:
        ours.desk.blog("one", SMALL)
        with closing(Client(ours.port)) as client:
            epoch, head = position(client, "one")
        path = live("one") + (f"?after={epoch}:{head - missed}" if missed else "")
        with closing(Readers(tools, ours.port)) as sockets:
            sockets.connect(20, live("one"), 1)
            before = cpu_ns(ours.pid)
            sockets.connect(readers, path, 2 if missed else 1)
            time.sleep(0.05)
            return (cpu_ns(ours.pid) - before) / 1000 / readers


def growth(folder: Path | None, rounds: int, big: int) -> list[Row]:
    """A long blog and a short one, asked in turns on one server."""
    body = msgspec.json.encode({"headline": NEWS.headline, "body": NEWS.body})
    with server(folder) as ours:
        for slug, entries in (("small", SMALL), ("big", big)):
            ours.desk.blog(slug, entries)
        with closing(Client(ours.port, ours.desk.token())) as client:

            def catch_up(slug: str) -> float:
                epoch, head = position(client, slug)
                cursor = f"{epoch}:{head - CHANGES}"
                return client.timed("GET", f"/api/v1/blogs/{slug}/changes?after={cursor}")

            ways: dict[str, Callable[[str], float]] = {
                "live page": lambda slug: client.timed("GET", f"/blogs/{slug}"),
                "snapshot": lambda slug: client.timed("GET", f"/api/v1/blogs/{slug}/snapshot"),
                "catch-up": catch_up,
                "POST": lambda slug: client.timed("POST", f"/api/v1/blogs/{slug}/entries", body),
            }
            found = []
            for name, way in ways.items():
                small, large = in_turns(way, rounds)
                what = f"{name} of a blog of {big:,} entries to one of {SMALL}"
                found.append(Row(f"{name} of a blog of {SMALL} entries, p50", median(small), "µs"))
                found.append(ratio_row(what, large, small, 1.2))
    return found


def in_turns(way: Callable[[str], float], rounds: int) -> tuple[list[float], list[float]]:
    """The median of each round for both blogs, request by request in turns."""
    small: list[float] = []
    large: list[float] = []
    for turn in range(rounds + 1):
        pairs = [(way("small"), way("big")) for _ in range(BATCH)]
        if turn:  # the first round warms up
            small.append(median(one for one, _ in pairs))
            large.append(median(two for _, two in pairs))
    return small, large


def position(client: Client, slug: str) -> tuple[str, int]:
    """Epoch and head of a blog."""
    cursor = client.ask("GET", f"/api/v1/blogs/{slug}/snapshot").head["liveblog-cursor"]
    epoch, _, seq = cursor.rpartition(":")
    return epoch, int(seq)
