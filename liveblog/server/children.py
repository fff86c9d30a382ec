"""One supervised child: how it is started, when it counts as hung, how it ends.

Three things see to it that no child outlives ``serve``: the parent-death signal, which the
kernel sends when the thread that started the child ends (so children are started from the
main thread only); the lifeline, a pipe as standard input; and ``serve`` itself, which reaps
every child before it ends. Each child is in a process group of its own, so that Ctrl-C
reaches ``serve`` alone, which then ends the others in order.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from liveblog.server.lifeline import PARENT

PR_SET_PDEATHSIG = 1
STEADY = 10.0
"""A child that ran so long is started again at once; one that did not, waits."""
DELAYS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

logger = logging.getLogger(__name__)


class Plan(Struct, frozen=True):
    """What to start. Times in seconds."""

    name: str
    command: tuple[str, ...]
    """``{beat}`` in it becomes the descriptor of the pipe to beat on."""
    environ: Mapping[str, str]
    pass_fds: tuple[int, ...] = ()
    beats: bool = False
    end_within: float = 10.0
    """After SIGTERM; then it is killed."""
    start_within: float = 60.0
    """Until the first beat."""
    silent_for: float = 5.0
    """Without a beat it is hung, and killed."""


class Child:
    """A place for one process after the other."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.ready = False
        """Whether the present process has beaten."""
        self.failures = 0
        """How many processes in a row ended before they were steady."""
        self.start_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1
        self._beat = -1
        self._started = 0.0
        self._heard = 0.0

    @property
    def pid(self) -> int | None:
        """The present process."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start a process."""
        lifeline, self._lifeline = os.pipe()
        self._beat, beat = os.pipe()
        try:
            self._process = subprocess.Popen(
                [part.replace("{beat}", str(beat)) for part in self.plan.command],
                stdin=lifeline,
                env={**self.plan.environ, PARENT: str(os.getpid())},
                pass_fds=(*self.plan.pass_fds, *((beat,) if self.plan.beats else ())),
                process_group=0,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 (serve has one thread)
            )
        finally:
            os.close(lifeline)
            os.close(beat)
        os.set_blocking(self._beat, False)
        self.ready = False
        self._started = self._heard = time.monotonic()
        logger.debug("%s is process %d", self.plan.name, self._process.pid)

    def look(self) -> None:
        """See whether it died or hangs; start it again when its time has come."""
        now = time.monotonic()
        if self._process is None:
            if now >= self.start_at:
                self.start()
            return
        self._listen(now)
        if self._process.poll() is None and self._hung(now):
            logger.error("%s, process %d, hangs and is ended", self.plan.name, self.pid)
            self.kill()
        code = self._process.poll()
        if code is not None:
            self._forget()
            self._plan_restart(now, code)

    def _listen(self, now: float) -> None:
        try:
            while os.read(self._beat, 4096):
                self.ready = True
                self._heard = now
        except BlockingIOError:
            pass

    def _hung(self, now: float) -> bool:
        if not self.plan.beats:
            return False
        patience = self.plan.silent_for if self.ready else self.plan.start_within
        return now - self._heard > patience

    def _plan_restart(self, now: float, code: int) -> None:
        self.failures = 0 if now - self._started > STEADY else self.failures + 1
        delay = DELAYS[min(self.failures, len(DELAYS) - 1)] if self.failures > 1 else 0.0
        self.start_at = now + delay
        logger.error(
            "%s ended with %s after %.1f s; it is started again%s",
            self.plan.name,
            signal.Signals(-code).name if code < 0 else code,
            now - self._started,
            f" in {delay:g} s" if delay else "",
        )

    def excuse(self) -> None:
        """Do not count a silence during which we ourselves did not listen."""
        self._heard = time.monotonic()

    # The end ------------------------------------------------------------------------------

    def terminate(self) -> None:
        """Ask it to end."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End it, and wait until it is gone: nobody refuses SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def gone(self) -> bool:
        """Whether there is no process (any more)."""
        if self._process is not None and self._process.poll() is not None:
            self._forget()
        return self._process is None

    def _forget(self) -> None:
        self._process = None
        self.ready = False
        for descriptor in (self._lifeline, self._beat):
            os.close(descriptor)


def end_all(children: Sequence[Child], hurry: Callable[[float], bool]) -> None:
    """Ask all to end, wait as long as each may take, kill the others. All are reaped.

    :param hurry: waits so many seconds, less when something happens; whether not to wait
        any longer.
    """
    for child in children:
        child.terminate()
    began = time.monotonic()
    while left := [child for child in children if not child.gone()]:
        waited = time.monotonic() - began
        late = [child for child in left if waited > child.plan.end_within]
        for child in left if hurry(0.0 if late else 0.2) else late:
            logger.warning("%s does not end and is killed", child.plan.name)
            child.kill()


def die_with_parent() -> Callable[[], None] | None:
    """What a child runs before exec, so that the kernel kills it when its parent dies."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up before the fork

    def arm() -> None:
        if prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0 or os.getppid() != parent:
            os._exit(127)

    return arm
