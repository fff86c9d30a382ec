"""One reader of a thousand stops reading (SIGSTOP): what the others notice, what it holds.

Two processes with as many readers take turns: in one of them a reader is stopped and what the
server holds for it has reached its bound; in the other nobody is.
"""

import os
import signal
from contextlib import ExitStack, closing
from statistics import median

import msgspec

from bench.asked import Asked
from bench.broadcasts import Half, Side, broadcasts_for, each, half, in_turns
from bench.figures import CannotMeasure, Row, ratio_row, spread_row
from bench.house import COUNTING, House, Running, house, live
from bench.idle import Counts
from bench.tools import Readers
from liveblog.wire.requests import NewEntry

READERS = 1_000
SMALL_BUFFER = 4096
"""Bytes its kernel takes in; the server's kernel takes some megabytes more."""
LONG = NewEntry(headline="A long report", body="The river rose again. " * 400)
MOST = 2_000
"""Long entries after which it should be full."""


def measure(asked: Asked) -> list[Row]:
    """Latency and memory."""
    readers = asked.readers or READERS
    with ExitStack() as stack:
        ours = stack.enter_context(house(asked.folder))
        calm, held = (side(stack, asked, ours, slug, readers) for slug in ("calm", "held"))
        web = held[1]
        frozen = stack.enter_context(closing(Readers(asked.tools, web.port, "ws", SMALL_BUFFER)))
        frozen.connect(1, live("held"), 1)
        os.kill(frozen.pid, signal.SIGSTOP)
        size, unsent = fill(ours, held[0], web)
        base, found = in_turns((calm[0], held[0]), asked.rounds, broadcasts_for(readers))
        unsent = max(unsent, counts(web).unsent)
        allowed = web.settings.write_buffer_bytes + size
    return rows(readers, base, found, unsent, allowed)


def side(
    stack: ExitStack, asked: Asked, ours: House, slug: str, readers: int
) -> tuple[Side, Running]:
    """A process with readers; nobody is cut for taking nothing."""
    ours.desk.blog(slug)
    web = stack.enter_context(ours.web(COUNTING, stuck_seconds=3600))
    sockets = stack.enter_context(closing(Readers(asked.tools, web.port)))
    sockets.connect(readers, live(slug), 1)
    return Side(slug, [web.pid], sockets, lambda: ours.desk.publish(slug)), web


def fill(ours: House, others: Side, web: Running) -> tuple[int, int]:
    """Publish until the kernel takes no more for the stopped reader; bytes of a frame, and
    those that are unsent.

    :raises CannotMeasure: it takes more than all that was published.
    """
    long = others._replace(publish=lambda: ours.desk.publish(others.name, LONG))
    for _ in range(MOST // 20):
        size = round(half(long, 20).bytes)
        if unsent := counts(web).unsent:
            return size, unsent
    raise CannotMeasure("The reader that was stopped is not full.")


def counts(web: Running) -> Counts:
    """What counting.py tells."""
    return msgspec.json.decode(web.get("/bench/counts"), type=Counts)


def rows(readers: int, base: list[Half], found: list[Half], unsent: int, allowed: int) -> list[Row]:
    """The bar is a tenth, or what the rounds without a stopped reader differ by themselves."""
    calm = each(base, "p99")
    bar = max(1.1, max(calm) / median(calm))
    cpu = each(found, "cpu"), each(base, "cpu")
    of = f"{readers:,} readers and"
    held = "bytes held for the stopped one (the bar: the setting and a frame)"
    return [
        spread_row(f"{readers:,} readers: p99 with nobody stopped", calm, "µs"),
        ratio_row(f"{of} one stopped: p99 to that with none", each(found, "p99"), calm, bar),
        ratio_row(f"{of} one stopped: CPU a delivery to that with none", *cpu),
        Row(held, unsent, "", allowed),
    ]
