"""A sink for any ASGI server: one slot, emptied by one task.

``await send`` is the only back-pressure ASGI knows, so the sink holds at most one piece of
data that is not sent yet: while it is there the sink is full, the topic skips the reader,
and when it has gone the reader gets what is missing in one compacted batch.
"""

import asyncio
from collections.abc import Awaitable, Callable

END_PATIENCE = 5.0
"""Seconds for a reader to take the last it is sent, before it is cut."""


class SlotSink:
    """See the module; a :class:`liveblog.fanout.subscriber.Sink`.

    :param send: sends one piece of data; raises when the reader has gone.
    :param close: ends the stream after the last piece (code and reason of a WebSocket close).
    """

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[None]],
        close: Callable[[int, str], Awaitable[None]],
    ) -> None:
        self._send = send
        self._close = close
        self._slot: list[bytes] = []
        self._end: tuple[int, str] | None = None
        self._wake = asyncio.Event()
        self._busy = False
        self._drained: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None
        self.aborted = False
        """Whether the connection is to be cut, whatever is unsent."""

    def offer(self, data: bytes) -> bool:
        """Put data into the slot when it is empty."""
        if self.full():
            return False
        self._slot.append(data)
        self._wake.set()
        return True

    def full(self) -> bool:
        """Whether something is in the slot or on its way, or the stream has ended."""
        return bool(self._slot) or self._busy or self._end is not None

    def on_drain(self, call: Callable[[], None]) -> None:
        """Have ``call()`` called when the slot is empty again."""
        self._drained = call

    def end(self, final: bytes, code: int, reason: str) -> None:
        """Send what is there, then ``final``, then close."""
        if final:
            self._slot.append(final)
        self._end = (code, reason)
        self._drained = None
        self._wake.set()
        asyncio.get_running_loop().call_later(END_PATIENCE, self.abort)

    def abort(self) -> None:
        """Stop sending at once; nothing happens when all was sent."""
        self._drained = None
        if self._task is not None and self._task.done():
            return
        self.aborted = True
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Send what is written until the stream ends, or the reader has gone, or
        :meth:`abort` is called; then return."""
        self._task = asyncio.current_task()
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._slot:
                self._busy = True
                pieces, self._slot = self._slot, []
                for piece in pieces:
                    await self._send(piece)
                self._busy = False
                if not self._slot and self._drained is not None:
                    self._drained()
            if self._end is not None:
                await self._close(*self._end)
                return
