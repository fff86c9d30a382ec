"""What the entrance says to a request, and who is counted inside. What comes of an answer on a
socket is for ``tests/integration/lane``."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from liveblog.model.position import Position
from liveblog.types import Seq, Slug
from liveblog.web.entrance import Ready, Ticket
from liveblog.wire.codec import Format
from liveblog.wire.deflate import ANSWER as DEFLATE
from liveblog.wire.requests import NewBlog
from tests.kit import SLUG, MemorySink
from tests.unit.door import ADDRESS, CHANGES, LIVE, MINE, STREAM, Door, Headers, open_door, word


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """A door whose blog was read already."""
    async with open_door(tmp_path) as found:
        yield found


NEW = f"{CHANGES}?after=$EPOCH:1"
"""A poll that has something to be told."""

# Who comes in ------------------------------------------------------------------------------

SOCKETS: list[tuple[str, Headers, str | int]] = [
    (LIVE, {}, "ticket"),
    (f"/below{LIVE}", {}, "ticket"),
    (f"{LIVE}?x=1", {}, "ticket"),
    (f"{LIVE}?x=/stream", {}, "ticket"),
    (f"{LIVE}?last_event_id=x", {"last-event-id": "x"}, "ticket"),
    # Origin
    (LIVE, {"origin": MINE}, "ticket"),
    (LIVE, {"origin": "https://evil.example"}, 403),
    (LIVE, {"origin": "null"}, 403),
    (LIVE, {"origin": ""}, 403),
    (LIVE, {"origin": f"{MINE}\xff"}, 403),
    (f"{LIVE}?after=x", {"origin": "https://evil.example"}, 403),
    ("/api/v1/blogs/nobodys/live", {"origin": "https://evil.example"}, 403),
    # Cursor and view
    (f"{LIVE}?after=$EPOCH:0", {}, "ticket"),
    (f"{LIVE}?after=$EPOCH:2", {}, "ticket"),
    (f"{LIVE}?after=$EPOCH%3A1", {}, "ticket"),
    (f"{LIVE}?after=$EPOCH:3", {}, "endpoint"),
    (f"{LIVE}?after=other:1", {}, "endpoint"),
    (f"{LIVE}?after=x", {}, 400),
    (f"{LIVE}?after=", {}, 400),
    (f"{LIVE}?after=%FF:1", {}, 400),
    (f"{LIVE}?after=$EPOCH:1&after=x", {}, 400),
    (f"{LIVE}?view=page", {}, "ticket"),
    (f"{LIVE}?view=", {}, 400),
    (f"{LIVE}?view=words", {}, 400),
    ("/api/v1/blogs/nobodys/live?after=x", {}, 400),
    # What a library is to judge
    (LIVE, {"sec-websocket-version": "12"}, "endpoint"),
    (LIVE, {"sec-websocket-version": None}, "endpoint"),
    (LIVE, {"sec-websocket-key": "dGhlIHNhbXBsZQ=="}, "endpoint"),
    (LIVE, {"sec-websocket-key": None}, "endpoint"),
    (LIVE, {"sec-websocket-protocol": "a b"}, "endpoint"),
    (LIVE, {"sec-websocket-protocol": ""}, "endpoint"),
    (LIVE, {"sec-websocket-protocol": "a,,b"}, "endpoint"),
    (LIVE, {"sec-websocket-protocol": "a ,\tb"}, "ticket"),
    (LIVE, {"connection": "keep-alive"}, "endpoint"),
    (LIVE, {"connection": None}, "endpoint"),
    (LIVE, {"upgrade": None}, "endpoint"),
    (STREAM, {}, "endpoint"),
    (CHANGES, {}, "endpoint"),
    # What is not here, or asks for more than memory has
    (LIVE, {"authorization": "Bearer x"}, "endpoint"),
    (LIVE, {"authorization": ""}, "endpoint"),
    ("/api/v1/blogs/nobodys/live", {}, "endpoint"),
    (f"{LIVE}/", {}, "endpoint"),
    (f"/x{LIVE}", {}, "endpoint"),
    (LIVE.replace("war", "%77ar"), {}, "endpoint"),
    (f"http://x{LIVE}", {}, "endpoint"),
    (f"/api/v1/blogs/{'a' * 81}/live", {}, "endpoint"),
]


async def test_sockets(door: Door) -> None:
    faults = []
    for target, headers, wanted in SOCKETS:
        said = word(door.socket(target, headers))
        if (said, door.let_out()) != (wanted, wanted == "ticket"):
            faults.append((target, headers, said))
    assert faults == []


EVENTS: list[tuple[str, Headers, str | int]] = [
    (STREAM, {}, "ticket"),
    (f"/below{STREAM}?x=1", {}, "ticket"),
    (STREAM, {"origin": MINE}, "ticket"),
    (f"{STREAM}?after=$EPOCH:1", {}, "ticket"),
    (f"{STREAM}?after=x", {"last-event-id": "$EPOCH:1"}, "ticket"),
    # An EventSource gives up on a refusal, which only the endpoint may say.
    (STREAM, {"origin": "https://evil.example"}, "endpoint"),
    (f"{STREAM}?after=x", {}, "endpoint"),
    (f"{STREAM}?after=$EPOCH:1", {"last-event-id": "x"}, "endpoint"),
    (f"{STREAM}?after=$EPOCH:1&lastEventId=x", {}, "endpoint"),
    (f"{STREAM}?after=$EPOCH:9", {}, "endpoint"),
    (f"{STREAM}?view=words", {}, "endpoint"),
    (STREAM, {"authorization": "Bearer x"}, "endpoint"),
    ("/api/v1/blogs/nobodys/stream", {}, "endpoint"),
    (LIVE, {}, "endpoint"),
]


async def test_events(door: Door) -> None:
    faults = []
    for target, headers, wanted in EVENTS:
        said = word(door.ask(target, headers))
        if (said, door.let_out()) != (wanted, wanted == "ticket"):
            faults.append((target, headers, said))
    assert faults == []


POLLS = [
    ("after=$EPOCH:1", "ready"),
    ("after=$EPOCH:1&wait=30&x=1", "ready"),
    ("after=$EPOCH:2", "ready"),
    ("after=$EPOCH:2&wait=0", "ready"),
    ("after=$EPOCH:2&wait=1", "wait"),
    ("after=$EPOCH:2&wait=30&view=page", "wait"),
    ("after=$EPOCH:2&wait=31", "endpoint"),
    ("after=$EPOCH:2&wait=01", "endpoint"),
    ("after=$EPOCH:2&wait=", "endpoint"),
    ("after=$EPOCH:2&wait=-1", "endpoint"),
    ("after=$EPOCH:3", "endpoint"),
    ("after=other:1", "endpoint"),
    ("after=other:2&wait=9", "endpoint"),
    ("after=x", "endpoint"),
    ("", "endpoint"),
    ("after=$EPOCH:2&view=words", "endpoint"),
]


async def test_polls(door: Door) -> None:
    faults = []
    for query, wanted in POLLS:
        said = word(door.ask(f"{CHANGES}?{query}"))
        if (said, door.let_out()) != (wanted, wanted == "wait"):
            faults.append((query, said))
    assert faults == []
    assert door.topic.users == 2, "a poll that waits keeps the topic open"


# What it is given --------------------------------------------------------------------------


FORMS: list[tuple[Headers, Format, set[bytes]]] = [
    ({}, Format("frame", "json", "page"), set()),
    ({"sec-websocket-protocol": "x"}, Format("frame", "json", "page"), set()),
    (
        {"sec-websocket-protocol": "x, liveblog.v1.msgpack, liveblog.v1.json"},
        Format("frame", "msgpack", "page"),
        {b"Sec-WebSocket-Protocol: liveblog.v1.msgpack"},
    ),
    ({"sec-websocket-extensions": "x; y"}, Format("frame", "json", "page"), set()),
    (
        {"sec-websocket-extensions": "permessage-deflate"},
        Format("deflated", "json", "page"),
        {b"Sec-WebSocket-Extensions: " + DEFLATE.encode()},
    ),
]


async def test_the_form_of_a_socket(door: Door) -> None:
    for headers, form, said in FORMS:
        found = door.socket(f"{LIVE}?view=page&after=$EPOCH:1", headers)
        assert isinstance(found, Ticket)
        assert (found.form, found.address) == (form, ADDRESS)
        assert found.after == Position(door.topic.position.epoch, Seq(1))
        lines = found.answer.split(b"\r\n")
        assert lines[0].startswith(b"HTTP/1.1 101 ")
        asked = (b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Extensions")
        assert {line for line in lines if line.startswith(asked)} == said
        door.let_out()


async def test_events_and_whose_pages_may_read_them(door: Door) -> None:
    found = door.ask(
        f"{STREAM}?view=page&after=$EPOCH:1", {"origin": MINE, "last-event-id": "$EPOCH:2"}
    )
    assert isinstance(found, Ticket)
    assert found.form == Format("sse", "json", "page")
    assert found.after == Position(door.topic.position.epoch, Seq(2))
    assert f"access-control-allow-origin: {MINE}\r\n".encode() in found.answer
    assert b"vary: Origin\r\n" in found.answer


async def test_a_poll_and_whose_pages_may_read_it(door: Door) -> None:
    for origin, allowed in ((MINE, MINE), ("https://evil.example", None), (None, None)):
        found = door.ask(NEW, {"origin": origin})
        assert isinstance(found, Ready)
        headers = {name.decode(): value.decode() for name, value in found.headers}
        assert headers.get("access-control-allow-origin") == allowed
        assert (headers["vary"], headers["cache-control"]) == ("Origin", "no-cache")
        assert headers["liveblog-cursor"] == f"{door.topic.position.epoch}:2"
        assert found.body.count(b'"entry.published"') == 1


# Who may read at all -----------------------------------------------------------------------

SERVED = ["ticket", "ticket", "ready"]
LEFT = ["endpoint"] * 3


def words(door: Door) -> list[str | int]:
    """What is said to one of each kind, who is let out at once."""
    found = []
    for ask, target in ((door.socket, LIVE), (door.ask, STREAM), (door.ask, NEW)):
        found.append(word(ask(target)))
        door.let_out()
    return found


async def test_visibility(door: Door) -> None:
    said = {"public": words(door)}
    for visibility in ("unlisted", "private", "draft"):
        await door.show_to(visibility)
        said[visibility] = words(door)
    assert said == {"public": SERVED, "unlisted": SERVED, "private": LEFT, "draft": LEFT}


async def test_a_blog_that_is_not_open_here(door: Door) -> None:
    other = Slug("elsewhere")
    blog = NewBlog(slug=other, title="War", visibility="public")
    await door.process.actions.create_blog(blog)
    assert word(door.socket(LIVE.replace(SLUG, other))) == "endpoint"
    assert word(door.ask(STREAM.replace(SLUG, other))) == "endpoint"
    assert door.inside() == 0
    async with door.process.hub.using(other, None):
        assert word(door.socket(LIVE.replace(SLUG, other))) == "ticket"


async def test_a_topic_that_is_gone(door: Door) -> None:
    door.topic.gone = True
    assert words(door) == LEFT


async def test_what_lies_below_the_floor(door: Door) -> None:
    door.topic.window.floor = door.topic.window.head
    assert word(door.socket(f"{LIVE}?after=$EPOCH:1")) == "endpoint"
    assert word(door.ask(NEW)) == "endpoint"
    assert word(door.socket(f"{LIVE}?after=$EPOCH:2")) == "ticket"


async def test_memory_that_is_not_believed(door: Door) -> None:
    waiting = door.wait()
    door.process.broker.heard_at = door.process.hub.asked_at = float("-inf")
    assert door.entrance.polled(waiting) is None
    assert words(door) == LEFT


async def test_a_process_that_ends(door: Door) -> None:
    waiting = door.wait()
    door.process.hub.draining = True
    told = door.entrance.polled(waiting)
    assert told is not None
    assert dict(told.headers)[b"retry-after"] == b"2"
    assert words(door) == LEFT


# How many ----------------------------------------------------------------------------------


async def test_an_address_has_its_share(door: Door) -> None:
    assert [word(door.socket()), word(door.ask(STREAM))] == ["ticket"] * 2
    refused = door.socket()
    assert isinstance(refused, bytes)
    assert word(refused) == 429
    assert b"\r\nretry-after: " in refused
    assert b"urn:liveblog:problem:too-many" in refused
    later = door.ask(STREAM, {"origin": MINE})
    assert isinstance(later, bytes)
    assert word(later) == 200, "an EventSource gives up on any other status"
    assert b"retry: " in later
    assert b'"overload"' in later
    assert b"access-control-allow-origin" in later
    assert word(door.ask(NEW)) == "endpoint"
    assert door.inside() == 2
    assert word(door.ask(STREAM, address="192.0.2.2")) == "ticket"
    door.entrance.leave(ADDRESS, None)
    assert word(door.socket()) == "ticket"


async def test_a_process_has_its_share(door: Door) -> None:
    for number in range(3):
        assert word(door.ask(STREAM, address=f"192.0.2.{number}")) == "ticket"
    refused = door.socket()
    assert isinstance(refused, bytes)
    assert word(refused) == 503
    assert b"\r\nretry-after: " in refused
    later = door.ask(STREAM)
    assert isinstance(later, bytes)
    assert b'"overload"' in later
    assert door.inside() == 3


async def test_who_is_refused_for_another_reason_takes_no_room(door: Door) -> None:
    for _ in range(5):
        assert word(door.socket(f"{LIVE}?after=x")) == 400
        assert word(door.socket(LIVE, {"origin": "null"})) == 403
        assert word(door.ask(f"{STREAM}?after=x")) == "endpoint"
    assert door.inside() == 0


async def test_a_reader_takes_its_seat_and_leaves(door: Door) -> None:
    found = door.socket(f"{LIVE}?after=$EPOCH:1")
    assert isinstance(found, Ticket)
    sink = MemorySink()
    reader = door.entrance.seat(found, sink)
    assert [b'"hello"' in sink.inbox[0], len(sink.inbox), len(door.topic.readers)] == [True, 2, 1]
    await door.publish()
    assert b'"seq":3' in sink.inbox[-1]
    door.entrance.leave(found.address, reader)
    assert (door.inside(), len(door.topic.readers)) == (0, 0)


async def test_a_poll_waits_and_is_told(door: Door) -> None:
    waiting = door.wait()
    assert (waiting.seconds, door.inside(), door.topic.users) == (9, 1, 1)
    await door.publish()
    told = door.entrance.polled(waiting)
    assert told is not None
    assert b'"seq":3' in told.body
    assert b'"poll_after_ms":0' in told.body
    assert dict(told.headers)[b"access-control-allow-origin"] == MINE.encode()
    assert (door.inside(), door.topic.users) == (0, 0)


async def test_a_poll_whose_blog_was_hidden_is_told_nothing(door: Door) -> None:
    waiting = door.wait()
    await door.show_to("draft")
    assert door.entrance.polled(waiting) is None
    assert (door.inside(), door.topic.users) == (0, 0)


async def test_a_poll_that_goes_leaves_nothing(door: Door) -> None:
    waiting = door.wait()
    door.entrance.leave_poll(waiting)
    assert (door.inside(), door.topic.users) == (0, 0)
