"""Single flight: many ask, one works, and no answer is older than its question."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


class Flight:
    """Runs ``work`` once for all who ask at about the same time.

    Who asks while it runs waits for the *next* run: the running one may have read the store
    before the thing happened that made them ask.
    """

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    def ask(self) -> asyncio.Task[None]:
        """The task of the run that begins after this moment. Await it through
        ``asyncio.shield``: others wait for it too."""
        if self._next is None:
            self._next = asyncio.create_task(self._run(self._running))
            self._next.add_done_callback(seen)
        return self._next

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        await self._work()

    async def close(self) -> None:
        """End what is under way."""
        tasks = [t for t in (self._running, self._next) if t is not None and not t.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def seen(task: asyncio.Task[Any]) -> None:
    """Mark the outcome as retrieved: whoever waits gets it, and nobody may be waiting."""
    if not task.cancelled():
        task.exception()
