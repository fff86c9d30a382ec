"""What a server must do that takes no data: a table of cases.

Autobahn's cases (their numbers stand with the groups) for a peer that echoes nothing. Pings,
pongs and a Close are answered as by any server; a whole data message is refused with 4500,
after it was found sound (else 1002, 1007 or 1009 say what was wrong with it). Of a message
with something behind it in the same segment either may decide, and how soon a broken frame is
noticed, at its header or at its end, is open.
"""

from typing import NamedTuple
from zlib import Z_FINISH

from liveblog.wire.inbound import ALLOWANCE
from tests.conformance.sending import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    TEXT,
    bare,
    close,
    deflated,
    fragments,
    frame,
    header,
    squeezed,
)

MAX_MESSAGE = 4096


class Pong(NamedTuple):
    """A pong with this payload."""

    payload: bytes


class Echo(NamedTuple):
    """The Close answered by one with the same payload."""

    payload: bytes


class Close(NamedTuple):
    """A Close of the server's own. How it says the reason is open."""

    code: int


Answer = Pong | Echo | Close


class Case(NamedTuple):
    """What is sent on a new connection, and every control frame that comes back.

    A case in which nothing closes is closed by the peer at the end, and must see that echoed.
    """

    name: str
    sent: bytes
    answers: tuple[Answer, ...]
    others: tuple[tuple[Answer, ...], ...] = ()
    """What may come back as well."""

    @property
    def closes(self) -> bool:
        """Whether the case brings the end."""
        return any(not isinstance(answer, Pong) for answer in self.answers)


BYE = close(1000, b"bye")
PINGED = frame(PING, b"before")
BEFORE = Pong(b"before")


def refused(name: str, sent: bytes, code: int) -> Case:
    """A case that ends with a code of the server's."""
    return Case(name, sent, (Close(code),))


# 2.* -------------------------------------------------------------------------------------

PINGS = [
    Case("ping without payload", frame(PING), (Pong(b""),)),
    Case("ping with text", frame(PING, b"Hello, world!"), (Pong(b"Hello, world!"),)),
    Case("ping with bytes", frame(PING, b"\0\xff\xfe\xfd\0\xff"), (Pong(b"\0\xff\xfe\xfd\0\xff"),)),
    Case("ping of 125 bytes", frame(PING, b"\xfe" * 125), (Pong(b"\xfe" * 125),)),
    refused("ping of 126 bytes", frame(PING, b"\xfe" * 126), 1002),
    Case("pong without payload", frame(PONG), ()),
    Case("pong with payload", frame(PONG, b"unsolicited"), ()),
    Case("pong, then ping", frame(PONG, b"a") + frame(PING, b"b"), (Pong(b"b"),)),
    refused("pong of 126 bytes", frame(PONG, b"\xfe" * 126), 1002),
    Case(
        "ten pings",
        b"".join(frame(PING, b"payload-%d" % n) for n in range(10)),
        tuple(Pong(b"payload-%d" % n) for n in range(10)),
    ),
    Case("ping with a mask of zeros", frame(PING, b"abc", mask=b"\0" * 4), (Pong(b"abc"),)),
    Case("ping that is its mask", frame(PING, b"\x9e\7Z<" * 2), (Pong(b"\x9e\7Z<" * 2),)),
    Case("ping, then close", PINGED + frame(CLOSE, BYE), (BEFORE, Echo(BYE))),
]

# 3.*, 4.*: reserved bits and opcodes, and section 5.1: a client masks --------------------

