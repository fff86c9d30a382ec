"""A site that gives cards: a real HTTPS server that answers as it is told to."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import trustme

from liveblog.embeds import Provider


class Answer(NamedTuple):
    """What is answered."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json"
    extra: str = ""
    """More lines of the head."""
    hang: bool = False
    """After the body nothing more comes, though more was promised."""


def card(**fields: Any) -> Answer:
    """An answer in oEmbed."""
    return Answer(json.dumps({"version": "1.0", "type": "video"} | fields).encode())


class Site:
    """Answers each path with the next of ``answers[path]``, the last one for ever; others 404."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[str] = []
        self.heads: list[dict[str, str]] = []
        self.port = 0
        self.trust = ssl.create_default_context()
        self.writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"https://localhost:{self.port}"

    @property
    def provider(self) -> Provider:
        """How it stands in a list of sites."""
        return Provider("Site", f"{self.url}/oembed", ("*.site.example",), ("/video/*",))

    def pages(self) -> list[str]:
        """Of which pages it was asked."""
        asked = [urlsplit(one) for one in self.asked]
        return [parse_qs(one.query)["url"][0] for one in asked if one.path == "/oembed"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, and what is asked on it."""
        self.writers.add(writer)
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                line, *rows = head.strip().split("\r\n")
                pairs = (row.partition(":") for row in rows)
                self.heads.append({name.lower(): value.strip() for name, _, value in pairs})
                target = line.split()[1]
                self.asked.append(target)
                answers = self.answers.get(target.partition("?")[0], [Answer(status=404)])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                size = 10**9 if answer.hang else len(answer.body)
                writer.write(
                    f"HTTP/1.1 {answer.status} X\r\nContent-Type: {answer.kind}\r\n"
                    f"Content-Length: {size}\r\n{answer.extra}\r\n".encode()
                    + answer.body
                )
                if answer.hang:
                    await reader.read()  # until the other side goes
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """A site for the time of the block."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    made = Site()
    authority.configure_trust(made.trust)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for writer in list(made.writers):
            writer.transport.abort()
        await server.wait_closed()
