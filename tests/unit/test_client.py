"""Following and writing against a server that misbehaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from liveblog.client import Change, Item, Resync, follow, snapshot, streams
from liveblog.client.backoff import Backoff
from liveblog.errors import BadRequest, NotAllowed, NotAuthenticated, NotFound

Talk = Callable[["Line"], Awaitable[None]]
BLOG = "/api/v1/blogs/b"


class Line:
    """One connection of the fake server, with words for what it says."""

    def __init__(self, connection: ServerConnection, after: str | None) -> None:
        self.connection = connection
        self.after = after

    async def say(self, message: dict[str, Any]) -> None:
        await self.connection.send(json.dumps(message))

    async def hello(self, seq: int, heartbeat_seconds: float = 15) -> None:
        cursor = self.after or f"k:{seq}"
        await self.say(
            {"type": "hello", "cursor": cursor, "seq": seq, "heartbeat_seconds": heartbeat_seconds}
        )

    async def change(self, seq: int, revision: int = 1, name: str = "") -> None:
        await self.say(
            {
                "type": "change",
                "cursor": f"k:{seq}",
                "seq": seq,
                "change": change(seq, revision, name),
            }
        )

    async def stay(self) -> None:
        await self.connection.wait_closed()


def change(seq: int, revision: int = 1, name: str = "") -> dict[str, Any]:
    entry = {"id": name or f"e{seq}", "revision": revision}
    return {"type": "entry.published", "seq": seq, "at": "2025-07-23T10:00:00Z", "entry": entry}


class Fake:
    """A server that follows a script: one talk for each WebSocket, answers for each path."""

    def __init__(self, *talks: Talk) -> None:
        self.talks = list(talks)
        self.afters: list[str | None] = []
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.answers: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        self.asked: list[str] = []
        self.tokens: list[str | None] = []
        self.url = ""

    def process(self, connection: ServerConnection, request: Request) -> Response | None:
        self.asked.append(request.path)
        self.tokens.append(request.headers.get("Authorization"))
        path = urlsplit(request.path).path
        if path.endswith("/live"):
            if not self.refusals:
                return None
            status, headers = self.refusals.pop(0)
            return Response(status, "No", Headers(headers), b"")
        status, body = self.answers[path.removeprefix(BLOG)].pop(0)
        return Response(
            status, "Yes", Headers({"Content-Type": "application/json"}), json.dumps(body).encode()
        )

    async def handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        after = query.get("after", [None])[0]
        self.afters.append(after)
        await self.talks.pop(0)(Line(connection, after))


@asynccontextmanager
async def running(fake: Fake) -> AsyncIterator[Fake]:
    async with serve(fake.handle, "127.0.0.1", 0, process_request=fake.process) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        fake.url = f"http://127.0.0.1:{port}"
        yield fake


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits of a test are short; how they grow is tested by numbers elsewhere."""
    monkeypatch.setattr("liveblog.client.following.Backoff", lambda: Backoff(0.001, 0.01))


async def take(fake: Fake, count: int, cursor: str | None = "k:1", **more: Any) -> list[Item]:
    """The first items of a follower."""
    items: list[Item] = []
    async with aclosing(follow(fake.url, "b", cursor, **more)) as following:
        async for item in following:
            items.append(item)
            if len(items) == count:
                break
    return items


def seqs(items: list[Item]) -> list[int]:
    return [item.seq for item in items if isinstance(item, Change)]


async def test_a_cut_connection_is_mended_with_the_cursor() -> None:
    async def cut(line: Line) -> None:
        await line.hello(1)
        await line.change(2)
        line.connection.transport.abort()

    async def rest(line: Line) -> None:
        await line.hello(2)
        await line.change(3)
        await line.stay()

    async with running(Fake(cut, rest)) as fake:
        assert seqs(await take(fake, 2)) == [2, 3]
        assert fake.afters == ["k:1", "k:2"]


async def test_a_hole_is_not_stepped_over() -> None:
    async def holey(line: Line) -> None:
        await line.hello(1)
        await line.change(2)
        await line.change(4)
        await line.stay()

    async def rest(line: Line) -> None:
        await line.hello(2)
        await line.say(
            {
                "type": "changes",
                "from": "k:2",
                "cursor": "k:4",
                "seq": 4,
                "changes": [change(3), change(4)],
            }
        )
        await line.stay()

    async with running(Fake(holey, rest)) as fake:
        items = await take(fake, 3)
    assert seqs(items) == [2, 3, 4]
    assert [item.cursor for item in items] == ["k:2", "k:2", "k:4"]