RESERVED = [
    refused(f"{name} with reserved bits {rsv}", frame(opcode, payload, rsv=rsv), 1002)
    for name, opcode, payload in (
        ("text", TEXT, b"Hello"),
        ("binary", BINARY, b"\0\xff"),
        ("close", CLOSE, BYE),
        ("ping", PING, b"a"),
        ("pong", PONG, b""),
    )
    for rsv in range(1, 8)
]
RESERVED += [
    refused(f"opcode {opcode} with {len(payload)} bytes", frame(opcode, payload), 1002)
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    for payload in (b"", b"reserved opcode")
]
RESERVED += [
    Case("ping, then reserved bits", PINGED + frame(TEXT, rsv=2), (BEFORE, Close(1002))),
    Case("ping, then opcode 5", PINGED + frame(5, b"x"), (BEFORE, Close(1002))),
    refused("opcode 3, then ping", frame(3) + PINGED, 1002),
]
RESERVED += [
    refused(f"opcode {opcode} without mask", bare(opcode, payload), 1002)
    for opcode, payload in ((CONT, b""), (TEXT, b"a"), (BINARY, b"a"), (CLOSE, BYE), (PING, b"a"))
]
RESERVED += [
    Case("ping, then one without mask", PINGED + bare(PING, b"a"), (BEFORE, Close(1002))),
]

# 5.*: fragments --------------------------------------------------------------------------

FRAGMENTS = [
    refused("ping in fragments", fragments(PING, b"frag", b"ment"), 1002),
    refused("pong in fragments", fragments(PONG, b"frag", b"ment"), 1002),
    refused("close in fragments", fragments(CLOSE, close(1000), b"bye"), 1002),
    refused("text in two", fragments(TEXT, b"frag", b"ment"), 4500),
    refused("binary in three", fragments(BINARY, b"\0", b"\xff", b"\0"), 4500),
    refused("nothing in a hundred", fragments(TEXT, *[b""] * 100), 4500),
    refused("each byte alone", fragments(TEXT, *[b"%d" % (n % 10) for n in range(200)]), 4500),
    Case(
        "ping between",
        fragments(TEXT, b"frag", b"ment", between=PINGED),
        (BEFORE, Close(4500)),
    ),
    Case(
        "pings and pongs between",
        fragments(
            BINARY, b"1", b"2", b"3", b"4", between=PINGED + frame(PONG) + frame(PING, b"\xff")
        ),
        (BEFORE, Pong(b"\xff")) * 3 + (Close(4500),),
    ),
    Case("unfinished, then ping", frame(TEXT, b"frag", fin=False) + PINGED, (BEFORE,)),
    Case("unfinished", frame(BINARY, b"frag", fin=False) + frame(CONT, b"m", fin=False), ()),
    Case(
        "unfinished, then close",
        frame(TEXT, b"frag", fin=False) + frame(CLOSE, BYE) + frame(CONT, b"ment"),
        (Echo(BYE),),
    ),
    refused("continuation of nothing", frame(CONT, b"ment"), 1002),
    refused("empty continuation of nothing", frame(CONT), 1002),
    refused("unfinished continuation of nothing", frame(CONT, b"ment", fin=False), 1002),
    Case(
        "ping, then continuation of nothing", PINGED + frame(CONT, b"ment"), (BEFORE, Close(1002))
    ),
    refused("text within text", frame(TEXT, b"frag", fin=False) + frame(TEXT, b"ment"), 1002),
    refused("binary within text", frame(TEXT, b"frag", fin=False) + frame(BINARY, b"m"), 1002),
    refused(
        "text begun within text",
        frame(TEXT, b"frag", fin=False) + frame(TEXT, b"ment", fin=False),
        1002,
    ),
    refused(
        "fragmented ping within text",
        frame(TEXT, b"frag", fin=False) + frame(PING, b"p", fin=False),
        1002,
    ),
    refused(
        "reserved bits on a continuation",
        frame(TEXT, b"frag", fin=False) + frame(CONT, b"ment", rsv=4),
        1002,
    ),
]

# 6.*: UTF-8 ------------------------------------------------------------------------------

WORD = "κόσμε".encode()

