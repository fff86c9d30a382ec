"""Who is let in."""

from typing import Any

import pytest

from liveblog.errors import BadRequest, NotAllowed, TooMany, Unavailable
from liveblog.types import Epoch, Seq
from liveblog.web.admission import Counter, Limits, admit

FREE: dict[str, Any] = {"origin": None, "allowed_origins": ("*",)}
MINE = ("https://mine.example",)


@pytest.mark.parametrize(
    ("origin", "allowed", "let_in"),
    [
        (None, ("*",), True),
        (None, MINE, True),
        ("https://mine.example", MINE, True),
        ("https://mine.example.evil", MINE, False),
        ("http://mine.example", MINE, False),
        ("null", MINE, False),
        ("null", ("*",), True),
        ("https://any.example", ("*",), True),
    ],
)
def test_origins(origin: str | None, allowed: tuple[str, ...], let_in: bool) -> None:
    if let_in:
        admit({}, origin=origin, allowed_origins=allowed)
    else:
        with pytest.raises(NotAllowed):
            admit({}, origin=origin, allowed_origins=allowed)


def test_what_is_asked() -> None:
    asked = admit({"after": "abcd:7", "view": "page"}, **FREE)
    assert asked.after is not None
    assert (asked.after.epoch, asked.after.seq) == (Epoch("abcd"), Seq(7))
    assert (asked.view, asked.codec, asked.subprotocol) == ("page", "json", None)
    assert admit({}, **FREE).after is None
    later = admit({"after": "abcd:7"}, last_event_id="abcd:9", **FREE).after
    assert later is not None
    assert later.seq == 9


def test_the_first_subprotocol_that_is_known_is_chosen() -> None:
    asked = admit({}, subprotocols=["x", "liveblog.v1.msgpack", "liveblog.v1.json"], **FREE)
    assert (asked.codec, asked.subprotocol) == ("msgpack", "liveblog.v1.msgpack")
    assert admit({}, subprotocols=["x"], **FREE).subprotocol is None


@pytest.mark.parametrize("cursor", ["7", "abcd", "abcd:", "abcd:-1", "abcd:01", "ABCD:1", "abcd:٣"])
def test_malformed_cursors(cursor: str) -> None:
    with pytest.raises(BadRequest):
        admit({"after": cursor}, **FREE)
    with pytest.raises(BadRequest):
        admit({}, last_event_id=cursor, **FREE)


def test_whoever_has_a_network_of_ipv6_has_one_share() -> None:
    counter = Counter(Limits(readers=9, per_address=2))
    counter.enter("2001:db8:1:2::1")
    counter.enter("2001:db8:1:2::2")
    with pytest.raises(TooMany):
        counter.enter("2001:db8:1:2:ffff::3")
    counter.enter("2001:db8:1:3::1")
    # IPv4 at a socket that listens on ::
    counter.enter("::ffff:192.0.2.1")
    counter.enter("192.0.2.1")
    with pytest.raises(TooMany):
        counter.enter("192.0.2.1")
    counter.enter("::ffff:192.0.2.2")
    for address in ("2001:db8:1:2::2", "2001:db8:1:2::1", "2001:db8:1:3::1"):
        counter.leave(address)
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        counter.leave(address)
    assert counter._by_address == {}


def test_the_counter_counts_both_ways() -> None:
    counter = Counter(Limits(readers=3, per_address=2))
    counter.enter("a")
    counter.enter("a")
    with pytest.raises(TooMany):
        counter.enter("a")
    counter.enter("b")
    with pytest.raises(Unavailable):
        counter.enter("c")
    counter.leave("a")
    counter.enter("c")
    for address in ("a", "b", "c"):
        counter.leave(address)
    assert counter._by_address == {}, "an address without readers is forgotten"
