"""RFC 6455 frames from a server: never masked (section 5.1), always whole (FIN set)."""

_TEXT = 0x81
_BINARY = 0x82
_RSV1 = 0x40


def frame(payload: bytes, *, binary: bool = False, compressed: bool = False) -> bytes:
    """One data frame with its header (section 5.2).

    :param compressed: the payload was made by :func:`liveblog.wire.deflate.deflate`, which
        RSV1 says (RFC 7692, section 6).
    """
    first = (_BINARY if binary else _TEXT) | (_RSV1 if compressed else 0)
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


def close_frame(payload: bytes) -> bytes:
    """A Close (section 5.5.1): nothing, or two bytes of code and a reason in UTF-8."""
    return bytes((0x88, len(payload))) + payload


def ping_frame() -> bytes:
    """A Ping without a payload (section 5.5.2): one is enough that any Pong answers."""
    return b"\x89\x00"


def pong_frame(payload: bytes) -> bytes:
    """The answer to a Ping with this payload (section 5.5.3)."""
    return bytes((0x8A, len(payload))) + payload