VALID = [
    b"",
    b"Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!",
    WORD,
    b"\0",
    b"\x7f",
    b"\xc2\x80",
    b"\xdf\xbf",
    b"\xe0\xa0\x80",
    b"\xed\x9f\xbf",
    b"\xee\x80\x80",
    b"\xef\xbf\xbd",
    b"\xef\xbf\xbe",  # no character, and yet well-formed
    b"\xef\xbf\xbf",
    b"\xf0\x90\x80\x80",
    b"\xf4\x8f\xbf\xbf",
    b"\xf0\x9f\xbf\xbe",
]
INVALID = [
    WORD + b"\xed\xa0\x80edited",
    WORD[:-1],
    b"\x80",
    b"\xbf",
    b"\x80\xbf" * 3,
    b"\xc0 \xc1 ",
    b"\xe0 ",
    b"\xf0 ",
    b"\xc0",
    b"\xe0\x80",
    b"\xf0\x80\x80",
    b"\xfe",
    b"\xff",
    b"\xfe\xfe\xff\xff",
    b"\xc0\xaf",
    b"\xe0\x80\xaf",
    b"\xf0\x80\x80\xaf",
    b"\xf8\x80\x80\x80\xaf",
    b"\xfc\x80\x80\x80\x80\xaf",
    b"\xc1\xbf",
    b"\xe0\x9f\xbf",
    b"\xf0\x8f\xbf\xbf",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xed\xaf\xbf\xed\xbf\xbf",
    b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80",
]
UTF8 = [refused(f"text {text!r}", frame(TEXT, text), 4500) for text in VALID]
UTF8 += [refused(f"text {text!r}", frame(TEXT, text), 1007) for text in INVALID]
UTF8 += [refused(f"binary {text!r}", frame(BINARY, text), 4500) for text in INVALID[:5]]
UTF8 += [
    refused("cut within a character", fragments(TEXT, WORD[:3], WORD[3:]), 4500),
    refused("cut at each byte", fragments(TEXT, *(bytes([byte]) for byte in WORD)), 4500),
    refused("invalid by its fragments", fragments(TEXT, WORD[:3], WORD), 1007),
    refused("invalid first fragment", fragments(TEXT, WORD + b"\xf4\x90", b"ok"), 1007),
    refused("unfinished at the end", fragments(TEXT, b"ok", WORD[:-1]), 1007),
    Case(
        "ping in a character",
        fragments(TEXT, WORD[:3], WORD[3:], between=PINGED),
        (BEFORE, Close(4500)),
    ),
    Case("ping, then invalid", PINGED + frame(TEXT, b"\xff"), (BEFORE, Close(1007))),
    Case(
        "invalid so far, then close",
        frame(TEXT, WORD[:-1], fin=False) + frame(CLOSE, BYE),
        (Echo(BYE),),
    ),
]

# 7.*: closing ----------------------------------------------------------------------------

CODES = (*range(1000, 1004), *range(1007, 1015), 3000, 3999, 4000, 4500, 4999)
NO_CODES = (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)

CLOSING = [Case("close without payload", frame(CLOSE), (Echo(b""),))]
CLOSING += [Case(f"code {code}", frame(CLOSE, close(code)), (Echo(close(code)),)) for code in CODES]
CLOSING += [refused(f"code {code}", frame(CLOSE, close(code)), 1002) for code in NO_CODES]
CLOSING += [
    refused(f"code {code} with a reason", frame(CLOSE, close(code, b"why")), 1002)
    for code in (999, 1005, 1006, 1015, 5000)
]
CLOSING += [
    Case(f"reason of {len(reason)} bytes", frame(CLOSE, close(1000, reason)), (echo,))
    for reason in (b"Hello World!", WORD, b"*" * 123)
    for echo in (Echo(close(1000, reason)),)
]
CLOSING += [
    refused("one byte", frame(CLOSE, b"\3"), 1002),
    refused("reason of 124 bytes", frame(CLOSE, close(1000, b"*" * 124)), 1002),
    refused("reason that is no UTF-8", frame(CLOSE, close(1000, WORD + b"\xed\xa0\x80")), 1007),
    refused("reason cut within a character", frame(CLOSE, close(1000, WORD[:-1])), 1007),
    Case("close, twice", frame(CLOSE, BYE) + frame(CLOSE, close(1001)), (Echo(BYE),)),
    Case("close, then ping", frame(CLOSE, BYE) + frame(PING, b"after"), (Echo(BYE),)),
    Case("close, then text", frame(CLOSE, BYE) + frame(TEXT, b"after"), (Echo(BYE),)),
    Case("close, then a broken frame", frame(CLOSE, BYE) + bare(3), (Echo(BYE),)),
    Case("invalid close, then ping", frame(CLOSE, b"\3") + PINGED, (Close(1002),)),
    Case("ping, then invalid close", PINGED + frame(CLOSE, close(1005)), (BEFORE, Close(1002))),
]

