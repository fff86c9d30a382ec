"""More connections than a process has descriptors for: those inside are served all the same."""

import asyncio
import json
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from liveblog.actions import OPERATOR, Ask, open_actions
from liveblog.config import Settings
from liveblog.types import Slug
from liveblog.wire.requests import NewBlog, NewEntry
from tests.acceptance.processes import WITHIN, Serving, serving, wait_until
from tests.kit import SLUG

FILES = 300
ROOM = 150
"""Readers that such a process takes; see :func:`liveblog.server.web.with_room`."""
HEAD = "HTTP/1.1\r\nHost: x\r\n"
READ = f"GET /api/v1/blogs/war-latest/stream {HEAD}\r\n"
UPGRADE = (
    f"GET /api/v1/blogs/war-latest/live {HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Crowd:
    """Connections to a server."""

    def __init__(self, serve: Serving, stack: ExitStack) -> None:
        host, port = serve.address.removeprefix("http://").rstrip("/").split(":")
        self._at = host, int(port)
        self._stack = stack

    def come(self, request: str) -> socket.socket:
        """One more, which asks at once."""
        one = self._stack.enter_context(socket.create_connection(self._at, timeout=WITHIN))
        one.sendall(request.encode())
        return one

    def answer(self, request: str) -> str:
        """What one more is told until the server hangs up."""
        with self.come(request).makefile("rb") as told:
            return told.read().decode()


@contextmanager
def crowd(serve: Serving) -> Iterator[Crowd]:
    """They have all gone afterwards."""
    with ExitStack() as stack:
        yield Crowd(serve, stack)


def until(reader: socket.socket, words: str) -> None:
    """Read up to these words."""
    told = ""
    while words not in told:
        data = reader.recv(65536)
        assert data, f"the end came after {told!r}"
        told += data.decode()


def readers(serve: Serving) -> int:
    """How many the server counts."""
    with urllib.request.urlopen(f"{serve.address}readyz", timeout=WITHIN) as answer:
        return int(json.load(answer)["readers"])


async def blog(folder: Path) -> None:
    """A public blog."""
    async with open_actions(Settings(data_dir=folder)) as actions:
        await actions.create_blog(NewBlog(slug=SLUG, title="War", visibility="public"))


async def post(folder: Path, words: str) -> None:
    """An entry, written beside the server."""
    async with open_actions(Settings(data_dir=folder)) as actions:
        await actions.entries.create(Slug(SLUG), NewEntry(body=words), Ask(OPERATOR))


def test_a_flood_is_refused_and_those_inside_are_served(tmp_path: Path) -> None:
    with serving(tmp_path, FILES) as serve, crowd(serve) as inside:
        asyncio.run(blog(tmp_path))
        reading = [inside.come(READ) for _ in range(ROOM)]
        for one in reading:
            until(one, '"hello"')
        # No room for readers; a page and whoever asks for its health still get an answer.
        refused = inside.answer(UPGRADE)
        assert refused.startswith("HTTP/1.1 503 ")
        assert "retry-after: " in refused.lower()
        assert readers(serve) == ROOM
        # Now connections that ask for nothing, until there is no room for any.
        with crowd(serve) as idle:
            for _ in range(FILES):
                idle.come("")
            assert idle.answer("").startswith("HTTP/1.1 503 ")
            asyncio.run(post(tmp_path, "Words for those inside"))
            for one in reading:
                until(one, "Words for those inside")
        wait_until(serve.answers, "there is room again")
        assert readers(serve) == ROOM
        assert serve.end() == 0
        assert "Traceback" not in serve.text
