"""The lifeline alone, without the parent-death signal of Linux."""

import os
import signal
import subprocess
import sys

CHILD = (
    "import signal; from liveblog.server.lifeline import watch_lifeline;"
    "watch_lifeline(); print('watching', flush=True); signal.pause()"
)


def start(parent: int | None) -> subprocess.Popen[bytes]:
    """A child that watches, with a pipe as standard input."""
    environ = {k: v for k, v in os.environ.items() if k != "LIVEBLOG_SERVE_PID"}
    if parent is not None:
        environ["LIVEBLOG_SERVE_PID"] = str(parent)
    command = [sys.executable, "-c", CHILD]
    return subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_a_child_ends_when_its_pipe_closes() -> None:
    with start(os.getpid()) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == b"watching\n"
        assert child.poll() is None
        child.stdin.close()
        assert child.wait(20) == -signal.SIGTERM


def test_a_child_whose_parent_is_gone_already_does_not_begin() -> None:
    with start(os.getpid() + 100_000) as child:
        assert child.wait(20) == 1


def test_a_process_that_serve_did_not_start_watches_nothing() -> None:
    with start(None) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == b"watching\n"
        child.stdin.close()
        child.terminate()
        assert child.wait(20) == -signal.SIGTERM
