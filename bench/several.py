"""`liveblog serve` with one web process and with two: time to the last reader, CPU, hints.

The readers' processes and Valkey have the same cores, so two web processes cannot be twice as
fast on two cores; what is shown is that they share the readers, that each hears a hint once,
and what they cost together.
"""

import sys
import time
import urllib.error
from contextlib import closing, suppress
from typing import NamedTuple

import redis

from bench.asked import Asked
from bench.broadcasts import Half, Side, broadcasts_for, in_turns, mid
from bench.figures import CannotMeasure, Row
from bench.house import House, Running, house, live
from bench.kernel import children_of, files_of
from bench.tools import WITHIN, Readers

READERS = 10_000
SERVE = ("-m", "liveblog.cli", "serve")
WEB = "liveblog.server.child"


class Found(NamedTuple):
    """Of one number of processes."""

    halves: list[Half]
    share: float
    """% of the readers that the fullest process has."""
    subscriptions: int
    """Of the blog's channel, on Valkey."""


def measure(asked: Asked) -> list[Row]:
    """Rows for one process and for two."""
    readers = asked.readers or READERS
    one, two = (with_processes(asked, readers, count) for count in (1, 2))
    rows = []
    for count, found in ((1, one), (2, two)):
        of = f"serve with {count} web process{'es' * (count > 1)}, {readers:,} readers"
        rows += [
            Row(f"{of}: PUBLISH to last reader", mid(found.halves, "last") / 1000, "ms"),
            Row(f"{of}: CPU a delivery, all of them", mid(found.halves, "cpu"), "µs"),
            Row(f"{of}: subscriptions of the channel", found.subscriptions, "", count),
        ]
    ratio = mid(two.halves, "last") / mid(one.halves, "last")
    return [
        *rows,
        Row("readers of the fuller one of two", two.share, "%"),
        Row("PUBLISH to last reader, two processes to one", ratio, "×"),
    ]


def with_processes(asked: Asked, readers: int, count: int) -> Found:
    """A `serve` of its own with so many web processes."""
    with house(asked.folder) as ours:
        ours.desk.blog("one")
        with ours.web(SERVE, processes=count) as serve:
            pids = web_children(serve, count)
            before = [files_of(pid) for pid in pids]
            with closing(Readers(asked.tools, serve.port)) as sockets:
                sockets.connect(readers, live("one"), 1)
                taken = [files_of(pid) - had for pid, had in zip(pids, before, strict=True)]
                side = Side("serve", pids, sockets, lambda: ours.desk.publish("one"))
                (halves,) = in_turns((side,), asked.rounds, broadcasts_for(readers))
                return Found(halves, 100 * max(taken) / readers, subscriptions(ours))


def web_children(serve: Running, count: int) -> list[int]:
    """The web processes, when all of them answer: each has been seen to accept."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        pids = [pid for pid, line in children_of(serve.pid).items() if WEB in line]
        if len(pids) == count and all(files_of(pid) > LISTENING for pid in pids):
            with suppress(OSError, urllib.error.URLError):
                serve.get("/readyz")
                return pids
        time.sleep(0.1)
    raise CannotMeasure(f"{count} web processes did not come up: {sys.argv[0]}")


LISTENING = 12
"""A child that serves has more descriptors than this: event loop, database, Valkey."""


def subscriptions(ours: House) -> int:
    """How many connections Valkey passes the blog's hints to."""
    with closing(redis.Redis.from_url(ours.valkey.url)) as valkey:
        channel = f"{ours.settings.redis_prefix}:{ours.desk.channel('one')}"
        ((_, count),) = valkey.pubsub_numsub(channel)
        return int(count)
