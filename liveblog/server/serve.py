"""The supervisor: everything on one machine, as one process group that ends as one.

It is one thread that sleeps until a signal or a fifth of a second and then looks at each
child. There is no event loop in it and no connection, so there is little that can hang.

The order: the folder, its lock, the key, the tables, Valkey, the socket, the children; the
end is the same backwards. The socket is bound here once and shared, so a web child that is
started again takes over the queue of connections that nobody refused meanwhile.
"""

import contextlib
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

from liveblog.broker.errors import BrokerError
from liveblog.broker.lock import DataFolderLock
from liveblog.broker.valkey import EmbeddedValkey
from liveblog.config import Settings, prepare_folder
from liveblog.errors import ConfigError, LiveblogError
from liveblog.server.children import Child, Plan, end_all
from liveblog.server.listening import address_of, bind
from liveblog.server.logs import configure_logging
from liveblog.server.web import APP
from liveblog.store import migrate

LOOK = 0.2
"""Seconds between two looks at the children."""
GIVE_UP = 3
"""So many failures of the first web child, before any was ready: it will not work."""
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

logger = logging.getLogger(__name__)


def run_serve(
    settings: Settings,
    extra: Sequence[Sequence[str]] = (),
    on_ready: Callable[[str], None] | None = None,
    listener: socket.socket | None = None,
    app: str = APP,
) -> None:
    """See :func:`liveblog.server.run_serve`."""
    if threading.current_thread() is not threading.main_thread():
        raise LiveblogError("serve runs in the main thread only: its children die with it.")
    configure_logging(settings.log_level, "serve")
    with contextlib.ExitStack() as stack:
        signals = stack.enter_context(Signals.caught())
        prepare_folder(settings)
        lock = DataFolderLock(settings.folder)
        with _as_config_error():
            stack.enter_context(lock)
        migrate(settings.store_url)
        listening = stack.enter_context(listener or bind(settings.host, settings.port))
        valkey = None if settings.redis_url else EmbeddedValkey(settings.folder)
        if valkey is not None:
            stack.callback(valkey.stop)
            with _as_config_error():
                valkey.start()
        family = Family(settings, listening, extra, app)
        stack.callback(family.end, signals)
        Supervisor(family, valkey, signals, on_ready or _say).run()


def _say(address: str) -> None:
    sys.stdout.write(f"Liveblog is live at {address}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def _as_config_error() -> Iterator[None]:
    """The broker's room stands beside the tree of errors; its sentences are for people, too."""
    try:
        yield
    except BrokerError as error:
        raise ConfigError(str(error)) from None


class Signals:
    """How many times we were asked to end, and a way to sleep that a signal ends."""

    def __init__(self) -> None:
        self.count = 0
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    @classmethod
    @contextlib.contextmanager
    def caught(cls) -> Iterator["Signals"]:
        """Catch those that end us, and wake for those of children that died."""
        self = cls()
        before = {number: signal.signal(number, self._count) for number in SIGNALS}
        # A handler of ours, because an ignored signal wakes nobody.
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        try:
            yield self
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self._reader)
            os.close(self._writer)

    def _count(self, number: int, frame: FrameType | None) -> None:
        self.count += 1

    def wait(self, seconds: float) -> None:
        """Sleep, less long when a signal comes."""
        if select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 4096)


class Family:
    """The children of one ``serve``: web processes, the workers, and what was asked for."""

    def __init__(
        self, settings: Settings, listener: socket.socket, extra: Sequence[Sequence[str]], app: str
    ) -> None:
        environ = os.environ | settings.to_env() | {"LIVEBLOG_PORT": str(listener.getsockname()[1])}
        python = (sys.executable, "-m")
        fd = listener.fileno()
        self.address = address_of(listener)
        self.web = [
            Child(
                Plan(
                    f"web {number}",
                    (*python, "liveblog.server.child", str(fd), "{beat}", app),
                    environ,
                    pass_fds=(fd,),
                    beats=True,
                    end_within=settings.drain_seconds + 5,
                )
            )
            for number in range(1, settings.processes + 1)
        ]
        self.workers = [Child(Plan("workers", (*python, "workers"), environ))]
        self.extra = [
            Child(Plan(" ".join(command[1:4]), tuple(command), environ, end_within=3))
            for command in extra
        ]

    def all(self) -> list[Child]:
        """Every child."""
        return [*self.web, *self.workers, *self.extra]

    def end(self, signals: Signals) -> None:
        """End all: first who writes, then who has readers, then who works behind them."""

        def hurry(seconds: float) -> bool:
            # Counted from the very first signal: the second may come before this runs.
            signals.wait(seconds)
            return signals.count > 1

        for group in (self.extra, self.web, self.workers):
            end_all(group, hurry)


class Supervisor:
    """Looks after the children and Valkey until it is asked to end."""

    def __init__(
        self,
        family: Family,
        valkey: EmbeddedValkey | None,
        signals: Signals,
        on_ready: Callable[[str], None],
    ) -> None:
        self._family = family
        self._valkey = valkey
        self._valkey_at = 0.0
        """Not before this time again (monotonic seconds)."""
        self._valkey_down = False
        self._signals = signals
        self._on_ready = on_ready
        self._announced = False

    def run(self) -> None:
        """Until asked to end.

        :raises LiveblogError: the web process never comes up.
        """
        looked = time.monotonic()
        children = [*self._family.web, *self._family.workers]
        while not self._signals.count:
            if time.monotonic() - looked > 5 * LOOK:
                # We were stopped, or starting Valkey took long: not their fault.
                for child in children:
                    child.excuse()
            looked = time.monotonic()
            self._look_at_valkey(looked)
            for child in children:
                child.look()
            if not self._announced and any(child.ready for child in self._family.web):
                self._announced = True
                # What else was asked for may count on it that the address answers.
                children += self._family.extra
                self._on_ready(self._family.address)
            if not self._announced and self._family.web[0].failures >= GIVE_UP:
                raise LiveblogError("The web process does not start; the lines above say why.")
            self._signals.wait(LOOK)
        logger.info("ending")

    def _look_at_valkey(self, now: float) -> None:
        if self._valkey is None or now < self._valkey_at:
            return
        code = self._valkey.poll()
        if code is None and not self._valkey_down:
            return
        if code is not None:
            logger.error("the embedded Valkey ended with %d; it is started again", code)
        self._valkey_at = now + 1.0
        self._valkey_down = True
        try:
            self._valkey.restart()
            self._valkey_down = False
        except (BrokerError, OSError) as error:
            logger.error("the embedded Valkey could not be started: %s", error)
