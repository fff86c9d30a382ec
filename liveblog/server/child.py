"""What a web child of ``serve`` runs: ``python -m liveblog.server.child LISTEN BEAT [APP]``.

LISTEN is the descriptor of the listening socket, BEAT of the pipe on which the child says
that its event loop turns; the settings are in the environment.
"""

import contextlib
import logging
import os
import socket
import sys

from liveblog.config import Settings
from liveblog.errors import LiveblogError
from liveblog.server.lifeline import watch_lifeline
from liveblog.server.web import APP, run_web


def main(listen: str, beat: str, app: str = APP) -> None:
    """Serve on an inherited socket."""
    watch_lifeline()
    pipe = int(beat)
    os.set_blocking(pipe, False)

    def tell() -> None:
        # Full: serve is stopped and will read later. Broken: serve is gone, see lifeline.py.
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(pipe, b".")

    listener = socket.socket(fileno=int(listen))
    try:
        run_web(Settings.from_env(os.environ), [listener], tell, app)
    except LiveblogError as error:
        logging.getLogger(__name__).critical("%s", error)
        sys.exit(2)


if __name__ == "__main__":
    main(*sys.argv[1:])
