"""A browser's half of web push, and a push service: a real HTTPS server that does as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import trustme
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liveblog.push import Keys
from liveblog.push.encryption import CURVE, encode64, point_of

HANG = 0


class Browser:
    """A browser that has subscribed."""

    def __init__(self, endpoint: str, number: int = 1) -> None:
        self.endpoint = endpoint
        self.private = ec.derive_private_key(1000 + number, CURVE)
        self.secret = bytes([number % 256]) * 16
        self.keys = Keys(encode64(point_of(self.private)), encode64(self.secret))


def decrypt(body: bytes, browser: Browser) -> bytes:
    """What the browser reads, step by step as RFC 8188 and RFC 8291 say it."""
    salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, cipher = body[21 : 21 + length], body[21 + length :]
    assert len(cipher) <= size
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender)
    shared = browser.private.exchange(ec.ECDH(), public)
    info = b"WebPush: info\x00" + point_of(browser.private) + sender
    secret = HKDF(SHA256(), 32, browser.secret, info).derive(shared)
    key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(secret)
    nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(secret)
    plain = AESGCM(key).decrypt(nonce, cipher, None).rstrip(b"\x00")
    assert plain[-1:] == b"\x02", "the last record"
    return plain[:-1]


class Pushed:
    """A message as it came: the path it came to, its head in lower case, its body."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path = path
        self.headers = headers
        self.body = body

    def read(self, browser: Browser) -> dict[str, Any]:
        """What it says to this browser."""
        said: dict[str, Any] = msgspec.json.decode(decrypt(self.body, browser))
        return said


class PushServer:
    """Answers each message to a path with the next of ``answers[path]`` (a status, or ``HANG``),
    then with 201."""

    def __init__(self) -> None:
        self.answers: dict[str, list[int]] = {}
        self.extra = ""
        """More lines of the head of each answer."""
        self.came: list[Pushed] = []
        self.held: asyncio.Event | None = None
        """When set: answers wait for it."""
        self.url = ""
        self.trust = ssl.create_default_context()
        self._new = asyncio.Event()
        self.writers: set[asyncio.StreamWriter] = set()

    async def until(self, count: int) -> list[Pushed]:
        """Wait until so many messages came."""
        async with asyncio.timeout(30):
            while len(self.came) < count:
                self._new.clear()
                await self._new.wait()
        return self.came

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, and its messages."""
        self.writers.add(writer)
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                line, *rows = head.strip().split("\r\n")
                pairs = (row.partition(":") for row in rows)
                headers = {name.lower(): value.strip() for name, _, value in pairs}
                body = await reader.readexactly(int(headers["content-length"]))
                path = line.split()[1]
                self.came.append(Pushed(path, headers, body))
                answers = self.answers.get(path)
                status = answers.pop(0) if answers else 201
                self._new.set()
                if status == HANG:
                    await reader.read()  # until the other side goes
                    return
                if self.held is not None:
                    await self.held.wait()
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n{self.extra}\r\n{{}}".encode()
                )
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()


@asynccontextmanager
async def push_server() -> AsyncIterator[PushServer]:
    """A push service for the time of the block."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    service = PushServer()
    authority.configure_trust(service.trust)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=context)
    service.url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
    try:
        yield service
    finally:
        server.close()
        for writer in list(service.writers):
            writer.transport.abort()
        await server.wait_closed()
