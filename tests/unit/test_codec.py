"""Bytes: frames, events and hints."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame
from websockets.streams import StreamReader

from liveblog.types import BlogId, Cursor, EntryId, Epoch, Revision, Seq, Slug
from liveblog.wire import messages as m
from liveblog.wire.codec import (
    Encoded,
    Format,
    Hint,
    change_message,
    changes_message,
    cut,
    decode_hint,
    encode_hint,
    pack,
)
from liveblog.wire.frames import frame

NOW = datetime(2025, 7, 23, 12, tzinfo=UTC)
SLUG, EPOCH = Slug("war"), Epoch("here")
DATA = Format("message", "json", "data")
BLOG: Any = None


def change(seq: int, note: str = "why") -> Encoded:
    stone = m.Tombstone(EntryId(f"e{seq}"), SLUG, Seq(seq), Revision(2), "retracted", NOW, note)
    view = m.EntryRetracted(Seq(seq), NOW, stone)
    return Encoded(view, BLOG, lambda value, blog: f"<p>{seq}</p>")


@pytest.mark.parametrize("binary", [False, True])
@given(size=st.sampled_from([0, 1, 125, 126, 127, 65535, 65536, 70000]))
def test_frames_are_those_of_rfc_6455(binary: bool, size: int) -> None:
    payload = b"x" * size
    reader = StreamReader()
    reader.feed_data(frame(payload, binary=binary))
    parser = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as found:
        next(parser)
    read: Frame = found.value.value
    assert (read.fin, read.data, read.opcode) == (True, payload, 2 if binary else 1)
    assert reader.read_to_eof is not None
    assert len(reader.buffer) == 0


@given(st.text())
def test_an_event_is_one_line_of_data_with_the_cursor_as_id(note: str) -> None:
    """Whatever the text holds, U+2028 and lone carriage returns included."""
    event = change_message(SLUG, EPOCH, change(7, note), Format("sse", "json", "data"))
    head, _, rest = event.partition(b"\n")
    assert head == b"id: here:7"
    assert rest.startswith(b"data: ")
    assert rest.endswith(b"\n\n")
    assert not {10, 13} & set(rest[:-2])
    assert msgspec.json.decode(rest[6:])["change"]["entry"]["note"] == note


def test_a_reset_has_no_id_and_a_reconnect_its_time() -> None:
    sse = Format("sse", "json", "data")
    assert pack(m.Reset(SLUG, "ahead", "/s"), sse).startswith(b'data: {"type":"reset"')
    told = pack(m.Reconnect(SLUG, 1500, "draining"), sse)
    assert told.startswith(b'retry: 1500\ndata: {"type":"reconnect"')


def test_the_same_change_stands_in_both_messages() -> None:
    one, other = change(7), change(9)
    single = msgspec.json.decode(change_message(SLUG, EPOCH, one, DATA))
    many = msgspec.json.decode(changes_message(SLUG, EPOCH, Seq(6), Seq(9), [one, other], DATA))
    assert single["change"] == many["changes"][0]
    assert (single["cursor"], single["seq"]) == ("here:7", 7)
    assert (many["from"], many["cursor"], many["seq"]) == ("here:6", "here:9", 9)
    assert "poll_after_ms" not in many
    packed = changes_message(
        SLUG, EPOCH, Seq(6), Seq(9), [one, other], Format("message", "msgpack", "data")
    )
    assert msgspec.msgpack.decode(packed)["changes"][1]["seq"] == 9


def test_bytes_are_made_once() -> None:
    made = change(7)
    bare = made.size
    assert made.raw("json", "data") is made.raw("json", "data")
    assert made.size == bare + len(made.raw("json", "data"))
    assert made.forget() == len(made.raw("json", "data"))
    page = msgspec.json.decode(made.raw("json", "page"))
    assert page["entry"]["fragment"] == "<p>7</p>"
    assert "note" not in page["entry"]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20), st.integers(1, 2000))
def test_a_batch_is_cut_at_its_limit_but_never_empty(notes: list[int], limit: int) -> None:
    changes = [change(n + 1, "x" * size) for n, size in enumerate(notes)]
    sizes = [len(c.raw("json", "data")) + 1 for c in changes]
    count = cut(changes, DATA, limit)
    assert 1 <= count <= len(changes)
    assert count == 1 or sum(sizes[:count]) <= limit
    assert count == len(changes) or sum(sizes[: count + 1]) > limit


def test_hints_travel() -> None:
    hint = Hint(BlogId("b"), EPOCH, Seq(9), (change(8).view, change(9).view))
    assert decode_hint(encode_hint(hint)) == hint
    assert hint.before == 7


@given(st.binary())
def test_a_hint_that_cannot_be_read_is_none(payload: bytes) -> None:
    assert decode_hint(payload) is None


def test_a_cursor_is_text() -> None:
    hello = msgspec.json.decode(pack(m.Hello(SLUG, Cursor("here:0"), Seq(0), 15, "b"), DATA))
    assert (hello["type"], hello["protocol"], hello["cursor"]) == ("hello", 1, "here:0")
