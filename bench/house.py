"""Liveblog as users run it, in a folder of its own: Valkey, SQLite in a file, `liveblog web`.

A house has a desk and as many web processes as are asked for; each is ended by its own id.
"""

import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from bench.desk import Desk
from bench.figures import CannotMeasure
from bench.tools import HERE, WITHIN
from liveblog.broker.valkey import EmbeddedValkey
from liveblog.config import Settings, prepare_folder
from liveblog.store import migrate

# The kernel ends the child when we are gone, whatever ended us.
WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
AS_USUAL: dict[str, Any] = {"heartbeat_seconds": Settings().heartbeat_seconds}
"""For :meth:`House.web` where it is measured what heartbeats cost."""
USUAL = ("-m", "liveblog.cli", "web")
COUNTING = ("-m", "bench.counting")


class Running:
    """A server that was started; the process and where it listens."""

    def __init__(self, settings: Settings, command: tuple[str, ...]) -> None:
        self.settings = settings
        self.port = settings.port
        self.log = settings.folder / f"{settings.port}.log"
        clean = {k: v for k, v in os.environ.items() if not k.startswith("LIVEBLOG_")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", WITH_PARENT, *command],
                env=clean | settings.to_env(),
                cwd=HERE.parent,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """The process that is measured."""
        return self.process.pid

    def get(self, path: str) -> bytes:
        """What it answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            body: bytes = answer.read()
            return body

    def ready(self) -> None:
        """Wait until it may have traffic."""
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.get("/readyz")
                return
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise CannotMeasure("The server did not start.")

    def end(self) -> None:
        """End it as an operator would."""
        self.process.terminate()
        try:
            self.process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            self.close()

    def close(self) -> None:
        """End it, without the courtesy it shows to readers."""
        self.process.kill()
        self.process.wait()


class House:
    """What the processes of one measurement share."""

    def __init__(self, folder: Path, valkey: EmbeddedValkey) -> None:
        self.folder = folder
        self.valkey = valkey
        self.settings = Settings(
            data_dir=folder,
            redis_url=valkey.url,
            max_readers_per_address=20_000,  # all our readers have one address
            heartbeat_seconds=300,  # a heartbeat is a message and would be counted
            log_level="warning",
        )
        prepare_folder(self.settings)
        migrate(self.settings.store_url)
        self.desk = Desk(self.settings)

    @contextmanager
    def web(self, command: tuple[str, ...] = USUAL, **settings: Any) -> Iterator[Running]:
        """A fresh process that may have traffic.

        :param settings: where it differs from the others.
        """
        changed = {"port": free_port(), **settings}
        running = Running(msgspec.structs.replace(self.settings, **changed), command)
        try:
            running.ready()
            yield running
        except CannotMeasure as error:
            last = running.log.read_text(errors="replace").splitlines()[-3:]
            raise CannotMeasure("\n".join([str(error), *last])) from error
        finally:
            running.close()


@contextmanager
def house(folder: Path | None) -> Iterator[House]:
    """A fresh one in a new folder below ``folder``, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lb-", dir=folder) as made:
        valkey = EmbeddedValkey(Path(made))
        valkey.start()
        try:
            ours = House(Path(made), valkey)
            try:
                yield ours
            finally:
                ours.desk.close()
        finally:
            valkey.stop()


def free_port() -> int:
    """A port that nobody listens on, below those that connections are given: of these none is
    left when there are hundreds of thousands."""
    given = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    for port in random.sample(range(10_000, int(given[0])), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise CannotMeasure("No port is free.")


def live(slug: str, query: str = "") -> str:
    """The address of a blog's WebSocket."""
    return f"/api/v1/blogs/{slug}/live{query}"


def stream(slug: str) -> str:
    """The address of its events."""
    return f"/api/v1/blogs/{slug}/stream"
