"""The processes: readers, the floor, a Liveblog with its Valkey; each ended by its own id.

Everything is synchronous. The desk, which publishes as ``liveblog post`` would on the machine
itself, has an event loop in a thread of its own.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from liveblog.actions import Actions, Ask
from liveblog.actions.door import utc_now
from liveblog.actions.entries import publish
from liveblog.actions.turn import Turn
from liveblog.broker.redis import RedisBroker
from liveblog.broker.valkey import EmbeddedValkey
from liveblog.config import Settings, prepare_folder
from liveblog.model.entry import Entry
from liveblog.model.ids import new_id
from liveblog.model.permissions import Principal
from liveblog.store import migrate, open_store
from liveblog.store.contract import Tx
from liveblog.text import render_markdown
from liveblog.types import EntryId, Slug
from liveblog.wire.links import Links
from liveblog.wire.requests import NewBlog, NewEntry

T = TypeVar("T")

HERE = Path(__file__).parent
WITHIN = 60
"""Seconds after which a measurement gives up."""

# The kernel ends the child when we are gone, whatever ended us.
WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "liveblog.cli", "web"])
"""

NEWS = NewEntry(
    headline="The bridge is closed until the evening",
    body=(
        "Engineers found a crack in the third pier on **Tuesday morning**. Trains are turned"
        " round one stop earlier, and buses run every ten minutes."
    ),
)


class CannotMeasure(Exception):
    """Why nothing can be measured; the message is a sentence."""


# What the kernel says of a process ------------------------------------------------------------


def cpu_ns(pid: int) -> int:
    """CPU time of all threads of a process that are there."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def rss_kib(pid: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise CannotMeasure("The kernel does not tell the memory of processes.")


# Readers and floor ----------------------------------------------------------------------------


def compile_tools(folder: Path) -> None:
    """Compile both programs into a folder."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if sys.platform != "linux" or compiler is None:
        raise CannotMeasure(
            "The readers and the floor are C programs for Linux, and there is no C compiler:"
            " sudo apt-get install -y gcc libc6-dev"
        )
    for name in ("load", "floor"):
        command = [compiler, "-O2", "-o", str(folder / name), str(HERE / f"{name}.c")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotMeasure(f"{name}.c cannot be compiled:\n{done.stderr}")


class Tool:
    """A program that is told and answers in lines."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def tell(self, line: str) -> None:
        """Send a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")

    def hear(self, word: str) -> list[int]:
        """The numbers of its next line, which begins with ``word``."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode().split()
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


class Readers(Tool):
    """Readers of one server."""

    def __init__(self, tools: Path, port: int, how: str = "ws") -> None:
        super().__init__(str(tools / "load"), "127.0.0.1", str(port), how)
        self.count = 0

    def connect(self, count: int, path: str, first: int) -> None:
        """Open more, until each has had its ``first`` messages."""
        self.tell(f"connect {count} {first} {path}")
        opened, failed = self.hear("connected")
        self.count += count
        if failed:
            raise CannotMeasure(f"{failed} of {opened + failed} readers were not let in.")

    def arm(self, messages: int = 1) -> None:
        """Begin to wait for so many messages more at each."""
        self.tell(f"arm {messages} {WITHIN * 1000}")
        self.hear("armed")

    def arrival(self) -> Arrival:
        """When they have come; every reader must have got them."""
        found = Arrival(*self.hear("arrived"))
        if found.readers != self.count:
            raise CannotMeasure(f"Only {found.readers} of {self.count} readers got a message.")
        return found


class Floor(Tool):
    """The floor, for frames of so many bytes."""

    def __init__(self, tools: Path, size: int) -> None:
        super().__init__(str(tools / "floor"), str(size))
        (self.port,) = self.hear("listening")


# Liveblog -------------------------------------------------------------------------------------


class Clocked(RedisBroker):
    """A broker that notes when it was last given something to publish."""

    published_at = 0

    def publish(self, channel: str, payload: bytes) -> None:
        """Note the time, then publish."""
        self.published_at = time.monotonic_ns()
        super().publish(channel, payload)


class Desk:
    """Publishes from this process, straight into the database and Valkey: what the measured
    process then does is the fan-out and nothing else."""

    def __init__(self, settings: Settings) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._open(settings))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN * 10)

    async def _open(self, settings: Settings) -> None:
        self._store = await open_store(settings.store_url)
        self._broker = Clocked(settings.broker_url, prefix=settings.redis_prefix)
        await self._broker.start()
        self._actions = Actions(self._store, self._broker, Links())

    def close(self) -> None:
        """End its connections and its thread."""
        self._run(self._broker.stop())
        self._run(self._store.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def token(self) -> str:
        """A token to write with."""
        return self._run(self._actions.create_token("bench", "write"))

    def blog(self, slug: str, entries: int = 0) -> None:
        """A public blog with so many entries, many to a transaction."""
        new = NewBlog(slug=slug, title="Bench", visibility="public")
        self._run(self._actions.create_blog(new))
        words = render_markdown(NEWS.body)

        def fill(tx: Tx) -> None:
            turn = Turn(tx, Slug(slug), utc_now, "bench")
            for _ in range(min(500, entries - done)):
                entry = Entry(
                    id=EntryId(new_id(turn.now)),
                    blog_id=turn.blog.id,
                    created_at=turn.now,
                    updated_at=turn.now,
                    by="bench",
                    headline=NEWS.headline,
                    body=NEWS.body,
                    html=words.html,
                    text=words.text,
                    state="published",
                )
                publish(turn, entry, None)
            turn.finish()

        for done in range(0, entries, 500):  # noqa: B007 - fill reads it
            self._run(self._store.write(fill))

    def publish(self, slug: str) -> int:
        """Publish an entry; when its PUBLISH was handed over (monotonic ns)."""
        who = Principal("operator", "operator", "admin")
        self._run(self._actions.entries.create(Slug(slug), NEWS, Ask(who)))
        return self._broker.published_at


class Server:
    """A `liveblog web` as users run it, its database and its desk."""

    def __init__(self, folder: Path, valkey: EmbeddedValkey) -> None:
        self.port = free_port()
        self.settings = Settings(
            data_dir=folder,
            redis_url=valkey.url,
            port=self.port,
            max_readers_per_address=20_000,  # all our readers have one address
            heartbeat_seconds=300,  # a heartbeat is a message and would be counted
            log_level="warning",
        )
        prepare_folder(self.settings)
        migrate(self.settings.store_url)
        self.desk = Desk(self.settings)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("LIVEBLOG_")}
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", WITH_PARENT],
            env=clean | self.settings.to_env(),
            cwd=HERE.parent,
            stdin=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        """The process that is measured."""
        return self.process.pid

    def ready(self) -> None:
        """Wait until it may have traffic."""
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise CannotMeasure("The server did not start.")

    def close(self) -> None:
        """End it, without the courtesy it shows to readers."""
        self.process.kill()
        self.process.wait()
        self.desk.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server(folder: Path | None) -> Iterator[Server]:
    """A fresh Liveblog in a new folder below ``folder``, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lb-", dir=folder) as made:
        valkey = EmbeddedValkey(Path(made))
        valkey.start()
        try:
            ours = Server(Path(made), valkey)
            try:
                ours.ready()
                yield ours
            finally:
                ours.close()
        finally:
            valkey.stop()


def live(slug: str) -> str:
    """The address of a blog's WebSocket."""
    return f"/api/v1/blogs/{slug}/live"
