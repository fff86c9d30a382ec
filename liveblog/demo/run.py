"""The command: a folder and a port of its own, a server, and the process that writes."""

import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from liveblog.config import Settings
from liveblog.errors import ConfigError
from liveblog.server import run_serve
from liveblog.server.listening import bind

TRIES = 100
"""Ports looked at when the first one is taken."""

NOT_OURS = (
    *("DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "PUBLIC_URL", "SECRET_KEY", "DATA_DIR"),
    *("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
)
"""Settings of a real server that the demonstration must not touch, wherever it is started."""


def run_demo(
    data_dir: str | None = None,
    port: str | None = None,
    host: str | None = None,
    log_level: str | None = None,
    pace: float = 4.0,
) -> None:
    """Run the demonstration until SIGINT or SIGTERM.

    :raises ConfigError: a setting is wrong, or no port can be had.
    """
    environ = {
        name: value
        for name, value in os.environ.items()
        if name.removeprefix("LIVEBLOG_") not in NOT_OURS
    }
    # Nobody is written to: without a contact there would be no push messages to try.
    environ.setdefault("LIVEBLOG_PUSH_CONTACT", "mailto:demonstration@liveblog.example")
    level = log_level or environ.get("LIVEBLOG_LOG_LEVEL") or "warning"
    with _folder(data_dir) as folder:
        settings = Settings.from_env(
            environ, data_dir=folder, host=host, port=port, log_level=level
        )
        # Only a port that nobody asked for may be replaced by another one.
        asked = port or environ.get("LIVEBLOG_PORT") or environ.get("PORT")
        listener = bind(settings.host, settings.port) if asked else next_free(settings)
        desk = [sys.executable, "-m", "liveblog.demo", str(pace)]
        if data_dir is None:
            _say("Starting a demonstration. Everything in it is gone when you stop it.")
        else:
            _say(f"Starting a demonstration in {folder}.")
        run_serve(settings, [desk], lambda address: None, listener)


def next_free(settings: Settings) -> socket.socket:
    """A socket bound to the port of the settings, or to the next one that is free."""
    for port in range(settings.port, min(settings.port + TRIES, 65536)):
        with contextlib.suppress(ConfigError):
            return bind(settings.host, port)
    return bind(settings.host, settings.port)


@contextlib.contextmanager
def _folder(named: str | None) -> Iterator[Path]:
    """The folder named, or one that is gone afterwards."""
    if named is not None:
        yield Path(named)
        return
    # The path of Valkey's socket lies in it and must be short.
    folder = Path(tempfile.mkdtemp(prefix="liveblog-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
