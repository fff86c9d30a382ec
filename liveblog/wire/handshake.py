"""The opening of a reader's stream as bytes: the answers that need no library.

Only what is plainly right is taken here; anything else is for the endpoint's library, which
says what is wrong with it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 section 1.3."""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TOKENS = re.compile(_TOKEN + rb"(?:[ \t]*,[ \t]*" + _TOKEN + rb")*")

Headers = Sequence[tuple[bytes, bytes]]


def is_key(key: bytes) -> bool:
    """Whether this is a Sec-WebSocket-Key: sixteen bytes in base64 (RFC 6455 section 4.2.1)."""
    try:
        return len(key) == 24 and len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False


def are_tokens(value: bytes) -> bool:
    """Whether this is a list as Sec-WebSocket-Protocol has it (RFC 6455 section 4.3)."""
    return _TOKENS.fullmatch(value) is not None


def switching(key: bytes, subprotocol: str | None, extension: str | None) -> bytes:
    """The 101 that accepts a WebSocket (RFC 6455 section 4.2.2)."""
    accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    head = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n"
    )
    if subprotocol is not None:
        head += b"Sec-WebSocket-Protocol: " + subprotocol.encode("latin-1") + b"\r\n"
    if extension is not None:
        head += b"Sec-WebSocket-Extensions: " + extension.encode("latin-1") + b"\r\n"
    return head + b"\r\n"


def answer(status: int, phrase: str, headers: Headers, body: bytes | None = None) -> bytes:
    """A whole answer after which the connection ends; without ``body`` only its head, and
    what follows until the end of the connection is the body (RFC 9112 section 6.3)."""
    lines = [f"HTTP/1.1 {status} {phrase}".encode("latin-1")]
    lines += [name + b": " + value for name, value in headers]
    lines += [b"connection: close", b"\r\n"]
    return b"\r\n".join(lines) + (body or b"")
