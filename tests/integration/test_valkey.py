"""The embedded Valkey and the lock on the data folder, with real processes that really die."""

import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from liveblog.broker.errors import FolderInUse, ValkeyStartError
from liveblog.broker.folder import LOG_MAX
from liveblog.broker.lock import DataFolderLock
from liveblog.broker.valkey import EmbeddedValkey

DEADLINE = 20.0

PARENT = """
import sys, signal
from pathlib import Path
from liveblog.broker.lock import DataFolderLock
from liveblog.broker.valkey import EmbeddedValkey
lock = DataFolderLock(Path(sys.argv[1]))
lock.acquire()
server = EmbeddedValkey(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, as a data folder usually has."""
    with tempfile.TemporaryDirectory(prefix="lb-") as name:
        yield Path(name) / "data"


def ping(server: EmbeddedValkey) -> bool:
    with redis.Redis.from_url(server.url) as client:
        return bool(client.ping())


class Parent:
    """A process that holds the lock and starts a Valkey, as `serve` does."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        with self.process.stdout as out:
            self.valkey_pid = int(out.readline())
        self.watch = os.pidfd_open(self.valkey_pid)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def valkey_gone(self) -> bool:
        return bool(select.select([self.watch], [], [], DEADLINE)[0])


@pytest.fixture
def parent(folder: Path) -> Iterator[Parent]:
    started = Parent(folder)
    yield started
    started.kill()
    assert started.valkey_gone()
    os.close(started.watch)


def test_it_starts_answers_and_stops(folder: Path) -> None:
    server = EmbeddedValkey(folder)
    assert not folder.exists()
    with pytest.raises(RuntimeError):
        _ = server.pid
    server.start()
    try:
        assert ping(server)
        assert server.poll() is None
        server.start()  # already there
        assert server.socket_path == folder.resolve() / "valkey.sock"
        assert stat.S_IMODE(server.socket_path.stat().st_mode) == 0o700
        with redis.Redis.from_url(server.url) as client:
            settings = client.config_get("*")
            assert settings["port"] == "0"
            assert settings["save"] == ""
            assert settings["appendonly"] == "no"
            assert int(settings["maxmemory"]) == 64 * 1024 * 1024
            assert "pubsub 33554432 8388608 30" in settings["client-output-buffer-limit"]
    finally:
        server.stop()
    assert not server.socket_path.exists()
    assert server.poll() is None
    server.stop()


def test_its_death_is_seen_and_restart_brings_it_back(folder: Path) -> None:
    server = EmbeddedValkey(folder)
    server.start()
    try:
        first = server.pid
        watch = os.pidfd_open(first)
        os.kill(first, signal.SIGKILL)
        assert select.select([watch], [], [], DEADLINE)[0]
        os.close(watch)
        assert server.poll() == -signal.SIGKILL
        server.restart()
        assert server.pid != first
        assert ping(server)
    finally:
        server.stop()


def test_stop_ends_a_frozen_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveblog.broker.valkey.STOP_TIMEOUT", 0.1)
    server = EmbeddedValkey(folder)
    server.start()
    os.kill(server.pid, signal.SIGSTOP)
    server.stop()
    assert not server.socket_path.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a parent-death signal")
def test_it_dies_with_a_killed_parent_and_so_does_the_lock(folder: Path, parent: Parent) -> None:
    with pytest.raises(FolderInUse, match=f"in use by the process {parent.process.pid}\\."):
        DataFolderLock(folder).acquire()
    parent.kill()
    assert parent.valkey_gone()
    with DataFolderLock(folder):
        server = EmbeddedValkey(folder)
        server.start()  # the socket file was left behind
        try:
            assert ping(server)
        finally:
            server.stop()


def test_the_lock_does_not_live_on_in_valkey(folder: Path) -> None:
    server = EmbeddedValkey(folder)
    lock = DataFolderLock(folder)
    lock.acquire()
    try:
        server.start()
        lock.release()
        with DataFolderLock(folder):
            assert server.poll() is None
    finally:
        server.stop()
        lock.release()


@pytest.mark.parametrize("frozen", [False, True])
def test_one_left_behind_is_ended_first(
    folder: Path, parent: Parent, monkeypatch: pytest.MonkeyPatch, frozen: bool
) -> None:
    """As where no parent-death signal exists: the old one still runs when ours starts."""
    if frozen:
        monkeypatch.setattr("liveblog.broker.valkey.STOP_TIMEOUT", 0.1)
        os.kill(parent.valkey_pid, signal.SIGSTOP)
    server = EmbeddedValkey(folder)
    server.start()
    try:
        assert parent.valkey_gone()
        assert server.pid != parent.valkey_pid
        assert ping(server)
    finally:
        server.stop()


def test_a_stranger_named_by_the_pid_file_lives(folder: Path) -> None:
    folder.mkdir()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (folder / "valkey.pid").write_text(str(stranger.pid))
        server = EmbeddedValkey(folder)
        server.start()
        server.stop()
        assert stranger.poll() is None
    finally:
        stranger.communicate(b"\n")


def test_a_stranger_on_the_socket_lives(folder: Path) -> None:
    server = EmbeddedValkey(folder)
    server.start()
    try:
        moved = EmbeddedValkey(folder.with_name("other"))
        moved.socket_path.parent.mkdir()
        moved.socket_path.symlink_to(server.socket_path)
        with pytest.raises(ValkeyStartError, match="Another server listens"):
            moved.start()
        assert ping(server)
    finally:
        server.stop()


def test_a_deep_folder_gets_a_short_socket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder.parent))
    deep = folder / ("deep" * 20) / ('a "b" \\c' * 5)
    server = EmbeddedValkey(deep)
    assert len(os.fsencode(server.socket_path)) <= 100
    assert server.socket_path == EmbeddedValkey(deep).socket_path
    assert server.socket_path != EmbeddedValkey(deep / "x").socket_path
    server.start()
    try:
        assert ping(server)
        assert stat.S_IMODE(server.socket_path.parent.stat().st_mode) == 0o700
    finally:
        server.stop()
    server.socket_path.parent.chmod(0o755)
    with pytest.raises(ValkeyStartError, match="nobody else can enter"):
        server.start()


def test_a_start_that_fails_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveblog.broker.folder.CONFIG", "logfile {logfile}\nport 0\n")
    monkeypatch.setattr("liveblog.broker.valkey.START_TIMEOUT", 0.2)
    server = EmbeddedValkey(folder)
    with pytest.raises(ValkeyStartError, match="Configured to not listen anywhere"):
        server.start()
    assert server.poll() is None


def test_a_long_log_is_put_aside(folder: Path) -> None:
    folder.mkdir()
    (folder / "valkey.log").write_bytes(b"x" * (LOG_MAX + 1))
    server = EmbeddedValkey(folder)
    server.start()
    server.stop()
    assert (folder / "valkey.log.1").stat().st_size == LOG_MAX + 1
    assert (folder / "valkey.log").stat().st_size < LOG_MAX


def test_only_the_main_thread_may_start_it(folder: Path) -> None:
    errors: list[BaseException] = []

    def start() -> None:
        try:
            EmbeddedValkey(folder).start()
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert len(errors) == 1
    assert not folder.exists()
