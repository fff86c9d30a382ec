"""The C programs, and whatever else is told and answers in lines: readers, floor, peers."""

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from bench.figures import CannotMeasure

HERE = Path(__file__).parent
PROGRAMS = ("load", "floor", "get")
WITHIN = 60
"""Seconds after which a measurement gives up."""
SILENT = 150
"""Seconds after which a helper that says nothing is given up; load.c itself gives up before."""
AT_ONCE = 128
"""Handshakes at a time, where it is not a storm that is measured."""


def compile_tools(folder: Path) -> None:
    """Compile the programs into a folder."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if sys.platform != "linux" or compiler is None:
        raise CannotMeasure(
            "The readers and the floor are C programs for Linux, and there is no C compiler:"
            " sudo apt-get install -y gcc libc6-dev"
        )
    for name in PROGRAMS:
        command = [compiler, "-O2", "-o", str(folder / name), str(HERE / f"{name}.c")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotMeasure(f"{name}.c cannot be compiled:\n{done.stderr}")


class Tool:
    """A program that is told and answers in lines."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=HERE.parent
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def tell(self, line: str) -> None:
        """Send a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")

    def line(self) -> list[str]:
        """The words of its next line; none when it has ended.

        :raises CannotMeasure: it says nothing for longer than a helper ever may.
        """
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], SILENT)[0]:
            raise CannotMeasure(f"{self.process.args!r} says nothing any more.")
        return self.process.stdout.readline().decode().split()

    def said(self) -> bool:
        """Whether it has said something that was not heard yet."""
        assert self.process.stdout is not None
        return bool(select.select([self.process.stdout], [], [], 0)[0])

    def hear(self, word: str) -> list[int]:
        """The numbers of its next line, which begins with ``word``."""
        line = self.line()
        if not line or line[0] != word:
            raise CannotMeasure(f"A helper said {line} where {word!r} was expected.")
        return [int(number) for number in line[1:]]

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class Arrival(NamedTuple):
    """When one message reached the readers (monotonic ns), and the bytes all of them got."""

    readers: int
    first: int
    p50: int
    p99: int
    last: int
    bytes: int


class Joined(NamedTuple):
    """How readers came in: how long each waited, and how long it took all of them (ns)."""

    opened: int
    failed: int
    deflated: int
    p50: int
    p99: int
    took: int


class Readers(Tool):
    """Readers of one server.

    :param how: ws, sse, or deflate: WebSocket with compression offered.
    :param buffer: bytes of the receive buffer; the kernel decides when it is 0.
    """

    def __init__(self, tools: Path, port: int, how: str = "ws", buffer: int = 0) -> None:
        super().__init__(str(tools / "load"), "127.0.0.1", str(port), how, str(buffer))
        self.count = 0

    def connect(
        self, count: int, path: str, first: int, seq: int = 0, at_once: int = AT_ONCE
    ) -> Joined:
        """Open more, until each has had its ``first`` messages; see :meth:`begin`."""
        self.begin(count, path, first, seq, at_once)
        return self.joined()

    def begin(self, count: int, path: str, first: int, seq: int, at_once: int) -> None:
        """Begin to open more; each is in when it had ``first`` messages and one of ``seq``."""
        self.tell(f"connect {count} {first} {seq} {at_once} {path}")

    def refused(self) -> None:
        """When all of them were refused."""
        joined = Joined(*self.hear("connected"))
        if joined.opened:
            raise CannotMeasure(f"{joined.opened} readers were let in for whom there is no room.")

    def joined(self) -> Joined:
        """When all of them are in."""
        joined = Joined(*self.hear("connected"))
        self.count += joined.opened
        if joined.failed:
            raise CannotMeasure(
                f"{joined.failed} of {joined.failed + joined.opened} readers were not let in."
            )
        return joined

    def arm(self, messages: int = 1, within: int = WITHIN) -> None:
        """Begin to wait for so many messages more at each, for so many seconds."""
        self.tell(f"arm {messages} {within * 1000}")
        self.hear("armed")

    def arrival(self) -> Arrival:
        """When they have come; every reader must have got them."""
        found = Arrival(*self.hear("arrived"))
        if found.readers != self.count:
            raise CannotMeasure(f"Only {found.readers} of {self.count} readers got a message.")
        return found

    def cut(self) -> None:
        """Reset all connections."""
        self.tell("cut")
        self.hear("cut")
        self.count = 0


class Beside(Tool):
    """A server that is told by a line to write one frame to all, as the floor is.

    :raises CannotMeasure: it says why it cannot.
    """

    def __init__(self, *command: str) -> None:
        super().__init__(*command)
        said = self.line()
        if len(said) != 2 or said[0] != "listening":
            self.close()
            raise CannotMeasure(" ".join(said[1:]) or "it ended without a word")
        self.port = int(said[1])

    def publish(self) -> int:
        """Have the frame written; when it was told (monotonic ns)."""
        at = time.monotonic_ns()
        self.tell("")
        self.hear("wrote")
        return at


class Floor(Beside):
    """The floor, for frames of so many bytes."""

    def __init__(self, tools: Path, size: int) -> None:
        super().__init__(str(tools / "floor"), str(size))
