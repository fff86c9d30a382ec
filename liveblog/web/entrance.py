"""The fast way in: readers who need nothing but what is in memory.

The endpoints (``live.py``, ``stream.py``) serve everybody. Most readers bring no token, read
an open blog and have a cursor the window knows; for them a task, a queue and a second parse
of the request are the greater part of what they cost. Here the same admission is asked, and
the answer is ready-made: a :class:`Ticket`, the bytes of a refusal, or None, which means that
the endpoint must see to it. A long-poll gets its :class:`Ready` answer or a :class:`Wait`.
Nothing here waits.
"""

import random
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple, get_args
from urllib.parse import parse_qsl

from liveblog.errors import Refusal
from liveblog.fanout.hub import Hub
from liveblog.fanout.subscriber import Sink, Subscriber
from liveblog.fanout.topic import Topic
from liveblog.model.position import Position, parse_cursor
from liveblog.types import Slug, View
from liveblog.web.admission import Asked, Counter, admit, cors, read_view
from liveblog.web.api.changes import MAX_WAIT
from liveblog.web.api.common import weak_tag
from liveblog.web.headers import NO_CACHE
from liveblog.web.problems import problem
from liveblog.web.stream import STREAM_HEADERS, later
from liveblog.wire.codec import Format
from liveblog.wire.handshake import Headers, answer, are_tokens, is_key, switching

_SECONDS = frozenset(map(str, range(MAX_WAIT + 1)))
_FORM = {view: Format("message", "json", view) for view in get_args(View)}


class Head(NamedTuple):
    """The head of a GET as it came.

    :param headers: lower-case names; of one that came twice only where that is a list.
    :param address: of the client, as the trusted-proxy rule made it.
    """

    target: bytes
    headers: Mapping[bytes, bytes]
    address: str


class Ticket(NamedTuple):
    """A reader may come in: it is counted, and must be let out by :meth:`Entrance.leave`."""

    topic: Topic
    after: Position | None
    form: Format
    answer: bytes
    """What the connection is told before anything else."""
    address: str


class Ready(NamedTuple):
    """An answer after which the connection goes on."""

    status: int
    headers: Headers
    body: bytes


class Wait(NamedTuple):
    """A long-poll that has nothing to be told yet. It is counted, and is let out by
    :meth:`Entrance.polled` or :meth:`Entrance.leave_poll`."""

    topic: Topic
    after: Position
    form: Format
    address: str
    seconds: int
    extra: Headers
    """Headers its answer has besides the usual ones."""


Found = Ticket | Ready | Wait | bytes


