"""Frames as a client sends them, sound and broken ones (RFC 6455 section 5, RFC 7692)."""

import zlib

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes = b"\x9e\7Z<"
) -> bytes:
    """A frame as a client sends it. ``rsv``: 4, 2 and 1 are RSV1, RSV2 and RSV3."""
    return header(opcode, len(payload), fin=fin, rsv=rsv) + mask + masked(payload, mask)


def header(opcode: int, size: int, *, fin: bool = True, rsv: int = 0) -> bytes:
    """The header of a masked frame up to its mask."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    if size < 126:
        return bytes((first, 0x80 | size))
    if size < 65536:
        return bytes((first, 0xFE)) + size.to_bytes(2, "big")
    return bytes((first, 0xFF)) + size.to_bytes(8, "big")


def masked(payload: bytes, mask: bytes) -> bytes:
    """RFC 6455 section 5.3; its own inverse."""
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def bare(opcode: int, payload: bytes = b"") -> bytes:
    """A frame without a mask."""
    return bytes((0x80 | opcode, len(payload))) + payload


def close(code: int, reason: bytes = b"") -> bytes:
    """The payload of a Close."""
    return code.to_bytes(2, "big") + reason


def fragments(opcode: int, *parts: bytes, between: bytes = b"", rsv: int = 0) -> bytes:
    """A message in fragments, something between any two."""
    last = len(parts) - 1
    return between.join(
        frame(CONT if at else opcode, part, fin=at == last, rsv=0 if at else rsv)
        for at, part in enumerate(parts)
    )


def deflated(payload: bytes, flush: int = zlib.Z_SYNC_FLUSH, bits: int = 15) -> bytes:
    """The payload as a client compresses it."""
    squeeze = zlib.compressobj(wbits=-bits)
    data = squeeze.compress(payload) + squeeze.flush(flush)
    return data.removesuffix(b"\0\0\xff\xff")


def squeezed(payload: bytes, opcode: int = TEXT) -> bytes:
    """A compressed message in one frame."""
    return frame(opcode, deflated(payload), rsv=4)
