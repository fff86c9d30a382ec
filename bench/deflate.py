"""Bytes a delivery with compression offered, on the texts of the demonstration.

Every move of the demonstration's first lap that publishes is published once to one blog that
is read in four ways; what a way's readers got is counted on their side.
"""

from contextlib import ExitStack, closing
from itertools import takewhile

import msgspec

from bench.asked import Asked
from bench.figures import Row
from bench.house import house, live
from bench.tools import Readers
from liveblog.demo.moves import Publish, moves
from liveblog.demo.seed import KEY
from liveblog.wire.requests import NewEntry

READERS = 10
BARS = {"data": 45, "page": 65}
"""% of the plain frame."""


def texts() -> list[NewEntry]:
    """What the demonstration publishes: its key developments, then its strands, once each."""
    lap = takewhile(lambda move: not getattr(move, "name", "0.").startswith("1."), moves())
    contents = [*KEY, *(move.content for move in lap if isinstance(move, Publish))]
    return [msgspec.convert(content, NewEntry) for content in contents]


def measure(asked: Asked) -> list[Row]:
    """A row for each view."""
    entries = texts()
    got: dict[tuple[str, str], int] = {}
    with ExitStack() as stack:
        ours = stack.enter_context(house(asked.folder))
        ours.desk.blog("demo")
        web = stack.enter_context(ours.web())
        groups, taken = {}, 0
        for view in BARS:
            for how in ("ws", "deflate"):
                group = Readers(asked.tools, web.port, how)
                groups[view, how] = stack.enter_context(closing(group))
                taken += group.connect(READERS, live("demo", f"?view={view}"), 1).deflated
        for entry in entries:
            for group in groups.values():
                group.arm()
            ours.desk.publish("demo", entry)
            for name, group in groups.items():
                got[name] = got.get(name, 0) + group.arrival().bytes
    rows = [Row("readers whose offer of deflate was taken", 100 * taken / READERS / 2, "%")]
    for view, bar in BARS.items():
        plain, small = (got[view, how] / READERS / len(entries) for how in ("ws", "deflate"))
        what = f"{view} view of {len(entries)} demo texts, {plain:,.0f} bytes plain: deflated"
        rows.append(Row(what, 100 * small / plain, "%", bar, key=f"bytes.{view}"))
    return rows
