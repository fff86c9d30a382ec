"""`liveblog serve` with one web process and with two: coming in, time to the last reader, hints.

The readers' processes and Valkey have the same cores, so two web processes cannot be twice as
fast on two cores. To write to a reader costs him as much as us, so there how much faster two
processes can be here is shown by the floor: one of them, then two with half of the readers each.
To let one in costs us several times what it costs him.
"""

import sys
import time
import urllib.error
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from statistics import median
from typing import NamedTuple

import redis

from bench.asked import Asked
from bench.broadcasts import SETTLE, broadcasts_for
from bench.figures import CannotMeasure, Row
from bench.house import House, Running, house, live
from bench.kernel import children_of, cpu_ns, files_of
from bench.tools import WITHIN, Floor, Readers

READERS = 10_000
FRAME = 1100
"""Bytes, as ours."""
SERVE = ("-m", "liveblog.cli", "serve")
WEB = "liveblog.server.child"


class Found(NamedTuple):
    """Of one number of processes."""

    told: "Told"
    came: float
    """Readers let in a second."""
    share: float
    """% of the readers that the fullest process has."""
    subscriptions: int
    """Of the blog's channel, on Valkey."""


class Told(NamedTuple):
    """An entry to two crowds of readers: the medians."""

    last: float
    """ms until the last of them has it."""
    cpu: float
    """µs of all senders, a delivery."""


def measure(asked: Asked) -> list[Row]:
    """Rows for one process and for two."""
    readers = asked.readers or READERS
    one, two = (with_processes(asked, readers, count) for count in (1, 2))
    floor_one, floor_two = (floors(asked, readers, count) for count in (1, 2))
    rows = []
    for count, found in ((1, one), (2, two)):
        of = f"serve with {count} web process{'es' * (count > 1)}, {readers:,} readers"
        rows += [
            Row(f"{of}: let in a second", found.came, ""),
            Row(f"{of}: PUBLISH to last reader", found.told.last, "ms"),
            Row(f"{of}: CPU a delivery, all of them", found.told.cpu, "µs"),
            Row(f"{of}: subscriptions of the channel", found.subscriptions, "", count),
        ]
    what = "PUBLISH to last reader, two processes to one"
    return [
        *rows,
        Row("readers of the fuller one of two", two.share, "%"),
        Row("let in a second, two processes to one", two.came / one.came, "×"),
        Row(what, two.told.last / one.told.last, "×"),
        Row(f"floor, {readers:,} readers: told to last reader", floor_one.last, "ms"),
        Row("the same, two floors to one", floor_two.last / floor_one.last, "×"),
    ]


def floors(asked: Asked, readers: int, count: int) -> Told:
    """The same crowds at one floor, or each at a floor of its own."""
    with ExitStack() as stack:
        made = [stack.enter_context(closing(Floor(asked.tools, FRAME))) for _ in range(count)]
        crowds, _ = stack.enter_context(crowds_of(asked, [one.port for one in made], readers, "/"))

        def publish() -> int:
            at = time.monotonic_ns()
            for one in made:
                one.tell("")
            for one in made:
                one.hear("wrote")
            return at

        return tell(crowds, [one.pid for one in made], publish, asked.rounds)


@contextmanager
def crowds_of(
    asked: Asked, ports: Sequence[int], readers: int, path: str
) -> Iterator[tuple[list[Readers], float]]:
    """Two crowds of readers, each by a process of its own; of the last port the second. And
    the seconds it took to let in one after the other."""
    with ExitStack() as stack:
        crowds, took = [], 0
        for port in (ports[0], ports[-1]):
            crowd = stack.enter_context(closing(Readers(asked.tools, port)))
            took += crowd.connect(readers // 2, path, 0 if path == "/" else 1).took
            crowds.append(crowd)
        yield crowds, took / 1e9


def tell(
    crowds: Sequence[Readers], pids: Sequence[int], publish: Callable[[], int], rounds: int
) -> Told:
    """Publish again and again, each time when all have the one before; the first time warms up."""
    readers = sum(crowd.count for crowd in crowds)
    last, cpu = [], []
    for turn in range(rounds * broadcasts_for(readers) + 1):
        for crowd in crowds:
            crowd.arm()
        before = cpu_ns(*pids)
        at = publish()
        arrivals = [crowd.arrival() for crowd in crowds]
        time.sleep(SETTLE)
        if turn:
            last.append((max(one.last for one in arrivals) - at) / 1e6)
            cpu.append((cpu_ns(*pids) - before) / 1000 / readers)
    return Told(median(last), median(cpu))


def with_processes(asked: Asked, readers: int, count: int) -> Found:
    """A `serve` of its own with so many web processes."""
    with house(asked.folder) as ours:
        ours.desk.blog("one")
        with ours.web(SERVE, processes=count) as serve:
            pids = web_children(serve, count)
            before = [files_of(pid) for pid in pids]
            with crowds_of(asked, [serve.port], readers, live("one")) as (crowds, took):
                taken = [files_of(pid) - had for pid, had in zip(pids, before, strict=True)]
                told = tell(crowds, pids, lambda: ours.desk.publish("one"), asked.rounds)
                share = 100 * max(taken) / readers
                return Found(told, readers / took, share, subscriptions(ours))


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
