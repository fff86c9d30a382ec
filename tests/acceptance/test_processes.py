"""`liveblog serve` as a family of real processes: nobody outlives it, nobody stays dead."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
import redis
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from liveblog.actions import OPERATOR, Ask, open_actions
from liveblog.config import Settings, valkey_socket
from liveblog.types import Slug
from liveblog.wire.requests import NewEntry
from tests.acceptance.processes import WITHIN, alive, environment, running, serving, wait_until

WEB = "liveblog.server.child"
WORKERS = "-m workers"
VALKEY = "valkey-server"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_everything_starts_and_sigterm_ends_it(tmp_path: Path) -> None:
    with serving(tmp_path / "data", LIVEBLOG_PROCESSES="2") as serve:
        wait_until(lambda: len(serve.children()) == 4, "two web, workers, Valkey")
        serve.wait_answer()
        serve.wait_answer("readyz")
        groups = {os.getpgid(pid) for pid in serve.children()}
        assert os.getpgid(serve.process.pid) not in groups, "Ctrl-C reaches serve alone"
        assert serve.end() == 0
        assert not [pid for pid in serve.seen if alive(pid)]
        assert not (tmp_path / "data" / "valkey.sock").exists()
    with serving(tmp_path / "data") as again:  # the lock was given back
        again.wait_answer()
        again.signal(signal.SIGINT)
        assert again.process.wait(WITHIN) == 0


def test_a_second_serve_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with serving(tmp_path) as serve:
        env = environment(LIVEBLOG_DATA_DIR=str(tmp_path), LIVEBLOG_PORT="0")
        with running([sys.executable, "-m", "liveblog.cli", "serve"], env) as second:
            line = second.wait_for("is in use by")
            assert second.process.wait(WITHIN) == 2
        assert str(serve.process.pid) in line
        assert "Traceback" not in second.text
        serve.wait_answer()


def test_sigkill_of_serve_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, LIVEBLOG_PROCESSES="2") as serve:
        wait_until(lambda: len(serve.children()) == 4, "all children")
        serve.signal(signal.SIGKILL)
        serve.process.wait()
        wait_until(lambda: not [pid for pid in serve.seen if alive(pid)], "all are gone")
    with serving(tmp_path) as again:
        again.wait_answer()
        assert again.end() == 0


def test_a_web_child_that_dies_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path) as serve:
        first = serve.child(WEB)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not alive(first), "it died")
        # The listening socket is still open: this waits in its queue and is answered.
        serve.wait_answer()
        assert serve.child(WEB) != first
        assert serve.end() == 0


def test_a_web_child_that_hangs_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path) as serve:
        first = serve.child(WEB)
        os.kill(first, signal.SIGSTOP)
        serve.wait_for("hangs and is ended")
        wait_until(lambda: not alive(first), "it is ended")
        serve.wait_answer()
        assert serve.end() == 0


def test_a_serve_that_was_stopped_itself_kills_nobody(tmp_path: Path) -> None:
    """As with Ctrl-Z: its children go on, and the silence was its own."""
    with serving(tmp_path) as serve:
        first = serve.child(WEB)
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in (serve.process.pid, first):
                os.kill(pid, number)
        serve.wait_answer()
        assert serve.child(WEB) == first
        assert serve.end() == 0


@pytest.mark.parametrize("part", [WORKERS, VALKEY])
def test_a_worker_or_valkey_that_dies_is_replaced(tmp_path: Path, part: str) -> None:
    with serving(tmp_path) as serve:
        web = serve.child(WEB)
        first = serve.child(part)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not alive(first), "it died")
        assert serve.child(part) != first
        serve.wait_answer("readyz")
        assert serve.child(WEB) == web, "nobody else was harmed"
        assert serve.end() == 0
        assert not [pid for pid in serve.seen if alive(pid)]


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with serving(tmp_path, LIVEBLOG_DRAIN_SECONDS="600") as serve:
        child = serve.child(WEB)
        os.kill(child, signal.SIGSTOP)  # it will not drain
        serve.signal(signal.SIGTERM)
        serve.wait_for("ending")
        serve.signal(signal.SIGTERM)
        assert serve.process.wait(WITHIN) == 0
        assert not [pid for pid in serve.seen if alive(pid)]


def test_a_port_in_use_is_told_and_nothing_stays(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = environment(LIVEBLOG_DATA_DIR=str(tmp_path), LIVEBLOG_PORT=str(port))
        with running([sys.executable, "-m", "liveblog.cli", "serve"], env) as serve:
            serve.wait_for(f"Port {port} on 127.0.0.1 is in use")
            assert serve.process.wait(WITHIN) == 2
            assert "Traceback" not in serve.text


APP = """
def create_app(settings):
    raise SystemExit(9)
