"""Figures on disk, and the tables and drawings of docs/performance.md made from them.

    python -m bench.document      make them again, without measuring

The document is written by hand but for what stands between ``<!-- bench:NAME -->`` and
``<!-- /bench -->``.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench import plot
from bench.figures import OTHER, Row, others_table, table
from bench.scale import Assumed, Measured, plan, plan_table, wave_table
from bench.tools import HERE

DOCS = HERE.parent / "docs"
FIGURES = "performance.json"
READERS = (1_000_000, 10_000_000, 50_000_000)
SEED = 1
APART = ("million", "profile")
"""Parts that have a block of their own."""


class Part(msgspec.Struct):
    """What one part found, and on what machine."""

    machine: str
    rows: list[Row]


Figures = dict[str, Part]


def load(docs: Path) -> Figures:
    """What was kept; nothing when nothing was."""
    path = docs / FIGURES
    return msgspec.json.decode(path.read_bytes(), type=Figures) if path.exists() else {}


def keep(docs: Path, new: Figures) -> Figures:
    """Put new parts in the place of old ones, and keep all."""
    figures = load(docs) | new
    data = msgspec.json.format(msgspec.json.encode(figures), indent=1)
    (docs / FIGURES).write_bytes(data + b"\n")
    return figures


def write(docs: Path, figures: Figures) -> None:
    """Make drawings and tables."""
    rows = [row for part in figures.values() for row in part.rows]
    for name, svg in drawings(rows).items():
        (docs / name).write_text(svg)
    page = docs / "performance.md"
    page.write_text(fill(page.read_text(), blocks(figures)))


def fill(text: str, made: dict[str, str]) -> str:
    """The text with the blocks in their places; those that were not made stay as they are."""

    def one(match: re.Match[str]) -> str:
        block = made.get(match[1])
        return match[0] if block is None else f"{match[2]}\n{block}\n<!-- /bench -->"

    return re.sub(r"(?s)(?=<!-- bench:(\w+) -->)(<!-- bench:\w+ -->).*?<!-- /bench -->", one, text)


def blocks(figures: Figures) -> dict[str, str]:
    """The blocks that the figures are enough for."""
    usual = [row for name, part in figures.items() if name not in APART for row in part.rows]
    machines = dict.fromkeys(part.machine for part in figures.values())
    barred = [row for row in usual if row.bar is not None]
    reached = sum(row.verdict == "pass" for row in barred)
    made = {
        "machine": "\n".join(machines),
        "bars": f"{table(barred)}\n\n{reached} of {len(barred)} bars reached.",
        "all": table([row for row in usual if row.bar is None]),
        "others": others_table(usual),
    }
    made |= {name: table(figures[name].rows) for name in APART if name in figures}
    measured = measured_in(usual)
    if measured is not None:
        made["scale"] = on_paper(measured)
    return made


def measured_in(rows: Sequence[Row]) -> Measured | None:
    """What the reckoning needs; None when some of it was not measured."""
    found = {row.key: row.figure for row in rows}
    try:
        return Measured(
            reader_kib=found["memory.deflate"],
            delivery_us=found["cpu.ws.10000"],
            connect_us=found["connect.ws.10"],
            message_bytes=found["size.ws.10000"],
            deflated=found["bytes.data"] / 100,
            idle_us=found["idle.cpu"],
        )
    except KeyError:
        return None


def on_paper(measured: Measured) -> str:
    """The model's tables, with what they rest on."""
    assumed = Assumed()
    plans = [plan(readers, measured, assumed) for readers in READERS]
    given = ", ".join(f"{name} {value:.3g}" for name, value in measured._asdict().items())
    taken = ", ".join(f"{name} {value:g}" for name, value in assumed._asdict().items())
    return (
        f"Measured: {given}.\n\nAssumed: {taken}.\n\n{plan_table(plans)}\n\n"
        f"When one node is lost (simulated, seed {SEED}):\n\n"
        f"{wave_table(plans, measured, assumed, SEED)}"
    )


def drawings(rows: Sequence[Row]) -> dict[str, str]:
    """File names and drawings."""
    series: dict[str, list[tuple[float, float]]] = {}
    beside: dict[str, float] = {}
    for row in rows:
        kind, _, rest = row.key.partition(".")
        if kind == "fanout":
            how, _, readers = rest.partition(".")
            series.setdefault(LINES[how], []).append((float(readers), row.figure))
        elif row.key.startswith(OTHER) and row.key.endswith(":delivery"):
            beside[row.what.partition(":")[0].strip("*")] = row.figure
    made = {}
    if series:
        title = "CPU a delivery as a multiple of the floor's, by the number of readers"
        bars = {name: bar for name, bar in BARS.items() if name in series}
        made["performance-fanout.svg"] = plot.lines(series, bars, title)
    if beside:
        title = "CPU a delivery to 1,000 readers as a multiple of the floor's"
        sorted_by = dict(sorted(beside.items(), key=lambda one: one[1]))
        made["performance-others.svg"] = plot.rows(sorted_by, "Liveblog", title)
    return made


LINES = {"ws": "WebSocket", "sse": "SSE", "deflate": "deflate offered"}
BARS = {"WebSocket": 1.35, "SSE": 2.7}


if __name__ == "__main__":
    write(DOCS, load(DOCS))
