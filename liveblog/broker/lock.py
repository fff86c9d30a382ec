"""The lock on the data folder: one `liveblog serve` at a time.

`flock` belongs to the open file, so the kernel releases it when the process dies, however it
dies. For the same reason the file must not leak into the embedded Valkey, or the lock would
outlive `serve`: the descriptor is close-on-exec, as Python's are. A child that is *forked*
without exec shares it; `serve` spawns its children.
"""

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType

from liveblog.broker.errors import FolderInUse

LOCK_NAME = "serve.lock"


class DataFolderLock:
    """An exclusive lock on a data folder, held from `acquire` to `release` or death.

    The file stays when it is released: unlinking it would let two processes hold two locks.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock without waiting. Raises `FolderInUse` with a sentence naming the holder."""
        if self._fd is not None:
            return
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._data_dir / LOCK_NAME
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(fd, 0)
            os.pwrite(fd, b"%d\n" % os.getpid(), 0)
        except BlockingIOError:
            holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
            os.close(fd)
            raise FolderInUse(self._sentence(holder)) from None
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        """Give the lock back. Safe to call twice."""
        fd, self._fd = self._fd, None
        if fd is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(fd, 0)
            os.close(fd)

    def _sentence(self, holder: str) -> str:
        who = f"the process {holder}" if holder.isdigit() else "another process"
        return (
            f"The data folder {self._data_dir} is in use by {who}. "
            "Stop that liveblog serve first, or choose another data folder."
        )

    def __enter__(self) -> "DataFolderLock":
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