class Entrance:
    """See the module."""

    def __init__(
        self, hub: Hub, counter: Counter, allowed_origins: tuple[str, ...], prefix: str = ""
    ) -> None:
        self._hub = hub
        self._counter = counter
        self._allowed_origins = allowed_origins
        path = rf"(?:{re.escape(prefix)})?/api/v1/blogs/([a-z0-9-]{{1,80}})/(live|stream|changes)"
        self._path = re.compile(path.encode())

    def ask(self, head: Head) -> Found | None:
        """Whether this reader may come in, by a WebSocket, an event stream or a long-poll.

        :returns: a ticket, an answer or a wait; or the whole answer that refuses, after which
            the connection ends; or None: let the endpoint see to it.
        """
        path, _, query = head.target.partition(b"?")
        found = self._path.fullmatch(path)
        if found is None or b"authorization" in head.headers or self._hub.draining:
            return None
        slug = Slug(found[1].decode())
        asked = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {}
        if b"upgrade" in head.headers:
            wanted = found[2] == b"live" and _upgrades(head.headers)
            return self._socket(head, slug, asked) if wanted else None
        if found[2] == b"changes":
            return self._poll(head, slug, asked)
        return self._events(head, slug, asked) if found[2] == b"stream" else None

    def _socket(self, head: Head, slug: Slug, query: Mapping[str, str]) -> Ticket | bytes | None:
        get = head.headers.get
        key = get(b"sec-websocket-key", b"")
        if get(b"sec-websocket-version") != b"13" or not is_key(key):
            return None
        subprotocols = get(b"sec-websocket-protocol")
        if subprotocols is not None and not are_tokens(subprotocols):
            return None
        try:
            asked = admit(
                query,
                origin=_text(get(b"origin")),
                allowed_origins=self._allowed_origins,
                subprotocols=_list(subprotocols),
                extensions=_text(get(b"sec-websocket-extensions")),
            )
            topic = self._topic(slug, asked)
            if topic is None:
                return None
            self._counter.enter(head.address)
        except Refusal as refusal:
            return _refused(refusal)
        form = asked.form("frame" if asked.extension is None else "deflated")
        accepted = switching(key, asked.subprotocol, asked.extension)
        return Ticket(topic, asked.after, form, accepted, head.address)

    def _events(self, head: Head, slug: Slug, query: Mapping[str, str]) -> Ticket | bytes | None:
        get = head.headers.get
        origin = _text(get(b"origin"))
        last = _text(get(b"last-event-id"))
        try:
            asked = admit(
                query,
                origin=origin,
                allowed_origins=self._allowed_origins,
                last_event_id=last or query.get("last_event_id") or query.get("lastEventId"),
            )
        except Refusal:
            return None
        topic = self._topic(slug, asked)
        if topic is None:
            return None
        form = asked.form("sse")
        accepted = answer(200, "OK", [*STREAM_HEADERS, *cors(origin, self._allowed_origins)])
        try:
            self._counter.enter(head.address)
        except Refusal as refusal:
            return accepted + later(slug, form, refusal, "overload", random.uniform(1, 2))
        return Ticket(topic, asked.after, form, accepted, head.address)

    def _poll(self, head: Head, slug: Slug, query: Mapping[str, str]) -> Ready | Wait | None:
        seconds = query.get("wait", "0")
        try:
            after = parse_cursor(query.get("after", ""))
            view = read_view(query)
            topic = self._hub.at_hand(slug)
            if topic is None or seconds not in _SECONDS:
                return None
            if not self._hub.startable(topic, after):
                return None
            self._counter.enter(head.address)
        except Refusal:
            return None
        topic.users += 1
        form = _FORM[view]
        extra = cors(_text(head.headers.get(b"origin")), self._allowed_origins)
        wait = Wait(topic, after, form, head.address, int(seconds), extra)
        return wait if wait.seconds and topic.window.head == after.seq else self.polled(wait)

    def polled(self, wait: Wait) -> Ready | None:
        """The answer to a poll now, the same bytes for all who asked the same; None where the
        endpoint must see to it. It is let out."""
        self.leave_poll(wait)
        topic, after = wait.topic, wait.after
        if self._hub.at_hand(topic.blog.slug) is not topic:
            return None
        if not self._hub.startable(topic, after):
            return None
        data, upto = topic.batch(after.seq, wait.form, poll_after_ms=0 if wait.seconds else 1000)
        headers = [
            (b"cache-control", NO_CACHE.encode()),
            (b"liveblog-cursor", f"{topic.position.epoch}:{upto}".encode()),
            (b"etag", weak_tag(data).encode()),
            (b"content-length", b"%d" % len(data)),
            (b"content-type", b"application/json"),
            *wait.extra,
        ]
        if self._hub.draining:
            headers.append((b"retry-after", b"2"))
        return Ready(200, headers, data)

    def leave_poll(self, wait: Wait) -> None:
        """A poll is answered, or its connection is gone."""
        self._counter.leave(wait.address)
        wait.topic.users -= 1
        wait.topic.idle_since = time.monotonic()

    def _topic(self, slug: Slug, asked: Asked) -> Topic | None:
        """The topic, where a reader can start at once."""
        topic = self._hub.at_hand(slug)
        if topic is None or not self._hub.startable(topic, asked.after):
            return None
        return topic

    def seat(self, ticket: Ticket, sink: Sink) -> Subscriber:
        """Attach the reader, in the same step in which it was asked for."""
        reader = Subscriber(sink, ticket.form)
        self._hub.attach(ticket.topic, ticket.after, reader)
        return reader

    def leave(self, address: str, reader: Subscriber | None) -> None:
        """The connection is gone."""
        self._counter.leave(address)
        if reader is not None and reader.topic is not None:
            reader.topic.detach(reader)


def _upgrades(headers: Mapping[bytes, bytes]) -> bool:
    """Whether ``Connection`` names ``Upgrade``, without which it counts nothing (RFC 9110
    section 7.8)."""
    named = headers.get(b"connection", b"").lower().split(b",")
    return b"upgrade" in [one.strip() for one in named]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _list(value: bytes | None) -> list[str]:
    return [] if value is None else [part.strip() for part in value.decode("latin-1").split(",")]


def _refused(refusal: Refusal) -> bytes:
    said = problem(refusal)
    phrase = HTTPStatus(refusal.status).phrase
    return answer(refusal.status, phrase, said.raw_headers, bytes(said.body))