async def test_a_heartbeat_ahead_is_a_hole() -> None:
    async def ahead(line: Line) -> None:
        await line.hello(1)
        await line.say({"type": "heartbeat", "cursor": "k:2", "seq": 2})
        await line.stay()

    async def rest(line: Line) -> None:
        await line.hello(1)
        await line.change(2)
        await line.stay()

    async with running(Fake(ahead, rest)) as fake:
        assert seqs(await take(fake, 1)) == [2]
        assert fake.afters == ["k:1", "k:1"]


async def test_a_hello_that_would_skip_is_not_believed() -> None:
    async def skipping(line: Line) -> None:
        await line.say({"type": "hello", "cursor": "k:5", "seq": 5})
        await line.stay()

    async def rest(line: Line) -> None:
        await line.hello(1)
        await line.change(2)
        await line.stay()

    async with running(Fake(skipping, rest)) as fake:
        assert seqs(await take(fake, 1)) == [2]


@pytest.mark.parametrize("said", [True, False], ids=["message", "close code alone"])
async def test_a_reset_brings_the_snapshot_and_goes_on_from_its_cursor(said: bool) -> None:
    async def reset(line: Line) -> None:
        if said:
            await line.say({"type": "reset", "reason": "too_old"})
        await line.connection.close(4001)

    async def rest(line: Line) -> None:
        await line.hello(7)
        # A subject that the snapshot showed already, in the revision it showed.
        await line.change(8, 3, "old")
        await line.change(9, 4, "old")
        await line.stay()

    shown = {"cursor": "n:7", "seq": 7, "entries": [{"id": "old", "revision": 3}], "blog": {}}
    fake = Fake(reset, rest)
    fake.answers = {"/snapshot": [(503, {}), (200, shown)]}
    async with running(fake):
        first, second = await take(fake, 2)
        assert first == Resync(shown, "n:7")
        assert isinstance(second, Change)
        assert second.subject == {"id": "old", "revision": 4}
        assert fake.afters == ["k:1", "n:7"]


async def test_two_silent_heartbeats_mean_that_the_line_is_dead() -> None:
    async def silent(line: Line) -> None:
        await line.hello(1, heartbeat_seconds=0.02)
        await line.stay()

    async def rest(line: Line) -> None:
        await line.hello(1)
        await line.change(2)
        await line.stay()

    async with running(Fake(silent, rest)) as fake:
        assert seqs(await take(fake, 1)) == [2]


async def test_types_from_the_future_are_handed_on_or_passed_over() -> None:
    async def future(line: Line) -> None:
        await line.hello(1)
        await line.say({"type": "applause", "hands": 7})
        await line.say(
            {
                "type": "change",
                "cursor": "k:2",
                "seq": 2,
                "change": {"type": "poll.opened", "seq": 2, "poll": {"id": "p", "new": True}},
            }
        )
        await line.stay()

    async with running(Fake(future)) as fake:
        (item,) = await take(fake, 1)
    assert item == Change("poll.opened", 2, "", {"id": "p", "new": True}, "k:2")


async def test_a_revision_is_handed_over_once() -> None:
    async def twice(line: Line) -> None:
        await line.hello(1)
        await line.change(2, 1, "a")
        await line.change(3, 1, "a")
        await line.change(4, 2, "a")
        await line.stay()

    async with running(Fake(twice)) as fake:
        assert seqs(await take(fake, 2)) == [2, 4]


async def test_a_message_that_is_none_is_mended() -> None:
    async def broken(line: Line) -> None:
        await line.hello(1)
        await line.connection.send("{")

    async def incomplete(line: Line) -> None:
        await line.hello(1)
        await line.say({"type": "change"})
        await line.stay()

    async def rest(line: Line) -> None:
        await line.hello(1)
        await line.change(2)
        await line.stay()

    async with running(Fake(broken, incomplete, rest)) as fake:
        assert seqs(await take(fake, 1)) == [2]


