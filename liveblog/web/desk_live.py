"""The desk's WebSocket: ``/api/v1/blogs/{slug}/desk/live``.

Desks are few, so this is an ordinary ASGI endpoint, the same under any server. A desk says what
its person works on and nothing else.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from liveblog.errors import Refusal, StoreBusy
from liveblog.fanout.desk_topic import Desk, DeskTopic
from liveblog.fanout.desks import Desks
from liveblog.model.ids import read_slug
from liveblog.model.permissions import Principal
from liveblog.web.auth import Auth
from liveblog.web.live import EXTENSION, first_of
from liveblog.web.problems import problem
from liveblog.wire.desk_live import read_working

UNSENT_MESSAGES = 256
UNSENT_BYTES = 256 * 1024
"""What may wait for one desk; with more it is cut."""

END_PATIENCE = 5.0
"""Seconds for a desk to take the last it is sent, before it is cut."""

SAID_AT_ONCE = 20
SAID_A_SECOND = 2.0
"""What a desk may say: so much at once, so much in the long run."""


class DeskLive:
    """The endpoint as an ASGI app."""

    def __init__(self, desks: Desks, auth: Auth) -> None:
        self._desks = desks
        self._auth = auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One desk, from the handshake to its end."""
        socket = WebSocket(scope, receive, send)
        try:
            who = await self._auth.required(socket)
            slug = read_slug(socket.path_params["slug"])
            async with self._desks.entering(slug, who) as topic:
                await socket.accept()
                await self._serve(socket, topic, who)
        except Refusal as refusal:
            if socket.application_state.name == "CONNECTING":
                await socket.send_denial_response(problem(refusal))
            else:
                await socket.close(1013, refusal.name)
        except WebSocketDisconnect:
            pass

    async def _serve(self, socket: WebSocket, topic: DeskTopic, who: Principal) -> None:
        direct = socket.scope.get("extensions", {}).get(EXTENSION)
        outlet = DeskOutlet(
            socket.send_text, socket.close, direct.abort if direct is not None else lambda: None
        )
        desk = self._desks.attach(topic, who, outlet)
        try:
            await first_of(
                asyncio.create_task(outlet.run()),
                asyncio.create_task(self._listen(socket, topic, desk)),
            )
        finally:
            self._desks.detach(topic, desk)

    async def _listen(self, socket: WebSocket, topic: DeskTopic, desk: Desk) -> None:
        """Take in what the desk says, until it has gone."""
        allowance = Allowance(time.monotonic())
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            said = read_working(message.get("text"))
            if said is None:
                topic.end(desk, 4500, "bad message")
            elif not allowance.take(time.monotonic()):
                topic.end(desk, 4500, "too many messages")
            else:
                with suppress(StoreBusy):  # it says so again in ten seconds
                    await self._desks.work(topic, desk, said.entry)


class Allowance:
    """How much one desk may say. The time is handed in."""

    def __init__(self, now: float) -> None:
        self._left = float(SAID_AT_ONCE)
        self._at = now

    def take(self, now: float) -> bool:
        """Count a message; whether it was within what is allowed."""
        self._left = min(SAID_AT_ONCE, self._left + (now - self._at) * SAID_A_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class DeskOutlet:
    """A :class:`liveblog.fanout.desk_topic.Outlet` over ASGI: a few messages, one task.

    :param send: sends one text; raises when the desk has gone.
    :param close: closes the connection (code and reason).
    :param cut: cuts it at once, where the server can.
    """

    def __init__(
        self,
        send: Callable[[str], Awaitable[None]],
        close: Callable[[int, str], Awaitable[None]],
        cut: Callable[[], None],
    ) -> None:
        self._send = send
        self._close = close
        self._cut = cut
        self._unsent: deque[bytes] = deque()
        self._size = 0
        self._end: tuple[int, str] | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None

    def offer(self, data: bytes) -> bool:
        """Take a message; False when too much waits already."""
        if self._end is not None:
            return True
        if len(self._unsent) >= UNSENT_MESSAGES or self._size + len(data) > UNSENT_BYTES:
            return False
        self._put(data)
        return True

    def _put(self, data: bytes) -> None:
        self._unsent.append(data)
        self._size += len(data)
        self._wake.set()

    def end(self, final: bytes, code: int, reason: str) -> None:
        """Send what is there, then ``final``, then close."""
        if final:
            self._put(final)
        self._end = (code, reason)
        self._wake.set()
        self._patience = asyncio.get_running_loop().call_later(END_PATIENCE, self.abort)

    def abort(self) -> None:
        """Send nothing more and cut the connection."""
        self._cut()
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Send what is offered until the end; then return."""
        self._task = asyncio.current_task()
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._unsent:
                    data = self._unsent.popleft()
                    self._size -= len(data)
                    await self._send(data.decode())
                if self._end is not None:
                    await self._close(*self._end)
                    return
        finally:
            if self._patience is not None:
                self._patience.cancel()
