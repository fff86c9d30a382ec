"""Kept answers: the live page, the snapshot and the feeds from memory, made once a change.

A kept answer is the bytes of one document with its headers and its position in the log. It is
given out only while the process knows that nothing has changed since:

* the topic of the blog is open, and what is in memory may be believed (``Hub.at_hand``);
* everybody may read the blog, and the asker shows no token;
* its epoch is the topic's, and its seq is not below the topic's head.

So from the step that applies a retraction here, no answer has its words. A read may be ahead
of the topic, whose hint is still on its way; its cursor says so. Whatever is not in memory is
read and made once for all who ask meanwhile; where memory may not be used at all, the database
is read for each of them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Literal, Protocol

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from liveblog.errors import Refusal
from liveblog.fanout.flight import Flight
from liveblog.fanout.hub import Open
from liveblog.fanout.topic import Topic
from liveblog.model.ids import read_slug
from liveblog.model.permissions import Principal
from liveblog.types import Slug
from liveblog.web.answer import Answer, Asked, Document, ReadyResponse, Reply, asked_of, direct

What = Literal[
    "page",
    "page.oldest",
    "embed",
    "embed.latest",
    "snapshot",
    "snapshot.page",
    "feed.atom",
    "feed.rss",
    "feed.json",
]

_EMBEDS: dict[bytes, What] = {b"": "embed", b"show=latest": "embed.latest"}
_BELOW_BLOG: dict[str, What] = {
    "": "page",
    "/feed.atom": "feed.atom",
    "/feed.rss": "feed.rss",
    "/feed.json": "feed.json",
}
_SNAPSHOTS: dict[bytes, What] = {
    b"": "snapshot",
    b"view=data": "snapshot",
    b"view=page": "snapshot.page",
}

OLDEST = b"order=oldest"
"""Asks a page for its oldest entry first."""
KEPT_BYTES = 64 * 1024 * 1024
"""Of all kept answers in all their codings; beyond it the blogs whose answers were made
longest ago are forgotten."""
MOST_TOPICS = 1000
"""So many topics may be open before a page no longer opens one: a crawler that walks through
an archive is answered from the database."""
OPENING = 0.25
"""Seconds a document waits for its topic to open; a broker that is away must cost no more."""
TRIES = 5


Read = Callable[[Slug, Principal | None], Awaitable[Document]]


class Topics(Protocol):
    """What is needed of the hub."""

    @property
    def topics(self) -> list[Open]: ...

    def at_hand(self, slug: Slug) -> Topic | None: ...

    def using(self, slug: Slug, who: Principal | None) -> AbstractAsyncContextManager[Open]: ...


class Auth(Protocol):
    """Says who asks; raises a Refusal when what they show is not valid."""

    async def principal(self, request: Request) -> Principal | None: ...


class _Shelf:
    """What is kept of one blog."""

    def __init__(self) -> None:
        self.answers: dict[What, Answer] = {}
        self.flights: dict[What, Flight] = {}
        self.written = 0
        """How often this process wrote to the blog; what was read before is not kept."""

    @property
    def size(self) -> int:
        """Bytes of all its answers."""
        return sum(answer.size for answer in self.answers.values())


class Kept:
    """See the module. One event loop, no locks."""

    def __init__(self, hub: Topics) -> None:
        self._hub = hub
        self._shelves: dict[Slug, _Shelf] = {}

    def ready(
        self, what: What, slug: Slug, accept: bytes = b"", tags: bytes | None = None
    ) -> Reply | None:
        """The answer to somebody who shows no token, if it is in memory and may be given now.

        :param accept: ``Accept-Encoding``. :param tags: ``If-None-Match``.
        """
        topic = self._hub.at_hand(slug)
        answer = self._valid(topic, slug, what) if topic is not None else None
        return answer.reply(accept, tags) if answer is not None else None

    def at_once(
        self, path: str, query: bytes, headers: Iterable[tuple[bytes, bytes]]
    ) -> Reply | None:
        """The answer to a whole GET or HEAD, if it is in memory and depends on nothing but
        its address and the coding."""
        address = address_of(path, query)
        if address is None:
            return None
        asked = asked_of(headers)
        if asked.named or asked.foreign:
            return None
        return self.ready(*address, asked.accept, asked.tags)

    async def reply(self, what: What, slug: Slug, asked: Asked, read: Read) -> Reply:
        """The same; made first where it is not in memory, or for this asker alone.

        :raises Refusal: what ``read`` raises.
        """
        for _ in range(TRIES):
            reply = self.ready(what, slug, asked.accept, asked.tags)
            if reply is not None:
                return reply
            topic = await self._opened(slug)
            if topic is None:
                break
            await asyncio.shield(self._flight(what, slug, read).ask())
            if self._valid(topic, slug, what) is None:
                await self._heal(slug)
        # Not from memory, or the blog changes faster than it can be read and made.
        return direct(await read(slug, None), asked.tags)

    def forget(self, slug: Slug) -> None:
        """The topic of a blog was closed."""
        self._shelves.pop(slug, None)

    def wrote(self, slug: Slug) -> None:
        """This process wrote to a blog, and the hint has not come back yet: whoever wrote is
        to see it."""
        shelf = self._shelves.get(slug)
        if shelf is not None:
            shelf.written += 1
            shelf.answers.clear()

    async def close(self) -> None:
        """End what is under way."""
        for shelf in self._shelves.values():
            for flight in shelf.flights.values():
                await flight.close()

    # Keeping ------------------------------------------------------------------------------

    def _valid(self, topic: Topic, slug: Slug, what: What) -> Answer | None:
        shelf = self._shelves.get(slug)
        answer = shelf.answers.get(what) if shelf is not None else None
        if answer is None:
            return None
        position, window = answer.position, topic.window
        if position.epoch != window.epoch or position.seq < window.head:
            return None
        topic.idle_since = time.monotonic()
        return answer

    async def _opened(self, slug: Slug) -> Topic | None:
        """The topic of a blog that everybody may read, opened if need be; None where memory
        may not be used."""
        topic = self._hub.at_hand(slug)
        if topic is not None or len(self._hub.topics) >= MOST_TOPICS:
            return topic
        try:
            async with asyncio.timeout(OPENING), self._hub.using(slug, None):
                return self._hub.at_hand(slug)
        except (Refusal, TimeoutError):
            return None

    async def _heal(self, slug: Slug) -> None:
        """Bring the topic to where the store stands: what was read was of another history, or
        a change came in between."""
        with suppress(Refusal):
            async with self._hub.using(slug, None) as found:
                await asyncio.shield(found.healer.heal.ask())

    def _flight(self, what: What, slug: Slug, read: Read) -> Flight:
        shelf = self._shelves.setdefault(slug, _Shelf())
        flight = shelf.flights.get(what)
        if flight is None:
            flight = shelf.flights[what] = Flight(lambda: self._make(shelf, what, slug, read))
        return flight

    async def _make(self, shelf: _Shelf, what: What, slug: Slug, read: Read) -> None:
        """Read, render and keep, unless the flight before has done it."""
        topic = self._hub.at_hand(slug)
        if topic is None or self._valid(topic, slug, what) is not None:
            return
        written = shelf.written
        document = await read(slug, None)
        if shelf.written == written and self._shelves.get(slug) is shelf:
            shelf.answers[what] = Answer(document)
            self._fit(slug)

    def _fit(self, newest: Slug) -> None:
        """Forget until the bytes are within their bound; the newest always stays."""
        self._shelves[newest] = self._shelves.pop(newest)
        sizes = {slug: shelf.size for slug, shelf in self._shelves.items()}
        total = sum(sizes.values())
        for slug, size in sizes.items():
            if total <= KEPT_BYTES or slug == newest:
                return
            self._shelves[slug].answers.clear()
            total -= size


async def answer_of(
    request: Request, kept: Kept, auth: Auth, what: What, read: Read
) -> ReadyResponse:
    """What an endpoint answers: from memory to nobody in particular, read for anybody else."""
    asked = asked_of(request.scope["headers"])
    slug = read_slug(request.path_params["slug"])
    if asked.named or asked.signed:
        # What everybody may read is the same for those who have signed in.
        reply = None if asked.named else kept.ready(what, slug, asked.accept, asked.tags)
        if reply is not None:
            return ReadyResponse(reply)
        who = await auth.principal(request)
        if who is not None:
            return ReadyResponse(direct(await read(slug, who), asked.tags))
    return ReadyResponse(await kept.reply(what, slug, asked, read))


def address_of(path: str, query: bytes) -> tuple[What, Slug] | None:
    """Which document has this address, and of which blog (which need not exist)."""
    if path.startswith("/blogs/"):
        slug, slash, rest = path[7:].partition("/")
        what = _BELOW_BLOG.get(slash + rest)
    elif path.startswith("/api/v1/blogs/"):
        slug, _, rest = path[14:].partition("/")
        what = _SNAPSHOTS.get(query) if rest == "snapshot" else None
    elif path.startswith("/embed/"):
        slug, what = path[7:], _EMBEDS.get(query)
    else:
        return None
    if what == "page":
        what = page_in(query)
    return (what, Slug(slug)) if what is not None else None


def page_in(query: bytes) -> What:
    """The live page in the order that is asked for."""
    return "page.oldest" if OLDEST in query.split(b"&") else "page"


class FromMemory:
    """ASGI middleware: what is in memory (``app.state.kept``) is answered before anybody else
    looks at it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        reply = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            kept: Kept | None = getattr(scope["app"].state, "kept", None)
            if kept is not None:
                reply = kept.at_once(scope["path"], scope["query_string"], scope["headers"])
        if reply is None:
            await self._app(scope, receive, send)
            return
        status, headers, body = reply
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": body})
