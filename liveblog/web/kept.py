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
from typing import Literal, NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from liveblog.errors import Refusal, Unavailable
from liveblog.fanout.flight import Flight
from liveblog.fanout.hub import Open
from liveblog.fanout.topic import Topic
from liveblog.model.ids import read_slug
from liveblog.model.permissions import Principal
from liveblog.model.position import Position
from liveblog.types import Slug
from liveblog.web.coding import WORTH_IT, Coding, compressed, preferred
from liveblog.web.headers import tag_in

What = Literal["page", "snapshot", "snapshot.page", "feed.atom", "feed.rss", "feed.json"]

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

KEPT_BYTES = 64 * 1024 * 1024
"""Of all kept answers in all their codings; beyond it the blogs whose answers were made
longest ago are forgotten."""
MOST_TOPICS = 1000
"""So many topics may be open before a page no longer opens one: a crawler that walks through
an archive is answered from the database."""
OPENING = 0.25
"""Seconds a document waits for its topic to open; a broker that is away must cost no more."""
TRIES = 5


_BY_ORIGIN = ", Origin"


class Document(NamedTuple):
    """One document as it was read; ``headers`` holds its ETag and everything but the coding
    and the length."""

    position: Position
    headers: dict[str, str]
    render: Callable[[], bytes]


Read = Callable[[Slug, Principal | None], Awaitable[Document]]


class Asked(NamedTuple):
    """What an answer depends on besides its address."""

    accept: bytes
    """``Accept-Encoding``."""
    tags: bytes | None
    """``If-None-Match``."""
    named: bool
    """Whether the asker says who they are."""
    foreign: bool
    """Whether a page of some origin asks: then the answer says whether it may read it."""


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Topics(Protocol):
    """What is needed of the hub."""

    @property
    def topics(self) -> list[Open]: ...

    def at_hand(self, slug: Slug) -> Topic | None: ...

    def using(self, slug: Slug, who: Principal | None) -> AbstractAsyncContextManager[Open]: ...


class Auth(Protocol):
    """Says who asks; raises a Refusal when what they show is not valid."""

    async def principal(self, request: Request) -> Principal | None: ...


class Answer:
    """A document with its bytes; other codings are made when first asked for."""

    def __init__(self, document: Document) -> None:
        self.position = document.position
        self.tag = document.headers["ETag"]
        self._body = document.render()
        self._headers = raw_headers(document.headers)
        self._replies: dict[Coding, Reply] = {}
        self._unchanged = unchanged(document)

    @property
    def size(self) -> int:
        """Bytes it can come to: plain and in both codings, none of which is larger."""
        return 3 * len(self._body)

    def reply(self, accept: bytes, tags: bytes | None) -> Reply:
        """The answer to a request with these ``Accept-Encoding`` and ``If-None-Match``."""
        if tags is not None and tag_in(tags, self.tag):
            return self._unchanged
        codings = preferred(accept)
        coding = codings[0]
        if len(self._body) < WORTH_IT and "identity" in codings:
            coding = "identity"
        reply = self._replies.get(coding)
        return reply if reply is not None else self._make(coding)

    def _make(self, coding: Coding) -> Reply:
        body = compressed(self._body, coding)
        headers = [*self._headers, (b"content-length", b"%d" % len(body))]
        if coding != "identity":
            headers.append((b"content-encoding", coding.encode()))
        reply = self._replies[coding] = Reply(200, headers, body)
        return reply


def unchanged(document: Document) -> Reply:
    """The 304: the headers a cache is to renew, and no body."""
    headers = {k: v for k, v in document.headers.items() if k != "Content-Type"}
    return Reply(304, raw_headers(headers), b"")


def raw_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """As ASGI takes them; complete, also with what the CORS middleware says to those who
    come without an ``Origin``."""
    whole = headers | {"Vary": headers["Vary"] + _BY_ORIGIN}
    return [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in whole.items()]


class ReadyResponse(Response):
    """A reply for the CORS middleware, which adds its own part of ``Vary``. Nothing is left
    to be computed."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.background = None
        self.body = reply.body
        self.raw_headers = [
            (k, v.removesuffix(_BY_ORIGIN.encode()) if k == b"vary" else v)
            for k, v in reply.headers
        ]


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
                return direct(await read(slug, None), asked.tags)
            await asyncio.shield(self._flight(what, slug, read).ask())
            if self._valid(topic, slug, what) is None:
                await self._heal(slug)
        raise Unavailable("This page changes faster than it can be made.")

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
    if asked.named:
        who = await auth.principal(request)
        return ReadyResponse(direct(await read(slug, who), asked.tags))
    return ReadyResponse(await kept.reply(what, slug, asked, read))


def asked_of(headers: Iterable[tuple[bytes, bytes]]) -> Asked:
    """What a request asks for; ``headers`` as ASGI gives them."""
    accept: list[bytes] = []
    tags: list[bytes] = []
    named = foreign = False
    for name, value in headers:
        if name == b"accept-encoding":
            accept.append(value)
        elif name == b"if-none-match":
            tags.append(value)
        elif name == b"authorization":
            named = True
        elif name == b"origin":
            foreign = True
    return Asked(b",".join(accept), b",".join(tags) if tags else None, named, foreign)


def address_of(path: str, query: bytes) -> tuple[What, Slug] | None:
    """Which document has this address, and of which blog (which need not exist)."""
    if path.startswith("/blogs/"):
        slug, slash, rest = path[7:].partition("/")
        what = _BELOW_BLOG.get(slash + rest)
    elif path.startswith("/api/v1/blogs/"):
        slug, _, rest = path[14:].partition("/")
        what = _SNAPSHOTS.get(query) if rest == "snapshot" else None
    else:
        return None
    return (what, Slug(slug)) if what is not None else None


def direct(document: Document, tags: bytes | None) -> Reply:
    """The answer to one asker alone: plain, and not even rendered for one who has it."""
    if tags is not None and tag_in(tags, document.headers["ETag"]):
        return unchanged(document)
    return Answer(document).reply(b"", None)


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