# 1.*, 9.*: sizes -------------------------------------------------------------------------

SIZES = [
    refused(f"{name} of {size} bytes", frame(opcode, b"*" * size), 4500)
    for name, opcode in (("text", TEXT), ("binary", BINARY))
    for size in (0, 1, 125, 126, 127, 128, MAX_MESSAGE)
]
SIZES += [
    refused(f"{size} bytes announced", header(BINARY, size), 1009)
    for size in (MAX_MESSAGE + 1, 65535, 65536, 2**31, 2**63 - 1)
]
SIZES += [
    refused("too much in one", frame(TEXT, b"*" * (MAX_MESSAGE + 1)), 1009),
    refused("all in fragments", fragments(TEXT, *[b"*" * 1024] * 4), 4500),
    refused("too much in fragments", fragments(TEXT, *[b"*" * 1024] * 4, b"*"), 1009),
    refused(
        "too much by what a fragment announces",
        frame(TEXT, b"*" * 4000, fin=False) + header(CONT, 97, fin=False),
        1009,
    ),
    Case("ping, then too much", PINGED + header(TEXT, 5000), (BEFORE, Close(1009))),
]

# 3.3, 5.15, 7.1.*: a message that has something behind it -------------------------------

TEXTED = frame(TEXT, b"Hello")
SPOILED = frame(TEXT, b"\xff")
_NO_TEXT = (Close(4500),)
_NO_UTF8 = (Close(1007),)
_BROKEN = ((Close(1002),),)
_BYE = ((Echo(BYE),),)
_FLOOD = tuple((Pong(b""),) * n + _NO_TEXT for n in range(1, 1001))

BEHIND = [
    Case("two messages", TEXTED + TEXTED, _NO_TEXT),
    Case("sound, then spoiled", TEXTED + SPOILED, _NO_TEXT, (_NO_UTF8,)),
    Case("spoiled, then sound", SPOILED + TEXTED, _NO_UTF8),
    Case(
        "a message, then a ping",
        TEXTED + PINGED,
        _NO_TEXT,
        ((BEFORE, *_NO_TEXT), (*_NO_TEXT, BEFORE)),
    ),
    Case("a message, then a close", TEXTED + frame(CLOSE, BYE), _NO_TEXT, _BYE),
    Case("spoiled, then a ping", SPOILED + PINGED, _NO_UTF8, ((BEFORE, *_NO_UTF8),)),
    Case("spoiled, then a close", SPOILED + frame(CLOSE, BYE), _NO_UTF8, _BYE),
    Case("spoiled, then an invalid close", SPOILED + frame(CLOSE, b"x"), _NO_UTF8, _BROKEN),
    Case("spoiled, then an opcode", SPOILED + frame(3), _NO_UTF8, _BROKEN),
    Case("a message, then reserved bits", TEXTED + frame(TEXT, rsv=2), _NO_TEXT, _BROKEN),
    Case("a message, then one without mask", TEXTED + bare(TEXT), _NO_TEXT, _BROKEN),
    Case("a message, then a continuation", TEXTED + frame(CONT, b"x"), _NO_TEXT, _BROKEN),
    Case("a message, then too much", TEXTED + header(TEXT, 5000), _NO_TEXT, ((Close(1009),),)),
    Case("a thousand messages", frame(TEXT) * 1000, _NO_TEXT),
    Case("a message, then a thousand pings", TEXTED + frame(PING) * 1000, _NO_TEXT, _FLOOD),
]

# 12.*: where permessage-deflate was agreed on --------------------------------------------

_HALVES = (deflated(b"words and words")[:9], deflated(b"words and words")[9:])
_BOMB = deflated(b"\0" * 3_000_000)
_SLICES = [_BOMB[at : at + 300] for at in range(0, len(_BOMB), 300)]

