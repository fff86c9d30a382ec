"""The lifeline: a child never outlives who started it.

A child of ``serve`` has as standard input a pipe whose other end only ``serve`` holds and
never writes to. When it closes, ``serve`` is gone, whatever ended it. On Linux the kernel has
killed the child by then (the parent-death signal); elsewhere this is all there is.
"""

import os
import signal
import threading
import time
from collections.abc import Mapping

PARENT = "LIVEBLOG_SERVE_PID"
GRACE = 10.0
"""Seconds between asking ourselves to end and ending."""


def watch_lifeline(environ: Mapping[str, str] = os.environ) -> None:
    """Watch it in a thread, in a child that ``serve`` started; do nothing in any other process.

    A thread and not the event loop: it has to work when that one hangs.
    """
    if environ.get(PARENT) != str(os.getppid()):
        # Also when serve died before we came so far: then the pipe is closed, and the kernel's
        # signal was asked for before the program began.
        if PARENT not in environ:
            return
        os._exit(1)
    threading.Thread(target=_watch, name="lifeline", daemon=True).start()


def _watch() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
