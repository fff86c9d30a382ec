"""From the POST to the 201 and to a reader's socket, as multiples of a bare commit.

The three are interleaved: what the disk does in between happens to all of them. A POST holds
a commit, so where a round says that it took less than one, the disk was busy with others.
"""

import sqlite3
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

import msgspec

from bench.asked import Asked
from bench.desk import NEWS
from bench.figures import Row, ratio_row
from bench.house import house, live
from bench.plain import Client
from bench.tools import Readers

BATCH = 20
"""Posts whose median makes one round."""


def measure(asked: Asked) -> list[Row]:
    """The rows of the way in."""
    body = msgspec.json.encode({"headline": NEWS.headline, "body": NEWS.body})
    bare: list[float] = []
    posted: list[float] = []
    reached: list[float] = []
    with ExitStack() as stack:
        ours = stack.enter_context(house(asked.folder))
        ours.desk.blog("one")
        web = stack.enter_context(ours.web())
        disk = stack.enter_context(closing(Bare(ours.folder / "bare.db")))
        client = stack.enter_context(closing(Client(web.port, ours.desk.token())))
        reader = stack.enter_context(closing(Readers(asked.tools, web.port)))
        reader.connect(1, live("one"), 1)
        for turn in range((asked.rounds + 1) * BATCH):
            commit = disk.commit(body)
            reader.arm()
            start = time.monotonic_ns()
            answer = client.ask("POST", "/api/v1/blogs/one/entries", body)
            seen = reader.arrival().first
            if turn >= BATCH:  # the first round warms up
                bare.append(commit)
                posted.append((answer.at - start) / 1000)
                reached.append((seen - start) / 1000)
    rows = [Row("bare BEGIN IMMEDIATE … COMMIT with fsync, p50", median(bare), "µs")]
    for name, times, bar in (
        ("POST to 201", posted, 8),
        ("POST to the reader's socket", reached, 12),
    ):
        rows.append(Row(f"{name}, p50", median(times), "µs"))
        rows.append(
            ratio_row(f"{name} to the bare commit", by_round(times), by_round(bare), bar, 1)
        )
    return rows


def by_round(times: list[float]) -> list[float]:
    """The median of each round."""
    return [median(times[at : at + BATCH]) for at in range(0, len(times), BATCH)]


class Bare:
    """One row in one durable transaction, in a file of its own on the same disk."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, body BLOB)")

    def commit(self, body: bytes) -> float:
        """µs from BEGIN to the end of COMMIT."""
        start = time.monotonic_ns()
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("INSERT INTO entry (body) VALUES (?)", (body,))
        self._db.execute("COMMIT")
        return (time.monotonic_ns() - start) / 1000

    def close(self) -> None:
        """Close the file."""
        self._db.close()
