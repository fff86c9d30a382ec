"""Where messages come from: a WebSocket, or ``changes`` asked again and again.

Both give one message at a time and raise :class:`Lost` when it is time to come back. What
a message means is none of their business.
"""

import asyncio
import json
from typing import Any, Protocol
from urllib.parse import quote

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidStatus,
    WebSocketException,
)

from liveblog.client.answers import COME_BACK, api, authorization, refusal, refusal_of, retry_after
from liveblog.errors import BadRequest, NotAllowed, NotFound

HEARTBEAT = 15.0
"""Seconds between heartbeats until a hello says otherwise."""

LARGEST = 8 * 1024 * 1024
"""Bytes of one message; an entry of the greatest length takes about one."""

WAIT = 25
"""Seconds for which ``changes`` is asked to wait when there is nothing."""

RESYNC = 4001


class Lost(Exception):
    """This stream is over; come back.

    ``resync``: not with the cursor, with a snapshot. ``wait``: the server named a time.
    ``unclear``: there was no answer that means anything, so this transport may not be had.
    """

    def __init__(
        self, wait: float | None = None, *, resync: bool = False, unclear: bool = False
    ) -> None:
        super().__init__()
        self.wait = wait
        self.resync = resync
        self.unclear = unclear


class Stream(Protocol):
    """One way to hear."""

    async def receive(self, cursor: str | None) -> dict[str, Any]:
        """The next message; ``cursor`` is what the client holds now.

        :raises Lost: there will be no more here.
        """

    async def close(self) -> None:
        """Let go."""


class Socket:
    """A WebSocket. It is dead when nothing came for two heartbeats: a TCP connection through
    a sleeping laptop or a silent proxy would go on looking alive for hours."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._silence = 2 * HEARTBEAT

    @classmethod
    async def open(cls, url: str, slug: str, cursor: str | None, token: str | None) -> "Socket":
        """Connect.

        :raises Refusal: the server refused, and would again.
        :raises Lost: it may be had later, or not this way.
        """
        address = "ws" + api(url, slug).removeprefix("http") + "/live"
        if cursor is not None:
            address += f"?after={quote(cursor, safe='')}"
        try:
            # The server's heartbeats say that it lives; pings of our own would say no more.
            connection = await connect(
                address,
                additional_headers=authorization(token),
                max_size=LARGEST,
                ping_interval=None,
                close_timeout=1,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            if status in (400, 401, 403, 404):
                raise refusal_of(status) from None
            clear = status in (429, 503)
            raise Lost(retry_after(error.response.headers), unclear=not clear) from None
        except (OSError, TimeoutError, WebSocketException):
            raise Lost(unclear=True) from None
        return cls(connection)

    async def receive(self, cursor: str | None) -> dict[str, Any]:
        """The next message."""
        try:
            async with asyncio.timeout(self._silence):
                text = await self._connection.recv()
        except TimeoutError:
            raise Lost from None
        except ConnectionClosed as closed:
            raise _ended(closed.rcvd.code if closed.rcvd else 1006) from None
        message = _object(text)
        seconds = message.get("heartbeat_seconds")
        if message.get("type") == "hello" and isinstance(seconds, int | float) and seconds > 0:
            self._silence = 2 * seconds
        return message

    async def close(self) -> None:
        """Close politely, but wait for nobody long."""
        await self._connection.close()


class Poll:
    """Long polling, for networks that let no WebSocket through."""

    def __init__(self, http: httpx2.AsyncClient, url: str, slug: str, interval: float = 0) -> None:
        self._http = http
        self._address = api(url, slug)
        self._interval = interval
        self._pause = 0.0

    async def receive(self, cursor: str | None) -> dict[str, Any]:
        """The next answer; with no cursor, a hello with the head, as a WebSocket would say."""
        await asyncio.sleep(self._pause)
        self._pause = self._interval
        if cursor is None:
            blog = await ask(self._http, self._address)
            return {"type": "hello", "cursor": blog["cursor"], "seq": blog["seq"]}
        message = await ask(
            self._http, f"{self._address}/changes", {"after": cursor, "wait": str(WAIT)}
        )
        after_ms = message.get("poll_after_ms")
        if isinstance(after_ms, int | float):
            self._pause = max(self._interval, after_ms / 1000)
        return message

    async def close(self) -> None:
        """Nothing is open between two answers."""


async def ask(
    http: httpx2.AsyncClient, address: str, params: dict[str, str] | None = None
) -> dict[str, Any]:
    """A GET that answers an object.

    :raises Lost: not now.
    :raises Refusal: not ever.
    """
    try:
        answer = await http.get(address, params=params)
    except httpx2.HTTPError:
        raise Lost(unclear=True) from None
    if answer.status_code in COME_BACK:
        raise Lost(retry_after(answer.headers))
    if answer.status_code != 200:
        raise refusal(answer)
    return _object(answer.content)


def _object(text: str | bytes) -> dict[str, Any]:
    """A message; what is none breaks the stream, and the cursor mends it."""
    try:
        message = json.loads(text)
    except ValueError:
        raise Lost from None
    if not isinstance(message, dict):
        raise Lost
    return message


def _ended(code: int) -> Exception:
    """What a close code asks for: 4001 a snapshot, 45xx to stay away, all others to come back."""
    if code == RESYNC:
        return Lost(resync=True)
    if not 4500 <= code <= 4599:
        return Lost()
    if code == 4501:
        return NotAllowed("The server ended the stream: this token may not read this blog.")
    if code == 4504:
        return NotFound("The server ended the stream: there is no blog of this name any more.")
    return BadRequest(f"The server ended the stream for good (close code {code}).")
