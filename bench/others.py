"""Ours beside other ways to send the same bytes to as many readers, each with its own floor.

The others are told by a line to send and have no broker behind them; ours gets its hint through
Valkey, as always.
"""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing

from bench.asked import Asked
from bench.broadcasts import SETTLE, Side, broadcasts_for, each, half, in_turns
from bench.fanout import floor_side
from bench.figures import CannotMeasure, Row, ratio_row
from bench.house import house, live
from bench.kernel import cpu_ns, rss_kib
from bench.tools import Beside, Readers

READERS = 1_000
BEFORE = 20
NAMES = {
    "socketify_publish": "socketify, publish",
    "picows_loop": "picows, a loop of send",
    "websockets_broadcast": "websockets, broadcast()",
    "starlette_gather": "Starlette, send_text gathered",
    "starlette_queue": "Starlette, a queue a reader",
}


def measure(asked: Asked) -> list[Row]:
    """Three rows for each: a delivery, a connect, the memory of a connection."""
    rows, size = ours(asked)
    for module, name in NAMES.items():
        try:
            peer = Beside(sys.executable, "-m", f"bench.peers.{module}", str(size))
        except CannotMeasure as error:
            rows.append(Row(f"{name} (not run: {error})", 0, "", key=f"other:{module}:none"))
            continue
        with closing(peer):
            rows += figures(asked, module, name, (peer.pid, peer.port, "/"), peer.publish)
    return rows


def ours(asked: Asked) -> tuple[list[Row], int]:
    """Liveblog's rows, and the bytes of its frame."""
    with house(asked.folder) as home:
        home.desk.blog("one")
        with home.web() as web:
            with closing(Readers(asked.tools, web.port)) as one:
                one.connect(1, live("one"), 1)
                publish: Callable[[], int] = lambda: home.desk.publish("one")  # noqa: E731
                size = round(half(Side("one", [web.pid], one, publish), 1).bytes)
            where = (web.pid, web.port, live("one"))
            return figures(asked, "ours", "**Liveblog**", where, publish), size


def figures(
    asked: Asked, key: str, name: str, where: tuple[int, int, str], publish: Callable[[], int]
) -> list[Row]:
    """The rows of one server.

    :param where: process, port and path.
    """
    pid, port, path = where
    readers = asked.readers or READERS
    first = 1 if key == "ours" else 0
    with closing(Readers(asked.tools, port)) as sockets:
        sockets.connect(BEFORE, path, first)
        time.sleep(0.5)
        memory, cpu = rss_kib(pid), cpu_ns(pid)
        sockets.connect(readers, path, first)
        time.sleep(SETTLE)
        connect = (cpu_ns(pid) - cpu) / 1000 / readers
        time.sleep(0.5)
        kept = (rss_kib(pid) - memory) / readers
        base, found = beside_floor(asked, Side(name, [pid], sockets, publish))
    ratio = ratio_row(f"{name}: CPU a delivery to the floor's", found, base)
    return [
        ratio._replace(key=f"other:{key}:delivery"),
        Row(f"{name}: CPU a connect", connect, "µs", key=f"other:{key}:connect"),
        Row(f"{name}: memory of a connection", kept, "KiB", key=f"other:{key}:memory"),
    ]


def beside_floor(asked: Asked, side: Side) -> tuple[list[float], list[float]]:
    """CPU a delivery of the floor and of this side, in turns."""

    count = side.readers.count
    with ExitStack() as stack:
        size = round(half(side, 1).bytes)
        sides = (floor_side(stack, asked, size, count), side)
        base, found = in_turns(sides, asked.rounds, broadcasts_for(count))
    return each(base, "cpu"), each(found, "cpu")
