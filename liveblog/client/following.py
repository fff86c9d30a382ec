"""Following a blog: from a cursor, in order, each thing once, through every interruption."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any

import httpx2

from liveblog.client.answers import TIMEOUT, api, authorization
from liveblog.client.backoff import Backoff
from liveblog.client.items import Item, Resync, Seen, items_of
from liveblog.client.streams import Lost, Poll, Socket, Stream, ask
from liveblog.wire import follower as rules
from liveblog.wire.follower import Follower

POLL_FOR = 300.0
"""Seconds of polling after which a WebSocket is tried again."""

PATIENCE = 2
"""Handshakes that may fail without a clear status before ``changes`` is asked instead."""


async def follow(
    url: str, slug: str, cursor: str | None = None, *, token: str | None = None
) -> AsyncGenerator[Item, None]:
    """Everything that changes in a blog after ``cursor``; it never ends by itself.

    Whatever breaks is mended here: a cut connection, a silent one, a hole in the numbers, a
    server that restarts, a network without WebSockets. Changes come in order and each
    revision of a subject once. Where the server cannot go on from the cursor (it was away
    for too long, or the log was replaced), a :class:`Resync` brings the whole snapshot.

    :param url: the server, ``https://news.example`` or ``https://news.example/live``.
    :param cursor: the cursor of the last item handled; None: from now on. To begin with what
        is there already, take :func:`snapshot` first and give its cursor.
    :param token: for a private blog, one with the scope read.
    :raises Refusal: the server said no, and coming back would not change it.
    """
    following = _Following(url, slug, cursor, token)
    try:
        while True:
            for item in await following.more():
                yield item
    finally:
        await following.close()


async def snapshot(url: str, slug: str, *, token: str | None = None) -> dict[str, Any]:
    """The blog as it is now: ``blog cursor seq day pinned entries``.

    :raises Refusal: the server said no, and coming back would not change it.
    """
    async with httpx2.AsyncClient(headers=authorization(token), timeout=TIMEOUT) as http:
        return await _patiently(http, f"{api(url, slug)}/snapshot", Backoff())


class _Following:
    """The shell around the rules: it connects, waits and remembers."""

    def __init__(self, url: str, slug: str, cursor: str | None, token: str | None) -> None:
        self._url = url
        self._slug = slug
        self._token = token
        self._state = Follower(cursor)
        self._must_resync = False
        self._seen = Seen()
        self._backoff = Backoff()
        self._http = httpx2.AsyncClient(headers=authorization(token), timeout=TIMEOUT)
        self._stream: Stream | None = None
        self._failed = 0
        self._poll_until = 0.0
        self._interval = 0.0

    async def close(self) -> None:
        """Let go of everything."""
        await self._leave()
        await self._http.aclose()

    async def more(self) -> list[Item]:
        """The next items, at least one."""
        while True:
            try:
                if self._must_resync:
                    return [await self._resync()]
                if self._stream is None:
                    self._stream = await self._open()
                items = await self._hear(self._stream)
            except Lost as lost:
                await self._come_back(lost)
            else:
                if items:
                    return items

    async def _open(self) -> Stream:
        if time.monotonic() < self._poll_until:
            return Poll(self._http, self._url, self._slug, self._interval)
        self._interval = 0.0
        try:
            return await Socket.open(self._url, self._slug, self._state.cursor, self._token)
        except Lost as lost:
            self._failed = self._failed + 1 if lost.unclear else 0
            if self._failed < PATIENCE:
                raise
        # One more failure will be enough next time: the network has not said otherwise.
        self._failed = PATIENCE - 1
        self._poll_until = time.monotonic() + POLL_FOR
        return Poll(self._http, self._url, self._slug)

    async def _hear(self, stream: Stream) -> list[Item]:
        """One message, and what it brings."""
        message = await stream.receive(self._state.cursor)
        try:
            before = _informed(self._state, message)
            step = rules.follow(before, message)
        except (KeyError, TypeError):
            raise Lost from None  # not a message of this protocol; the cursor mends it
        if step.action == "hole":
            raise Lost
        if step.action == "reset":
            raise Lost(0, resync=True)
        if step.action == "reconnect":
            raise self._let_go(message)
        self._state = step.state
        if step.action in ("apply", "heartbeat"):
            self._backoff.reset()
            if isinstance(stream, Socket):
                self._failed = 0
        if isinstance(stream, Poll) and time.monotonic() >= self._poll_until:
            await self._leave()
        return list(items_of(step.changes, before.cursor, self._state.cursor or "", self._seen))

    def _let_go(self, message: dict[str, Any]) -> Lost:
        """The server asks to come back later, perhaps by polling for a while."""
        if message.get("transport") == "poll":
            self._interval = float(message.get("interval_ms", 10_000)) / 1000
            self._poll_until = time.monotonic() + POLL_FOR
        return Lost(float(message.get("after_ms", 0)) / 1000)

    async def _come_back(self, lost: Lost) -> None:
        """Wait as long as it takes not to be one of a crowd."""
        if isinstance(self._stream, Poll) and lost.unclear:
            self._poll_until = 0.0
        await self._leave()
        self._must_resync = self._must_resync or lost.resync
        await asyncio.sleep(self._backoff.next(lost.wait))

    async def _resync(self) -> Resync:
        """Start afresh: the snapshot, and on from the snapshot's own cursor."""
        taken = await ask(self._http, f"{api(self._url, self._slug)}/snapshot")
        try:
            self._state = Follower(taken["cursor"], taken["seq"])
        except KeyError:
            raise Lost from None
        self._must_resync = False
        self._seen.restart(taken)
        return Resync(taken, taken["cursor"])

    async def _leave(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.close()


def _informed(state: Follower, message: dict[str, Any]) -> Follower:
    """The state as a hello completes it: a cursor that was handed to us says no number, and
    the hello that gives it back does. One that gives back another would skip what lies
    between, and is not believed.
    """
    if message.get("type") != "hello" or state.cursor is None:
        return state
    if message["cursor"] != state.cursor:
        raise Lost
    return Follower(state.cursor, message["seq"])


async def _patiently(http: httpx2.AsyncClient, address: str, backoff: Backoff) -> dict[str, Any]:
    """A GET, repeated until there is an answer."""
    while True:
        try:
            return await ask(http, address)
        except Lost as lost:
            await asyncio.sleep(backoff.next(lost.wait))