"""


def test_what_never_starts_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "brokenapp.py").write_text(APP)
    script = (
        "import os; from liveblog.config import Settings; from liveblog.server.serve import *;"
        "run_serve(Settings.from_env(os.environ), app='brokenapp:create_app')"
    )
    env = environment(
        LIVEBLOG_DATA_DIR=str(tmp_path / "data"), LIVEBLOG_PORT="0", PYTHONPATH=str(tmp_path)
    )
    with running([sys.executable, "-c", script], env) as serve:
        serve.wait_for("The web process does not start")
        assert serve.process.wait(WITHIN) == 1
        assert not (tmp_path / "data" / "valkey.sock").exists()


def test_an_extra_child_is_looked_after_and_ends_first(tmp_path: Path) -> None:
    """As `liveblog demo` does it."""
    script = (
        "import os, sys; from liveblog.config import Settings; from liveblog.server import *;"
        "extra = [sys.executable, '-c', 'import sys; sys.stdin.read()  # extra'];"
        "run_serve(Settings.from_env(os.environ), extra=[extra],"
        " on_ready=lambda at: print('up at', at, flush=True))"
    )
    env = environment(LIVEBLOG_DATA_DIR=str(tmp_path), LIVEBLOG_PORT="0")
    with running([sys.executable, "-c", script], env) as serve:
        serve.wait_for("up at http://127.0.0.1:")
        first = serve.child("# extra")
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not alive(first), "it died")
        second = serve.child("# extra")
        assert second != first
        assert serve.end() == 0
        assert not alive(second)


def test_the_scheduler_publishes_what_is_due(tmp_path: Path) -> None:
    with serving(tmp_path) as serve:
        create_blog(tmp_path)
        token = command(tmp_path, "token", "create", "desk", "--scope", "write").strip()
        due = datetime.now(UTC) + timedelta(seconds=5)
        entry = {"body": "Now.", "state": "scheduled", "publish_at": due.isoformat()}
        address = serve.address + "api/v1/blogs/war-latest/entries"
        request = urllib.request.Request(
            address,
            json.dumps(entry).encode(),
            {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": "1",
            },
        )
        with urllib.request.urlopen(request, timeout=WITHIN) as answer:
            assert answer.status == 201

        def published() -> list[dict[str, str]]:
            with urllib.request.urlopen(address, timeout=WITHIN) as answer:
                entries: list[dict[str, str]] = json.load(answer)["entries"]
                return entries

        wait_until(published, "it is published")
        assert datetime.fromisoformat(published()[0]["published_at"]) >= due
        assert serve.end() == 0


def command(folder: Path, *words: str) -> str:
    """What a command prints."""
    env = environment(LIVEBLOG_DATA_DIR=str(folder))
    made = subprocess.run(
        [sys.executable, "-m", "liveblog.cli", *words],
        env=env,
        check=True,
        capture_output=True,
        text=True,
        timeout=40,
    )
    return made.stdout


def create_blog(folder: Path) -> None:
    """A public blog."""
    command(folder, "blog", "create", "war-latest", "--title", "War", "--visibility", "public")


def test_a_reader_is_told_to_come_back_when_serve_ends(tmp_path: Path) -> None:
    with serving(tmp_path) as serve:
        create_blog(tmp_path)
        address = serve.address.replace("http", "ws") + "api/v1/blogs/war-latest/live"
        with connect(address) as reader:
            assert '"hello"' in str(reader.recv())
            serve.signal(signal.SIGTERM)
            assert '"reconnect"' in str(reader.recv(WITHIN))
            with pytest.raises(ConnectionClosed):
                reader.recv(WITHIN)
            assert reader.protocol.close_code == 4009
        assert serve.process.wait(WITHIN) == 0


def test_two_processes_share_the_readers_and_each_subscribes_once(tmp_path: Path) -> None:
    """However many readers one has, Redis sends it a change once."""
    with serving(tmp_path, LIVEBLOG_PROCESSES="2") as serve, ExitStack() as stack:
        wait_until(lambda: len(serve.children()) == 4, "all children")
        serve.wait_answer("readyz")
        create_blog(tmp_path)
        webs = [pid for pid, line in serve.children().items() if WEB in line]
        before = {pid: sockets(pid) for pid in webs}
        readers: list[BinaryIO] = []
        # The kernel gives them out as it likes.
        while not all(sockets(pid) >= before[pid] + 5 for pid in webs):
            assert len(readers) < 400, "one process takes them all"
            readers.append(stack.enter_context(stream(serve.address)))
        asyncio.run(post(tmp_path, "Words for all"))
        for reader in readers:
            while b"Words for all" not in reader.readline():
                pass
        with redis.Redis(unix_socket_path=str(valkey_socket(tmp_path))) as client:
            names = [name for name in client.pubsub_channels() if b":blog:" in name]
            assert [count for _, count in client.pubsub_numsub(*names)] == [2]
        assert serve.end() == 0


async def post(folder: Path, words: str) -> None:
    """An entry, written beside the server."""
    async with open_actions(Settings(data_dir=folder)) as actions:
        await actions.entries.create(Slug("war-latest"), NewEntry(body=words), Ask(OPERATOR))


def sockets(pid: int) -> int:
    """How many sockets a process has open."""
    with os.scandir(f"/proc/{pid}/fd") as entries:
        return sum("socket:" in os.readlink(entry.path) for entry in entries)


@contextmanager
def stream(address: str) -> Iterator[BinaryIO]:
    """What an event stream says after its hello."""
    url = f"{address}api/v1/blogs/war-latest/stream"
    with urllib.request.urlopen(url, timeout=WITHIN) as answer:
        while b'"hello"' not in answer.readline():
            pass
        yield answer
