"""Real processes for acceptance tests: a `liveblog serve`, its children, and waiting.

Nothing here sleeps to let things happen: every wait is for a condition, with a deadline.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

WITHIN = 40.0
ROOT = Path(__file__).parents[2]


def wait_until(true: Callable[[], object], what: str, within: float = WITHIN) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"waited {within:g} s for: {what}"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process is there and has not ended; one that waits to be reaped has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def children_of(pid: int) -> dict[int, str]:
    """The processes a process has started: id and command line."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue
        if parent == pid and words:
            found[int(folder.name)] = words
    return found


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process: ours without our settings, and these."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith("LIVEBLOG_") and k != "PORT"}
    return ours | settings


class Running:
    """A process whose output is read as it comes."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env=env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self.seen: set[int] = set()
        """Every child that was ever looked at."""

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._new.put(line.rstrip("\n"))
        self._new.put(None)

    @property
    def text(self) -> str:
        """All output that was read until now."""
        return "\n".join(self.lines)

    def wait_for(self, part: str, within: float = WITHIN) -> str:
        """The next line with this in it."""
        deadline = time.monotonic() + within
        while True:
            try:
                line = self._new.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            assert line is not None, f"no line with {part!r} came; but:\n{self.text}"
            self.lines.append(line)
            if part in line:
                return line

    def child(self, part: str) -> int:
        """The one child with this in its command line; waits for it."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [p for p, words in self.children().items() if part in words]
            return len(found) == 1

        wait_until(look, f"one child {part}")
        return found[0]

    def children(self) -> dict[int, str]:
        """Its children."""
        found = children_of(self.process.pid)
        self.seen |= found.keys()
        return found

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def end(self) -> int:
        """SIGTERM, and its exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(WITHIN)

    def close(self) -> None:
        """Leave nothing, whatever the test did."""
        left = self.seen | (self.children().keys() if self.process.poll() is None else set())
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in left:
            if alive(pid) and os.getpgid(pid) != os.getpgid(0):
                os.kill(pid, signal.SIGKILL)
        self._reading.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def running(command: list[str], env: dict[str, str]) -> Iterator[Running]:
    """A process for the time of the block."""
    process = Running(command, env)
    try:
        yield process
    finally:
        process.close()


class Serving(Running):
    """A `liveblog serve`, on a free port unless the settings name one.

    :param files: descriptors that each of its processes may have.
    """

    def __init__(self, folder: Path, files: int | None = None, /, **settings: str) -> None:
        settings = {"LIVEBLOG_PORT": "0"} | settings
        env = environment(LIVEBLOG_DATA_DIR=str(folder), **settings)
        command = [sys.executable, "-m", "liveblog.cli", "serve"]
        if files is not None:
            command = ["sh", "-c", f'ulimit -n {files} && exec "$@"', "sh", *command]
        super().__init__(command, env)
        self.address = ""

    def ready(self) -> "Serving":
        """Wait for its line, and look at all its children once."""
        line = self.wait_for("Liveblog is live at ")
        self.address = line.split()[-1]
        self.children()
        return self

    def answers(self, path: str = "healthz") -> bool:
        """Whether it answers 200 now."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def wait_answer(self, path: str = "healthz") -> None:
        """Wait until it answers."""
        wait_until(lambda: self.answers(path), f"{path} answers 200")


@contextmanager
def serving(folder: Path, files: int | None = None, /, **settings: str) -> Iterator[Serving]:
    """A `serve` that is ready, for the time of the block."""
    process = Serving(folder, files, **settings)
    try:
        yield process.ready()
    finally:
        process.close()
