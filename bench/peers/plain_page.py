"""A PlainTextResponse of so many bytes, on the server and with the settings Liveblog has.

python -m bench.peers.plain_page
"""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from liveblog.config import Settings
from liveblog.server.web import run_web


async def plain(request: Request) -> PlainTextResponse:
    """As many bytes as the path says."""
    return PlainTextResponse("x" * request.path_params["size"])


def create_app(settings: Settings) -> Starlette:
    """Nothing but that, and what says that it is ready."""
    return Starlette(routes=[Route("/plain/{size:int}", plain), Route("/readyz", plain_ready)])


async def plain_ready(request: Request) -> PlainTextResponse:
    """Always."""
    return PlainTextResponse("ready")


if __name__ == "__main__":
    run_web(Settings.from_env(os.environ), app="bench.peers.plain_page:create_app")
