"""Two small drawings as SVG, made by hand. Pure.

The background is transparent and the ink follows the reader's light or dark, so that they can
be read in both.
"""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 24, 48
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.small { font-size: 11px; }
.grid { stroke: #8c959f; stroke-opacity: .35; }
.bar { stroke-dasharray: 5 4; stroke-width: 1.5; }
.line { fill: none; stroke-width: 2.5; }
.c0 { stroke: #0969da; } .f0 { fill: #0969da; }
.c1 { stroke: #bc4c00; } .f1 { fill: #bc4c00; }
.c2 { stroke: #1a7f37; } .f2 { fill: #1a7f37; }
.c3 { stroke: #8250df; } .f3 { fill: #8250df; }
.other { fill: #8c959f; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .c0 { stroke: #58a6ff; } .f0 { fill: #58a6ff; }
  .c1 { stroke: #f0883e; } .f1 { fill: #f0883e; }
  .c2 { stroke: #3fb950; } .f2 { fill: #3fb950; }
  .c3 { stroke: #bc8cff; } .f3 { fill: #bc8cff; }
}
"""

Points = Sequence[tuple[float, float]]


def lines(series: Mapping[str, Points], bars: Mapping[str, float], title: str) -> str:
    """A line for each of the series over the number of readers (a logarithmic axis); a bar is
    a broken line in the colour of the series of the same name."""
    xs = sorted({x for points in series.values() for x, _ in points})
    top = 1.1 * max([*bars.values(), *(y for points in series.values() for _, y in points)])
    inner = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    span = max(log10(xs[-1] / xs[0]), 0.1)

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + inner[0] * log10(x / xs[0]) / span, TOP + inner[1] * (1 - y / top)

    step = 0.5 if top <= 4 else 1 if top <= 8 else 5
    parts = []
    for mark in range(int(top / step) + 1):
        _, y = at(xs[0], mark * step)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{mark * step:g}×", "small", "end"))
    for x in xs:
        parts.append(_text(at(x, 0)[0], HEIGHT - BOTTOM + 18, f"{x:,.0f}", "small", "middle"))
    parts.append(_text(LEFT + inner[0] / 2, HEIGHT - 10, "readers", "small", "middle"))
    labels: list[tuple[float, str, str]] = []
    for number, (name, points) in enumerate(series.items()):
        placed = [at(x, y) for x, y in sorted(points)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
        parts.append(f'<path class="line c{number}" d="M{path}"/>')
        parts += [f'<circle class="f{number}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in placed]
        labels.append((placed[-1][1], name, f"f{number}"))
        if name in bars:
            _, y = at(xs[0], bars[name])
            path = f"M{LEFT} {y:.1f}H{WIDTH - RIGHT}"
            parts.append(f'<path class="bar c{number}" d="{path}"/>')
            labels.append((y, f"bar, {name}", f"f{number}"))
    parts += _apart(labels)
    return _svg(title, parts, HEIGHT)


def rows(figures: Mapping[str, float], ours: str, title: str) -> str:
    """A horizontal bar for each, ours in colour."""
    height = TOP + 30 * len(figures) + 16
    most = max(figures.values())
    left = 230
    parts = []
    for number, (name, figure) in enumerate(figures.items()):
        y = TOP + 30 * number
        width = (WIDTH - left - 70) * figure / most
        style = "f0" if name == ours else "other"
        parts.append(_text(left - 10, y + 15, name, "", "end"))
        parts.append(
            f'<rect class="{style}" x="{left}" y="{y}" width="{width:.1f}" height="20" rx="3"/>'
        )
        parts.append(_text(left + width + 8, y + 15, f"{figure:.2g}×", "small", "start"))
    return _svg(title, parts, height)


def _apart(labels: list[tuple[float, str, str]]) -> list[str]:
    """The names at the right, none on top of another."""
    parts = []
    free = 0.0
    for wanted, name, style in sorted(labels):
        y = max(wanted + 4, free)
        free = y + 14
        parts.append(_text(WIDTH - RIGHT + 10, y, name, f"small {style}", "start"))
    return parts


def _text(x: float, y: float, words: str, style: str, anchor: str) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{style}" {where}>{escape(words)}</text>'


def _svg(title: str, parts: Sequence[str], height: int) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    body = "\n".join(parts)
    return f"{head}\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"
