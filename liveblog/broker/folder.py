"""The files of the embedded Valkey: where its socket is, what its configuration says.

Where the socket is, is the rule of `liveblog.config.valkey_socket`, so that every process of this
installation finds it without being told.
"""

import os
import stat
from pathlib import Path

from liveblog.broker.errors import ValkeyStartError
from liveblog.config import valkey_socket

LOG_MAX = 1024 * 1024  # bytes; a longer log is put aside at the next start
LOG_TAIL = 2000  # characters of it in an error message

CONFIG = """\
# Written by liveblog at each start. Changes here are lost.
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
pidfile {pidfile}
logfile {logfile}
daemonize no
# The command line must keep naming this file: it is how a process left behind is recognised.
set-proc-title no
databases 1
# Only hints pass through, and the database knows all of them: nothing is kept.
save ""
appendonly no
maxmemory 64mb
maxmemory-policy noeviction
# A reader this far behind is cut off; it hears of the gap and asks the store.
client-output-buffer-limit pubsub 32mb 8mb 30
enable-debug-command no
enable-module-command no
"""


class ValkeyFolder:
    """The paths of the embedded Valkey in one data folder. Creates nothing by itself."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir.resolve()
        self.config = self.path / "valkey.conf"
        self.pidfile = self.path / "valkey.pid"
        self.log = self.path / "valkey.log"
        self.socket = valkey_socket(self.path)
        parent = self.socket.parent
        self._sockets = parent if parent != self.path else None

    def prepare(self) -> None:
        """Make the folders, write the configuration, put a long log aside.

        Raises `ValkeyStartError` when the short folder for sockets is not safely ours.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._sockets is not None:
            _private_folder(self._sockets)
        if self.log.exists() and self.log.stat().st_size > LOG_MAX:
            self.log.replace(self.log.with_name("valkey.log.1"))
        text = CONFIG.format(
            socket=_quoted(self.socket),
            folder=_quoted(self.path),
            pidfile=_quoted(self.pidfile),
            logfile=_quoted(self.log),
        )
        draft = self.config.with_name("valkey.conf.new")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        draft.replace(self.config)

    def written_pid(self) -> int | None:
        """The process id in the pid file, or None."""
        try:
            return int(self.pidfile.read_text().strip())
        except (OSError, ValueError):
            return None

    def log_tail(self) -> str:
        """The end of the log, for an error message."""
        try:
            return self.log.read_text(errors="replace")[-LOG_TAIL:].strip()
        except OSError:
            return "(there is no log)"

    def forget(self) -> None:
        """Remove socket and pid file of a server that is gone."""
        self.socket.unlink(missing_ok=True)
        self.pidfile.unlink(missing_ok=True)


def _private_folder(path: Path) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if (
        not stat.S_ISDIR(found.st_mode)
        or found.st_uid != os.getuid()
        or stat.S_IMODE(found.st_mode) & 0o077
    ):
        raise ValkeyStartError(
            f"The folder {path} must be a folder of this user that nobody else can enter. "
            "Remove it, or choose a data folder with a shorter path."
        )


def _quoted(path: Path) -> str:
    text = str(path)
    if any(character in text for character in "\r\n\0"):
        raise ValkeyStartError(f"The path {text!r} has a line break in it.")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
