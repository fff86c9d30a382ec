"""Arithmetic and the table. Nothing here measures."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

OTHER = "other:"
"""What the key of a row begins with that belongs into the table beside others:
``other:WHO:delivery``, ``:connect``, ``:memory``, or ``:none`` for one that did not run."""


class CannotMeasure(Exception):
    """Why something cannot be measured; the message is a sentence."""


def median_ratio(ours: Sequence[float], base: Sequence[float]) -> float:
    """The median of the ratios of pairs that were measured one after the other."""
    return statistics.median(o / b for o, b in zip(ours, base, strict=True))


class Row(NamedTuple):
    """One line of the table; without a bar it is there to be read beside the others."""

    what: str
    figure: float
    unit: str
    bar: float | None = None
    spread: tuple[float, float] | None = None
    """The lowest and the highest of the rounds."""
    least: float | None = None
    """What it cannot be below; where a round is, what it was compared with was disturbed."""
    more: bool = False
    """The bar is what it must at least be."""
    key: str = ""
    """What the drawings call it."""

    @property
    def verdict(self) -> str:
        """pass, miss, unclear, or nothing where there is no bar."""
        if self.bar is None:
            return ""
        if self.least is not None and self.spread is not None and self.spread[0] < self.least:
            return "unclear"
        reached = self.figure >= self.bar if self.more else self.figure <= self.bar
        return "pass" if reached else "**miss**"


def ratio_row(
    what: str,
    ours: Sequence[float],
    base: Sequence[float],
    bar: float | None = None,
    least: float | None = None,
    *,
    more: bool = False,
    key: str = "",
) -> Row:
    """Ours as a multiple of what was measured beside it."""
    ratios = [o / b for o, b in zip(ours, base, strict=True)]
    spread = (min(ratios), max(ratios))
    return Row(what, median_ratio(ours, base), "×", bar, spread, least, more, key)


def spread_row(
    what: str, figures: Sequence[float], unit: str, bar: float | None = None, key: str = ""
) -> Row:
    """The median of some figures of the same thing."""
    spread = (min(figures), max(figures))
    return Row(what, statistics.median(figures), unit, bar, spread, key=key)


def short(value: float) -> str:
    """A number with as many digits as it deserves."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | figure | rounds | bar | |", "| --- | ---: | ---: | ---: | --- |"]
    for row in rows:
        if row.key.startswith(OTHER):
            continue
        unit = row.unit if row.unit in ("×", "%") else f" {row.unit}".rstrip()
        rounds = f"{short(row.spread[0])} … {short(row.spread[1])}" if row.spread else ""
        bar = f"{'≥' if row.more else '≤'} {short(row.bar)}{unit}" if row.bar is not None else ""
        lines.append(
            f"| {row.what} | {short(row.figure)}{unit} | {rounds} | {bar} | {row.verdict} |"
        )
    return "\n".join(lines)


def others_table(rows: Sequence[Row]) -> str:
    """Ours beside others, a line for each; empty when nobody was measured."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row.key.startswith(OTHER):
            _, who, what = row.key.split(":")
            found.setdefault(who, {})[what] = row
    if not found:
        return ""
    lines = [
        "| WebSocket fan-out | CPU a delivery, × floor | rounds | µs CPU a connect"
        " | KiB a connection |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for cells in found.values():
        if "none" in cells:
            lines.append(f"| {cells['none'].what} | | | | |")
            continue
        ratio = cells["delivery"]
        low, high = ratio.spread or (ratio.figure, ratio.figure)
        lines.append(
            f"| {ratio.what.partition(':')[0]} | {short(ratio.figure)}"
            f" | {short(low)} … {short(high)} | {short(cells['connect'].figure)}"
            f" | {short(cells['memory'].figure)} |"
        )
    return "\n".join(lines)
