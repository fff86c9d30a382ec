"""Which way a reader comes in is nobody's business but ours: the lane, the endpoint under our
own protocols, and the application under any ASGI server say the same to the same request.

Every header is compared, but for those in which the ways may differ (:data:`HARMLESS`,
:data:`FRAMING`). Compression is not asked for: other servers agree on a compression of their
own, or refuse an offer that we pass over; ``test_offers.py`` holds our two ways together.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

from tests.integration.lane.kit import LIVE, STREAM, Raw, get, raw, reader, upgrade
from tests.kit import SLUG
from tests.served import Served, Way, serving

CHANGES = f"/api/v1/blogs/{SLUG}/changes"
NOBODYS = "/api/v1/blogs/nobodys"
OPEN = ("*",)
MINE = ("https://mine.example",)
FROM_MINE, FROM_ELSEWHERE = f"Origin: {MINE[0]}", "Origin: https://evil.example"
ASKS = "Access-Control-Request-Method: GET"

HARMLESS = {
    "date": "The lane's own answers have none. They are a stream or no-store, so nobody keeps "
    "them and counts their age.",
}
FRAMING = {
    "connection": "A stream of the lane ends with its connection,",
    "transfer-encoding": "and one of an endpoint with its last chunk. Either way it ends only "
    "when the server wants it to, and nothing else comes on that connection.",
}
"""Of event streams."""


class Said(NamedTuple):
    """What came back; of a stream its first message."""

    status: int
    headers: dict[str, str]
    body: bytes


class Case(NamedTuple):
    """A request, the status it gets, and whether the lane answers it by itself."""

    status: int
    request: bytes
    by_lane: bool = True


def elsewhere(status: int, request: bytes) -> Case:
    """A case that the lane leaves to the endpoint."""
    return Case(status, request, by_lane=False)


def by(method: bytes, request: bytes) -> bytes:
    """The request by another method."""
    return request.replace(b"GET", method, 1)


def without(request: bytes, name: bytes) -> bytes:
    """The request without a header."""
    return re.sub(name + rb":[^\r]*\r\n", b"", request)


V1 = "Sec-WebSocket-Protocol: liveblog.v1.json"
MSGPACK = "Sec-WebSocket-Protocol: other, liveblog.v1.msgpack"
OTHER = "Sec-WebSocket-Protocol: other"
AFTER = "after=$EPOCH:1"

SOCKET = {
    "plain": Case(101, upgrade()),
    "allowed origin": Case(101, upgrade(LIVE, FROM_MINE)),
    "refused origin": Case(403, upgrade(LIVE, FROM_ELSEWHERE)),
    "origin null": Case(403, upgrade(LIVE, "Origin: null")),
    "refused origin, unknown blog": Case(403, upgrade(f"{NOBODYS}/live", FROM_ELSEWHERE)),
    "unknown blog": elsewhere(404, upgrade(f"{NOBODYS}/live")),
    "no slug": elsewhere(404, upgrade("/api/v1/blogs/No_Slug/live")),
    "cursor": Case(101, upgrade(f"{LIVE}?{AFTER}")),
    "escaped cursor": Case(101, upgrade(f"{LIVE}?after=$EPOCH%3A1")),
    "bad cursor": Case(400, upgrade(f"{LIVE}?after=x")),
    "empty cursor": Case(400, upgrade(f"{LIVE}?after=")),
    "two cursors": Case(101, upgrade(f"{LIVE}?after=x&{AFTER}")),
    "bad cursor, refused origin": Case(403, upgrade(f"{LIVE}?after=x", FROM_ELSEWHERE)),
    "cursor ahead": elsewhere(101, upgrade(f"{LIVE}?after=$EPOCH:9")),
    "bad view": Case(400, upgrade(f"{LIVE}?view=x")),
    "pages": Case(101, upgrade(f"{LIVE}?view=page")),
    "unknown query": Case(101, upgrade(f"{LIVE}?x=1&=&%")),
    "subprotocol": Case(101, upgrade(LIVE, V1)),
    "msgpack": Case(101, upgrade(LIVE, MSGPACK)),
    "subprotocols in two headers": Case(101, upgrade(LIVE, OTHER, V1)),
    "unknown subprotocol": Case(101, upgrade(LIVE, OTHER)),
    "empty subprotocol": elsewhere(400, upgrade(LIVE, "Sec-WebSocket-Protocol:")),
    "malformed subprotocol": elsewhere(400, upgrade(LIVE, "Sec-WebSocket-Protocol: a b")),
    "last event id": Case(101, upgrade(LIVE, "Last-Event-ID: x")),
    "two origins": elsewhere(400, upgrade(LIVE, FROM_MINE, FROM_MINE)),
    "two keys": elsewhere(400, upgrade(LIVE, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")),
    "two versions": elsewhere(400, upgrade(LIVE, "Sec-WebSocket-Version: 13")),
    "wrong version": elsewhere(400, upgrade().replace(b"Version: 13", b"Version: 12")),
    "no version": elsewhere(400, without(upgrade(), b"Sec-WebSocket-Version")),
    "no key": elsewhere(400, without(upgrade(), b"Sec-WebSocket-Key")),
    "bad key": elsewhere(400, upgrade().replace(b"dGhl", b"")),
    "no connection": elsewhere(404, without(upgrade(), b"Connection")),
    "no upgrade": elsewhere(404, get(LIVE)),
    "bad token": elsewhere(401, upgrade(LIVE, "Authorization: Bearer x")),
    "POST": elsewhere(405, by(b"POST", upgrade())),
    "HEAD": elsewhere(405, by(b"HEAD", upgrade())),
    "OPTIONS": elsewhere(405, by(b"OPTIONS", upgrade())),
    "POST, no upgrade": elsewhere(404, by(b"POST", get(LIVE, "Content-Length: 0"))),
}

EVENTS = {
    "plain": Case(200, get(STREAM)),
    "allowed origin": Case(200, get(STREAM, FROM_MINE)),
    "refused origin": elsewhere(403, get(STREAM, FROM_ELSEWHERE)),
    "origin null": elsewhere(403, get(STREAM, "Origin: null")),
    "two origins": elsewhere(200, get(STREAM, FROM_MINE, FROM_ELSEWHERE)),
    "unknown blog": elsewhere(404, get(f"{NOBODYS}/stream", FROM_MINE)),
    "cursor": Case(200, get(f"{STREAM}?{AFTER}", FROM_MINE)),
    "bad cursor": elsewhere(400, get(f"{STREAM}?after=x", FROM_MINE)),
    "last event id": Case(200, get(f"{STREAM}?after=x", "Last-Event-ID: $EPOCH:1")),
    "last event id in the query": Case(200, get(f"{STREAM}?lastEventId=$EPOCH:1")),
    "empty last event id": Case(200, get(f"{STREAM}?{AFTER}", "Last-Event-ID:")),
    "bad last event id": elsewhere(400, get(f"{STREAM}?{AFTER}", "Last-Event-ID: x")),
    "two last event ids": elsewhere(
        200, get(STREAM, "Last-Event-ID: $EPOCH:1", "Last-Event-ID: x")
    ),
    "bad view": elsewhere(400, get(f"{STREAM}?view=x", FROM_MINE)),
    "unknown query": Case(200, get(f"{STREAM}?x=1")),
    "bad token": elsewhere(401, get(STREAM, "Authorization: Bearer x", FROM_MINE)),
    "POST": elsewhere(405, by(b"POST", get(STREAM, "Content-Length: 0", FROM_MINE))),
    "HEAD": elsewhere(200, by(b"HEAD", get(STREAM, FROM_MINE))),
    "OPTIONS": elsewhere(405, by(b"OPTIONS", get(STREAM, FROM_MINE))),
    "preflight": elsewhere(
        200,
        by(
            b"OPTIONS",
            get(STREAM, FROM_MINE, ASKS, "Access-Control-Request-Headers: last-event-id"),
        ),
    ),
    "refused preflight": elsewhere(400, by(b"OPTIONS", get(STREAM, FROM_ELSEWHERE, ASKS))),
}

POLLS = {
    "cursor": Case(200, get(f"{CHANGES}?{AFTER}")),
    "nothing new": Case(200, get(f"{CHANGES}?after=$EPOCH:2", FROM_MINE)),
    "pages": Case(200, get(f"{CHANGES}?{AFTER}&view=page")),
    "allowed origin": Case(200, get(f"{CHANGES}?{AFTER}", FROM_MINE)),
    "refused origin": Case(200, get(f"{CHANGES}?{AFTER}", FROM_ELSEWHERE)),
    "origin null": Case(200, get(f"{CHANGES}?{AFTER}", "Origin: null")),
    "no cursor": elsewhere(400, get(CHANGES, FROM_MINE)),
    "bad cursor": elsewhere(400, get(f"{CHANGES}?after=x", FROM_ELSEWHERE)),
    "cursor ahead": elsewhere(200, get(f"{CHANGES}?after=$EPOCH:9", FROM_MINE)),
    "other epoch": elsewhere(200, get(f"{CHANGES}?after=other:1", FROM_MINE)),
    "bad view": elsewhere(400, get(f"{CHANGES}?{AFTER}&view=x")),
    "no number": elsewhere(422, get(f"{CHANGES}?{AFTER}&wait=x")),
    "too long": elsewhere(422, get(f"{CHANGES}?{AFTER}&wait=31")),
    "its tag": Case(200, get(f"{CHANGES}?{AFTER}", "If-None-Match: *")),
    "unknown blog": elsewhere(404, get(f"{NOBODYS}/changes?{AFTER}", FROM_MINE)),
    "POST": elsewhere(405, by(b"POST", get(f"{CHANGES}?{AFTER}", "Content-Length: 0"))),
    "HEAD": elsewhere(200, by(b"HEAD", get(f"{CHANGES}?{AFTER}", FROM_MINE))),
    "preflight": elsewhere(200, by(b"OPTIONS", get(CHANGES, FROM_MINE, ASKS))),
}


class House:
    """The same blog behind every way, and what the lane was asked."""

    def __init__(self, ways: Mapping[Way, Served]) -> None:
        self.ways = ways
        self.epoch = ways["lane"].hub.topics[0].topic.position.epoch
        self.found: list[Any] = []
        entrance: Any = ways["lane"].app.state.entrance
        ask = entrance.ask

        def told(head: Any) -> Any:
            self.found.append(ask(head))
            return self.found[-1]

        entrance.ask = told

    async def faults(self, cases: Mapping[str, Case]) -> dict[str, Any]:
        """What is not as the table says, by case."""
        found: dict[str, Any] = {}
        for name, case in cases.items():
            self.found.clear()
            request = case.request.replace(b"$EPOCH", self.epoch.encode())
            said = {way: await say(served, request) for way, served in self.ways.items()}
            by_lane = any(one is not None for one in self.found)
            if (said["lane"].status, by_lane) != (case.status, case.by_lane):
                found[name] = (said["lane"], by_lane)
            for way in said:
                if said[way] != said["lane"]:
                    found[f"{name}, {way}"] = (said["lane"], said[way])
        return found


async def say(served: Served, request: bytes) -> Said:
    """Send a request on a connection of its own."""
    async with raw(served) as one:
        await one.send(request)
        head = await one.head()
        headers = {name: text for name, text in head.headers.items() if name not in HARMLESS}
        body = b""
        if head.status == 101:
            frame = await one.frame()
            assert frame is not None
            body = frame.payload
        elif "event-stream" in headers.get("content-type", ""):
            chunked = headers.get("transfer-encoding") == "chunked"
            headers = {name: text for name, text in headers.items() if name not in FRAMING}
            if not request.startswith(b"HEAD"):
                body = await first_event(one, chunked)
        elif not request.startswith(b"HEAD"):
            await until_length(one, int(headers["content-length"]))
            body = one.data
        return Said(head.status, headers, body)


async def first_event(one: Raw, chunked: bool) -> bytes:
    """The first event, without the size of its chunk and the times that are drawn by lot."""
    if chunked:
        await one.until(b"\r\n")
    return re.sub(rb"(retry: |_ms\":)\d+", rb"\1 some", await one.until(b"\n\n"))


async def until_length(one: Raw, length: int) -> None:
    """Read a body of this length."""
    while len(one.data) < length:
        assert await one.read(), f"only {one.data!r} came"


@asynccontextmanager
async def every_way(folder: Path, **options: Any) -> AsyncIterator[House]:
    """A server of each way over one database, whose blog was read already."""
    async with AsyncExitStack() as stack:
        ways: dict[Way, Served] = {}
        for way in get_args(Way):
            served = await stack.enter_async_context(serving(folder, way, **options))
            if not ways:
                await served.blog()
                await served.publish()
                await served.publish()
            async with reader(served):
                ways[way] = served
        yield House(ways)


@pytest.mark.parametrize("cases", [SOCKET, EVENTS, POLLS], ids=["socket", "events", "polls"])
async def test_the_same_is_said_to_the_same_request(
    folder: Path, cases: Mapping[str, Case]
) -> None:
    async with every_way(folder, allowed_origins=MINE) as house:
        assert await house.faults(cases) == {}


ANY_ORIGIN = {
    "socket": Case(101, upgrade(LIVE, FROM_ELSEWHERE)),
    "socket, null": Case(101, upgrade(LIVE, "Origin: null")),
    "events": Case(200, get(STREAM, FROM_ELSEWHERE)),
    "events without": Case(200, get(STREAM)),
    "events, null": Case(200, get(STREAM, "Origin: null")),
    "events, two": elsewhere(200, get(STREAM, FROM_MINE, FROM_ELSEWHERE)),
    "preflight": elsewhere(200, by(b"OPTIONS", get(STREAM, FROM_ELSEWHERE, ASKS))),
    "poll": Case(200, get(f"{CHANGES}?{AFTER}", FROM_ELSEWHERE)),
    "poll without": Case(200, get(f"{CHANGES}?{AFTER}")),
    "bad cursor": elsewhere(400, get(f"{CHANGES}?after=x", FROM_ELSEWHERE)),
}


async def test_where_every_origin_may_read(folder: Path) -> None:
    async with every_way(folder, allowed_origins=OPEN) as house:
        assert await house.faults(ANY_ORIGIN) == {}


REFUSED = {
    "events": Case(200, get(STREAM, FROM_MINE)),
    "events of nobody": elsewhere(200, get(f"{NOBODYS}/stream")),
    "poll": elsewhere(0, get(f"{CHANGES}?{AFTER}", FROM_MINE)),
    "refused origin": Case(403, upgrade(LIVE, FROM_ELSEWHERE)),
    "bad cursor": Case(400, upgrade(f"{LIVE}?after=x")),
    "bad events": elsewhere(400, get(f"{STREAM}?after=x")),
}


@pytest.mark.parametrize(
    ("limit", "status"), [("max_readers_per_address", 429), ("max_readers", 503)]
)
async def test_the_same_is_said_where_there_is_no_room(
    folder: Path, limit: str, status: int
) -> None:
    cases = {name: case._replace(status=case.status or status) for name, case in REFUSED.items()}
    cases["socket"] = Case(status, upgrade(LIVE, FROM_MINE))
    cases["socket of nobody"] = elsewhere(status, upgrade(f"{NOBODYS}/live"))
    full: dict[str, Any] = {"allowed_origins": MINE, limit: 1}
    async with every_way(folder, **full) as house, AsyncExitStack() as stack:
        for served in house.ways.values():
            await stack.enter_async_context(reader(served))
        assert await house.faults(cases) == {}
        told = await say(house.ways["lane"], cases["socket"].request)
        assert int(told.headers["retry-after"]) > 0
        assert b"overload" in (await say(house.ways["lane"], get(STREAM))).body


DRAINING = {
    "socket": elsewhere(503, upgrade(LIVE, FROM_MINE)),
    "events": elsewhere(200, get(STREAM, FROM_MINE)),
    "poll": elsewhere(503, get(f"{CHANGES}?{AFTER}", FROM_MINE)),
    "refused origin": elsewhere(403, upgrade(LIVE, FROM_ELSEWHERE)),
    "bad cursor": elsewhere(400, upgrade(f"{LIVE}?after=x")),
}


async def test_the_same_is_said_by_one_that_ends(folder: Path) -> None:
    async with every_way(folder, allowed_origins=MINE) as house:
        for served in house.ways.values():
            served.hub.draining = True
        assert await house.faults(DRAINING) == {}
        told = await say(house.ways["lane"], DRAINING["socket"].request)
        assert int(told.headers["retry-after"]) > 0
