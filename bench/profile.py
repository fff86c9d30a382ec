"""Where the time goes: stacks of a web process while readers come in and while entries go out.

    make bench ARGS=profile

py-spy looks at the process some hundred times a second, at Python's frames and those of C.
Counted are the looks at the thread of the event loop; the process is stopped for each, so the
figures are shares, and no times.
"""

import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bench.asked import Asked
from bench.figures import CannotMeasure, Row
from bench.house import house, live
from bench.tools import WITHIN, Readers

READERS = 10_000
BROADCASTS = 30
A_SECOND = 500
"""Looks."""
BEGINS = 2.0
"""Seconds until py-spy has read the symbols of the process."""
LOOP = "Server.run (uvicorn"
"""Stands in every stack of the event loop's thread."""
MOST = 12
"""Functions that are told of each kind."""
LEAST = 1.0
"""Percent; what is below says nothing."""


class Shares(NamedTuple):
    """Of all looks, in percent, by function; the greatest first."""

    own: dict[str, float]
    """It was running."""
    called: dict[str, float]
    """It, or what it had called. Only our own functions."""


def measure(asked: Asked) -> list[Row]:
    """The functions that take most."""
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if spy is None:
        raise CannotMeasure("py-spy is not installed: pip install py-spy")
    readers = asked.readers or READERS
    with house(asked.folder) as ours:
        ours.desk.blog("one", 100)
        with ours.web() as web, closing(Readers(asked.tools, web.port)) as sockets:
            sockets.connect(readers // 50, live("one"), 1)

            def broadcast() -> None:
                for _ in range(BROADCASTS):
                    sockets.arm()
                    ours.desk.publish("one")
                    sockets.arrival()

            seen = asked.tools / "stacks"
            comes = watched(spy, web.pid, seen, lambda: sockets.connect(readers, live("one"), 1))
            hears = watched(spy, web.pid, seen, broadcast)
    return [*rows("a reader comes", comes), *rows("an entry goes out", hears)]


def watched(spy: str, pid: int, seen: Path, work: Callable[[], object]) -> Shares:
    """Do something while a process is looked at."""
    command = [spy, "record", "--native", "--rate", str(A_SECOND), "--format", "raw"]
    with subprocess.Popen(
        [*command, "--output", str(seen), "--pid", str(pid)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        time.sleep(BEGINS)
        try:
            work()
            process.send_signal(2)  # it writes what it has seen
            said = process.communicate(timeout=WITHIN)[1]
        finally:
            process.kill()
    if not seen.exists():
        raise CannotMeasure(f"py-spy could not look: {said.decode(errors='replace').strip()}")
    found = shares(seen.read_text().splitlines())
    seen.unlink()
    return found


def shares(stacks: Iterable[str]) -> Shares:
    """Add up looks.

    :param stacks: lines of frames, the outermost first, with ``;`` between and the number of
        looks at the end, as py-spy and flame graphs have them.
    """
    own: Counter[str] = Counter()
    called: Counter[str] = Counter()
    for line in stacks:
        stack, _, number = line.rpartition(" ")
        if LOOP not in stack:
            continue
        frames = [re.sub(r":\d+\)$", ")", frame) for frame in stack.split(";")]
        own[frames[-1]] += int(number)
        for frame in {one for one in frames if "(liveblog/" in one}:
            called[frame] += int(number)
    looks = own.total()
    if not looks:
        raise CannotMeasure("py-spy saw nothing of the event loop.")
    return Shares(_percent(own, looks), _percent(called, looks))


def _percent(counts: Counter[str], looks: int) -> dict[str, float]:
    return {frame: 100 * count / looks for frame, count in counts.most_common()}


def rows(what: str, found: Shares) -> list[Row]:
    """Those that take most; ours only where they are not below every stack."""
    own = [(frame, share, "by itself") for frame, share in found.own.items()]
    called = [(f, s, "with what it calls") for f, s in found.called.items() if s < 99]
    return [
        Row(f"{what}: `{frame}` {how}", share, "%")
        for kind in (own, called)
        for frame, share, how in kind[:MOST]
        if share >= LEAST
    ]
