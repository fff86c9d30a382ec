"""The negotiation of permessage-deflate, and the bytes that follow it."""

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.headers import parse_extension

from liveblog.wire.deflate import ANSWER, WINDOW_BITS, accept, deflate
from liveblog.wire.frames import frame

TAIL = b"\0\0\xff\xff"

ACCEPTED = [
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits",  # Chrome, Firefox, Safari
    "permessage-deflate; client_max_window_bits=8",
    "permessage-deflate; client_max_window_bits=15",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    f"permessage-deflate; server_max_window_bits={WINDOW_BITS}",
    "permessage-deflate; server_max_window_bits=15",
    'permessage-deflate; server_max_window_bits="15"; client_max_window_bits="1\\5"',
    "\tpermessage-deflate ;client_max_window_bits = 9 ; server_no_context_takeover\t",
    # Another one that nobody knows, or that cannot be met, stands before.
    "x-webkit-deflate-frame, permessage-deflate",
    'other; text="a, b; \\"c"; x, permessage-deflate',
    "permessage-deflate; server_max_window_bits=9, permessage-deflate",
    "permessage-deflate; mystery, permessage-deflate",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover, "
    "permessage-deflate",
    "permessage-deflate;, permessage-deflate",
    "permessage-deflate x, permessage-deflate",
    ", ,, permessage-deflate, ,",
    # One behind is never reached, whatever it is.
    'permessage-deflate, "',
    "permessage-deflate, permessage-deflate",
]

DECLINED = [
    "",
    " ",
    ",",
    "deflate",
    "Permessage-Deflate",  # tokens are compared as they are
    "x-permessage-deflate",
    "permessage-deflate2",
    f"permessage-deflate; server_max_window_bits={WINDOW_BITS - 1}",
    "permessage-deflate; server_max_window_bits=8",
    "permessage-deflate; server_max_window_bits",  # needs a value
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; server_max_window_bits=7",
    "permessage-deflate; server_max_window_bits=015",
    "permessage-deflate; server_max_window_bits=+15",
    "permessage-deflate; client_max_window_bits=7",
    "permessage-deflate; client_max_window_bits=16",
    "permessage-deflate; client_max_window_bits=08",
    "permessage-deflate; client_max_window_bits=x",
    "permessage-deflate; client_max_window_bits; client_max_window_bits=15",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; client_no_context_takeover=true",
    "permessage-deflate; Server_no_context_takeover",
    "permessage-deflate; unknown",
]

MALFORMED = [
    "permessage-deflate; server_max_window_bits=",
    'permessage-deflate; server_max_window_bits=""',
    "permessage-deflate; client_max_window_bits=",
    'permessage-deflate; client_max_window_bits=" 15"',
    "permessage-deflate;",
    "permessage-deflate; ; client_max_window_bits",
    "permessage-deflate client_max_window_bits",
    "permessage-deflate=1",
    '"permessage-deflate"',
    "permessage-deflate\N{NO-BREAK SPACE}",
]

NO_HEADER = [  # nothing that a header could hold
    "permessage-deflate; server_max_window_bits=1٥",
    "permessage-deflate\n",
    "permessage-deflate; client_max_window_bits\r\n",
]

OPEN = [  # a quote that does not end: nothing behind it can be read
    'other; x="open',
    'permessage-deflate; server_max_window_bits="15',
    'permessage-deflate; server_max_window_bits="15\\"',
]


@pytest.mark.parametrize("offers", ACCEPTED)
def test_an_offer_that_can_be_met_has_one_answer(offers: str) -> None:
    assert accept(offers) == ANSWER


@pytest.mark.parametrize("offers", DECLINED + MALFORMED + NO_HEADER)
def test_any_other_is_declined(offers: str) -> None:
    assert accept(offers) is None
    assert accept(f"{offers}, permessage-deflate") == ANSWER


@pytest.mark.parametrize("offers", OPEN)
def test_nothing_is_read_behind_an_open_quote(offers: str) -> None:
    assert accept(offers) is None
    assert accept(f"{offers}, permessage-deflate") is None
    assert accept(f"permessage-deflate, {offers}") == ANSWER


def test_a_client_takes_the_answer_for_what_it_is() -> None:
    ((name, parameters),) = parse_extension(ANSWER)
    for offer in (ClientPerMessageDeflateFactory(), ClientPerMessageDeflateFactory(True, True, 15)):
        extension = offer.process_response_params(parameters, [])
        assert name == extension.name
        assert extension.remote_max_window_bits == WINDOW_BITS
        assert extension.remote_no_context_takeover
        assert extension.local_no_context_takeover


def test_a_long_header_is_read_in_a_moment() -> None:
    for piece in ("permessage-deflate; a", " ", '"', '"a" ', "\\", ";", ",", 'a="', "a=b;"):
        assert accept(f"x{piece * 20_000}") is None
        assert accept(f"permessage-deflate{piece * 20_000}=") in (None, ANSWER)


@given(st.text())
def test_no_header_is_an_error(offers: str) -> None:
    assert accept(offers) in (None, ANSWER)


def inflated(made: bytes) -> bytes:
    """The payload, by a client that keeps only the window of the answer: what it has given
    out it can look back to no farther."""
    inflate = zlib.decompressobj(wbits=-WINDOW_BITS)
    pieces, rest = [], made + TAIL
    while rest:
        pieces.append(inflate.decompress(rest, 1000))
        rest = inflate.unconsumed_tail
    return b"".join(pieces) + inflate.flush()


@given(st.binary(max_size=20_000) | st.text("abc ", max_size=20_000).map(str.encode))
def test_a_frame_is_inflated_alone_and_with_our_window(payload: bytes) -> None:
    made = deflate(payload)
    assert inflated(made) == payload
    assert deflate(payload) == made
    assert not made.endswith(TAIL)


def test_nothing_is_repeated_from_farther_than_the_window() -> None:
    block, other = (random.Random(n).randbytes(3000) for n in (1, 2))
    assert inflated(deflate(block + other * 2 + block)) == block + other * 2 + block


def test_a_compressed_frame_says_so_in_rsv1() -> None:
    made = deflate(b"words " * 100)
    assert frame(made, compressed=True) == bytes((0xC1, len(made))) + made
    assert frame(made, binary=True, compressed=True)[0] == 0xC2
    assert frame(made, binary=True)[0] == 0x82