COMPRESSED = [
    refused("compressed text", squeezed(b"Hello"), 4500),
    refused("compressed binary", squeezed(b"\xff\0", BINARY), 4500),
    refused("nothing, compressed", frame(TEXT, b"\0", rsv=4), 4500),
    refused("plain text", frame(TEXT, b"Hello"), 4500),
    refused("plain text that is no UTF-8", frame(TEXT, b"\xff"), 1007),
    refused("compressed text that is no UTF-8", squeezed(WORD[:-1]), 1007),
    refused("a last block", frame(TEXT, deflated(b"Hello", Z_FINISH) + b"\0", rsv=4), 4500),
    refused("the smallest window", frame(TEXT, deflated(b"Hello " * 50, bits=9), rsv=4), 4500),
    refused("compressed in fragments", fragments(TEXT, *_HALVES, rsv=4), 4500),
    Case(
        "ping within",
        fragments(TEXT, *_HALVES, rsv=4, between=PINGED),
        (BEFORE, Close(4500)),
    ),
    refused("almost too much", squeezed(b"*" * (MAX_MESSAGE - 1)), 4500),
    refused("too much", squeezed(b"*" * (MAX_MESSAGE + 1)), 1009),
    refused("a bomb", frame(TEXT, _BOMB, rsv=4), 1009),
    refused("a bomb in fragments", fragments(TEXT, *_SLICES, rsv=4), 1009),
    refused("no deflate at all", frame(TEXT, b"\xff" * 30, rsv=4), 1002),
    refused(
        "RSV1 on a continuation", frame(TEXT, b"a", fin=False) + frame(CONT, b"b", rsv=4), 1002
    ),
    refused(
        "RSV1 on a compressed continuation",
        frame(TEXT, _HALVES[0], fin=False, rsv=4) + frame(CONT, _HALVES[1], rsv=4),
        1002,
    ),
    refused("RSV1 on a ping", frame(PING, b"a", rsv=4), 1002),
    refused("RSV1 on a pong", frame(PONG, b"a", rsv=4), 1002),
    refused("RSV1 on a close", frame(CLOSE, BYE, rsv=4), 1002),
    refused("RSV1 and RSV2 on text", frame(TEXT, deflated(b"a"), rsv=6), 1002),
    refused("RSV3 on text", frame(TEXT, b"a", rsv=1), 1002),
    Case("ping", PINGED, (BEFORE,)),
    Case("close", frame(CLOSE, BYE), (Echo(BYE),)),
]

# What no case of Autobahn's asks: frames that bring nothing, without an end -----------------

_BEGUN = frame(TEXT, b"begun", fin=False)
_TOO_MANY = 2 * ALLOWANCE + 1
"""Also where a ping of ours comes in between, after which it begins anew."""

FLOODS = [
    Case("as many pings as may be", frame(PING) * ALLOWANCE, (Pong(b""),) * ALLOWANCE),
    Case("as many pongs as may be", frame(PONG) * ALLOWANCE, ()),
    Case("as much of nothing as may be", _BEGUN + frame(CONT, fin=False) * ALLOWANCE, ()),
    Case(
        "more pings",
        frame(PING) * _TOO_MANY,
        (Pong(b""),) * ALLOWANCE + _NO_TEXT,
        tuple((Pong(b""),) * n + _NO_TEXT for n in range(ALLOWANCE + 1, _TOO_MANY)),
    ),
    refused("more pongs", frame(PONG) * _TOO_MANY, 4500),
    refused("more of nothing", _BEGUN + frame(CONT, fin=False) * _TOO_MANY, 4500),
    refused(
        "of each some",
        _BEGUN + (frame(PONG) + frame(CONT, fin=False)) * (_TOO_MANY // 2 + 1),
        4500,
    ),
    refused("pongs, then a close", frame(PONG) * _TOO_MANY + frame(CLOSE, BYE), 4500),
]

PLAIN = {
    "pings": PINGS,
    "reserved": RESERVED,
    "fragments": FRAGMENTS,
    "utf8": UTF8,
    "closing": CLOSING,
    "sizes": SIZES,
    "behind": BEHIND,
    "floods": FLOODS,
}
