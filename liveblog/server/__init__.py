"""How it runs: the uvicorn protocol classes, and how processes start, drain and end.

    web.py        one web process: uvicorn with our protocols, and how it lets its readers go
    protocol.py   LiveProtocol: a WebSocket that is also the sink of the fan-out
    http.py       LiveHttp: limits that uvicorn's HTTP protocol does not have
    proxies.py    whose X-Forwarded-For is believed
    serve.py      the supervisor: data folder, Valkey, listening socket, children, their end
    children.py   one supervised child: start, beat, back-off, end
    lifeline.py   the child's side: it never outlives who started it
    child.py      what a web child of `serve` runs
    logs.py       where log lines go

`serve` starts fresh Python processes and forks nothing: each imports only what it needs, and
a child that dies takes nothing along. It names what it starts by command line and not by
import, so it does not depend on the application nor on the workers.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from liveblog.config import Settings

if TYPE_CHECKING:
    import socket

__all__ = ["run_serve", "run_web", "run_worker"]

# Imported when called: a worker that watches its lifeline has no need of uvicorn.


def run_web(settings: Settings) -> None:
    """Run one web process until SIGTERM or SIGINT, and let its readers go at the end.

    :raises ConfigError: the port is taken, or the store is not there or not current.
    """
    from liveblog.server.web import run_web as run

    run(settings)


def run_serve(
    settings: Settings,
    extra: Sequence[Sequence[str]] = (),
    on_ready: Callable[[str], None] | None = None,
    listener: "socket.socket | None" = None,
) -> None:
    """Run everything on this machine until SIGTERM or SIGINT.

    :param extra: command lines of further children to supervise; each may read the settings
        from its environment, and is ended first.
    :param on_ready: called once with the address when it answers, in place of the line
        ``Liveblog is live at …`` on standard output.
    :param listener: a bound socket to use; otherwise ``host`` and ``port`` are bound.
    :raises ConfigError: the data folder, the port, the store or Valkey cannot be had.
    :raises LiveblogError: the web process never comes up; the log says why.
    """
    from liveblog.server.serve import run_serve as run

    run(settings, extra, on_ready, listener)


def run_worker(settings: Settings, names: Sequence[str]) -> NoReturn:
    """Become the worker process: this program is replaced by ``python -m workers NAME…``.

    ``workers`` stands beside the house and may not be imported by it. To be replaced (and not
    to start a child) keeps the process id, so whoever supervises it signals the right one.
    """
    import os
    import sys

    environ = os.environ | settings.to_env()
    os.execve(sys.executable, [sys.executable, "-m", "workers", *names], environ)
