"""An S3-compatible server for tests: moto, in a process of its own."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

BUCKET = "liveblog-media"


@contextmanager
def running_moto() -> Iterator[str]:
    """Run one with an empty bucket; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"HOME": "/nonexistent", "MOTO_S3_CUSTOM_ENDPOINTS": f"http://127.0.0.1:{port}"},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _make_bucket(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _make_bucket(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until it answers."""
    end = time.monotonic() + 30
    while True:
        asked = urllib.request.Request(f"{url}/{BUCKET}", method="PUT")
        try:
            urllib.request.urlopen(asked, timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, "moto has ended"
            assert time.monotonic() < end, "moto does not answer"
            time.sleep(0.05)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of one that all tests share; each takes a prefix of its own."""
    with running_moto() as url:
        yield url
