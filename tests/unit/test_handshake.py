"""The bytes of the answers that need no library; ``websockets`` is the judge of the 101."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from liveblog.wire.deflate import ANSWER
from liveblog.wire.handshake import answer, is_key, switching


@pytest.mark.parametrize(
    ("key", "good"),
    [
        (b"dGhlIHNhbXBsZSBub25jZQ==", True),
        (base64.b64encode(bytes(range(240, 256))), True),  # with + and /
        (b"", False),
        (b"dGhlIHNhbXBsZSBub25jZQ=", False),
        (b"dGhlIHNhbXBsZSBub25jZQ", False),
        (b"dGhlIHNhbXBsZSBub25jZQAA", False),  # eighteen bytes
        (b"dGhlIHNhbXBsZSBub25jZ===", False),
        (b"dGhlIHNhbXBsZSBub25j\xe9Q==", False),
        (b"dGhl IHNhbXBsZSBub25jZQ=", False),
        (b" dGhlIHNhbXBsZSBub25jZQ==", False),
    ],
)
def test_a_key_is_sixteen_bytes(key: bytes, good: bool) -> None:
    assert is_key(key) == good


@given(st.binary(max_size=30))
def test_any_bytes_are_judged(key: bytes) -> None:
    """As the library that the endpoint asks does: by what they decode to."""
    assert is_key(base64.b64encode(key)) == (len(key) == 16)
    is_key(key)


def test_the_example_of_the_rfc() -> None:
    said = switching(b"dGhlIHNhbXBsZSBub25jZQ==", None, None)
    assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in said


@pytest.mark.parametrize("subprotocol", [None, "liveblog.v1.json", "liveblog.v1.msgpack"])
@pytest.mark.parametrize("extension", [None, ANSWER])
def test_a_client_library_takes_it(subprotocol: str | None, extension: str | None) -> None:
    client = ClientProtocol(
        parse_uri("ws://x/"),
        extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)],
        subprotocols=[Subprotocol("liveblog.v1.json"), Subprotocol("liveblog.v1.msgpack")],
    )
    request = client.connect()
    client.send_request(request)
    client.receive_data(
        switching(request.headers["Sec-WebSocket-Key"].encode(), subprotocol, extension)
    )
    client.events_received()
    assert client.handshake_exc is None
    assert client.state is State.OPEN
    assert client.subprotocol == subprotocol
    assert len(client.extensions) == (extension is not None)


def test_an_answer_ends_its_connection() -> None:
    said = answer(429, "Too Many Requests", [(b"retry-after", b"2")], b"{}")
    assert said == (
        b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 2\r\nconnection: close\r\n\r\n{}"
    )
    assert answer(200, "OK", []) == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"
