"""The Procfile, run as a platform runs it: the release first, then every process type."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.acceptance.processes import ROOT, environment, running, wait_until
from tests.valkey import ValkeyProcess


def lines() -> dict[str, str]:
    """The process types and their commands."""
    rows = [row for row in (ROOT / "Procfile").read_text().splitlines() if row[:1] not in "#"]
    return {name: command.strip() for name, _, command in (row.partition(":") for row in rows)}


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def test_every_worker_has_a_line() -> None:
    from workers.__main__ import WORKERS

    started = {shlex.split(command)[2] for command in lines().values() if "worker" in command}
    assert started == set(WORKERS)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_procfile_runs(tmp_path: Path, valkey: ValkeyProcess) -> None:
    binaries = Path(sys.executable).parent
    port = free_port()
    env = environment(
        LIVEBLOG_DATA_DIR=str(tmp_path / "data"),
        LIVEBLOG_REDIS_URL=valkey.url,
        PORT=str(port),
        PATH=f"{binaries}{os.pathsep}{os.environ['PATH']}",
    )
    subprocess.run(shlex.split(lines()["release"]), env=env, cwd=ROOT, check=True, timeout=60)
    types = [name for name in lines() if name != "release"]
    # -p: honcho gives each type a PORT of its own, the first one this.
    start = [str(binaries / "honcho"), "-f", str(ROOT / "Procfile"), "start", "-p", str(port)]
    with running([*start, *types], env) as honcho:
        wait_until(lambda: _ready(port), "/readyz answers 200")
        honcho.wait_for("connected to the message server")
        assert honcho.process.poll() is None
        honcho.signal(signal.SIGTERM)
        honcho.process.wait(40)
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), 1)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
