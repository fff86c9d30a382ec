"""Measure, and print one table; see docs/performance.md."""

import argparse
import importlib
import logging
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from bench.asked import Asked
from bench.document import DOCS, Part, keep, write
from bench.figures import CannotMeasure, Row, others_table, table
from bench.tools import compile_tools

PARTS = (
    "fanout", "deflate", "idle", "storms", "others",
    "page", "stopped", "several", "write", "growth",
)  # fmt: skip
"""Each is a module here with a ``measure``; these are what is run when none is named."""
ON_DEMAND = ("million", "profile")


def main() -> None:
    """Measure what is asked for."""
    given = arguments()
    logging.basicConfig(level=logging.ERROR)
    on = machine()
    found: dict[str, Part] = {}
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="lb-bench-") as made:
        asked = Asked(
            Path(made), given.folder, given.readers, given.rounds, given.entries, given.most
        )
        try:
            compile_tools(asked.tools)
        except CannotMeasure as error:
            sys.exit(str(error))
        for part in given.parts or PARTS:
            try:
                found[part] = Part(on, measure(part, asked))
            except CannotMeasure as error:  # the others were measured all the same
                failed.append(f"{part} could not be measured: {error}")
    tell(on, [row for part in found.values() for row in part.rows])
    if given.write:
        write(DOCS, keep(DOCS, found))
    if failed:
        sys.exit("\n".join(failed))


def tell(on: str, rows: list[Row]) -> None:
    """Print the tables."""
    print(f"\n{on}\n\n{table(rows)}\n")
    if beside := others_table(rows):
        print(f"Ours beside others, 1,000 readers:\n\n{beside}\n")
    reached = sum(row.verdict == "pass" for row in rows)
    if bars := sum(row.bar is not None for row in rows):
        print(f"{reached} of {bars} bars reached.")
    if any(row.verdict == "unclear" for row in rows):
        print("The disk was busy with something else: what is unclear has to be measured again.")


def measure(part: str, asked: Asked) -> list[Row]:
    """The rows of a part; says on standard error what is being measured."""
    print(f"Measuring {part} …", file=sys.stderr, end=" ", flush=True)
    began = time.monotonic()
    rows: list[Row] = importlib.import_module(f"bench.{part}").measure(asked)
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return rows


def arguments() -> argparse.Namespace:
    """What is asked for."""
    usual = Asked(Path())
    names = ", ".join((*PARTS, *ON_DEMAND))
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"some of {names}; all but the last two"
    )
    parser.add_argument("--readers", type=int, help="default: what each part takes by itself")
    parser.add_argument("--rounds", type=int, default=usual.rounds, help=f"default: {usual.rounds}")
    parser.add_argument(
        "--entries",
        type=int,
        default=usual.entries,
        help=f"entries of the long blog; default: {usual.entries}",
    )
    parser.add_argument(
        "--most",
        type=int,
        default=usual.most,
        help=f"readers of million, all together; default: {usual.most}",
    )
    parser.add_argument(
        "--folder", type=Path, help="where the databases lie: the disk that is measured"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the figures into docs/performance.md"
    )
    asked = parser.parse_args()
    known = (*PARTS, *ON_DEMAND)
    wrong = sorted(set(asked.parts) - set(known))
    if wrong:
        parser.error(f"there is no part {wrong[0]}; there are {', '.join(known)}")
    if asked.readers is not None and not 100 <= asked.readers <= 18_900:
        parser.error("100 to 18900 readers: a process has 20000 descriptors")
    if asked.rounds < 1 or asked.entries < 100 or asked.most < 100:
        parser.error("at least 1 round, 100 entries, and 100 readers")
    return asked


def machine() -> str:
    """What it was measured on."""
    name = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    load = os.getloadavg()[0]
    return (
        f"{name}, {os.cpu_count()} cores shared by server, readers and all else (load {load:.1f});"
        f" Python {platform.python_version()}, {platform.system()} {platform.release()}."
    )


if __name__ == "__main__":
    main()