async def test_without_a_cursor_it_starts_now_and_keeps_the_place() -> None:
    async def first(line: Line) -> None:
        await line.hello(5)

    async def rest(line: Line) -> None:
        await line.hello(5)
        await line.change(6)
        await line.stay()

    async with running(Fake(first, rest)) as fake:
        assert seqs(await take(fake, 1, None)) == [6]
        assert fake.afters == [None, "k:5"]


@pytest.mark.parametrize(
    ("code", "error"), [(4500, BadRequest), (4501, NotAllowed), (4504, NotFound)]
)
async def test_a_45xx_is_final(code: int, error: type[Exception]) -> None:
    async def away(line: Line) -> None:
        await line.hello(1)
        await line.connection.close(code)

    async with running(Fake(away)) as fake:
        with pytest.raises(error):
            await take(fake, 1)


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, BadRequest), (401, NotAuthenticated), (403, NotAllowed), (404, NotFound)],
)
async def test_a_clear_refusal_is_final(status: int, error: type[Exception]) -> None:
    fake = Fake()
    fake.refusals = [(status, {})]
    async with running(fake):
        with pytest.raises(error):
            await take(fake, 1, token="secret")
    assert fake.tokens == ["Bearer secret"]
    assert "secret" not in "".join(fake.asked)


async def test_a_busy_server_is_asked_again() -> None:
    async def rest(line: Line) -> None:
        await line.hello(1)
        await line.change(2)
        await line.stay()

    fake = Fake(rest)
    fake.refusals = [(429, {"Retry-After": "0"}), (503, {"Retry-After": "0"}), (503, {})]
    async with running(fake):
        assert seqs(await take(fake, 1)) == [2]
    assert all("/live" in path for path in fake.asked)


async def test_without_websockets_it_polls() -> None:
    def batch(first: int, last: int) -> dict[str, Any]:
        return {
            "type": "changes",
            "from": f"k:{first}",
            "cursor": f"k:{last}",
            "seq": last,
            "changes": [change(n) for n in range(first + 1, last + 1)],
            "poll_after_ms": 1,
        }

    fake = Fake()
    fake.refusals = [(426, {}), (200, {})]
    fake.answers = {
        "": [(200, {"cursor": "k:1", "seq": 1})],
        "/changes": [(200, batch(1, 1)), (502, {}), (200, batch(1, 3)), (200, batch(3, 4))],
    }
    async with running(fake):
        assert seqs(await take(fake, 3, None)) == [2, 3, 4]
    assert [path.partition("?")[2] for path in fake.asked[3:]] == [
        f"after=k%3A{n}&wait={streams.WAIT}" for n in (1, 1, 1, 3)
    ]


async def test_a_poll_tells_of_a_reset_and_of_refusals_too() -> None:
    fake = Fake()
    fake.refusals = [(426, {}), (426, {})]
    fake.answers = {
        "/changes": [(200, {"type": "reset", "reason": "ahead"}), (404, {"detail": "It is gone."})],
        "/snapshot": [(200, {"cursor": "n:3", "seq": 3})],
    }
    async with running(fake):
        with pytest.raises(NotFound, match=r"It is gone\."):
            await take(fake, 2)


async def test_the_server_may_send_its_readers_to_poll() -> None:
    async def crowded(line: Line) -> None:
        await line.hello(1)
        await line.say({"type": "reconnect", "after_ms": 1, "transport": "poll", "interval_ms": 1})
        await line.stay()

    fake = Fake(crowded)
    one = {"type": "changes", "from": "k:1", "cursor": "k:2", "seq": 2, "changes": [change(2)]}
    fake.answers = {"/changes": [(200, one)]}
    async with running(fake):
        assert seqs(await take(fake, 1)) == [2]


async def test_a_server_that_is_away_is_waited_for() -> None:
    async def rest(line: Line) -> None:
        await line.hello(1)
        await line.change(2)
        await line.stay()

    fake = Fake(rest)
    async with running(fake):
        port = urlsplit(fake.url).port
    following = asyncio.create_task(take(fake, 1))
    async with serve(fake.handle, "127.0.0.1", port, process_request=fake.process):
        assert seqs(await following) == [2]


async def test_the_snapshot_is_asked_for_until_it_comes() -> None:
    fake = Fake()
    fake.answers = {"/snapshot": [(503, {}), (200, {"cursor": "k:1"})]}
    async with running(fake):
        assert await snapshot(fake.url, "b") == {"cursor": "k:1"}
