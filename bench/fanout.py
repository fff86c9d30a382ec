"""From the PUBLISH to every reader's socket, beside the floor: WebSocket, SSE, deflate.

Every way has a web process of its own, because a process has 20,000 descriptors; all of them
share one Valkey and one database, and take turns.
"""

from contextlib import ExitStack, closing
from typing import NamedTuple

from bench.asked import Asked
from bench.broadcasts import Half, Side, broadcasts_for, each, half, in_turns, mid
from bench.figures import Row, ratio_row
from bench.house import House, house, live, stream
from bench.tools import Floor, Readers

COUNTS = (100, 1_000, 10_000)
MOST = 19_000
"""About what a process with 20,000 descriptors can hold; only WebSockets, fewer rounds."""


class Way(NamedTuple):
    """How readers read."""

    name: str
    how: str
    slug: str


WAYS = (
    Way("WebSocket", "ws", "one"),
    Way("SSE", "sse", "two"),
    Way("deflate", "deflate", "six"),
)


def measure(asked: Asked) -> list[Row]:
    """All rows of the fan-out."""
    counts = COUNTS if asked.readers is None else (asked.readers,)
    rows: list[Row] = []
    for readers in counts:
        rows += beside_floor(asked, readers, WAYS if readers < MOST else WAYS[:1], asked.rounds)
    if asked.readers is None:
        rows += beside_floor(asked, MOST, WAYS[:1], min(3, asked.rounds))
    return rows


def beside_floor(asked: Asked, readers: int, ways: tuple[Way, ...], rounds: int) -> list[Row]:
    """The rows for so many readers of each kind."""
    with ExitStack() as stack:
        ours = stack.enter_context(house(asked.folder))
        sides = [our_side(stack, ours, asked, way, readers) for way in ways]
        size = round(half(sides[0], 1).bytes)
        sides.insert(0, floor_side(stack, asked, size, readers))
        found = in_turns(sides, rounds, broadcasts_for(readers))
    named = dict(zip([side.name for side in sides], found, strict=True))
    rows = websocket(readers, size, named["floor"], named["WebSocket"])
    if "SSE" in named:
        rows += sse(readers, named["floor"], named["WebSocket"], named["SSE"])
    if "deflate" in named:
        rows += deflate(readers, named["floor"], named["WebSocket"], named["deflate"])
    return rows


def our_side(stack: ExitStack, ours: House, asked: Asked, way: Way, readers: int) -> Side:
    """A process with its readers."""
    ours.desk.blog(way.slug)
    web = stack.enter_context(ours.web())
    sockets = stack.enter_context(closing(Readers(asked.tools, web.port, way.how)))
    sockets.connect(readers, stream(way.slug) if way.how == "sse" else live(way.slug), 1)
    return Side(way.name, [web.pid], sockets, lambda: ours.desk.publish(way.slug))


def floor_side(stack: ExitStack, asked: Asked, size: int, readers: int) -> Side:
    """The floor with as many."""
    floor = stack.enter_context(closing(Floor(asked.tools, size)))
    sockets = stack.enter_context(closing(Readers(asked.tools, floor.port)))
    sockets.connect(readers, "/", 0)
    return Side("floor", [floor.pid], sockets, floor.publish)


def websocket(readers: int, size: int, base: list[Half], ws: list[Half]) -> list[Row]:
    """WebSocket beside the floor."""
    of = f"{readers:,} readers"
    bar = readers in (1_000, 10_000)
    return [
        Row(f"{of}, floor: CPU a delivery", mid(base, "cpu"), "µs"),
        Row(f"{of}, their own process: CPU a delivery", mid(base, "load"), "µs"),
        Row(f"{of}, WebSocket: CPU a delivery", mid(ws, "cpu"), "µs", key=f"cpu.ws.{readers}"),
        Row(f"{of}, WebSocket: a delivery", size, "bytes", key=f"size.ws.{readers}"),
        ratio_row(
            f"{of}, WebSocket: CPU a delivery to the floor's",
            each(ws, "cpu"),
            each(base, "cpu"),
            1.35 if bar else None,
            key=f"fanout.ws.{readers}",
        ),
        Row(f"{of}, floor: told to p99 reader", mid(base, "p99") / 1000, "ms"),
        Row(f"{of}, WebSocket: PUBLISH to p99 reader", mid(ws, "p99") / 1000, "ms"),
        Row(f"{of}, WebSocket: PUBLISH to last reader", mid(ws, "last") / 1000, "ms"),
        ratio_row(
            f"{of}, WebSocket: p99 to the floor's",
            each(ws, "p99"),
            each(base, "p99"),
            1.5 if bar else None,
            key=f"p99.ws.{readers}",
        ),
    ]


def sse(readers: int, base: list[Half], ws: list[Half], events: list[Half]) -> list[Row]:
    """SSE beside the WebSocket."""
    of = f"{readers:,} readers, SSE"
    bar = 2 if readers in (1_000, 10_000) else None
    cpu = each(events, "cpu"), each(ws, "cpu")
    return [
        Row(f"{of}: CPU a delivery", mid(events, "cpu"), "µs"),
        ratio_row(f"{of}: CPU a delivery to the WebSocket's", *cpu, bar),
        ratio_row(
            f"{of}: CPU a delivery to the floor's",
            each(events, "cpu"),
            each(base, "cpu"),
            key=f"fanout.sse.{readers}",
        ),
        ratio_row(f"{of}: p99 to the WebSocket's", each(events, "p99"), each(ws, "p99"), bar),
    ]


def deflate(readers: int, base: list[Half], ws: list[Half], small: list[Half]) -> list[Row]:
    """Compression offered, beside the plain WebSocket."""
    of = f"{readers:,} readers, deflate offered"
    cpu = each(small, "cpu")
    return [
        Row(f"{of}: CPU a delivery", mid(small, "cpu"), "µs"),
        ratio_row(
            f"{of}: CPU a delivery to the plain one's",
            cpu,
            each(ws, "cpu"),
            1.1 if readers in (1_000, 10_000) else None,
        ),
        ratio_row(
            f"{of}: CPU a delivery to the floor's (of the plain size)",
            cpu,
            each(base, "cpu"),
            key=f"fanout.deflate.{readers}",
        ),
        Row(f"{of}: a delivery", mid(small, "bytes"), "bytes"),
    ]
