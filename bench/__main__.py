"""The command: run the measurements and print one table."""

import argparse
import logging
import os
import platform
import sys
import tempfile
from pathlib import Path

from bench import catchup, fanout, write
from bench.figures import Row, table
from bench.parts import CannotMeasure, compile_tools

PARTS = ("fanout", "write", "catchup")


def main() -> None:
    """Measure what is asked for."""
    asked = arguments()
    logging.basicConfig(level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="lb-bench-") as made:
        tools = Path(made)
        try:
            compile_tools(tools)
            rows = measure(asked, tools)
        except CannotMeasure as error:
            sys.exit(str(error))
    print(f"\n{machine()}\n\n{table(rows)}\n")
    reached = sum(row.verdict == "pass" for row in rows)
    print(f"{reached} of {sum(row.bar is not None for row in rows)} bars reached.")
    if any(row.verdict == "unclear" for row in rows):
        print("The disk was busy with something else: what is unclear has to be measured again.")


def measure(asked: argparse.Namespace, tools: Path) -> list[Row]:
    """All rows; says on standard error what is being measured."""
    rows: list[Row] = []
    for part in asked.parts or PARTS:
        print(f"Measuring {part} …", file=sys.stderr, flush=True)
        if part == "fanout":
            rows += fanout.measure(asked.folder, tools, asked.readers, asked.rounds)
        elif part == "write":
            rows += write.measure(asked.folder, tools, asked.rounds)
        else:
            rows += catchup.measure(asked.folder, tools, asked.readers, asked.rounds, asked.entries)
    return rows


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--readers", type=int, default=1000, help="default: 1000; at most 9000")
    parser.add_argument("--rounds", type=int, default=7, help="alternating rounds; default: 7")
    parser.add_argument(
        "--entries", type=int, default=10_000, help="entries of the long blog; default: 10000"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the databases lie: the disk that is measured"
    )
    asked = parser.parse_args()
    wrong = sorted(set(asked.parts) - set(PARTS))
    if wrong:
        parser.error(f"there is no part {wrong[0]}; there are {', '.join(PARTS)}")
    if not 100 <= asked.readers <= 9000 or asked.rounds < 1 or asked.entries < 100:
        parser.error("100 to 9000 readers, at least 1 round, at least 100 entries")
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
